"""The user's own documents: what is read, what is kept up to date, and what a crash leaves."""

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pericles.tools.errors import ConfigError, ToolError
from pericles.tools.reading.html_text import html_text
from pericles.tools.search import (
    collection_files,
    drop_collection,
    index_path,
    list_collections,
    rebuild_collection,
    rebuild_path,
    remove_path,
    search,
)
from pericles.tools.search.backends import local
from pericles.tools.search.documents.files import decoded
from pericles.tools.search.excerpts import excerpt
from pericles.tools.search.index import indexing
from pericles.tools.search.index.store import forget_index, open_index
from pericles.tools.search.passages import MAX_PASSAGE_CHARS, split_text
from web_servers import serving


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """The user's documents in `docs`; no embedded corpus, no network."""
    monkeypatch.setenv("PERICLES_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PERICLES_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setattr(local, "CORPORA", ())
    return tmp_path


@pytest.fixture
def docs(folders):
    (folders / "docs").mkdir()
    return folders / "docs"


def ask(query):
    return asyncio.run(search(query))


def first(query):
    return ask(query).text.splitlines()[0]


def everything(collection="documents"):
    """All passages and file records of a collection, in no order."""
    import tantivy

    index = open_index(local.collection_folders()[collection])
    searcher = index.searcher()
    found = searcher.search(tantivy.Query.all_query(), limit=max(1, searcher.num_docs)).hits
    return sorted(repr(sorted(searcher.doc(address).to_dict().items())) for _, address in found)


def test_markdown_sections_with_offsets(docs):
    text = "# Handbook\n\nWelcome.\n\n## Holidays\n\nEveryone has 28 days of paid holiday.\n"
    (docs / "handbook.md").write_text(text)
    report = index_path(docs)
    assert (report.added, report.passages, report.skipped) == (1, 2, {})
    output = ask("how many days of holiday do I have")
    assert output.text == "[1] Handbook: Holidays: Everyone has 28 days of paid holiday."
    path, span = output.sources[0].locator.rsplit("#", 1)
    start, end = map(int, span.split("-"))
    assert Path(path).read_text()[start:end] == output.sources[0].quote


def test_a_comment_in_a_code_fence_is_no_heading(docs):
    (docs / "a.md").write_text("# Setup\n\n```\n# install the frobnicator\npip install it\n```\n")
    index_path(docs)
    assert first("install frobnicator").startswith("[1] Setup: ```")


def test_html_is_read_as_text(docs):
    (docs / "tap.html").write_text(
        "<html><head><title>Leaking taps</title><style>p{}</style></head><body><h1>Repair</h1>"
        "<p>Replace the <b>washer</b> &amp; close.</p><script>var secret=1</script></body></html>"
    )
    index_path(docs)
    assert first("replace the washer") == "[1] Leaking taps: Repair: Replace the washer & close."
    assert "No passage" in first("secret")


def test_html_without_closing_tags():
    assert html_text("<title>T</title><p>one<br>two<li>three")[1].split() == ["one", "two", "three"]
    assert html_text("<head><meta charset=utf-8><p>shown")[1] == "shown"
    assert html_text("a < b & c <3 <!-- x --> d")[1].startswith("a < b & c")


def test_tables_and_records(docs):
    (docs / "people.csv").write_text('name;born;field\n"Curie, Marie";1867;"physics\nand chemistry"\nAda;1815;\n')
    (docs / "elements.jsonl").write_text('{"title":"Tungsten","symbol":"W"}\nnot json\n{"a":{"b":["x","\\ud800y"]}}\n')
    index_path(docs)
    assert first("when was Marie Curie born").startswith("[1] people: Curie, Marie: name: Curie, Marie; born: 1867")
    assert first("symbol of tungsten").startswith("[1] elements: Tungsten: title: Tungsten; symbol: W")


def test_a_table_with_an_open_quote_is_still_read(docs):
    (docs / "t.csv").write_text('a,b\n1,zebra\n2,"' + "long tail " * 20_000)
    report = index_path(docs)
    assert report.added == 1
    assert "zebra" in first("zebra")


def test_wrong_charsets():
    assert decoded("Straße".encode("cp1252")) == "Straße"
    assert decoded("Straße".encode("utf-16")) == "Straße"
    assert decoded("\ufeffStraße".encode()) == "Straße"
    assert decoded("Straße und Wörter, viele Wörter: größer ".encode() + b"\xff") == (
        "Straße und Wörter, viele Wörter: größer \ufffd"
    )
    assert decoded('<meta charset="iso-8859-7">Αθήνα'.encode("iso-8859-7")).endswith("Αθήνα")
    assert decoded(b'<meta charset="no-such">\xe9').endswith("é")


def test_what_is_passed_over(docs):
    (docs / "a.txt").write_text("walnut")
    (docs / ".hidden").mkdir()
    (docs / ".hidden" / "b.txt").write_text("walnut hidden")
    (docs / "c.pdf").write_bytes(b"%PDF-1.4")
    (docs / "d.txt").write_bytes(b"\0\1\2")
    (docs / "e.xyz").write_text("walnut")
    (docs / "loop").symlink_to(docs)
    (docs / "gone.txt").symlink_to("/nonexistent")
    (docs / "same.txt").hardlink_to(docs / "a.txt")
    os.mkfifo(docs / "pipe.txt")
    report = index_path(docs)
    assert report.added == 1
    assert {Path(path).name: why for path, why in report.skipped.items()} == {
        "c.pdf": "damaged, or not a PDF file",
        "d.txt": "binary file",
        "e.xyz": "unknown kind of file (.xyz)",
        "gone.txt": "cannot be read: No such file or directory",
        "pipe.txt": "not a regular file",
    }


def test_unreadable_files_and_folders_keep_what_is_known(docs, monkeypatch):
    (docs / "sub").mkdir()
    (docs / "sub" / "a.txt").write_text("walnut")
    (docs / "b.txt").write_text("hazelnut")
    index_path(docs)
    (docs / "b.txt").write_text("hazelnut changed")
    real_listdir = os.listdir

    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setattr(os, "listdir", lambda path: refuse(path) if str(path).endswith("sub") else real_listdir(path))
    report = index_path(docs)
    assert set(report.skipped.values()) == {
        "cannot be read: Permission denied",
        "folder cannot be read: Permission denied",
    }
    assert "walnut" in first("walnut")
    assert "hazelnut" in first("hazelnut")


def test_undecodable_names(docs):
    path = os.fsencode(docs) + b"/caf\xe9.txt"
    with open(path, "w") as file:
        file.write("walnut")
    assert index_path(docs).added == 1
    assert index_path(docs).unchanged == 1
    assert "caf\\xe9.txt#0-6" in ask("walnut").sources[0].locator


def test_only_changes_are_read(docs):
    for name in ("a", "b", "c"):
        (docs / f"{name}.txt").write_text(f"walnut {name}")
    assert index_path(docs).added == 3
    report = index_path(docs)
    assert (report.unchanged, report.added, report.passages) == (3, 0, 0)
    (docs / "a.txt").write_text("chestnut")
    (docs / "b.txt").unlink()
    (docs / "d.txt").write_text("pecan")
    report = index_path(docs)
    assert (report.added, report.updated, report.unchanged, report.removed) == (1, 1, 1, 1)
    assert first("walnut") == "[1] c: walnut c"
    assert len(ask("walnut").sources) == 1
    assert first("chestnut") == "[1] a: chestnut"
    assert [(info.files, info.passages) for info in list_collections()] == [(3, 3)]


def test_indexing_one_folder_leaves_others_alone(docs, folders):
    (docs / "a.txt").write_text("walnut")
    (folders / "docs2").mkdir()
    (folders / "docs2" / "b.txt").write_text("chestnut")
    index_path(docs)
    assert index_path(folders / "docs2").removed == 0
    assert "walnut" in first("walnut")


def test_a_single_file_of_unknown_kind(docs):
    (docs / "notes.xyz").write_text("walnut")
    assert index_path(docs / "notes.xyz").added == 1
    assert first("walnut") == "[1] notes: walnut"


def test_removing_and_dropping(docs):
    (docs / "sub").mkdir()
    (docs / "sub" / "a.txt").write_text("walnut")
    (docs / "subway.txt").write_text("chestnut")
    index_path(docs)
    index_path(docs, collection="other")
    assert remove_path(docs / "sub", collection="other") == 1
    assert remove_path(docs / "sub") == 1
    assert "No passage" in first("walnut")
    assert "chestnut" in first("chestnut")
    drop_collection("other")
    assert [info.name for info in list_collections()] == ["documents"]
    with pytest.raises(ConfigError, match="no collection 'other'; there are: documents"):
        drop_collection("other")


def test_bad_requests(docs):
    with pytest.raises(ConfigError, match="no file or folder '/no/such'"):
        index_path("/no/such")
    for name in ("../x", "", "a b", ".x", "world-factbook"):
        with pytest.raises(ConfigError, match="collection"):
            index_path(docs, collection=name)


def test_a_commit_is_seen_at_once(docs):
    (docs / "a.txt").write_text("walnut")
    index_path(docs)
    assert "No passage" in first("chestnut")
    (docs / "b.txt").write_text("chestnut")
    subprocess.run(
        [sys.executable, "-c", f"from pericles.tools.search import index_path; index_path({str(docs)!r})"], check=True
    )
    assert first("chestnut") == "[1] b: chestnut"


def test_progress_and_interrupt_keep_what_is_done(docs):
    for number in range(20):
        (docs / f"{number:02}.txt").write_text(f"walnut number {number}")
    steps = []

    def stop(what, done, total):
        steps.append((what, done, total))
        if done == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index_path(docs, progress=stop)
    assert steps[0] == ("reading 00.txt", 0, 20)
    assert list_collections()[0].files in (11, 12)
    report = index_path(docs)
    assert report.unchanged in (11, 12)
    assert list_collections()[0].passages == 20


@pytest.mark.slow
def test_killed_while_indexing_and_resumed_equals_an_undisturbed_build(docs, folders, monkeypatch):
    words = [f"word{number}" for number in range(500)]
    draw = random.Random(1)
    for number in range(60):
        text = "\n\n".join(" ".join(draw.choices(words, k=60)) for _ in range(20))
        (docs / f"{number:02}.txt").write_text(text)
    code = (
        "import time; from pericles.tools.search import index_path; from pericles.tools.search.index import indexing\n"
        "indexing._COMMIT_PASSAGES = 50\n"
        f"index_path({str(docs)!r}, progress=lambda what, done, total: (print(done, flush=True), time.sleep(0.02)))"
    )
    for kill_at in (10, 30, 45):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if int(line) >= kill_at:
                    process.send_signal(signal.SIGKILL)
                    break
    assert 0 < list_collections()[0].files < 60
    report = index_path(docs)
    assert report.unchanged > 0
    resumed, answer = everything(), ask("word1 word2 word3").text
    monkeypatch.setenv("PERICLES_DATA_DIR", str(folders / "undisturbed"))
    index_path(docs)
    assert everything() == resumed
    assert ask("word1 word2 word3").text == answer


def test_two_processes_at_once(folders):
    for half in ("left", "right"):
        (folders / half).mkdir()
        for number in range(30):
            (folders / half / f"{number}.txt").write_text(f"walnut {half} {number}")
    code = "import sys; from pericles.tools.search import index_path; index_path(sys.argv[1])"
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(folders / half)], stderr=subprocess.PIPE, text=True)
        for half in ("left", "right")
    ]
    outcomes = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0], outcomes
    assert [(info.files, info.passages) for info in list_collections()] == [(60, 60)]


def test_a_busy_collection_is_said_to_be_busy(docs, monkeypatch):
    (docs / "a.txt").write_text("walnut")
    monkeypatch.setattr(indexing, "_LOCK_SECONDS", 0.1)
    with indexing.alone("documents"), pytest.raises(ConfigError, match="Another process"):
        index_path(docs)


def test_a_damaged_collection_is_named_and_can_be_dropped(docs):
    (docs / "a.txt").write_text("walnut")
    index_path(docs)
    index_path(docs, collection="good")
    meta = local.collection_folders()["documents"] / "meta.json"
    meta.write_text("{")
    output = ask("walnut")
    assert output.text == "[1] a: walnut"
    assert "collection documents cannot be read" in output.data["problems"][0]
    assert [bool(info.problem) for info in list_collections()] == [True, False]
    with pytest.raises(ConfigError, match="drop it"):
        index_path(docs)
    drop_collection("documents")
    assert index_path(docs).added == 1


def test_a_collection_of_another_format_is_refused(docs):
    (docs / "a.txt").write_text("walnut")
    index_path(docs)
    folder = local.collection_folders()["documents"]
    (folder / "pericles.json").write_text('{"format": 0}')
    forget_index(folder)  # as in a new process
    with pytest.raises(ConfigError, match="it has format 0"):
        index_path(docs)


def test_a_full_disk_keeps_the_last_commit(docs, folders, monkeypatch):
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("needs root to mount a small disk")
    small = folders / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        monkeypatch.setenv("PERICLES_DATA_DIR", str(small))
        (docs / "a.txt").write_text("walnut")
        index_path(docs)
        (docs / "b.txt").write_text("\n\n".join(os.urandom(400).hex() for _ in range(3000)))
        with pytest.raises(ConfigError, match=r"disk that holds .*documents is full.*about [\d,]+ bytes are needed"):
            index_path(docs)
        assert first("walnut") == "[1] a: walnut"
        (docs / "b.txt").write_text("chestnut")
        index_path(docs)
        assert first("chestnut") == "[1] b: chestnut"
    finally:
        subprocess.run(["umount", "-l", small], check=True)


def test_long_passages_are_cut_around_what_matched(docs):
    filler = "Nothing of note happened on that day. " * 10
    (docs / "diary.txt").write_text(f"{filler}The walnut tree fell at noon. {filler}")
    index_path(docs)
    line = first("walnut tree")
    assert line.startswith("[1] diary: … ")
    assert "The walnut tree fell at noon." in line
    assert len(line) <= 300


def test_an_excerpt_starts_at_a_sentence():
    body = "First sentence is here. " * 20 + "Then the zebra came. " + "Last sentence is here. " * 20
    cut = excerpt(body, {"zebra": 7.0}, 100)
    assert cut.startswith("… ")
    assert "zebra" in cut
    assert len(cut) <= 100


@pytest.mark.parametrize("text", ["", "  \n ", "a", "word " * 5000, "x" * 5000, "one.\n\n" * 900, "人口。" * 2000])
def test_split_text_loses_nothing(text):
    pieces = list(split_text(text))
    assert "".join("".join(text[start:end].split()) for start, end in pieces) == "".join(text.split())
    assert all(0 < end - start <= MAX_PASSAGE_CHARS for start, end in pieces)


def test_fifty_thousand_passages_are_fast(docs):
    """Seconds, not minutes; the exact figures are a benchmark's business."""
    draw = random.Random(2)
    vocabulary = [f"{a}{b}{c}" for a in "bcdfgklmnprst" for b in ("ar", "el", "in", "or") for c in range(60)]
    for number in range(25):
        lines = (" ".join(draw.choices(vocabulary, k=20)) for _ in range(2000))
        (docs / f"{number}.jsonl").write_text("".join(f'{{"text": "{line}"}}\n' for line in lines))
    report = index_path(docs)
    assert report.passages == 50_000
    assert report.passages / report.seconds > 5_000
    started = time.monotonic()
    for _ in range(20):
        ask(" ".join(draw.choices(vocabulary, k=4)))
    assert (time.monotonic() - started) / 20 < 0.1


PAGE = (
    "<html><head><title>The lighthouse</title></head><body><article><h1>The lighthouse</h1>"
    "<p>The lighthouse of Stora Karlsö was lit for the first time in 1887 and is still in use today.</p>"
    "<h2>Keepers</h2><p>Its last keeper was {keeper}, who left the island in 1974 with two cats.</p>"
    "</article></body></html>"
)


@pytest.fixture
def site():
    """A page on loopback whose keeper a test may change; `None` makes it vanish."""
    state = {"keeper": "Gunnar Bergström"}

    def answer(_):
        if state["keeper"] is None:
            return 404, {"content-type": "text/html"}, b"<html>gone</html>"
        return 200, {"content-type": "text/html; charset=utf-8"}, PAGE.format(**state).encode()

    with serving(answer) as (address, _):
        yield f"{address}/lighthouse", state


def test_a_page_is_indexed_and_read_again_only_when_it_changed(site):
    url, state = site
    report = index_path(url)
    assert (report.added, report.skipped) == (1, {})
    output = ask("last keeper of the lighthouse")
    assert "Gunnar Bergström" in output.text
    assert output.sources[0].title == "The lighthouse: Keepers"
    assert output.sources[0].locator.startswith(f"{url}#chars=")
    assert index_path(url).unchanged == 1
    state["keeper"] = "Elsa Lindqvist"
    assert index_path(url).updated == 1
    assert "Elsa Lindqvist" in ask("last keeper of the lighthouse").text
    assert collection_files("documents") == {url: 2}


def test_a_page_is_removed_by_its_address(site):
    url, _ = site
    index_path(url)
    assert remove_path(url) == 1
    assert ask("last keeper of the lighthouse").sources == ()


def test_a_page_that_is_gone_stays_in_the_index_and_says_why(site):
    url, state = site
    index_path(url)
    state["keeper"] = None
    with pytest.raises(ToolError, match="404"):
        index_path(url)
    assert "Gunnar" in ask("last keeper of the lighthouse").text


@pytest.mark.parametrize("url", ["http://", "http://[::1", "http://host:port/", "https:///path", "http://a b/"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises((ConfigError, ToolError), match=r"no web address|fetch\.allow"):
        index_path(url)


def test_several_collections_and_one_of_them_alone(docs, folders, monkeypatch):
    (docs / "a.txt").write_text("The walnut tree was planted in spring.")
    (docs / "b.txt").write_text("The walnut table was sold in autumn.")
    index_path(docs / "a.txt", collection="garden")
    index_path(docs / "b.txt", collection="house")
    assert len(ask("walnut").sources) == 2
    monkeypatch.setenv("PERICLES_SEARCH__BACKEND__LOCAL__KIND", "local")
    monkeypatch.setenv("PERICLES_SEARCH__BACKEND__LOCAL__COLLECTIONS", '["house", "cellar"]')
    output = ask("walnut")
    assert [source.title for source in output.sources] == ["b"]
    assert output.data["problems"] == ["There is no collection 'cellar'."]


def test_a_rebuilt_collection_is_the_same_but_for_what_is_gone(docs, site):
    url, _ = site
    for number in range(5):
        (docs / f"{number}.txt").write_text(f"Document {number} is about walnut number {number}.")
    index_path(docs)
    index_path(url)
    before = everything()
    assert rebuild_collection("documents").added == 6
    assert everything() == before
    (docs / "3.txt").unlink()
    report = rebuild_collection("documents")
    assert (report.added, report.removed) == (5, 1)
    assert ask("walnut number 3").sources[0].title != "3"


def test_a_path_is_rebuilt_where_it_is(docs, site):
    url, state = site
    for number in range(3):
        (docs / f"{number}.txt").write_text(f"Document {number} is about walnut number {number}.")
    index_path(docs)
    index_path(docs / "1.txt", collection="other")
    index_path(url)
    before = everything()
    assert [(report.collection, report.added) for report in rebuild_path(docs / "1.txt")] == [
        ("documents", 1),
        ("other", 1),
    ]
    assert everything() == before
    (docs / "2.txt").unlink()
    (report,) = rebuild_path(docs)[:1]
    assert (report.added, report.removed) == (2, 1)
    state["keeper"] = None
    with pytest.raises(ConfigError, match="1 of 1 cannot be read now"):
        rebuild_path(url)
    assert "Gunnar" in ask("last keeper of the lighthouse").text
    with pytest.raises(ConfigError, match="No collection has"):
        rebuild_path(docs / "9.txt")


def test_a_rebuild_that_cannot_read_everything_leaves_the_old_index(docs, site):
    url, state = site
    (docs / "a.txt").write_text("The walnut tree was planted in spring.")
    index_path(docs)
    index_path(url)
    before = everything()
    state["keeper"] = None
    with pytest.raises(ConfigError, match=r"The old index of 'documents' stays: 1 of its .* http://127"):
        rebuild_collection("documents")
    assert everything() == before
    state["keeper"] = "Elsa Lindqvist"
    rebuild_collection("documents")
    assert "Elsa" in ask("last keeper of the lighthouse").text


def test_an_index_of_another_version_is_rebuilt(docs):
    (docs / "a.txt").write_text("The walnut tree was planted in spring.")
    index_path(docs)
    folder = list_collections()[0].folder
    (folder / "pericles.json").write_text('{"format": 1}')
    forget_index(folder)
    assert "format 1" in list_collections()[0].problem
    with pytest.raises(ConfigError, match="pericles index rebuild documents"):
        index_path(docs)
    rebuild_collection("documents")
    assert ask("walnut").sources[0].title == "a"


def test_a_killed_rebuild_goes_on_and_equals_an_undisturbed_one(docs):
    for number in range(60):
        (docs / f"{number:02}.txt").write_text(f"Document {number} is about walnut number {number}. " * 40)
    index_path(docs)
    before = everything()
    code = (
        "import time; from pericles.tools.search import rebuild_collection\n"
        "from pericles.tools.search.index import indexing; indexing._COMMIT_PASSAGES = 20\n"
        "slowly = lambda what, done, total: (print(done, flush=True), time.sleep(0.02))\n"
        "rebuild_collection('documents', progress=slowly)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 30:
                process.send_signal(signal.SIGKILL)
                break
    assert everything() == before
    report = rebuild_collection("documents")
    assert report.unchanged >= 10
    assert report.added + report.unchanged == 60
    assert everything() == before


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("中国的首都是哪里？", "a"),
        ("日本の首都はどこですか", "b"),
        ("大熊猫吃什么", "c"),
        ("富士山の高さ", "b"),
        ("サーバーの設定", "d"),
        ("ｻｰﾊﾞｰ 設定", "d"),
        ("猫", "c"),
        ("上海", "a"),
        ("what do 大熊猫 eat", "c"),
        ("한국의 수도는 어디입니까", "e"),
        ("法国的首都是哪里", None),
        ("프랑스", None),
    ],
)
def test_chinese_japanese_and_korean_text_is_found(docs, query, title):
    texts = {
        "a": "北京是中国的首都，人口超过两千万。上海是中国最大的城市。",
        "b": "東京は日本の首都であり、世界最大の都市圏のひとつである。富士山の高さは3776メートルです。",
        "c": "大熊猫主要以竹子为食，生活在四川的山区。",
        "d": "Python 3.13でプログラムを書く方法。サーバーの設定。",
        "e": "서울은 한국의 수도이며 한강이 흐른다.",
    }
    for name, text in texts.items():
        (docs / f"{name}.txt").write_text(text)
    index_path(docs)
    sources = ask(query).sources
    assert (sources[0].title if sources else None) == title


def test_a_chinese_excerpt_is_cut_around_what_matched():
    body = "无关的句子。" * 60 + "大熊猫主要以竹子为食。" + "别的句子。" * 60
    cut = excerpt(body, {"熊猫": 1.0, "竹子": 1.0}, 80)
    assert "大熊猫主要以竹子为食" in cut
    assert len(cut) <= 80
