"""Marks and quotations: what is one, what has a source, and what becomes of the rest."""

import asyncio
import dataclasses
import json
import time

import pytest
from pericles.agent import Agent, InMemorySession, Source, SourcesResolved, TextDelta, TurnFinished
from pericles.agent.citations import checked
from pericles.agent.marks import find_marks
from pericles.agent.sentences import split_sentences
from pericles.agent.testing import call
from pericles.policies import ScriptedPolicy
from pericles.tools import ToolOutput, tool

CAPITAL = 'The capital is Astana. It was called Nur-Sultan, "the white tomb" — from 2019 to 2022.'
KNOWN = {
    1: Source("Kazakhstan", "factbook#kz", CAPITAL, "2024"),
    2: Source("A long history of Almaty", "almaty.txt", "Almaty isn’t the capital; it is the largest city."),
}


@pytest.mark.parametrize(
    ("answer", "text", "sources", "removed"),
    [
        ("It is Astana [1].", "It is Astana [1].", [1], 0),
        ("It is Astana[1].", "It is Astana[1].", [1], 0),
        ("It is Astana.[1] It is cold.", "It is Astana.[1] It is cold.", [1], 0),
        ("**Astana**[2] and 20,260,006[1]", "**Astana**[2] and 20,260,006[1]", [1, 2], 0),
        ("So it is [1].", "So it is [1].", [1], 0),
        ("It is Astana [7].", "It is Astana.", [], 1),
        ("It is Astana[7].", "It is Astana.", [], 1),
        ("It is big [1, 2] and cold [2; 1].", "It is big [1][2] and cold [2][1].", [1, 2], 0),
        ("See [1-2].", "See [1][2].", [1, 2], 0),
        ("See [1–4].", "See [1][2].", [1, 2], 2),
        ("It is big [1, 7].", "It is big [1].", [1], 1),
        ("It is big [9], [10].", "It is big.", [], 2),
        ("It is big [1], [9].", "It is big [1].", [1], 1),
        ("As [1] and [2] say.", "As [1] and [2] say.", [1, 2], 0),
        ("人口很多【1】。", "人口很多[1]。", [1], 0),
        ("阿斯塔纳［1］，阿拉木图[9]。", "阿斯塔纳[1]，阿拉木图。", [1], 1),
        ("It is big 【1†source】.", "It is big [1].", [1], 0),
        ("It is big ([9]).", "It is big.", [], 1),
        ("It is big (see [1]).", "It is big (see [1]).", [1], 0),
        ("Sources:\n[1] Kazakhstan\n[9] Made up", "Sources:\n[1] Kazakhstan\nMade up", [1], 1),
        ("Sources: [1], [2]", "Sources: [1], [2]", [1, 2], 0),
        ("The UN (in short)[9] says so.", "The UN (in short) says so.", [], 1),
        ('It is "big" [9], he said.', "It is […], he said.", [], 0),
    ],
)
def test_marks_resolve_or_go(answer, text, sources, removed):
    found = checked(answer, KNOWN)
    assert (found.text, list(found.sources), found.removed_marks) == (text, sources, removed)
    assert checked(found.text, KNOWN).text == found.text


NO_MARKS = [
    "Use `a[9]` or\n```python\nx [9]\n```\nthen stop.",
    "See [9](http://example.org) and [text][9].\n\n[9]: http://example.org",
    "Take a[9], arr[9], my_list[9], sys.argv[9] and rowCount[9] of f(x)[9].",
    r"Then $x [9]$ and \(y [9]\) and \[z [9]\] and $$w [9]$$.",
    "It lies in [8, 9], so x ∈ [8, 9] and y = [9] holds.",
    "The interval [8, 9], the list [9] and the points [8, 9] and [9, 8].",
    "The probability is in [0, 1] or [0].",
    "The matrix is\n[[8, 9], [9, 8]]",
    '{"ids": [9], "more": [8, 9]}',
    "[7, 8, 9]",
    "[9]",
    "In [2024] nothing happened [sic].",
    "The range [9-7] is empty.",
]


@pytest.mark.parametrize("answer", NO_MARKS)
@pytest.mark.parametrize("known", [KNOWN, {}])
def test_what_is_no_mark_is_left_alone(answer, known):
    assert checked(answer, known).text == answer


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("Astana is the capital [1].", "Astana is the capital."),
        ("Astana is the capital.[2] Almaty is not.", "Astana is the capital. Almaty is not."),
        ("首都是阿斯塔纳[1]。", "首都是阿斯塔纳。"),
        ("The list of one is [1].", None),
        ("A list with the one element [1].", None),
        ("Sort [3] [2].", None),
        ("Solve x = 2 for the constant c [1].", None),
        ("Rome [2] and Paris", None),
    ],
)
def test_without_any_source_only_what_can_be_nothing_else_goes(answer, text):
    assert checked(answer, {}).text == (answer if text is None else text)


@pytest.mark.parametrize(
    ("answer", "text", "quotes"),
    [
        ('It was "the white tomb" [1].', None, 0),
        ("He wrote “THE CAPITAL is  Astana.” [1]", None, 0),
        ("He wrote «called Nur‑Sultan, 'the white tomb' - from 2019» [1].", None, 1),
        ('It says "The capital … called Nur-Sultan" [1].', None, 0),
        ('It says "called Nur-Sultan ... the capital" [1].', "It says […].", 1),
        ('It says "[The city] was called Nur-Sultan" [1].', None, 0),
        ('It says "Almaty isn\'t the capital" [2].', None, 0),
        ('It says "the black tomb of kings" [1].', "It says […].", 1),
        ('It says "the black tomb of kings", and it is cold [1].', "It says […], and it is cold [1].", 1),
        ('It says "the capital is Astana" [2].', "It says […].", 1),
        ('It says "the capital is Ast" [1].', "It says […].", 1),
        ('"Made by me" and "the capital is Astana" [1].', None, 0),
        ('"Made up by me now" and "the capital is Astana" [1].', '[…] and "the capital is Astana" [1].', 1),
        ('"The capital is Astana [1]."', None, 0),
        ("他说「首都是阿斯塔纳没有错误的」[1]。", "他说[…]。", 1),
        ('The film "Big Fish" is set there [1].', None, 0),
        ('"A long history of Almaty" tells it [2].', None, 0),
        ('You asked for "a hotel near the river" [1].', None, 0),
        ('It says "the black tomb of kings" [9].', "It says […].", 1),
        ('It says "the capital is Astana" [9].', 'It says "the capital is Astana".', 0),
        ('Nobody said "the black tomb of kings" here. It is cold [1].', None, 0),
        ('Write `print("the black tomb of kings")` [1].', None, 0),
    ],
)
def test_a_quotation_stands_in_its_source_or_goes(answer, text, quotes):
    found = checked(answer, KNOWN, said="Where is a hotel near the river?")
    if text is not None or not quotes:
        assert found.text == (answer if text is None else text)
    assert found.removed_quotes == quotes
    assert checked(found.text, KNOWN, said="Where is a hotel near the river?").text == found.text


HOSTILE = {
    "marks": "[1]" * 33_000,
    "brackets": "[" * 100_000,
    "open quotations": '"a ' * 33_000 + "[1]",
    "quotations": '"abc def ghi jkl" x [1], ' * 4_000,
    "curly": "“a " * 33_000 + " [1]",
    "nested": "“[a" * 33_000 + " [1]",
    "fences": "```python\n" * 10_000 + "a [1]",
    "code": "`a " * 33_000 + "[1]",
    "latex": "\\( " * 33_000 + "a [1]",
    "dollars": "$ " * 50_000 + "a [1]",
    "dots": 'a [1] "b c d e f"' + "." * 100_000,
    "half marks": "a [1, " * 16_000,
    "spaces": "a" + " " * 100_000 + "[1]",
    "lines": 'a [1] "b c d e"' + "\n" * 100_000,
    "sentences": "Word [1]. " * 10_000,
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("known", [KNOWN, {}], ids=["sources", "none"])
def test_an_answer_of_a_hundred_kilobytes_is_checked_in_time(answer, known):
    started = time.process_time()
    checked(answer, known)
    assert time.process_time() - started < 1.5


def test_sentences_keep_their_marks():
    text = (
        "Dr. Smith lives in the U.S. The capital is 3.5 km away, e.g. here. [1] Next.[2] Vitamin C. It is etc. and so "
        "on!\n"
        "1. First item\n2. Second item,\nwrapped.\n\n首都是阿斯塔纳。[1]人口很多！「大きい。」と言った。"
    )
    assert [text[start:end] for start, end in split_sentences(text)] == [
        "Dr. Smith lives in the U.S.",
        "The capital is 3.5 km away, e.g. here. [1]",
        "Next.[2]",
        "Vitamin C.",
        "It is etc. and so on!",
        "1. First item",
        "2. Second item,\nwrapped.",
        "首都是阿斯塔纳。[1]",
        "人口很多！",
        "「大きい。」と言った。",
    ]


def test_marks_are_found_where_they_stand():
    (marks,) = find_marks("It is big [1, 2].", {1, 2})
    assert (marks.start, marks.end, marks.numbers) == (10, 16, (1, 2))


@tool
def look(word: str) -> ToolOutput:
    """Looks up."""
    sources = [KNOWN[1], dataclasses.replace(KNOWN[2], title=word)]
    return ToolOutput("[1] Astana [2] Almaty", sources=tuple(sources))


def told(events):
    return [event for event in events if isinstance(event, SourcesResolved)]


ANSWER = 'It is Astana [1]. It is warm [8]. They say "it is the warmest city" [2].'
CHECKED = "It is Astana [1]. It is warm. They say […]."


@pytest.mark.parametrize("steps", [1, 6])
def test_the_stored_answer_is_the_checked_one(steps, play):
    agent = Agent(ScriptedPolicy([call("look", word="x"), ANSWER]), tools=[look], max_steps=steps)
    events, result = play(agent)
    assert result.output == result.messages[-1].content == CHECKED
    assert next(event for event in events if isinstance(event, TurnFinished)).output == CHECKED
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == ANSWER
    (event,) = told(events)
    assert (list(event.sources), event.removed_marks, event.removed_quotes) == ([1], 1, 1)
    meta = result.messages[-1].meta
    assert (list(meta["sources"]), meta["removed_marks"], meta["removed_quotes"]) == (["1"], 1, 1)
    assert [CHECKED[note["start"] : note["end"]] for note in meta["support"]] == [s.text for s in event.support]
    assert [(s.status, s.sources, s.by) for s in event.support][:2] == [
        ("supported", (1,), "lexical"),
        ("unsupported", (), "lexical"),
    ]
    json.dumps([event.to_dict(), meta])


def test_an_answer_without_marks_is_told_which_sentences_are_supported(play):
    _, result = play(Agent(ScriptedPolicy([call("look", word="x"), "The capital is Astana."]), tools=[look]))
    assert [note["status"] for note in result.messages[-1].meta["support"]] == ["supported"]
    assert "sources" not in result.messages[-1].meta


def test_an_answer_without_sources_tells_nothing(play, math_tool):
    events, result = play(Agent(ScriptedPolicy([call("math", query="1"), "It is [1]."]), tools=[math_tool]))
    assert not told(events)
    assert result.messages[-1].meta == {}


def test_what_is_removed_without_a_source_is_told(play):
    events, result = play(Agent(ScriptedPolicy(["Astana is the capital [1]."])))
    assert result.output == "Astana is the capital."
    assert [(event.sources, event.removed_marks, event.support) for event in told(events)] == [({}, 1, ())]


def test_a_follow_up_cites_the_sources_of_the_turn_before(play):
    session = InMemorySession()
    replies = [
        call("look", word="first"),
        "It is Astana [1].",
        "As I said: Almaty is the largest city [2]. And so [3].",
    ]
    agent = Agent(ScriptedPolicy(replies), tools=[look])
    play(agent, session=session)
    events, result = play(agent, "and?", session=session)
    (event,) = told(events)
    assert {number: source.title for number, source in event.sources.items()} == {2: "first"}
    assert (result.output[-7:], event.removed_marks) == ("And so.", 1)


def test_the_present_turn_has_the_first_word_about_a_number(play):
    session = InMemorySession()
    replies = [call("look", word="first"), "One [1].", call("look", word="second"), "Two [2]."]
    agent = Agent(ScriptedPolicy(replies), tools=[look])
    play(agent, session=session)
    events, _ = play(agent, "and?", session=session)
    assert told(events)[0].sources[2].title == "second"


def test_a_typed_answer_is_not_touched(play):
    answer = '{"text": "It is Astana [1] and so [9].", "ids": [1, 9]}'
    agent = Agent(ScriptedPolicy([call("look", word="x"), answer]), tools=[look], output_type=dict)
    events, result = play(agent)
    assert result.output == answer
    assert list(told(events)[0].sources) == [1]


def test_a_quotation_of_the_users_words_stays(play):
    agent = Agent(ScriptedPolicy([call("look", word="x"), 'You ask "where is the big city" [1].']), tools=[look])
    _, result = play(agent, "Where is the big city?")
    assert result.output == 'You ask "where is the big city" [1].'


def test_a_long_answer_does_not_hold_up_the_event_loop():
    policy = ScriptedPolicy([call("look", word="x"), "Astana is the capital [1]. " * 3_000], piece_chars=1_000_000)

    async def main():
        longest, before = 0.0, time.perf_counter()
        turn = asyncio.ensure_future(Agent(policy, tools=[look]).run("go"))
        while not turn.done():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            longest, before = max(longest, now - before), now
        return longest

    assert asyncio.run(main()) < 0.5
