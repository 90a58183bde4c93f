"""Data fetched as wheels: the pinned file or a clear error, and never half a file."""

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from pericles.tools import wheels
from pericles.tools.errors import ConfigError
from pericles.tools.wheels import extract_member, fetch_wheel

NAME, VERSION = "tiny-data", "1.0"


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder of wheels that pip is pointed at, instead of any index."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    return folder


def make_wheel(folder: Path, payload: bytes = b"payload" * 1000) -> str:
    path = folder / "tiny_data-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny_data/data.bin", payload)
        archive.writestr("tiny_data-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-data\nVersion: 1.0\n")
        archive.writestr("tiny_data-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("tiny_data-1.0.dist-info/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.suffix != ".lock")


def test_fetches_and_checks(shelf, tmp_path):
    digest = make_wheel(shelf)
    wheel = fetch_wheel(NAME, VERSION, wheel_sha256=digest, into=tmp_path / "kept")
    assert wheel == tmp_path / "kept" / "tiny_data-1.0-py3-none-any.whl"
    assert visible(tmp_path / "kept") == [wheel.name]


def test_a_kept_wheel_needs_no_network(shelf, tmp_path):
    digest = make_wheel(shelf)
    fetch_wheel(NAME, VERSION, wheel_sha256=digest, into=tmp_path / "kept")
    (shelf / "tiny_data-1.0-py3-none-any.whl").unlink()
    assert fetch_wheel(NAME, VERSION, wheel_sha256=digest, into=tmp_path / "kept").is_file()


def test_a_damaged_kept_wheel_is_fetched_again(shelf, tmp_path):
    digest = make_wheel(shelf)
    wheel = fetch_wheel(NAME, VERSION, wheel_sha256=digest, into=tmp_path / "kept")
    wheel.write_bytes(wheel.read_bytes()[:100])
    fetch_wheel(NAME, VERSION, wheel_sha256=digest, into=tmp_path / "kept")
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == digest


def test_another_file_than_the_pinned_one_is_refused(shelf, tmp_path):
    make_wheel(shelf)
    with pytest.raises(ConfigError, match=r"SHA-256 [0-9a-f]{64}, but 0{64} was expected"):
        fetch_wheel(NAME, VERSION, wheel_sha256="0" * 64, into=tmp_path / "kept")
    assert visible(tmp_path / "kept") == []


def test_no_index(shelf, tmp_path):
    with pytest.raises(ConfigError, match=r"tiny-data 1\.0 could not be downloaded.*PIP_FIND_LINKS") as caught:
        fetch_wheel(NAME, VERSION, wheel_sha256="0" * 64, into=tmp_path / "kept")
    assert "\n" not in str(caught.value)
    assert visible(tmp_path / "kept") == []


def test_no_network(shelf, tmp_path, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(ConfigError, match="no connection to the package index"):
        fetch_wheel(NAME, VERSION, wheel_sha256="0" * 64, into=tmp_path / "kept")
    assert visible(tmp_path / "kept") == []


def test_without_pip(shelf, tmp_path, monkeypatch):
    blocked = tmp_path / "blocked" / "pip"
    blocked.mkdir(parents=True)
    (blocked / "__init__.py").write_text("raise ModuleNotFoundError('No module named pip')")
    monkeypatch.setenv("PYTHONPATH", str(blocked.parent))
    with pytest.raises(ConfigError, match="pip is missing"):
        fetch_wheel(NAME, VERSION, wheel_sha256="0" * 64, into=tmp_path / "kept")


def test_an_interrupt_leaves_nothing(shelf, tmp_path, monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch_wheel(NAME, VERSION, wheel_sha256="0" * 64, into=tmp_path / "kept")
    assert visible(tmp_path / "kept") == []


def test_what_a_killed_download_left_is_cleared(shelf, tmp_path):
    digest = make_wheel(shelf)
    left = tmp_path / "kept" / ".tiny-data-1.0.fetch-abc"
    left.mkdir(parents=True)
    (left / "half.whl").write_bytes(b"x")
    wheel = fetch_wheel(NAME, VERSION, wheel_sha256=digest, into=tmp_path / "kept")
    assert visible(tmp_path / "kept") == [wheel.name]


def test_two_processes_at_once(shelf, tmp_path):
    digest = make_wheel(shelf)
    code = (
        "from pathlib import Path; from pericles.tools.wheels import fetch_wheel;"
        f"print(fetch_wheel({NAME!r}, {VERSION!r}, wheel_sha256={digest!r}, into=Path({str(tmp_path / 'kept')!r})))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outcomes = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0], outcomes
    assert visible(tmp_path / "kept") == ["tiny_data-1.0-py3-none-any.whl"]


def test_a_disk_without_room_is_refused_before_the_download(shelf, tmp_path):
    with pytest.raises(ConfigError, match=r"disk that holds .*kept is full: .* bytes are needed"):
        fetch_wheel(NAME, VERSION, wheel_sha256="0" * 64, into=tmp_path / "kept", wheel_bytes=10**18)


def test_extracts_one_member(shelf, tmp_path):
    make_wheel(shelf)
    target = extract_member(next(shelf.glob("*.whl")), "tiny_data/data.bin", tmp_path / "out" / "data.bin")
    assert target.read_bytes() == b"payload" * 1000
    assert visible(tmp_path / "out") == ["data.bin"]


def test_a_missing_member(shelf, tmp_path):
    make_wheel(shelf)
    with pytest.raises(ConfigError, match=r"has no file 'tiny_data/other\.bin'"):
        extract_member(next(shelf.glob("*.whl")), "tiny_data/other.bin", tmp_path / "out")


@pytest.mark.parametrize("damage", [lambda data: data[:200], lambda data: data.replace(b"payload", b"pAyload", 5)])
def test_a_damaged_wheel(shelf, tmp_path, damage):
    make_wheel(shelf)
    wheel = next(shelf.glob("*.whl"))
    wheel.write_bytes(damage(wheel.read_bytes()))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "data.bin").write_bytes(b"before")
    with pytest.raises(ConfigError, match="is damaged"):
        extract_member(wheel, "tiny_data/data.bin", tmp_path / "out" / "data.bin")
    assert (tmp_path / "out" / "data.bin").read_bytes() == b"before"
    assert visible(tmp_path / "out") == ["data.bin"]


def test_a_full_disk_while_extracting(shelf, tmp_path):
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("needs root to mount a small disk")
    make_wheel(shelf, payload=os.urandom(2_000_000))
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        with pytest.raises(ConfigError, match=r"disk that holds .*small is full: 2,000,000 bytes are needed"):
            extract_member(next(shelf.glob("*.whl")), "tiny_data/data.bin", small / "data.bin")
        assert visible(small) == []
        wheel_size = next(shelf.glob("*.whl")).stat().st_size
        with pytest.raises(ConfigError, match=r"disk that holds .*small is full"):
            fetch_wheel(NAME, VERSION, wheel_sha256="0" * 64, into=small, wheel_bytes=wheel_size)
        with pytest.raises(ConfigError, match=r"disk that holds .*small is full: more space is needed"):
            fetch_wheel(NAME, VERSION, wheel_sha256="0" * 64, into=small)
        assert visible(small) == []
    finally:
        subprocess.run(["umount", "-l", small], check=True)


def test_an_unwritable_folder(tmp_path, monkeypatch):
    def refused(*args, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(ConfigError, match="cannot be used: Permission denied"):
        fetch_wheel(NAME, VERSION, wheel_sha256="0" * 64, into=tmp_path / "kept")


def test_killed_while_extracting(shelf, tmp_path):
    make_wheel(shelf, payload=os.urandom(1_000_000))
    wheel, target = next(shelf.glob("*.whl")), tmp_path / "out" / "data.bin"
    code = (
        "import time; from pathlib import Path; from pericles.tools import wheels; wheels.os.fsync = lambda f:"
        " (print('now', flush=True), time.sleep(60));"
        f"wheels.extract_member(Path({str(wheel)!r}), 'tiny_data/data.bin', Path({str(target)!r}))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "now"
        process.send_signal(signal.SIGKILL)
    assert not target.exists()
    started = time.monotonic()
    extract_member(wheel, "tiny_data/data.bin", target)
    assert time.monotonic() - started < 5
    assert visible(target.parent) == ["data.bin"]


def test_the_reason_names_the_cause_in_one_line():
    told = wheels._reason("WARNING: Retrying after connection broken by 'X: [Errno -3] Temporary failure in name"
                          " resolution'\nERROR: No matching distribution found for x")  # fmt: skip
    assert told == "no connection to the package index (Temporary failure in name resolution)"
