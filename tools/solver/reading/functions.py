"""Queries about functions."""

from __future__ import annotations

from .clauses import Command, TextReader

READERS: list[TextReader] = []
COMMANDS: list[Command] = []
