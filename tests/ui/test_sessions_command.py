"""`pericles sessions`: stored conversations to list, show, export, import and delete."""

import asyncio
import json
import subprocess
import sys

import pytest
from pericles.agent import Message, SessionStore, SQLiteSession, ToolCall


@pytest.fixture
def pericles(here):
    return lambda *arguments, **options: here("sessions", *map(str, arguments), **options)


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "sessions.sqlite"
    call = ToolCall("c1", "math", {"query": "2+2"})
    messages = [
        Message("user", "What is 2+2?"),
        Message("assistant", "", (call,)),
        Message("tool", "4", tool_call_id="c1", name="math"),
        Message("assistant", "Four.\x1b[31m"),
    ]
    asyncio.run(SQLiteSession("sums", path).append(messages, after=None))
    asyncio.run(SQLiteSession("older", path).append([Message("user", "hi")], after=None))
    asyncio.run(SQLiteSession("sums", path).append([Message("user", "another beginning")], after=None))
    asyncio.run(SQLiteSession("sums", path).switch(asyncio.run(SQLiteSession("sums", path).entries())[3].id))
    return path


def ids(path):
    return {info.id for info in asyncio.run(SessionStore(path).list())}


def mistake(done, told):
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_list_shows_the_newest_first(pericles, store):
    done = pericles("list", "--store", store)
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert [line.split()[-3:] for line in lines] == [["5", "messages", "sums"], ["1", "messages", "older"]]
    assert pericles("list", "--store", store, "--limit", "1").stdout.splitlines() == lines[:1]


def test_list_as_json(pericles, store):
    (first, second) = json.loads(pericles("list", "--json", "--store", store).stdout)
    assert (first["id"], first["messages"], second["id"]) == ("sums", 5, "older")
    assert first["created"] < second["created"] < first["updated"]


def test_an_empty_data_folder_says_how_to_begin(pericles, tmp_path):
    done = pericles("list", PERICLES_DATA_DIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "")
    assert "pericles chat --session" in done.stderr


def test_show_prints_the_active_branch_without_control_characters(pericles, store):
    done = pericles("show", "sums", "--store", store)
    assert done.stdout.splitlines() == [
        "user: What is 2+2?",
        '▸ math: {"query": "2+2"}',
        "  math: 4",
        "assistant: Four.[31m",
    ]


def test_the_environment_names_the_store(pericles, store):
    assert "What is 2+2?" in pericles("show", "sums", PERICLES_SESSIONS=str(store)).stdout


def test_export_and_import_move_conversations(pericles, store, tmp_path):
    done = pericles("export", tmp_path / "out.jsonl", "--session", "sums", "--store", store)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "exported 1 conversations\n")
    other = tmp_path / "new" / "other.sqlite"
    assert pericles("import", tmp_path / "out.jsonl", "--store", f"sqlite:///{other}").returncode == 0
    assert pericles("show", "sums", "--store", other).stdout == pericles("show", "sums", "--store", store).stdout
    assert ids(other) == {"sums"}


def test_export_and_import_through_a_pipe(pericles, store, tmp_path):
    command = [sys.executable, "-m", "pericles.ui.command", "sessions", "export", "-", "--store", store]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert [json.loads(line)["session"] for line in lines.splitlines()] == ["sums"] * 6 + ["older"] * 2
    other = tmp_path / "other.sqlite"
    assert pericles("import", "-", "--store", other, stdin=lines).returncode == 0
    assert ids(other) == {"sums", "older"}


def test_export_does_not_overwrite(pericles, store, tmp_path):
    (tmp_path / "out.jsonl").write_text("mine")
    mistake(pericles("export", tmp_path / "out.jsonl", "--store", store), "exists already")
    assert (tmp_path / "out.jsonl").read_text() == "mine"


def test_import_refuses_what_exists_but_replaces_when_told(pericles, store):
    lines = pericles("export", "-", "--store", store).stdout
    mistake(pericles("import", "-", "--store", store, stdin=lines), "'sums' exists already")
    assert pericles("import", "-", "--replace", "--store", store, stdin=lines).returncode == 0


def test_import_names_a_bad_line(pericles, store, tmp_path):
    mistake(pericles("import", "-", "--store", tmp_path / "new.sqlite", stdin="nonsense\n"), "line 1: ")


@pytest.mark.parametrize(
    ("answer", "left"), [("y\n", {"older"}), ("n\n", {"sums", "older"}), ("\n", {"sums", "older"})]
)
def test_delete_asks_first(pericles, answer, left, store):
    done = pericles("delete", "sums", "--store", store, stdin=answer)
    assert done.returncode == 0
    assert "Delete sums (5 messages) for good? [y/N]" in done.stderr
    assert ids(store) == left


def test_delete_without_an_answer_deletes_nothing(pericles, store):
    done = pericles("delete", "sums", "--store", store)
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert ids(store) == {"sums", "older"}


def test_delete_with_yes_asks_nothing(pericles, store):
    done = pericles("delete", "sums", "older", "--yes", "--store", store)
    assert (done.returncode, done.stderr) == (0, "deleted 2 conversations\n")
    assert ids(store) == set()


@pytest.mark.parametrize("command", ["show", "delete"])
def test_an_unknown_conversation_is_the_users_mistake(pericles, command, store):
    mistake(pericles(command, "nobody", "--store", store), "there is no session 'nobody'")
    assert ids(store) == {"sums", "older"}


def test_a_mistyped_store_is_not_made(pericles, tmp_path):
    mistake(pericles("list", "--store", tmp_path / "mistyped.sqlite"), "there is no session store")
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_one_line_without_the_password(pericles):
    done = pericles("list", "--store", "postgresql://me:s3cret@127.0.0.1:1/db")
    assert done.returncode == 1
    assert "Check that the server runs" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "s3cret" not in done.stderr
