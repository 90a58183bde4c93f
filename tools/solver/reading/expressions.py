"""Expressions: a recursive-descent parser from tokens to the inert tree of `syntax`.

Binding, from loose to tight:

    relations       =  !=  <  <=  >  >=          (chains allowed: 1 < x < 3)
    sums            a + b, a - b                 (80 + 15% is 80 increased by 15%)
    products        a*b, a/b, a b, a mod b, a % b, 15% of b, n choose k     (left to right: 1/2x is x/2)
    signs           -a
    powers          a^b, a**b                    (right to left: 2^3^2 is 2^9)
    postfix         n!, n!!, 15%, 30 degrees

What stands between the operators is read in `primaries`.
"""

from __future__ import annotations

from fractions import Fraction

from .letters import is_variable
from .primaries import PrimaryParser
from .syntax import (
    Apply,
    Constant,
    Node,
    Number,
    Relation,
    Variable,
    is_share,
    joined,
    variables_of,
)

RELATIONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_ONE = Number(Fraction(1))


class ExpressionParser(PrimaryParser):
    """Reads expressions from a list of tokens; the grammar of whole queries builds on it."""

    def relations(self) -> list[Node]:
        """An expression, or one relation, or the links of a chain of relations."""
        left = self.expression()
        links: list[Node] = []
        while self.token.kind == "op" and self.token.text in RELATIONS:
            op = self.token.text
            self.position += 1
            right = self.expression()
            links.append(Relation(op, left, right))
            left = right
        return links or [left]

    def expression(self) -> Node:
        """A sum; never a relation."""
        return self._nested(self._sum)

    def _sum(self) -> Node:
        terms = [self._product()]
        while self.at_op("+", "-"):
            if self.sign_may_trail and self._sign_trails():
                break
            sign = self.token.text
            self.position += 1
            right = self._product()
            if isinstance(right, Apply) and right.name == "percent" and not variables_of(*terms):
                terms = [self._changed_by(joined("+", terms), sign, right)]
            else:
                terms.append(Apply("neg", (right,)) if sign == "-" else right)
        return joined("+", terms)

    def _sign_trails(self) -> bool:
        """Whether this sign names a side, as in `0+` and in `0+ 1/x`."""
        return not self.starts_operand(1, signed=True) or (self.ahead().spaced and not self.token.spaced)

    def _changed_by(self, whole: Node, sign: str, percent: Apply) -> Node:
        self.assume(f"a percentage after {sign} is taken of what stands before it")
        share: Node = Apply("neg", (percent,)) if sign == "-" else percent
        return Apply("*", (whole, Apply("+", (_ONE, share))))

    def _product(self) -> Node:
        factors: list[Node] = [self._signed()]
        divided = False
        while True:
            if self.accept_op("*"):
                factors.append(self._signed())
            elif self.accept_op("/"):
                divided = True
                factors.append(Apply("reciprocal", (self._signed(),)))
            elif self.token.word in ("mod", "modulo") or self._at_modulo():
                self.position += 1
                factors = [Apply("mod", (joined("*", factors), self._signed()))]
            elif self.accept_words("choose"):
                factors[-1] = Apply("binomial", (factors[-1], self._signed()))
            elif self.at_words("of") and not self.in_range and is_share(factors[-1]):
                self.position += 1
                factors.append(self._signed())
            elif self._accept_letter_as_times():
                factors.append(self._signed())
            elif counting := self._accept_letter_as_choice():
                factors[-1] = Apply(counting, (factors[-1], self._signed()))
            elif self._juxtaposed():
                if divided:
                    self.assume("products and quotients are read from left to right: 1/2x is (1/2)*x")
                factors.append(self._power())
            else:
                return joined("*", factors)

    def _at_modulo(self) -> bool:
        return self.at_op("%") and self.starts_operand(1)

    def _accept_letter_as_times(self) -> bool:
        """`3 x 4` and `3x4` are products of numbers, since nobody writes a number after a variable."""
        if not (self._between_numbers("x") or self._between_numbers("X")):
            return False
        self.assume("x between numbers read as times")
        return True

    def _accept_letter_as_choice(self) -> str:
        """The function that `10C3` or `10 P 3` stands for, empty for anything else."""
        return "binomial" if self._between_numbers("C") else "permutations" if self._between_numbers("P") else ""

    def _between_numbers(self, letter: str) -> bool:
        """Pass a letter that stands between two numbers, as in `3 x 4` and `3x4`."""
        text = self.token.text
        if self.token.kind != "word" or self.position == 0 or self.tokens[self.position - 1].kind != "number":
            return False
        if text == letter and self.ahead().kind == "number":
            self.position += 1
        elif text[0] == letter and text[1:].isdigit():
            self.tokens[self.position] = self.token._replace(kind="number", text=text[1:], value=Fraction(text[1:]))
        else:
            return False
        return True

    def _signed(self) -> Node:
        negative = False
        while self.at_op("+", "-"):
            negative ^= self.token.text == "-"
            self.position += 1
        operand = self._power()
        return Apply("neg", (operand,)) if negative else operand

    def _power(self) -> Node:
        base = self._postfix()
        if not self.at_op("^"):
            return base
        if self.sign_may_trail and self.ahead().text in ("+", "-") and not self.starts_operand(2):
            self.position += 1  # 0^+ names a side
            return base
        self.position += 1
        if base == Variable("E"):
            self.assume("E read as Euler's number e")
            base = Constant("e")
        exponent = self._nested(self._signed)
        if isinstance(exponent, Number) and not self.token.spaced and is_variable(self.token.text):
            self.assume(f"only {exponent.value} is the exponent; write ^({exponent.value}{self.token.text}) for both")
        return Apply("^", (base, exponent))

    def _postfix(self) -> Node:
        node = self._primary()
        while True:
            if self.at_op("!", "!!"):
                node = Apply(self.token.text, (node,))
            elif self.at_words("factorial") and self.ahead().text not in ("(", "of"):
                node = Apply("!", (node,))
            elif (self.at_op("%") and not self._at_modulo()) or self.at_words("percent"):
                node = Apply("percent", (node,))
            elif self.token.word in ("degrees", "degree", "deg"):
                node = Apply("*", (node, Constant("pi"), Apply("reciprocal", (Number(Fraction(180)),))))
            elif self.token.word not in ("radians", "radian", "rad"):
                return node
            self.position += 1
