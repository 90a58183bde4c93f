"""Which sentences of an answer its sources support.

By words alone (`answer_support`): a sentence is supported where one sentence of a source says most of what it says. A
number that no source has, a name that no source has, a negation on one side alone, an opposite (`north`, `south`) and
names that changed places make it unsupported whatever else agrees. A sentence that joins several facts is supported
where each of its clauses is.

What this cannot see: meaning in other words ("Astana is where the government sits"), inference and arithmetic, a fact
that the source denies in other words, units. It is a hint for a reader, never a proof; `judge_support` asks a policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..tools import Source
from .content import Content, content
from .evidence import Evidence, Match
from .marks import blanked, fenced, find_marks
from .sentences import split_sentences

THRESHOLD = 0.7
SupportStatus = Literal["supported", "unsupported", "no_claim"]

_QUESTION = re.compile(r"[?？][\"'”’»)\]*_]*\Z")
_ABOUT_ITSELF = re.compile(
    r"(?:i|i'm|i’m|i'll|i’ll|i've|i’ve|i'd|i’d|we|let me|let's|let’s|my|our|sorry|unfortunately,? i|here (?:is|are)|"
    r"feel free|would you|do you|if you|please|you can|you may|hope this|note that i|hello|hi|thanks|"
    r"thank you|welcome|good (?:morning|evening|day)|the (?:sources?|results?|passages?|documents?|search)[^.]* (?:"
    r"do(?:es)? not|did not|don't|doesn't|didn't) (?:say|mention|contain|include|provide|state))\b|我|抱歉|对不起|"
    r"您好|你好|请|很高兴|如果你|如果您|私|すみません|申し訳|こんにちは",
    re.IGNORECASE,
)
_NOTHING_FOUND = re.compile(
    r"\b(?:could not|couldn't|couldn’t|cannot|can't|can’t|did not|didn't|unable to|no (?:results?|information|"
    r"sources?))[^.]{0,30}\b(?:find|found|available|locate|answer|help)|没有找到|找不到|未找到|無法|无法(?:回答|找到)|"
    r"見つかりません|わかりません",
    re.IGNORECASE,
)
_ONLY_BRACKETS = re.compile(r"(?:\[[\d,\s-]*\][\s.,]*)+")
_BULLET = re.compile(r"\s*(?:[-*+•>]\s+|\d{1,2}[.)]\s+)?")
_CLAUSE = re.compile(r";\s+|,?\s+(?:and|but|while|whereas)\s+|，|；|、而|が、")
_CLAUSE_UNITS = 2


@dataclass(frozen=True, slots=True)
class SentenceSupport:
    """Whether the sources support a sentence of an answer.

    Args:
        text: the sentence, its marks included.
        start: where it stands in the answer.
        end: behind its last character.
        status: `no_claim` for what claims nothing: a question, a greeting, words about the answer itself, code.
        score: the share of its content that a source has, or the judge's probability of "yes"; 0 to 1.
        sources: the numbers of the sources that support it.
        by: what decided.
    """

    text: str
    start: int
    end: int
    status: SupportStatus
    score: float
    sources: tuple[int, ...] = ()
    by: Literal["lexical", "judge"] = "lexical"

    def to_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "status": self.status,
            "score": self.score,
            "sources": list(self.sources),
            "by": self.by,
        }


def answer_support(
    answer: str, sources: Mapping[int, Source], *, threshold: float = THRESHOLD
) -> list[SentenceSupport]:
    """Says of each sentence of an answer whether its sources support it, by the words that they share.

    Args:
        answer: with marks such as `[1]`. A sentence with marks must be supported by their sources, one without by any.
        sources: by number.
        threshold: the share of a sentence's content that a source must have.

    Returns:
        One for each sentence, in their order.
    """
    evidence = Evidence(sources)
    return [_judged(claim, evidence, threshold) for claim in read_claims(answer, sources)]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer.

    Args:
        text: as it stands.
        start: where.
        end: behind it.
        words: without marks and bullet.
        sources: the numbers of the sources that count for it.
        is_claim: whether it claims anything.
    """

    text: str
    start: int
    end: int
    words: str
    sources: tuple[int, ...]
    is_claim: bool


def read_claims(answer: str, sources: Iterable[int]) -> list[Claim]:
    """The sentences of an answer outside of its blocks of code."""
    known = tuple(sources)
    shown = blanked(answer, fenced(answer))
    runs = find_marks(answer, known)
    plain = blanked(answer, ((run.start, run.end) for run in runs), " ")
    claims: list[Claim] = []
    place = 0
    for start, end in split_sentences(shown):
        numbers: dict[int, None] = {}
        while place < len(runs) and runs[place].start < end:
            numbers.update(dict.fromkeys(runs[place].numbers))
            place += 1
        words = plain[start:end]
        words = words[_BULLET.match(words).end() :].strip()  # pyright: ignore[reportOptionalMemberAccess] - matches all
        marked = tuple(number for number in numbers if number in known)
        claims.append(Claim(answer[start:end], start, end, words, marked or known, _is_claim(words)))
    return claims


def _is_claim(words: str) -> bool:
    bare = words.strip("*_#> \"'“")
    if (
        _ONLY_BRACKETS.fullmatch(bare)
        or words.startswith(("#", "|--", "---", "==="))
        or bare.endswith((":", "："))
        or _QUESTION.search(words)
    ):
        return False
    return not (_ABOUT_ITSELF.match(bare) or _NOTHING_FOUND.search(bare)) and bool(content(bare))


def _judged(claim: Claim, evidence: Evidence, threshold: float) -> SentenceSupport:
    if not claim.is_claim:
        return SentenceSupport(claim.text, claim.start, claim.end, "no_claim", 0.0)
    said = content(claim.words)
    matches = _matches(claim.words, said, claim.sources, evidence, threshold)
    score = round(min((match.score for match in matches), default=0.0), 3)
    numbers = tuple(sorted({match.source for match in matches}))
    known = all(evidence.has_number(number, claim.sources) for number in said.numbers)
    known = known and not evidence.has_unknown_name(said, claim.sources)
    if known and score >= threshold and not any(match.contradicts for match in matches):
        return SentenceSupport(claim.text, claim.start, claim.end, "supported", score, numbers)
    return SentenceSupport(claim.text, claim.start, claim.end, "unsupported", score)


def _matches(words: str, said: Content, sources: tuple[int, ...], evidence: Evidence, threshold: float) -> list[Match]:
    """The best match of the whole sentence, or, where that is not enough, one for each of its clauses."""
    whole = evidence.best(said, sources)
    if whole is None or (whole.score >= threshold and not whole.contradicts):
        return [whole] if whole else []
    clauses = [clause for clause in map(content, _CLAUSE.split(words)) if clause]
    if len(clauses) < 2 or any(len(clause.units) + len(clause.numbers) < _CLAUSE_UNITS for clause in clauses):
        return [whole]
    found = [evidence.best(clause, sources) for clause in clauses]
    parts = [match for match in found if match is not None]
    enough = len(parts) == len(clauses) and all(part.score >= threshold for part in parts)
    return parts if enough and not any(part.contradicts for part in parts) else [whole]
