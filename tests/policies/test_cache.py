"""Folders that are built once: never half of one, noticed when damaged, one builder at a time, clear errors."""

import errno
import os
import signal
import subprocess
import sys
import time

import pytest
from pericles.policies.engines.cache import build_once, is_intact
from pericles.tools import ConfigError

BUILDER = """
import sys, time
from pathlib import Path
from pericles.policies.engines.cache import build_once

def build(folder):
    (folder / "a").write_text("first half")
    print("building", flush=True)
    time.sleep(float(sys.argv[2]))
    (folder / "b").write_text("second half")

print(build_once(Path(sys.argv[1]), build, needs_bytes=1), flush=True)
"""


def builder(content="content", count=None):
    def build(folder):
        if count is not None:
            count.append(1)
        (folder / "sub").mkdir()
        (folder / "sub" / "file").write_text(content)

    return build


def leftovers(folder):
    return [path.name for path in folder.parent.iterdir() if "building" in path.name]


def one_line(raised):
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_it_is_built_once(tmp_path):
    count = []
    for _ in range(3):
        folder = build_once(tmp_path / "x", builder(count=count), needs_bytes=1)
    assert (folder / "sub" / "file").read_text() == "content"
    assert len(count) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "sub" / "file").write_text("contenT"),
        lambda folder: (folder / "sub" / "file").unlink(),
        lambda folder: (folder / "manifest.json").unlink(),
        lambda folder: (folder / "manifest.json").write_text("{"),
        lambda folder: (folder / "manifest.json").write_text("[]"),
        lambda folder: (folder / "manifest.json").write_text('{"files": 5, "inputs": ""}'),
    ],
    ids=["changed", "missing", "no manifest", "torn manifest", "list", "numbers"],
)
def test_damage_is_noticed_and_repaired(damage, tmp_path):
    folder = build_once(tmp_path / "x", builder(), needs_bytes=1)
    damage(folder)
    assert not is_intact(folder)
    assert (build_once(folder, builder(), needs_bytes=1) / "sub" / "file").read_text() == "content"
    assert is_intact(folder)


def test_other_inputs_make_it_be_built_again(tmp_path):
    build_once(tmp_path / "x", builder("old"), needs_bytes=1, inputs="template 1")
    folder = build_once(tmp_path / "x", builder("new"), needs_bytes=1, inputs="template 2")
    assert (folder / "sub" / "file").read_text() == "new"


def test_a_failed_build_leaves_nothing_and_the_next_one_succeeds(tmp_path):
    def fails(folder):
        (folder / "file").write_text("half")
        raise ConfigError("no network")

    with pytest.raises(ConfigError, match="no network"):
        build_once(tmp_path / "x", fails, needs_bytes=1)
    assert not (tmp_path / "x").exists()
    assert not leftovers(tmp_path / "x")
    assert is_intact(build_once(tmp_path / "x", builder(), needs_bytes=1))


def test_a_failed_repair_leaves_the_damaged_folder_to_the_next_one(tmp_path):
    folder = build_once(tmp_path / "x", builder(), needs_bytes=1)
    (folder / "sub" / "file").write_text("damaged")

    def fails(_):
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(ConfigError, match="Input/output error"):
        build_once(folder, fails, needs_bytes=1)
    assert is_intact(build_once(folder, builder(), needs_bytes=1))


def test_a_killed_builder_leaves_nothing_broken(tmp_path):
    command = [sys.executable, "-c", BUILDER, str(tmp_path / "x")]
    killed = subprocess.Popen([*command, "60"], stdout=subprocess.PIPE, text=True)
    with killed.stdout as output:
        assert output.readline() == "building\n"
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    assert not (tmp_path / "x").exists()
    subprocess.run([*command, "0"], check=True, stdout=subprocess.DEVNULL)
    assert is_intact(tmp_path / "x")
    assert not leftovers(tmp_path / "x")


def test_of_two_processes_one_builds_and_both_have_it(tmp_path):
    command = [sys.executable, "-c", BUILDER, str(tmp_path / "x"), "0.5"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in both]
    assert all(process.returncode == 0 for process in both)
    assert sum(output.count("building") for output in outputs) == 1
    assert all(str(tmp_path / "x") in output for output in outputs)


def test_too_little_space_is_told_before_the_work(tmp_path):
    with pytest.raises(
        ConfigError, match=r"no space left for x: 1000000000 MB are needed in .*PERICLES_CACHE_DIR"
    ) as raised:
        build_once(tmp_path / "x", pytest.fail, needs_bytes=10**15)
    one_line(raised)


@pytest.fixture
def full_disk(tmp_path):
    """A file system of one megabyte."""
    place = tmp_path / "full"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system takes root")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def writes(folder):
    (folder / "large").write_bytes(b"x" * 4_000_000)


def saves_tensors(folder):
    import numpy as np
    from pericles.policies.engines.gguf_files import save_tensors

    save_tensors({"x": np.zeros(1_000_000, dtype="float32")}, folder / "large.safetensors")


def writes_gguf(folder):
    import numpy as np
    from gguf import GGUFWriter

    writer = GGUFWriter(folder / "large.gguf", "llama")
    writer.add_tensor("x", np.zeros(1_000_000, dtype="float32"))
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()


@pytest.mark.parametrize("build", [writes, saves_tensors, writes_gguf])
def test_a_disk_that_fills_up_is_one_line_and_leaves_nothing(build, full_disk):
    with pytest.raises(ConfigError, match=r"no space left for x: .* PERICLES_CACHE_DIR") as raised:
        build_once(full_disk / "x", build, needs_bytes=1)
    one_line(raised)
    assert not (full_disk / "x").exists()
    assert not leftovers(full_disk / "x")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"cannot be written \(.*\); set PERICLES_CACHE_DIR") as raised:
        build_once(tmp_path / "file" / "x", builder(), needs_bytes=1)
    one_line(raised)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_of_somebody_else_is_one_line(tmp_path):
    # What building imports is imported before this process loses the right to read it.
    build_once(tmp_path / "warm", builder(), needs_bytes=1)
    place = tmp_path / "place"
    place.mkdir(mode=0o755)
    for parent in (tmp_path, *list(tmp_path.parents)[:-2]):
        if os.stat(parent).st_uid == 0 and "pytest" in parent.name:
            parent.chmod(0o755)
    os.seteuid(65534)
    try:
        with pytest.raises(ConfigError, match=r"cannot be written \(Permission denied\)") as raised:
            build_once(place / "x", builder(), needs_bytes=1)
    finally:
        os.seteuid(0)
    one_line(raised)


def test_checking_a_folder_writes_nothing(tmp_path):
    folder = build_once(tmp_path / "x", builder(), needs_bytes=1)
    before = folder.stat().st_mtime_ns
    time.sleep(0.01)
    build_once(folder, builder(), needs_bytes=1)
    assert folder.stat().st_mtime_ns == before
