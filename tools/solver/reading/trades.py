# ruff: noqa: E501  a pattern is read more easily on one line
"""Scales of maps, amounts for each piece, and bills of several things.

`a map has scale 1:50000; 4 cm on the map is how far`, `2/3 cup of sugar per cake; how many cakes from 6 cups`, `3 items at
4.99 each with 8% tax`, and the short form of variation: `direct variation y=6 when x=2, find y when x=5`.
"""

from __future__ import annotations

from fractions import Fraction

from ...errors import ToolError
from .story_text import (
    N,
    Scan,
    Story,
    asked_value,
    compiled,
    exactly,
    minus,
    number,
    over,
    plain_story,
    plus,
    times,
    value_of,
)
from .syntax import Node, Request

_MAP = {"mm": Fraction(1, 1000), "cm": Fraction(1, 100), "m": Fraction(1), "km": Fraction(1000), "in": Fraction(254, 10000),
        "ft": Fraction(3048, 10000), "mi": Fraction(1609344, 1000), "yd": Fraction(9144, 10000)}  # fmt: skip
_SPELLED = {"centimeter": "cm", "centimetre": "cm", "millimeter": "mm", "millimetre": "mm", "meter": "m", "metre": "m", "kilometer": "km", "kilometre": "km",
            "inch": "in", "inche": "in", "foot": "ft", "feet": "ft", "mile": "mi", "yard": "yd"}  # fmt: skip
_UNIT = r"(?:centimet(?:er|re)s?|millimet(?:er|re)s?|kilomet(?:er|re)s?|met(?:er|re)s?|inch(?:es)?|feet|foot|miles?|yards?|mm|cm|km|m|in|ft|mi|yd)(?![a-z])"
_LONG = rf"(?P<n>{N}) ?(?P<u>{_UNIT})"
_SCALE = r"(?:(?:an? |the |its |with |has |drawn |at |to |on |map )*scale(?: of| is| factor| factor of| drawing)*(?: (?:of|is))? |(?:on )?an? )?1 ?(?::|to|/) ?(?P<s>\d{2,9})(?: (?:scale|map))*"
_STANDS = rf"(?:(?:an? |the |its |with |has |on |map )*scale(?: (?:of|is|that|on|the|map|a|drawing))*[: ]*)?(?P<a>{N}) ?(?P<b>{_UNIT}) (?:(?:on (?:the|a) map )?(?:represents?|stands for|corresponds to|equals|is|for|to|shows)|=|:) ?(?P<c>{N}) ?(?P<d>{_UNIT})(?: in (?:reality|real life)| actual(?:ly)?)?"
_PIECE = r"(?P<{0}>(?!(?:how|cup|each|of|a|an|the|for|if|is|are|can|will|it|day|hour|week|minute|year|month|person|second)\b)[a-z]+)"
_MEASURE = r"(?:(?P<mu>cups?|tablespoons?|tbsp|teaspoons?|tsp|ounces?|oz|pounds?|lbs?|grams?|g|kg|kilograms?|lit(?:er|re)s?|ml|l|yards?|met(?:er|re)s?|feet|inches|gallons?|quarts?|pints?|pieces?|sticks?|eggs?|m|ft|cm)(?![a-z])(?: of (?P<stuff>[a-z]+))?)"
_PER_PIECE = (
    rf"(?P<n>{N}) ?{_MEASURE} (?:(?:is|are) (?:needed|used|required) )?(?:per|for (?:each|every|1|one)|(?:each|every)|for an?|to make (?:an?|each|1|one)) {_PIECE.format('p')}",
    rf"(?:each|every|1|one|an?) {_PIECE.format('p')} (?:needs|requires|takes|uses|contains|calls for) (?P<n>{N}) ?{_MEASURE}",
)
_FROM = rf"how many {_PIECE.format('q')}(?: (?:can|could|will|would|do|does|are|be|made|make|bake|baked|she|he|it|they|you|i|we|the|baker|get|sew|cook|build|produce|prepared?|have|has))*(?: (?:from|with|out of|using|of|if (?:she|he|they|we|you|i|there (?:is|are)) (?:has|have|uses?|is|are)?))+ ?(?P<m>{N}) ?(?P<nu>[a-z]+)(?: of (?P<r>[a-z]+))?"
_FOR = rf"how (?:much|many)(?: (?P<nu>[a-z]+))?(?: of)?(?: (?P<r>(?!(?:is|are|does|do|will|would|for)\b)[a-z]+))?(?: (?:is|are|does|do|will|would|she|he|they|you|i|we|needed?|required|use|used|need|require|be|the|baker|to make|make|it|take|for|in|bake))+ (?P<m>{N}) {_PIECE.format('q')}"
_BOUGHT = rf"(?P<n>{N}) (?:(?!(?:for|at|of|and|costing)\b)[a-z-]+ ){{1,3}}(?:(?:at|for|costing|that (?:each )?cost|priced at|which cost|are|worth|cost) )+(?P<p>{N})(?: ?dollars?| ?euros?| ?pounds?)?(?: (?:each|apiece|a piece|per (?:item|piece|[a-z]+)|an item|a [a-z]+))"
_TAX = rf"(?:(?:plus|with|and|at|including|if|there is|pay|pays|paid|the|an?|of|is)\b ?)*(?P<t>{N}) ?%(?: (?:sales|value added))?(?: (?:tax|vat|gst)(?: rate)?)|(?:(?:plus|with|and|if|the|an?|sales)\b ?)*(?:tax|vat|gst)(?: rate)?(?: (?:is|of|at))* (?P<t2>{N}) ?%"
_OFF = (
    rf"(?:(?:with|and|at|after|minus|a|get|gets|an?)\b ?)*(?P<o>{N}) ?%(?: (?:off|discount))|discount of (?P<o2>{N}) ?%"
)
_TOTAL = r"(?:(?:what is|what's|what was|find|calculate|how much (?:is|was|are|will be|did (?:i|he|she|you|they) (?:pay|spend)(?: in)?|do i (?:pay|owe|spend)(?: in)?)|what)(?: the| my| his| her)?(?: final)? ?)?(?:total|altogether|in all)(?: (?:cost|price|bill|amount|spent|to pay|paid))?|how much (?:do|did|does|will|must|should|would) (?:i|he|she|you|they|we|[a-z]+) (?:pay|owe|spend)(?: (?:in total|altogether|in all))?|how much (?:is|was|will be) it(?: (?:in total|altogether|in all))?|what (?:do|did|does|will) (?:i|he|she|you|they) (?:pay|owe|spend)"
_CHANGE = rf"(?:how much |what (?:is|was) (?:the |my |his |her )?)?change (?:do|does|did|will|would|should|from|is|out of)(?: [a-z]+){{0,8}} (?P<c>{N})(?: ?dollars?(?: bill)?)?(?: bill| note)?"


def read_trade(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else."""
    text = compiled(r"(?<=\d) ?per ?cent\b").sub("%", plain_story(text))
    return (
        _map(Scan(text))
        or _pieces(Scan(text), assumptions)
        or _bill(Scan(text), assumptions)
        or _variation(text, assumptions)
    )


def _unit(said: str) -> str:
    said = said.lower()
    bare = said.rstrip("s") if len(said) > 2 else said
    return _SPELLED.get(bare, bare)


def _map(scan: Scan) -> Request | None:
    """A distance on a map and in reality."""
    if not scan.has(r"\b(?:maps?|scale|blueprint|drawing|model)\b"):
        return None
    scale = scan.take(_STANDS) or scan.take(_SCALE)
    if scale is None:
        return None
    long = scan.take(_LONG)
    if long is None:
        return None
    on_map = r"\b(?:on (?:the|a|this) (?:map|drawing|blueprint|plan|model)|map distance|distance on (?:the|a) map)"
    attached = compiled(r" *\| *(?:apart |long )?on (?:the|a|this) (?:map|drawing|blueprint|plan)").search(scan.text)
    named = scan.take(r"how many (?P<w>[a-z]+)")
    named = named or scan.take(rf"\bin (?P<w>{_UNIT})(?: ?$| ?[|;.])")
    wanted = _unit(named["w"]) if named else ""
    scan.take(r"2 (?:towns|cities|points|places|villages|locations|houses|landmarks|schools|lakes)")
    if (named and wanted not in _MAP) or not scan.harmless():
        return None
    if not compiled(r"\bhow\b|\bwhat\b|\bfind\b|\bcalculate\b|\bdetermine\b|distance").search(scan.whole):
        return None
    factor = value_of(scale["s"]) if "s" in scale.groupdict() else value_of(scale["c"]) * _MAP[_unit(scale["d"])] / (value_of(scale["a"]) * _MAP[_unit(scale["b"])])  # fmt: skip
    if factor == 0:
        raise ToolError("a scale cannot be 0; write for example 1:50000")
    size = value_of(long["n"]) * _MAP[_unit(long["u"])]
    small = ("cm", "mm", "in") if "s" in scale.groupdict() else (_unit(scale["b"]),)
    drawn = _unit(long["u"]) not in small  # whether the given length is a real one, and that on the map is asked
    if drawn and (attached or not scan.has(on_map)):
        return None
    size = size / factor if drawn else size * factor
    if not wanted and "d" in scale.groupdict():
        wanted = _unit(scale["b"] if drawn else scale["d"])
    wanted = wanted or ("cm" if drawn else "mi" if _unit(long["u"]) in ("in", "ft") else "km" if size >= 1000 else "m")
    return asked_value(exactly(size / _MAP[wanted]), "", f" {wanted}")


def _stem(word: str) -> str:
    word = word.lower()
    if word.endswith(("sses", "ches", "shes", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _pieces(scan: Scan, assumptions: list[str]) -> Request | None:
    """How many pieces an amount is enough for, or the amount for some pieces."""
    rate = next((found for form in _PER_PIECE if (found := scan.take(form))), None)
    if rate is None:
        return None
    if found := scan.take(_FROM):
        fits = _stem(found["q"]) == _stem(rate["p"]) and _stem(found["nu"]) == _stem(rate["mu"])
        if not fits or not scan.harmless() or not _same_stuff(found["r"], rate["stuff"]):
            return None
        count = over(number(found["m"]), number(rate["n"]))
        whole = value_of(found["m"]) / value_of(rate["n"])
        if whole.denominator != 1:
            assumptions.append("only whole ones are counted")
            return asked_value(exactly(whole.numerator // whole.denominator), "", f" {found['q'].lower()}")
        return asked_value(count, "", f" {found['q'].lower()}")
    if found := scan.take(_FOR):
        said = [part for part in (found["nu"], found["r"]) if part]
        known = [_stem(part) for part in (rate["mu"], rate["stuff"]) if part]
        if (
            _stem(found["q"]) != _stem(rate["p"])
            or not all(_stem(part) in known for part in said)
            or not scan.harmless()
        ):
            return None
        return asked_value(times(number(found["m"]), number(rate["n"])), "", f" {rate['mu'].lower()}")
    return None


def _same_stuff(said: str | None, known: str | None) -> bool:
    return not said or not known or _stem(said) == _stem(known)


def _bill(scan: Scan, assumptions: list[str]) -> Request | None:
    """The total of several things, with tax, a discount, and the change."""
    things = scan.take_all(_BOUGHT)
    if not things:
        return None
    tax = scan.take(_TAX)
    off = scan.take(_OFF)
    change = scan.take(_CHANGE)
    total = scan.take(_TOTAL)
    if not (total or change) or not scan.harmless():
        return None
    value: Node = plus(*(times(number(found["n"]), number(found["p"])) for found in things))
    for rate, sign in ((off, -1), (tax, 1)):
        if rate:
            said = next(part for part in rate.groups() if part)
            share = over(number(said), exactly(100))
            value = times(value, plus(exactly(1), times(exactly(sign), share)))
    if off and tax:
        assumptions.append("the tax is on the reduced price")
    if not change:
        return asked_value(value)
    story = Story("amounts")
    story.ask(minus(number(change["c"]), value))
    story.bounded.append((story.asked[0][0], "the change"))
    return story.request()


def _variation(text: str, assumptions: list[str]) -> Request | None:
    """`direct variation y=6 when x=2, find y when x=5`"""
    case = rf"(?P<y>[a-z]) ?(?:=|is) ?-?{N},? (?:when|if|and|for|where) (?P<x>[a-z]) ?(?:=|is) ?-?{N}"
    asks = rf"(?:find|what is|calculate|determine) (?:the (?:value of )?)?(?:[a-z] (?:when|if|for) [a-z] ?(?:=|is) ?-?{N}|constant(?: of variation)?|k|equation)"
    found = compiled(
        rf"(?:if |in |for |given )?(?:an? )?(?P<kind>direct|inverse) variation(?: (?:equation|problem|where|with|if|and|of|for|given))*[,:;]?(?: that)? ?(?:if |when |where |and )?(?P<rest>{case}[,;.]? (?:and |then )?{asks})"
    ).fullmatch(text)
    if found is None or found["x"].lower() == found["y"].lower():
        return None
    from .variation import read_variation

    how = "directly" if found["kind"].lower() == "direct" else "inversely"
    y, x = found["y"], found["x"]
    return read_variation(f"{y} varies {how} as {x} and {found['rest']}", assumptions)
