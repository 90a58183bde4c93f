"""A scorer that is a Python function, for suites that are written in Python."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from typing import Any, Literal

from ..samples import Reply, Score
from .scorer import Scorer, Scoring


class Function(Scorer):
    """Calls a function of the `Reply`, sync or async.

    Args:
        function: returns a number from 0 to 1, a bool or a `Score`. Where it has a parameter `expected`, it is handed
            the item's.
        expected: what the item expects.
    """

    kind: Literal["function"] = "function"
    function: Callable[..., Any]
    expected: Any = None

    def __repr__(self) -> str:
        # Where a function lies in memory changes from run to run; what it does changes with its source.
        try:
            source = inspect.getsource(self.function)
        except (OSError, TypeError):
            source = str(getattr(self.function, "__code__", self.function))
        name = getattr(self.function, "__qualname__", type(self.function).__name__)
        return f"Function({name}, {hashlib.sha256(source.encode()).hexdigest()[:12]}, expected={self.expected!r})"

    async def score(self, reply: Reply, scoring: Scoring) -> Score:
        takes = inspect.signature(self.function).parameters
        given = {"expected": self.expected} if "expected" in takes else {}
        value = self.function(reply, **given)
        value = await value if inspect.isawaitable(value) else value
        if isinstance(value, Score):
            return value
        if not isinstance(value, bool | int | float) or not 0 <= value <= 1:
            raise TypeError(f"a scorer must return a number from 0 to 1, a bool or a Score, got {value!r}")
        return Score(float(value))
