"""Everyday queries: percentages, averages, primes and factors, number bases, spoken arithmetic."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal

from ...errors import ToolError
from .clauses import ClauseParser
from .syntax import Apply, Ask, Evaluate, IsPrime, Node, Number, Relation, Request, Rewrite, Statistic, ToBase

BASES = {
    "binary": 2, "bin": 2, "base2": 2, "octal": 8, "oct": 8, "decimal": 10, "hex": 16, "hexadecimal": 16,
}  # fmt: skip
_DIGIT_WORDS = ("decimal", "significant", "decimals", "places", "place", "digits", "figures", "digit", "dp", "sf")
_FROM_BASE = re.compile(
    r"(?:convert\s+)?(?:the\s+)?(?:(?:number\s+)?(?P<before>binary|octal|hex(?:adecimal)?)\s+(?:number\s+)?"
    r"(?P<a>[0-9a-f]+)|(?P<b>[0-9a-f]+)\s+(?:(?:from|in|is)\s+)?(?P<after>binary|octal|hex(?:adecimal)?))(?:\s+number)?"
    r"\s+(?:to|in|into|as)\s+(?P<target>binary|octal|decimal|hex(?:adecimal)?)",
    re.IGNORECASE,
)
_HUNDRED, _ONE = Number(Fraction(100)), Number(Fraction(1))


def between_bases(text: str) -> Request | None:
    """`1010 in binary to decimal` and `hex ff to decimal`, whose digits are no decimal number; `None` for all else.

    Raises:
        ToolError: if the digits do not belong to the base that is named.
    """
    found = _FROM_BASE.fullmatch(text.strip())
    if found is None:
        return None
    digits, base = found["a"] or found["b"], BASES[(found["before"] or found["after"]).lower()]
    try:
        value = int(digits, base)
    except ValueError:
        raise ToolError(f"{digits!r} is not a number in base {base}") from None
    return ToBase(Number(Fraction(value)), BASES[found["target"].lower()])


class EverydayParser(ClauseParser):
    """Reads what follows the words average, percent, increase, convert, factors and their like."""

    def statistic(self, kind: str) -> Request:
        for word in ("of", "numbers", "values", "data", "for", "between"):
            self.accept_words(word)
        self.accept_op(":")
        items = self.items()
        self.finish(f"{kind} of 3, 5, 8")
        return Statistic(kind, tuple(items))

    def listed(self, name: str) -> Request:
        """`gcd of 12 and 18` without brackets."""
        for word in ("of", "numbers", "between"):
            self.accept_words(word)
        items = self.items()
        self.finish(f"{name} of 12 and 18")
        return Evaluate(Apply(name, tuple(items)))

    def factors(self, kind: Literal["factor", "divisors"]) -> Request:
        self.accept_words("of")
        expression = self.expression()
        self.finish("factors of 12")
        return Rewrite(kind, expression)

    def percent_question(self) -> Request:
        """`percent of 80 is 12` and `percent change from 50 to 75`, after "what"."""
        self.position += 1
        if self.token.word in ("change", "increase", "decrease", "difference"):
            self.position += 1
            if not (self.accept_words("from") or self.accept_words("between")):
                raise ToolError("write for example: percent change from 50 to 75")
            _, old, new = self.range()
            self.finish("percent change from 50 to 75")
            return Ask("percent change", (old, new), ("change",))
        if self.accept_words("is"):
            part = self.expression()
            if not self.accept_words("of"):
                raise ToolError("write for example: what percent of 80 is 12")
            return Evaluate(Apply("*", (part, Apply("reciprocal", (self.expression(),)))), form="percent")
        if not self.accept_words("of"):
            raise ToolError("write for example: what percent of 80 is 12")
        whole = self.expression()
        if not self.accept_words("is"):
            raise ToolError("write for example: what percent of 80 is 12")
        part = self.expression()
        self.finish("what percent of 80 is 12")
        return Evaluate(Apply("*", (part, Apply("reciprocal", (whole,)))), form="percent")

    def at_percentage(self, distance: int = 0) -> bool:
        return self.ahead(distance).word in ("percent", "percentage") or self.ahead(distance).text == "%"

    def changed(self, sign: Literal["+", "-"]) -> Request:
        """`increase 80 by 15%`."""
        whole = self.expression()
        if not self.accept_words("by"):
            raise ToolError("write for example: increase 80 by 15%")
        change = self.expression()
        self.finish("increase 80 by 15%")
        return Evaluate(self._combined(whole, sign, change))

    def _combined(self, whole: Node, sign: Literal["+", "-"], change: Node) -> Node:
        if isinstance(change, Apply) and change.name == "percent":
            return self._changed_by(whole, sign, change)
        return Apply("+", (whole, Apply("neg", (change,)) if sign == "-" else change))

    def pair(self, verb: str) -> Request:
        """`add 3 and 4`, `subtract 3 from 10`, `divide 10 by 4`, `difference between 9 and 4`."""
        for word in ("of", "between"):
            self.accept_words(word)
        first = self.expression()
        joined = [word for word in ("and", "to", "from", "by", "with") if self.accept_words(word)]
        if not joined and not self.accept_op(","):
            raise ToolError(f"expected two numbers: {verb} 10 and 4")
        second = self.expression()
        rest = [second]
        while verb in ("add", "multiply") and (self.accept_op(",") or self.accept_words("and")):
            self.accept_words("and")
            rest.append(self.expression())
        self.finish(f"{verb} 10 and 4")
        if verb in ("add", "multiply"):
            return Evaluate(Apply("+" if verb == "add" else "*", (first, *rest)))
        if verb in ("divide", "quotient"):
            return Evaluate(Apply("*", (first, Apply("reciprocal", (second,)))))
        if joined == ["from"]:
            first, second = second, first
        return Evaluate(Apply("+", (first, Apply("neg", (second,)))))

    def reciprocal(self) -> Request | None:
        """`reciprocal of 8`; a matrix's inverse is not meant."""
        if not self.accept_words("of"):
            return None
        expression = self.expression()
        self.finish("reciprocal of 8")
        return Evaluate(Apply("reciprocal", (expression,)))

    def remainder(self) -> Request:
        """`remainder of 17 divided by 5`, `remainder when 17 is divided by 5`."""
        for word in ("of", "when", "if"):
            self.accept_words(word)
        dividend = self._power()
        self.accept_words("is")
        if not self.accept_op("/") and not self.accept_words("and"):
            raise ToolError("write for example: 17 mod 5")
        divisor = self._power()
        self.finish("17 mod 5")
        return Evaluate(Apply("mod", (dividend, divisor)))

    def choice(self) -> Request:
        """`choose 3 from 10` and `combinations of 10 choose 3`, after the first word."""
        number = self._signed()
        if self.accept_words("from"):
            self.accept_words("of")
            chosen, number = number, self._signed()
        elif self.accept_words("choose") or self.accept_op(","):
            chosen = self._signed()
        else:
            raise ToolError("write for example: 10 choose 3")
        self.finish("10 choose 3")
        return Evaluate(Apply("binomial", (number, chosen)))

    def rounded(self) -> Request:
        self.accept_words("off")
        expression = self.expression()
        request = self.shown(expression) or Evaluate(Apply("round", (expression,)))
        self.finish("round 3.14159 to 2 decimal places")
        return request

    def shown(self, expression: Node) -> Request | None:
        """The clause that asks for a form: `to 5 decimal places`, `as a fraction`, `in binary`; `None` without one."""
        start = self.position
        for word in ("correct", "rounded", "round", "written", "expressed"):
            self.accept_words(word)
        if self.token.word not in ("to", "as", "in", "into"):
            self.position = start
            return None
        self.position += 1
        for word in ("a", "an", "nearest"):
            self.accept_words(word)
        if self.token.kind == "number" and self.token.value.denominator == 1:
            if self.ahead().word not in _DIGIT_WORDS:
                self.position = start
                return None
            count = int(self.token.value)
            self.position += 1
            return self._digits(expression, count)
        word = self.token.word
        if (word in BASES and word != "decimal") or word == "base":
            return ToBase(expression, self.base())
        forms = {"fraction": "fraction", "decimal": "decimal", "percent": "percent", "percentage": "percent"}
        if word in forms:
            self.position += 1
            form: Literal["fraction", "decimal", "percent"] = forms[word]  # type: ignore[assignment]
            return self._of_whole(expression) if form == "percent" else Evaluate(expression, form=form)
        if word in ("integer", "whole"):
            self.position += 1
            self.accept_words("number")
            return Evaluate(Apply("round", (expression,)))
        self.position = start
        return None

    def _of_whole(self, part: Node) -> Request:
        """`12 as a percentage [of 80]`."""
        if self.accept_words("of"):
            part = Apply("*", (part, Apply("reciprocal", (self.expression(),))))
        return Evaluate(part, form="percent")

    def _digits(self, expression: Node, count: int) -> Request:
        places = self.token.word in ("decimal", "decimals", "places", "place", "dp")
        while self.token.word in _DIGIT_WORDS:
            self.position += 1
        if not 0 <= count <= 1000:
            raise ToolError(f"{count} digits cannot be shown; at most 1000")
        return Evaluate(expression, form="places" if places else "digits", digits=count)

    def base(self) -> int:
        word = self.token.word
        self.position += 1
        if word in BASES:
            return BASES[word]
        token = self.token
        if word == "base" and token.kind == "number" and token.value.denominator == 1 and 2 <= token.value <= 36:
            self.position += 1
            return int(token.value)
        raise ToolError("the base must be binary, octal, decimal, hex or base 2 to base 36: convert 255 to hex")

    def is_prime(self, expression: Node) -> Request | None:
        """`is 97 prime` after the number; `None` if something else is asked."""
        start = self.position
        self.accept_words("is")
        self.accept_words("a")
        if self.accept_words("prime"):
            self.accept_words("number")
            return IsPrime(expression)
        for word in ("evenly", "exactly"):
            self.accept_words(word)
        if self.accept_words("divisible") and self.accept_words("by"):
            remainder = Apply("mod", (expression, self.expression()))
            return Evaluate(Relation("=", remainder, Number(Fraction(0))))
        self.position = start
        return None
