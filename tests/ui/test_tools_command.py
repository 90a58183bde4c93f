"""`pericles tools list|check|call`: a tool is tried without a model, as its author does."""

import dataclasses
import io
import json
import os
import pty
import subprocess
import sys

import pytest
from pericles.ui.command import main

GOOD = '''
import enum
from pericles.tools import Image, Source, ToolContext, ToolError, ToolOutput, tool

class Colour(enum.Enum):
    RED = "red"
    ONE = "1"

@tool
def twice(n: int, ctx_free: str = "") -> int:
    """Doubles.

    Args:
        n: the number.
        ctx_free: nothing.
    """
    return 2 * n

@tool
def slow(ctx: ToolContext, text: str | None = None) -> str:
    """Shows its progress."""
    ctx.emit("half way", 0.5)
    return f"{text!r}"

@tool
def paint(colour: Colour, values: list[float] = [], exact: bool = False) -> str:
    """Paints."""
    return f"{colour.name} {values} {exact}"

@tool(requires_approval=lambda arguments: arguments["euros"] > 10)
def pay(euros: int) -> str:
    """Pays."""
    return f"paid {euros}"

@tool
def rich() -> ToolOutput:
    """Has everything."""
    return ToolOutput("text \\x1b[31m", {"a": 1}, (Source("Book", "book#1", "q"),), (Image(b"x", "image/png", "i"),))

@tool
def fails() -> str:
    """Fails."""
    raise ToolError("write something else")
'''

WRONG = '''
from pathlib import Path
from pericles.tools import ToolRegistry, tool

@tool
def good(x: int) -> int:
    """Does.

    Args:
        x: a number.
    """
    return x

@tool
def no_type(x) -> str:
    """Does."""

@tool(timeout=5)
def a_path(file: Path) -> str:
    """Does."""

class Shop:
    @tool
    def order(self, item) -> str:
        """Orders."""

    @tool
    def look(self, item: str) -> str:
        """Looks."""

@tool
def no_docstring(x: int) -> str:
    return ""

registry = ToolRegistry([good])

@tool
def good_as_well(x: list, anything: dict):
    """Does."""
'''


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine.py").write_text(GOOD)
    (tmp_path / "wrong.py").write_text(WRONG)
    return tmp_path


@dataclasses.dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def tools(monkeypatch, capsys, folder):
    """Runs `pericles tools …` in this process, which is far quicker than one of its own."""

    def run(*arguments, stdin=""):
        monkeypatch.chdir(folder)
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = main(["tools", *arguments])
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture
def call(tools):
    return lambda *arguments, **options: tools("call", *arguments, "--tools", "mine.py", **options)


def test_list_shows_a_files_tools_beside_the_built_in_ones(tools):
    done = tools("list", "--tools", "mine.py")
    names = [line.partition(":")[0] for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert names == ["math", "search", "twice", "slow", "paint", "pay", "rich", "fails"]


def test_list_json_is_what_a_model_is_sent(tools):
    schemas = json.loads(tools("list", "--json", "-t", "mine.py").stdout)
    assert [schema["function"]["name"] for schema in schemas][:3] == ["math", "search", "twice"]
    assert {schema["type"] for schema in schemas} == {"function"}


def test_check_reports_every_wrong_function_of_a_file(tools):
    done = tools("check", "wrong.py")
    wrong = [line for line in done.stdout.splitlines() if line.startswith("WRONG")]
    assert done.returncode == 2
    assert len(wrong) == 4
    assert "wrong.py, line 14: tool 'no_type', parameter 'x' has no type" in wrong[0]
    assert "a model must not choose a path" in wrong[1]
    assert "tool 'order', parameter 'item' has no type" in wrong[2]
    assert "'no_docstring' has no docstring" in wrong[3]
    assert done.stdout.splitlines()[-1] == "3 good, 4 wrong"


def test_check_shows_the_good_ones_with_what_could_be_better(tools):
    done = tools("check", "wrong.py")
    assert "ok    good: Does.\n" in done.stdout
    assert "warning: parameter 'x' has no description" in done.stdout
    assert "warning: parameter 'x' is a list of anything: write for instance list[str]" in done.stdout
    assert "warning: no return type" in done.stdout
    assert "a method: register it from an object" in done.stdout


def test_check_of_good_tools_is_no_error(tools):
    done = tools("check", "mine.py", "math")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "7 good, 0 wrong")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def f(:\n", "WRONG bad.py: line 1: invalid syntax"),
        ("x = 1\n1 / 0\n", "line 2: ZeroDivisionError"),
        ("x = 1\n", "defines no tool"),
        (
            "from pericles.tools import tool\n@tool\ndef f(x):\n    'D.'\n\n1 / 0\n",
            "tool 'f', parameter 'x' has no type",
        ),
        (
            "from pericles.tools import tool\n@tool\ndef f(x: int):\n    'D.'\n@tool(name='f')\ndef g():\n    'D.'\n",
            "two tools are named 'f'",
        ),
        ("from pericles.tools import tool\n@tool\ndef f():\n    'D.'\n    yield 1\n", "'f' is a generator"),
        ("from pericles.tools import tool\ntool(42)\n", "needs a function, got 42"),
    ],
)
def test_check_names_the_mistake(tools, tmp_path, source, told):
    (tmp_path / "bad.py").write_text(source)
    done = tools("check", "bad.py")
    assert done.returncode == 2
    assert told in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("item", ["missing.py", "maths", "folder/x"])
def test_check_of_what_is_not_there_is_wrong(tools, item):
    done = tools("check", item)
    assert done.returncode == 2
    assert "WRONG" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("twice", "n=4"), "8"),
        (("twice", '{"n": 4}'), "8"),
        (("twice", "n=4", "ctx_free=5"), "8"),
        (("slow", "text=5"), "'5'"),
        (("slow", "text=null"), "None"),
        (("slow", 'text="quoted"'), "'\"quoted\"'"),
        (("slow", "text=a=b"), "'a=b'"),
        (("paint", "colour=red", "values=[1, 2.5]", "exact=true"), "RED [1.0, 2.5] True"),
        (("paint", "colour=1"), "ONE [] False"),
        (("pay", "euros=5"), "paid 5"),
        (("pay", "euros=50", "--yes"), "paid 50"),
    ],
)
def test_call_runs_a_tool(call, arguments, text):
    done = call(*arguments)
    assert (done.stdout, done.returncode) == (f"{text}\n", 0), done.stderr


def test_call_reads_arguments_from_standard_input(call):
    assert call("twice", "-", stdin='{"n": 21}').stdout == "42\n"


def test_call_shows_progress_apart_from_the_result(call):
    done = call("slow")
    assert (done.stdout, done.stderr) == ("None\n", "… half way (50%)\n")


def test_call_names_sources_and_pictures_and_hides_control_characters(call):
    done = call("rich")
    assert done.stdout == "text [31m\n"
    assert done.stderr == "[1] Book (book#1)\nimage/png, 1 bytes: i\n"


def test_call_json_prints_the_whole_result(call):
    result = json.loads(call("rich", "--json").stdout)
    assert (result["data"], result["sources"][0]["title"], result["is_error"]) == ({"a": 1}, "Book", False)


@pytest.mark.parametrize(
    ("arguments", "text"), [(("fails",), "write something else"), (("twice", "n=x"), "valid integer")]
)
def test_call_of_a_tool_that_fails_has_exit_code_1(call, arguments, text):
    done = call(*arguments)
    assert done.returncode == 1
    assert text in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("twise", "n=1"), "Did you mean 'twice'"),
        (("twice", "4"), "expected key=value or a JSON object, got '4'"),
        (("twice", "{n: 4}"), "the arguments are not JSON"),
        (("twice", "n=1", "n=2"), "'n' is given twice"),
        (("pay", "euros=50"), "pay needs your approval: run it in a terminal, or add --yes"),
    ],
)
def test_a_users_mistake_has_exit_code_2(call, arguments, told):
    done = call(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(("typed", "code", "out"), [(b"y\n", 0, "paid 50\n"), (b"\n", 1, ""), (b"n\n", 1, "")])
def test_call_asks_in_a_terminal(folder, typed, code, out):
    ours, theirs = pty.openpty()
    try:
        running = subprocess.Popen(
            [sys.executable, "-m", "pericles.ui.command", "tools", "call", "pay", "euros=50", "-t", "mine.py"],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
        )
        os.write(ours, typed)
        printed, asked = running.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert 'allow pay {"euros": 50}? [y/N]' in asked
    assert (running.returncode, printed) == (code, out)


def test_a_built_in_tool_can_be_called(tools):
    assert tools("call", "math", "query=6*7").stdout == "42\n"


def test_check_names_the_file_of_a_mistake_that_another_file_imports(tools, folder, monkeypatch):
    (folder / "imported_with_mistakes.py").write_text("from pericles.tools import tool\n@tool\ndef f(x):\n    'D.'\n")
    (folder / "outer.py").write_text("import imported_with_mistakes\n")
    monkeypatch.syspath_prepend(str(folder))
    assert "imported_with_mistakes.py, line 2: tool 'f'" in tools("check", "outer.py").stdout


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "pericles.ui.command", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


NOTEBOOK = """
from pericles.tools import tool

class Notebook:
    @tool
    def add_note(self, text: str) -> str:
        '''Keeps a note.'''
        print("noise")
        return "kept"
"""


def test_a_method_that_a_file_registers_from_an_object_is_one_tool(tmp_path):
    file = tmp_path / "notes.py"
    file.write_text(NOTEBOOK + "\nadd_note = Notebook().add_note\n")
    done = command("tools", "check", str(file))
    assert done.returncode == 0, done.stdout
    assert "1 good, 0 wrong" in done.stdout
    done = command("tools", "call", "add_note", "text=a", "--tools", str(file), "--json")
    assert json.loads(done.stdout)["text"] == "kept"
    assert "noise" in done.stderr


def test_a_file_with_methods_alone_is_told_what_is_missing(tmp_path):
    file = tmp_path / "notes.py"
    file.write_text(NOTEBOOK)
    done = command("tools", "call", "add_note", "text=a", "--tools", str(file))
    assert done.returncode == 2
    assert "add_note = Notebook(...).add_note" in done.stderr
