"""Rank passages of several indexes on one scale, and know when nothing fits.

BM25 scores of two indexes cannot be compared: a word's weight depends on how rare it is in its index. So each index
proposes its best passages by its own BM25, and these few are scored again with BM25F (Robertson and Zaragoza 2009,
section 3.6) over title, keywords and text with word frequencies summed over all indexes.

A name ("South Sudan", "Burmese") is matched as a whole where the passage declares its subject's names.

What it does not do: mistyped words, synonyms beyond the keywords of the data, and meaning.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .index import TEXT_FIELDS, OpenIndex, words

if TYPE_CHECKING:
    import tantivy

CANDIDATES = 16
_MAX_QUERY_CHARS = 2_000
_MAX_WORDS = 24
_MAX_NAME_WORDS = 8
_K1 = 1.2
_B = 0.75
_WEIGHTS = {"title": 2.0, "keywords": 1.5, "body": 1.0}
_USUAL_WORDS = {"title": 5, "body": 60}
# Weights of words as if there were at least so many passages, so that a collection of three has rare words too.
_LEAST_PASSAGES = 5_000
_GREATEST_IDF = 7.0
# A passage with names answers for its subject: a word in passing says little about whether it answers.
_IN_PASSING = 0.6
_LEAST_COVERAGE = 0.5
_NAME_BOOST = 30.0

_STOP_WORDS = """a about all also am an and any are as at be been being by can could current currently did do does
doing done for from get gets give given had has have having he hello her hi him his how i if in into is it its just
kindly know let list look lookup me many may might much must my need of on one or our out over please regarding s say
search shall she should show so some t tell than thanks that the their them then there these they this those to today
up us use very want was we were what whats which will with within without would you your"""


@dataclass(frozen=True, slots=True)
class Unit:
    """A word of the query, or a name of one or more words.

    Args:
        words: the unit's index words.
        is_name: whether some index knows it as a name.
        idf: weight in nats, at most `_GREATEST_IDF`.
    """

    words: tuple[str, ...]
    is_name: bool
    idf: float


@dataclass(slots=True)
class Hit:
    """A passage that was found.

    Args:
        collection: the index it stands in.
        title, body, locator, date: as indexed.
        score: share of the greatest possible score, 0 to 1.
        coverage: share of the query's weight that the passage contains, 0 to 1.
        matched: index words of the query with their weights, for cutting the body.
    """

    collection: str
    title: str
    body: str
    locator: str
    date: str
    score: float = 0.0
    coverage: float = 0.0
    matched: dict[str, float] = field(default_factory=dict)


def rank(query: str, indexes: Sequence[tuple[str, OpenIndex]], limit: int) -> list[Hit]:
    """The passages that answer a query, best first.

    Args:
        query: plain words; nothing in it is query syntax.
        indexes: `(collection name, index)`.
        limit: greatest number of hits.

    Returns:
        At most `limit` hits; empty when no passage contains the query's rare words.
    """
    searchers = [index.searcher() for _, index in indexes]
    units = query_units(query, searchers)
    if not units:
        return []
    hits: list[Hit] = []
    for (name, index), searcher in zip(indexes, searchers, strict=True):
        wanted = _tantivy_query(units, index.schema)
        for _, address in searcher.search(wanted, limit=CANDIDATES, count=False).hits:
            hit = _scored(name, searcher.doc(address).to_dict(), units)
            if hit.coverage >= _LEAST_COVERAGE:
                hits.append(hit)
    hits.sort(key=lambda hit: -hit.score)
    return hits[:limit]


def query_units(query: str, searchers: Sequence[tantivy.Searcher]) -> list[Unit]:
    """The names and words of a query with their weights, without stop words unless there is nothing else."""
    text = re.sub(r"\b(?:[A-Za-z]\.){2,}", lambda match: match[0].replace(".", ""), query[:_MAX_QUERY_CHARS])
    found = words(text)
    passages = max(_LEAST_PASSAGES, sum(searcher.num_docs for searcher in searchers))
    names, rest = _split_names(found, searchers, shouted=bool(re.search(r"\bUS\b", text)))
    stops = _stop_words()
    kept = [word for word in rest if word not in stops]
    if not kept and not names:
        kept = rest
    units = [Unit(name, True, _idf(_name_frequency(name, searchers), passages)) for name in dict.fromkeys(names)]
    units += [Unit((word,), False, _idf(_word_frequency(word, searchers), passages)) for word in dict.fromkeys(kept)]
    return sorted(units, key=lambda unit: -unit.idf)[:_MAX_WORDS]


def _split_names(
    found: list[str], searchers: Sequence[tantivy.Searcher], *, shouted: bool
) -> tuple[list[tuple[str, ...]], list[str]]:
    named = [searcher for searcher in searchers if searcher.terms_with_prefix("names", "", limit=1)]
    names: list[tuple[str, ...]] = []
    rest: list[str] = []
    doubtful: list[tuple[str, ...]] = []
    start = 0
    while start < len(found):
        length = _longest_name(found, start, named) if named else 0
        name = tuple(found[start : start + length])
        if not length:
            rest.append(found[start])
        elif length == 1 and name[0] in _stop_words() and not shouted:
            doubtful.append(name)  # "tell us about Japan", but "population of us"
        else:
            names.append(name)
        start += max(1, length)
    return names or doubtful, rest


def _longest_name(found: list[str], start: int, searchers: Sequence[tantivy.Searcher]) -> int:
    for length in range(min(_MAX_NAME_WORDS, len(found) - start), 0, -1):
        if _name_frequency(found[start : start + length], searchers):
            return length
    return 0


def _name_frequency(name: Sequence[str], searchers: Sequence[tantivy.Searcher]) -> int:
    return sum(searcher.doc_freq("names", " ".join(name)) for searcher in searchers)


def _word_frequency(word: str, searchers: Sequence[tantivy.Searcher]) -> int:
    return sum(max(searcher.doc_freq(name, word) for name in TEXT_FIELDS) for searcher in searchers)


def _idf(frequency: int, passages: int) -> float:
    return min(_GREATEST_IDF, math.log1p((max(passages - frequency, 0) + 0.5) / (frequency + 0.5)))


def _tantivy_query(units: Sequence[Unit], schema: tantivy.Schema) -> tantivy.Query:
    from tantivy import Occur, Query

    clauses: list[tuple[Occur, Query]] = []
    for unit in units:
        if unit.is_name:
            name = Query.term_query(schema, "names", " ".join(unit.words), index_option="basic")
            clauses.append((Occur.Should, Query.const_score_query(name, _NAME_BOOST)))
        for word in unit.words:
            for text_field in TEXT_FIELDS:
                term = Query.term_query(schema, text_field, word, index_option="freq")
                clauses.append((Occur.Should, Query.boost_query(term, _WEIGHTS[text_field])))
    return Query.boolean_query(clauses)


def _scored(collection: str, stored: dict[str, list[Any]], units: Sequence[Unit]) -> Hit:
    def text(name: str) -> str:
        return (stored.get(name) or [""])[0]

    hit = Hit(collection, text("title"), text("body"), text("locator"), text("date"))
    names = set(stored.get("names") or ())
    counts = {name: Counter(words(text(name))) for name in TEXT_FIELDS}
    lengths = {name: max(1, counts[name].total()) for name in _USUAL_WORDS}
    in_passing = _IN_PASSING if names else 1.0
    score = covered = 0.0
    for unit in units:
        if unit.is_name and " ".join(unit.words) in names:
            share, credit = 1.0, 1.0
        else:
            shares = [_saturated(word, counts, lengths) for word in unit.words]
            credits = [_credit(word, counts, in_passing) for word in unit.words]
            share, credit = sum(shares) / len(shares), sum(credits) / len(credits)
        score += unit.idf * share
        covered += unit.idf * credit
        for word in unit.words:
            if counts["body"][word]:
                hit.matched[word] = unit.idf
    total = sum(unit.idf for unit in units) or 1.0
    hit.score, hit.coverage = score / total, covered / total
    return hit


def _saturated(word: str, counts: dict[str, Counter[str]], lengths: dict[str, int]) -> float:
    frequency = _WEIGHTS["keywords"] * (counts["keywords"][word] > 0)
    for name, usual in _USUAL_WORDS.items():
        frequency += _WEIGHTS[name] * counts[name][word] / (1 - _B + _B * lengths[name] / usual)
    return frequency / (frequency + _K1)


def _credit(word: str, counts: dict[str, Counter[str]], in_passing: float) -> float:
    if counts["title"][word] or counts["keywords"][word]:
        return 1.0
    return in_passing if counts["body"][word] else 0.0


@functools.cache
def _stop_words() -> frozenset[str]:
    return frozenset(words(_STOP_WORDS))
