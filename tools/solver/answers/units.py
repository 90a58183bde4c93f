"""Answers about units."""

from __future__ import annotations

from .domain import Handler, Value

HANDLERS: dict[str, Handler] = {}
VALUES: dict[str, Value] = {}
