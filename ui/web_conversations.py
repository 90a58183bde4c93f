"""The conversations behind the open pages: one for each, in memory, never handed to another."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator

from ..agent import Agent, Decisions, InMemorySession, PericlesError, Turn
from .web_transcript import Transcript

logger = logging.getLogger(__name__)

MAX_CONVERSATIONS = 500
IDLE_SECONDS = 6 * 3600.0
# Smooth to the eye; every paint costs time on the server that grows with the length of the conversation.
PAINTS_PER_SECOND = 15


class Conversation:
    """What one page talks about.

    A turn runs in a task of its own, so that a connection that breaks leaves no conversation waiting for ever.
    Starting over replaces the session and the transcript: a turn that is still ending can no longer show anything.
    """

    def __init__(self) -> None:
        self.used = time.monotonic()
        self.session = InMemorySession()
        self.transcript = Transcript()
        self._turn: Turn | None = None
        self._ending: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def waiting(self) -> bool:
        """Whether calls wait for the user's approval."""
        return self.transcript.waiting and not self.busy

    @property
    def busy(self) -> bool:
        return self._turn is not None

    def stop(self) -> None:
        """Cancels the turn that is running, if any."""
        if self._turn is not None:
            self._stopping = True
            self._turn.cancel()

    def start_over(self) -> None:
        """Forgets everything that was said."""
        self.stop()
        self._turn = None
        self.session = InMemorySession()
        self.transcript = Transcript()

    async def free(self) -> bool:
        """Whether a turn can start now. Waits for one that was stopped to end, so that it does not refuse the next."""
        while self._turn is not None and self._stopping and self._ending is not None:
            await asyncio.wait([self._ending])
        return self._turn is None

    async def answer(self, agent: Agent, asked: str | Decisions) -> AsyncGenerator[None]:
        """Runs one turn. Yields whenever the page should be painted again; closing it early cancels the turn.

        Args:
            agent: who answers.
            asked: what the user said, or decided about the calls that wait.
        """
        turn = self._turn = agent.stream(asked, session=self.session)
        self._stopping = False
        if isinstance(asked, str):
            self.transcript.ask(asked)
        changed = asyncio.Event()
        running = self._ending = asyncio.create_task(self._run(agent, turn, self.transcript, changed))
        try:
            while not running.done():
                yield
                # Time between paints first: what comes meanwhile is painted at once.
                await asyncio.sleep(1 / PAINTS_PER_SECOND)
                await changed.wait()
                changed.clear()
        finally:
            turn.cancel()

    async def _run(self, agent: Agent, turn: Turn, transcript: Transcript, changed: asyncio.Event) -> None:
        try:
            async with turn:
                if self._stopping:
                    turn.cancel()
                async for event in turn:
                    transcript.apply(event)
                    changed.set()
            # Also after a turn that failed or was stopped before it came to the calls.
            transcript.waiting = bool(await agent.pending(turn.result.session))
        except Exception as error:  # noqa: BLE001 (the page is the boundary: it says so and logs it)
            transcript.fail(_sentence(error))
        finally:
            self.used = time.monotonic()
            if self._turn is turn:
                self._turn = None
            changed.set()


def _sentence(error: Exception) -> str:
    if isinstance(error, PericlesError):
        return str(error)
    logger.error("a turn could not be shown", exc_info=error)
    return "something went wrong on the server; its log says what."


class Conversations:
    """Conversations by page, bounded in number and in age.

    Args:
        max_conversations: beyond this the one unused for longest is forgotten.
        idle_seconds: a conversation unused for this long is forgotten.
    """

    def __init__(self, max_conversations: int = MAX_CONVERSATIONS, idle_seconds: float = IDLE_SECONDS) -> None:
        self._max = max_conversations
        self._idle = idle_seconds
        self._by_page: dict[str, Conversation] = {}

    def __len__(self) -> int:
        return len(self._by_page)

    def open(self, page: str) -> Conversation:
        """The conversation of a page; a new one when it has none."""
        found = self._by_page.pop(page, None) or Conversation()
        found.used = time.monotonic()
        self._by_page[page] = found  # at the end: the order is that of last use
        self._forget()
        return found

    def leave(self, page: str) -> None:
        """The page was closed or loaded anew: stops its turn. A sleeping laptop may still come back to the rest."""
        if page in self._by_page:
            self._by_page[page].stop()

    def stop_all(self) -> None:
        """Cancels every turn that is running."""
        for conversation in self._by_page.values():
            conversation.stop()

    def _forget(self) -> None:
        oldest = time.monotonic() - self._idle
        excess = len(self._by_page) - self._max
        for page, conversation in list(self._by_page.items())[:-1]:
            if excess <= 0 and conversation.used >= oldest:
                break
            if not conversation.busy:
                del self._by_page[page]
                excess -= 1
