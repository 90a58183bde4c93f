"""Plain text for language modelling, from wherever a recipe says it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ....tools import ConfigError
from ...feedback.json_lines import open_bytes, read_json_lines, shown
from ...feedback.message_lists import has_text
from ..recipe.data import Corpus, HubDataset, JsonLines, TextFile, TextSource
from .hub import column_of, read_hub
from .naming import name_of


def read_texts(sources: Sequence[TextSource]) -> list[str]:
    """The documents of all sources, in their order; those that are empty are passed over.

    Raises:
        ConfigError: a source cannot be read, holds no text, or has lines that are wrong; names up to ten of them.
    """
    texts: list[str] = []
    for source in sources:
        match source:
            case TextFile():
                json_lines = source.path.removesuffix(".gz").endswith(".jsonl")
                found = _json_lines(source) if json_lines else _paragraphs(source)
            case JsonLines():
                found = _json_lines(source)
            case HubDataset():
                found = _hub(source)
            case Corpus():
                found = _articles()[: source.rows]
        found = [text for text in found if has_text(text)]
        if not found:
            raise ConfigError(f"{name_of(source)} holds no text.")
        texts += found
    return texts


def _paragraphs(source: TextFile) -> list[str]:
    try:
        with open_bytes(source.path) as stream:
            data = stream.read()
    except (OSError, EOFError) as error:
        raise ConfigError(f"{source.path!r} cannot be read: {error}.") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{source.path}: line {line}: byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8."
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ConfigError(f"{source.path}: line {line}: there are NUL bytes, as in a UTF-16 file; save it as UTF-8.")
    paragraphs = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n"))
    return [paragraph.strip() for paragraph in paragraphs if has_text(paragraph)][: source.rows]


def _json_lines(source: TextFile | JsonLines) -> list[str]:
    def make(_: int, value: dict[str, Any]) -> str:
        return _text(value.get("text"), "text")

    return read_json_lines(source.path, make, rows=source.rows)


def _hub(source: HubDataset) -> list[str]:
    def make(_: int, row: dict[str, Any]) -> str:
        column = source.column or "text"
        return _text(column_of(row, column, option=True) or "", column)

    return read_hub(source, make)


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{key} must be there and be text, got {shown(value)}.")
    return value


def _articles() -> list[str]:
    """One article a country: its name, then a line for each field."""
    from ....tools.search.corpora.corpus import FACTBOOK

    articles: dict[str, list[str]] = {}
    for passage in FACTBOOK.passages(None):
        place = passage.locator.partition("#")[0]
        if place.endswith("/parts"):
            continue
        country = passage.title.partition(": ")[0]
        articles.setdefault(place, [country]).append(passage.body.removeprefix(f"{country} — "))
    return ["\n".join(lines) for lines in articles.values()]
