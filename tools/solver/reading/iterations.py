# ruff: noqa: E501  a pattern is read more easily on one line
"""Methods that go step by step: Euler, Heun, midpoint and Runge-Kutta for y' = f(x, y); bisection, secant, fixed points.

`Euler's method y' = x + y, y(0) = 1, h = 0.1, find y(0.5)`, `bisection method for x^3 - x - 2 on [1, 2] with 5 steps`. Newton's
method is among the commands of calculus.
"""

from __future__ import annotations

import re

from ...errors import ToolError
from .clauses import TextReader, read_expression
from .syntax import Ask, Node, Request

_R = r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:/\d+)?"
_METHOD = re.compile(
    r"\b(?P<euler>(?:improved |modified )?euler(?:'?s)?(?: method)?)\b|\b(?P<heun>heun(?:'?s)?(?: method)?)\b|\b(?P<rk4>(?:4th[- ]order |fourth[- ]order |classical )?(?:runge[- ]kutta(?: 4)?|rk ?4)(?: method)?)\b"
    r"|\b(?P<bisection>bisection(?: method)?|bisect)\b|\b(?P<secant>secant method|method of secants)\b|\b(?P<fixed>fixed[- ]point iterations?)\b",
    re.IGNORECASE,
)
_SLOPE = re.compile(
    r"(?:y\s*'|dy\s*/\s*dx|y\s*'\s*\(\s*x\s*\)|y_prime)\s*=\s*(?P<f>[^,;]+?)(?=\s*(?:,|;|\bwith\b|\bgiven\b|\bwhere\b|\bfor\b|\busing\b|\band\b|\bstarting\b|$))",
    re.IGNORECASE,
)
_VALUE = re.compile(rf"\by\s*\(\s*({_R})\s*\)\s*=\s*({_R})", re.IGNORECASE)
_STEP = re.compile(rf"\b(?:h|step(?: size)?(?: of)?|step length|delta x)\s*(?:=|of|is)?\s*({_R})", re.IGNORECASE)
_COUNT = re.compile(
    r"\b(\d{1,4})\s+(?:steps?|iterations?)\b|\b(?:n|steps?|iterations?)\s*=\s*(\d{1,4})\b", re.IGNORECASE
)
_TARGET = re.compile(rf"\by\s*\(\s*({_R})\s*\)(?!\s*=)|\b(?:at|up to|until|to)\s+x\s*=\s*({_R})", re.IGNORECASE)
_INTERVAL = re.compile(
    rf"(?:\b(?:on|in|over)\s+)?(?:the interval\s+)?[\[(]\s*({_R})\s*,\s*({_R})\s*[\])]|\b(?:between|from)\s+({_R})\s+(?:and|to)\s+({_R})",
    re.IGNORECASE,
)
_STARTS = re.compile(
    rf"\b(?:starting (?:at|from|with)|start|from|with|x_?0\s*=)\s*(?:x_?0\s*=\s*)?({_R})(?:\s*(?:,|and)\s*(?:x_?1\s*=\s*)?({_R}))?",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"\b(?:use|using|apply|the|method|to|approximate|estimate|find|solve|calculate|compute|with|and|for|of|a|root|zero|solution|initial|value|problem|where|given|that|by|what|is|size|do|perform|equation|on|in|starting|iterate|if)\b|[,;.:?]",
    re.IGNORECASE,
)
_ITERATED = re.compile(r"^(?:g\(x\)\s*=|x_?\{?n\s*\+\s*1\}?\s*=|x\s*=)\s*")


def read_iterations(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else."""
    found = _METHOD.search(text)
    if not found or len(text) > 300:
        return None
    method = str(found.lastgroup)
    if method == "euler" and re.match(r"improved|modified", found[0], re.IGNORECASE):
        method = "heun"
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    if method in ("euler", "heun", "rk4"):
        return _initial_value(method, rest, assumptions)
    return _root(method, rest, assumptions)


def _take(pattern: re.Pattern[str], text: str) -> tuple[re.Match[str] | None, str]:
    found = pattern.search(text)
    return found, f"{text[: found.start()]} ; {text[found.end() :]}" if found else text


def _initial_value(method: str, rest: str, assumptions: list[str]) -> Request | None:
    slope, rest = _take(_SLOPE, rest)
    if not slope:
        return None
    start, rest = _take(_VALUE, rest)
    step, rest = _take(_STEP, rest)
    count, rest = _take(_COUNT, rest)
    target, rest = _take(_TARGET, rest)
    if not start or not (bool(step) + bool(count) + bool(target) >= 2):
        raise ToolError("write for example: Euler's method y' = x + y, y(0) = 1, h = 0.1, find y(0.5)")
    if _FILLER.sub(" ", rest).strip():
        return None
    if len([found for found in (step, count, target) if found]) == 3:
        count = None
    nodes: list[Node] = [
        read_expression(slope["f"], assumptions),
        *(read_expression(part, assumptions) for part in start.groups()),
    ]
    words = [method]
    for name, part in (("step", step), ("count", count), ("target", target)):
        if part:
            words.append(name)
            nodes.append(read_expression(part[1] or part[2] if part.re.groups > 1 else part[1], assumptions))
    return Ask("initial value steps", tuple(nodes), tuple(words))


def _root(method: str, rest: str, assumptions: list[str]) -> Request | None:
    count, rest = _take(_COUNT, rest)
    ends, rest = _take(_INTERVAL if method == "bisection" else _STARTS, rest)
    formula = " ".join(
        re.sub(
            r"^(?:\s|,|;|:|\b(?:use|using|apply|the|to|approximate|estimate|find|solve|calculate|compute|for|of|a|root|zero|with|by|do|perform|on)\b)+",
            " ",
            rest,
            flags=re.IGNORECASE,
        ).split()
    )
    formula = re.split(r"\s*(?:;|\bwith\b|\bon\b|\bin\b|\bfor\b|\bby\b|\bstarting\b)\s*(?=[;\s.?]*$|.*;)", formula)[
        0
    ].strip(" ,;.?")
    if not formula or not ends:
        raise ToolError("write for example: bisection method for x^3 - x - 2 on [1, 2] with 5 steps")
    bounds = [part for part in ends.groups() if part]
    if method == "fixed":
        formula = _ITERATED.sub("", formula)
    elif "=" in formula:
        left, _, right = formula.partition("=")
        formula = f"({left})-({right})"
    if len(bounds) != (1 if method == "fixed" else 2):
        raise ToolError("bisection and secants need two starting values, a fixed-point iteration one")
    nodes = [read_expression(part, assumptions) for part in (formula, *bounds)]
    steps = int(count[1] or count[2]) if count else 0
    return Ask("root steps", tuple(nodes), (method, str(steps)))


READERS: list[TextReader] = [read_iterations]
