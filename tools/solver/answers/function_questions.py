"""The parts of a question about a function, as `reading.function_text` packs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Apply, Ask, Node, Number, Sequence, Variable, walk
from ..solution import Solution
from .build import Builder
from .cost import expanded_terms
from .presenting import Reading
from .real_functions import RealFunction, real_number
from .untyped import sympy_library

_FACTS = 5
_MOST_POWER = 100
_MOST_TERMS = 2000


@dataclass(frozen=True)
class Question:
    """A question about one or several functions.

    Args:
        functions: the formulas.
        x: the variable.
        interval: two bounds, or none.
        opened: whether each bound is left out.
        point: where something is wanted, perhaps with its second coordinate.
        height: the value at which something is wanted.
        start: the first guess.
        line: the place of an axis of rotation that is parallel to a coordinate axis.
        count: steps or strips, 0 where not told.
        axis: `x`, `y` or empty.
        method: of a volume.
        words: what exactly is wanted.
    """

    functions: tuple[Any, ...]
    x: Any
    interval: tuple[Any, ...]
    opened: tuple[bool, bool]
    point: tuple[Any, ...]
    height: tuple[Any, ...]
    start: tuple[Any, ...]
    line: tuple[Any, ...]
    count: int
    axis: str
    method: str
    words: tuple[str, ...]

    @property
    def value(self) -> Any:
        return self.functions[0]

    def function(self) -> RealFunction:
        """The function on the interval that was named.

        Raises:
            ToolError: if it has letters besides its variable, or the interval is empty.
        """
        others = sorted(str(symbol) for symbol in self.value.free_symbols - {self.x})
        if others:
            raise ToolError(f"give numbers for {', '.join(others)}; this is done for functions of {self.x} alone")
        if not self.interval:
            return RealFunction(self.value, self.x)
        return RealFunction(self.value, self.x, *self.bounds())

    def bounds(self) -> tuple[Any, Any]:
        """Both bounds in order.

        Raises:
            ToolError: if there are none, or they are no real numbers.
        """
        if len(self.interval) != 2:
            raise ToolError("say on which interval: on [0, 2], or from 0 to 2")
        lower, upper = self.interval
        if not all(bound.is_number and bound.is_extended_real for bound in (lower, upper)):
            raise ToolError("the bounds of the interval must be numbers")
        if not bool(lower < upper):
            raise ToolError("the lower bound of the interval must be smaller than the upper bound")
        return lower, upper

    def place(self) -> Any:
        """Where on the x-axis something is wanted.

        Raises:
            ToolError: if no place was named, or the point does not lie on the curve.
        """
        if self.height and not self.point:
            found = RealFunction(self.value, self.x).zeros(self.value - self.height[0])
            if len(found) != 1:
                places = ", ".join(map(str, found)) or "none"
                raise ToolError(f"the function has that value at {places}; say at which x")
            return found[0]
        if not self.point:
            raise ToolError(f"say where: at {self.x} = 2")
        at = self.point[0]
        if len(self.point) == 2 and self.value.free_symbols <= {self.x}:
            height = real_number(self.value, self.x, at)
            wanted = complex(self.point[1].evalf()).real if self.point[1].is_number else None
            if height is None or wanted is None or abs(height - wanted) > 1e-6 * (1 + abs(height)):
                raise ToolError("that point does not lie on the curve; say only the x: at x = 2")
        return at


def check_size(*nodes: Node) -> None:
    """Refuse formulas that become too large when they are multiplied out.

    Raises:
        ToolError: if one does.
    """
    for part in (part for node in nodes for part in walk(node)):
        if isinstance(part, Apply) and part.name == "^" and isinstance(part.args[1], Number):
            power = abs(part.args[1].value)
            if power > _MOST_POWER and any(isinstance(inner, Variable) for inner in walk(part.args[0])):
                raise ToolError(f"powers up to {_MOST_POWER} are treated here; ask with a smaller one")
    if any(expanded_terms(node) > _MOST_TERMS for node in nodes):
        raise ToolError("this formula has too many terms when it is multiplied out; ask for a smaller one")


def question_of(ask: Ask) -> Question:
    """The question that a request holds."""
    builder = Builder()

    check_size(*(item for node in ask.args if isinstance(node, Sequence) for item in node.items))

    def built(node: Node) -> tuple[Any, ...]:
        return tuple(builder.build(item) for item in node.items) if isinstance(node, Sequence) else ()

    functions, interval, point, height, start, line = (built(node) for node in ask.args)
    variable, count, opened, axis, method = ask.words[:_FACTS]
    return Question(
        functions=functions, x=builder.symbol(variable), interval=interval, opened=(opened[0] == "1", opened[1] == "1"),
        point=point, height=height, start=start, line=line, count=int(count), axis=axis, method=method,
        words=ask.words[_FACTS:],
    )  # fmt: skip


def told(reading: Reading, text: str, *, exact: str = "", latex: str = "", verified: str | None = None) -> Solution:
    """An answer in words."""
    sympy = sympy_library()
    body = exact or text
    return reading.solution(
        sympy.S.One, text=text, exact=body, number="", latex=latex or rf"\text{{{body}}}", verified=verified
    )


def note_period(function: RealFunction, reading: Reading) -> None:
    """Say that only one period was looked at."""
    from .printing import plain

    if function.period is not None:
        reading.assume(f"over one period, 0 <= {function.x} <= {plain(function.period)}; it repeats after that")
