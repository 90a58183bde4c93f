"""A file that grows: nothing is half-written, nothing is lost, and what is not ours is left alone."""

import json
import os
import stat
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from pericles.policies.feedback.journal import Journal
from pericles.policies.feedback.json_lines import read_json_lines
from pericles.tools import ConfigError

ONE, TWO = {"id": "one", "text": "Größe\u2028\n"}, {"id": "two"}
ADDING = """
import sys
from pathlib import Path
from pericles.policies.feedback.journal import Journal
for number in range(int(sys.argv[3])):
    Journal(Path(sys.argv[1])).append([{"who": sys.argv[2], "number": number}])
"""


def read(journal):
    return journal.read(lambda _, value: value)


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "j.jsonl")


def test_what_is_written_reads_back_in_its_order(journal):
    assert read(journal) == []
    journal.append([ONE, TWO])
    journal.append([])
    journal.append([{"id": "half \ud800"}])
    assert read(journal) == [ONE, TWO, {"id": "half \ud800"}]
    journal.replace([TWO, {"id": "\\\udc00"}])
    assert read(journal) == [TWO, {"id": "\\\udc00"}]
    journal.remove()
    journal.remove()
    assert read(journal) == []


def test_half_characters_can_be_replaced_for_readers_who_refuse_them(tmp_path):
    path = tmp_path / "j.jsonl"
    Journal(path, errors="replace").append([{"id": "half \ud800"}])
    assert read_json_lines(path, lambda _, value: value) == [{"id": "half ?"}]


def test_files_and_new_folders_are_their_owners_alone(tmp_path):
    before = os.umask(0)
    try:
        Journal(tmp_path / "a" / "b" / "j.jsonl").append([ONE])
        Journal(tmp_path / "c" / "j.jsonl").replace([ONE])
    finally:
        os.umask(before)
    modes = {path.relative_to(tmp_path): stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert len(modes) == 7
    assert set(modes.values()) == {0o600, 0o700}
    assert all((mode == 0o700) == (tmp_path / path).is_dir() for path, mode in modes.items())


@pytest.mark.parametrize("left", [1, 2, 10, -2])
def test_half_a_line_that_a_crash_left_is_passed_over_and_then_cut_off(journal, left):
    journal.append([ONE])
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole + whole[:left])
    assert read(journal) == [ONE]
    journal.append([TWO])
    assert journal.path.read_bytes() == whole + b'{"id": "two"}\n'


@pytest.mark.parametrize("left", [b'{"id": "tw', b'{"id": "t\xc3', b'{"id": "two", "text": "' + b"x" * 200_000])
def test_half_of_the_only_line_is_cut_off(journal, left):
    journal.path.write_bytes(left)
    assert read(journal) == []
    journal.append([TWO])
    assert read(journal) == [TWO]


@pytest.mark.parametrize("last", [TWO, {"id": "x" * 65_536}, {str(number): "" for number in range(20_000)}])
@pytest.mark.parametrize("first", [[], [ONE]])
def test_a_last_line_whose_end_alone_is_missing_counts(journal, first, last):
    journal.append(first)
    with journal.path.open("a") as file:
        file.write(json.dumps(last))
    assert read(journal) == [*first, last]
    journal.append([TWO])
    assert read(journal) == [*first, last, TWO]


def test_a_blank_last_line_is_nothing(journal):
    journal.path.write_text("{}\n  ")
    journal.append([TWO])
    assert read(journal) == [{}, TWO]


@pytest.mark.parametrize(
    "text",
    [
        "not JSON lines\nat all",
        "a list\n{1, 2",
        "{braces\n{everywhere",
        "{\n  \"a\": [",
        "plain",
        '["a",\n{"b": 1',
        '{"id": "a"}\n{"id": 1, "id": 2}',
    ],
)  # fmt: skip
def test_a_file_that_is_something_else_keeps_its_end(journal, text):
    journal.path.write_text(text)
    with pytest.raises(ConfigError, match=rf"{journal.path}: line \d: not JSON"):
        read(journal)
    journal.append([ONE])
    assert journal.path.read_text() == f"{text}\n{json.dumps(ONE, ensure_ascii=False)}\n"


def test_wrong_lines_are_named_by_their_place_in_the_file(journal):
    journal.path.write_text('\n{"id": "a"}\n\n{"id": "b\n[1]\n{"id": "a"}\n')
    with pytest.raises(ConfigError, match=r"line 4: not JSON.*; line 5: each line must be a JSON object") as told:
        journal.read(lambda _, value: value["id"], id_of=str)
    assert "line 6: the id 'a' is that of line 2 already" in str(told.value)
    assert "line 2:" not in str(told.value)


def test_a_byte_order_mark_is_passed_over(journal):
    journal.path.write_bytes(b'\xef\xbb\xbf{"id": "one"}\n')
    journal.append([TWO])
    assert read(journal) == [{"id": "one"}, TWO]


@pytest.mark.parametrize("end", [b"", b"\n", b'\n{"id": "tw'])
def test_a_full_disk_leaves_the_file_as_it_was(journal, full_disk, end):
    journal.path.write_bytes(b'{"id": "one"}' + end)
    before = read(journal)
    with full_disk(20), pytest.raises(ConfigError, match=r"j\.jsonl' cannot be written: File too large"):
        journal.append([ONE, TWO])
    assert journal.path.read_bytes() == b'{"id": "one"}' + (end and b"\n")
    with full_disk(20), pytest.raises(ConfigError, match=r"j\.jsonl' cannot be written: File too large"):
        journal.replace([ONE, TWO])
    assert read(journal) == before
    assert {path.name for path in journal.path.parent.iterdir()} == {"j.jsonl", ".j.jsonl.lock"}
    journal.append([TWO])
    assert read(journal) == [*before, TWO]


def test_what_cannot_be_read_or_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"j\.jsonl' cannot be written: Not a directory"):
        Journal(tmp_path / "file" / "j.jsonl").append([ONE])
    (tmp_path / "j.jsonl").mkdir()
    journal = Journal(tmp_path / "j.jsonl")
    with pytest.raises(ConfigError, match=r"j\.jsonl' cannot be read: Is a directory"):
        read(journal)
    for write in (journal.append, journal.replace):
        with pytest.raises(ConfigError, match=r"j\.jsonl' cannot be written: Is a directory"):
            write([ONE])


def test_appending_looks_at_the_end_of_the_file_alone(journal):
    with journal.path.open("wb") as file:
        file.write(b'{"id": "one"}\n')
        file.truncate(1 << 30)
        file.seek(0, os.SEEK_END)
        file.write(b'\n{"id": "tw')
    tracemalloc.start()
    journal.append([TWO])
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
    with journal.path.open("rb") as file:
        file.seek(1 << 30)
        assert file.read() == b'\n{"id": "two"}\n'


def test_threads_and_processes_that_write_at_once_lose_nothing(journal):
    other = subprocess.Popen([sys.executable, "-c", ADDING, journal.path, "process", "40"])

    def add(who):
        for number in range(20):
            Journal(journal.path).append([{"who": who, "number": number}])

    def rewrite():
        for _ in range(20):
            with journal.locked():
                journal.replace([*read(journal), {"who": "rewriting"}])

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(add, "a"), pool.submit(add, "b"), pool.submit(rewrite)]:
            done.result()
    assert other.wait(60) == 0
    told = [value["who"] for value in read(journal)]
    assert {who: told.count(who) for who in told} == {"process": 40, "a": 20, "b": 20, "rewriting": 20}


def test_a_stamp_tells_of_every_change(journal):
    stamps = [journal.stamp()]
    for write in (journal.append, journal.replace, journal.append):
        write([ONE])
        stamps.append(journal.stamp())
    assert stamps[0] is None
    assert len(set(stamps)) == 4
