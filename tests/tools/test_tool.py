"""The `@tool` decorator: what a model is shown of a function, and which functions are refused."""

import asyncio
import dataclasses
import datetime
import enum
import functools
import json
import pathlib
import threading
from typing import Annotated, Literal, Optional

import pytest
from pericles.tools import (
    ConfigError,
    Tool,
    ToolCall,
    tool,
)
from pydantic import BaseModel, Field


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Place(BaseModel):
    city: str
    floor: int = 0


@dataclasses.dataclass
class Range:
    low: float
    high: float


def schema_of(function):
    return tool(function).schema()["function"]["parameters"]


def run(made, arguments=None, **options):
    """The result of one call of a tool or of a function."""
    made = made if isinstance(made, Tool) else tool(**options)(made)
    return asyncio.run(made.run(ToolCall("c1", made.name, arguments or {})))


def test_the_decorated_function_stays_callable():
    @tool
    def double(x: int) -> int:
        """Doubles."""
        return 2 * x

    assert double(4) == 8


def test_name_and_description_come_from_the_function():
    @tool
    def weather(city: str) -> str:
        """Tells the weather.

        In any city.

        Args:
            city: where.
        """
        return city

    function = weather.schema()["function"]
    assert (function["name"], function["description"]) == ("weather", "Tells the weather. In any city.")


def test_name_and_description_can_be_chosen():
    @tool(name="sky-colour", description="The colour of the sky.")
    def colour() -> str:
        return "blue"

    assert (colour.name, colour.description) == ("sky-colour", "The colour of the sky.")


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (str, {"type": "string"}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (dict[str, float], {"type": "object", "additionalProperties": {"type": "number"}}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Optional[int], {"anyOf": [{"type": "integer"}, {"type": "null"}]}),  # noqa: UP045 - the old spelling counts
        (int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        (
            Annotated[int, Field(ge=0, description="a count")],
            {"type": "integer", "minimum": 0, "description": "a count"},
        ),
        (datetime.datetime, {"type": "string", "format": "date-time"}),
        (datetime.date, {"type": "string", "format": "date"}),
    ],
    ids=str,
)
def test_a_type_becomes_a_schema(hint, expected):
    def f(x):
        """Does."""

    f.__annotations__ = {"x": hint}
    assert schema_of(f)["properties"]["x"] == expected


def test_a_union_with_none_and_a_default_is_optional():
    def f(x: int | None = None, y: int = 3) -> str:
        """Does."""

    schema = schema_of(f)
    assert "required" not in schema
    assert schema["properties"]["x"]["default"] is None
    assert schema["properties"]["y"]["default"] == 3


def test_keyword_only_parameters_count():
    def f(*, x: int) -> str:
        """Does."""
        return str(x)

    assert schema_of(f)["required"] == ["x"]
    assert run(f, {"x": 2}).text == "2"


def test_an_enum_is_described_and_arrives_as_its_member():
    def paint(colour: Colour) -> str:
        """Paints."""
        return colour.name

    assert schema_of(paint)["$defs"]["Colour"]["enum"] == ["red", "blue"]
    assert run(paint, {"colour": "blue"}).text == "BLUE"


def test_a_nested_model_is_described_and_arrives_as_an_object():
    def visit(place: Place) -> str:
        """Visits."""
        return f"{place.city} {place.floor}"

    assert set(schema_of(visit)["$defs"]["Place"]["properties"]) == {"city", "floor"}
    assert run(visit, {"place": {"city": "Rome"}}).text == "Rome 0"


def test_a_dataclass_is_described_and_arrives_as_an_object():
    def width(r: Range) -> float:
        """Measures."""
        return r.high - r.low

    assert set(schema_of(width)["$defs"]["Range"]["required"]) == {"low", "high"}
    assert run(width, {"r": {"low": 1, "high": 3.5}}).text == "2.5"


def test_a_date_arrives_as_a_date():
    def year(day: datetime.date) -> int:
        """Tells the year."""
        return day.year

    assert run(year, {"day": "1815-12-10"}).text == "1815"


@pytest.mark.parametrize(
    "docstring",
    [
        "Adds.\n\nArgs:\n    a: the first\n        number.\n    b: the second.\n",
        "Adds.\n\nParameters\n----------\na : int\n    the first number.\nb : int\n    the second.\n",
        "Adds.\n\n:param a: the first number.\n:param b: the second.\n",
    ],
    ids=["Google", "NumPy", "reST"],
)
def test_descriptions_come_from_any_style_of_docstring(docstring):
    def add(a: int, b: int) -> int:
        return a + b

    add.__doc__ = docstring
    made = tool(add)
    assert made.description == "Adds."
    assert made.parameters["properties"]["a"]["description"] == "the first number."
    assert made.parameters["properties"]["b"]["description"] == "the second."


def test_a_description_in_the_annotation_holds_where_the_docstring_says_nothing():
    def f(x: Annotated[int, Field(description="how many")]) -> str:
        """Does."""

    assert schema_of(f)["properties"]["x"]["description"] == "how many"


def test_generated_titles_cost_no_tokens():
    def f(title: str, place: Place) -> str:
        """Does."""

    assert '"title": "' not in json.dumps(schema_of(f))
    assert "title" in schema_of(f)["properties"]


@pytest.mark.parametrize("name", ["json", "copy", "schema", "dict", "validate", "model_config", "model_fields", "self"])
def test_a_parameter_may_be_called_like_a_method_of_pydantic(name):
    namespace = {}
    exec(f'def f({name}: str) -> str:\n    """Does."""\n    return {name}', namespace)
    assert run(namespace["f"], {name: "x"}).text == "x"


def test_a_bound_method_can_be_a_tool():
    class Counter:
        count = 0

        def add(self, n: int) -> int:
            """Adds."""
            self.count += n
            return self.count

    assert run(Counter().add, {"n": 3}).text == "3"


def no_type(x):
    """Does."""


def no_docstring(x: int) -> int:
    return x


def many(*numbers: int) -> int:
    """Does."""


def anything(**options: int) -> int:
    """Does."""


def positional(x: int, /) -> int:
    """Does."""


def opens(file: pathlib.Path) -> str:
    """Does."""


def opens_many(files: list[pathlib.Path]) -> str:
    """Does."""


def hidden(_x: int) -> int:
    """Does."""


def a_lock(fine: int, lock: threading.Lock) -> int:
    """Does."""


def a_function(callback: type(print)) -> int:
    """Does."""


def undefined(x: "Missing") -> int:  # noqa: F821 - that is the point
    """Does."""


def misspelt(x: "list[") -> int:  # noqa: F722 - that is the point
    """Does."""


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (no_type, "parameter 'x' has no type: write for instance `x: str`"),
        (no_docstring, "'no_docstring' has no docstring: write one sentence"),
        (many, "parameter 'numbers': variadic positional parameters cannot be described; name each one"),
        (anything, "parameter 'options': variadic keyword"),
        (positional, "parameter 'x': positional-only"),
        (opens, "parameter 'file': a model must not choose a path; take a str"),
        (opens_many, "parameter 'files': a model must not choose a path"),
        (hidden, "parameter '_x': a name that starts with '_' cannot be shown to a model; rename it"),
        (a_lock, "parameter 'lock': its type has no JSON form; write str, int"),
        (a_function, "parameter 'callback': its type has no JSON form"),
        (undefined, "a type in its signature is not defined: .*Missing"),
        (misspelt, "a type in its signature is not defined"),
        (max, "'max': its signature cannot be read"),
        (lambda x: x, r"name must be letters.*write @tool\(name='...'\)"),
        (functools.partial(no_docstring, 1), "name must be"),
        (42, "needs a function, got 42"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_function_that_cannot_be_described_fails_when_it_is_registered(function, message):
    with pytest.raises(ConfigError, match=message) as raised:
        tool(function)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("options", [{"timeout": 0}, {"timeout": -1}, {"max_output_chars": 0}, {"name": "two words"}])
def test_options_are_checked(options):
    def f() -> str:
        """Does."""

    with pytest.raises(ConfigError, match=r"positive|name must be"):
        tool(**options)(f)
