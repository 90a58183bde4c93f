import pytest
from pericles.agent import (
    Message,
    MessageCompleted,
    ReasoningDelta,
    SentenceSupport,
    Source,
    SourcesResolved,
    TextDelta,
    ToolCall,
    ToolCallFinished,
    ToolCallStarted,
    ToolResult,
    TurnFinished,
    TurnStarted,
    Usage,
)
from pericles.ui.web_transcript import Transcript

CALL = ToolCall("1", "math", {"expression": "1 + 1"})


def shown(*events):
    transcript = Transcript()
    transcript.ask("hello")
    for event in events:
        transcript.apply(event)
    return transcript


def texts(transcript):
    return [message["content"][0]["text"] for message in transcript.messages()]


def finished(status="completed", output="x", error=None):
    return TurnFinished(status, output, Usage(), error)


def test_text_grows_in_one_bubble():
    transcript = shown(TextDelta("a"), TextDelta("b"))
    assert texts(transcript) == ["hello", "ab"]
    assert transcript.status == "Answering…"


def test_a_call_is_a_pending_step_and_then_a_done_one():
    transcript = shown(TurnStarted("t", "s"), ToolCallStarted(CALL))
    step = transcript.messages()[1]
    assert step["metadata"] == {"title": r"math&#58; 1 + 1", "status": "pending"}
    assert transcript.status == "Running math: 1 + 1…"
    transcript.apply(ToolCallFinished(ToolResult("1", "math", "<b>2</b>", seconds=0.25)))
    step = transcript.messages()[1]
    assert step["metadata"] == {"title": r"math&#58; 1 + 1", "status": "done", "duration": 0.25}
    assert "Result\n\n```text\n<b>2</b>\n```" in step["content"][0]["text"]
    assert '"expression": "1 + 1"' in step["content"][0]["text"]


def test_steps_that_run_side_by_side_keep_their_own_results():
    other = ToolCall("2", "math", {"expression": "2 + 2"})
    transcript = shown(
        ToolCallStarted(CALL),
        ToolCallStarted(other),
        ToolCallFinished(ToolResult("2", "math", "four")),
        ToolCallFinished(ToolResult("1", "math", "two")),
    )
    assert "two" in texts(transcript)[1]
    assert "four" in texts(transcript)[2]


def test_a_failed_call_is_marked():
    transcript = shown(ToolCallStarted(CALL), ToolCallFinished(ToolResult("1", "math", "no.", is_error=True)))
    assert transcript.messages()[1]["metadata"]["title"].endswith("(failed)")
    assert "Error\n\n```text\nno.\n```" in texts(transcript)[1]


@pytest.mark.parametrize(
    ("call", "title"),
    [
        (ToolCall("1", "now", {}), "now:"),
        (ToolCall("1", "add", {"a": 1, "b": "x"}), 'add: a=1, b="x"'),
        (ToolCall("1", "", {}, problem="broken JSON"), "tool: a call that could not be read"),
        (ToolCall("1", "say", {"text": "two\nlines"}), "say: two lines"),
        (ToolCall("1", "say", {"text": "x" * 100}), f"say: {'x' * 74}…"),
    ],
)
def test_titles_are_one_short_line(call, title):
    assert shown(ToolCallStarted(call)).status == f"Running {title}…"


def test_reasoning_folds_away_and_is_not_the_answer():
    transcript = shown(ReasoningDelta("hm"), TextDelta("yes"))
    reasoning, answer = transcript.messages()[1:]
    assert reasoning["metadata"] == {"title": "Reasoning", "status": "done"}
    assert "metadata" not in answer


def test_sources_stand_under_the_answer():
    source = Source("Germany", "factbook#de", "84 million", "2024")
    transcript = shown(TextDelta("84 million [1]"), SourcesResolved({1: source}), finished())
    message = transcript.messages()[2]
    assert message["metadata"]["title"] == "&#91;1&#93; Germany"
    assert message["content"][0]["text"] == "factbook#de · 2024\n\n> 84 million"


def test_the_checked_answer_replaces_the_streamed_one():
    transcript = shown(TextDelta("It is so [1]"), TextDelta(" [9]."))
    transcript.apply(MessageCompleted(Message("assistant", "It is so [1].")))
    assert texts(transcript) == ["hello", "It is so [1]."]
    transcript.apply(finished(output="It is so [1]."))
    assert texts(transcript) == ["hello", "It is so [1]."]


def test_an_answer_that_reasoning_parts_is_replaced_as_a_whole():
    transcript = shown(TextDelta("One [9]. "), ReasoningDelta("hm"), TextDelta("Two."))
    transcript.apply(MessageCompleted(Message("assistant", "One. Two.")))
    assert texts(transcript) == ["hello", "One. Two.", "hm"]


def test_an_answer_that_is_as_it_was_streamed_stays():
    transcript = shown(TextDelta("One."), ReasoningDelta("hm"), TextDelta(" Two."))
    transcript.apply(MessageCompleted(Message("assistant", "One. Two.")))
    assert texts(transcript) == ["hello", "One.", "hm", " Two."]


def test_what_was_removed_or_has_no_support_is_told_and_shown_as_text():
    evil = "<img src=x onerror=alert(1)> ![x](http://evil.example) `a` is so."
    support = (SentenceSupport(evil, 0, len(evil), "unsupported", 0.1),)
    transcript = shown(TextDelta("x"), SourcesResolved({}, 2, 1, support), finished())
    removed, unsupported = texts(transcript)[2:]
    assert removed == "*2 marks without a source and 1 quotation that is not in its source were removed*"
    assert unsupported.startswith('*not supported by the sources&#58; "')
    assert r"\<img" in unsupported
    assert "![" not in unsupported


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (finished("cancelled"), "Stopped."),
        (finished("max_steps"), "all its steps"),
        (finished("error", error="the disk is full."), "the disk is full."),
        (finished("blocked"), "guardrail"),
        (finished("awaiting_approval"), "Allow or refuse"),
        (finished(output=""), "no answer"),
    ],
)
def test_every_other_ending_says_so(event, said):
    transcript = shown(TextDelta("partly"), event)
    assert texts(transcript)[1] == "partly"
    assert said in texts(transcript)[2]
    assert transcript.status == ""


def test_a_stopped_step_is_no_longer_pending():
    transcript = shown(ToolCallStarted(CALL), finished("cancelled"))
    metadata = transcript.messages()[1]["metadata"]
    assert metadata["status"] == "done"
    assert "stopped" in metadata["title"]


def test_turns_follow_each_other():
    transcript = shown(TextDelta("one"), finished())
    transcript.ask("<b>more</b>")
    transcript.apply(TextDelta("two"))
    assert texts(transcript) == ["hello", "one", r"\<b\>more\</b\>", "two"]
