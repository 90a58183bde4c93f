"""Word problems: GSM8K (Cobbe et al. 2021, arXiv:2110.14168) and SVAMP (Patel et al. 2021, arXiv:2103.07191)."""

from __future__ import annotations

import math
import re

from ..samples import Check, Form, Sample
from .adapter import Adapter, Loaded
from .reading import BadRecord, Origin, Row, check, gather

SHOTS = 5
STOP = ("Question:", "</s>", "<|im_end|>")
CHAT_TOKENS = 512
_ASKED = "Reason step by step, and give the answer as a number at the end."


def load_gsm8k(origin: Origin, form: Form) -> Loaded:
    """GSM8K; the completion form shows the first five worked answers of the training split."""
    rows = origin.rows("{split}.jsonl", "gsm8k_{split}.jsonl", "grade_school_math/data/{split}.jsonl")
    completion = form == "completion"
    shots, missing = _shots(origin) if completion else ((), [])

    def make(row: Row) -> Sample:
        question = row.text("question")
        asked = f"Question: {question}\nAnswer:"
        return Sample(
            f"{origin.split}-{row.number:04}",
            (asked if completion else f"{question}\n\n{_ASKED}",),
            checks=_checks(final_number(row), form),
            # A problem of the training split must not be its own example.
            shots=tuple(shot for shot in shots if shot[0] != asked)[:SHOTS],
            max_new_tokens=256 if completion else CHAT_TOKENS,
            stop=STOP if completion else (),
            form=form,
        )

    found = gather(rows, make)
    shown = (SHOTS,) if shots else (0,)
    return Loaded(found.samples, [*found.skipped, *missing], rows.told, "flexible" if completion else None, shown)


def load_svamp(origin: Origin, form: Form) -> Loaded:
    """SVAMP; its own file holds all 1,000 problems, the hub's test split 300 of them."""
    rows = origin.rows("SVAMP.json", "svamp.jsonl", "data/SVAMP.json")

    def make(row: Row) -> Sample:
        question = f"{row.text('Body').strip()} {row.text('Question').strip()}"
        answer = _number(str(row.need("Answer")))
        kind = row.get("Type")
        return Sample(
            str(row.get("ID") or f"{origin.split}-{row.number:04}"),
            (f"Question: {question}\nAnswer:" if form == "completion" else f"{question}\n\n{_ASKED}",),
            checks=(check("answer", {"kind": "numeric", "take": "last"}, float(answer)),),
            max_new_tokens=256 if form == "completion" else CHAT_TOKENS,
            stop=STOP if form == "completion" else (),
            form=form,
            # The file itself writes Common-Divison once.
            tags=(str(kind).lower().replace("divison", "division"),) if kind else (),
        )

    found = gather(rows, make)
    return Loaded(found.samples, found.skipped, rows.told)


def final_number(row: Row) -> str:
    """The number behind `####` of a worked answer, as digits."""
    answer = row.text("answer")
    _, mark, final = answer.rpartition("####")
    if not mark:
        raise BadRecord("the answer has no '####' before its number")
    return _number(final)


def strict_pattern(number: str) -> str:
    """A pattern of replies whose first `#### N` is the number, by the harness's rules.

    Commas count for nothing, and so does one full stop behind.
    """
    digits = ",*".join(re.escape(sign) for sign in number)
    return rf"\A(?s:(?:(?!#### -?[0-9.,]).)*)#### ,*{digits},*\.?(?![0-9.,])"


def _checks(number: str, form: Form) -> tuple[Check, ...]:
    flexible = {"kind": "numeric", "take": "last"}
    if form == "chat":
        return (check("answer", flexible, float(number)),)
    return check("strict", "matches", strict_pattern(number)), check("flexible", flexible, float(number))


def _shots(origin: Origin) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    rows = origin.beside("train", "gsm8k_train.jsonl", "grade_school_math/data/train.jsonl")
    if rows is None:
        return (), [f"train: no train.jsonl beside the problems, so that no worked answers are shown, not {SHOTS}."]
    shots: list[tuple[str, str]] = []
    skipped: list[str] = []
    for row in rows.rows:
        if len(shots) > SHOTS:
            break
        try:
            final_number(row)
            shots.append((f"Question: {row.text('question')}\nAnswer:", f" {row.text('answer')}"))
        except BadRecord as error:
            skipped.append(f"{row.where}: {error}.")
    return tuple(shots), skipped


def _number(text: str) -> str:
    cleaned = text.replace(",", "").replace("$", "").strip().rstrip(".")
    try:
        finite = math.isfinite(float(cleaned))
    except ValueError:
        finite = False
    if not finite:
        raise BadRecord(f"the answer must be a number, got {text.strip()!r:.60}")
    return cleaned


GSM8K = Adapter(
    "gsm8k",
    "Grade-school word problems. Completion: `strict` looks for `#### N`, `flexible` (the score) at the last number.",
    "MIT",
    "https://github.com/openai/grade-school-math",
    "openai/gsm8k:main",
    load_gsm8k,
    ("chat", "completion"),
    tags=("general",),
)
SVAMP = Adapter(
    "svamp",
    "Short word problems that vary what is asked; the last number of the reply counts.",
    "MIT",
    "https://github.com/arkilpatel/SVAMP",
    "ChilleD/SVAMP",
    load_svamp,
    ("chat", "completion"),
    tags=("general",),
)
