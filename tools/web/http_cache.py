"""Answers kept on disk, one file each, for the HTTP cache of `hishel`, which decides by RFC 9111 what may be kept.

Files need no lock that another process could hold, and a damaged one costs one answer. Whatever goes wrong with the
disk, the request goes on without the cache.

What is secret stays out of the files: of a request only the headers are kept that say what is accepted. The cache's
keys carry the address and the credentials, and only a hash of a key is written.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import hishel
from hishel import AsyncBaseStorage, Entry, Headers, Request, Response

logger = logging.getLogger(__name__)

_FORMAT = 1
_KEPT_HEADERS = ("accept", "accept-encoding", "accept-language", "user-agent")
_VARIANTS = 4
_WRITES_BETWEEN_SWEEPS = 50
_MAX_AGE = 30 * 24 * 3600.0
RULES = hishel.CacheOptions(shared=False)
"""A private cache: it serves one user, so `Cache-Control: private` may be kept."""


def cache_key(url: str, *parts: str) -> str:
    """A key that two requests share only when nothing that matters differs.

    Args:
        url: the request's address.
        parts: everything else that chooses the answer: credentials, and who asks.
    """
    return f"{hashlib.sha256(json.dumps(parts).encode()).hexdigest()} {url}"


class FolderStorage(AsyncBaseStorage):
    """Keeps answers in a folder.

    Args:
        folder: made when it is needed.
        max_stream_size: largest answer that is kept, in bytes.
        max_size: bytes of all files together; the oldest go first.
    """

    def __init__(self, folder: Path, *, max_stream_size: int = 10_000_000, max_size: int = 200_000_000) -> None:
        super().__init__(max_stream_size=max_stream_size)
        self._folder = folder
        self._max_bytes = max_stream_size
        self._max_size = max_size
        self._places: dict[uuid.UUID, Path] = {}
        self._writes = 0

    async def create_entry(
        self, request: Request, response: Response, key: str, *, ttl: float | None = None, tti: float | None = None
    ) -> Entry:
        entry = Entry(id=uuid.uuid4(), request=request, response=response)
        return replace(entry, response=replace(response, stream=self._saved(entry, key)))

    async def get_entries(self, key: str) -> list[Entry]:
        try:
            found = await asyncio.to_thread(self._read_all, key)
        except OSError as error:
            logger.warning("the HTTP cache cannot be read: %s", error)
            return []
        if len(self._places) > 1000:
            self._places.clear()
        self._places.update((entry.id, path) for entry, path in found)
        return [entry for entry, _ in found]

    async def update_headers(self, id: uuid.UUID, headers: Headers) -> None:
        path = self._places.get(id)
        if path is not None:
            with _reported("written"):
                await asyncio.to_thread(_write_headers, path, headers)

    async def remove_entry(self, id: uuid.UUID) -> None:
        path = self._places.pop(id, None)
        if path is not None:
            with _reported("cleared"):
                path.unlink(missing_ok=True)

    async def _saved(self, entry: Entry, key: str) -> AsyncIterator[bytes]:
        """Passes an answer on, and keeps it once it has come to its end."""
        body = bytearray()
        fits = True
        stream: Any = entry.response.stream
        async for piece in stream if stream is not None else _empty():
            fits = fits and len(body) + len(piece) <= self._max_bytes
            if fits:
                body += piece
            yield piece
        if fits:
            with _reported("written"):
                await asyncio.to_thread(self._write, entry, key, bytes(body))

    def _place(self, key: str) -> Path:
        return self._folder / hashlib.sha256(key.encode()).hexdigest()[:40]

    def _read_all(self, key: str) -> list[tuple[Entry, Path]]:
        place = self._place(key)
        found: list[tuple[Entry, Path]] = []
        for path in sorted(place.iterdir()) if place.is_dir() else ():
            if path.suffix == ".tmp":
                continue
            try:
                head, body = _read(path)
                request = Request(head["method"], key.partition(" ")[2], Headers(head["request_headers"]))
                response = Response(head["status"], Headers(head["headers"]), _once(body))
                found.append((Entry(uuid.UUID(path.name), request, response), path))
            except FileNotFoundError:
                continue  # cleared by another process
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                logger.warning("a damaged file of the HTTP cache is dropped: %s (%s)", path, error)
                path.unlink(missing_ok=True)
        return found

    def _write(self, entry: Entry, key: str, body: bytes) -> None:
        place = self._place(key)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.mkdir(exist_ok=True, mode=0o700)
        request, response = entry.request, entry.response
        head = {
            "format": _FORMAT,
            "method": request.method,
            "request_headers": {
                name: request.headers.get_list(name) for name in _KEPT_HEADERS if name in request.headers
            },
            "status": response.status_code,
            "headers": _lists(response.headers),
        }
        _store(place / entry.id.hex, head, body)
        for old in sorted(place.iterdir(), key=_modified, reverse=True)[_VARIANTS:]:
            old.unlink(missing_ok=True)
        if self._writes % _WRITES_BETWEEN_SWEEPS == 0:
            self._sweep()
        self._writes += 1

    def _sweep(self) -> None:
        left = self._max_size
        for path in sorted(self._folder.glob("*/*"), key=_modified, reverse=True):
            with contextlib.suppress(FileNotFoundError):
                left -= path.stat().st_size
                if left < 0 or time.time() - _modified(path) > _MAX_AGE:
                    path.unlink()
        for place in self._folder.iterdir():
            with contextlib.suppress(OSError):
                place.rmdir()  # refused where there is a file in it


@contextlib.contextmanager
def _reported(what: str) -> Any:
    try:
        yield
    except (OSError, ValueError) as error:
        logger.warning("the HTTP cache cannot be %s, the answer is not kept: %s", what, error)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _lists(headers: Headers) -> dict[str, list[str]]:
    return {name: headers.get_list(name) or [] for name in headers}


def _read(path: Path) -> tuple[dict[str, Any], bytes]:
    line, _, body = path.read_bytes().partition(b"\n")
    head: dict[str, Any] = json.loads(line)
    if head["format"] != _FORMAT or head["sha256"] != hashlib.sha256(body).hexdigest():
        raise ValueError("it does not hold what was written")
    return head, body


def _write_headers(path: Path, headers: Headers) -> None:
    head, body = _read(path)
    _store(path, {**head, "headers": _lists(headers)}, body)


def _store(path: Path, head: dict[str, Any], body: bytes) -> None:
    line = json.dumps({**head, "sha256": hashlib.sha256(body).hexdigest()})
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(line.encode() + b"\n" + body)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def _empty() -> AsyncIterator[bytes]:
    return
    yield
