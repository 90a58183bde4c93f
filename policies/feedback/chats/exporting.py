"""Rankings from what people said about replies, and from which of several replies they kept.

One question and one rater make one ranking where what was said puts the replies in an order, and else one ranking for
each two of which something was said: a tie would claim that nobody knows the difference. The weights of one question's
rankings by one rater sum to 1.

What a user did without saying so counts less. Who goes on from one of several replies has chosen it (confidence 0.5:
perhaps they read no further than the first that would do). A reply that merely stands at the end is there because it
was written last (0.25). Such rankings have the rater `rule:continued`, as nobody ranked anything. Live clicks on the
parts of a reply sum to a thumb, of confidence 0.5: they were given to parts, and none of them compares two replies.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ....agent import Message, SessionStore
from ..ranking import Ranking, said_in
from .feedback_log import FeedbackLog
from .rated_chats import NO_CONSENT, Opinion, RatedChat, RatedQuestion, read_chats
from .redaction import redact, redact_messages
from .regenerations import StoredReply, preferred

if TYPE_CHECKING:
    from ..tamer.records import LiveClick

CONTINUED = 0.5
LEFT_LAST = 0.25
CLICKED = 0.5
RULE = "rule:continued"

SAME = "the replies are the same"
ALONE = "a thumb without another reply to compare with"
SEVERAL_KEPT = "the user went on from several replies, or left them all"
SAID_OTHERWISE = "a kept reply that was called bad, or one left that was called good"
NOT_JSON = "a text or number that JSON cannot hold"


@dataclass(frozen=True)
class Exported:
    """What became of stored conversations.

    Args:
        rankings: redacted.
        made: how many there are of each kind: edits, thumbs, clicks, regenerations.
        left_out: how many things that people said or did are in none of them, by reason.
        redacted: how often each of `redaction.LABELS` stands for something.
    """

    rankings: list[Ranking]
    made: dict[str, int] = field(default_factory=dict[str, int])
    left_out: dict[str, int] = field(default_factory=dict[str, int])
    redacted: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class _Version:
    """A reply as it was given, or as somebody corrected it."""

    id: str
    messages: tuple[Message, ...]


def chat_rankings(
    store: SessionStore,
    log: FeedbackLog,
    *,
    clicks: Sequence[LiveClick] = (),
    tools: Sequence[dict[str, Any]] = (),
) -> Exported:
    """Rankings of what was said and done with consent. The same conversations and feedback give the same rankings.

    Args:
        store: the conversations.
        log: what was said about them.
        clicks: on their replies while these streamed.
        tools: schemas of the tools that they had, which are not stored with them.

    Raises:
        ConfigError: the log cannot be read.
        SessionError: the store cannot be read.
    """
    chats, left_out = read_chats(store, log, clicks)
    export = _Export(tuple(tools), left_out)
    for chat in chats:
        for rated in chat.questions:
            for rater, opinion in rated.opinions.items():
                export.said(chat, rated, rater, opinion)
            export.kept(chat, rated)
    return Exported(export.rankings, dict(export.made), dict(export.left_out), dict(export.redacted))


class _Export:
    def __init__(self, tools: tuple[dict[str, Any], ...], left_out: Counter[str]) -> None:
        self.rankings: list[Ranking] = []
        self.made: Counter[str] = Counter()
        self.left_out = left_out
        self.redacted: Counter[str] = Counter()
        self._tools = tools

    def said(self, chat: RatedChat, rated: RatedQuestion, rater: str, opinion: Opinion) -> None:
        replies = {reply.id: _Version(reply.id, reply.messages) for reply in rated.question.replies}
        edits = {
            reply.id: _Version(f"{reply.id} edited", reply.edited(opinion.edits[reply.id].text))
            for reply in rated.question.replies
            if reply.id in opinion.edits
        }
        ups = [id for id, thumb in opinion.thumbs.items() if thumb.value > 0]
        downs = [id for id, thumb in opinion.thumbs.items() if thumb.value < 0]
        pairs = [(edits[id], replies[id]) for id in edits]
        pairs += [(replies[up], replies[down]) for up in ups for down in downs]
        # Whoever corrects a good reply prefers the correction to the bad ones too.
        pairs += [(edits[up], replies[down]) for up in ups if up in edits for down in downs]
        differing = [pair for pair in pairs if said_in(pair[0].messages) != said_in(pair[1].messages)]
        self._leave_out(SAME, len(pairs) - len(differing))
        if not (ups and downs):
            self._leave_out(ALONE, sum(id not in edits for id in opinion.thumbs))
        created = max(record.created for record in (*opinion.thumbs.values(), *opinion.edits.values()))
        comment = _comment(opinion)
        chain = _chain(differing)
        corrections = {version.id for version in edits.values()}
        for versions in [chain] if chain else differing:
            ids = {version.id for version in versions}
            clicked = bool(ids & opinion.clicked) and not ids <= {*corrections, *opinion.edits}
            kind = "edits" if ids & corrections else "clicks" if clicked else "thumbs"
            self._add(
                chat,
                rated,
                versions,
                kind,
                rater=rater,
                weight=1.0 if chain else 1 / len(differing),
                confidence=CLICKED if clicked else 1.0,
                created=created,
                comment=comment,
            )

    def kept(self, chat: RatedChat, rated: RatedQuestion) -> None:
        replies = rated.question.replies
        if len(replies) < 2:
            return
        if not chat.newest.consent:
            self._leave_out(NO_CONSENT, 1)
            return
        # Of what was rated, enough has been counted already.
        unrated = 0 if rated.opinions else 1
        found = preferred(replies)
        if found is None:
            self._leave_out(SEVERAL_KEPT, unrated)
            return
        best, continued = found
        worse: list[StoredReply] = []
        for other in replies:
            if other is best:
                continue
            if said_in(other.messages) == said_in(best.messages):
                self._leave_out(SAME, unrated)
            elif _called(rated, best, -1) or _called(rated, other, 1):
                self._leave_out(SAID_OTHERWISE, 1)
            elif not (_called(rated, best, 1) and _called(rated, other, -1)):  # those are in a ranking already
                worse.append(other)
        for other in worse:
            versions = (_Version(best.id, best.messages), _Version(other.id, other.messages))
            confidence = CONTINUED if continued else LEFT_LAST
            created = chat.newest.created
            self._add(
                chat,
                rated,
                versions,
                "regenerations",
                rater=RULE,
                weight=1 / len(worse),
                confidence=confidence,
                created=created,
            )

    def _add(
        self, chat: RatedChat, rated: RatedQuestion, versions: Sequence[_Version], kind: str, **fields: Any
    ) -> None:
        """Adds a ranking of versions that are in order, the best first."""
        prompt, counts = redact_messages(rated.question.prompt)
        replies: list[tuple[Message, ...]] = []
        for version in versions:
            clean, more = redact_messages(version.messages)
            replies.append(clean)
            counts.update(more)
        if len({said_in(reply) for reply in replies}) < len(replies):
            self._leave_out(SAME, 1)
            return
        # Names of conversations may say what they are about, and whose they are.
        parts = (chat.session, rated.question.entry_id, kind, fields["rater"], *(version.id for version in versions))
        ranking = Ranking(
            id=f"chat-{hashlib.sha256(chr(0).join(parts).encode('utf-8', 'replace')).hexdigest()[:24]}",
            prompt=prompt,
            replies=tuple(replies),
            ranks=tuple(range(1, len(replies) + 1)),
            tools=self._tools,
            consent=True,
            **fields,
        )
        if not can_be_written(ranking.to_dict()):
            self._leave_out(NOT_JSON, 1)
            return
        self.rankings.append(ranking)
        self.made[kind] += 1
        self.redacted.update(counts)

    def _leave_out(self, reason: str, count: int) -> None:
        if count:
            self.left_out[reason] += count


def can_be_written(value: dict[str, Any]) -> bool:
    """Whether a record is strict JSON in UTF-8: conversations may hold half characters, and numbers without an end."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _chain(pairs: Sequence[tuple[_Version, _Version]]) -> tuple[_Version, ...] | None:
    """All versions, the best first, where each two of them are among the pairs."""
    wins = Counter(better.id for better, _ in pairs)
    versions = {version.id: version for pair in pairs for version in pair}
    ordered = sorted(versions, key=lambda id: -wins[id])
    if len(ordered) < 2 or [wins[id] for id in ordered] != list(range(len(ordered) - 1, -1, -1)):
        return None
    return tuple(versions[id] for id in ordered)


def _called(rated: RatedQuestion, reply: StoredReply, value: int) -> bool:
    """Whether anybody called a reply good (1) or bad (−1)."""
    return any(
        reply.id in opinion.thumbs and opinion.thumbs[reply.id].value == value for opinion in rated.opinions.values()
    )


def _comment(opinion: Opinion) -> str | None:
    told = [text for thumb in opinion.thumbs.values() for text in (*thumb.reasons, thumb.comment) if text]
    return redact("; ".join(dict.fromkeys(told)))[0] or None
