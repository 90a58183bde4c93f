"""Quantities: `5 ft 10 in`, `9.8 m/s^2`, `10 kg * 9.8 m/s^2`, `half a mile`, from tokens to a small postfix program.

The program is a list of tags made here and nowhere else: `push` takes the next number of the request,
`unit km^1 hour^-1` gives units to the top of the stack, `+ - * /` combine the two topmost quantities. Also
`and` adds the parts of one quantity, `neg` changes its sign and `power 2` squares it. Which units exist is in
`unit_names`. Not read: functions of quantities.
"""

from __future__ import annotations

from fractions import Fraction

from ...errors import ToolError
from .syntax import Apply, Constant, Node, Number
from .tokens import Token
from .unit_names import unit_named, unit_spelled

Powers = dict[str, int]
_SQUARE = {"square": 2, "sq": 2, "cubic": 3, "cu": 3, "cube": 3}
_NOT_UNITS_HERE = frozenset(("in", "a", "an", "as", "to", "at", "are", "is", "am", "and"))
_MAX_POWER = 12
_MAX_TOKENS = 120


class NotAQuantity(Exception):
    """The tokens are no quantity; whoever tried to read them asks something else."""


class UnitParser:
    """Reads quantities and units from a list of tokens.

    Args:
        tokens: closed by one of kind `end`.
    """

    def __init__(self, tokens: list[Token]) -> None:
        if len(tokens) > _MAX_TOKENS:
            raise NotAQuantity
        self.tokens = tokens
        self.position = 0
        self.program: list[str] = []
        self.numbers: list[Node] = []
        self.parts_by_and = True  # whether `3 hours and 20 minutes` is one quantity
        self.units: list[str] = []  # every unit met, for the caller to judge by

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def ahead(self, distance: int = 1) -> Token:
        return self.tokens[min(self.position + distance, len(self.tokens) - 1)]

    def accept(self, *texts: str) -> bool:
        """Pass a word or a sign if it comes next."""
        if (self.token.word or self.token.text) in texts and self.token.kind != "number":
            self.position += 1
            return True
        return False

    def at_end(self) -> bool:
        return self.token.kind == "end"

    def quantity(self) -> None:
        """A sum of products of quantities, added to the program."""
        self._term()
        while (op := self.token.text) in ("+", "-") and self.token.kind == "op":
            self.position += 1
            self._term()
            self.program.append(op)

    def _term(self) -> None:
        self.factor()
        while True:
            if self.token.kind == "op" and self.token.text in ("*", "/"):
                op = self.token.text
                self.position += 1
            elif self.token.word == "per" or (self.token.word == "for" and self._starts_quantity(1)):
                op = "/" if self.token.word == "per" else "*"
                self.position += 1
            elif self.token.word == "x" and self._starts_quantity(1):
                op = "*"
                self.position += 1
            else:
                return
            self.factor()
            self.program.append(op)

    def _starts_quantity(self, distance: int) -> bool:
        return self.ahead(distance).kind == "number"

    def factor(self) -> None:
        """A quantity of one or more parts, or a sum in brackets."""
        if self.token.text == "(" and not self._is_numeric_bracket():
            self.position += 1
            self.quantity()
            if not self.accept(")"):
                raise NotAQuantity
            if self.accept("^"):
                self._raise_to(self._integer())
            return
        negative = False
        while self.token.kind == "op" and self.token.text in ("+", "-"):
            negative ^= self.token.text == "-"
            self.position += 1
        start = len(self.numbers)
        self._measured()
        joined = False
        while distance := self._next_part():
            self.position += distance - 1
            self._measured()
            self.program.append("and")
            joined = True
        if negative and joined:
            self.program.append("neg")
        elif negative:  # the sign belongs to the number: -40 degrees
            self.numbers[start] = Apply("neg", (self.numbers[start],))

    def _raise_to(self, power: int) -> None:
        if not 1 <= power <= _MAX_POWER:
            raise NotAQuantity
        self.program.append(f"power {power}")

    def _next_part(self) -> int:
        """How far ahead of the last token the next part stands, as in `5 ft 10 in` and `3 hours and 20 minutes`."""
        distance = 0
        while self.parts_by_and and (self.ahead(distance).word == "and" or self.ahead(distance).text == ","):
            distance += 1
        return distance + 1 if self.ahead(distance).kind == "number" and self._has_unit_after(distance) else 0

    def _is_numeric_bracket(self) -> bool:
        depth = 0
        for token in self.tokens[self.position :]:
            depth += token.text == "("
            depth -= token.text == ")"
            if depth == 0:
                return True
            if token.kind == "word" and token.word not in ("pi", "and"):
                return False
        return False

    def _has_unit_after(self, distance: int) -> bool:
        """Whether a number with a unit begins at this distance: the `10 in` of `5 ft 10 in`."""
        position = self.position + distance
        while self.tokens[position].kind == "number" or self.tokens[position].text in ("/", "(", ")", "+"):
            position += 1
        if self.tokens[position].kind != "word":
            return False
        start, self.position, met = self.position, position, len(self.units)
        found = self.unit_expression(probe=True) is not None
        self.position = start
        del self.units[met:]
        return found

    def _measured(self) -> None:
        """One number with its unit, or a unit alone, which is one of it."""
        number = self._number()
        self.accept("of")
        if self.token.text != "A" or number is None:  # 3 A are amperes
            self.accept("a", "an")
        if number is not None and self.token.kind == "number":  # half of 3 kg
            second = self._number()
            if second is None:
                raise NotAQuantity
            number = Apply("*", (number, second))
        powers = self.unit_expression(measured=number is not None)
        if number is None and powers is None:
            raise NotAQuantity
        value = number if number is not None else Number(Fraction(1))
        self.numbers.append(value)
        self.program.append("push")
        if powers is not None:
            self.program.append(unit_tag(powers))

    def _number(self) -> Node | None:
        """A number: `1/2`, `5 1/2`, `3*10^8`, `pi/3`, `2 and 1/2`, `20%`; `None` if there is none."""
        node = self._numeral()
        if node is None:
            return None
        while self.token.kind == "op" and self.token.text in ("*", "/") and self._numeral_at(1):
            op = self.token.text
            self.position += 1
            right = self._numeral()
            if right is None:  # a quantity in brackets, which the term goes on with
                self.position -= 1
                break
            node = Apply("*", (node, Apply("reciprocal", (right,)) if op == "/" else right))
        if self.token.kind == "op" and self.token.text == "%":
            self.position += 1
            node = Apply("percent", (node,))
        elif self.accept("percent"):
            node = Apply("percent", (node,))
        return node

    def _numeral_at(self, distance: int) -> bool:
        token = self.ahead(distance)
        return token.kind == "number" or token.word == "pi" or token.text == "("

    def _numeral(self) -> Node | None:
        token = self.token
        if token.kind == "number":
            self.position += 1
            node: Node = Number(token.value, token.decimal)
            node = self._mixed(node)
        elif token.word == "pi":
            self.position += 1
            node = Constant("pi")
        elif token.text == "(" and self._is_numeric_bracket():
            node = self._bracketed()
        else:
            return None
        if self.token.text == "^" and self.token.kind == "op":
            self.position += 1
            node = Apply("^", (node, Number(Fraction(self._integer()))))
        elif self.token.word == "pi" and token.kind == "number":
            self.position += 1
            node = Apply("*", (node, Constant("pi")))
        return node

    def _mixed(self, whole: Node) -> Node:
        """`5 1/2`, `5 and 1/2` and `5½` after the whole number."""
        start = self.position
        self.accept("and")
        first, slash, second = self.token, self.ahead(1), self.ahead(2)
        if first.kind == "number" and slash.text == "/" and second.kind == "number" and first.value < second.value:
            self.position += 3
            return Apply("+", (whole, Number(first.value / second.value)))
        if first.kind == "number" and 0 < first.value < 1 and "/" in first.text:
            self.position += 1
            return Apply("+", (whole, Number(first.value)))
        self.position = start
        return whole

    def _bracketed(self) -> Node:
        """A bracket of numbers alone."""
        self.position += 1
        terms: list[Node] = []
        sign = "+"
        while True:
            if self.accept("-"):
                sign = "-" if sign == "+" else "+"
            node = self._number()
            if node is None:
                raise NotAQuantity
            terms.append(Apply("neg", (node,)) if sign == "-" else node)
            if self.accept(")"):
                return terms[0] if len(terms) == 1 else Apply("+", tuple(terms))
            sign = self.token.text
            if not self.accept("+", "-"):
                raise NotAQuantity

    def _integer(self) -> int:
        bracketed = self.accept("(")
        sign = -1 if self.accept("-") else 1
        token = self.token
        if token.kind != "number" or token.value.denominator != 1 or token.value > 10**6:
            raise NotAQuantity
        self.position += 1
        if bracketed and not self.accept(")"):
            raise NotAQuantity
        return sign * int(token.value)

    def unit_expression(self, *, probe: bool = False, measured: bool = True) -> Powers | None:
        """A unit with its powers: `m/s^2`, `square feet`, `miles per hour`, `kg m^2`; `None` if there is none."""
        powers: Powers = {}
        found = self._unit_factor(powers, 1, first=measured)
        if not found:
            return None
        while not probe:
            start = self.position
            if self.accept("/", "per"):
                self.accept("a", "an")
                if self.accept("("):
                    while self._unit_factor(powers, -1):
                        self.accept("*")
                    if not self.accept(")"):
                        raise NotAQuantity
                elif not self._unit_factor(powers, -1):
                    self.position = start
                    break
            else:
                self.accept("*")
                if not self._unit_factor(powers, 1):
                    self.position = start
                    break
        if any(abs(power) > _MAX_POWER for power in powers.values()):
            raise ToolError(f"units can be raised to powers up to {_MAX_POWER}")
        return powers

    def _unit_factor(self, powers: Powers, sign: int, *, first: bool = False) -> bool:
        start = self.position
        power = _SQUARE.get(self.token.word, 1)
        if power > 1:
            self.position += 1
        parts = self._unit_word(inch=first or power > 1 or sign < 0)
        if parts is None:
            self.position = start
            return False
        if self.token.text == "^" and self.token.kind == "op":
            self.position += 1
            power *= self._integer()
        elif self.token.word in ("squared", "cubed"):
            power *= 2 if self.token.word == "squared" else 3
            self.position += 1
        for name, times in parts:
            powers[name] = powers.get(name, 0) + sign * power * times
            self.units.append(name)
        return True

    def _unit_word(self, *, inch: bool) -> tuple[tuple[str, int], ...] | None:
        """One unit, of up to four words; `in` is the inch only right after a number."""
        for count in (4, 3, 2, 1):
            run = [self.ahead(distance) for distance in range(count)]
            if any(token.kind != "word" for token in run):
                continue
            name = "_".join(token.text for token in run)
            if count == 1 and run[0].text in _NOT_UNITS_HERE and not (inch and run[0].word == "in" and self._is_inch()):
                return None
            if count == 1 and (digits := run[0].text.rstrip("0123456789")) != name and unit_named(digits):
                power = int(name[len(digits) :])  # m2, ft3
                if 2 <= power <= 3:
                    self.position += 1
                    return tuple((unit, times * power) for unit, times in unit_named(digits) or ())
            parts = unit_named(name)
            if parts is not None:
                self.position += count
                return parts
        return None

    def _is_inch(self) -> bool:
        """`in` is the unit where a quantity could not go on with "in some unit"."""
        following = self.ahead()
        if following.kind == "word" and following.word not in ("in", "to", "into", "as", "is", "and", "by", "x", "per"):
            return False
        return following.kind != "number"


def unit_tag(powers: Powers, deed: str = "unit") -> str:
    """The tag of the program for units with their powers."""
    return " ".join([deed, *(f"{name}^{power}" for name, power in powers.items() if power)])


def powers_of(tag: str) -> Powers:
    """The units of a tag."""
    return {name: int(power) for name, _, power in (part.rpartition("^") for part in tag.split()[1:])}


def is_plain_letter(name: str) -> bool:
    """Whether a unit was written as one letter, which might as well be a variable."""
    return len(name) == 1


def is_angle(name: str) -> bool:
    unit = unit_spelled(name)
    return unit is not None and unit.parts == (("*angle", 1),)
