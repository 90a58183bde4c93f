"""The keys + and − in a real terminal: they teach while an answer streams, and the terminal is as it was afterwards."""

import contextlib
import os
import pty
import select
import signal
import sys
import termios
import time

import pytest
from pericles.policies.feedback.tamer import ClickLog

LONG = "The Danube is a river that is long. " * 6 + "end-of-long"
SCRIPT = f"""
replies:
  - "{LONG}"
  - "{LONG}"
  - "the last answer"
seconds_per_piece: 0.2
"""


class Chat:
    """`pericles chat --live` on a pseudo-terminal."""

    def __init__(self, folder, *arguments):
        self.seen = ""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", PERICLES_DATA_DIR=str(folder), LOGNAME="ann")
            os.execv(sys.executable, [sys.executable, "-m", "pericles.ui.command", "chat", "--live", *arguments])
        self.before = self.modes()

    def modes(self):
        """What decides whether lines are edited, keys are echoed and Ctrl-C is a signal."""
        return termios.tcgetattr(self.terminal)[3] & (termios.ICANON | termios.ECHO | termios.ISIG)

    def wait_for(self, text, seconds=60):
        end = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.terminal], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{text!r} did not appear in: {self.seen!r}"
            with contextlib.suppress(OSError):
                self.seen += os.read(self.terminal, 4096).decode("utf-8", "replace")

    def type(self, text):
        self.seen = ""
        os.write(self.terminal, text.encode())

    def ask(self, text):
        self.type(f"{text}\n")

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        os.close(self.terminal)

    def exit_code(self, seconds=60):
        end = time.monotonic() + seconds
        while True:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < end, f"the program did not end: {self.seen!r}"
            time.sleep(0.05)


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.yaml"
    path.write_text(SCRIPT)
    return f"script:{path}"


@pytest.fixture
def start(tmp_path, script):
    opened = []

    def make(*arguments):
        opened.append(Chat(tmp_path / "data", "--policy", script, "--no-tools", *arguments))
        opened[-1].wait_for("> ")
        return opened[-1]

    yield make
    for chat in opened:
        chat.close()


def test_keys_teach_and_what_was_taught_is_shown_kept_and_taken_back(start):
    chat = start()
    chat.ask("which river?")
    chat.wait_for("long. The Danube")
    assert not chat.modes() & (termios.ICANON | termios.ECHO), "keys are read one by one"
    assert chat.modes() & termios.ISIG, "Ctrl-C stays Ctrl-C"
    chat.type("-")
    chat.wait_for("long. The Danube")
    chat.type("-")
    chat.wait_for("end-of-long")
    chat.type("-")
    chat.wait_for("live: 3 clicks; ")
    chat.wait_for("length -")
    chat.wait_for("> ")
    chat.ask("/live")
    chat.wait_for("live: on, 3 clicks by ann, lag 0.00 s")
    chat.wait_for("±")
    chat.ask("/live undo")
    chat.wait_for("the last click is taken back")
    chat.wait_for("> ")
    chat.ask("/quit")
    assert chat.exit_code() == 0
    again = start()
    again.ask("/live")
    again.wait_for("on, 2 clicks by ann")
    again.wait_for("> ")
    again.ask("/live reset")
    again.wait_for("forgotten")
    again.wait_for("> ")
    again.ask("/live now")
    again.wait_for("there is no /live now")


def test_the_terminal_is_as_it_was_after_ctrl_c_and_the_click_counts(start):
    chat = start()
    chat.ask("which river?")
    chat.wait_for("long. The Danube")
    chat.type("-")
    time.sleep(0.3)
    chat.type("\x03")
    chat.wait_for("live: 1 click; ")
    chat.wait_for("stopped")
    assert "end-of-long" not in chat.seen
    chat.wait_for("> ")
    chat.ask("/quit")
    assert chat.exit_code() == 0
    assert chat.modes() == chat.before


@pytest.mark.slow
def test_what_is_typed_ahead_is_no_click_and_stands_in_the_next_line(start):
    chat = start()
    chat.ask("which river?")
    chat.wait_for("long. The Danube")
    chat.type("x\x7fa well-known +one")
    chat.wait_for("> a well-known +one")
    assert "live:" not in chat.seen
    chat.type("\x15/live off\n")
    chat.wait_for("clicks are neither read nor followed")
    chat.wait_for("> ")
    chat.ask("and now?")
    chat.wait_for("long. The Danube")
    assert chat.modes() == chat.before
    chat.type("-")
    chat.wait_for("> ")
    assert "live:" not in chat.seen


@pytest.mark.slow
def test_clicks_are_kept_to_train_on_where_the_conversation_is_and_the_user_agrees(start, tmp_path):
    chat = start("--session", "rivers")

    def click():
        chat.ask("which river?")
        chat.wait_for("long. The Danube")
        chat.type("+")
        chat.wait_for("live: 1 click; ")
        (folder,) = (tmp_path / "data" / "live").iterdir()
        return ClickLog(folder / "clicks.jsonl").read()

    assert click() == [], "nobody was asked"
    chat.wait_for("> ")
    chat.ask("/consent yes")
    chat.wait_for("> ")
    kept = click()
    assert {(one.session, one.value, one.rater) for one in kept} == {("rivers", 1, "human:ann")}
    assert len({one.message_id for one in kept}) == 1


@pytest.mark.slow
def test_without_a_terminal_nothing_is_read_and_the_answers_come(here, script, tmp_path):
    done = here(
        "chat", "--live", "--policy", script, "--no-tools", stdin="hi\n/live\n", PERICLES_DATA_DIR=str(tmp_path)
    )
    assert done.returncode == 0
    assert "end-of-long" in done.stdout
    assert "live: on, 0 clicks" in done.stdout


def test_live_without_live_says_how(here, script):
    done = here("chat", "--policy", script, "--no-tools", stdin="/live\n")
    assert "pericles chat --live" in done.stdout
