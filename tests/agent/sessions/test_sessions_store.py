"""A store: its list, its lines of JSON, and what deletion leaves behind."""

import asyncio
import io
import json
import random
import secrets
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pericles.agent import ConfigError, Message, SessionError, SessionStore, ToolCall

TEXT = st.text(st.characters(codec=None), max_size=20)  # lone surrogates and NUL characters too
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(allow_nan=False), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXT, JSON, max_size=3)
MESSAGES = st.builds(
    Message,
    role=st.sampled_from(["system", "user", "assistant", "tool"]),
    content=TEXT,
    tool_calls=st.lists(st.builds(ToolCall, TEXT, TEXT, OBJECTS, st.one_of(st.none(), TEXT)), max_size=2).map(tuple),
    tool_call_id=st.one_of(st.none(), TEXT),
    name=st.one_of(st.none(), TEXT),
    meta=OBJECTS,
)
# A tree: each message with the number of the one it follows, counted back from it; 0 starts at the root.
TREES = st.lists(st.tuples(MESSAGES, st.integers(0, 5)), max_size=8)
IDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=200)


def do(coroutine):
    return asyncio.run(coroutine)


def fill(store, id="s", texts=("hello", "hi")):
    return do(store.session(id).append([Message("user", text) for text in texts], after=None))


async def grow(store, id, tree, head):
    session, written = store.session(id), []
    for message, back in tree:
        after = written[-back].id if 0 < back <= len(written) else None
        written += await session.append([message], after=after)
    if written:
        await session.switch(written[head % len(written)].id if head else None)


async def everything(store):
    """All that a store holds, comparable."""
    found = {}
    for info in await store.list():
        session = store.session(info.id)
        entries = [entry.to_dict() for entry in await session.entries()]
        found[info.id] = (info.to_dict(), entries, [entry.id for entry in await session.branch()])
    return found


def exported(store, ids=None):
    target = io.BytesIO()
    do(store.export(target, ids))
    return target.getvalue()


def loaded(store, data, **options):
    return do(store.load(io.BytesIO(data), **options))


def lines_of(data):
    return [json.loads(line) for line in data.splitlines()]


def as_data(lines):
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@pytest.fixture
def store(tmp_path):
    return SessionStore(tmp_path / "folder" / "sessions.sqlite")


@pytest.fixture
def other(tmp_path):
    return SessionStore(tmp_path / "other.sqlite")


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_list_has_the_newest_first_and_pages(kind, tmp_path, request):
    store = SessionStore(tmp_path / "s.sqlite" if kind == "sqlite" else request.getfixturevalue("postgres_url"))
    for number in range(5):
        fill(store, f"s{number}", ["x"] * (number + 1))
    fill(store, "s1", ["again"])
    infos = do(store.list())
    assert [(info.id, info.messages) for info in infos] == [("s1", 3), ("s4", 5), ("s3", 4), ("s2", 3), ("s0", 1)]
    assert all(info.created <= info.updated for info in infos)
    assert infos[0].created < infos[1].created < infos[0].updated
    assert [info.id for info in do(store.list(limit=2, offset=1))] == ["s4", "s3"]
    assert [info.id for info in do(store.list(offset=4))] == ["s0"]
    assert do(store.list(limit=0)) == []


def test_negative_limits_are_a_mistake(store):
    with pytest.raises(ConfigError, match="-1"):
        do(store.list(limit=-1))


@settings(max_examples=15, deadline=None)
@given(st.dictionaries(IDS, st.tuples(TREES, st.integers(0, 8)), max_size=3))
def test_a_store_that_is_exported_and_imported_is_the_same(sessions):
    with tempfile.TemporaryDirectory() as folder:
        store, other = (SessionStore(Path(folder) / name) for name in ("a.sqlite", "b.sqlite"))
        for id, (tree, head) in sessions.items():
            do(grow(store, id, tree, head))
        loaded(other, exported(store))
        assert do(everything(other)) == do(everything(store))


@settings(max_examples=10, deadline=None)
@given(IDS, TREES, st.integers(0, 8))
def test_from_sqlite_to_postgresql_and_back(postgres, id, tree, head):
    first, second = SessionStore(POSTGRES.setdefault("url", postgres.url())), None
    do(delete_all(first))
    with tempfile.TemporaryDirectory() as folder:
        store, second = (SessionStore(Path(folder) / name) for name in ("a.sqlite", "b.sqlite"))
        do(grow(store, id, tree, head))
        loaded(first, exported(store))
        assert do(everything(first)) == do(everything(store))
        loaded(second, exported(first))
        assert do(everything(second)) == do(everything(store))
        assert exported(second) == exported(store)


POSTGRES = {}


async def delete_all(store):
    await store.delete(*[info.id for info in await store.list()])


def test_the_lines_are_as_documented(store):
    first, second = fill(store, "mé")
    lines = lines_of(exported(store))
    (info,) = do(store.list())
    assert lines[0] == {"session": "mé", **first.to_dict()}
    assert lines[1]["parent_id"] == first.id
    times = {"created": info.created.isoformat(), "updated": info.updated.isoformat()}
    assert lines[2] == {"session": "mé", "head": second.id, "entries": 2, **times}
    assert exported(store).isascii()


def test_only_the_sessions_that_are_named_are_exported(store, other):
    for id in "abc":
        fill(store, id)
    loaded(other, exported(store, ["c", "a", "c"]))
    assert {info.id for info in do(other.list())} == {"a", "c"}


def test_an_unknown_session_is_not_exported(store, tmp_path):
    fill(store)
    with pytest.raises(ConfigError, match="no session 'nobody'"):
        do(store.export(tmp_path / "out.jsonl", ["s", "nobody"]))
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("id", ["\udcff", "a\0", ""])
def test_an_id_that_no_session_can_have_is_a_mistake(id, store, tmp_path):
    with pytest.raises(ConfigError, match="a session's id must"):
        do(store.export(tmp_path / "out.jsonl", [id]))
    with pytest.raises(ConfigError, match="a session's id must"):
        do(store.delete(id))


def test_an_export_never_overwrites_a_file(store, tmp_path):
    fill(store)
    file = tmp_path / "out.jsonl"
    file.write_text("mine")
    with pytest.raises(ConfigError, match="exists already"):
        do(store.export(file))
    assert file.read_text() == "mine"


def test_an_exported_file_is_private(store, tmp_path):
    fill(store)
    assert do(store.export(tmp_path / "out.jsonl")) == 1
    assert (tmp_path / "out.jsonl").stat().st_mode & 0o777 == 0o600


def test_an_export_that_fails_leaves_no_file(store, tmp_path, spoil):
    fill(store)
    spoil(tmp_path / "folder" / "sessions.sqlite", "UPDATE messages SET body = '[]' WHERE position = 2")
    with pytest.raises(SessionError, match="'s'"):
        do(store.export(tmp_path / "out.jsonl"))
    assert not (tmp_path / "out.jsonl").exists()


def test_a_target_that_cannot_be_written_is_the_users_mistake(store, tmp_path):
    with pytest.raises(ConfigError, match="cannot be written"):
        do(store.export(tmp_path / "no" / "folder.jsonl"))


def test_a_source_that_cannot_be_read_is_the_users_mistake(store, tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        do(store.load(tmp_path / "nothing.jsonl"))


def test_a_session_that_exists_is_not_imported_over(store):
    fill(store, "a")
    data = exported(store)
    fill(store, "a", ["newer"])
    before = do(everything(store))
    with pytest.raises(ConfigError, match=r"0 sessions were imported, 1 were not\. line 1: session 'a' exists already"):
        loaded(store, data)
    assert do(everything(store)) == before


def test_replacing_deletes_what_was_there(store):
    fill(store, "a")
    data, before = exported(store), do(everything(store))
    fill(store, "a", ["newer"])
    fill(store, "b", ["mine"])
    assert loaded(store, data, replace=True) == ["a"]
    after = do(everything(store))
    assert after.pop("b")
    assert after == before


def changed(number, **values):
    def change(lines):
        for name, value in values.items():
            if value is ...:
                del lines[number][name]
            else:
                lines[number][name] = value
        return as_data(lines)

    return change


def with_text(number, text):
    def change(lines):
        data = as_data(lines).splitlines()
        data[number] = text
        return b"\n".join(data)

    return change


BAD = {
    "not JSON": (with_text(3, b"{"), "line 4: "),
    "not text": (with_text(3, b'{"\xff": 1}'), "line 4: "),
    "too deep": (with_text(3, b"[" * 100_000), "line 4: "),
    "a list": (with_text(3, b"[]"), "line 4: expected a JSON object"),
    "no session": (changed(3, session=...), "line 4: there is no 'session'"),
    "a number as session": (changed(3, session=7), "line 4: session must be text, got 7"),
    "no parent": (changed(4, parent_id=...), "line 5: there is no 'parent_id'"),
    "unknown parent": (changed(4, parent_id="x"), "line 5: its parent 'x' is not above it"),
    "no id": (changed(4, id=None), "line 5: id must be text, got None"),
    "long id": (changed(4, id="x" * 33), "line 5: id must have 1 to 32"),
    "no time": (changed(4, created="yesterday"), "line 5: "),
    "a time before all times": (changed(4, created="0001-01-01T00:00:00+14:00"), "line 5: "),
    "unknown role": (changed(4, message={"role": "king"}), "line 5: a message's role"),
    "no message": (changed(4, message=None), "line 5: "),
    "a number as name": (changed(4, message={"role": "tool", "name": 5}), "line 5: a message's name must be text"),
    "bad call": (changed(4, message={"role": "assistant", "tool_calls": [{}]}), "line 5: there is no 'function'"),
    "unknown head": (changed(5, head="x"), "line 6: the head 'x' is not above it"),
    "wrong count": (changed(5, entries=7), "line 6: 7 entries were written, here are 2"),
    "text as count": (changed(5, entries="2"), "line 6: entries must be a number"),
    "a line missing": (lambda lines: as_data(lines[:4] + lines[5:]), "line 5: 2 entries were written, here are 1"),
    "the closing line missing": (lambda lines: as_data(lines[:5] + lines[6:]), "without its closing line"),
    "an id twice": (lambda lines: as_data([*lines[:4], *lines[3:]]), "line 5: the id"),
    "lines after the end": (lambda lines: as_data([*lines[:6], lines[5], *lines[6:]]), "was closed in line 6"),
}


@pytest.mark.parametrize(("change", "told"), BAD.values(), ids=BAD)
def test_a_bad_line_is_named_and_its_session_alone_is_left_out(change, told, store, other):
    for id in "abc":
        fill(store, id)
    with pytest.raises(ConfigError, match="were imported") as raised:
        loaded(other, change(lines_of(exported(store))))
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)
    everywhere = do(everything(store))
    assert do(everything(other)) == {id: everywhere[id] for id in "ac"}


def test_a_file_that_was_cut_off_loses_its_last_session_alone(store, other):
    for id in "ab":
        fill(store, id)
    with pytest.raises(ConfigError, match=r"1 sessions were imported, 1 were not\. .*is the file whole\?"):
        loaded(other, b"\n".join(exported(store).splitlines()[:-1]))
    assert [info.id for info in do(other.list())] == ["a"]


def test_an_unreadable_first_line_spoils_the_session_after_it(store, other):
    fill(store)
    with pytest.raises(ConfigError, match=r"0 sessions were imported, 1 were not\. line 1: "):
        loaded(other, b"nonsense\n" + exported(store))
    assert do(other.list()) == []


def test_a_file_that_is_something_else_imports_nothing(other):
    with pytest.raises(ConfigError, match=r"0 sessions were imported, 1 were not\. line 1: "):
        loaded(other, b"# Notes\n\nof mine\n")


def test_empty_lines_and_a_byte_order_mark_are_allowed(store, other):
    fill(store)
    assert loaded(other, b"\xef\xbb\xbf" + exported(store).replace(b"\n", b"\r\n\n")) == ["s"]


def test_entries_of_another_session_are_not_taken_over(store):
    fill(store, "a")
    data = exported(store).replace(b'"session": "a"', b'"session": "b"')
    with pytest.raises(ConfigError, match="is in another session already"):
        loaded(store, data)
    assert [info.id for info in do(store.list())] == ["a"]


def test_an_import_does_not_stay_in_memory(store, other):
    import tracemalloc

    entries = fill(store, "big", ["x" * 100_000] * 300)
    data = io.BytesIO(exported(store))
    tracemalloc.start()
    do(other.load(data))
    do(other.export(Discard()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(do(other.session("big").entries())) == len(entries)
    assert peak < data.getbuffer().nbytes


class Discard(io.RawIOBase):
    """Writes to nowhere."""

    def write(self, data):
        return len(data)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_deleted_session_is_gone_and_others_stay(kind, tmp_path, request):
    store = SessionStore(tmp_path / "s.sqlite" if kind == "sqlite" else request.getfixturevalue("postgres_url"))
    for id in ("a", "b", "'; DROP TABLE sessions; --"):
        fill(store, id)
    do(store.delete("a", "'; DROP TABLE sessions; --"))
    assert [info.id for info in do(store.list())] == ["b"]
    assert do(store.session("a").entries()) == []
    assert len(do(store.session("b").entries())) == 2


def test_deleting_an_unknown_session_deletes_nothing(store):
    fill(store, "a")
    with pytest.raises(ConfigError, match="no session 'nobody'"):
        do(store.delete("a", "nobody"))
    assert len(do(store.list())) == 1


@pytest.mark.parametrize("how", ["delete", "clear", "replace"])
def test_nothing_of_a_deleted_text_is_left_in_the_files(how, tmp_path):
    path = tmp_path / "sessions.sqlite"
    store, choose = SessionStore(path), random.Random(3)
    ids = [("VANISH" if number % 3 == 0 else "kept") + secrets.token_hex(20) for number in range(30)]
    heads = dict.fromkeys(ids)
    # In no order and of all sizes, so that pages are split and moved.
    for _ in range(150):
        id = choose.choice(ids)
        text = ("SECRET" if id.startswith("VANISH") else "kept") * choose.choice([1, 50, 2000])
        heads[id] = do(store.session(id).append([Message("user", text)], after=heads[id]))[-1].id
    gone = [id for id, head in heads.items() if head and id.startswith("VANISH")]
    assert path.read_bytes().count(b"SECRET") > 1000
    if how == "delete":
        do(store.delete(*gone))
    elif how == "clear":
        for id in gone:
            do(store.session(id).clear())
    else:
        loaded(store, exported(store, gone).replace(b"SECRET", b""), replace=True)
    kept = {info.id for info in do(store.list())}
    assert kept == {id for id, head in heads.items() if head and (how == "replace" or id not in gone)}
    for file in tmp_path.iterdir():
        assert b"SECRET" not in file.read_bytes(), file
        assert how == "replace" or b"VANISH" not in file.read_bytes(), file


def test_deletion_says_when_a_reader_keeps_the_text_in_the_log(store, tmp_path, monkeypatch):
    import sqlite3

    monkeypatch.setattr("pericles.agent.session_database.LOCK_WAIT", 0.2)
    store = SessionStore(tmp_path / "read.sqlite")
    fill(store)
    reader = sqlite3.connect(tmp_path / "read.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT body FROM messages").fetchall()
    with pytest.raises(SessionError, match="until they end"):
        do(store.delete("s"))
    reader.close()
    assert do(store.list()) == []
