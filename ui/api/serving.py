"""Runs the server: the address, the signals, the end.

The first SIGTERM or SIGINT lets nobody in any more, sends away who waits, and gives running turns `shutdown_seconds`;
then these are stopped, and their clients told. For `drain_seconds` whoever comes is still told, then the address is
closed. A second signal ends the process at once.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import socket
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import uvicorn
from pydantic import ValidationError

from ...agent import Agent, SessionStore
from ...tools import ConfigError, PericlesError
from ...tools.settings import load_section
from ..asgi import LOOPBACK_NAMES
from ..listening import address_of, bound_name, is_loopback, listener, loopback_names
from .app import Api
from .errors import WithoutTexts
from .settings import ApiSettings

SECTION = "api"
DEFAULT_PORT = 8000
# Clients keep connections for less than this, so that it is never the server that closes one as a request comes.
KEEP_ALIVE_SECONDS = 75
SECONDS_TO_TELL = 5


def serve_api(
    make: Callable[[], Agent],
    *,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    store: str | None = None,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Serves until SIGINT or SIGTERM, then closes the policy. Prints the address once requests are answered.

    Must be called from the main thread.

    Args:
        make: makes the agent, once the address is known to be free.
        host: address to listen on. On any but a loopback address there must be keys.
        port: 0 takes any free one.
        store: where conversations are kept; see `SessionStore`.
        changes: settings that come before those of the file; `None` values do not.

    Raises:
        ConfigError: the address or a setting is wrong.
    """
    settings = api_settings(changes or {})
    sessions = SessionStore(store)
    with listener(host, port) as bound:
        if not is_loopback(bound) and not settings.keys:
            raise ConfigError(
                f"{host} can be reached from the network: make a key with `pericles serve --new-key NAME` and put its "
                "lines into pericles.toml, or listen on 127.0.0.1."
            )
        for handler in logging.getLogger().handlers:
            handler.addFilter(WithoutTexts())
        agent = make()
        api = build_api(agent, settings, bound, host=host, store=sessions)
        server = Server(api, settings, on_ready=lambda: print(_ready(bound), flush=True))
        asyncio.run(serve_until_told(server, agent, bound))


def api_settings(changes: Mapping[str, Any]) -> ApiSettings:
    """The section `[api]` with what the command line says in its place.

    Raises:
        ConfigError: a value is wrong.
    """
    settings = load_section(SECTION, ApiSettings).model_dump()
    settings |= {name: value for name, value in changes.items() if value is not None}
    try:
        return ApiSettings.model_validate(settings)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise ConfigError(f"--{name.replace('_', '-')}: {first['msg'][:1].lower()}{first['msg'][1:]}.") from None


def build_api(
    agent: Agent,
    settings: ApiSettings,
    bound: socket.socket,
    *,
    host: str = "127.0.0.1",
    store: SessionStore | None = None,
) -> Api:
    """The application for a socket: by which names it may be called follows from where it listens."""
    if is_loopback(bound):
        return Api(agent, settings, names=loopback_names(bound), store=store)
    names = (*LOOPBACK_NAMES, bound_name(bound), host, socket.gethostname())
    return Api(agent, settings, names=names, any_address=True, store=store)


class Server(uvicorn.Server):
    """Runs an `Api` on a socket that already listens.

    Args:
        api: what answers.
        settings: for the times that running turns and newcomers get.
        on_ready: called once requests are answered.
    """

    def __init__(self, api: Api, settings: ApiSettings, *, on_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                api,
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=math.ceil(settings.shutdown_seconds) + SECONDS_TO_TELL,
            )
        )
        self._api = api
        self._seconds = settings.shutdown_seconds
        self._drain_seconds = settings.drain_seconds
        self._on_ready = on_ready
        self._running_on: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._running_on = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins the end; is not handed on to uvicorn's way, which raises the signal again after it."""
        if self.should_exit:
            os._exit(128 + sig)
        self.should_exit = True
        if self._running_on is not None:
            self._running_on.call_soon_threadsafe(self._api.drain)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._api.drain()
        stopping = asyncio.get_running_loop().call_later(self._seconds, self._api.stop_all)
        # Connections that are cut at the end are no error of this server.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        try:
            await asyncio.sleep(self._drain_seconds)
            await super().shutdown(sockets)
        finally:
            stopping.cancel()


async def serve_until_told(server: Server, agent: Agent, bound: socket.socket) -> None:
    """Runs a server to its end, then closes the agent's policy.

    Raises:
        PericlesError: the server did not start.
    """
    try:
        await server.serve(sockets=[bound])
        if not server.started:
            raise PericlesError("the server could not be started; the log says why.")
    finally:
        await agent.policy.aclose()


def _ready(bound: socket.socket) -> str:
    return f"pericles API is at {address_of(bound)}/v1 (Ctrl-C stops it)"
