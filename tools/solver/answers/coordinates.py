"""Coordinate geometry: which of the modules beside this one answers a question."""

from __future__ import annotations

from ..reading.syntax import Ask
from ..solution import Solution
from . import circles, conics, lines, motions, polygon_points, vectors
from .domain import Handler
from .presenting import Reading

_KINDS: dict[str, Handler] = {
    **polygon_points.KINDS,
    **lines.KINDS,
    **circles.KINDS,
    **motions.KINDS,
    **conics.KINDS,
    **vectors.KINDS,
}


def _coordinates(request: Ask, reading: Reading) -> Solution:
    return _KINDS[request.words[0]](request, reading)


HANDLERS: dict[str, Handler] = {"coordinates": _coordinates}
