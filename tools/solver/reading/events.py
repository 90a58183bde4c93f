# ruff: noqa: E501  a sentence is read more easily on one line
"""Events in words, for draws from a bag, cards, dice and coins alike: `at least one is red`, `first a king, then a queen`.

Words that say nothing about the outcome are dropped, everything else must be understood, or the event is `Unread`.
Negation is read in few forms only.
"""

from __future__ import annotations

from dataclasses import dataclass

from .event_kinds import KindParser
from .event_words import PLACES, Kinds, Space, Tree, Unread, counted, joined, number_test

_SIGNS = (">=", "<=", "<", ">", "=")


@dataclass
class _Clause:
    """One statement of an event: how many of which kinds, or what stands at a place."""

    members: Kinds = frozenset()
    op: str = "bare"
    counts: tuple[int, ...] = ()
    place: int = 0
    tree: Tree | None = None
    least: int = 0  # draws that it speaks of

    @property
    def count(self) -> int:
        """How many, where one number is named."""
        return self.counts[0] if self.counts else 1


class EventParser(KindParser):
    """Reads one event."""

    def event(self) -> Tree:
        """The event; afterwards `drawn` is how many are drawn, as far as the text says it.

        Raises:
            Unread: naming the first word that was not understood.
        """
        if not self.tokens:
            raise Unread("")
        alternatives = [self._alternative()]
        while self._accept("or"):
            alternatives.append(self._alternative())
        self._accept(",")
        if self.position < len(self.tokens):
            raise Unread(self.tokens[self.position])
        sizes = {size for clauses, _ in alternatives if (size := self._size(clauses))}
        if (
            not self.drawn
            and not sizes
            and any(clause.op != "bare" for clauses, _ in alternatives for clause in clauses)
        ):
            raise Unread("how many are drawn")
        self.drawn = self.drawn or max(sizes, default=1)
        return joined("or", [self._tree(*alternative) for alternative in alternatives])

    # Reading

    def _alternative(self) -> tuple[list[_Clause], bool]:
        clauses, ordered = [self._clause()], False
        while True:
            start = self.position
            comma = bool(self._accept(","))
            link = self._accept("and", "then", "but") or ("," if comma else "")
            if link == "and":
                link = self._accept("then") or link
            if self._accept("ordered"):
                ordered = True
                continue
            if not link and self._peek() not in PLACES:
                self.position = start
                return clauses, ordered
            if self._peek() in ("", "or"):
                self.position = start
                return clauses, ordered
            clauses.append(self._clause())
            ordered |= link == "then"

    def _clause(self) -> _Clause:
        if self._peek() == "not":
            start = self.position
            self.position += 1
            inner = self._clause() if self._peek() in ("both", "all", "same", "every") else self._alike()
            if inner:
                self.drawn = self.drawn or inner.least
                return _Clause(tree=["not", self._tree([inner], False)], op="tree", least=inner.least)
            self.position = start
        for read in (self._placed, self._alike, self._more, self._counted):
            start = self.position
            if clause := read():
                return clause
            self.position = start
        members = self._members()
        if members is None:
            raise Unread(self._peek() or self.tokens[-1])
        return self._with_place(_Clause(members))

    def _with_place(self, clause: _Clause) -> _Clause:
        """`a red one on the first draw`: the place after the kind."""
        place = self._peek()
        if place in PLACES and self._peek(1) in ("", "and", ",", "then", "or") and clause.op in ("bare", "a"):
            self.position += 1
            return _Clause(clause.members, "at", place=PLACES[place], least=PLACES[place])
        return clause

    def _placed(self) -> _Clause | None:
        """`first 2 red`, `second a king`."""
        last = bool(self._accept("last"))
        place = -1 if last else PLACES.get(self._peek(), 0)
        if not place:
            return None
        self.position += not last
        several = int(self._accept(*map(str, range(2, 11))) or 1) if place == 1 else 1
        if several > 1:
            self._accept("both", "all")
        if (members := self._members()) is None:
            return None
        if several > 1:
            tree = joined("and", [["at", spot, sorted(members)] for spot in range(1, several + 1)])
            return _Clause(tree=tree, op="tree", least=several)
        return _Clause(members, "at", place=place, least=max(place, 1))

    def _alike(self) -> _Clause | None:
        """`same color`, `all different`, `1 of each kind`, `all 3 colors`, `a pair`, `doubles`."""
        several = self._accept("they")
        several = self._accept("both", "all", "a", "every") or several
        op = self._accept(*_SIGNS)
        count = int(self._accept(*map(str, range(1, 100))) or 0)
        none = not several and not op and not count and bool(self._accept("no", "none", "neither"))
        count = count or (int(self._accept("2") or 0) if none else 0)
        pair = self._accept("pair", "double", "doubles", "matching", "triple", "triples", "match")
        if pair == "matching":
            self._accept("pair")
        word = self._accept("same", "different", "distinct", "each", "every", "identical", "equal", "match")
        attribute = self._accept(*self.space.likenesses)
        if not word and attribute and several == "all":
            word = "each"
        if not word and pair:
            if self._members_ahead():
                return None if op or count else self._pair_of()
            word = "same"
        if not word or self._members_ahead():
            return None
        classes = self.space.likenesses[attribute or next(iter(self.space.likenesses))]
        size = 3 if pair.startswith("triple") else 2 if several == "both" or pair else 0
        if word in ("each", "every"):
            return self._of_each(op, (count if several != "all" else 0), classes)
        return self._same(word in ("different", "distinct"), op, count, none, size, classes)

    def _of_each(self, op: str, count: int, classes: tuple[Kinds, ...]) -> _Clause | None:
        if op not in ("", "=", ">="):
            return None
        exact = bool(count) and op != ">="
        if exact and self.drawn and count * len(classes) != self.drawn:
            raise Unread(f"{count} of each")
        trees = [counted(each, "=" if exact else ">=", count or 1) for each in classes]
        return _Clause(tree=joined("and", trees), op="tree", least=count * len(classes) if exact else 0)

    def _same(
        self, unlike: bool, op: str, count: int, none: bool, size: int, classes: tuple[Kinds, ...]
    ) -> _Clause | None:
        drawn = self.drawn or count or size
        if drawn < 2 or (size and size != drawn):
            raise Unread("same" if not unlike else "different")
        self.drawn = drawn
        every = joined("or", [counted(each, "=", drawn) for each in classes])
        apart = joined("and", [counted(each, "<=", 1) for each in classes])
        if unlike:
            return None if none or op or (count and count != drawn) else _Clause(tree=apart, op="tree", least=drawn)
        if none and count in (0, 2):
            return _Clause(tree=apart, op="tree", least=drawn)
        if (count == 2 and op in (">=", "")) and drawn > 2:
            return None if op == "" else _Clause(tree=["not", apart], op="tree", least=drawn)
        if count and (count != drawn or op not in ("", "=")):
            return None
        return _Clause(tree=every, op="tree", least=drawn)

    def _pair_of(self) -> _Clause | None:
        """`a pair of red socks`, `double six`: both are of this kind."""
        members = self._members()
        return None if members is None else _Clause(members, "all", (2,), least=2)

    def _more(self) -> _Clause | None:
        """`more women than men`, `as many heads as tails`."""
        word = self._accept("more", "fewer", "as", "equal")
        if word == "as" and not self._accept("many"):
            return None
        if word == "equal":
            self._accept("number", "numbers")
        middle = {"as": "as", "equal": "and"}.get(word, "than")
        if not word or (first := self._base()) is None or not self._accept(middle) or (second := self._base()) is None:
            return None
        op = {"more": ">", "fewer": "<"}.get(word, "=")
        return _Clause(tree=counted(first, op, 0, second), op="tree")

    def _counted(self) -> _Clause | None:
        """`at least 1 red`, `both red`, `none red`, `2 or 3 red`, `between 2 and 4 red`, `a red`."""
        they = self._accept("they")
        word = self._accept(
            "both", "all", "every", "each", "none", "no", "neither", "a", "an", "other", "any", "either"
        )
        if word in ("both", "all", "every", "each") or (they and not word):
            counts = tuple(map(int, [found] if (found := self._accept(*map(str, range(2, 100)))) else []))
            if word == "both":
                if counts not in ((), (2,)):
                    return None
                counts = (2,)
            negated = bool(self._accept("not"))
            if counts and word != "both" and not self._members_ahead():
                self.position -= 1
                counts = ()
            self.mixed = False
            if (members := self._members()) is None or (they and not word and counts):
                return None
            if self.mixed and members == self.space.everything:
                raise Unread("or")
            members = self.space.everything - members if negated else members
            return _Clause(members, "all", counts, least=counts[0] if counts else 0)
        if word == "neither" and "nor" in self.tokens and self.drawn < 2:
            members = self._members()
            return None if members is None else _Clause(self.space.everything - members)
        if word == "either" and self.drawn in (0, 2):
            members = self._members()
            self.drawn = 2
            return None if members is None else _Clause(members, ">=", (1,), least=2)
        if word in ("none", "no", "neither"):
            size = 2 if word == "neither" and "nor" not in self.tokens[self.position :] else 0
            members = self._members()
            return None if members is None else _Clause(members, "=", (0,), least=size)
        if word == "other":
            members = self._members()
            return None if members is None else _Clause(members, "rest")
        if word in ("a", "an", "any"):
            members = self._members()
            return None if members is None else self._with_place(_Clause(members, "a", least=1))
        return self._number_of()

    def _number_of(self) -> _Clause | None:
        if self._accept("between"):
            low, word, high = (self._peek(ahead) for ahead in range(3))
            self.position += 3
            if not (low.isdigit() and word in ("and", "to") and high.isdigit()) or (members := self._members()) is None:
                return None
            trees = [counted(members, ">=", int(low)), counted(members, "<=", int(high))]
            return _Clause(tree=joined("and", trees), op="tree")
        op = self._accept(*_SIGNS)
        counts = []
        while self._peek().isdigit():
            counts.append(int(self._peek()))
            self.position += 1
            if not (self._peek() == "or" and self._peek(1).isdigit()):
                break
            self.position += 1
        together = bool(self._accept("both", "all"))
        running = bool(self._accept("running"))
        members = self._members() if counts else None
        if members is None or (len(counts) > 1 and op not in ("", "=")):
            return None
        running |= bool(self._accept("running"))
        least = counts[0] if op in ("", "=") else 0
        if running and self.drawn > counts[0]:
            raise Unread("in a row")
        return _Clause(members, "all" if running or together else op or "number", tuple(counts), least=least)

    # Meaning

    def _size(self, clauses: list[_Clause]) -> int:
        """How many draws the clauses speak of, if they say it."""
        places = [clause.place for clause in clauses if clause.op == "at"]
        if places:
            return max(*places, len(clauses))
        sizes = [clause.least for clause in clauses]
        if any(clause.op in ("all", "tree") for clause in clauses) or (sizes and clauses[0].counts == (0,)):
            return max(sizes)
        if any(clause.op == "rest" for clause in clauses):
            return 2 if sizes[0] == 1 else 0
        if len(clauses) > 1 and any(clause.op == "bare" for clause in clauses):
            return len(clauses)
        return sum(sizes)

    def _tree(self, clauses: list[_Clause], ordered: bool) -> Tree:
        if ordered:
            return self._in_order(clauses)
        articles = [clause for clause in clauses if clause.op == "a"]
        if len(articles) > 1 and self.drawn > 1:
            self.assume("in any order")
            taken = [clause.members for clause in articles]
            if sum(map(len, taken)) != len(frozenset().union(*taken)):
                raise Unread("and")
        if len(clauses) > 1 and self.drawn > 1 and any(clause.op == "bare" for clause in clauses):
            if any(clause.op not in ("bare", "a") for clause in clauses) or len(clauses) != self.drawn:
                raise Unread("and")
            if len({clause.members for clause in clauses}) < len(clauses) or "and" not in self.tokens:
                raise Unread("in which order")
            self.assume("in any order")
            clauses = [_Clause(clause.members, "a") for clause in clauses]
        return joined("and", [self._meaning(clause, clauses) for clause in clauses])

    def _meaning(self, clause: _Clause, clauses: list[_Clause]) -> Tree:
        drawn, members = self.drawn, clause.members
        if clause.tree is not None:
            return clause.tree
        if clause.op == "at":
            place = drawn if clause.place < 0 else clause.place
            if place > drawn:
                raise Unread(f"draw {place} of {drawn}")
            return ["at", place, sorted(members)]
        if clause.op == "all":
            if clause.counts and clause.count != drawn:
                raise Unread("both" if clause.count == 2 else f"all {clause.count}")
            return counted(members, "=", drawn)
        if clause.op == "rest":
            rest = drawn - sum(other.count for other in clauses if other is not clause and other.op == "number")
            return counted(members, "=", max(rest, 0))
        if clause.op == "bare":
            if drawn != 1:
                raise Unread(self.tokens[0])
            return counted(members, "=", 1)
        if clause.op == "a":
            if drawn > 1 and len(clauses) == 1:
                self.assume("a single one is read as at least one")
            return counted(members, ">=", 1)
        op = "=" if clause.op == "number" else clause.op
        if op == clause.op or sum(other.count for other in clauses if other.op == "number") == drawn:
            return joined("or", [counted(members, op, count) for count in clause.counts])
        self.assume(f"{clause.count} is read as exactly {clause.count}")
        return joined("or", [counted(members, op, count) for count in clause.counts])

    def _in_order(self, clauses: list[_Clause]) -> Tree:
        places: list[Kinds] = []
        for clause in clauses:
            if clause.op not in ("bare", "a", "number", "at") or (
                clause.op == "at" and clause.place != len(places) + 1
            ):
                raise Unread("then")
            places += [clause.members] * (clause.count if clause.op == "number" else 1)
        if self.drawn != len(places):
            raise Unread("then")
        return joined("and", [["at", place, sorted(members)] for place, members in enumerate(places, 1)])


def named_kinds(text: str, space: Space) -> Kinds:
    """The kinds that a text names: `a 6`, `even numbers`, `heads`.

    Raises:
        Unread: if it says more or something else.
    """
    parser = EventParser(text, space, 1, [])
    test = parser.whole_number_test() if space.numbers else None
    if test is not None:
        return frozenset(kind for kind, value in enumerate(space.numbers) if number_test(test, value))
    parser.position = 0
    tree = parser.event()
    if tree[0] != "n" or tree[3] not in ("=", ">=") or tree[4] != 1:
        raise Unread(text)
    return frozenset(tree[1])
