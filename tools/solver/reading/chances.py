# ruff: noqa: E501  a pattern is read more easily on one line
"""Dice and coins in one or several sentences; the door to all questions of chance that are no draws.

`two 8-sided dice, sum of at least 10`, `at least one six in 4 rolls`, `flip 10 coins, probability of exactly 6 heads`. What is thrown and how often is found anywhere in the text; every other
word must be one that changes nothing. Lotteries, odds, tests and expected values have rooms of their own.
"""

from __future__ import annotations

import json
import re
from fractions import Fraction

from ...errors import ToolError
from .clauses import TextReader
from .event_questions import HINTS, QUESTION, THROWN, Question, ask_draws, asked, condition_before, require_known
from .event_words import LatePattern, Space, Tree, Unread, filler, joined, spoken
from .events import EventParser, named_kinds
from .evidence import read_evidence
from .expected_values import read_expected_value
from .labels import number_node
from .lotteries import birthdays, guesses, lottery, number_at_random
from .odds import VALUE, read_odds
from .syntax import Ask, Number, Request

MOST_SIDES = 100
_TELLING = LatePattern(
    r"\bdice\b|\bdie\b|\d ?d\d|\bd\d|coin|heads?\b|tails?\b|roll|snake|birthday|lotter|lotto|jackpot|number|integer|numbered|spinner|guess|true[/ -]",
    re.IGNORECASE,
)
_PLAIN = r"(?:(?:fair|standard|ordinary|regular|normal|usual|unbiased|balanced|different|identical|distinguishable|independent|perfect|cubical|colored|common)[, ]+(?:and )?)*"
_THROW = r"(?:roll|throw|toss|flip|cast|rolled|thrown|tossed|flipped|rolling|throwing|tossing|flipping|rolls|throws|tosses|flips)\b"
_SIDES = r"(?:(?P<s>\d+)[- ]?(?:sided|faced|side)[, ]+)?"
_DIE = LatePattern(
    rf"(?P<verb>(?:{_THROW}|with|using|on|of|from) )?(?P<op>[<>=]=? |both |all |each |neither |1 of )?(?:\b(?P<short>\d*) ?d(?P<s0>\d+)\b|\b(?:(?P<n>\d+) |(?P<a>a|an|the|each|every) )?{_PLAIN}{_SIDES}{_PLAIN}(?P<die>dice|die)\b(?: (?:with|having) (?P<s2>\d+) (?:sides|faces))?)"
    rf"(?:,? ?(?:with (?:faces|sides) )?(?:numbered|labell?ed) (?:from )?1 (?:to|through|-) (?P<s3>\d+))?(?P<after> (?:are|is|were|was) {_THROW}| (?:rolls|throws))?"
)
_TIMES = LatePattern(
    r"(?:(?:in|on|over|from|after|out of|when|if) )?(?:(?:rolling|tossing|flipping|throwing) )?(?:it )?(?P<op>[<>=]=? )?\b(?P<n>\d+) (?:independent |successive |fair |more )?(?:times|rolls|throws|tosses|flips|(?:coin|die|dice) (?:rolls|throws|tosses|flips))\b(?: of)?"
)
_COIN = LatePattern(
    rf"(?P<op>[<>=]=? )?\b(?:(?P<n>\d+) |(?:a|an|the|each) )?{_PLAIN}(?P<biased>(?:biased|unfair|weighted|loaded|bent) )?{_PLAIN}coins?\b(?: (?P<after>tosses|flips|throws))?"
)
_HEADS = r"(?:a )?(?P<side>heads?|tails?|h|t)"
_BIAS = LatePattern(
    rf"(?:(?:,? ?(?:with|where|and|whose|that has|has|having|for which|if) )*(?:the |a )?(?:probability|chance|prob) (?:of |for )?(?:getting |landing |obtaining |tossing |flipping )?(?:on )?{_HEADS}(?:(?: (?:is|being|of)| ?[=:]) ?|,? (?=0?\.\d|\d+ ?%|\d+ ?/))(?P<p>{VALUE}))"
    rf"|(?:(?:,? ?(?:with|where|and|that has|has|having) )*(?:a |an )?(?:probability |chance |prob )?(?:of |= ?)?(?P<p2>{VALUE}) ?(?:probability |chance )?(?:of|for|to) (?:getting |landing |land |come up |coming up |showing |show )*(?:on )?{_HEADS.replace('side', 'side2')})\b(?! in)"
    rf"|(?:(?:that|which) )?(?:it )?(?:lands?|comes? up|shows?|falls?|turns? up|landing|coming up) (?:on )?{_HEADS.replace('side', 'side3')} (?:with (?:a )?(?:probability|chance) (?:of |= ?)?)?(?P<p3>{VALUE})(?: of the time)?"
    rf"|\bp ?\( ?{_HEADS.replace('side', 'side4')} ?\) ?(?:=|is) ?(?P<p4>{VALUE})"
    rf"|(?:{_HEADS.replace('side', 'side5')} (?:is|are|being)? ?(?P<ratio>twice|\d+ times) (?:as|more) likely (?:to (?:come up|land|occur|appear|show) )?(?:as|than) (?:tails?|heads?))"
)
_QUANTITIES = {
    "sum": r"sums? to|adds? (?:up )?to|adding (?:up )?to|add up|totals?|totall?ing|sums?|combined (?:score|total)",
    "product": r"products?|multiply to",
    "difference": r"(?:absolute )?differences?|differ by",
    "highest": r"highest|largest|greatest|maximum|max|biggest",
    "lowest": r"lowest|smallest|least|minimum|min",
}
_QUANTITY = LatePattern(r"\b(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _QUANTITIES.items()) + r")\b")
_OF_NUMBERS = LatePattern(
    r"\b(?:of|between|on|from|for|in) (?:the |their |all |both |these )*(?:(\d+) )?(?:upper |top )?(?:numbers|faces|values|dice|rolls|scores|dots|pips|spots|outcomes|results|throws|upward faces)(?: (?:shown|rolled|thrown|showing|obtained|that come up|on (?:the )?(?:\d+ )?dice))?\b"
)
_SETTING = filler(
    "probability fair unbiased coin coins die dice it once are rolled each time pair together independently sides faces times numbered likely equal sections divided into"
)


def read_throws(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about what is thrown, chosen or guessed at random; `None` for everything else."""
    lowered = text.lower()
    if not any(word in lowered for word in (*HINTS, "birthday")) or not _TELLING.search(lowered):
        return None
    said = spoken(" ".join(text.split()))
    noted: list[str] = []
    try:
        request = None
        for read in (birthdays, lottery, guesses, _coins, _dice, number_at_random):
            if request := read(said, noted):
                break
    except Unread as unread:
        if not QUESTION.search(said):
            return None
        what = (
            f"{unread.args[0]!r} cannot be read in this question of chance"
            if unread.args[0]
            else "the event is missing"
        )
        raise ToolError(
            f"{what}; write for example: probability of at least one six in 4 rolls, or: flip 10 coins, probability of exactly 6 heads"
        ) from None
    if request:
        assumptions += noted
    return request


# Dice


def _dice(said: str, assumptions: list[str]) -> Request | None:
    pair = "both 1" if re.search(r"\bdice\b", said) else "2 1s with 2 dice"
    said = re.sub(r"\bsnake eyes\b", pair, re.sub(r"\bboxcars\b", pair.replace("1", "6"), said))
    if not re.search(r"\bdice\b|\bdie\b|\bd\d+\b|\d ?d\d", said):
        if not re.search(r"\broll(?:s|ed|ing)?\b", said):
            return None
        assumptions.append("a fair die with 6 sides")
        times, left = _times(said)
        thrown = (times, 6, left)
    else:
        thrown = _dice_thrown(said)
    if thrown is None:
        return None
    drawn, sides, left = thrown
    question = asked(left)
    if question is None:
        return None
    space = _faces(range(1, sides + 1))
    question = condition_before(question, space)
    require_known(question.setting, THROWN | _SETTING)
    if (
        drawn == 1
        and not re.search(r"\b1 times\b", said)
        and re.search(r"\b(?:second|third|2nd|3rd|then|running)\b", question.event)
    ):
        drawn = 0
    quantity = _QUANTITY.search(question.event) or _QUANTITY.search(question.given)
    if quantity or (drawn != 1 and _is_sum(question, space, drawn, sides, assumptions)):
        if not drawn:
            raise Unread("how many dice")
        return _ask_dice(question, space, drawn, sides, assumptions)
    if on_all := re.search(
        r"\b(?:on|with|in|for) (?:both|all|each|every)\b(?: (?:of the )?(?:dice|rolls|throws|die))?\s*$",
        question.event,
    ):
        question.event = f"all {_without_verbs(question.event[: on_all.start()])}"
    question.event = re.sub(r"\bdouble (?=\d)", "all ", question.event)
    running = re.fullmatch(r"\s*(?:of )?(?:getting |rolling )?(?:>= )?(\d+) (.+?) running\s*", question.event)
    if running and int(running[1]) < drawn:
        if question.given:
            raise Unread("given")
        members = named_kinds(running[2], space)
        return Ask(
            "run",
            (Number(Fraction(int(running[1]))), Number(Fraction(drawn)), Number(Fraction(len(members), sides))),
            (question.form,),
        )
    request = ask_draws(space, drawn, True, question, assumptions)
    if not drawn and re.search(r"\bdice\b", said) and request.args[1] == Number(Fraction(1)):
        raise Unread("how many dice")
    return request


def _without_verbs(text: str) -> str:
    return re.sub(r"\b(?:rolling|getting|throwing|obtaining|of|a|an)\b", " ", text).strip()


def _dice_thrown(said: str) -> tuple[int, int, str] | None:
    """How many dice are thrown in all, 0 if it is not said, how many sides they have, and the text without that."""
    mentions = [
        found
        for found in _DIE.finditer(said)
        if not (found["op"] and found["op"].strip() not in ("all", "both", "each"))
    ]
    if not mentions:
        return None
    sides = {int(size) for found in mentions for key in ("s", "s0", "s2", "s3") if (size := found[key])}
    sizes = {
        found: int(found["n"] or found["short"] or 0) or (1 if found["a"] in ("a", "an") or found["short"] == "" else 0)
        for found in mentions
    }
    numbers = {size for size in sizes.values() if size > 1}
    if not numbers and any((found["op"] or "").strip() == "both" for found in mentions):
        numbers = {2}
    if len(numbers) > 1:
        numbers = {size for found, size in sizes.items() if size > 1 and (found["verb"] or found["after"])}
    if len(sides) > 1 or len(numbers) > 1:
        raise Unread("dice")
    count = numbers.pop() if numbers else max(sizes.values())
    left, end = "", 0
    for found in mentions:
        left += said[end : found.start()]
        if sizes[found] > 1 and sizes[found] != count:
            left += found[0]
        elif found["op"]:
            left += f" {found['verb'] or ''}{found['op']} "
        elif found["a"] in ("the", "each", "every"):
            left += f" {found['a']} die "
        else:
            left += " "
        end = found.end()
    left += said[end:]
    if not count and any(found["die"] == "die" for found in mentions):
        count = 1
    times, left = _times(left)
    if times > 1 and count > 1:
        raise Unread(f"{times} times")
    size = sides.pop() if sides else 6
    if not 1 <= size <= MOST_SIDES:
        raise ToolError(f"dice have 1 to {MOST_SIDES} sides here; {size} is outside")
    return max(count, times), size, left


def _times(text: str) -> tuple[int, str]:
    numbers = [found for found in _TIMES.finditer(text) if not found["op"]]
    different = {int(found["n"]) for found in numbers}
    if len(different) > 1:
        raise Unread("times")
    for found in reversed(numbers):
        text = f"{text[: found.start()]} {text[found.end() :]}"
    return (different.pop() if different else 0), text


def _faces(numbers: range) -> Space:
    each = tuple(frozenset({kind}) for kind in range(len(numbers)))
    return Space(
        (Fraction(1),) * len(numbers),
        {},
        dict.fromkeys(filler("number numbers face faces value side result"), each),
        THROWN,
        tuple(numbers),
    )


def _is_sum(question: Question, space: Space, drawn: int, sides: int, assumptions: list[str]) -> bool:
    """Whether a number is asked for that only the sum of the dice can be."""
    parser = EventParser(question.event, space, drawn, [])
    test = parser.whole_number_test()
    bounds = [int(number) for number in re.findall(r"\d+", json.dumps(test))] if test else []
    if not bounds or min(bounds) <= sides:
        return False
    assumptions.append("the sum of the dice is meant")
    question.event = f"sum {question.event}"
    return True


def _ask_dice(question: Question, space: Space, drawn: int, sides: int, assumptions: list[str]) -> Request:
    event = _dice_event(question.event, space, drawn, assumptions)
    given = _dice_event(question.given, space, drawn, assumptions) if question.given else None
    words = (json.dumps(event), json.dumps(given) if given else "", question.form)
    return Ask("dice", (Number(Fraction(drawn)), Number(Fraction(sides))), words)


def _dice_event(text: str, space: Space, drawn: int, assumptions: list[str]) -> Tree:
    """An event in which a sum or the like may stand beside single faces: `sum is 7 or a double`."""
    if quantity := _QUANTITY.search(text):
        for size in _OF_NUMBERS.findall(text):
            if size and int(size) != drawn:
                raise Unread(size)
        without = _OF_NUMBERS.sub(" ", f"{text[: quantity.start()]} {text[quantity.end() :]}")
        try:
            parser = EventParser(re.sub(r"^\s*(?:that )?(?:the )?(?:a |an )?", "", without), space, drawn, [])
            if test := parser.whole_number_test():
                return ["value", quantity.lastgroup, test]
        except Unread:
            pass
        for link in ("or", "and"):
            parts = re.split(rf",? \b{link}\b ", text)
            for cut in range(1, len(parts)):
                try:
                    both = [f" {link} ".join(parts[:cut]), f" {link} ".join(parts[cut:])]
                    return joined(link, [_dice_event(part, space, drawn, assumptions) for part in both])
                except Unread:
                    continue
        raise Unread(quantity[0])
    return EventParser(text, space, drawn, assumptions).event()


# Coins


def _coins(said: str, assumptions: list[str]) -> Request | None:
    if not re.search(r"\bcoins?\b|\bheads?\b|\btails?\b", said) or re.search(r"\bdice\b|\bdie\b", said):
        return None
    said = re.sub(r"\b(heads?|tails?) ((?:[<>]?=? )?\d+) times\b", r"\2 \1", said)
    said = re.sub(r"\b(heads|tails) ((?:[<>]=?|=) \d+)(?! times)\b", r"\2 \1", said)
    said = re.sub(
        r"\b(?:the )?number of (heads|tails) (?:obtained |you get )?(?:is |being )?((?:[<>]?=? )?\d+)", r"\2 \1", said
    )
    bias, said = _bias(said)
    drawn, said = _coins_thrown(said, bias is not None)
    question = asked(said)
    if question is None:
        return None
    heads = bias if bias is not None else Fraction(1, 2)
    if bias is None:
        assumptions.append("a fair coin")
    sides = {"head": 0, "heads": 0, "h": 0, "tail": 1, "tails": 1, "t": 1}
    both = (frozenset({0}), frozenset({1}))
    space = Space(
        (heads, 1 - heads),
        {word: both[side] for word, side in sides.items()},
        dict.fromkeys(filler("side sides result face outcome results"), both),
        THROWN,
    )
    question = condition_before(question, space)
    require_known(question.setting, THROWN | _SETTING)
    for key in ("event", "given"):
        setattr(question, key, _sequences(getattr(question, key)))
    running = re.fullmatch(
        r"\s*(?:of )?(?:getting |flipping |tossing |a run of )*(?:>= |a )*(\d+) (?:running )?(heads?|tails?)(?: running)?\s*",
        question.event,
    )
    if running and "running" in question.event and int(running[1]) < drawn:
        if question.given:
            raise Unread("given")
        chance = space.weights[sides[running[2]]]
        return Ask(
            "run",
            (Number(Fraction(int(running[1]))), Number(Fraction(drawn)), Number(chance, bias is not None)),
            (question.form,),
        )
    if re.fullmatch(
        r"\s*(?:of |getting |flipping |tossing )*(?:heads?|tails?) (?:running|each(?: time)?)\s*", question.event
    ):
        question.event = (
            f"all {re.sub(r'(?:of|getting|flipping|tossing|running|each(?: time)?) ?', '', question.event)}"
        )
    if drawn == 0 and re.match(r"\s*(?:of |getting |flipping |tossing )*(?:a )?(?:heads?|tails?)\s*$", question.event):
        drawn = 1
    return ask_draws(space, drawn, True, question, assumptions, bias is not None)


def _coins_thrown(said: str, told: bool) -> tuple[int, str]:
    """How many coins are thrown in all, 0 if it is not said, and the text without that."""
    biased = False
    counts: set[int] = set()
    for found in reversed(list(_COIN.finditer(said))):
        biased |= bool(found["biased"])
        if found["op"]:
            continue
        if found["n"]:
            counts.add(int(found["n"]))
        said = f"{said[: found.start()]} coin {said[found.end() :]}"
    if biased and not told:
        raise ToolError("say how biased the coin is: a coin with probability 0.6 of heads")
    times, said = _times(said)
    counts |= {times} if times else set()
    if len(counts - {1}) > 1:
        raise Unread("times")
    return max(counts, default=0), said


def _bias(said: str) -> tuple[Fraction | None, str]:
    """How likely heads are, if the text says it, and the text without that."""
    found = _BIAS.search(said)
    if found is None:
        return None, said
    parts = {key.rstrip("2345"): value for key, value in found.groupdict().items() if value}
    if parts.get("ratio"):
        times = Fraction(2) if parts["ratio"] == "twice" else Fraction(parts["ratio"].removesuffix(" times"))
        value = times / (times + 1)
    else:
        value = number_node(parts["p"]).value
    if not 0 <= value <= 1:
        raise ToolError(f"a probability lies between 0 and 1; {parts.get('p')} does not")
    return (1 - value if parts["side"].startswith("t") else value), f"{said[: found.start()]} {said[found.end() :]}"


def _sequences(text: str) -> str:
    """`hht` to `heads then heads then tails`."""
    side = {"h": "heads", "t": "tails"}
    text = re.sub(
        r"\b[ht](?:,? ?[ht]){1,19}\b",
        lambda found: " then ".join(side[letter] for letter in re.findall("[ht]", found[0])),
        text,
    )
    return re.sub(r"\b(?:the )?(?:sequence|pattern|order)\b", " ", text)


READERS: list[TextReader] = [read_throws, read_odds, read_evidence, read_expected_value]
