# ruff: noqa: E501  a pattern is read more easily on one line
"""Questions about ages: `John is twice as old as Mary. In 5 years he will be 1.5 times her age. How old is Mary?`

The text is read from left to right, one fact after the other, and must be read to its end.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ...errors import ToolError
from .people import PERSON, PRONOUN, People
from .story_text import N, Story, compiled, exactly, minus, number, over, plain_story, plus, power, times, value_of
from .syntax import Ask, Node, Relation, Request, Variable

_WHO = rf"(?:{PERSON}|{PRONOUN})"
_BE = r"(?P<be>is|was|will be|would be|are|were|am|'ll be|shall be|will turn|turns)\b"
_NOW = r"(?:now|currently|today|at present|presently|this year|right now)\b"
_AFTER = rf"(?:(?:in|after|within) (?:another )?(?P<in>{N}|the next) years?'?(?: time| from now)?|(?P<on>{N}) years? (?:from now|later|hence|from today|in the future)|(?P<next>next year))\b"
_AGO = rf"(?:(?P<ago>{N}) years? (?:ago|earlier|back|before)|(?P<last>last year))\b"
_WHEN = rf"(?:{_AFTER}|{_AGO})"
_CONNECTOR = r"(?:[,.;:|!?]+|\b(?:and|but|if|when|also|then|while|given(?: that)?|suppose(?: that)?|assume(?: that)?|that|so|further(?:more)?|moreover|however|where|whereas|such)\b)"
_OF_AGES = (
    rf"(?:their|the|the 2|both|(?P<a>{_WHO})(?:'s?)? and (?P<b>{_WHO})(?:'s?)?)(?: present| current| 2)*(?: ages?)?"
)
_UNKNOWN_TIME = r"(?:(?:in|after) how many years(?:'? time)?|how many years from now|when|how long until|how many years until|how many years will it (?:take|be) (?:until|before|for)|in how long)"
_FORM = "in questions about ages each sentence is read alone; write for example: Tom is 4 years older than Sue. In 6 years Tom will be twice as old as Sue. How old is Tom?"


def read_ages(text: str, assumptions: list[str]) -> Request | None:
    """Read a question about ages; `None` for everything else.

    Raises:
        ToolError: if only a part of it can be read, or a pronoun could mean several people.
    """
    text = plain_story(text)
    if not compiled(r"how (?:old|many|long)|\bages?\b|\bwhen\b").search(text):
        return None
    ages = _Ages(text)
    if not ages.read():
        if ages.facts and compiled(r"\b(?:old|older|younger|ages?)\b.*\b(?:old|ages?)\b").search(text):
            raise ToolError(f"cannot read {ages.rest[:40]!r} here; {_FORM}")
        return None
    assumptions += ages.assumed
    return ages.request()


class _Ages:
    """The facts of a text about ages, read from left to right."""

    def __init__(self, text: str) -> None:
        self.rest = text
        self.story = Story("ages")
        self.people = People()
        self.facts: list[Relation] = []
        self.totals: list[tuple[str, Node, Node, tuple[str, ...]]] = []
        self.questions: list[tuple[tuple[str, ...], Node, str]] = []
        self.assumed: list[str] = []
        self.clock: Node = exactly(0)
        self.years: Variable | None = None
        self.tensed = False  # a verb in another tense stood there without a time

    def eat(self, pattern: str) -> re.Match[str] | None:
        found = compiled(rf"\s*(?:{pattern})(?![a-z])").match(self.rest)
        if found:
            self.rest = self.rest[found.end() :]
        return found

    def read(self) -> bool:
        while self.rest.strip(" ,.;:!?"):
            before = self.rest
            if compiled(r"\s*[.;?!]").match(self.rest):
                self.clock = exactly(0)
            while compiled(rf"\s*{_CONNECTOR}").match(self.rest):
                if compiled(rf"\s*{_UNKNOWN_TIME} (?:will|is|was|{_WHO})").match(self.rest):
                    break
                found = compiled(rf"\s*{_CONNECTOR}").match(self.rest)
                self.rest = self.rest[found.end() :] if found else self.rest
            if not self.rest.strip():
                break
            if not (self._question() or self._unknown_time() or self._fact()):
                self.rest = before.lstrip(" .,;")
                return False
        return bool(self.questions or self.years)

    def age(self, key: str, shift: Node) -> Node:
        label = f"the age of {self.people.called(key)}"
        age = self.story.amount(label)
        if shift == exactly(0):
            return age
        moved = plus(age, shift)
        if (moved, f"{label} at that time") not in self.story.bounded:
            self.story.bounded.append((moved, f"{label} at that time"))
        return moved

    def when(self) -> Node | None:
        """A time that is spoken of here, as years from now."""
        if self.eat(_NOW):
            return exactly(0)
        found = self.eat(_WHEN)
        if not found:
            return None
        if found["next"] or found["last"]:
            return exactly(1 if found["next"] else -1)
        if found["ago"]:
            return exactly(-value_of(found["ago"]))
        return exactly(value_of(found["in"] or found["on"]))

    def _fact(self) -> bool:
        start = self.when()
        if start is not None:
            self.clock = start
            self.eat(r",")
        if self._total():
            return True
        subject = self._subject()
        if subject is None:
            return False
        key, be = subject
        for_both = len(key) == 2
        clock = self.when() if start is None else None
        if clock is None:
            clock = self.clock
        side = self._amount(key[0])
        if side is None:
            return False
        together = bool(self.eat(r"(?:together|combined|in total|altogether)")) or be.startswith("together")
        late = self.when()
        if late is not None and start is None:
            clock = self.clock = late
        elif late is not None:
            return False
        if (self.tensed or be.endswith(("was", "were", "will be"))) and clock == exactly(0):
            return False
        self.tensed = False
        if for_both:
            if not together:
                return False
            self._add(plus(*(self.age(person, clock) for person in key)), side, clock)
            return True
        self._add(self.age(key[0], clock), side, clock)
        return True

    def _add(self, left: Node, side: list[tuple[Fraction, str, Node | None]], clock: Node) -> None:
        parts: list[Node] = []
        for factor, key, shift in side:
            if not key:
                parts.append(exactly(factor))
            else:
                age = self.age(key, clock if shift is None else shift)
                parts.append(age if factor == 1 else times(exactly(factor), age))
        self.facts.append(Relation("=", left, plus(*parts)))

    def _subject(self) -> tuple[tuple[str, ...], str] | None:
        """Who is spoken of, and the verb."""
        if found := self.eat(rf"(?:together|combined),? (?:they|(?P<a>{_WHO}) and (?P<b>{_WHO})) {_BE}"):
            both = self._pair(found["a"], found["b"])
            return (both, "together " + found["be"]) if len(both) == 2 else None
        pair = rf"(?P<a>{_WHO}) and (?P<b>{_WHO}) {_BE}(?= together| a combined| {N}(?: years? old)? (?:together|combined|in total|altogether))(?: together)?"
        if found := self.eat(pair):
            return self._pair(found["a"], found["b"]), "together " + found["be"]
        found = self.eat(rf"(?:the )?(?:present |current )?age of (?P<who>{_WHO}) {_BE}") or self.eat(
            rf"(?P<who>{_WHO})(?:'s?)?(?: present| current)? ages? {_BE}"
        ) or self.eat(rf"(?P<who>{_WHO}) {_BE}")  # fmt: skip
        if not found:
            return None
        key = self.people.meant(found["who"], self._compared_with())
        self.people.subject = key
        return (key,), found["be"].lower().replace("would", "will").replace("'ll", "will").replace("shall", "will")

    def _compared_with(self) -> str:
        """The one with whom a pronoun is compared, where that one is named."""
        named = compiled(rf"[^.;,]*?\b(?:as old as|older than|younger than|times|age of|twice|half) (?P<who>{PERSON})(?:'s age)?").match(self.rest)  # fmt: skip
        if named and not compiled(PRONOUN).fullmatch(named["who"]):
            bare = re.sub(r"^(?:a|an|the|my|his|her|their) ", "", named["who"], flags=re.IGNORECASE).lower()
            return bare if bare in self.people.shown else ""
        return ""

    def _pair(self, first: str | None, second: str | None) -> tuple[str, ...]:
        if first and second:
            one = self.people.meant(first)
            return one, self.people.meant(second, one)
        return tuple(self.people.shown)

    def _amount(self, subject: str) -> list[tuple[Fraction, str, Node | None]] | None:
        """What an age is said to be: a sum of numbers and multiples of ages."""
        more = self.eat(rf"(?P<n>{N}) years? (?P<sign>older|younger|senior|junior)(?: than| to)?") or self.eat(
            rf"(?P<n>{N}) (?:years? )?(?P<sign>more|less|fewer|greater) than"
        )
        if more:
            base = self._multiple(subject)
            sign = -1 if more["sign"].lower() in ("younger", "less", "fewer", "junior") else 1
            return [*base, (sign * value_of(more["n"]), "", None)] if base else None
        if by := self.eat(rf"(?P<sign>older|younger) than (?P<who>{_WHO}) by (?P<n>{N}) years?"):
            sign = 1 if by["sign"].lower() == "older" else -1
            return [(Fraction(1), self.people.meant(by["who"], subject), None), (sign * value_of(by["n"]), "", None)]
        if base := self._multiple(subject):
            return base
        if found := self.eat(rf"(?P<n>{N})(?: years?)?(?: old| of age)?"):
            return [(value_of(found["n"]), "", None)]
        return None

    def _multiple(self, subject: str) -> list[tuple[Fraction, str, Node | None]] | None:
        factor = Fraction(1)
        if self.eat(r"twice|double"):
            factor = Fraction(2)
        elif self.eat(r"thrice|triple"):
            factor = Fraction(3)
        elif self.eat(r"half(?: of)?"):
            factor = Fraction(1, 2)
        elif found := self.eat(rf"(?:(?P<n>{N}) times)|(?P<part>\d+/\d+)(?: of)?(?= )"):
            factor = value_of(found["n"] or found["part"])
        if self.eat(r"older than"):
            if factor == 1:
                return None
            self.assumed.append(f"{factor} times older is taken as {factor} times as old")
        else:
            self.eat(r"(?:of )?as old as|the same age as|as much as|of|what")
        found = self.eat(rf"the (?:present |current )?age of (?P<who>{_WHO})") or self.eat(
            rf"(?P<who>{_WHO})(?:'s?)?(?: (?:present |current )?age)?"
        )
        if not found:
            return None
        key = self.people.meant(found["who"], subject)
        own = None
        if verb := self.eat(r"(?:is|was|will be|were|are)"):
            own = self.when()
            if own is None and verb[0].strip() == "is":
                own = exactly(0)
            self.tensed = own is None
        return [(factor, key, own)]

    def _total(self) -> bool:
        """The sum, difference, product or ratio of ages."""
        found = (
            self.eat(rf"(?:the )?(?P<what>ratio) (?:of|between) (?P<a>{_WHO})(?:'s?)? age (?:to|and) (?P<b>{_WHO})(?:'s?)?(?: age)?")
            or self.eat(rf"(?:the )?(?P<what>sum|total|difference|product|ratio) (?:of|between|in) (?:the (?:present |current )?ages of (?=(?!their)))?{_OF_AGES}")
            or self.eat(rf"the (?:present |current )?ages of (?P<a>{_WHO}) and (?P<b>{_WHO})(?P<what>)")
            or self.eat(rf"(?P<a>{_WHO}) and (?P<b>{_WHO})(?:'s?)? ages?(?P<what>)")
            or self.eat(r"their (?P<what>combined|total) ages?(?P<a>)(?P<b>)")
            or self.eat(rf"(?:the )?combined ages? of (?P<a>{_WHO}) and (?P<b>{_WHO})(?P<what>)")
            or self.eat(r"their (?:present |current )?ages?(?P<what>)(?P<a>)(?P<b>)")
        )  # fmt: skip
        if not found:
            return False
        who = self._pair(found["a"], found["b"]) if found["a"] else ()
        if not who and len(self.people.shown) > 1:
            who = tuple(self.people.shown)
        clock, tensed = self.when(), False
        what = (found["what"] or "").lower()
        if not what:
            said = self.eat(r"(?:will )?(?P<verb>(?:add(?:s)?(?: up)?|sum|total(?:s)?|amount)(?: up)?(?: to)?|differ by|(?:have|has) a (?P<noun>sum|total|difference|product) of|(?:are|is|were) in (?:the |a )?(?P<ratio>ratio)(?: of)?)")  # fmt: skip
            if not said:
                return False
            what = said["noun"] or ("ratio" if said["ratio"] else "difference" if "differ" in said["verb"] else "sum")
        elif verb := self.eat(rf"{_BE}|equals?|will equal|="):
            tensed = verb["be"] is not None and verb["be"].lower() in ("was", "were", "will be")
        else:
            return False
        if what == "ratio":
            value = self.eat(rf"(?P<n>{N}) ?(?::|to|/) ?(?P<m>{N})")
        else:
            value = self.eat(rf"(?P<n>{N})(?: years?)?(?: old)?")
        if not value:
            return False
        late = self.when()
        if clock is not None and late is not None:
            return False
        clock = late if late is not None else clock if clock is not None else self.clock
        if tensed and clock == exactly(0):
            return False
        amount = over(number(value["n"]), number(value["m"])) if what == "ratio" else number(value["n"])
        self.totals.append((what, amount, clock, who))
        return True

    def _unknown_time(self) -> bool:
        """`in how many years will John be twice as old as Mary`"""
        past = self.eat(r"how many years ago was")
        found = past or self.eat(rf"{_UNKNOWN_TIME} (?:will|is)") or self.eat(rf"{_UNKNOWN_TIME}(?= {_WHO} (?:is|will be))")  # fmt: skip
        if not found or self.years is not None:
            return False
        self.years = self.story.amount("the number of years")
        shift = minus(exactly(0), self.years) if past else self.years
        self.clock = shift
        if self.eat(r"(?:the )?sum of their ages|their (?:combined|total) ages?"):
            if self.eat(r"be|is|equal") and (value := self.eat(rf"(?P<n>{N})(?: years?)?")):
                self.totals.append(("sum", number(value["n"]), shift, ()))
                return self._ask_years(past is not None)
            return False
        who = self.eat(rf"(?P<who>{_WHO})(?:'s? age)?(?: is| will be)?")
        if not who:
            return False
        key = self.people.meant(who["who"], self._compared_with())
        self.eat(r"be|become")
        side = self._amount(key)
        if side is None:
            return False
        self._add(self.age(key, shift), side, shift)
        return self._ask_years(past is not None)

    def _ask_years(self, past: bool) -> bool:
        if self.years is None:
            return False
        self.story.ask(self.years, "" if past else "in ", " years ago" if past else " years")
        return True

    def _question(self) -> bool:
        old = r"how old (?:is|are|was|were|will|am|would|shall)"
        ask = r"(?:(?:what (?:is|are|was|were|will(?: be)?)|what's|find|determine|calculate|give|state|work out|compute)(?: out)?)"
        everyone = r"(?P<all>they|each(?: of them| person| one)?|both(?: of them)?|the 2|everyone)"
        found = (
            self.eat(rf"{ask} how old (?:{everyone}|(?P<a>{_WHO})(?: and (?P<b>{_WHO}))?) (?:is|are|was|were|will be)")
            or self.eat(rf"{ask} (?:the )?(?:present |current )?ages?(?: of (?P<a>{_WHO})(?: and (?P<b>{_WHO}))?)(?P<all>)")
            or self.eat(rf"{ask} (?P<all>their|each person's|the|both) (?:present |current )?ages?(?: of (?:each|both))?(?P<a>)(?P<b>)")
            or self.eat(rf"{ask} (?P<a>{_WHO})(?:'s?)? and (?P<b>{_WHO})(?:'s?)? (?:present |current )?ages?(?P<all>)")
            or self.eat(rf"{ask} (?P<a>{_WHO})(?:'s?)? (?:present |current )?age(?P<all>)(?P<b>)")
            or self.eat(rf"{old} (?:{everyone}|(?P<a>{_WHO})(?: and (?P<b>{_WHO}))?)(?: be)?")
        )  # fmt: skip
        if not found:
            return False
        self.eat(r"be")
        clock = self.when() or exactly(0)
        if found["all"] or not found["a"]:
            self.questions.append(((), clock, ""))
            return True
        who = (found["a"], *([found["b"]] if found["b"] else []))
        self.questions.append((tuple(self._deferred(name) for name in who), clock, ""))
        return True

    def _deferred(self, name: str) -> str:
        """A name in a question may stand before everybody has been spoken of."""
        if compiled(PRONOUN).fullmatch(name) and name.lower() not in ("i", "me", "my"):
            return self.people.meant(name)
        return self.people.known(name)

    def request(self) -> Ask:
        story, everyone = self.story, tuple(self.people.shown)
        for what, amount, clock, who in self.totals:
            people = who or everyone
            if len(people) < 2 or (what != "sum" and len(people) != 2 and what not in ("total", "combined")):
                raise ToolError(f"say whose ages are meant; {_FORM}")
            ages = [self.age(key, clock) for key in people]
            if what == "difference":
                story.same(power(minus(*ages), exactly(2)), power(amount, exactly(2)))
            elif what == "product":
                story.same(times(*ages), amount)
            elif what == "ratio":
                story.same(ages[0], times(amount, ages[1]))
            else:
                story.same(plus(*ages), amount)
        story.conditions += self.facts
        told: list[str] = []
        for who, clock, _ in self.questions:
            for key in who or everyone:
                value = clock.value if not isinstance(clock, Variable) and hasattr(clock, "value") else Fraction(0)  # pyright: ignore
                after = f" in {value} years" if value > 0 else f" {-value} years ago" if value < 0 else ""
                verb = ("were" if key == "i" else "was") if value < 0 else "will be" if value > 0 else "are" if key == "i" else "is"  # fmt: skip
                story.ask(self.age(key, clock), f"{self.people.called(key)} {verb} ", after)
                told.append(key if not after else "")
        if not self.years:
            for key in everyone:
                if key not in told and f"the age of {self.people.called(key)}" in story.names:
                    story.ask(self.age(key, exactly(0)), f"{self.people.called(key)} {'are' if key == 'i' else 'is'} ", also=True)  # fmt: skip
        return story.request()
