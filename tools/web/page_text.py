"""From the bytes of a page or a PDF to a text with Markdown headings.

The bytes come from strangers, so they are read in a process of their own (`reading`), which is killed at the time
limit and may not take more than 2 GiB. What comes back has been through `untrusted.clean`: offsets are into that text.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from ..errors import ToolError, ToolTimeout
from ..running import in_thread
from .reading import Reading, ReadingFailed

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Document:
    """What a page or a file says.

    Args:
        title: as the document names itself, empty where it does not.
        date: ISO 8601 date of the document as it says itself, or `None`.
        text: the main text, headings as Markdown headings; the pages of a PDF as `## Page 3`.
        headings: `(offset into text, words)` of each heading.
    """

    title: str
    date: str | None
    text: str
    headings: list[tuple[int, str]]


async def read_document(
    content: bytes, media_type: str, *, url: str, charset: str | None = None, seconds: float = 10.0
) -> Document:
    """Reads a document.

    Args:
        content: the bytes of the page or file.
        media_type: such as `text/html` or `application/pdf`.
        url: where it is from; named in messages.
        charset: of a text; as it says itself by default.
        seconds: how long the reading may take.

    Raises:
        ToolTimeout: it took longer.
        ToolError: it cannot be read; says why.
    """
    reading = Reading(_request(media_type, url, charset, seconds), content, seconds)
    work = asyncio.ensure_future(in_thread(Reading.run, reading))
    try:
        answer = await asyncio.shield(work)
    except asyncio.CancelledError:
        reading.stop()
        await asyncio.wait((work,))
        raise
    except ReadingFailed as failed:
        raise _told(failed, url) from None
    return _document(answer, url)


def read_document_sync(
    content: bytes, media_type: str, *, url: str, charset: str | None = None, seconds: float = 60.0
) -> Document:
    """`read_document` for commands, which have no event loop."""
    reading = Reading(_request(media_type, url, charset, seconds), content, seconds)
    try:
        return _document(reading.run(), url)
    except ReadingFailed as failed:
        raise _told(failed, url) from None
    except BaseException:
        reading.stop()
        raise


def _request(media_type: str, url: str, charset: str | None, seconds: float) -> dict[str, Any]:
    return {"media_type": media_type, "url": url, "charset": charset, "seconds": seconds}


def _document(answer: dict[str, Any], url: str) -> Document:
    if "told" in answer:
        raise ToolError(f"{_named(url)} cannot be read: {answer['told']}.")
    if "failed" in answer:
        logger.error("reading %s failed: %s", _named(url), answer["failed"])
        raise ToolError(f"{_named(url)} cannot be read: it is damaged or of an unknown kind.")
    headings = [(int(offset), str(words)) for offset, words in answer["headings"]]
    return Document(answer["title"], answer["date"], answer["text"], headings)


def _told(failed: ReadingFailed, url: str) -> ToolError:
    kind = ToolTimeout if failed.late else ToolError
    return kind(f"{_named(url)} cannot be read: {failed}.")


def _named(url: str) -> str:
    # Without the query, which may hold a key.
    return url.partition("?")[0][:200]
