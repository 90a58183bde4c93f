"""Queries about comparisons."""

from __future__ import annotations

from .clauses import Command, TextReader

READERS: list[TextReader] = []
COMMANDS: list[Command] = []
