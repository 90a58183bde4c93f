"""Ask several back ends at once and make one ranking of what they find.

Scores of two back ends cannot be compared, ranks can: reciprocal-rank fusion (Cormack, Clarke and Büttcher 2009), a
passage's score is the sum of weight / (60 + rank) over the back ends that found it. Each back end has its own time
limit; what it brings later is not waited for, and the others are told at once when all of them are there.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ..errors import PericlesError
from .backends.protocol import Answer, SearchHit, SearchQuery

if TYPE_CHECKING:
    from .backends.configured import Asked

RRF_K = 60
"""The constant of reciprocal-rank fusion; 60 in the paper, which found that its value matters little."""

_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|msclkid|mc_[ce]id|ref_src")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Combined:
    """What the back ends brought together.

    Args:
        hits: best first.
        answered: names of the back ends that answered, with or without hits.
        problems: one line for each that could not be searched, or only in part.
    """

    hits: tuple[SearchHit, ...]
    answered: tuple[str, ...]
    problems: tuple[str, ...]


async def search_all(query: SearchQuery, backends: Sequence[Asked]) -> Combined:
    """Ask all back ends at once.

    Args:
        query: what is asked.
        backends: whom, with their time limits.

    Returns:
        At most `query.limit` passages. It takes as long as the slowest back end or its limit, whichever is shorter.
    """
    tasks = [asyncio.create_task(_within_limit(query, asked)) for asked in backends]
    try:
        results = [await task for task in tasks]
    finally:
        for task in tasks:
            task.cancel()
    answered: list[str] = []
    problems: list[str] = []
    for asked, result in zip(backends, results, strict=True):
        if isinstance(result, str):
            problems.append(result)
            _log.warning("%s", result)
        else:
            answered.append(asked.backend.name)
            problems += result.problems
    ranked = [
        (asked.weight, [dataclasses.replace(hit, backend=asked.backend.name) for hit in result.hits])
        for asked, result in zip(backends, results, strict=True)
        if not isinstance(result, str)
    ]
    return Combined(tuple(fuse(ranked)[: query.limit]), tuple(answered), tuple(problems))


def fuse(rankings: Sequence[tuple[float, Sequence[SearchHit]]]) -> list[SearchHit]:
    """One ranking of several, by reciprocal-rank fusion.

    Args:
        rankings: weight of the back end's ranks, and what it found, best first.

    Returns:
        Each passage once, in the words of the back end that is named first. Passages are the same when they have the
        same address (but for what tracks readers), or the same text.
    """
    scores: list[float] = []
    kept: list[SearchHit] = []
    place: dict[str, int] = {}
    for weight, hits in rankings:
        ranked: set[int] = set()
        for rank, hit in enumerate(hits, start=1):
            keys = (_same_place(hit.locator), " ".join(hit.quote.split()).casefold())
            at = next((place[key] for key in keys if key and key in place), len(kept))
            if at == len(kept):
                kept.append(hit)
                scores.append(0.0)
            for key in keys:
                place.setdefault(key, at)
            if at not in ranked:  # two copies in one ranking count once, at the better rank
                ranked.add(at)
                scores[at] += weight / (RRF_K + rank)
    return [kept[at] for at in sorted(range(len(kept)), key=lambda at: (-round(scores[at], 12), at))]


async def _within_limit(query: SearchQuery, asked: Asked) -> Answer | str:
    """What a back end answers, or the line that says why it does not. It is not waited for beyond its limit."""
    name = asked.backend.name
    task = asyncio.create_task(asked.backend.search(query))
    try:
        done, _ = await asyncio.wait([task], timeout=asked.seconds)
        if not done:
            return f"{name} did not answer within {asked.seconds:g} s."
        return f"{name} failed." if task.cancelled() else task.result()
    except PericlesError as error:
        return " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - a back end that fails must not take the others with it
        _log.exception("the search back end %s failed", name)
        return f"{name} failed."
    finally:
        task.cancel()


def _same_place(locator: str) -> str:
    """An address without what does not change the page; other locators as they are."""
    parts = urlsplit(locator)
    if parts.scheme not in ("http", "https"):
        return locator
    query = [(key, value) for key, value in parse_qsl(parts.query) if not _TRACKING.fullmatch(key)]
    host = parts.netloc.lower().removeprefix("www.")
    # Two passages of one page that we have cut ourselves are two; two sections of it that others found are one page.
    part = parts.fragment if parts.fragment.startswith(("chars=", "page=")) else ""
    return urlunsplit(("", host, parts.path.rstrip("/"), urlencode(query), part))
