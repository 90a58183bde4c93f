"""What the kernel keeps from a worker, tried in a process that is confined as a worker is."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from pericles.tools.solver import solve_query
from pericles.tools.solver.confinement import confine

PROGRAM = """
import json, os, socket, sys, threading
from pathlib import Path
from pericles.tools.solver.confinement import confine, limit_resources

folder = Path(sys.argv[1])
mine, other = socket.socketpair()
attempts = {
    "internet socket": lambda: socket.socket(),
    "local socket": lambda: socket.socket(socket.AF_UNIX),
    "new file": lambda: (folder / "new").open("w"),
    "append": lambda: (folder / "old").open("a"),
    "remove": lambda: (folder / "old").unlink(),
    "rename": lambda: (folder / "old").rename(folder / "other"),
    "new folder": lambda: (folder / "deeper").mkdir(),
    "link": lambda: (folder / "link").symlink_to("old"),
    "mode": lambda: (folder / "old").chmod(0o777),
    "program": lambda: os.execv(sys.executable, [sys.executable, "-c", "0"]),
    "spawn": lambda: os.posix_spawn(sys.executable, [sys.executable, "-c", "0"], {}),
    "process": lambda: os.fork() or os._exit(0),
    "kill": lambda: os.kill(os.getppid(), 0),
    "read": lambda: (folder / "old").read_text(),
    "thread": lambda: threading.Thread(target=int).start(),
    "answer": lambda: mine.sendall(b"here"),
}
(folder / "old").write_text("text")
limit_resources()
confined = confine()
done = {}
for name, attempt in attempts.items():
    try:
        attempt()
        done[name] = True
    except OSError:
        done[name] = False
print(json.dumps([confined, done]))
"""
STILL_ALLOWED = {"read", "thread", "answer"}


@pytest.fixture
def attempted(tmp_path):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(ran.stdout), tmp_path


def test_a_confined_process_reaches_nothing_and_changes_nothing(attempted):
    (confined, done), folder = attempted
    if not confined:
        pytest.skip("this kernel filters no system calls")
    assert {name for name, allowed in done.items() if allowed} == STILL_ALLOWED
    assert [path.name for path in folder.iterdir()] == ["old"]
    assert (folder / "old").read_text() == "text"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_every_worker_is_confined():
    solve_query("1 + 2")
    (zygote,) = [child for child in psutil.Process().children() if "pericles.tools.solver.worker" in child.cmdline()]
    end = time.monotonic() + 5
    while True:
        states = [_status(worker.pid) for worker in zygote.children()]
        if states and all(state == ("2", "1") for state in states):
            return
        assert time.monotonic() < end, states
        time.sleep(0.05)


def _status(pid):
    text = Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in text.splitlines())
    return fields["Seccomp"].strip(), fields["NoNewPrivs"].strip()


def test_an_unknown_processor_is_said_to_be_unconfined(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert confine() is False
    assert os.access("/tmp", os.W_OK)
