"""Where sessions are kept: default places, old and damaged stores, servers that are not there."""

import asyncio
import sqlite3
import subprocess
import sys
import threading

import pytest
from pericles.agent import Agent, ConfigError, Message, SessionError, SessionStore, SQLiteSession, SQLSession
from pericles.policies import ScriptedPolicy

OLD_STORE = (
    "CREATE TABLE messages (position INTEGER NOT NULL, id VARCHAR(32) NOT NULL, session_id VARCHAR(200) NOT NULL, "
    "parent_id VARCHAR(32), body TEXT NOT NULL, created DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL, "
    "PRIMARY KEY (position), UNIQUE (id))",
    "CREATE INDEX messages_by_session ON messages (session_id, position)",
)
OLD_ROWS = (
    ("m1", "a", None, '{"role": "user", "content": "one"}'),
    ("m2", "a", "m1", '{"role": "assistant", "content": "two"}'),
    ("m3", "b", None, '{"role": "user", "content": "other"}'),
    ("m4", "a", "m1", '{"role": "assistant", "content": "three"}'),
)
INSERT = "INSERT INTO messages (id, session_id, parent_id, body) VALUES (?, ?, ?, ?)"


def do(coroutine):
    return asyncio.run(coroutine)


def said(session):
    return [message.content for message in do(session.messages())]


def one_line(error_type, session):
    with pytest.raises(error_type) as raised:
        do(session.messages())
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sessions.sqlite"


def test_the_default_file_lies_in_the_data_folder(data_folder, monkeypatch):
    monkeypatch.delenv("PERICLES_SESSIONS", raising=False)
    session = SQLiteSession("mine")
    do(session.append([Message("user", "hello")], after=None))
    assert session.path == data_folder / "sessions.sqlite"
    assert "mine" in {info.id for info in do(SessionStore().list())}
    do(session.clear())


def test_the_environment_names_the_default_store(path, monkeypatch):
    monkeypatch.setenv("PERICLES_SESSIONS", str(path))
    do(SQLiteSession("a").append([Message("user", "hello")], after=None))
    assert said(SQLSession("a")) == said(SQLiteSession("a", path)) == ["hello"]
    assert [info.id for info in do(SessionStore().list())] == ["a"]


def test_the_environment_may_name_a_server(postgres_url, monkeypatch):
    monkeypatch.setenv("PERICLES_SESSIONS", postgres_url)
    do(SQLSession("a").append([Message("user", "hello")], after=None))
    assert [info.id for info in do(SessionStore().list())] == ["a"]
    with pytest.raises(ConfigError, match="use SQLSession"):
        SQLiteSession("a")


def test_a_path_and_its_url_are_the_same_store(path):
    do(SQLSession("a", path).append([Message("user", "hello")], after=None))
    assert said(SQLSession("a", f"sqlite:///{path}")) == said(SQLSession("a", str(path))) == ["hello"]


@pytest.mark.parametrize("url", ["mysql://me:secret@host/db", "sqlite://", "sqlite:///:memory:", "sqlite:///x?a=b", ""])
def test_a_url_of_something_else_is_a_mistake(url, monkeypatch):
    with pytest.raises(ConfigError) as raised:
        SQLSession("s", url)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("name", ["", "x" * 201, "a\0b", "\udc80"])
def test_an_id_is_text_of_a_sensible_length(name):
    with pytest.raises(ConfigError, match="a session's id must"):
        SQLiteSession(name)


@pytest.mark.parametrize(
    "name", ["'; DROP TABLE messages; --", "../../etc/passwd", '"', "é😀\u202e", "%s", " ", "x" * 200]
)
def test_ids_are_data(name, store_url):
    store = SessionStore(store_url)
    do(store.session(name).append([Message("user", "hello")], after=None))
    do(store.session("other").append([Message("user", "hi")], after=None))
    assert said(SQLSession(name, store_url)) == ["hello"]
    assert {info.id for info in do(store.list())} == {name, "other"}
    do(store.session(name).clear())
    assert [info.id for info in do(store.list())] == ["other"]


def test_a_new_file_is_private(path):
    do(SQLiteSession("s", path).append([Message("user", "hello")], after=None))
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_is_left_open_between_operations(path):
    do(SQLiteSession("s", path).append([Message("user", "hello")], after=None))
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_file_that_was_deleted_meanwhile_is_made_anew(path):
    session = SQLiteSession("s", path)
    do(session.append([Message("user", "hello")], after=None))
    path.unlink()
    assert said(session) == []


def test_an_old_store_goes_on_at_its_newest_message(path, spoil):
    spoil(path, *OLD_STORE, *((INSERT, row) for row in OLD_ROWS))
    assert said(SQLiteSession("a", path)) == ["one", "three"]
    do(SQLiteSession("a", path).append([Message("user", "four")], after="m4"))
    assert said(SQLiteSession("a", path)) == ["one", "three", "four"]
    assert {(info.id, info.messages) for info in do(SessionStore(path).list())} == {("a", 4), ("b", 1)}


def test_messages_that_an_old_program_adds_later_are_found(path, spoil):
    do(SQLiteSession("new", path).append([Message("user", "hello")], after=None))
    spoil(path, *((INSERT, row) for row in OLD_ROWS))
    assert said(SQLiteSession("a", path)) == ["one", "three"]
    do(SessionStore(path).delete("b"))
    assert said(SQLiteSession("b", path)) == []


def test_the_first_use_by_many_at_once_makes_one_store(store_url):
    def write(number):
        do(SQLSession(f"s{number}", store_url).append([Message("user", "x")], after=None))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(do(SessionStore(store_url).list())) == 8


def test_a_file_that_is_no_database_is_a_session_error(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("my notes, not a database " * 100)
    assert str(file) in one_line(SessionError, SQLiteSession("s", file))
    assert file.read_text().startswith("my notes")


def test_a_folder_that_cannot_be_is_a_session_error(tmp_path):
    (tmp_path / "file").write_text("")
    assert "cannot be used" in one_line(SessionError, SQLiteSession("s", tmp_path / "file" / "sessions.sqlite"))
    assert "cannot be used" in one_line(SessionError, SQLiteSession("s", tmp_path))


BODIES = [
    "not json",
    "[]",
    "null",
    "7",
    '"text"',
    "{}",
    "[" * 100_000,
    '{"role": "king"}',
    '{"role": "user", "content": 5}',
    '{"role": "assistant", "tool_calls": 7}',
    '{"role": "assistant", "tool_calls": ["x"]}',
    '{"role": "assistant", "tool_calls": [{"id": "1"}]}',
    '{"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "x", "arguments": "y"}}]}',
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_an_unreadable_message_is_an_error_that_names_the_session(body, path, spoil, exchange):
    session = SQLiteSession("mine", path)
    do(session.append(exchange, after=None))
    spoil(path, ("UPDATE messages SET body = ? WHERE position = 3", (body,)))
    told = one_line(SessionError, session)
    assert "'mine'" in told
    assert "unreadable message" in told


@pytest.mark.parametrize("column", ["created = 'yesterday'", "created = 7", "body = x'ff00'"])
def test_an_unreadable_row_is_an_error_that_names_the_session(column, path, spoil, exchange):
    session = SQLiteSession("mine", path)
    do(session.append(exchange, after=None))
    spoil(path, f"UPDATE messages SET {column} WHERE position = 3")
    assert "'mine'" in one_line(SessionError, session)


def test_messages_in_a_circle_come_to_an_end(path, spoil):
    entries = do(SQLiteSession("s", path).append([Message("user", text) for text in "abc"], after=None))
    spoil(path, ("UPDATE messages SET parent_id = ? WHERE id = ?", (entries[2].id, entries[0].id)))
    assert said(SQLiteSession("s", path)) == ["a", "b", "c"]


def test_other_sessions_of_a_damaged_store_can_be_read(path, spoil):
    for id in "ab":
        do(SQLiteSession(id, path).append([Message("user", id)], after=None))
    spoil(path, "UPDATE messages SET body = '[]' WHERE session_id = 'a'")
    assert said(SQLiteSession("b", path)) == ["b"]
    assert len(do(SessionStore(path).list())) == 2


def test_a_turn_on_an_unreadable_session_ends_with_its_error(path, spoil, exchange):
    session = SQLiteSession("s", path)
    do(session.append(exchange, after=None))
    spoil(path, "UPDATE messages SET body = '[]'")
    with pytest.raises(SessionError, match="unreadable message"):
        Agent(ScriptedPolicy(["hi"])).run_sync("hello", session=session)


def test_a_message_that_is_not_json_is_refused_and_nothing_is_written(store_url):
    session = SQLSession("s", store_url)
    messages = [Message("user", "fine"), Message("user", "not", meta={"object": object()})]
    with pytest.raises(SessionError, match="is not JSON"):
        do(session.append(messages, after=None))
    assert do(session.entries()) == []


def test_a_reader_does_not_wait_for_a_writer(path):
    do(SQLiteSession("s", path).append([Message("user", "hello")], after=None))
    with sqlite3.connect(path) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert said(SQLiteSession("s", path)) == ["hello"]
    holder.close()


def test_a_lock_that_is_never_released_is_an_error_in_the_end(path, monkeypatch):
    monkeypatch.setattr("pericles.agent.session_database.LOCK_WAIT", 0.3)
    do(SQLiteSession("s", path).append([Message("user", "hello")], after=None))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(SessionError, match="database is locked"):
        do(SQLiteSession("s", path).append([Message("user", "lost")], after=None))
    holder.close()


def test_a_server_that_is_not_there_says_what_to_check():
    told = one_line(SessionError, SQLSession("s", "postgresql://me:s3cret@127.0.0.1:1/db?password=s3cret"))
    assert "postgresql://me:***@127.0.0.1:1/db" in told
    assert "Check that the server runs" in told
    assert "s3cret" not in told


@pytest.mark.parametrize(("name", "password"), [("postgres", "s3cret"), ("missing", None)])
def test_a_wrong_password_or_database_says_so_without_the_password(name, password, postgres):
    url = postgres.address(name, password) if password else postgres.address(name)
    told = one_line(SessionError, SQLSession("s", url))
    assert ("password authentication failed" if password else 'database "missing" does not exist') in told
    assert "s3cret" not in told
    assert "c0rrect-horse" not in told


def test_a_url_that_cannot_be_read_is_a_mistake_without_the_password():
    told = one_line(ConfigError, SQLSession("s", "postgresql://me:s3cret@host:port/db"))
    assert "s3cret" not in told


def test_a_missing_driver_says_what_to_install():
    script = (
        "import asyncio, sys; sys.modules['psycopg'] = None; from pericles.agent import SQLSession;"
        "asyncio.run(SQLSession('s', 'postgresql://me:s3cret@127.0.0.1/db').messages())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    told = done.stderr.splitlines()[-1]
    assert "SessionError" in told
    assert "pip install 'pericles[postgres]'" in told
    assert "s3cret" not in told


def test_a_server_that_restarts_is_used_again(postgres_url, postgres):
    import psycopg

    session = SQLSession("s", postgres_url)
    do(session.append([Message("user", "hello")], after=None))
    with psycopg.connect(postgres.address("postgres"), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
            "backend_type = 'client backend'"
        )
    assert said(session) == ["hello"]


def test_import_costs_no_database():
    script = "import sys, pericles.agent; sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'psycopg')))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize("number", [0, 1])
def test_the_servers_of_the_wheel_work_too(number, running_postgres, wheel_servers):
    with running_postgres(wheel_servers[number]) as server:
        url = server.url()
        do(SQLSession("s", url).append([Message("user", "\0\udcff")], after=None))
        assert said(SQLSession("s", url)) == ["\0\udcff"]
