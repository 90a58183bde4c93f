"""Money, each answer against a recurrence or a formula in plain Python."""

import math

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query


def grown(amount, rate, years, times=1):
    for _ in range(round(years * times)):
        amount *= 1 + rate / times
    return amount


def payment(amount, rate, years, times=12):
    """By bisection on the balance after the last payment."""
    low, high = 0.0, amount * (1 + rate)
    for _ in range(200):
        middle, balance = (low + high) / 2, amount
        for _ in range(round(years * times)):
            balance = balance * (1 + rate / times) - middle
        low, high = (middle, high) if balance > 0 else (low, middle)
    return low


def saved(regular, rate, years, times=12):
    balance = 0.0
    for _ in range(round(years * times)):
        balance = balance * (1 + rate / times) + regular
    return balance


def net_present(rate, flows):
    return sum(flow / (1 + rate) ** number for number, flow in enumerate(flows))


FLOWS = [-1000, 300, 400, 500]
MORTGAGE = payment(300_000, 0.06, 30)

ANSWERS = [
    ("compound interest on 1000 at 5% for 10 years compounded monthly", grown(1000, 0.05, 10, 12) - 1000),
    ("compound interest on 1000 at 5% for 3 years compounded daily", grown(1000, 0.05, 3, 365) - 1000),
    ("A sum of 5000 is invested at 6% per annum compounded half-yearly for 2 years. Find the compound interest.",
     grown(5000, 0.06, 2, 2) - 5000),
    ("1000 dollars at 5% for 3 years", grown(1000, 0.05, 3)),
    ("$1,000 at 5% for 3 years", grown(1000, 0.05, 3)),
    ("invest $5000 at 7% annual interest for 20 years", grown(5000, 0.07, 20)),
    ("5000 invested at 4% compounded quarterly for 6 years", grown(5000, 0.04, 6, 4)),
    ("invest 1000 at 5% with monthly compounding for 3 years", grown(1000, 0.05, 3, 12)),
    ("1000 at 5% compounded continuously for 3 years", 1000 * math.exp(0.15)),
    ("how much will $1000 be worth in 5 years at 4% interest", grown(1000, 0.04, 5)),
    ("2 million at 3% for 2 years", grown(2e6, 0.03, 2)),
    ("simple interest on 2000 at 4% for 3 years", 2000 * 0.04 * 3),
    ("simple interest on $500 at 6% for 18 months", 500 * 0.06 * 1.5),
    ("what is 5% interest on 1000", 50),
    ("at what rate of simple interest will 1000 earn 100 in 2 years", 0.05),
    ("how long will it take 1000 to earn 150 simple interest at 5%", 3),
    ("monthly payment on a 300000 mortgage at 6% for 30 years", MORTGAGE),
    ("What is the monthly payment on a $300k mortgage at 6% for 30 years?", MORTGAGE),
    ("30-year mortgage of 300,000 at 6%", MORTGAGE),
    ("mortgage 400000 with 100000 down payment at 6% for 30 years", MORTGAGE),
    ("loan of 20,000 at 5% over 5 years", payment(20_000, 0.05, 5)),
    ("EMI for 500000 at 8.5% for 20 years", payment(500_000, 0.085, 20)),
    ("loan of 1000 at 0% for 1 year", 1000 / 12),
    ("total interest paid on a 200000 loan at 4% for 15 years", payment(200_000, 0.04, 15) * 180 - 200_000),
    ("balance after 5 years on a 300000 mortgage at 6% for 30 years",
     300_000 * 1.005**60 - saved(MORTGAGE, 0.06, 5)),
    ("how long to pay off 5000 at 18% paying 200 per month", -math.log(1 - 5000 * 0.015 / 200) / math.log(1.015)),
    ("present value of 10000 in 5 years at 6%", 10_000 / 1.06**5),
    ("how much should I invest now to have 10000 in 5 years at 6%", 10_000 / 1.06**5),
    ("present value of 100 per year for 10 years at 5%", sum(100 / 1.05**year for year in range(1, 11))),
    ("What is the present value of $50,000 received in 10 years at a discount rate of 7%?", 50_000 / 1.07**10),
    ("What monthly deposit is needed to have $50,000 in 5 years at 4%?", 50_000 / saved(1, 0.04, 5)),
    ("how much is 500 at 3% per year after 10 years", grown(500, 0.03, 10)),
    ("save 200 per month at 5% for 10 years", saved(200, 0.05, 10)),
    ("if I deposit $100 every month at 6% for 10 years, how much will I have", saved(100, 0.06, 10)),
    ("future value of an annuity of 500 per year at 4% for 15 years", saved(500, 0.04, 15, 1)),
    ("how much do I need to save monthly to reach 100000 in 10 years at 5%", 100_000 / saved(1, 0.05, 10)),
    ("how long to double at 7%", math.log(2) / math.log(1.07)),
    ("how long does it take to triple money at 8% compounded monthly", math.log(3) / (12 * math.log(1 + 0.08 / 12))),
    ("how long for 1000 to grow to 2000 at 5%", math.log(2) / math.log(1.05)),
    ("cagr from 1000 to 2000 over 5 years", 2 ** (1 / 5) - 1),
    ("at what rate will 1000 grow to 2000 in 10 years", 2 ** (1 / 10) - 1),
    ("npv of -1000, 300, 400, 500 at 8%", net_present(0.08, FLOWS)),
    ("effective annual rate of 6% compounded monthly", (1 + 0.06 / 12) ** 12 - 1),
    ("apy of 5% compounded daily", (1 + 0.05 / 365) ** 365 - 1),
    ("straight line depreciation of 10000 with salvage value 2000 over 5 years", 1600),
    ("a car worth 20000 depreciates 15% per year, value after 5 years", 20_000 * 0.85**5),
    ("break-even with fixed costs 10000, price 25, variable cost 15", 1000),
    ("markup if cost is 50 and price is 80", 0.6),
    ("profit margin with cost 50 and revenue 80", 0.375),
    ("selling price for cost 50 with 40% markup", 70),
    ("price for cost 60 with margin 40%", 100),
    ("I bought a phone for 200 and sold it for 250. What is the profit percentage?", 0.25),
    ("80 dollars with 25% off then 10% off", 80 * 0.75 * 0.9),
    ("a $60 shirt is 15% off with 8% sales tax", 60 * 0.85 * 1.08),
    ("original price if 60 after 25% discount", 80),
    ("price after 15% discount on 240", 204),
    ("A jacket costs $120. It is on sale for 30% off. What is the sale price?", 84),
    ("sales tax of 7% on a $45 purchase", 3.15),
    ("gross profit if revenue 500 and cost 350", 150),
    ("100 plus 8% tax", 108),
    ("price before tax if 108 including 8% tax", 100),
    ("8.25% sales tax on 50", 4.125),
    ("split 84 dollars among 4 with 20% tip", 84 * 1.2 / 4),
    ("a bill of 120 with 18% tip split between 3 people", 120 * 1.18 / 3),
    ("what is a 15% tip on $42.50", 6.375),
    ("what will 100 cost in 20 years at 3% inflation", grown(100, 0.03, 20)),
    ("what is 1000 in 10 years worth in today's money with 3% inflation", 1000 / 1.03**10),
    ("payback period for 1000 investment with 250 per year", 4),
    ("payback period of 1000, 200, 300, 400, 500", 3.2),
    ("roi of investing 1000 and getting 1250", 0.25),
]  # fmt: skip


@pytest.mark.parametrize(("query", "value"), ANSWERS, ids=[query for query, _ in ANSWERS])
@pytest.mark.sampled(every=6)
def test_answers(query, value):
    found = float(solve_query(query).decimal)
    # Amounts are to the cent, everything else is to all digits.
    assert found == pytest.approx(value, rel=1e-9) or (
        found * 100 == pytest.approx(round(found * 100)) and found == pytest.approx(value, abs=0.00501)
    )


def test_internal_rate_of_return_makes_the_net_present_value_zero():
    solution = solve_query("irr of -1000, 300, 400, 500")
    assert net_present(float(solution.decimal), FLOWS) == pytest.approx(0, abs=1e-8)
    assert solution.verified == "checked: the net present value at this rate is 0"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("compound interest on 1000 at 5% for 2 years", "interest 102.50; total 1102.50"),
        ("1000 at 5% for 2 years", "1102.50 in total, of which interest is 102.50"),
        ("split 84 dollars among 4 with 20% tip", "25.20 each (tip 16.80, total 100.80)"),
        ("how long to double at 8%", "9.00647 years to double (rule of 72: 9 years)"),
    ],
)
def test_money_is_told_to_the_cent(query, text):
    assert solve_query(query).text == text


@pytest.mark.parametrize(
    ("query", "exact"),
    [
        ("1000 at 5% for 3 years", "1157.625"),
        ("5000 invested at 4% compounded quarterly for 6 years", "5000*1.01^24"),
        ("monthly payment on a 300000 mortgage at 6% for 30 years", "300000*0.005/(1 - (1 + 0.005)^(-360))"),
    ],
)
def test_exact_keeps_the_whole_value_and_can_be_asked_again(query, exact):
    solution = solve_query(query)
    assert solution.exact == exact
    assert float(solve_query(exact).decimal) == pytest.approx(float(solution.decimal), abs=0.00501)


@pytest.mark.parametrize(
    ("query", "assumed"),
    [
        ("1000 at 5% for 3 years", "interest is compounded yearly"),
        ("loan of 20,000 at 5% over 5 years", "payments are made monthly"),
        ("npv of -1000, 300, 400, 500 at 8%", "the first amount is paid now"),
    ],
)
def test_what_is_assumed(query, assumed):
    assert any(assumed in line for line in solve_query(query).assumptions)


@pytest.mark.parametrize(
    "query",
    ["monthly payment on a 300000 mortgage at 6% for 30 years", "1000 at 5% for 3 years", "npv of -1000, 300 at 8%",
     "save 200 per month at 5% for 10 years", "cagr from 1000 to 2000 over 5 years"],
)  # fmt: skip
def test_answers_are_checked(query):
    assert "checked" in (solve_query(query).verified or "")


@pytest.mark.parametrize(
    ("query", "value"),
    [("15% of 80", 12), ("increase 80 by 15%", 92), ("15% off 80", 68), ("percent change from 50 to 75", 0.5)],
)
def test_plain_percentages_stay_as_they_are(query, value):
    assert float(solve_query(query).decimal) == pytest.approx(value)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("compound interest on 1000 at 5% for 100000 years", "up to 1000 years"),
        ("loan of 20000 at 5% over 0.01 years", "payments"),
        ("irr of 1000, 300, 400", "no internal rate of return"),
        ("break-even with fixed costs 10000, price 10, variable cost 15", "no break-even"),
        ("how long to pay off 5000 at 24% paying 50 per month", "does not even pay the interest"),
        ("1000000000000000000000000 at 5% for 3 years", "too many digits"),
        ("price for cost 60 with margin 100%", "less than 100%"),
    ],
)
def test_mistakes_are_named(query, told):
    with pytest.raises(ToolError, match=told):
        solve_query(query)
