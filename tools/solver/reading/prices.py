# ruff: noqa: E501  a pattern is read more easily on one line
"""Questions about prices: discounts, tax, tips, markup and margin, depreciation, break-even, inflation, payback."""

from __future__ import annotations

import re
from fractions import Fraction

from .money import Found, ask
from .syntax import Request


def _depreciation(found: Found) -> Request | None:
    if not found.has("depreciat") or not found.terms or not found.amounts:
        return None
    if found.rates:
        return ask("declining", [found.amounts[0], found.rates[0], found.terms[0]])
    salvage = found.amount_after(r"salvage|residual|scrap|to") or (
        found.amounts[1] if len(found.amounts) > 1 else Fraction(0)
    )
    return ask("depreciation", [found.amounts[0], salvage, found.terms[0]])


def _break_even(found: Found) -> Request | None:
    if not found.has(r"break.?even"):
        return None
    fixed = found.amount_after(r"fixed(?: costs?)?")
    price = found.amount_after(r"(?:selling |sale |unit )?(?:price|sells? for|sold (?:for|at))")
    variable = found.amount_after(r"variable(?: costs?)?|unit cost|cost per unit")
    return ask("break even", [fixed, price, variable])


def _pricing(found: Found) -> Request | None:
    """Markup and margin."""
    if not found.has(r"mark.?up|margin|profit|\bloss\b"):
        return None
    kind = "margin" if found.has("margin") else "markup"
    if not found.has("mark|margin") and not found.has(r"bought|sold|buy|sell|revenue|\bcost"):
        return None
    cost = found.amount_after(r"costs?(?: price)?|bought (?:for|at)|buy(?:ing)? price|purchase")
    price = found.amount_after(r"(?:selling |sale )?price(?! of cost)|revenue|sold (?:for|at)|sells? (?:for|at)|sales")
    if found.rates and len(found.amounts) == 1:
        return ask("priced", [found.amounts[0], found.rates[0]], kind)
    if cost is None or price is None or cost == price:
        if len(found.amounts) != 2:
            return None
        cost, price = sorted(found.amounts)
    if not found.has(r"mark|margin|percent|%|rate"):
        return ask("profit", [cost, price])
    return ask("markup", [cost, price], kind)


def _sale(found: Found) -> Request | None:
    """Discounts one after the other, and tax on top."""
    discounts = found.has(r"\boff\b|discount|\bsale\b|reduc|mark(?:ed)? down")
    if not discounts or len(found.amounts) != 1 or not found.rates or found.terms:
        return None
    before = found.has(r"original|before the (?:discount|sale)|list price|regular price")
    after = found.has(r"after|sale price|paid|sells? for|costs?|discounted")
    if before and after and not found.has(r"(?:original|list|regular) price (?:of|is|was) #m0"):
        return ask("original price", [found.amounts[0], *found.rates])
    taxed = re.search(r"#r(\d) (?:sales )?(?:tax|vat|gst)|(?:tax|vat|gst)(?: rate)?(?: of| is| at)? #r(\d)", found.text)
    if len(found.rates) == 1 and not re.search(r"#m0.*#r0|(?:price|cost|pay)\b.*#r0", found.text):
        return None
    tax = [int(taxed[1] or taxed[2])] if taxed else []
    rates = [rate for index, rate in enumerate(found.rates) if index not in tax]
    taxes = [found.rates[index] for index in tax]
    return ask("sale", [found.amounts[0], *rates, *taxes], str(len(rates)))


def _tax(found: Found) -> Request | None:
    if not found.has(r"\b(?:tax|vat|gst)\b") or len(found.amounts) != 1 or len(found.rates) != 1:
        return None
    if re.search(
        r"(?:tax|vat|gst) of #r0 (?:on|for) (?:an? )?#m0|#r0 (?:sales )?(?:tax|vat|gst) (?:on|of|for) (?:an? )?(?:[a-z]+ ){0,3}#m0",
        found.text,
    ):
        return ask("tax", [found.amounts[0], found.rates[0]])
    if found.has(
        r"before (?:the )?(?:tax|vat|gst)|(?:without|excluding|excl\.?|net of|pre.?)(?: the)? ?(?:tax|vat|gst)|\bincludes\b|\bincluding\b.*(?:net|without)"
    ):
        return ask("net price", [found.amounts[0], found.rates[0]])
    if re.search(r"#m0.*(?:plus|with|and|including|incl\.?|after|\+).*#r0", found.text) or found.has(
        r"total (?:price|cost|bill)|final price|price (?:including|with|after)|including (?:tax|vat|gst)"
    ):
        return ask("gross price", [found.amounts[0], found.rates[0]])
    return None


def _bill(found: Found) -> Request | None:
    """A bill with a tip, perhaps split."""
    split = re.search(
        r"(?:among|between|by|for|into|with|amongst) #m(\d) ?(?:people|persons?|friends|ways|of us|diners|guests|parts)?(?![^#]*%)|#m(\d) (?:ways|people|persons?|friends|diners|guests)",
        found.text,
    )
    shared = found.has(r"split|divid|shar|each (?:person )?pay|per person|ways") and split is not None
    if not (found.has(r"\btip\b|gratuity") or (shared and found.has("bill|check|split"))):
        return None
    index = int(split[1] or split[2]) if shared and split else -1
    amounts = [amount for place, amount in enumerate(found.amounts) if place != index]
    if len(amounts) != 1 or len(found.rates) > 2:
        return None
    tip = re.search(r"#r(\d) (?:tip|gratuity)|(?:tip|gratuity)(?: of| at| is)? (?:a )?#r(\d)", found.text)
    if not tip and found.has("tip") and len(found.rates) != 1:
        return None
    place = int(tip[1] or tip[2]) if tip else 0
    rate = found.rates[place] if found.rates and found.has(r"\btip\b|gratuity") else Fraction(0)
    tax = next((value for number, value in enumerate(found.rates) if number != place), Fraction(0))
    people = found.amounts[index] if shared else Fraction(1)
    asked = (
        "total"
        if tax or not rate or found.has(r"total|including|with (?:a )?#r|plus|after (?:the )?tip|bill (?:plus|and)")
        else "tip"
    )
    return ask("bill", [amounts[0], rate, tax, people], asked)


def _inflation(found: Found) -> Request | None:
    if not found.has("inflation") or not (found.rates and found.terms) or len(found.amounts) != 1:
        return None
    back = found.has(
        r"today's (?:money|dollars|terms)|in today|purchasing power|real value|present|buy(?:ing)? power|worth in today"
    )
    return ask("inflation", [found.amounts[0], found.rates[0], found.terms[0]], "real" if back else "price")


def _payback(found: Found) -> Request | None:
    if found.has(r"pay.?back") and len(found.amounts) >= 2 and not found.rates:
        return ask("payback", list(found.amounts), "even" if len(found.amounts) == 2 else "uneven")
    if found.has(r"\broi\b|return on investment") and len(found.amounts) == 2 and not found.rates:
        gained = found.has(r"(?:profit|gain)[^#]{0,20}#m1")
        return ask("roi", list(found.amounts), "gain" if gained else "final")
    return None


FORMS = (_depreciation, _break_even, _payback, _inflation, _bill, _pricing, _sale, _tax)
