"""`RemotePolicy`: a model that an OpenAI-compatible server speaks for.

Not covered: images, several replies to one request, the Responses API, and Azure's own addresses.
"""

from __future__ import annotations

import contextlib
import logging
import weakref
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from pydantic import ValidationError

from ....tools import ConfigError, ContextOverflow, PolicyError, PolicyTimeout
from ....tools.web.io_loop import on_io_loop, run_on_io_loop
from ..messages import GenerationConfig, Message, PolicyEvent, ToolChoice
from ..tool_choice import tool_to_call
from .addresses import read_place
from .connection import AgainError, Attempts, Connection, Limits
from .counting import counted, estimated
from .discovery import discover, no_such_model
from .failures import Refusal, RefusedError, is_overflow, told
from .incoming import ReplyBuilder
from .keys import find_secrets
from .outgoing import check, request_body
from .relay import Relay
from .settings import DialectName, HostSettings, host_settings

_log = logging.getLogger(__name__)
_MAX_CHANGES = 6
_UNKNOWN = ("not support", "unsupported", "unrecognized", "unknown", "not permitted", "unexpected", "not allowed")
_OTHER_FIELD = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}


class RemotePolicy:
    """A model at `http://HOST:PORT/v1#MODEL`. The server is asked what it is when the policy is made.

    The limits come from `[remote]` of the settings where they are not given. May be used from any event loops, also
    from several at once: the connections have a loop of their own.

    Args:
        ref: address of the server, and the model behind `#`; it may be left out where the server has only one.
        name: what to call the policy; the reference by default.
        context_window: tokens that prompt and reply may take together; asked of the server by default.
        dialect: what the server is, where it is not recognised (`DIALECTS`).
        key_env: environment variable that holds the API key.
        allow_http: whether a key may travel unencrypted to a host outside one's own network.
        connect_timeout: seconds until there is a connection.
        read_timeout: seconds without a byte until the server counts as stuck.
        total_timeout: seconds that one reply may take, with retries.
        attempts: how often a request is sent at most.

    Attributes:
        counts_exactly: whether `count_tokens` is the server's own count and not an estimate.

    Raises:
        ConfigError: address, key or model is wrong, or nothing listens there.
        PolicyError: the server does not answer as it should.
    """

    def __init__(
        self,
        ref: str,
        *,
        name: str | None = None,
        context_window: int | None = None,
        dialect: DialectName | None = None,
        key_env: str | None = None,
        allow_http: bool | None = None,
        connect_timeout: float | None = None,
        read_timeout: float | None = None,
        total_timeout: float | None = None,
        attempts: int | None = None,
    ) -> None:
        place = read_place(ref)
        given = {
            "context_window": context_window,
            "dialect": dialect,
            "key_env": key_env,
            "allow_http": allow_http,
            "connect_timeout": connect_timeout,
            "read_timeout": read_timeout,
            "total_timeout": total_timeout,
            "attempts": attempts,
        }
        settings = _settings(host_settings(place), given)
        limits = Limits(
            settings.connect_timeout or 10.0,
            settings.read_timeout or 60.0,
            settings.total_timeout or 600.0,
            settings.attempts or 4,
        )
        self._connection = Connection(place, find_secrets(place, settings), limits)
        closing = weakref.finalize(self, self._connection.close_later)
        closing.atexit = False
        found = run_on_io_loop(discover(self._connection, place.model, settings.dialect, settings.context_window))
        self._model = found.model
        self._dialect = found.dialect
        # A model that the server chose the name of may be called anything.
        self.name = name or f"{place.base}#{self._connection.secrets.told(found.model)}"
        self.context_window = found.context_window
        self.capabilities = frozenset({"logprobs"}) if found.dialect.logprobs != "no" else frozenset[str]()
        self.counts_exactly = found.dialect.counting != "estimate"
        self._relay = Relay(f"the policy {self.name} is closed.")
        # What this server has refused once is not sent to it again.
        self._left_out: set[str] = set()
        self._parserless = False
        self._closed = False

    def __repr__(self) -> str:
        return f"RemotePolicy({self.name!r}, dialect={self._dialect.name!r})"

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[dict[str, Any]] = (),
        tool_choice: ToolChoice = "auto",
        config: GenerationConfig | None = None,
    ) -> AsyncGenerator[PolicyEvent]:
        """Streams one reply; see `Policy.stream`. Closing the iterator closes the connection, which stops the server.

        Raises:
            ConfigError: the server cannot do what `tool_choice` or `config` asks for, or refuses the key.
            ContextOverflow: the conversation is too long.
            RateLimited: the server takes no more requests for now.
            PolicyTimeout: there was no answer in time.
            PolicyError: the reply broke off, cannot be read, or does not do what `tool_choice` demands.
        """
        self._check_open()
        config = config or GenerationConfig()
        must_call = tool_to_call(tools, tool_choice)
        check(config, tools, self._dialect)
        reply = self._relay.stream(lambda: self._reply(messages, tools, tool_choice, must_call, config))
        async with contextlib.aclosing(reply) as events:
            async for event in events:
                yield event

    async def count_tokens(self, messages: Sequence[Message], *, tools: Sequence[dict[str, Any]] = ()) -> int:
        """Length of the prompt in tokens; an estimate where the server does not count (`counts_exactly`).

        Raises:
            PolicyError: the server does not answer.
        """
        self._check_open()
        if self.counts_exactly:
            exact = await on_io_loop(counted(self._connection, self._model, messages, tools))
            if exact is not None:
                return exact
            self.counts_exactly = False
            _log.warning("%s does not count tokens: their number is estimated.", self._connection.place.name)
        return estimated(messages, tools)

    async def aclose(self) -> None:
        """Ends the replies under way and closes the connections."""
        if self._closed:
            return
        self._closed = True
        await on_io_loop(self._close())

    async def _close(self) -> None:
        self._relay.stop()
        await self._connection.aclose()

    def _check_open(self) -> None:
        if self._closed:
            raise PolicyError(f"the policy {self.name} is closed.")

    async def _reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[dict[str, Any]],
        tool_choice: ToolChoice,
        must_call: str | None,
        config: GenerationConfig,
    ) -> AsyncGenerator[PolicyEvent]:
        """One reply, sent for again as long as nothing of it has been told."""
        connection, name = self._connection, self._connection.place.name
        if self._dialect.truncates:
            self._refuse_what_would_be_cut(messages, tools)
        body = self._body(messages, tools, tool_choice, must_call, config)
        attempts, changes = Attempts(connection.limits), 0
        async with connection.deadline():
            while True:
                builder = ReplyBuilder(
                    name,
                    connection.secrets,
                    tools,
                    tool_choice,
                    must_call,
                    config.logprobs is not None,
                    self._dialect,
                )
                said, refusal = False, None
                try:
                    async with contextlib.aclosing(
                        connection.chunks(f"{connection.place.base}/chat/completions", body)
                    ) as chunks:
                        async for chunk in chunks:
                            for event in builder.take(chunk):
                                said = True
                                yield event
                    if not builder.began:
                        raise AgainError(PolicyError(f"{name} sent a reply without anything in it."))
                except AgainError as again:
                    # Behind the reason why it ends there is nothing left that could be missed.
                    if not builder.ended:
                        if said:
                            raise again.error from None
                        await attempts.wait(again)
                        continue
                except PolicyTimeout:
                    if not builder.ended:
                        raise
                except RefusedError as refused:
                    refusal = refused.refusal
                if refusal is not None:
                    changes += 1
                    if said or changes > _MAX_CHANGES:
                        raise told(refusal, connection.place, self._dialect, connection.secrets)
                    body = await self._changed(body, refusal, messages, tools)
                    continue
                for event in builder.finish():
                    yield event
                return

    def _body(
        self,
        messages: Sequence[Message],
        tools: Sequence[dict[str, Any]],
        tool_choice: ToolChoice,
        must_call: str | None,
        config: GenerationConfig,
    ) -> dict[str, Any]:
        body = request_body(self._model, messages, tools, tool_choice, must_call, config, self._dialect)
        field = self._dialect.max_tokens
        body[field] = max(1, min(body[field], self.context_window - 1))
        for left_out in self._left_out & body.keys():
            body = _without(body, left_out)
        if self._parserless and tools and must_call is None:
            body["tool_choice"] = "none"
        return body

    async def _changed(
        self, body: dict[str, Any], refusal: Refusal, messages: Sequence[Message], tools: Sequence[dict[str, Any]]
    ) -> dict[str, Any]:
        """The request as the server may take it after it has refused it once.

        Raises:
            PericlesError: it cannot be changed without changing what it asks for.
        """
        connection = self._connection
        message = refusal.message.lower()
        parserless = any(phrase in message for phrase in self._dialect.parserless)
        if parserless and "tools" in body and "tool_choice" not in body:
            self._parserless = True
            _log.info("%s reads no tool calls: they are read from the text.", connection.place.name)
            return {**body, "tool_choice": "none"}
        if is_overflow(refusal, self._dialect):
            return await self._shortened(body, refusal, messages, tools)
        for field in (*self._dialect.optional, *_OTHER_FIELD):
            if refusal.status in (400, 422) and field in body and _is_about(refusal, field):
                self._left_out.add(field)
                _log.warning("%s does not take %s as it is sent: it is left out.", connection.place.name, field)
                return _without(body, field)
        if refusal.status == 404 and ("model" in message or refusal.codes & {"model_not_found"}):
            raise await no_such_model(connection, self._model)
        raise told(refusal, connection.place, self._dialect, connection.secrets)

    async def _shortened(
        self, body: dict[str, Any], refusal: Refusal, messages: Sequence[Message], tools: Sequence[dict[str, Any]]
    ) -> dict[str, Any]:
        """The request for as many tokens as there is room for, where the conversation alone fits."""
        connection, field = self._connection, self._dialect.max_tokens
        count = None
        if self._dialect.counts_room:
            count = await counted(connection, self._model, messages, tools)
        if count is not None:
            room = self.context_window - count
            if 0 < room < body.get(field, 0):
                return {**body, field: room}
            raise ContextOverflow(
                f"the conversation has {count} tokens, but {self.name} reads at most {self.context_window - 1}: "
                "start a new one or shorten it."
            )
        raise told(refusal, connection.place, self._dialect, connection.secrets)

    def _refuse_what_would_be_cut(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]]) -> None:
        count = estimated(messages, tools)
        if count >= self.context_window:
            raise ContextOverflow(
                f"the conversation has about {count} tokens (an estimate), but {self.name} reads {self.context_window} "
                f"and {self._dialect.title} would drop its beginning: shorten it, or give the model a larger num_ctx."
            )


def _settings(settings: HostSettings, given: dict[str, Any]) -> HostSettings:
    """The settings with what the caller gives in their place, checked as they are."""
    values = {key: value for key, value in given.items() if value is not None}
    if "key_env" in values:
        values["keyring"] = None
    try:
        return HostSettings.model_validate({**settings.model_dump(), **values})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        got = "" if "key" in place else f", got {first['input']!r}"
        raise ConfigError(f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}{got}.") from None


def _is_about(refusal: Refusal, field: str) -> bool:
    """Whether a refusal says that the server does not know a field, or not with such a value."""
    message = refusal.message.lower()
    if not refusal.codes & {"unsupported_parameter", "unsupported_value"} and not any(w in message for w in _UNKNOWN):
        return False
    # As a word, so that max_tokens is not found in max_tokens_per_minute.
    quoted = (f"'{field}'", f'"{field}"', f"`{field}`")
    return refusal.param == field or any(form in refusal.message for form in quoted)


def _without(body: dict[str, Any], field: str) -> dict[str, Any]:
    """A request without a field; the longest reply is told by its other name instead."""
    rest = {key: value for key, value in body.items() if key != field}
    if field in _OTHER_FIELD:
        return {**rest, _OTHER_FIELD[field]: body[field]}
    return rest
