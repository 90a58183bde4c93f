"""MT-Bench (Zheng et al. 2023, arXiv:2306.05685): 80 open conversations of two turns, graded by a judge."""

from __future__ import annotations

from typing import Any, cast

from ..samples import Check, Form, Sample
from ..scorers import make_scorer
from .adapter import Adapter, Loaded
from .reading import BadRecord, Origin, Row, gather

# Only in these categories is the judge shown a reference answer.
WITH_REFERENCE = frozenset({"math", "reasoning", "coding"})
RUBRIC = (
    "Grade how well the assistant answers the user: whether the answer is helpful, to the point, accurate, deep, "
    "creative where that is asked for, and as detailed as the question deserves."
)
REFERENCE_RUBRIC = (
    "Grade whether the assistant's answer is correct and helpful. Compare it with the reference answer, and find the "
    "mistakes, if there are any."
)
SECOND = " Grade the answer to the second question; the first turn is the context."
SCALE = 10


def load_mt_bench(origin: Origin, form: Form) -> Loaded:
    """MT-Bench; each turn is graded apart."""
    rows = origin.rows("question.jsonl", "mt_bench/question.jsonl", "data/mt_bench/question.jsonl")
    references, skipped = _references(origin)

    def make(row: Row) -> Sample:
        identity = str(row.get("question_id", "prompt_id") or row.number)
        turns = row.texts("turns", "prompt")
        category = row.text("category").strip().lower()
        answers = references.get(identity) or cast("list[Any]", row.get("reference") or [])
        checks: list[Check] = []
        for turn, _ in enumerate(turns):
            reference = answers[turn] if category in WITH_REFERENCE and turn < len(answers) else None
            checks.append(_graded(turn, reference))
        return Sample(identity, tuple(turns), checks=tuple(checks), max_new_tokens=1024, form=form, tags=(category,))

    found = gather(rows, make)
    return Loaded(found.samples, [*found.skipped, *skipped], rows.told)


def _graded(turn: int, reference: Any) -> Check:
    given = isinstance(reference, str) and bool(reference.strip())
    rubric = (REFERENCE_RUBRIC if given else RUBRIC) + (SECOND if turn else "")
    options = {"kind": "judge", "mode": "scale", "rubric": rubric, "scale": SCALE}
    return Check(f"turn {turn + 1}", make_scorer(options, reference if given else None, given=given), turn)


def _references(origin: Origin) -> tuple[dict[str, list[str]], list[str]]:
    names = ("reference_gpt-4.jsonl", "reference_answer/gpt-4.jsonl", "*/reference_answer/gpt-4.jsonl")
    rows = None if origin.path is None else origin.beside("", *names)
    found: dict[str, list[str]] = {}
    skipped = list(rows.broken) if rows else []
    for row in rows.rows if rows else ():
        try:
            first = cast("list[Any]", row.need("choices"))[0]
            found[str(row.need("question_id"))] = [str(answer) for answer in first["turns"]]
        except (BadRecord, LookupError, TypeError) as error:
            skipped.append(f"{row.where}: no reference answer: {error}.")
    return found, skipped


MT_BENCH = Adapter(
    "mt-bench",
    "Open conversations of two turns in eight categories; a judge grades each turn from 1 to 10.",
    "Apache-2.0",
    "https://github.com/lm-sys/FastChat/tree/main/fastchat/llm_judge",
    "HuggingFaceH4/mt_bench_prompts",
    load_mt_bench,
    split="train",
    tags=("general",),
)
