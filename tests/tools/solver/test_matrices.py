"""Matrices, each answer against one that NumPy or plain integers give."""

import ast

import numpy as np
import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query

A = [[2, -1, 0], [-1, 2, -1], [0, -1, 2]]
B = [[1, 2, 3], [4, 5, 6], [7, 8, 10]]


def read(solution):
    return np.array(ast.literal_eval(solution.decimal), dtype=float)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"determinant of {A}", np.linalg.det(A)),
        (f"What is the determinant of the matrix {B}?", np.linalg.det(B)),
        (f"det({B}) + 1", np.linalg.det(B) + 1),
        (f"2*det({A})", 2 * np.linalg.det(A)),
        (f"trace of {B}", np.trace(B)),
        ("rank of [[1, 2], [2, 4]]", 1),
        (f"rank({B})", np.linalg.matrix_rank(B)),
        ("dot product of [1, 2, 3] and [4, 5, 6]", np.dot([1, 2, 3], [4, 5, 6])),
        ("dot([1, 2], [3, 4])", 11),
    ],
)
def test_numbers_of_a_matrix(query, expected):
    assert float(solve_query(query).decimal) == pytest.approx(float(expected))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"inverse of {B}", np.linalg.inv(B)),
        (f"find the inverse of the matrix {A}", np.linalg.inv(A)),
        (f"{B}^-1", np.linalg.inv(B)),
        (f"{A}*{B}", np.dot(A, B)),
        (f"{A} {B}", np.dot(A, B)),
        (f"{A} + {B}", np.add(A, B)),
        (f"3*{A} - {B}", 3 * np.array(A) - np.array(B)),
        (f"{A}^5", np.linalg.matrix_power(A, 5)),
        (f"transpose of {B}", np.transpose(B)),
        ("[[1, 2], [3, 4]] * [[5], [6]]", [[17], [39]]),
        ("row reduce [[1, 2, 3], [4, 5, 6]]", [[1, 0, -1], [0, 1, 2]]),
        ("cross product of [1, 2, 3] and [4, 5, 6]", np.cross([1, 2, 3], [4, 5, 6])),
        ("[[0.5, 1], [1, 2]]^2", np.linalg.matrix_power([[0.5, 1], [1, 2]], 2)),
    ],
)
def test_matrices_from_matrices(query, expected):
    assert read(solve_query(query)) == pytest.approx(np.array(expected, dtype=float))


@pytest.mark.parametrize("matrix", [A, B, [[1, 2], [3, 4]], [[0, 1], [1, 0]]])
def test_eigenvalues(matrix):
    solution = solve_query(f"eigenvalues of {matrix}")
    found = sorted(float(value) for value in solution.decimal.split(", "))
    assert found == pytest.approx(sorted(np.linalg.eigvals(matrix).real))
    assert solution.verified == "checked: they add up to the trace"


def test_complex_and_repeated_eigenvalues():
    assert solve_query("eigenvalues of [[0, -1], [1, 0]]").exact == "-i, i"
    assert solve_query("eigenvalues of [[2, 0], [0, 2]]").exact == "2 (twice)"


def test_eigenvectors_null_space_and_characteristic_polynomial():
    assert solve_query("eigenvectors of [[2, 1], [1, 2]]").exact == "1: [-1, 1]; 3: [1, 1]"
    assert solve_query("null space of [[1, 2], [2, 4]]").exact == "[-2, 1]"
    assert solve_query("null space of [[1, 0], [0, 1]]").exact == "only the zero vector"
    assert solve_query("characteristic polynomial of [[1, 2], [3, 4]]").exact == "lambda^2 - 5*lambda - 2"


def test_letters():
    assert solve_query("eigenvalues of [[a, 0], [0, 1]]").exact in ("a, 1", "1, a")
    assert solve_query("det [[a, b], [c, d]]").exact == "a*d - b*c"
    assert solve_query("inverse of [[1, a], [0, 1]]").exact == "[[1, -a], [0, 1]]"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("inverse of [[1, 2], [2, 4]]", "no inverse: its determinant is 0"),
        ("[[1, 2], [3]]", "same length"),
        ("[[1, 2], [3, 4]] + [[1, 2, 3], [4, 5, 6]]", "same numbers of rows and columns"),
        ("[[1, 2, 3]] * [[1, 2, 3]]", "cannot be multiplied"),
        ("[[1, 2], [3, 4]]^(10^9)", "whole powers"),
        ("[[1, 2], [3, 4]]^(1/2)", "whole powers"),
        ("2^[[1, 2], [3, 4]]", "cannot be an exponent"),
        ("determinant of [[1, 2, 3], [4, 5, 6]]", "square matrix"),
        ("trace(5)", "needs a matrix"),
        ("dot([1, 2], [1])", "2 and 1 components|needs two vectors"),
        ("cross product of [1, 2] and [3, 4]", "three components"),
        ("det(1, 2)", "does not take 2 argument"),
        (f"det({[[row * 13 + column for column in range(13)] for row in range(13)]})".replace(" ", ""), "at most"),
        ("det([[a,b,c,d,e,f],[b,c,d,e,f,a],[c,d,e,f,a,b],[d,e,f,a,b,c],[e,f,a,b,c,d],[f,a,b,c,d,e]])", "at most 5"),
        ("[[1/0, 1], [1, 1]]", "undefined"),
        ("eigenvalues of [[1/0, 1], [1, 1]]", "undefined"),
        ("[[9^999, 2], [3, 4]]^1000", "too many digits"),
    ],
)
def test_mistakes_are_named(query, told):
    with pytest.raises(ToolError, match=told):
        solve_query(query)
