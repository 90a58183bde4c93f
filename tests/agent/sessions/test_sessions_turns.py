"""One turn at a time in one conversation, among all the processes that share a PostgreSQL database."""

import asyncio
import subprocess
import sys
import threading

import pytest
from pericles.agent import SessionError, SessionStore
from pericles.agent.session_database import close_databases, locate, open_database

OTHER_PROCESS = """
import asyncio, sys
from pericles.agent import SessionStore
async def main():
    async with SessionStore(sys.argv[1]).turn("s") as held:
        print(held, flush=True)
        sys.stdin.read()
asyncio.run(main())
"""


def other_process(url):
    """Another process that holds the conversation `s`, and whether it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, process.stdout.readline().strip() == "True"


async def is_free(store, id="s"):
    async with store.turn(id) as held:
        return held


async def becomes_free(store):
    async with asyncio.timeout(10):
        while not await is_free(store):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("ending", ["leaves", "is killed"])
def test_a_turn_of_another_process_keeps_this_one_out_until_it_ends(postgres_url, ending):
    store = SessionStore(postgres_url)
    process, held = other_process(postgres_url)
    with process:
        assert held
        assert not asyncio.run(is_free(store))
        assert asyncio.run(is_free(store, "another"))
        if ending == "leaves":
            process.stdin.close()
        else:
            process.kill()
        asyncio.run(becomes_free(store))


def test_this_process_keeps_others_out_and_itself(postgres_url):
    async def main():
        store = SessionStore(postgres_url)
        async with store.turn("s") as held:
            assert held
            assert not await is_free(store)
            process, theirs = await asyncio.to_thread(other_process, postgres_url)
            with process:
                process.stdin.close()
            assert not theirs
        assert await is_free(store)

    asyncio.run(main())


def test_many_turns_take_one_connection(postgres_url):
    async def main():
        store = SessionStore(postgres_url)
        async with asyncio.timeout(30):
            turns = [store.turn(f"s{number}") for number in range(100)]
            assert all(await asyncio.gather(*(turn.__aenter__() for turn in turns)))
            assert await store.list() == []
            assert open_database(locate(postgres_url))._open().pool.checkedout() == 1
            await asyncio.gather(*(turn.__aexit__(None, None, None) for turn in turns))
            assert all(await asyncio.gather(*(is_free(store, f"s{number}") for number in range(100))))

    asyncio.run(main())


def test_a_turn_that_is_cancelled_while_it_begins_leaves_nothing_held(postgres_url, monkeypatch):
    store = SessionStore(postgres_url)
    turns = open_database(locate(postgres_url)).turns
    take, begun, go_on = turns.take, threading.Event(), threading.Event()

    def slowly(id):
        begun.set()
        assert go_on.wait(30)
        return take(id)

    async def main():
        monkeypatch.setattr(turns, "take", slowly)
        task = asyncio.create_task(is_free(store))
        await asyncio.to_thread(begun.wait, 30)
        task.cancel()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        monkeypatch.undo()
        assert await is_free(store)

    asyncio.run(main())


def cut_connections(url):
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
        connection.execute(cut, [connection.info.backend_pid])


def test_a_lost_connection_is_made_anew(postgres_url):
    async def main():
        store = SessionStore(postgres_url)
        assert await is_free(store)
        cut_connections(postgres_url)
        assert await is_free(store)
        async with store.turn("s") as held:
            assert held
            cut_connections(postgres_url)
        assert await is_free(store)

    asyncio.run(main())


def test_without_a_database_it_says_so():
    with pytest.raises(SessionError, match="Check that the server runs"):
        asyncio.run(is_free(SessionStore("postgresql://nobody@127.0.0.1:1/none")))
    close_databases()


def test_sqlite_leaves_it_to_each_process(tmp_path):
    async def main():
        store = SessionStore(tmp_path / "sessions.sqlite")
        async with store.turn("s") as held:
            return held and await is_free(store)

    assert asyncio.run(main())
