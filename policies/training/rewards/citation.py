"""Whether an answer cites its sources for what it claims, and they bear it out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from ....agent.content import content
from ....agent.marks import blanked, find_marks
from ....agent.support import read_claims
from ....evals.scorers.texts import normalised
from ....tools import Source
from .reply import Reply
from .turns import calls_of, is_forged, question, sources_of

COPIED_WORDS = 40
"""An answer that repeats so many words of a result without a break copies it."""

_SEARCH = "search"
# "The search brought only Cobalt: Atomic number [1]" is true of the search, and claims nothing else.
_ABOUT_THE_SEARCH = re.compile(
    r"(?:my |your )?(?:search|lookup|library) (?:only |just )?(?:brought|found|returned|gave|has)(?: only| just| up)? "
)
_MOST_CHARS = 20_000


def citation(reply: Reply) -> float | None:
    """The share of an answer's claims that cite a source which supports them, 0 to 1.

    What supports a claim is told by `agent.support`, in the notes of the stored answer. A claim that is made twice
    counts once, so that a good one cannot be repeated to outweigh a bad one; a mark or a quotation that the agent took
    out, since no source has it, counts as a claim without support. A passage that is copied whole earns 0, and so does
    a turn without an answer.

    `None` where no search was made, and where the answer claims nothing ("I could not find that"): whether that is
    honest or lazy is not known here. Nor is whether a claim answers the question.
    """
    if is_forged(reply):
        return 0.0
    made = calls_of(reply)
    sources = sources_of(reply)
    if not sources and not any(call.call.name == _SEARCH for call in made):
        return None
    answer = reply.output[:_MOST_CHARS]
    if not answer.strip() or _copies(answer, [call.text for call in made]):
        return 0.0
    noted = reply.messages[-1].meta
    removed = int(noted.get("removed_marks", 0)) + int(noted.get("removed_quotes", 0))
    supported = _claims(answer, sources, cast("list[dict[str, Any]]", noted.get("support") or []))
    claims = len(supported) + removed
    return round(sum(supported.values()) / claims, 4) if claims else None


def could_answer(reply: Reply) -> bool:
    """Whether some source of the turn has every word of the query that was expected, grammar left out."""
    asked = set(content(reply.prompt.expected.query or question(reply)[:_MOST_CHARS]).units)
    told = (content(f"{source.title}. {source.quote[:_MOST_CHARS]}").units for source in sources_of(reply).values())
    return bool(asked) and any(asked.issubset(units) for units in told)


def _claims(answer: str, sources: Mapping[int, Source], support: Sequence[dict[str, Any]]) -> dict[str, bool]:
    """The different claims, and of each whether it cites what supports it."""
    if not support:
        # Nothing was found, so that nothing can be borne out.
        return {normalised(claim.words): False for claim in read_claims(answer, ()) if claim.is_claim}
    runs = find_marks(answer, sources)
    plain = blanked(answer, ((run.start, run.end) for run in runs), " ")
    titles = {normalised(source.title) for source in sources.values()}
    found: dict[str, bool] = {}
    place = 0
    for item in support:
        cited: set[int] = set()
        while place < len(runs) and runs[place].start < item["end"]:
            cited.update(runs[place].numbers)
            place += 1
        if item["status"] == "no_claim":
            continue
        key = normalised(plain[item["start"] : item["end"]])
        about = _ABOUT_THE_SEARCH.match(key)
        if about is not None and key[about.end() :] in titles:
            continue
        good = item["status"] == "supported" and bool(cited.intersection(item["sources"]))
        found[key] = found.get(key, True) and good
    return found


def _copies(answer: str, results: Sequence[str]) -> bool:
    words = normalised(answer).split()
    if len(words) < COPIED_WORDS:
        return False
    runs = _runs(words)
    return any(not runs.isdisjoint(_runs(normalised(result[:_MOST_CHARS]).split())) for result in results)


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + COPIED_WORDS]) for at in range(len(words) - COPIED_WORDS + 1)}
