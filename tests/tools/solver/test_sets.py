"""Finite sets, against Python's own."""

import re

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query


def numbers(solution):
    return {int(part) for part in re.findall(r"-?\d+", solution.exact)}


A, B = {1, 2, 3}, {2, 3, 4}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{1,2,3} union {2,3,4}", A | B),
        ("{1,2,3} ∪ {2,3,4}", A | B),
        ("what is the union of {1,2,3} and {2,3,4}?", A | B),
        ("{1,2,3} intersect {2,3,4}", A & B),
        ("intersection of {1,2,3} and {2,3,4}", A & B),
        (r"\{1,2,3\} \cap \{2,3,4\}", A & B),
        ("{1,2,3} minus {2,3,4}", A - B),
        (r"{1,2,3} \ {2,3,4}", A - B),
        ("difference of {1,2,3} and {2,3,4}", A - B),
        ("symmetric difference of {1,2,3} and {2,3,4}", A ^ B),
        ("complement of {1,2} in {1,2,3,4}", {3, 4}),
        ("A = {1,2,3}, B = {2,3,4}, find A ∪ B", A | B),
        ("let A = {1,2,3} and B = {2,3,4}. what is A intersection B", A & B),
        ("A={1,2}, B={2,3}, C={3}; find (A ∪ B) - C", {1, 2}),
        ("If U = {1,2,3,4,5}, A = {1,2}, find A'", {3, 4, 5}),
        ("({1,2} union {3}) intersect {2,3}", {2, 3}),
        ("{1, 2, ..., 10} minus {2, 4, ..., 10}", {1, 3, 5, 7, 9}),
        ("{1, 1, 2} union {2}", {1, 2}),
    ],
)
def test_operations(query, expected):
    assert numbers(solve_query(query)) == expected


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("is {1,2} a subset of {1,2,3}", True),
        ("{1,2} ⊆ {1,3}", False),
        ("is {1,2,3} a proper subset of {1,2,3}", False),
        ("is 3 in {1,2,3}", True),
        ("is 0.5 an element of {1/2, 3}", True),
        ("is 5 an element of {1,2,3}", False),
        ("are {1,2} and {3} disjoint", True),
        ("are {1,2} and {2,1} equal sets", True),
    ],
)
def test_verdicts(query, holds):
    assert solve_query(query).exact == ("true" if holds else "false")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("power set of {a,b}", "{{}, {a}, {b}, {a, b}} (4 subsets)"),
        ("cardinality of {1,2,2,3}", "3"),
        ("how many subsets does {1,2,3,4} have", "16"),
        ("cartesian product of {1,2} and {a,b}", "{(1, a), (1, b), (2, a), (2, b)}"),
        ("{1} intersect {2}", "{} (the empty set)"),
        ("n(A) = 10, n(B)=15 and n(A∩B)=4, find n(A∪B)", "21"),
        ("if |A| = 10, |B| = 15, |A ∪ B| = 20, what is |A ∩ B|", "5"),
    ],
)
def test_texts(query, text):
    assert solve_query(query).text == text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("A = {1,2}, find A'", "universal set"),
        ("power set of {1,2,3,4,5,6,7,8,9,10}", "1024 subsets"),
        ("{1, 2, ..., 900000} union {1}", "at most 60"),
    ],
)
def test_refusals(query, message):
    with pytest.raises(ToolError, match=message):
        solve_query(query)


@pytest.mark.parametrize(
    ("query", "text"),
    [("mean of {1,2,3}", "2"), ("solve {x+y=3, x-y=1}", "x = 2, y = 1"), ("{1,2,3} + {4,5,6}", "[5, 7, 9]")],
)
def test_other_braces_are_left_alone(query, text):
    assert solve_query(query).text == text
