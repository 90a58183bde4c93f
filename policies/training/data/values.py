"""The values of a template's slots, drawn as its table says: `{n: "2..30", u: [km, miles], d: date}`.

| written | drawn |
|---|---|
| `2..30`, `100..900/50` | a whole number, a multiple of 50 |
| `n*2..9` | a multiple of the slot `n`, which stands before it |
| a list | one of its items; where they are mappings, all slots of one of them |
| a name of `MAKERS` | what it makes; further forms of it are `NAME_FORM`, as in `{d_iso}` |
"""

from __future__ import annotations

import datetime
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from .formulas import elementary, function, integer, letter, money, number, polynomial, signed
from .phrasing import listed, table

Slots = dict[str, Any]
_RANGE = re.compile(r"(?:(\w+)\*)?(-?\d+)\.\.(-?\d+)(?:/(\d+))?$")


def drawn(spec: Mapping[str, Any], rng: random.Random) -> Slots:
    """One draw of all slots of a table's entry.

    Raises:
        KeyError: the entry names a maker that there is not.
    """
    slots: Slots = {}
    for name, kind in spec.items():
        if isinstance(kind, list):
            item = rng.choice(kind)
            slots |= item if isinstance(item, dict) else {name: item}
        elif bounds := _RANGE.match(kind):
            factor, low, high, step = bounds.groups()
            value = rng.randrange(int(low), int(high) + 1, int(step or 1))
            slots[name] = value * slots[factor] if factor else value
        else:
            made = MAKERS[kind](rng)
            forms = made if isinstance(made, dict) else {"": made}
            slots |= {f"{name}_{form}" if form else name: value for form, value in forms.items()}
    return slots


def _numbers(least: int, most: int, digits: int, decimals: bool = False) -> Callable[[random.Random], Slots]:
    def make(rng: random.Random) -> Slots:
        count = rng.randint(least, most)
        items = [number(rng, digits).lstrip("-") if decimals else integer(rng, 1, digits) for _ in range(count)]
        return {"": ", ".join(items), "and": listed(items, rng), "spaced": " ".join(items)}

    return make


def _repeated(rng: random.Random) -> Slots:
    values = [rng.randint(1, 40) for _ in range(3)]
    items = [str(value) for value in (values[0], *values, *(values[:1] if rng.random() < 0.5 else ()))]
    rng.shuffle(items)
    return {"": ", ".join(items), "and": listed(items, rng)}


def _shares(parts: int) -> Callable[[random.Random], Slots]:
    def make(rng: random.Random) -> Slots:
        sizes = [rng.randint(1, 9) for _ in range(parts)]
        total = sum(sizes) * rng.choice((1, 2, 3, 4, 5, 8, 10, 12, 20, 25, 50, 100))
        return {"": ":".join(map(str, sizes)), "to": " to ".join(map(str, sizes)), "total": total}

    return make


def _progression(rng: random.Random) -> str:
    start, step = rng.randint(1, 20), rng.randint(2, 12)
    geometric = rng.random() < 0.3
    items = [start * (step % 4 + 2) ** i if geometric else start + i * step for i in range(rng.randint(4, 5))]
    return ", ".join(map(str, items))


def _arithmetic(rng: random.Random) -> str:
    start, step = rng.randint(1, 30), rng.randint(2, 12)
    return ", ".join(str(start + i * step) for i in range(rng.randint(3, 4)))


def _day(rng: random.Random) -> Slots:
    day = datetime.date(2019, 1, 1) + datetime.timedelta(rng.randrange(4500))
    month = table("words")["months"][day.month - 1]
    shown = rng.choice((f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}", day.isoformat()))
    return {"": shown, "iso": day.isoformat()}


def _matrix(rows: int, columns: int) -> Callable[[random.Random], str]:
    def make(rng: random.Random) -> str:
        lines = (", ".join(str(rng.randint(-6, 9)) for _ in range(columns)) for _ in range(rows))
        text = "[" + ", ".join(f"[{line}]" for line in lines) + "]"
        return text.replace(" ", "") if rng.random() < 0.6 else text

    return make


def _vector(rng: random.Random) -> str:
    return "[" + ", ".join(str(rng.randint(-7, 9)) for _ in range(3)) + "]"


def _point(rng: random.Random) -> str:
    return f"({rng.randint(-9, 12)}, {rng.randint(-9, 12)})"


def _two_variables(rng: random.Random) -> Slots:
    x, y = rng.choice((("x", "y"), ("x", "y"), ("u", "v"), ("a", "b")))
    f = rng.choice(
        (
            f"{x}^{rng.randint(2, 4)} {y}",
            f"{x}^2 {y}^{rng.randint(2, 4)}",
            f"{rng.randint(2, 9)}{x}{y} + {y}^2",
            f"{x} sin({y})",
            f"e^({x}{y})",
            f"{x}^2 + {rng.randint(2, 9)}{x}{y} - {y}^3",
            f"ln({x}) + {y}^2",
        )
    )
    return {"": f, "v": rng.choice((x, y))}


def _three_equations(rng: random.Random) -> Slots:
    x, y, z = (rng.randint(-5, 9) for _ in range(3))
    lines = []
    for _ in range(3):
        a, b, c = rng.randint(1, 4), rng.choice((-3, -2, -1, 1, 2, 3)), rng.choice((-2, -1, 1, 2))
        lines.append(f"{'' if a == 1 else a}x{signed(b, 'y')}{signed(c, 'z')} = {a * x + b * y + c * z}")
    return {"": ", ".join(lines), "and": f"{lines[0]}, {lines[1]} and {lines[2]}", "semi": "; ".join(lines)}


def _second_degree(rng: random.Random) -> str:
    a = rng.choice(("", "", "2", "3", "-"))
    return f"{a}x^2{signed(2 * rng.choice((-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)), 'x')}{signed(rng.randint(-9, 12))}"


def _complex(rng: random.Random) -> str:
    return f"{rng.randint(1, 12)}{signed(rng.choice((-9, -7, -4, -3, 2, 3, 4, 5, 8)), 'i')}"


def _roman(rng: random.Random) -> Slots:
    value = rest = rng.choice((rng.randint(4, 99), rng.randint(100, 2100)))
    text = ""
    for size, sign in ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
                       (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):  # fmt: skip
        text += sign * (rest // size)
        rest %= size
    return {"": value, "roman": text}


def _digits_in(rng: random.Random) -> Slots:
    base = rng.choice((3, 4, 5, 6, 7, 9, 12))
    value, digits = rng.randint(20, 3000), ""
    rest = value
    while rest:
        digits, rest = "0123456789ab"[rest % base] + digits, rest // base
    return {"": value, "digits": digits, "base": base}


MAKERS: dict[str, Callable[[random.Random], Any]] = {
    "money": money,
    "sum of money": lambda r: r.choice((100, 250, 500, 750, 1000, 1200, 2500, 4000, 8500, r.randint(210, 20000))),
    "price": lambda r: r.choice(
        (money(r), str(r.randint(2, 400)), f"{r.randint(1, 99)}.{r.choice((25, 50, 75, 95, 99))}")
    ),
    "percent": lambda r: r.choice((*range(1, 60), 75, 80, 90, 2.5, 7.5, 12.5, 17.5, 8.25, 0.5)),
    "interest": lambda r: r.choice((1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 1.5, 2.5, 3.5, 4.5, 4.25, 3.75)),
    "decimal": lambda r: f"{r.randint(0, 99)}.{r.choice((5, 25, 75, 2, 4, 8, 125, 375, 35, 64))}",
    "number": lambda r: number(r, 4).lstrip("-"),
    "long decimal": lambda r: f"{r.randint(0, 99)}.{r.randint(10**4, 10**6 - 1)}",
    "small decimal": lambda r: f"0.{'0' * r.randint(2, 6)}{r.randint(11, 99)}",
    "letter": letter,
    "data": _numbers(4, 7, 2),
    "few numbers": _numbers(3, 5, 3, decimals=True),
    "repeated data": _repeated,
    "two shares": _shares(2),
    "three shares": _shares(3),
    "progression": _progression,
    "arithmetic": _arithmetic,
    "date": _day,
    "matrix": lambda r: r.choice((_matrix(2, 2), _matrix(2, 2), _matrix(3, 3)))(r),
    "small matrix": _matrix(2, 2),
    "vector": _vector,
    "point": _point,
    "two variables": _two_variables,
    "three equations": _three_equations,
    "parabola": _second_degree,
    "cubic": lambda r: polynomial(r, "x", 3),
    "elementary": lambda r: elementary(r, "x"),
    "function": lambda r: function(r, "x"),
    "complex": _complex,
    "roman": _roman,
    "digits": _digits_in,
    "hex": lambda r: {"shown": (hex if r.random() < 0.5 else bin)(r.randint(9, 900))},
    "fraction": lambda r: f"{r.randint(1, 19)}/{r.choice((3, 4, 5, 6, 7, 8, 9, 11, 12, 15, 16, 20, 25, 40))}",
    "word": lambda r: r.choice(table("words")["letters"]).upper(),
    "thing": lambda r: {"": (one := r.choice(table("words")["things"])), "s": f"{one}s"},
    "other": lambda r: {"": (one := r.choice(table("words")["others"])), "s": f"{one}s"},
    "name": lambda r: r.choice(table("words")["given_names"]),
}
