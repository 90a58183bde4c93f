"""Properties of matrices, spans of vectors, systems as matrices; decompositions are in a module of their own."""

from __future__ import annotations

from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .decompositions import DECOMPOSITIONS, MOST_ROOTS, MULTIPLIED, listed, matrix_of, numeric, same, tidied
from .domain import Handler
from .matrices import matrix_solution, vector_text
from .presenting import Reading
from .printing import decimal, latex_of, plain
from .untyped import sympy_library


def _about_matrix(ask: Ask, reading: Reading) -> Solution:
    return DECOMPOSITIONS[ask.words[0]](ask, reading)


def _property(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    (name,) = ask.words
    matrix = numeric(matrix_of(ask, square=name != "symmetric", most=8))
    if not all(item.is_real for item in matrix):
        raise ToolError("properties are decided for real matrices")
    holds, why = _decided(name, matrix, sympy)
    text = f"{'yes' if holds else 'no'}: {why}"
    word = "true" if holds else "false"
    return reading.solution(sympy.S.One, text=text, exact=word, number="", latex=rf"\text{{{word}}}")


def _decided(name: str, matrix: Any, sympy: Any) -> tuple[bool, str]:
    """Whether a real matrix has the property, and why."""
    if name in ("invertible", "singular"):
        value = matrix.det()
        return (value != 0) == (name == "invertible"), f"its determinant is {plain(value)}"
    if name.endswith("definite"):
        return _definite(name, matrix, sympy)
    if name == "diagonalizable":
        holds = bool(matrix.is_diagonalizable())
        return holds, "it has a basis of eigenvectors" if holds else "its eigenvectors are too few for a basis"
    if name in ("idempotent", "nilpotent", "orthogonal"):
        power = {"idempotent": matrix**2, "nilpotent": matrix**matrix.rows, "orthogonal": matrix.T * matrix}[name]
        wanted = {"idempotent": matrix, "nilpotent": 0 * matrix, "orthogonal": sympy.eye(matrix.rows)}[name]
        said = {"idempotent": "A^2 = A", "nilpotent": f"A^{matrix.rows} = 0", "orthogonal": "A^T*A is the identity"}[
            name
        ]
        holds = same(power, wanted)
        return holds, said if holds else f"{said} does not hold"
    tests: dict[str, tuple[bool, str]] = {
        "symmetric": (matrix == matrix.T, "it equals its transpose"),
        "antisymmetric": (matrix == -matrix.T, "it is minus its transpose"),
        "diagonal": (bool(matrix.is_diagonal()), "all entries off the diagonal are 0"),
        "upper triangular": (bool(matrix.is_upper), "all entries below the diagonal are 0"),
        "lower triangular": (bool(matrix.is_lower), "all entries above the diagonal are 0"),
    }
    holds, said = tests[name]
    return holds, said if holds else f"it is not the case that {said}"


def _definite(name: str, matrix: Any, sympy: Any) -> tuple[bool, str]:
    if matrix != matrix.T:
        return False, "it is not symmetric"
    if name == "positive semidefinite":
        holds = bool(matrix.is_positive_semidefinite)
        return holds, "no eigenvalue is negative" if holds else "an eigenvalue is negative"
    signed = -matrix if name == "negative definite" else matrix
    minors = [signed[:size, :size].det() for size in range(1, matrix.rows + 1)]
    told = ", ".join(plain(value) for value in minors)
    of = "-A" if name == "negative definite" else "A"
    return all(value > 0 for value in minors), f"the leading principal minors of {of} are {told}"


def _vectors(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    (what,) = ask.words
    columns = [matrix_of(Ask("", (node,))) for node in ask.args]
    if len({len(column) for column in columns}) != 1 or any(column.cols != 1 for column in columns):
        raise ToolError("the vectors must have the same number of components")
    matrix = sympy.Matrix.hstack(*columns)
    rank, count = matrix.rank(), matrix.cols
    if what == "dimension":
        return reading.solution(sympy.Integer(rank))
    if what == "span":
        return listed(matrix.columnspace(), reading, "only the zero vector")
    if what == "orthonormal":
        return _orthonormal(columns, rank, reading)
    holds = rank == count and (what != "basis" or count == matrix.rows)
    if what == "basis":
        text = f"{'yes' if holds else 'no'}: {count} vectors of rank {rank} in {matrix.rows} dimensions"
    elif holds:
        text = f"linearly independent (rank {rank} of {count})"
    else:
        text = f"linearly dependent: {_dependence(matrix)} (rank {rank} of {count})"
    word = "true" if holds else "false"
    return reading.solution(sympy.S.One, text=text, exact=word, number="", latex=rf"\text{{{word}}}")


def _dependence(matrix: Any) -> str:
    """`2*v1 - v2 = 0`."""
    sympy = sympy_library()
    factors = matrix.nullspace()[0]
    letters = sympy.symbols(f"v1:{matrix.cols + 1}")
    return f"{plain(sympy.Add(*(factor * letter for factor, letter in zip(factors, letters, strict=True))))} = 0"


def _orthonormal(columns: list[Any], rank: int, reading: Reading) -> Solution:
    sympy = sympy_library()
    if rank < len(columns):
        raise ToolError("the vectors are linearly dependent; leave out those that the others give")
    if len(columns) > MOST_ROOTS:
        raise ToolError(f"at most {MOST_ROOTS} vectors are made orthonormal")
    found = [tidied(column) for column in sympy.GramSchmidt(columns, orthonormal=True)]
    matrix = sympy.Matrix.hstack(*found)
    holds = same(matrix.T * matrix, sympy.eye(len(found)))
    return listed(found, reading, "", "checked: they are orthonormal" if holds else None)


def _system(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    matrix, right = matrix_of(ask), matrix_of(ask, 1)
    if right.rows != matrix.rows and right.cols == matrix.rows and right.rows == 1:
        right = right.T
    if right.rows != matrix.rows:
        raise ToolError(f"the right side needs {matrix.rows} entries, one a row of the matrix")
    if right.cols > 1:
        if matrix.rows != matrix.cols or matrix.det() == 0:
            raise ToolError("the matrix of this equation has no inverse")
        found = tidied(matrix.LUsolve(right))
        return matrix_solution(found, reading, MULTIPLIED if same(matrix * found, right) else None)
    names = ask.words or tuple(f"x{place}" for place in range(1, matrix.cols + 1))
    if len(names) != matrix.cols:
        raise ToolError(f"the matrix has {matrix.cols} columns but there are {len(names)} unknowns")
    letters = [sympy.Symbol(name) for name in names]
    solutions = sympy.linsolve((matrix, right), *letters)
    if not solutions:
        raise ToolError("this system has no solution")
    values = next(iter(solutions))
    holds = same(matrix * sympy.Matrix(values), right)
    if len(ask.words) == 0 and not any(value.free_symbols & set(letters) for value in values):
        column = sympy.Matrix(values)
        return reading.solution(
            sympy.S.One,
            text=f"x = {vector_text(column, plain)}",
            exact=vector_text(column, plain),
            number=vector_text(column, lambda item: decimal(item, reading.precision)),
            latex=latex_of(column),
            verified=MULTIPLIED if holds else None,
        )
    text = ", ".join(
        f"{name} = {plain(value)}" if value != letter else f"{name} is free"
        for name, letter, value in zip(names, letters, values, strict=True)
    )
    return reading.solution(
        sympy.S.One,
        text=text,
        exact=text,
        number="",
        latex=latex_of(sympy.Matrix(values)),
        verified=MULTIPLIED if holds else None,
    )


def _least_squares(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    matrix, right = numeric(matrix_of(ask)), numeric(matrix_of(ask, 1))
    if right.rows != matrix.rows or right.cols != 1:
        raise ToolError(f"the right side needs {matrix.rows} entries, one a row of the matrix")
    if matrix.rank() < matrix.cols:
        raise ToolError("the columns are linearly dependent, so the least squares solution is not unique")
    found = tidied((matrix.T * matrix).LUsolve(matrix.T * right))
    holds = same(matrix.T * (matrix * found - right), sympy.zeros(matrix.cols, 1))
    return reading.solution(
        sympy.S.One,
        text=f"x = {vector_text(found, reading.shown)}",
        exact=vector_text(found, plain),
        number=vector_text(found, lambda item: decimal(item, reading.precision)),
        latex=latex_of(found),
        verified="checked: what is left is perpendicular to the columns" if holds else None,
    )


def _plain_matrix(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    kind, size = ask.words
    if int(size) > 12:
        raise ToolError("matrices of at most 12 rows and columns are written out")
    return matrix_solution(sympy.eye(int(size)) if kind == "identity" else sympy.zeros(int(size), int(size)), reading)


HANDLERS: dict[str, Handler] = {
    "matrix": _about_matrix,
    "matrix property": _property,
    "vectors": _vectors,
    "matrix system": _system,
    "matrix least squares": _least_squares,
    "plain matrix": _plain_matrix,
}
