# ruff: noqa: E501  a pattern is read more easily on one line
"""Amounts that halve, double or change by a percentage again and again: `half life of 5 years, how much of 100 g remains after 12 years`."""

from __future__ import annotations

import re
from fractions import Fraction

from ...errors import ToolError
from .story_text import N, Scan, asked_value, compiled, exactly, number, over, plain_story, power, times, value_of
from .syntax import Apply, Request

_TIME = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|yrs?|h|s)(?![a-z])"
_LENGTH = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": -1, "year": -12}
_SHORT = {"sec": "second", "min": "minute", "hr": "hour", "h": "hour", "s": "second", "yr": "year"}
_FACTORS = {"halv": Fraction(1, 2), "doubl": Fraction(2), "tripl": Fraction(3), "quadrupl": Fraction(4)}
_PERIOD = rf"(?:(?P<t>{N}|an?|one|another|half an) ?(?P<u>{_TIME}))"
_HALF_LIFE_OF = rf"(?:(?:an? |the |whose |with |has |its )*)half[- ]?life(?: of (?!{N})(?:the |a )?[a-z]+(?:[- ]\d+)?| for (?!{N})[a-z]+)?(?:\s*(?:is|of|=|was|equal to|about|:))*\s*{_PERIOD}"
_LIFE_AFTER = rf"{_PERIOD}[- ]half[- ]?life"
_REPEATS = rf"(?P<how>halv|doubl|tripl|quadrupl)(?:e|es|ed|ing)(?: (?:in (?:size|number|amount|population)|its (?:size|population|number)))? (?:once )?(?:every|each|in) (?:(?P<t>{N}) ?)?(?P<u>{_TIME})|(?:has an? |the |with an? |an? )*(?P<how2>doubl|halv|tripl)ing (?:time|period)(?: (?:is|of|=|was))* (?P<t2>{N}) ?(?P<u2>{_TIME})"
_RATE = rf"(?P<how>grow(?:s|ing)?|increas(?:es|ing|e)|decay(?:s|ing)?|decreas(?:es|ing|e)|shrink(?:s|ing)?|declin(?:es|ing|e)|loses|lose|depreciates|drops|falls|rises)(?: (?:exponentially|continuously))?(?: (?:in (?:size|number|value)|its (?:mass|value|size)))?(?: (?:by|at|at a rate of|at the rate of|a rate of))? (?P<p>{N}) ?(?:%|percent)(?: of its (?:mass|value|size|amount|population))? (?:per|every|each|an?) (?:(?P<t>{N}) )?(?P<u>{_TIME})"
_THING = r"(?:mg|grams?|g|kg|kilograms?|milligrams?|micrograms?|mcg|ounces?|oz|pounds?|lbs?|atoms?|bacteria|cells?|people|rabbits?|fish|insects?|milliliters?|ml|lit(?:er|re)s?|l|moles?|bq|becquerels?|units?|germs|microbes|inhabitants|residents|organisms|individuals|fruit flies|flies|mice|deer|particles|counts)(?![a-z])"
_START = (
    rf"(?:(?:for|of|does|will|until|till|before) )(?:an? )?(?P<v>{N})[ -]?(?P<what>{_THING})?(?: sample)?(?: of (?:a |the )?[a-z]+)?(?= (?:to )?(?:decay|grow|reach|become|be |is |are |has |have |be reduced|reduce|drop|fall|double|turn|shrink))",
    rf"(?:start(?:s|ed|ing)?(?: (?:off|out|with|at|from|population|amount|mass|size|value|of|is))*|initial(?:ly)?(?: (?:amount|mass|population|size|sample|quantity|number|value|count|has|have|there (?:are|were)|contains?|of|is|was|were|with|weighs|had|mass of))*|begin(?:s|ning)?(?: (?:with|at|population|of|is))*|originally|at first|sample of|(?:population|culture|colony|amount|mass|dose|quantity)(?: (?:of|is|was))+|there (?:are|were)(?: initially)?|contains|from|takes|took|is given|receives|ingests|injected with) ?(?P<v>{N})(?: ?(?P<what>{_THING}))?(?: (?:initially|at (?:first|the start)|to start|present|of [a-z]+(?:[- ]\d+)?))*",
    rf"(?P<v>{N}) ?(?P<what>{_THING})(?: sample)?(?: of (?:a |an |the )?[a-z]+(?:[- ]\d+)?(?: [a-z]+)?)? (?:initially|at (?:first|the start)|to start|is present initially)",
    rf"(?:(?:^|[|;.,:?]) ?|\b(?:of|have|has|had|with|if|an?|the|is) )(?:an? |the )?(?P<v>{N})[ -]?(?P<what>{_THING})(?: sample)?(?: of (?:a |an |the |this )?[a-z]+(?:[- ]\d+)?)?",
)
_LEFT = (
    rf"(?:until|to|for|when|till|before|becomes?|reach|reaches)\b(?: (?:there (?:is|are)|only|it|the (?:sample|substance|amount|population|culture|colony)|be|to|become|becomes|reach|reaches|decay(?:s|ed)?|grow|grows|has|is|are|reduced|drop|drops|fall|falls|exceed|exceeds|down|decayed|reaches a size of|have|of))* (?P<v>{N})(?P<percent> ?(?:%|percent))?(?: ?(?P<what>{_THING}))?(?: (?:of (?:it|the (?:original|initial|sample|substance|amount)(?: (?:amount|sample|substance|mass))?)|remains?|remaining|is left|are left|left|remain|of the [a-z]+))*",
    rf"(?P<v>{N})(?P<percent> ?(?:%|percent))?(?: ?(?P<what>{_THING}))?(?: of (?:it|the (?:original|initial|sample|substance|amount)(?: (?:amount|sample|substance|mass))?))? (?:remains?|is left|are left|left|remaining|is remaining)",
)
_FIRST = r"(?:how (?:much|many)|what)(?: [a-z]+){0,6}? (?:initially|originally|at first|at the (?:start|beginning)|to (?:start|begin) with)|(?:what (?:is|was|were)|find|calculate|determine) (?:the |its )?(?:initial|original|starting) (?:amount|mass|size|population|quantity|number|sample)(?: of (?:the )?[a-z]+)?"
_REST = rf"(?<!of )(?<!of a )(?<!of an )(?<!of the )(?P<v>{N}) ?(?P<what>{_THING})?(?: of (?:it|the [a-z]+))? (?:remain(?:s|ed)?|(?:is|are|was|were) left|left|remaining|(?:are|were|is) present)"
_CHANGE = rf"(?:decay(?:s|ed)?|grow(?:s)?|grew|goes|went|reduced|decreas(?:es|ed)|increas(?:es|ed)|drops?|falls?|fell) from (?P<a>{N}) ?(?P<what>{_THING})? to (?P<b>{N}) ?(?:{_THING})? (?:in|after|over|within) {_PERIOD}|(?P<c>{N}) ?(?P<what2>{_THING})?(?: (?:of|sample)(?: (?:a |the )?[a-z]+(?:[- ]\d+)?)?)? (?:decays?|decayed|grows?|grew|becomes|became|is reduced|are reduced|reduces?|turns? into|drops?|falls?)(?: (?:to|down to))? (?P<d>{N}) ?(?:{_THING})? (?:in|after|over|within) (?P<t2>{N}) ?(?P<u2>{_TIME})"
_AFTER = rf"(?:after|in|at the end of|over|at|within)(?: the next)? (?P<s>{N}|an?|one) ?(?P<w>{_TIME})|(?P<s2>{N}) ?(?P<w2>{_TIME}) (?:later|from now)"
_FORM = "write for example: the half-life is 5 years; how much of 100 g remains after 12 years"


def read_half_life(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about repeated halving or growth; `None` for everything else.

    Raises:
        ToolError: if its times cannot be compared, or say something impossible.
    """
    text = compiled(r"(?<=\d) ?per ?cent\b").sub("%", plain_story(text))
    scan = Scan(compiled(r"\b([a-z]+)-\d{1,3}\b").sub(r"\1", text))  # carbon-14
    if request := _period_wanted(Scan(scan.text)):
        return request
    law = _law(scan)
    if law is None:
        return None
    factor, period, unit = law
    if scan.take(r"\bhow long(?: (?:will|does|would))?\b|\bhow many (?:years|days|hours|minutes|seconds|weeks|months)\b(?: (?:will|does))?|\bwhen (?:will|is|does)\b|(?:find|what is) the time\b|\bat what time\b"):  # fmt: skip
        return _time(scan, factor, period, unit)
    return _amount(scan, factor, period, unit)


def _unit(said: str) -> str:
    said = said.lower()
    said = said.rstrip("s") if len(said) > 1 else said
    return _SHORT.get(said, said)


def _in(span: Fraction, said: str, unit: str) -> Fraction:
    """A span of time in another unit.

    Raises:
        ToolError: if it takes an assumption to compare them, such as the days of a year.
    """
    said, unit = _unit(said), _unit(unit)
    first, second = _LENGTH[said], _LENGTH[unit]
    if (first > 0) != (second > 0):
        raise ToolError(f"{said}s and {unit}s differ in length from case to case; give all times in one of them")
    return span * first / second


def _span(said: str | None) -> Fraction:
    said = (said or "1").lower()
    return (
        Fraction(1)
        if said in ("a", "an", "one", "another")
        else Fraction(1, 2)
        if said == "half an"
        else value_of(said)
    )


def _law(scan: Scan) -> tuple[Fraction, Fraction, str] | None:
    """The factor by which an amount changes in a period."""
    found = scan.take(_HALF_LIFE_OF) or scan.take(_LIFE_AFTER)
    if found:
        law = Fraction(1, 2), _span(found["t"]), found["u"]
    elif found := scan.take(_REPEATS):
        how = (found["how"] or found["how2"]).lower()
        law = _FACTORS[how], _span(found["t"] or found["t2"]), found["u"] or found["u2"]
    elif found := scan.take(_RATE):
        change = value_of(found["p"]) / 100
        up = compiled(r"grow|increas|rise").match(found["how"]) is not None
        if not up and change >= 1:
            raise ToolError("an amount cannot decrease by 100% or more again and again")
        law = (1 + change if up else 1 - change), _span(found["t"]), found["u"]
    else:
        return None
    if law[1] <= 0:
        raise ToolError("the time in which an amount halves or doubles must be positive")
    return law


def _harmless(scan: Scan) -> bool:
    scan.take_all(
        r"\bhalf[- ]?life\b|\b(?:remaining|left)\b|\bradioactive\b|\bexponential(?:ly)?\b|\b(?:percent|percentage|fraction)\b"
    )
    return scan.harmless("only", "doubles", "original", "again")


def _start(scan: Scan) -> re.Match[str] | None:
    return next((found for form in _START if (found := scan.take(form))), None)


def _amount(scan: Scan, factor: Fraction, period: Fraction, unit: str) -> Request | None:
    """How much there is after a time, or how much there was."""
    span = scan.take(_AFTER)
    if span is None:
        return None
    steps = _in(_span(span["s"] or span["s2"]), span["w"] or span["w2"], unit) / period
    grown = power(exactly(factor), exactly(steps))
    share = scan.take(
        r"(?:what |which )?(percent(?:age)?|fraction|part|portion)(?: of (?:it|the|a)?(?: (?:original|initial))?(?: [a-z]+)?)?"
    )
    asks_first = scan.take(_FIRST)
    rest = scan.take(_REST)
    if rest or asks_first:
        if not rest or not asks_first or share or not _harmless(scan):
            return None
        return asked_value(over(number(rest["v"]), grown), "", f" {rest['what'].lower()}" if rest["what"] else "")
    start = _start(scan)
    if start is None:
        if share is None or not _harmless(scan):
            return None
        percent = share[1].lower().startswith("percent")
        return asked_value(times(grown, exactly(100)) if percent else grown, "", "%" if percent else "")
    if not _harmless(scan) or not compiled(r"how (?:much|many|big|large)|what|find|calculate|determine|population|size").search(scan.whole):  # fmt: skip
        return None
    if scan.has(r"\b(?:initial|initially|original|originally|at first|start|starting|began|beginning)\b"):
        return None
    if share and share[1].lower().startswith(("percent", "fraction")):
        return None
    what = (start["what"] or "").lower()
    return asked_value(times(number(start["v"]), grown), "", f" {what}" if what else "")


def _time(scan: Scan, factor: Fraction, period: Fraction, unit: str) -> Request | None:
    """How long it takes until so much is there."""
    parts = scan.take(
        r"(?:until|to|for|before) (?:it (?:to )?|the [a-z]+ (?:to )?)?(?P<how>doubles?|triples?|quadruples?)(?: in size)?"
    )
    if parts:
        size = _FACTORS[next(name for name in _FACTORS if parts["how"].lower().startswith(name))]
        _start(scan)
    else:
        first = scan.take(_START[0])
        left = next((found for form in _LEFT if (found := scan.take(form))), None)
        if left is None:
            return None
        start = first or _start(scan)
        if left["percent"] and start and not start["what"]:
            return None
        if left["percent"]:
            size = value_of(left["v"]) / 100
        elif start:
            if (
                (start["what"] or left["what"])
                and left["what"]
                and start["what"]
                and _thing(start["what"]) != _thing(left["what"])
            ):
                raise ToolError(f"the amounts are in {start['what']} and {left['what']}; write both in one unit")
            if value_of(start["v"]) <= 0:
                raise ToolError("what there is at the start must be positive")
            size = value_of(left["v"]) / value_of(start["v"])
        elif "/" in left["v"]:
            size = value_of(left["v"])
        else:
            return None
    if not _harmless(scan):
        return None
    if size <= 0 or factor == 1 or ((size > 1) != (factor > 1) and size != 1):
        raise ToolError(
            f"that amount is not reached, since the amount {'grows' if factor > 1 else 'becomes less'}; {_FORM}"
        )
    ln = lambda value: Apply("ln", (value,))  # noqa: E731
    span = times(exactly(period), over(ln(exactly(size)), ln(exactly(factor))))
    return asked_value(span, "", f" {_unit(unit)}s")


def _thing(said: str) -> str:
    said = said.lower()
    said = said.rstrip("s") if len(said) > 2 else said
    return {"gram": "g", "kilogram": "kg", "milligram": "mg"}.get(said, said)


def _period_wanted(scan: Scan) -> Request | None:
    """`100 g decays to 25 g in 10 years; what is the half-life`"""
    asks = scan.take(
        r"(?:what is|find|calculate|determine|what's) (?:the|its) (half[- ]?life|doubling (?:time|period))(?: of (?:the|this) [a-z]+)?"
    )
    change = scan.take(_CHANGE) if asks else None
    if asks is None or change is None or not _harmless(scan):
        return None
    first, last = value_of(change["a"] or change["c"]), value_of(change["b"] or change["d"])
    span, unit = _span(change["t"] or change["t2"]), change["u"] or change["u2"]
    factor = Fraction(1, 2) if asks[1].lower().startswith("half") else Fraction(2)
    if first <= 0 or last <= 0 or first == last or (last > first) != (factor > 1):
        raise ToolError(f"an amount that changes from {first} to {last} has no {asks[1].lower()}")
    ln = lambda value: Apply("ln", (exactly(value),))  # noqa: E731
    return asked_value(times(exactly(span), over(ln(factor), ln(last / first))), "", f" {_unit(unit)}s")
