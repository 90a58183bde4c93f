# ruff: noqa: E501  a pattern is read more easily on one line
"""Intervals and tests: what is asked, and the labelled facts it is asked with.

`95% confidence interval for mean = 50, s = 10, n = 25`, `t test of 1, 2, 3 against mean 2`, `p-value for z = 2.1 two-tailed`,
`chi-square critical value 0.05 df 3`, `sample size for a margin of error of 3%`, `anova of [1,2,3], [2,3,4], [5,6,7]`.
Which interval or test fits the facts is decided where it is answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from ...errors import ToolError
from .clauses import TextReader
from .labels import DEVIATION, IS, NUMBER, Scan, number_node, sequence, value_of
from .names import words
from .syntax import Ask, Node, Number, Request

_HINTS = (
    "confiden", "margin of error", "error margin", "p-value", "p value", "pvalue", "critical", "test", "anova", "chi", "goodness", "sample size",
    "hypothesis", " ci", "analysis of variance", "statistically", "how large a sample", "error bound", "how many people", "statistic", "signific", "h0", "wilson", "t-interval", "t interval", "z-interval", "z interval",
)  # fmt: skip
_ASKED: tuple[tuple[str, str], ...] = (
    ("critical value", r"\b(?:[ztf]|chi square) critical|critical (?:values?|points?|[ztf]\b|chi square|region)|\b[zt] ?\*|critical [ztf] values?|\b[zt] ?(?:score|value)s? (?:for|of|at|with) (?:an? )?\d+ ?% confidence"),
    ("p value", r"\bp ?values?"),
    ("sample size", r"(?:sample size|how (?:many|large)|minimum (?:n|number)|required n)\b.*(?:margin|within|error)|(?:margin|within|error)\b.*(?:what|how many|how large|find|required|necessary|minimum|needed).*sample"),
    ("interval", r"confidence (?:interval|limits|bounds)|\bci\b|interval estimate|% confident|% interval|wilson|\b[tz] interval\b"),
    ("margin", r"margin of error|error margin|error bound"),
    ("test", r"\b(?:[ztf]|chi square|hypothesis|significance|binomial|proportions?|goodness of fit|independence|welch|mean|paired|sample|tailed|sided) (?:z |t )?tests?\b|\btest (?:the |of |for |if |whether |statistic|at )|\banova\b|analysis of variance|goodness of fit|test statistic|\bsignificant(?:ly)?\b|\b(?:[ztf]|chi square) statistic|\bh ?[01a]\b ?:|\bhypothesis|chi square of \[?\[|chi square\b.*(?:observed|table|\[\[)"),
)  # fmt: skip
_NOUN = r"(?:people|persons|students|voters|adults|patients|respondents|subjects|participants|observations|samples|measurements|data points|items|trials|units|cases|values|individuals|customers|plants|batteries|bulbs|men|women|children|tosses|flips|products|parts|pairs|times|households|workers|employees|cars|animals)"
_LEVEL = rf"(?P<v>{NUMBER}) ?(?:two sided |one sided |two tailed |level |wilson (?:score )?|[tz] )?(?:level of confidence|confidence level|confidence|conf\b|ci\b|certainty|confident|certain\b|interval)|\b(?:confidence (?:level|coefficient)|level of confidence|confidence)(?: of| is|:| =| at)? ?(?P<w>{NUMBER})|\bconfidence interval(?: of| at| level)? (?P<u>\d+(?:\.\d+)? ?(?:%|percent\b))|\bat (?:the )?(?P<s>\d+(?:\.\d+)? ?(?:%|percent\b))(?! (?:level|signif|alpha))"
_ALPHA = rf"\b(?:alpha|significance level|level of significance|significance)(?: level)?{IS}(?P<v>{NUMBER})|(?P<w>{NUMBER}) (?:level of significance|significance level|significance|alpha|level\b)(?!\s*(?:=|:|of|is)?\s*[\d.])"
_WHOLE = r"\d+(?:\.\d+)?(?![\d.%])"
_DF = rf"\bdf ?1{IS}(?P<a>{_WHOLE})\W+(?:and )?df ?2{IS}(?P<b>{_WHOLE})|\b(?:df|d\.f\.|degrees? of freedom|dof){IS}\(?(?P<c>{_WHOLE})(?:\s*(?:,|and)\s*(?P<d>{_WHOLE}))?\)?|\(?(?<![\w.])(?P<e>{_WHOLE})(?:\s*(?:,|and)\s*(?P<f>{_WHOLE}))?\)? (?:df\b|d\.f\.|degrees? of freedom|dof\b)(?!\s*(?:=|:|of|is)?\s*\(?\d)"
_STATISTIC = rf"\b(?:test )?(?:statistic )?(?P<law>z|t|f|chi square)(?: (?:statistic|stat|score|value|test))*(?: ?\( ?(?P<a>\d+)(?:, ?(?P<b>\d+))? ?\))?{IS}(?P<v>{NUMBER})"
_MARGIN = rf"\b(?:margin of error|error margin|maximum error|max error|error bound|error|moe|e|to within|within|accuracy|precision){IS}(?:no more than |at most )?(?P<v>{NUMBER})(?: (?:units?|points?|percentage points?))?"
_OPERATOR = {
    "upper": r">=?|(?:is |are )?(?:significantly )?(?:greater|more|larger|higher|bigger) than|exceeds?|(?:is )?above|increased (?:from|above)",
    "lower": r"<=?|(?:is |are )?(?:significantly )?(?:less|lower|smaller|fewer) than|(?:is )?below|(?:is )?under",
    "two": r"!=|=/=|(?:is |are )?(?:significantly )?(?:different from|not equal to|differs? (?:significantly )?from)|is not|differs from",
    "null": r"is equal to|equals?|=|is|of",
}
_TAILS = (
    ("upper", r"(?:one (?:tailed|sided) )?\(?(?:right|upper) ?(?:tailed|tail|sided)\)?|(?:one (?:tailed|sided)),? \(?(?:right|upper|greater)\)?"),
    ("lower", r"(?:one (?:tailed|sided) )?\(?(?:left|lower) ?(?:tailed|tail|sided)\)?|(?:one (?:tailed|sided)),? \(?(?:left|lower|less)\)?"),
    ("two", r"(?:two|2|double) ?(?:tailed|sided|tails?)|both tails|2t\b"),
    ("one", r"(?:one|1|single) ?(?:tailed|sided|tails?)"),
)  # fmt: skip
_FLAGS = (
    ("pooled", r"(?:assuming |with |assume )?(?:equal|same|pooled) (?:population )?variances?(?: assumed)?|pooled"),
    ("welch", r"welch(?:s)?|(?:assuming |with |assume )?unequal variances?|variances? not equal"),
    ("paired", r"paired(?: samples?)?|matched(?: pairs?)?|dependent samples?|before\b(?=.*\bafter\b)"),
    ("yates", r"(?:with )?yates(?: s)?(?: continuity)?(?: correction)?|continuity correction"),
    ("wilson", r"wilson(?: score)?"),
    ("anova", r"(?:one way )?(?:anova|analysis of variance)(?: test)?"),
    ("fit", r"goodness of fit"),
    ("independence", r"(?:test )?(?:of |for )?independence|association|contingency"),
    ("proportion", r"(?:(?:two|one|[12]) )?(?:sample )?(?:population )?proportions?(?: z)?(?: tests?)?|percentage"),
    ("spread", rf"(?:population )?variance|(?:population )?{DEVIATION}(?! ?=)"),
    ("chi square", r"chi square"),
    ("two sample", r"(?:two|2|independent) samples?|independent"),
    ("difference", r"differences?"),
    ("mean", r"mean"),
    ("t", r"\b(?:student )?t (?:tests?|interval|statistic|critical|value|distribution|score)|critical t\b|\bt\b"),
    ("z", r"\bz (?:tests?|interval|statistic|critical|value|distribution|score)|critical z\b|\bz\b"),
    ("f", r"\bf (?:tests?|statistic|critical|value|distribution)|critical f\b|\bf\b"),
)  # fmt: skip
_FILLER = frozenset(words(
    "of for the a an what whats is are was were be find calculate compute determine give me get show construct build obtain perform do run conduct carry out use using do i we you can"
    " please and or following data dataset set sets numbers number values value list lists sample samples in at as well with from these those this that which by given all its to if then when has have had"
    " having where there test tests tested testing statistic statistics score scores interval intervals limits bounds confidence level levels true population mean means average of size sizes mu group groups"
    " vs versus against between on estimate estimated range margin error critical region point p distribution one two tailed sided sample way z t f chi square hypothesis null alternative h0 h1 ha"
    " significance significant significantly statistically standard deviation sd known unknown random normal normally distributed survey poll need needed needs required minimum how many large should must"
    " successes success out people table observed expected counts frequencies fit goodness differ different equal same whether claim independence degrees freedom df after before differences difference"
    " reject decide conclude result results star correction associated corresponding under over each first second based it so alpha lower upper right left tail only about approximately"
    " approximate assuming assume proportion proportions variance variances welch student analysis anova independent rows columns row column treatment control men women estimating lies within sampled"
    " cm kg points hours minutes dollars years mm units unit percent grams g seconds days"
    " found support supported supports voted yes said favor favour favored favoured approve approved agree agreed prefer preferred defective whom who them survived passed compare compared die dice rolled coin tossed flipped claims claimed fair heads tails"))  # fmt: skip
_EXAMPLES = {
    "interval": "95% confidence interval for mean 50, s = 10, n = 25",
    "margin": "margin of error for sigma = 15, n = 100 at 95% confidence",
    "sample size": "sample size for a margin of error of 3% at 95% confidence",
    "p value": "p-value for t = 2.1, df = 15, two-tailed",
    "critical value": "t critical value for 95% confidence, df = 10",
    "test": "t test: mean 52, s = 5, n = 25, mu = 50",
}


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@dataclass
class _Found:
    """The facts by label, in the order in which an answer gets them, and flags."""

    labels: list[str] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    def add(self, label: str, *nodes: Node) -> None:
        self.labels += [label] * len(nodes)
        self.nodes += nodes

    def has(self, label: str) -> bool:
        return label in self.labels

    def ask(self, name: str) -> Ask:
        return Ask(name, tuple(self.nodes), (*self.labels, *dict.fromkeys(self.flags)))


def read_inference(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else.

    Raises:
        ToolError: if it certainly is one and cannot be read, with one that can.
    """
    lowered = text.lower()
    if len(text) > 500 or not any(hint in lowered for hint in _HINTS) or not any(sign.isdigit() for sign in text):
        return None
    scan = Scan(_compiled(r"\b([ztZT])\s?\*(?=\s|$)").sub(r"\1 critical value", text))
    asked = next((name for name, pattern in _ASKED if _compiled(pattern).search(scan.whole)), "")
    if not asked:
        return None
    asked, found = _gathered(scan, asked)
    if word := scan.strange(_FILLER if found.has("data") else _FILLER | {"x"}):
        if asked in ("interval", "margin", "p value") and found.nodes and word.isalpha():
            raise ToolError(f"cannot read {word!r} in a question about this; write for example: {_EXAMPLES[asked]}")
        return None
    if asked == "critical value" and not {"z", "t", "f", "chi square"} & {*found.flags}:
        found.flags.append("t" if found.has("df") or found.has("n") else "z")
        assumptions += [f"of the {'t' if found.flags[-1] == 't' else 'normal'} law"] if found.nodes else []
    if not found.nodes:
        return None
    return found.ask(asked)


def _gathered(scan: Scan, asked: str) -> tuple[str, _Found]:
    found = _Found()
    _levels(scan, found)
    _degrees(scan, found, asked)
    if asked == "p value":
        for match in scan.take(_compiled(_STATISTIC), 1):
            found.flags.append(match["law"])
            found.add("statistic", number_node(match["v"]))
            found.add("df", *(number_node(match[key]) for key in "ab" if match[key]))
    if asked == "interval" and re.search(r"margin of error.*interval", scan.whole):
        asked = "margin"
    if asked in ("sample size", "margin"):
        found.add("moe", *(number_node(match["v"]) for match in scan.take(_compiled(_MARGIN), 1)))
        asked = "sample size" if found.has("moe") else "margin"
    _hypotheses(scan, found)
    _lists(scan, found)
    _counts(scan, found)
    for label, nodes in scan.facts(
        "mu", "sigma squared", "sigma", "variance", "sd", "p0", "phat", "mean", "n", "p", "x"
    ).items():
        found.add(label, *nodes)
    _references(scan, found)
    _words(scan, found, asked)
    _told_share(scan, found)
    if asked == "p value" and not found.has("statistic"):
        asked = "test"
    return asked, found


def _levels(scan: Scan, found: _Found) -> None:
    for label, pattern in (("level", _LEVEL), ("alpha", _ALPHA)):
        for match in scan.take(_compiled(pattern), 1):
            told = next(part for part in match.groups() if part)
            value = value_of(told)
            whole = value > 1 and "%" not in told and "percent" not in told
            found.add(label, Number(value / 100 if whole else value, decimal=True))


def _degrees(scan: Scan, found: _Found, asked: str) -> None:
    for match in scan.take(_compiled(_DF), 1):
        found.add("df", *(number_node(part) for part in match.groups() if part))


_SUBJECT = r"(?:\bh ?[01a] ?:? ?|\b(?:null|alternative)(?: hypothesis)?(?: is| that)?:? ?)?(?:the )?(?:population |true )?\b(?P<what>mu|mean|average|proportion|p)(?: (?:weight|height|score|value|time|length|is|of))? ?"


def _hypotheses(scan: Scan, found: _Found) -> None:
    """`H0: mu = 100, H1: mu > 100`, `test whether the mean is greater than 100`."""
    for match in scan.take(_compiled(r"(?:\bh ?[01a] ?:? ?)?\b(?:mu|p) ?1 ?(?P<op>!=|=|>=?|<=?) ?(?:mu|p) ?2")):
        found.flags += {">": ["upper"], "<": ["lower"], "!=": ["two"]}.get(match["op"], [])
    for flag in ("upper", "lower", "two"):
        for match in scan.take(_compiled(rf"{_SUBJECT}(?:{_OPERATOR[flag]}) ?(?P<v>{NUMBER})"), 1):
            found.flags.append(flag)
            _hypothesis(found, match)
    prefix = _SUBJECT.replace(r"?:? ?)?(?:the", r"?:? ?)(?:the", 1).replace(r":? ?)?", r":? ?)?", 1)
    stated = rf"(?:{prefix}|\b(?:hypothesis|claim|test|whether|if)(?: that)?(?: the)?(?: population| true)? (?P<say>mean|mu|average|proportion|p) )(?:{_OPERATOR['null']}) ?(?P<v>{NUMBER})"
    for match in scan.take(_compiled(stated), 1):
        _hypothesis(found, match)


def _hypothesis(found: _Found, match: re.Match[str]) -> None:
    what = match.groupdict().get("what") or match.groupdict().get("say") or ""
    label = "p0" if what in ("p", "proportion") else "mu"
    if not found.has(label):
        found.add(label, number_node(match["v"]))


def _lists(scan: Scan, found: _Found) -> None:
    scan.take(
        _compiled(
            r"\b(?:group|sample|population|set|treatment|data)s? ?(?:[1-9a-d]|one|two|three)\b(?= ?(?::|=|has|had|with|is|mean|,|\())"
        )
    )
    if table := scan.matrix():
        found.add("row", *(sequence(row) for row in table))
        return
    roles = (("observed", r"\bobserved(?: values| counts| frequencies)?(?: are| is| of|:| =)? ?"), ("expected", r"\bexpected(?: values| counts| frequencies| proportions| probabilities)?(?: are| is| of|:| =)? ?|\bratios? (?:of )?"))  # fmt: skip
    for label, pattern in roles:
        run = rf"(?:{pattern})[\[({{]?(?P<run>{NUMBER}(?:(?:\s*[,:]\s*|\s+|\s*,?\s*and\s+){NUMBER})+)[\])}}]?"
        for match in scan.take(_compiled(run), 1):
            found.add(label, sequence([number_node(item[0]) for item in _compiled(NUMBER).finditer(match["run"])]))
    for numbers in scan.lists(least=3):
        found.add("data", sequence(numbers))


def _counts(scan: Scan, found: _Found) -> None:
    """`45 successes out of 100`, `45/100` where the text speaks of proportions, `a sample of 36 students`."""
    of = r" ?(?:successes |people |voters |yes |heads |said yes |defective |students )*(?:out of|of|in|from) (?:a (?:random )?(?:sample|total) of |n ?= ?)?"
    counted = rf"(?<![\w.%])(?P<x>\d+)(?:{of})(?P<n>\d+)(?![\d.%])(?: {_NOUN})?"
    if "proportion" in scan.whole:
        counted = rf"(?<![\w.%])(?P<x>\d+)(?:{of}|/)(?P<n>\d+)(?![\d.%])(?: {_NOUN})?"
    for match in scan.take(_compiled(counted)):
        found.add("x", Number(Fraction(match["x"])))
        found.add("n", Number(Fraction(match["n"])))
    for match in scan.take(_compiled(r"(?<![\w.])(?P<v>\d+) successes")):
        found.add("x", number_node(match["v"]))
    sampled = rf"\b(?:random )?(?:sample|poll|survey) (?:size )?of (?:n ?= ?)?(?P<v>\d+)(?![\d.%])(?: (?!with|has|had|and|have|from|is|at|gives|gave|the|was|mean|of|in)[a-z]+)?|(?<![\w.])(?P<w>\d+)(?: (?:randomly )?(?:selected|sampled))? {_NOUN}\b"
    for match in scan.take(_compiled(sampled)):
        found.add("n", number_node(match["v"] or match["w"]))


def _references(scan: Scan, found: _Found) -> None:
    """What a sample is compared with: `against mu = 50`, `vs 50`."""
    if found.has("mu") or found.has("p0"):
        return
    against = rf"\b(?:against|versus|vs\.?|compared (?:to|with)|from|equal to|equals|than) (?:a |the )?(?:(?:hypothesi[sz]ed|population|claimed|null) )?(?:mean|mu|average|proportion|value)?{IS}(?P<v>{NUMBER})"
    for match in scan.take(_compiled(against), 1):
        found.add("reference", number_node(match["v"]))


def _words(scan: Scan, found: _Found, asked: str) -> None:
    """Tails and the words that choose a method; of a critical value also the bare level."""
    tails: Iterable[tuple[str, str]] = (*_TAILS, *_FLAGS)
    for flag, pattern in tails:
        if scan.take(_compiled(rf"(?<![\w])(?:{pattern})(?!\w)")):
            found.flags.append(flag)
    found.flags += ["wilson"] if "wilson" in scan.whole else []
    if asked == "critical value" and not found.has("level") and not found.has("alpha"):
        for match in scan.take(_compiled(NUMBER), 1):
            value = value_of(match[0])
            label = "level" if value >= Fraction(1, 2) else "alpha"
            found.add(label, Number(value / 100 if value > 1 else value, decimal=True))


def _told_share(scan: Scan, found: _Found) -> None:
    """The one number that is left, where a sample size is known: `120 voted yes`, `60% support it`."""
    rest = list(_compiled(NUMBER).finditer(scan.text))
    known = any(
        found.has(label) for label in ("x", "phat", "p", "mean", "sd", "sigma", "data", "row", "statistic", "moe")
    )
    if len(rest) == 1 and not known and found.labels.count("n") == 1:
        label = "phat" if "%" in rest[0][0] or "." in rest[0][0] else "x"
        found.add(label, number_node(rest[0][0]))
        scan.take(_compiled(NUMBER))


READERS: list[TextReader] = [read_inference]
