"""The clauses that queries share: `from 0 to pi`, `with respect to x`, `at x = 2`, lists, and what is left over."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ...errors import ToolError
from .expressions import ExpressionParser
from .letters import is_variable, split_words
from .names import nearest, operation_named
from .syntax import Apply, Constant, Node, Relation, Request, Sequence, Variable, variables_of
from .tokens import tokenize
from .unit_names import is_unmistakable
from .wording import spoken_to_signs

_PREFERRED = ("x", "y", "z", "t")


def preferred(names: list[str]) -> str:
    """The variable that a query most likely means: x, y, z, t, then the first in the alphabet."""
    return next((name for name in _PREFERRED if name in names), min(names) if names else "x")


class ClauseParser(ExpressionParser):
    """Reads the clauses that queries share."""

    def letter(self) -> str:
        text = self.token.text
        if self.token.kind != "word" or not is_variable(text):
            raise ToolError(f"expected a variable such as x {self.place()}")
        self.position += 1
        return text

    def at_letter(self, distance: int = 0) -> bool:
        token = self.ahead(distance)
        return token.kind == "word" and is_variable(token.text)

    def letters(self) -> list[str]:
        """`x`, `x, y` or `x and y`."""
        found = [self.letter()]
        while (self.at_op(",") or self.at_words("and")) and self.at_letter(1):
            self.position += 1
            found.append(self.letter())
        return found

    def items(self) -> list[Node]:
        """A list of expressions: `3, 5 and 8` or `12 18`."""
        bracketed = self.at_op("[", "{")
        found = [self.expression()]
        if bracketed and isinstance(found[0], Sequence):
            return list(found[0].items)
        while True:
            separated = self.accept_op(",", ";")
            separated = self.accept_words("and") or separated
            if not separated and self.token.kind != "number":
                return found
            found.append(self.expression())

    def definition(self) -> None:
        """Skip what only gives the function a name: `f(x) =` or `y =`."""
        if not self.at_letter():
            return
        if self.ahead(1).text == "(" and self.at_letter(2) and [self.ahead(n).text for n in (3, 4)] == [")", "="]:
            self.position += 5
        elif self.token.text in ("f", "g", "h", "y") and self.ahead(1).text == "=":
            self.position += 2

    def range(self) -> tuple[str, Node, Node]:
        """`from a to b` after its first word: the variable if it is named, and both bounds."""
        self.in_range = True
        variable, lower = self.assigned()
        if not (self.accept_words("to") or self.accept_words("until") or self.accept_words("and")):
            raise ToolError(f"expected 'to' and an upper bound {self.place()}")
        named, upper = self.assigned()
        self.in_range = False
        return variable or named, lower, upper

    def assigned(self) -> tuple[str, Node]:
        """`x = value`, or a value alone with an empty name."""
        name = ""
        if self.at_letter() and self.ahead().text == "=":
            name = self.letter()
            self.position += 1
        return name, self.expression()

    def values(self) -> tuple[tuple[str, Node], ...]:
        """`at x = 2 and y = 3` after its first word."""
        found = [self.assigned()]
        while (self.at_op(",") or self.at_words("and")) and self.at_letter(1) and self.ahead(2).text == "=":
            self.position += 1
            found.append(self.assigned())
        return tuple(found)

    def named_values(self, expression: Node, values: tuple[tuple[str, Node], ...]) -> tuple[tuple[str, Node], ...]:
        """The same with a variable chosen for a value that stands alone: `at 3`."""
        names = variables_of(expression)
        if len(values) == 1 and isinstance(values[0][1], Sequence) and len(values[0][1].items) == len(names):
            return tuple(zip(sorted(names), values[0][1].items, strict=True))  # at (1, 2)
        return tuple((name or preferred(names), value) for name, value in values)

    def finish(self, example: str) -> None:
        """Check that everything was read.

        Raises:
            ToolError: naming the first word or sign that was not, and a query that works.
        """
        token = self.token
        if token.kind == "end":
            return
        if token.kind == "prime":
            raise ToolError("a prime needs an equation or a function: y'' + y = 0, or derivative of x^2 at x = 2")
        if token.kind == "word" and is_unmistakable(token.text):
            raise ToolError(f"the unit {token.text!r} cannot be read here; write for example: convert 5 miles to km")
        if operation_named(token.text) and token.kind == "word" and len(token.text) > 1:
            raise ToolError(f"{token.text!r} must begin the question or be called, for example {token.text}(...)")
        near = nearest(token.text) if token.kind == "word" and len(token.text) > 2 else None
        hint = f"; did you mean {near}?" if near and near != token.word else f"; write for example: {example}"
        before = " ".join(part.text for part in self.tokens[max(0, self.position - 4) : self.position])
        raise ToolError(f"cannot read {token.text!r} after {before!r}{hint}")


def rebound(node: Node, name: str) -> Node:
    """The tree with the constant `i` or `e` read as a variable, where a query says that it is one."""
    if isinstance(node, Constant) and node.name == name:
        return Variable(name)
    if isinstance(node, Apply):
        return Apply(node.name, tuple(rebound(part, name) for part in node.args))
    if isinstance(node, Relation):
        return Relation(node.op, rebound(node.left, name), rebound(node.right, name))
    if isinstance(node, Sequence):
        return Sequence(tuple(rebound(part, name) for part in node.items))
    return node


Command = tuple[str, Callable[[Any], Request | None]]
"""A phrase that begins a query, and what reads the rest; it may return `None` for a query that is not its own after
all, and is then as if it had read nothing. It is called with the `QueryParser`."""

TextReader = Callable[[str, list[str]], Request | None]
"""Reads a whole query from its plain text, before it is cut into tokens, for questions that are not formulas (dates,
units); it returns `None` for what is not its own, and appends its assumptions to the list only when it reads it."""


def without_lead_ins(text: str, lead: re.Pattern[str], most: int = 8) -> list[str]:
    """The text, and the text without its first words one by one, as far as `lead` matches them."""
    found = [text]
    while len(found) <= most and (first := lead.match(text)) and first.end():
        text = text[first.end() :]
        found.append(text)
    return found


def read_expression(text: str, assumptions: list[str]) -> Node:
    """Read a piece of a query that is one expression.

    Raises:
        ToolError: if it is no expression.
    """
    tokens, assumed = tokenize(text)
    assumptions += assumed
    parser = ClauseParser(split_words(spoken_to_signs(tokens), assumptions), assumptions)
    node = parser.expression()
    parser.finish("37*4")
    return node


def read_list(text: str, assumptions: list[str]) -> list[Node]:
    """Read a piece of a query that is a list of expressions: `3, 5 and 8`.

    Raises:
        ToolError: if it is none.
    """
    tokens, assumed = tokenize(text, comma_groups=False)
    assumptions += assumed
    parser = ClauseParser(split_words(spoken_to_signs(tokens), assumptions), assumptions)
    nodes = parser.items()
    parser.finish("3, 5, 8")
    return nodes
