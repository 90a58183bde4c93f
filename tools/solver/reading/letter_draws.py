# ruff: noqa: E501  a pattern is read more easily on one line
"""Letters drawn without replacement: `two letters picked without replacement from {q: 2, l: 3}; probability of ql`."""

from __future__ import annotations

import re

from ...errors import ToolError
from .clauses import TextReader
from .syntax import Ask, Request
from .wording import CARDINALS

_COUNTS = {word: value for word, value in CARDINALS.items() if 0 < value <= 10}
_COUNT = rf"(?:(?P<count>\d{{1,2}}|{'|'.join(_COUNTS)})\s+letters?)"
_BAG = r"(?P<bag>\{[^{}]{1,200}\}|[a-z]{1,60})"
_PICKED = rf"{_COUNT}\s+(?:are\s+)?(?:picked|drawn|chosen|taken|selected)\s+(?:at random\s+)?without\s+replacement\s+(?:at random\s+)?from\s+(?:the (?:word|letters(?: of| in)?)\s+)?{_BAG}"
_PROB = r"(?:(?:what is|what's|give|calculate|find|compute|determine|the)\s+)*(?:prob|probability|chance)\s+of\s+(?:picking\s+|drawing\s+|getting\s+|the\s+)*"
_WANT = r"(?:sequence\s+(?P<sequence>[a-z]{1,20})|(?P<counts>\d{1,2}\s+[a-z](?:(?:\s*,\s*and\s+|\s*,\s*|\s+and\s+)\d{1,2}\s+[a-z]){0,9}))"
_FIRST = re.compile(rf"{_PICKED}\s*[.;,?]?\s*{_PROB}{_WANT}")
_LAST = re.compile(rf"{_PROB}{_WANT}\s*,?\s*(?:when|if)\s+{_PICKED}")
_ENTRY = re.compile(r"\s*([a-z])\s*:\s*(\d{1,4})\s*")


def read_letter_draw(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else."""
    lowered = " ".join(text.lower().split())
    if "replacement" not in lowered or "letter" not in lowered or len(lowered) > 400:
        return None
    found = _FIRST.fullmatch(lowered) or _LAST.fullmatch(lowered)
    if found is None:
        return None
    bag = _bag(found["bag"])
    drawn = _COUNTS[found["count"]] if found["count"] in _COUNTS else int(found["count"])
    if sequence := found["sequence"]:
        if len(sequence) != drawn:
            raise ToolError(f"{drawn} letters are drawn, but the sequence {sequence} has {len(sequence)}")
        return Ask("letter draw", (), (bag, sequence))
    wanted = ",".join(f"{letter}:{count}" for count, letter in re.findall(r"(\d+)\s+([a-z])", found["counts"]))
    if sum(int(count) for count in re.findall(r"\d+", wanted)) != drawn:
        raise ToolError(f"{drawn} letters are drawn; say of which kinds all of them are")
    return Ask("letter draw", (), (bag, "", wanted))


def _bag(text: str) -> str:
    """`q:2,l:3` for a bag in either notation."""
    if not text.startswith("{"):
        return ",".join(f"{letter}:{text.count(letter)}" for letter in dict.fromkeys(text))
    entries = [_ENTRY.fullmatch(part) for part in text[1:-1].split(",")]
    if not all(entries):
        raise ToolError("a bag of letters is written as {q: 2, l: 3}")
    return ",".join(f"{entry[1]}:{entry[2]}" for entry in entries if entry)


READERS: list[TextReader] = [read_letter_draw]
