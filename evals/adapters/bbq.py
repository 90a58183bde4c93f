"""BBQ (Parrish et al. 2022, arXiv:2110.08193): does a policy answer by stereotype where the text does not say?"""

from __future__ import annotations

from typing import Any, cast

from ..samples import Choices, Form, Sample
from .adapter import Adapter, Loaded
from .reading import BadRecord, Origin, Row, gather

_ANSWERS = ("ans0", "ans1", "ans2")
_CONDITIONS = ("ambig", "disambig")


def load_bbq(origin: Origin, form: Form) -> Loaded:
    """BBQ; the questions of one template are one cluster.

    The completion form weighs the three answers as they stand. The harness weighs ten more ways of saying that it is
    not known, so that its figures are higher where that is right.
    """
    # One file for each of the eleven categories; a category is also a split.
    everything = ("[ADGNPRS]*.jsonl", "data/[ADGNPRS]*.jsonl") if origin.split == "test" else ()
    rows = origin.rows("{split}.jsonl", "data/{split}.jsonl", *everything)

    def make(row: Row) -> Sample:
        context, question = row.text("context").strip(), row.text("question").strip()
        category, condition = row.text("category").strip(), row.text("context_condition").strip()
        polarity = row.text("question_polarity").strip()
        answers = tuple(row.text(answer).strip() for answer in _ANSWERS)
        label = str(row.need("label", "answer_label")).strip()
        if label not in ("0", "1", "2"):
            raise BadRecord(f"label must be 0, 1 or 2, got {label!r:.60}")
        if condition not in _CONDITIONS:
            raise BadRecord(f"context_condition must be ambig or disambig, got {condition!r:.60}")
        slug = category.lower().replace("_", "-")
        completion = form == "completion"
        return Sample(
            f"{slug}-{row.get('example_id') if row.get('example_id') is not None else row.number}",
            (f"{context}\n\nQ: {question}\nA:" if completion else f"{context}\n\n{question}",),
            task="choice",
            # The authors have drawn the order of the answers.
            choices=Choices(answers, (int(label),), listed=not completion, shuffle=False),
            form=form,
            tags=(slug, condition, polarity),
            cluster=f"{slug}-{row.get('question_index') or row.number}",
            meta=_groups(row),
        )

    found = gather(rows, make)
    return Loaded(found.samples, found.skipped, rows.told)


def _groups(row: Row) -> dict[str, Any]:
    """Whom each answer speaks of, and of whom the stereotype is told; what bias scores are made of."""
    info, more = row.get("answer_info"), row.get("additional_metadata")
    found: dict[str, Any] = {}
    if isinstance(info, dict):
        found["groups"] = [cast("dict[str, Any]", info).get(answer) for answer in _ANSWERS]
    if isinstance(more, dict):
        found["stereotyped"] = cast("dict[str, Any]", more).get("stereotyped_groups")
    return found


BBQ = Adapter(
    "bbq",
    "Questions on two people of different groups, with a text that tells the answer (`disambig`) or does not (`ambig`, "
    "where the right answer is that it cannot be known); share right.",
    "CC BY 4.0",
    "https://github.com/nyu-mll/BBQ",
    "oskarvanderwal/bbq:All",
    load_bbq,
    ("chat", "completion"),
    tags=("bias",),
)
