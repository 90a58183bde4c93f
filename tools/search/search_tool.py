"""The `search` tool: a question in plain words, a few short passages with their sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from ..calls import Source, ToolOutput
from ..errors import ToolError

if TYPE_CHECKING:
    from ..tool import Tool
    from .backends.configured import Asked
    from .backends.protocol import Backend, SearchHit
    from .combining import Combined

_FIRST_CHARS = 300
_TOTAL_CHARS = 700
_TITLE_CHARS = 80
_MAX_QUERY_CHARS = 2_000
# What a back end says of itself is shortened: it costs the model reading time.
_PROBLEM_CHARS = 120


async def search(query: str) -> ToolOutput:
    """Look up facts in the local encyclopaedia and the user's documents.

    Examples: capital of Kazakhstan; population of Peru.

    Args:
        query: what to look up, in a few words.

    Returns:
        The best passages, or the note that none was found.

    Raises:
        ToolError: the query is empty, or there is nothing to search in.
    """
    from .backends.configured import configured_backends
    from .settings import search_settings

    settings = search_settings()
    return await _searched(query, configured_backends(settings), settings.hits)


def search_tool(backends: Sequence[Backend], *, hits: int = 3, seconds: float = 4.0) -> Tool:
    """A `search` tool over back ends of one's own.

    Args:
        backends: whatever has a `name` and an async `search`; see `Backend`. Of equal ranks, the first comes first.
        hits: passages that the policy is told of, at most.
        seconds: how long each back end is waited for.

    Returns:
        A tool with the name `search`, for `Agent(tools=[...])`.
    """
    from ..tool import tool
    from .backends.configured import Asked

    asked = [Asked(backend, seconds) for backend in backends]

    async def search(query: str) -> ToolOutput:
        return await _searched(query, asked, hits)

    search.__doc__ = globals()["search"].__doc__
    return tool(search)


async def _searched(query: str, backends: Sequence[Asked], hits: int) -> ToolOutput:
    from .backends.protocol import SearchQuery
    from .combining import search_all
    from .freshness import freshness_of

    if not any(character.isalnum() for character in query):
        raise ToolError("The query is empty. Write what to look up, for example: capital of Kazakhstan")
    today = date.today()
    asked = SearchQuery(query[:_MAX_QUERY_CHARS], hits, freshness_of(query, today))
    found = await search_all(asked, backends)
    if not found.answered:
        raise ToolError(" ".join(problem[:500] for problem in found.problems))
    if not found.hits:
        return ToolOutput(text=_nothing(query, found), data={"hits": [], "problems": list(found.problems)})
    return _output(found, today if asked.freshness else None)


def _nothing(query: str, found: Combined) -> str:
    shown = " ".join(query.split())
    shown = shown if len(shown) <= 80 else shown[:79] + "…"
    lines = [f"No passage found for '{shown}'."]
    # What is missing because nobody was asked is not known to be missing.
    lines += [f"(Not searched: {_first_clause(problem)})" for problem in found.problems[:3]]
    return "\n".join(lines)


def _first_clause(problem: str) -> str:
    clause = problem.split(". ")[0].split(": ")[0].rstrip(".")
    return clause if len(clause) <= _PROBLEM_CHARS else clause[: _PROBLEM_CHARS - 1] + "…"


def _output(found: Combined, today: date | None) -> ToolOutput:
    from ..untrusted import clean

    sources = [Source(clean(hit.title), hit.locator, clean(hit.quote), hit.date or None) for hit in found.hits]
    lines: list[str] = []
    left = _TOTAL_CHARS
    for number, (hit, source) in enumerate(zip(found.hits, sources, strict=True), start=1):
        room = min(_FIRST_CHARS, left // (len(sources) - number + 1))
        lines.append(_told(number, hit, source, room, dated=today is not None))
        left -= len(lines[-1]) + 1
    if today is not None:
        lines.append(f"Today is {today.isoformat()}.")
    return ToolOutput(
        text="\n".join(lines),
        data={
            "hits": [
                {
                    "id": number,
                    "title": source.title,
                    "locator": source.locator,
                    "date": source.date,
                    "quote": source.quote,
                    "backend": hit.backend,
                }
                for number, (hit, source) in enumerate(zip(found.hits, sources, strict=True), start=1)
            ],
            "problems": list(found.problems),
        },
        sources=tuple(sources),
    )


def _told(number: int, hit: SearchHit, source: Source, room: int, *, dated: bool) -> str:
    """A line for a passage: its number, its title unless the text begins with it, and the words that matter."""
    from .excerpts import excerpt

    mark = f"[{number}] "
    date_ = f" ({source.date})" if dated and source.date else ""
    room -= len(mark) + len(date_)
    title = source.title if len(source.title) <= _TITLE_CHARS else source.title[: _TITLE_CHARS - 1] + "…"
    # "Kazakhstan — Capital: Astana" says its own title.
    if source.quote.startswith(source.title.split(":")[0]):
        text = excerpt(source.quote, hit.matched, room)
        if not text.startswith("…"):
            return mark + text + date_
    return f"{mark}{title}: " + excerpt(source.quote, hit.matched, room - len(title) - 2) + date_
