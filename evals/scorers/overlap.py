"""How much of a reference a text shares with it, and whether it holds the facts in the length that was asked for."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field, model_validator

from ..samples import Reply, Score
from .scorer import Scorer, Scoring, verdict
from .texts import Contains

CHRF_ORDER = 6
CHRF_BETA = 2.0
MAX_CHARS = 20_000
# ROUGE-L takes time in the product of the lengths.
MAX_TOKENS = 2_000

# Words, and each Chinese or Japanese character by itself: hiragana, katakana, the CJK ideographs, Hangul syllables not.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+(?:['’][^\W{_CJK}]+)*")
_TOKEN = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")


def chrf(candidate: str, reference: str, *, order: int = CHRF_ORDER, beta: float = CHRF_BETA) -> float:
    """The chrF of a translation (Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation", eq. 1).

    `(1 + beta²) · chrP · chrR / (beta² · chrP + chrR)`, where chrP and chrR are the precision and the recall of
    character n-grams, averaged over n = 1..order. White space is removed; case and punctuation count. As in sacreBLEU,
    an n for which one of the two texts is too short is left out of the average.

    Args:
        candidate: the translation.
        reference: a right one.
        order: the longest n-grams.
        beta: how much more recall weighs than precision.

    Returns:
        0 to 1.
    """
    texts = ["".join(unicodedata.normalize("NFC", text).split()) for text in (candidate, reference)]
    precision = recall = 0.0
    orders = 0
    for n in range(1, order + 1):
        found, wanted = (Counter(text[at : at + n] for at in range(len(text) - n + 1)) for text in texts)
        if not found or not wanted:
            break
        shared = (found & wanted).total()
        precision += shared / found.total()
        recall += shared / wanted.total()
        orders += 1
    if not precision or not recall:
        return 0.0
    precision, recall = precision / orders, recall / orders
    return (1 + beta**2) * precision * recall / (beta**2 * precision + recall)


def rouge_l(candidate: str, reference: str) -> float:
    """ROUGE-L of a summary (Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries", eq. 2 to 4 with β = 1).

    The F1 of the longest common subsequence of words, without case and punctuation and without stemming; Chinese and
    Japanese count by character.

    Returns:
        0 to 1.
    """
    found, wanted = tokens(candidate)[:MAX_TOKENS], tokens(reference)[:MAX_TOKENS]
    return _f1(_common_subsequence(found, wanted), len(found), len(wanted))


def rouge_1(candidate: str, reference: str) -> float:
    """ROUGE-1 (Lin 2004, eq. 1) as F1: the words that two texts share, however they are ordered; see `rouge_l`."""
    found, wanted = Counter(tokens(candidate)), Counter(tokens(reference))
    return _f1((found & wanted).total(), found.total(), wanted.total())


def tokens(text: str) -> list[str]:
    """Words in lower case, and Chinese and Japanese characters."""
    return _TOKEN.findall(unicodedata.normalize("NFC", text).casefold())


def count_words(text: str) -> int:
    """Words as a person counts them; a Chinese or Japanese character is one."""
    return len(_WORD.findall(text))


def _f1(shared: int, found: int, wanted: int) -> float:
    return 2 * shared / (found + wanted) if shared else 0.0


def _common_subsequence(first: Sequence[str], second: Sequence[str]) -> int:
    """Length of the longest one (Hunt and Szymanski 1977 would be faster where little is shared)."""
    row = [0] * (len(second) + 1)
    for one in first:
        diagonal = 0
        for at, other in enumerate(second, start=1):
            diagonal, row[at] = row[at], diagonal + 1 if one == other else max(row[at], row[at - 1])
    return row[-1]


_MEASURES: dict[str, Callable[[str, str], float]] = {"chrf": chrf, "rouge-l": rouge_l, "rouge-1": rouge_1}


class Overlap(Scorer):
    """The answer shares enough with a reference; it holds certain facts; it is not too long.

    The value is the measure for the reference that fits best, or 1 and 0 where there is a threshold. A fact that is
    missing or a word too many makes it 0. Labels are `missing fact`, `too long`, `empty` and `below threshold`.

    Args:
        expected: references; may be left out where only facts or the length matter.
        measure: `chrf` (translations), `rouge-l` or `rouge-1` (summaries).
        threshold: the least measure that is right.
        must: facts, as whole words; of an inner list one will do.
        max_words: the longest answer; a Chinese or Japanese character is a word.
        by_line: whether each line of the answer is measured as well, without quotation marks around it, and the best
            counts: for a task where replies say more than they were asked, such as "Here is the translation:".
    """

    kind: Literal["overlap"] = "overlap"
    expected: str | list[str] = Field(default_factory=list[str])
    measure: Literal["chrf", "rouge-l", "rouge-1"] = "chrf"
    threshold: float | None = Field(None, gt=0, le=1)
    must: list[str | list[str]] = Field(default_factory=list[str | list[str]])
    max_words: int | None = Field(None, ge=1)
    by_line: bool = False

    @model_validator(mode="after")
    def _asks_something(self) -> Overlap:
        if not self.expected and not self.must and self.max_words is None:
            raise ValueError("needs expected, must or max_words")
        if self.threshold is not None and not self.expected:
            raise ValueError("threshold needs expected")
        return self

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        answer = reply.answer.strip()
        if not answer:
            return verdict(False, "empty")
        missing = [fact for fact in self.must if not (await _holds(fact, reply, scoring))]
        if missing:
            told = "; ".join(fact if isinstance(fact, str) else " or ".join(fact) for fact in missing)
            return verdict(False, "missing fact", f"missing: {told}"[:200])
        words = count_words(answer)
        if self.max_words is not None and words > self.max_words:
            return verdict(False, "too long", f"{words} words, allowed are {self.max_words}")
        if not self.expected:
            return verdict(True)
        best = self.best(answer)
        if self.threshold is None:
            return Score(best, "", f"{self.measure} {best:.3f}")
        holds = best >= self.threshold
        return verdict(holds, "" if holds else "below threshold", f"{self.measure} {best:.3f}")

    def best(self, answer: str) -> float:
        """The measure for the reference that fits best."""
        references = [self.expected] if isinstance(self.expected, str) else self.expected
        answer = answer[:MAX_CHARS]
        parts = [answer, *(answer.splitlines() if self.by_line else ())]
        if self.by_line:
            parts = [part.strip().strip("*_`\"'“”„«»「」 ") for part in parts]
        measure = _MEASURES[self.measure]
        return max(measure(part, reference) for part in parts for reference in references)


async def _holds(fact: str | list[str], reply: Reply, scoring: Scoring) -> bool:
    return (await Contains(expected=fact).score(reply, scoring)).value == 1.0
