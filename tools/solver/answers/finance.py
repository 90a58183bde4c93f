"""Interest, loans, savings, growth and cash flows.

Where it is cheap, a result is checked by a recurrence, period by period, or by putting it back.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from . import prices
from .domain import Handler
from .money import (
    CHECKED,
    MOST_STEPS,
    MOST_YEARS,
    PERIODS,
    as_sympy,
    cents,
    check_bounds,
    checked_growth,
    growth_factor,
    many_digits,
    paid,
    real,
    short,
    solved,
    times_a_year,
    values_of,
    written,
)
from .presenting import Reading
from .printing import decimal


def _interest(request: Ask, reading: Reading) -> Solution:
    amount, rate, years = values_of(request)
    kind, tag, asked = request.words
    check_bounds(years, rate)
    with many_digits(reading):
        if kind in ("simple", "one year"):
            gained: Any = amount * rate * years
            total: Any = amount + gained
            formula, verified = f"{written(amount)}*{written(rate)}*{written(years)}", None
        else:
            times = times_a_year(tag, reading)
            factor, growth = growth_factor(rate, years, times)
            total = amount * factor if isinstance(factor, Fraction) else real(amount) * factor
            gained = total - (amount if isinstance(total, Fraction) else real(amount))
            formula = f"{written(amount)}*{growth}" + (f" - {written(amount)}" if asked == "interest" else "")
            verified = checked_growth(amount, rate, years, times, total)
        first, second = cents(total, reading), cents(gained, reading)
        if kind == "one year":
            reading.assume("for one year")
        if asked == "interest":
            return paid(reading, gained, f"interest {second}; total {first}", formula, verified)
        if kind == "simple":
            formula = f"{written(amount)}*(1 + {written(rate)}*{written(years)})"
        return paid(reading, total, f"{first} in total, of which interest is {second}", formula, verified)


def _payment(amount: Any, step: Any, count: Any) -> Any:
    """The payment at the end of each of `count` periods that pays back `amount`."""
    return amount / count if step == 0 else amount * step / (1 - (1 + step) ** -count)


def _loan(request: Ask, reading: Reading) -> Solution:
    amount, rate, years, *after = values_of(request)
    times, asked = int(request.words[0]), request.words[1]
    check_bounds(years, rate)
    count = years * times
    if count.denominator != 1 or not 1 <= count <= MOST_STEPS:
        raise ToolError(
            f"a loan is paid back in 1 to {MOST_STEPS} payments; write for example: loan of 20000 at 5% for 5 years"
        )
    if amount <= 0 or rate < 0:
        raise ToolError("a loan needs a positive amount and a rate of at least 0%: loan of 20000 at 5% for 5 years")
    reading.assume(
        f"payments are made {PERIODS[times]} at the end of each period, at the yearly rate divided by {times}"
    )
    with many_digits(reading):
        step, principal = real(rate / times), real(amount)
        payment = _payment(principal, step, int(count))
        balance = principal
        kept = principal
        marks = int(after[0] * times) if after else -1
        for number in range(1, int(count) + 1):
            balance += balance * step - payment
            kept = balance if number == marks else kept
        verified = "checked: the balance after the last payment is 0" if abs(balance) < principal * 1e-12 else None
        total = payment * int(count)
        part = written(rate / times)
        formula = f"{written(amount)}*{part}/(1 - (1 + {part})^(-{count}))" if rate else written(amount / count)
        facts = {"payment": payment, "interest": total - principal, "total": total, "balance": kept}
        told = {name: cents(value, reading) for name, value in facts.items()}
        period = {12: "month", 1: "year", 4: "quarter", 52: "week", 26: "two weeks", 2: "half year"}[times]
        texts = {
            "payment": f"{told['payment']} per {period}; {told['total']} in total, {told['interest']} of it interest",
            "interest": f"total interest {told['interest']} ({count} payments of {told['payment']})",
            "total": f"{told['total']} in total ({count} payments of {told['payment']})",
            "balance": f"{told['balance']} is still owed after {marks} payments of {told['payment']}",
        }
        formulas = {
            "payment": formula, "interest": f"{count}*{formula} - {written(amount)}", "total": f"{count}*{formula}",
            "balance": told["balance"],
        }  # fmt: skip
        return paid(reading, facts[asked], texts[asked], formulas[asked], verified)


def _savings(request: Ask, reading: Reading) -> Solution:
    amount, rate, years, *start = values_of(request)
    times, asked = int(request.words[0]), request.words[1]
    check_bounds(years, rate)
    count = years * times
    if count.denominator != 1 or not 1 <= count <= MOST_STEPS:
        raise ToolError(
            f"savings run over 1 to {MOST_STEPS} payments; write for example: save 200 per month at 5% for 10 years"
        )
    reading.assume(
        f"payments are made {PERIODS[times]} at the end of each period, at the yearly rate divided by {times}"
    )
    with many_digits(reading):
        step, number, money = real(rate / times), int(count), real(amount)
        grown = (1 + step) ** number
        growth = number * real(Fraction(1)) if step == 0 else (grown - 1) / step
        part = written(rate / times)
        formula = f"((1 + {part})^{count} - 1)/{part}" if rate else str(count)
        if asked == "payment":
            value = money / growth
            text = f"{cents(value, reading)} per period for {count} payments"
            return paid(
                reading, value, text, f"{written(amount)}/({formula})", _checked_savings(value, step, number, money)
            )
        if asked == "present":
            value = money * growth / grown
            return paid(reading, value, cents(value, reading), f"{written(amount)}*{formula}/(1 + {part})^{count}")
        first = real(start[0]) if start else real(Fraction(0))
        value = money * growth + first * grown
        deposited = money * number + first
        gained = cents(value - deposited, reading)
        text = f"{cents(value, reading)} ({cents(deposited, reading)} paid in, {gained} interest)"
        begun = f" + {written(start[0])}*(1 + {part})^{count}" if start and start[0] else ""
        return paid(
            reading,
            value,
            text,
            f"{written(amount)}*({formula}){begun}",
            _checked_savings(money, step, number, value, first),
        )


def _checked_savings(payment: Any, step: Any, count: int, expected: Any, balance: Any = 0) -> str | None:
    for _ in range(count):
        balance += balance * step + payment
    return CHECKED if abs(balance - expected) <= abs(expected) * 1e-12 else None


def _present_value(request: Ask, reading: Reading) -> Solution:
    amount, rate, years = values_of(request)
    check_bounds(years, rate)
    times = times_a_year(request.words[0], reading)
    with many_digits(reading):
        factor, growth = growth_factor(rate, years, times)
        value = amount / factor if isinstance(factor, Fraction) else real(amount) / factor
        verified = checked_growth(Fraction(1), rate, years, times, factor)
        return paid(reading, value, cents(value, reading), f"{written(amount)}/{growth}", verified)


def _doubling(request: Ask, reading: Reading) -> Solution:
    from mpmath import log

    multiple, rate = values_of(request)
    tag, kind = request.words
    if not 0 < rate <= 1000:
        raise ToolError("money grows only at a rate above 0%: how long to double at 7%")
    word = {2: "double", 3: "triple", 4: "quadruple"}[int(multiple)]
    with many_digits(reading):
        if kind == "simple":
            exactly = (multiple - 1) / rate
            return solved(reading, exactly, f"{short(exactly, reading)} years to {word}", written(exactly))
        times = times_a_year(tag, reading)
        if times is None:
            value, formula = log(int(multiple)) / real(rate), f"ln({multiple})/{written(rate)}"
        else:
            value = log(int(multiple)) / (times * log(real(1 + rate / times)))
            formula = f"ln({multiple})/({f'{times}*' if times > 1 else ''}ln({written(1 + rate / times)}))"
        text = f"{short(value, reading)} years to {word}"
        if multiple == 2:
            text += f" (rule of 72: {short(Fraction(72) / (rate * 100), reading)} years)"
        step = real(1 + rate / (times or 1))
        grown = step ** (value * times) if times else None
        verified = "checked by putting it back" if grown is not None and abs(grown - int(multiple)) < 1e-12 else None
        return solved(reading, value, text, formula, verified)


def _growth_time(request: Ask, reading: Reading) -> Solution:
    from mpmath import log

    start, end, rate = values_of(request)
    if start <= 0 or end <= start or not 0 < rate <= 1000:
        raise ToolError(
            "write a smaller and a larger amount and a rate above 0%: how long for 1000 to grow to 2000 at 5%"
        )
    times = times_a_year(request.words[0], reading)
    with many_digits(reading):
        ratio = real(end / start)
        yearly = real(rate) if times is None else times * log(real(1 + rate / times))
        value = log(ratio) / yearly
        below = (
            written(rate) if times is None else f"({f'{times}*' if times > 1 else ''}ln({written(1 + rate / times)}))"
        )
        return solved(reading, value, f"{short(value, reading)} years", f"ln({written(end / start)})/{below}")


def _growth_rate(request: Ask, reading: Reading) -> Solution:
    start, end, years = values_of(request)
    if start <= 0 or end <= 0 or not 0 < years <= MOST_YEARS:
        raise ToolError("a growth rate needs two positive amounts and a term: cagr from 1000 to 2000 over 5 years")
    with many_digits(reading):
        value = real(end / start) ** (1 / real(years)) - 1
        verified = (
            "checked by putting it back"
            if abs((1 + value) ** real(years) - real(end / start)) < 1e-12 * real(end / start)
            else None
        )
        reading.assume("growth is compounded yearly")
        return solved(
            reading,
            value,
            f"{short(value * 100, reading)}% per year",
            f"{written(end / start)}^(1/{written(years)}) - 1",
            verified,
        )


def _net_present(rate: Any, flows: list[Fraction]) -> Any:
    return sum(real(flow) / (1 + rate) ** number for number, flow in enumerate(flows))


def _npv(request: Ask, reading: Reading) -> Solution:
    rate, *flows = values_of(request)
    check_bounds(Fraction(len(flows)), rate)
    reading.assume("the first amount is paid now, each next one a year later")
    value = sum((flow / (1 + rate) ** number for number, flow in enumerate(flows)), Fraction(0))
    worth = Fraction(0)
    for flow in reversed(flows):
        worth = worth / (1 + rate) + flow
    verified = "checked backwards from the last amount" if worth == value else None
    return paid(reading, value, f"NPV {cents(value, reading)}", f"{value.numerator}/{value.denominator}", verified)


def _irr(request: Ask, reading: Reading) -> Solution:
    flows = values_of(request)
    signs = [flow > 0 for flow in flows if flow]
    changes = sum(left != right for left, right in itertools.pairwise(signs))
    if not changes:
        raise ToolError(
            "there is no internal rate of return: amounts must be both paid (negative) and received (positive)"
        )
    with many_digits(reading):
        low, high = _bracket(flows)
        below = _net_present(low, flows) > 0
        for _ in range(4 * (reading.precision + 25)):
            middle = (low + high) / 2
            if (_net_present(middle, flows) > 0) == below:
                low = middle
            else:
                high = middle
        value = (low + high) / 2
        if changes > 1:
            reading.assume("the amounts change sign more than once; there may be other rates")
        reading.assume("the first amount is paid now, each next one a year later")
        scale = sum(abs(real(flow)) for flow in flows)
        verified = (
            "checked: the net present value at this rate is 0"
            if abs(_net_present(value, flows)) < scale * 1e-10
            else None
        )
        percent = f"{short(value * 100, reading)}%"
        return solved(
            reading, value, f"IRR {percent} per year", decimal(as_sympy(value, reading), reading.precision), verified
        )


def _bracket(flows: list[Fraction]) -> tuple[Any, Any]:
    """Two rates between which the net present value changes its sign, the ones nearest to zero."""
    grid = [Fraction(-99, 100) + Fraction(number, 100) for number in range(200)] + [
        Fraction(2) ** number for number in range(1, 14)
    ]
    points = [(real(rate), _net_present(real(rate), flows) > 0) for rate in sorted(set(grid))]
    pairs = [(left, right) for (left, a), (right, b) in itertools.pairwise(points) if a != b]
    if not pairs:
        raise ToolError("no internal rate of return was found between -99% and 800000%")
    return min(pairs, key=lambda pair: abs(pair[0]))


def _effective(request: Ask, reading: Reading) -> Solution:
    rate = values_of(request)[0]
    check_bounds(Fraction(1), rate)
    times = times_a_year(request.words[0], reading)
    with many_digits(reading):
        factor, growth = growth_factor(rate, Fraction(1), times)
        value = factor - 1
        reading.assume(f"the rate is compounded {PERIODS[times] if times else 'continuously'}")
        percent = short(value * 100, reading, 8)
        return solved(
            reading,
            value,
            f"{percent}% per year",
            f"{growth} - 1",
            checked_growth(Fraction(1), rate, Fraction(1), times, factor),
        )


def _simple_quotient(request: Ask) -> tuple[Fraction, str | None]:
    """Interest over principal and rate, or over principal and term: the one of them that is asked for."""
    principal, gained, known = values_of(request)
    if principal <= 0 or known <= 0:
        raise ToolError(
            "simple interest needs a positive principal, rate and term: simple interest on 1000 at 5% for 2 years"
        )
    value = gained / (principal * known)
    return value, "checked by putting it back" if principal * value * known == gained else None


def _simple_rate(request: Ask, reading: Reading) -> Solution:
    value, verified = _simple_quotient(request)
    return solved(reading, value, f"{short(value * 100, reading)}% per year", written(value), verified)


def _simple_time(request: Ask, reading: Reading) -> Solution:
    value, verified = _simple_quotient(request)
    return solved(reading, value, f"{short(value, reading)} years", written(value), verified)


def _payoff(request: Ask, reading: Reading) -> Solution:
    from mpmath import log

    debt, payment, rate = values_of(request)
    debt, payment = max(debt, payment), min(debt, payment)
    check_bounds(Fraction(1), rate)
    if payment <= debt * rate / 12:
        raise ToolError(
            f"{written(payment)} a month does not even pay the interest of {cents(debt * rate / 12, reading)}"
        )
    reading.assume("payments are made monthly at the end of each month, at the yearly rate divided by 12")
    with many_digits(reading):
        step = rate / 12
        value = -log(1 - real(debt * step / payment)) / log(real(1 + step)) if rate else real(debt / payment)
        months, balance = 0, real(debt)
        while balance > 0 and months < MOST_STEPS:
            balance = balance * real(1 + step) - real(payment)
            months += 1
        verified = CHECKED if months - 1 < value <= months else None
        text = f"{months} months; total paid {cents(real(payment) * months + balance, reading)}"
        formula = f"-ln(1 - {written(debt)}*{written(step)}/{written(payment)})/ln({written(1 + step)})"
        return solved(reading, value, text, formula, verified)


HANDLERS: dict[str, Handler] = {
    **prices.HANDLERS,
    "interest": _interest,
    "loan": _loan,
    "savings": _savings,
    "present value": _present_value,
    "doubling": _doubling,
    "growth time": _growth_time,
    "growth rate": _growth_rate,
    "npv": _npv,
    "irr": _irr,
    "effective rate": _effective,
    "simple rate": _simple_rate,
    "simple time": _simple_time,
    "payoff": _payoff,
}
