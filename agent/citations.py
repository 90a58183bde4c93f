"""Numbers for sources: within a turn no two calls use the same number."""

from __future__ import annotations

import dataclasses
import json
import re

from ..tools import Source, ToolResult

_MARK = re.compile(r"\[(\d{1,3})\]")
# Only what is closed: a stray mark of code must not hide the rest of an answer.
_CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.DOTALL | re.MULTILINE)


def number_sources(result: ToolResult, known: dict[int, Source]) -> ToolResult:
    """Gives the sources of a result the next free numbers and writes these into its text.

    A tool numbers its own sources from 1 (`[1]`, `[2]`, …). Where its text has no marks, a line for each source is
    added, so that an answer can cite it. JSON is left as it is: what looks like a mark there is data.

    Args:
        result: what came back; one without sources is returned as it is.
        known: the turn's sources by number; the new ones are added.
    """
    if not result.sources or result.is_error:
        return result
    offset, count = max(known, default=0), len(result.sources)
    known.update(enumerate(result.sources, start=offset + 1))
    text, result = result.text, dataclasses.replace(result, first_source=offset + 1)
    if _is_json(text) or not any(1 <= int(mark) <= count for mark in _MARK.findall(text)):
        titles = (f"[{offset + place}] {source.title}" for place, source in enumerate(result.sources, start=1))
        return dataclasses.replace(result, text="\n".join((text, *titles)))
    if not offset:
        return result

    def moved(mark: re.Match[str]) -> str:
        number = int(mark[1])
        return f"[{number + offset}]" if 1 <= number <= count else mark[0]

    return dataclasses.replace(result, text=_MARK.sub(moved, text))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def cited(text: str, known: dict[int, Source]) -> dict[int, Source]:
    """The sources whose marks stand in an answer, outside of code, by number."""
    if not known:
        return {}
    numbers = sorted({int(mark) for mark in _MARK.findall(_CODE.sub("", text))})
    return {number: known[number] for number in numbers if number in known}
