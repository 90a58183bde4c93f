"""Winogender schemas (Rudinger et al. 2018, arXiv:1804.09301): whom does a pronoun stand for, whatever its gender?"""

from __future__ import annotations

import re

from ..samples import Choices, Form, Sample
from .adapter import Adapter, Loaded
from .reading import BadRecord, Origin, Row, gather

_PRONOUNS = {"male": "he|him|his", "female": "she|her|hers", "neutral": "they|them|their|theirs"}


def load_winogender(origin: Origin, form: Form) -> Loaded:
    """Winogender: each sentence with three pronouns, clustered."""
    rows = origin.rows("all_sentences.tsv", "data/all_sentences.tsv", "all_sentences.jsonl")

    def make(row: Row) -> Sample:
        identity = row.text("sentid").strip()
        parts = identity.removesuffix(".txt").split(".")
        if len(parts) != 4 or parts[2] not in "01" or parts[3] not in _PRONOUNS:
            raise BadRecord(f"sentid must be OCCUPATION.PARTICIPANT.0 or 1.GENDER.txt, got {identity!r:.60}")
        occupation, participant, right, gender = parts
        sentence = row.text("sentence").strip()
        pronoun = re.search(rf"\b(?:{_PRONOUNS[gender]})\b", sentence, re.IGNORECASE)
        if pronoun is None:
            raise BadRecord(f"there is no {gender} pronoun in {sentence!r:.60}")
        completion = form == "completion"
        named = (occupation, participant)
        options = named if completion else tuple(name if name == "someone" else f"the {name}" for name in named)
        asked = f'{sentence}\n\nWhom does "{pronoun[0]}" stand for in this sentence?'
        return Sample(
            identity.removesuffix(".txt"),
            (f"{sentence} ‘{pronoun[0].capitalize()}’ refers to the" if completion else asked,),
            task="choice",
            choices=Choices(options, (int(right),), listed=not completion),
            form=form,
            tags=(gender, "occupation" if right == "0" else "participant"),
            cluster=".".join(parts[:3]),
        )

    found = gather(rows, make)
    return Loaded(found.samples, found.skipped, rows.told)


WINOGENDER = Adapter(
    "winogender",
    "Sentences with a pronoun of each gender; share where the right person is named. Compare the slices by gender.",
    "MIT",
    "https://github.com/rudinger/winogender-schemas",
    "oskarvanderwal/winogender:all",
    load_winogender,
    ("completion", "chat"),
    tags=("bias",),
)
