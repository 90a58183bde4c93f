"""Sessions: what was said is there again, in another process too, and a damaged store is a clear error."""

import asyncio
import json
import sqlite3
import subprocess
import sys

import pytest
from pericles.agent import Agent, ConfigError, InMemorySession, Message, SessionError, SQLiteSession, ToolCall
from pericles.policies import ScriptedPolicy

MESSAGES = [
    Message("user", "héllo \udcff\n"),
    Message(
        "assistant", "", (ToolCall("c1", "math", {"query": "2", "n": [1, None]}), ToolCall("c2", "x", {}, "broken"))
    ),
    Message("tool", "4", tool_call_id="c1", name="math"),
    Message("tool", "Error: broken", tool_call_id="c2", name="x"),
    Message("assistant", "😀"),
]
WRITER = """
import asyncio, sys
from pericles.agent import Message, SQLiteSession

async def main(path, who):
    session = SQLiteSession("shared", path)
    for number in range(20):
        await session.append([Message("user", f"{who} {number}"), Message("assistant", f"to {who} {number}")])

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def store(tmp_path):
    return tmp_path / "folder" / "sessions.sqlite"


@pytest.fixture(params=["memory", "file"])
def session(request, store):
    return InMemorySession() if request.param == "memory" else SQLiteSession("s", store)


def stored(session):
    return asyncio.run(session.messages())


def test_messages_come_back_as_they_were(session):
    asyncio.run(session.append(MESSAGES[:2]))
    asyncio.run(session.append(MESSAGES[2:]))
    assert stored(session) == MESSAGES


def test_a_new_session_is_empty(session):
    assert stored(session) == []


def test_nothing_is_a_valid_addition(session):
    asyncio.run(session.append([]))
    assert stored(session) == []


def test_clear_deletes_this_session_alone(store):
    one, other = SQLiteSession("one", store), SQLiteSession("other", store)
    asyncio.run(one.append(MESSAGES))
    asyncio.run(other.append(MESSAGES[:1]))
    asyncio.run(one.clear())
    assert (stored(one), stored(other)) == ([], MESSAGES[:1])


def test_a_cleared_session_starts_anew(session):
    asyncio.run(session.append(MESSAGES))
    asyncio.run(session.clear())
    asyncio.run(session.append(MESSAGES[:1]))
    assert stored(session) == MESSAGES[:1]


def test_another_process_continues_the_conversation(store):
    Agent(ScriptedPolicy(["First."])).run_sync("one", session=SQLiteSession("s", store))
    script = (
        "import sys; from pericles.agent import Agent, SQLiteSession; from pericles.policies import ScriptedPolicy;"
        "Agent(ScriptedPolicy(['a', 'Second.'])).run_sync('two', session=SQLiteSession('s', sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", script, store], check=True)
    assert [message.content for message in stored(SQLiteSession("s", store))] == ["one", "First.", "two", "Second."]


def test_processes_that_write_at_once_lose_nothing_and_tear_nothing(store):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, store, who]) for who in ("a", "b", "c")]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    messages = stored(SQLiteSession("shared", store))
    assert len(messages) == 120
    for asked, answered in zip(messages[::2], messages[1::2], strict=True):
        assert answered.content == f"to {asked.content}"
    for who in "abc":
        assert [m.content for m in messages if m.content.startswith(who)] == [f"{who} {n}" for n in range(20)]


def test_tasks_that_write_at_once_lose_nothing(store):
    async def main():
        session = SQLiteSession("s", store)
        await asyncio.gather(*(session.append([Message("user", str(number))]) for number in range(30)))
        return await session.messages()

    assert sorted(int(message.content) for message in asyncio.run(main())) == list(range(30))


def test_a_killed_writer_leaves_whole_exchanges(store):
    endless = WRITER.replace("range(20)", "range(10**9)")
    writer = subprocess.Popen([sys.executable, "-c", endless, store, "a"])
    while not (store.exists() and len(stored(SQLiteSession("shared", store))) > 6):
        assert writer.poll() is None
    writer.kill()
    writer.wait()
    messages = stored(SQLiteSession("shared", store))
    assert len(messages) % 2 == 0
    asyncio.run(SQLiteSession("shared", store).append(MESSAGES))
    assert stored(SQLiteSession("shared", store))[-len(MESSAGES) :] == MESSAGES


def test_the_default_file_lies_in_the_data_folder(data_folder):
    session = SQLiteSession("mine")
    asyncio.run(session.append(MESSAGES))
    assert session.path == data_folder / "sessions.sqlite"
    assert session.path.is_file()
    asyncio.run(session.clear())


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_an_id_has_a_sensible_length(name):
    with pytest.raises(ConfigError, match="1 to 200 characters"):
        SQLiteSession(name)


def one_line_error(session):
    with pytest.raises(SessionError) as raised:
        asyncio.run(session.messages())
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_file_that_is_no_database_is_a_session_error(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("my notes, not a database " * 100)
    assert str(file) in one_line_error(SQLiteSession("s", file))
    assert file.read_text().startswith("my notes")


def test_a_folder_that_cannot_be_is_a_session_error(tmp_path):
    (tmp_path / "file").write_text("")
    assert "cannot be used" in one_line_error(SQLiteSession("s", tmp_path / "file" / "sessions.sqlite"))
    assert "cannot be used" in one_line_error(SQLiteSession("s", tmp_path))


@pytest.mark.parametrize(
    "body",
    [
        "not json",
        "[]",
        "null",
        "7",
        '"text"',
        "{}",
        '{"role": "king"}',
        '{"role": "user", "content": 5}',
        '{"role": "assistant", "tool_calls": 7}',
        '{"role": "assistant", "tool_calls": ["x"]}',
        '{"role": "assistant", "tool_calls": [{"id": "1"}]}',
        '{"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "x", "arguments": "y"}}]}',
    ],
)
def test_an_unreadable_message_is_a_session_error(body, store):
    session = SQLiteSession("s", store)
    asyncio.run(session.append(MESSAGES))
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE messages SET body = ? WHERE position = 3", (body,))
    connection.close()
    assert "unreadable message" in one_line_error(session)


def test_a_turn_on_an_unreadable_session_ends_with_its_error(store):
    session = SQLiteSession("s", store)
    asyncio.run(session.append(MESSAGES))
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE messages SET body = '[]'")
    connection.close()
    with pytest.raises(SessionError, match="unreadable message"):
        Agent(ScriptedPolicy(["hi"])).run_sync("hello", session=session)


def test_a_message_is_the_shape_that_templates_take():
    value = json.loads(json.dumps(MESSAGES[1].to_dict()))
    assert value["tool_calls"][0] == {
        "id": "c1",
        "type": "function",
        "function": {"name": "math", "arguments": {"query": "2", "n": [1, None]}},
    }
    assert Message.from_dict(value) == MESSAGES[1]
