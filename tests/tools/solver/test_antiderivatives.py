"""Integrands that SymPy's own methods leave: substitution and parts find an antiderivative, and it is checked."""

import mpmath
import pytest
import sympy
from pericles.tools.solver.answers.antiderivatives import search

x = sympy.Symbol("x", real=True)
INTEGRANDS = [
    sympy.sin(x) / (sympy.sin(x) ** 2 + 1),
    x * sympy.atan(x) / sympy.sqrt(1 - x**2),
    x * sympy.log(x + sympy.sqrt(x**2 + 1)) / sympy.sqrt(x**2 + 1),
    sympy.log(x) / (x**2 * sympy.sqrt(x**2 + 1)),
    sympy.tan(x) / sympy.sqrt(sympy.sec(x) ** 3 + 1),
    sympy.tan(x) / sympy.sqrt(sympy.tan(x) ** 4 + 1),
    sympy.exp(x) / (1 + sympy.exp(2 * x)),
    x * sympy.log(x) ** 2,
    sympy.log(x) / x,
    1 / (x + sympy.sqrt(x)),
    sympy.sqrt((1 + x) / (1 - x)),
    x * sympy.sqrt((1 - x) / (1 + x)),
]


@pytest.mark.parametrize("integrand", INTEGRANDS, ids=str)
def test_the_slope_of_what_is_found_is_the_integrand(integrand):
    found = search(integrand, x)
    assert found is not None
    for point in (0.31, 0.52):
        slope = mpmath.diff(lambda at: mpmath.mpmathify(found.subs(x, at).evalf(30)), point)
        assert abs(complex(slope) - complex(integrand.subs(x, point).evalf())) < 1e-6


def test_what_no_rule_fits_is_left():
    assert search(sympy.exp(-(x**2)) / (1 + sympy.sin(x) ** 2), x) is None
