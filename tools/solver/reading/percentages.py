# ruff: noqa: E501  a pattern is read more easily on one line
"""Questions about percentages in words: `12 is 30% of what number`, `20% more than 50`, `from 40 to 50 in percent`.

`15% of 80` and `80 + 15%` are formulas and read elsewhere; discounts, tax and interest are in `prices` and `finance`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from functools import cache

from .clauses import TextReader, without_lead_ins
from .syntax import Apply, Ask, Evaluate, Node, Number, Request

_MONEY = r"(?: (?:dollars?|euros?|pounds|cents?|yuan|yen|people|students?|points?|units?|kg|cm|m|km))?"
_VALUE = rf"[$€£¥]? ?-?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?: ?/ ?\d+)?{_MONEY}"
_SHARE = r"\d[\d,]*(?:\.\d+)?(?: ?/ ?\d+)? ?(?:%|percent|per ?cent|pct)"
_PERCENT = r"(?:%|percent|percentage|per ?cent)"
_UP = r"(?:increas(?:e|es|ed)|rais(?:e|es|ed)|rises?|rose|grows?|grew|goes up|went up|climb(?:s|ed)?|gain(?:s|ed)?)"
_DOWN = r"(?:decreas(?:e|es|ed)|reduc(?:e|es|ed)|lower(?:s|ed)?|falls?|fell|drops?|dropped|declin(?:e|es|ed)|goes down|went down|shrinks?|shrank|los(?:es|t))"
_MOVES = rf"(?:has |have )?(?:{_UP}|{_DOWN}|chang(?:e|es|ed)|goes|went|moves?|moved)"
_NAMED = r"(?:increase|rise|growth|gain|raise|decrease|drop|fall|loss|decline|reduction|change|difference)"
_MORE = r"(?:more|greater|higher|larger|bigger|above|over)"
_LESS = r"(?:less|fewer|smaller|lower|cheaper|below|under)"
_NUMBER = r"(?:what|which|a|the|some|that|of what)?(?: original)?(?: ?(?:number|amount|value|total|whole|quantity))?"
_ASKS = r"(?:what(?: is| was|'s)?|find|calculate|compute|determine|by what|how much is)"
_THE_NUMBER = rf"(?:[,.;]? ?(?:{_ASKS}|then)(?: the| that)?(?: original)? ?(?:number|amount|value|it)?)?"
_LEAD = re.compile(
    r"(?:what is|what's|whats|find|calculate|compute|determine|tell me|how much is|work out|the|if|suppose)\s+"
)


def _share(text: str) -> Node:
    return Apply("percent", (_number(re.sub(r"[^\d./]", "", text)),))


def _number(text: str) -> Node:
    above, _, below = re.sub(r"[^\d./-]", "", text).partition("/")
    value = Number(Fraction(above), "." in above)
    return Apply("*", (value, Apply("reciprocal", (Number(Fraction(below)),)))) if below else value


def _times(left: Node, right: Node) -> Node:
    return Apply("*", (left, right))


def _over(left: Node, right: Node) -> Node:
    return Apply("*", (left, Apply("reciprocal", (right,))))


def _grown(share: Node, down: bool) -> Node:
    return Apply("+", (Number(Fraction(1)), Apply("neg", (share,)) if down else share))


def _whole(found: re.Match[str]) -> Request:
    return Evaluate(_over(_number(found["a"]), _share(found["p"])))


def _more(found: re.Match[str]) -> Request:
    return Evaluate(_times(_number(found["a"]), _grown(_share(found["p"]), bool(found["less"]))))


def _before(found: re.Match[str]) -> Request:
    return Evaluate(_over(_number(found["a"]), _grown(_share(found["p"]), bool(found["less"]))))


def _chain(found: re.Match[str]) -> Request:
    value = _number(found["a"])
    for down, share in re.findall(rf"(?:(?P<down>{_DOWN})|{_UP})[a-z ]*?(?:{_VALUE})? ?by ({_SHARE})", found[0]):
        value = _times(value, _grown(_share(share), bool(down)))
    return Evaluate(value)


def _part(found: re.Match[str]) -> Request:
    """Tax added to a price, a discount taken off."""
    return Evaluate(_times(_number(found["a"]), _grown(_share(found["p"]), not found[0].startswith("add"))))


def _change(found: re.Match[str]) -> Request:
    kind = "difference" if "difference" in found[0] else "change"
    if re.search(rf"increase|{_UP}|growth|{_MORE}", found[0]) and not re.search(r"decreas|chang", found[0]):
        kind = "increase"
    elif re.search(rf"decrease|{_DOWN}|loss|reduction|{_LESS}", found[0]) and "chang" not in found[0]:
        kind = "decrease"
    return Ask("percent change", (_number(found["a"]), _number(found["b"])), (kind,))


def _error(found: re.Match[str]) -> Request:
    return Ask("percent change", (_number(found["b"]), _number(found["a"])), ("error",))


def _out_of(found: re.Match[str]) -> Request:
    form = "fraction" if "fraction" in found[0] else "percent"
    return Evaluate(_over(_number(found["a"]), _number(found["b"])), form=form)


_A, _B, _P = rf"(?P<a>{_VALUE})", rf"(?P<b>{_VALUE})", rf"(?P<p>{_SHARE})"
_STORY = r"(?:[a-z' ]{0,60}? )?"
_PATTERNS: tuple[tuple[str, Callable[[re.Match[str]], Request]], ...] = (
    (rf"(?:what number is it (?:if|when) )?{_A} (?:is|equals|=|represents|makes up) {_P} of {_NUMBER}{_THE_NUMBER}", _whole),
    (rf"{_P} of {_NUMBER} (?:is|equals|=|gives|makes|are|was) {_A}{_THE_NUMBER}", _whole),
    (rf"(?:what |which |a )?(?:number|amount|value)? ?(?:that )?(?:is )?{_P} (?:{_MORE}|(?P<less>{_LESS}))(?: than)? {_A}", _more),
    (rf"{_A} (?:is|equals) {_P} (?:{_MORE}|(?P<less>{_LESS})) than {_NUMBER}{_THE_NUMBER}", _before),
    (rf"{_NUMBER} ?(?:is |was |has been |when |that )?(?:{_UP}|(?P<less>{_DOWN})) by {_P},? (?:is|equals|gives|becomes|results in|to|and becomes|is now|to give|=) {_A}{_THE_NUMBER}", _before),
    (rf"after (?:an? )?{_P} (?:increase|rise|raise|(?P<less>decrease|reduction|drop|discount)),? {_STORY}(?:is|becomes|costs) {_A}[,.]? ?{_ASKS} (?:it|the)?[a-z ]{{0,40}}", _before),
    (rf"(?:{_UP}|{_DOWN}) {_A} by {_SHARE}(?:,? ?(?:and |then |and then |followed by )?(?:{_UP}|{_DOWN})(?: it| the result| that)? by {_SHARE}){{1,5}}", _chain),
    (rf"(?:take|deduct|subtract|remove|knock) {_P} (?:off|from|away from|off of) {_A}", _part),
    (rf"add {_P}(?: [a-z]+)? (?:to|on|onto) {_A}", _part),
    (rf"{_STORY}{_MOVES} from {_A} to {_B}[,.;]? ?(?:{_ASKS} )?(?:the |its |that )?(?:as a |in )?{_PERCENT}(?: {_NAMED}| did it [a-z ]+)?(?: [a-z ]{{0,40}})?", _change),
    (rf"(?:by )?(?:what |the )?{_PERCENT} (?:does|did|has|is|was|do|have) {_STORY}{_MOVES}(?: (?:if|when|as) it (?:goes|went|is|changes|rises|falls))? from {_A} to {_B}", _change),
    (rf"(?:the )?{_PERCENT} (?P<kind>{_NAMED})(?: of| in [a-z ]{{1,40}}?)? (?:from|between|of) {_A} (?:to|and|into) {_B}", _change),
    (rf"(?:from )?{_A} to {_B}(?: is| as| in)?(?: what| a)? {_PERCENT} {_NAMED}", _change),
    (rf"(?:{_NAMED}) from {_A} to {_B} (?:in|as a) {_PERCENT}", _change),
    (rf"(?:by )?(?:what|how many|how much) {_PERCENT} (?:{_MORE}|{_LESS}) (?:is|than) {_B} (?:than|is) {_A}", _change),
    (rf"(?:by )?(?:what|how many|how much) {_PERCENT} is {_B} (?:{_MORE}|{_LESS}) than {_A}", _change),
    (rf"{_PERCENT} error(?: [a-z]{{2,8}}){{0,3}}? (?:measured|experimental|observed|approximate|estimated?)(?: (?:value|is|of|as|was)){{0,2}}[ =:]*{_A}(?:,| and|, and)? ?(?:the )?(?:actual|true|exact|accepted|theoretical|real|correct)(?: (?:value|is|of|was)){{0,2}}[ =:]*{_B}", _error),
    (rf"(?:what )?(?:fraction|{_PERCENT}) is {_A} (?:out )?of {_B}", _out_of),
    (rf"(?:what )?fraction of {_B} is {_A}", _out_of),
    (rf"{_A} is what fraction of {_B}", _out_of),
)  # fmt: skip
_HINT = re.compile(r"%|per ?cent|\bpct\b|fraction")


@cache
def _compiled() -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], Request]]]:
    return [(re.compile(pattern), make) for pattern, make in _PATTERNS]


def read_percentages(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about percentages; `None` for everything else."""
    lowered = " ".join(text.lower().replace("\N{MINUS SIGN}", "-").split())
    if not _HINT.search(lowered) or len(lowered) > 200:
        return None
    for candidate in without_lead_ins(lowered, _LEAD):
        for pattern, make in _compiled():
            if found := pattern.fullmatch(candidate):
                return make(found)
    return None


READERS: list[TextReader] = [read_percentages]
