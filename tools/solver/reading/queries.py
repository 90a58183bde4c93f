"""The grammar of queries: from text to one `Request`.

Letters may be small or large; `what is`, `calculate`, `find the`, a final `?`, `.` or `=` may be there or not.

    expression [at x = 2] [to 5 decimal places | as a fraction | in binary]
    solve EQ[, EQ...] [for x[, y]]          EQ alone; inequalities; systems with , ; or and; roots of EXPR
    derivative of EXPR [with respect to x] [at x = 2]       diff, d/dx EXPR, second derivative of EXPR
    integrate EXPR [dx] [from a to b]       integral of, antiderivative of
    limit of EXPR as x -> a [from the right]                a may be 0+, 0-, infinity
    series of EXPR [around a] [to order n]  taylor, maclaurin
    sum of EXPR for k = 1 to n              product of; sum of 3, 5 and 8
    simplify | expand | factor EXPR         factors of 12, prime factors of 360, is 97 prime
    determinant | inverse | transpose | rank | trace | eigenvalues | eigenvectors of [[1, 2], [3, 4]]
    row reduce [[1, 2], [3, 4]]; [[1, 2], [3, 4]]*[[5], [6]]; dot | cross product of [1, 2, 3] and [4, 5, 6]
    mean | median | mode | variance | standard deviation | gcd | lcm | max | min of LIST
    15% of 80, increase 80 by 15%, what percent of 80 is 12, percent change from 50 to 75
    convert 255 to hex, 255 in binary, hex ff to decimal

Operations may also be calls: `integrate(x^2, (x, 0, 1))`, `solve(x^2 - 4, x)` (see `call_forms`). How expressions are
read is in `expressions`, spoken operators are in `wording`. LaTeX (`latex`) and Chinese (`chinese`) are brought to this
notation first. Questions that are no formulas are read by the `domains`, each from the whole text; the guide
`docs/ask-the-solver.md` shows all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ...errors import ToolError
from .calculus_queries import CalculusParser
from .call_forms import request_from_call
from .calls import CALLS
from .chinese import from_chinese
from .clauses import Command, preferred
from .domains import COMMANDS, TEXT_READERS
from .everyday_queries import EverydayParser, between_bases
from .latex import from_latex
from .letters import split_words
from .names import function_named, is_operation, operation_named, words
from .number_forms import usual_numbers
from .other_systems import from_other_systems
from .plain_queries import is_plain
from .syntax import (
    Apply,
    Evaluate,
    Node,
    Relation,
    Request,
    Rewrite,
    Sequence,
    Solve,
    Variable,
    expressions_of,
    variables_of,
    walk,
)
from .tokens import check_length, plain_text, tokenize
from .wording import spoken_to_signs

MAX_NODES = 300

_LEAD_INS = frozenset(
    words(
        "what whats is are was be does equal calculate compute evaluate find please can could you determine"
        " give show tell me us work out get answer how much many value result exact do need want know help ok okay so"
        " now hey using write state obtain question hello math then"
    )
)
_ENDING = " \t\r\n?.;:=,"
_COURTESY = re.compile(
    r"[\s,.]*\b(for me|exact(?: value)?|in exact form|please|thanks|thank you|step by step|with steps|exactly)"
    r"[\s.!?]*$",
    re.IGNORECASE,
)
_DOLLARS = re.compile(r"^\s*\$\$?([^$]+)\$\$?\s*[.?]?\s*$")
_WHAT_IS = re.compile(r"\b(what|how|who|that|it)'s\b", re.IGNORECASE)
_AMOUNT = re.compile(r"^(?:what|which) (?:number|amount|quantity|value) is (?=[\d.]+\s*(?:%|percent))", re.IGNORECASE)
_LISTS = re.compile(r"\b(mean|average|avg|median|mode|range|gcd|lcm|hcf|gcf|max\w*|min\w*|common|sum|product|deviation"
                    r"|variance|largest|smallest|std|add|multiply)\b", re.IGNORECASE)  # fmt: skip
_SEPARATED = re.compile(r"\band\b|,\s")
_WITH_RANGE = re.compile(r"[∑∏]\s*(?=_)")
_SET_DIFFERENCE = re.compile(r"\}\s*\\\s+(?=\{)")
_TO = re.compile(r"(?<=[\w)])\s*\.\.+\s*(?=[\w(-])")


def read_query(query: str) -> tuple[Request, list[str]]:
    """Read one query.

    Args:
        query: what a person or a model wrote, at most 500 characters.

    Returns:
        What is asked, as an inert tree, and the assumptions made in reading it.

    Raises:
        ToolError: if it cannot be read, naming the place and a form that works, or if it is too large.
    """
    check_length(query)
    query = from_chinese(_DOLLARS.sub(r"\1", query))
    latex: list[str] = []
    query = _WITH_RANGE.sub(lambda found: "\\sum" if found[0].startswith("∑") else "\\prod", query)
    query = from_other_systems(_SET_DIFFERENCE.sub("} minus ", query))
    query = usual_numbers(query, latex, listed=_LISTS.search(query) is not None)
    text = _WHAT_IS.sub(r"\1 is", plain_text(from_latex(query, latex) if "\\" in query else query))
    text = _TO.sub(" to ", _COURTESY.sub("", text).rstrip(_ENDING)).strip()
    text = _AMOUNT.sub("what is ", text)
    if not text:
        raise ToolError("the query is empty; write for example 37*4 or solve x^2 = 4")
    if request := between_bases(re.sub(r"^(what is|whats)\s+", "", text, flags=re.IGNORECASE)):
        return request, []
    for reader in () if is_plain(text) else TEXT_READERS:
        if request := reader(text, noted := list(latex)):
            return _bounded(request), noted
    listed = _LISTS.search(text) is not None and not _SEPARATED.search(text)
    tokens, assumptions = tokenize(text, comma_groups=not listed)
    assumptions += latex
    tokens = split_words(spoken_to_signs(tokens), assumptions)
    return _bounded(QueryParser(tokens, assumptions).request()), assumptions


def _bounded(request: Request) -> Request:
    nodes = [node for expression in expressions_of(request) for node in walk(expression)]
    if len(nodes) > MAX_NODES:
        raise ToolError(f"the formula has {len(nodes)} parts; at most {MAX_NODES} are read. Ask in parts.")
    return request


class QueryParser(CalculusParser, EverydayParser):
    """Reads a whole query."""

    def request(self) -> Request:
        """The one request that the tokens hold."""
        self._lead_ins()
        token = self.token
        if token.kind == "end":
            raise ToolError("there is no question; write for example 37*4 or solve x^2 = 4")
        if self.at_leibniz():
            return self.leibniz()
        if (order := self.ordinal_derivative()) is not None:
            return self.derivative(order)
        if self.at_percentage():
            return self.percent_question()
        if called := self._called():
            return called
        return self._commanded() or self._bare()

    def _commanded(self) -> Request | None:
        start, assumed = self.position, list(self.assumptions)
        for phrase, read in _COMMANDS.get(self.token.word, ()):
            if self.at_words(*phrase) and self._is_command(" ".join(phrase)):
                self.position += len(phrase)
                self.accept_op(":")
                if request := read(self):
                    return request
                self.position, self.assumptions[:] = start, assumed
        return None

    def _lead_ins(self) -> None:
        while True:
            token = self.token
            article = token.word in ("a", "an") and self.ahead().kind == "word" and len(self.ahead().text) > 3
            of = token.word in ("of", "if") and self.position > 0 and self.tokens[self.position - 1].word in _LEAD_INS
            if not (article or of or token.word in _LEAD_INS or self.at_op(":", ",") or self._approximately()):
                return
            self.position += 1

    def _approximately(self) -> bool:
        return self.token.word in ("approximately", "approximate", "exactly", "numerically")

    def _is_command(self, phrase: str) -> bool:
        """`gcd(12, 18) + 1` and `max(1, 2)*3` are expressions although they begin with the word of a command."""
        called = self.ahead(len(phrase.split())).text == "("
        if called and phrase in CALLS:
            return False
        is_function = bool(function_named(phrase)) or phrase in ("sum", "product")
        return not (called and is_function and self._brackets()[1])

    def _brackets(self) -> tuple[int, bool]:
        """Where the bracket that opens at the next token closes, and whether a comma stands directly inside it."""
        depth, comma = 0, False
        for position in range(self.position + 1, len(self.tokens) if self.ahead().text == "(" else 0):
            text = self.tokens[position].text if self.tokens[position].kind == "op" else ""
            depth += text in ("(", "[", "{")
            depth -= text in (")", "]", "}")
            comma |= depth == 1 and text == ","
            if depth == 0:
                return position, comma
        return -1, False

    def _called(self) -> Request | None:
        """`integrate(x^2, x)` standing alone."""
        name = operation_named(self.token.text)
        end, comma = self._brackets()
        if name is None or len(self.token.text) == 1 or not (comma or end == len(self.tokens) - 2):
            return None
        start = self.position
        self.in_integral = name == "integrate"
        node = self._word()
        if self.token.kind == "end" and isinstance(node, Apply):
            return request_from_call(node.name, node.args)
        self.position = start
        following = self.tokens[end + 1]
        if following.kind == "op" and following.text in ("+", "-", "*", "/", "^"):
            return self._bare()
        if name == "diff" and following.word == "at" and isinstance(node, Apply):
            request = request_from_call(node.name, node.args)
            self.position = self.tokens.index(following) + 1
            values = self.values()
            self.finish("diff(x^3, x) at x = 2")
            return Evaluate(node, self.named_values(expressions_of(request)[0], values))
        return None

    def solve(self) -> Request:
        for word in _EQUATION_NOUNS:
            self.accept_words(word)
        self.accept_op(":")
        variables: list[str] = []
        if self.accept_words("for"):
            variables = self.letters()
            for word in ("in", "if", "when", "where", "given", "such", "that", "from"):
                self.accept_words(word)
            for word in _EQUATION_NOUNS:
                self.accept_words(word)
            self.accept_op(":", ",")
        relations = self._relation_list()
        return self._conditions(relations, variables)

    def _relation_list(self) -> list[Node]:
        found = self._unpacked(self.relations())
        while self.accept_op(",", ";") or self.at_words("and"):
            self.accept_words("and")
            if self.token.word in ("for", "where", "with", "find", "solve", "what") or self.token.kind == "end":
                break
            found += self._unpacked(self.relations())
        return found

    def _unpacked(self, nodes: list[Node]) -> list[Node]:
        """`{x + y = 3, x - y = 1}` is a list of equations."""
        return [item for node in nodes for item in (node.items if isinstance(node, Sequence) else (node,))]

    def _conditions(self, relations: list[Node], variables: list[str]) -> Request:
        """What may follow equations: `for x and y`, `with x > 0`, `between 0 and 2 pi`."""
        if any(isinstance(node, Relation) for node in relations):
            variables += [node.name for node in relations if isinstance(node, Variable)]
            relations = [node for node in relations if not isinstance(node, Variable)]
        elif len(relations) > 1 and all(isinstance(node, Variable) for node in relations[1:]):
            variables += [node.name for node in relations[1:] if isinstance(node, Variable)]
            relations = relations[:1]
        while self.token.kind != "end":
            lone = self.at_letter(1) and not self.starts_operand(2) and self.ahead(2).text not in _RELATION_OR_SIGN
            if self.token.word in ("for", "wrt", "find", "solve") and lone:
                self.position += 1
                variables += self.letters()
            elif self.accept_words("between") or self.accept_words("from"):
                _, lower, upper = self.range()
                relations += self._bounds(lower, upper, variables, relations)
            elif self.token.word in ("in", "on", "over") and self.ahead().text in ("[", "("):
                self.position += 1
                lower, upper = self._interval()
                relations += self._bounds(lower, upper, variables, relations)
            elif self.token.word in ("for", "where", "with", "when", "if", "given", "and", "find", "what", "solve"):
                self.position += 1
                self._lead_ins()
                if self.accept_words("for") or (self.at_letter() and self.ahead().kind == "end"):
                    variables += self.letters()
                else:
                    relations += self._relation_list()
            elif not self.accept_op(","):
                self.finish("solve x^2 - 5x + 6 = 0 for x")
        return Solve(tuple(relations), tuple(dict.fromkeys(variables)))

    def _bounds(self, lower: Node, upper: Node, variables: list[str], relations: list[Node]) -> list[Node]:
        variable = Variable(variables[0] if variables else preferred(variables_of(*relations)))
        return [Relation("<=", lower, variable), Relation("<=", variable, upper)]

    def _bare(self) -> Request:
        """No command: an expression to evaluate or equations to solve."""
        if self.accept_words("if") or self.accept_words("given"):
            return self._supposed(self._relation_list())
        start = self.position
        first = self.relations()
        if isinstance(first[-1], Relation):
            return self._bare_relation(start)
        expression = first[0]
        if request := (self.is_prime(expression) or self.shown(expression) or self._percent_tail(expression)):
            self.finish("37*4")
            return request
        asked = self.at_op(":") or (self.token.word in _IF_WORDS and self.ahead(2).text != "=")
        if asked and isinstance(expression, Variable):
            self.accept_op(":")
            for word in _IF_WORDS:
                self.accept_words(word)
            return self._conditions(self._relation_list(), [expression.name])
        if self.token.word in ("at", "when", "for", "where", "if", "given", "with"):
            self.position += 1
            values = self.values()
            self.finish("x^2 + 1 at x = 3")
            return Evaluate(expression, self.named_values(expression, values))
        if self.at_op(",", ";") and not isinstance(expression, Sequence):
            self.position = start
            return self._bare_relation(start)
        self.finish("37*4, solve x^2 = 4, integrate x^2 from 0 to 1")
        if isinstance(expression, Apply) and is_operation(expression.name):
            return request_from_call(expression.name, expression.args)
        return Evaluate(expression)

    def _supposed(self, relations: list[Node]) -> Request:
        """`if x = 3, what is x^2 + 1` and `if 2x + 3 = 7, what is x`, after the condition."""
        start = self.position
        self.accept_op(",")
        self._lead_ins()
        assignments = [node for node in relations if isinstance(node, Relation) and isinstance(node.left, Variable)]
        if self.token.kind != "end" and not self.at_words("for") and len(assignments) == len(relations):
            expression = self.expression()
            if not isinstance(expression, Variable):
                self.finish("x^2 + 1 at x = 3")
                values = [(node.left.name, node.right) for node in assignments if isinstance(node.left, Variable)]
                return Evaluate(expression, tuple(values))
        self.position = start
        return self._conditions(relations, [])

    def _bare_relation(self, start: int) -> Request:
        self.position = start
        relations = self._relation_list()
        if not any(isinstance(node, Relation) for node in relations):
            raise ToolError("a list of numbers needs a word that says what to do: mean of 3, 5, 8 or sum of 3, 5, 8")
        if len(relations) == 1 and not variables_of(*relations):
            self.finish("2 + 2 = 4")
            return Evaluate(relations[0])
        return self._conditions(relations, [])

    def _percent_tail(self, part: Node) -> Request | None:
        """`12 is what percent of 80`, `15% off 80`, `15% tip on 80`."""
        if self.at_words("is", "what") and self.at_percentage(2) and self.ahead(3).word == "of":
            self.position += 4
            whole = self.expression()
            return Evaluate(Apply("*", (part, Apply("reciprocal", (whole,)))), form="percent")
        if isinstance(part, Apply) and part.name == "percent":
            for words in (("off",), ("discount", "on"), ("tip", "on"), ("tax", "on"), ("increase", "on")):
                if self.accept_words(*words):
                    self.accept_words("of")
                    whole = self.expression()
                    if words[0] == "tip":
                        return Evaluate(Apply("*", (part, whole)))
                    return Evaluate(self._changed_by(whole, "+" if words[0] in ("tax", "increase") else "-", part))
        return None

    def rewrite(self, kind: str) -> Request:
        self.accept_words("of")
        self.accept_words("expression")
        self.accept_words("polynomial")
        self.accept_op(":")
        self.definition()
        expression = self.expression()
        self.finish(f"{kind} x^2 - 4")
        return Rewrite("expand" if kind == "expand" else "factor" if kind == "factor" else "simplify", expression)

    def convert(self) -> Request:
        expression = self.expression()
        request = self.shown(expression)
        if request is None:
            self.finish("convert 255 to hex")
            raise ToolError("only number bases, fractions and percentages can be converted yet: convert 255 to hex")
        self.finish("convert 255 to hex")
        return request


_EQUATION_NOUNS = words(
    "following linear quadratic cubic simultaneous system of equation equations inequality inequalities to"
)
_IF_WORDS = ("if", "when", "where", "such", "that", "given", "in", "from")
_RELATION_OR_SIGN = ("=", "<", ">", "<=", ">=", "!=", "+", "-", "*", "/", "^")

_Reader = Callable[[Any], Request | None]


def _statistics() -> list[tuple[str, _Reader]]:
    kinds = {
        "mean": "mean", "arithmetic mean": "mean", "average": "mean", "avg": "mean", "median": "median", "mode": "mode",
        "range": "range", "variance": "variance", "standard deviation": "standard deviation",
        "std": "standard deviation",
    }  # fmt: skip
    return [(phrase, lambda parser, kind=kind: parser.statistic(kind)) for phrase, kind in kinds.items()]


def _with_words(phrases: str, read: _Reader) -> list[tuple[str, _Reader]]:
    return [(phrase.replace("_", " "), read) for phrase in phrases.split()]


_GENERAL: list[Command] = [
    *_with_words("solve solution_of solution_to solution solutions roots root_of zeros zeroes", QueryParser.solve),
    *_with_words(
        "partial_derivative derivative differentiate derive diff gradient slope rate_of_change", QueryParser.derivative
    ),
    *_with_words(
        "indefinite_integral definite_integral integral integrate antiderivative anti_derivative primitive",
        QueryParser.integral,
    ),
    *_with_words("limit lim", QueryParser.limit),
    *_with_words("taylor maclaurin series power_series", QueryParser.series),
    *_with_words("sum summation", lambda parser: parser.accumulate("sum")),
    *_with_words("product", lambda parser: parser.accumulate("product")),
    *_with_words("reciprocal multiplicative_inverse", QueryParser.reciprocal),
    *_with_words("simplify simplified_form", lambda parser: parser.rewrite("simplify")),
    *_with_words("expand expanded_form", lambda parser: parser.rewrite("expand")),
    *_with_words("factor factorise factorize", lambda parser: parser.rewrite("factor")),
    *_with_words(
        "prime_factors prime_factorization prime_factorisation prime_decomposition factorization factorisation",
        lambda parser: parser.factors("factor"),
    ),
    *_with_words("factors divisors", lambda parser: parser.factors("divisors")),
    *_statistics(),
    *_with_words("gcd hcf gcf", lambda parser: parser.listed("gcd")),
    *_with_words("lcm", lambda parser: parser.listed("lcm")),
    *_with_words("max maximum largest", lambda parser: parser.listed("max")),
    *_with_words("min minimum smallest", lambda parser: parser.listed("min")),
    *_with_words("increase", lambda parser: parser.changed("+")),
    *_with_words("decrease reduce", lambda parser: parser.changed("-")),
    *_with_words("add", lambda parser: parser.pair("add")),
    *_with_words("subtract difference", lambda parser: parser.pair("subtract")),
    *_with_words("multiply", lambda parser: parser.pair("multiply")),
    *_with_words("divide quotient", lambda parser: parser.pair("divide")),
    *_with_words("remainder", QueryParser.remainder),
    *_with_words(
        "number_of_ways_to_choose ways_to_choose number_of_combinations_of combinations_of choose", QueryParser.choice
    ),
    *_with_words("round", QueryParser.rounded),
    *_with_words("convert", QueryParser.convert),
]


def _by_first_word() -> dict[str, list[tuple[tuple[str, ...], _Reader]]]:
    """Commands by the word that they begin with, the longest phrase first."""
    table: dict[str, list[tuple[tuple[str, ...], _Reader]]] = {}
    for phrase, read in [*COMMANDS, *_GENERAL]:
        words_of = tuple(phrase.split())
        table.setdefault(words_of[0], []).append((words_of, read))
    for commands in table.values():
        commands.sort(key=lambda command: -len(command[0]))
    return table


_COMMANDS = _by_first_word()
