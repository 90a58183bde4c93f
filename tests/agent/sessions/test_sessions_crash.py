"""Several processes write one store, and some are killed while they do."""

import asyncio
import json
import sqlite3
import subprocess
import sys

import pytest
from pericles.agent import Message, SessionStore, SQLiteSession, SQLSession
from pericles.agent.sessions import branch_of

# Eight processes begin at the same moment, the very first use of the store among them.
WRITERS = """
import asyncio, os, sys, time, traceback
from pericles.agent import Message, SQLSession
import sqlalchemy

async def write(url, who, begin):
    session, after = SQLSession("shared", url), None
    time.sleep(max(0, begin - time.time()))
    for number in range(15):
        pair = [Message("user", f"{who} {number}"), Message("assistant", f"to {who} {number}")]
        after = (await session.append(pair, after=after))[-1].id

begin, children = time.time() + 0.3, []
for who in range(8):
    child = os.fork()
    if not child:
        code = 1
        try:
            asyncio.run(write(sys.argv[1], who, begin))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    children.append(child)
sys.exit(sum(os.waitpid(child, 0)[1] != 0 for child in children))
"""

# Each writer is killed after a while that is random; it tells every entry that `append` has returned.
KILLED = """
import asyncio, json, os, random, signal, sys, time
from pericles.agent import Message, SQLSession, ToolCall
import sqlalchemy

async def write(url, round, told):
    session, after, number = SQLSession("s", url), None, 0
    branch = await session.branch()
    after = branch[-1].id if branch else None
    while True:
        number += 1
        call = ToolCall(f"c{round}-{number}", "math", {"query": "1"})
        for messages in (
            [Message("user", "x" * random.choice([1, 100, 20_000]))],
            [Message("assistant", "", (call,))],
            [Message("tool", "2", tool_call_id=call.id, name="math"), Message("assistant", "two")],
        ):
            entries = await session.append(messages, after=after)
            after = entries[-1].id
            os.write(told, "".join(f"{entry.id}\\n" for entry in entries).encode())

acknowledged = []
for round in range(int(sys.argv[2])):
    reader, told = os.pipe()
    child = os.fork()
    if not child:
        asyncio.run(write(sys.argv[1], round, told))
    os.close(told)
    with os.fdopen(reader) as lines:
        # The first rounds may die while the store itself is being made.
        if round > 3:
            acknowledged.append(lines.readline().strip())
        time.sleep(random.uniform(0, 0.06))
        os.kill(child, signal.SIGKILL)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
        acknowledged += lines.read().split()
json.dump(acknowledged, sys.stdout)
"""


def run(script, *arguments):
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_eight_processes_that_write_at_once_lose_nothing_and_tear_nothing(store_url):
    run(WRITERS, store_url)
    entries = asyncio.run(SQLSession("shared", store_url).entries())
    assert len(entries) == 240
    by_id = {entry.id: entry for entry in entries}
    for who in range(8):
        last = next(entry for entry in entries if entry.message.content == f"to {who} 14")
        told = [entry.message.content for entry in branch_of(by_id, last.id)]
        assert told == [text for number in range(15) for text in (f"{who} {number}", f"to {who} {number}")]
    for asked, answered in zip(entries[::2], entries[1::2], strict=True):
        assert answered.message.content == f"to {asked.message.content}"
    active = asyncio.run(SQLSession("shared", store_url).branch())
    assert active[-1].id == entries[-1].id, "the branch that was written last is the active one"


@pytest.mark.parametrize("kills", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_killed_writers_lose_nothing_that_was_acknowledged(kills, store_url, tmp_path, check_history):
    acknowledged = json.loads(run(KILLED, store_url, str(kills)))
    session = SQLSession("s", store_url)
    stored = {entry.id: entry for entry in asyncio.run(session.entries())}
    assert len(acknowledged) >= kills - 4
    assert set(acknowledged) <= stored.keys()
    assert all(entry.parent_id is None or entry.parent_id in stored for entry in stored.values())
    check_history(asyncio.run(session.messages()))
    if store_url.endswith(".sqlite"):
        with sqlite3.connect(store_url) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


def test_a_killed_writer_is_seen_in_the_list_and_can_be_deleted(store_url):
    run(KILLED, store_url, "6")
    store = SessionStore(store_url)
    (info,) = asyncio.run(store.list())
    assert info.messages == len(asyncio.run(store.session("s").entries()))
    asyncio.run(store.delete("s"))
    assert asyncio.run(store.list()) == []


def test_another_process_continues_the_conversation(tmp_path):
    path = tmp_path / "sessions.sqlite"
    script = (
        "import sys; from pericles.agent import Agent, SQLiteSession; from pericles.policies import ScriptedPolicy;"
        "Agent(ScriptedPolicy(['one', 'Second.'])).run_sync('two', session=SQLiteSession('s', sys.argv[1]))"
    )
    asyncio.run(SQLiteSession("s", path).append([Message("user", "one"), Message("assistant", "First.")], after=None))
    run(script, path)
    told = asyncio.run(SQLiteSession("s", path).messages())
    assert [message.content for message in told] == ["one", "First.", "two", "Second."]


def test_an_append_that_has_begun_is_finished_when_it_is_cancelled(store_url):
    async def main():
        session = SQLSession("s", store_url)
        await session.append([Message("user", "first")], after=None)
        writing = asyncio.ensure_future(session.append([Message("user", "second")], after=None))
        await asyncio.sleep(0)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        return [entry.message.content for entry in await session.entries()]

    assert asyncio.run(main()) == ["first", "second"]


def test_a_forked_child_uses_connections_of_its_own(store_url):
    run(
        """
import asyncio, os, sys
from pericles.agent import Message, SQLSession
session = SQLSession("s", sys.argv[1])
asyncio.run(session.append([Message("user", "parent")], after=None))
children = []
for _ in range(3):
    child = os.fork()
    if not child:
        for _ in range(10):
            asyncio.run(session.append([Message("user", "child")], after=None))
        os._exit(0)
    children.append(child)
for _ in range(10):
    asyncio.run(session.append([Message("user", "parent")], after=None))
assert all(os.waitpid(child, 0)[1] == 0 for child in children)
""",
        store_url,
    )
    assert len(asyncio.run(SQLSession("s", store_url).entries())) == 41
