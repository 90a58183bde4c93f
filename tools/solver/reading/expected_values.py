# ruff: noqa: E501  a pattern is read more easily on one line
"""Expected values, variances and standard deviations of dice, coins, tables and games; how long one waits on average.

`expected value of two dice`, `expected value of X where P(X=1) = 0.2, P(X=2) = 0.8`, `you win $10 with probability 0.1 and lose $1
otherwise; expected winnings`, `expected number of rolls to see all six faces`.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ...errors import ToolError
from .event_words import LatePattern, Space, Unread, filler, spoken
from .events import named_kinds
from .labels import number_node
from .odds import VALUE
from .syntax import Ask, Number, Request

_MEASURE = LatePattern(
    r"\b(?:(?P<mean>expected (?:value|sum|total|product|score|result|outcome|number|winnings?|gains?|profit|payoff|return|loss|earnings|maximum|minimum|highest|lowest|net gain)|expectation|(?:mean|average)(?: (?:value|sum|total|score|result|outcome|winnings?|gain|profit|payoff|number))?|e ?\( ?x ?\)|e ?\[ ?x ?\])|(?P<variance>variance|var ?\( ?x ?\))|(?P<deviation>standard deviation|sd ?\( ?x ?\)|sigma))"
)
_ARTICLES = (
    r"(?:what is |find |calculate |compute |determine |give |the |a |an |of |for |on |when |if |you |your |i |we |s )*"
)
_X = r"(?:p(?:r)? ?\( ?[xyk] ?= ?(?P<v>-?\d+(?:\.\d+)?) ?\) ?(?:=|is) ?(?P<p>{V}))"
_LIST = r"[\[{(]?(?P<%s>-?[\d.]+(?: ?/ ?\d+)?%%?(?:(?: ?, ?(?:and )?| and )-?[\d.]+(?: ?/ ?\d+)?%%?)+)[\]})]?"
_TABLE = LatePattern(
    rf"\b(?:x|values?|outcomes?)\b(?: (?:takes?|has|are|is|of|the|values?|on))*[ :=]*{_LIST % 'x'}[ ,;.|]*(?:(?:and|with|where|having|respectively|the|corresponding|respective) )*(?:p ?\( ?x ?\)|p\b|prob(?:ability|abilities|s)?\b)(?: (?:are|is|of|being|values?))*[ :=]*{_LIST % 'p'}(?: ?,? respectively)?"
)
_FILL = filler(
    "what is the a an of find calculate compute determine x random variable discrete and with where for if given distribution probability . , ; : ? | its has then"
    " that let table by whose this to are in following be suppose e e(x) s whats respectively"
)
_PLAY = filler(
    "what is the a an of find calculate compute determine your my his her player if you i we game in this play playing and or for per . , ; : ? | ! to then each suppose"
    " from value amount net on bet that it s there costs cost dollars dollar euros euro points point fair coin die ticket lottery nothing profit winnings gain one"
    " flip toss roll rolled rolling flipped tossed are time round otherwise whats playing is six-sided 6-sided over long run how much win lose do can expect"
)
_ROLL = filler(
    "what is the a an of find calculate compute determine fair die dice coin coins when if you rolling roll rolls rolled throwing throw throws thrown tossing toss tosses"
    " tossed flipping flip flips flipped single sided for in on number numbers sum total two to . , ; : ? | s result outcome score values value shown and from one i we faces"
    " face it is are times up expected independent"
)
_THING = r"(?:different |distinct |possible )*(?:coupons?|toys?|stickers?|types?|cards?|prizes?|figures?)"
_COLLECTOR = LatePattern(
    rf"coupon collector(?:'s)?(?: problem)?(?: with| for| of)?(?: n ?=)? (\d+)(?: {_THING})?|(?:to )?(?:collect(?:ing)?|get|have|complete) (?:all|every one) (?:of )?(?:the )?(\d+) {_THING}|(?:to )?(?:collect(?:ing)?|complete) (?:a |the )?(?:full |complete )?set of (\d+) {_THING}"
)
_WAIT = LatePattern(
    r"(?:expected|average|mean) number of (?:dice |die |coin )?(?P<of>rolls|throws|tosses|flips|coin flips|coin tosses|trials|draws|times|boxes|packs|purchases|coupons|cards)\b(?P<rest>.*)"
)


def read_expected_value(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else."""
    lowered = text.lower()
    if not any(
        word in lowered
        for word in ("expect", "mean", "average", "variance", "deviation", "e(", "e[", "var(", "collector")
    ):
        return None
    if not re.search(
        r"\bdice\b|\bdie\b|\dd\d|\bd\d|coin|heads|tails|p ?\( ?[xyk] ?=|prob|\bwin|lose|rolls|p ?\(x\)|\bp ?[:=]|collect|flips|tosses",
        lowered,
    ):
        return None
    said = spoken(" ".join(text.replace("$", "").split()))
    measure = _MEASURE.search(said)
    if measure is None and not _WAIT.search(said) and "collector" not in said:
        return None
    kind = measure.lastgroup or "mean" if measure else "mean"
    noted: list[str] = []
    try:
        request = (
            _distribution(said, kind)
            or _waiting(said, noted)
            or _number_of(said, kind, noted)
            or _game(said, kind)
            or _thrown(said, kind)
        )
    except Unread:
        return None
    if request:
        assumptions += noted
    return request


def _known(left: str, words: frozenset[str]) -> bool:
    return set(re.findall(r"[a-z]+(?:\([a-z]\))?|\S", left)) <= words


def _ask(pairs: list[tuple[Number, Number]], kind: str) -> Ask:
    return Ask("expected value", tuple(part for pair in pairs for part in pair), (kind,))


def _signed(text: str) -> Number:
    if text.startswith("-"):
        value = number_node(text[1:])
        return Number(-value.value, value.decimal)
    return number_node(text)


def _distribution(said: str, kind: str) -> Request | None:
    """Values and their probabilities, one by one or as a table."""
    each = re.compile(_X.replace("{V}", VALUE))
    found = list(each.finditer(said))
    if found:
        pairs = [(_signed(part["v"]), number_node(part["p"])) for part in found]
        left = each.sub(" ", said)
    elif table := _TABLE.search(said):
        columns = [re.findall(r"-?[\d.]+(?: ?/ ?\d+)?%?", table[key].strip(" .")) for key in "xp"]
        if len(columns[0]) != len(columns[1]):
            raise ToolError(f"there are {len(columns[0])} values but {len(columns[1])} probabilities")
        pairs = [
            (_signed(value.rstrip(".")), number_node(share.rstrip("."))) for value, share in zip(*columns, strict=True)
        ]
        left = f"{said[: table.start()]} {said[table.end() :]}"
    else:
        return None
    left = _MEASURE.sub(" ", left, count=1)
    return _ask(pairs, kind) if _known(left, _FILL) else None


def _faces(sides: int) -> Space:
    return Space(
        (Fraction(1),) * sides,
        {},
        {"number": ()},
        filler("roll rolls rolling number numbers face dice die"),
        tuple(range(1, sides + 1)),
    )


def _coin() -> Space:
    heads, tails = frozenset({0}), frozenset({1})
    return Space(
        (Fraction(1),) * 2, {"heads": heads, "head": heads, "tails": tails, "tail": tails}, {"side": (heads, tails)}
    )


_DICE = r"(?:(?P<n>\d+) )?(?:fair |standard |ordinary |regular |normal )*(?:(?P<s>\d+)[- ]sided )?(?:dice|die)\b|\b(?P<n2>\d*)d(?P<s2>\d+)\b"


def _dice_in(said: str) -> tuple[int, int, str] | None:
    """The number of dice and of their sides, and the text without them."""
    found = list(re.finditer(_DICE, said))
    if not found:
        return None
    sides = {int(size) for part in found if (size := part["s"] or part["s2"])}
    counts = {int(size) for part in found if (size := part["n"] or part["n2"])}
    if len(sides) > 1 or len(counts) > 1:
        raise Unread("dice")
    count, size = counts.pop() if counts else 1, sides.pop() if sides else 6
    if not 1 <= size <= 100 or not 1 <= count <= 60:
        raise ToolError("expected values are computed for 1 to 60 dice with 1 to 100 sides")
    return count, size, re.sub(_DICE, " ", said)


def _space_of(said: str) -> tuple[Space, Fraction] | None:
    """Dice or a coin, and how likely one kind of it is, where nothing else is said."""
    if re.search(r"\bcoins?\b|\bheads?\b|\btails?\b|flips", said):
        return (_coin(), Fraction(1, 2)) if not re.search(r"biased|unfair|weighted|loaded", said) else None
    if re.search(r"\bdice\b|\bdie\b|\brolls?\b|\drolling|\dd\d", said):
        thrown = _dice_in(said)
        return _faces(thrown[1] if thrown else 6), Fraction(1, thrown[1] if thrown else 6)
    return None


def _waiting(said: str, assumptions: list[str]) -> Request | None:
    """How many trials are needed on average for a kind, for all kinds, or for a run of one kind."""
    if collector := _COLLECTOR.search(said):
        left = f"{said[: collector.start()]} {said[collector.end() :]}"
        if not _known(
            left,
            _ROLL
            | filler(
                "boxes packs purchases coupons cards buy must you needed each equally likely box pack contains cereal is number average mean of to"
            ),
        ):
            return None
        assumptions.append("every one is equally likely each time")
        return Ask("collecting", (Number(Fraction(next(int(size) for size in collector.groups() if size))),))
    found = _WAIT.search(said)
    if found is None or not re.search(
        r"\b(?:until|to (?:get|see|roll|obtain|observe|throw|flip|toss|have)|needed|required|before|for|it takes)\b",
        found["rest"],
    ):
        return None
    rest = re.sub(
        r"\b(?:of (?:a |the )?(?:fair )?(?:coin|die|dice)|needed|required|it takes|until|before|to (?:get|see|roll|obtain|observe|throw|flip|toss|have)|you (?:get|see|roll|obtain|flip)|for|with (?:a |1 )?(?:fair )?(?:\d+[- ]sided )?(?:die|dice|coin)|(?:on|of|rolling|flipping|tossing) (?:a |an )?(?:fair )?(?:\d+[- ]sided )?(?:die|dice|coin)|appears?|comes? up|shows? up|the first|first|at least 1 times|is rolled|of 1|is|the|a (?:fair )?(?:\d+[- ]sided )?(?:coin|die)|each at least once)\b",
        " ",
        found["rest"],
    )
    space = _space_of(said)
    if space is None or not _known(said[: found.start()], _ROLL):
        return None
    rest = " ".join(re.sub(r"[.,?;|]", " ", rest).split())
    kinds = len(space[0].weights)
    if every := re.fullmatch(
        r"(?:all|every|each)(?: of)?(?: (\d+))?(?: possible| different)?(?: (?:faces?|numbers?|sides?|outcomes?|values?))?(?: (?:(?:>= )?1 times|at least 1 times))?",
        rest,
    ):
        if every[1] and int(every[1]) != kinds:
            raise Unread(every[1])
        return Ask("collecting", (Number(Fraction(kinds)),))
    run = re.fullmatch(r"(\d+) (?:running )?(.+?)(?: running)?", rest)
    length = 1
    if run and "running" in rest:
        length, rest = int(run[1]), run[2]
    elif run and re.fullmatch(r"\d+ (?:heads|tails|\d+s)", rest):
        members = named_kinds(run[2], space[0])
        return Ask("waiting", (Number(Fraction(len(members), kinds)), Number(Fraction(int(run[1])))), ("any",))
    members = named_kinds(rest, space[0])
    return Ask("waiting", (Number(Fraction(len(members), kinds)), Number(Fraction(length))), ("run",))


def _number_of(said: str, kind: str, assumptions: list[str]) -> Request | None:
    """`expected number of heads in 10 tosses`."""
    found = re.search(
        r"(?:expected|mean|average|variance of the|standard deviation of the)(?: value of the)? number of (?P<what>.+?) (?:in|when|if|from|for|with|on|after|obtained|you|that)\b(?P<rest>.*)",
        said,
    )
    if found is None or not _known(said[: found.start()], _ROLL):
        return None
    if re.search(r"\b(?:coin|heads?|tails?)\b", said):
        chance = re.search(
            rf",? ?(?:with |where |if |has |having |and )*(?:the |a )?(?:probability|chance) (?:of )?(?P<side>heads?|tails?) (?:is|of|being|=)? ?(?P<p>{VALUE})|(?:with |where |if |has |having )*(?:a )?(?:probability|chance) (?P<p2>{VALUE}) of (?P<side2>heads?|tails?)|lands? (?:on )?(?P<side3>heads?|tails?) (?:with probability )?(?P<p3>{VALUE})(?: of the time)?",
            found["rest"],
        )
        share: Fraction | None = None
        rest = found["rest"]
        if chance:
            side, value = next((chance[f"side{end}"], chance[f"p{end}"]) for end in ("", "2", "3") if chance[f"p{end}"])
            share = number_node(value).value
            share = 1 - share if side.startswith("t") else share
            rest = rest.replace(chance[0], " ")
        elif re.search(r"biased|unfair|weighted|loaded", said):
            raise ToolError("say how biased the coin is: a coin with probability 0.6 of heads")
        members = named_kinds(found["what"], _coin())
        heads = Fraction(1, 2) if share is None else share
        one = sum((heads if kind_ == 0 else 1 - heads for kind_ in members), Fraction(0))
        decimal = share is not None
    else:
        space = _space_of(said)
        if space is None:
            return None
        members = named_kinds(found["what"], space[0])
        one, decimal, rest = Fraction(len(members), len(space[0].weights)), False, found["rest"]
    counts = re.findall(r"(?<![\d.-])\d+(?![\d.]|-? ?sided)", rest)
    left = re.sub(r"\b\d+(?:[- ]sided)?", " ", rest)
    if len(counts) != 1 or not _known(left, _ROLL | filler("biased unfair with that")):
        return None
    return Ask("expected number", (Number(Fraction(int(counts[0]))), Number(one, decimal)), (kind,))


_MONEY = r"(?P<{0}>\d+(?:\.\d+)?)(?: dollars?| euros?| pounds?| points?)?"
_OUTCOME = LatePattern(
    rf"(?P<deed>\b(?:wins?|gains?|gets?|receives?|pays?(?: you| out)?|earns?|winning|loses?|losing|lose|must pay|paid)) (?:a prize of |a )?(?:{_MONEY.format('m')}|(?P<nothing>nothing|0))"
    rf"(?: (?:(?:with|at) (?:a )?(?:probability|chance)(?: of)?(?: being)? ?(?P<p>{VALUE})|with (?:a )?(?P<p2>{VALUE}) (?:chance|probability)|(?P<p3>{VALUE}) of the time|(?P<other>otherwise|if not|if it does not|in all other cases|other)|(?:if|when|for) (?P<event>[^.,;?]+?)(?= and |,|\.|;|\?|$)))"
    rf"|(?:if|when|for) (?P<event2>(?:it is |it lands (?:on )?|it comes up |it shows |you (?:roll|get|flip|toss|throw) |the (?:die|coin|result) (?:is|shows|lands(?: on)?|comes up) )?[^.,;?]+?),? (?:then )?(?:you |i |we |the player )?(?P<deed2>wins?|gains?|gets?|receives?|earns?|loses?|lose|pays?) {_MONEY.format('m2')}(?=[ .,;?]|$)"
    rf"|(?:otherwise|else|if not),? (?:you |i |we |the player )?(?P<deed3>wins?|gains?|gets?|receives?|earns?|loses?|lose|pays?) (?:{_MONEY.format('m3')}|(?P<nothing3>nothing))"
    rf"|(?:,|;|\band|\bor)+ (?:and |or )?{_MONEY.format('m5')} with (?:a )?(?:probability|chance)(?: of)? ?(?P<p5>{VALUE})"
    rf"|\b(?P<p4>{VALUE}) (?:chance|probability) (?:of|to) (?P<deed4>winning|gaining|losing|win|lose|getting|earning) {_MONEY.format('m4')}"
)
_COST = LatePattern(
    rf"(?:costs?|price(?: of a ticket)? is|you pay|entry fee(?: is| of)?) {_MONEY.format('c')}(?: to play| per ticket| to enter| per game| for a ticket| each)?"
)


def _game(said: str, kind: str) -> Request | None:
    """What a game brings: amounts with their probabilities, less what it costs to play."""
    found = list(_OUTCOME.finditer(said))
    if not found:
        return None
    left = _OUTCOME.sub(" ", said)
    cost = _COST.search(left)
    left = _COST.sub(" ", left)
    pairs: list[tuple[Number, Number | None]] = []
    sign = 1
    for part in found:
        deed = next((part[f"deed{end}"] for end in ("", "2", "3", "4") if part[f"deed{end}"]), "")
        amount = next((part[f"m{end}"] for end in ("", "2", "3", "4", "5") if part[f"m{end}"]), "0")
        value = number_node(amount)
        if deed == "pays" and not (
            cost
            or re.search(r"\b(?:game|ticket|it|machine|bet|lottery|slot)(?: that| which)? ?$", said[: part.start()])
        ):
            raise Unread(deed)
        if deed:  # an amount without a verb follows the one before it
            sign = -1 if re.match(r"los|must|paid|pay$", deed) else 1
        share = next((part[f"p{end}"] for end in ("", "2", "3", "4", "5") if part[f"p{end}"]), None)
        event = part["event"] or part["event2"]
        chance = number_node(share) if share else _chance_of(event, said) if event else None
        pairs.append((Number(sign * value.value, value.decimal), chance))
    known = [chance.value for _, chance in pairs if chance is not None]
    rest = 1 - sum(known, Fraction(0))
    if sum(chance is None for _, chance in pairs) > 1 or (rest < 0):
        raise ToolError(f"the probabilities sum to {sum(known)}, not to 1")
    full: list[tuple[Number, Number]] = [
        (value, Number(rest, True) if chance is None else chance) for value, chance in pairs
    ]
    if len(known) == len(pairs) and rest > 0 and not (cost or len(full) == 1):
        raise ToolError(f"the probabilities sum to {sum(known)}, not to 1; say what happens otherwise")
    if len(known) == len(pairs) and rest > 0:
        full.append((Number(Fraction(0)), Number(rest)))
    if cost:
        less = number_node(cost["c"]).value
        full = [(Number(value.value - less, value.decimal), chance) for value, chance in full]
    left = re.sub(_DICE, " ", _MEASURE.sub(" ", left, count=1))
    return _ask(full, kind) if _known(left, _PLAY | filler("expected")) else None


def _chance_of(event: str, said: str) -> Number:
    space, thrown = _space_of(said), _dice_in(said)
    if space is None or (thrown and thrown[0] != 1):
        raise Unread(event)
    text = re.sub(
        r"\b(?:you|it|the|die|coin|result|roll|rolls|rolled|get|flip|toss|throw|is|lands|land|on|comes up|shows|number)\b",
        " ",
        event,
    )
    members = named_kinds(text, space[0])
    return Number(Fraction(len(members), len(space[0].weights)))


def _thrown(said: str, kind: str) -> Request | None:
    """The sum, product, highest or lowest of dice."""
    thrown = _dice_in(said)
    if thrown is None:
        return None
    count, sides, left = thrown
    quantity = re.search(
        r"\b(?:(product)|(highest|maximum|max|largest|higher)|(lowest|minimum|min|smallest|lower)|(difference))\b", left
    )
    name = ("product", "highest", "lowest", "difference")[(quantity.lastindex or 1) - 1] if quantity else "sum"
    times = re.search(r"\b(\d+) (?:times|rolls|throws)\b", left)
    if times:
        if count > 1:
            raise Unread("times")
        count, left = int(times[1]), left.replace(times[0], " ")
    left = _MEASURE.sub(" ", left.replace(quantity[0], " ") if quantity else left)
    left = re.sub(r"\b(?:expected|of the|absolute|value)\b", " ", left)
    if not _known(left, _ROLL):
        return None
    return Ask("expected throw", (Number(Fraction(count)), Number(Fraction(sides))), (name, kind))
