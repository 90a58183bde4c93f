"""Chances of sums and other quantities of dice, of runs, and of shared birthdays, counted exactly."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.event_words import number_test
from ..reading.syntax import Ask
from ..solution import Solution
from . import evidence, expected_values
from .dice_ways import quantity_ways
from .domain import Handler
from .integers import number, whole
from .presenting import Reading
from .urns import COMPARE, chance, fraction, told

_MOST_DICE = 60
_MOST_SIDES = 100
_LISTED = 50_000
_DAYS = 365
_QUANTITIES: dict[str, Callable[[tuple[int, ...]], int]] = {
    "sum": sum,
    "product": math.prod,
    "highest": max,
    "lowest": min,
    "difference": lambda faces: abs(faces[0] - faces[1]),
}


def _holds(tree: Any, faces: tuple[int, ...]) -> bool:
    """Whether an event holds for one throw; kind 0 is the face 1."""
    name = tree[0]
    if name == "value":
        return number_test(tree[2], _QUANTITIES[tree[1]](faces))
    if name == "n":
        kept, less = (sum(face - 1 in part for face in faces) for part in tree[1:3])
        return COMPARE[tree[3]](kept - less, tree[4])
    if name == "at":
        if tree[1] > len(faces):
            raise ToolError(f"the event speaks of die {tree[1]}, but only {len(faces)} are thrown")
        return faces[tree[1] - 1] - 1 in tree[2]
    if name == "not":
        return not _holds(tree[1], faces)
    return (all if name == "and" else any)(_holds(part, faces) for part in tree[1:])


def _dice(ask: Ask, reading: Reading) -> Solution:
    dice = whole(ask.args[0], "a number of dice", least=1, most=_MOST_DICE)
    sides = whole(ask.args[1], "a number of sides", least=1, most=_MOST_SIDES)
    event, given, form = json.loads(ask.words[0]), json.loads(ask.words[1]) if ask.words[1] else None, ask.words[2]
    if "difference" in ask.words[0] + ask.words[1] and dice != 2:
        raise ToolError("the difference is that of two dice")
    few = sides**dice <= _LISTED
    if event[0] == "value" and given is None:
        ways = quantity_ways(event[1], dice, sides)
        value = Fraction(sum(count for total, count in ways.items() if number_test(event[2], total)), sides**dice)
        if not few:
            return told(
                value,
                reading,
                "the chances of all outcomes sum to 1" if sum(ways.values()) == sides**dice else None,
                form,
            )
    elif not few:
        raise ToolError("there are too many cases to be counted; ask about fewer dice or fewer sides")
    else:
        value = None
    throws = list(itertools.product(range(1, sides + 1), repeat=dice))
    known = [faces for faces in throws if given is None or _holds(given, faces)]
    if not known:
        raise ToolError("what is given cannot happen, so nothing can be said under it")
    listed = Fraction(sum(_holds(event, faces) for faces in known), len(known))
    verified = "checked by listing all outcomes" if value in (None, listed) else None
    return told(listed, reading, verified, form)


def _run(ask: Ask, reading: Reading) -> Solution:
    """The chance of at least one run, by the length of the run that the throws so far end with."""
    length, throws = (whole(node, "a number of throws", least=1, most=2000) for node in ask.args[:2])
    p = chance(ask.args[2])
    if throws * length > 100_000:
        raise ToolError("runs are computed for fewer throws")
    reading.assume("at least one such run is meant")
    a, b = p.numerator, p.denominator
    ending, done = [1] + [0] * (length - 1), 0
    for _ in range(throws):
        done = done * b + ending[-1] * a
        ending = [sum(ending) * (b - a), *(ways * a for ways in ending[:-1])]
    sums = done + sum(ending) == b**throws
    return told(
        Fraction(done, b**throws), reading, "the chances of all outcomes sum to 1" if sums else None, ask.words[0]
    )


def _apart(people: int) -> Fraction:
    return Fraction(math.perm(_DAYS, people), _DAYS**people)


def _birthday(ask: Ask, reading: Reading) -> Solution:
    people = whole(ask.args[0], "a number of people", least=1, most=2000)
    reading.assume("365 equally likely birthdays")
    apart = _apart(people)
    shared, form = ask.words[0] == "shared", ask.words[1]
    in_turn = math.prod((Fraction(_DAYS - taken, _DAYS) for taken in range(people)), start=Fraction(1))
    return told(1 - apart if shared else apart, reading, "checked person by person" if in_turn == apart else None, form)


def _birthday_number(ask: Ask, reading: Reading) -> Solution:
    wanted = fraction(ask.args[0])
    if not 0 < wanted < 1:
        raise ToolError(f"a chance between 0 and 1 is needed; {wanted} is not")
    reading.assume("365 equally likely birthdays")
    people, apart = 1, Fraction(1)
    while 1 - apart < wanted and people <= _DAYS:
        apart *= Fraction(_DAYS - people, _DAYS)
        people += 1
    checked = 1 - _apart(people) >= wanted > 1 - _apart(people - 1)
    return number(people, reading, "one person fewer is not enough" if checked else None)


HANDLERS: dict[str, Handler] = {
    "dice": _dice,
    "run": _run,
    "birthday": _birthday,
    "birthday number": _birthday_number,
    **evidence.HANDLERS,
    **expected_values.HANDLERS,
}
