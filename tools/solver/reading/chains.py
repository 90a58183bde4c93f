# ruff: noqa: E501  a pattern is read more easily on one line
"""Questions with definitions before or after them: `Let f(x) = x^2 + 1. Let a = 3. What is f(a)?`

Only the sentences are told apart here. What is defined is computed by `answers.chains` one sentence after the other and
put into the next.
"""

from __future__ import annotations

import re

from .clauses import TextReader
from .syntax import Ask, Request

_NAME = r"[A-Za-z](?:_\d)?"
_FUNCTION = rf"{_NAME}\s*\(\s*[a-z]\s*\)"
_IS = r"(?:=|\bbe\b|\bis\b|\bequals?\b)"
_QUESTION = (
    r"(?:what|which|find|calculate|compute|evaluate|determine|solve|give|list|is|are|do|does|sort|put|round|factor|expand"
    r"|simplify|differentiate|integrate|express|rearrange|collect|work out|how|let us|then|show|write|convert)\b"
)
# A full stop, semicolon or line ends a sentence, but not inside a number and not after a single capital of an initial.
_SENTENCE = re.compile(r"(?<![A-Z])\s*(?:[.;](?=\s|$)|\n)\s*(?:and\s+)?|\s*[.;]\s+(?=[A-Z])", re.IGNORECASE)
_BEFORE_QUESTION = re.compile(rf",\s*(?:and\s+)?(?:then\s+)?(?={_QUESTION})", re.IGNORECASE)
_OPENING = re.compile(r"(?:let|suppose(?: that)?|assume(?: that)?|define|given(?: that)?|if|for|consider|with|where|when|say)\s+", re.IGNORECASE)  # fmt: skip
_DEFINED = re.compile(
    rf"(?:the\s+)?(?:functions?\s+|number\s+)?(?:(?:{_FUNCTION}|{_NAME})\s*{_IS}\s*)\S", re.IGNORECASE
)
_DEFINES_FUNCTION = re.compile(rf"(?:the\s+)?(?:functions?\s+)?{_FUNCTION}\s*{_IS}\s*\S", re.IGNORECASE)
_AFTER = re.compile(r"^(?P<question>.+?),?\s+(?:if|when|where|given(?: that)?|for|with)\s+(?P<definition>.+)$", re.IGNORECASE)  # fmt: skip
_CALL = re.compile(r"\b([A-Za-z])\s*(?:'{1,3}|\^\s*\(?\{?-\s*1\}?\)?)?\s*\(|\(\s*([a-z])\s*(?:\u2218|o|[-+*/\u00b7])\s*([a-z])\s*\)|([a-z])\s*\u2218\s*[a-z]")  # fmt: skip
_HINT = re.compile(
    rf"\b(?:let|suppose|assume|define|given|consider)\b|{_FUNCTION}\s*(?:=|\bis\b|\bbe\b)", re.IGNORECASE
)
_MOST_SENTENCES = 24


def read_chain(text: str, assumptions: list[str]) -> Request | None:
    """Cut a text into definitions and its question; `None` for a text without both."""
    if not _HINT.search(text):
        return None
    parts = [part.strip(" ,") for part in _SENTENCE.split(text) if part.strip(" ,")]
    if len(parts) > _MOST_SENTENCES:
        return None
    if len(parts) == 1 or _is_definition(parts[-1]):
        parts = _with_question(parts)
    if len(parts) < 2 or not all(_is_definition(part) for part in parts[:-1]) or _is_definition(parts[-1]):
        return None
    if not _OPENING.match(parts[0]) and not _DEFINES_FUNCTION.match(parts[0]):
        return None
    definitions = [_OPENING.sub("", part, count=1) for part in parts[:-1]]
    functions = [found[0].strip()[0] for part in definitions for found in re.finditer(rf"{_FUNCTION}\s*{_IS}", part)]
    question = parts[-1]
    if len(parts) == 2 and functions and not _uses(question, functions):
        return None  # `f(x) = x^2, find the derivative` is read elsewhere
    if (
        len(parts) == 2
        and not functions
        and not re.match(r"(?:let|suppose|assume|define|given|consider)\b", text, re.IGNORECASE)
    ):
        return None  # `if x = 3, what is x^2`, too
    return Ask("chain", (), (*definitions, question))


def _with_question(parts: list[str]) -> list[str]:
    """The last sentence cut before its question, or turned where the definition comes last."""
    last = parts[-1]
    if len(pieces := _BEFORE_QUESTION.split(last, maxsplit=1)) == 2 and _is_definition(pieces[0]):
        return [*parts[:-1], *pieces]
    found = _AFTER.match(last)
    if found and _DEFINES_FUNCTION.match(found["definition"]) and not _is_definition(found["question"]):
        return [*parts[:-1], f"let {found['definition']}", found["question"]]
    return parts


def _is_definition(text: str) -> bool:
    if re.match(r"(?:let|suppose|assume|define|consider)\s", text, re.IGNORECASE):
        return True
    bare = _OPENING.sub("", text, count=1)
    if bare != text:
        return _DEFINED.match(bare) is not None
    return _DEFINES_FUNCTION.match(text) is not None


def _uses(question: str, functions: list[str]) -> bool:
    return any(name in functions for found in _CALL.finditer(question) for name in found.groups() if name)


READERS: list[TextReader] = [read_chain]
