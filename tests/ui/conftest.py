"""What the tests of the `pericles` command share."""

import io
import sys
from dataclasses import dataclass

import pytest


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def here(capsys, monkeypatch):
    """Runs the command in this process: one of its own takes a second or two, and shows the same but for its end."""
    from pericles.ui.command import main

    def run(*arguments, stdin="", **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = main(list(arguments))
        return Done(code, *capsys.readouterr())

    return run
