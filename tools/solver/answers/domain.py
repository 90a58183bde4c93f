"""What a domain module gives to the registry: how its questions are answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..reading.syntax import Ask
from ..solution import Solution
from .build import Builder
from .presenting import Reading

Handler = Callable[[Ask, Reading], Solution]
"""Answers a question that stands alone."""

Value = Callable[[Ask, Builder], Any]
"""The SymPy value of a question that stands inside a formula."""
