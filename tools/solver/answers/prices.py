"""Prices: discounts, tax, tips, markup and margin, depreciation, break-even, inflation, payback."""

from __future__ import annotations

from fractions import Fraction

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .domain import Handler
from .money import (
    cents,
    check_bounds,
    growth_factor,
    many_digits,
    paid,
    real,
    short,
    solved,
    values_of,
    written,
)
from .presenting import Reading


def _depreciation(request: Ask, reading: Reading) -> Solution:
    cost, salvage, years = values_of(request)
    if years <= 0 or salvage > cost:
        raise ToolError("write a cost, a smaller salvage value and a term: depreciation of 10000 to 2000 over 5 years")
    value = (cost - salvage) / years
    reading.assume("straight-line depreciation" + ("" if salvage else " to a salvage value of 0"))
    return paid(
        reading, value, f"{cents(value, reading)} per year", f"({written(cost)} - {written(salvage)})/{written(years)}"
    )


def _declining(request: Ask, reading: Reading) -> Solution:
    cost, rate, years = values_of(request)
    check_bounds(years, rate)
    if not 0 <= rate < 1:
        raise ToolError("a depreciation rate lies between 0% and 100%")
    reading.assume("declining balance: the rate is taken of what is left each year")
    with many_digits(reading):
        factor, growth = growth_factor(-rate, years, 1)
        value = cost * factor if isinstance(factor, Fraction) else real(cost) * factor
        return paid(
            reading, value, f"{cents(value, reading)} after {written(years)} years", f"{written(cost)}*{growth}"
        )


def _break_even(request: Ask, reading: Reading) -> Solution:
    fixed_costs, price, variable = values_of(request)
    if price <= variable:
        raise ToolError("there is no break-even: the price must be larger than the variable cost of a unit")
    units = fixed_costs / (price - variable)
    whole = -(-units.numerator // units.denominator)
    text = f"{whole} units" + ("" if units.denominator == 1 else f" ({short(units, reading)} rounded up)")
    verified = "checked: revenue equals cost" if units * price == fixed_costs + units * variable else None
    return solved(
        reading,
        units,
        f"{text}, revenue {cents(units * price, reading)}",
        f"{units.numerator}/{units.denominator}",
        verified,
    )


def _markup(request: Ask, reading: Reading) -> Solution:
    cost, price = values_of(request)
    kind = request.words[0]
    base = cost if kind == "markup" else price
    if base <= 0:
        raise ToolError("cost and price must be larger than 0")
    value = (price - cost) / base
    reading.assume(
        f"the profit of {cents(price - cost, reading)} is divided by the {'cost' if kind == 'markup' else 'price'}"
    )
    return solved(reading, value, f"{kind} {short(value * 100, reading)}%", f"{value.numerator}/{value.denominator}")


def _profit(request: Ask, reading: Reading) -> Solution:
    cost, price = values_of(request)
    value = price - cost
    return paid(reading, value, f"{'profit' if value >= 0 else 'loss'} {cents(abs(value), reading)}", written(value))


def _priced(request: Ask, reading: Reading) -> Solution:
    cost, rate = values_of(request)
    kind = request.words[0]
    if kind == "margin" and not rate < 1:
        raise ToolError("a margin is less than 100% of the price; write markup if the cost is meant")
    value = cost * (1 + rate) if kind == "markup" else cost / (1 - rate)
    reading.assume(f"the {kind} is a share of the {'cost' if kind == 'markup' else 'price'}")
    return paid(reading, value, f"price {cents(value, reading)}", f"{value.numerator}/{value.denominator}")


def _sale(request: Ask, reading: Reading) -> Solution:
    price, *rates = values_of(request)
    discounts = int(request.words[0])
    value, formula = price, written(price)
    for rate in rates[:discounts]:
        value *= 1 - rate
        formula += f"*(1 - {written(rate)})"
    saved = price - value
    for rate in rates[discounts:]:
        value *= 1 + rate
    if discounts > 1:
        reading.assume("each discount is taken of what the one before it left")
    taxed = ", tax included" if rates[discounts:] else ""
    return paid(reading, value, f"{cents(value, reading)}{taxed} (saved {cents(saved, reading)})", formula)


def _original(request: Ask, reading: Reading) -> Solution:
    price, *rates = values_of(request)
    value = price
    for rate in rates:
        if rate >= 1:
            raise ToolError("a discount of 100% or more leaves no price to go back from")
        value /= 1 - rate
    return paid(
        reading, value, f"{cents(value, reading)} before the discount", f"{value.numerator}/{value.denominator}"
    )


def _net_price(request: Ask, reading: Reading) -> Solution:
    price, rate = values_of(request)
    value = price / (1 + rate)
    text = f"{cents(value, reading)} before tax; the tax is {cents(price - value, reading)}"
    return paid(reading, value, text, f"{value.numerator}/{value.denominator}")


def _gross_price(request: Ask, reading: Reading) -> Solution:
    price, rate = values_of(request)
    value = price * (1 + rate)
    return paid(
        reading, value, f"{cents(value, reading)} with tax; the tax is {cents(price * rate, reading)}", written(value)
    )


def _tax(request: Ask, reading: Reading) -> Solution:
    price, rate = values_of(request)
    value = price * rate
    return paid(
        reading, value, f"tax {cents(value, reading)}; {cents(price + value, reading)} with tax", written(value)
    )


def _bill(request: Ask, reading: Reading) -> Solution:
    amount, rate, tax, people = values_of(request)
    if people < 1 or people.denominator != 1:
        raise ToolError("a bill is split among 1 or more people: split 84 among 4 with 20% tip")
    total = amount * (1 + rate + tax)
    if rate and tax:
        reading.assume("the tip is taken of the amount before tax")
    each = total / people
    tip = f"tip {cents(amount * rate, reading)}, " if rate else ""
    if people == 1:
        value = amount * rate if request.words[0] == "tip" else total
        return paid(reading, value, f"{tip}total {cents(total, reading)}", written(value))
    return paid(
        reading,
        each,
        f"{cents(each, reading)} each ({tip}total {cents(total, reading)})",
        f"{each.numerator}/{each.denominator}",
    )


def _inflation(request: Ask, reading: Reading) -> Solution:
    amount, rate, years = values_of(request)
    check_bounds(years, rate)
    reading.assume("prices rise by the same rate every year")
    with many_digits(reading):
        factor, growth = growth_factor(rate, years, 1)
        price = amount * factor if isinstance(factor, Fraction) else real(amount) * factor
        worth = amount / factor if isinstance(factor, Fraction) else real(amount) / factor
        if request.words[0] == "real":
            text = f"{cents(worth, reading)} in today's money"
            return paid(reading, worth, text, f"{written(amount)}/{growth}")
        now, later, buys = (cents(value, reading) for value in (amount, price, worth))
        text = f"what costs {now} today will cost {later}; {now} then will buy what {buys} buys today"
        return paid(reading, price, text, f"{written(amount)}*{growth}")


def _payback(request: Ask, reading: Reading) -> Solution:
    cost, *flows = values_of(request)
    cost = abs(cost)
    if request.words[0] == "even":
        if flows[0] <= 0:
            raise ToolError("the yearly return must be larger than 0: payback of 1000 with 250 per year")
        value = cost / flows[0]
        reading.assume("the same amount comes back every year")
        return solved(reading, value, f"{short(value, reading)} years", f"{value.numerator}/{value.denominator}")
    left = cost
    for number, flow in enumerate(flows):
        if flow >= left:
            value = number + left / flow
            reading.assume("amounts come in evenly over each year")
            return solved(reading, value, f"{short(value, reading)} years", f"{value.numerator}/{value.denominator}")
        left -= flow
    raise ToolError("these amounts never pay the cost back")


def _roi(request: Ask, reading: Reading) -> Solution:
    cost, end = values_of(request)
    if cost <= 0:
        raise ToolError("a return on investment needs a positive cost: roi of 1000 growing to 1250")
    value = end / cost if request.words[0] == "gain" else (end - cost) / cost
    return solved(reading, value, f"{short(value * 100, reading)}%", f"{value.numerator}/{value.denominator}")


HANDLERS: dict[str, Handler] = {
    "depreciation": _depreciation,
    "declining": _declining,
    "break even": _break_even,
    "markup": _markup,
    "profit": _profit,
    "priced": _priced,
    "sale": _sale,
    "original price": _original,
    "net price": _net_price,
    "gross price": _gross_price,
    "tax": _tax,
    "bill": _bill,
    "inflation": _inflation,
    "payback": _payback,
    "roi": _roi,
}
