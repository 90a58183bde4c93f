# ruff: noqa: E501  a pattern is read more easily on one line
"""Questions about distributions, in notation and in words.

`P(X <= 4) for X ~ Bin(10, 0.3)`, `95th percentile of N(100, 15)`, `variance of a Poisson distribution with mean 4`,
"heights are normally distributed with mean 175 and standard deviation 7; what percentage are taller than 190?"

The text is searched for labelled facts (a law, its parameters, an event); each is taken out of it, and a question is read
only if no number and no word that could change its meaning is left.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache

from ...errors import ToolError
from .clauses import TextReader
from .labels import number_node
from .syntax import Ask, Node, Number, Request
from .wording import CARDINALS

_R = r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:\s?/\s?\d+(?![\d.])|\s?%)?"
_IS = r"(?:\s?(?:=|:|is|of|equal to|equals|being)\s?|\s)"
_OP = r"<=|>=|<|>|="
_V = r"[xyztwkf]"
_HINT = re.compile(
    r"\bP[r]?\s*\(|~|\u223c|distribut|\bnormal|poisson|binomial|geometric|hypergeom|exponential|uniform|percentile|quantile|quartile"
    r"|(?:prob|chance|percent|how many).*(?:%|\bper\b|average|mean|\bprob)|(?:%|\bper\b|average|mean|\bprob).*(?:prob|chance)"
    r"|(?:variance|deviation|mode|median|mean|value) of (?:an? |the )?(?:bin|binom|n|b|u|po|pois|geo|geom|exp) ?\(",
    re.IGNORECASE,
)
_SIGNS = str.maketrans({"\u2264": "\x01", "\u2265": "\x02", "\u223c": "~", "\u03bc": "\x03", "\u03c3": "\x04", "\u03bb": "\x05", "\u03c7": "\x06", "\u00b2": "\x07", "\u2212": "-"})  # fmt: skip
_SPELLED = {
    "\x01": "<=",
    "\x02": ">=",
    "\x03": " mu ",
    "\x04": " sigma ",
    "\x05": " lambda ",
    "\x06": " chi",
    "\x07": "^2",
}
_NOTATION = {
    "n": "normal", "normal": "normal", "b": "binomial", "bin": "binomial", "binom": "binomial", "binomial": "binomial",
    "poisson": "poisson", "po": "poisson", "pois": "poisson", "geo": "geometric", "geom": "geometric",
    "geometric": "geometric", "exp": "exponential", "exponential": "exponential", "u": "uniform", "unif": "uniform",
    "uniform": "uniform", "t": "t", "student": "t", "chi2": "chi-square", "chi^2": "chi-square", "f": "f",
    "hypergeometric": "hypergeometric", "hg": "hypergeometric", "gamma": "gamma", "beta": "beta",
}  # fmt: skip
_SIZES = {"poisson": 1, "geometric": 1, "exponential": 1, "t": 1, "chi-square": 1, "hypergeometric": 3}
_WORDS = (
    (
        "standard normal",
        r"standard(?:ised|ized)? normal|z[- ](?:score|value)s?(?= (?:for|of|at|correspond|that|with|cutting))",
    ),
    ("normal", r"normal(?:ly)?|gaussian|bell curve"),
    ("hypergeometric", r"hypergeometric(?:ally)?"),
    ("binomial", r"binomial(?:ly)?"),
    ("poisson", r"poisson"),
    ("geometric", r"geometric(?:ally)?(?= (?:distribut|random|probab|with|p\b))"),
    ("exponential", r"exponential(?:ly)?(?= (?:distribut|random|with|rate|prob))"),
    ("uniform", r"uniform(?:ly)?"),
    ("t", r"(?:student(?:'?s)? )?t[- ](?:distribut\w*|random)|student(?:'?s)?[- ]t"),
    ("chi-square", r"chi[- ]?squared?|chi\^2|chi2"),
    ("f", r"\bf[- ](?:distribut\w*)"),
)
_LABELS = {
    "mean": r"(?:sample |population )?(?:mean|mu|average|expected value)(?: \w+)?",
    "sd": r"(?:standard deviation|std\.? ?dev\.?|std|sd|s\.d\.|sigma|stdev|st\. dev\.)",
    "variance": r"(?:variance|var|sigma\^2|sigma squared)",
    "n": r"(?:n|trials|number of trials|sample size)",
    "p": r"(?:p|(?:success )?probability(?: of success)?|success rate|success probability|chance of success)",
    "rate": r"(?:lambda|rate(?: parameter)?)",
    "df": r"(?:df|d\.f\.|degrees? of freedom|nu)",
}
_MORE = r"(?:(?:is |are |be |was |were |scores? |scored |score |weighs? |lasts? |takes? |take |has |have |of )*(?:strictly )?"
_ABOVE = _MORE + r"(?P<above>more than|greater than|larger than|bigger than|taller than|longer than|heavier than|higher than|older than|over|above|exceeds?|exceeding|at least|no (?:less|fewer) than))"  # fmt: skip
_BELOW = _MORE + r"(?P<below>less than|fewer than|smaller than|shorter than|lighter than|lower than|younger than|under|below|at most|no more than|not more than))"  # fmt: skip
_TOO_MUCH = frozenset(
    [
        "not",
        "or",
        "both",
        "all",
        "none",
        "neither",
        "sum",
        "total",
        "difference",
        "joint",
        "jointly",
        "sample",
        "samples",
        "combined",
        "without",
        "replacement",
    ]
)


class _Scan:
    """A text from which facts are taken out one by one."""

    def __init__(self, text: str) -> None:
        self.text = text

    def take(self, pattern: str) -> re.Match[str] | None:
        found = _compiled(pattern).search(self.text)
        if found:
            self.text = f"{self.text[: found.start()]} ; {self.text[found.end() :]}"
        return found


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def read_distributions(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else."""
    if len(text) > 450 or not _HINT.search(text):
        return None
    scan = _Scan(_normal_text(text))
    event = _event_in_notation(scan)
    law = _law_in_notation(scan, asked=event is not None) or _law_in_words(scan, event is not None)
    if law is None:
        return None
    name, parameters = law
    told, extra = _told_as(scan)
    question = event or _question(scan, name)
    if question is None or not _nothing_left(scan.text):
        if re.search(r"\b[XYZT]\s*~\s*[A-Z]", text):
            raise ToolError("ask for one event of the law, without a condition: P(X <= 4) for X ~ Bin(10, 0.3)")
        return None
    kind, words, bounds = question
    if kind == "chance" and told:
        words = (*words, told)
    return Ask(f"law {kind}", (*parameters, *bounds, *extra), (name, *words))


def _normal_text(text: str) -> str:
    spelled = "".join(_SPELLED.get(sign, sign) for sign in text.translate(_SIGNS))
    joined = re.sub(r"(?<=\d),(?=\d{3}\b)(?![^(]*\))", "", " ".join(spelled.split()))
    joined = re.sub(r"([<>=] ?\d{1,3}),(?=\d{3}\b)", r"\1", joined)
    return re.sub(r"[$\u20ac\u00a3](?=\d)", "", joined).lower().strip().rstrip(".?!")


def _node(text: str) -> Node:
    """A number of the text, or the square of one."""
    number = number_node(text.removesuffix("^2"))
    return Number(number.value**2, number.decimal) if text.endswith("^2") else number


def _told_as(scan: _Scan) -> tuple[str, tuple[Node, ...]]:
    """Whether a probability is wanted in percent, or as a number of people."""
    if scan.take(r"\b(?:what |find the |the )?(?:percent(?:age)?)(?: of)?(?![a-z])"):
        return "percent", ()
    if scan.take(r"\bhow many\b") and (
        found := scan.take(
            r"(?:\b(?:out )?of |\bin )?(?:an? |the |these |those )?(?:[a-z]+ of )?(?<![\d.])(\d{2,9})(?= [a-z]+)(?! or )"
        )
    ):
        return "count", (_node(found[1]),)
    return "", ()


_Question = tuple[str, tuple[str, ...], tuple[Node, ...]]


def _event_in_notation(scan: _Scan) -> _Question | None:
    found = scan.take(rf"\bpr?\s?\(\s?([^()|]*(?:\|\s?{_V}\s?\|[^()|]*)?)\s?\)(?:\s?=\s?({_R}))?")
    if not found:
        return None
    inner, equals = found[1], found[2]
    if two := re.fullmatch(rf"({_R})\s?(<=?)\s?{_V}\s?(<=?)\s?({_R})", inner):
        return ("chance", ("between", two[2], two[3]), (_node(two[1]), _node(two[4]))) if not equals else None
    if two := re.fullmatch(rf"{_V} (?:is )?between ({_R}) and ({_R})", inner):
        return "chance", ("between", "<=", "<="), (_node(two[1]), _node(two[2]))
    if one := re.fullmatch(rf"\|\s?{_V}\s?\|\s?({_OP})\s?({_R})", inner):
        return ("chance", ("size", one[1]), (_node(one[2]),)) if not equals and one[1] != "=" else None
    if one := re.fullmatch(rf"{_V}\s?({_OP})\s?({_R})", inner):
        return ("chance", (one[1],), (_node(one[2]),)) if not equals else None
    if one := re.fullmatch(rf"({_R})\s?({_OP})\s?{_V}", inner):
        flipped = one[2].translate(str.maketrans("<>", "><"))
        return ("chance", (flipped,), (_node(one[1]),)) if not equals else None
    if (one := re.fullmatch(rf"{_V}\s?(<=?|>=?)\s?[a-z]\d?", inner)) and equals:
        scan.take(r"\b(?:find|solve for|what is|value of) [a-z]\d?(?=$|[ ,.;])")
        return "quantile", ("below" if one[1][0] == "<" else "above",), (_node(equals),)
    return None


def _law_in_notation(scan: _Scan, *, asked: bool) -> tuple[str, list[Node]] | None:
    names = "|".join(sorted(map(re.escape, _NOTATION), key=len, reverse=True))
    label = r"(?:[a-z]+\s?=\s?)?"
    found = scan.take(
        rf"(?:\b{_V}\s?(?:~|\bis\b|\bhas\b|\bfollows\b)\s?)?(?:\ban? |\bthe )?(?<![a-z])({names})(?: distribution)?\s?\(\s?{label}({_R}(?:\^2)?)"
        rf"(?:\s?,\s?{label}({_R}(?:\^2)?))?(?:\s?,\s?{label}({_R}))?\s?\)(?: distribution)?"
    )
    if not found:
        return None
    name = _NOTATION[found[1]]
    values = [_node(part.removesuffix("^2") if name == "normal" else part) for part in found.groups()[1:] if part]
    if len(values) != _SIZES.get(name, 2):
        if not asked and "~" not in found[0]:
            return None
        raise ToolError("write the parameters, for example N(100, 15), Bin(10, 0.3), Poisson(2) or t(12)")
    return name, values


def _law_in_words(scan: _Scan, asked: bool) -> tuple[str, list[Node]] | None:
    name = ""
    for candidate, pattern in _WORDS:
        if scan.take(rf"(?<![a-z-])(?:{_V} (?:is|has|follows) )?(?:an? |the )?(?:{pattern})(?: random variables?| probability| distribut\w*| law| curve| pmf| pdf| cdf)*(?![a-z-])"):  # fmt: skip
            name = candidate
            break
    if name == "standard normal":
        return "normal", [Number(Fraction(0)), Number(Fraction(1))]
    facts = _facts(scan, name)
    if name == "" and asked and not facts:
        return "normal", [Number(Fraction(0)), Number(Fraction(1))]
    return _law_of(name, facts, scan, asked)


def _facts(scan: _Scan, name: str) -> dict[str, Node]:
    facts: dict[str, Node] = {}
    wanted = {
        "normal": ("variance", "sd", "mean"), "binomial": ("n", "p"), "poisson": ("rate", "mean"), "geometric": ("p",),
        "exponential": ("rate", "mean"), "t": ("df",), "chi-square": ("df",), "f": (), "": ("n", "p", "sd", "mean"),
    }.get(name, ())  # fmt: skip
    for label in wanted:
        if name == "" and label == "mean" and "sd" not in facts:
            continue
        if found := scan.take(
            rf"(?<![a-z])(?:an? |the |with |and |whose )*{_LABELS[label]}{_IS}({_R})(?!\d|\.\d|st\b|nd\b|rd\b|th\b)"
        ):
            facts[label] = _node(found[1])
    if (
        "df" in wanted
        and "df" not in facts
        and (found := scan.take(r"(?<![\d.])(\d+) (?:df|d\.f\.|degrees? of freedom)"))
    ):
        facts["df"] = _node(found[1])
    if "n" in wanted and "n" not in facts and (found := scan.take(_TRIALS)):
        facts["n"] = _node(_count(found[1]))
    if name == "f":
        pair = scan.take(rf"(?:{_LABELS['df']}{_IS})?\(?(\d+)\s?(?:,|and)\s?(\d+)\)?(?: {_LABELS['df']})?")
        if pair:
            facts |= {"d1": _node(pair[1]), "d2": _node(pair[2])}
    if name == "uniform" and (
        ends := scan.take(rf"(?:between|from|on|over)(?: the interval)? [\[(]?({_R})\s?(?:,|to|and)\s?({_R})[\])]?")
    ):
        facts |= {"low": _node(ends[1]), "high": _node(ends[2])}
    if name == "hypergeometric":
        for label, spelled in (
            ("population", r"(?:population(?: size)?|n)"),
            ("successes", r"(?:successes|k)"),
            ("draws", r"(?:draws|sample(?: size)?|n)"),
        ):
            if found := scan.take(rf"(?<![a-z]){spelled}{_IS}(\d+)"):
                facts[label] = _node(found[1])
    return facts


_TRIALS = (
    r"(?<![\d.])(\d+|"
    + "|".join(CARDINALS)
    + r") (?:independent |random |bernoulli )*(?:trials|attempts|tries|shots|free throws|throws|questions|experiments|repetitions)"
)


def _count(text: str) -> str:
    return str(CARDINALS.get(text, text))


def _law_of(name: str, facts: dict[str, Node], scan: _Scan, asked: bool) -> tuple[str, list[Node]] | None:
    if name == "normal" and "mean" in facts and ("sd" in facts or "variance" in facts):
        spread = facts.get("sd")
        if size := scan.take(r"(?:in |for |of )?(?:an? )?(?:random )?sample of (?:size )?(\d+)(?: \w+)?"):
            if not scan.take(r"\b(?:the )?(?:sample )?(?:mean|average)\b"):
                return None
            return "normal mean", [facts["mean"], _spread(facts), _node(size[1])]
        return (
            ("normal stated", [facts["mean"], spread])
            if spread
            else ("normal variance", [facts["mean"], facts["variance"]])
        )
    if name == "normal" and not facts and "standard deviation" in scan.text:
        return "normal", [Number(Fraction(0)), Number(Fraction(1))]
    if name == "binomial" and {"n", "p"} <= set(facts):
        return name, [facts["n"], facts["p"]]
    if name == "poisson" and ("rate" in facts or "mean" in facts):
        return name, [facts.get("rate") or facts["mean"]]
    if name == "poisson" and (rate := _rate_per(scan)):
        return name, [rate]
    if name == "geometric" and "p" in facts:
        return name, [facts["p"]]
    if name == "exponential" and ("rate" in facts or "mean" in facts):
        return ("exponential", [facts["rate"]]) if "rate" in facts else ("exponential mean", [facts["mean"]])
    if name in ("t", "chi-square") and "df" in facts:
        return name, [facts["df"]]
    if name == "f" and "d1" in facts:
        return name, [facts["d1"], facts["d2"]]
    if name == "uniform" and "low" in facts:
        return name, [facts["low"], facts["high"]]
    if name == "hypergeometric" and len(facts) == 3:
        return name, [facts["population"], facts["successes"], facts["draws"]]
    if name == "":
        return _unnamed(facts, scan, asked)
    return None


def _spread(facts: dict[str, Node]) -> Node:
    if "sd" not in facts:
        raise ToolError("write the standard deviation of the population for a question about a sample mean")
    return facts["sd"]


def _rate_per(scan: _Scan) -> Node | None:
    """`3 calls per hour`, asked about some hours."""
    found = scan.take(
        rf"(?:at )?(?:an? |the )?(?:average |mean )?(?:rate )?(?:of )?({_R})(?: [a-z]+)? (?:per|every|each|an|a) ([a-z]+)"
    )
    if not found:
        return None
    unit = found[2].removesuffix("s")
    span = scan.take(
        rf"\b(?:in|during|over|within) (?:an?|one|the next|any|a given|the|(\d+|{'|'.join(CARDINALS)}))(?: (\d+))? ?{unit}s?(?: period)?(?![a-z])"
    )
    rate = _node(found[1])
    times = Fraction(_count(span[1] or span[2])) if span and (span[1] or span[2]) else Fraction(1)
    return Number(rate.value * times, rate.decimal) if isinstance(rate, Number) else None


_PERCENT = r"(?<![\d.])(\d+(?:\.\d+)?\s?%)|(?:probability|chance)[a-z ]{0,40}? (0?\.\d+|\d+/\d+)(?!\d|\.\d)"


def _unnamed(facts: dict[str, Node], scan: _Scan, asked: bool) -> tuple[str, list[Node]] | None:
    """Trials with a chance each, and events with a rate, are told apart without the law's name."""
    if not asked and not re.search(r"\bprob|\bchance|\blikel", scan.text):
        return None
    if re.search(r"\bper\b", scan.text) and re.search(r"\baverage|\bmean|\brate", scan.text):
        rate = _rate_per(scan)
        return ("poisson assumed", [rate]) if rate else None
    if "mean" in facts:
        return "normal assumed", [facts["mean"], facts["sd"]]
    percent = facts.get("p")
    if percent is None and (found := scan.take(_PERCENT)):
        percent = _node(found[1] or found[2])
    size = facts.get("n")
    if size is None and (found := scan.take(rf"(?:(?:group|sample|set|class|batch|shipment|box|pack|packet|family|team|lot) of|out of|in|among|of) (?P<n>\d+|{'|'.join(CARDINALS)})(?: [a-z]+)?|(?<![\d.])(?P<m>\d+) [a-z]+ (?:are|were) (?:chosen|selected|tested|sampled|picked|asked|surveyed)")):  # fmt: skip
        size = _node(_count(found["n"] or found["m"]))
    if percent is None or size is None:
        return None
    return "binomial assumed", [size, percent]


_DISCRETE = ("binomial", "poisson", "geometric", "hypergeometric", "binomial assumed", "poisson assumed")
_ASKED = (("mean", r"means?|expected values?|expectation|e\[x\]|e\(x\)"), ("variance", r"variances?|var\(x\)"),
          ("deviation", r"standard deviations?|sd"), ("mode", r"mode|most likely value"), ("median", r"median"))  # fmt: skip


def _question(scan: _Scan, name: str) -> _Question | None:
    """What is asked, in words."""
    if found := scan.take(
        r"(?<![\d.])(\d{1,2}(?:\.\d+)?)(?:st|nd|rd|th) (?:percentile|quantile)|(?:quantile|percentile) (?:at |for )?(\d?\.\d+)"
    ):
        share = Fraction(found[1]) / 100 if found[1] else Fraction(found[2])
        return "quantile", ("below",), (Number(share, True),)
    if found := scan.take(rf"(?:first|lower|upper|third) quartile|\b(top|highest|upper|bottom|lowest) ({_R}%)"):
        share = _node(found[2]) if found[2] else Number(Fraction(1, 4), True)
        above = found[1] in ("top", "highest", "upper") or found[0].startswith(("upper", "third"))
        return "quantile", ("above" if above else "below",), (share,)
    if found := scan.take(
        rf"\bwithin ({_R}|{'|'.join(CARDINALS)}) (standard deviations?|sds?)(?: (?:of|from) (?:the |its )?mean)?"
    ):
        return "chance", ("within",), (_node(_count(found[1])),)
    if found := scan.take(rf"\b(?:is |are |lies? |falls? |be )*(?:in )?between ({_R})(?: [a-z]+)? and ({_R})"):
        return "chance", ("between", "<=", "<="), (_node(found[1]), _node(found[2]))
    k = rf"({_R}|{'|'.join(CARDINALS)})"
    if found := scan.take(rf"(?<![\w.]){k}(?: [a-z]+)? or (more|fewer|less|above|below|greater|higher)"):
        return (
            "chance",
            (">=" if found[2] in ("more", "above", "greater", "higher") else "<=",),
            (_node(_count(found[1])),),
        )
    if found := scan.take(rf"\b{_V}\s?({_OP})\s?({_R})"):
        return "chance", (found[1],), (_node(found[2]),)
    for pattern, strict, loose in ((_ABOVE, ">", ">="), (_BELOW, "<", "<=")):
        if found := scan.take(rf"(?<![a-z]){pattern} {k}(?!\d|\.\d)"):
            said = found[1]
            op = loose if said.startswith(("at ", "no ", "not ")) else strict
            return "chance", (op,), (_node(_count(found[2])),)
    if found := scan.take(rf"\b(?:density|pdf|pmf)(?: (?:of it)?at)? ({_R})|\bat (?:x ?= ?)?({_R})"):
        return "density", (), (_node(found[1] or found[2]),)
    if name in _DISCRETE and (
        found := scan.take(
            rf"\b(?:exactly |of |x ?= ?|k ?= ?|getting |that )?{k}(?: (?:successes|success|events?|heads))?(?!\d|\.\d)"
        )
    ):
        return "chance", ("=",), (_node(_count(found[1])),)
    asked = tuple(what for what, pattern in _ASKED if scan.take(rf"(?<![a-z])(?:the )?(?:{pattern})(?![a-z])"))
    return ("moments", asked, ()) if asked else None


def _nothing_left(rest: str) -> bool:
    """Whether nothing is left that could change the question."""
    if re.search(r"\d|[=<>~+*/^]", rest):
        return False
    return not _TOO_MUCH & set(re.findall(r"[a-z]+", rest))


READERS: list[TextReader] = [read_distributions]
