"""Ctrl-C in a real terminal: it stops the answer and not the program."""

import contextlib
import os
import pty
import select
import signal
import sys
import time

import pytest

SLOW = """
replies:
  - "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen end-of-answer"
  - "second answer"
seconds_per_piece: 0.4
"""


class Chat:
    """`pericles chat` on a pseudo-terminal."""

    def __init__(self, *arguments: str) -> None:
        self.seen = ""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm"
            os.execv(sys.executable, [sys.executable, "-m", "pericles.ui.command", "chat", *arguments])

    def wait_for(self, text: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.terminal], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{text!r} did not appear in: {self.seen!r}"
            with contextlib.suppress(OSError):
                self.seen += os.read(self.terminal, 4096).decode("utf-8", "replace")

    def type(self, text: str) -> None:
        self.seen = ""
        os.write(self.terminal, text.encode())

    def exit_code(self, seconds: float = 60) -> int:
        end = time.monotonic() + seconds
        while True:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < end, f"the program did not end: {self.seen!r}"
            time.sleep(0.05)


@pytest.fixture
def chat(tmp_path):
    (tmp_path / "slow.yaml").write_text(SLOW)
    running = Chat("--policy", f"script:{tmp_path / 'slow.yaml'}", "--no-tools")
    yield running
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGKILL)
    os.close(running.terminal)


def test_ctrl_c_stops_the_answer_and_the_next_question_works(chat):
    chat.wait_for("> ")
    chat.type("tell me\n")
    chat.wait_for("one two")
    chat.type("\x03")
    chat.wait_for("stopped")
    assert "end-of-answer" not in chat.seen
    chat.type("and now?\n")
    chat.wait_for("second answer")


def test_ctrl_c_at_the_prompt_says_how_to_leave(chat):
    chat.wait_for("> ")
    # CPython waits for the next key when a signal comes between readline's prompt and its select().
    for _ in range(5):
        chat.type("\x03")
        with contextlib.suppress(AssertionError):
            chat.wait_for("Ctrl-D leaves", seconds=3)
            break
    else:
        pytest.fail(f"no answer to Ctrl-C: {chat.seen!r}")
    # Before the next prompt, the terminal itself would take Ctrl-D, and the program would see nothing.
    chat.seen = chat.seen.partition("Ctrl-D leaves")[2]
    chat.wait_for("> ")
    chat.type("\x04")
    assert chat.exit_code() == 0


def test_quit_leaves(chat):
    chat.wait_for("> ")
    chat.type("/quit\n")
    assert chat.exit_code() == 0
