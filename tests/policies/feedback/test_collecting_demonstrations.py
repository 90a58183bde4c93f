"""Replies that a person writes: as the agent would have stored them, and as training reads them."""

import asyncio
import json

import pytest
from pericles.agent import Agent, InMemorySession
from pericles.policies import ScriptedPolicy
from pericles.policies.engines import Message
from pericles.policies.feedback.collecting import Draft, correction, read_demonstrations
from pericles.policies.feedback.collecting.demonstrations import read_call, read_steps, write_steps
from pericles.policies.feedback.journal import Journal
from pericles.policies.training.recipe.data import JsonLines
from pericles.policies.training.sources import read_conversations
from pericles.tools import ConfigError, Source, ToolCall, ToolError, ToolOutput, ToolRegistry, tool

ASKED = (Message("user", "How far is it?"),)


@tool
def look_up(what: str) -> ToolOutput:
    """Looks something up.

    Args:
        what: to look up.
    """
    if what == "nothing":
        raise ToolError("there is nothing.")
    return ToolOutput(f"[1] {what} is far.", sources=(Source("Atlas", f"a#{what}", f"{what} is far."),))


def told(messages):
    return [(m.role, m.content, m.name, [(c.name, c.arguments) for c in m.tool_calls]) for m in messages]


def test_what_a_person_writes_is_what_the_agent_would_have_stored():
    calls = [{"what": "Rome"}, {"what": "Bonn"}, {"what": "nothing"}]
    policy = ScriptedPolicy([*(ToolCall("", "look_up", call) for call in calls), "Far [2]."], strict=True)
    agent, session = Agent(policy, [look_up]), InMemorySession()
    agent.run_sync(ASKED[0].content, session=session)

    draft = Draft(ASKED, ToolRegistry([look_up]))
    for call in calls:
        asyncio.run(draft.call("look_up", call))
    draft.answer(" Far [2].\n")
    system, *rest = draft.messages
    assert system == Message("system", str(agent.instructions))
    assert told(rest) == told(asyncio.run(session.messages()))
    assert [message.content for message in rest if message.role == "tool"][1:] == [
        "[2] Bonn is far.",
        "Error: there is nothing.",
    ]


def test_a_prompt_keeps_its_own_instructions():
    draft = Draft((Message("system", "Be brief."), *ASKED), ToolRegistry())
    assert [message.role for message in draft.messages] == ["system", "user"]


@pytest.mark.parametrize(
    ("name", "arguments", "why"),
    [("look_upp", {"what": "x"}, "Did you mean 'look_up'"), ("look_up", {"wat": "x"}, "what: Field required")],
)
def test_a_call_that_cannot_be_made_is_told_and_leaves_nothing(name, arguments, why):
    draft = Draft(ASKED, ToolRegistry([look_up]))
    before = list(draft.messages)
    with pytest.raises(ConfigError, match=why):
        asyncio.run(draft.call(name, arguments))
    assert draft.messages == before


def test_the_last_call_is_taken_back_with_its_result():
    draft = Draft(ASKED, ToolRegistry([look_up]))
    before = list(draft.messages)
    asyncio.run(draft.call("look_up", {"what": "x"}))
    assert draft.take_back()
    assert draft.messages == before
    assert not draft.take_back()


def test_training_reads_the_file_as_it_is_but_for_what_was_not_agreed_to(tmp_path, caplog):
    path = tmp_path / "d.jsonl"
    for id, consent in (("a", True), ("b", False)):
        draft = Draft(ASKED, ToolRegistry([look_up]))
        asyncio.run(draft.call("look_up", {"what": "Rome"}))
        draft.answer("Far.")
        Journal(path).append([draft.demonstration(id, "human:ada", consent=consent).to_dict()])
    (row,) = read_conversations([JsonLines(source="jsonl", path=str(path))])
    assert row["id"] == "a/human:ada"
    assert [message["role"] for message in row["messages"]] == ["system", "user", "assistant", "tool", "assistant"]
    assert [schema["function"]["name"] for schema in row["tools"]] == ["look_up"]
    assert "1 are left out: who wrote them did not agree" in caplog.text
    assert [one.consent for one in read_demonstrations(path)] == [True, False]


def test_a_file_of_other_conversations_is_no_file_of_demonstrations(tmp_path):
    path = tmp_path / "d.jsonl"
    path.write_text(json.dumps({"messages": []}))
    with pytest.raises(ConfigError, match="lacks the key 'id'"):
        read_demonstrations(path)


def test_a_conversation_without_an_answer_is_no_demonstration():
    draft = Draft(ASKED, ToolRegistry([look_up]))
    with pytest.raises(ConfigError, match="no assistant message"):
        draft.demonstration("a", "human:ada")
    with pytest.raises(ConfigError, match="is empty"):
        draft.answer(" \n")


def corrected(text):
    draft = Draft(ASKED, ToolRegistry([look_up]))
    draft.answer(text)
    return draft.demonstration("a", "human:ada", consent=False)


def test_a_correction_ranks_above_what_was_corrected():
    original = (Message("assistant", "Dunno."),)
    ranking = correction(corrected("Far."), ASKED, original, "p")
    assert ranking is not None
    assert (ranking.prompt, ranking.ranks, ranking.policy, ranking.consent) == (ASKED, (1, 2), "p", False)
    assert [reply[0].content for reply in ranking.replies] == ["Far.", "Dunno."]
    assert correction(corrected("Dunno."), ASKED, original) is None


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ('/call math {"query": "2+2"}', ("math", {"query": "2+2"})),
        ("/call now", ("now", {})),
        ("  /call  math  {} ", ("math", {})),
        ("/caller", None),
        ("call math {}", None),
        ("", None),
    ],
)
def test_a_call_is_read(line, call):
    assert read_call(line) == call


@pytest.mark.parametrize("line", ["/call", "/call math {", "/call math [1]", '/call math {"a": NaN}'])
def test_a_call_that_cannot_be_read_is_told(line):
    with pytest.raises(ConfigError, match="/call"):
        read_call(line)


def test_a_reply_is_edited_as_lines_and_comes_back_the_same():
    call = ToolCall("c", "look_up", {"what": "a\nb"})
    reply = (
        Message("assistant", "First\n\n/call this a line", (call,)),
        Message("tool", "far", tool_call_id="c", name="look_up"),
        Message("assistant", "//Far.\n/undo"),
    )
    first, last = read_steps(write_steps(reply))
    assert (first.text, first.call) == (reply[0].content, ("look_up", {"what": "a\nb"}))
    assert (last.text, last.call) == (reply[2].content, None)
