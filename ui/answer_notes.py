"""What a reader is told beside an answer: what was taken out of it, and what its sources do not support."""

from __future__ import annotations

from ..agent import AnswerCorrected, SourcesResolved

_MAX_SENTENCES = 3
_SENTENCE_CHARS = 80


def answer_notes(event: SourcesResolved) -> list[str]:
    """One line of plain text for each note, none where all is well. A sentence in it is the model's own text."""
    notes: list[str] = []
    removed = [
        _counted(event.removed_marks, "mark without a source", "marks without a source"),
        _counted(
            event.removed_quotes,
            "quotation that is not in its source",
            "quotations that are not in their sources",
        ),
    ]
    if told := " and ".join(part for part in removed if part):
        verb = "was" if event.removed_marks + event.removed_quotes == 1 else "were"
        notes.append(f"{told} {verb} removed")
    unsupported = [support.text for support in event.support if support.status == "unsupported"]
    if unsupported:
        more = len(unsupported) - _MAX_SENTENCES
        quoted = ", ".join(f'"{_shortened(text)}"' for text in unsupported[:_MAX_SENTENCES])
        notes.append(f"not supported by the sources: {quoted}{f' and {more} more' if more > 0 else ''}")
    return notes


def correction_note(event: AnswerCorrected) -> str:
    """What a reader is told where the tool's result stands in place of what the model said."""
    return f'the result is the tool\'s own; the model said otherwise: "{_shortened(event.said)}"'


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}" if count else ""


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SENTENCE_CHARS else f"{line[: _SENTENCE_CHARS - 1]}…"
