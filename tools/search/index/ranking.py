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

from .store import TEXT_FIELDS, OpenIndex, words

if TYPE_CHECKING:
    import tantivy

CANDIDATES = 16
_MAX_QUERY_CHARS = 2_000
_MAX_WORDS = 24
_MAX_NAME_WORDS = 8
_K1 = 1.2
_B = 0.75
_WEIGHTS = {"title": 3.0, "keywords": 1.5, "body": 1.0}
_USUAL_WORDS = {"title": 5, "body": 60}
# Weights of words as if there were at least so many passages, so that a collection of three has rare words too.
_LEAST_PASSAGES = 5_000
_GREATEST_IDF = 7.0
_LEAST_COVERAGE = 0.55
# "Capital" answers "capital of Peru" better than "Coordinates of the capital" does.
_BESIDE_THE_POINT = 0.15
# "Astana" finds the passage on Kazakhstan's capital; "largest population" finds hundreds of passages, none an answer.
_RARE_IDF = 5.5
_OTHER_SUBJECT_SHARE = 0.7
_NAME_BOOST = 30.0

_STOP_WORDS = """a about all also am an and any are as at be been being by can could current currently did do does
doing done for from get gets give given had has have having he hello her hi him his how i if in into is it its just
kindly know let list look lookup me many may might much must my need of on one or our out over please regarding s say
search shall she should show so some t tell than thanks that the their them then there these they this those to today
up us use very want was we were what whats which will with within without would you your"""

# They help where the data has them as keywords ("where" for a location) and are not missed where it has not.
_QUESTION_WORDS = frozenset({"when", "where", "who"})


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
        named: whether the passage declares its subject's names.
        position: place in its index; of equal passages the first one indexed comes first.
        matched: index words of the query with their weights, for cutting the body.
    """

    collection: str
    title: str
    body: str
    locator: str
    date: str
    score: float = 0.0
    coverage: float = 0.0
    named: bool = False
    position: tuple[int, int] = (0, 0)
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
    least = _LEAST_COVERAGE if any(word not in _stop_words() for unit in units for word in unit.words) else 1.0
    hits: list[Hit] = []
    for (name, index), searcher in zip(indexes, searchers, strict=True):
        wanted = _tantivy_query(units, index.schema, searcher)
        for _, address in searcher.search(wanted, limit=CANDIDATES, count=False).hits:
            hit = _scored(name, searcher.doc(address).to_dict(), units)
            hit.position = (address.segment_ord, address.doc)
            if hit.coverage >= least:
                hits.append(hit)
    hits.sort(key=lambda hit: (-round(hit.score, 6), hit.position))
    return hits[:limit]


def query_units(query: str, searchers: Sequence[tantivy.Searcher]) -> list[Unit]:
    """The names and words of a query with their weights, without stop words unless there is nothing else."""
    text = re.sub(r"\b(?:[A-Za-z]\.){2,}", lambda match: match[0].replace(".", ""), query[:_MAX_QUERY_CHARS])
    found = words(text)
    passages = max(_LEAST_PASSAGES, sum(searcher.num_docs for searcher in searchers))
    names, rest = _split_names(found, searchers, shouted=bool(re.search(r"\bUS\b", text)))
    stops = _stop_words()
    kept = [word for word in rest if word not in stops] or ([] if names else rest)
    units = [Unit(name, True, _idf(_name_frequency(name, searchers), passages)) for name in dict.fromkeys(names)]
    units += [Unit((word,), False, _idf(_word_frequency(word, searchers), passages)) for word in dict.fromkeys(kept)]
    return sorted(units, key=lambda unit: -unit.idf)[:_MAX_WORDS]


def _split_names(
    found: list[str], searchers: Sequence[tantivy.Searcher], *, shouted: bool
) -> tuple[list[tuple[str, ...]], list[str]]:
    names: list[tuple[str, ...]] = []
    rest: list[str] = []
    doubtful: list[tuple[str, ...]] = []
    start = 0
    while start < len(found):
        length = _longest_name(found, start, searchers)
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


def _tantivy_query(units: Sequence[Unit], schema: tantivy.Schema, searcher: tantivy.Searcher) -> tantivy.Query:
    from tantivy import Occur, Query

    clauses: list[tuple[Occur, Query]] = []
    for unit in units:
        if unit.is_name and _name_frequency(unit.words, [searcher]):
            name = Query.term_query(schema, "names", " ".join(unit.words), index_option="basic")
            clauses.append((Occur.Should, Query.const_score_query(name, _NAME_BOOST)))
            continue
        for word in unit.words:
            for text_field in TEXT_FIELDS:
                term = Query.term_query(schema, text_field, word, index_option="freq")
                clauses.append((Occur.Should, Query.boost_query(term, _WEIGHTS[text_field])))
    return Query.boolean_query(clauses)


def _scored(collection: str, stored: dict[str, list[Any]], units: Sequence[Unit]) -> Hit:
    texts = {name: (stored.get(name) or [""])[0] for name in (*TEXT_FIELDS, "locator", "date")}
    names = frozenset(stored.get("names") or ())
    counts = {name: Counter(words(texts[name])) for name in TEXT_FIELDS}
    in_body = {word: unit.idf for unit in units for word in unit.words if counts["body"][word]}
    if names:
        counts["body"] -= counts["title"]  # "Peru — Capital: Lima" begins with its title
    named = {unit for unit in units if unit.is_name and " ".join(unit.words) in names}
    evidence = _SUBJECT if named else _OTHER_SUBJECT if names else _PROSE
    hit = Hit(
        collection, texts["title"], texts["body"], texts["locator"], texts["date"], named=bool(names), matched=in_body
    )
    covered = asked = 0.0
    for unit in units:
        share = credit = 1.0
        if unit not in named:
            share = sum(evidence.share(word, counts) for word in unit.words) / len(unit.words)
            credit = sum(evidence.credit(word, counts) for word in unit.words) / len(unit.words)
        hit.score += unit.idf * share
        covered += unit.idf * credit
        asked += unit.idf if credit or unit.words[0] not in _QUESTION_WORDS else 0.0
    hit.score /= sum(unit.idf for unit in units)
    hit.coverage = covered / (asked or 1.0)
    if named:
        asked_words = {word for unit in units for word in unit.words}
        hit.score *= 1 - _BESIDE_THE_POINT * (1 - _precision(counts["title"], names, asked_words))
    elif names:
        hit.score *= _OTHER_SUBJECT_SHARE
        if not any(counts["body"][word] and idf >= _RARE_IDF for word, idf in in_body.items()):
            hit.coverage = 0.0
    return hit


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What a word says by standing in a field.

    Args:
        weights: BM25F weight of each field.
        label_credit, body_credit: how much of the word counts as answered, in title or keywords and in the body.
    """

    weights: dict[str, float]
    label_credit: float
    body_credit: float

    def share(self, word: str, counts: dict[str, Counter[str]]) -> float:
        frequency = self.weights["keywords"] * (counts["keywords"][word] > 0)
        for name, usual in _USUAL_WORDS.items():
            length = max(1, counts[name].total())
            frequency += self.weights[name] * counts[name][word] / (1 - _B + _B * length / usual)
        return frequency / (frequency + _K1)

    def credit(self, word: str, counts: dict[str, Counter[str]]) -> float:
        in_label = self.label_credit if counts["title"][word] or counts["keywords"][word] else 0.0
        return max(in_label, self.body_credit if counts["body"][word] else 0.0)


_PROSE = _Evidence(_WEIGHTS, 1.0, 1.0)
# A passage with names answers for its subject, and its title says what about it: a word in its text is said in passing.
_SUBJECT = _Evidence(_WEIGHTS | {"body": 0.3}, 1.0, 0.6)
# Where the query names another subject or none, the title ("Population") stands over hundreds of passages.
_OTHER_SUBJECT = _Evidence(_WEIGHTS, 0.4, 0.6)


def _precision(title: Counter[str], names: frozenset[str], asked_words: set[str]) -> float:
    subject = {word for name in names for word in name.split()}
    about = [word for word in title if word not in subject]
    return sum(word in asked_words for word in about) / len(about) if about else 1.0


@functools.cache
def _stop_words() -> frozenset[str]:
    return frozenset(words(_STOP_WORDS))
