"""Files of any size: read block by block, and resumed in the middle."""

import json
import signal
import subprocess
import sys

import pytest
from pericles.tools.reading.errors import Unreadable
from pericles.tools.search import collection_files, index_path, list_collections, remove_path
from pericles.tools.search.backends import local
from pericles.tools.search.documents import large
from pericles.tools.search.documents.files import passages_of
from pericles.tools.search.documents.large import large_blocks
from pericles.tools.search.index import indexing
from pericles.tools.search.index.store import OpenIndex, forget_index


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("PERICLES_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PERICLES_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(local, "CORPORA", ())
    return tmp_path


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(large, "LARGE_BYTES", 1_000)
    monkeypatch.setattr(large, "_BLOCK_CHARS", 500)


def in_blocks(path):
    return [passage for block in large_blocks(path, path.name, "2026") for passage in block.passages]


def whole(path):
    return list(passages_of(path, path.name, path.read_bytes(), "2026"))


def json_lines(count):
    return "".join(json.dumps({"title": f"t{n}", "text": f"walnut number {n} — «ü»"}) + "\n" for n in range(count))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_json_lines_in_blocks_are_those_of_the_whole_file(folders, small_blocks, encoding):
    file = folders / "a.jsonl"
    text = json_lines(100).replace("\\u", "\\u") if encoding == "cp1252" else json_lines(100)
    file.write_bytes(text.encode(encoding))
    assert in_blocks(file) == whole(file)


def test_a_table_in_blocks_is_that_of_the_whole_file(folders, small_blocks):
    file = folders / "a.csv"
    rows = [f'{n},"first line of {n}\nsecond, ""quoted"" line",{n * n}\r\n' for n in range(100)]
    file.write_bytes(("number,words,square\r\n" + "".join(rows)).encode())
    assert in_blocks(file) == whole(file)


def test_a_quotation_mark_that_is_never_closed_costs_no_more_than_the_file(folders, small_blocks):
    file = folders / "a.csv"
    file.write_text('number,words\n1,"never closed\n' + "2,walnut\n" * 20_000)
    assert "walnut" in in_blocks(file)[-1].body


def test_text_in_blocks_loses_nothing(folders, small_blocks):
    file = folders / "a.txt"
    text = "".join(f"Line {n} is about walnuts.\n" for n in range(500)) + "x" * 3_000
    file.write_text(text)
    found = in_blocks(file)
    for passage in found:
        start, _, end = passage.locator.partition("#")[2].partition("-")
        assert text[int(start) : int(end)] == passage.body
    assert "".join("".join(passage.body for passage in found).split()) == "".join(text.split())


def test_a_binary_file_is_passed_over(folders, small_blocks):
    file = folders / "a.txt"
    file.write_bytes(b"a\0b" * 1_000)
    with pytest.raises(Unreadable, match="binary"):
        in_blocks(file)
    assert index_path(file).skipped == {str(file): "binary file"}


def documents():
    """All documents of the collection, in no order."""
    import tantivy

    folder = list_collections()[0].folder
    forget_index(folder)
    searcher = OpenIndex(folder).searcher()
    found = searcher.search(tantivy.Query.all_query(), max(1, searcher.num_docs)).hits
    return sorted(json.dumps(searcher.doc(address).to_dict(), sort_keys=True) for _, address in found)


def test_killed_in_the_middle_and_resumed_equals_an_undisturbed_build(folders, small_blocks, monkeypatch):
    file = folders / "a.jsonl"
    file.write_text(json_lines(3_000))
    index_path(file)
    undisturbed = documents()
    remove_path(file)
    code = (
        "import sys, time; from pericles.tools.search import index_path\n"
        "from pericles.tools.search.documents import large; from pericles.tools.search.index import indexing\n"
        "large.LARGE_BYTES, large._BLOCK_CHARS, indexing._COMMIT_PASSAGES = 1000, 500, 100\n"
        "index_path(sys.argv[1], progress=lambda what, *_: (print(what, flush=True), time.sleep(0.005)))"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "1," in line:
                process.send_signal(signal.SIGKILL)
                break
    forget_index(list_collections()[0].folder)
    assert 100 <= collection_files("documents")[str(file)] < 3_000
    report = index_path(file)
    assert 0 < report.passages < 2_950
    assert documents() == undisturbed
    assert index_path(file).unchanged == 1


def stopping_after(passages):
    def stop(what, *_):
        told = what.rpartition(": ")[2].removesuffix(" passages").replace(",", "")
        if told.isdigit() and int(told) >= passages:
            raise KeyboardInterrupt

    return stop


def test_interrupted_in_the_middle_and_changed_is_read_from_the_start(folders, small_blocks, monkeypatch):
    monkeypatch.setattr(indexing, "_COMMIT_PASSAGES", 100)
    file = folders / "a.jsonl"
    file.write_text(json_lines(1_000))

    stop = stopping_after(500)

    with pytest.raises(KeyboardInterrupt):
        index_path(file, progress=stop)
    assert 0 < collection_files("documents")[str(file)] < 1_000
    file.write_text(json_lines(600))
    index_path(file)
    assert collection_files("documents") == {str(file): 600}
    assert list_collections()[0].passages == 600


def test_what_was_read_of_a_file_that_is_gone_is_forgotten(folders, small_blocks, monkeypatch):
    monkeypatch.setattr(indexing, "_COMMIT_PASSAGES", 100)
    (folders / "docs").mkdir()
    file = folders / "docs" / "a.jsonl"
    file.write_text(json_lines(1_000))

    with pytest.raises(KeyboardInterrupt):
        index_path(folders / "docs", progress=stopping_after(500))
    assert 0 < collection_files("documents")[str(file)] < 1_000
    file.unlink()
    index_path(folders / "docs")
    assert collection_files("documents") == {}
    assert list_collections()[0].passages == 0
