"""GRPO and PPO find the optimum of a problem solved by hand, and their losses have the gradients they should."""

import pytest
import torch
from datasets import Dataset
from toy import distribution, one_word, optimum, reward, toy_model, toy_tokenizer

pytestmark = pytest.mark.filterwarnings("default")  # transformers and TRL warn of their own deprecations


def trainer_of(algorithm, folder, *, beta, steps, rate=3e-3, batch=64, iterations=1, minibatches=1, model=None, **more):
    from pericles.policies.training.trainers.policy_gradient import RolloutGRPOTrainer
    from pericles.policies.training.trainers.ppo import RolloutPPOTrainer, add_value_head
    from trl import GRPOConfig

    model = model or toy_model(folder)
    arguments = GRPOConfig(
        output_dir=str(folder / "out"), max_steps=steps, learning_rate=rate, lr_scheduler_type="linear", beta=beta,
        per_device_train_batch_size=batch // minibatches, num_generations=batch // minibatches,
        steps_per_generation=minibatches, num_iterations=iterations, max_completion_length=1, use_cpu=True, bf16=False,
        report_to="none", save_strategy="no", disable_tqdm=True, logging_steps=1000, activation_checkpointing=False,
        loss_type="dapo", remove_unused_columns=False, scale_rewards="none",
    )  # fmt: skip
    options = {
        "model": model, "args": arguments, "reward_funcs": [reward], "processing_class": toy_tokenizer(),
        "train_dataset": Dataset.from_list([{"prompt": "a b"}] * (4 * minibatches)), "rollout_func": one_word,
        "ratio_cap": 2.0, "shares": True,
    } | more  # fmt: skip
    if algorithm == "grpo":
        return RolloutGRPOTrainer(**options)
    add_value_head(model)
    return RolloutPPOTrainer(
        discount=1.0, gae_lambda=0.95, value_coef=0.1, value_clip=0.2, value_learning_rate=1e-2, **options
    )


def distance(first, second):
    """Total variation."""
    return 0.5 * (first - second).abs().sum().item()


@pytest.mark.slow
@pytest.mark.parametrize(("algorithm", "iterations"), [("ppo", 2), pytest.param("grpo", 1, marks=pytest.mark.slow)])
def test_the_known_optimum_is_found(tmp_path, algorithm, iterations):
    beta = 0.5
    trainer = trainer_of(algorithm, tmp_path, beta=beta, steps=150 * iterations, rate=3e-3, iterations=iterations)
    start = distribution(trainer.model)
    trainer.train()
    wanted = optimum(start, beta)
    assert distance(start, wanted) > 0.3
    assert distance(distribution(trainer.model), wanted) < 0.05


def fixed_batch(trainer):
    """Three replies of several tokens with a tool's tokens between them."""
    torch.manual_seed(5)
    tokens = torch.tensor([[2, 3, 4, 5, 6], [6, 5, 1, 0, 0], [7, 4, 4, 1, 0]])
    mask = (tokens > 0).long()
    tool = torch.tensor([[1, 0, 0, 1, 1], [1, 1, 1, 1, 1], [1, 0, 1, 1, 1]])
    shape = tokens.shape
    old = -torch.rand(shape) - 1.5
    return {
        "prompt_ids": torch.tensor([[2, 3], [2, 3], [0, 4]]), "prompt_mask": torch.tensor([[1, 1], [1, 1], [0, 1]]),
        "completion_ids": tokens, "completion_mask": mask, "tool_mask": tool, "advantages": torch.randn(shape),
        "old_per_token_logps": old, "sampling_per_token_logps": old + 0.3 * torch.randn(shape),
        "ref_per_token_logps": old + 0.1, "old_values": torch.randn(shape), "returns": torch.randn(shape),
        "num_items_in_batch": (mask * tool).sum(),
    }  # fmt: skip


def test_shaping_reaches_the_tokens_that_it_is_for(tmp_path):
    """Values start at 0, so returns are rewards to go, past what a tool said."""
    shaping = [[0.5, 9.0, -0.25], [1.0]]

    def several(prompts, trainer):
        return {
            "prompt_ids": [[2, 3]] * 2, "completion_ids": [[4, 5, 6], [7]], "logprobs": [[-1.0] * 3, [-1.0]],
            "env_mask": [[1, 0, 1], [1]], "shaping": shaping,
        }  # fmt: skip

    trainer = trainer_of(
        "ppo", tmp_path, beta=0.0, steps=1, batch=2, iterations=2, rollout_func=several,
        reward_funcs=[lambda completion_ids, **_: [2.0, 3.0]],
    )  # fmt: skip
    trainer._gae_lambda = 1.0
    trainer.model.train()
    batch = trainer._generate_and_score_completions([{"prompt": "a b"}, {"prompt": "a b"}])
    assert batch["returns"].tolist() == [[2.25, 0.0, 1.75], [4.0, 0.0, 0.0]]


@pytest.mark.parametrize("algorithm", ["ppo", "grpo"])
@pytest.mark.parametrize("shares", [True, False])
def test_the_gradient_is_the_loss_s_slope(tmp_path, algorithm, shares):
    model = toy_model(tmp_path)
    if not shares:
        model.set_attn_implementation("sdpa")
    trainer = trainer_of(algorithm, tmp_path, beta=0.1, steps=1, batch=4, iterations=2, model=model, shares=shares)
    trainer.current_gradient_accumulation_steps = 1
    batch = fixed_batch(trainer)
    trainer.model.train()
    if algorithm == "ppo":
        torch.nn.init.normal_(trainer.model.value_head.weight, std=0.3)
    loss = trainer._compute_loss(trainer.model, batch)
    loss.backward()
    torch.manual_seed(1)
    weights = [weight for weight in trainer.model.parameters() if weight.grad is not None]
    for _ in range(3):
        direction = [torch.randn_like(weight) for weight in weights]
        slope = sum((weight.grad * way).sum() for weight, way in zip(weights, direction, strict=True)).item()
        losses = []
        for step in (2e-4, -2e-4):
            with torch.no_grad():
                for weight, way in zip(weights, direction, strict=True):
                    weight += step * way
                losses.append(trainer._compute_loss(trainer.model, batch).item())
                for weight, way in zip(weights, direction, strict=True):
                    weight -= step * way
        assert slope == pytest.approx((losses[0] - losses[1]) / 4e-4, rel=0.05, abs=0.02)


def test_sharing_prompts_changes_neither_loss_nor_gradients(tmp_path):
    losses, gradients = [], []
    for shares in (True, False):
        model = toy_model(tmp_path)
        if not shares:
            model.set_attn_implementation("sdpa")
        trainer = trainer_of("ppo", tmp_path, beta=0.1, steps=1, batch=4, iterations=2, model=model, shares=shares)
        trainer.current_gradient_accumulation_steps = 1
        trainer.model.train()
        loss = trainer._compute_loss(trainer.model, fixed_batch(trainer))
        loss.backward()
        losses.append(loss.item())
        gradients.append([weight.grad for weight in trainer.model.parameters() if weight.grad is not None])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    for one, other in zip(*gradients, strict=True):
        assert torch.allclose(one, other, rtol=1e-3, atol=1e-5)


def test_what_tools_said_has_no_part_in_the_loss(tmp_path):
    trainer = trainer_of("ppo", tmp_path, beta=0.1, steps=1, batch=4, iterations=2)
    trainer.current_gradient_accumulation_steps = 1
    trainer.model.train()
    batch = fixed_batch(trainer)
    before = trainer._compute_loss(trainer.model, batch).item()
    silent = (batch["completion_mask"] * batch["tool_mask"]) == 0
    for name in ("advantages", "old_per_token_logps", "sampling_per_token_logps", "old_values", "returns"):
        batch[name] = torch.where(silent, torch.full_like(batch[name], 7.0), batch[name])
    assert trainer._compute_loss(trainer.model, batch).item() == pytest.approx(before, rel=1e-6)


def test_a_sampler_that_is_not_the_learner_is_corrected_for_up_to_the_cap(tmp_path):
    trainer = trainer_of("grpo", tmp_path, beta=0.0, steps=1, batch=4, iterations=2)
    trainer.model.train()
    batch = fixed_batch(trainer) | {"advantages": torch.ones(3)}
    mask = batch["completion_mask"] * batch["tool_mask"]
    trainer._correct_for_sampler(batch, batch["old_per_token_logps"])
    ratio = (batch["old_per_token_logps"] - batch["sampling_per_token_logps"]).exp().clamp(max=2.0)
    assert torch.allclose(batch["advantages"][mask > 0], ratio[mask > 0])
    assert trainer._metrics["train"]["sampling/kl"][-1] > 0


def test_the_pretraining_text_adds_its_gradient_times_its_weight(tmp_path):
    from pericles.policies.training.trainers.pretraining import PretrainingStream, language_model_loss

    torch.manual_seed(0)
    text = torch.randint(2, 8, (16, 6))
    gradients = []
    for coef in (0.0, 0.7):
        trainer = trainer_of("ppo", tmp_path, beta=0.1, steps=1, iterations=2, batch=8)
        trainer.pretraining = PretrainingStream(text, per_step=4, coef=coef, seed=3)
        seen = []
        original = trainer.accelerator.clip_grad_norm_
        own = list(trainer.model.parameters())
        trainer.accelerator.clip_grad_norm_ = lambda weights, *rest, original=original, seen=seen, own=own: (
            seen.append([None if w.grad is None else w.grad.clone() for w in own]) or original(list(weights), *rest)
        )
        trainer.train()
        gradients.append(seen[0])
        assert trainer._metrics is not None
    model = toy_model(tmp_path)
    language_model_loss(model, PretrainingStream(text, 4, 1.0, 3).batch(0)).backward()
    alone = [weight.grad for weight in model.parameters()]
    for without, with_text, expected in zip(*gradients, [*alone, None, None], strict=True):
        if expected is not None:
            assert torch.allclose(with_text - without, 0.7 * expected, rtol=1e-3, atol=1e-6)
