"""What a reply looks like, without a model: how long it is, whether it makes lists, calls tools, hedges, greets.

People and judges react to these, whatever is said, so live reward begins with them and a judge is corrected for them.
Each is scaled so that replies as they usually are lie within about ±2. Words are those of English.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from ...agent.marks import MARK, blanked, fenced
from ...agent.sentences import split_sentences
from ..engines.messages import Message
from .ranking import Ranking

SURFACE: tuple[str, ...] = (
    "length",
    "sentences",
    "lists",
    "markup",
    "tool calls",
    "citations",
    "digits",
    "questions",
    "hedges",
    "apologies",
    "refusals",
    "exclamations",
    "first person",
    "greetings",
)
DIFFERENCES: tuple[str, ...] = ("length", "tool calls", "markup")

_USUAL_LOG_CHARS, _SPREAD_LOG_CHARS = 5.0, 1.5  # about 150 characters; one more for each 4.5 times as many
_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+\S", re.MULTILINE)
_MARKUP = re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__|^[ ]{0,3}#{1,6}[ \t]", re.MULTILINE)
_CITATION = re.compile(MARK)
_QUESTION = re.compile(r"[?？]+")
_EXCLAMATION = re.compile(r"[!！]+")
_HEDGE = re.compile(
    r"\b(?:perhaps|maybe|possibly|probably|presumably|likely|apparently|roughly|might|i (?:think|believe|guess|suppose)"
    r"|it (?:seems|appears|depends)|not (?:entirely )?(?:sure|certain)|in my opinion|as far as i know)\b",
    re.IGNORECASE,
)
_APOLOGY = re.compile(r"\b(?:sorry|apologi[sz]e|apologies|my mistake|regret|forgive me)\b", re.IGNORECASE)
_REFUSAL = re.compile(
    r"\b(?:i(?: am|['’]m) (?:unable|not able) to|i (?:can(?:['’]?t|not| not)|won['’]?t|will not|must decline)"
    r"|i(?: am|['’]m) not comfortable|against my (?:guidelines|principles))\b",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"\b(?:i|me|my|mine|myself|i['’](?:m|ve|ll|d))\b", re.IGNORECASE)
_GREETING = re.compile(
    r"\b(?:hello|hi|hey|greetings|welcome|good (?:morning|afternoon|evening)|thanks for|thank you"
    r"|great question|sure|certainly|of course|happy to help|hope this helps|let me know)\b",
    re.IGNORECASE,
)


def surface_features(messages: Sequence[Message]) -> np.ndarray:
    """What a reply looks like.

    Args:
        messages: of one turn. What the assistant says and calls counts, what tools answer does not.

    Returns:
        `(len(SURFACE),)`, named by `SURFACE`.
    """
    said = [message for message in messages if message.role == "assistant"]
    text = "\n\n".join(message.content for message in said if message.content)
    return text_features(text, tool_calls=sum(len(message.tool_calls) for message in said))


def text_features(text: str, *, tool_calls: int = 0) -> np.ndarray:
    """What a piece of text looks like; in linear time.

    Args:
        text: of the answer; what stands in fenced code counts for its length alone.
        tool_calls: that are made beside it.

    Returns:
        `(len(SURFACE),)`, named by `SURFACE`.
    """
    fences = list(fenced(text))
    prose = blanked(text, fences)
    characters = len(text.strip())
    return np.array(
        [
            (math.log1p(characters) - _USUAL_LOG_CHARS) / _SPREAD_LOG_CHARS,
            sentence_count(len(split_sentences(prose))),
            _much(_count(_ITEM, prose), usual=3),
            _much(_count(_MARKUP, prose) + len(fences), usual=3),
            _much(tool_calls, usual=1),
            _much(_count(_CITATION, prose), usual=2),
            min(10.0 * sum(map(str.isdecimal, text)) / max(characters, 1), 2.0),
            _much(_count(_QUESTION, prose), usual=1),
            _much(_count(_HEDGE, prose), usual=1),
            _much(_count(_APOLOGY, prose), usual=1),
            _much(_count(_REFUSAL, prose), usual=1),
            _much(_count(_EXCLAMATION, prose), usual=1),
            _much(_count(_FIRST_PERSON, prose), usual=2),
            _much(_count(_GREETING, prose), usual=1),
        ]
    )


def sentence_count(sentences: int) -> float:
    """The feature `sentences` of so many: 1 at four."""
    return _much(sentences, usual=4)


def differences(ranking: Ranking, i: int, j: int) -> np.ndarray:
    """How reply i of a ranking differs from reply j in what judges are fooled by.

    Args:
        ranking: whose replies they are.
        i, j: indices of two replies. Swapped, they give the negative.

    Returns:
        `(3,)`: length, tool calls and markup, as `DIFFERENCES` names them.
    """
    first, second = surface_features(ranking.replies[i]), surface_features(ranking.replies[j])
    return (first - second)[[SURFACE.index(name) for name in DIFFERENCES]]


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))


def _much(count: int, *, usual: int) -> float:
    """0 for none, 1 for as many as are usual where there are any, and ever less for each further one."""
    return math.log1p(count) / math.log1p(usual)
