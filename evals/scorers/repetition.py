"""Whether a text degenerates: says the same again and again, as small models do when they write at length."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from ..samples import Reply, Score
from .overlap import tokens
from .scorer import Scorer, Scoring, verdict

MAX_CHARS = 50_000
# What numbers or marks the lines of a list, which would make each line a new one.
_MARKER = re.compile(
    r"^[ \t]*(?:[-*•+>#]+[ \t]+)*(?:\**\(?(?:(?:[a-zA-Z]+[ \t]+)?\d{1,4}|[a-zA-Z])[.):]\**[ \t]+)?(?=\S)",
)
# A character or a few that stand side by side very often, without a space that would make words of them.
_RUN = re.compile(r"(\S{1,12}?)\1{4,}")
# Of a loop of words: the longest unit that is looked for, how often it must stand, and how many words are said again.
_LONGEST_UNIT, _TIMES, _SAID_AGAIN = 80, 3, 16
# Of a run of characters: how long it must be, and how long where it is a rule such as `-----`.
_RUN_CHARS, _RULE_CHARS = 60, 240
_RULE = frozenset("-=_*#~.·─━═|+<>/\\")
# Fewer n-grams or lines say nothing about a share.
_LEAST_NGRAMS, _LEAST_LINES, _LEAST_SAME_LINES = 24, 6, 4


class Repetition(Scorer):
    """The text does not degenerate.

    Four measures, of which none may reach its bound; the label names the one that did:

    - `loop`: the same words at once again, at least three times over and so that 16 words or more are said again
      (the tandem repeats that greedy decoding ends in, Holtzman et al. 2020), or 60 characters of the like of `hahaha`.
    - `lines`: the share of lines that stand above already, once numbers and marks of lists are taken off; the same line
      must stand four times.
    - `n-grams`: the share of 4-grams of words that occur before, `1 - |unique| / |all|` (seq-rep-4, Welleck et al.
      2019, "Neural text generation with unlikelihood training"). Of 788 pieces of 2000 characters from manuals and
      licences half are below 0.02 and 99 % below 0.23; those above 0.3 do say things twice.
    - `empty`: nothing was said. A policy that says nothing does not repeat itself, but should not score either.

    Words are without case and punctuation; a Chinese or Japanese character is a word.

    Args:
        ngrams: bound of the share of repeated 4-grams.
        lines: bound of the share of repeated lines.
    """

    kind: Literal["repetition"] = "repetition"
    ngrams: float = Field(0.3, gt=0, le=1)
    lines: float = Field(0.35, gt=0, le=1)

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        text = reply.answer[:MAX_CHARS].strip()
        if not text:
            return verdict(False, "empty")
        lines = [_MARKER.sub("", line) for line in text.splitlines()]
        words = tokens("\n".join(lines))
        if loop := longest_loop(words) or longest_run(text):
            return verdict(False, "loop", f"again and again: {loop}"[:200])
        share, line = repeated_lines(lines)
        if share >= self.lines:
            return verdict(False, "lines", f"{share:.0%} of the lines stand above: {line}"[:200])
        share = repeated_ngrams(words)
        if share >= self.ngrams:
            return verdict(False, "n-grams", f"{share:.0%} of the 4-grams occur before")
        return verdict(True, "", f"{share:.0%} of the 4-grams occur before")


def repeated_ngrams(words: Sequence[str], n: int = 4) -> float:
    """The share of n-grams that occur before (seq-rep-n); 0 for a text of few words."""
    ngrams = [tuple(words[at : at + n]) for at in range(len(words) - n + 1)]
    return 1 - len(set(ngrams)) / len(ngrams) if len(ngrams) >= _LEAST_NGRAMS else 0.0


def longest_loop(words: Sequence[str]) -> str:
    """The words that are said at once again, the most often; empty where nothing is a loop."""
    best, unit = 0, 0
    end = 0
    for length in range(1, min(_LONGEST_UNIT, len(words) // _TIMES) + 1):
        same = 0
        for at in range(length, len(words)):
            same = same + 1 if words[at] == words[at - length] else 0
            if same > best and same >= max(_SAID_AGAIN, length * (_TIMES - 1)):
                best, unit, end = same, length, at + 1
    return " ".join(words[end - unit : end])


def longest_run(text: str) -> str:
    """A few characters that stand side by side very often, such as `hahaha`; empty where none do."""
    for match in _RUN.finditer(text):
        least = _RULE_CHARS if _RULE.issuperset(match[1]) else _RUN_CHARS
        if len(match[0]) >= least:
            return match[1]
    return ""


def repeated_lines(lines: Sequence[str]) -> tuple[float, str]:
    """The share of lines that occur before, and the most frequent; 0 where no line stands often."""
    counts = Counter(" ".join(tokens(line)) for line in lines)
    del counts[""]
    if counts.total() < _LEAST_LINES:
        return 0.0, ""
    line, times = counts.most_common(1)[0]
    return (1 - len(counts) / counts.total() if times >= _LEAST_SAME_LINES else 0.0), line
