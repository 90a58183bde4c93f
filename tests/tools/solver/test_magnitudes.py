"""Numbers too long to be written out, by their first digits; what is out of reach is refused at once."""

import math
import time

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query


def parts(logarithm):
    """First digits and power of ten of the number with this logarithm to base 10."""
    return 10 ** (logarithm % 1), math.floor(logarithm)


@pytest.mark.parametrize(
    ("query", "logarithm"),
    [
        ("9^9^9", 9**9 * math.log10(9)),
        ("1000000!", math.lgamma(1000001) / math.log(10)),
        ("1/(10^6)!", -math.lgamma(1000001) / math.log(10)),
        ("(1/3)^(10^8)", -(10**8) * math.log10(3)),
    ],
)
def test_first_digits(query, logarithm):
    mantissa, power = solve_query(query).decimal.split("e")
    expected, exponent = parts(logarithm)
    assert int(power) == exponent
    assert float(mantissa) == pytest.approx(expected, rel=1e-5)


def test_a_power_near_e():
    assert float(solve_query("(1 + 1/10^6)^(10^6)").decimal) == pytest.approx(
        math.exp(1e6 * math.log1p(1e-6)), rel=1e-12
    )


def test_the_digits_agree_with_the_last_exact_number():
    exact, estimate = 7**500_000, solve_query("7^500000 + 0*9^9^9").decimal
    mantissa, power = estimate.split("e")
    assert int(power) == math.floor(500_000 * math.log10(7))
    leading = exact // 10 ** (int(power) - 14)
    assert abs(leading - int(mantissa.replace(".", "").ljust(15, "0"))) <= 1


def test_the_number_of_digits_is_told():
    assert solve_query("10^(10^7)").text == "about 1e10000000 (10000001 digits before the point)"


@pytest.mark.parametrize("query", ["9^9^9^9", "2^(2^100)", "10^100!", "(10^20)!", "0^(10^10) * 9^9^9", "x + 9^9^9"])
def test_what_is_out_of_reach_is_refused_at_once(query):
    started = time.monotonic()
    with pytest.raises(ToolError):
        solve_query(query)
    assert time.monotonic() - started < 2
