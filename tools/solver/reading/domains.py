"""The domains whose questions are read from the whole text, in the order in which they are asked.

The order matters where two could read one text: definitions before everything that they may stand in front of, and what
needs a telling word before what needs none. How a domain answers is in `answers.registry`.
"""

from __future__ import annotations

from typing import Any

from . import (
    algebra_forms,
    algebra_rules,
    areas,
    chains,
    combinatorics,
    comparisons,
    complex_numbers,
    convergence,
    dates,
    differential_equations,
    digits,
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
    unknown_numbers,
    variation,
    word_problems,
)
from .clauses import Command, TextReader

_DOMAINS: tuple[Any, ...] = (
    sets,
    chains,
    letter_draws,
    sequences,
    digits,
    comparisons,
    variation,
    algebra_rules,
    algebra_forms,
    convergence,
    areas,
    functions,
    plots,
    matrices,
    combinatorics,
    probability,
    logic,
    number_theory,
    word_problems,
    complex_numbers,
    geometry,
    percentages,
    unknown_numbers,
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
TEXT_READERS: list[TextReader] = [reader for domain in _DOMAINS for reader in getattr(domain, "READERS", ())]
COMMANDS: list[Command] = [command for domain in _DOMAINS for command in getattr(domain, "COMMANDS", ())]
