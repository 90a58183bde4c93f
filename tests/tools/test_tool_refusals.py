"""Functions that cannot be described: each is refused when it is registered, with what to write instead."""

import sys
import types
from typing import Annotated

import pytest
from pericles.tools import ConfigError, ToolRegistry, tool
from pydantic import Field

HEAD = """
from __future__ import annotations
import collections.abc, dataclasses, datetime, decimal, enum, functools, pathlib, threading, typing
from typing import *
from pydantic import BaseModel, Field, FilePath
from pericles.tools import ToolContext, TurnContext

class Custom:
    pass

class Files(BaseModel):
    paths: list[FilePath]

@dataclasses.dataclass
class Folder:
    where: pathlib.Path

class Colour(enum.Enum):
    RED = "red"

class Old(TypedDict):
    a: int

class Node(BaseModel):
    root: Optional["Files"] = None
"""

# The signature and, after `|`, what the message must say.
WRONG = [
    "x | parameter 'x' has no type: write for instance `x: str`",
    "x=3 | parameter 'x' has no type",
    "*x: int | parameter 'x': variadic positional parameters cannot be described; name each one",
    "**x: int | parameter 'x': variadic keyword parameters cannot be described",
    "x: int, / | parameter 'x': positional-only parameters cannot be described",
    "x: pathlib.Path | parameter 'x': a model must not choose a path; take a str",
    "x: pathlib.PurePosixPath | parameter 'x': a model must not choose a path",
    "x: list[pathlib.Path] | parameter 'x': a model must not choose a path",
    "x: dict[str, pathlib.Path] | parameter 'x': a model must not choose a path",
    "x: pathlib.Path | None = None | parameter 'x': a model must not choose a path",
    "x: FilePath | parameter 'x': a model must not choose a path",
    "x: Files | parameter 'x': a model must not choose a path",
    "x: Folder | parameter 'x': a model must not choose a path",
    "x: Node | parameter 'x': a model must not choose a path",
    "x: int, y: Annotated[pathlib.Path, Field(description='p')] | parameter 'y': a model must not choose a path",
    "x: Callable[[int], int] | parameter 'x': its type has no JSON form",
    "x: collections.abc.Callable | parameter 'x': its type has no JSON form",
    "x: Custom | parameter 'x': its type has no JSON form; write str, int",
    "x: list[Custom] | parameter 'x': its type has no JSON form",
    "x: threading.Lock | parameter 'x': ",
    "x: type | parameter 'x': its type has no JSON form",
    "x: Iterator[int] | parameter 'x': ",
    "x: Old | parameter 'x': its type has no JSON form; write `from typing_extensions import TypedDict`",
    "x: Missing | parameter 'x': a type in its signature is not defined: .*Missing.*not under TYPE_CHECKING",
    "x: int, y: 'typing.Nothing' | parameter 'y': a type in its signature is not defined",
    "x: int = 'a' | parameter 'x': its default 'a' does not fit int",
    "x: int = None | parameter 'x': its default None does not fit int; write `x: int | None = None`",
    "x: list[int] = None | write `x: list\\[int\\] | None = None`",
    "x: bool = 0 | parameter 'x': its default 0 does not fit bool",
    "x: str = 3 | parameter 'x': its default 3 does not fit str",
    "x: Literal['a'] = 'b' | parameter 'x': its default 'b' does not fit",
    "x: Colour = 'red' | parameter 'x': its default 'red' does not fit Colour",
    "x: Annotated[int, Field(ge=0)] = -1 | parameter 'x': its default -1 does not fit",
    "x: datetime.date = '2020-01-01' | parameter 'x': its default '2020-01-01' does not fit date",
    "x: float = float('inf') | parameter 'x': its default inf has no JSON form",
    "x: int = Field(ge=0) | parameter 'x': Field\\(...\\) cannot be the default; write `x: Annotated",
    "_x: int | parameter '_x': a name that starts with '_'",
    "x: int, ctx: ToolContext | parameter 'ctx': a ToolContext must be the first parameter",
    "*, ctx: ToolContext | parameter 'ctx': a ToolContext must be the first parameter",
    "ctx: ToolContext, other: ToolContext | parameter 'other': a ToolContext must be the first",
    "ctx: ToolContext | None | parameter 'ctx': write `ctx: ToolContext`",
    "ctx: TurnContext | parameter 'ctx': write `ctx: ToolContext`",
    "x: list[ToolContext] | parameter 'x': write `x: ToolContext`",
]


def defined(source, name="f"):
    module = types.ModuleType("strange_tools")
    sys.modules[module.__name__] = module  # where pydantic looks up what an annotation names
    exec(HEAD + source, vars(module))
    return getattr(module, name)


@pytest.mark.parametrize("case", WRONG)
def test_a_parameter_that_cannot_be_described_is_named(case):
    signature, _, message = case.rpartition(" | ") if case.count(" | ") == 1 else _split(case)
    function = defined(f"def f({signature}):\n    'Does.'\n")
    with pytest.raises(ConfigError, match=message) as raised:
        ToolRegistry([function])
    assert "tool 'f', parameter" in str(raised.value)
    assert "\n" not in str(raised.value)


def _split(case):
    """The message starts at the last ` | ` that a message can follow: types hold ` | ` as well."""
    for mark in (" | parameter", " | write"):
        if mark in case:
            signature, _, message = case.partition(mark)
            return signature, mark, mark.removeprefix(" | ") + message
    raise AssertionError(case)


FUNCTIONS = {
    "generator": ("def f(x: int):\n    'Does.'\n    yield x\n", "'f' is a generator: collect what it yields"),
    "async generator": ("async def f(x: int):\n    'Does.'\n    yield x\n", "'f' is a generator"),
    "no docstring": ("def f(x: int): pass\n", "'f' has no docstring: write one sentence"),
    "empty docstring": ("def f(x: int):\n    '   '\n", "'f' has no docstring"),
    "only parameters": ("def f(x: int):\n    ':param x: the number.'\n", "'f' has no docstring"),
    "a misspelt parameter": (
        "def f(radius: float):\n    '''Does.\n\n    Args:\n        raduis: r.\n    '''\n",
        "its docstring describes 'raduis', which is not a parameter; did you mean 'radius'",
    ),
    "an unknown parameter": (
        "def f(a: float, b: int):\n    '''Does.\n\n    :param size: r.\n    '''\n",
        "describes 'size', which is not a parameter; it has: a, b",
    ),
    "an unknown parameter in NumPy": (
        "def f(count: float):\n    '''Does.\n\n    Parameters\n    ----------\n"
        "    cuont : int\n        Its number.\n    '''\n",
        "did you mean 'count'",
    ),
    "a class": ("class f:\n    'Does.'\n", "got the class f: write a function that uses it"),
    "a lambda": ("f = lambda x: x\n", r"write @tool\(name='...'\)"),
    "a builtin": ("f = max\n", "'max': its signature cannot be read"),
    "a number": ("f = 42\n", "needs a function, got 42"),
    "a partial": ("f = functools.partial(print)\n", r"write @tool\(name='...'\)"),
    "a name in Greek": ("def π(x: int):\n    'Does.'\nf = π\n", "a tool's name must be letters"),
    "a name that is too long": (f"def {'f' * 65}(x: int):\n    'Does.'\nf = {'f' * 65}\n", "64 at most"),
}


@pytest.mark.parametrize("case", FUNCTIONS)
def test_a_function_that_cannot_be_described_says_what_to_write(case):
    source, message = FUNCTIONS[case]
    with pytest.raises(ConfigError, match=message):
        tool(defined(source))


OPTIONS = [
    {"timeout": 0},
    {"timeout": -1},
    {"timeout": True},
    {"timeout": "30"},
    {"timeout": None},
    {"timeout": float("nan")},
    {"timeout": float("inf")},
    {"max_output_chars": 0},
    {"max_output_chars": True},
    {"max_output_chars": 10.5},
    {"max_output_chars": "100"},
    {"name": "two words"},
    {"name": ""},
    {"name": "1st"},
    {"name": 5},
    {"description": ""},
    {"description": 5},
    {"sequential": "yes"},
    {"sequential": 1},
    {"isolate": 1},
    {"isolate": None},
    {"requires_approval": "always"},
    {"requires_approval": None},
    {"requires_approval": 1},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_an_option_of_a_wrong_kind_is_refused(options):
    def f() -> str:
        """Does."""

    with pytest.raises(ConfigError):
        tool(**options)(f)


def test_an_async_predicate_is_refused():
    async def predicate(arguments):
        return True

    def f() -> str:
        """Does."""

    with pytest.raises(ConfigError, match="requires_approval must be True, False or a plain function"):
        tool(requires_approval=predicate)(f)


def test_a_mistake_in_a_method_shows_up_when_the_class_is_made():
    with pytest.raises(ConfigError, match="parameter 'x' has no type"):

        class Shop:
            @tool
            def order(self, x) -> str:
                """Orders."""


def test_a_misspelt_return_type_hurts_nobody():
    assert tool(defined("def f(x: int) -> Missing:\n    'Does.'\n")).parameters["required"] == ["x"]


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        (Annotated[str, Field(ge=1)], "takes no ge"),
        (Annotated[int, Field(min_length=1)], "takes no min"),
        (Annotated[str, Field(pattern="[")], "regex parse error|unclosed"),
    ],
)
def test_a_limit_that_its_type_cannot_have_is_refused(hint, told):
    def f(x):
        """Does."""

    f.__annotations__ = {"x": hint}
    with pytest.raises(ConfigError, match=told) as caught:
        tool(f)
    assert "'x'" in str(caught.value)


def test_a_name_without_its_option_is_refused():
    with pytest.raises(ConfigError, match=r"write @tool\(name='weather'\)"):
        tool("weather")


@pytest.mark.parametrize("item", [None, 5, {"name": "x"}])
def test_what_is_no_tool_at_all_is_refused(item):
    with pytest.raises(ConfigError, match="a tool must be a function"):
        ToolRegistry([item])


def test_one_function_is_no_list():
    with pytest.raises(ConfigError, match="in brackets"):
        ToolRegistry(len)
