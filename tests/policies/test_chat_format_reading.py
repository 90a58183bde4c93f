"""Reading replies: every shape of a tool call that small models write, in pieces of any size."""

import itertools
import json
import time

import pytest
from pericles.policies.engines import CallPiece, CallRead, ReasoningPiece, TextPiece
from pericles.policies.engines.chat_format import ReplyReader

TOOLS = ("math", "search")
MATH = '{"name": "math", "arguments": {"query": "2+2"}}'
DEEP = "[" * 500 + "]" * 500
SUM = ("math", {"query": "2+2"})
LONGEST_TAG = len("</tool_response>")


def read(text, piece=None, **options):
    """The events of a reply that comes in pieces of this many characters."""
    numbers = itertools.count()
    reader = ReplyReader(TOOLS, call_id=lambda: f"call_{next(numbers)}", **options)
    events = []
    for start in range(0, len(text), piece or max(1, len(text))):
        events += reader.feed(text[start : start + (piece or len(text))])
    return events + reader.finish()


def text_of(events):
    return "".join(event.text for event in events if isinstance(event, TextPiece))


def calls_of(events):
    return [event.call for event in events if isinstance(event, CallRead)]


def query_call(text):
    (call,) = calls_of(read(text))
    assert call.problem is None
    return call.name, call.arguments


# One name for each shape: (reply, visible text, calls as (name, arguments) with None for a problem).
SHAPES = {
    "plain text": ("Paris is the capital.", "Paris is the capital.", []),
    "one call": (f"<tool_call>{MATH}</tool_call>", "", [SUM]),
    "text around": (f"Let me see.\n<tool_call>{MATH}</tool_call>\nDone.", "Let me see.\n\nDone.", [SUM]),
    "several calls": (
        f'<tool_call>{MATH}</tool_call>\n<tool_call>{{"name": "search", "arguments": {{"query": "x"}}}}</tool_call>',
        "",
        [("math", {"query": "2+2"}), ("search", {"query": "x"})],
    ),
    "a list of calls": (f"<tool_call>[{MATH}, {MATH}]</tool_call>", "", [SUM] * 2),
    "single quotes": ("<tool_call>{'name': 'math', 'arguments': {'query': '2+2'}}</tool_call>", "", [SUM]),
    "trailing commas": (
        '<tool_call>{"name": "math", "arguments": {"query": "2+2",},}</tool_call>',
        "",
        [SUM],
    ),
    "code fence inside": (f"<tool_call>\n```json\n{MATH}\n```\n</tool_call>", "", [SUM]),
    "code fence outside": (f"```json\n{MATH}\n```", "", [SUM]),
    "truncated": ('<tool_call>{"name": "math", "arguments": {"query": "2+', "", [("math", {"query": "2+"})]),
    "truncated before the arguments": ('<tool_call>{"name": "math", "argu', "", [("math", {})]),
    "missing closing tag": (f"<tool_call>{MATH}", "", [SUM]),
    "missing closing tag before another": (
        f"<tool_call>{MATH}\n<tool_call>{MATH}</tool_call>",
        "",
        [SUM] * 2,
    ),
    "closing brace missing": (f"<tool_call>{MATH[:-1]}</tool_call>", "", [SUM]),
    "bare": (MATH, "", [SUM]),
    "bare with spaces": (f"\n  {MATH}\n", "", [SUM]),
    "bare list": (f"[{MATH}, {MATH}]", "", [SUM] * 2),
    "arguments as a string": (
        '<tool_call>{"name": "math", "arguments": "{\\"query\\": \\"2+2\\"}"}</tool_call>',
        "",
        [SUM],
    ),
    "the OpenAI form": (
        f'<tool_call>{{"type": "function", "function": {MATH}}}</tool_call>',
        "",
        [SUM],
    ),
    "parameters": (
        '<tool_call>{"name": "math", "parameters": {"query": "1"}}</tool_call>',
        "",
        [("math", {"query": "1"})],
    ),
    "flat": ('<tool_call>{"name": "math", "query": "1"}</tool_call>', "", [("math", {"query": "1"})]),
    "name as key": ('<tool_call>{"math": {"query": "1"}}</tool_call>', "", [("math", {"query": "1"})]),
    "no arguments": ('<tool_call>{"name": "math"}</tool_call>', "", [("math", {})]),
    "null arguments": ('<tool_call>{"name": "math", "arguments": null}</tool_call>', "", [("math", {})]),
    "unknown tool": ('<tool_call>{"name": "fly", "arguments": {}}</tool_call>', "", [("fly", {})]),
    "words before the JSON": (f"<tool_call>Sure: {MATH}</tool_call>", "", [SUM]),
    "no JSON": ("<tool_call>math 2+2</tool_call>", "", [("math", None)]),
    "empty": ("<tool_call></tool_call>", "", [("", None)]),
    "no name": ('<tool_call>{"arguments": {"query": "1"}}</tool_call>', "", [("", None)]),
    "arguments are a number": ('<tool_call>{"name": "math", "arguments": 4}</tool_call>', "", [("math", None)]),
    "huge number": (
        '<tool_call>{"name": "math", "arguments": {"query": ' + "9" * 10_000 + "}}</tool_call>",
        "",
        [("math", {"query": "9" * 10_000})],
    ),
    "NaN": ('<tool_call>{"name": "math", "arguments": {"query": NaN}}</tool_call>', "", [("math", {"query": "NaN"})]),
    "infinite": (
        '<tool_call>{"name": "math", "arguments": {"query": 1e999}}</tool_call>',
        "",
        [("math", {"query": "inf"})],
    ),
    "deep nesting": (
        f'<tool_call>{{"name": "math", "arguments": {{"query": {DEEP}}}}}</tool_call>',
        "",
        [("math", None)],
    ),
    "lone surrogate": (
        '<tool_call>{"name": "math", "arguments": {"query": "\\ud800x"}}</tool_call>',
        "",
        [("math", {"query": "\ufffdx"})],
    ),
    "emoji as a pair": (
        "<tool_call>{'name': 'math', 'arguments': {'query': '\\ud83d\\ude00'}}</tool_call>",
        "",
        [("math", {"query": "😀"})],
    ),
    "a result of its own": ("<tool_response>4</tool_response>It is 4.", "It is 4.", []),
    "a result after a call": (
        f"<tool_call>{MATH}</tool_call><tool_response>5</tool_response>",
        "",
        [SUM],
    ),
    "a result instead of the closing tag": (
        f"<tool_call>{MATH}<tool_response>5</tool_response>ok",
        "ok",
        [SUM],
    ),
    "an open result": ("So <tool_response>4", "So ", []),
    "an open result and the answer": ("<tool_response>4\nIt is 4.", "It is 4.", []),
    "an open result on a line of its own": ("<tool_response>\n 4\nIt is 4.\nReally.", "It is 4.\nReally.", []),
    "an open result before a call": (f"<tool_response>5<tool_call>{MATH}</tool_call>", "", [SUM]),
    "an open result before thoughts": ("<tool_response>5<think>hm</think>Five.", "Five.", []),
    "an open result in an open result": ("<tool_response>4\n<tool_response>5\nIt is 9.", "It is 9.", []),
    "nothing but an open result": ("<tool_response>", "", []),
    "stray closing tags": ("a</tool_call>b</tool_response>c<|im_end|>", "abc", []),
    "a tag inside a tag": ("x <tool_res<|im_end|>ponse>5</tool_response>", "x <tool_res ponse>5", []),
    "halves around a call": (f"<tool_<tool_call>{MATH}</tool_call>response>5", "<tool_ response>5", [SUM]),
    "less-than": ("if a < b and b <c then a<c", "if a < b and b <c then a<c", []),
    "HTML": ("Use <b>bold</b> and <table>.", "Use <b>bold</b> and <table>.", []),
    "plain JSON": ('{"name": "Ada", "born": 1815}', '{"name": "Ada", "born": 1815}', []),
    "plain JSON list": ('[{"name": "Ada"}, {"name": "Bob"}]', '[{"name": "Ada"}, {"name": "Bob"}]', []),
    "other JSON": ('{"answer": 42}', '{"answer": 42}', []),
    "JSON in a fence": ('```json\n{"answer": 42}\n```', '```json\n{"answer": 42}\n```', []),
    "code": ("```python\nprint(1)\n```", "```python\nprint(1)\n```", []),
    "JSON after text": (f"Like this: {MATH}", f"Like this: {MATH}", []),
    "thoughts": ("<think>hm <tool_call> hm</think>Four.", "Four.", []),
    "nothing": ("", "", []),
    "spaces": (" \n ", "", []),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_read(name):
    reply, text, calls = SHAPES[name]
    events = read(reply)
    assert text_of(events) == text
    found = [(call.name, None if call.problem else call.arguments) for call in calls_of(events)]
    assert found == calls


@pytest.mark.parametrize("name", SHAPES)
def test_pieces_of_any_size_read_the_same(name):
    reply, _, _ = SHAPES[name]
    whole = read(reply)
    for size in (1, 3):
        events = read(reply, size)
        assert text_of(events) == text_of(whole)
        assert calls_of(events) == calls_of(whole)


@pytest.mark.parametrize("name", SHAPES)
def test_what_was_read_can_be_stored(name):
    for call in calls_of(read(SHAPES[name][0])):
        json.dumps(call.to_dict(), ensure_ascii=False, allow_nan=False).encode("utf-8")


@pytest.mark.parametrize("name", [name for name, (_, _, calls) in SHAPES.items() if (None in dict(calls).values())])
def test_a_problem_tells_the_model_what_to_write(name):
    problems = [call.problem for call in calls_of(read(SHAPES[name][0])) if call.problem]
    assert problems
    assert all(problem.startswith("The tool call ") and '{"name": ' in problem for problem in problems)
    assert all(len(problem) < 400 for problem in problems)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_tags_inside_arguments_make_no_text_pose_as_a_result(size):
    inside = '<tool_call>{"name": "math", "arguments": {"query": "<tool_response>5</tool_response>"}}</tool_call>'
    events = read(inside, size)
    assert "tool_response" not in text_of(events)
    assert len(calls_of(events)) == 1


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_result_written_by_the_model_never_reaches_the_text(size):
    for reply in (
        "<tool_response>5</tool_response>",
        "<tool_res</think>ponse>5</tool_response>",
        "<<tool_response>tool_response>5</tool_response>",
        "<tool_response><tool_response>5</tool_response></tool_response>",
        "</tool_<|im_start|>response>",
        "<tool_response>5\n<tool_res<tool_response>5\nponse>",
        "<tool_response>5\n<tool_response>6\n</tool_response",
    ):
        text = text_of(read(reply, size))
        assert "<tool_response>" not in text
        assert "</tool_response>" not in text


def test_text_with_a_less_than_sign_is_not_held_back():
    reader = ReplyReader(TOOLS)
    assert text_of(reader.feed("a < b")) == "a < b"


def test_the_stream_lags_by_less_than_a_tag():
    reply = "First <b>bold</b>, then a < b, <tool then ``` and <tool_cal nothing. " * 5
    reader = ReplyReader(TOOLS)
    seen = 0
    for position, character in enumerate(reply, start=1):
        seen += len(text_of(reader.feed(character)))
        assert position - seen < LONGEST_TAG


def test_an_answer_in_json_streams_once_it_is_clear_that_it_is_no_call():
    reader = ReplyReader(TOOLS)
    assert text_of(reader.feed('{"name": "Ada", ')) == '{"name": "Ada", '


def test_a_reply_without_tools_is_never_held():
    reader = ReplyReader()
    assert text_of(reader.feed('{"name": "ma')) == '{"name": "ma'


def test_thoughts_are_told_apart_from_the_answer():
    events = read("<think>First add.</think>It is 4.", 3)
    assert "".join(event.text for event in events if isinstance(event, ReasoningPiece)) == "First add."
    assert text_of(events) == "It is 4."


def test_the_raw_text_of_a_call_can_be_shown_while_it_is_written():
    events = read(f"<tool_call>{MATH}</tool_call>", 5)
    pieces = [event for event in events if isinstance(event, CallPiece)]
    assert "".join(piece.text for piece in pieces) == MATH
    assert len(pieces) > 3
    assert {piece.index for piece in pieces} == {0}


def test_calls_that_may_not_be_made_are_dropped():
    events = read(f"Well. <tool_call>{MATH}</tool_call>", read_calls=False)
    assert text_of(events) == "Well. "
    assert not calls_of(events)


def test_calls_have_ids_of_their_own():
    reader = ReplyReader(TOOLS)
    events = [*reader.feed(f"<tool_call>[{MATH}, {MATH}]</tool_call>"), *reader.finish()]
    first, second = calls_of(events)
    assert first.id != second.id


@pytest.mark.parametrize("filler", [" ", "<", "`", "[", "{", "<tool_call>", "<tool_response>", '"', "\\"])
def test_long_degenerate_replies_take_no_quadratic_time(filler):
    start = time.perf_counter()
    read("<tool_call>{" + filler * (20_000 // len(filler)) + "}")
    read(filler * (5_000 // len(filler)), 4)
    assert time.perf_counter() - start < 2
