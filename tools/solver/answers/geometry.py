"""The answers to all questions of geometry in one table."""

from __future__ import annotations

from . import coordinates, polygons, shapes, triangles
from .domain import Handler

HANDLERS: dict[str, Handler] = {**polygons.HANDLERS, **coordinates.HANDLERS, **shapes.HANDLERS, **triangles.HANDLERS}
