# ruff: noqa: E501  a pattern is read more easily on one line
"""Questions about money: interest, loans, savings, growth, cash flows; those about prices are in `prices`.

Amounts, rates and terms are found first (`money`); the words around them say which question it is. Not read: taxes by
country, prices of shares.
"""

from __future__ import annotations

import re
from fractions import Fraction

from . import prices
from .clauses import TextReader
from .money import Found, ask, find_numbers
from .syntax import Request

_HINT = re.compile(
    r"interest|compound|invest|loan|mortgage|borrow|present value|future value|deposit|sav(?:e|ing)|annuity|doubl|triple|rule of 72"
    r"|cagr|growth rate|profit|loss\b|marked down|npv|irr|internal rate|effective|\bapy\b|\bear\b|depreciat|break.?even|mark.?up|margin|discount|\boff\b|\btax|\bvat\b"
    r"|\bgst\b|\btip\b|\bsplit|inflation|payback|\broi\b|return on|\bat \d[\d.]*\s*(?:%|percent).* (?:for|over|after) \d|grow|\bfv\b|\bpv\b|instal|repay|amorti|\bemi\b|pay(?:ing)? off|gratuity|credit card",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"[\\^]|\bx\b|\d\s*=|=\s*\(|margin of error|confidence|probab|distribut|derivative|integral|\blimit|deviation|\bways?\s+(?:can|to|of|are)\b|ways can"
    r"|how many (?:\w+ )?ways",
    re.IGNORECASE,
)
_COMPOUNDING = (
    (r"semi.?annual|half.?yearly|twice (?:a|per) year|every (?:six|6) months|biannual", "2"), (r"bi.?weekly|fortnight", "26"),
    (r"quarter", "4"), (r"continuous", "continuous"), (r"dail|every day|each day", "365"), (r"week", "52"),
    (r"month", "12"), (r"annual|year|per annum", "1"),
)  # fmt: skip
_SAID = re.compile(
    r"compound(?:ed|ing|s)?(?: interest)?(?: is)?(?: paid| added)? ([a-z-]+(?: [a-z-]+){0,3})|((?:[a-z-]+ )?[a-z-]+) compound(?:ing|ed)?\b"
)
_INTEREST_ASKED = re.compile(
    r"(?:simple|compound|total|much|amount of|the) interest (?:on|for|of|earned|from|is|will|would|do|does|accrue|paid|if|payable|charged|gained)|interest earned|(?:find|calculate|what is|compute) (?:the )?(?:simple|compound) interest"
)


def _compounding(found: Found) -> str:
    """How many times a year interest is added, as a tag; empty where nothing is said."""
    for said in _SAID.finditer(found.text):
        words = said[1] or said[2]
        if tag := next((tag for pattern, tag in _COMPOUNDING if re.search(pattern, words)), ""):
            return tag
    return ""


def _payments(found: Found) -> str:
    """How many payments a year: monthly unless said."""
    text = _SAID.sub(" ", found.text)
    for pattern, tag in ((r"fortnight|bi.?weekly", "26"), (r"\bweek", "52"), (r"quarter", "4"), (r"month", "12"),
                         (r"annual(?:ly)? (?:payment|deposit|saving|contribution|instal)|(?:a|per|each|every) year|yearly (?:payment|deposit|saving)"
                          r"|payments? (?:a|per|each) year|annuity", "1")):  # fmt: skip
        if re.search(pattern, text):
            return tag
    return "12"


def _growth(found: Found) -> Request | None:
    """Compound and simple interest on one amount."""
    if len(found.amounts) != 1 or not found.rates:
        return None
    if not found.terms and found.has(r"#r0 (?:simple )?interest on #m0|interest on #m0 at #r0$"):
        return ask("interest", [found.amounts[0], found.rates[0], Fraction(1)], "one year", "", "interest")
    if not found.terms:
        return None
    simple = found.has(r"\bsimple\b")
    bare = re.fullmatch(
        r"(?:what is |how much is |calculate |find )?#m0 (?:at|@) #r0 (?:interest )?(?:rate )?(?:for|over|after) #y0",
        found.text,
    )
    named = found.has(r"return|yield|compound|interest|invest|deposit|grow|sav|future value|\bfv\b|principal|account")
    if not (bare or named):
        return None
    asked = "interest" if _INTEREST_ASKED.search(found.text) else "total"
    kind = "simple" if simple else "compound"
    return ask("interest", [found.amounts[0], found.rates[0], found.terms[0]], kind, _compounding(found) or "", asked)


def _simple(found: Found) -> Request | None:
    """The rate or the time of simple interest."""
    if not found.has(r"simple interest|simple rate") or len(found.amounts) != 2:
        return None
    principal, gained = found.amounts
    if found.has(r"(?:amounts? to|become|grow to|total of|worth|to) #m1"):
        gained -= principal
    elif found.has(r"(?:earn|interest|gain|yield|pay)s?(?: of| is)? #m0"):
        principal, gained = gained, principal
    if len(found.terms) == 1 and not found.rates:
        return ask("simple rate", [principal, gained, found.terms[0]])
    if len(found.rates) == 1 and not found.terms:
        return ask("simple time", [principal, gained, found.rates[0]])
    return None


def _loan(found: Found) -> Request | None:
    if not found.has(
        r"loan|mortgage|borrow|instal|repay|amorti|financ|monthly payment|\bemi\b|pay(?:ing)? off|credit card|\bdebt"
    ):
        return None
    if (
        len(found.amounts) == 2
        and len(found.rates) == 1
        and not found.terms
        and found.has("how long|how many|when|time|months")
    ):
        return ask("payoff", [*found.amounts, found.rates[0]])
    if not (found.rates and found.terms) or not found.amounts or found.has("simple interest|compound interest"):
        return None
    asked = "payment"
    after = [found.terms[0]]
    if found.has(
        r"total (?:interest|amount of interest)|how much interest|interest paid|total cost of (?:the )?interest"
    ):
        asked = "interest"
    elif found.has(r"total (?:amount )?(?:paid|cost|repa|payment)|pay in total|total of"):
        asked = "total"
    elif len(found.terms) > 1 and found.has(r"balance|remain|left|owe|outstanding"):
        asked = "balance"
        position = re.search(r"after #y(\d)", found.text)
        index = int(position[1]) if position else 1
        after = [found.terms[1 - index] if index < 2 else found.terms[0], found.terms[index]]
    amount = found.amounts[0]
    if down := found.amount_after(r"down payment|deposit|down"):
        amount -= down if found.amounts[0] != down else 0
    elif len(found.amounts) > 1 and found.amount_before("down"):
        amount -= found.amounts[1]
    return ask("loan", [amount, found.rates[0], *after], _payments(found), asked)


def _annuity(found: Found) -> Request | None:
    """Equal payments: what they grow to, what they are worth now, what they must be."""
    regular = r"(?:a|per|each|every) (?:month|year|week|quarter|fortnight)|monthly|yearly|weekly|quarterly|annual(?:ly)? (?:deposit|payment|saving|contribution|investment)|annuity"
    text = _SAID.sub(" ", found.text)  # how often interest is compounded says nothing about payments
    if not (found.rates and found.terms and found.amounts) or not re.search(regular, text):
        return None
    if found.has("loan|mortgage|borrow"):
        return None
    goal = found.amount_after(r"reach|to have|accumulate|goal of|to get|save up|target of|to save|end up with")
    asks_payment = goal is not None and len(found.amounts) == 1 and found.has(r"how much|what|need|require")
    paid_in = found.has(r"present value|future value|sav|deposit|contribut|invest|\bput\b|pay|set aside|annuity|receiv")
    if not paid_in:
        return None
    if asks_payment:
        return ask("savings", [goal, found.rates[0], found.terms[0]], _payments(found), "payment")
    asked = "present" if found.has(r"present value|worth (?:today|now)|\bpv\b") else "future"
    start = (
        found.amount_after(r"start(?:ing)? with|initial(?:ly)?|already have|begin(?:ning)? with")
        if len(found.amounts) > 1
        else None
    )
    payment = found.amount_before(r"(?:a|per|each|every|monthly) ?") or next(
        (amount for amount in found.amounts if amount != start), found.amounts[0]
    )
    return ask("savings", [payment, found.rates[0], found.terms[0], start or Fraction(0)], _payments(found), asked)


def _present(found: Found) -> Request | None:
    if not found.has(
        r"present value|\bpv\b|(?:invest|deposit|put|need|save).{0,40}(?:now|today|so that|to (?:have|get|reach|end up with|grow to|accumulate)).{0,40}#m|principal .{0,40}(?:grow|amount)s? to"
    ):
        return None
    if (
        not (found.rates and found.terms)
        or len(found.amounts) != 1
        or found.has(r"(?:a|per|each|every) (?:month|year|week)|monthly")
    ):
        return None
    return ask("present value", [found.amounts[0], found.rates[0], found.terms[0]], _compounding(found) or "")


def _multiple(found: Found) -> Request | None:
    """Doubling time, the time or the rate from one amount to another."""
    many = {"doubl": 2, "tripl": 3, "quadrupl": 4}
    times = next((value for word, value in many.items() if word in found.text), None)
    if times and found.rates and not found.terms:
        if not found.has(r"how long|how many|time|when|rule|years"):
            return None
        return ask(
            "doubling",
            [Fraction(times), found.rates[0]],
            _compounding(found) or "",
            "simple" if found.has("simple") else "compound",
        )
    if found.has(r"rule of #m") and found.rates and found.amounts and found.amounts[0] in (70, 72, 69):
        return ask("doubling", [Fraction(2), found.rates[0]], "", "compound")
    if times and found.terms and not found.rates and found.has("rate|percent|return|interest"):
        return ask("growth rate", [Fraction(1), Fraction(times), found.terms[0]])
    if len(found.amounts) == 2 and found.has(
        r"grow|become|turn into|increase to|reach|cagr|growth|from|worth|amount to|accumulate"
    ):
        if found.rates and not found.terms and found.has(r"how long|how many (?:years|months)|when|time"):
            return ask("growth time", [*found.amounts, found.rates[0]], _compounding(found) or "")
        if found.terms and not found.rates and found.has(r"cagr|rate|return|per year"):
            return ask("growth rate", [*found.amounts, found.terms[0]])
    return None


def _cash_flows(found: Found) -> Request | None:
    if found.has(r"\bnpv\b|net present value") and len(found.rates) == 1 and len(found.amounts) >= 2:
        return ask("npv", [found.rates[0], *_flows(found)])
    if found.has(r"\birr\b|internal rate of return") and len(found.amounts) >= 2:
        return ask("irr", list(_flows(found)))
    return None


def _flows(found: Found) -> list[Fraction]:
    """Cash flows; an initial cost or investment is paid out."""
    flows = list(found.amounts)
    if flows[0] > 0 and all(flow >= 0 for flow in flows) and found.has(r"(?:initial|invest|cost|outlay)[^#]{0,30}#m0"):
        flows[0] = -flows[0]
    return flows


def _effective(found: Found) -> Request | None:
    asked = found.has(r"effective|\bapy\b|\bear\b|annual percentage yield")
    if not asked or len(found.rates) != 1 or found.amounts:
        return None
    tag = _compounding(found) or next((tag for pattern, tag in _COMPOUNDING[:-1] if found.has(pattern)), "12")
    return ask("effective rate", [found.rates[0]], tag)


_FORMS = (_cash_flows, _effective, *prices.FORMS, _simple, _multiple, _loan, _annuity, _present, _growth)


def read_finance(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about money; `None` for everything else.

    Raises:
        ToolError: for amounts with too many digits.
    """
    if not _HINT.search(text) or "#" in text or _OTHERS.search(text) or not re.search(r"\d", text):
        return None
    found = find_numbers(re.sub(r"[=:]", " ", text))
    for form in _FORMS:
        if request := form(found):
            return request
    return None


READERS: list[TextReader] = [read_finance]
