"""Labelled facts and lists of numbers, found anywhere in a question about data: `mean = 50, sd of 10 and n = 25`.

A question is cut down: what a pattern reads is taken out of the text, and what is left at the end must be words that
say nothing. So the order of the facts and most of the wording do not matter.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache

from ...errors import ToolError
from .syntax import Number, Sequence

NUMBER = r"(?<![\w.])[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d{1,2})?(?:/\d+(?![\d.]))?(?![\w])(?: ?%| ?percent\b)?"
DEVIATION = (
    r"(?:standard deviations?|std\.? ?dev(?:iation)?s?\.?|st\.? ?dev\.?|stdev|stddev|stds?(?! err)"
    r"|s\.d\.|sds?(?![a-z]))"
)
IS = r"\s*(?:=|:|is|was|of|equals|equal to|are|were|being|to be)?\s*(?:an? |about |approximately )?"
_TAKEN = " | "
_WHOSE = (
    r"(?: (?:of|for|in) (?:the |a )?(?:sample|population|data|group|differences?|scores|distribution|class|test)s?)?"
)
_SEPARATOR = r"(?:\s*[,;]\s*(?:and\s+)?|\s+and\s+|\s+)"
_GREEK_OR_SIGN = (
    (re.compile(r"x\u0304|x\s*\\?bar\b|bar ?\(?\{?x\}?\)?", re.IGNORECASE), " xbar "),
    (re.compile(r"p\u0302|hat ?\(?\{?p\}?\)?", re.IGNORECASE), " phat "),
    (re.compile(r"\s*_\{?\(?([0-9a])\)?\}?(?![0-9])"), r"\1"),
    (re.compile(r"\bchi[- ]?(?:squared?|sq|\^ ?\(?2\)?|2)(?![\d.])"), "chi square"),
    (re.compile(r"(?<=[a-z0-9])[-\u2010\u2011](?=[a-z])"), " "),
    (re.compile(r"\u00b1|\+/-|\+-"), " "),
    (re.compile(r"(?<=[a-z])'s?\b|(?<=s)'(?=\s)"), ""),
)
_THOUSANDS = re.compile(
    r"((?:\bout of|\bsample of|\bsize(?: of)?|\bn ?=?|\bn ?is)\s*)(\d{1,3}(?:,\d{3})+)(?![\d,])(?!, ?\d)"
)
_ROW = rf"\[\s*{NUMBER}(?:\s*[,;]?\s*{NUMBER})*\s*\]"
_MATRIX = re.compile(rf"\[\s*{_ROW}(?:\s*[,;]?\s*{_ROW})+\s*\]")
_BRACKETED = re.compile(rf"[\[({{]\s*({NUMBER}(?:{_SEPARATOR}{NUMBER})+)\s*[\])}}]")
_RUN = re.compile(rf"{NUMBER}(?:(?:\s*,\s*(?:and\s+)?|\s+){NUMBER})+(?:\s+and\s+{NUMBER}(?!\s*,?\s*[-+]?[\d.]))?")
_LONG_RUN = re.compile(rf"{NUMBER}(?:{_SEPARATOR}{NUMBER})*")
_NUMBER = re.compile(NUMBER)
_LEFT = re.compile(r"[a-z]+[0-9]*|[-+]?\d[\d.]*|[^\s,;:.|()?\[\]{}]")

_LABELS: dict[str, str] = {
    "mu": r"(?:population|hypothesi[sz]ed|null|claimed|true|assumed|target|historical) (?:mean|average)|mu ?0|mu",
    "sigma": rf"(?:population|known|true|process) {DEVIATION}|sigma",
    "sigma squared": r"(?:population|known) variance|sigma ?\^ ?\(?2\)?|sigma squared",
    "variance": r"(?:sample )?variance|s ?\^ ?\(?2\)?",
    "sd": rf"(?:sample )?{DEVIATION}|s",
    "p0": r"(?:population|hypothesi[sz]ed|null|claimed|true) proportion|p ?0",
    "phat": r"(?:sample |estimated )?proportion(?: of successes)?|p ?hat|phat",
    "mean": r"(?:sample |the )?(?:mean|average)(?: (?:score|weight|height|value|difference|time|length))?|[xd] ?bar|m",
    "n": r"sample sizes?|number of (?:observations|samples|people|trials|pairs|subjects)|n|size",
    "p": r"p",
    "x": r"(?:number of )?successes|(?:raw |observed )?(?:score|value)|x|k",
}
_PLURAL = {
    "mean": r"(?:sample )?(?:means|averages)",
    "sd": r"(?:sample )?standard deviations|sds",
    "sigma": r"population standard deviations",
    "n": r"sample sizes|sizes",
    "phat": r"(?:sample )?proportions",
}


@cache
def _label(name: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.])(?:{_LABELS[name]})(?:(?P<i>[12])|\s(?P<j>[12])(?=\s?[=:]))?(?![\w^]){_WHOSE}{IS}(?P<v>{NUMBER})"
    )


@cache
def _plural(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_PLURAL[name]}){IS}(?P<v>{NUMBER})\s*(?:,|and|,\s*and|vs)\s*(?P<w>{NUMBER})")


def value_of(text: str) -> Fraction:
    """A number of the text, exact; a percentage is a hundredth of it.

    Raises:
        ToolError: if it divides by zero.
    """
    bare = re.sub(r"\s|%|percent", "", text)
    if re.search(r"/[0.]*$", bare):
        raise ToolError(f"{text.strip()} divides by zero")
    top, _, bottom = bare.partition("/")
    value = Fraction(top) / Fraction(bottom or 1)
    return value / 100 if "%" in text or "percent" in text else value


def number_node(text: str) -> Number:
    """The same as a node that remembers whether it was written as a decimal."""
    return Number(value_of(text), "." in text or "%" in text)


def numbers_of(text: str) -> list[Number]:
    """All numbers in a piece of text, in order."""
    return [number_node(found[0]) for found in _NUMBER.finditer(text)]


class Scan:
    """A question that is cut down as its facts are read.

    Args:
        text: the question as the solver's readers get it.
    """

    def __init__(self, text: str) -> None:
        text = text.lower()
        for pattern, plain in _GREEK_OR_SIGN:
            text = pattern.sub(plain, text)
        text = _THOUSANDS.sub(lambda found: found[1] + found[2].replace(",", ""), text)
        self.whole = self.text = " ".join(text.split())

    def take(self, pattern: re.Pattern[str], most: int = 0) -> list[re.Match[str]]:
        """Take out what the pattern matches, at most so often (0: always)."""
        found = list(pattern.finditer(self.text))
        if found:
            self.text = pattern.sub(_TAKEN, self.text, count=most)
        return found[:most] if most else found

    def facts(self, *names: str) -> dict[str, list[Number]]:
        """The values of labels, in the order of their index (`n1`, `n2`) or of the text; absent ones are left out."""
        known: dict[str, list[Number]] = {}
        for name in names:
            if name in _PLURAL:
                for found in self.take(_plural(name), 1):
                    known[name] = [number_node(found["v"]), number_node(found["w"])]
            matches = self.take(_label(name))
            matches.sort(key=lambda match: match["i"] or match["j"] or "0")
            if matches:
                known.setdefault(name, []).extend(number_node(match["v"]) for match in matches)
        return known

    def matrix(self) -> list[list[Number]] | None:
        """A table `[[10, 20], [30, 40]]`."""
        found = self.take(_MATRIX, 1)
        return [numbers_of(row) for row in re.findall(r"\[([^\[\]]*)\]", found[0][0])] if found else None

    def lists(self, *, least: int = 2, one: bool = False) -> list[list[Number]]:
        """The lists of numbers, first those in brackets.

        Args:
            least: how many numbers without brackets make a list.
            one: whether `and` only stands inside a list, never between two.
        """
        bracketed = self.take(_BRACKETED)
        if bracketed:
            return [numbers_of(found[1]) for found in bracketed]
        pattern = _LONG_RUN if one else _RUN
        runs = [found for found in pattern.finditer(self.text) if len(_NUMBER.findall(found[0])) >= least]
        for found in reversed(runs):
            self.text = self.text[: found.start()] + _TAKEN + self.text[found.end() :]
        return [numbers_of(found[0]) for found in runs]

    def strange(self, filler: frozenset[str]) -> str:
        """The first word, number or sign that is left and says something; empty if there is none."""
        return next((word for word in _LEFT.findall(self.text) if word not in filler), "")


def sequence(numbers: list[Number]) -> Sequence:
    """A list of numbers as one node."""
    return Sequence(tuple(numbers))
