"""Tool calls against what was wanted, argument by argument (the AST match of BFCL, Patil et al. 2025)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from ...tools import ToolCall
from ..samples import Reply, Score
from .scorer import Scorer, Scoring, verdict
from .texts import normalised


class WantedCall(BaseModel):
    """One call.

    Args:
        name: the tool's name, or several of which one will do.
        arguments: what each argument must be. A list is read as alternatives; a list that is itself the value is put
            into a list, `[[1, 2]]`. Texts are compared without case, punctuation and space. Arguments that are not
            named here may be anything.
        optional: arguments that may be left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | list[str]
    arguments: dict[str, Any] = {}
    optional: list[str] = []

    def difference(self, call: ToolCall) -> str:
        """What is wrong with a call; empty where nothing is."""
        if call.problem is not None:
            return "unreadable call"
        if call.name not in ([self.name] if isinstance(self.name, str) else self.name):
            return "wrong tool"
        for argument, wanted in self.arguments.items():
            if argument not in call.arguments:
                if argument in self.optional:
                    continue
                return f"bad arguments: {argument} is missing"
            alternatives: list[Any] = wanted if isinstance(wanted, list) else [wanted]
            given = call.arguments[argument]
            if not any(same_value(given, alternative) for alternative in alternatives):
                return f"bad arguments: {argument} is {given!r}"
        return ""


def same_value(given: Any, wanted: Any) -> bool:
    """Whether an argument is the wanted one: numbers by value, texts by their words, lists and objects inside out."""
    if isinstance(given, bool) or isinstance(wanted, bool):
        return given is wanted
    if isinstance(given, int | float) and isinstance(wanted, int | float):
        return abs(given - wanted) <= 1e-9 * max(1.0, abs(wanted))
    if isinstance(given, str) and isinstance(wanted, str):
        return normalised(given) == normalised(wanted) and (bool(normalised(wanted)) or given.strip() == wanted.strip())
    if isinstance(given, list) and isinstance(wanted, list):
        return len(given) == len(wanted) and all(map(same_value, given, wanted))  # pyright: ignore
    if isinstance(given, dict) and isinstance(wanted, dict):
        return given.keys() == wanted.keys() and all(same_value(given[key], wanted[key]) for key in wanted)  # pyright: ignore
    if isinstance(given, int | float) != isinstance(wanted, int | float):
        return str(given) == str(wanted)
    return given == wanted


class Calls(Scorer):
    """The tool calls of the turn are these, and no others.

    Labels are `right call`, `rightly none`, `unneeded call`, `missed call`, `wrong tool`, `bad arguments` and
    `unreadable call`; the report draws them as a confusion table.

    Args:
        expected: a tool's name; a call `{name, arguments}`; a list of calls; `none` (or an empty list) for no call.
        ordered: whether several calls must come in this order.
        extra: whether further calls are allowed beside those that are wanted.
        first: whether only the first calls count, as many as are wanted.
    """

    kind: Literal["calls"] = "calls"
    expected: WantedCall | list[WantedCall | str] | str | None
    ordered: bool = False
    extra: bool = True
    first: bool = False

    @property
    def wanted(self) -> list[WantedCall]:
        if self.expected is None or self.expected == "none":
            return []
        listed = self.expected if isinstance(self.expected, list) else [self.expected]
        return [WantedCall(name=call) if isinstance(call, str) else call for call in listed]

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        wanted = self.wanted
        if not wanted:
            if not reply.calls:
                return verdict(True, "rightly none")
            return verdict(False, "unneeded call", f"called {reply.calls[0].name}")
        if not reply.calls:
            return verdict(False, "missed call")
        wrong = self._difference(wanted, reply.calls[: len(wanted)] if self.first else reply.calls)
        return verdict(not wrong, wrong.split(":")[0] or "right call", wrong)

    def _difference(self, wanted: Sequence[WantedCall], calls: Sequence[ToolCall]) -> str:
        left = list(calls)
        for want in wanted:
            problems = [want.difference(call) for call in left]
            place = next((index for index, problem in enumerate(problems) if not problem), None)
            if place is None:
                # The most telling of the problems: a right tool with bad arguments says more than a wrong tool.
                return min(problems, key=lambda text: "bad" not in text) if problems else "missed call"
            left = left[place + 1 :] if self.ordered else [*left[:place], *left[place + 1 :]]
        return "unneeded call" if left and not self.extra else ""


class Query(Scorer):
    """Some call's arguments match a regular expression: what was asked of a tool, where its wording is free.

    Args:
        expected: the pattern, searched for in each argument that is a text; case is ignored.
        tool: only calls of this tool count.
    """

    kind: Literal["query"] = "query"
    expected: str
    tool: str | None = None

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        texts = [
            str(value) for call in reply.calls if self.tool in (None, call.name) for value in call.arguments.values()
        ]
        return verdict(any(re.search(self.expected, text, re.IGNORECASE) for text in texts))
