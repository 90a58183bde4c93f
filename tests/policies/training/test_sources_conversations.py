"""Conversations for fine-tuning from every source, in one shape, and what is refused."""

import asyncio
import json

import pytest
from pericles.agent import Agent, SQLiteSession
from pericles.policies import ScriptedPolicy
from pericles.policies.engines import LOOP, Message
from pericles.policies.training.data import generate
from pericles.policies.training.data.dialogue import built_in_schemas
from pericles.policies.training.recipe.data import HHRLHF, Generated, HubDataset, JsonLines, Sessions
from pericles.policies.training.sources import read_conversations
from pericles.tools import ConfigError, SessionError, ToolCall

MATH = built_in_schemas(("math",))
ASKED = {"role": "user", "content": "6 times 7?"}
SAID = {"role": "assistant", "content": "42."}
CALL = {"type": "function", "function": {"name": "math", "arguments": {"query": "6*7"}}}
CALLS = {"role": "assistant", "content": "", "tool_calls": [{"id": "c", **CALL}]}
RESULT = {"role": "tool", "content": "42", "tool_call_id": "c", "name": "math"}


def put(tmp_path, *values, name="talks.jsonl"):
    path = tmp_path / name
    path.write_text("\n".join(json.dumps(value) if isinstance(value, dict) else value for value in values))
    return JsonLines(source="jsonl", path=str(path))


def refusal(*sources, **options):
    with pytest.raises(ConfigError) as caught:
        read_conversations(sources, **options)
    return str(caught.value)


def test_generated_rows_are_those_of_the_generator():
    source = Generated(source="generated", rows=6, seed=3, mix={"mathematics": 1})
    made = list(generate("validation", 3, 6, {"mathematics": 1}))
    rows = read_conversations([source], split="validation")
    assert rows == [{key: row[key] for key in ("id", "messages", "tools")} for row in made]


def test_lines_keep_their_messages_tools_and_order(tmp_path):
    whole = {"id": "w", "messages": [{"role": "system", "content": "Be brief."}, ASKED, CALLS, RESULT, SAID]}
    source = put(tmp_path, {**whole, "tools": MATH, "origin": "me"}, {"messages": [ASKED, SAID]})
    assert read_conversations([source], tools=MATH, instructions="Not for these.") == [
        {**whole, "tools": MATH},
        {"id": "talks.jsonl:2", "messages": [ASKED, SAID], "tools": []},
    ]


def test_the_files_that_the_generator_writes_are_read_with_what_they_repeat(tmp_path):
    rows = list(generate("train", 1, 30, {"plain": 1}))
    source = put(tmp_path, *rows, rows[0])
    assert read_conversations([source])[-1] == {key: rows[0][key] for key in ("id", "messages", "tools")}
    assert len(read_conversations([source])) == 31


def test_only_the_first_rows_are_read(tmp_path):
    source = put(tmp_path, {"messages": [ASKED, SAID]}, "{broken").model_copy(update={"rows": 1})
    assert len(read_conversations([source])) == 1


def test_a_conversation_may_end_with_the_call_that_is_to_be_learned(tmp_path):
    (row,) = read_conversations([put(tmp_path, {"messages": [ASKED, CALLS], "tools": MATH})])
    assert row["messages"][-1]["tool_calls"][0]["function"]["name"] == "math"


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ([ASKED], "no assistant message"),
        ([], "must be a list of messages that is not empty"),
        ([{"role": "system", "content": "x"}, SAID], "must begin with a user message"),
        ([ASKED, SAID, ASKED], "must end with an assistant message, it ends with 'user'"),
        ([ASKED, ASKED, SAID], "two user messages in a row"),
        ([ASKED, SAID, SAID], "two assistant messages in a row"),
        ([ASKED, {**SAID, "content": " \n"}], "messages[1] is an empty assistant message"),
        ([{**ASKED, "content": ""}, SAID], "messages[0] is an empty user message"),
        ([ASKED, CALLS, SAID], "two assistant messages in a row"),
        ([ASKED, CALLS, ASKED, SAID], "messages[2] comes before the result of the call 'c' of 'math'"),
        ([ASKED, SAID, RESULT, SAID], "waits for no result there"),
        ([ASKED, CALLS, RESULT, ASKED, SAID], "a tool's result that the assistant does not answer"),
        ([ASKED, {**SAID, "tool_calls": [{"id": "c", "function": {"name": "math", "arguments": "{6"}}]}], "not JSON"),
        ([ASKED, {**SAID, "tool_calls": [{"id": "c", "function": {"name": "maths"}}]}], "'maths' is called but not"),
        ([ASKED, {**SAID, "weight": 0}], "unknown key 'weight'"),
        ([ASKED, {"role": "user", "content": "x", "tool_calls": [CALL]}], "only the assistant calls tools"),
    ],
)
def test_a_conversation_that_cannot_be_learned_from_is_refused(tmp_path, messages, told):
    message = refusal(put(tmp_path, {"messages": [ASKED, SAID]}, {"messages": messages, "tools": MATH}))
    assert "talks.jsonl: line 2: " in message
    assert told in message


def test_all_wrong_lines_are_told_at_once(tmp_path):
    good = {"id": "a", "messages": [ASKED, SAID]}
    other = {"id": "a", "messages": [ASKED, {**SAID, "content": "43."}]}
    source = put(tmp_path, good, other, "{", {"text": "x"}, {**good, "id": 1.5}, {**good, "id": "b", "tools": "math"})
    told = refusal(source)
    assert "line 2: the id 'a' is that of another conversation already, in line 1; line 3: not JSON" in told
    assert "line 4: a conversation has the key 'messages', here is 'text'" in told
    assert "line 5: id must be text or a whole number, got 1.5; line 6: tools is not JSON" in told


def test_a_hub_folder_is_read_with_the_nulls_that_a_table_adds(tmp_path):
    datasets = pytest.importorskip("datasets")
    other = {"type": "function", "function": {"name": "clock", "arguments": {"zone": "UTC"}}}
    rows = [
        {"messages": [ASKED, {"role": "assistant", "tool_calls": [CALL]}, {"role": "tool", "content": "42"}, SAID]},
        {"messages": [ASKED, {"role": "assistant", "tool_calls": [other]}]},
        {"messages": [ASKED, SAID]},
    ]
    schemas = [MATH[0], {"type": "function", "function": {"name": "clock", "parameters": {}}}]
    for row in rows[:2]:
        row["tools"] = json.dumps(schemas)
    data = datasets.DatasetDict({"train": datasets.Dataset.from_list(rows)})
    data.save_to_disk(tmp_path / "set")
    source = HubDataset(source="hf", name=str(tmp_path / "set"))
    read = read_conversations([source])
    assert [message["content"] for message in read[0]["messages"]] == ["6 times 7?", "", "42", "42."]
    assert read[0]["messages"][1]["tool_calls"][0]["function"]["arguments"] == {"query": "6*7"}
    assert read[0]["messages"][2]["tool_call_id"] == read[0]["messages"][1]["tool_calls"][0]["id"]
    assert read[1]["messages"][1]["tool_calls"][0]["function"]["arguments"] == {"zone": "UTC"}
    assert read[2] == {"id": f"{source.name}:3", "messages": [ASKED, SAID], "tools": []}
    assert len(read_conversations([source.model_copy(update={"rows": 2})])) == 2
    assert "no split 'test'; there are: train" in refusal(source.model_copy(update={"split": "test"}))
    assert "no column 'message', did you mean 'messages'?" in refusal(source.model_copy(update={"column": "message"}))


def test_a_folder_that_is_no_data_set_is_told(tmp_path):
    assert "Write it with Dataset.save_to_disk." in refusal(HubDataset(source="hf", name=str(tmp_path)))
    assert "is no folder" in refusal(HubDataset(source="hf", name=str(tmp_path / "none")))


def test_chosen_transcripts_become_conversations_under_the_instructions(tmp_path, caplog):
    start = "\n\nHuman: Hi!\n\nAssistant:"
    path = tmp_path / "train.jsonl"
    lines = [{"chosen": f"{start} {text}", "rejected": f"{start} No."} for text in ("Hello.", "")]
    path.write_text("\n".join(map(json.dumps, lines)))
    (row,) = read_conversations([HHRLHF(source="hh-rlhf", path=str(path))], tools=MATH, instructions="Be kind.")
    assert [message["content"] for message in row["messages"]] == ["Be kind.", "Hi!", "Hello."]
    assert row["tools"] == []
    assert "1 of its transcripts are left out: a message is empty" in caplog.text


@pytest.fixture
def store(tmp_path):
    """Three conversations: one with a tool, one that was never answered, and one with everything that goes wrong."""
    path = tmp_path / "sessions.sqlite"

    async def talk():
        policy = ScriptedPolicy([ToolCall("c", "math", {"query": "6*7"}), "42.", "You are welcome."])
        agent = Agent(policy, ["math"])
        session = SQLiteSession("good", path)
        await agent.run("6 times 7?", session=session)
        await agent.run("Thanks!", session=session)
        await SQLiteSession("unanswered", path).append([Message("user", "Hello?")], after=None)
        unreadable = Message("assistant", "", (ToolCall("x", "math", {}, "not JSON"),))
        hard = [
            Message("user", "One?"),
            unreadable,
            Message("tool", "Error: not JSON", tool_call_id="x", name="math"),
            Message("assistant", "Uno!"),
            Message("user", "Reply in English.", name=LOOP),
            Message("assistant", "One.", meta={"notes": [1]}),
            Message("user", "Stopped?"),
            Message("user", "Two?"),
            Message("system", "They counted.", name="summary", meta={"covers": 6}),
            Message("assistant", "Two."),
            Message("user", "Cancelled?"),
            Message("assistant", "Half of an ans", meta={"cut_off": True}),
            Message("user", "Three?"),
        ]
        await SQLiteSession("hard", path).append(hard, after=None)

    asyncio.run(talk())
    return Sessions(source="sessions", path=str(path))


def test_sessions_become_conversations_with_the_tools_and_instructions_that_are_given(store):
    good, _ = read_conversations([store], tools=MATH, instructions="Be brief.")
    assert good["id"] == "good"
    assert good["tools"] == MATH
    assert [(message["role"], message["content"]) for message in good["messages"]] == [
        ("system", "Be brief."),
        ("user", "6 times 7?"),
        ("assistant", ""),
        ("tool", "42"),
        ("assistant", "42."),
        ("user", "Thanks!"),
        ("assistant", "You are welcome."),
    ]
    assert not any("meta" in message for message in good["messages"])


def test_of_a_session_only_answered_turns_without_their_mistakes_are_learned(store):
    (row,) = read_conversations([store.model_copy(update={"ids": ("hard",)})])
    assert [message["content"] for message in row["messages"]] == ["One?", "One.", "Two?", "Two."]


def test_the_oldest_sessions_come_first_and_those_without_an_answer_not_at_all(store):
    assert [row["id"] for row in read_conversations([store])] == ["good", "hard"]
    assert [row["id"] for row in read_conversations([store.model_copy(update={"rows": 1})])] == ["good"]
    assert "holds no conversation" in refusal(store.model_copy(update={"ids": ("unanswered",)}))


def test_unknown_sessions_and_stores_are_told(store, tmp_path):
    assert "no session 'goood'; did you mean 'good'?" in refusal(store.model_copy(update={"ids": ("goood",)}))
    missing = tmp_path / "none.sqlite"
    assert "there is no session store" in refusal(Sessions(source="sessions", path=str(missing)))
    assert not missing.exists()
    other = tmp_path / "text.sqlite"
    other.write_text("not a database " * 100)
    with pytest.raises(SessionError, match="not a database"):
        read_conversations([Sessions(source="sessions", path=str(other))])


def test_sources_are_read_in_their_order(tmp_path, store):
    line = put(tmp_path, {"id": "line", "messages": [ASKED, SAID]})
    assert [row["id"] for row in read_conversations([store, line])] == ["good", "hard", "line"]
