"""Rankings in the form of Anthropic's HH-RLHF, which other trainers read; `read_hh_rlhf` reads it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...engines.messages import LOOP, Message
from ..hh_rlhf import LeftOut, rank_pair, transcript
from ..json_lines import write_json_lines
from ..ranking import Ranking

NO_CONSENT = "the rater did not agree to training"
SWITCHED_OFF = "the ranking is switched off (weight 0)"
TIE = "neither reply is better"
CALLS = "a tool is called"
LOOPS = "the agent corrects the policy"
SYSTEM = "there is a system message"
MARKS = "a text holds the marks of a speaker"
OTHER = "it would not read back as it is"
_SPEAKERS = {"user": "Human", "assistant": "Assistant"}


@dataclass(frozen=True)
class HHPairs:
    """What rankings are in this form.

    Args:
        pairs: `{"chosen": …, "rejected": …}` of each two replies of which one is better.
        left_out: how many pairs are not among them, by reason.
    """

    pairs: list[dict[str, str]]
    left_out: dict[str, int] = field(default_factory=dict[str, int])


def hh_pairs(rankings: Iterable[Ranking]) -> HHPairs:
    """The pairs of rankings as transcripts.

    Of a ranking of an AI that says which pairs it judged, these count; see `Ranking.comparisons`. What a transcript
    cannot say is left out, as is what the rater did not agree to.
    """
    pairs: list[dict[str, str]] = []
    left_out: Counter[str] = Counter()
    for ranking in rankings:
        for better, worse in _decided(ranking, left_out):
            try:
                _refuse_untold(ranking, better, worse)
                pairs.append(_pair(ranking, better, worse))
            except LeftOut as reason:
                left_out[str(reason)] += 1
    return HHPairs(pairs, dict(left_out))


def write_hh_rlhf(path: Path, rankings: Iterable[Ranking]) -> HHPairs:
    """Writes the pairs as lines, whole or not at all; no file where there is no pair.

    Raises:
        ConfigError: the file cannot be written.
    """
    made = hh_pairs(rankings)
    if made.pairs:
        write_json_lines(path, made.pairs)
    return made


def _decided(ranking: Ranking, left_out: Counter[str]) -> Iterator[tuple[Sequence[Message], Sequence[Message]]]:
    for comparison in ranking.comparisons():
        if not ranking.consent:
            left_out[NO_CONSENT] += 1
        elif not comparison.weight:
            left_out[SWITCHED_OFF] += 1
        elif comparison.target == 0.5:
            left_out[TIE] += 1
        else:
            first, second = ranking.replies[comparison.i], ranking.replies[comparison.j]
            yield (first, second) if comparison.target > 0.5 else (second, first)


def _refuse_untold(ranking: Ranking, *replies: Sequence[Message]) -> None:
    said = [*ranking.prompt, *(message for reply in replies for message in reply)]
    if any(message.role == "tool" or message.tool_calls for message in said):
        raise LeftOut(CALLS)
    if any(message.name == LOOP for message in said):
        raise LeftOut(LOOPS)
    if any(message.role == "system" for message in said):
        raise LeftOut(SYSTEM)
    if any(f"\n\n{speaker}:" in message.content for message in said for speaker in _SPEAKERS.values()):
        raise LeftOut(MARKS)


def _pair(ranking: Ranking, better: Sequence[Message], worse: Sequence[Message]) -> dict[str, str]:
    chosen, rejected = (_told([*ranking.prompt, *reply]) for reply in (better, worse))
    read = rank_pair("back", transcript(chosen), transcript(rejected), ranking.rater)
    whole = [*map(_stripped, read.prompt), *(_stripped(message) for reply in read.replies for message in reply)]
    if whole != [_stripped(message) for message in (*ranking.prompt, *better, *worse)]:
        raise LeftOut(OTHER)
    return {"chosen": chosen, "rejected": rejected}


def _told(messages: Sequence[Message]) -> str:
    return "".join(f"\n\n{_SPEAKERS[message.role]}: {message.content.strip()}" for message in messages)


def _stripped(message: Message) -> tuple[str, str]:
    return message.role, message.content.strip()
