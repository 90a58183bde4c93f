"""MATH-500 (Lightman et al. 2023, arXiv:2305.20050; problems of Hendrycks et al. 2021, arXiv:2103.03874)."""

from __future__ import annotations

from ..samples import Check, Form, Sample
from ..scorers.symbolic import boxed
from .adapter import Adapter, Loaded
from .math_answers import MathAnswer
from .reading import BadRecord, Origin, Row, gather

_ASKED = "Reason step by step, and put the final answer in \\boxed{}."
# One copy writes it behind the solution.
_WRITTEN = "The answer is:"


def load_math_500(origin: Origin, form: Form) -> Loaded:
    """MATH-500; the final answer is compared as mathematics."""
    rows = origin.rows("{split}.jsonl", "math_splits/{split}.jsonl", "prm800k/math_splits/{split}.jsonl")

    def make(row: Row) -> Sample:
        problem = row.text("problem", "question").strip()
        subject, level = row.get("subject", "type"), row.get("level")
        return Sample(
            str(row.get("unique_id") or f"{origin.split}-{row.number:03}").removesuffix(".json"),
            (f"Problem: {problem}\nAnswer:" if form == "completion" else f"{problem}\n\n{_ASKED}",),
            checks=(Check("answer", MathAnswer(expected=gold_answer(row))),),
            max_new_tokens=256 if form == "completion" else 1024,
            stop=("Problem:",) if form == "completion" else (),
            form=form,
            tags=(
                *((str(subject).strip().lower().replace(" ", "-"),) if subject else ()),
                *((f"level-{str(level).lower().removeprefix('level').strip()}",) if level is not None else ()),
            ),
        )

    found = gather(rows, make)
    return Loaded(found.samples, found.skipped, rows.told)


def gold_answer(row: Row) -> str:
    """The final answer of a record, without its working."""
    answer, solution = row.get("answer"), row.get("solution")
    if isinstance(answer, str) and _WRITTEN in answer:
        answer = answer.rpartition(_WRITTEN)[2]
    elif isinstance(answer, str) and "\\boxed" in answer:
        answer = boxed(answer)
    elif answer is None and isinstance(solution, str):
        answer = boxed(solution)
    gold = str(answer).strip() if isinstance(answer, str | int | float) else ""
    if not gold:
        row.need("answer", "solution")
        raise BadRecord("there is no final answer in the column answer, nor in \\boxed{} of the solution")
    return gold


MATH_500 = Adapter(
    "math-500",
    "Competition problems of seven subjects and five levels; the final answer is compared as mathematics.",
    "MIT",
    "https://github.com/openai/prm800k",
    "HuggingFaceH4/MATH-500",
    load_math_500,
    ("chat", "completion"),
    tags=("general",),
)
