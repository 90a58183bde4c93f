"""The stage `critique`: the policy rewrites its own replies by the principles of a constitution."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from typing import Any

from ....tools import TrainingError
from ...engines.messages import Message, Policy
from ...feedback.constitution import Constitution, load_constitution
from ...feedback.journal import Journal
from ...feedback.revising import Revised, revise
from ..models import load_tokenizer
from ..recipe import CritiqueStage
from ..rows import read_rows, write_rows
from ..seeds import seed_of
from ..sources.prompt import Prompt
from ..sources.prompts import read_prompts
from .agents import schemas_of, system_message
from .context import Context, Outcome
from .earlier import CONVERSATIONS
from .judges import constitution_of, current_policy
from .sampling import Sampler, bare, offered

STEPS = "steps.jsonl"


def run_critique(context: Context, stage: CritiqueStage) -> Outcome:
    """Leaves `conversations.jsonl` to learn from, and `steps.jsonl` with every critique and rewriting.

    Raises:
        ConfigError: the prompts or the constitution are wrong.
        TrainingError: no rewriting is of use.
    """
    prompts = read_prompts(stage.prompts)
    context.tell({"stage": context.name, "event": "planned", "prompts": len(prompts)})
    prompts = prompts[: context.probe * 4] if context.probe else prompts
    constitution = constitution_of(stage.constitution, stage.scopes)
    file = context.folder / "replies.jsonl"
    if not file.is_file():
        write_rows(file, _replies(context, stage, prompts))
    replies = read_rows(file)
    answered = [(_prompt(row), row) for row in replies if row["messages"]]
    schemas = schemas_of(context.recipe)
    whole = [one for one in answered if _calls_known_tools(*one, schemas)]
    misled, answered = len(answered) - len(whole), whole
    steps = asyncio.run(_revised(context, stage, constitution, answered))
    opening = system_message(context.recipe)
    system = [Message("system", opening).to_dict()] if opening else []
    asked, answered = len(answered), [answered[step["number"]] for step in steps]
    conversations = [
        {
            "id": f"{context.name}-{at}",
            "messages": [*system, *(message.to_dict() for message in prompt.messages), *step["final"]],
            "tools": offered(schemas, prompt),
            "learn_from": len(system) + len(prompt.messages),
        }
        for at, ((prompt, _), step) in enumerate(zip(answered, steps, strict=True))
        if step["final"]
    ]
    if context.probe and not conversations:  # what comes behind has to be tried on something
        conversations = [
            {"id": f"{context.name}-{at}", "messages": [*(m.to_dict() for m in prompt.messages), *row["messages"]]}
            for at, (prompt, row) in enumerate(answered)
        ]
    problems = Counter(one["problem"] for step in steps for one in step["rounds"] if one["problem"])
    if not conversations and not context.probe:
        told = ", ".join(f"{count} {problem}" for problem, count in problems.most_common())
        told = told or "the budget of hours was used up"
        raise TrainingError(f"stage {context.name}: none of {len(replies)} replies was rewritten to any use ({told}).")
    write_rows(context.folder / CONVERSATIONS, conversations)
    return Outcome(
        {
            "constitution_sha256": load_constitution(stage.constitution).sha256,
            "prompts": len(replies),
            "without_an_answer": len(replies) - asked - misled,
            "ended_by": "hours" if len(answered) < asked else "prompts",
            "not_looked_at": asked - len(answered),
            "calls_unknown_tools": misled,
            "rewritten": len(conversations),
            "dropped": len(answered) - len(conversations),
            "problems": dict(problems.most_common()),
        }
    )


def _replies(context: Context, stage: CritiqueStage, prompts: list[Prompt]) -> list[dict[str, Any]]:
    """The prompts with the policy's first replies, which are empty where it said nothing."""
    sampler = Sampler(context, load_tokenizer(context.policy))
    seeds = [seed_of(context.seed, prompt.id) for prompt in prompts]
    rollouts = sampler.replies(prompts, seeds, temperature=stage.temperature, max_new_tokens=stage.max_new_tokens)
    return [
        {
            "id": prompt.id,
            "prompt": [message.to_dict() for message in prompt.messages],
            "tools": None if prompt.tools is None else list(prompt.tools),
            "messages": [m.to_dict() for m in bare(one.reply.messages)] if one.reply.output.strip() else [],
        }
        for prompt, one in zip(prompts, rollouts, strict=True)
    ]


def _calls_known_tools(prompt: Prompt, row: dict[str, Any], schemas: list[dict[str, Any]]) -> bool:
    """Whether a reply calls what was offered alone: a call of something else is nothing to learn from."""
    names = {schema["function"]["name"] for schema in offered(schemas, prompt)}
    return all(call.name in names for message in row["messages"] for call in Message.from_dict(message).tool_calls)


def _prompt(row: dict[str, Any]) -> Prompt:
    messages = tuple(Message.from_dict(message) for message in row["prompt"])
    return Prompt(row["id"], messages, tools=None if row["tools"] is None else tuple(row["tools"]))


async def _revised(
    context: Context, stage: CritiqueStage, constitution: Constitution, answered: list[tuple[Prompt, dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Every reply's rounds, in order; those that a killed run has finished are not asked for again.

    Replies whose turn comes when the run's budget of hours is used up are left out.
    """
    file = context.folder / STEPS
    journal = Journal(file)
    known = {row["number"]: row for row in journal.read(lambda _, row: row)}
    policy: Policy = current_policy(context)
    slots = asyncio.Semaphore(stage.concurrency)
    done = len(known)
    ends = math.inf if context.ends is None else context.ends

    async def one(number: int, prompt: Prompt, reply: list[dict[str, Any]]) -> None:
        nonlocal done
        async with slots:
            if time.monotonic() >= ends:
                return
            found = await revise(
                policy, prompt.messages, [Message.from_dict(m) for m in reply], constitution,
                rounds=stage.revisions, seed=seed_of(context.seed, prompt.id, "critique") % 2**31,
                max_new_tokens=stage.max_new_tokens, temperature=stage.temperature,
            )  # fmt: skip
        known[number] = _row(number, prompt, found)
        journal.append([known[number]])
        done += 1
        context.tell({"stage": context.name, "step": done, "of": len(answered)})

    try:
        async with asyncio.TaskGroup() as group:
            for number, (prompt, row) in enumerate(answered):
                if number not in known:
                    group.create_task(one(number, prompt, row["messages"]))
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    finally:
        await policy.aclose()
    steps = [known[number] for number in sorted(known)]
    write_rows(file, steps)
    return steps


def _row(number: int, prompt: Prompt, found: Revised) -> dict[str, Any]:
    return {
        "number": number,
        "prompt": [message.to_dict() for message in prompt.messages],
        "reply": [message.to_dict() for message in found.reply],
        "rounds": [one.to_dict() for one in found.rounds],
        "final": [] if found.final is None else [message.to_dict() for message in found.final],
    }
