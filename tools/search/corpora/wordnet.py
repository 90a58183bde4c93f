"""Turn WordNet 3.1 (Princeton; its own free licence) into passages: a dictionary with people, places and events.

- A single thing (Marie Curie, the Eiffel Tower, the Battle of Hastings) is a passage that is found by its names.
- A word (photosynthesis, bank, happy) is one entry with its senses, most frequent first, each with its synonyms; it is
  found where a query asks for nothing but that word, or where a meaning contains all that is asked for.

The files are those of the distribution (wndb(5WN)): `data.POS` holds one set of synonyms a line, `index.POS` the order
of each word's senses. Examples of use are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..index.words import words
from ..passages import MAX_PASSAGE_CHARS, Passage, Progress

EDITION = "2011"
_PARTS = {"noun": "noun", "verb": "verb", "adj": "adjective", "adv": "adverb"}
_SENSES = 6
_YEARS = re.compile(r"\((?:born (?:in )?|died (?:in )?|circa |c\. )?\d{3,4}(?: BC)?(?:-\d{2,4})?(?: BC)?\)")
_MARKER = re.compile(r"\((?:a|p|ip)\)$")
_EXAMPLE = re.compile(r'[;:]?\s*"[^"]*"?(?:\s*-\s*[A-Z][\w. ]*)?')
# "capital of Peru" is a name of Lima there; it would hide what other corpora say of Peru's capital.
_ALSO_SAID = tuple(
    (re.compile(said), spoken)
    for said, spoken in (
        (
            _YEARS.pattern,
            "born birth birthday die died death dates life lived nationality "
            "when year begin began start started end ended lasted",
        ),
        (r"\bhighest\b", "tallest"),
        (r"\bpeak\b", "mountain"),
        (r"\blargest\b", "biggest"),
        (r"\binvent(?:or|ed|ion)", "invented invent inventor"),
        (r"\bdiscover(?:er|ed|y)|\bexplorer", "discovered discover explored"),
        (r"\b(?:writer|novelist|poet|author|dramatist|playwright|wrote|writings)", "wrote write written author book"),
        (r"\b(?:tragedy|comedy|play|novel|poem|epic|story|book|character|fairy tale)", "wrote write written author by"),
        (r"\bcompos(?:er|ed)", "composed compose wrote music"),
        (r"\bpaint(?:er|ed|ings)", "painted paint artist"),
        (r"\b(?:founded|founder)", "founded found established"),
        (r"\b(?:feet|meters|metres) (?:high|in height)", "height high tall how"),
        (r"\b(?:miles|kilometers) long", "length long how"),
        (r"\b(?:located|lies|situated|city|town|island|river|mountain|lake) ", "where location located"),
    )
)
_NO_NAME = re.compile(r"^(?:.*\b)?capital of\b|^.{1,2}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Synset:
    """One set of synonyms.

    Args:
        part: noun, verb, adjective or adverb.
        offset: its number in the part's file.
        lemmas: how it is called.
        gloss: its meaning, without examples.
        instance: whether it is one thing and not a kind of things.
        antonyms: number of its own lemma, the opposite synset, the number of the lemma there; from 1, 0 for all.
    """

    part: str
    offset: str
    lemmas: tuple[str, ...]
    gloss: str
    instance: bool
    antonyms: tuple[tuple[int, str, int], ...]


def things(folder: Path, progress: Progress | None = None) -> Iterator[Passage]:
    """The people, places, works and events of a folder with the files of the distribution.

    Args:
        folder: holds `data.noun`, `index.noun` and those of verbs, adjectives and adverbs.
        progress: called now and then.

    Yields:
        A passage for each, those first that their names stand for most often.
    """
    synsets = _all_synsets(folder)
    # Words that are written small, as the index has them.
    spelled = (name for synset in synsets.values() if not synset.instance for name in synset.lemmas)
    common = {word for name in spelled if " " not in name and name.islower() for word in words(name)}
    found = _in_order(synsets, _senses(folder, synsets))
    for done, synset in enumerate(found):
        _tell(progress, "building the index of people and places", done, len(found))
        yield _thing(synset, common)


def entries(folder: Path, progress: Progress | None = None) -> Iterator[Passage]:
    """The words of a folder with the files of the distribution.

    Args:
        folder: holds `data.noun`, `index.noun` and those of verbs, adjectives and adverbs.
        progress: called now and then.

    Yields:
        An entry for each word, in alphabetical order.
    """
    synsets = _all_synsets(folder)
    senses = _senses(folder, synsets)
    kinds = sorted(lemma for lemma, found in senses.items() if not all(synset.instance for synset in found))
    for done, lemma in enumerate(kinds):
        _tell(progress, "building the dictionary", done, len(kinds))
        yield _entry(lemma, senses[lemma], synsets)


def _tell(progress: Progress | None, what: str, done: int, total: int) -> None:
    if progress is not None and (done % 1_000 == 0 or done == total - 1):
        progress(what, done + 1, total)


def _all_synsets(folder: Path) -> dict[tuple[str, str], Synset]:
    return {
        (part, synset.offset): synset
        for suffix, part in _PARTS.items()
        for synset in _synsets(folder / f"data.{suffix}", part)
    }


def _synsets(file: Path, part: str) -> Iterator[Synset]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("  "):  # the licence
                continue
            data, _, gloss = line.partition(" | ")
            columns = data.split()
            count = int(columns[3], 16)
            lemmas = [_MARKER.sub("", columns[4 + 2 * number]).replace("_", " ") for number in range(count)]
            pointers = columns[5 + 2 * count :]
            links = list(zip(*(iter(pointers[: 4 * int(columns[4 + 2 * count])]),) * 4, strict=False))
            yield Synset(
                part,
                columns[0],
                tuple(dict.fromkeys(lemmas)),
                _EXAMPLE.sub("", gloss).strip(" ;:\n"),
                any(symbol == "@i" for symbol, *_ in links),
                tuple(
                    (int(place[:2], 16), offset, int(place[2:], 16))
                    for symbol, offset, _, place in links
                    if symbol == "!"
                ),
            )


def _senses(folder: Path, synsets: Mapping[tuple[str, str], Synset]) -> dict[str, list[Synset]]:
    """The senses of each word in lower case, in the order of the distribution: nouns first, frequent senses first."""
    senses: dict[str, list[Synset]] = {}
    for suffix, part in _PARTS.items():
        with (folder / f"index.{suffix}").open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith("  "):
                    continue
                columns = line.split()
                offsets = columns[len(columns) - int(columns[2]) :]
                found = [synsets[part, offset] for offset in offsets if (part, offset) in synsets]
                senses.setdefault(columns[0].replace("_", " "), []).extend(found)
    return senses


def _in_order(synsets: Mapping[tuple[str, str], Synset], senses: Mapping[str, list[Synset]]) -> list[Synset]:
    """The single things, those first that their names stand for most often: Paris in France before Paris in Texas."""
    rank: dict[tuple[str, str], int] = {}
    for found in senses.values():
        for place, synset in enumerate(found):
            key = (synset.part, synset.offset)
            rank[key] = min(place, rank.get(key, place))
    things = (item for item in synsets.items() if item[1].instance)
    return [synset for _, synset in sorted(things, key=lambda item: rank.get(item[0], 0))]


def _thing(synset: Synset, common: set[str]) -> Passage:
    name = _full_name(synset.lemmas)
    others = [lemma for lemma in synset.lemmas if lemma != name]
    also = f" (also {', '.join(others)})" if others else ""
    return Passage(
        title=name,
        body=f"{name}{also}: {synset.gloss}"[:MAX_PASSAGE_CHARS],
        locator=f"wordnet/n{synset.offset}",
        date=EDITION,
        keywords=" ".join(spoken for said, spoken in _ALSO_SAID if said.search(synset.gloss)),
        names=tuple(_as_name(lemma, common) for lemma in synset.lemmas if not _NO_NAME.match(lemma)),
    )


def _as_name(lemma: str, common: set[str]) -> str:
    """A novelist is called Rice; written small it must not stand for her in every query about rice."""
    return f"^{lemma}" if " " not in lemma and not common.isdisjoint(words(lemma)) else lemma


def _full_name(lemmas: tuple[str, ...]) -> str:
    """`Marie Curie` of (Curie, Marie Curie, …): the first that ends with the one before, as far as that leads."""
    name = lemmas[0]
    for lemma in lemmas[1:]:
        if lemma.endswith(f" {name}"):
            name = lemma
    return name


def _entry(lemma: str, senses: list[Synset], synsets: Mapping[tuple[str, str], Synset]) -> Passage:
    spelled = next(name for name in senses[0].lemmas if name.lower() == lemma) if _spells(senses[0], lemma) else lemma
    told: list[str] = []
    part, number = "", 0
    for synset in senses:
        if synset.part != part:
            part, number = synset.part, 0
            told.append(f"({part})")
        number += 1
        if number <= _SENSES:
            told.append(_sense(spelled, synset, number, synsets))
    single = len(senses) == 1
    body = f"{spelled} {' '.join(told)}".replace(" 1. ", " " if single else " 1. ", 1).rstrip(";")
    return Passage(
        title=spelled,
        body=body if len(body) <= MAX_PASSAGE_CHARS else body[: MAX_PASSAGE_CHARS - 2].rsplit(" ", 1)[0] + " …",
        locator=f"wordnet/{senses[0].part[0]}{senses[0].offset}#{lemma.replace(' ', '_')}",
        date=EDITION,
        terms=(lemma,),
    )


def _spells(synset: Synset, lemma: str) -> bool:
    return any(name.lower() == lemma for name in synset.lemmas)


def _sense(lemma: str, synset: Synset, number: int, synsets: Mapping[tuple[str, str], Synset]) -> str:
    own = next((place for place, name in enumerate(synset.lemmas, start=1) if name.lower() == lemma.lower()), 0)
    others = [name for name in synset.lemmas if name.lower() != lemma.lower()]
    opposites = [
        found.lemmas[theirs - 1]
        for mine, offset, theirs in synset.antonyms
        if mine in (own, 0) and (found := synsets.get((synset.part, offset))) and 0 < theirs <= len(found.lemmas)
    ]
    notes = [f"also {', '.join(others)}"] if others else []
    notes += [f"opposite: {', '.join(opposites)}"] if opposites else []
    return f"{number}. {synset.gloss}{' (' + '; '.join(notes) + ')' if notes else ''};"
