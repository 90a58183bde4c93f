"""All questions of geometry: `shapes` first, which reads figures by their measures."""

from __future__ import annotations

from . import coordinates, polygons, shapes, triangles
from .clauses import TextReader

READERS: list[TextReader] = [*polygons.READERS, *coordinates.READERS, *triangles.READERS, *shapes.READERS]
