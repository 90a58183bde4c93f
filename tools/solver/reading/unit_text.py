# ruff: noqa: E501  a pattern is read more easily on one line
"""The text of a question about units with marks, abbreviations, shares and travels written out.

`5'11"` becomes `5 ft 11 inch`, `an hour and a half` becomes `1 1/2 hour`, `how long ... 100 km at 50 km/h` a quotient.
"""

from __future__ import annotations

import functools
import re

from .unit_names import unit_named

_ABBREVIATED = re.compile(
    r"\b(sq|cu|ft|in|oz|lbs?|gal|fl|hrs?|mins?|secs?|yds?|mi|tsp|tbsp|qt|pt|deg|approx)\.(?!\d)", re.IGNORECASE
)
_HYPHEN = re.compile(r"(?<=[a-z])-(?=[a-z])|(?<=\d)-(?=[a-z]{2})", re.IGNORECASE)
_FEET = re.compile(
    r"(\d)\s*(?:'|′)(?!['′])\s*(\d[\d./ ]*?)?\s*(?:\"|''|′′|”|″|in(?=\s+(?:in|to|into|as)\b|$)|inches\b)?(?=\s|$|[,)])"
)
_FEET_ALONE = re.compile(
    r"(\d)\s*(?:ft|foot|feet)\s+(\d{1,2}(?:\.\d{1,4})?)(?=\s+(?:in|to|into|as)\s+(?=[a-z])(?!in\b|to\b|into\b|as\b))",
    re.IGNORECASE,
)
_INCHES = re.compile(r"(\d)\s*(?:\"|''|′′|”|″)")
_ARC = re.compile(r"degrees\s*(\d+(?:\.\d+)?)\s*(?:'|′)(?:\s*(\d+(?:\.\d+)?)\s*(?:\"|''|′′|”|″))?")
_FRACTIONS = {"third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
              "half": 2, "hundredth": 100, "thousandth": 1000}  # fmt: skip
_SHARES = {"half": "1/2", "quarter": "1/4"}
_A_FRACTION = re.compile(rf"\b(?:an?|one)[ -]({'|'.join(_FRACTIONS)})\b", re.IGNORECASE)
_AND_A_HALF = re.compile(r"\b(an?|one|\d+) ([a-z]+) and an? (half|quarter)\b", re.IGNORECASE)
_A_LARGE = re.compile(r"\b(?:an?|one) (hundred|thousand|million|billion|trillion|dozen)\b", re.IGNORECASE)
_FUEL = re.compile(r"\b(l|lit(?:er|re)s?)\s*(?:/|per)\s*100\s*(km|kilomet(?:er|re)s?)\b", re.IGNORECASE)
_MOVES = r"(?:travels?|drives?|goes|go|runs?|covers?|moves?|flies|fly|walks?|cycles?|rides?|drove|travelled|traveled|ran|walked|went)"
_FORMULAS = (
    (r"(?:how long|time)\b.{0,80}?\b(\d.{1,40}?) (?:at|going|with) \D{0,30}?(\d.{1,40})", "({0}) / ({1})"),
    (r"how far\b.{0,80}?\b(?:in|for) (\d.{1,40}?) (?:at|going|with) \D{0,30}?(\d.{1,40})", "({0}) * ({1})"),
    (r"how far\b.{0,80}?\bat (\d.{1,40}?) (?:in|for) (\d.{1,40})", "({0}) * ({1})"),
    (r"(?:if )?\D{0,40}?\b(\d.{1,40}?) for (\d.{1,40}?)[,.;]? (?:how far|what distance)\b.{0,60}", "({0}) * ({1})"),
    (r"(?:what is |find )?(?:the |my |his |her )?(?:average )?speed\b\D{0,60}(\d.{1,40}?) in (\d.{1,40})", "({0}) / ({1})"),
    (r"how fast (?:is|was|am i going if i go) (\d.{1,40}?) in (\d.{1,40})", "({0}) / ({1})"),
    (rf"(?:if )?\D{{0,40}}?\b{_MOVES} (\d.{{1,40}}?) in (\d.{{1,40}}?)[,.;]? (?:what|find|calculate|how fast)\D{{0,40}}?(?: in (\D.{{0,30}}))?",
     "({0}) / ({1}) in {2}"),
    (r"how many (\d[\d.,/]{0,20} ?[a-z]{1,20}) (?:long )?[a-z]{1,20} .{0,40}?\b(?:in|from|out of|into) ((?:\d|an? ).{1,40})", "({1}) / ({0})"),
)  # fmt: skip
_SHARE_OF = re.compile(
    r"(?:what is |express |write |convert )?(.{1,80}?) as an? (fraction|percent(?:age)?) of (.{1,80})", re.IGNORECASE
)
_OF_WHAT = re.compile(r"\b([a-z]{1,20}) of ([a-z]{3,20}) (?=(?:in|to|into|is|are)\b)", re.IGNORECASE)


@functools.cache
def _formulas() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern, re.IGNORECASE), formula) for pattern, formula in _FORMULAS]


_ROUNDING = re.compile(
    r"[,\s]+(?:(?:rounded|correct|round)\s+(?:off\s+)?)?to\s+(?:(?P<count>\d{1,2}|one|two|three|four)\s+(?P<kind>d\.?p\.?|decimals?"
    r"|decimal places?|s\.?f\.?|significant (?:figures|digits))|the nearest (?P<nearest>whole number|integer|tenth"
    r"|hundredth|thousandth))$",
    re.IGNORECASE,
)
_SMALL = {"one": 1, "two": 2, "three": 3, "four": 4}
_NEAREST = {"whole number": 0, "integer": 0, "tenth": 1, "hundredth": 2, "thousandth": 3}


def written_out(text: str) -> str:
    """The text with marks, abbreviations and shares written out."""
    text = _ARC.sub(lambda found: f"degrees {found[1]} arcmin" + (f" {found[2]} arcsec" if found[2] else ""), text)
    text = _FEET.sub(lambda found: f"{found[1]} ft" + (f" {found[2]} inch" if found[2] else ""), text)
    text = _FEET_ALONE.sub(r"\1 ft \2 inch", text)
    text = _INCHES.sub(r"\1 inch", text)
    text = re.sub(r"=\s*\?+\s*", "= ", text)
    text = _FUEL.sub("lperhundredkm", text)
    text = _ABBREVIATED.sub(r"\1", text)
    text = _HYPHEN.sub(" ", text)
    text = re.sub(r"\bmu\s+(?=[a-zA-Z]{1,3}\b)", "u", text)  # µm has become mu m
    text = re.sub(r"(?:\b([kM])\s*)?\bOmega\b", r"\1ohm", text)
    text = re.sub(r"\bseconds?\b", "seconds", text, flags=re.IGNORECASE)  # "to second" is no power here
    text = _AND_A_HALF.sub(
        lambda found: f"{found[1] if found[1].isdigit() else 1} {_SHARES[found[3].lower()]} {found[2]}", text
    )
    text = re.sub(
        r"\band an? (half|quarter)\b", lambda found: f"and {_SHARES[found[1].lower()]}", text, flags=re.IGNORECASE
    )
    text = _A_FRACTION.sub(lambda found: f"1/{_FRACTIONS[found[1].lower()]}", text)
    return _A_LARGE.sub(r"1 \1", text)


def as_formula(text: str) -> tuple[str, list[str]]:
    """The formula that a question about time, way and speed or about a share asks for, and a tag for a share."""
    if found := _SHARE_OF.fullmatch(text):
        return f"({found[1]}) / ({found[3]})", [f"share {found[2].lower()[:7]}"]
    for pattern, formula in _formulas():
        if found := pattern.fullmatch(text):
            return formula.format(*(part or "" for part in found.groups())).removesuffix(" in "), []
    return _OF_WHAT.sub(_without_stuff, text), []


def _without_stuff(found: re.Match[str]) -> str:
    """`gallon` for `gallon of water`."""
    is_stuff = unit_named(found[1]) and not unit_named(found[2])
    return f"{found[1]} " if is_stuff else found[0]


def split_rounding(text: str) -> tuple[str, list[str]]:
    """The text before `to 2 decimal places`, and the tag `places 2` for it."""
    found = _ROUNDING.search(text)
    return (text[: found.start()], [_rounding_tag(found)]) if found else (text, [])


def _rounding_tag(found: re.Match[str]) -> str:
    if found["nearest"]:
        return f"places {_NEAREST[found['nearest'].lower()]}"
    count = _SMALL.get(found["count"].lower()) or int(found["count"])
    return f"{'digits' if found['kind'].lower().startswith('s') else 'places'} {count}"
