# ruff: noqa: E501  a sentence is read more easily on one line
"""The words of an event and what they name: sets of kinds such as `red or blue` and `not a face card`, tests of numbers."""

from __future__ import annotations

import re

from .event_words import DROPPED, PLACES, Kinds, Space, Tree, Unread, filler, joined, number_test

_ALIKE = ("same", "different", "distinct", "each", "every", "equal", "identical", "all")
_GRAMMAR = filler(
    "or nor and then but ordered not both all same every last they a an no none neither pair double doubles matching triple triples match different"
    " distinct each identical equal more fewer as many number numbers than other any between to from running either even odd prime composite square multiple divides by"
)


class KindParser:
    """Reads sets of kinds and tests of numbers.

    Args:
        text: as `spoken` gives it, without what says what is drawn.
        space: what is drawn from.
        drawn: how many are drawn, or 0 if the text does not say it.
        assumptions: takes what was understood by a vague word.
    """

    def __init__(self, text: str, space: Space, drawn: int, assumptions: list[str]) -> None:
        self.space, self.drawn, self.assumptions = space, drawn, assumptions
        self.tokens = self._tokens(text)
        self.position = 0
        self.mixed = False  # whether kinds were joined by `or`

    def assume(self, line: str) -> None:
        """Note what was understood by a vague word."""
        if line not in self.assumptions:
            self.assumptions.append(line)

    def _tokens(self, text: str) -> list[str]:
        plural = "|".join(noun for noun in self.space.nouns if noun.endswith("s") or noun == "dice")
        if plural:
            text = re.sub(
                rf"\b(?:the|these|those) (?:\d+ )?(?:{plural}) (?=are |were |is |will |all |both )", "they ", text
            )
        found: list[str] = re.findall(r"\d+(?:st|nd|rd|th|s)?\b|>=|<=|[a-z]+(?:[-'][a-z]+)*|\S", text)
        kept: list[str] = []
        found = [word for place, word in enumerate(found) if not self._stands_for_a_thing(found, place)]
        for word in found:
            compared = kept and (kept[-1] in _ALIKE or kept[-2:-1] == ["all"])
            meant = word in self.space.words or (word in self.space.likenesses and compared)
            if meant or not (word in DROPPED or word in self.space.nouns or word in ".?!|"):
                kept.append(word)
        for word in kept:
            known = word in self.space.words or word in self.space.likenesses or word in _GRAMMAR or word in PLACES
            if word.isalpha() and not known:
                raise Unread(word)
        if "either" in kept and "or" in kept:
            kept.remove("either")
        while kept and kept[-1] in (",", "and", ";", ":"):
            kept.pop()
        while kept and kept[0] in (",", "and", ";", ":"):
            kept.pop(0)
        return kept

    def _stands_for_a_thing(self, words: list[str], place: int) -> bool:
        """Whether `1` is the pronoun of `a red one`, and not the number of what follows."""
        before, following = words[place - 1] if place else "", words[place + 1] if place + 1 < len(words) else ""
        kind = before.isalpha() and before in self.space.words
        return words[place] == "1" and kind and following not in self.space.words

    def _peek(self, ahead: int = 0) -> str:
        at = self.position + ahead
        return self.tokens[at] if at < len(self.tokens) else ""

    def _accept(self, *words: str) -> str:
        word = self._peek()
        if word and word in words:
            self.position += 1
            return word
        return ""

    def _members_ahead(self) -> bool:
        start = self.position
        found = self._members()
        self.position = start
        return found is not None

    def _members(self) -> Kinds | None:
        """`red`, `red or blue`, `a heart or a king`, `not red`, `neither red nor blue`."""
        inverted, single = bool(self._accept("neither")), self._peek() != "not"
        found = self._base()
        if found is None:
            return None
        while self._peek() in ("or", "nor", ","):
            start, more, link = self.position, [], ""
            while link not in ("or", "nor") and (comma := self._accept(",") or self._peek() in ("or", "nor")):
                link = self._accept("or", "nor") or (comma and ",")
                several = self._peek().isdigit() and self._is_kind(1)
                if several or self._peek() in PLACES or (base := self._base()) is None:
                    break
                more.append(base)
            else:
                if link in ("or", "nor"):
                    if single:
                        found = found.union(*more)
                    else:  # `not a heart or a king` is neither
                        self.assume("a not before several goes with each of them")
                        found = found.difference(*more)
                    self.mixed = True
                    continue
            self.position = start
            break
        return self.space.everything - found if inverted else found

    def _is_kind(self, ahead: int) -> bool:
        word = self._peek(ahead)
        return word in self.space.words or word.rstrip("s").isdigit()

    def _base(self) -> Kinds | None:
        if self._accept("not"):
            self._accept("a", "an")
            inner = self._base()
            return None if inner is None else self.space.everything - inner
        start = self.position
        self._accept("a", "an")
        found: Kinds | None = None
        while (word := self._peek()) in self.space.words:
            found = self.space.words[word] if found is None else found & self.space.words[word]
            self.position += 1
        if found is None and self.space.numbers:
            found = self._numbered()
        if found is None:
            self.position = start
        return found

    def _numbered(self) -> Kinds | None:
        test = self.number_test()
        if test is None:
            return None
        return frozenset(kind for kind, value in enumerate(self.space.numbers) if number_test(test, value))

    def whole_number_test(self) -> Tree | None:
        """The whole text as a test of a number: `7 or 11`, `>= 10`, `even and > 3`, `not prime`; else `None`."""
        self.position = 0
        alternatives: list[Tree] = []
        joins: set[str] = set()
        while True:
            tests: list[Tree] = []
            while True:
                self._accept("=")
                inverted = bool(self._accept("not"))
                self._accept("a", "an", "=", "either")
                test = self.number_test()
                if test is None:
                    return None
                tests.append(["not", test] if inverted else test)
                if not self._accept("and", "but"):
                    break
            alternatives.append(joined("and", tests))
            join = self._accept(",")
            join = self._accept("or") or join
            if not join:
                break
            joins.add(join)
        if self.position < len(self.tokens) or joins == {","}:
            return None
        first, *others = alternatives
        if first[0] == "not" and others and not any("not" in (other[0], other[1:2]) for other in others):
            return ["not", joined("or", [first[1], *others])]  # `not 7 or 11` is neither
        return joined("or", alternatives)

    def number_test(self) -> Tree | None:
        """A test of a number at this place: `3`, `even`, `>= 4`, `multiple 3`, `between 2 and 5`."""
        word = self._peek()
        if word in ("even", "odd", "prime", "composite", "square"):
            self.position += 1
            return [word]
        if word in ("multiple", "divides"):
            self.position += 1
            return self._divided(word)
        bound = self._peek(1)
        if word in (">=", "<=", ">", "<") and bound.isdigit():
            self.position += 2
            if self._peek() in ("or", "and") and self._peek(1).isdigit():
                raise Unread(f"{self._peek()} {self._peek(1)}")
            return [word, int(bound)]
        if word in ("between", "from"):
            low, link, high = (self._peek(ahead) for ahead in (1, 2, 3))
            if low.isdigit() and link in ("and", "to") and high.isdigit():
                self.position += 4
                return ["and", [">=", int(low)], ["<=", int(high)]]
        if word.rstrip("s").isdigit():
            self.position += 1
            return ["=", int(word.rstrip("s"))]
        return None

    def _divided(self, word: str) -> Tree | None:
        """What follows `divisible by`: `3`, `3 or 5`, `both 3 and 5`, `3 but not 5`."""
        self._accept("both", "either", "by")
        tests: list[Tree] = []
        link = ""
        while True:
            inverted = bool(tests) and bool(self._accept("not"))
            self._accept("by")
            if not self._peek().isdigit():
                return None
            bound = int(self._accept(self._peek()))
            if bound == 0:
                raise Unread("0")
            tests.append(["not", [word, bound]] if inverted else [word, bound])
            ahead = 1 + (self._peek(1) == "not")
            ahead += self._peek(ahead) == "by"
            if self._peek() not in ("or", "and", "but", ",") or not self._peek(ahead).isdigit():
                break
            following = "or" if self._peek() == "or" else "and" if self._peek() != "," else ""
            if link and following and link != following:
                raise Unread(self._peek())
            link = following or link
            self.position += 1
        if len(tests) > 1 and not link:
            raise Unread(",")
        return joined(link, tests) if len(tests) > 1 else tests[0]
