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
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .definitions import asked_terms
from .store import TEXT_FIELDS, OpenIndex
from .words import content_words, is_unspaced, query_words, stop_words, words

if TYPE_CHECKING:
    import tantivy

# How many passages an index proposes: more where a name stands over many passages, of which one is asked for.
_CANDIDATES = 10
_CANDIDATES_OF_SUBJECTS = 16
_INNER_CAPITAL = re.compile(r"(?<=[\w,:;\"'“‘(] )[\"'“‘(]?([A-Z]\w+)")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
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
# Of a long question, running text that answers it says less and less in the question's own words.
_SHORT_QUERY = 3
_LESS_FOR_EACH_WORD = 0.1
_LEAST_PROSE_COVERAGE = 0.1
# "Capital" answers "capital of Peru" better than "Coordinates of the capital" does.
_BESIDE_THE_POINT = 0.15
# "Astana" finds the passage on Kazakhstan's capital; "largest population" finds hundreds of passages, none an answer.
_RARE_IDF = 5.5
_OTHER_SUBJECT_SHARE = 0.7
_NAME_BOOST = 100.0
# A dictionary's entry stands behind an encyclopaedia's passage on the very subject, before running text.
_ENTRY_SCORE = 0.8
_ENTRIES = 4
# A description of something else answers only a query all of whose words it has.
_DESCRIBED_COVERAGE = 0.9
# An entry that is found by what it says, not by what it explains.
_MEANING_SCORE = 0.5

# They help where the data has them as keywords ("where" for a location) and are not missed where it has not.
_QUESTION_WORDS = frozenset({"when", "where", "who"})


@dataclass(frozen=True, slots=True)
class Unit:
    """A word of the query, or a name of one or more words.

    Args:
        words: the unit's index words.
        is_name: whether some index knows it as a name.
        idf: weight in nats, at most `_GREATEST_IDF`: one rare word must not be all of a question.
        full_idf: the same without a limit, for the order of running text.
    """

    words: tuple[str, ...]
    is_name: bool
    idf: float
    full_idf: float


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
    subjects = [(name, index) for name, index in indexes if index.has_subjects]
    entries = _entries(query, subjects)
    units = query_units(query, [index for _, index in indexes])
    if not units:
        return entries[:limit]
    least = _LEAST_COVERAGE if any(word not in stop_words() for unit in units for word in unit.words) else 1.0
    asked = sum(unit.words[0] not in _QUESTION_WORDS for unit in units)
    prose_least = max(_LEAST_PROSE_COVERAGE, _LEAST_COVERAGE - _LESS_FOR_EACH_WORD * max(0, asked - _SHORT_QUERY))
    hits: list[Hit] = []
    for name, index in indexes:
        searcher = index.searcher()
        wanted = _tantivy_query(units, index)
        candidates = _CANDIDATES_OF_SUBJECTS if index.has_subjects else max(_CANDIDATES, limit)
        for _, address in searcher.search(wanted, limit=candidates, count=False).hits:
            hit = _scored(name, searcher.doc(address).to_dict(), units)
            hit.position = (address.segment_ord, address.doc)
            if hit.coverage >= (least if hit.named else min(least, prose_least)):
                hits.append(hit)
    if not hits and not entries:
        hits = [hit for name, index in subjects for hit in _entries_by_meaning(name, units, index)]
    hits.sort(key=lambda hit: (-round(hit.score, 6), hit.position))
    return _with_entries(hits, entries)[:limit]


def _entries(query: str, indexes: Sequence[tuple[str, OpenIndex]]) -> list[Hit]:
    """The dictionary entries of what the query asks the meaning of, where it asks for nothing else."""
    from tantivy import Query

    for asked in asked_terms(query[:_MAX_QUERY_CHARS]):
        term = " ".join(words(asked))
        hits: list[Hit] = []
        for name, index in indexes:
            searcher = index.searcher()
            if not term or not searcher.doc_freq("terms", term):
                continue
            wanted = Query.term_query(index.schema, "terms", term, index_option="basic")
            for _, address in searcher.search(wanted, limit=_ENTRIES, count=False).hits:
                hit = _hit(name, searcher.doc(address).to_dict())
                hit.named, hit.position = True, (address.segment_ord, address.doc)
                hit.matched = dict.fromkeys([*content_words(query), *words("opposite" * ("onym" in query))], 1.0)
                hits.append(hit)
        if hits:
            # "AIDS" is not "aid": another form of the word may do only where nothing is spelled as it is asked for.
            spelled = [hit for hit in hits if hit.title.casefold() == asked.casefold()]
            forms = [hit for hit in hits if _are_forms(hit.title.casefold(), asked.casefold())]
            return sorted(spelled or forms, key=lambda hit: (hit.title != asked, hit.position))
    return []


def _are_forms(entry: str, asked: str) -> bool:
    """Whether a word is asked for in another form, `quarks` for `quark`, and not another word of its family."""
    return asked.startswith(entry) or (len(entry) > 3 and entry[:-1] == asked[: len(entry) - 1])


def _entries_by_meaning(collection: str, units: Sequence[Unit], index: OpenIndex) -> list[Hit]:
    """The entries whose text has all that is asked for: "fear of spiders" finds arachnophobia."""
    from tantivy import Occur, Query

    searcher = index.searcher()
    asked = [word.removeprefix("^") for unit in units for word in unit.words]
    if len(asked) < 2 or not all(searcher.doc_freq("meaning", word) for word in asked):
        return []
    terms = [Query.term_query(index.schema, "meaning", word, index_option="freq") for word in asked]
    wanted = Query.boolean_query([(Occur.Must, term) for term in terms])
    hits: list[Hit] = []
    for place, (_, address) in enumerate(searcher.search(wanted, limit=_ENTRIES, count=False).hits):
        hit = _hit(collection, searcher.doc(address).to_dict())
        hit.position, hit.coverage, hit.score = (address.segment_ord, address.doc), 1.0, _MEANING_SCORE - place * 1e-3
        hit.matched = {word: unit.idf for unit in units for word in unit.words}
        hits.append(hit)
    return hits


def _with_entries(hits: list[Hit], entries: list[Hit]) -> list[Hit]:
    """A dictionary's entry stands behind the best passage on the very subject, before what only contains the words."""
    if not entries:
        return hits
    on_the_subject = bool(hits) and hits[0].named and hits[0].score > _ENTRY_SCORE
    score = hits[0].score if on_the_subject else max(_ENTRY_SCORE, hits[0].score if hits else 0.0)
    for entry in entries:
        entry.score, entry.coverage = score, 1.0
    return hits[:1] + entries + hits[1:] if on_the_subject else entries + hits


def _hit(collection: str, stored: dict[str, list[Any]]) -> Hit:
    first = {name: values[0] for name, values in stored.items() if values}
    title, body = first.get("title") or first.get("heading", ""), first.get("body") or first.get("meaning", "")
    return Hit(collection, title, body, first.get("locator", ""), first.get("date", ""))


def query_units(query: str, indexes: Sequence[OpenIndex]) -> list[Unit]:
    """The names and words of a query with their weights, without stop words unless there is nothing else."""
    text = re.sub(r"\b(?:[A-Za-z]\.){2,}", lambda match: match[0].replace(".", ""), query[:_MAX_QUERY_CHARS])
    found = query_words(text)
    searchers = [index.searcher() for index in indexes]
    subjects = [index.searcher() for index in indexes if index.has_subjects]
    passages = max(_LEAST_PASSAGES, sum(searcher.num_docs for searcher in searchers))
    capitals = frozenset(f"^{word.casefold()}" for word in _INNER_CAPITAL.findall(text))
    names, rest = _split_names(found, subjects, capitals, shouted=bool(re.search(r"\bUS\b", text)))
    stops = stop_words()
    kept = [word for word in rest if word not in stops] or ([] if names else rest)
    units = [_unit(name, True, _name_frequency(name, subjects), passages) for name in dict.fromkeys(names)]
    units += [_unit((word,), False, _word_frequency(word, searchers), passages) for word in dict.fromkeys(kept)]
    return sorted(units, key=lambda unit: -unit.idf)[:_MAX_WORDS]


def _split_names(
    found: list[str], searchers: Sequence[tantivy.Searcher], capitals: frozenset[str], *, shouted: bool
) -> tuple[list[tuple[str, ...]], list[str]]:
    names: list[tuple[str, ...]] = []
    rest: list[str] = []
    doubtful: list[tuple[str, ...]] = []
    start = 0
    by_stem = {stem: key for key in capitals for stem in words(key[1:])}
    while start < len(found):
        length = _longest_name(found, start, searchers)
        name = tuple(found[start : start + length])
        if not length:
            spelled = by_stem.get(found[start], "")
            if spelled and _name_frequency((spelled,), searchers):
                names.append((spelled,))
            else:
                rest.append(found[start])
        elif length == 1 and name[0] in stop_words() and not shouted:
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
    fields = ("unspaced",) if is_unspaced(word) else TEXT_FIELDS
    return sum(max(searcher.doc_freq(name, word) for name in fields) for searcher in searchers)


def _unit(spoken: tuple[str, ...], is_name: bool, frequency: int, passages: int) -> Unit:
    idf = math.log1p((max(passages - frequency, 0) + 0.5) / (frequency + 0.5))
    return Unit(spoken, is_name, min(_GREATEST_IDF, idf), idf)


def _tantivy_query(units: Sequence[Unit], index: OpenIndex) -> tantivy.Query:
    from tantivy import Occur, Query

    schema, searcher = index.schema, index.searcher()
    fields = TEXT_FIELDS if index.has_subjects else ("title", "body")

    clauses: list[tuple[Occur, Query]] = []
    for unit in units:
        if unit.is_name and index.has_subjects and _name_frequency(unit.words, [searcher]):
            name = Query.term_query(schema, "names", " ".join(unit.words), index_option="basic")
            clauses.append((Occur.Should, Query.const_score_query(name, _NAME_BOOST)))
        for word in _spoken(unit):
            for text_field in ("unspaced",) if is_unspaced(word) else fields:
                term = Query.term_query(schema, text_field, word, index_option="freq")
                clauses.append((Occur.Should, Query.boost_query(term, _WEIGHTS.get(text_field, 1.0))))
    return Query.boolean_query(clauses)


def _scored(collection: str, stored: dict[str, list[Any]], units: Sequence[Unit]) -> Hit:
    names = frozenset(stored.get("names") or ())
    read = _Read({name: words(stored[name][0]) if stored.get(name) else [] for name in TEXT_FIELDS}, bool(names))
    in_body = {word: unit.idf for unit in units for word in unit.words if word in read.words["body"]}
    named = {unit for unit in units if unit.is_name and " ".join(unit.words) in names}
    # "Marie Curie" is titled by its subject alone and says what it is; "Peru: Population" says one thing of it.
    describes = bool(names) and not _about(read.words["title"], names)
    evidence = _SUBJECT if named else _OTHER_SUBJECT if names and not describes else _PROSE
    hit = _hit(collection, stored)
    hit.named, hit.matched = bool(names), in_body
    if names and not all(_selects(word, read) for unit in units for word in unit.words if _is_selector(word)):
        return hit  # of the first president, the present one says nothing
    covered = asked = 0.0
    aspects = missing = 0
    for unit in units:
        share = credit = 1.0
        if unit not in named:
            spoken = _spoken_in(unit, read)
            share = sum(evidence.share(word, read) for word in spoken) / len(spoken)
            credit = sum(evidence.credit(word, read) for word in spoken) / len(spoken)
            if describes and len(spoken) > 1 and " ".join(spoken) not in " ".join(read.words["body"]):
                credit = 0.0  # "World War II" is not in "World War I … Wilhelm II"
        hit.score += (unit.idf if names else unit.full_idf) * share
        if unit.words[0] not in _QUESTION_WORDS or len(units) == 1:
            covered += unit.idf * credit
            asked += unit.idf
            aspects += unit not in named and credit > 0
            missing += credit == 0
    if names and missing and any(_chooses(word) for unit in units for word in unit.words):
        return hit  # of the tallest building, the highest mountain says nothing
    hit.score /= sum(unit.idf if names else unit.full_idf for unit in units)
    hit.coverage = covered / (asked or 1.0)
    if named:
        asked_words = {word for unit in units for word in unit.words}
        about = _about(read.words["title"], names)
        precision = sum(word in asked_words for word in about) / len(about) if about else 1.0
        hit.score *= 1 - _BESIDE_THE_POINT * (1 - precision)
        if describes and not aspects and any(_is_aspect(unit, named) for unit in units):
            hit.coverage = 0.0  # it says nothing of what is asked of its subject
    elif describes:
        hit.score *= _OTHER_SUBJECT_SHARE
        hit.coverage = hit.coverage if hit.coverage >= _DESCRIBED_COVERAGE else 0.0
    elif names:
        hit.score *= _OTHER_SUBJECT_SHARE
        if not any(read.count("body", word) and idf >= _RARE_IDF for word, idf in in_body.items()):
            hit.coverage = 0.0
    return hit


def _spoken(unit: Unit) -> Sequence[str]:
    """The words of a unit as running text has them."""
    return words(unit.words[0][1:]) if unit.words[0].startswith("^") else unit.words


def _spoken_in(unit: Unit, read: _Read) -> Sequence[str]:
    """The words of a unit as a passage has them: "2nd" for "second" where it is written so."""
    word = unit.words[0]
    if word in _selectors() and not any(word in found for found in read.words.values()):
        return (_selectors()[word],)
    return _spoken(unit)


def _is_aspect(unit: Unit, named: set[Unit]) -> bool:
    return unit not in named and unit.words[0] not in _QUESTION_WORDS


class _Read:
    """A candidate's words.

    Args:
        found: the words of each field, in order.
        has_names: whether the passage declares its subject's names.
    """

    def __init__(self, found: dict[str, list[str]], has_names: bool) -> None:
        self.words = found
        # "Peru — Capital: Lima" begins with its title, which says nothing more when it is said twice.
        self._said_twice = found["title"] if has_names else []
        self.length_norm = {
            name: 1 - _B + _B * max(1, len(found[name]) - (len(self._said_twice) if name == "body" else 0)) / usual
            for name, usual in _USUAL_WORDS.items()
        }

    def count(self, field_name: str, word: str) -> int:
        """How often a word stands in a field."""
        found = self.words[field_name].count(word)
        if found and self._said_twice and field_name == "body":
            return max(0, found - self._said_twice.count(word))
        return found


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

    def share(self, word: str, read: _Read) -> float:
        frequency = self.weights["keywords"] * (word in read.words["keywords"])
        for name, norm in read.length_norm.items():
            count = read.count(name, word)
            if count:
                frequency += self.weights[name] * count / norm
        return frequency / (frequency + _K1)

    def credit(self, word: str, read: _Read) -> float:
        in_label = self.label_credit if word in read.words["title"] or word in read.words["keywords"] else 0.0
        return max(in_label, self.body_credit if read.count("body", word) else 0.0)


_PROSE = _Evidence(_WEIGHTS, 1.0, 1.0)
# A passage with names answers for its subject, and its title says what about it: a word in its text is said in passing.
_SUBJECT = _Evidence(_WEIGHTS | {"body": 0.3}, 1.0, 0.6)
# Where the query names another subject or none, the title ("Population") stands over hundreds of passages.
_OTHER_SUBJECT = _Evidence(_WEIGHTS, 0.4, 0.6)


def _about(title: Sequence[str], names: frozenset[str]) -> list[str]:
    """The words of a title that are not its subject's."""
    subject = {word for name in names for word in (words(name[1:]) if name.startswith("^") else name.split())}
    return [word for word in dict.fromkeys(title) if word not in subject]


@functools.cache
def _selectors() -> dict[str, str]:
    """Words that choose one of many, with another spelling of each: a passage without them is about another one."""
    pairs = "first 1st second 2nd third 3rd fourth 4th fifth 5th sixth 6th former ex previous former earliest first"
    stems = words(pairs)
    return dict(zip(stems[::2], stems[1::2], strict=True))


@functools.cache
def _superlatives() -> frozenset[str]:
    return frozenset(
        words(
            "largest biggest greatest smallest tallest highest longest deepest oldest lowest shortest fastest best most"
        )
    )


def _chooses(word: str) -> bool:
    """Whether a word chooses one of many, which makes every other word of the query count."""
    return word in _superlatives() or _is_selector(word)


def _is_selector(word: str) -> bool:
    return word in _selectors() or _ORDINAL.fullmatch(word) is not None


def _selects(word: str, read: _Read) -> bool:
    return any(spelled in read.words[name] for spelled in (word, _selectors().get(word, word)) for name in TEXT_FIELDS)
