# ruff: noqa: E501  a pattern is read more easily on one line
"""Odds, and the rules of probability: `odds of 3 to 1 as a probability`, `P(A) = 0.5, P(B) = 0.4, P(A and B) = 0.2, find P(A or B)`.

Up to three named events, which may be independent or mutually exclusive; conditional probabilities may be given and asked.
"""

from __future__ import annotations

import json
import re
from fractions import Fraction

from ...errors import ToolError
from .event_words import LatePattern, Unread, filler, spoken
from .labels import number_node
from .syntax import Ask, Node, Number, Request

VALUE = r"(?:\d+(?:\.\d+)?|\.\d+)(?: ?/ ?\d+(?:\.\d+)?| ?%| percent)?"
_ODDS = LatePattern(
    r"\bodds\b(?: (?:are|is|being))?(?: (?P<form>in favou?r|against|for|on))?(?: (?:of|that|it|an? event|the event|a|an|event|winning|success|[A-Z]|occurring|happening|are|is|being|team|horse|the))*[ :]*(?P<a>\d+(?:\.\d+)?) ?(?:to|:|-|/) ?(?P<b>\d+(?:\.\d+)?)(?: (?P<after>in favou?r|against|for|on))?\b"
)
_WISH = LatePattern(r"\bodds\b(?: (?P<form>in favou?r|against|for))?")
_WORDS = filler(
    "the a an of is are as to what find convert into in for it that if with then and given event has have will probability chance chances express write"
    " its corresponding equivalent implied winning win happen happens happening occur occurs occurring this be s whats , . ; : ? | calculate compute give"
    " determine fraction percentage percent decimal success suppose favor favour against being team horse does do which"
)
_MOST_EVENTS = 3


def read_odds(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about odds or about named events; `None` for everything else."""
    lowered = text.lower()
    if "odds" in lowered and (request := _odds(spoken(" ".join(text.split())), assumptions)):
        return request
    if "p(" in lowered or "p (" in lowered or "independent events" in lowered:
        return _rules(" ".join(text.split()))
    return None


def _odds(said: str, assumptions: list[str]) -> Request | None:
    if found := _ODDS.search(said):
        left = f"{said[: found.start()]} {said[found.end() :]}"
        inverted = re.search(r"\b(?:not|losing|lose|loses|failure|fails?)\b", left)
        words = set(re.findall(r"[a-z]+|\S", re.sub(r"\b(?:not|losing|lose|loses|failure|fails?)\b", " ", left)))
        if words - _WORDS or not words & {"probability", "chance", "chances", "percent", "percentage"}:
            return None
        form = found["form"] or found["after"] or ""
        if not form:
            assumptions.append("odds in favor of the event")
        against = (form == "against") != bool(inverted)
        return Ask(
            "odds to chance", tuple(Number(Fraction(found[key])) for key in "ab"), ("against" if against else "for",)
        )
    wish = _WISH.search(said)
    chance = re.search(
        rf"(?:(?:probability|chance|chances)(?: (?:of|is|=|being|that|it|an event|the event|a|event|winning|success|happens))*|\b(?:has|with)) ?(?P<v>{VALUE})(?: (?:probability|chance)(?: of)?)?|(?P<v2>{VALUE}) (?:probability|chance)|convert (?P<v3>{VALUE})|^(?P<v4>{VALUE})(?= (?:as|to|in|into) (?:the )?odds)",
        said,
    )
    if wish is None or chance is None:
        return None
    left = f"{said[: chance.start()]} {said[chance.end() :]}".replace(wish[0], " ")
    if set(re.findall(r"[a-z]+|\S", left)) - _WORDS:
        return None
    value = chance["v"] or chance["v2"] or chance["v3"] or chance["v4"]
    return Ask("chance to odds", (number_node(value),), ("against" if wish["form"] == "against" else "for",))


# Rules

_P = LatePattern(
    rf"\bpr? ?\((?P<event>[^()=<>]*(?:\([^()=<>]*\)[^()=<>]*)*)\)(?: ?(?:=|is|equals|of)? ?(?P<value>{VALUE}(?![\d.]*[a-z(])))?",
    re.IGNORECASE,
)
_SIGN = LatePattern(r"\s*(?P<token>\^ ?c\b|[A-Za-z]+|[()|,'~&!\u2229\u222a\u00ac\u2032\u0305\\])")
_JOINING = {
    "and": "&",
    "\u2229": "&",
    "&": "&",
    ",": "&",
    "intersect": "&",
    "intersection": "&",
    "or": "v",
    "\u222a": "v",
    "union": "v",
}
_FILL = filler(
    "if and find the what is are events event given that with let suppose then for , . ; : ? compute calculate determine two three a b c be we know where when"
    " their probability of probabilities value both s whats have has using"
)
_VERDICT = LatePattern(
    r"\bare (?:the )?(?:events )?(?P<a>[a-z]) and (?P<b>[a-z]) (?P<independent>(?:statistically )?independent)\b|\b(?:determine|check|decide) (?:whether|if) (?:the )?(?:events )?(?P<a2>[a-z]) and (?P<b2>[a-z]) are independent\b|\bare (?:they|the events|the 2 events|these events) independent\b",
    re.IGNORECASE,
)
_INDEPENDENT = LatePattern(
    r"\b(?:(?:are|is|being|be|mutually|statistically|pairwise) )*independent(?: events)?(?: of (?:[a-z]\b|each other))?",
    re.IGNORECASE,
)
_EXCLUSIVE = LatePattern(
    r"\b(?:(?:are|being|be) )*(?:mutually exclusive|disjoint|incompatible)(?: events)?|\bcannot (?:both )?(?:occur|happen)(?: (?:together|at the same time))?",
    re.IGNORECASE,
)
_ASKED = LatePattern(
    r"(?:probability|chance) (?:of|that) (?P<what>at least (?:one|1)|(?:exactly|only) (?:one|1)|both|all(?: three)?|neither|none)(?: of (?:them|the events|the two events|the three events|A and B))?(?: (?:(?:will )?(?:occurs?|happens?)|occurring|happening))?|(?:both|all) (?:of them )?(?:occur|happen)",
    re.IGNORECASE,
)


class _Rule:
    """An event in notation, read into a test of which named events happen."""

    def __init__(self, text: str, names: list[str]) -> None:
        self.tokens = [found["token"].replace(" ", "") for found in _SIGN.finditer(text)]
        if "".join(self.tokens) != re.sub(r"\s", "", text):
            raise Unread(text)
        self.names, self.position = names, 0

    def _peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def whole(self) -> tuple[list, list | None]:
        """The event, and the condition after `|` or `given`."""
        event = self._either()
        condition = None
        if self._peek() == "|" or self._peek().lower() == "given":
            self.position += 1
            condition = self._either()
        if self.position < len(self.tokens):
            raise Unread(self._peek())
        return event, condition

    def _either(self) -> list:
        tree = self._both()
        while _JOINING.get(self._peek().lower()) == "v":
            self.position += 1
            tree = ["or", tree, self._both()]
        return tree

    def _both(self) -> list:
        tree = self._one()
        while _JOINING.get(self._peek().lower()) == "&":
            self.position += 1
            tree = ["and", tree, self._one()]
        return tree

    def _one(self) -> list:
        token = self._peek()
        self.position += 1
        if token.lower() in ("not", "~", "\u00ac", "!", "complement", "neither"):
            if self._peek().lower() == "of":
                self.position += 1
            tree = ["not", self._one()]
        elif token == "(":  # noqa: S105
            tree = self._either()
            if self._peek() != ")":
                raise Unread("(")
            self.position += 1
        elif (
            token.isalpha()
            and token.lower() not in (*_JOINING, "given", "x", "y", "z", "t", "n")
            and (len(token) == 1 or token.islower())
        ):
            name = token.upper() if len(token) == 1 else token
            if name not in self.names:
                self.names.append(name)
            tree = ["is", self.names.index(name)]
        else:
            raise Unread(token)
        while self._peek() in ("'", "^c", "\u2032", "\u0305"):
            self.position += 1
            tree = ["not", tree]
        return tree


def _rules(text: str) -> Request | None:
    names: list[str] = []
    facts: list[tuple[list, list | None]] = []
    values: list[Node] = []
    wanted: list[tuple[list, list | None]] = []
    text = text.replace("\u2019", "'").replace("\u2223", "|")
    try:
        for found in _P.finditer(text):
            rule = _Rule(found["event"], names).whole()
            if found["value"]:
                facts.append(rule)
                values.append(number_node(found["value"]))
            else:
                wanted.append(rule)
    except Unread:
        return None
    left = _P.sub(" ", text)
    left, listed = _listed(left)
    if listed:
        names, facts, values = (
            ["A", "B", "C"][: len(listed)],
            [(["is", place], None) for place in range(len(listed))],
            list(listed),
        )
    verdict = _VERDICT.search(left)
    left = _VERDICT.sub(" ", left)
    exclusive, left = bool(_EXCLUSIVE.search(left)), _EXCLUSIVE.sub(" ", left)
    independent, left = bool(_INDEPENDENT.search(left)) or bool(listed), _INDEPENDENT.sub(" ", left)
    if (asked := _ASKED.search(left)) and len(names) in (2, 3) and not wanted:
        wanted = [(_named(asked[0].lower(), len(names)), None)]
        left = _ASKED.sub(" ", left)
    if set(re.findall(r"[a-z]+|\S", left.lower())) - _FILL - {name.lower() for name in names} or not facts:
        return None
    if len(names) > _MOST_EVENTS:
        raise ToolError(f"rules are applied to at most {_MOST_EVENTS} events; ask about fewer")
    if verdict and len(names) == 2:
        wanted = wanted or [(["and", ["is", 0], ["is", 1]], None)]
    if len(wanted) != 1:
        return None
    kind = "independent?" if verdict else "independent" if independent else "exclusive" if exclusive else ""
    return Ask("event rules", tuple(values), (json.dumps(facts), json.dumps(wanted[0]), kind, ",".join(names)))


def _listed(text: str) -> tuple[str, list[Number]]:
    """`two independent events have probabilities 0.3 and 0.5`: the probabilities in order."""
    found = re.search(
        rf"(?:two|three|2|3)? ?independent events (?:[a-c], )*(?:[a-c] and [a-c] )?(?:occur )?(?:with|have|has|having)? ?(?:the )?(?:probabilities|chances)(?: of)?:? (?P<list>{VALUE}(?:(?:,? and |, ?){VALUE}){{1,2}})",
        text,
        re.IGNORECASE,
    )
    if found is None:
        return text, []
    return f"{text[: found.start()]} {text[found.end() :]}", [
        number_node(part) for part in re.findall(VALUE, found["list"])
    ]


def _named(what: str, count: int) -> list:
    events: list[list] = [["is", place] for place in range(count)]
    some = ["or", *events]
    every = ["and", *events]
    if "least" in what:
        return some
    if "neither" in what or "none" in what:
        return ["not", some]
    if "exactly" in what or "only" in what:
        return [
            "or",
            *(
                ["and", *(event if place == chosen else ["not", event] for place, event in enumerate(events))]
                for chosen in range(count)
            ),
        ]
    return every
