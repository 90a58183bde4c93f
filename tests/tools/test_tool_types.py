"""Every kind of parameter: what the model is shown, and what arrives in the function."""

import asyncio
import dataclasses
import datetime
import decimal
import enum
import json
import uuid
from typing import Annotated, Any, Literal, NamedTuple, Optional, Union

import pytest
from jsonschema import Draft202012Validator
from pericles.tools import ToolCall, tool
from pydantic import BaseModel, Field
from typing_extensions import TypedDict


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Place(BaseModel):
    city: str = Field(description="its name")
    floor: int = 0


class Tree(BaseModel):
    value: int
    children: "list[Tree]" = []


class Trip(BaseModel):
    """A journey."""

    stops: list[Place]
    when: datetime.date | None = None


@dataclasses.dataclass
class Range:
    low: float
    high: float = 1.0


class Options(TypedDict, total=False):
    depth: int
    names: list[str]


class Point(NamedTuple):
    x: int
    y: int


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str] = []


def made(hint, default=...):
    """A tool of one parameter of this type that keeps what arrives."""

    def f(x):
        """Does.

        Args:
            x: what it takes.
        """
        f.arrived = x
        return "done"

    f.__annotations__ = {"x": hint}
    if default is not ...:
        f.__defaults__ = (default,)
    return tool(f)


def arrive(tool_, **arguments):
    result = asyncio.run(tool_.run(ToolCall("c", "f", arguments)))
    assert not result.is_error, result.text
    return tool_.function.arrived


UTC = datetime.UTC
ARRIVING = [
    (str, "a", "a"),
    (int, 3, 3),
    (int, "3", 3),
    (float, 3, 3.0),
    (bool, True, True),
    (bytes, "ab", b"ab"),
    (Colour, "red", Colour.RED),
    (Level, 2, Level.HIGH),
    (Literal["a", 2], 2, 2),
    (Optional[int], None, None),  # noqa: UP045 - the old spelling counts
    (Union[int, str], "x", "x"),  # noqa: UP007 - the old spelling counts
    (int | str, 5, 5),
    (list[int], [1, 2], [1, 2]),
    (list[Colour], ["blue"], [Colour.BLUE]),
    (set[str], ["a"], {"a"}),
    (frozenset[int], [1], frozenset({1})),
    (tuple[int, str], [1, "a"], (1, "a")),
    (tuple[int, ...], [1, 2, 3], (1, 2, 3)),
    (dict[str, int], {"a": 1}, {"a": 1}),
    (dict[str, list[Place]], {"a": [{"city": "Rome"}]}, {"a": [Place(city="Rome")]}),
    (dict, {"a": [1]}, {"a": [1]}),
    (list, [1, "a", None], [1, "a", None]),
    (Any, {"a": 1}, {"a": 1}),
    (datetime.datetime, "2026-01-02T03:04:05Z", datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
    (datetime.date, "2026-01-02", datetime.date(2026, 1, 2)),
    (datetime.time, "03:04", datetime.time(3, 4)),
    (datetime.timedelta, "PT90S", datetime.timedelta(seconds=90)),
    (decimal.Decimal, "1.10", decimal.Decimal("1.10")),
    (uuid.UUID, "12345678123456781234567812345678", uuid.UUID("12345678123456781234567812345678")),
    (Place, {"city": "Rome"}, Place(city="Rome", floor=0)),
    (Place | None, None, None),
    (Trip, {"stops": [{"city": "Rome"}], "when": "2026-01-02"}, Trip(stops=[Place(city="Rome")], when="2026-01-02")),
    (Tree, {"value": 1, "children": [{"value": 2}]}, Tree(value=1, children=[Tree(value=2)])),
    (Range, {"low": 0}, Range(0, 1)),
    (list[Range], [{"low": 0, "high": 2}], [Range(0, 2)]),
    (Options, {"depth": 3}, {"depth": 3}),
    (Point, [1, 2], Point(1, 2)),
    (Annotated[Cat | Dog, Field(discriminator="kind")], {"kind": "dog"}, Dog(kind="dog")),
    (Annotated[int, Field(ge=0, le=10)], 10, 10),
    (Annotated[str, Field(pattern="^a+$", max_length=3)], "aa", "aa"),
    (Annotated[list[int], Field(min_length=1)], [1], [1]),
]


@pytest.mark.parametrize(("hint", "given", "expected"), ARRIVING, ids=[f"{c[0]}-{c[1]}" for c in ARRIVING])
def test_a_value_is_described_and_arrives_as_its_type(hint, given, expected):
    f = made(hint)
    Draft202012Validator.check_schema(f.parameters)
    json.dumps(f.parameters, allow_nan=False)
    assert f.parameters["required"] == ["x"]
    if given != "3":  # numbers in quotes are taken, but not told of
        Draft202012Validator(f.parameters).validate({"x": given})
    arrived = arrive(f, x=given)
    assert arrived == expected
    assert type(arrived) is type(expected)


REFUSED = [
    (int, "three"),
    (int, 2.5),
    (int, None),
    (bool, "perhaps"),
    (Colour, "green"),
    (Literal["a"], "b"),
    (list[int], ["a"]),
    (list[int], 3),
    (Place, {"floor": 1}),
    (Place, "Rome"),
    (Range, {"low": "deep"}),
    (datetime.date, "yesterday"),
    (Annotated[int, Field(ge=0)], -1),
    (Annotated[str, Field(max_length=3)], "long"),
    (tuple[int, str], [1]),
    (Annotated[Cat | Dog, Field(discriminator="kind")], {"kind": "cow"}),
    (float, "NaN?"),
    (float, float("nan")),
    (float, "inf"),
    (list[float], [float("inf")]),
]


@pytest.mark.parametrize(("hint", "given"), REFUSED, ids=[f"{c[0]}-{c[1]}" for c in REFUSED])
def test_a_value_that_does_not_fit_is_told_to_the_model(hint, given):
    f = made(hint)
    result = asyncio.run(f.run(ToolCall("c", "f", {"x": given})))
    assert result.is_error
    assert result.text.startswith("f: x")
    assert result.text.endswith("Expected: x.")


@pytest.mark.parametrize(
    ("hint", "default"),
    [
        (int, 3),
        (float, 1),
        (float | None, None),
        (Colour, Colour.RED),
        (list[int], [1]),
        (list[int], []),
        (tuple[int, ...], ()),
        (Place, Place(city="Rome")),
        (Range, Range(0)),
        (datetime.date, datetime.date(2026, 1, 2)),
        (decimal.Decimal, 0),
        (Literal["a", "b"], "b"),
        (dict[str, int], {}),
        (Any, None),
    ],
    ids=str,
)
def test_a_default_is_shown_and_arrives_as_it_is(hint, default):
    f = made(hint, default)
    assert "required" not in f.parameters
    json.dumps(f.parameters["properties"]["x"]["default"], allow_nan=False)
    assert arrive(f) == default


def test_a_list_as_a_default_is_not_shared_between_calls():
    @tool
    def gather(items: list[int] = []) -> int:  # noqa: B006 - what people write
        """Gathers."""
        items.append(1)
        return len(items)

    assert [asyncio.run(gather.run(ToolCall("c", "gather"))).text for _ in range(2)] == ["1", "1"]


def test_a_function_that_changes_its_argument_does_not_change_the_call():
    @tool
    def change(anything: Any, options: dict) -> str:
        """Changes."""
        anything.append(1)
        options["b"] = 2
        return "done"

    call = ToolCall("c", "change", {"anything": [], "options": {}})
    asyncio.run(change.run(call))
    assert call.arguments == {"anything": [], "options": {}}


def test_the_annotations_description_wins_over_the_docstrings():
    def f(x: Annotated[int, Field(description="from the annotation")], y: int) -> str:
        """Does.

        Args:
            x: from the docstring.
            y: also from the docstring.
        """

    properties = tool(f).parameters["properties"]
    assert properties["x"]["description"] == "from the annotation"
    assert properties["y"]["description"] == "also from the docstring."


def test_descriptions_inside_a_model_are_kept():
    assert made(Place).parameters["$defs"]["Place"]["properties"]["city"]["description"] == "its name"


def test_a_docstring_may_describe_the_context_and_self():
    from pericles.tools import ToolContext

    def f(ctx: ToolContext, x: int) -> str:
        """Does.

        Args:
            ctx: of the call.
            x: a number.
        """

    assert list(tool(f).parameters["properties"]) == ["x"]


def test_docstrings_with_other_sections_are_read():
    def f(x: int = 2) -> str:
        """Does much.

        And more.

        Args:
            x (int, optional): a number: the first. Defaults to 2.

        Returns:
            str: a text.

        Raises:
            ValueError: never.

        Example:
            >>> f(2)
        """

    made_ = tool(f)
    assert made_.description == "Does much. And more."
    assert made_.parameters["properties"]["x"]["description"] == "a number: the first. Defaults to 2."


def test_numpy_names_that_share_a_line_are_both_described():
    def f(a: int, b: int) -> str:
        """Adds.

        Parameters
        ----------
        a, b : int
            the numbers.
        """

    assert [item["description"] for item in tool(f).parameters["properties"].values()] == ["the numbers."] * 2


def test_a_parameter_may_be_called_like_a_key_of_a_schema():
    def f(title: str, type: str, properties: dict, default: int, format: str, description: str) -> str:
        """Does."""
        return f"{title} {type} {properties} {default} {format} {description}"

    made_ = tool(f)
    assert list(made_.parameters["properties"]) == ["title", "type", "properties", "default", "format", "description"]
    given = {"title": "t", "type": "y", "properties": {"title": 1}, "default": 0, "format": "path", "description": "d"}
    assert asyncio.run(made_.run(ToolCall("c", "f", given))).text == "t y {'title': 1} 0 path d"


def test_a_default_that_holds_a_title_keeps_it():
    f = made(dict[str, str], {"title": "x"})
    assert f.parameters["properties"]["x"]["default"] == {"title": "x"}


@pytest.mark.parametrize("name", ["function", "call", "context", "self", "args", "kwargs", "arguments", "made", "loop"])
def test_no_name_of_a_parameter_collides_with_ours(name):
    namespace = {}
    exec(f'def f({name}: str) -> str:\n    """Does."""\n    return {name}', namespace)
    assert asyncio.run(tool(namespace["f"]).run(ToolCall("c", "f", {name: "x"}))).text == "x"
