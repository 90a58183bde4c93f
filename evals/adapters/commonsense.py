"""CommonsenseQA (Talmor et al. 2019, arXiv:1811.00937) and StrategyQA (Geva et al. 2021, arXiv:2101.02235)."""

from __future__ import annotations

from typing import Any, cast

from ..samples import Choices, Form, Sample
from .adapter import Adapter, Loaded
from .mmlu import index_of
from .reading import BadRecord, Origin, Row, gather

LETTERS = "ABCDE"
_TRUTHS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def load_commonsenseqa(origin: Origin, form: Form) -> Loaded:
    """CommonsenseQA; the answers of its test split are secret."""
    names = ("{split}_rand_split.jsonl", "dev_rand_split.jsonl", "dev.jsonl")
    rows = origin.rows(*(names if origin.split == "validation" else names[:1]))

    def make(row: Row) -> Sample:
        question, options = _question(row)
        listed = "\n".join((f"{letter}. {text}" for letter, text in zip(LETTERS, options, strict=True)))
        completion = form == "completion"
        right = index_of(row.need("answerKey", "answer"), LETTERS)
        return Sample(
            str(row.get("id") or f"{origin.split}-{row.number:04}"),
            (f"Question: {question}\n{listed}\nAnswer:" if completion else question,),
            task="choice",
            choices=Choices(tuple(LETTERS) if completion else options, (right,), listed=not completion, shuffle=False),
            form=form,
        )

    found = gather(rows, make)
    return Loaded(found.samples, found.skipped, rows.told)


def _question(row: Row) -> tuple[str, tuple[str, ...]]:
    """The authors nest question and choices, the hub keeps labels and texts apart, others map letters to texts."""
    value = row.need("question")
    nested = cast("dict[str, Any]", value) if isinstance(value, dict) else {"stem": value}
    stem, choices = nested.get("stem"), nested.get("choices", row.get("choices"))
    by_letter: dict[str, Any] = {}
    if isinstance(choices, list):
        pairs = [cast("dict[str, Any]", one) for one in cast("list[Any]", choices) if isinstance(one, dict)]
        by_letter = {str(pair.get("label")): pair.get("text") for pair in pairs}
    elif isinstance(choices, dict):
        held = cast("dict[str, Any]", choices)
        labels, texts = held.get("label"), held.get("text")
        if isinstance(labels, list) and isinstance(texts, list):
            held = dict(zip(map(str, cast("list[Any]", labels)), cast("list[Any]", texts), strict=False))
        by_letter = held
    options = [by_letter.get(letter) for letter in LETTERS]
    if not isinstance(stem, str) or not stem.strip():
        raise BadRecord("question holds no text")
    if not all(isinstance(option, str) and option.strip() for option in options):
        raise BadRecord(f"choices must hold a text for each of {', '.join(LETTERS)}, got {choices!r:.60}")
    return stem.strip(), tuple(str(option) for option in options)


def load_strategyqa(origin: Origin, form: Form) -> Loaded:
    """StrategyQA: the authors' files, or BIG-bench's."""
    rows = origin.rows("strategyqa.jsonl", "strategyqa_{split}.json", "task.json", "strategyqa_train.json")

    def make(row: Row) -> Sample:
        question = row.text("question", "input").strip()
        return Sample(
            str(row.get("qid") or f"{origin.split}-{row.number:04}"),
            (f"Q: {question}\nA:" if form == "completion" else question,),
            task="choice",
            choices=Choices(("Yes", "No"), (0 if _truth(row) else 1,), listed=form == "chat"),
            form=form,
        )

    found = gather(rows, make)
    return Loaded(found.samples, found.skipped, rows.told)


def _truth(row: Row) -> bool:
    scores = row.get("target_scores")
    if isinstance(scores, dict):
        held = cast("dict[str, Any]", scores)
        value: Any = max(held, key=lambda key: held[key]) if held else ""
    else:
        value = row.need("answer")
    truth = _TRUTHS.get(str(value).strip().lower())
    if truth is None:
        raise BadRecord(f"the answer must be yes or no, got {value!r:.60}")
    return truth


COMMONSENSEQA = Adapter(
    "commonsenseqa",
    "Questions of everyday knowledge with five options; share right.",
    "MIT",
    "https://www.tau-nlp.org/commonsenseqa",
    "tau/commonsense_qa",
    load_commonsenseqa,
    ("chat", "completion"),
    "validation",
    ("general",),
)
STRATEGYQA = Adapter(
    "strategyqa",
    "Yes-or-no questions whose steps are implicit; share right.",
    "MIT",
    "https://allenai.org/data/strategyqa",
    "ChilleD/StrategyQA",
    load_strategyqa,
    ("chat", "completion"),
    tags=("general",),
)
