"""Expressions: a recursive-descent parser from tokens to the inert tree of `syntax`.

Binding, from loose to tight:

    relations       =  !=  <  <=  >  >=          (chains allowed: 1 < x < 3)
    sums            a + b, a - b                 (80 + 15% is 80 increased by 15%)
    products        a*b, a/b, a b, a mod b, a % b, 15% of b, n choose k     (left to right: 1/2x is x/2)
    signs           -a
    powers          a^b, a**b                    (right to left: 2^3^2 is 2^9)
    postfix         n!, n!!, 15%, 30 degrees

A function without brackets takes the product that follows it up to the next sign or function: `sin 2x cos x` is
sin(2x)*cos(x). `sin^2 x` is sin(x)^2 and `sin^-1 x` is asin(x).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ..errors import ToolError
from .letters import CLAUSE_WORDS, is_variable
from .names import CONSTANTS, FUNCTIONS, TRIGONOMETRIC, function_named, nearest, operation_named
from .syntax import Apply, Constant, Node, Number, Relation, Sequence, Variable, variables_of
from .tokens import Token
from .wording import ORDINAL_SUFFIXES, ORDINALS

MAX_NESTING = 40

RELATIONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_HUNDRED, _ONE, _TWO, _THREE = (Number(Fraction(n)) for n in (100, 1, 2, 3))


class ExpressionParser:
    """Reads expressions from a list of tokens; the grammar of whole queries builds on it.

    Args:
        tokens: closed by a token of kind `end`.
        assumptions: receives a line for each ambiguity and how it was resolved.
    """

    def __init__(self, tokens: list[Token], assumptions: list[str]) -> None:
        self.tokens = tokens
        self.assumptions = assumptions
        self.position = 0
        self.nesting = 0
        self.open_bars = 0
        # Inside an integral `dx` is a factor 1 that names the variable; elsewhere it is no word at all.
        self.in_integral = False
        self.differentials: list[str] = []
        # After `x ->` a sign that nothing follows names a side: 0+.
        self.sign_may_trail = False

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def ahead(self, distance: int = 1) -> Token:
        return self.tokens[min(self.position + distance, len(self.tokens) - 1)]

    def at_op(self, *texts: str) -> bool:
        return self.token.kind == "op" and self.token.text in texts

    def at_words(self, *words: str) -> bool:
        return all(self.ahead(distance).word == word for distance, word in enumerate(words))

    def accept_op(self, *texts: str) -> bool:
        if self.at_op(*texts):
            self.position += 1
            return True
        return False

    def accept_words(self, *words: str) -> bool:
        if self.at_words(*words):
            self.position += len(words)
            return True
        return False

    def assume(self, line: str) -> None:
        if line not in self.assumptions:
            self.assumptions.append(line)

    def expect_op(self, text: str) -> None:
        if not self.accept_op(text):
            raise ToolError(f"expected {text!r} {self.place()}")

    def place(self) -> str:
        """Where reading stands, in words."""
        before = " ".join(token.text for token in self.tokens[max(0, self.position - 4) : self.position])
        found = "the end" if self.token.kind == "end" else repr(self.token.text)
        return f"but found {found} after {before!r}" if before else f"but found {found} at the start"

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
            if self.sign_may_trail and not self.starts_operand(1, signed=True):
                break
            sign = self.token.text
            self.position += 1
            right = self._product()
            if isinstance(right, Apply) and right.name == "percent" and not variables_of(*terms):
                terms = [self._changed_by(_joined("+", terms), sign, right)]
            else:
                terms.append(Apply("neg", (right,)) if sign == "-" else right)
        return _joined("+", terms)

    def _changed_by(self, whole: Node, sign: str, percent: Apply) -> Node:
        self.assume(f"a percentage after {sign} is taken of what stands before it")
        share: Node = Apply("neg", (percent,)) if sign == "-" else percent
        return Apply("*", (whole, Apply("+", (_ONE, share))))

    def _product(self) -> Node:
        factors = [self._signed()]
        divided = False
        while True:
            if self.accept_op("*"):
                factors.append(self._signed())
            elif self.accept_op("/"):
                divided = True
                factors.append(Apply("reciprocal", (self._signed(),)))
            elif self.token.word in ("mod", "modulo") or self._at_modulo():
                self.position += 1
                factors = [Apply("mod", (_joined("*", factors), self._signed()))]
            elif self.accept_words("choose"):
                factors[-1] = Apply("binomial", (factors[-1], self._signed()))
            elif self.at_words("of") and _is_share(factors[-1]):
                self.position += 1
                factors.append(self._signed())
            elif self._accept_letter_as_times():
                factors.append(self._signed())
            elif self._juxtaposed():
                if divided:
                    self.assume("products and quotients are read from left to right: 1/2x is (1/2)*x")
                factors.append(self._power())
            else:
                return _joined("*", factors)

    def _at_modulo(self) -> bool:
        return self.at_op("%") and self.starts_operand(1)

    def _accept_letter_as_times(self) -> bool:
        """`3 x 4` and `3x4` are products of numbers, since nobody writes a number after a variable."""
        if self.position == 0 or self.tokens[self.position - 1].kind != "number":
            return False
        word = self.token.word
        if word == "x" and self.ahead().kind == "number":
            self.position += 1
        elif word[:1] == "x" and word[1:].isdigit():
            self.tokens[self.position] = self.token._replace(kind="number", text=word[1:], value=Fraction(word[1:]))
        else:
            return False
        self.assume("x between numbers read as times")
        return True

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
            or function_named(token.text)
            or _log_base(token.word)
            or (operation_named(token.text) and following.text == "(")
            or (token.word in ("square", "cube") and following.word == "of")
            or (token.word in ORDINALS and following.word == "root")
            or (self.in_integral and _differential(token))
        )

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

    def _nested(self, read: Callable[[], Node]) -> Node:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise ToolError(f"brackets and powers nest deeper than {MAX_NESTING}; ask in parts")
        node = read()
        self.nesting -= 1
        return node

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
        if self.in_integral and (differential := _differential(token)):
            self.position += 1
            self.differentials.append(differential)
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
        if base := _log_base(token.word):
            self.position += 1
            return self._function("log", Number(Fraction(base)))
        return self._plain_word(token, called=called)

    def _plain_word(self, token: Token, *, called: bool) -> Node:
        for name, power in (("square", _TWO), ("cube", _THREE)):
            if self.accept_words(name, "of"):
                return Apply("^", (self._argument(), power))
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
        raise ToolError(self._unknown(token, called=called))

    def _called_letter(self, token: Token) -> Node:
        """`x(x+1)` is a product; `C(5,2)` and `f(x)` are not."""
        before = self.position
        arguments = self._bracketed()
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

    def _unknown(self, token: Token, *, called: bool) -> str:
        near = nearest(token.text)
        hint = f"; did you mean {near}?" if near else ""
        if called:
            return f"the function {token.text!r} is not known{hint or '; known are sin, sqrt, log, exp, factorial, ...'}"
        if near:
            return f"the word {token.text!r} is not known{hint}"
        return (
            f"cannot read {token.text!r}; write a formula such as 37*4, or: solve x^2 = 4, diff x^3,"
            " integrate x^2 from 0 to 1, limit of sin(x)/x as x -> 0, factor 360"
        )

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
        if _is_minus_one(power):
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
        factors = [self._nested(self._power)]
        while self._juxtaposed() and not (self.token.kind == "word" and self._is_function_word()):
            factors.append(self._nested(self._power))
        if factors[-1] == Constant("pi") and self.at_op("/") and self.ahead().kind == "number":
            self.position += 1
            factors.append(Apply("reciprocal", (self._number(),)))
            self.assume("the whole fraction after a function is its argument: sin pi/6 is sin(pi/6)")
        argument = _joined("*", factors)
        return Apply("neg", (argument,)) if negative else argument

    def _is_function_word(self) -> bool:
        return bool(function_named(self.token.text) and not is_variable(self.token.text)) or bool(
            _log_base(self.token.word)
        )

    def _check_count(self, name: str, arguments: tuple[Node, ...]) -> None:
        function = FUNCTIONS[name]
        if len(arguments) == 1 and isinstance(arguments[0], Sequence) and function.most < 0:
            return
        if len(arguments) < function.least or 0 <= function.most < len(arguments):
            wanted = str(function.least) if function.least == function.most else f"{function.least} or more"
            raise ToolError(f"{name} takes {wanted} argument(s), not {len(arguments)}")


def _joined(op: str, parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Apply(op, tuple(parts))


def _is_share(node: Node) -> bool:
    """Whether "of" after this node means times: 15% of, 3/4 of."""
    if isinstance(node, Apply):
        return node.name == "percent" or (node.name == "reciprocal" and isinstance(node.args[0], Number))
    return isinstance(node, Number)


def _is_minus_one(node: Node) -> bool:
    if isinstance(node, Number):
        return node.value == -1
    return isinstance(node, Apply) and node.name == "neg" and node.args[0] == _ONE


def _log_base(word: str) -> int | None:
    digits = word[3:].lstrip("_") if word.startswith("log") else ""
    return int(digits) if digits.isdigit() and len(digits) <= 6 else None


def _differential(token: Token) -> str | None:
    """`x` for the word `dx`."""
    text = token.text
    if token.kind == "word" and text[0] == "d" and len(text) > 1 and is_variable(text[1:]):
        return text[1:]
    return None
