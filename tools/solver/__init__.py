"""Exact mathematics: a query in near-natural language to an exact answer, computed in a process that can be killed.

A query is read by a parser of its own into an inert tree (`queries`, `expressions`), checked for what it would cost
(`cost`), and only then built into SymPy objects, in a worker process (`worker`) with bounded memory and time. No text
is ever evaluated.
"""

from .math_tool import math
from .solution import Solution
from .solving import solve_query, solve_query_async

__all__ = ["Solution", "math", "solve_query", "solve_query_async"]
