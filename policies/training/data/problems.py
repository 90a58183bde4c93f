"""What is drawn for each operation of `mathematics.yaml`: the slots of its wordings and the solver's query."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from .formulas import (
    brackets,
    elementary,
    equation,
    function,
    in_words,
    integer,
    integrand,
    joined,
    letter,
    money,
    number,
    polynomial,
    product,
    quadratic,
    signed,
    to_expand,
    to_factor,
    to_simplify,
)
from .phrasing import fill, listed, table

ORDINALS = {2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth"}
TIMES = {2: "twice", 3: "three times", 4: "four times", 5: "five times", 6: "six times"}

Slots = dict[str, Any]
Drawer = Callable[[random.Random], tuple[Slots, str]]


def _two(a: Callable[[random.Random], str], b: Callable[[random.Random], str], query: str) -> Drawer:
    def drawer(rng: random.Random) -> tuple[Slots, str]:
        slots = {"a": a(rng), "b": b(rng)}
        return slots, fill(query, slots)

    return drawer


def _expression(make: Callable[[random.Random], str], query: str = "{e}") -> Drawer:
    def drawer(rng: random.Random) -> tuple[Slots, str]:
        e = make(rng)
        plain = e.replace("×", "*").replace("x", "*") if query == "{e}" else e
        return {"e": e}, fill(query, {"e": plain}).strip()

    return drawer


def _list(query: str, most_digits: int = 3, least: int = 3, most: int = 6, decimals: bool = True) -> Drawer:
    def drawer(rng: random.Random) -> tuple[Slots, str]:
        count = rng.randint(least, most)
        items = [
            number(rng, most_digits).lstrip("-") if decimals else integer(rng, 1, most_digits) for _ in range(count)
        ]
        slots = {"list": listed(items, rng), "comma": joined(items), "list_plus": " + ".join(items)}
        return slots, fill(query, slots)

    return drawer


def _one(key: str, make: Callable[[random.Random], Any], query: str) -> Drawer:
    def drawer(rng: random.Random) -> tuple[Slots, str]:
        slots = {key: make(rng)}
        return slots, fill(query, slots)

    return drawer


def _percent(query: str, part: bool = False) -> Drawer:
    def drawer(rng: random.Random) -> tuple[Slots, str]:
        slots = {
            "p": rng.choice((*range(1, 60), 75, 80, 90, 2.5, 7.5, 12.5, 17.5, 8.25, 0.5, 110, 150, 33)),
            "a": rng.choice((integer(rng, 2, 5), money(rng))),
            "b": integer(rng, 1, 3),
            "thing": rng.choice(table("words")["priced"]),
        }
        if part:
            slots["a"] = integer(rng, 2, 4)
        return slots, fill(query, slots)

    return drawer


def _fraction(rng: random.Random) -> tuple[Slots, str]:
    parts = [(rng.randint(1, 15), rng.randint(2, 24)) for _ in range(rng.choice((2, 2, 2, 3)))]
    signs = [rng.choice("+-+*/") for _ in parts[1:]]
    tight, spaced, words = f"{parts[0][0]}/{parts[0][1]}", f"{parts[0][0]} / {parts[0][1]}", ""
    words = tight
    spoken = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
    for sign, (top, bottom) in zip(signs, parts[1:], strict=True):
        second = f"({top}/{bottom})" if sign == "/" else f"{top}/{bottom}"
        tight += f" {sign} {second}"
        spaced += f" {sign} {second}"
        words += f" {spoken[sign]} {top}/{bottom}"
    query = tight
    return {"e": tight, "e_spaced": spaced, "e_words": words}, query


def _fraction_of(rng: random.Random) -> tuple[Slots, str]:
    names = {"1/2": "half", "1/3": "a third", "1/4": "a quarter", "3/4": "three quarters", "2/3": "two thirds",
             "2/5": "two fifths", "3/5": "three fifths", "5/6": "five sixths", "3/8": "three eighths",
             "7/8": "seven eighths", "1/5": "a fifth", "1/10": "a tenth", "5/8": "five eighths"}  # fmt: skip
    f = rng.choice(list(names))
    a = integer(rng, 2, 5)
    return {"f": f, "fw": names[f], "a": a}, f"{f} * {a}"


def _equation(rng: random.Random) -> tuple[Slots, str]:
    v = letter(rng)
    eq = equation(rng, v)
    return {"v": v, "eq": eq}, f"solve {eq}"


def _quadratic(rng: random.Random) -> tuple[Slots, str]:
    v = letter(rng)
    eq, lhs = quadratic(rng, v)
    return {"v": v, "eq": eq, "lhs": lhs}, f"solve {eq}"


def _system(rng: random.Random) -> tuple[Slots, str]:
    v, w = rng.choice((("x", "y"), ("x", "y"), ("x", "y"), ("a", "b"), ("p", "q"), ("u", "v"), ("m", "n")))
    x, y = rng.randint(-9, 12), rng.randint(-9, 12)
    (a, b), (c, d) = [(rng.randint(1, 7), rng.choice((-5, -3, -2, -1, 1, 2, 3, 4))) for _ in range(2)]

    def line(p: int, q: int) -> str:
        return f"{'' if p == 1 else p}{v}{signed(q, w)} = {p * x + q * y}"

    e1, e2 = line(a, b), line(c, d)
    if rng.random() < 0.15:
        e1, e2 = e1.replace(" ", ""), e2.replace(" ", "")
    return {"v": v, "w": w, "e1": e1, "e2": e2}, f"solve {e1}, {e2}"


def _inequality(rng: random.Random) -> tuple[Slots, str]:
    v, sign = letter(rng), rng.choice(("<", ">", "<=", ">="))
    a, b, c = rng.randint(2, 12), rng.randint(1, 40), rng.randint(1, 90)
    eq = rng.choice(
        (
            f"{a}{v} + {b} {sign} {c}",
            f"{a}{v} - {b} {sign} {c}",
            f"{v}^2 {sign} {a * a}",
            f"{v}^2 - {a + 1}{v} + {a} {sign} 0",
            f"{b} - {a}{v} {sign} {c}",
            f"{a}({v} - {b}) {sign} {c}",
        )
    )
    return {"v": v, "eq": eq}, f"solve {eq}"


def _derivative(query: str) -> Drawer:
    def drawer(rng: random.Random) -> tuple[Slots, str]:
        v = letter(rng)
        n = rng.choice((2, 2, 2, 3, 3, 4, 5))
        f = function(rng, v)
        if "{ord}" in query:
            f = rng.choice(
                (polynomial(rng, v, rng.randint(3, 8)), elementary(rng, v), product(rng, v), f"1/{v}", f"ln({v})")
            )
        a = rng.choice((*range(-3, 6), "pi", "1/2")) if "{a}" in query else ""
        slots = {"v": v, "f": f, "n": n, "ord": ORDINALS[n], "times": TIMES[n], "a": a}
        if rng.random() < 0.1:
            slots["f"] = f.replace("^", "**")
        return slots, fill(query, slots)

    return drawer


def _integral(query: str) -> Drawer:
    def drawer(rng: random.Random) -> tuple[Slots, str]:
        v = letter(rng)
        f = integrand(rng, v)
        a, b = rng.choice(
            (("0", "1"), ("0", "2"), ("0", "pi"), ("1", "e"), ("1", "4"), ("-1", "1"), ("0", "pi/2"), ("2", "5"),
             ("-2", "3"), ("1", "2"), ("0", "infinity"), (str(rng.randint(0, 5)), str(rng.randint(6, 20))))
        )  # fmt: skip
        if rng.random() < 0.1:
            f = f.replace("^", "**")
        slots = {"v": v, "f": f, "a": a, "b": b}
        return slots, fill(query, slots)

    return drawer


def _limit(rng: random.Random) -> tuple[Slots, str]:
    v, k, c = letter(rng), rng.randint(2, 9), rng.randint(1, 9)
    f, a = rng.choice(
        (
            (f"sin({k}{v})/{v}", "0"),
            (f"sin({v})/{v}", "0"),
            (f"(1 - cos({v}))/{v}^2", "0"),
            (f"({v}^2 - {c * c})/({v} - {c})", str(c)),
            (f"(e^{v} - 1)/{v}", "0"),
            (f"(1 + 1/{v})^{v}", "infinity"),
            (f"(1 + {k}/{v})^{v}", "infinity"),
            (f"({k}{v}^2 + {c})/({v}^2 - {v})", "infinity"),
            (f"({k}{v} + {c})/({c}{v} - 1)", "infinity"),
            (f"ln({v})/{v}", "infinity"),
            (f"{v} ln({v})", "0"),
            (f"tan({k}{v})/{v}", "0"),
            (f"{v}^{k} e^(-{v})", "infinity"),
            (f"sqrt({v}^2 + {v}) - {v}", "infinity"),
            (f"(sqrt({v} + {c * c}) - {c})/{v}", "0"),
            (polynomial(rng, v, 2), str(rng.randint(-4, 6))),
            (f"1/{v}^{k}", "infinity"),
            (f"ln(1 + {k}{v})/{v}", "0"),
            (f"({v}^3 - {c**3})/({v} - {c})", str(c)),
        )
    )
    return {"v": v, "f": f, "a": rng.choice((a, "∞")) if a == "infinity" else a}, f"limit of {f} as {v} -> {a}"


def _series(rng: random.Random) -> tuple[Slots, str]:
    v, k = rng.choice(("x", "x", "x", "t", "z", "y")), rng.randint(2, 5)
    f, a = rng.choice(
        (
            (f"sin({v})", "0"),
            (f"cos({v})", "0"),
            (f"e^{v}", "0"),
            (f"e^({k}{v})", "0"),
            (f"ln(1 + {v})", "0"),
            (f"1/(1 - {v})", "0"),
            (f"sqrt(1 + {v})", "0"),
            (f"tan({v})", "0"),
            (f"sin({k}{v})", "0"),
            (f"cos({k}{v})", "0"),
            (f"ln({v})", "1"),
            (f"1/{v}", "1"),
            (f"{v} e^{v}", "0"),
            (f"e^{v}", "1"),
            (f"sqrt({v})", "4"),
            (f"1/(1 + {k}{v})", "0"),
        )
    )
    n = rng.randint(2, 8)
    return {"v": v, "f": f, "a": a, "n": n}, f"series of {f} around {a} to order {n}"


def _base(to: bool) -> Drawer:
    names = {"binary": 2, "octal": 8, "hexadecimal": 16, "hex": 16}

    def drawer(rng: random.Random) -> tuple[Slots, str]:
        base = rng.choice(("binary", "binary", "hexadecimal", "hex", "octal"))
        value = int(integer(rng, 1, 5))
        if to:
            return {"n": value, "base": base}, f"convert {value} to {base}"
        digits = {2: f"{value % 2048:b}", 8: f"{value:o}", 16: f"{value:x}"}[names[base]]
        digits = digits.upper() if rng.random() < 0.5 else digits
        return {"n": digits, "base": base}, f"convert {base} {digits} to decimal"

    return drawer


def _logarithm(rng: random.Random) -> tuple[Slots, str]:
    a, b = rng.choice((2, 3, 5, 10, 7)), rng.randint(2, 9)
    e, words = rng.choice(
        (
            (f"ln({integer(rng, 1, 4)})", ""),
            (f"log({a**b}, {a})", f"the logarithm of {a**b} to base {a}"),
            (f"ln(e^{b})", f"the natural log of e^{b}"),
            (f"log10({10**b})", f"log base 10 of {10**b}"),
            (f"log2({2**b})", f"log base 2 of {2**b}"),
        )
    )
    return {"e": e, "e_words": words or f"the natural logarithm of {e[3:-1]}"}, e


def _trig(rng: random.Random) -> str:
    angle = rng.choice(("pi/6", "pi/4", "pi/3", "pi/2", "2pi/3", "pi", "3pi/4", "5pi/6", "0"))
    return rng.choice(
        (
            f"{rng.choice(('sin', 'cos', 'tan'))}({angle})",
            f"{rng.choice(('sin', 'cos', 'tan'))}({rng.choice((15, 30, 45, 60, 75, 120, 150, 210))} degrees)",
            f"{rng.choice(('arcsin', 'arccos', 'arctan'))}({rng.choice(('1/2', '1', '0', '-1'))})",
            f"sin({angle}) + cos({angle})",
        )
    )


def _summation(rng: random.Random) -> tuple[Slots, str]:
    v = rng.choice("kknij")
    c = rng.randint(2, 9)
    f = rng.choice(
        (f"{v}^2", f"{v}^3", f"{c}{v} + 1", f"1/{v}", f"2^{v}", f"{v}({v} + 1)", f"{v}", f"{c}{v}", f"1/{v}^2")
    )
    a, b = rng.choice((0, 1, 1, 1, 2, 3)), rng.randint(4, 60)
    a = max(a, 1) if "1/" in f else a
    return {"f": f, "v": v, "a": a, "b": b}, f"sum of {f} for {v} = {a} to {b}"


def _binomial(rng: random.Random) -> tuple[Slots, str]:
    n = rng.randint(5, 60)
    k = rng.randint(2, min(n - 1, 12))
    return {"n": n, "k": k}, f"binomial({n}, {k})"


def _substitute(rng: random.Random) -> tuple[Slots, str]:
    v = letter(rng)
    e = rng.choice((polynomial(rng, v, rng.randint(1, 4)), polynomial(rng, v, 2), product(rng, v), function(rng, v)))
    a = rng.choice((*range(-6, 13), "1/2", "0.5"))
    return {"e": e, "v": v, "a": a}, f"{e} at {v} = {a}"


def _complex(rng: random.Random) -> str:
    a, b, c, d = (rng.randint(1, 9) for _ in range(4))
    shapes = ("({a} + {b}i)({c} - {d}i)", "({a} + {b}i) + ({c} - {d}i)", "({a} - {b}i)^2", "({a} + {b}i)/({c} - {d}i)")
    return fill(rng.choice(shapes), {"a": a, "b": b, "c": c, "d": d})


def _digits(rng: random.Random) -> tuple[Slots, str]:
    c = rng.choice(("pi", "e", "sqrt(2)", "sqrt(3)", "sqrt(5)", "ln(2)", "pi^2", f"sqrt({rng.randint(6, 99)})", "e^2"))
    n = rng.randint(6, 40)
    return {"c": c, "n": n}, f"{c} to {n} digits"


def _words(rng: random.Random) -> tuple[Slots, str]:
    a, b = rng.choice(((rng.randint(2, 99), rng.randint(2, 99)), (rng.randint(100, 20000), rng.randint(2, 999))))
    word, sign = rng.choice(
        (("plus", "+"), ("minus", "-"), ("times", "*"), ("divided by", "/"), ("multiplied by", "*"))
    )
    return {"words": f"{in_words(a)} {word} {in_words(b)}"}, f"{a} {sign} {b}"


DRAWERS: dict[str, Drawer] = {
    "multiply": _two(lambda r: number(r, 7), lambda r: number(r, 5), "{a} * {b}"),
    "add": _two(lambda r: number(r, 8), lambda r: number(r, 7), "{a} + {b}"),
    "subtract": _two(lambda r: number(r, 7), lambda r: number(r, 6), "{a} - {b}"),
    "divide": _two(lambda r: number(r, 6), lambda r: integer(r, 1, 3), "{a} / {b}"),
    "add_list": _list("{list_plus}", 4, 3, 7),
    "chain": _expression(brackets),
    "power": _two(lambda r: integer(r, 1, 2), lambda r: str(r.randint(2, 30)), "{a}^{b}"),
    "square": _one("a", lambda r: number(r, 4).lstrip("-"), "{a}^2"),
    "cube": _one("a", lambda r: number(r, 3).lstrip("-"), "{a}^3"),
    "sqrt": _one("a", lambda r: r.choice((integer(r, 1, 5), str(r.randint(2, 200) ** 2), "2.25")), "sqrt({a})"),
    "cbrt": _one("a", lambda r: r.choice((integer(r, 1, 4), str(r.randint(2, 40) ** 3))), "cbrt({a})"),
    "nth_root": lambda r: ((s := {"n": r.randint(4, 7), "a": r.randint(2, 9) ** r.randint(4, 7)}),
                           f"{s['a']}^(1/{s['n']})"),
    "factorial": _one("n", lambda r: r.randint(3, 40), "{n}!"),
    "percent_of": _percent("{p}% of {a}"),
    "tip": _percent("{p}% of {a}"),
    "discount": _percent("decrease {a} by {p}%"),
    "markup": _percent("increase {a} by {p}%"),
    "what_percent": _percent("what percent of {a} is {b}", part=True),
    "percent_change": _percent("percent change from {a} to {b}", part=True),
    "fraction": _fraction,
    "fraction_of": _fraction_of,
    "reduce": lambda r: ((s := {"a": (k := r.randint(2, 40)) * r.randint(1, 15), "b": k * r.randint(2, 20)}),
                         f"{s['a']}/{s['b']}"),
    "linear": _equation,
    "quadratic": _quadratic,
    "system": _system,
    "inequality": _inequality,
    "derivative": _derivative("derivative of {f}"),
    "nth_derivative": _derivative("{ord} derivative of {f}"),
    "derivative_at": _derivative("derivative of {f} at {v} = {a}"),
    "integral": _integral("integrate {f}"),
    "definite": _integral("integrate {f} from {a} to {b}"),
    "limit": _limit,
    "series": _series,
    "factor": _expression(to_factor, "factor {e}"),
    "expand": _expression(to_expand, "expand {e}"),
    "simplify": _expression(to_simplify, "simplify {e}"),
    "gcd": _list("gcd({comma})", 4, 2, 3, decimals=False),
    "lcm": _list("lcm({comma})", 2, 2, 3, decimals=False),
    "is_prime": _one("n", lambda r: int(integer(r, 2, 7)) | 1, "is {n} prime"),
    "factor_int": _one("n", lambda r: integer(r, 2, 7), "factor {n}"),
    "divisors": _one("n", lambda r: integer(r, 2, 3), "divisors of {n}"),
    "to_base": _base(to=True),
    "from_base": _base(to=False),
    "mean": _list("mean of {comma}", 3),
    "median": _list("median of {comma}", 3, 3, 7),
    "std": _list("standard deviation of {comma}", 2, 3, 5, decimals=False),
    "logarithm": _logarithm,
    "trig": _expression(_trig, "{e} "),
    "modulo": _two(lambda r: integer(r, 2, 6), lambda r: integer(r, 1, 2), "{a} mod {b}"),
    "summation": _summation,
    "sum_integers": lambda r: ((s := {"a": r.choice((1, 1, 1, r.randint(2, 90))), "b": r.randint(100, 5000)}),
                               f"sum of integers from {s['a']} to {s['b']}"),
    "binomial": _binomial,
    "substitute": _substitute,
    "complex": _expression(_complex, "{e} "),
    "digits": _digits,
    "words_arith": _words,
}  # fmt: skip
