"""The names that the solver knows: functions, constants, Greek letters. What is not here cannot be called.

Each function maps to the name of one SymPy object and to how many arguments it takes. The SymPy names are constants of
this file; no name from a query is ever looked up in SymPy or in Python.
"""

from __future__ import annotations

import difflib
from typing import NamedTuple

from .calls import CALLS


def words(text: str) -> tuple[str, ...]:
    """A list of words, written as text because a list of one word a line would fill pages."""
    return tuple(text.split())


class Function(NamedTuple):
    """An allow-listed function: the SymPy object it stands for and its number of arguments (`most` < 0: any)."""

    sympy: str
    least: int = 1
    most: int = 1


TRIGONOMETRIC = ("sin", "cos", "tan", "cot", "sec", "csc")

FUNCTIONS: dict[str, Function] = {
    **{name: Function(name) for name in TRIGONOMETRIC},
    **{"a" + name: Function("a" + name) for name in TRIGONOMETRIC},
    **{name + "h": Function(name + "h") for name in TRIGONOMETRIC},
    **{"a" + name + "h": Function("a" + name + "h") for name in TRIGONOMETRIC},
    "atan2": Function("atan2", 2, 2),
    "exp": Function("exp"),
    "ln": Function("log"),
    "log": Function("log", 1, 2),
    "sqrt": Function("sqrt"),
    "cbrt": Function("cbrt"),
    "root": Function("root", 2, 2),
    "abs": Function("Abs"),
    "sign": Function("sign"),
    "floor": Function("floor"),
    "ceiling": Function("ceiling"),
    "re": Function("re"),
    "im": Function("im"),
    "arg": Function("arg"),
    "conjugate": Function("conjugate"),
    "factorial": Function("factorial"),
    "binomial": Function("binomial", 2, 2),
    "permutations": Function("ff", 2, 2),
    "gamma": Function("gamma"),
    "beta": Function("beta", 2, 2),
    "zeta": Function("zeta"),
    "erf": Function("erf"),
    "erfc": Function("erfc"),
    "lambertw": Function("LambertW"),
    "si": Function("Si"),
    "ci": Function("Ci"),
    "ei": Function("Ei"),
    "li": Function("li"),
    "max": Function("Max", 1, -1),
    "min": Function("Min", 1, -1),
    "gcd": Function("gcd", 1, -1),
    "lcm": Function("lcm", 1, -1),
    "mod": Function("Mod", 2, 2),
    "round": Function("round", 1, 2),
    "totient": Function("totient"),
    "fibonacci": Function("fibonacci"),
    "prime": Function("prime"),
    "heaviside": Function("Heaviside"),
    "dirac": Function("DiracDelta"),
}

# These are English words or short names besides: they are functions only before a bracket.
NEED_BRACKETS = frozenset(words("prime round sign arg re im li si ci ei beta gamma zeta root mod max min fact"))

ALIASES: dict[str, str] = {
    **{"arc" + name: "a" + name for name in TRIGONOMETRIC},
    **{"arc" + name + "h": "a" + name + "h" for name in TRIGONOMETRIC},
    **{"ar" + name + "h": "a" + name + "h" for name in TRIGONOMETRIC},
    "sine": "sin",
    "cosine": "cos",
    "tangent": "tan",
    "cotangent": "cot",
    "secant": "sec",
    "cosecant": "csc",
    "tg": "tan",
    "ctg": "cot",
    "cosec": "csc",
    "arctg": "atan",
    "exponential": "exp",
    "logarithm": "log",
    "absolute": "abs",
    "sgn": "sign",
    "ceil": "ceiling",
    "conj": "conjugate",
    "fact": "factorial",
    "nchoosek": "binomial",
    "ncr": "binomial",
    "comb": "binomial",
    "npr": "permutations",
    "perm": "permutations",
    "hcf": "gcd",
    "gcf": "gcd",
    "maximum": "max",
    "minimum": "min",
    "largest": "max",
    "smallest": "min",
    "phi_euler": "totient",
    "fib": "fibonacci",
    "productlog": "lambertw",
    "modulo": "mod",
    "modulus": "mod",
}

CONSTANTS: dict[str, str] = {
    "pi": "pi",
    "e": "e",
    "i": "i",
    "I": "i",
    "oo": "infinity",
    "inf": "infinity",
    "infinity": "infinity",
}

GREEK = frozenset(
    words(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi chi psi"
        " omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega"
    )
)

# Operations that may stand as a call anywhere: `2*integrate(x^2, x)`.
OPERATIONS = frozenset(
    words(
        "solve diff integrate limit series sum product simplify expand factor subs evalf approx isprime factorint"
        " divisors mean median mode variance std"
    )
)

OPERATION_ALIASES: dict[str, str] = {
    "roots": "solve",
    "zeros": "solve",
    "solveset": "solve",
    "nsolve": "solve",
    "linsolve": "solve",
    "differentiate": "diff",
    "derivative": "diff",
    "derive": "diff",
    "integral": "integrate",
    "antiderivative": "integrate",
    "int": "integrate",
    "lim": "limit",
    "taylor": "series",
    "summation": "sum",
    "prod": "product",
    "factorise": "factor",
    "factorize": "factor",
    "simplified": "simplify",
    "n": "evalf",
    "nsimplify": "simplify",
    "trigsimp": "simplify",
    "average": "mean",
    "avg": "mean",
    "is_prime": "isprime",
    "stdev": "std",
    "var": "variance",
}


def function_named(word: str) -> str | None:
    """The canonical name of a function, or `None`."""
    lowered = word.lower()
    lowered = ALIASES.get(lowered, lowered)
    return lowered if lowered in FUNCTIONS else None


def operation_named(word: str) -> str | None:
    """The canonical name of an operation such as `diff`, or `None`."""
    lowered = word.lower()
    lowered = OPERATION_ALIASES.get(lowered, lowered)
    return lowered if is_operation(lowered) else None


def is_operation(name: str) -> bool:
    """Whether this is the canonical name of an operation."""
    return name in OPERATIONS or name in CALLS


def nearest(word: str, *, called: bool = False) -> str | None:
    """The known function or operation whose spelling is closest, or `None` if none is close.

    Args:
        word: as it was written.
        called: whether a bracket follows, so that a function is meant for certain.
    """
    known = [*FUNCTIONS, *ALIASES, *OPERATIONS, *OPERATION_ALIASES, *CALLS]
    found = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6 if called else 0.75)
    return found[0] if found else None


def unknown_name(word: str, *, called: bool) -> str:
    """What to say about a word that is not known.

    Args:
        word: as it was written.
        called: whether a bracket follows.
    """
    if operation_named(word) and len(word) > 1:
        return f"{word!r} must begin the question or be called, for example {word}(...)"
    near = nearest(word, called=called)
    hint = f"; did you mean {near}?" if near else ""
    if called:
        return f"the function {word!r} is not known{hint or '; known are sin, sqrt, log, exp, factorial, ...'}"
    if near:
        return f"the word {word!r} is not known{hint}"
    return (
        f"cannot read {word!r}; write a formula such as 37*4, or: solve x^2 = 4, diff x^3,"
        " integrate x^2 from 0 to 1, limit of sin(x)/x as x -> 0, factor 360"
    )
