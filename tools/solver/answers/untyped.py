"""SymPy and mpmath without their annotations, which are narrower than what their functions take and return."""

from __future__ import annotations

from typing import Any


def sympy_library() -> Any:
    """The package `sympy`, imported when it is first needed."""
    import sympy

    return sympy


def machine_numbers() -> Any:
    """The context of mpmath that computes with machine numbers."""
    from mpmath import fp

    return fp
