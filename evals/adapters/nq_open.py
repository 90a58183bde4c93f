"""NQ-Open (Lee et al. 2019, arXiv:1906.00300): short factual questions that people typed into a search engine."""

from __future__ import annotations

from ..samples import Form, Sample
from .adapter import Adapter, Loaded
from .reading import Origin, Row, check, gather


def load_nq_open(origin: Origin, form: Form) -> Loaded:
    """NQ-Open; the files of EfficientQA are read with the answers that its raters called definitely correct."""
    names = ("NQ-open.dev.jsonl", "NQ-open.efficientqa.dev*.jsonl", "dev.jsonl", "dev2000.jsonl")
    names = names if origin.split == "validation" else ("NQ-open.{split}*.jsonl", "{split}*.jsonl")
    rows = origin.rows(*names)

    def make(row: Row) -> Sample:
        question = row.text("question").strip()
        answers = row.texts("answer_and_def_correct_predictions", "answer")
        completion = form == "completion"
        # A reply to a chat prompt is a sentence; the completion ends where the harness ends it.
        scorer = "exact" if completion else "contains"
        asked = question if question.endswith("?") else f"{question}?"
        return Sample(
            f"{origin.split}-{row.number:04}",
            (f"Q: {question}?\nA:" if completion else asked[:1].upper() + asked[1:],),
            checks=(check("answer", scorer, answers),),
            preamble="Answer these questions:\n\n" if completion else "",
            max_new_tokens=256,
            stop=("\n", ".", ",") if completion else (),
            form=form,
        )

    found = gather(rows, make)
    return Loaded(found.samples, found.skipped, rows.told)


NQ_OPEN = Adapter(
    "nq-open",
    "Factual questions with short answers. Chat: the reply holds one of them; completion: it is one of them.",
    "CC BY-SA 3.0",
    "https://github.com/google-research-datasets/natural-questions/tree/master/nq_open",
    "google-research-datasets/nq_open",
    load_nq_open,
    ("chat", "completion"),
    "validation",
    ("general",),
)
