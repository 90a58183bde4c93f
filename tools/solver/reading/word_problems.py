# ruff: noqa: E501  a pattern is read more easily on one line
"""Everyday word problems of a few families: ways and speeds, work done together, ratios, proportions, unknown numbers.

Ways, speeds, densities and forces become quotients and products of quantities and are answered by `units`. Ages,
mixtures and other stories in several sentences are in `stories`, equations about one number in `unknown_numbers`.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ...errors import ToolError
from .clauses import TextReader, read_expression
from .names import words
from .syntax import Ask, Node, Number, Relation, Request, Solve
from .units import read_units

_SPOKEN = dict(
    zip(words("two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty"),
        [*range(2, 21), 30], strict=True)
)  # fmt: skip
_SPOKEN_WORD = re.compile(rf"\b({'|'.join(_SPOKEN)})\b")
_N = r"(\d{1,12}(?:\.\d{1,8})?(?:/\d{1,6})?)"
_AMOUNT = r"(\d[\d.,/]{0,14} ?[a-z/^23 ]{1,24}?(?![a-z/^]))"
_SPEEDS = {"mph": "mph", "miles per hour": "mph", "miles an hour": "mph", "km/h": "km/h", "kph": "km/h", "kmh": "km/h", "kilometers per hour": "km/h",
           "kilometres per hour": "km/h", "m/s": "m/s", "meters per second": "m/s", "metres per second": "m/s"}  # fmt: skip
_SPEED_UNIT = "(" + "|".join(_SPEEDS) + ")"
_TIME_UNIT = r"(hours?|hrs?|minutes?|mins?|days?|weeks?|months?|seconds?|h)"

_SPEED = re.compile(
    rf".{{0,60}}?\b(?:travels?|travel+ed|drives?|drove|goes|went|covers?|covered|runs?|ran|rides?|rode|walks?|walked|flies|flew|cycles?|cycled|moves?|moved|swims?|swam|sails?|sailed) (?:a distance of |a total of )?{_AMOUNT} in {_AMOUNT}\s*[.;,:?]?\s*(?:what|find|calculate|determine|how fast|average speed|speed|its)\b.{{0,60}}"
)
_SPEED_OF = re.compile(
    rf"(?:what is |find |calculate |determine )?(?:the )?(?:average )?speed (?:of|if) .{{0,50}}?(?:travels?|travel+ed|travel+ing|goes|going|moving|moves|covers?|covering|drives?|driving|runs?|running) (?:a distance of )?{_AMOUNT} in {_AMOUNT}"
)
_SPEED_GIVEN = re.compile(
    rf"(?:what is |find |calculate )?(?:the )?(?:average )?speed\D{{0,20}}?(?:for|given|if|with|when)?\s*(?:a |the )?distance (?:of |is |= ?|traveled is )?{_AMOUNT} (?:and|,|in) (?:a |the )?time (?:of |is |= ?|taken is )?{_AMOUNT}"
)
_TIME_GIVEN = re.compile(
    rf"(?:how long|how many hours|how much time)\b.{{0,80}}?\b{_AMOUNT} (?:at|going|with|if|when)\b\D{{0,50}}?{_AMOUNT}"
)
_FAR = re.compile(
    rf"(?:at|travel+ing at|driving at|going|moving at) {_AMOUNT}[, ]+how far\b.{{0,60}}? (?:in|for|after) {_AMOUNT}"
)
_FAR_IF = re.compile(
    rf"(?:if )?.{{0,50}}?\b(?:travels?|drives?|goes|moves?|runs?|flies|walks?|cycles?|traveling|travelling|moving) at (?:a (?:constant |steady |average )?speed of |an average of )?{_AMOUNT}[.,;]?\s*(?:how far|what distance)\b.{{0,50}}? (?:in|for|after) {_AMOUNT}"
)
_TIME_IF = re.compile(
    rf"(?:if )?.{{0,50}}?\b(?:travels?|drives?|goes|moves?|runs?|flies|walks?|cycles?|traveling|travelling|moving) at (?:a (?:constant |steady |average )?speed of |an average of )?{_AMOUNT}[.,;]?\s*(?:how long|how many hours|how much time)\b.{{0,60}}? (?:to (?:travel|cover|go|drive|reach)|for|travel) {_AMOUNT}"
)
_MEET = re.compile(
    rf".{{0,80}}?{_AMOUNT} apart\b.{{0,120}}?(?:toward|towards|each other|opposite|to meet).{{0,60}}? at (?:speeds of )?{_AMOUNT} and {_AMOUNT}[.,;]?\s*.{{0,20}}(?:when|how long|how many hours|after|time)\b.{{0,60}}"
)
_ROUND = re.compile(
    rf".{{0,80}}?\b(?:at )?{_N} {_SPEED_UNIT}\b.{{0,60}}?\b(?:back|returns?|return trip|way back|returning)\b.{{0,40}}?\bat {_N} {_SPEED_UNIT}\b.{{0,40}}average speed.{{0,50}}"
)
_ROUND_ALSO = re.compile(
    rf".{{0,60}}?average speed.{{0,80}}?\b{_N} {_SPEED_UNIT} (?:there|one way|out|going|on the way there) and (?:returns? at |back at )?{_N} {_SPEED_UNIT} ?(?:back|on the way back|returning|return|on the return trip)?.{{0,20}}"
)
_DENSITY = re.compile(
    rf"(?:what is |find |calculate )?(?:the )?density\b.{{0,60}}?(?:mass (?:of |is |= ?)?)?{_AMOUNT} (?:and|in|with|,) (?:a |the |its )?(?:volume (?:of |is |= ?)?)?{_AMOUNT}"
)
_FORCE = re.compile(
    rf"(?:what is |find |calculate )?(?:the )?(?:net )?force\b.{{0,60}}?{_AMOUNT}(?: (?:object|mass|body|car|block))? (?:at|by|with|and|,) (?:an? |the |its )?(?:acceleration (?:of |is |= ?)?)?{_AMOUNT}"
)
_KINETIC = re.compile(
    rf"(?:what is |find |calculate )?(?:the )?kinetic energy\b.{{0,60}}?{_N} ?(?:kg|kilograms?)\b.{{0,40}}?{_N} ?(?:m/s|meters per second|metres per second)"
)

_RATIO = r"(\d{1,9}(?:\.\d{1,6})?(?:\s*:\s*\d{1,9}(?:\.\d{1,6})?){1,5})"
_DIVIDE = re.compile(
    rf"(?:divide|split|share|distribute|allocate)s? {_N}(?: [a-z]{{1,15}})?(?: (?:between|among|amongst) .{{1,60}}?)? in(?:to)? (?:the |a )?ratio (?:of )?{_RATIO}"
)
_SIMPLIFY = re.compile(
    rf"(?:simplify|reduce|write|express)? ?(?:the )?(?:ratio )?{_RATIO}(?: (?:in|as|to) (?:its |the )?(?:simplest|lowest|simplified) (?:form|terms|ratio))?"
)
_RATIO_OF = re.compile(
    rf"(?:what is |find |simplify |express )?(?:the )?(?:simplest |simplified )?ratio (?:of )?{_N} (?:to|and) {_N}(?: (?:in|as) (?:its |the )?(?:simplest|lowest) (?:form|terms))?"
)
_DIVIDED = re.compile(
    rf".{{0,40}}?{_N}(?: [a-z]{{1,15}})? (?:is |are |was |were |to be )?(?:divided|split|shared|distributed)\b.{{0,60}}? in (?:the |a )?ratio (?:of )?{_RATIO}.{{0,80}}"
)
_SIDE = r"([^:=]{1,20})"
_PROPORTION = re.compile(
    rf"(?:solve |find |what is x if )?(?:for [a-z]:? ?)?(?:the proportion )?{_SIDE}:{_SIDE}(?:=|::| as | is equal to ){_SIDE}:{_SIDE}"
)
_IS_TO = re.compile(
    r"(?:if )?(\d[\d./]*|x|what|what number|which number) is to (\d[\d./]*|x|what|what number) (?:as|like) (\d[\d./]*|x|what|what number|which number) is to (\d[\d./]*|x|what|what number|which number)"
)
_PARTS = re.compile(
    rf".{{0,40}}?ratio of (?:the )?([a-z]{{2,15}}) to (?:the )?([a-z]{{2,15}})\b.{{0,40}}? (?:is|=|was) {_N} ?(?::|to) ?{_N}\b[.,;]?(?: and)?(?: if)?(?: there (?:are|were))?(?: the)? {_N} ([a-z]{{2,15}})\b.{{0,30}}?how many ([a-z]{{2,15}})\b.{{0,40}}"
)

_THINGS = r"([a-z]{1,15}(?: of [a-z]{1,15})?)"
_COST = re.compile(
    rf"(?:if |suppose )?{_N} {_THINGS} (?:costs?|are sold for|sell for|is sold for|can be bought for|for|weighs?|contains?|makes?|produces?|needs?|requires?|uses?) {_N}(?: [a-z]{{1,15}})?[.,;?]?\s*(?:then )?(?:how much|how many [a-z]{{1,15}}|what|find the cost|what is the cost|what is the price|cost|calculate the cost|price)\b\D{{0,50}}?{_N}(?: {_THINGS})?(?: .{{0,30}})?"
)
_FOR = re.compile(
    rf".{{0,40}}?\b{_N} ([a-z]{{1,15}}) (?:of [a-z]{{1,15}} )?(?:for|to make|makes?|per) {_N} ([a-z]{{1,15}})[.,;?]?\s*how (?:much|many) ([a-z]{{1,15}})\b.{{0,40}}? (?:for|to make) {_N} ([a-z]{{1,15}}).{{0,20}}"
)
_ONE = re.compile(
    rf"(?:if |suppose )?{_N} {_THINGS} (?:costs?|are sold for|sell for|is|for) {_N}(?: dollars| euros| pounds)?[.,;?]?\s*(?:then )?(?:how much|what|find|cost|price)\b.{{0,40}}?\b(?:one|each|a single|per|1|unit price|a)\b ?([a-z]{{0,15}}).{{0,20}}"
)
_UNIT_PRICE = re.compile(
    rf"(?:what is |find |calculate )?(?:the )?(?:unit price|price per [a-z]{{1,12}}|cost per [a-z]{{1,12}}|unit cost|unit rate)(?: of| if| for)? (?:{_N} {_THINGS} (?:for|costs?|at) {_N}|{_N}(?: dollars)? for {_N} {_THINGS}).{{0,15}}"
)
_PER = re.compile(
    rf"(?:if )?{_N}(?: dollars| euros)? for {_N} ([a-z]{{1,12}})[,;:.]? ?(?:how much |what )?(?:is it |is that |is the price )?per (?:\3|[a-z]{{1,12}})"
)
_WORKERS = re.compile(
    rf"(?:if )?{_N} (workers?|men|people|painters?|machines?|pipes?|pumps?|taps?|builders?|women|students?|labou?rers|printers?|cows|horses|farmers?)\b.{{0,60}}? (?:in|take|takes|need|needs|for|last) {_N} {_TIME_UNIT}\b.{{0,30}}?[.,;?]?\s*(?:how long|how many {_TIME_UNIT[1:-1]}|how much time)\b\D{{0,60}}?{_N} \2.{{0,40}}"
)
_WORK = re.compile(rf"\b(?:in|takes?|takes? [a-z]{{2,10}}) {_N} {_TIME_UNIT}\b")
_TOGETHER = re.compile(r"\b(?:together|both|simultaneously|at the same time|at once|work jointly|combined)\b")
_EMPTIES = re.compile(r"\b(?:empt(?:y|ies)|drains?)\b")

_KINDS = r"(?P<kind>even |odd |positive |natural |whole |positive even |positive odd |even positive |odd positive )?"
_CONSECUTIVE = re.compile(
    rf"(?:what are |find |determine |which )?(?:the )?(?:(?P<measure>sum|product) of )?(?:the )?(?P<count>\d{{1,2}}) consecutive {_KINDS}(?:integers|numbers|whole numbers|natural numbers)(?P<rest>.*)"
)
_TOTAL = re.compile(rf"\D{{0,60}}?(?P<total>-?{_N[1:-1]})\D{{0,40}}")
_TWO = re.compile(r"\b(?:2|which) numbers\b|\bone number is\b|\bnumbers\b.*\b(?:sum|product|difference|differ)\b")
_SUM = re.compile(
    rf"\b(?:sums?(?: of (?:the |these )?(?:2 )?numbers)?(?: is| of| to| equals?| =)?|add(?:s)?(?: up)? to|total(?:s)?(?: of| is)?) {_N}\b(?! numbers)"
)
_DIFFERENCE = re.compile(
    rf"\b(?:difference(?: between them| (?:of|between) (?:the |these )?(?:2 )?numbers)?(?: is| of| equals?| =)?|differs? by) {_N}\b(?! numbers)"
)
_PRODUCT = re.compile(
    rf"\b(?:product(?: of (?:the |these )?(?:2 )?numbers)?(?: is| of| equals?| =)?|multipl(?:y|ies) to(?: give)?) {_N}\b(?! numbers)"
)
_TIMES = re.compile(
    rf"\bone (?:number |of them )?is (?:{_N} times|twice|double|3 times) (?:the other|another|as (?:large|big) as the other)"
)
_MORE = re.compile(
    rf"\bone (?:number |of them )?is {_N} (more|larger|greater|less|smaller|bigger) than (?:the other|another)"
)
_HEADS = re.compile(
    rf".{{0,60}}?(?:chickens?|hens?|ducks?|birds?)\b.{{0,20}}?(?:rabbits?|cows?|pigs?|goats?|sheep|horses?|dogs?)\b.{{0,60}}?{_N} heads and {_N} (?:legs|feet).{{0,80}}"
)
_LENGTHS = {"m": "m", "meters": "m", "metres": "m", "feet": "ft", "foot": "ft", "ft": "ft", "cm": "cm"}
_LONG = r"( ?(?:m|meters|metres|feet|foot|ft|cm))?\b"
_LADDER = re.compile(
    rf"(?:an? |the )?(?:ladder )?(?:of |that is |which is |is )?(?:length )?{_N}[- ]?{_LONG}.{{0,80}}?{_N}[- ]?{_LONG}.{{0,40}}?how (?:high|far up|tall).{{0,60}}"
)
_LADDER_LENGTH = re.compile(rf".{{0,60}}?how long.{{0,60}}?{_N}{_LONG}.{{0,60}}?{_N}{_LONG}.{{0,60}}")
_WANTED = re.compile(r" in [a-z]{1,12}(?:/[a-z]{1,8}| per [a-z]{1,8})?$")
_HINT = re.compile(r"\d")


def read_word_problem(text: str, assumptions: list[str]) -> Request | None:
    """Read a word problem of a known family; `None` for everything else."""
    if (not _HINT.search(text) and not _SPOKEN_WORD.search(text.lower())) or len(text) > 400:
        return None
    spoken = " ".join(_SPOKEN_WORD.sub(lambda found: str(_SPOKEN[found[1]]), text.lower()).split())
    spoken = re.sub(r"(?<=\d),(?=\d{3}\b)", "", spoken).rstrip("?. ")
    return (
        _ratio(spoken, assumptions)
        or _numbers(spoken)
        or _work(spoken)
        or _proportion(spoken)
        or _ladder(spoken)
        or _travel(spoken, assumptions)
    )


def _number(text: str) -> Node:
    head, _, below = text.partition("/")
    if below and int(below) == 0:
        raise ToolError("a fraction in this has the denominator 0")
    return Number(Fraction(head) / int(below or 1), "." in head)


def _told(kind: str, *values: str, words: tuple[str, ...] = ()) -> Request:
    return Ask("word problem", tuple(_number(value) for value in values), (kind, *words))


_PRODUCTS = (
    (_MEET, "({0}) / (({1}) + ({2}))", ("speed", "per", "/h", "mph", "km/h", "kph")),
    (_SPEED, "({0}) / ({1})", ()), (_SPEED_OF, "({0}) / ({1})", ()), (_SPEED_GIVEN, "({0}) / ({1})", ()),
    (_FAR, "({0}) * ({1})", ()), (_FAR_IF, "({0}) * ({1})", ()), (_TIME_IF, "({1}) / ({0})", ()),
    (_TIME_GIVEN, "({0}) / ({1})", ()), (_DENSITY, "({0}) / ({1})", ()), (_FORCE, "({0}) * ({1}) in N", ()),
)  # fmt: skip
_ROUGHLY = re.compile(
    r"\b(?:speed|average|far|distance|long|time|hours|density|force|kinetic|apart|travels?|travelled|traveled|drives?|drove)\b"
)


def _ladder(text: str) -> Request | None:
    """A ladder against a wall is a right triangle."""
    if "ladder" not in text:
        return None
    for pattern, asked in ((_LADDER, "leg"), (_LADDER_LENGTH, "hypotenuse")):
        if found := pattern.fullmatch(text):
            units = {_LENGTHS[spelled.strip()] for spelled in (found[2], found[4]) if spelled}
            if len(units) > 1:
                return None
            unit = "".join(units)
            given = "hypotenuse" if asked == "leg" else "leg"
            tags = ("shape right triangle", f"given {given}/{unit}/1", f"given leg/{unit}/1", f"asked {asked}")
            return Ask("shape", (_number(found[1]), _number(found[3])), tags)
    return None


def _travel(text: str, assumptions: list[str]) -> Request | None:
    if not _ROUGHLY.search(text):
        return None
    for pattern in (_ROUND, _ROUND_ALSO):
        if found := pattern.fullmatch(text):
            units = {_SPEEDS[found[2]], _SPEEDS[found[4]]}
            if len(units) != 1:
                return None
            assumptions.append("both ways are of the same length")
            return _told("round trip", found[1], found[3], words=(units.pop(),))
    if found := _KINETIC.fullmatch(text):
        return _told("kinetic energy", found[1], found[2])
    wanted = _WANTED.search(text)
    told, ending = (text[: wanted.start()], wanted[0]) if wanted else (text, "")
    for pattern, formula, _ in _PRODUCTS:
        found = pattern.fullmatch(told)
        if found and (request := _quantity(formula.format(*found.groups()) + ending, assumptions)):
            return request
    return None


def _quantity(formula: str, assumptions: list[str]) -> Request | None:
    formula = re.sub(r"(?<=\d) ?m\)", " meters)", re.sub(r"(?<=\d) ?s\)", " seconds)", formula))
    try:
        return read_units(re.sub(r"\bper hour\b", "/hour", formula), assumptions)
    except ToolError:
        return None


def _ratio(text: str, assumptions: list[str]) -> Request | None:
    if ":" not in text and "ratio" not in text and " is to " not in text:
        return None
    text = re.sub(r"^(?:what is|find) (?=[\dx])", "", text)
    if found := (_DIVIDE.fullmatch(text) or _DIVIDED.fullmatch(text)):
        return _told("divide", found[1], *re.split(r"\s*:\s*", found[2]))
    if found := _PARTS.fullmatch(text):
        return _parts(found)
    if (found := _SIMPLIFY.fullmatch(text)) and (
        "ratio" in text or re.match("simplify|reduce", text) or "simplest" in text
    ):
        return _told("simplify", *re.split(r"\s*:\s*", found[1]))
    if found := _RATIO_OF.fullmatch(text):
        return _told("simplify", found[1], found[2])
    if found := _IS_TO.fullmatch(text):
        sides = ["x" if not part[0].isdigit() else part for part in found.groups()]
    elif found := _PROPORTION.fullmatch(text):
        sides = [part.strip() for part in found.groups()]
    else:
        return None
    try:
        a, b, c, d = (read_expression(side, assumptions) for side in sides)
    except ToolError:
        return None
    from .syntax import Apply, variables_of

    names = variables_of(a, b, c, d)
    if len(names) != 1:
        return None
    return Solve((Relation("=", Apply("*", (a, d)), Apply("*", (b, c))),), (names[0],))


def _parts(found: re.Match[str]) -> Request | None:
    first, second, a, b, count, known, wanted = found.groups()
    alike = {first: a, second: b}
    if wanted not in alike:
        return None
    if known in alike:
        return _told("share", count, alike[known], alike[wanted])
    return _told("share of all", count, a, b, alike[wanted])


def _numbers(text: str) -> Request | None:
    if found := _CONSECUTIVE.match(text):
        return _consecutive(found)
    if found := _HEADS.fullmatch(text):
        return _told("heads", found[1], found[2])
    if not _TWO.search(text) or "consecutive" in text or re.search(r"\bsquares?\b|\bprobab|ways|average|mean", text):
        return None
    total, difference, product = (pattern.search(text) for pattern in (_SUM, _DIFFERENCE, _PRODUCT))
    times, more = _TIMES.search(text), _MORE.search(text)
    known = [name for name, found in (("sum", total), ("difference", difference), ("product", product)) if found]
    relation: list[str] = []
    values = [found[1] for found in (total, difference, product) if found]
    if times:
        known.append("times")
        relation = [times[1] or ("3" if "3 times" in times[0] else "2")]
    elif more:
        known.append("difference")
        relation = [more[1]]
    if len(known) != 2 or len(set(known)) != 2:
        return None
    return _told("two numbers", *values, *relation, words=tuple(known))


def _consecutive(found: re.Match[str]) -> Request | None:
    rest = found["rest"]
    total = _TOTAL.fullmatch(rest)
    if not total:
        return None
    named = re.search(r"sum|product|add|total", rest)
    measure = found["measure"] or (named[0] if named else "")
    if not measure or re.search(r"square|largest|smallest|times", rest):
        return None
    measure = "product" if measure == "product" else "sum"
    kind = (found["kind"] or "").strip()
    parity = "even" if "even" in kind else "odd" if "odd" in kind else "any"
    sign = "positive" if re.search("positive|natural|whole", kind + found[0]) else ""
    value = total["total"].replace("-", "")
    nodes = [Number(Fraction(int(found["count"]))), _number(value)]
    return Ask(
        "word problem",
        tuple(nodes),
        ("consecutive", measure, parity, sign, "-" if total["total"].startswith("-") else ""),
    )


def _work(text: str) -> Request | None:
    if found := _WORKERS.fullmatch(text):
        values = [part for part in found.groups() if part and part[0].isdigit()]
        return _told("workers", *values, words=(_singular(found[4]),)) if len(values) == 3 else None
    if not _TOGETHER.search(text) or not re.search(r"how long|how many|time|in what|job|work|fill|paint|build", text):
        return None
    times = list(_WORK.finditer(text))
    short = re.search(rf"\bin {_N} ?{_TIME_UNIT}?,? and .{{1,40}}? in {_N}(?: {_TIME_UNIT})?", text)
    if len(times) < 2 and short and (short[2] or short[4]):
        return _told("together", short[1], short[3], words=(_singular(short[2] or short[4]),))
    if not 2 <= len(times) <= 5 or len({_singular(found[2]) for found in times}) != 1:
        return None
    words_ = (_singular(times[0][2]), *(("drain",) if _EMPTIES.search(text) else ()))
    return _told("together", *(found[1] for found in times), words=words_)


def _singular(unit: str) -> str:
    unit = unit.rstrip("s") if len(unit) > 1 else "hour"
    return {"hr": "hour", "min": "minute", "h": "hour"}.get(unit, unit)


def _proportion(text: str) -> Request | None:
    if found := _PER.fullmatch(text):
        return _told("per one", found[1], found[2])
    if found := _UNIT_PRICE.fullmatch(text):
        count, price = (found[1], found[3]) if found[1] else (found[5], found[4])
        return _told("per one", price, count)
    if (found := _COST.fullmatch(text)) and _same_thing(found[2], found[5] or found[2]):
        return _told("proportion", found[3], found[1], found[4])
    if (found := _FOR.fullmatch(text)) and _same_thing(found[2], found[5]) and _same_thing(found[4], found[7]):
        return _told("proportion", found[1], found[3], found[6])
    if (found := _ONE.fullmatch(text)) and re.search(r"cost|sold|price|for|sell", text):
        return _told("per one", found[3], found[1])
    return None


def _same_thing(first: str, second: str) -> bool:
    one, other = (part.split()[0].rstrip("s") for part in (first, second))
    return (
        one == other
        or ({one, other} <= {"kilogram", "kg", "gram", "g"} and one == other)
        or other in ("of", "will", "cost", "would", "do")
    )


READERS: list[TextReader] = [read_word_problem]
