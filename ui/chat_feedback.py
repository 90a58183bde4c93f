"""What a user of the terminal says about replies: `/good`, `/bad`, `/edit`, and `/again` for another one."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import secrets
from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from ..agent import Agent, ConfigError, Entry, InMemorySession, Session
from ..tools.locations import data_dir
from .typing_in import END, edit

if TYPE_CHECKING:
    from ..policies.feedback.chats import Again, Edit, FeedbackLog, Thumb

HELP = """/good [WHY]     the last reply is good
/bad [WHY]      the last reply is bad
/edit           write what the last reply should have said
/again          another reply to the same question
/consent [yes|no]  whether what you say about replies may be trained on"""
COMMANDS = ("/good", "/bad", "/edit", "/consent")
AGAIN_TEMPERATURE = 0.8

_QUESTION = """What you say about replies is kept on this machine, in {path}.
May a model be trained on it, and on the conversation around it?
E-mail addresses, telephone numbers, keys, cards and bank accounts are taken out before. Names are not.
You can change your mind at any time: /consent yes or /consent no."""


class ChatFeedback:
    """Keeps what the user says about the replies of one conversation.

    Args:
        session: the conversation.
        console: where the user is told what happened.
        ask: shows a prompt and returns the line that the user types; `None` where nobody does any more.
    """

    def __init__(self, session: Session, console: Console, ask: Callable[[str], str | None]) -> None:
        self._session = session
        self._console = console
        self._ask = ask

    def command(self, name: str, rest: str, runner: asyncio.Runner) -> None:
        """Carries out one of `COMMANDS`.

        Raises:
            ConfigError: the conversation is not kept, there is no reply yet, or it cannot be done.
        """
        if name == "/consent":
            self._change_consent(rest.lower())
            return
        self._require_name()
        reply = _last_reply(runner.run(self._session.branch()))
        if reply is None:
            raise ConfigError("there is no reply yet.")
        if name == "/edit":
            self._correct(reply)
        else:
            self._rate(reply, 1 if name == "/good" else -1, rest)

    def forget(self) -> None:
        """Deletes what was said about the conversation: corrections say again what it said."""
        if not isinstance(self._session, InMemorySession):
            forget_feedback([self._session.id])

    @contextlib.contextmanager
    def another(self, agent: Agent, runner: asyncio.Runner) -> Generator[Agent]:
        """Around a turn that answers the last question once more: the conversation stands behind the question there.

        A turn that gives no answer leaves the conversation where it was before.

        Args:
            agent: who answered.
            runner: of the conversation.

        Returns:
            The agent that is to answer `None` there: it samples, where this one always says the same.

        Raises:
            ConfigError: there is no question yet.
        """
        branch = runner.run(self._session.branch())
        question = next((entry for entry in reversed(branch) if _is_users(entry)), None)
        if question is None:
            raise ConfigError("there is no question yet to answer again.")
        runner.run(self._session.switch(question.id))
        try:
            config = dataclasses.replace(
                agent.config,
                temperature=agent.config.temperature or AGAIN_TEMPERATURE,
                seed=secrets.randbelow(2**31),
            )
            yield dataclasses.replace(agent, config=config)
        finally:
            now = runner.run(self._session.branch())
            answered = _ends_with_reply(now)
            if not answered and not _waits(now):
                runner.run(self._session.switch(branch[-1].id))
        before = _last_reply(branch)
        if answered and before is not None:
            self._asked_again(before)

    def _rate(self, reply: Entry, value: int, why: str) -> None:
        from ..policies.feedback.chats import Thumb
        from ..policies.feedback.chats.records import MAX_REASON_CHARS

        short = len(why) <= MAX_REASON_CHARS
        record = Thumb(
            session=self._session.id,
            message_id=reply.id,
            rater=_rater(),
            consent=self._consent(),
            value=value,
            reasons=(why,) if why and short else (),
            comment=None if short else why,
        )
        self._keep(record, "good" if value > 0 else "bad")

    def _correct(self, reply: Entry) -> None:
        from ..policies.feedback.chats import Edit

        text = edit(reply.message.content)
        text = self._typed() if text is None else text
        if text is None or not text.strip() or text.strip() == reply.message.content.strip():
            self._console.print("nothing was changed", style="dim")
            return
        record = Edit(
            session=self._session.id,
            message_id=reply.id,
            rater=_rater(),
            consent=self._consent(),
            text=text.strip(),
        )
        self._keep(record, "your correction")

    def _typed(self) -> str | None:
        self._console.print(f"Write the reply as it should be; a line with a single {END} ends it.", style="dim")
        lines: list[str] = []
        while (line := self._ask("… ")) is not None:
            if line.strip() == END:
                return "\n".join(lines)
            lines.append(line)
        return None

    def _asked_again(self, before: Entry) -> None:
        from ..policies.feedback.chats import Again

        if isinstance(self._session, InMemorySession):
            return
        # To ask again is no rating that the user gives: without an answer about consent, it is not the time to ask.
        consent = read_consent() or False
        record = Again(session=self._session.id, message_id=before.id, rater=_rater(), consent=consent)
        _log().add(record)

    def _keep(self, record: Thumb | Edit | Again, what: str) -> None:
        _log().add(record)
        note = "" if record.consent else " (not for training)"
        self._console.print(f"kept: {what}{note}", style="dim")

    def _consent(self) -> bool:
        """What the user agreed to; asked once."""
        known = read_consent()
        if known is not None:
            return known
        self._console.print(_QUESTION.format(path=_log().path), markup=False)
        line = self._ask("May it be used? [y/N] ")
        if line is None:
            return False
        agreed = line.strip().lower() in ("y", "yes")
        write_consent(agreed)
        return agreed

    def _change_consent(self, said: str) -> None:
        if said not in ("", "yes", "no"):
            raise ConfigError("write /consent yes, /consent no, or /consent to see what holds.")
        if said:
            write_consent(said == "yes")
        holds = read_consent()
        state = {None: "you have not been asked yet", True: "may be trained on", False: "is not trained on"}[holds]
        told = f"what you say about replies: {state}" if holds is None else f"what you say about replies {state}"
        if said == "no" and (count := _log().revoke(_rater())):
            told += f"; that goes for what you said before, too ({count} records)"
        self._console.print(told, markup=False)

    def _require_name(self) -> None:
        if isinstance(self._session, InMemorySession):
            raise ConfigError("this conversation is not kept: begin one with a name (pericles chat --session NAME).")


def forget_feedback(sessions: Sequence[str]) -> None:
    """Deletes what was said about conversations.

    Raises:
        ConfigError: it cannot be deleted.
    """
    _log().forget(sessions)


def read_consent() -> bool | None:
    """What the user answered; `None` where they were not asked, or the answer cannot be read."""
    try:
        value = json.loads(_consent_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    agreed = value.get("consent") if isinstance(value, dict) else None
    return agreed if isinstance(agreed, bool) else None


def write_consent(agreed: bool) -> None:
    """Keeps the user's answer.

    Raises:
        ConfigError: it cannot be written.
    """
    from ..policies.feedback.json_lines import write_json_lines

    data_dir().mkdir(parents=True, exist_ok=True)
    answered = datetime.now(UTC).isoformat(timespec="seconds")
    write_json_lines(_consent_path(), [{"consent": agreed, "answered": answered}])


def _consent_path() -> Path:
    return data_dir() / "feedback_consent.json"


def _log() -> FeedbackLog:
    from ..policies.feedback.chats import FeedbackLog

    return FeedbackLog()


def _rater() -> str:
    from ..policies.feedback.collecting.rater import human_rater

    try:
        return human_rater()
    except ConfigError:  # a machine without login names, such as a container
        return human_rater("me")


def _is_users(entry: Entry) -> bool:
    from ..policies.feedback.message_lists import is_users

    return is_users(entry.message)


def _last_reply(branch: list[Entry]) -> Entry | None:
    return next((entry for entry in reversed(branch) if _is_reply(entry)), None)


def _ends_with_reply(branch: list[Entry]) -> bool:
    return bool(branch) and _is_reply(branch[-1]) and not branch[-1].message.meta.get("cut_off")


def _is_reply(entry: Entry) -> bool:
    message = entry.message
    return message.role == "assistant" and not message.tool_calls and bool(message.content)


def _waits(branch: list[Entry]) -> bool:
    from ..agent.sessions import waiting

    return bool(waiting([entry.message for entry in branch]))
