"""The value types that pass between a policy, the agent loop and a tool.

They hold data and know how to become JSON; behaviour lives elsewhere.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import ConfigError

IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a piece of a result comes from.

    Args:
        title: name of the document, as a reader would cite it.
        locator: where it is found: a path, a URL or `collection#passage`.
        quote: the passage itself, verbatim.
        date: ISO 8601 date of the document where it is known.
    """

    title: str
    locator: str
    quote: str
    date: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"title": self.title, "locator": self.locator, "quote": self.quote, "date": self.date}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Source:
        return cls(
            title=str(value["title"]),
            locator=str(value["locator"]),
            quote=str(value["quote"]),
            date=value.get("date"),
        )


@dataclass(frozen=True, slots=True)
class Image:
    """A picture or a plot. People see it; a policy that cannot see reads the description.

    Args:
        data: the file's bytes.
        media_type: `image/png`, `image/jpeg`, `image/webp`, `image/gif` or `image/svg+xml`.
        description: one line that stands for the picture in text.
    """

    data: bytes = field(repr=False)
    media_type: str = "image/png"
    description: str = "image"

    def __post_init__(self) -> None:
        if not isinstance(self.data, bytes) or not self.data:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigError("an Image needs the bytes of its file.")
        if self.media_type not in IMAGE_TYPES:
            raise ConfigError(
                f"an Image's media_type must be one of {', '.join(IMAGE_TYPES)}, got {self.media_type!r}."
            )

    def to_dict(self) -> dict[str, Any]:
        encoded = base64.b64encode(self.data).decode("ascii")
        return {"data": encoded, "media_type": self.media_type, "description": self.description}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Image:
        try:
            data = base64.b64decode(str(value["data"]), validate=True)
        except binascii.Error as error:
            raise ConfigError(f"an image's data must be base64: {error}.") from error
        return cls(data, str(value["media_type"]), str(value["description"]))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns. The model reads it as a Markdown table.

    Args:
        columns: the names of the columns.
        rows: one JSON-able value for each column.
        title: one line above the table.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    title: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.columns, str) or not self.columns:
            raise ConfigError(f"a Table needs a list of column names, got {self.columns!r}.")
        object.__setattr__(self, "columns", tuple(str(name) for name in self.columns))
        object.__setattr__(self, "rows", tuple(tuple(row) for row in self.rows))
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ConfigError(f"row {number} of a Table has {len(row)} values for {len(self.columns)} columns.")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call as the model asked for it.

    Args:
        id: unique within the conversation.
        name: the tool's name as the model wrote it; may be unknown, empty when unreadable.
        arguments: decoded JSON object; empty when unreadable.
        problem: what was wrong with the text of the call, `None` for a readable call. The loop
            answers such a call with an error that the model can act on.
    """

    id: str
    name: str
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])
    problem: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The OpenAI form, with `arguments` as an object (what chat templates take)."""
        value: dict[str, Any] = {
            "id": self.id,
            "type": "function",
            "function": {"name": self.name, "arguments": self.arguments},
        }
        if self.problem is not None:
            value["problem"] = self.problem
        return value

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> ToolCall:
        function = value["function"]
        return cls(
            id=str(value["id"]),
            name=str(function["name"]),
            arguments=dict(function["arguments"]),
            problem=value.get("problem"),
        )


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """What a tool may return when a bare string, number or JSON value is not enough.

    Args:
        text: what the model reads. Keep it short: a small model reads it slowly.
        data: JSON-able detail for programs and for the page (exact form, LaTeX, hits, ...).
        sources: passages that the answer can cite.
        images: pictures and plots for the person who reads.
    """

    text: str
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    sources: tuple[Source, ...] = ()
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came back from one call.

    Args:
        call_id: the `ToolCall.id` that this answers.
        name: the tool's name.
        text: what the model reads.
        data: JSON-able detail.
        sources: passages that the answer can cite.
        images: pictures and plots for the person who reads.
        is_error: whether the call failed; `text` then says what to do instead.
        seconds: wall-clock time of the call in seconds.
        first_source: the number by which the text, and so an answer, cites the first of the sources.
    """

    call_id: str
    name: str
    text: str
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    sources: tuple[Source, ...] = ()
    images: tuple[Image, ...] = ()
    is_error: bool = False
    seconds: float = 0.0
    first_source: int = 1

    def to_dict(self) -> dict[str, Any]:
        return {
            "call_id": self.call_id,
            "name": self.name,
            "text": self.text,
            "data": self.data,
            "sources": [source.to_dict() for source in self.sources],
            "images": [image.to_dict() for image in self.images],
            "is_error": self.is_error,
            "seconds": self.seconds,
            "first_source": self.first_source,
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> ToolResult:
        return cls(
            call_id=str(value["call_id"]),
            name=str(value["name"]),
            text=str(value["text"]),
            data=dict(value.get("data") or {}),
            sources=tuple(Source.from_dict(source) for source in value.get("sources") or ()),
            images=tuple(Image.from_dict(image) for image in value.get("images") or ()),
            is_error=bool(value.get("is_error", False)),
            seconds=float(value.get("seconds", 0.0)),
            first_source=int(value.get("first_source", 1)),
        )
