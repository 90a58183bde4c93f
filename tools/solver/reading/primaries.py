"""The parts of an expression that stand by themselves: numbers, names, function calls, brackets.

A function without brackets takes the product that follows it up to the next sign or function: `sin 2x cos x` is
sin(2x)*cos(x). `sin^2 x` is sin(x)^2 and `sin^-1 x` is asin(x).
"""

from collections.abc import Callable
from fractions import Fraction

from ...errors import ToolError
from .cursor import Cursor
from .letters import CLAUSE_WORDS, differential, is_variable, log_base
from .names import CONSTANTS, FUNCTIONS, NEED_BRACKETS, TRIGONOMETRIC, function_named, operation_named, unknown_name
from .syntax import (
    Apply,
    Constant,
    Node,
    Number,
    Relation,
    Sequence,
    Variable,
    is_minus_one,
    joined,
)
from .tokens import Token
from .wording import ORDINAL_SUFFIXES, ORDINALS

MAX_NESTING = 40

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_ONE = Number(Fraction(1))


class PrimaryParser(Cursor):
    """Reads the operands of operators; `expressions` reads the operators."""

    def __init__(self, tokens: list[Token], assumptions: list[str]) -> None:
        super().__init__(tokens, assumptions)
        self.nesting = 0
        self.open_bars = 0
        # Inside an integral `dx` is a factor 1 that names the variable; elsewhere it is no word at all.
        self.in_integral = False
        self.differentials: list[str] = []
        # After `x ->` a sign that nothing follows names a side: 0+.
        self.sign_may_trail = False
        # Between "from" and the end of a range, "of" begins the summand and does not multiply.
        self.in_range = False

    def relations(self) -> list[Node]:
        """Defined by `ExpressionParser`."""
        raise NotImplementedError

    def expression(self) -> Node:
        """Defined by `ExpressionParser`."""
        raise NotImplementedError

    def _power(self) -> Node:
        raise NotImplementedError

    def _postfix(self) -> Node:
        raise NotImplementedError

    def _nested(self, read: Callable[[], Node]) -> Node:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise ToolError(f"brackets and powers nest deeper than {MAX_NESTING}; ask in parts")
        node = read()
        self.nesting -= 1
        return node

    def _juxtaposed(self) -> bool:
        if self.token.kind == "number":
            return self.position > 0 and self.tokens[self.position - 1].text == ")" and not self.token.spaced
        return self.starts_operand()

    def starts_operand(self, distance: int = 0, *, signed: bool = False) -> bool:
        """Whether an expression can begin with the token that stands so far ahead."""
        token = self.ahead(distance)
        if token.kind == "number":
            return True
        if token.kind == "op":
            bar = token.text == "|" and self.open_bars == 0
            return bar or token.text in ("(", "[", "√", "∛") or (signed and token.text in ("+", "-"))
        return token.kind == "word" and self._is_operand_word(token, self.ahead(distance + 1))

    def _is_operand_word(self, token: Token, following: Token) -> bool:
        if token.word in CLAUSE_WORDS:
            return False
        return bool(
            is_variable(token.text)
            or token.text in CONSTANTS
            or token.word in CONSTANTS
            or (function_named(token.text) and (token.word not in NEED_BRACKETS or following.text == "("))
            or log_base(token.word)
            or (operation_named(token.text) and following.text == "(")
            or (token.word in ("square", "cube") and following.word == "of")
            or (token.word in ORDINALS and following.word == "root")
            or (self.in_integral and differential(token))
        )

    def _primary(self) -> Node:
        token = self.token
        if token.kind == "number":
            return self._number()
        if token.kind == "word":
            return self._word()
        if self.at_op("(", "[", "{"):
            return self._bracketed()
        if self.accept_op("|"):
            return self._bars()
        if self.at_op("√", "∛"):
            self.position += 1
            return Apply("sqrt" if token.text == "√" else "cbrt", (self._nested(self._postfix),))
        raise ToolError(f"expected a number, a name or a bracket {self.place()}")

    def _number(self) -> Node:
        token, numerator, slash, denominator = (self.ahead(distance) for distance in range(4))
        self.position += 1
        number = Number(token.value, token.decimal)
        if numerator.word in ORDINAL_SUFFIXES and slash.word == "root":
            self.position += 2
            return self._root(number)
        if numerator.kind == "number" and numerator.spaced and slash.text == "/" and denominator.kind == "number":
            self.position += 3
            self.assume(f"{token.text} {numerator.text}/{denominator.text} read as a mixed number")
            share = Apply("*", (Number(numerator.value), Apply("reciprocal", (Number(denominator.value),))))
            return Apply("+", (number, share))
        return number

    def _root(self, degree: Node) -> Node:
        self.accept_words("of")
        return Apply("root", (self._argument(), degree))

    def _bracketed(self) -> Node:
        opening = self.token.text
        self.position += 1
        items = self._items(_CLOSING[opening])
        if opening != "{" and len(items) == 1 and not isinstance(items[0], Sequence | Relation):
            return items[0]
        return Sequence(tuple(items))

    def _items(self, closing: str) -> list[Node]:
        """What stands between brackets, up to and including the closing one."""
        bars, self.open_bars = self.open_bars, 0
        trailing, self.sign_may_trail = self.sign_may_trail, False
        if self.at_op(closing):
            raise ToolError("empty brackets; write what stands inside them")
        items = self.relations()
        while self.accept_op(",", ";"):
            items += self.relations()
        if not self.accept_op(closing):
            raise ToolError(f"expected {closing!r} or an operator {self.place()}")
        self.open_bars, self.sign_may_trail = bars, trailing
        return items

    def _bars(self) -> Node:
        self.open_bars += 1
        inside = self.expression()
        if not self.accept_op("|"):
            raise ToolError(f"expected a closing | {self.place()}; abs(x) may be written instead")
        self.open_bars -= 1
        return Apply("abs", (inside,))

    def _word(self) -> Node:
        token = self.token
        if self.in_integral and (named := differential(token)):
            self.position += 1
            self.differentials.append(named)
            return _ONE
        following = self.ahead()
        called = following.text == "("
        operation = operation_named(token.text)
        if called and operation and len(token.text) > 1:
            self.position += 2
            return Apply(operation, tuple(self._items(")")))
        if called and token.word == "eq":
            self.position += 2
            sides = self._items(")")
            if len(sides) != 2:
                raise ToolError("Eq takes two sides; write for example x^2 = 4")
            return Relation("=", sides[0], sides[1])
        function = function_named(token.text)
        if function and (called or not is_variable(token.text)):
            self.position += 1
            return self._function(function)
        if base := log_base(token.word):
            self.position += 1
            return self._function("log", Number(Fraction(base)))
        return self._plain_word(token, called=called)

    def _plain_word(self, token: Token, *, called: bool) -> Node:
        for name, power in (("square", 2), ("cube", 3)):
            if self.accept_words(name, "of"):
                return Apply("^", (self._argument(), Number(Fraction(power))))
        if token.word in ORDINALS and self.ahead().word == "root":
            self.position += 2
            return self._root(Number(Fraction(ORDINALS[token.word])))
        constant = CONSTANTS.get(token.text) or (CONSTANTS.get(token.word) if len(token.text) > 1 else None)
        if constant:
            self.position += 1
            if constant == "i":
                self.assume("i is the imaginary unit")
            return Constant(constant)
        if is_variable(token.text):
            self.position += 1
            return self._called_letter(token) if called and not self.token.spaced else Variable(token.text)
        raise ToolError(unknown_name(token.text, called=called))

    def _called_letter(self, token: Token) -> Node:
        """`x(x+1)` is a product; `C(5,2)` and `f(x)` are not."""
        before = self.position
        arguments = self._bracketed()
        if isinstance(arguments, Sequence) and token.text == "N":
            return Apply("evalf", arguments.items)
        if isinstance(arguments, Sequence):
            if len(arguments.items) == 2 and token.text in ("C", "P"):
                name = "binomial" if token.text == "C" else "permutations"
                self.assume(f"{token.text}(n, k) read as {'n choose k' if name == 'binomial' else 'permutations'}")
                return Apply(name, arguments.items)
            raise ToolError(f"the function {token.text!r} is not known; write its formula instead")
        if token.text in ("f", "g", "h", "F", "G") and isinstance(arguments, Variable):
            raise ToolError(f"the function {token.text!r} is not known; write its formula instead, for example x^2 + 1")
        self.position = before
        return Variable(token.text)

    def _function(self, name: str, base: Node | None = None) -> Node:
        power: Node | None = None
        if self.at_op("^"):
            self.position += 1
            power = self._nested(self._function_power)
        self.accept_words("value")
        if name == "log" and base is None and self.accept_words("base"):
            base = self._nested(self._postfix)
        self.accept_words("of")
        arguments = self._arguments(name)
        if name == "log" and base is None and self.accept_words("base"):
            base = self._nested(self._postfix)
        if base is not None:
            arguments = (*arguments, base)
        self._check_count(name, arguments)
        if power is None:
            return Apply(name, arguments)
        if is_minus_one(power):
            if name not in TRIGONOMETRIC:
                raise ToolError(f"{name}^-1 is ambiguous; write 1/{name}(x)")
            self.assume(f"{name}^-1 read as the inverse function a{name}")
            return Apply("a" + name, arguments)
        return Apply("^", (Apply(name, arguments), power))

    def _function_power(self) -> Node:
        if self.accept_op("-"):
            return Apply("neg", (self._primary(),))
        return self._primary()

    def _arguments(self, name: str) -> tuple[Node, ...]:
        if self.accept_op("("):
            return tuple(self._items(")"))
        if self.token.kind == "end":
            raise ToolError(f"{name} needs an argument; write {name}(...)")
        return (self._argument(),)

    def _argument(self) -> Node:
        """What a function without brackets applies to: `2x` in `sin 2x cos x`."""
        if self.at_op("("):
            return self._nested(self._power)
        negative = self.accept_op("-")
        factors: list[Node] = [self._nested(self._power)]
        while self._juxtaposed() and not (self.token.kind == "word" and self._is_function_word()):
            factors.append(self._nested(self._power))
        if factors[-1] == Constant("pi") and self.at_op("/") and self.ahead().kind == "number":
            self.position += 1
            factors.append(Apply("reciprocal", (self._number(),)))
            self.assume("the whole fraction after a function is its argument: sin pi/6 is sin(pi/6)")
        argument = joined("*", factors)
        return Apply("neg", (argument,)) if negative else argument

    def _is_function_word(self) -> bool:
        return bool(function_named(self.token.text) and not is_variable(self.token.text)) or bool(
            log_base(self.token.word)
        )

    def _check_count(self, name: str, arguments: tuple[Node, ...]) -> None:
        function = FUNCTIONS[name]
        if len(arguments) == 1 and isinstance(arguments[0], Sequence) and function.most < 0:
            return
        if len(arguments) < function.least or 0 <= function.most < len(arguments):
            wanted = str(function.least) if function.least == function.most else f"{function.least} or more"
            raise ToolError(f"{name} takes {wanted} argument(s), not {len(arguments)}")
