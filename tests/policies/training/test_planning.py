"""The cost planner against published trainings, and what a plan promises."""

import json
import math

import pytest
from pericles.policies.training.planning import (
    GPUS,
    RECOMPUTE,
    STAGES,
    Demand,
    ModelShape,
    Replica,
    Training,
    activation_bytes_per_layer,
    assumed_shape,
    find_gpu,
    fits,
    kv_bytes_per_token,
    lora_parameters,
    model_states,
    plan_serving,
    plan_training,
    read_amount,
    read_shape,
    training_flops_per_token,
    training_memory,
    training_seconds,
    training_work,
    transformer_parameters,
)
from pericles.tools import ConfigError

DAY, YEAR = 86_400, 365.25 * 86_400


def gpt(layers, hidden, heads, vocabulary=51_200):
    return ModelShape(
        layers, hidden, heads, heads, hidden // heads, 4 * hidden, vocabulary,
        gated=False, tied=True, biases=True, positions=2048,
    )  # fmt: skip


GPT3 = gpt(96, 12_288, 96, vocabulary=50_257)
LLAMA2_70B = ModelShape(80, 8192, 64, 8, 128, 28_672, 32_000)
LLAMA3_8B = ModelShape(32, 4096, 32, 8, 128, 14_336, 128_256)
LLAMA3_70B = ModelShape(80, 8192, 64, 8, 128, 28_672, 128_256)
LLAMA3_405B = ModelShape(126, 16_384, 128, 8, 128, 53_248, 128_256)
SMOLLM2_135M = ModelShape(30, 576, 9, 3, 64, 1536, 49_152, tied=True)


@pytest.mark.parametrize(
    ("parameters", "tokens", "count", "achieved", "days"),
    [(175e9, 300e9, 1024, 140e12, 34), (1008e9, 450e9, 3072, 163e12, 84)],
)
def test_training_time_is_megatrons_equation_4(parameters, tokens, count, achieved, days):
    flops = tokens * training_flops_per_token(parameters, recompute="full")
    assert flops == 8 * tokens * parameters
    gpu = find_gpu("a100-80g")
    assert round(training_seconds(flops, gpu, count, achieved / gpu.flops) / DAY) == days


@pytest.mark.parametrize(
    ("parameters", "shape", "count", "achieved", "days"),
    [
        (174.6e9, GPT3, 384, 153e12, 84),
        (174.6e9, GPT3, 768, 149e12, 43),
        (174.6e9, GPT3, 1536, 141e12, 23),
        (174.6e9, GPT3, 384, 144e12, 90),
        (174.6e9, GPT3, 768, 88e12, 74),
        (529.6e9, gpt(105, 20_480, 128), 560, 171e12, 156),
        (529.6e9, gpt(105, 20_480, 128), 1120, 167e12, 80),
        (529.6e9, gpt(105, 20_480, 128), 2240, 159e12, 42),
    ],
)
def test_training_time_with_attention_is_within_2_percent_of_megatrons_table_2(
    parameters, shape, count, achieved, days
):
    flops = 300e9 * training_flops_per_token(parameters, shape, 2048)
    gpu = find_gpu("a100-80g")
    assert training_seconds(flops, gpu, count, achieved / gpu.flops) / DAY == pytest.approx(days, rel=0.02)


def test_without_saying_more_gpt_3_takes_34_days_on_1024_a100_and_36_years_on_8_v100():
    gpt3 = Training(175e9, 300e9, assumed_shape(175e9))
    assert round(plan_training(gpt3, find_gpu("a100-80g"), 1024).seconds / DAY) == 34
    assert round(plan_training(gpt3, find_gpu("v100-32g"), 8).seconds / YEAR) == 36


def test_the_v100s_share_of_its_peak_follows_from_288_years_on_one():
    achieved = 8 * 175e9 * 300e9 / (288 * YEAR)
    assert achieved == pytest.approx(46.2e12, rel=0.001)
    assert achieved / find_gpu("v100-32g").flops == pytest.approx(find_gpu("v100-32g").utilisation, abs=0.005)


def test_gpt_3_takes_the_flops_of_brown_et_al_table_d1():
    assert 300e9 * training_flops_per_token(174.6e9, recompute="none") == pytest.approx(3.14e23, rel=0.002)


def test_llama_2_70b_takes_the_gpu_hours_that_were_published():
    training = Training(69e9, 2e12, LLAMA2_70B, sequence=4096, recompute="none")
    assert plan_training(training, find_gpu("a100-80g"), 2048).gpu_hours == pytest.approx(1_720_320, rel=0.02)


def test_llama_3_405b_takes_nine_tenths_of_its_gpu_hours_which_had_a_tenth_of_interruptions():
    training = Training(405e9, 15.6e12, LLAMA3_405B, sequence=8192, recompute="none")
    planned = plan_training(training, find_gpu("h100-80g"), 16_384)
    assert planned.work["policy"] == pytest.approx(3.8e25, rel=0.05)
    assert planned.gpu_hours == pytest.approx(0.9 * 30.84e6, rel=0.03)


def test_attentions_own_work_is_the_unmasked_half_of_megatrons_equation_3():
    matrices, sequence = 12 * GPT3.layers * GPT3.hidden**2, 2048
    ours = training_flops_per_token(matrices, GPT3, sequence)
    theirs = 96 * GPT3.layers * GPT3.hidden**2  # per token, without the logits
    assert ours == pytest.approx(theirs * (1 + sequence / (12 * GPT3.hidden)))


@pytest.mark.parametrize(
    ("shape", "parameters"),
    [
        (LLAMA2_70B, 68_976_648_192),
        (LLAMA3_8B, 8_030_261_248),
        (LLAMA3_405B, 405_853_388_800),
        (SMOLLM2_135M, 134_515_008),
    ],
)
def test_parameters_are_those_of_the_published_weights(shape, parameters):
    assert transformer_parameters(shape) == parameters


@pytest.mark.parametrize(
    ("shape", "billions"),
    [
        (GPT3, 174.6),
        (gpt(36, 4096, 32), 7.5),
        (gpt(80, 12_288, 96), 145.6),
        (gpt(105, 20_480, 128), 529.6),
        (gpt(128, 25_600, 160), 1008.0),
    ],
)
def test_parameters_are_those_of_megatrons_table_1(shape, billions):
    assert round(transformer_parameters(shape) / 1e9, 1) == billions


def test_an_adapter_of_rank_32_on_smollm2_135m_has_19_5_megabytes():
    assert round(2 * lora_parameters(SMOLLM2_135M, 32) / 1e6, 1) == 19.5


def test_175_billion_parameters_suggest_the_shape_of_gpt_3():
    shape = assumed_shape(175e9)
    assert (shape.layers, shape.hidden, shape.heads) == (96, 12_288, 96)


@pytest.mark.parametrize("parameters", [1e5, 135e6, 7e9, 70e9, 1e12, 1e15])
def test_the_assumed_shape_has_about_as_many_parameters_in_its_layers(parameters):
    shape = assumed_shape(parameters)
    layers = shape.layers * 12 * shape.hidden**2
    assert shape.layers == 1 or layers == pytest.approx(parameters, rel=0.35)


def config(folder, **values):
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(values))
    return str(folder)


LLAMA_CONFIG = {
    "model_type": "llama", "hidden_size": 8192, "intermediate_size": 28_672, "num_attention_heads": 64,
    "num_hidden_layers": 80, "num_key_value_heads": 8, "vocab_size": 32_000, "tie_word_embeddings": False,
}  # fmt: skip


def test_sizes_are_read_from_a_model_folder(tmp_path):
    folder = config(tmp_path / "llama", **LLAMA_CONFIG)
    assert read_shape(folder) == read_shape(f"dir:{folder}") == read_shape(f"{folder}/config.json") == LLAMA2_70B


def test_sizes_of_gpt_2_are_read_by_its_own_names(tmp_path):
    folder = config(
        tmp_path / "gpt2", model_type="gpt2", n_embd=768, n_head=12, n_layer=12, n_positions=1024, vocab_size=50_257,
        n_inner=None,
    )  # fmt: skip
    assert transformer_parameters(read_shape(folder)) == 124_439_808


def test_the_language_model_of_a_multimodal_one_is_read(tmp_path):
    folder = config(tmp_path / "both", model_type="seeing", vision_config={}, text_config=LLAMA_CONFIG)
    assert read_shape(folder) == LLAMA2_70B


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"num_local_experts": 8}, "mixture of experts"),
        ({"hidden_size": None}, "has no hidden_size"),
        ({"num_hidden_layers": "many"}, "must be a positive whole number; got 'many'"),
        ({"num_attention_heads": 0}, "got 0"),
        ({"num_key_value_heads": 128}, "kv heads must be between 1 and 64; got 128"),
    ],
)
def test_a_config_that_cannot_be_planned_with_is_told(tmp_path, change, told):
    with pytest.raises(ConfigError, match=told):
        read_shape(config(tmp_path / "model", **{**LLAMA_CONFIG, **change}))


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_config_that_is_no_mapping_is_told(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ConfigError, match=r"config\.json"):
        read_shape(str(tmp_path))


@pytest.mark.parametrize(("sharding", "gigabytes"), [(0, 120), (1, 31.4), (2, 16.6), (3, 1.9)])
def test_states_are_those_of_zeros_figure_1(sharding, gigabytes):
    assert model_states(7.5e9, 64, sharding).total / 1e9 == pytest.approx(gigabytes, abs=0.05)


def test_activations_of_gpt_3_are_those_of_korthikanti_et_al():
    kept = {how: activation_bytes_per_layer(2048, 1, 12_288, 96, how) / (2048 * 12_288) for how in RECOMPUTE}
    assert kept == {"none": 34 + 80, "selective": 34, "full": 2}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("lora_rank", [0, 16])
@pytest.mark.parametrize("gpu", ["a100-40g", "b200"])
def test_the_fewest_gpus_are_enough_and_one_less_is_not(stage, lora_rank, gpu):
    card = find_gpu(gpu)
    training = Training(13e9, 1e9, assumed_shape(13e9), stage=stage, lora_rank=lora_rank)
    planned = plan_training(training, card)
    assert planned.sharding is not None
    for sharding, fewest in enumerate(planned.smallest_counts):
        if fewest is not None:
            assert fits(training_memory(training, card, fewest, sharding), card)
            assert fewest == 1 or not fits(training_memory(training, card, fewest - 1, sharding), card)


@pytest.mark.parametrize("stage", STAGES)
def test_more_sharding_never_needs_more_gpus(stage):
    planned = plan_training(Training(30e9, 1e9, assumed_shape(30e9), stage=stage), find_gpu("h100-80g"))
    counts = [math.inf if fewest is None else fewest for fewest in planned.smallest_counts]
    assert counts == sorted(counts, reverse=True)


def test_the_more_models_a_stage_keeps_the_more_memory_it_takes():
    def states(stage, **changes):
        training = Training(7e9, 1e9, assumed_shape(7e9), stage=stage, **changes)
        return training_memory(training, find_gpu("h100-80g"), 64, 3).states * 64

    assert states("sft") == states("reward") == pytest.approx(16 * 7e9)
    assert states("dpo") == states("grpo") == pytest.approx((16 + 2) * 7e9)
    assert states("ppo") == pytest.approx((16 + 2 + 16 + 2) * 7e9)
    assert states("ppo", reward_parameters=1e9) == pytest.approx((16 + 2) * 7e9 + (16 + 2) * 1e9)
    assert states("dpo", lora_rank=8) == states("sft", lora_rank=8) < 3 * 7e9


def test_recomputing_more_keeps_less_and_takes_longer():
    card = find_gpu("a100-80g")
    plans = [plan_training(Training(7e9, 1e9, LLAMA3_8B, recompute=how), card, 8) for how in RECOMPUTE]
    kept = [plan.memory[3].activations for plan in plans]
    times = [plan.seconds for plan in plans]
    assert kept == sorted(kept, reverse=True)
    assert times == sorted(times)


def test_what_fits_on_no_number_of_gpus_is_told_with_what_to_change():
    with pytest.raises(ConfigError, match="Lower --batch or --sequence, recompute more"):
        plan_training(Training(7e9, 1e9, LLAMA3_8B, sequence=1_000_000), find_gpu("v100-16g"))


def test_a_count_that_is_too_small_is_planned_and_said_not_to_fit():
    planned = plan_training(Training(175e9, 300e9, GPT3), find_gpu("v100-32g"), 8)
    assert planned.sharding is None
    assert planned.smallest_counts[3] > 8


def test_a_reference_adds_a_forward_pass_and_adapters_leave_out_the_weights_gradients():
    def per_token(**changes):
        work = training_work(Training(7e9, 1e9, LLAMA3_8B, sequence=2, **changes))
        return {part: flops / 1e9 / 7e9 for part, flops in work.items()}

    near = pytest.approx
    assert per_token(recompute="none") == near({"policy": 6}, rel=1e-3)
    assert per_token(lora_rank=8) == near({"policy": 6}, rel=1e-3)
    assert per_token(lora_rank=8, recompute="none") == near({"policy": 4}, rel=1e-3)
    assert per_token(stage="dpo") == near({"policy": 8, "reference": 2}, rel=1e-3)
    assert per_token(stage="ppo") == near({"policy": 8, "reference": 2, "value": 8, "reward": 2}, rel=1e-3)


def test_money_and_energy_follow_from_the_hours_whatever_the_count():
    training, card = Training(7e9, 1e12, LLAMA3_8B), find_gpu("h100-80g")
    few, many = (plan_training(training, card, count, price=2.0, pue=1.1) for count in (64, 128))
    assert few.seconds == pytest.approx(2 * many.seconds)
    assert few.usd == pytest.approx(many.usd) == pytest.approx(2.0 * few.gpu_hours)
    assert few.kwh == pytest.approx(0.7 * 1.1 * few.gpu_hours)


@pytest.mark.parametrize("stage", ["grpo", "ppo"])
def test_writing_replies_takes_time_and_more_for_longer_ones(stage):
    def sampling(**changes):
        training = Training(7e9, 1e9, LLAMA3_8B, stage=stage, **changes)
        return plan_training(training, find_gpu("h100-80g"), 16)

    short, long = sampling(reply=200), sampling(reply=1600)
    assert 0 < short.sampling_seconds < long.sampling_seconds
    assert long.sampled_tokens == 8 * short.sampled_tokens
    assert long.seconds == long.training_seconds + long.sampling_seconds


def test_a_plan_is_json():
    planned = plan_training(Training(7e9, 1e9, LLAMA3_8B, stage="ppo"), find_gpu("mi300x"))
    told = json.loads(json.dumps(planned.to_dict(), allow_nan=False))
    assert told["days"] == pytest.approx(planned.seconds / DAY)
    assert told["memory"][3]["total"] == planned.memory[3].total


@pytest.mark.parametrize(("shape", "size"), [(LLAMA2_70B, 327_680), (LLAMA3_8B, 131_072), (LLAMA3_405B, 516_096)])
def test_keys_and_values_of_a_token(shape, size):
    assert kv_bytes_per_token(shape) == size


@pytest.mark.parametrize(("gpu", "gpus", "share"), [("a100-40g", 4, 0.55), ("h100-80g", 2, 0.60)])
def test_llama_2_70b_reaches_the_share_of_the_bandwidth_that_databricks_measured(gpu, gpus, share):
    card, parameters = find_gpu(gpu), transformer_parameters(LLAMA2_70B)
    replica = Replica(card, gpus, parameters, LLAMA2_70B, "bf16", card.utilisation)
    reading = 2 * parameters / (gpus * card.bandwidth)
    assert reading / replica.step_seconds(1, 512) == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize(
    ("parameters", "shape", "batch", "context", "measured"),
    [
        (70.6e9, LLAMA3_70B, 1, 1152, 2048 / 15.882),  # AMD, performance results, vLLM of October 2025
        (405.9e9, LLAMA3_405B, 1, 192, 36),  # Oracle, "Serving Llama 3.1 405B model with AMD MI300X GPUs"
        (405.9e9, LLAMA3_405B, 256, 192, 1846),
    ],
)
def test_what_was_measured_on_eight_mi300x_is_a_third_to_three_quarters_of_the_formula(
    parameters, shape, batch, context, measured
):
    card = find_gpu("mi300x")
    step = Replica(card, 8, parameters, shape, "fp8", card.utilisation).step_seconds(batch, context)
    assert 0.33 < measured / (batch / step) < 0.75


DEMANDS = [
    Demand(8e9, LLAMA3_8B, users=1),
    Demand(8e9, LLAMA3_8B, users=5000, context=8192, reply=1024, prompt=256),
    Demand(70e9, LLAMA2_70B, users=300, precision="fp8", speed=40),
    Demand(405e9, LLAMA3_405B, users=17, precision="int4", first_token=8, speed=5),
]


@pytest.mark.parametrize("demand", DEMANDS)
@pytest.mark.parametrize("gpu", ["a100-80g", "h100-80g", "mi300x"])
def test_a_service_has_room_and_is_as_fast_as_asked(demand, gpu):
    planned = plan_serving(demand, find_gpu(gpu))
    assert planned.speed >= demand.speed
    assert planned.first_token_seconds <= demand.first_token
    assert planned.memory <= planned.gpu.usable_memory
    assert planned.replicas * planned.batch >= demand.users
    assert planned.usd_per_month == pytest.approx(730 * planned.count * planned.price)
    hourly = planned.tokens_per_second * 3600 / 1e6 * planned.usd_per_million_tokens
    assert hourly == pytest.approx(planned.count * planned.price)


def test_more_users_and_more_speed_never_need_fewer_gpus():
    def counts(name, values):
        fixed = {"users": 1000, name: None}
        return [
            plan_serving(Demand(70e9, LLAMA2_70B, **{**fixed, name: n}), find_gpu("h200-141g")).count for n in values
        ]

    for name, values in (("users", (1, 10, 100, 1000, 10_000)), ("speed", (1, 5, 20, 40, 80))):
        needed = counts(name, values)
        assert needed == sorted(needed)


def test_smaller_weights_need_no_more_gpus_and_a_cached_prompt_neither():
    def count(**changes):
        return plan_serving(Demand(70e9, LLAMA2_70B, 1000, **changes), find_gpu("a100-80g")).count

    assert count(precision="int4") <= count(precision="fp8") <= count(precision="bf16")
    assert count(prompt=100) < count()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"speed": 2000}, "--speed asks for 2000"),
        ({"first_token": 0.001}, "--first-token asks for 0.001 s"),
        ({"parameters": 1e13}, "20,000 GB in bf16"),
        ({"speed": 0}, "speed must be between"),
        ({"users": 0}, "users must be between"),
        ({"context": math.inf}, "context must be between"),
        ({"reply": 4096}, "reply must be between 1 and 4,095; got 4,096"),
        ({"prompt": 4000}, "prompt must be between 1 and 3,584"),
        ({"precision": "fp3"}, "precision must be one of bf16, fp8, int8, int4; got 'fp3'"),
    ],
)
def test_what_cannot_be_served_is_told(changes, told):
    with pytest.raises(ConfigError, match=told):
        plan_serving(Demand(**{"parameters": 70e9, "shape": LLAMA2_70B, "users": 10, **changes}), find_gpu("a100-80g"))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("175e9", 175e9), ("175B", 175e9), ("7b", 7e9), ("1.5T", 1.5e12), ("300_000", 3e5), ("20 k", 2e4),
        ("135m", 135e6), ("1e3M", 1e9), ("12", 12),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text, number):
    assert read_amount(text, "--params") == pytest.approx(number)


@pytest.mark.parametrize("text", ["", "nan", "inf", "many", "7 billion", "1,5T", "0x10", "7bb", "--7", "1e"])
def test_what_is_no_number_is_told_with_what_to_write(text):
    with pytest.raises(ConfigError, match=f"--params must be a number such as 175e9, 175B or 7b; got {text!r}"):
        read_amount(text, "--params")


@pytest.mark.parametrize(("name", "found"), [("A100_80G", "a100-80g"), ("h100 80g", "h100-80g"), ("B200", "b200")])
def test_a_gpu_is_found_however_its_name_is_written(name, found):
    assert find_gpu(name) is GPUS[found]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("a100", "'a100-40g' or 'a100-80g'"), ("h1oo-80g", "'h100-80g'"), ("mi300", "'mi300x'"), ("", "'")],
)
def test_an_unknown_gpu_is_told_with_the_nearest(name, meant):
    with pytest.raises(ConfigError, match=f"did you mean {meant}"):
        find_gpu(name)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"parameters": 0}, "params must be between"),
        ({"parameters": math.nan}, "got nan"),
        ({"tokens": -1}, "tokens must be between"),
        ({"tokens": math.inf}, "got inf"),
        ({"sequence": 1}, "sequence must be between"),
        ({"batch": 0}, "batch must be between"),
        ({"lora_rank": -8}, "lora-rank must be between 0 and 10,000; got -8"),
        ({"stage": "grpo", "reply": 2048}, "reply must be between 1 and 2,047"),
        ({"stage": "ppo", "reward_parameters": 1e30}, "reward-params must be between"),
    ],
)
def test_absurd_trainings_are_told(changes, told):
    with pytest.raises(ConfigError, match=told):
        Training(**{"parameters": 7e9, "tokens": 1e9, "shape": LLAMA3_8B, **changes})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"count": 0}, "count must be between 1 and 1,000,000; got 0"),
        ({"count": 10**9}, "count must be between"),
        ({"utilisation": 0}, "utilisation must be between"),
        ({"utilisation": 45}, "utilisation must be between 0.0001 and 1; got 45"),
        ({"price": -1}, "price must be between 0 and 10,000; got -1"),
        ({"price": math.nan}, "got nan"),
        ({"pue": 0.5}, "pue must be between"),
    ],
)
def test_absurd_assumptions_are_told(changes, told):
    with pytest.raises(ConfigError, match=told):
        plan_training(Training(7e9, 1e9, LLAMA3_8B), find_gpu("h100-80g"), **changes)
