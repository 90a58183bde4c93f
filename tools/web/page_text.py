"""From the bytes of a page or a PDF to a text with Markdown headings.

The bytes come from strangers, so they are read in a process of their own (`pericles.tools.reading`), which is killed at
the time limit. What comes back has been through `untrusted.clean`: offsets are into that text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import ToolError, ToolTimeout
from ..reading import TooSlow, Unreadable, shared_processes
from ..untrusted import clean

_READER = "pericles.tools.web.reader:read_page"


@dataclass(frozen=True, slots=True)
class Document:
    """What a page or a file says.

    Args:
        title: as the document names itself, empty where it does not.
        date: ISO 8601 date of the document as it says itself, or `None`.
        text: the main text, headings as Markdown headings; the pages of a PDF as `## Page 3`, or with the outline's
            section as `## Page 3: Methods`.
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
    about = {"media_type": media_type, "url": url, "charset": charset}
    try:
        return _document(await shared_processes().read_async(_READER, about, content, seconds=seconds))
    except Unreadable as error:
        raise _told(error, url) from None


def read_document_sync(
    content: bytes, media_type: str, *, url: str, charset: str | None = None, seconds: float = 60.0
) -> Document:
    """`read_document` for commands, which have no event loop."""
    about = {"media_type": media_type, "url": url, "charset": charset}
    try:
        return _document(shared_processes().read(_READER, about, content, seconds=seconds))
    except Unreadable as error:
        raise _told(error, url) from None


def _document(told: dict[str, Any]) -> Document:
    headings = [(int(offset), str(words)) for offset, words in told["headings"]]
    return Document(told["title"], told["date"], told["text"], headings)


def _told(error: Unreadable, url: str) -> ToolError:
    kind = ToolTimeout if isinstance(error, TooSlow) else ToolError
    # Without the query, which may hold a key; the reason may quote the file.
    return kind(f"{url.partition('?')[0][:200]} cannot be read: {clean(str(error))}.")
