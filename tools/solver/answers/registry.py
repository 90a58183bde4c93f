"""Every domain's questions in one table each; a worker imports this before it forks."""

from __future__ import annotations

from typing import Any

from . import (
    algebra,
    algebra_forms,
    algebra_rules,
    arithmetic,
    calculus,
    chains,
    combinatorics,
    comparisons,
    complex_numbers,
    convergence,
    dates,
    differential_equations,
    digits,
    equations,
    fields,
    finance,
    functions,
    geometry,
    letter_draws,
    logic,
    matrices,
    multiple_integrals,
    number_theory,
    numerals,
    percentages,
    plots,
    probability,
    recurrences,
    sequences,
    sets,
    transforms,
    units,
    word_problems,
)
from .domain import Handler, Value

__all__ = ["HANDLERS", "VALUES", "algebra", "arithmetic", "calculus", "equations"]

_DOMAINS: tuple[Any, ...] = (
    chains,
    comparisons,
    algebra_forms,
    algebra_rules,
    convergence,
    functions,
    digits,
    sequences,
    letter_draws,
    plots,
    matrices,
    combinatorics,
    probability,
    logic,
    sets,
    number_theory,
    word_problems,
    complex_numbers,
    geometry,
    percentages,
    dates,
    numerals,
    finance,
    units,
    fields,
    differential_equations,
    multiple_integrals,
    transforms,
    recurrences,
)
HANDLERS: dict[str, Handler] = {name: handler for domain in _DOMAINS for name, handler in domain.HANDLERS.items()}
VALUES: dict[str, Value] = {name: value for domain in _DOMAINS for name, value in getattr(domain, "VALUES", {}).items()}
