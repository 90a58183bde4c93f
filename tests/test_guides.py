"""The guides run as they stand: Python as one program, console commands with the output that they show.

A Python block that starts with `# NAME.py` is also written to that file, which commands and later blocks may use.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDES = sorted((ROOT / "docs").glob("*.md"))


def blocks(guide, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", guide.read_text(), re.DOTALL | re.MULTILINE)


def environment(folder):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PERICLES_DATA_DIR": str(folder / "data"), "COLUMNS": "1000"}


def prepared(guide, folder):
    """The guide's program, with the files that it names beside it."""
    python = blocks(guide, "python")
    for block in python:
        named = re.match(r"# (\w+\.py)\n", block)
        if named:
            (folder / named[1]).write_text(block)
    program = folder / "guide_program.py"
    program.write_text("\n".join(python))
    return program


def with_blocks(language):
    return [pytest.param(guide, id=guide.stem) for guide in GUIDES if blocks(guide, language)]


@pytest.mark.parametrize("guide", with_blocks("python"))
def test_the_python_of_a_guide_runs(guide, tmp_path):
    program = prepared(guide, tmp_path)
    command = [sys.executable, "-W", "error", program.name]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("guide", with_blocks("console"))
def test_the_commands_of_a_guide_print_what_it_shows(guide, tmp_path):
    prepared(guide, tmp_path)
    for block in blocks(guide, "console"):
        for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            done = subprocess.run(
                ["bash", "-c", f"{command} 2>&1"],
                cwd=tmp_path,
                env=environment(tmp_path),
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.stdout == expected, command


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_every_file_that_a_guide_links_to_exists(guide):
    links = re.findall(r"\]\(([^)#:]+)\)", guide.read_text())
    assert all((guide.parent / link).exists() for link in links), links
