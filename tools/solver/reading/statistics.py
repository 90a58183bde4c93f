# ruff: noqa: E501  a pattern is read more easily on one line
"""Descriptions of data: several statistics at once, quartiles, percentiles, other means, z-scores, frequency tables.

`mean and standard deviation of 4, 8, 15`, `five-number summary of 1, 2, 3, 4`, `z-score of 85 if the mean is 75 and sd 5`,
`weighted mean of 80, 90 with weights 1, 2`, `mean of the frequency table 1: 3, 2: 5`, `if the mean of 4, 7, x is 6 find x`.
A single mean, median, mode, range, variance or standard deviation of a plain list is read by `everyday_queries`.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache

from ...errors import ToolError
from .clauses import TextReader
from .labels import DEVIATION, IS, NUMBER, Scan, number_node, numbers_of, sequence
from .names import words
from .syntax import Ask, Node, Number, Request, Statistic

_HINTS = (
    "mean", "median", "mode", "average", "avg", "devia", "varia", "std", "stdev", "quartile", "iqr", "percentile", "quantile", "score",
    "outlier", "summary", "box plot", "box-", "boxplot", "statistics", "standard error", "skew", "kurtosis", "midrange", "rms", "root",
    "q1", "q3", "fence", "max", "standardi", "data", "s.d", " sd", "sd ", "mad ", "weight",
)  # fmt: skip
_MEAN = r"(?:means?|averages?|avg)(?: value\b)?"
_STATISTICS: tuple[tuple[str, str], ...] = (
    ("five numbers", r"(?:five|5) (?:number|point|figure) summary|box (?:plot|and whiskers?)(?: plot| diagram)?(?: values| summary| numbers)?|boxplot(?: values)?"),
    ("description", r"(?:summary|descriptive|basic|summarize|summarise) statistics|statistical summary|describe|statistics"),
    ("iqr", r"inter ?quartile range|iqr|quartile range"),
    ("quartile deviation", r"quartile deviation|semi inter ?quartile range"),
    ("fences", r"(?:(?:lower|upper|inner|outlier) (?:and upper )?)?(?:fences?|outlier (?:bounds|limits))"),
    ("outliers", r"outliers?(?: values)?"),
    ("q1", r"(?:first|lower|1st) quartile|q ?1"),
    ("median deviation", r"median absolute deviation(?: from the median)?"),
    ("median", r"(?:second|2nd|middle) quartile|q ?2|median(?: value)?"),
    ("q3", r"(?:third|upper|3rd) quartile|q ?3"),
    ("quartiles", r"quartiles"),
    ("mean deviation", r"(?:mean|average) (?:absolute )?deviation(?: (?:about|from) the mean)?|absolute mean deviation|\bmad"),
    ("both sds", rf"(?:sample and (?:the )?population|population and (?:the )?sample) {DEVIATION}"),
    ("both variances", r"(?:sample and (?:the )?population|population and (?:the )?sample) variances?"),
    ("sample sd", rf"(?:unbiased |corrected )?sample {DEVIATION}|{DEVIATION} \(?sample\)?|{DEVIATION} of (?:the|a) sample"),
    ("population sd", rf"(?:population|pop\.?) {DEVIATION}|{DEVIATION} \(?population\)?|{DEVIATION} of (?:the|a) population"),
    ("sample variance", r"(?:unbiased )?sample variance|variance \(?sample\)?|variance of (?:the|a) sample"),
    ("population variance", r"(?:population|pop\.?) variance|variance \(?population\)?|variance of (?:the|a) population"),
    ("variation", r"coefficient of variation|c\.?v\.?(?!\w)|relative standard deviation|rsd"),
    ("standard error", r"standard error(?: of (?:the )?mean)?|std\.? error|s\.?e\.?m\.?(?!\w)"),
    ("sd", DEVIATION),
    ("variance", r"variances?|var"),
    ("geometric mean", rf"geometric {_MEAN}"),
    ("harmonic mean", rf"harmonic {_MEAN}"),
    ("quadratic mean", rf"quadratic {_MEAN}|root mean square|rms(?: value)?"),
    ("skewness", r"skewness|skew"),
    ("kurtosis", r"(?:excess )?kurtosis"),
    ("midrange", r"mid ?range"),
    ("mean", rf"(?:sample |population |arithmetic )?{_MEAN}"),
    ("mode", r"modes?|modal value"),
    ("range", r"range"),
    ("count", r"count|number of (?:values|data points|observations)"),
    ("sum", r"sum|total"),
    ("min", r"min(?:imum)?(?: value)?|smallest(?: value)?"),
    ("max", r"max(?:imum)?(?: value)?|largest(?: value)?"),
    ("z scores", r"(?:z|standard) scores?|standardi[sz]e"),
)  # fmt: skip
_BASIC = {"mean": "mean", "median": "median", "mode": "mode", "range": "range", "variance": "variance", "sd": "standard deviation"}  # fmt: skip
_PLAIN = frozenset(("sum", "min", "max", "count"))
_FILLER = frozenset(words(
    "of for the a an what is are find calculate compute determine give me state get show tell work out how do i we you can please and following data dataset datasets set numbers number"
    " values value list sample in as well with using from these those this group given by all both its their to points point scores score observations marks ages heights grades"
    " prices temperatures if then that has have where there any does identify on each be times time frequency table distribution frequencies it at"))  # fmt: skip
_PLAIN_QUESTION = re.compile(
    r"(?:(?:what|is|are|find|calculate|compute|determine|give|me|the|get|an?) )*"
    r"(?:(?:arithmetic )?mean|average|avg|median|mode|range|variance|standard deviation|std|sum|max(?:imum)?|min(?:imum)?)"
    r"(?: of)?(?: the)?(?: numbers)?(?: values)?(?: data)?(?: for)?(?: between)?:? ?[-\d.,;/ \[\]{}()%]*(?:and [-\d./% ]+)?"
)


@cache
def _phrases() -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(f"(?P<s{i}>{text})" for i, (_, text) in enumerate(_STATISTICS)) + r")(?!\w)")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def read_statistics(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else."""
    lowered = text.lower()
    if len(text) > 500 or not any(hint in lowered for hint in _HINTS) or not any(sign.isdigit() for sign in text):
        return None
    noted: list[str] = []
    text = _ungrouped(text, noted)
    whole = Scan(text).whole
    for reader in (_missing, _score, _percentile, _weighted, _moving, _summarized, _described):
        if request := reader(Scan(text), whole):
            assumptions += noted
            return request
    return None


_GROUPED = re.compile(r"(?<![\d,.])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])")


def _ungrouped(text: str, assumptions: list[str]) -> str:
    """`1,234 and 5,678` with numbers that are not grouped, where another separator shows that commas group digits."""
    if not _GROUPED.search(text):
        return text
    plain = _GROUPED.sub(lambda found: found[0].replace(",", ""), text)
    small = re.search(r"(?<![\d,.])\d{1,3}(?![\d,.])", text) and not re.search(r"\d,\s", text)
    if re.search(r"\d,\d", plain) or small or not re.search(r"\d(?:,\s| and )", text):
        return text
    assumptions += [f"{found} read as the number {found.replace(',', '')}" for found in _GROUPED.findall(text)]
    return plain


def _described(scan: Scan, whole: str) -> Request | None:
    """Statistics of one list or frequency table."""
    if _PLAIN_QUESTION.fullmatch(whole):
        return None
    found = scan.take(_phrases())
    names = list(dict.fromkeys(_STATISTICS[int(str(match.lastgroup)[1:])][0] for match in found))
    if not names or scan.text.count("(") != scan.text.count(")"):
        return None
    counted = _table(scan, whole)
    lists = [] if counted else scan.lists(one=True)
    data = counted or ((lists[0], []) if len(lists) == 1 else None)
    if data is None:
        return None
    if re.search(r"\bpopulation\b", scan.text):
        scan.take(_compiled(r"\bpopulation\b"))
        names = [{"sd": "population sd", "variance": "population variance"}.get(name, name) for name in names]
    if scan.strange(_FILLER | {"f", "x"} if counted else _FILLER):
        return None
    values, frequencies = data
    if (
        set(names) <= _PLAIN
        and len(names) == 1
        and not frequencies
        and not re.search(r"data|sample|observations", whole)
    ):
        return None
    if len(names) == 1 and names[0] in _BASIC and not frequencies:
        return Statistic(_BASIC[names[0]], tuple(values))
    classes = ["classes"] if counted and _compiled(_CLASS).search(whole) else []
    return Ask("data statistics", (sequence(values), sequence(frequencies)), (*names, *classes))


_ENTRY = (
    rf"(?P<v>{NUMBER})(?: ?(?:-|to) ?(?P<w>{NUMBER}))? ?(?:(?::|->) ?(?P<f>\d+)|\(? ?(?:x|\*)? ?(?P<g>\d+) times\)?)"
)


_CLASS = rf"{NUMBER} ?(?:-|to) ?{NUMBER.replace('[-+]?', '')} ?(?::|->)"


def _table(scan: Scan, whole: str) -> tuple[list[Number], list[Number]] | None:
    """`1: 3, 2: 5` or `values 1, 2 with frequencies 3, 5`; a class `10-20` is the middle of it."""
    if found := scan.take(
        _compiled(rf"\b(?:frequenc(?:y|ies)|counts?|f){IS}\W{{0,3}}(?P<f>{NUMBER}(?:[\s,]+(?:and )?{NUMBER})+)\W?")
    ):
        lists = scan.lists(one=True)
        frequencies = numbers_of(found[0]["f"])
        if len(lists) != 1:
            return None
        if len(lists[0]) != len(frequencies):
            raise ToolError(
                f"there are {len(lists[0])} values and {len(frequencies)} frequencies; they must be as many"
            )
        return lists[0], frequencies
    entries = list(_compiled(_ENTRY).finditer(scan.text))
    if len(entries) < 2 or (":" in whole and "frequen" not in whole and "table" not in whole and len(entries) < 3):
        return None
    scan.take(_compiled(_ENTRY))
    values = [number_node(entry["v"]) for entry in entries]
    if any(entry["w"] for entry in entries):
        values = [
            Number((value.value + number_node(entry["w"]).value) / 2, decimal=True) if entry["w"] else value
            for value, entry in zip(values, entries, strict=True)
        ]
    return values, [number_node(entry["f"] or entry["g"]) for entry in entries]


_TERM = re.compile(
    r"(?P<a>\d+(?:\.\d+)?)? ?\*? ?(?P<x>[a-z])(?: ?(?P<b>[-+] ?\d+(?:\.\d+)?))?|(?P<n>-?\d+(?:\.\d+)?(?:/\d+)?)"
)
_ITEMS = r"(?P<items>[-+*/.,\w ]+?)"
_FIND = r"(?:(?:find|what is|calculate|determine|solve for|what must|compute) (?:the )?(?:value of |missing (?:number|value):? ?)?[a-z]?(?: be)?)"


def _missing(scan: Scan, whole: str) -> Request | None:
    """A number that gives a list the mean that is told."""
    mean = r"(?:the )?(?:mean|average|arithmetic mean)(?: of)?(?: the)?(?: numbers| data| values| scores)?"
    listed = rf"{mean}:? {_ITEMS} (?:is|=|equals|is equal to) (?P<mean>{NUMBER})"
    for pattern in (
        rf"(?:for what (?:value of )?[a-z] |what value of [a-z] )?(?:makes |if |given (?:that )?|suppose )?{listed}[,.;]? (?:then |and )?{_FIND}",
        rf"{_FIND} (?:if|when|given|given that|so that|such that) {listed}",
    ):
        if found := _compiled(pattern).fullmatch(whole):
            pieces = [piece for piece in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", found["items"]) if piece]
            terms = [_TERM.fullmatch(piece.strip()) for piece in pieces]
            letters = {term["x"] for term in terms if term and term["x"]}
            if None in terms or len(letters) != 1:
                return None
            return _missing_request([term for term in terms if term], number_node(found["mean"]), letters.pop())
    target = r"(?:averages?|means?)(?: score| grade)? (?:of |is |to be )?(?:at least |exactly )?(?P<mean>\d+(?:\.\d+)?)"
    if not re.search(r"\bneed|\bmust\b|\bget on\b", whole) or not (aim := _compiled(target).search(whole)):
        return None
    scan.text = scan.text.replace(aim[0], " | ", 1)
    lists = scan.lists(one=True)
    if len(lists) != 1 or scan.strange(_FILLER | _WANTED):
        return None
    items = (*((Number(Fraction(0)), value) for value in lists[0]), (Number(Fraction(1)), Number(Fraction(0))))
    return Ask("missing value", (number_node(aim["mean"]), *(sequence(list(item)) for item in items)), ("x",))


_WANTED = frozenset(words("need needs must get have next last final test exam quiz second third fourth fifth sixth 2nd 3rd 4th 5th 6th my his her student scored so far order first three two four tests exams quizzes to an receive grade she he"))  # fmt: skip


def _missing_request(terms: list[re.Match[str]], mean: Number, letter: str) -> Request:
    items: list[Node] = []
    for term in terms:
        factor = Fraction(term["a"] or 1) if term["x"] else Fraction(0)
        rest = Fraction((term["b"] or "0").replace(" ", "")) if term["x"] else number_node(term["n"]).value
        items.append(sequence([Number(factor), Number(rest)]))
    return Ask("missing value", (mean, *items), (letter,))


def _score(scan: Scan, whole: str) -> Request | None:
    """A z-score, or the value that has one."""
    if not re.search(
        r"\b(?:z|standard|raw) ?scores?\b|\bz ?=|\bz (?:value|of)\b|standardi[sz]ed? (?:score|value)|how many standard deviations",
        whole,
    ):
        return None
    number = rf"(?P<v>{NUMBER})"
    raw = scan.take(
        _compiled(
            rf"(?:(?:z|standard) ?(?:score|value)s? (?:of|for)|\b(?:scored|scores|got|earned|received)|\bhow many standard deviations (?:away )?(?:above|below|from) the mean is) (?:an? |the )?(?:raw )?(?:score|value|x|observation|data point|data value)?(?: of)? ?=? ?{number}(?= (?:if|when|in|for|with|given|where|from|on|assuming)\b|\s?[,;](?! ?[-\d])|$)"
        ),
        1,
    )
    given = scan.take(_compiled(rf"\bz ?(?:score|value)?{IS}{number}"), 1)
    mean_and_sd = scan.take(_compiled(rf"\bmean (?:and|&) (?:{DEVIATION}){IS}(?P<v>{NUMBER}) and (?P<w>{NUMBER})"), 1)
    reverse = bool(
        re.search(
            r"(?:has|have|with|of|for|if|when|given|corresponds? to|whose)(?: an?| the)? z ?(?:score)?\b.*\d", whole
        )
    ) and bool(re.search(r"\b(?:what|find|which|raw)\b.*\b(?:value|score|x|number|observation|corresponds?)\b", whole))
    facts = scan.facts("mu", "sigma", "sd", "mean", "x", "n")
    known = {
        "mean": [*facts.get("mu", []), *facts.get("mean", []), *[number_node(match["v"]) for match in mean_and_sd]],
        "sd": [*facts.get("sigma", []), *facts.get("sd", []), *[number_node(match["w"]) for match in mean_and_sd]],
        "x": [*[number_node(match["v"]) for match in raw], *facts.get("x", [])],
        "z": [number_node(match["v"]) for match in given],
        "n": facts.get("n", []),
    }
    if (
        raw
        and not known["z"]
        and reverse
        and not re.match(r"(?:what is |find |calculate |compute |the )*(?:z|standard) ?score", whole)
    ):
        known["z"], known["x"] = known["x"][:1], known["x"][1:]
    lists = scan.lists(one=True)
    if len(known["x"]) == 1 and len(lists) == 1 and not known["mean"] and not known["sd"]:
        population = "population" if scan.take(_compiled(r"\bpopulation\b")) else "sample"
        if scan.strange(_FILLER | _SCORED):
            return None
        return Ask("score in data", (known["x"][0], sequence(lists[0])), (population,))
    if lists or any(len(values) > 1 for values in known.values()) or scan.strange(_FILLER | _SCORED):
        return None
    names = [name for name in ("mean", "sd", "x", "z") if known[name]]
    if len(names) != 3:
        return None
    size = ["n"] if known["n"] else []
    return Ask("z score", tuple(known[name][0] for name in names + size), tuple(names + size))


_SCORED = frozenset(words("z raw score standard corresponds corresponding which when normal normally distributed scored student test exam compute having whose test-taker assuming population mean standardized standardised x z her his she he their"))  # fmt: skip


def _percentile(scan: Scan, whole: str) -> Request | None:
    """`90th percentile of 1, 2, 3`, `0.9 quantile of ...`, `percentile rank of 85 in ...`."""
    if "percentile" not in whole and "quantile" not in whole:
        return None
    rank = scan.take(
        _compiled(
            rf"\bpercentile(?: rank)? (?:of|for) (?:the )?(?:value |score |number )?(?:of )?(?P<v>{NUMBER}) (?:in|within|among|from)\b"
        ),
        1,
    )
    order = (
        []
        if rank
        else scan.take(
            _compiled(
                r"(?P<v>\d+(?:\.\d+)?) ?(?:st|nd|rd|th)? ?percentile|\bp(?:ercentile)? ?(?P<w>\d\d)\b|(?P<q>0?\.\d+) ?quantile|quantile ?(?P<r>0?\.\d+)"
            ),
            1,
        )
    )
    lists = scan.lists(one=True)
    if len(lists) != 1 or not (rank or order) or scan.strange(_FILLER | {"rank"}):
        return None
    if rank:
        return Ask("percentile rank", (number_node(rank[0]["v"]), sequence(lists[0])))
    match = order[0]
    share = (
        Number(Fraction(match["q"] or match["r"]) * 100)
        if match["q"] or match["r"]
        else number_node(match["v"] or match["w"])
    )
    return Ask("data percentile", (share, sequence(lists[0])))


_WEIGHT_MARK = r"(?:\((?:weight|w)?|weight|worth|counts|at\b|@)"


def _weighted(scan: Scan, whole: str) -> Request | None:
    """`weighted mean of 80, 90 with weights 1, 2`, `weighted average of 90 (weight 2) and 80 (weight 1)`."""
    if "weight" not in whole or not scan.take(
        _compiled(rf"\bweighted (?:arithmetic )?{_MEAN}|\b{_MEAN}(?=.*weight)"), 1
    ):
        return None
    values: list[Number]
    weights: list[Number]
    listed = scan.take(
        _compiled(
            rf"\b(?:weights?|weighted by|weightings?)(?: of| are| is|:| =)? ?[\[({{]? ?(?P<w>{NUMBER}(?:[\s,;]+(?:and )?{NUMBER})+) ?[\])}}]?"
        ),
        1,
    )
    if listed and len(lists := scan.lists(one=True)) == 1:
        values, weights = lists[0], numbers_of(listed[0]["w"])
        strange = scan.strange(_FILLER | {"respective", "respectively", "weights", "weight"})
    else:
        scan = Scan(whole)
        pair = rf"(?P<v>{NUMBER}) ?(?:with |has )?(?:an? )?{_WEIGHT_MARK} ?(?:weight |weighted )?(?:of |is |= ?|: ?|for )?(?P<w>{NUMBER})\)?"
        pairs = scan.take(_compiled(pair))
        values, weights = [number_node(match["v"]) for match in pairs], [number_node(match["w"]) for match in pairs]
        strange = "" if len(pairs) > 1 and not re.search(NUMBER, scan.text) else "a number"
    if strange:
        return None
    if len(values) != len(weights):
        raise ToolError(f"there are {len(values)} values and {len(weights)} weights; they must be as many")
    return Ask("weighted mean", (sequence(values), sequence(weights)))


def _moving(scan: Scan, whole: str) -> Request | None:
    """`3-period moving average of 1, 2, 3, 4`."""
    if not scan.take(_compiled(r"\b(?:simple )?(?:moving|rolling|running) (?:average|mean)s?")):
        return None
    noun = r"(?:period|point|day|week|month|term|year|step)s?"
    window = scan.take(
        _compiled(
            rf"\b(?:window|period|length)(?: size| length)?{IS}(?P<v>\d+)|(?P<w>\b\d+) ?-?{noun}\b|\b(?P<word>three|two|four|five) {noun}"
        ),
        1,
    )
    lists = scan.lists(one=True)
    if len(lists) != 1 or not window or scan.strange(_FILLER | {"window", "size", "over"}):
        return None
    spelled = {"two": "2", "three": "3", "four": "4", "five": "5"}
    size = window[0]["v"] or window[0]["w"] or spelled[window[0]["word"]]
    return Ask("moving average", (number_node(size), sequence(lists[0])))


def _summarized(scan: Scan, whole: str) -> Request | None:
    """Standard errors and coefficients of variation from numbers that sum data up."""
    found = scan.take(
        _compiled(
            r"\b(?:standard error|std\.? error|sem)(?: of (?:the |a )?(?:sample )?(?:mean|proportion))?|\b(?:coefficient of variation|cv|relative standard deviation)\b"
        ),
        1,
    )
    if not found:
        return None
    kind = "standard error" if "error" in found[0][0] or "sem" in found[0][0] else "variation"
    facts = scan.facts("sigma", "sd", "variance", "phat", "p", "n", "mean", "mu")
    if scan.strange(_FILLER | {"when", "standard", "size"}) or any(len(values) > 1 for values in facts.values()):
        return None
    known = {{"sigma": "sd", "mu": "mean", "phat": "p"}.get(name, name): values[0] for name, values in facts.items()}
    wanted = [("sd", "n"), ("variance", "n"), ("p", "n")] if kind == "standard error" else [("sd", "mean")]
    names = next((pair for pair in wanted if set(pair) <= known.keys()), None)
    return Ask(f"{kind} told", tuple(known[name] for name in names), names) if names else None


READERS: list[TextReader] = [read_statistics]
