"""The routes, as an ASGI application."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import secrets
from collections.abc import Awaitable, Callable, Collection

from ...agent import Agent, Session, SessionStore
from ...policies.feedback.chats import FeedbackLog
from ..asgi import Receive, Scope, Send
from . import metrics
from .answering import Called, Emit, Ended, Happened, Said, agent_turn, passed_through
from .chat_request import ChatRequest, read_request
from .conversation import Asked, read_conversation
from .door import Door
from .errors import ApiError, cut_off, invalid, log, session_busy, shutting_down, told
from .exchange import CLIENT_LEFT, Exchange
from .feedback import FEEDBACK, read_feedback, take_feedback
from .job import Job
from .json_body import read_json
from .limits import Line, TokenBucket
from .live import CLICKS, LIVE, UNDO, LiveHeads, read_clicks
from .settings import ApiSettings
from .shapes import KEEP_ALIVE, Shape
from .shapes import line as as_line

CHAT = "/v1/chat/completions"
MODELS = "/v1/models"
HEALTH = "/healthz"
METRICS = "/metrics"
METHODS = {
    CHAT: "POST",
    FEEDBACK: "POST",
    CLICKS: "POST",
    UNDO: "POST",
    LIVE: "GET",
    MODELS: "GET",
    HEALTH: "GET",
    METRICS: "GET",
}

# So long the answer's status may still become that of an error; then a stream begins.
PATIENCE_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 5.0


class Api:
    """Answers requests with an agent.

    Args:
        agent: who answers.
        settings: how much, and to whom.
        names: by which the server may be called, without a port.
        any_address: whether it may be called by any IP address too.
        store: where conversations are kept for clients that ask for it.
        feedback: where what they say about replies is kept.
    """

    def __init__(
        self,
        agent: Agent,
        settings: ApiSettings,
        *,
        names: Collection[str],
        any_address: bool = False,
        store: SessionStore | None = None,
        feedback: FeedbackLog | None = None,
    ) -> None:
        self.draining = False
        self._agent = agent
        self._settings = settings
        self._store = store or SessionStore()
        self._log = feedback or FeedbackLog()
        self._live = LiveHeads()
        self._door = Door(settings, names, any_address=any_address)
        self._line = Line(settings.max_running, settings.max_queued)
        self._metrics = metrics.Metrics(self._line, [tool.name for tool in agent.tools])
        self._models = tuple(dict.fromkeys((agent.policy.name, agent.name)))
        self._buckets: dict[str | None, TokenBucket] = {}
        self._busy: set[str] = set()
        self._jobs: set[Job] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        route = _route(scope["path"])
        key: str | None = None
        exchange = Exchange(scope, receive, send, on_begin=lambda status: self._metrics.answered(route, status, key))
        try:
            exchange.sent_headers |= self._door.let_in(exchange.headers)
            if exchange.method == "OPTIONS" and "access-control-allow-origin" in exchange.sent_headers:
                await exchange.answer(204, b"", self._door.preflight(exchange.headers))
                return
            if route != HEALTH:
                key = self._door.holder(exchange.headers)
            await self._routed(exchange, route, key)
        except ApiError as error:
            self._metrics.refused(error.code or "invalid")
            await exchange.refuse(error)
        except TimeoutError:
            pass  # a client that stays connected and does not read
        except Exception as error:  # noqa: BLE001 - the last boundary: the client is told as little as possible
            if exchange.begun:
                log(error, exchange.id)
            else:
                await exchange.refuse(told(error, exchange.id, self._settings.seconds))
        if not exchange.begun:
            self._metrics.answered(route, CLIENT_LEFT, key)

    def drain(self) -> None:
        """Lets nobody in any more; what runs goes on."""
        self.draining = True
        self._line.close()

    def stop_all(self) -> None:
        """Stops what runs, and tells its clients."""
        for job in tuple(self._jobs):
            job.stop(cut_off())

    async def _routed(self, exchange: Exchange, route: str, key: str | None) -> None:
        if route == HEALTH:
            _require_method(exchange, "GET")
            state = {"status": "draining" if self.draining else "ready"}
            await exchange.answer(503 if self.draining else 200, state)
            return
        if exchange.path.startswith("/v1/"):
            if self.draining:
                raise shutting_down()
            exchange.sent_headers |= self._counted(key)
        if route == metrics.OTHER:
            raise ApiError(404, f"There is no such route; there are: {', '.join(METHODS)}.", code="unknown_url")
        _require_method(exchange, METHODS[route])
        if route == METRICS:
            await exchange.answer(200, self._metrics.page(), {"content-type": metrics.CONTENT_TYPE})
        elif route == MODELS:
            await self._list_models(exchange)
        elif route == FEEDBACK:
            await self._feedback(exchange, key)
        elif route == CLICKS:
            await self._clicks(exchange, key)
        elif route == UNDO:
            await exchange.answer(200, await self._live.undo(key))
        elif route == LIVE:
            await exchange.answer(200, self._live.told(key))
        else:
            await self._chat(exchange, key)

    def _counted(self, key: str | None) -> dict[str, str]:
        settings = self._settings
        own = settings.keys[key].requests_per_minute if key is not None else None
        per_minute = own or settings.requests_per_minute
        if per_minute is None:
            return {}
        if key not in self._buckets:
            self._buckets[key] = TokenBucket(per_minute)
        return self._buckets[key].take()

    async def _list_models(self, exchange: Exchange) -> None:
        models = [{"id": name, "object": "model", "created": 0, "owned_by": "pericles"} for name in self._models]
        asked = exchange.path.removeprefix(MODELS).removeprefix("/")
        if asked:
            self._require_model(asked)
            await exchange.answer(200, models[self._models.index(asked)])
        else:
            await exchange.answer(200, {"object": "list", "data": models})

    def _require_model(self, name: str) -> None:
        if name not in self._models:
            there = ", ".join(self._models)
            raise ApiError(
                404, f"There is no model {name[:100]!r}; there are: {there}.", param="model", code="model_not_found"
            )

    async def _feedback(self, exchange: Exchange, key: str | None) -> None:
        request = read_feedback(read_json(await exchange.body(self._settings.max_body_bytes)))
        session = self._store.session(_session_id(request.session, key))
        # Apart from the people of this machine, who may have the same names.
        rater = f"human:api:{key or 'anybody'}"
        await exchange.answer(200, await take_feedback(request, session, self._log, rater))

    async def _clicks(self, exchange: Exchange, key: str | None) -> None:
        request = read_clicks(read_json(await exchange.body(self._settings.max_body_bytes)))
        session = self._store.session(_session_id(request.session, key))
        await exchange.answer(200, await self._live.take(request, session, key))

    async def _chat(self, exchange: Exchange, key: str | None) -> None:
        request = read_request(read_json(await exchange.body(self._settings.max_body_bytes)))
        self._require_model(request.model)
        asked = read_conversation(request, self._agent.config)
        self._require_possible(request, asked)
        wants_usage = bool(request.stream_options and request.stream_options.include_usage)
        extension = request.pericles
        answer_id = f"chatcmpl-{secrets.token_hex(12)}"
        shape = Shape(answer_id, request.model, wants_usage, extension.events, bool(request.logprobs))
        session, release = self._held(extension.session, key)
        agent = self._agent
        if extension.live:
            agent = dataclasses.replace(agent, policy=self._live.over(agent.policy, key))
        work = functools.partial(self._work, agent, asked, session)
        job = Job(work, self._line, self._metrics, exchange.id, self._settings.seconds, on_end=release)
        self._jobs.add(job)
        try:
            await _while_there(exchange, (_streamed if request.stream else _whole)(exchange, job, shape))
        finally:
            await job.leave()
            self._jobs.discard(job)

    def _require_possible(self, request: ChatRequest, asked: Asked) -> None:
        """Refuses before the waiting what could not be done after it."""
        if request.logprobs:
            if "logprobs" not in self._agent.policy.capabilities:
                raise invalid("This model does not tell log-probabilities.", "logprobs", "unsupported_value")
            if not asked.tools and len(self._agent.tools) and asked.tool_choice != "none":
                raise invalid(
                    'Log-probabilities need `tools` of the client or tool_choice "none": a turn with the server\'s '
                    "tools has several replies.",
                    "logprobs",
                    "unsupported_value",
                )
        if request.pericles.session is not None:
            if asked.tools:
                raise invalid("A conversation on the server uses the server's tools: leave out tools.", "tools")
            _ = asked.last_said

    def _held(self, name: str | None, key: str | None) -> tuple[Session | None, Callable[[], None]]:
        """A stored conversation of one client, for one turn at a time, and what gives it back."""
        if name is None:
            return None, lambda: None
        session_id = _session_id(name, key)
        if session_id in self._busy:
            raise session_busy()
        session = self._store.session(session_id)
        self._busy.add(session_id)
        return session, lambda: self._busy.discard(session_id)

    async def _work(self, agent: Agent, asked: Asked, session: Session | None, emit: Emit) -> Ended:
        seconds = self._settings.seconds
        if asked.tools:
            return await passed_through(agent.policy, asked, seconds, emit)
        async with contextlib.AsyncExitStack() as stack:
            # `_held` knows the turns of this server alone, also those that still wait.
            if session is not None and not await stack.enter_async_context(self._store.turn(session.id)):
                raise session_busy()
            return await agent_turn(agent, asked, session, seconds, emit, self._metrics.tool_ran)


def _session_id(name: str, key: str | None) -> str:
    # The key's name has no colon, so that no client can name another's conversation.
    return f"api:{key or ''}:{name}"


def _route(path: str) -> str:
    if path in METHODS:
        return path
    return MODELS if path.startswith(f"{MODELS}/") else metrics.OTHER


def _require_method(exchange: Exchange, method: str) -> None:
    allowed = (method, "HEAD") if method == "GET" else (method,)
    if exchange.method not in allowed:
        raise ApiError(
            405,
            f"{exchange.path} takes {method}, not {exchange.method[:20]}.",
            code="method_not_allowed",
            headers={"allow": ", ".join(allowed)},
        )


async def _while_there(exchange: Exchange, answering: Awaitable[None]) -> None:
    """Answers until the end, or until the client leaves."""
    answer = asyncio.ensure_future(answering)
    gone = asyncio.ensure_future(exchange.gone())
    try:
        await asyncio.wait((answer, gone), return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            answer.result()
    finally:
        answer.cancel()
        gone.cancel()
        await asyncio.wait((answer, gone))


async def _whole(exchange: Exchange, job: Job, shape: Shape) -> None:
    items: list[Said | Called | Happened] = []
    while True:
        match await job.next():
            case ApiError() as error:
                raise error
            case Ended() as ended:
                await exchange.answer(200, shape.whole(items, ended))
                return
            case None:
                pass
            case item:
                items.append(item)


async def _streamed(exchange: Exchange, job: Job, shape: Shape) -> None:
    item = await job.next(PATIENCE_SECONDS)
    if isinstance(item, ApiError):
        raise item
    await exchange.begin(200, {"content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no"})
    opened = False
    while True:
        parts: list[bytes] = [] if item is not None else [KEEP_ALIVE]
        while item is not None:
            if isinstance(item, ApiError):
                await exchange.write(b"".join(parts) + as_line(item.to_dict()), more=False)
                return
            if not opened:
                parts.append(shape.opening())
                opened = True
            if isinstance(item, Ended):
                await exchange.write(b"".join(parts) + shape.closing(item), more=False)
                return
            parts.append(shape.piece(item))
            item = job.ready()
        await exchange.write(b"".join(parts), more=True)
        item = await job.next(KEEP_ALIVE_SECONDS)
