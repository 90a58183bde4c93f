"""What a call brings back, from MCP's form to ours and from ours to MCP's."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ..calls import IMAGE_TYPES, Image, Source, ToolOutput, ToolResult
from ..errors import ToolError
from .text import clean, one_line

if TYPE_CHECKING:
    import mcp_types

MAX_DATA_CHARS = 200_000
MAX_IMAGES = 16
MAX_IMAGE_BYTES = 10_000_000
MAX_SOURCES = 50
MAX_QUOTE_CHARS = 2000
LINKS_SINCE = "2025-06-18"
"""The revision that brought resource links and structured content."""


def to_output(result: mcp_types.CallToolResult) -> ToolOutput:
    """An MCP result as ours. Everything in it is data: it is neither followed nor run.

    Audio, files and images of other kinds are left out; the text says so.

    Raises:
        ToolError: the server marked the result as an error; its text is the message.
    """
    found = _Collected()
    for block in result.content:
        found.add(block)
    data = _as_data(result.structured_content, found)
    text = "\n".join(found.lines)
    if not text and data:
        text = json.dumps(result.structured_content, ensure_ascii=False)
    if not text and found.images:
        text = f"[{len(found.images)} image{'s' if len(found.images) > 1 else ''} shown to the user]"
    if result.is_error:
        raise ToolError(text or "the tool failed without saying why.")
    return ToolOutput(text or "done", data, tuple(found.sources[:MAX_SOURCES]), tuple(found.images))


class _Collected:
    """What the content blocks of one result come to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.sources: list[Source] = []
        self.images: list[Image] = []

    def add(self, block: mcp_types.ContentBlock) -> None:
        if block.type == "text":
            self.lines.append(clean(block.text))
        elif block.type == "image":
            self._image(block.data, block.mime_type, "image")
        elif block.type == "audio":
            self.lines.append(f"[audio left out: {one_line(block.mime_type, 60)}]")
        elif block.type == "resource_link":
            title = one_line(block.title or block.name or block.uri)
            self._source(title, block.uri, block.description or "")
            self.lines.append(f"[{title}: {one_line(block.uri, 1000)}]")
        else:
            self._embedded(block.resource)

    def _embedded(self, resource: mcp_types.TextResourceContents | mcp_types.BlobResourceContents) -> None:
        title = one_line(unquote(_path(resource.uri).rstrip("/").rpartition("/")[2]) or resource.uri)
        text = getattr(resource, "text", None)
        if text is not None:
            self._source(title, resource.uri, text)
            self.lines.append(clean(text))
        else:
            self._image(getattr(resource, "blob", ""), resource.mime_type or "application/octet-stream", title)

    def _source(self, title: str, uri: str, quote: str) -> None:
        self.sources.append(Source(title, one_line(uri, 1000), clean(quote)[:MAX_QUOTE_CHARS]))

    def _image(self, encoded: str, media_type: str, description: str) -> None:
        kind = media_type.partition(";")[0].strip().lower()
        if kind not in IMAGE_TYPES:
            self.lines.append(f"[file left out: {one_line(kind, 60)}]")
        elif len(self.images) >= MAX_IMAGES or len(encoded) > MAX_IMAGE_BYTES * 4 // 3 + 4:
            self.lines.append("[image left out: too many or too large]")
        else:
            try:
                self.images.append(Image(base64.b64decode(encoded, validate=True), kind, description))
            except Exception as error:  # noqa: BLE001 - whatever is wrong with foreign bytes, the rest still counts
                self.lines.append(f"[image left out: {one_line(error, 100)}]")


def _path(uri: str) -> str:
    try:
        return urlsplit(uri).path
    except ValueError:
        return ""


def _as_data(value: Any, found: _Collected) -> dict[str, Any]:
    if value is None:
        return {}
    try:
        size = len(json.dumps(value))
    except (ValueError, RecursionError):
        size = MAX_DATA_CHARS + 1
    if size > MAX_DATA_CHARS:
        found.lines.append("[structured content left out: too large]")
        return {}
    return value if isinstance(value, dict) else {"value": value}


def to_mcp(result: ToolResult, version: str) -> mcp_types.CallToolResult:
    """Our result as an MCP client takes it.

    Args:
        result: what the registry answered.
        version: the protocol revision that was agreed on; older ones know neither links nor structured content.
    """
    import mcp_types as types
    from mcp_types.version import is_version_at_least

    newer = is_version_at_least(version, LINKS_SINCE)
    content: list[types.ContentBlock] = [types.TextContent(text=_valid(result.text))]
    for image in result.images:
        data = base64.b64encode(image.data).decode("ascii")
        content.append(types.ImageContent(data=data, mime_type=image.media_type))
    for source in result.sources:
        if newer and source.locator.startswith(("https://", "http://")):
            name, quote = _valid(source.title) or source.locator, _valid(source.quote)
            content.append(types.ResourceLink(name=name, uri=_valid(source.locator), description=quote))
        else:
            quote = f"\n{source.quote}" if source.quote else ""
            content.append(types.TextContent(text=_valid(f"Source: {source.title} ({source.locator}){quote}")))
    structured = _valid_json(result.data) if newer and result.data and not result.is_error else None
    return types.CallToolResult(content=content, structured_content=structured, is_error=result.is_error)


def _valid(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _valid_json(data: dict[str, Any]) -> dict[str, Any] | None:
    """The data with lone surrogates replaced, or nothing where JSON cannot carry it."""
    try:
        return json.loads(json.dumps(data, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace"))
    except (TypeError, ValueError, RecursionError):
        return None
