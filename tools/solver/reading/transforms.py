r"""Integral transforms and Fourier series: `laplace transform of t e^(-2t)`, `L^-1{1/(s^2 + 1)}`, `fourier series of x
on [-pi, pi]`, `z transform of 2^n`, `convolution of sin t and e^-t`.

Read are names in words, `L{...}` and `\mathcal{L}\{...\}`. The step function is `u(t - 2)` or `heaviside(t - 2)`, the
impulse `delta(t - 2)`. Not read: transforms of functions that are given case by case.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ...errors import ToolError
from .clauses import TextReader, preferred, read_expression
from .syntax import Apply, Ask, Constant, Node, Number, Request, variables_of

_LEAD = r"^(?:(?:what is|whats|find|compute|calculate|determine|evaluate|give|give me|show|take|get|please|the|a) )*"
_OF = r"(?:\s*(?:of|for|:)\s+(?:the )?(?:function )?|\s+|\s*(?=\())(.+)$"
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(_LEAD + pattern + _OF, re.IGNORECASE))
    for name, pattern in (
        ("inverse laplace transform", r"(?:inverse[ _]laplace(?:[ _]transform)?|ilaplace|invlaplace|laplace inverse)"),
        ("laplace transform", r"laplace(?:[ _]transform(?:ation)?)?"),
        ("inverse fourier transform", r"inverse[ _]fourier(?:[ _]transform)?"),
        ("fourier series", r"(?:real |trigonometric )?fourier (?:series|expansion)(?: expansion| representation)?"),
        ("fourier transform", r"fourier(?:[ _]transform)?"),
        ("inverse z transform", r"inverse[ _]z[- _]?transform"),
        ("z transform", r"z[- _]?transform"),
        ("convolution", r"(?:convolution|convolve)"),
    )
)
_LETTERED = re.compile(
    _LEAD + r"(?:script )?([LFZ])\s?(\^\s?\(?\s?-\s?1\s?\)?)?\s?[\{\[](.+)[\}\]](?:\s?\(([a-z])\))?$"
)
_LETTER_KINDS = {"L": "laplace transform", "F": "fourier transform", "Z": "z transform"}
_STEP = re.compile(r"\b(?:u|H|step|unitstep|theta|UnitStep|Heaviside)\s?(?=\()")
_STEP_INDEX = re.compile(r"\bu_\(?(\d+)\)?\s?\(t\)")
_IMPULSE = re.compile(r"\b(?:delta|DiracDelta|diracdelta)\s?(?=\()")
_NAMED = re.compile(r"^[a-zA-Z]\s?(?:\([a-z]\)|\[n\])\s?=\s?")
_BY = re.compile(r",?\s+(?:with respect to|wrt|in terms of|in variable|for variable) ([a-z])$", re.IGNORECASE)
_AS_CALL = re.compile(r"^(.+?),\s*([a-z])(?:,\s*([a-z]))?$")
_INTERVAL = re.compile(
    r",?\s+(?:on|over|for|in|from|with|where|if|when)\s+(?:the )?(?:interval |period |domain |range )?(?:from )?"
    r"(?:[\[(]\s?(?P<a>[^,\[\]]{1,20}),\s?(?P<b>[^,\[\]]{1,20})[\])]|(?P<c>[^<>=]{1,20})\s?<=?\s?[a-z]\s?<=?\s?(?P<d>[^<>=,]{1,20})"
    r"|(?P<e>(?!period)[^<>=,]{1,20}) to (?P<f>[^<>=,]{1,20})|period (?:of |T ?= ?|= ?)?(?P<p>[^<>=,]{1,20}))"
)
_TERMS = re.compile(
    r",?\s+(?:with|to|up to|using|first)\s+(?:the )?(?:first )?(?:n ?= ?|order |degree )?(\d{1,2})(?: non-?zero)?(?: terms?| harmonics?)?$",  # noqa: E501
    re.IGNORECASE,
)
_CONVOLVED = re.compile(r"^(.+?)(?:\s+(?:and|with)\s+|\s*,\s*)(.+)$", re.IGNORECASE)
_VARIABLES = {"laplace transform": "t", "inverse laplace transform": "s", "fourier transform": "x", "fourier series": "x",  # noqa: E501
              "inverse fourier transform": "omega", "z transform": "n", "inverse z transform": "z", "convolution": "t"}  # fmt: skip  # noqa: E501


def _read(text: str, assumptions: list[str]) -> Request | None:
    if found := _LETTERED.match(text):
        kind = ("inverse " if found[2] else "") + _LETTER_KINDS[found[1]]
        return _transform(kind, found[3], assumptions)
    lowered = text.lower()
    if not any(word in lowered for word in ("laplace", "fourier", "transform", "convol")):
        return None
    for kind, pattern in _KINDS:
        if found := pattern.match(text):
            body = found[1].strip()
            if kind == "convolution":
                return _convolution(body, assumptions)
            return _series(body, assumptions) if kind == "fourier series" else _transform(kind, body, assumptions)
    return None


def _function(text: str, assumptions: list[str]) -> Node:
    text = re.sub(r"\bat\b", "a t", re.sub(r"\b([a-z]) (?=\d)", r"\1*", text))
    text = _STEP_INDEX.sub(r"heaviside(t-\1)", text)
    text = _IMPULSE.sub("dirac", _STEP.sub("heaviside", text))
    text = re.sub(r"\b(?:the )?unit step(?: function)?$", "heaviside(t)", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(?:the )?(?:dirac )?delta(?: function)?$", "dirac(t)", text, flags=re.IGNORECASE)
    return read_expression(_NAMED.sub("", text), assumptions)


def _bare(text: str) -> str:
    """Without brackets around the whole."""
    text = text.strip()
    if text[:1] not in "([{" or not text:
        return text
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0:
            return text[1:-1].strip() if place == len(text) - 1 else text
    return text


def _transform(kind: str, body: str, assumptions: list[str]) -> Request:
    variable = ""
    if by := _BY.search(body):
        body = body[: by.start()]
    body = _bare(body)
    if called := _AS_CALL.match(body):
        body, variable = called[1], called[2]
    node = _function(body, assumptions)
    names = variables_of(node)
    usual = _VARIABLES[kind]
    if not variable or variable not in names:
        variable = usual if usual in names or not names else _likely(kind, names)
    return Ask(kind, (node,), (variable,))


def _likely(kind: str, names: list[str]) -> str:
    wanted = {"laplace transform": "tx", "fourier transform": "xt", "z transform": "nk"}.get(kind, "swkpz")
    return next((name for name in wanted if name in names), preferred(names))


def _series(body: str, assumptions: list[str]) -> Request:
    terms = 4
    if counted := _TERMS.search(body):
        terms, body = min(max(int(counted[1]), 1), 12), body[: counted.start()]
    pi = Constant("pi")
    lower: Node = Apply("neg", (pi,))
    upper: Node = pi
    if found := _INTERVAL.search(body):
        body = body[: found.start()] + body[found.end() :]
        bounds = [found[name] for name in ("a", "b", "c", "d", "e", "f") if found[name]]
        if found["p"]:
            period = read_expression(found["p"], assumptions)
            upper = Apply("*", (period, Number(Fraction(1, 2))))
            lower = Apply("neg", (upper,))
        elif len(bounds) == 2:
            lower, upper = (read_expression(bound.strip(" x="), assumptions) for bound in bounds)
    else:
        assumptions.append("on the interval from -pi to pi")
    if counted := _TERMS.search(body):
        terms, body = min(max(int(counted[1]), 1), 12), body[: counted.start()]
    node = _function(_bare(body.strip(" ,")), assumptions)
    return Ask("fourier series", (node, lower, upper), (preferred(variables_of(node)), str(terms)))


def _convolution(body: str, assumptions: list[str]) -> Request:
    body = re.sub(r"^(?:the )?functions? ", "", _bare(body), flags=re.IGNORECASE)
    found = _CONVOLVED.match(body)
    if found is None:
        raise ToolError("a convolution takes two functions; write for example: convolution of sin(t) and e^(-t)")
    first, second = (_function(part, assumptions) for part in found.groups())
    names = variables_of(first, second)
    return Ask("convolution", (first, second), ("t" if "t" in names or not names else preferred(names),))


READERS: list[TextReader] = [_read]
