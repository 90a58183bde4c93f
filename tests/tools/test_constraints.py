"""What a grammar can demand of arguments: bounds that are added, demands that are left out and named."""

import json
import logging
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pericles.tools import ToolRegistry, tool
from pericles.tools.constraints import compile_problem, constrained
from pydantic import BaseModel, Field


def one(schema, **more):
    """The schema of an object with one property `a`."""
    return {"type": "object", "properties": {"a": schema}, "required": ["a"], **more}


def read(schema, max_new_tokens=512):
    found = constrained(json.dumps(schema), max_new_tokens)
    assert not compile_problem(found.schema)
    return found


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        ({"type": "string", "pattern": "(a)\\1"}, "a: pattern"),
        ({"type": "string", "pattern": "^(?!x)"}, "a: pattern"),
        ({"type": "string", "format": "binary"}, "a: format (binary)"),
        ({"type": "array", "uniqueItems": True}, "a: uniqueItems"),
        ({"type": "array", "contains": {"const": 1}}, "a: contains"),
        ({"not": {"type": "null"}}, "a: not"),
        ({"if": {"const": 1}, "then": {"const": 1}}, "a: if"),
        ({"type": "object", "propertyNames": {"pattern": "a"}}, "a: propertyNames"),
        ({"type": "object", "properties": {"b": {}}, "minProperties": 1}, "a: minProperties"),
        ({"oneOf": [{"type": "string"}, {"type": "string", "maxLength": 3}]}, "a: oneOf (read as anyOf)"),
        ({"type": "array", "items": {"type": "array", "uniqueItems": True}}, "a[]: uniqueItems"),
        ({"type": "integer", "minimum": 5, "maximum": 3}, "a: "),
    ],
)
def test_what_cannot_be_demanded_is_named(schema, named):
    found = read(one(schema))
    assert any(item.startswith(named) for item in found.left_out), found.left_out


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "string", "format": "date", "maxLength": 20},
        {"type": ["integer", "null"], "minimum": 3},
        {"enum": [1, "b", None, {"c": []}]},
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "maxItems": 2},
        {"type": "array", "items": [{"type": "string"}]},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"allOf": [{"properties": {"b": {"type": "integer"}}}, {"properties": {"c": {}}, "required": ["c"]}]},
        {"type": "object", "additionalProperties": {"type": "number"}},
        {"type": "object", "patternProperties": {"^x": {"type": "string"}}},
        {"$ref": "#/$defs/tree"},
        {},
        True,
        {"type": "string", "default": "x", "title": "A", "examples": ["y"], "deprecated": True},
    ],
)
def test_what_can_be_demanded_is_not_named(schema):
    tree = {"type": "object", "properties": {"next": {"$ref": "#/$defs/tree"}}}
    assert read(one(schema, **{"$defs": {"tree": tree}})).left_out == ()


def test_joined_schemas_do_not_forbid_each_others_properties(accepts_json):
    schema = one({"allOf": [{"properties": {"b": {"type": "integer"}}}, {"properties": {"c": {"type": "string"}}}]})
    assert accepts_json(schema, '{"a": {"b": 1, "c": "x"}}')


def test_one_way_to_write_a_value_is_enough(accepts_json):
    schema = one({"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^(?!x)y"}]})
    assert read(schema).left_out == ()
    assert accepts_json(schema, '{"a": 1.5}')
    assert not accepts_json(schema, '{"a": "x"}')


def test_bounds_follow_the_length_of_the_reply():
    short, long = (read(one({"type": "string"}), tokens).schema["properties"]["a"]["maxLength"] for tokens in (64, 512))
    assert (short, long) == (256, 2048)
    assert read(one({"type": "string", "maxLength": 5})).schema["properties"]["a"]["maxLength"] == 5
    assert read(one({"type": "string", "minLength": 9000})).schema["properties"]["a"]["maxLength"] == 9000


def test_a_schema_that_is_none_is_any_object():
    assert read({}).schema["type"] == "object"
    assert read([]).schema["type"] == "object"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    friends: list["Dog"] = []


@tool
def plain(
    a: Decimal, b: dict[str, int], c: Annotated[Cat | Dog, Field(discriminator="kind")], d: Any, e: int | None = None
) -> str:
    """Python types that a grammar can say."""
    return ""


def test_python_types_can_be_demanded():
    assert plain.unconstrained == ()


def test_registration_names_what_cannot_be_demanded(caplog):
    @tool
    def paint(colours: set[str], mood: str) -> str:
        """Paints."""
        return ""

    with caplog.at_level(logging.WARNING):
        ToolRegistry([plain, paint])
    assert paint.unconstrained == ("colours: uniqueItems",)
    assert [record.getMessage() for record in caplog.records] == [
        "tool 'paint': no grammar can demand colours: uniqueItems"
    ]


@pytest.fixture(scope="module")
def accepts_json():
    from llguidance import LLMatcher, LLTokenizer
    from pericles.policies.engines.weights import transformers_folder
    from pericles.tools.constraints import WRITTEN_AS

    tokenizer = LLTokenizer(str(transformers_folder("smollm2-135m") / "tokenizer.json"), eos_token=2)

    def _accepts(schema, text):
        compiled = {**read(schema).schema, "x-guidance": WRITTEN_AS}
        matcher = LLMatcher(tokenizer, "%llguidance {}\nstart: %json " + json.dumps(compiled))
        ids = tokenizer.tokenize_str(text)
        return matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting()

    return _accepts


PATTERNS = [f"(a|b){{{number + 3}}}c*{number}" for number in range(8)]


def deep(levels):
    schema = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [{"type": "string", "pattern": pattern} for pattern in PATTERNS]},  # took six minutes, then panicked
        {"allOf": [{"type": "string", "pattern": f"a{number}"} for number in range(30)]},
        {"allOf": [{"$ref": f"#/$defs/p{number}"} for number in range(8)]},
        {"type": "array", "minItems": 1_000_000, "items": {"type": "string"}},
        {"type": "string", "minLength": 10**9},
        {"type": "object", "patternProperties": {f"^a{number}": {} for number in range(30)}},
        {"enum": [f"value {number}" for number in range(8_000)]},
        {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(2000)}},
        deep(200),
        {"$ref": "#/properties/a"},
        {"$ref": "#/nope"},
        {"type": "strin"},
        {"type": "object", "properties": [1]},
        {"type": "string", "maxLength": "5"},
        {"type": "array", "minItems": -3},
        {"anyOf": []},
        {"type": None},
        None,
        5,
        False,
        {"type": "integer", "minimum": 10**400},
        {"type": "number", "minimum": float("nan")},
    ],
    ids=lambda schema: str(schema)[:40],
)
def test_no_schema_takes_long_or_fails(schema):
    patterns = {f"p{number}": {"type": "string", "pattern": pattern} for number, pattern in enumerate(PATTERNS)}
    found = constrained(json.dumps(one(schema, **{"$defs": patterns})), 256)
    assert found.schema["type"] == "object"
    assert not compile_problem(found.schema)


def test_a_schema_that_is_nested_too_deeply_is_said_to_be():
    @tool
    def f(a: str) -> str:
        """F."""
        return a

    object.__setattr__(f, "parameters", one(deep(2000)))
    assert f.unconstrained == ("arguments: what is nested so deeply",)


def test_patterns_that_are_joined_are_named():
    found = read(one({"allOf": [{"pattern": "a"}, {"pattern": "b"}]}))
    assert found.left_out == ("a: pattern (beside other schemas)",)
