"""What may be added to an answer when it is wanted: steps and a picture. An answer never fails for lack of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...errors import ToolError
from ..reading.syntax import (
    Apply,
    Ask,
    Differentiate,
    Evaluate,
    Integrate,
    Limit,
    Node,
    Relation,
    Request,
    Rewrite,
    Sequence,
    Solve,
    variables_of,
)
from ..solution import Solution
from .presenting import Reading
from .steps import steps_for

_NO_STEPS = "no steps are known for this kind of question"
_NO_PLOT = "no picture can be drawn of this kind of question"
_FAULTS = (ToolError, ArithmeticError, ValueError, TypeError, NotImplementedError, AttributeError)


def extended(request: Request, solution: Solution, *, steps: bool, plot: str) -> Solution:
    """The solution with what else is wanted."""
    if solution.plot is None:
        solution = replace(solution, plottable=_pictured(request) is not None)
    if steps:
        lines: tuple[str, ...] = ()
        try:
            lines = steps_for(request, solution)
        except _FAULTS:
            lines = ()
        notes = () if lines else (_NO_STEPS,)
        solution = replace(solution, steps=lines, assumptions=(*solution.assumptions, *notes))
    if plot and solution.plot is None:
        solution = _with_plot(request, solution, plot)
    return solution


def _with_plot(request: Request, solution: Solution, kind: str) -> Solution:
    from .plots import plot

    asked = _pictured(request)
    try:
        if asked is not None:
            picture = plot(asked, Reading(plot=kind))
            return replace(solution, plot=picture.plot, plot_format=picture.plot_format)
    except _FAULTS:
        pass
    return replace(solution, assumptions=(*solution.assumptions, _NO_PLOT), plottable=False)


def _pictured(request: Request) -> Ask | None:
    """The plot that shows what was asked, `None` if nobody would look at one."""
    nodes: tuple[Node, ...] = ()
    bounds: tuple[Node, ...] = ()
    shade = ""
    if isinstance(request, Differentiate) and len(set(request.variables)) <= 1:
        call = Apply("diff", (request.expression,))
        nodes = (request.expression, call) if request.order == 1 else (request.expression,)
    elif isinstance(request, Integrate) and len(request.limits) <= 1:
        nodes = (request.expression,)
        if request.limits and request.limits[0][1] is not None and request.limits[0][2] is not None:
            bounds, shade = (request.limits[0][1], request.limits[0][2]), "area"
    elif isinstance(request, Solve):
        nodes = _of_equations(request)
    elif (
        isinstance(request, Limit)
        or (isinstance(request, Rewrite) and request.kind != "divisors")
        or (
            isinstance(request, Evaluate) and not request.at and not isinstance(request.expression, Relation | Sequence)
        )
    ):
        nodes = (request.expression,)
    names = variables_of(*nodes)
    flat = not any(isinstance(node, Relation) and node.op == "=" for node in nodes)
    if not nodes or not names or len(set(names)) > (1 if flat else 2):
        return None
    return Ask("plot", (Sequence(nodes), Sequence(bounds)), ("", shade))


def _of_equations(request: Solve) -> tuple[Node, ...]:
    names = variables_of(*request.relations)
    relations: list[Any] = list(request.relations)
    if len(names) == 1 and len(relations) == 1 and isinstance(relations[0], Relation) and relations[0].op == "=":
        left, right = relations[0].left, relations[0].right
        return (Apply("+", (left, Apply("neg", (right,)))),)
    return tuple(relations)
