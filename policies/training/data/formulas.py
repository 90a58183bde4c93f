"""Random numbers and formulas, as people write them in questions."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .phrasing import table

LETTERS = ("x",) * 9 + ("t", "y", "z", "u", "n", "s", "r", "w", "a", "b", "k", "p", "q", "v", "m")


def letter(rng: random.Random) -> str:
    return rng.choice(LETTERS)


def integer(rng: random.Random, least_digits: int = 1, most_digits: int = 6) -> str:
    digits = rng.randint(least_digits, most_digits)
    return str(rng.randint(10 ** (digits - 1) + (digits == 1), 10**digits - 1))


def number(rng: random.Random, most_digits: int = 6) -> str:
    """Mostly whole, sometimes with decimals or a sign."""
    roll = rng.random()
    if roll < 0.72:
        return integer(rng, 1, most_digits)
    if roll < 0.95:
        return f"{integer(rng, 1, max(1, most_digits - 2))}.{rng.randint(1, 99):02d}".rstrip("0")
    return f"-{integer(rng, 1, 3)}"


def money(rng: random.Random) -> str:
    return rng.choice((f"{rng.randint(1, 199)}.{rng.randint(1, 99):02d}", str(rng.randint(2, 400))))


def in_words(value: int) -> str:
    """0 to 999,999 in English words."""
    small, tens = table("words")["small_numbers"], table("words")["tens"]
    if value < 20:
        return small[value]
    if value < 100:
        return tens[value // 10 - 2] + (f"-{small[value % 10]}" if value % 10 else "")
    if value < 1000:
        return f"{small[value // 100]} hundred" + (f" {in_words(value % 100)}" if value % 100 else "")
    return f"{in_words(value // 1000)} thousand" + (f" {in_words(value % 1000)}" if value % 1000 else "")


def coefficient(rng: random.Random, most: int = 12) -> str:
    value = rng.choice((1, 1, 1, *range(2, most + 1)))
    return "" if value == 1 else str(value)


def power(variable: str, exponent: int) -> str:
    return variable if exponent == 1 else f"{variable}^{exponent}"


def polynomial(rng: random.Random, v: str, degree: int, most_terms: int = 4) -> str:
    exponents = [degree, *rng.sample(range(degree), k=min(degree, rng.randint(0, most_terms - 1)))]
    text = ""
    for exponent in sorted(exponents, reverse=True):
        factor = coefficient(rng) if exponent else str(rng.randint(1, 25))
        term = factor + (power(v, exponent) if exponent else "")
        if not text:
            text = ("-" if rng.random() < 0.08 else "") + term
        else:
            text += rng.choice((" + ", " - ")) + term
    return text if rng.random() < 0.8 else text.replace(" + ", "+").replace(" - ", "-")


def elementary(rng: random.Random, v: str) -> str:
    """`sin(3x)`, `e^(2x)`, `sqrt(x + 1)`, …"""
    inner = rng.choice((v, v, f"{rng.randint(2, 9)}{v}", f"{rng.randint(2, 5)}{v} + {rng.randint(1, 9)}", f"{v}^2"))
    name = rng.choice(("sin", "cos", "tan", "exp", "ln", "sqrt", "e", "sin", "cos"))
    if name == "e":
        return f"e^{inner}" if inner == v else f"e^({inner})"
    return f"{name}({inner})"


def product(rng: random.Random, v: str) -> str:
    first = rng.choice((v, f"{v}^2", f"{v}^3", f"{rng.randint(2, 9)}{v}", f"({v} + {rng.randint(1, 9)})", "e^" + v))
    return first + rng.choice((" ", " * ", "*")) + elementary(rng, v)


def quotient(rng: random.Random, v: str) -> str:
    top = rng.choice(("1", v, str(rng.randint(2, 9)), elementary(rng, v), f"({polynomial(rng, v, 1, 2)})"))
    bottom = rng.choice((f"({v}^2 + {rng.randint(1, 9)})", f"({v} + {rng.randint(1, 9)})", v, f"{v}^2"))
    return rng.choice((f"{top}/{bottom}", f"{top} / {bottom}"))


def function(rng: random.Random, v: str) -> str:
    """Something to differentiate."""
    draw = rng.random()
    if draw < 0.38:
        return polynomial(rng, v, rng.randint(2, 7))
    if draw < 0.55:
        return elementary(rng, v)
    if draw < 0.75:
        return product(rng, v)
    if draw < 0.87:
        return quotient(rng, v)
    if draw < 0.93:
        return f"({polynomial(rng, v, rng.randint(1, 2), 2)})^{rng.randint(2, 8)}"
    return f"{elementary(rng, v)} {rng.choice('+-')} {polynomial(rng, v, rng.randint(1, 3), 2)}"


def integrand(rng: random.Random, v: str) -> str:
    """Something with an elementary integral."""
    k = rng.randint(2, 9)
    return rng.choice(
        (
            polynomial(rng, v, rng.randint(1, 5)),
            polynomial(rng, v, rng.randint(1, 3), 3),
            f"sin({k}{v})",
            f"cos({k}{v})",
            f"{k} sin({v})",
            f"{v} sin({v})",
            f"{v}^2 sin({v})",
            f"{v} cos({k}{v})",
            f"{v}^2 cos({v})",
            f"e^({k}{v})",
            f"e^(-{v})",
            f"{v} e^{v}",
            f"{v}^2 e^{v}",
            f"{k}e^{v}",
            f"1/{v}",
            f"{k}/{v}^2",
            f"1/(1 + {v}^2)",
            f"1/({v} + {k})",
            f"{v}/({v}^2 + {k})",
            f"ln({v})",
            f"{v} ln({v})",
            f"sqrt({v})",
            f"({k}{v} + 1)^{rng.randint(2, 5)}",
            f"sin({v})^2",
            f"sin({v}) cos({v})",
            f"{v} sqrt({v})",
            f"tan({v})",
            f"{v}*e^({v}^2)",
            f"{k}{v} - cos({v})",
        )
    )


def brackets(rng: random.Random) -> str:
    """An arithmetic expression, often with brackets and an outer factor."""

    def n(most: int = 3) -> str:
        return integer(rng, 1, rng.randint(1, most))

    def pair() -> str:
        return f"({n()} {rng.choice('+-')} {n()})"

    shapes = (
        lambda: f"{n()} * {pair()}",
        lambda: f"{n()} * {pair()} * {pair()}",
        lambda: f"{pair()} * {pair()}",
        lambda: f"{pair()} * {n()} - {n()}",
        lambda: f"{n(4)} + {n()} * {n()}",
        lambda: f"{n(4)} - {n()} * {n()} + {n()}",
        lambda: f"{pair()} / {n(2)}",
        lambda: f"{n(4)} / {pair()}",
        lambda: f"{n(2)}^{rng.randint(2, 4)} + {n(3)}",
        lambda: f"{n(1)} * {pair()}^2",
        lambda: f"({n()} * {n()} + {n()}) / {n(2)}",
        lambda: f"{n()} * {n()} * {n()}",
        lambda: f"{n()} + {n()} - {n()} + {n()}",
        lambda: f"{n()}.{rng.randint(1, 99):02d} * {n()} + {n()}.{rng.randint(1, 9)}",
        lambda: f"{n(2)}({n()} + {n()}) - {n(2)}({n()} - {n()})",
        lambda: f"-{n()} + {n()} * ({n()} - {n()})",
        lambda: f"(({n()} + {n()}) * {n(2)} - {n()}) * {n(1)}",
        lambda: f"{n(5)} - ({n()} + {n()} + {n()})",
        lambda: f"sqrt({n()}) + {n()}",
        lambda: f"{n(2)}! / {n(1)}!",
        lambda: f"{n(2)}% of {n(4)} + {n(2)}",
    )
    text = rng.choice(shapes)()
    if rng.random() < 0.3:
        text = text.replace(" ", "")
    return text.replace("*", rng.choice(("×", "x"))) if rng.random() < 0.05 else text


def equation(rng: random.Random, v: str) -> str:
    """A linear equation."""
    a, b, c = rng.randint(2, 19), rng.randint(1, 60), rng.randint(1, 120)
    d = rng.randint(2, 9)
    text = rng.choice(
        (
            f"{a}{v} + {b} = {c}",
            f"{a}{v} - {b} = {c}",
            f"{b} - {a}{v} = {c}",
            f"{a}{v} + {b} = {d}{v} - {c}",
            f"{d}({v} + {b}) = {c}",
            f"{d}({v} - {b}) + {c} = {a}{v}",
            f"{v}/{d} + {b} = {c}",
            f"{v} + {b} = {c}",
            f"{a}{v} = {c}",
            f"{c} = {a}{v} + {b}",
            f"{a}*{v} - {b} = {d}*{v}",
            f"({v} + {b})/{d} = {a}",
            f"0.{d}{v} + {b} = {c}",
        )
    )
    return text if rng.random() < 0.75 else text.replace(" ", "")


def quadratic(rng: random.Random, v: str) -> tuple[str, str]:
    """An equation of degree two or three and its left side."""
    draw = rng.random()
    if draw < 0.5:
        r, s = rng.randint(-12, 12), rng.randint(-12, 12)
        lhs = power(v, 2) + signed(-(r + s), v) + signed(r * s)
    elif draw < 0.75:
        lhs = f"{rng.randint(2, 9)}{v}^2" + signed(rng.randint(-20, 20), v) + signed(rng.randint(-30, 30))
    elif draw < 0.85:
        lhs = f"{v}^3" + signed(rng.randint(-9, 9), v) + signed(rng.randint(-20, 20))
    elif draw < 0.93:
        lhs = f"{v}^2 - {rng.randint(2, 99)}"
    else:
        return f"{v}^2 = {(value := rng.randint(2, 400))}", f"{v}^2 - {value}"
    if rng.random() < 0.2:
        lhs = lhs.replace(" ", "")
        return f"{lhs}=0", lhs
    return f"{lhs} = 0", lhs


def signed(value: int, variable: str = "") -> str:
    """` + 5x`, ` - x`, or nothing for 0."""
    if value == 0:
        return ""
    size = "" if variable and abs(value) == 1 else str(abs(value))
    return f" {'+' if value > 0 else '-'} {size}{variable}"


def joined(items: Sequence[str]) -> str:
    return ", ".join(items)


def to_factor(rng: random.Random) -> str:
    v, r, s = letter(rng), rng.randint(-12, 12), rng.randint(1, 12)
    return rng.choice(
        (
            power_sum(v, r, s),
            f"{v}^2 - {s * s}",
            f"{v}^3 - {s**3}",
            f"{s}{v}^2 - {s * 4}",
            f"{v}^4 - {s}^4" if s > 1 else f"{v}^4 - 1",
            f"{v}^3 + {s}{v}^2 - {v} - {s}",
            f"{s + 1}{v}^2 + {(s + 1) * 2}{v}",
        )
    )


def power_sum(v: str, r: int, s: int) -> str:
    return f"{v}^2" + signed(-(r + s), v) + signed(r * s)


def to_expand(rng: random.Random) -> str:
    v, a, b, n = letter(rng), rng.randint(1, 12), rng.randint(1, 12), rng.randint(2, 5)
    return rng.choice(
        (
            f"({v} + {a})({v} - {b})",
            f"({v} - {a})({v} - {b})",
            f"({v} + {a})^{n}",
            f"{a + 1}({v} + {b})({v} - {a})",
            f"{b + 1}{v}({v} - {a})",
            f"(2{v} + {a})({b + 1}{v} - 1)",
            f"({v} + {a})*({v} + {b})*({v} - 1)",
            f"({a + 1}{v} - {b})^2",
            f"{v}({v} + {a})({v} + {b})",
            f"({v}^2 + {a})({v} - {b})",
        )
    )


def to_simplify(rng: random.Random) -> str:
    v, a, b, c = letter(rng), rng.randint(2, 9), rng.randint(2, 12), rng.randint(2, 9)
    return rng.choice(
        (
            f"({v}^2 - {a * a})/({v} - {a})",
            f"{a}{v} + {b}{v} - {c}{v}",
            f"{a}({v} + {b}) - {c}({v} - 1)",
            f"sin({v})^2 + cos({v})^2",
            f"{a * b}{v}^{c}/({a}{v})",
            f"sqrt({a * a * b})",
            f"({v}^2 + {a + 1}{v} + {a})/({v} + 1)",
            f"({v}^{a})^{b}",
            f"{v}^{a} * {v}^{b}",
            f"1/({v} + 1) + 1/({v} - 1)",
            f"{a}{v} - ({b} - {c}{v})",
            f"tan({v}) cos({v})",
            f"{a}/{v} + {b}/{v}",
            f"e^(ln({v}))",
        )
    )
