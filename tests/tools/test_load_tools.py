"""A user's own tool file, with the mistakes that people make in one."""

import asyncio

import pytest
from pericles.tools import ConfigError, ToolCall, load_tools

GOOD = '''
from __future__ import annotations
from dataclasses import dataclass
from pericles.tools import tool

@dataclass
class Circle:
    radius: float

@tool
def area(circle: Circle) -> float:
    """Area of a circle."""
    return 3 * circle.radius**2

@tool
def hello() -> str:
    """Greets."""
    return "hello"

alias = hello
'''


def write(folder, text, name="mine.py"):
    file = folder / name
    file.write_text(text)
    return file


def test_tools_come_in_the_order_of_the_file(tmp_path):
    assert [item.name for item in load_tools(write(tmp_path, GOOD))] == ["area", "hello"]


def test_a_loaded_tool_runs_with_the_files_own_types(tmp_path):
    area, _ = load_tools(str(write(tmp_path, GOOD)))
    assert asyncio.run(area.run(ToolCall("c", "area", {"circle": {"radius": 2}}))).text == "12.0"


def test_two_files_of_one_name_do_not_collide(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = load_tools(write(tmp_path / "a", GOOD))
    second = load_tools(write(tmp_path / "b", GOOD.replace("hello", "bye")))
    assert (first[1](), second[1]()) == ("hello", "bye")


MISTAKES = {
    "syntax": ("x = 1\ndef f(:\n    pass\n", r"mine\.py, line 2: invalid syntax\."),
    "indentation": ("x = 1\n   y = 2\n", r"mine\.py, line 2: unexpected indent\."),
    "exception": ("\n\n\n1 / 0\n", r"mine\.py, line 4: ZeroDivisionError: division by zero"),
    "exception in a function": ("def f():\n    return {}['a']\n\nf()\n", r"mine\.py, line 2: KeyError: 'a'"),
    "missing module": ("import no_such_module_here\n", r"mine\.py, line 1: ModuleNotFoundError: No module named"),
    "lines in the message": ("raise ValueError('one\\ntwo')\n", r"mine\.py, line 1: ValueError: one two"),
    "exit": ("import sys\nsys.exit(3)\n", r"mine\.py, line 2: SystemExit: 3"),
    "no tool": ("def f(x: int) -> int:\n    return x\n", "defines no tool: write @tool above a typed function"),
    "no type": (
        "from pericles.tools import tool\n\n@tool\ndef f(x):\n    'Does.'\n",
        r"mine\.py, line 3: tool 'f', parameter 'x' has no type",
    ),
    "no docstring": (
        "from pericles.tools import tool\n\n@tool\ndef f(x: int):\n    return x\n",
        r"mine\.py, line 3: tool 'f' has no docstring",
    ),
    "null byte": ("x = 1\0\n", r"mine\.py.*null byte"),
    "wrong encoding": ("# coding: no-such-coding\n", r"mine\.py.*no-such-coding"),
}


@pytest.mark.parametrize("relative", [False, True], ids=["absolute", "relative"])
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_that_says_where(name, relative, tmp_path, monkeypatch):
    text, message = MISTAKES[name]
    file = write(tmp_path, text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=message) as raised:
        load_tools("mine.py" if relative else file)
    assert "\n" not in str(raised.value)
    assert "line None" not in str(raised.value)


def test_a_mistake_in_a_module_that_the_file_imports_names_that_module(tmp_path, monkeypatch):
    write(tmp_path, "def f(:\n", "helper_with_a_mistake.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigError, match=r"helper_with_a_mistake\.py, line 1: invalid syntax"):
        load_tools(write(tmp_path, "import helper_with_a_mistake\n"))


@pytest.mark.parametrize("name", ["missing.py", "folder.py", "tools.txt", ""])
def test_what_is_no_python_file_is_refused(name, tmp_path):
    (tmp_path / "folder.py").mkdir()
    write(tmp_path, GOOD, "tools.txt")
    with pytest.raises(ConfigError, match=r"is not a Python file: expected a file NAME\.py"):
        load_tools(tmp_path / name)
