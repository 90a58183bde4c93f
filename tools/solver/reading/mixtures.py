# ruff: noqa: E501  a pattern is read more easily on one line
"""Mixtures of strengths or prices: `how much water must be added to 10 liters of 40% acid to get 25% acid`.

The text is cut into what is mixed and what comes of it; each part is an amount, known or not, of a strength or a price.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from ...errors import ToolError
from .story_text import N, Scan, Story, compiled, exactly, number, plain_story, plus, times, value_of
from .syntax import Node, Number, Request

_UNIT = (
    r"(?:gallons?|gal|lit(?:er|re)s?|l|ml|millilit(?:er|re)s?|ounces?|oz|quarts?|qt|pints?|cups?|pounds?|lbs?|kg|kilograms?|kilos?|grams?|g|cc|cl"
    r"|tons?|tonnes?|mg|barrels?|cubic centimet(?:er|re)s)(?![a-z])"
)
_SAME_UNIT = {"gal": "gallon", "l": "liter", "litre": "liter", "millilitre": "ml", "milliliter": "ml", "oz": "ounce", "qt": "quart", "lb": "pound", "kilogram": "kg", "kilo": "kg", "gram": "g"}  # fmt: skip
_MAKE = r"(?:get|make|obtain|produce|form|create|yield|give|prepare|achieve|reach|end up with)"
_RESULT = (
    rf"(?:\b(?:in order )?to (?:{_MAKE}|have|become|bring it to)\b|\b(?:needs?|wants?|requires?|must|would like|wishes|has)(?: to)? {_MAKE}\b|\b(?:needs|wants|requires)(?= (?:a |{N}))"
    rf"|\b(?:result(?:s|ing)? in|yield(?:s|ing)?|giving|making|producing|becomes?)(?= (?:an? |{N}))|\b(?:so that|until|such that) (?:the )?[a-z ]{{0,30}}?(?:is|becomes|has|contains|will be|be)\b"
    r"|\bthe (?:resulting |final |new )?(?:mixture|solution|result|alloy|blend) (?:is|to be|should be|must be|has|sells for|is sold (?:for|at))(?= (?:to be )?(?:an? )?[\d.])"
    r"|\b(?:dilute|reduce|lower|raise|increase|strengthen|bring)d?(?: (?:it|this|the) ?[a-z]*)?(?: (?:concentration|strength))? (?:to|into)\b|(?<=% )(?:to|into)(?= an? ))"
)
_END = r"(?=[.;?|]|, | by (?:mixing|adding|combining|using)\b| from\b| using\b| if\b| how\b| when\b| out of\b| and (?:has|have|there)\b|$)"
_HOW_MUCH = rf"how (?:much|many(?: {_UNIT})?)(?: of)?(?: an?| the)? ?"
_AMOUNT = rf"(?:(?P<n>{N}) ?(?P<u>{_UNIT})(?: of)?(?: an?| the| some)?)"
_ANY_AMOUNT = rf"(?:{N} ?{_UNIT}(?: of)?(?: an?| the| some)?)"
_BETWEEN = r"(?:(?!(?:and|with|to|must|should|how|is added|at|into|from|or|water|pure)\b)[a-z-]+ ){0,4}?"
_SAID = r"(?:(?:that|which) (?:is|are|contains?|has)|contain(?:s|ing)|with|having|at|of) (?:an? )?(?:concentration (?:of )?)?"
_PERCENT = rf"(?P<p>{N}) ?(?:%|percent(?![a-z]))(?! of)"
_PRICE = rf"(?:(?:at|worth|costing|that costs?|which costs?|costs?|that sells? for|selling (?:for|at)|sells? for|for|priced at|valued at|is|that is worth|to be sold (?:at|for)|sold (?:at|for))+ )?(?P<p>{N})(?: ?dollars?| ?euros?| ?cents?)?(?: ?(?:per|a|an|/|for each) ?|-per-|-a-)(?P<per>{_UNIT})"
_ASKS_STRENGTH = r"(?:what |find |calculate |determine )?(?:is |will be |would be |should be )?(?:the )?(?:percent(?:age)? |percent )?(?:resulting |final |new |acid |alcohol |salt )*(?:concentration|percent(?:age)?|strength)(?: of (?:the )?[a-z]+)?(?: (?:results?|do(?:es)? (?:you|we|i) get|in the (?:[a-z]+ )?(?:mixture|solution)))?(?: from)?"
_ASKS_PRICE = r"(?:what |find |calculate |determine )?(?:is |will be |would be |should be )?(?:the )?(?:average |selling |unit )?(?:price|cost|value)(?: per [a-z]+| a [a-z]+)?(?: (?:of|for) (?:the|this) (?:resulting |final |new )?(?:mixture|mix|blend))(?: be)?(?: per [a-z]+)?|how much (?:should|does|will|is) (?:the )?(?:mixture|mix|blend) (?:cost|sell for|worth)(?: per [a-z]+| a [a-z]+)?"
_ALLOWED = ("percent", "remaining", "each", "per", "half")
_TROUBLE = r"\b(?:drain|replac|remov|evaporat|boil|spill|pour(?:ed|s)? (?:out|off)|draw|withdraw|ratio|parts?\b|equal|twice|as much|same amount)"


@dataclass
class _Part:
    """An amount of something: `strength` is a share, or a price for one unit."""

    strength: Fraction
    shown: str
    amount: str = ""
    unit: str = ""
    asked: bool = False


def read_mixture(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about a mixture; `None` for everything else.

    Raises:
        ToolError: if amounts are given in different units.
    """
    if not compiled(rf"%|per ?cent|\bper {_UNIT}|\ba {_UNIT}|/ ?{_UNIT}").search(text):
        return None
    text = compiled(r"(?<=\d) per ?cent\b").sub("%", plain_story(text))
    if compiled(_TROUBLE).search(text) or not compiled(r"how (?:much|many)|what|find|mix|determine|calculate|price|concentration").search(text):  # fmt: skip
        return None
    priced = "%" not in text and "percent" not in text
    strength = _PRICE if priced else _PERCENT
    scan = Scan(text)
    asks_strength = scan.take(_ASKS_PRICE) if priced else _asks_strength(scan)
    if asks_strength is None and priced and not scan.has(_HOW_MUCH):
        return None
    result = None if asks_strength else _result(scan, strength)
    if result is None and not asks_strength:
        return None
    each = scan.take(r"how (?:much|many)(?: [a-z]+)? (?:of )?(?:each|both)(?: [a-z]+)?|the amount of each(?: [a-z]+)?|\beach (?:solution|kind|type)")  # fmt: skip
    parts = _parts(scan, strength, priced, assumptions)
    if len(parts) != 2 and not (asks_strength and 2 <= len(parts) <= 4):
        return None
    if not scan.harmless(*_ALLOWED) or not compiled(r"mix|add|combin|blend|dilut|made|make|get|obtain|pour|solution|each|alloy|melt").search(text):  # fmt: skip
        return None
    unit = _unit([*parts, *([result] if result else [])], text)
    return _story(parts, result, unit, priced, bool(each))


def _asks_strength(scan: Scan) -> re.Match[str] | None:
    if scan.has(r"how (?:much|many)(?! percent)"):
        return None
    return scan.take(_ASKS_STRENGTH)


def _result(scan: Scan, strength: str) -> _Part | None:
    """What the mixture shall be."""
    found = None
    for candidate in compiled(_RESULT + rf"(?P<rest>.*?){_END}").finditer(scan.text):
        if compiled(strength).search(candidate["rest"]):
            if found:
                return None
            found = candidate
    if not found:
        return None
    rest = Scan(found["rest"])
    part = rest.take(rf"{_AMOUNT}? ?(?:{_BETWEEN}(?:{_SAID})?)?{strength}") if rest.has(strength) else None
    if not part:
        return None
    over = Scan(rest.text)
    if not over.harmless(*_ALLOWED, longest=8):
        return None
    scan.text = f"{scan.text[: found.start()]} | {scan.text[found.end() :]}"
    return _part(part, strength)


def _part(found: re.Match[str], strength: str) -> _Part:
    value = value_of(found["p"])
    if strength == _PERCENT:
        if value > 100:
            raise ToolError(f"a strength of {found['p']}% is not possible; it must be from 0% to 100%")
        return _Part(value / 100, f"{found['p']}%", found["n"] or "", found["u"] or "")
    return _Part(value, f"{found['p']} per {found['per']}", found["n"] or "", found["u"] or found["per"])


def _parts(scan: Scan, strength: str, priced: bool, assumptions: list[str]) -> list[_Part]:
    """What is mixed, in the order of the text."""
    found: list[tuple[int, _Part]] = []
    if not priced:
        solutes = {word.lower() for word in compiled(rf"{N} ?% (?:pure )?([a-z]+)").findall(scan.whole)}
        found += _pure(scan, solutes, assumptions)
    pattern = rf"(?P<q>{_HOW_MUCH})?{_AMOUNT}? ?(?:{_BETWEEN}(?:{_SAID})?)?{strength}"
    while taken := compiled(pattern).search(scan.text):
        part = _part(taken, strength)
        part.asked = taken["q"] is not None
        found.append((taken.start(), part))
        scan.text = scan.text[: taken.start()] + "|".ljust(len(taken[0]), ";") + scan.text[taken.end() :]
    return [part for _, part in sorted(found, key=lambda pair: pair[0])]


def _pure(scan: Scan, solutes: set[str], assumptions: list[str]) -> list[tuple[int, _Part]]:
    """Water, and what is pure, in front of `must be added` or after an amount."""
    found: list[tuple[int, _Part]] = []
    kinds = [(r"(?:pure |distilled |plain |fresh )?(?P<what>water)(?! solution)", Fraction(0)), (r"(?:pure|straight) (?P<what>(?!water)[a-z]+)", Fraction(1))]  # fmt: skip
    if solutes - {"solution", "mixture", "pure", "and", "to", "with", "must", "is"}:
        kinds.append((rf"(?P<what>{'|'.join(map(re.escape, sorted(solutes)))})(?= (?:must|should|need|has|have|do|does|is|are|to be|added|will)\b)", Fraction(1)))  # fmt: skip
    for what, share in kinds:
        after = rf"(?:(?P<q>{_HOW_MUCH})|(?:add(?:ing|ed|s)?|with|and) (?:some )?(?={_ANY_AMOUNT}|pure|water)|(?={_ANY_AMOUNT}))"
        pattern = rf"{after}(?P<a>{_ANY_AMOUNT})? ?{what}(?![a-z])"
        for taken in list(compiled(pattern).finditer(scan.text)):
            amount = compiled(_AMOUNT).search(taken["a"] or "")
            if not (amount or taken["q"] or share == 0 or "pure" in taken[0].lower()):
                continue
            part = _Part(share, taken["what"] if not share else f"pure {taken['what']}")
            if amount:
                part.amount, part.unit = amount["n"], amount["u"]
            part.asked = taken["q"] is not None
            if share and "pure" not in taken[0].lower():
                assumptions.append(f"the {taken['what']} that is added is pure")
            found.append((taken.start(), part))
            scan.text = scan.text[: taken.start()] + "|".ljust(len(taken[0]), ";") + scan.text[taken.end() :]
    return found


def _unit(parts: list[_Part], text: str) -> str:
    """The unit of all amounts, as it is first spelled.

    Raises:
        ToolError: if there are several.
    """
    spelled = [part.unit for part in parts if part.unit]
    spelled += [found[1] for found in compiled(rf"how many ({_UNIT})").finditer(text)]
    plain = {_SAME_UNIT.get(unit.lower().rstrip("s"), unit.lower().rstrip("s")) for unit in spelled}
    if len(plain) > 1:
        raise ToolError(f"the amounts are in {' and '.join(sorted(plain))}; write all of them in one unit")
    return spelled[-1] if spelled else ""


def _story(parts: list[_Part], result: _Part | None, unit: str, priced: bool, each: bool) -> Request | None:
    story = Story("amounts")
    after = f" {unit}" if unit else ""
    amounts: list[Node] = []
    for place, part in enumerate(parts):
        label = f"the amount of {part.shown}" + (f" ({place + 1})" if part.shown in [one.shown for one in parts[:place]] else "")  # fmt: skip
        amounts.append(number(part.amount) if part.amount else story.amount(label))
    strengths = [times(Number(part.strength, "." in part.shown), amount) for part, amount in zip(parts, amounts, strict=True)]  # fmt: skip
    if result is None:
        if not all(part.amount for part in parts):
            return None
        final = story.amount("the strength")
        story.same(plus(*strengths), times(final, plus(*amounts)))
        story.ask(times(final, exactly(1 if priced else 100)), "", f" per {parts[0].unit.rstrip('s')}" if priced else "%")  # fmt: skip
        return story.request()
    total = number(result.amount) if result.amount else story.amount("the amount of the mixture")
    story.same(plus(*amounts), total)
    story.same(plus(*strengths), times(Number(result.strength, "." in result.shown), total))
    open_parts = [(part, amount) for part, amount in zip(parts, amounts, strict=True) if not part.amount]
    if not open_parts:
        return None
    asked = [pair for pair in open_parts if pair[0].asked and not each]
    for part, amount in asked or open_parts:
        story.ask(amount, "", f"{after} of {_thing(part, priced)}")
    for part, amount in open_parts if asked else []:
        if (part, amount) not in asked:
            story.ask(amount, "", f"{after} of {_thing(part, priced)}", also=True)
    return story.request()


def _thing(part: _Part, priced: bool) -> str:
    if priced:
        return f"what costs {part.shown}"
    return f"the {part.shown} one" if "%" in part.shown else part.shown
