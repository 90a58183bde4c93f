"""Steps hold in numbers line by line, pictures are what they say, and curves are cut where they must be."""

from __future__ import annotations

import json
import math
import struct
import xml.etree.ElementTree as ElementTree

import pytest
import sympy
from pericles.tools import ToolError
from pericles.tools.solver import solve_query
from pericles.tools.solver.answers.build import Builder
from pericles.tools.solver.answers.curves import curve
from pericles.tools.solver.answers.numeric import numeric_function
from pericles.tools.solver.reading.clauses import read_expression
from pericles.ui.mathematics import compute

X = sympy.Symbol("x", real=True)


@pytest.mark.parametrize(
    ("function", "low", "high", "roots", "poles"),
    [
        (sympy.tan(X), -2.0, 5.0, [0, math.pi], [-math.pi / 2, math.pi / 2, 3 * math.pi / 2]),
        (1 / (X - 1), -3.0, 5.0, [], [1]),
        (1 / X**2, -3.1, 2.9, [], [0]),
        (X**2 - 2, -3.0, 3.0, [-math.sqrt(2), math.sqrt(2)], []),
        ((X - 1) ** 2, -3.0, 3.05, [1], []),
        (sympy.sqrt(X), -1.0, 4.0, [0], []),
    ],
)
def test_curve(function, low, high, roots, poles):
    found = curve(function, X, low, high)
    assert found.roots == pytest.approx(roots, abs=1e-5)
    assert found.poles == pytest.approx(poles, abs=1e-5)
    for segment in found.segments:
        assert all(not segment[0][0] < pole < segment[-1][0] for pole in poles)


def _value(text: str, at: float, name: str = "x") -> float:
    expr = Builder().build(read_expression(text, []))
    return complex(numeric_function(expr, [Builder().symbol(name)])(at)).real


@pytest.mark.parametrize(
    "function",
    ["x^2*sin(3x)", "x^x", "sin(x)/x", "ln(x^2+1)", "e^(2x)*cos(x)", "atan(x)", "(x^2+1)^5", "3x^4 - 2x + 7"],
)
def test_each_line_of_a_derivative_holds(function):
    steps = solve_query(f"derivative of {function}", steps=True).steps
    assert len(steps) >= 2
    for line in steps[:-1]:
        before, _, after = line.partition("d/dx ")[2].rpartition(" = ")
        slope = (_value(before, 0.7 + 1e-5) - _value(before, 0.7 - 1e-5)) / 2e-5
        assert slope == pytest.approx(_value(after, 0.7), rel=1e-5)


@pytest.mark.parametrize("function", ["x*e^x", "x^2 + 3x", "2x*cos(x^2)", "1/(x^2-1)", "x^2*sin(x)"])
def test_each_line_of_an_integral_holds(function):
    steps = solve_query(f"integrate {function} with steps").steps
    assert len(steps) >= 2
    for line in steps[:-1]:
        if " dx = " not in line:
            continue
        before, _, after = line.partition("integral of ")[2].partition(" dx = ")
        slope = (_value(after, 0.7 + 1e-5) - _value(after, 0.7 - 1e-5)) / 2e-5
        assert slope == pytest.approx(_value(before, 0.7), rel=1e-5)


@pytest.mark.parametrize(
    ("query", "roots"),
    [("solve 3(x-2)+5=2x+7", [8]), ("solve 2x^2-3x-5=0", [-1, 2.5]), ("solve 5x = 3", [0.6])],
)
def test_each_line_of_an_equation_holds(query, roots):
    steps = solve_query(query + " step by step").steps
    assert len(steps) >= 2
    for line in steps:
        left, equals, right = line.rpartition(": ")[2].partition(" = ")
        plain = equals and "x" in left and "=" not in right and " or " not in right and "+-" not in line
        if plain and not line.startswith(("x = ", "so ")):
            for root in roots:
                assert _value(left, root) == pytest.approx(_value(right, root), abs=1e-9)


def test_elimination():
    steps = solve_query("2x+3y=7, x-y=1", steps=True).steps
    assert "from (2): y = 1" in steps
    assert "from (1): x = 2" in steps


def test_no_steps_is_no_error():
    found = solve_query("37*4", steps=True)
    assert found.steps == ()
    assert any("no steps" in line for line in found.assumptions)


@pytest.mark.parametrize(
    "query",
    [
        "plot sin x from 0 to 10", "graph y = x^2 - 4", "plot x^2 and 2x + 1", "plot sin(x), cos(x) for x in [-pi, pi]",
        "draw x^2 + y^2 = 25", "plot |x-3|<5", "plot r = 1 + cos theta", "plot (cos t, sin t) for t from 0 to 2pi",
        "plot the points (1,2), (3,4)", "scatter plot (1,2), (2,3)", "plot x^2 - y^2", "integrate x^2 from 0 to 1",
        "solve x^2 - 4 = 0", "x + y = 3, x - y = 1", "x^2 < 4", "derivative of x^3",
    ],
)  # fmt: skip
def test_pictures(query):
    png = solve_query(query, plot="png").plot_bytes
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (640, 420)
    assert 3000 < len(png) < 300_000
    root = ElementTree.fromstring(solve_query(query, plot="svg").plot)
    assert root.tag.endswith("svg")
    assert not any(part.tag.endswith("script") for part in root.iter())


@pytest.mark.parametrize("query", ["plot sqrt(-1-x^2)", "plot x, 2x, 3x, 4x, 5x, 6x, 7x", "plot sin x from 10 to 0"])
def test_what_cannot_be_plotted(query):
    with pytest.raises(ToolError):
        solve_query(query)


def test_the_command_line(tmp_path, capsys):
    file = tmp_path / "curve.svg"
    options = {"precision": 15, "timeout": 10.0, "latex": False, "as_json": True}
    assert compute("solve x^2 = 4", steps=True, plot=file, **options) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["steps"]
    assert file.read_bytes() == printed["plot"].encode()
    with pytest.raises(Exception, match=r"\.png"):
        compute("solve x^2 = 4", plot=tmp_path / "curve.pdf", **options)
