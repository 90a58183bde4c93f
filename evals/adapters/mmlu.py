"""MMLU (Hendrycks et al. 2021, arXiv:2009.03300): exam questions of 57 subjects with four options."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any, cast

from ..samples import Choices, Form, Sample
from .adapter import Adapter, Loaded
from .reading import BadRecord, Origin, Row, Rows, gather

SHOTS = 5
LETTERS = "ABCD"
# The original files have no header.
_COLUMNS = ("question", *LETTERS, "answer")
_FOLDERS = {"validation": "val"}


def load_mmlu(origin: Origin, form: Form) -> Loaded:
    """MMLU with the five solved questions of the same subject's dev split."""
    rows = origin.rows(*_patterns(origin.split), columns=_COLUMNS)
    dev = origin.beside("dev", *_patterns("dev"), *(f"../{pattern}" for pattern in _patterns("dev")), columns=_COLUMNS)
    shots, skipped = _shots(dev, form)
    numbers: dict[str, int] = defaultdict(int)

    def make(row: Row) -> Sample:
        subject = _subject(row)
        numbers[subject] += 1
        question, options, right = _read(row)
        completion = form == "completion"
        return Sample(
            f"{subject}-{numbers[subject]:04}",
            (_listed(question, options) + "\nAnswer:" if completion else question,),
            task="choice",
            # The options are kept in their order: some of them speak of others (`both A and B`).
            choices=Choices(tuple(LETTERS) if completion else options, (right,), listed=not completion, shuffle=False),
            shots=tuple(shots.get(subject, ())[:SHOTS]),
            preamble=_preamble(subject) if completion else "",
            form=form,
            tags=(subject,),
        )

    found = gather(rows, make)
    bare = sorted({sample.tags[0] for sample in found.samples if not sample.shots})
    if bare:
        named = ", ".join(bare[:3]) + (f" and {len(bare) - 3} others" if len(bare) > 3 else "")
        skipped.append(f"dev: no solved questions of {named} beside the file, so that none are shown, not {SHOTS}.")
    return Loaded(found.samples, [*found.skipped, *skipped], rows.told, shown=(SHOTS if shots else 0,))


def _patterns(split: str) -> tuple[str, ...]:
    short = _FOLDERS.get(split, split)
    return (
        f"{short}/*_{short}.csv",
        f"data/{short}/*_{short}.csv",
        f"*_{short}.csv",
        f"{split}.jsonl",
        f"{split}_*.jsonl",
        f"all/{split}-*.parquet",
        f"*/{split}-*.parquet",
    )


def _preamble(subject: str) -> str:
    return f"The following are multiple choice questions (with answers) about {subject.replace('_', ' ')}.\n\n"


def _listed(question: str, options: tuple[str, ...]) -> str:
    lines = (f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=True))
    return "\n".join((question, *lines))


def _subject(row: Row) -> str:
    subject = row.get("subject", "Subject")
    if subject is None:
        named = re.fullmatch(r"(?:.*/)?(.+)_(?:test|dev|val)\.csv", row.file)
        subject = named[1] if named else row.need("subject")
    return str(subject).strip().lower().replace(" ", "_")


def _read(row: Row) -> tuple[str, tuple[str, ...], int]:
    question = row.text("question").strip()
    listed = row.get("choices")
    options = cast("list[Any]", listed) if isinstance(listed, list) else [row.need(letter) for letter in LETTERS]
    if len(options) != len(LETTERS):
        raise BadRecord(f"there must be {len(LETTERS)} choices, got {len(options)}")
    return question, tuple(str(option) for option in options), index_of(row.need("answer"), LETTERS)


def index_of(answer: Any, letters: str) -> int:
    """Which option an answer stands for, be it a letter or a number from 0.

    Raises:
        BadRecord: it is none.
    """
    text = str(answer).strip().upper()
    if len(text) == 1 and text in letters:
        return letters.index(text)
    if not isinstance(answer, bool) and text.isdecimal() and int(text) < len(letters):
        return int(text)
    raise BadRecord(f"the answer must be one of {', '.join(letters)} or 0 to {len(letters) - 1}, got {answer!r:.60}")


def _shots(dev: Rows | None, form: Form) -> tuple[dict[str, list[tuple[str, str]]], list[str]]:
    # As the harness lists the choices of the question behind.
    from ..running.choosing import listed_question

    shots: dict[str, list[tuple[str, str]]] = defaultdict(list)
    skipped = list(dev.broken) if dev else []
    for row in dev.rows if dev else ():
        try:
            question, options, right = _read(row)
            if form == "completion":
                shot = (_listed(question, options) + "\nAnswer:", f" {LETTERS[right]}")
            else:
                shot = (listed_question(question, Choices(options, (right,))), LETTERS[right])
            shots[_subject(row)].append(shot)
        except BadRecord as error:
            skipped.append(f"{row.where}: {error}.")
    return dict(shots), skipped


MMLU = Adapter(
    "mmlu",
    "Exam questions of 57 subjects with four options, five solved ones of the same subject before; share right.",
    "MIT",
    "https://github.com/hendrycks/test",
    "cais/mmlu:all",
    load_mmlu,
    ("completion", "chat"),
    tags=("general",),
)
