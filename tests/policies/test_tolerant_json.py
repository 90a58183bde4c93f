"""JSON as small models write it."""

import math
import time

import pytest
from pericles.policies.engines.tolerant_json import MAX_DEPTH, read_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ("{'a': 'b'}", {"a": "b"}),
        ("{'a': 'it\\'s'}", {"a": "it's"}),
        ("{'a': 'it's here'}", {"a": "it's here"}),
        ('{"a": 1,}', {"a": 1}),
        ('{"a": [1, 2,],}', {"a": [1, 2]}),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}),
        ('{a: 1, b: "x"}', {"a": 1, "b": "x"}),
        ("{“a”: “b”}", {"a": "b"}),
        ('{"a": True, "b": False, "c": None}', {"a": True, "b": False, "c": None}),
        ('{"a": "x\ny"}', {"a": "x\ny"}),
        ('{"a": 2*x + 1}', None),
        ('{"a": .5, "b": 1., "c": +3}', {"a": 0.5, "b": 1.0, "c": 3}),
        ('  \n{"a": 1} and more', {"a": 1}),
        ('{"a": {"b": [1, {"c": 2}', {"a": {"b": [1, {"c": 2}]}}),
        ('{"a": "cut in the mid', {"a": "cut in the mid"}),
        ('{"a": 1, "b', {"a": 1}),
        ('{"a": 1, "b":', {"a": 1}),
        ('{"a": "\\u00e9\\n"}', {"a": "é\n"}),
        ("[1, 2", [1, 2]),
        ("{}", {}),
        ('"text"', "text"),
    ],
)
def test_a_value_is_read(text, value):
    if value is None:
        with pytest.raises(ValueError, match="character"):
            read_json(text)
    else:
        assert read_json(text) == value


@pytest.mark.parametrize("text", ["", "   ", "{:1}", "{1}", '{"a": }', '{"a": , "b": 1}', "}", ","])
def test_what_is_no_value_is_an_error_that_says_where(text):
    with pytest.raises(ValueError, match=r"character \d+|empty"):
        read_json(text)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "nan"])
def test_numbers_that_json_lacks_are_text(text):
    assert isinstance(read_json(f'{{"a": {text}}}')["a"], str)


def test_a_huge_integer_neither_fails_nor_takes_long():
    start = time.perf_counter()
    value = read_json('{"a": ' + "7" * 200_000 + "}")["a"]
    assert value == "7" * 200_000
    assert time.perf_counter() - start < 1


def test_a_huge_exponent_is_not_expanded():
    value = read_json("{'a': 1e999999999}")["a"]
    assert isinstance(value, float)
    assert math.isinf(value)


@pytest.mark.parametrize("depth", [MAX_DEPTH + 2, 500, 100_000])
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "open"])
def test_deep_nesting_is_refused(depth, closed):
    with pytest.raises(ValueError, match="nested deeper"):
        read_json("[" * depth + "]" * (depth if closed else 0))


def test_nesting_up_to_the_limit_is_read():
    value = read_json("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    for _ in range(MAX_DEPTH - 1):
        (value,) = value
    assert value == []


def test_nothing_is_evaluated():
    assert read_json("{'a': __import__}") == {"a": "__import__"}


def test_long_runs_of_spaces_take_no_quadratic_time():
    start = time.perf_counter()
    read_json("{'a'" + " " * 200_000 + ": 1}")
    assert time.perf_counter() - start < 1
