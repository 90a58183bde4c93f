"""A recipe from its first stage to its last on a tiny model: what it leaves, and that nothing is lost on the way."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import yaml
from pericles.policies.feedback import Ranking, write_rankings
from pericles.policies.training import train
from pericles.policies.training.recipe import parse_recipe
from pericles.policies.training.runs import RunFolder
from pericles.tools import ConfigError, TrainingError

pytestmark = pytest.mark.filterwarnings("default")  # transformers and TRL warn of their own deprecations

SAMPLING = {"max_new_tokens": 16}
MADE = {"source": "generated", "mix": {"mathematics": 0.5, "plain": 0.5}}


def recipe_of(base, stages, **more):
    return parse_recipe({"name": "tiny", "base": f"dir:{base}", "adapter": None, "threads": 2, "stages": stages} | more)


def sft(rows=30, **more):
    return {"kind": "sft", "data": [MADE | {"rows": rows, "seed": 1}], "learning_rate": 1e-2, "log_steps": 1} | more


def rl(**more):
    return {
        "kind": "rl", "prompts": [MADE | {"rows": 8, "seed": 3}], "steps": 2, "prompts_per_step": 2, "generations": 3,
        "rewards": {"tool": 1.0, "format": 0.2, "length": 0.1}, "sampling": SAMPLING,
    } | more  # fmt: skip


def ranked_source(folder):
    """A file of rankings of two to four replies."""
    words = ("yes", "no", "maybe so", "what a long answer this is")
    rankings = [
        Ranking.from_dict({
            "id": str(number), "prompt": [{"role": "user", "content": f"question {number}"}], "rater": "human:a",
            "replies": [[{"role": "assistant", "content": f"{word} {number}"}] for word in words[: 2 + number % 3]],
            "ranks": list(range(1, 3 + number % 3)),
        })
        for number in range(16)
    ]  # fmt: skip
    write_rankings(folder / "rankings.jsonl", rankings)
    return {"source": "rankings", "path": str(folder / "rankings.jsonl")}


def figures_of(folder, stage):
    """What a stage logged, but for times."""
    lines = RunFolder(folder).metrics(stage)
    return [{key: value for key, value in line.items() if key not in ("seconds", "step_time")} for line in lines]


@pytest.mark.slow
def test_every_stage_of_the_pipeline_in_rounds(tiny_folder, tmp_path):
    ranked = ranked_source(tmp_path)
    recipe = recipe_of(tiny_folder(), [
        sft(held_out=0.2),
        {"rounds": 2, "stages": [
            {"kind": "reward", "data": [ranked], "held_out": 0.3},
            rl(rewards={"tool": 1.0, "format": 0.2, "reward_model": 0.5},
               held_out={"prompts": [MADE | {"rows": 6, "seed": 4}], "every": 1}, sample_steps=1),
        ]},
        {"kind": "dpo", "data": [ranked], "held_out": 0.3},
        {"kind": "evaluate", "prompts": [MADE | {"rows": 6, "seed": 5}], "best_of": 2, "sampling": SAMPLING},
    ])  # fmt: skip
    folder = tmp_path / "run"
    told = []
    policy = train(recipe, folder, tell=told.append)
    assert policy == folder / "model"
    run = RunFolder(folder).open()
    about = run.read()
    assert run.status == "finished"
    names = [stage["name"] for stage in about["stages"]]
    assert names == ["sft", "reward-1", "rl-1", "reward-2", "rl-2", "dpo", "evaluate"]
    assert [t["stage"] for t in told if t.get("event") == "finished"] == names
    by_name = {stage["name"]: stage for stage in about["stages"]}
    assert by_name["sft"]["held_out_loss"] > 0
    assert set(by_name["reward-1"]["accuracy"]) == {"value", "low", "high", "n"}
    assert by_name["rl-1"]["held_out"][0]["step"] == 0
    assert {"base", "sft", "rl-1", "rl-2", "dpo"} <= set(by_name["evaluate"]["policies"])
    assert any(name.startswith("best of 2") for name in by_name["evaluate"]["policies"])
    assert all(len(digest) == 64 for stage in about["stages"] for digest in stage["data"].values())
    assert (folder / "README.md").read_text().startswith("---")
    assert (folder / "plots" / "loss.png").is_file()
    lines = [line for line in run.metrics("rl-2") if "reward" in line]
    assert all("rewards/reward_model/mean" in line for line in lines)
    assert len(lines) == 2
    assert run.samples("rl-1")[0]["rewards"]


@pytest.mark.slow
def test_what_a_run_leaves_is_loaded_by_the_libraries(tiny_folder, tmp_path):
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

    folder = tmp_path / "run"
    train(recipe_of(tiny_folder(), [sft(), {"kind": "reward", "data": [ranked_source(tmp_path)]}]), folder)
    AutoModelForCausalLM.from_pretrained(folder / "model")
    scorer = AutoModelForSequenceClassification.from_pretrained(folder / "reward" / "model")
    assert scorer.config.num_labels == 1


@pytest.mark.slow
def test_an_adapter_goes_on_from_stage_to_stage(tiny_folder, tmp_path):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    folder = tmp_path / "run"
    stages = [sft(), rl(algorithm="ppo", iterations=2, name="ppo", ptx={
        "data": [{"source": "corpus", "rows": 5}], "tokens_per_step": 64, "sequence_tokens": 32})]  # fmt: skip
    policy = train(recipe_of(tiny_folder(), stages, adapter={"rank": 4, "alpha": 8}), folder)
    assert policy == folder / "adapter"
    config = json.loads((policy / "adapter_config.json").read_text())
    assert config["r"] == 4
    assert not config["modules_to_save"]
    PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_folder()), str(policy))
    line = RunFolder(folder).metrics("ppo")[0]
    assert {"ptx_loss", "value/loss", "value/explained_variance", "sampling/kl", "kl", "entropy", "grad_norm"} <= set(
        line
    )
    assert (folder / "sft" / "adapter" / "adapter_model.safetensors").read_bytes() != (
        policy / "adapter_model.safetensors"
    ).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("family", ["gpt2", "opt", "qwen2", "mistral"])
def test_any_family_trains_with_the_same_recipe(tiny_folder, tmp_path, family):
    folder = tmp_path / "run"
    train(recipe_of(tiny_folder(family), [sft(20), rl()]), folder)
    assert (folder / "model" / "config.json").is_file()


@pytest.mark.slow
def test_two_runs_of_one_seed_are_the_same_and_of_another_differ(tiny_folder, tmp_path):
    stages = [sft(), rl()]
    for name, seed in (("one", 7), ("two", 7), ("other", 8)):
        train(recipe_of(tiny_folder(), stages, seed=seed), tmp_path / name)
    for stage in ("sft", "rl"):
        assert figures_of(tmp_path / "one", stage) == figures_of(tmp_path / "two", stage)
    assert figures_of(tmp_path / "one", "rl") != figures_of(tmp_path / "other", "rl")


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["sft", "rl"])
def test_a_killed_run_goes_on_to_the_same_curve(tiny_folder, tmp_path, stage):
    """`kill -9` behind a checkpoint in the middle of a stage."""
    long = {"sft": sft(120, packs_per_step=1), "rl": rl(steps=6)}[stage] | {"save_minutes": 1e-9}
    stages = [long] if stage == "sft" else [sft(), long]
    recipe = recipe_of(tiny_folder(), stages)
    file = tmp_path / "tiny.yaml"
    file.write_text(yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False))
    train(recipe, tmp_path / "whole")
    folder = tmp_path / "killed"
    command = [sys.executable, "-m", "pericles.policies.training", str(file), "--out", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 200
    while not list(folder.glob(f"{stage}/checkpoint-[2-5]/trainer_state.json")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert RunFolder(folder).open().status == "killed"
    train(recipe, folder)
    assert RunFolder(folder).read()["stages"][-1]["resumed_from"].startswith("checkpoint-")
    whole, resumed = figures_of(tmp_path / "whole", stage), figures_of(folder, stage)
    assert [line["step"] for line in resumed] == [line["step"] for line in whole]
    for one, other in zip(whole, resumed, strict=True):
        assert one.get("loss") == pytest.approx(other.get("loss"), rel=1e-4, abs=1e-6)
        assert one.get("grad_norm") == pytest.approx(other.get("grad_norm"), rel=1e-3, abs=1e-6)
    assert not list(folder.glob("*/checkpoint-*"))


@pytest.mark.slow
def test_two_processes_make_the_steps_of_one_with_twice_the_batch(tiny_folder, tmp_path):
    file = tmp_path / "tiny.yaml"
    losses = []
    for processes, packs in ((1, 4), (2, 2)):
        # Prefixes are shared by one process only; so that both make the same batches, neither packs here.
        stages = [sft(32, packs_per_step=packs, learning_rate=1e-3)]
        recipe = recipe_of(tiny_folder("mistral"), stages)
        file.write_text(yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False))
        out = tmp_path / f"by-{processes}"
        # On a CPU, `accelerate launch` starts several processes only through MPI; torchrun sets the same variables.
        launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
        command = [sys.executable, *launch, "-m", "pericles.policies.training", str(file), "--out", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=250, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        losses.append([line["loss"] for line in figures_of(out, "sft")])
    assert len(losses[0]) == len(losses[1]) == 8
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


@pytest.mark.slow
def test_a_finished_run_is_not_run_again(tiny_folder, tmp_path):
    recipe = recipe_of(tiny_folder(), [sft()])
    policy = train(recipe, tmp_path / "run")
    before = (policy / "model.safetensors").read_bytes()
    told = []
    assert train(recipe, tmp_path / "run", tell=told.append) == policy
    assert (policy / "model.safetensors").read_bytes() == before
    assert not [line for line in told if "loss" in line]


def test_a_run_may_train_a_reward_model_and_no_policy(tiny_folder, tmp_path):
    stages = [{"kind": "reward", "data": [ranked_source(tmp_path)], "learning_rate": 1e-3}]
    assert train(recipe_of(tiny_folder(), stages), tmp_path / "run") is None
    assert (tmp_path / "run" / "reward" / "model" / "config.json").is_file()
    assert RunFolder(tmp_path / "run").status == "finished"
    assert "pericles chat" not in (tmp_path / "run" / "README.md").read_text()


def test_a_tool_that_the_recipe_lacks_is_not_dropped_in_silence(tiny_folder, tmp_path):
    path = tmp_path / "prompts.jsonl"
    path.write_text(json.dumps({"prompt": "How warm is it?", "tools": ["math", "weather"]}) + "\n")
    stages = [rl(prompts=[{"source": "jsonl", "path": str(path)}], prompts_per_step=1)]
    with pytest.raises(ConfigError, match=r"offers the tool 'weather'.*lack"):
        train(recipe_of(tiny_folder(), stages), tmp_path / "run")


@pytest.mark.slow
def test_a_folder_of_another_recipe_is_refused(tiny_folder, tmp_path):
    train(recipe_of(tiny_folder(), [sft()]), tmp_path / "run")
    with pytest.raises(ConfigError, match="another recipe"):
        train(recipe_of(tiny_folder(), [sft(31)]), tmp_path / "run")


@pytest.mark.slow
def test_a_budget_ends_a_stage_in_good_order(tiny_folder, tmp_path):
    stages = [
        sft(60, packs_per_step=1, budget={"steps": 2}),
        sft(60, packs_per_step=1, name="by-tokens", budget={"tokens": 500}),
    ]
    train(recipe_of(tiny_folder(), stages), tmp_path / "run")
    by_steps, by_tokens = RunFolder(tmp_path / "run").read()["stages"]
    assert by_steps["steps"] == 2
    assert by_tokens["ended_by"] == "tokens"
    assert by_tokens["steps"] < 5


@pytest.mark.slow
def test_a_run_that_blows_up_is_broken_off_with_what_to_do(tiny_folder, tmp_path):
    with pytest.raises(TrainingError, match=r"limits\.kl.*lower"):
        train(recipe_of(tiny_folder(), [rl(steps=6, learning_rate=5.0, limits={"kl": 0.05})]), tmp_path / "kl")
    assert RunFolder(tmp_path / "kl").status == "failed"
    with pytest.raises(TrainingError, match=r"limits\.entropy"):
        train(recipe_of(tiny_folder(), [rl(limits={"entropy": 20.0})]), tmp_path / "entropy")


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ([rl(rewards={"reward_model": 1.0})], "no stage before it trains one"),
        ([rl(prompts_per_step=9)], "has 8 prompts"),
        ([sft(pack_tokens=64)], "raise pack_tokens"),
    ],
)
def test_a_recipe_that_cannot_be_carried_out_says_why(tiny_folder, tmp_path, stages, said):
    with pytest.raises((ConfigError, TrainingError), match=said):
        train(recipe_of(tiny_folder(), stages), tmp_path / "run")
    assert RunFolder(tmp_path / "run").status == "failed"


@pytest.mark.slow
def test_a_dry_run_tells_steps_tokens_time_and_memory_and_trains_nothing(tiny_folder, tmp_path, monkeypatch):
    from pericles.policies.training.dry_run import dry_run

    monkeypatch.chdir(tmp_path)
    (row,) = dry_run(recipe_of(tiny_folder(), [sft(60, packs_per_step=1)]))
    assert row["steps"] > 3
    assert row["tokens"] > 0
    assert row["seconds"] > 0
    assert row["peak_bytes"] > 100e6
    assert not list(tmp_path.iterdir())
