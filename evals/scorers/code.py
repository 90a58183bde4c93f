"""A reply that is a program: its code is run, in a sandbox, against asserts."""

from __future__ import annotations

import ast
import re
import textwrap
from typing import Literal

from pydantic import Field, field_validator

from ..samples import Reply, Score
from .scorer import Scorer, Scoring

MAX_CHARS = 100_000

_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*([\w+-]*)[^\n]*\n(.*?)(?:^[ \t]*\1|\Z)", re.MULTILINE | re.DOTALL)
# Where code without a fence begins, and what its lines look like: indented, or a statement at the margin.
_FIRST_LINE = re.compile(r"^(?:def |class |import |from \w+ import |async def |@\w)", re.MULTILINE)
_CODE_LINE = re.compile(
    r"\s|$|#|[)\]}@]|(?:def|class|import|from|async|if|elif|else|for|while|try|except|finally|with|assert|return|raise)\b"
    r"|[A-Za-z_][\w.]*(?:\(|\[|\s*(?:[-+*/%|&]?=|:\s))"
)


class Code(Scorer):
    """The Python of the reply makes every assert hold.

    The reply's code runs in one confined process and the asserts in another (`sandbox`), on stand-ins for what the
    code defines. Plain data is compared by value: numbers, texts, bytes, lists, tuples, dicts, sets, `None`. Other
    objects can be called, iterated, indexed, added and asked for attributes, so classes and generators can be tested;
    exceptions arrive as the nearest built-in one; a list that is changed in place is changed for the asserts, too.
    Coroutines, context managers and `isinstance` of the reply's classes cannot be tested.

    Labels are those of `code_sandbox.Verdict` and `no code`. Where the system cannot confine a process nothing is run,
    and the value is `None`.

    Args:
        expected: the asserts, as Python.
        seconds: processor time; twice as long may pass on the clock.
        memory_mb: address space in MiB.
    """

    kind: Literal["code"] = "code"
    expected: str
    seconds: float = Field(5.0, gt=0, le=600)
    memory_mb: int = Field(512, ge=64, le=16_384)

    @field_validator("expected")
    @classmethod
    def _asserts(cls, value: str) -> str:
        try:
            tree = ast.parse(value)
        except (SyntaxError, ValueError) as error:
            raise ValueError(f"is not Python: {error}") from None
        if not any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
            raise ValueError("holds no assert")
        return value

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        from .code_sandbox import run_in_sandbox

        code = code_of(reply.answer, names_in(self.expected))
        if not code.strip():
            return Score(0.0, "no code")
        verdict = await run_in_sandbox(
            code,
            self.expected,
            seconds=self.seconds,
            memory=self.memory_mb << 20,
        )
        if verdict.label == "no sandbox":
            return Score(None, verdict.label, verdict.detail)
        return Score(1.0 if verdict.label == "passed" else 0.0, verdict.label, verdict.detail)


def names_in(tests: str) -> set[str]:
    """The names that asserts read."""
    return {node.id for node in ast.walk(ast.parse(tests)) if isinstance(node, ast.Name)}


def code_of(answer: str, names: set[str]) -> str:
    """The code of a reply.

    Of the blocks between fences that are marked as Python (or, where there is none, of all), the last that defines one
    of the names; a block behind it that only shows how to call it does not count. Without one the last block, and
    without a fence the text from its first line that looks like code to its last.

    Args:
        answer: the reply; only so much of it as a program may be long.
        names: what the asserts use.
    """
    answer = answer[-MAX_CHARS:]
    blocks = [(mark.lower(), textwrap.dedent(body)) for _, mark, body in _FENCE.findall(answer)]
    python = [body for mark, body in blocks if mark in ("python", "py", "python3")]
    bodies = python or [body for _, body in blocks]
    if not bodies:
        return _unfenced(answer)
    defining = [body for body in bodies if any(_defines(body, name) for name in names)]
    return (defining or bodies)[-1]


def _defines(body: str, name: str) -> bool:
    # By its text: the block is data of a model, which no parser of this process should meet.
    pattern = rf"^(?:(?:async )?def|class)\s+{re.escape(name)}\b|^{re.escape(name)}\s*="
    return re.search(pattern, body, re.MULTILINE) is not None


def _unfenced(answer: str) -> str:
    first = _FIRST_LINE.search(answer)
    if first is None:
        return answer
    lines = answer[first.start() :].splitlines()
    length = next((place for place, line in enumerate(lines) if not _CODE_LINE.match(line)), len(lines))
    return "\n".join(lines[:length])
