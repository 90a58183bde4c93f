"""Live reward in the chat: keys become clicks on what was to be seen, and the user's live head chooses what is said."""

from __future__ import annotations

import dataclasses
import time
import uuid
from collections.abc import Awaitable, Callable

from rich.console import Console

from ..agent import Agent, ConfigError, Decisions, Event, MessageCompleted, Session, SQLSession, TextDelta, TurnResult
from ..policies.feedback.collecting.rater import human_rater
from ..policies.feedback.tamer import Click, Leaning, LivePolicy, LiveSession, Screen
from ..policies.feedback.tamer.replies import newest_reply
from .chat_feedback import read_consent
from .live_keys import ClickKeys, type_ahead
from .terminal import TurnPrinter

HELP = (
    "/live undo takes the last click back, /live off and on switch it, /live share lets it decide now and then and "
    "/live bias always, /live reset forgets everything."
)
LATE_SECONDS = 1.2  # that clicks may come after the last word: most are done by then
PACE = 80.0  # characters a second at which a chosen reply is shown
_NAMED = 3
_LISTED = 8
_FAINT = 0.2  # of its own uncertainty: less is not worth telling


class WatchedPrinter(TurnPrinter):
    """Shows a turn, and notes what is to be seen since when.

    Args:
        console: where it is shown.
        screen: what notes it.
    """

    def __init__(self, console: Console, screen: Screen) -> None:
        super().__init__(console, console)
        self._screen = screen

    def show(self, event: Event) -> None:
        super().show(event)
        now = time.monotonic()
        if isinstance(event, TextDelta):
            self._screen.write(event.text, now)
        elif isinstance(event, MessageCompleted) and event.message.role == "assistant":
            self._screen.part()
            for call in event.message.tool_calls:
                self._screen.call(call.name, now)


class LiveChat:
    """The live reward of the user of this machine in a chat.

    Raises:
        ConfigError: what was learned before cannot be read.
    """

    def __init__(self) -> None:
        self._rater = _rater()
        self.live = LiveSession(self._rater)
        self._console = Console(highlight=False)
        self._screen = Screen()
        self._clicks: list[Click] = []
        self._typed = ""
        self._policy: LivePolicy | None = None

    def over(self, agent: Agent) -> Agent:
        """The agent, saying what this user prefers."""
        self._policy = LivePolicy(agent.policy, self.live, pace=PACE, tells_logprob=True)
        return dataclasses.replace(agent, policy=self._policy)

    async def turn(
        self, show: Callable[[TurnPrinter], Awaitable[TurnResult]], asked: str | Decisions | None, session: Session
    ) -> TurnResult:
        """Shows a turn and learns from the clicks on it, also where it is stopped.

        Args:
            show: shows it by the printer that it is given.
            asked: a question, `None` for the last one once more, or decisions with which the turn before goes on.
            session: the conversation. Clicks are kept to train on where it is kept and the user has agreed.
        """
        if not isinstance(asked, Decisions):
            self._learn(None, uuid.uuid4().hex)  # what was clicked on a turn whose call nobody decided on
            self._screen, self._clicks = Screen(), []
        if not self.live.on:
            return await show(TurnPrinter(self._console, self._console))
        stopped = True
        try:
            result = await self._clicked(show)
            stopped = False
        finally:
            if stopped:
                self._leave(None, uuid.uuid4().hex)
        if not result.pending:
            kept = session.id if isinstance(session, SQLSession) and read_consent() else None
            self._leave(kept, newest_reply(await session.branch()) or uuid.uuid4().hex)
        return result

    def command(self, what: str) -> None:
        """`/live` and what may stand behind it.

        Raises:
            ConfigError: it is something else.
        """
        if what == "undo":
            undone = self.live.undo()
            self._tell(
                f"the last click is taken back; {self._summary()}" if undone else "there is no click to take back"
            )
        elif what == "reset":
            self.live.reset()
            self._tell("everything that was learned is forgotten")
        elif what in ("on", "off"):
            self.live.on = what == "on"
            self._tell("your clicks choose what is said" if self.live.on else "clicks are neither read nor followed")
        elif what in ("bias", "share"):
            self.live.combining = "action-biasing" if what == "bias" else "control-sharing"
            self._tell(f"your clicks {'always have a say' if what == 'bias' else 'decide as often as they are sure'}")
        elif what:
            raise ConfigError(f"there is no /live {what}. {HELP}")
        else:
            self._overview()

    async def _clicked(self, show: Callable[[TurnPrinter], Awaitable[TurnResult]]) -> TurnResult:
        keys = ClickKeys()
        try:
            with keys:
                result = await show(WatchedPrinter(self._console, self._screen))
                if self._screen.pieces and not result.pending:
                    await keys.linger(LATE_SECONDS)
        finally:
            self._clicks += [Click(when, value, self._rater) for when, value in keys.clicks]
            self._typed += keys.typed
        return result

    def _leave(self, session: str | None, message_id: str) -> None:
        # Not while a call waits: what was typed ahead is no answer to whether it may run.
        type_ahead(self._typed)
        self._typed = ""
        self._learn(session, message_id)

    def _learn(self, session: str | None, message_id: str) -> None:
        segments = self._screen.segments(message_id, time.monotonic())
        clicks, self._clicks = self._clicks, []
        logprob = self._policy.take_logprob() if self._policy is not None else None
        learned = self.live.learn(clicks, segments, self._screen.pieces, session=session, logprob=logprob)
        if learned:
            self._tell(f"{_counted(learned)}; {self._summary()}")

    def _summary(self) -> str:
        """What the head has learned, in a few words."""
        largest = [one for one in self.live.leanings() if abs(one.weight) > _FAINT * one.uncertainty][:_NAMED]
        return ", ".join(f"{one.name} {'+' if one.weight > 0 else '-'}" for one in largest) or "nothing preferred yet"

    def _overview(self) -> None:
        state, name = "on" if self.live.on else "off", self._rater.removeprefix("human:")
        shared = ", sharing control" if self.live.combining == "control-sharing" else ""
        self._tell(f"{state}{shared}, {_counted(self.live.clicks)} by {name}, lag {self.live.delay.lag:.2f} s")
        for one in self.live.leanings()[:_LISTED]:
            self._console.print(_shown(one), markup=False, style="dim")
        self._console.print(f"While an answer comes, + and - click on it. {HELP}", markup=False, style="dim")

    def _tell(self, text: str) -> None:
        self._console.print(f"live: {text}", markup=False, style="dim")


def _shown(leaning: Leaning) -> str:
    return f"  {leaning.name:14}{leaning.weight:+.2f} ± {leaning.uncertainty:.2f}"


def _counted(clicks: int) -> str:
    return f"{clicks} click{'' if clicks == 1 else 's'}"


def _rater() -> str:
    try:
        return human_rater()
    except ConfigError:  # a machine without login names, such as a container
        return human_rater("me")
