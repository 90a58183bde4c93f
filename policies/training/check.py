"""Counts how often a policy picks the right tool, writes the right query and retells the result.

    python -m pericles.policies.training.check --adapter runs/default/adapter --split validation --rows 300

Greedy decoding through `transformers` in batches, with the same template, tools and results as in use. Validation
prompts are there to develop the data on; what is held out is measured by `pericles eval`.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engines.chat_format import ReplyReader, render, smollm2_template
from ..engines.messages import CallRead, Message, TextPiece
from .data import generate
from .data.dialogue import INSTRUCTIONS, asks, calls, returns, use
from .models import Weights, load_model, load_tokenizer, starting_weights

MAX_NEW_TOKENS = 110


@dataclass
class Case:
    """One request, what was wanted and what came.

    Args:
        kind: what it is counted under.
        prompt: the request.
        tools: schemas that are offered.
        tool: the tool that should be called, `None` for none.
        arguments: what it should be called with; `None` where only the result counts.
        result: the result of that call, where it is known.
        reference: an answer to it.
        expected: a pattern that the result and the answer must match.
        called: the policy's call.
        told: the result of that call.
        reply: the policy's words: instead of a call, or after the result.
    """

    kind: str
    prompt: str
    tools: list[dict[str, Any]]
    tool: str | None
    arguments: dict[str, Any] | None = None
    result: str | None = None
    reference: str = ""
    expected: str | None = None
    called: tuple[str, dict[str, Any]] | None = None
    told: str = ""
    reply: str = ""
    problem: str = ""


def cases_of(rows: Sequence[dict[str, Any]]) -> list[Case]:
    """The generated rows of one turn and at most one call."""
    cases = []
    for row in rows:
        messages = row["messages"]
        roles = [message["role"] for message in messages]
        if roles == ["system", "user", "assistant"]:
            cases.append(Case(row["parts"][0], messages[1]["content"], row["tools"], None))
        elif roles == ["system", "user", "assistant", "tool", "assistant"]:
            made = messages[2]["tool_calls"][0]["function"]
            cases.append(
                Case(
                    row["parts"][0],
                    messages[1]["content"],
                    row["tools"],
                    made["name"],
                    made["arguments"],
                    messages[3]["content"],
                    messages[4]["content"],
                )
            )
    return cases


def check(base: str, adapter: Path | None, cases: list[Case], batch: int = 32) -> dict[str, dict[str, int]]:
    """Lets the policy answer every case, and counts.

    Args:
        base: as in a recipe.
        adapter: its folder; `None` measures the base.
        cases: filled in place.
        batch: prompts decoded at once.

    Returns:
        For each kind `cases`, `routed` (right tool, or rightly none), and of the routed calls `exact` (arguments),
        `right` (exact, or with the wanted result) and `retold` (the answer holds what it should).
    """
    model, tokenizer = _load(base, adapter)
    for case, reply in zip(cases, _replies(model, tokenizer, cases, batch), strict=True):
        _read(case, reply)
    answering = [case for case in cases if case.called is not None and case.called[0] == case.tool]
    for case, reply in zip(answering, _replies(model, tokenizer, answering, batch), strict=True):
        case.reply = reply
    return _count(cases)


def _load(base: str, adapter: Path | None) -> tuple[Any, Any]:
    import torch

    start = starting_weights(base)
    weights = Weights(start.model, adapter or start.adapter, start.base)
    model = load_model(weights, adapter=None)
    tokenizer: Any = load_tokenizer(weights)
    tokenizer.padding_side = "left"
    return model.to(torch.bfloat16).eval(), tokenizer


def _conversation(case: Case) -> list[Message]:
    messages = [Message("system", INSTRUCTIONS), asks(case.prompt)]
    if case.called is not None:
        name, arguments = case.called
        messages += [calls(name, **arguments), returns(name, case.told)]
    return messages


def _replies(model: Any, tokenizer: Any, cases: list[Case], batch: int) -> list[str]:
    import torch

    prompts = [render(smollm2_template(), _conversation(case), tools=case.tools) for case in cases]
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    replies = [""] * len(prompts)
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        encoded = tokenizer([prompts[index] for index in chosen], return_tensors="pt", padding=True)
        with torch.inference_mode():
            output = model.generate(
                **encoded, max_new_tokens=MAX_NEW_TOKENS, do_sample=False, pad_token_id=tokenizer.pad_token_id
            )
        written = output[:, encoded["input_ids"].shape[1] :]
        for index, ids in zip(chosen, written, strict=True):
            replies[index] = tokenizer.decode(ids, skip_special_tokens=True).strip()
    return replies


def _read(case: Case, reply: str) -> None:
    reader = ReplyReader([tool["function"]["name"] for tool in case.tools])
    events = [*reader.feed(reply), *reader.finish()]
    read = [event.call for event in events if isinstance(event, CallRead)]
    case.reply = "".join(event.text for event in events if isinstance(event, TextPiece))
    if read:
        case.called = (read[0].name, read[0].arguments)
        query = read[0].arguments.get("query")
        own = read[0].arguments == case.arguments
        case.told = case.result or "" if own or not isinstance(query, str) else use(read[0].name, query).text


def _count(cases: Sequence[Case]) -> dict[str, dict[str, int]]:
    totals: dict[str, Counter[str]] = {}
    for case in cases:
        count = totals.setdefault(case.kind.split("/")[0], Counter(cases=0, routed=0))
        count["cases"] += 1
        if (case.called[0] if case.called else None) != case.tool:
            case.problem = f"called {case.called}" if case.called else f"said {case.reply!r}"
            continue
        count["routed"] += 1
        if case.called is None:
            continue
        exact = case.called[1] == case.arguments
        right = exact or case.told == case.result
        if case.arguments is None:
            right = re.search(case.expected, case.told) is not None if case.expected else True
        holds = right and _retold(case)
        count.update(calls=1, exact=exact, right=right, retold=holds)
        if not right:
            case.problem = f"called {case.called}, which gave {case.told[:100]!r}"
        elif not holds:
            case.problem = f"was told {case.told[:100]!r} and said {case.reply!r}"
    return {kind: dict(count) for kind, count in sorted(totals.items())}


def _retold(case: Case) -> bool:
    """Whether the answer holds the numbers and names that it should have taken from the result."""
    if case.arguments is None:
        return re.search(case.expected, case.reply) is not None if case.expected else bool(case.reply)
    facts = [word.strip(".") for word in re.findall(r"[\w.^*/+()-]+", case.reference) if word.strip(".") in case.told]
    return all(fact in case.reply for fact in facts if len(fact) > 1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m pericles.policies.training.check", description=__doc__)
    parser.add_argument("--base", default="smollm2-135m")
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--quiet", action="store_true", help="only the counts")
    options = parser.parse_args()
    mix = {"mathematics": 0.5, "lookup": 0.22, "plain": 0.22, "custom_tool": 0.06}
    cases = cases_of(list(generate(options.split, options.seed, options.rows, mix)))
    counts = check(options.base, options.adapter, cases, options.batch)
    for case in cases:
        if case.problem and not options.quiet:
            print(f"{case.kind}: {case.prompt!r}, wanted {case.tool} {case.arguments}, {case.problem}")
    print(json.dumps(counts, indent=2))


if __name__ == "__main__":
    main()
