"""What the terminal shows under an answer: its sources, what was taken out, what has no support."""

import io

import pytest
from pericles.agent import SentenceSupport, Source, SourcesResolved, TextDelta, TurnFinished, Usage
from pericles.ui.answer_notes import answer_notes
from pericles.ui.terminal import TurnPrinter
from rich.console import Console

SOURCE = Source("Germany \x1b[31m", "factbook#de", "84 million", "2024")


def unsupported(*sentences):
    return tuple(SentenceSupport(text, 0, len(text), "unsupported", 0.0) for text in sentences)


def shown(*events):
    answer, steps = io.StringIO(), io.StringIO()
    printer = TurnPrinter(Console(file=answer, width=400), Console(file=steps, width=400))
    for event in events:
        printer.show(event)
    printer.close()
    return answer.getvalue(), steps.getvalue()


def test_sources_and_notes_stand_under_the_answer():
    event = SourcesResolved({1: SOURCE}, 2, 1, unsupported("It is \x1b[2J warm\u202e."))
    answer, steps = shown(TextDelta("84 million [1]."), event, TurnFinished("completed", "x", Usage()))
    assert answer == "84 million [1].\n"
    assert steps.splitlines() == [
        "[1] Germany [31m (factbook#de)",
        "2 marks without a source and 1 quotation that is not in its source were removed",
        'not supported by the sources: "It is [2J warm."',
    ]


@pytest.mark.parametrize(
    ("event", "notes"),
    [
        (SourcesResolved({1: SOURCE}), []),
        (SourcesResolved({}, 1), ["1 mark without a source was removed"]),
        (SourcesResolved({}, 0, 2), ["2 quotations that are not in their sources were removed"]),
        (SourcesResolved({}, 0, 0, (SentenceSupport("Hi.", 0, 3, "no_claim", 0.0),)), []),
        (
            SourcesResolved({}, 0, 0, unsupported("a" * 100, "b\nc", "d", "e", "f")),
            [f'not supported by the sources: "{"a" * 79}…", "b c", "d" and 2 more'],
        ),
    ],
)
def test_notes_say_what_happened(event, notes):
    assert answer_notes(event) == notes
