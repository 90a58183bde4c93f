"""Decompositions are multiplied back; properties and spans are compared with numpy's."""

import re

import numpy as np
import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query
from scipy import linalg

A = [[1, 2], [3, 4]]
B = [[5, 6], [7, 8]]
SYMMETRIC = [[4, 2, 0], [2, 5, 1], [0, 1, 3]]


def parts(query):
    """The named matrices of an answer, as arrays."""
    return {
        name: array(rows) for name, rows in re.findall(r"([A-Z](?:\^T)?) = (\[\[.+?\]\])", solve_query(query).decimal)
    }


def array(text):
    rows = [row.split(", ") for row in re.findall(r"\[([^\[\]]+)\]", text)]
    return np.array(
        [
            [complex(re.sub(r"\*?i", "j", item).replace("-j", "-1j")) if item != "i" else 1j for item in row]
            for row in rows
        ]
    )


def test_lu():
    found = parts("LU decomposition of [[2, 1, 1], [4, 3, 3], [8, 7, 9]]")
    assert np.allclose(found["L"] @ found["U"], [[2, 1, 1], [4, 3, 3], [8, 7, 9]])
    assert np.allclose([np.triu(found["L"], 1), np.tril(found["U"], -1)], 0)


def test_lu_with_exchanged_rows():
    found = parts("lu factorization of [[0, 1], [4, 3]]")
    assert np.allclose(found["P"] @ [[0, 1], [4, 3]], found["L"] @ found["U"])


def test_qr():
    found = parts(f"QR decomposition of {A}")
    assert np.allclose(found["Q"] @ found["R"], A)
    assert np.allclose(found["Q"].T @ found["Q"], np.eye(2))


def test_cholesky():
    found = parts(f"cholesky decomposition of {SYMMETRIC}")
    assert np.allclose(found["L"].real, linalg.cholesky(SYMMETRIC, lower=True))


def test_singular_values():
    found = parts("svd of [[1, 2], [3, 4], [5, 6]]")
    assert np.allclose(found["U"] @ found["S"] @ found["V^T"], [[1, 2], [3, 4], [5, 6]])
    values = [float(part) for part in solve_query(f"singular values of {SYMMETRIC}").decimal.split(", ")]
    assert values == pytest.approx(list(linalg.svdvals(SYMMETRIC)), rel=1e-9)


@pytest.mark.parametrize("matrix", [[[2, 1], [1, 2]], [[0, -1], [1, 0]], [[1, 0, 0], [0, 2, 1], [0, 1, 2]]])
def test_diagonalization(matrix):
    found = parts(f"diagonalize {matrix}")
    assert np.allclose(np.array(matrix) @ found["P"], found["P"] @ found["D"])
    assert solve_query(f"diagonalize {matrix}").verified == "checked by multiplication"


def test_jordan_form():
    found = parts("jordan form of [[3, 1], [-1, 1]]")
    assert np.allclose(np.array([[3, 1], [-1, 1]]) @ found["P"], found["P"] @ found["J"])
    assert np.allclose(found["J"], [[2, 1], [0, 2]])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("matrix exponential of [[0, -1], [1, 0]]", linalg.expm([[0, -1], [1, 0]])),
        ("exp([[1, 2], [0, 1]])", linalg.expm([[1, 2], [0, 1]])),
        ("pseudoinverse of [[1, 2], [2, 4]]", linalg.pinv([[1, 2], [2, 4]])),
        (f"adjugate of {A}", linalg.det(A) * linalg.inv(A)),
        (f"cofactor matrix of {A}", (linalg.det(A) * linalg.inv(A)).T),
        (f"minors of {A}", [[4, 3], [2, 1]]),
        ("identity matrix of size 3", np.eye(3)),
        (f"let A = {A}, B = {B}. find AB", np.matmul(A, B)),
        (f"A = {A}, B = {B}, what is A B - B A", np.matmul(A, B) - np.matmul(B, A)),
        (f"let A = {A}. find A^T A", np.array(A).T @ A),
        (f"A = {A}, find 2A + A^2", 2 * np.array(A) + np.matmul(A, A)),
        (f"what is the inverse of A if A = {A}", linalg.inv(A)),
        (f"{A} X = {B}", linalg.solve(A, B)),
    ],
)
def test_a_matrix(query, expected):
    assert np.allclose(array(solve_query(query).decimal), expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"frobenius norm of {A}", linalg.norm(A)),
        (f"condition number of {A}", np.linalg.cond(A)),
        ("nullity of [[1, 2], [2, 4]]", 1),
        (f"A = {A}. find |A|", -2),
        ("v = [1, 2, 3], w = [4, 5, 6], find v dot w", 32),
        ("(1, 2) dot (3, 4)", 11),
        ("dimension of the span of (1, 2, 3), (2, 4, 6), (1, 0, 0)", 2),
    ],
)
def test_a_number(query, expected):
    assert float(solve_query(query).decimal) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("solve [[2, 1], [1, 3]] [x, y] = [3, 5]", "x = 4/5, y = 7/5"),
        ("solve [[1, 2], [3, 4]] x = [5, 6]", "x = [-4, 9/2]"),
        ("solve Ax = b where A = [[2, 1], [1, 3]] and b = [3, 5]", "x = [4/5, 7/5]"),
        ("solve [[1, 2], [2, 4]] x = [1, 2]", "x1 = 1 - 2*x2, x2 is free"),
        ("solve x + y = 3, x - y = 1 by elimination", "x = 2, y = 1"),
        ("use cramer's rule: x + y = 3, x - y = 1", "x = 2, y = 1"),
        ("least squares solution of [[1, 1], [1, 2], [1, 3]] x = [1, 2, 3]", "x = [0, 1]"),
        ("column space of [[1, 2], [2, 4]]", "[1, 2]"),
        ("row space of [[1, 2], [2, 4]]", "[1, 2]"),
        ("gram schmidt (3, 0), (1, 2)", "[1, 0], [0, 1]"),
        ("are the vectors (1, 2) and (2, 4) linearly independent", "linearly dependent: -2*v1 + v2 = 0 (rank 1 of 2)"),
        ("are (1, 0), (1, 1) linearly independent?", "linearly independent (rank 2 of 2)"),
        ("do (1, 0), (1, 1) form a basis of R^2", "yes: 2 vectors of rank 2 in 2 dimensions"),
        ("is [[2, 1], [1, 2]] positive definite", "yes: the leading principal minors of A are 2, 3"),
        ("is [[1, 2], [2, 1]] positive definite", "no: the leading principal minors of A are 1, -3"),
        ("is [[1, 2], [2, 4]] invertible", "no: its determinant is 0"),
        ("is [[0, 1], [1, 0]] orthogonal", "yes: A^T*A is the identity"),
        ("is [[0, 1], [0, 0]] nilpotent?", "yes: A^2 = 0"),
        ("is [[1, 1], [0, 1]] diagonalizable", "no: its eigenvectors are too few for a basis"),
        ("is [[1, 2], [3, 4]] symmetric", "no: it is not the case that it equals its transpose"),
    ],
)
def test_a_text(query, text):
    assert solve_query(query).text == text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("diagonalize [[1, 1], [0, 1]]", "cannot be diagonalized"),
        ("cholesky of [[1, 2], [2, 1]]", "positive definite"),
        ("QR decomposition of [[1, 2], [2, 4]]", "linearly independent"),
        ("solve [[1, 2], [2, 4]] x = [1, 3]", "no solution"),
        ("solve [[1, 2], [2, 4]] x = [1, 3, 4]", "2 entries"),
        ("LU decomposition of [[1, 2], [3]]", "same length"),
        ("is [[1, 2, 3], [4, 5, 6]] invertible", "square"),
        ("gram schmidt (1, 2), (2, 4)", "linearly dependent"),
        ("gram schmidt (1, 2), (2, 4, 5)", "same number of components"),
        ("condition number of [[a, 2], [2, 4]]", "without letters"),
        ("svd of [[i, 2], [2, 4]]", "real"),
        ("identity matrix of size 40", "at most 12"),
        ("jordan form of [[1/0, 1], [1, 1]]", "undefined"),
    ],
)
def test_refusals(query, message):
    with pytest.raises(ToolError, match=message):
        solve_query(query)
