"""The stage `evaluate`: what each stage gained, on prompts that none was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...feedback import prompt_key
from ..models import Weights, load_tokenizer
from ..recipe import EvaluateStage
from ..rewards.registry import gold
from ..rewards.reward_model import RewardModel
from ..rollouts import Rollout
from ..rows import write_rows
from ..seeds import seed_of
from ..sources.prompt import Prompt
from ..sources.prompts import read_prompts
from .agents import schemas_of, system_message
from .context import Context, Outcome
from .player import with_opening
from .sampling import Sampler, offered


def run_evaluate(context: Context, stage: EvaluateStage) -> Outcome:
    """Lets every policy of the run answer the same prompts, and compares them pair by pair."""
    prompts = read_prompts(stage.prompts, split="test")
    context.tell({"stage": context.name, "event": "planned", "prompts": len(prompts)})
    prompts = prompts[: context.probe * 4] if context.probe else prompts
    tokenizer = load_tokenizer(context.policy)
    scores: dict[str, list[float]] = {}
    lines: list[dict[str, Any]] = []
    for name, policy in context.earlier.items():
        sampler = Sampler(context, tokenizer, policy, batch=stage.sampling.batch)
        found = _answers(sampler, prompts, [0] * len(prompts), stage, temperature=0.0)
        scores[name] = gold([rollout.reply for rollout in found])
        lines += _lines(name, found, scores[name])
        context.tell({"stage": context.name, "event": "measured", "policy": name})
    if stage.best_of and context.reward_model is not None:
        name, policy = _sampled_from(context)
        best = _best_of(context, stage, tokenizer, policy, prompts)
        label = f"best of {stage.best_of} from {name}"
        scores[label] = gold([rollout.reply for rollout in best])
        lines += _lines(label, best, scores[label])
    write_rows(context.folder / "replies.jsonl", lines)
    return Outcome({"prompts": len(prompts), **_compared(prompts, scores)})


def _answers(
    sampler: Sampler, prompts: Sequence[Prompt], seeds: Sequence[int], stage: EvaluateStage, *, temperature: float
) -> list[Rollout]:
    sampling = stage.sampling
    return sampler.replies(
        prompts, seeds, temperature=temperature, max_new_tokens=sampling.max_new_tokens, max_steps=sampling.max_steps
    )


def _sampled_from(context: Context) -> tuple[str, Weights]:
    """The policy that rejection sampling starts from: the last before any reinforcement."""
    before = [item for item in context.earlier.items() if not item[0].startswith("rl")]
    return before[-1]


def _best_of(
    context: Context, stage: EvaluateStage, tokenizer: Any, policy: Weights, prompts: Sequence[Prompt]
) -> list[Rollout]:
    """Of n sampled replies to each prompt the one that the reward model likes best (Nakano et al. 2021)."""
    assert context.reward_model is not None
    sampler = Sampler(context, tokenizer, policy, batch=stage.sampling.batch)
    asked = [prompt for prompt in prompts for _ in range(stage.best_of)]
    seeds = [seed_of(context.seed, prompt.id, number) for prompt in prompts for number in range(stage.best_of)]
    found = _answers(sampler, asked, seeds, stage, temperature=stage.sampling.temperature)
    judge = RewardModel(context.reward_model)
    schemas, opening = schemas_of(context.recipe), system_message(context.recipe)
    chosen: list[Rollout] = []
    for at, prompt in enumerate(prompts):
        group = found[at * stage.best_of : (at + 1) * stage.best_of]
        spoken = [rollout for rollout in group if rollout.reply.output.strip()] or group[:1]
        asked_of_judge = (with_opening(opening, prompt), [r.reply.messages for r in spoken], offered(schemas, prompt))
        rewards = judge.score([asked_of_judge])[0] if spoken[0].reply.messages else [0.0]
        chosen.append(spoken[max(range(len(spoken)), key=lambda number: rewards[number])])
    return chosen


def _compared(prompts: Sequence[Prompt], scores: dict[str, list[float]]) -> dict[str, Any]:
    """Each policy's mean score, and each against the one before it and against the first."""
    from ....evals.statistics import estimate, paired

    clusters = [prompt_key(prompt.messages) for prompt in prompts]
    policies: dict[str, Any] = {}
    for name, values in scores.items():
        found = estimate(values, clusters)
        policies[name] = _figure(found.mean, found.low, found.high, found.n)
        kinds = sorted({prompt.kind for prompt in prompts if prompt.kind})
        for kind in kinds if len(kinds) > 1 else []:
            inside = [at for at, prompt in enumerate(prompts) if prompt.kind == kind]
            part = estimate([values[at] for at in inside], [clusters[at] for at in inside])
            policies[name].setdefault("kinds", {})[kind] = _figure(part.mean, part.low, part.high, part.n)
    names = list(scores)
    pairs = [
        (a, b) for at, b in enumerate(names) for a in dict.fromkeys([*names[max(0, at - 1) : at], *names[:1]]) if a != b
    ]
    comparisons: list[dict[str, Any]] = []
    for first, second in pairs:
        found = paired(scores[first], scores[second], clusters)
        comparisons.append(
            {
                "policy": second,
                "against": first,
                "p_value": round(found.p_value, 5),
                "detectable": round(found.detectable, 4),
            }
            | _figure(found.difference, found.low, found.high, found.n)
        )
    return {"policies": policies, "comparisons": comparisons}


def _figure(value: float, low: float, high: float, n: int) -> dict[str, Any]:
    return {"value": round(value, 4), "low": round(low, 4), "high": round(high, 4), "n": n}


def _lines(name: str, found: Sequence[Rollout], scores: Sequence[float]) -> list[dict[str, Any]]:
    return [
        {
            "policy": name,
            "prompt": [message.to_dict() for message in rollout.reply.prompt.messages],
            "messages": [message.to_dict() for message in rollout.reply.messages],
            "score": score,
        }
        for rollout, score in zip(found, scores, strict=True)
    ]
