"""From results to solutions: exact form, decimal, LaTeX, and the short text that a model reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...errors import ToolError
from ..reading.clauses import preferred
from ..solution import Solution
from .printing import clipped, decimal, latex_of, plain, shown

if TYPE_CHECKING:
    from sympy import Expr


@dataclass
class Reading:
    """How a query is being answered.

    Args:
        precision: significant digits of decimals.
        assumptions: how ambiguities were resolved so far.
        decimals: whether the query was written in decimals, so that the decimal comes first in the text.
        plot: the format of the picture that was asked for, `png` or `svg`; empty if none was.
    """

    precision: int = 15
    assumptions: list[str] = field(default_factory=list)
    decimals: bool = False
    plot: str = ""

    def assume(self, line: str) -> None:
        if line not in self.assumptions:
            self.assumptions.append(line)

    def choose(self, names: list[str], deed: str) -> str:
        """The variable that is meant where none was named; says so if there was a choice."""
        chosen = preferred(names)
        if len(names) > 1:
            self.assume(f"{deed} {chosen}")
        return chosen

    def shown(self, value: Expr, *, exact: str = "", number: str = "") -> str:
        """How a value is told; `exact` and `number` where they are known already."""
        return shown(value, self.precision, decimal_first=self.decimals, exact=exact, number=number)

    def solution(
        self,
        value: Any,
        *,
        text: str | None = None,
        exact: str | None = None,
        number: str | None = None,
        latex: str | None = None,
        verified: str | None = None,
    ) -> Solution:
        """The solution for a value.

        Args:
            value: a SymPy expression.
            text: what the model reads, if not simply the value.
            exact: the exact form, if not simply the value.
            number: the decimal, if not that of the value.
            latex: LaTeX, if not that of the value.
            verified: how the result was checked.

        Raises:
            ToolError: if the value is undefined.
        """
        check_defined(value)
        written = plain(value) if exact is None else exact
        rounded = decimal(value, self.precision) if number is None else number
        if text is None:
            known = {"exact": written if exact is None else "", "number": rounded if number is None else ""}
            text = shown(value, self.precision, decimal_first=self.decimals, **known)
        return Solution(
            exact=clipped(written, 20_000),
            decimal=rounded,
            latex=latex_of(value) if latex is None else latex,
            text=clipped(text),
            assumptions=tuple(self.assumptions),
            verified=verified,
        )


def check_defined(value: Any) -> None:
    """Refuse results that are no numbers.

    Raises:
        ToolError: for a division by zero, for undefined forms such as infinity - infinity, and for derivatives that
            could not be carried out.
    """
    from sympy import Derivative, Subs, nan, zoo

    if value.has(zoo) or value is nan:
        raise ToolError(
            "the value is undefined: it divides by zero or is an indeterminate form; ask for a limit instead"
        )
    if value.has(Derivative, Subs):
        raise ToolError("this function has no derivative in closed form")
