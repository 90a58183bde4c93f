"""Classical word problems, each family in a module of its own, looked at only where a telling word stands.

A text is taken only if all that it says was used, so most of what is left must be names and things.
"""

from __future__ import annotations

from collections.abc import Callable

from .ages import read_ages
from .clauses import TextReader
from .compositions import read_composition
from .currents import read_current
from .half_lives import read_half_life
from .mixtures import read_mixture
from .rectangles import read_rectangle
from .scores import read_score
from .sightlines import read_sightline
from .syntax import Request
from .trades import read_trade
from .two_kinds import read_two_kinds

_Read = Callable[[str, list[str]], Request | None]
_LONGEST = 500
_FAMILIES: tuple[tuple[tuple[str, ...], _Read], ...] = (
    ((" old", " age"), read_ages),
    (("mix", "solution", "add", "alloy", "dilut", "concentration", "blend"), read_mixture),
    (("how many", "number of"), read_two_kinds),
    (("average", "averag", "mean", "final"), read_score),
    (("half-life", "half life", "doubl", "tripl", "halv", "decay", "grow", "decreas", "increas"), read_half_life),
    (("elevation", "depression", "shadow", "ladder", "kite", "string", "ramp", "wire", "angle"), read_sightline),
    (("length", "width", " long", " wide"), read_rectangle),
    (("stream", "current", "wind", "river"), read_current),
    (("map", "scale", " per ", " each", "apiece", "variation", " needs", " uses", " requires"), read_trade),
    (("compos",), read_composition),
)


def read_story(text: str, assumptions: list[str]) -> Request | None:
    """Read a word problem of one of the families; `None` for everything else."""
    if " " not in text or len(text) > _LONGEST:
        return None
    lowered = text.lower()
    for telling, read in _FAMILIES:
        for word in telling:
            if word in lowered:
                if request := read(text, noted := []):
                    assumptions += noted
                    return request
                break
    return None


READERS: list[TextReader] = [read_story]
