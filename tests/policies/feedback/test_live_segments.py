"""A reply is cut into pieces whose numbers stay, and a click finds the piece that was on the screen."""

import random
import time

import pytest
from pericles.policies.engines import Message
from pericles.policies.feedback.tamer import Cutter, Screen, credits, cut_reply
from pericles.tools import ToolCall

REPLY = (
    """Hello! Dr. Smith lives nearby, e.g. in Ulm. It is cold. [1] It is big (really?). "Yes." He left.
## Heading
- one item. With two sentences.
- two
1. three

```python
# a comment. Yes.
x = 1
```
After it. """
    + "word " * 100
    + "東京は大きい。人が多い。"
    + "漢" * 500
)


def pieces_of(text):
    cutter = Cutter()
    cutter.write(text)
    return cutter.pieces


def texts_of(text):
    return [piece.text for piece in pieces_of(text)]


def test_sentences_items_and_code_are_pieces():
    found = pieces_of(REPLY)
    assert [piece.text for piece in found[:9]] == [
        "Hello!",
        "Dr. Smith lives nearby, e.g. in Ulm.",
        "It is cold. [1]",
        "It is big (really?).",
        '"Yes."',
        "He left.",
        "## Heading",
        "- one item. With two sentences.",
        "- two",
    ]
    assert [piece.kind for piece in found[6:11]] == ["sentence", "item", "item", "item", "code"]
    assert found[10].text == "```python\n# a comment. Yes.\nx = 1\n```"
    assert [piece.number for piece in found] == list(range(len(found)))
    assert max(len(piece.text) for piece in found) <= 240


def test_nothing_but_white_space_gets_lost():
    assert "".join("".join(texts_of(REPLY)).split()) == "".join(REPLY.split())


def test_a_number_stays_with_its_text_while_the_reply_grows():
    whole = pieces_of(REPLY)
    for end in range(len(REPLY)):
        so_far = pieces_of(REPLY[:end])
        assert so_far[:-1] == whole[: max(len(so_far) - 1, 0)]


def test_how_the_text_arrives_does_not_matter():
    whole = pieces_of(REPLY)
    for seed in range(20):
        draw = random.Random(seed)
        cutter = Cutter()
        rest = REPLY
        while rest:
            size = draw.randint(1, 30)
            cutter.write(rest[:size])
            rest = rest[size:]
        assert cutter.pieces == whole


def test_code_that_is_never_closed_stays_code():
    assert [piece.kind for piece in pieces_of("```\n" + "x = 1. Then\n" * 40)] == ["code"] * 3


def test_calls_are_pieces_and_messages_part():
    call = ToolCall("c", "math", {"query": "1+1"})
    turn = [
        Message("assistant", "Let me see", (call,)),
        Message("tool", "2. Not said by the policy.", (), "c", "math"),
        Message("assistant", "it is 2"),
    ]
    assert [(piece.kind, piece.text) for piece in cut_reply(turn)] == [
        ("sentence", "Let me see"),
        ("call", "math"),
        ("sentence", "it is 2"),
    ]
    screen = Screen()
    screen.write("Let me ", 0.0)
    screen.write("see", 0.5)
    screen.part()
    screen.call("math", 1.0)
    screen.write("it is 2", 3.0)
    assert screen.pieces == cut_reply(turn)
    assert [(one.shown_on, one.shown_off) for one in screen.segments("m", 5.0)] == [(0.0, 1.0), (1.0, 3.0), (3.0, 5.0)]


def test_a_click_while_the_second_piece_is_shown_is_mostly_about_it():
    screen = Screen()
    for at, sentence in enumerate(("One is here. ", "Two is here. ", "Three is here. ", "Four is here.")):
        screen.write(sentence, float(2 * at))
    found = credits(3.5, screen.segments("m", 9.0))
    assert found.sum() == pytest.approx(1)
    assert found.argmax() == 1
    assert found[1] > 0.9
    assert found[2:].tolist() == [0, 0]


def test_pieces_that_appear_at_once_are_read_one_after_the_other():
    screen = Screen()
    screen.write("First. A second one, twice as long. Third", 1.0)
    screen.write(" goes on. Fourth.", 5.0)
    shown = screen.segments("m", 6.0)
    assert [one.number for one in shown] == [0, 1, 2, 3]
    assert shown[0].shown_on == 1.0
    assert [one.shown_off for one in shown[:-1]] == [one.shown_on for one in shown[1:]]
    assert shown[1].shown_off - shown[1].shown_on > 2 * (shown[0].shown_off - shown[0].shown_on)
    assert (shown[3].shown_on, shown[3].shown_off) == (5.0, 6.0)


def test_a_reply_that_is_left_at_once_has_been_shown_for_some_time():
    screen = Screen()
    screen.write("One. Two.", 1.0)
    assert all(one.shown_off > one.shown_on for one in screen.segments("m", 0.0))
    assert Screen().segments("m", 1.0) == []


@pytest.mark.parametrize("unit", [" ", "\n", "a", "a. ", "```\n", "。", "[1]", "- "])
def test_long_replies_take_no_long_time(unit):
    start = time.process_time()
    pieces_of(unit * 50_000)
    assert time.process_time() - start < 5
