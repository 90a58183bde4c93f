"""What a person types: lines, texts of several lines, and texts in their own editor. A pipe will do for a person."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from ..tools import ConfigError

END = "."


def read_line(prompt: str = "> ") -> str | None:
    """A line without its end; `None` when nobody types any more.

    Raises:
        ConfigError: it is not text.
    """
    try:
        if sys.stdin.isatty():
            with contextlib.suppress(ImportError):
                import readline  # noqa: F401 - lines can be edited once it is imported
            return _as_text(input(prompt))
        line = sys.stdin.readline()
    except EOFError:
        print()
        return None
    except UnicodeDecodeError as error:
        raise ConfigError(f"what was typed is not UTF-8 text: {error}.") from None
    return _as_text(line.removesuffix("\n").removesuffix("\r")) if line else None


def edit(text: str) -> str | None:
    """A text as the person's editor leaves it; `None` where there is no terminal, or no editor is set.

    Raises:
        ConfigError: the editor cannot be run, or what it leaves is not text.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor or not sys.stdin.isatty():
        return None
    descriptor, name = tempfile.mkstemp(suffix=".md", prefix="pericles-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(f"{text}\n" if text else "")
        done = subprocess.run([*shlex.split(editor), name], check=False)
        if done.returncode:
            raise ConfigError(f"the editor {editor!r} ended with code {done.returncode}.")
        return Path(name).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise ConfigError(f"the editor {editor!r} cannot be used: {error}.") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def _as_text(line: str) -> str:
    """Half characters, which a terminal of another encoding leaves, could be written to no file."""
    return line.encode("utf-8", "replace").decode("utf-8")
