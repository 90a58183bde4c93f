"""What becomes of an answer between the policy's last word and the session: its sources, and what they support."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..policies.engines import Message, Policy
from ..tools import Source
from .citations import Checked, checked, cited, earlier_sources, may_cite
from .events import SourcesResolved
from .judging import judge_support
from .support import SentenceSupport, answer_support

# What takes longer than a few milliseconds to compare would hold up the other conversations.
_CHARS_IN_THE_LOOP = 20_000


@dataclass(frozen=True, slots=True)
class Resolved:
    """An answer and what its sources say of it.

    Args:
        text: the answer as it is stored.
        event: what is told of it; `None` where there was no source and nothing was taken out.
    """

    text: str
    event: SourcesResolved | None = None

    def meta(self) -> dict[str, Any]:
        """The same as notes beside the stored answer.

        `sources` by number, `removed_marks` and `removed_quotes` unless 0, and `support`: the sentences without their
        text, which is `content[start:end]`.
        """
        if self.event is None:
            return {}
        event, noted = self.event, dict[str, Any]()
        if event.sources:
            noted["sources"] = {str(number): source.to_dict() for number, source in event.sources.items()}
        if event.removed_marks:
            noted["removed_marks"] = event.removed_marks
        if event.removed_quotes:
            noted["removed_quotes"] = event.removed_quotes
        if event.support:
            noted["support"] = [
                {key: value for key, value in support.to_dict().items() if key != "text"} for support in event.support
            ]
        return noted


async def resolve(
    answer: str,
    present: Mapping[int, Source],
    *,
    history: Sequence[Message],
    said: str,
    judge: Policy | None,
    keep: bool,
    tell: Callable[[str], None],
) -> Resolved:
    """Checks an answer, finds its sources, and says which sentences they support.

    Args:
        answer: what the policy said.
        present: the sources of the turn, by number.
        history: the branch before the turn; its sources count where the turn has none of their number.
        said: what the user said in this turn.
        judge: what says whether a sentence is supported; words alone where it is `None`.
        keep: whether the answer stays as it is, and only its sources are found.
        tell: hears the checked text before the judge is asked.
    """
    known = {**earlier_sources(history), **present} if may_cite(answer) else dict(present)
    if not known and not may_cite(answer):
        return Resolved(answer)
    if keep:
        sources = cited(answer, known)
        return Resolved(answer, SourcesResolved(sources) if sources else None)
    size = len(answer) + sum(len(source.quote) for source in known.values())
    is_long = size > _CHARS_IN_THE_LOOP

    def check() -> tuple[Checked, dict[int, Source], list[SentenceSupport]]:
        found = checked(answer, known, said=said)
        found = dataclasses.replace(found, text=found.text.strip())
        # A sentence without a mark may rest on any source of the turn, cited or not, but on none of long ago.
        usable = {**found.sources, **present}
        return found, usable, answer_support(found.text, usable) if usable and judge is None else []

    found, usable, support = await asyncio.to_thread(check) if is_long else check()
    tell(found.text)
    if judge is not None and usable:
        support = await judge_support(found.text, usable, judge)
    if not usable and not found.removed_marks and not found.removed_quotes:
        return Resolved(found.text)
    event = SourcesResolved(found.sources, found.removed_marks, found.removed_quotes, tuple(support))
    return Resolved(found.text, event)
