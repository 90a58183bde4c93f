"""The two ways to a server: a child process that talks over its standard streams, and an HTTP address.

Both are opened in the background task of a `Connection`. What the child writes to its standard error goes to the log,
never to the terminal; the last line is kept, because it usually says why a server did not start.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from ..errors import ConfigError
from .text import one_line

logger = logging.getLogger(__name__)

_MAX_LOGGED_LINES = 200
_LINE_BYTES = 2000
# Programs that run other programs: the name worth showing is that of their first argument.
_RUNNERS = ("python", "node", "npx", "uvx", "uv", "bunx", "pipx", "docker", "deno", "env")


class Target(Protocol):
    """A server that can be reached, again and again."""

    label: str

    def streams(self, on_end: Callable[[], None]) -> contextlib.AbstractAsyncContextManager[Any]:
        """Opens it; `on_end` is called once nothing more can come from it."""
        ...

    def explain(self, error: BaseException | None) -> str:
        """Why it could not be reached, or why it went, in a few words."""
        ...


class ChildProcess:
    """A server that is started as a child and ends with the connection.

    Args:
        command: the program and its arguments; never read by a shell.
        label: how messages call it; made from the command by default, without the options, which may hold secrets.
        env: variables for the child. Of this process's own it sees PATH, HOME, USER, LOGNAME, SHELL and TERM only.
        cwd: its working folder.
    """

    def __init__(
        self, command: Sequence[str], label: str | None, env: Mapping[str, str] | None, cwd: str | Path | None
    ) -> None:
        if not command or not all(isinstance(part, str) and "\0" not in part for part in command) or not command[0]:
            raise ConfigError(f"an MCP server's command must be a list of strings, got {command!r}.")
        self._command = list(command)
        self._env = dict(env or {})
        self._cwd = cwd
        self._stderr: _StderrLog | None = None
        self.label = label or _command_label(self._command)

    @asynccontextmanager
    async def streams(self, on_end: Callable[[], None]) -> AsyncIterator[Any]:
        from mcp.client.stdio import StdioServerParameters, stdio_client

        parameters = StdioServerParameters(
            command=self._command[0],
            args=self._command[1:],
            env=self._env,
            cwd=self._cwd,
            # A byte that is not UTF-8 spoils its line, not the connection.
            encoding_error_handler="replace",
        )
        self._stderr = _StderrLog(self.label)
        try:
            async with stdio_client(parameters, errlog=self._stderr.file) as (reading, writing):
                self._stderr.release()
                yield _Watched(reading, on_end), writing
        finally:
            self._stderr.release()

    def explain(self, error: BaseException | None) -> str:
        if isinstance(error, FileNotFoundError):
            missing = self._cwd if self._cwd is not None and not Path(self._cwd).is_dir() else self._command[0]
            return f"{'folder' if missing is self._cwd else 'command'} not found: {str(missing)!r}"
        if isinstance(error, PermissionError):
            return f"{self._command[0]!r} may not be run (permission denied)"
        last = self._stderr.last_line() if self._stderr else ""
        return f"its last words were: {last}" if last else "it ended without a word on its standard error"


class HttpAddress:
    """A server behind a streamable HTTP address.

    Args:
        url: `http://` or `https://`.
        label: how messages call it; host and path by default, without credentials or query.
        headers: sent with every request, such as `{"Authorization": "Bearer …"}`; never logged.
        read_timeout: seconds without a byte after which a response is given up.
    """

    def __init__(self, url: str, label: str | None, headers: Mapping[str, str] | None, read_timeout: float) -> None:
        try:
            parts = urlsplit(url)
            port = f":{parts.port}" if parts.port else ""
        except ValueError as error:
            raise ConfigError(f"{url!r} is not a URL: {error}.") from None
        if not parts.hostname:
            raise ConfigError(f"{url!r} names no host: write http://HOST:PORT/mcp.")
        self._url = url
        self._headers = dict(headers or {})
        self._read_timeout = read_timeout
        self._status = ""
        self.label = label or f"{parts.hostname}{port}{parts.path}"

    @asynccontextmanager
    async def streams(self, on_end: Callable[[], None]) -> AsyncIterator[Any]:
        import httpx2
        from mcp.client.streamable_http import streamable_http_client

        async def note_status(response: Any) -> None:
            failed = response.status_code >= 400
            self._status = f"HTTP {response.status_code} {response.reason_phrase}".strip() if failed else ""

        self._status = ""
        timeout = httpx2.Timeout(30.0, read=self._read_timeout)
        async with (
            httpx2.AsyncClient(
                headers=self._headers, timeout=timeout, event_hooks={"response": [note_status]}
            ) as client,
            streamable_http_client(self._url, http_client=client) as (reading, writing),
        ):
            yield _Watched(reading, on_end), writing

    def explain(self, error: BaseException | None) -> str:
        if self._status:
            hint = "; it wants a token: pass headers" if self._status.startswith(("HTTP 401", "HTTP 403")) else ""
            return f"it answered {self._status}{hint}"
        return one_line(error) or type(error).__name__ if error else "the connection ended"


class _Watched:
    """A read stream that tells when it has ended, so that the next call need not fail to find out."""

    def __init__(self, stream: Any, on_end: Callable[[], None]) -> None:
        self._stream = stream
        self._on_end = on_end

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __aiter__(self) -> _Watched:
        return self

    async def __anext__(self) -> Any:
        try:
            return await self._stream.__anext__()
        except BaseException:
            self._on_end()
            raise

    async def __aenter__(self) -> _Watched:
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> Any:
        return await self._stream.__aexit__(*error)


class _StderrLog:
    """Drains a child's standard error into the log, up to a bound, and remembers the last line."""

    def __init__(self, label: str) -> None:
        reading, writing = os.pipe()
        self.file = os.fdopen(writing, "w")
        self._label = label
        self._last = ""
        self._thread = threading.Thread(target=self._drain, args=(reading,), name="mcp-stderr", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Leaves the pipe to the child: its end is the end of the child and of all that it started."""
        self.file.close()

    def last_line(self) -> str:
        self._thread.join(timeout=0.5)
        return self._last

    def _drain(self, descriptor: int) -> None:
        logged = 0
        with os.fdopen(descriptor, "rb") as pipe:
            while line := pipe.readline(_LINE_BYTES):
                text = one_line(line.decode("utf-8", "replace"))
                if not text:
                    continue
                self._last = text
                logged += 1
                if logged <= _MAX_LOGGED_LINES:
                    logger.info("%s: %s", self._label, text)
                elif logged == _MAX_LOGGED_LINES + 1:
                    logger.info("%s: writes more than %d lines; the rest is dropped", self._label, _MAX_LOGGED_LINES)


def split_command(text: str) -> list[str]:
    """A command as one would type it, split into its parts; nothing in it is expanded or run."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ConfigError(f"the MCP server's command {text!r} cannot be split: {error}.") from None


def _command_label(command: list[str]) -> str:
    program = Path(command[0]).name
    if program.rstrip("0123456789.").removesuffix(".exe") in _RUNNERS:
        named = next((part for part in command[1:] if not part.startswith("-")), None)
        program = Path(named).name if named and named.startswith("/") else named or program
    return one_line(program, 80)
