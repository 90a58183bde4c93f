"""One person puts the replies of one candidate in order, without knowing who wrote them."""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from ....tools import ConfigError
from ...engines.messages import Message
from ..ranking import Ranking, said_in
from .candidates import Candidate

LETTERS = "ABCDEFGHI"
_BETWEEN = re.compile(r"[\s,;]*([>=]?)[\s,;]*")


@dataclass(frozen=True)
class RankingTask:
    """See the module. Replies that say the same are shown once.

    Args:
        candidate: what is ranked.
        rater: `human:NAME`.
        seed: of the order in which the replies are shown; it is another one for each rater and candidate.
    """

    candidate: Candidate
    rater: str
    seed: int = 0

    @cached_property
    def shown(self) -> dict[str, tuple[Message, ...]]:
        """The replies by the letter under which they are shown, in the order of the letters."""
        return {letter: self.candidate.replies[at] for letter, at in self._places.items()}

    def read_order(self, text: str) -> tuple[tuple[str, ...], ...]:
        """Reads an order of the letters, the best first: `b > a = c`, `b, a, c` or `bac`; `=` is a tie.

        Of two replies the better one's letter will do.

        Returns:
            The letters in groups of equals, the best group first.

        Raises:
            ConfigError: it is no order of all the replies; says what is missing.
        """
        letters = list(self.shown)
        text = text.strip().upper()
        groups: list[list[str]] = []
        at, sign = 0, ">"
        while at < len(text):
            letter = text[at]
            if letter not in letters:
                raise ConfigError(f"{letter!r} is none of {', '.join(letters)}; write for instance {self.example}.")
            if any(letter in group for group in groups):
                raise ConfigError(f"{letter} is there twice.")
            if sign == "=" and groups:
                groups[-1].append(letter)
            else:
                groups.append([letter])
            between = _BETWEEN.match(text, at + 1)
            assert between is not None  # it matches nothing at all, too
            at, sign = between.end(), between[1]
            if sign and at == len(text):
                raise ConfigError(f"something is missing behind {sign!r}; write for instance {self.example}.")
        missing = [letter for letter in letters if not any(letter in group for group in groups)]
        if len(letters) == 2 and len(missing) == 1:
            groups.append(missing)
        elif missing:
            raise ConfigError(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.")
        return tuple(tuple(group) for group in groups)

    def looks_like_order(self, text: str) -> bool:
        """Whether a text consists of the letters alone, and so is an order, be it a wrong one."""
        return bool(text.strip()) and not set(text.upper()) - {*self.shown, *" ,;>=\t"}

    @property
    def tie(self) -> tuple[tuple[str, ...], ...]:
        """The order in which all are equal."""
        return (tuple(self.shown),)

    @property
    def example(self) -> str:
        """An order as a person may write it."""
        first, second, *rest = reversed(self.shown)
        return " > ".join([first, " = ".join([second, *rest[:1]]), *rest[1:]])

    def ranking(
        self,
        order: tuple[tuple[str, ...], ...],
        *,
        all_bad: bool = False,
        comment: str | None = None,
        consent: bool = True,
        now: datetime | None = None,
    ) -> Ranking:
        """The record of an answer, with the replies in their own order.

        Its id is that of the candidate and the rater's name behind a `/`.

        Args:
            order: from `read_order` or `tie`.
            all_bad: the rater found none of the replies good.
            comment: of the rater.
            consent: whether it may be trained on.
            now: when it was given; now by default.

        Raises:
            ConfigError: it is no order of the replies.
        """
        rank_of = {self._places[letter]: rank for rank, group in enumerate(order, 1) for letter in group}
        first: dict[str, int] = {}
        same = [first.setdefault(said_in(reply), at) for at, reply in enumerate(self.candidate.replies)]
        if set(rank_of) != set(same):
            raise ConfigError(f"{order!r} is no order of {', '.join(self.shown)}.")
        return Ranking(
            id=f"{self.candidate.id}/{self.rater}",
            prompt=self.candidate.prompt,
            replies=self.candidate.replies,
            ranks=tuple(rank_of[at] for at in same),
            rater=self.rater,
            all_bad=all_bad,
            comment=comment,
            consent=consent,
            policy=self.candidate.policy,
            created=(now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            tools=self.candidate.tools,
        )

    @cached_property
    def _places(self) -> dict[str, int]:
        """The index of the reply under each letter."""
        named = f"{self.seed}\0{self.rater}\0{self.candidate.id}"
        places = list(self.candidate.different)
        random.Random(hashlib.sha256(named.encode("utf-8", "surrogatepass")).digest()).shuffle(places)
        return dict(zip(LETTERS, places, strict=False))


def write_order(order: tuple[tuple[str, ...], ...]) -> str:
    """An order as `B > A = C`."""
    return " > ".join(" = ".join(group) for group in order)
