"""The stage `ai-rank`: a judge compares replies by the principles of a constitution."""

from __future__ import annotations

import asyncio
import dataclasses
import time

from ....tools import TrainingError
from ...engines.messages import Message
from ...feedback.constitution import load_constitution
from ...feedback.judging import Judge, ToJudge
from ...feedback.ranking import Ranking, prompt_key, said_in
from ...feedback.ranking_files import write_rankings
from ..models import load_tokenizer
from ..recipe import AIRankStage
from ..rows import read_rows, write_rows
from ..seeds import seed_of
from ..sources.prompt import Prompt
from ..sources.prompts import read_prompts
from ..sources.rankings import read_ranking_sources
from .agents import schemas_of, system_message
from .context import Context, Outcome
from .earlier import RANKINGS
from .judges import ANSWERS, judge_of
from .sampling import Sampler, bare, offered

TOLD_EVERY = 10.0  # seconds
PROBED = 8  # prompts for each step that a dry run tries: fewer labels of people could not be calibrated by


def run_ai_rank(context: Context, stage: AIRankStage) -> Outcome:
    """Ranks replies; leaves `rankings.jsonl`, with nothing in it accepted.

    Raises:
        ConfigError: the data, the judge's policy or the constitution is wrong.
        TrainingError: there are no two different replies to any prompt.
    """
    file = context.folder / "data.jsonl"
    if not file.is_file():
        write_rows(file, [_row(one) for one in _replies(context, stage)])
    rows = read_rows(file)
    items = [_item(row) for row in rows]
    items = items[: context.probe * PROBED] if context.probe else items
    if not items:
        raise TrainingError(f"stage {context.name} has no prompt with two different replies: raise temperature.")
    judge = judge_of(context, stage.judge, context.folder / ANSWERS)
    rankings = asyncio.run(_judged(context, judge, items, stage))
    if not rankings:
        raise TrainingError(f"stage {context.name}: the run's budget of hours ended before anything was judged.")
    write_rankings(context.folder / RANKINGS, rankings)
    pairs = [pair for ranking in rankings for pair in ranking.pairs]
    return Outcome(
        {
            "judge": judge.rater,
            "constitution_sha256": load_constitution(stage.judge.constitution).sha256,
            "rankings": len(rankings),
            "ended_by": "hours" if len(rankings) < len(items) else "prompts",
            "pairs": len(pairs),
            "questions": judge.asked,
            "unreadable": judge.unreadable,
            "answer_mass": round(sum(judge.masses) / len(judge.masses), 4) if judge.masses else None,
            "orders_contradict": round(sum(pair.flips for pair in pairs) / len(pairs), 4),
        }
    )


async def _judged(context: Context, judge: Judge, items: list[ToJudge], stage: AIRankStage) -> list[Ranking]:
    last = time.monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal last
        if done == of or time.monotonic() - last > TOLD_EVERY:
            last = time.monotonic()
            context.tell({"stage": context.name, "step": done, "of": of})

    try:
        return await judge.rank_all(items, stage.order, tell, ends=context.ends)
    finally:
        await judge.policy.aclose()


def _replies(context: Context, stage: AIRankStage) -> list[ToJudge]:
    """What is to be judged: replies that are there, and replies that are sampled."""
    found: list[ToJudge] = []
    if stage.rankings:
        rankings, _ = read_ranking_sources(stage.rankings)
        # What several people ranked is judged once; files of several people may use the same ids.
        different = {_said(ranking): ranking for ranking in reversed(rankings)}
        found = [
            dataclasses.replace(ToJudge.of(ranking), id=f"{context.name}-given-{number}")
            for number, ranking in enumerate(reversed(different.values()))
        ]
    prompts = read_prompts(stage.prompts)
    planned = {"stage": context.name, "event": "planned", "prompts": len(found) + len(prompts)}
    if context.probe:
        found, prompts = found[: context.probe * PROBED], prompts[: context.probe]
        planned["tried"] = min(len(found) + len(prompts), context.probe * PROBED)
    context.tell(planned)
    return [*found, *_sampled(context, stage, prompts)] if prompts else found


def _said(ranking: Ranking) -> tuple[str, ...]:
    return prompt_key(ranking.prompt), *sorted(map(said_in, ranking.replies))


def _sampled(context: Context, stage: AIRankStage, prompts: list[Prompt]) -> list[ToJudge]:
    sampler = Sampler(context, load_tokenizer(context.policy))
    asked = [prompt for prompt in prompts for _ in range(stage.replies)]
    seeds = [seed_of(context.seed, prompt.id, number) for prompt in prompts for number in range(stage.replies)]
    rollouts = sampler.replies(asked, seeds, temperature=stage.temperature, max_new_tokens=stage.max_new_tokens)
    opening, schemas = system_message(context.recipe), schemas_of(context.recipe)
    policy = f"sha256:{context.policy.digest()}"
    found: list[ToJudge] = []
    for number, prompt in enumerate(prompts):
        group = rollouts[number * stage.replies : (number + 1) * stage.replies]
        spoken = [bare(rollout.reply.messages) for rollout in group if rollout.reply.output.strip()]
        different = {said_in(reply): reply for reply in spoken}
        if len(different) > 1:
            system = (Message("system", opening),) if opening else ()
            found.append(
                ToJudge(
                    f"{context.name}-{number}",
                    (*system, *prompt.messages),
                    tuple(different.values()),
                    tuple(offered(schemas, prompt)),
                    policy,
                )
            )
    return found


def _row(item: ToJudge) -> dict[str, object]:
    return {
        "id": item.id,
        "prompt": [message.to_dict() for message in item.prompt],
        "replies": [[message.to_dict() for message in reply] for reply in item.replies],
        "tools": list(item.tools),
        "policy": item.policy,
    }


def _item(row: dict[str, list]) -> ToJudge:  # pyright: ignore[reportMissingTypeArgument]
    return ToJudge(
        str(row["id"]),
        tuple(Message.from_dict(message) for message in row["prompt"]),
        tuple(tuple(Message.from_dict(message) for message in reply) for reply in row["replies"]),
        tuple(row["tools"]),
        None if row["policy"] is None else str(row["policy"]),
    )
