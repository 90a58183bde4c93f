"""Differential equations in closed form, and in numbers where there is no closed form.

Equations with constant coefficients, linear equations of first order and separable ones are solved here, since they
are nearly all that is asked and take milliseconds; the rest goes to SymPy's `dsolve` with a time limit. Every solution
is put back into the equation. Not solved: partial differential equations, and numbers for boundary value problems.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask, Node, Sequence, Variable, variables_of
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .first_order import first_order_solutions
from .linear_equations import constant_coefficients
from .numeric import vanishes
from .patience import OutOfPatience, within
from .presenting import Reading
from .printing import decimal, latex_of, plain
from .untyped import sympy_library

_NO_SOLUTION = (
    "no closed form was found for this differential equation; give initial values and a place, for example"
    " y' = x^2 + y^2, y(0) = 0 at x = 0.5"
)


class Problem:
    """One differential equation, or a system, with its conditions, as SymPy objects.

    Args:
        ask: what was read.
    """

    def __init__(self, ask: Ask) -> None:
        self.name = ask.words[0]
        self.orders = {word[:-1]: int(word[-1]) for word in ask.words[1:]}
        listed: Any = ask.args[0]
        names = [name for name in variables_of(*listed.items) if "_D" not in name]
        parameters = tuple(name for name in names if name != self.name and name not in self.orders)
        self.parameters = parameters
        self.builder = Builder(positive=parameters)
        self.x = self.builder.symbol(self.name)
        self.equations = [self.builder.build(item.left) - self.builder.build(item.right) for item in listed.items]
        self.conditions: list[tuple[str, int, Any, Any]] = []
        self.places: list[tuple[str, Any]] = []
        for node in ask.args[1:]:
            self._add(node)

    def _add(self, node: Node) -> None:
        assert isinstance(node, Sequence)
        target = node.items[0]
        assert isinstance(target, Variable)
        values = [self.builder.build(item) for item in node.items[1:]]
        if len(values) == 1:
            self.places.append((target.name, values[0]))
        else:
            letter, _, order = target.name.partition("_D")
            self.conditions.append((letter, int(order), values[0], values[1]))

    def derivative(self, unknown: str, order: int) -> Any:
        """The symbol that stands for a derivative, the unknown itself for order 0."""
        return self.builder.symbol(unknown if order == 0 else f"{unknown}_D{order}")

    def residual(self, equation: Any, solutions: dict[str, Any]) -> Any:
        """What is left of an equation when functions of x are put in for the unknowns."""
        values = {
            self.derivative(unknown, order): solutions[unknown].diff(self.x, order) if order else solutions[unknown]
            for unknown, most in self.orders.items()
            for order in range(most + 1)
        }
        return equation.subs(values, simultaneous=True)


def _solve(ask: Ask, reading: Reading) -> Solution:
    problem = Problem(ask)
    if problem.parameters:
        reading.assume(f"constants: {', '.join(f'{name} > 0' for name in problem.parameters)}")
    if len(problem.orders) > 1:
        return _system(problem, reading)
    ((unknown, order),) = problem.orders.items()
    equation = problem.equations[0]
    if not equation.has(problem.derivative(unknown, order)):
        raise ToolError("the derivative cancels out of this equation; write for example y' = 2*y")
    candidates = _general(problem, unknown, order)
    if candidates is None:
        return _numeric(problem, unknown, order, reading)
    explicit, implicit = candidates
    if not explicit and implicit is None:
        return _numeric(problem, unknown, order, reading)
    if not explicit:
        return _implicit(problem, unknown, implicit, reading)
    if problem.conditions:
        fitted = [value for solution in explicit if (value := _fitted(problem, unknown, solution)) is not None]
        if not fitted:
            if len(problem.conditions) > order:
                wanted = f"{order} condition{'s' * (order > 1)}"
                raise ToolError(f"an equation of order {order} takes {wanted}, not {len(problem.conditions)}")
            if order == len(problem.conditions) and problem.places:
                return _numeric(problem, unknown, order, reading)
            raise ToolError("no solution meets all these conditions; check them, or leave out one")
        explicit = fitted[:1]
    explicit = [_tidy(solution) for solution in explicit]
    checked = all(vanishes(problem.residual(equation, {unknown: solution})) for solution in explicit)
    return _presented(problem, unknown, explicit, reading, "checked by substitution" if checked else None)


def _general(problem: Problem, unknown: str, order: int) -> tuple[list[Any], Any] | None:
    """Explicit general solutions, and an implicit one where there is none; `None` if nothing was found."""
    equation = problem.equations[0]
    symbols = [problem.derivative(unknown, n) for n in range(order + 1)]
    methods: list[Callable[[], tuple[list[Any], Any] | None]] = [
        lambda: constant_coefficients(equation, symbols, problem.x),
    ]
    if order == 1:
        methods.append(lambda: first_order_solutions(equation, symbols, problem.x))
    methods.append(lambda: _by_sympy(problem, unknown))
    for method in methods:
        try:
            found = within(0.6, method, most=2.0 if problem.places else 4.0)
        except (OutOfPatience, Exception):  # noqa: BLE001, S112 - SymPy's methods fail in any way on what they do not know
            continue
        if found is not None:
            return found
    return None


def _by_sympy(problem: Problem, unknown: str) -> tuple[list[Any], Any] | None:
    sympy = sympy_library()

    function: Any = sympy.Function("unknown")(problem.x)
    equation = problem.residual(problem.equations[0], {unknown: function})
    found = sympy.dsolve(sympy.Eq(equation, 0), function)
    answers = found if isinstance(found, list) else [found]
    if any(answer.has(sympy.Integral, sympy.O, sympy.Derivative) for answer in answers):
        return None
    explicit = [answer.rhs for answer in answers if answer.lhs == function and not answer.rhs.has(function)]
    implicit = next((answer for answer in answers if answer.lhs != function or answer.rhs.has(function)), None)
    if implicit is not None:
        implicit = implicit.subs(function, problem.derivative(unknown, 0))
    return explicit, implicit


def _constants(expression: Any) -> list[Any]:
    return sorted(
        (s for s in expression.free_symbols if s.name[0] == "C" and s.name[1:].isdigit()), key=lambda s: s.name
    )


def _fitted(problem: Problem, unknown: str, solution: Any) -> Any:
    """The solution with its constants chosen to meet the conditions, `None` if that is not possible."""
    sympy = sympy_library()

    constants = _constants(solution)
    equations = []
    for _, order, point, value in problem.conditions:
        at = solution.diff(problem.x, order).subs(problem.x, point) if order else solution.subs(problem.x, point)
        if at.has(sympy.zoo, sympy.nan, sympy.oo):
            at = sympy.limit(solution.diff(problem.x, order), problem.x, point, "+")
        equations.append(at - value)
    if not constants:
        return solution if all(vanishes(equation) for equation in equations) else None
    try:
        found = within(0.5, lambda: sympy.solve(equations, constants, dict=True), most=3.0)
    except (OutOfPatience, NotImplementedError, TypeError, ValueError):
        return None
    for values in sorted(found, key=lambda values: sum(value.has(sympy.I) for value in values.values())):
        fitted = solution.subs(values)
        met = all(
            _close(fitted.diff(problem.x, order).subs(problem.x, point), value)
            for _, order, point, value in problem.conditions
        )
        if met and not fitted.has(sympy.zoo, sympy.nan):
            return fitted
    return None


def _close(first: Any, second: Any) -> bool:
    sympy = sympy_library()

    return bool(first == second) or first.has(sympy.nan, sympy.zoo) or vanishes(first - second)


def _tidy(solution: Any) -> Any:
    """A solution as a sum, unless another form is much shorter."""
    sympy = sympy_library()

    def shorter() -> Any:
        expanded = sympy.expand(solution)
        forms = [solution, sympy.factor_terms(solution)]
        if not _constants(solution):
            forms.append(sympy.simplify(solution))
        shortest = min(forms, key=lambda form: (form.count_ops(), len(str(form))))
        return expanded if expanded.count_ops() <= 1.5 * shortest.count_ops() + 2 else shortest

    try:
        return within(0.3, shorter, most=1.5)
    except OutOfPatience:
        return solution


def _note_constants(solutions: list[Any], reading: Reading) -> None:
    names = sorted({str(constant) for solution in solutions for constant in _constants(solution)})
    if names:
        plural = len(names) > 1
        reading.assume(f"{', '.join(names)} {'are arbitrary constants' if plural else 'is an arbitrary constant'}")


def _presented(
    problem: Problem, unknown: str, solutions: list[Any], reading: Reading, verified: str | None
) -> Solution:
    if problem.places:
        value = solutions[0].subs(problem.x, problem.places[0][1])
        place = plain(problem.places[0][1])
        if len(solutions) == 1 and not _constants(value):
            text = (
                f"{unknown}({place}) = {reading.shown(value)}, from {unknown}({problem.name}) = {plain(solutions[0])}"
            )
            return reading.solution(value, text=text, verified=verified)
    left = f"{unknown}({problem.name})"
    written = " or ".join(f"{left} = {plain(solution)}" for solution in solutions)
    _note_constants(solutions, reading)
    exact = " or ".join(plain(solution) for solution in solutions)
    latex = r" \quad\text{or}\quad ".join(f"{left} = {latex_of(solution)}" for solution in solutions)
    return reading.solution(solutions[0], text=written, exact=exact, latex=latex, verified=verified)


def _implicit(problem: Problem, unknown: str, relation: Any, reading: Reading) -> Solution:
    """A solution that gives the unknown only through an equation."""
    sympy = sympy_library()

    y, (equation,) = problem.derivative(unknown, 0), problem.equations
    difference = relation.lhs - relation.rhs
    if problem.conditions:
        _, order, point, value = problem.conditions[0]
        if order or len(problem.conditions) > 1:
            raise ToolError("an equation of first order takes one condition such as y(0) = 1")
        (constant,) = _constants(difference)[:1] or (None,)
        if constant is None:
            raise ToolError(_NO_SOLUTION)
        found = sympy.solve(difference.subs({problem.x: point, y: value}), constant)
        if not found:
            raise ToolError("no solution meets this condition")
        difference = difference.subs(constant, found[0])
        relation = sympy.Eq(relation.lhs.subs(constant, found[0]), relation.rhs.subs(constant, found[0]))
        if problem.places:
            return _numeric(problem, unknown, 1, reading)
    slope = -difference.diff(problem.x) / difference.diff(y)
    checked = vanishes(equation.subs(problem.derivative(unknown, 1), slope))
    reading.assume(f"{unknown} is given by an equation")
    text = plain(relation)
    return reading.solution(
        difference, text=text, exact=text, number="", latex=latex_of(relation),
        verified="checked by implicit differentiation" if checked else None,
    )  # fmt: skip


def _system(problem: Problem, reading: Reading) -> Solution:
    sympy = sympy_library()

    functions: dict[str, Any] = {
        name: sympy.Function(f"unknown{number}")(problem.x) for number, name in enumerate(problem.orders)
    }
    equations = [sympy.Eq(problem.residual(equation, functions), 0) for equation in problem.equations]
    initial: dict[Any, Any] = {}
    for name, order, point, value in problem.conditions:
        if order:
            raise ToolError("a system takes conditions for its functions: x(0) = 1, y(0) = 0")
        initial[functions[name].subs(problem.x, point)] = value
    try:
        found = within(0.8, lambda: sympy.dsolve(equations, list(functions.values()), ics=initial or None), most=7.0)
    except (OutOfPatience, Exception) as fault:  # SymPy fails in any way on systems that it does not know
        raise ToolError("no closed form was found for this system of differential equations") from fault
    by_function = {answer.lhs: answer.rhs for answer in found}
    solutions = {name: _tidy(by_function[function]) for name, function in functions.items()}
    checked = all(vanishes(problem.residual(equation, solutions)) for equation in problem.equations)
    verified = "checked by substitution" if checked else None
    places = [place for place in problem.places if place[0] in solutions]
    if places and initial:
        values = {f"{name}({plain(point)})": solutions[name].subs(problem.x, point) for name, point in places}
        text = ", ".join(f"{left} = {reading.shown(value)}" for left, value in values.items())
        return reading.solution(next(iter(values.values())), text=text, verified=verified)
    _note_constants(list(solutions.values()), reading)
    lines = {f"{name}({problem.name})": value for name, value in solutions.items()}
    text = ", ".join(f"{left} = {plain(value)}" for left, value in lines.items())
    latex = r",\quad ".join(f"{left} = {latex_of(value)}" for left, value in lines.items())
    return reading.solution(
        next(iter(solutions.values())), text=text, exact=text, number="", latex=latex, verified=verified
    )


def _numeric(problem: Problem, unknown: str, order: int, reading: Reading) -> Solution:
    """The value at a place, by two integrations with different methods."""
    from sympy import Float

    start = sorted(problem.conditions, key=lambda condition: condition[1])
    points = {condition[2] for condition in start}
    if not problem.places or [condition[1] for condition in start] != list(range(order)) or len(points) != 1:
        raise ToolError(_NO_SOLUTION)
    (point,), place = points, problem.places[0][1]
    value, checked = _integrated(problem, unknown, order, point, [condition[3] for condition in start], place)
    reading.assume("no closed form was used; computed numerically")
    text = decimal(Float(value, 17), min(reading.precision, 9))
    verified = "checked with a second numerical method" if checked else None
    shown = f"{unknown}({plain(place)}) is approximately {text}"
    return reading.solution(Float(value, 17), text=shown, exact="", number=text, latex=text, verified=verified)


def _integrated(
    problem: Problem, unknown: str, order: int, point: Any, values: list[Any], place: Any
) -> tuple[float, bool]:
    sympy = sympy_library()
    from scipy.integrate import solve_ivp

    from .numeric import numeric_function

    symbols = [problem.derivative(unknown, n) for n in range(order + 1)]
    highest = sympy.solve(problem.equations[0], symbols[-1])
    if len(highest) != 1 or not all(part.is_number and part.is_extended_real for part in (point, place, *values)):
        raise ToolError(_NO_SOLUTION)
    function = numeric_function(highest[0], [problem.x, *symbols[:-1]])

    def rates(x: float, state: Any) -> list[float]:
        return [*state[1:], complex(function(x, *state)).real]

    span, initial = (float(point), float(place)), [float(value) for value in values]
    if abs(span[1] - span[0]) > 1000:
        raise ToolError("the place is too far from the initial point; use a distance of 1000 at most")
    found = []
    for method, tolerance in (("DOP853", 1e-12), ("LSODA", 1e-10)):
        try:
            result = within(
                0.5, lambda m=method, t=tolerance: solve_ivp(rates, span, initial, m, rtol=t, atol=t), most=4.0
            )
        except (OutOfPatience, ArithmeticError, ValueError):
            result = None
        if result is None or not result.success:
            raise ToolError("the solution could not be followed that far; it may run to infinity before this place")
        found.append(float(result.y[0][-1]))
    return found[0], abs(found[0] - found[1]) <= 1e-6 * (1 + abs(found[0]))


HANDLERS: dict[str, Handler] = {"differential equation": _solve}
