"""Tools that an installed package offers: a real package on the path, found by its own metadata."""

import asyncio
import importlib
import subprocess
import sys

import pytest
from pericles.tools import ConfigError, ToolCall, ToolRegistry, tool
from pericles.tools.plugins import installed

MODULE = '''
from pericles.tools import tool

@tool
def greet(name: str) -> str:
    """Greets."""
    return f"hello {name}"

@tool
def part(name: str) -> str:
    """Says goodbye."""
    return f"bye {name}"

def plain(x: int) -> int:
    """Not decorated."""
    return x

several = [greet, plain]
number = 42

def broken(x):
    """Has no type."""
'''


def install(folder, name, module, points):
    """What an installer leaves: the module and its metadata."""
    (folder / f"{name}.py").write_text(module)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n")
    lines = "\n".join(f"{key} = {value}" for key, value in points.items())
    (info / "entry_points.txt").write_text(f"[pericles.tools]\n{lines}\n")


@pytest.fixture
def package(tmp_path, monkeypatch):
    points = {
        "greet": "tools_of_a_stranger:greet",
        "plain": "tools_of_a_stranger:plain",
        "both": "tools_of_a_stranger:several",
        "whole": "tools_of_a_stranger",
        "number": "tools_of_a_stranger:number",
        "broken": "tools_of_a_stranger:broken",
        "missing": "tools_of_a_stranger:nothing",
        "no_module": "no_such_module_anywhere:f",
        "math": "tools_of_a_stranger:greet",
    }
    install(tmp_path, "tools_of_a_stranger", MODULE, points)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield tmp_path
    sys.modules.pop("tools_of_a_stranger", None)


def test_a_name_stands_for_the_packages_tool(package):
    registry = ToolRegistry(["greet"])
    assert asyncio.run(registry.execute(ToolCall("c", "greet", {"name": "Ann"}))).text == "hello Ann"


def test_nothing_is_imported_before_it_is_named(package):
    ToolRegistry(["math"])
    assert "greet" in installed()
    assert "tools_of_a_stranger" not in sys.modules
    ToolRegistry(["greet"])
    assert "tools_of_a_stranger" in sys.modules


@pytest.mark.parametrize(
    ("name", "names"), [("plain", ["plain"]), ("both", ["greet", "plain"]), ("whole", ["greet", "part"])]
)
def test_a_name_may_stand_for_a_function_a_list_or_a_module(package, name, names):
    assert [item.name for item in ToolRegistry([name])] == names


def test_a_built_in_name_cannot_be_taken_over(package):
    assert next(iter(ToolRegistry(["math"]))).description.startswith("Exact mathematics")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("number", "'number' of the package tools-of-a-stranger: @tool needs a function, got 42"),
        ("broken", "of the package tools-of-a-stranger: tool 'broken', parameter 'x' has no type"),
        ("missing", "'missing' of the package tools-of-a-stranger cannot be loaded: AttributeError"),
        ("no_module", "cannot be loaded: ModuleNotFoundError"),
        ("greets", "no tool 'greets'; built in are math, search, fetch, installed are .*Did you mean 'greet'"),
        ("maths", "Did you mean 'math'"),
        ("", "there is no tool ''"),
    ],
)
def test_a_name_that_leads_to_no_tool_says_why(package, name, message):
    with pytest.raises(ConfigError, match=message):
        ToolRegistry([name])


def test_a_name_that_two_packages_offer_is_refused(package):
    install(package, "another_stranger", MODULE, {"greet": "another_stranger:greet"})
    with pytest.raises(ConfigError, match="'greet' is offered by another-stranger and tools-of-a-stranger"):
        ToolRegistry(["greet"])


def test_a_bundle_with_a_name_that_is_taken_adds_nothing(package):
    @tool
    def part() -> str:
        """Mine."""

    registry = ToolRegistry([part])
    with pytest.raises(ConfigError, match="two tools are named 'part'"):
        registry.register("whole")
    assert [item.name for item in registry] == ["part"]


def test_the_command_takes_a_packages_tool_by_name(package):
    command = [sys.executable, "-m", "pericles.ui.command", "tools"]
    environment = {"PYTHONPATH": str(package), "PATH": "/usr/bin:/bin", "HOME": str(package)}
    done = subprocess.run(
        [*command, "call", "greet", "name=Ann"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("hello Ann\n", 0), done.stderr
    done = subprocess.run([*command, "list"], env=environment, capture_output=True, text=True, check=False)
    assert "installed as well, used with --tools NAME: both, broken, greet" in done.stdout
