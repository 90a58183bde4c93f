"""Odds, rules of probability as linear equations, and what evidence says about its causes (Bayes' theorem)."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .domain import Handler
from .integers import verdict
from .presenting import Reading
from .urns import chance, fraction, odds, told

Row = list[Fraction]
_CONTRADICTION = "these probabilities contradict each other"


def _odds_to_chance(ask: Ask, reading: Reading) -> Solution:
    a, b = map(fraction, ask.args)
    if a + b == 0:
        raise ToolError("odds of 0 to 0 say nothing")
    return told((b if ask.words[0] == "against" else a) / (a + b), reading)


def _chance_to_odds(ask: Ask, reading: Reading) -> Solution:
    value = chance(ask.args[0])
    return odds(value, ask.words[0], reading)


def _happens(tree: Any, outcome: int) -> bool:
    if tree[0] == "is":
        return bool(outcome >> tree[1] & 1)
    if tree[0] == "not":
        return not _happens(tree[1], outcome)
    return (all if tree[0] == "and" else any)(_happens(part, outcome) for part in tree[1:])


def _row(count: int, event: Any, condition: Any = None) -> Row:
    outcomes = range(2**count)
    return [Fraction(_happens(event, o) and (condition is None or _happens(condition, o))) for o in outcomes]


def reduced(rows: list[Row]) -> list[Row]:
    """Rows of equations, the right side last, in reduced echelon form.

    Raises:
        ToolError: if they contradict each other.
    """
    done: list[Row] = []
    for row in rows:
        for other in done:
            lead = next(place for place, value in enumerate(other) if value)
            row = [value - row[lead] * part for value, part in zip(row, other, strict=True)]
        if not any(row):
            continue
        lead = next(place for place, value in enumerate(row) if value)
        if lead == len(row) - 1:
            raise ToolError(_CONTRADICTION)
        row = [value / row[lead] for value in row]
        done = [[value - other[lead] * part for value, part in zip(other, row, strict=True)] for other in done] + [row]
    return done


def _determined(rows: list[Row], wanted: Row) -> Fraction | None:
    """The value of a sum of unknowns that the equations fix, or `None`."""
    rest = [*wanted, Fraction(0)]
    for row in rows:
        lead = next(place for place, value in enumerate(row) if value)
        rest = [value - rest[lead] * part for value, part in zip(rest, row, strict=True)]
    return None if any(rest[:-1]) else -rest[-1]


def _possible(rows: list[Row]) -> bool:
    """Whether the equations have a solution without negative numbers: one with few unknowns above 0 is enough."""
    unknowns = len(rows[0]) - 1
    for kept in itertools.combinations(range(unknowns), len(rows)):
        try:
            solved = reduced([[*(row[place] for place in kept), row[-1]] for row in rows])
        except ToolError:
            continue
        if all(row[-1] >= 0 for row in solved):
            return True
    return False


def _rules(ask: Ask, reading: Reading) -> Solution:
    facts, wanted, kind, names = (
        json.loads(ask.words[0]),
        json.loads(ask.words[1]),
        ask.words[2],
        ask.words[3].split(","),
    )
    values = [chance(node) for node in ask.args]
    count = len(names)
    rows: list[Row] = [[Fraction(1)] * (2**count + 1)]
    for (event, condition), value in zip(facts, values, strict=True):
        below = _row(count, condition) if condition else [Fraction(1)] * 2**count
        above = _row(count, event, condition)
        right = Fraction(0) if condition else value
        rows.append(
            [*(part - value * whole if condition else part for part, whole in zip(above, below, strict=True)), right]
        )
    if kind == "exclusive":
        rows += [
            [*_row(count, ["and", ["is", a], ["is", b]]), Fraction(0)]
            for a, b in itertools.combinations(range(count), 2)
        ]
    rows = reduced(rows)
    if kind == "independent":
        rows = _independent(rows, count)
    if not _possible(rows):
        raise ToolError(
            f"{_CONTRADICTION}: some event would have a probability below 0 or more than another it lies in"
        )
    if kind == "independent?":
        return _is_independent(rows, names, reading)
    event, condition = wanted
    above = _determined(rows, _row(count, event, condition))
    below = _determined(rows, _row(count, condition)) if condition else Fraction(1)
    if above is None or below is None:
        raise ToolError("these probabilities do not determine the answer; give one more, for example P(A and B)")
    if below == 0:
        raise ToolError("what is given has probability 0, so nothing can be said under it")
    return told(above / below, reading)


def _independent(rows: list[Row], count: int) -> list[Row]:
    """The equations with independence: of two events one probability must be known, of three all."""
    single = [_determined(rows, _row(count, ["is", place])) for place in range(count)]
    if count == 2 and None in single and single != [None, None]:
        known = 0 if single[0] is not None else 1
        share = single[known]
        both, other = _row(2, ["and", ["is", 0], ["is", 1]]), _row(2, ["is", 1 - known])
        return reduced([*rows, [*(a - (share or 0) * b for a, b in zip(both, other, strict=True)), Fraction(0)]])
    if None in single:
        raise ToolError("for independent events give the probability of each, for example P(A) = 0.3 and P(B) = 0.5")
    for outcome in range(2**count):
        value = Fraction(1)
        for place, share in enumerate(single):
            value *= (share or Fraction(0)) if outcome >> place & 1 else 1 - (share or Fraction(0))
        rows = [*rows, [*(Fraction(here == outcome) for here in range(2**count)), value]]
    return reduced(rows)


def _is_independent(rows: list[Row], names: list[str], reading: Reading) -> Solution:
    a, b = (_determined(rows, _row(2, ["is", place])) for place in (0, 1))
    both = _determined(rows, _row(2, ["and", ["is", 0], ["is", 1]]))
    if a is None or b is None or both is None:
        raise ToolError("give P(A), P(B) and P(A and B) to tell whether A and B are independent")
    sign = "=" if both == a * b else "!="
    text = f"P({names[0]} and {names[1]}) = {both} {sign} {a * b} = P({names[0]}) P({names[1]})"
    return verdict(both == a * b, reading, text)


def _causes(ask: Ask, reading: Reading) -> Solution:
    """The chance of some causes given what was seen, or of seeing it.

    The arguments are pairs: how likely a cause is, and how likely the evidence is under it. The words say which causes
    are asked about (none for the evidence itself) and whether the evidence was seen or its opposite.
    """
    values = [chance(node) for node in ask.args]
    wanted, seen, form = ask.words[0], ask.words[1] == "seen", ask.words[2]
    priors, rates = values[::2], values[1::2]
    if sum(priors) != 1:
        raise ToolError(f"the shares sum to {sum(priors)}, not to 1")
    weights = [prior * (rate if seen else 1 - rate) for prior, rate in zip(priors, rates, strict=True)]
    total = sum(weights, Fraction(0))
    missing = sum(
        (prior * (1 - rate if seen else rate) for prior, rate in zip(priors, rates, strict=True)), Fraction(0)
    )
    verified = "all cases sum to 1" if total + missing == 1 else None
    if not wanted:
        return told(total, reading, verified, form)
    if total == 0:
        raise ToolError("what was seen has probability 0, so nothing can be said under it")
    return told(sum((weights[int(place)] for place in wanted.split(",")), Fraction(0)) / total, reading, verified, form)


HANDLERS: dict[str, Handler] = {
    "odds to chance": _odds_to_chance,
    "chance to odds": _chance_to_odds,
    "event rules": _rules,
    "causes": _causes,
}
