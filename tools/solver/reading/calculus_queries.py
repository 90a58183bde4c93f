"""Queries of calculus: derivatives, integrals, limits, series, sums and products."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from ...errors import ToolError
from .call_forms import request_from_call
from .clauses import ClauseParser, preferred, rebound
from .syntax import (
    Accumulate,
    Apply,
    Constant,
    Differentiate,
    Evaluate,
    Integrate,
    Limit,
    Node,
    Number,
    Relation,
    Request,
    Sequence,
    Series,
    Variable,
    variables_of,
)
from .wording import ORDINALS

_IMAGINARY = "i is the imaginary unit"
# Nouns and adjectives after "the first 100", and the kind of number that they name.
_COUNTED = {
    **dict.fromkeys(("natural", "positive", "whole", "counting", "perfect", "numbers", "integers"), ""),
    **{"even": "even", "odd": "odd", "squares": "square", "square": "square", "cubes": "cube"},
}
_AT_WORDS = ("at", "when", "where", "if", "given", "for")


class CalculusParser(ClauseParser):
    """Reads what follows the words derivative, integral, limit, series, sum and product."""

    def at_leibniz(self) -> bool:
        """Whether `d/dx`, `d^2/dx^2` or `dy/dx` stands here."""
        texts = [self.ahead(distance).text for distance in range(5)]
        simple = texts[1] == "/" and texts[0] in ("d", "d2", "d3", "dy", "df") and _is_differential(texts[2])
        return simple or (texts[0] == "d" and texts[1] == "^" and texts[3] == "/" and _is_differential(texts[4]))

    def leibniz(self) -> Request:
        """`d/dx f`, `d^2/dx^2 f`, `dy/dx if y = f`."""
        order = int(self.token.text[1:]) if self.token.text[1:].isdigit() else 1
        self.position += 1
        if self.accept_op("^"):
            order = self._count()
        self.position += 1
        variable = self.token.text[1]
        self.position += 1
        if self.accept_op("^"):
            self._count()
        if self.at_op("="):
            raise ToolError("write a differential equation with one unknown: dy/dx = x*y, y(0) = 1")
        for word in ("of", "if", "for", "when", "where", "given"):
            self.accept_words(word)
        return self._derivative((variable,) * order, order)

    def _count(self) -> int:
        token = self.token
        if token.kind != "number" or token.value.denominator != 1 or not 1 <= token.value <= 100:
            raise ToolError(f"expected a whole number from 1 to 100 {self.place()}")
        self.position += 1
        return int(token.value)

    def derivative(self, order: int = 1) -> Request:
        variables: list[str] = []
        if self.accept_words("wrt"):
            variables = self.letters()
        self.accept_words("of")
        return self._derivative(tuple(variables) * order if len(variables) == 1 else tuple(variables), order)

    def _derivative(self, variables: tuple[str, ...], order: int) -> Request:
        self.definition()
        expression = self.expression()
        at: tuple[tuple[str, Node], ...] = ()
        while self.token.kind != "end":
            if self.accept_words("wrt") or (self.at_words("for") and self.ahead(2).text != "=" and self._skip()):
                named = self.letters()
                variables = tuple(named) if len(named) > 1 else (named[0],) * order
            elif self.at_op(",") and self.at_letter(1) and self.ahead(2).text != "=":
                self.position += 1
                variables = (self.letter(),) * order
            elif self.at_op(",") and self.ahead().kind == "number" and variables:
                self.position += 1
                variables = (variables[0],) * self._count()
            elif self.accept_words("evaluated") or self.accept_op(","):
                continue
            elif self.token.word in _AT_WORDS:
                self.position += 1
                at = self.values()
            else:
                self.finish("derivative of x^3 at x = 2")
        return Differentiate(expression, variables, order, self.named_values(expression, at))

    def _skip(self) -> bool:
        self.position += 1
        return True

    def integral(self) -> Request:
        self.in_integral = True
        variable, lower, upper = "", None, None
        self.accept_words("of")
        if self.accept_op("_"):
            lower = self._script()
            self.expect_op("^")
            upper = self._script()
        if self.accept_words("from") or self.accept_words("between"):
            variable, lower, upper = self.range()
            self.accept_words("of")
        self.definition()
        expression = self.expression()
        while self.token.kind != "end":
            if self.accept_words("from") or self.accept_words("between"):
                named, lower, upper = self.range()
                variable = named or variable
            elif self.token.word in ("over", "on", "in") and self.ahead().text in ("[", "("):
                self.position += 1
                lower, upper = self._interval()
            elif self.token.word in ("wrt", "for", "over"):
                self.position += 1
                variable = self.letter()
                if self.at_op("=") or self.accept_words("in"):
                    self.accept_op("=")
                    _, lower, upper = self.range()
            elif self.accept_op(","):
                return request_from_call("integrate", (expression, *self.items()))
            elif _is_differential(self.token.text):
                self.differentials.append(self.token.text[1:])
                self.position += 1
            else:
                self.finish("integrate x^2 from 0 to 1")
        names = self.differentials if not variable and self.differentials else [variable]
        if len(names) > 1 and lower is not None:
            raise ToolError("give bounds for each variable: integrate(x*y, (x, 0, 1), (y, 0, 2))")
        return Integrate(expression, tuple((name, lower, upper) for name in names if name or lower is not None))

    def _script(self) -> Node:
        """A bound in the manner of LaTeX: `0`, `-1`, `{2 pi}`."""
        negative = self.accept_op("-")
        bound = self._primary()
        if isinstance(bound, Sequence) and len(bound.items) == 1:
            bound = bound.items[0]
        return Apply("neg", (bound,)) if negative else bound

    def _interval(self) -> tuple[Node, Node]:
        interval = self._bracketed()
        if isinstance(interval, Sequence) and len(interval.items) == 2:
            return interval.items[0], interval.items[1]
        raise ToolError("expected an interval such as [0, 1]")

    def limit(self) -> Request:
        self.accept_words("of")
        approach = self._approach(leading=True)
        self.accept_words("of")
        self.accept_op(",")
        self.definition()
        expression = self.expression()
        approach = self._approach() or approach
        if approach is None and self.accept_op(","):
            return request_from_call("limit", (expression, *self.items()))
        if approach is None and self.accept_words("at"):
            name, point = self.assigned()
            approach = Limit(expression, name or preferred(variables_of(expression)), point)
        self.finish("limit of sin(x)/x as x -> 0")
        if approach is None:
            raise ToolError("say where the limit is taken: limit of sin(x)/x as x -> 0")
        return Limit(expression, approach.variable, approach.point, approach.side)

    def _approach(self, *, leading: bool = False) -> Limit | None:
        """`[as] x -> 0+ [from the right]`; the expression of the result is a placeholder.

        Args:
            leading: whether the function follows, so that white space ends the point: `lim x->0 sin(x)/x`.
        """
        start = self.position
        self.accept_op(",")
        self.accept_op("_")
        bracketed = self.accept_op("(", "{")
        for word in ("as", "when", "for", "where"):
            self.accept_words(word)
        if not self.at_letter() or not self._goes(self.ahead().text.lower(), self.ahead(2).word):
            self.position = start
            return None
        variable = self.letter()
        self.position += 1
        self.accept_words("to")
        self.sign_may_trail = True
        point = self._point() if leading and not bracketed else self.expression()
        side = self._side()
        self.sign_may_trail = False
        if bracketed and not self.accept_op(")", "}"):
            self.expect_op(")")
        return Limit(point, variable, point, side)

    def _point(self) -> Node:
        factors = [self._signed()]
        while self.at_op("*", "/") and not self.token.spaced:
            divided = self.token.text == "/"
            self.position += 1
            factor = self._signed()
            factors.append(Apply("reciprocal", (factor,)) if divided else factor)
        return Apply("*", tuple(factors)) if len(factors) > 1 else factors[0]

    def _goes(self, text: str, following: str) -> bool:
        return text in ("->", "approaches", "to") or (text in ("goes", "tends") and following == "to")

    def _side(self) -> Literal["+", "-", "both"]:
        if self.accept_op("+"):
            return "+"
        if self.accept_op("-"):
            return "-"
        if self.token.word == "from" and self.ahead().word in ("right", "above", "left", "below"):
            side = self.ahead().word
            self.position += 2
            return "+" if side in ("right", "above") else "-"
        return "both"

    def series(self, order: int = 5) -> Request:
        for word in ("series", "expansion", "polynomial", "approximation"):
            self.accept_words(word)
        order = self._order() or order
        self.accept_words("of")
        self.definition()
        expression = self.expression()
        variable, point = "", Number(Fraction(0))
        while self.token.kind != "end":
            if self.at_words("in") and self.at_letter(1):
                self.position += 1
                variable = self.letter()
            elif self.token.word in ("at", "around", "about", "near", "with", "centered"):
                self.position += 1
                if (found := self._order()) is not None:
                    order = found
                    continue
                self.accept_words("at")
                variable, point = self.assigned()
            elif (found := self._order()) is not None:
                order = found
            elif self.accept_op(","):
                return request_from_call("series", (expression, *self.items()))
            else:
                self.finish("series of sin(x) around 0 to order 5")
        return Series(expression, variable, point, order)

    def _order(self) -> int | None:
        """`to order 5`, `of degree 4`, `up to x^6`, `4 terms`: the highest power, or `None` if none is named here."""
        start = self.position
        if not self.at_words("of") or self.ahead().word in ("order", "degree"):
            self.accept_words("of")
            while self.token.word in ("to", "up", "order", "degree", "first"):
                self.position += 1
        if self.at_letter() and self.ahead().text == "^" and self.ahead(2).kind == "number" and self.position > start:
            self.position += 2
            return self._count()
        if self.token.kind == "number" and self.position > start:
            order = self._count()
            return order - 1 if self.accept_words("terms") else order
        if self.token.kind == "number" and self.ahead().word == "terms":
            order = self._count()
            self.position += 1
            return order - 1
        self.position = start
        return None

    def accumulate(self, kind: Literal["sum", "product"]) -> Request:
        self.accept_words("of")
        variable, bounds = "", None
        for word in ("all", "positive", "natural", "whole"):
            self.accept_words(word)
        if self.at_words("first") and self.ahead().kind == "number":
            return self._first_numbers(kind)
        if self.token.word in ("integers", "numbers"):
            self.position += 1
            expression: Node = Variable("k")
            variable = "k"
        else:
            if self.accept_words("from"):
                variable, *bounds = self.range()
                self.accept_words("of")
            expression = self.expression()
        if self.at_words("to") and not variables_of(expression):
            self.position += 1
            return Accumulate(kind, Variable("k"), "k", expression, self.expression())
        if bounds is None and (self.at_op(",") or self.at_words("and")) and not self._at_range(1):
            return self._listed(kind, expression)
        while self.token.kind != "end":
            named, *bounds = self._index_range(kind)
            variable = named or variable
        if bounds is None:
            if variables_of(expression):
                raise ToolError(f"say which terms: {kind} of k^2 for k = 1 to 10")
            return Evaluate(expression)
        variable = variable or preferred([name for name in ("k", "n", "j", "m") if name in variables_of(expression)])
        if variable not in variables_of(expression) and len(variables_of(expression)) == 1:
            variable = variables_of(expression)[0]
        if variable == "i" and _IMAGINARY in self.assumptions:
            self.assumptions.remove(_IMAGINARY)
        return Accumulate(kind, rebound(expression, variable), variable, bounds[0], bounds[1])

    def _first_numbers(self, kind: Literal["sum", "product"]) -> Request:
        """`first 100 odd numbers`."""
        self.position += 1
        count = Number(self.token.value)
        self.position += 1
        k, term = Variable("k"), ""
        while self.token.word in _COUNTED:
            term = _COUNTED[self.token.word] or term
            self.position += 1
        self.finish(f"{kind} of the first 100 odd numbers")
        twice = Apply("*", (Number(Fraction(2)), k))
        terms: dict[str, Node] = {
            "": k,
            "even": twice,
            "odd": Apply("+", (twice, Number(Fraction(-1)))),
            "square": Apply("^", (k, Number(Fraction(2)))),
            "cube": Apply("^", (k, Number(Fraction(3)))),
        }
        return Accumulate(kind, terms[term], "k", Number(Fraction(1)), count)

    def _at_range(self, distance: int) -> bool:
        following = self.ahead(distance + 1)
        return self.at_letter(distance) and (following.text == "=" or following.word == "from")

    def _index_range(self, kind: str) -> tuple[str, Node, Node]:
        self.accept_op(",")
        for word in ("for", "over", "as", "with", "where", "when"):
            self.accept_words(word)
        variable = ""
        if self.at_letter() and self.ahead().word in ("from", "in", "goes", "runs", "going"):
            variable = self.letter()
            if not self.at_words("from"):
                self.position += 1
        if not self.accept_words("from") and not self._at_range(0) and not variable:
            self.finish(f"{kind} of k^2 for k = 1 to 10")
        named, lower, upper = self.range()
        return named or variable, lower, upper

    def _listed(self, kind: Literal["sum", "product"], first: Node) -> Request:
        items = [first]
        while self.accept_op(",") or self.at_words("and"):
            self.accept_words("and")
            items.append(self.expression())
        if len(items) == 4 and isinstance(items[1], Variable | Constant):
            return request_from_call(kind, tuple(items))
        if any(isinstance(item, Relation) for item in items):
            raise ToolError(f"write for example: {kind} of 3, 5 and 8")
        return Evaluate(Apply("+" if kind == "sum" else "*", tuple(items)))

    def ordinal_derivative(self) -> int | None:
        """The order of `second derivative` or `2nd derivative`, passing it; `None` if neither stands here."""
        if self.token.word in ORDINALS and self.ahead().word in ("derivative", "partial"):
            order = ORDINALS[self.token.word]
            self.position += 2
        elif self.token.kind == "number" and self.ahead(2).word == "derivative":
            order = self._count()
            self.position += 2
        else:
            return None
        self.accept_words("derivative")
        return order


def _is_differential(text: str) -> bool:
    return len(text) == 2 and text[0] == "d" and text[1].isalpha()
