"""Stores of every kind: in memory, SQLite files, and a real PostgreSQL server on loopback."""

import contextlib
import sqlite3

import pytest
from pericles.agent import InMemorySession, Message, SQLiteSession, SQLSession, ToolCall
from pericles.agent.session_database import close_databases
from postgres_server import MISSING, running_server, server_folder, wheel_folders


@pytest.fixture(scope="session")
def postgres():
    with running_server(server_folder()) as server:
        yield server


@pytest.fixture
def postgres_url(postgres):
    yield postgres.url()
    close_databases()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def session(request, tmp_path):
    """A new conversation of every kind in turn."""
    if request.param == "memory":
        return InMemorySession("s")
    if request.param == "sqlite":
        return SQLiteSession("s", tmp_path / "sessions.sqlite")
    return SQLSession("s", request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request, tmp_path):
    """A new store that lasts, of every kind in turn."""
    return str(tmp_path / "sessions.sqlite") if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def running_postgres():
    """Starts a server from a folder of programs, as a context manager."""
    return running_server


@pytest.fixture
def wheel_servers():
    """The folders of programs in the wheel, one for each version of PostgreSQL."""
    return wheel_folders() or pytest.fail(MISSING)


@pytest.fixture
def spoil():
    """Changes a SQLite store behind its back."""

    def _spoil(path, *statements):
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            for statement in statements:
                connection.execute(*((statement,) if isinstance(statement, str) else statement))

    return _spoil


@pytest.fixture
def exchange():
    """A whole exchange with everything that a message can hold."""
    calls = (ToolCall("c1", "math", {"query": "2", "n": [1, None]}), ToolCall("c2", "x", {}, "broken"))
    return [
        Message("user", "héllo \udcff\n\0"),
        Message("assistant", "", calls, meta={"note": ["\0", {"deep": 1.5}]}),
        Message("tool", "4", tool_call_id="c1", name="math", meta={"result": {"seconds": 0.25}}),
        Message("tool", "Error: broken", tool_call_id="c2", name="x"),
        Message("assistant", "😀"),
    ]
