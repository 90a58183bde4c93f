"""Propositional logic: normal forms against truth tables taken here, verdicts against well-known laws."""

import itertools
import re

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query


def rows(letters):
    return [dict(zip(letters, values, strict=True)) for values in itertools.product((True, False), repeat=len(letters))]


def meaning(text, values):
    """The value of a formula that this test's own solver wrote, with `not`, `and`, `or` and brackets only."""
    assert re.fullmatch(r"(?:not|and|or|[pqr()]|\s)+", text), text
    for letter, value in values.items():
        text = re.sub(rf"\b{letter}\b", str(value), text)
    return eval(text)


@pytest.mark.parametrize(
    ("query", "function"),
    [
        ("simplify p and (p or q)", lambda p, q, r: p),
        ("simplify (p -> q) and (q -> p)", lambda p, q, r: p == q),
        ("minimize (p and q) or (p and not q)", lambda p, q, r: p),
        ("not (p and q)", lambda p, q, r: not (p and q)),
        ("¬(p ∨ q)", lambda p, q, r: not (p or q)),
        (r"\lnot (p \lor q)", lambda p, q, r: not (p or q)),
        ("negate p -> q", lambda p, q, r: p and not q),
        ("what is the negation of p and not q", lambda p, q, r: not (p and not q)),
        ("cnf of (p and q) or r", lambda p, q, r: (p and q) or r),
        ("convert p -> q to cnf", lambda p, q, r: q or not p),
        ("disjunctive normal form of (p or q) and r", lambda p, q, r: (p or q) and r),
        ("dnf of p xor q", lambda p, q, r: p != q),
        ("simplify p nand q", lambda p, q, r: not (p and q)),
        ("simplify p & (q | ~p)", lambda p, q, r: p and q),
        ("simplify p && q || !p && q", lambda p, q, r: q),
        ("simplify p implies q implies r", lambda p, q, r: not p or not q or r),
        ("simplify not p and q", lambda p, q, r: (not p) and q),
        ("simplify p or q and r", lambda p, q, r: p or (q and r)),
    ],
)
def test_a_form_has_the_truth_table_of_the_question(query, function):
    text = solve_query(query).exact
    for values in rows("pqr"):
        assert meaning(text, values) == function(**values)


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("is p or not p a tautology", True),
        ("Is (p -> q) or (q -> p) a tautology?", True),
        ("is p -> q a tautology", False),
        ("is p and not p a contradiction", True),
        ("is p and q satisfiable", True),
        ("is p and not p satisfiable", False),
        ("is ((p -> q) and p) -> q valid", True),
        ("are p -> q and not p or q equivalent", True),
        ("is p -> q equivalent to q -> p", False),
        ("is p -> q logically equivalent to not q -> not p", True),
        ("p -> q, p therefore q", True),
        ("p -> q, q therefore p", False),
        ("does p and q imply p", True),
    ],
)
def test_verdicts(query, holds):
    solution = solve_query(query)
    assert solution.exact == ("true" if holds else "false")
    assert solution.text.startswith("yes: " if holds else "no: ")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("true and false", "false"),
        ("evaluate true xor true", "false"),
        ("not true or true", "true"),
        ("if p is true and q is false, what is p or q", "true"),
        ("p and q when p = true, q = false", "false"),
        ("p -> q if p is false", "true"),
        ("contrapositive of p -> q", "not q implies not p"),
        ("converse of p implies q", "q implies p"),
        ("inverse of p -> q", "not p implies not q"),
        ("truth table of p xor q", "p xor q: p=T, q=T: F; p=T, q=F: T; p=F, q=T: T; p=F, q=F: F"),
    ],
)
def test_texts(query, text):
    assert solve_query(query).text == text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("truth table of a and b and c and d and f and g", "at most 5 letters"),
        ("contrapositive of p and q", "needs an implication"),
        ("p or q when p = false", "depends on q"),
    ],
)
def test_refusals(query, message):
    with pytest.raises(ToolError, match=message):
        solve_query(query)


@pytest.mark.parametrize(
    ("query", "text"),
    [("gcd of 12 and 18", "6"), ("add 3 and 4", "7"), ("inverse of [[1,2],[3,4]]", "[[-2, 1], [3/2, -1/2]]")],
)
def test_other_questions_are_not_taken(query, text):
    assert solve_query(query).text == text
