"""The program that reads strangers' documents; started by `reading`, never by hand."""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import re
import socket
import threading
import time
import traceback
from typing import Any, BinaryIO

from ..untrusted import clean
from .charsets import decoded
from .reading import IDLE_SECONDS

MEMORY_BYTES = 2 << 30
MAX_TEXT_CHARS = 5_000_000
_HEADING = re.compile(r"^#{1,6}[ \t]+(\S[^\n]*)$", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~)", re.MULTILINE)
_HTML = ("text/html", "application/xhtml+xml")


class Unreadable(Exception):
    """A document cannot be read; the text says why, for the model."""


def main(descriptor: int) -> None:
    """Answers requests until the socket is closed, or none has come for a minute.

    Args:
        descriptor: number of the inherited socket.
    """
    os.set_inheritable(descriptor, False)
    channel = socket.socket(fileno=descriptor)
    _bound_memory()
    from . import html_pages, pdf_pages  # noqa: F401 - slow imports, before the first request

    requests: queue.SimpleQueue[tuple[dict[str, Any], bytes]] = queue.SimpleQueue()
    # Reads in a thread: the end of the program is noticed while a document is being read, too.
    threading.Thread(target=_receive, args=(channel.makefile("rb"), requests), daemon=True).start()
    _send(channel, b"{}")
    while True:
        try:
            request, content = requests.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            return
        _bound_processor_time(request["seconds"])
        _send(channel, json.dumps(_answer(request, content)).encode())


def _receive(stream: BinaryIO, requests: queue.SimpleQueue[tuple[dict[str, Any], bytes]]) -> None:
    with contextlib.suppress(OSError, ValueError):
        while head := stream.read(8):
            request = json.loads(stream.read(int.from_bytes(head, "big")))
            requests.put((request, stream.read(int.from_bytes(stream.read(8), "big"))))
    os._exit(0)


def _send(channel: socket.socket, message: bytes) -> None:
    channel.sendall(len(message).to_bytes(8, "big") + message)


def _answer(request: dict[str, Any], content: bytes) -> dict[str, Any]:
    try:
        title, date, text = _read(content, request["media_type"], request["url"], request["charset"])
    except Unreadable as error:
        return {"told": str(error)}
    except MemoryError:
        return {"told": "it takes too much memory"}
    except Exception:  # noqa: BLE001 - told to the program, which logs it
        return {"failed": traceback.format_exc(limit=-5)}
    text = clean(text[:MAX_TEXT_CHARS]).strip()
    if not text:
        return {"told": "there is no text in it"}
    return {"title": clean(" ".join(title.split()))[:300], "date": date, "text": text, "headings": headings_of(text)}


def _read(content: bytes, media_type: str, url: str, charset: str | None) -> tuple[str, str | None, str]:
    from .html_pages import read_html, read_xml
    from .pdf_pages import read_pdf

    if media_type == "application/pdf" or content.startswith(b"%PDF-"):
        return read_pdf(content)
    try:
        text = content.decode(charset, "replace") if charset else decoded(content)[0]
    except LookupError:
        text = decoded(content)[0]
    text = text.removeprefix("\ufeff")
    if media_type in _HTML:
        return read_html(text, url)
    if media_type.endswith(("/xml", "+xml")):
        return read_xml(text)
    if media_type.endswith(("/json", "+json")):
        with contextlib.suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    heading = _HEADING.search(text[:2000]) if media_type == "text/markdown" else None
    return heading[1] if heading else "", None, text


def headings_of(text: str) -> list[tuple[int, str]]:
    """The Markdown headings of a text, `(offset, words)`; a `#` inside a code fence is a comment."""
    fences = [match.start() for match in _FENCE.finditer(text)]
    found: list[tuple[int, str]] = []
    passed = 0
    for match in _HEADING.finditer(text):
        while passed < len(fences) and fences[passed] < match.start():
            passed += 1
        if passed % 2 == 0:
            found.append((match.start(), match[1].rstrip("# \t")[:200]))
    return found


def _bound_memory() -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _bound_processor_time(seconds: float) -> None:
    """Ends even a process that is stuck in foreign code after the program has gone."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(time.process_time() + seconds * 2) + 5
    if hard == resource.RLIM_INFINITY or soft < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
