"""The `search` tool: a question in plain words, a few short passages with their sources."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..calls import Source, ToolOutput
from ..errors import ToolError

if TYPE_CHECKING:
    from .index.ranking import Hit

HITS = 3
_FIRST_CHARS = 300
_TOTAL_CHARS = 700
_TITLE_CHARS = 80
# Further passages are told only when they come near the best: each costs the model reading time.
# Of named subjects (an encyclopaedia's entries) the best answers; in running text the answer may stand in any of three.
_NEAR_THE_BEST_NAMED = 0.95
_NEAR_THE_BEST = 0.6


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
    if not any(character.isalnum() for character in query):
        raise ToolError("The query is empty. Write what to look up, for example: capital of Kazakhstan")
    return await asyncio.to_thread(_answer, query)


def _answer(query: str) -> ToolOutput:
    from .backends.local import find

    found = find(query, HITS)
    if not found.collections:
        reason = f" {found.problems[0]}" if found.problems else ""
        raise ToolError(f"There is nothing to search in yet. Add documents with: pericles index PATH.{reason}")
    if not found.hits:
        shown = " ".join(query.split())
        shown = shown if len(shown) <= 80 else shown[:79] + "…"
        return ToolOutput(text=f"No passage found for '{shown}'.", data={"hits": [], "problems": list(found.problems)})
    best = found.hits[0].score
    hits = [hit for hit in found.hits if hit.score >= best * (_NEAR_THE_BEST_NAMED if hit.named else _NEAR_THE_BEST)]
    lines: list[str] = []
    left = _TOTAL_CHARS
    for number, hit in enumerate(hits, start=1):
        room = min(_FIRST_CHARS, left // (len(hits) - number + 1))
        lines.append(_told(number, hit, room))
        left -= len(lines[-1]) + 1
    return ToolOutput(
        text="\n".join(lines),
        data={
            "hits": [
                {
                    "id": number,
                    "title": hit.title,
                    "locator": hit.locator,
                    "score": round(hit.score, 3),
                    "date": hit.date or None,
                    "quote": hit.body,
                }
                for number, hit in enumerate(hits, start=1)
            ],
            "problems": list(found.problems),
        },
        sources=tuple(Source(hit.title, hit.locator, hit.body, hit.date or None) for hit in hits),
    )


def _told(number: int, hit: Hit, room: int) -> str:
    from .excerpts import excerpt

    mark = f"[{number}] "
    title = hit.title if len(hit.title) <= _TITLE_CHARS else hit.title[: _TITLE_CHARS - 1] + "…"
    # "Kazakhstan — Capital: Astana" says its own title.
    if hit.body.startswith(hit.title.split(":")[0]):
        text = excerpt(hit.body, hit.matched, room - len(mark))
        if not text.startswith("…"):
            return mark + text
    return f"{mark}{title}: " + excerpt(hit.body, hit.matched, room - len(mark) - len(title) - 2)
