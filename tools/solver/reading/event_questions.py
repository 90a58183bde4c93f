# ruff: noqa: E501  a pattern is read more easily on one line
"""What is asked of chance: the question in a text, its event and condition, how many are drawn, and whether they go back.

What is left of a text beside these must consist of words that change nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from .event_words import DROPPED, LatePattern, Space, Tree, Unread, compressed, filler
from .events import EventParser
from .syntax import Ask, Number, Sequence

HINTS = ("prob", "chance", "likel", "odds", "p(")
TAKEN = r"(?:drawn|picked|selected|chosen|taken|removed|pulled|sampled|grabbed|dealt|tested|inspected)"
_TAKE = r"(?:draw|pick|select|choose|take|grab|remove|pull|deal|drew|chose|took|eat|ate|buy|bought|test|inspect|picked|selected|drawing|picking|selecting|choosing|taking|grabbing|pulling|dealing)(?:s|es)?"
HOLDERS = (
    "bag urn box jar drawer basket bowl container hat sack pouch bin lot shipment batch class classroom group team club company crate carton packet"
    " package committee tray purse pocket wallet room sample set jury delegation panel crew squad council board selection pool collection deck shop store warehouse"
)
_BACK = LatePattern(
    r"(?:(?:and|which|it|that|the (?:1 |first )?(?:ball|card|marble|one)?|the first) ?)*(?P<kept>\bwith(?:out|(?= no)) (?:any |no )?(?:replacement|replacing(?: (?:it|them|any|the \w+))?|(?:putting|returning) (?:it|them|the \w+)(?: back)?)"
    r"|\b(?:is|are|being|was|do|does)? ?(?:not|never) (?:being |be )?(?:replaced?|put back|returned?)(?: it)?|\bwith no replacement)"
    r"|(?:(?:and|which|then|it|after|the (?:first )?(?:ball|card|marble)) ?)*(?P<back>\bwith replacement|\breplacing (?:it|them|the \w+)(?: each time| after each (?:draw|pick))?|\b(?:is|are|was|being)? ?(?:then )?(?:replaced|put back|returned)(?: each time| after each (?:draw|pick))?(?: (?:to|in|into) the \w+)?"
    r"(?: (?:and|before) (?:a|the|drawing|picking)(?: a)? (?:second|next)(?: (?:ball|card|marble|draw))?(?: is drawn| is picked| is taken)?)?)"
)
NOISE = LatePattern(
    r"\b(?:at the same time|at once|in turn|all together|in a single draw|without looking|at random|simultaneously|together|one by one|after each other|successively|(?:its |the )?color (?:is |was )?(?:noted|recorded|observed)|1 after (?:the other|another)|1 by 1|1 at a time)\b"
)
_CHANCE = r"(?:(?:what|how|whats|find|determine|calculate|compute|give|state) (?:is |are |s )?)?(?:the |a )?(?:approximate |exact )?(?:percent )?"
QUESTION = LatePattern(
    rf"{_CHANCE}\b(?:odds (?P<form>in favou?r of|for|against)|prob(?:ability|abilities)?\b|chances?\b|likelihood\b|odds\b)(?: (?:of|that|for|to|in|is)\b)*|how likely (?:is it|are you|am i|are we)(?: (?:that|to))?|how likely is|\bp ?\((?P<inside>[^()]*)\)"
)
_GIVEN = LatePattern(
    r",? ?\b(?:given|if (?:it is|you|we|i) (?:are told|known?)|if it is known|knowing|assuming|provided|if we know|on condition)(?: that)?\b(?P<given>[^.?!]+)|,? \bif (?P<whether>(?:the |at )?(?:first|second|last|>=|1 |both |they)[^.?!,]+)"
)
_SETTING = filler(
    f"{HOLDERS} pack closet hand 1 a an and , . ; : ? | ! what find calculate compute"
    " determine suppose let if then now after another each identical sized total only well mixed shuffled equally likely whats how give"
    " must being formed form made up randomly opaque large small blind blindly closed standard ordinary regular fair different the"
    " there're bags school office store warehouse factory - ( ) by as but have has had contains consider assume same-size given question"
    " tell me please exactly looking experiment staff department"
)
THROWN = filler(
    "die dice roll rolls rolling rolled throw throws throwing thrown toss tosses tossing tossed flip flips flipping flipped cast coin coins number numbers"
    " face faces value values side sides score scores dot dots pip pips spot spots result results upper top facing shown rolled uppermost"
    " once time every outcome fair sided facing land"
)


@dataclass
class Question:
    """The parts of a text: what comes before and after the question, the event, what is given, and the wish for odds."""

    setting: str
    event: str
    given: str
    form: str


def asked(text: str) -> Question | None:
    """Find what is asked in a spoken text; `None` if no probability is."""
    found = QUESTION.search(text)
    if found is None:
        return None
    refuse_multiples(text)
    form = {"against": "against", None: ""}.get(found["form"], "for")
    if found["inside"] is not None:
        event, after = found["inside"].replace("|", " given "), text[found.end() :]
    else:
        event, *rest = re.split(r"[.?!;](?=\s|$)", text[found.end() :], maxsplit=1)
        after = rest[0] if rest else ""
    before = text[: found.start()]
    if not re.search(r"\w", event):  # `exactly 2 sixes in 5 rolls: probability`
        before, _, event = before.rpartition(".")
    setting = f"{before} . {after}"
    given = ""
    for condition in _GIVEN.finditer(event):
        given = condition["given"] or condition["whether"]
        event = event[: condition.start()] + " " + event[condition.end() :]
        break
    return Question(setting, " ".join(event.split()), given, form)


def refuse_multiples(said: str) -> None:
    """Check that no multiple of a probability is asked for.

    Raises:
        Unread: for `twice the probability`.
    """
    if multiple := re.search(r"\b\d+ times (?=the\b|as\b|more\b|that\b|prob|chance)", said):
        raise Unread(multiple[0].strip())


def ask_draws(
    space: Space, drawn: int, back: bool | None, question: Question, assumptions: list[str], decimals: bool = False
) -> Ask:
    """The request for a question whose event is about draws from this space.

    Raises:
        Unread: for a word that is not understood.
    """
    noted: list[str] = []
    for part in ("event", "given"):
        told = re.sub(
            r"\b(?:out )?of (?:the |these |those |all )?(\d+)\b",
            lambda found: " " if int(found[1]) == drawn else found[0],
            getattr(question, part),
        )
        setattr(question, part, told)
    parser = EventParser(question.event, space, drawn, noted)
    event = parser.event()
    given: Tree | None = None
    if question.given:
        condition = EventParser(question.given, space, drawn, noted)
        if condition.tokens:
            given = condition.event()
            drawn = max(parser.drawn, condition.drawn)
            noted = []
            event = EventParser(question.event, space, drawn, noted).event()
            given = EventParser(question.given, space, drawn, noted).event()
            parser.drawn = drawn
    weights, (event, given) = compressed(space, event, given)
    if back is None and parser.drawn > 1:
        assumptions.append("without replacement")
    assumptions += noted
    nodes = (Sequence(tuple(Number(weight, decimals) for weight in weights)), Number(Fraction(parser.drawn)))
    words = ("back" if back else "kept", json.dumps(event), json.dumps(given) if given else "", question.form)
    return Ask("draws", nodes, words)


def require_known(setting: str, known: frozenset[str]) -> None:
    """Check that what is left of a text changes nothing.

    Raises:
        Unread: naming the first word that may.
    """
    for word in re.findall(r"[a-z]+(?:[-'][a-z]+)*|\S", setting):
        if word not in known and word not in DROPPED and word not in _SETTING:
            raise Unread(word)


def condition_before(question: Question, space: Space) -> Question:
    """`The first ball is red. What is the probability that the second is red?`: what is known stands before."""
    kept: list[str] = []
    for part in re.split(r"[.;](?=\s|$)|,(?= what| find)", question.setting):
        told = re.sub(r"^\W*and\b", "", part.strip()).strip()
        said = re.sub(
            r"^\W*(?:given(?: that)?|if|suppose(?: that)?|knowing that|(?:it is|we are|you are|we|you) (?:known|given|know|told) that)\b",
            "",
            told,
        ).strip()
        spoken_of = any(word in space.words for word in re.findall(r"[a-z]+", said))
        if space.numbers:
            spoken_of = bool(re.search(r"\b(?:is|are|was|shows?|lands|showed|were)\b", f"{said} "))
        # `one is red` in a story may be any one; only a place, or a sentence without a number, says what is known.
        certain = said != told or re.search(r"\b(?:first|second|third)\b", said) or not re.search(r"\d|[<>=]", said)
        if not question.given and spoken_of and certain:
            question.given = said.strip(" ,|")
        else:
            kept.append(part)
    question.setting = " . ".join(kept)
    return question


def replacement(said: str) -> tuple[bool | None, str]:
    """Whether what is drawn goes back, `None` if it is not said, and the text without that."""
    found = list(_BACK.finditer(said))
    ways = {bool(match["back"]) for match in found}
    if len(ways) > 1:
        raise Unread("replaced")
    return (ways.pop() if ways else None), _BACK.sub(" ", said)


@lru_cache(maxsize=32)
def _drawing(nouns: frozenset[str]) -> list[re.Pattern[str]]:
    noun = "(?:" + "|".join(sorted(map(re.escape, nouns), key=len, reverse=True)) + ")"
    who = r"(?:(?:if |when |suppose |and |then |that )*(?:you|we|i|he|she|someone|somebody|a person|a student|a customer|an inspector|a teacher|a manager|they|alice|bob) )?(?:(?:randomly|then|blindly|will|must|reaches? in and) )*"
    group = r"(?:committee|team|group|sample|hand|jury|set|selection|handful|delegation|panel|crew|squad|subcommittee|subset|council)"
    return [
        re.compile(pattern)
        for pattern in (
            rf"(?:,? ?(?:and|then) )*(?:a |the )?(?P<second>second|another)(?: 1)?(?: {noun})? (?:is|was) (?:then )?(?:randomly )?{TAKEN}",
            rf"{who}\b{_TAKE}(?: out)?(?: randomly)? (?P<n>\d+|a|an)(?: of (?:them|these|the|those))?(?: {noun}){{0,2}}(?= ?(?:[,.;:|?]|from|and|that|what|if|with|are|is|out|one|which|in|$))",
            rf"(?:if |when |suppose |and |then )*\b(?P<n>\d+|a|an)(?: randomly)?(?: (?:different|other))?(?: of (?:them|these|the|those))?(?: {noun}){{0,2}}(?: (?:is|are|were|was|be|get))?(?: to be)?(?: then| each| both)?(?: randomly)? {TAKEN}(?: out| randomly)*",
            rf"(?:a |an |the )?{group} of (?:size )?(?P<n>\d+)(?: {noun}){{0,2}}(?: (?:is|are|be|to be)(?: randomly)? (?:{TAKEN}|formed))?",
            rf"(?:a |an |the )?(?P<n>\d+)[- ](?:person|member|card|people|man) {group}(?: (?:is|are|be|to be)(?: randomly)? (?:{TAKEN}|formed))?",
            r"(?:in |with |over )?(?:a )?(?P<n>\d+) (?:draws?|picks?|selections?|times|trials)",
            rf"^(?:if |given )?(?P<n>\d+) {noun} ?(?=[:,;])",
        )
    ]


def number_drawn(said: str, space: Space, nouns: frozenset[str]) -> tuple[int, str]:
    """How many are drawn, 0 if it is not said, and the text without that."""
    numbers: list[int] = []
    refuse_multiples(said)
    second, repeated, question = False, re.search(r"\b\d+ times\b", said), QUESTION.search(said)
    for pattern in _drawing(frozenset(nouns - space.words.keys())):
        while found := pattern.search(said):
            following = re.match(r"[ ,]*(?:are |is )?(\S+)", said[found.end() :])
            if "second" in pattern.groupindex:
                second = True
            elif following and following[1] in space.words and not re.match(r" ?(?:are|is|,)", said[found.end() :]):
                break
            else:
                numbers.append(int(found["n"]) if found["n"].isdigit() else 1)
            said = (
                f"{said[: found.start()]} they {said[found.end() :]}"
                if re.match(r" (?:are|is) \w", said[found.end() :])
                else f"{said[: found.start()]} | {said[found.end() :]}"
            )
    different = {number for number in numbers if number > 1}
    if len(different) > 1 or (different and second):
        raise Unread("drawn")
    if repeated and (
        len([number for number in numbers if number > 1]) > 1
        or (1 not in numbers and question and question.end() < repeated.start())
    ):  # `two aces twice`
        raise Unread(repeated[0])
    said = re.sub(r"\b(\d+) of (?:the )?\s*they\b", r"\1", said)
    return (2 if second else max(numbers, default=0)), said
