"""The `search` tool: a question in plain words, a few short passages with their sources."""

from __future__ import annotations

import asyncio

from ..calls import Source, ToolOutput
from ..errors import ToolError

HITS = 3
_FIRST_CHARS = 300
_TOTAL_CHARS = 700
_LEAST_CHARS = 80
# Further passages are told only when they come near the best: each costs the model reading time.
_NEAR_THE_BEST = 0.75


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
    from .retrieval import find

    found = find(query, HITS)
    if not found.collections:
        reason = f" {found.problems[0]}" if found.problems else ""
        raise ToolError(f"There is nothing to search in yet. Add documents with: pericles index PATH.{reason}")
    if not found.hits:
        shown = " ".join(query.split())
        shown = shown if len(shown) <= 80 else shown[:79] + "…"
        return ToolOutput(
            text=f"No passage found for '{shown}'.", data={"hits": [], "problems": list(found.problems)}
        )
    hits = [hit for hit in found.hits if hit.score >= _NEAR_THE_BEST * found.hits[0].score]
    lines: list[str] = []
    quotes: list[str] = []
    left = _TOTAL_CHARS
    for number, hit in enumerate(hits, start=1):
        room = min(_FIRST_CHARS, left // (len(hits) - number + 1))
        line, quote = _told(number, hit, room)
        lines.append(line)
        quotes.append(quote)
        left -= len(line) + 1
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
                    "quote": quote,
                }
                for number, (hit, quote) in enumerate(zip(hits, quotes, strict=True), start=1)
            ],
            "problems": list(found.problems),
        },
        sources=tuple(
            Source(hit.title, hit.locator, quote, hit.date or None) for hit, quote in zip(hits, quotes, strict=True)
        ),
    )
