# ruff: noqa: E501  a pattern is read more easily on one line
"""Probabilities: distributions in notation and words, coins, dice, cards, Bayes' theorem; regression and correlation.

`P(X <= 4) for X ~ Bin(10, 0.3)`, `P(Z < 1.96)`, `probability of exactly 3 heads in 5 coin tosses`, `probability of a sum of 7
with two dice`, `line of best fit through (1,2), (2,3), (3,5)`.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache

from ...errors import ToolError
from .clauses import TextReader, read_list, without_lead_ins
from .syntax import Ask, Node, Number, Request, Sequence
from .wording import CARDINALS

_SMALL = {word: value for word, value in CARDINALS.items() if value <= 12} | {"a": 1, "an": 1}
_N = r"(?:\d{1,6}|" + "|".join(_SMALL) + ")"
_R = r"-?(?:\d+(?:\.\d+)?|\.\d+)(?: ?/ ?\d+|%)?"
_LEAD = re.compile(
    r"(?:what is|what's|find|calculate|compute|determine|give|tell me|evaluate|the|value of|if|for|given|suppose|let)\s+",
    re.IGNORECASE,
)
_CHANCE = r"(?:prob(?:ability)?|chances?|likelihood|odds) (?:of|that|to|for)(?: (?:you|i|we|it|there))?(?: (?:get|is|are|will be))? ?(?:getting |rolling |roll |flipping |tossing |obtaining |drawing |draw |having |seeing )?"
_EVENT = rf"(?P<low>{_R}) ?(?P<left><=|<|\u2264) ?[XZYT] ?(?P<right><=|<|\u2264) ?(?P<high>{_R})|[XZYTxz] ?(?P<op><=|>=|<|>|=|\u2264|\u2265) ?(?P<at>{_R})"
_HOW = r"(?P<how>exactly|at least|at most|more than|fewer than|less than|no more than|no fewer than)?"
_LAW = (
    rf"(?:(?P<name>Bin|Binomial|B|N|Normal|Poisson|Po|Pois|Geo|Geom|Geometric|Exp|Exponential|U|Unif|Uniform) ?\( ?(?P<p1>{_R})(?: ?, ?(?P<p2>{_R}(?:\^2)?))? ?\)"
    rf"|(?:an? )?(?:normal(?:ly)? (?:distribut(?:ion|ed)|random variable)?)[a-z ]{{0,30}}?,? ?(?:with )?(?:mean|mu|\u03bc) ?(?:=|of|is)? ?(?P<mean>{_R}),? (?:and |with )?(?:an? )?(?:standard deviation|sd|std|sigma|\u03c3|stdev|st\. dev\.) ?(?:=|of|is)? ?(?P<sd>{_R})"
    rf"|(?:the )?(?P<standard>standard normal)(?: distribution)?)"
)
_HINT = re.compile(
    r"\bP\s*\(|prob|chance|odds|likelihood|percentile|quantile|poisson|binomial|best fit|regression|correlation|covariance",
    re.IGNORECASE,
)


@cache
def _forms() -> list[tuple[str, re.Pattern[str]]]:
    forms = [
        ("law", rf"P ?\( ?(?:{_EVENT}) ?\)(?:,? (?:for|where|if|when|given|with|in))?(?: (?:that )?[XZY] ?(?:~|is|\u223c|has|follows)? ?)?(?:{_LAW})?"),
        ("law", rf"(?:[XZY] ?(?:~|\u223c|is|has|follows) ?)(?:{_LAW})[,.;]? ?(?:find |what is |calculate |compute |then )?P ?\( ?(?:{_EVENT}) ?\)"),
        ("binomial", rf"binomial (?:probability|distribution|pmf)?[a-z ,]{{0,20}}?{_HOW} ?(?P<k>{_N}) (?:successes )?(?:in|out of|of) (?P<n>{_N}) trials?,? (?:with |and |when |where |if )?(?:the )?(?:p|probability|success probability|probability of success|chance)? ?(?:of success )?(?:=|of|is)? ?(?P<p>{_R})"),
        ("binomial", rf"{_CHANCE}{_HOW} ?(?P<k>{_N}) (?:successes|success) (?:in|out of) (?P<n>{_N}) (?:independent )?trials?,? (?:with |and |when |where |if )?(?:the )?(?:p|probability|success probability|probability of success|chance)? ?(?:of success )?(?:=|of|is)? ?(?P<p>{_R})"),
        ("coins", rf"{_CHANCE}{_HOW} ?(?P<k>{_N}|no|all) (?:heads?|tails?) (?:in|out of|when|if|from|with|on|after)? ?(?:you )?(?:tossing |flipping |toss |flip )?(?:a )?(?:fair )?(?:coin )?(?P<n>{_N}) ?(?:fair )?(?:coin )?(?:tosses|flips|throws|coins?|times)(?: of a (?:fair )?coin)?(?: are (?:flipped|tossed))?"),
        ("dice sum", rf"{_CHANCE}(?:an? )?(?:sum|total) (?:of )?{_HOW} ?(?P<k>{_N}) (?:with|on|from|when|using|in|rolling)(?: (?:rolling|you roll|throwing))? ?(?P<n>{_N}) (?:fair )?(?:six-sided )?(?:dice|die)(?: (?:is|are) (?:rolled|thrown))?"),
        ("dice sum", rf"{_CHANCE}(?:the )?(?:sum|total) (?:of )?(?P<n>{_N}) (?:fair )?dice (?:is|being|equals|to be) {_HOW} ?(?P<k>{_N})"),
        ("some face", rf"{_CHANCE}at least one (?P<k>{_N}|six)(?:es)? (?:in|with|when|from) (?:rolling )?(?P<n>{_N}) (?:rolls|throws|dice|die rolls)(?: of a (?:fair )?(?:die|dice))?"),
        ("face", rf"{_CHANCE}(?:an? )?(?P<k>{_N}) (?:with|on|from|when) (?:rolling )?(?:a|one|1) (?:fair )?(?:six-sided )?(?:die|dice)"),
        ("face:even", rf"{_CHANCE}an? (?P<parity>even|odd)(?: number)? (?:with|on|from|when) (?:rolling )?(?:a|one|1) (?:fair )?(?:six-sided )?(?:die|dice)"),
        ("cards", rf"{_CHANCE}(?P<k>{_N}) (?P<kind>aces?|kings?|queens?|jacks?|hearts?|spades?|clubs?|diamonds?|red cards?|black cards?|face cards?)(?: (?:in a row|in succession))?(?: (?:from|out of) (?:a |the )?(?:standard |shuffled )?(?:deck|pack)(?: of (?:52 )?(?:playing )?cards)?)?(?P<back>,? with(?:out)? replacement)?(?: (?:from|out of) (?:a |the )?(?:standard )?(?:deck|pack)(?: of (?:52 )?(?:playing )?cards)?)?"),
        ("bayes", r"P ?\( ?A ?\| ?B ?\)(?:,? (?:if|when|given|where|for))? ?(?:that )?(?P<facts>P ?\(.+)"),
        ("bayes", r"(?P<facts>P ?\( ?[AB].+?)[,.;]? (?:find|what is|calculate|compute|then) P ?\( ?A ?\| ?B ?\)"),
        ("percentile", rf"(?P<k>\d{{1,2}}(?:\.\d+)?)(?:st|nd|rd|th) percentile (?:of|for) (?:an? |the )?(?:{_LAW})"),
        ("poisson", rf"poisson (?:probability|distribution)? ?(?:of |for |that )?{_HOW} ?(?:x ?= ?)?(?P<k>{_N})(?: events?)? (?:with|when|if|and|given|for) (?:a )?(?:the )?(?:mean|lambda|rate|average)(?: is| of| =)? ?(?P<p>{_R})"),
    ]  # fmt: skip
    return [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in forms]


_POINTS = re.compile(
    r"(?P<what>(?:linear regression|regression line|least squares(?: regression)?(?: line)?|(?:line|linear equation) of best fit|best[- ]fit line|trend line|correlation(?: coefficient)?|covariance|r squared))(?: equation)?(?: (?:of|for|through|to|between|on|from))?(?: (?:the )?(?:points|data|lists?|data points))*:? (?P<data>.+)",
    re.IGNORECASE,
)


def read_probability(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else."""
    spaced = " ".join(text.split())
    if len(spaced) > 250 or not _HINT.search(spaced):
        return None
    for candidate in without_lead_ins(spaced, _LEAD):
        for name, pattern in _forms():
            found = pattern.fullmatch(candidate)
            request = _request(name, {key: value or "" for key, value in found.groupdict().items()}) if found else None
            if request:
                return request
        if found := _POINTS.fullmatch(candidate):
            return _pairs(found["what"].lower(), found["data"], assumptions)
    return None


def _count(text: str) -> str:
    lowered = text.lower()
    return str(_SMALL[lowered]) if lowered in _SMALL else text


def _node(text: str) -> Node:
    """A number of the text, exact; a percentage is a hundredth of it."""
    bare, percent = text.replace(" ", "").removesuffix("%"), text.endswith("%")
    if re.search(r"/0*$", bare):
        raise ToolError(f"{text} divides by zero")
    value = Fraction(bare)
    return Number(value / 100 if percent else value, "." in bare or percent)


def _request(name: str, parts: dict[str, str]) -> Request | None:
    how = parts.get("how", "").lower() or "exactly"
    if name == "law":
        return _law_request(parts)
    if name in ("binomial", "poisson"):
        args = [_count(parts["k"])] + ([_count(parts["n"])] if name == "binomial" else [])
        return Ask(f"chance {name}", tuple(map(_node, [*args, parts["p"]])), (how,))
    if name == "coins":
        n = _count(parts["n"])
        k = {"no": "0", "all": n}.get(parts["k"].lower()) or _count(parts["k"])
        return Ask("chance binomial", tuple(map(_node, [k, n, "1/2"])), (how,))
    if name == "dice sum":
        return Ask("chance dice", tuple(_node(_count(parts[key])) for key in ("k", "n")), (how,))
    if name == "some face":
        return Ask("chance some face", (_node(_count(parts["n"])),))
    if name.startswith("face"):
        if parts.get("parity"):
            return Ask("chance face", (), ("parity",))
        return Ask("chance face", (_node(_count(parts["k"])),), ("one",))
    if name == "cards":
        back = "back" if re.search(r"with replacement", parts["back"], re.IGNORECASE) else "kept"
        return Ask("chance cards", (_node(_count(parts["k"])),), (parts["kind"].lower().rstrip("s"), back))
    if name == "percentile":
        law = _law(parts)
        return None if law is None else Ask("percentile", (_node(parts["k"]), *law[1]), (law[0],))
    return _bayes(parts["facts"])


def _law(parts: dict[str, str]) -> tuple[str, list[Node]] | None:
    if parts["standard"]:
        return "normal", [Number(Fraction(0)), Number(Fraction(1))]
    if parts["mean"]:
        return "normal", [_node(parts["mean"]), _node(parts["sd"])]
    known = {"b": "binomial", "n": "normal", "p": "poisson", "g": "geometric", "e": "exponential", "u": "uniform"}
    name = known.get(parts["name"].lower()[:1])
    if name is None:
        return None
    second = parts["p2"].removesuffix("^2")
    values = [_node(parts["p1"]), *([_node(second)] if second else [])]
    if len(values) != (2 if name in ("binomial", "normal", "uniform") else 1):
        raise ToolError("write the parameters, for example N(100, 15), Bin(10, 0.3) or Poisson(2)")
    return name, values


def _law_request(parts: dict[str, str]) -> Request | None:
    law = _law(parts) if parts["name"] or parts["mean"] or parts["standard"] else ("normal", [_node("0"), _node("1")])
    if law is None:
        return None
    plain = {"\u2264": "<=", "\u2265": ">="}
    if parts["low"]:
        ops = [plain.get(parts[side], parts[side]) for side in ("left", "right")]
        return Ask("chance law", (*law[1], _node(parts["low"]), _node(parts["high"])), (law[0], "between", *ops))
    return Ask("chance law", (*law[1], _node(parts["at"])), (law[0], plain.get(parts["op"], parts["op"])))


def _bayes(facts: str) -> Request | None:
    names = {"".join(key.split()).upper(): value for key, value in re.findall(rf"P ?\( ?([^()]+?) ?\) ?(?:=|is) ?({_R})", facts, re.IGNORECASE)}  # fmt: skip
    spelled = {
        key.replace("NOT", "~").replace("\u00ac", "~").replace("A'", "~A"): value for key, value in names.items()
    }
    if "B|A" in spelled and "A" in spelled:
        order = [spelled["B|A"], spelled["A"]]
        if "B" in spelled:
            return Ask("bayes", tuple(map(_node, [*order, spelled["B"]])), ("total",))
        if "B|~A" in spelled:
            return Ask("bayes", tuple(map(_node, [*order, spelled["B|~A"]])), ("other",))
    if "A\u2229B" in spelled or "AANDB" in spelled:
        both = spelled.get("A\u2229B") or spelled["AANDB"]
        return Ask("bayes", (_node(both), _node(spelled["B"])), ("both",)) if "B" in spelled else None
    return None


def _pairs(what: str, data: str, assumptions: list[str]) -> Request | None:
    try:
        if found := re.fullmatch(r"(\[.+\]|\{.+\}),? (?:and|with|vs\.?|against) (\[.+\]|\{.+\})", data):
            lists = [read_list(part.replace("{", "[").replace("}", "]"), assumptions) for part in found.groups()]
            if len(lists[0]) != len(lists[1]):
                raise ToolError(
                    f"the lists have {len(lists[0])} and {len(lists[1])} numbers; they must be of one length"
                )
            nodes = [Sequence(pair) for pair in zip(*lists, strict=True)]
        else:
            nodes = [
                node for node in read_list(data, assumptions) if isinstance(node, Sequence) and len(node.items) == 2
            ]
    except ToolError as error:
        if "of one length" in str(error):
            raise
        return None
    if len(nodes) < 2:
        return None
    kind = "correlation" if "correlation" in what else "covariance" if "covariance" in what else "regression"
    return Ask("paired data", tuple(nodes), (kind,))


READERS: list[TextReader] = [read_probability]
