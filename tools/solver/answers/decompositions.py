"""Matrices as products of simpler ones, and what is read off them; multiplied back where that checks.

Exact throughout, but for singular value decompositions and condition numbers, which are computed in decimals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Ask
from ..solution import Solution
from .build import Builder
from .domain import Handler
from .matrices import matrix_solution, matrix_text, value_of, vector_text
from .presenting import Reading
from .printing import decimal, latex_of, plain
from .untyped import sympy_library

MOST_ROOTS = 5  # rows of a matrix whose roots are written out
MULTIPLIED = "checked by multiplication"


def matrix_of(ask: Ask, place: int = 0, *, square: bool = False, most: int = 12) -> Any:
    """The matrix of an argument, its shape checked."""
    sympy = sympy_library()
    matrix = value_of(ask.args[place], Builder())
    if not isinstance(matrix, sympy.MatrixBase):
        raise ToolError("write a matrix by rows: [[1, 2], [3, 4]]")
    if square and matrix.rows != matrix.cols:
        raise ToolError(f"this needs a square matrix, not {matrix.rows} rows and {matrix.cols} columns")
    if max(matrix.shape) > most:
        raise ToolError(f"this is computed for matrices of at most {most} rows and columns")
    return sympy.Matrix(matrix)


def numeric(matrix: Any) -> Any:
    """The matrix itself, if it has no letters."""
    if matrix.free_symbols:
        raise ToolError("this needs a matrix of numbers, without letters")
    return matrix


def tidied(matrix: Any) -> Any:
    """Every entry in its simplest form, without roots below a line."""
    sympy = sympy_library()
    return matrix.applyfunc(lambda item: sympy.radsimp(sympy.simplify(item)))


def same(left: Any, right: Any) -> bool:
    """Whether two matrices are equal."""
    sympy = sympy_library()
    difference = (left - right).applyfunc(sympy.simplify)
    return bool(difference.is_zero_matrix)


def _named(parts: dict[str, Any], reading: Reading, verified: str | None, note: str = "") -> Solution:
    """`L = [[1, 0], [2, 1]], U = [[2, 1], [0, 1]]`."""
    sympy = sympy_library()

    def written(write: Callable[[Any], str]) -> str:
        return note + ", ".join(f"{name} = {matrix_text(matrix, write)}" for name, matrix in parts.items())

    exact = written(plain)
    numbers = [decimal(item, reading.precision) for matrix in parts.values() for item in matrix]
    number = written(lambda item: decimal(item, reading.precision)) if all(numbers) else ""
    latex = r",\ ".join(f"{name} = {latex_of(matrix)}" for name, matrix in parts.items())
    text = number if reading.decimals and number else exact
    return reading.solution(sympy.S.One, text=text, exact=exact, number=number, latex=latex, verified=verified)


def listed(columns: list[Any], reading: Reading, none: str, verified: str | None = None) -> Solution:
    """Vectors, one beside the other."""
    sympy = sympy_library()
    text = ", ".join(vector_text(column, plain) for column in columns) or none
    latex = r",\ ".join(latex_of(column) for column in columns) or rf"\text{{{none}}}"
    return reading.solution(sympy.S.One, text=text, exact=text, number="", latex=latex, verified=verified)


def _lu(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    matrix = matrix_of(ask)
    lower, upper, swaps = matrix.LUdecomposition()
    order = sympy.eye(matrix.rows).permuteFwd(swaps) if swaps else None
    product = lower * upper
    holds = same(product, matrix if order is None else order * matrix)
    parts = {"L": lower, "U": upper} | ({"P": order} if order is not None else {})
    return _named(parts, reading, MULTIPLIED if holds else None, "" if order is None else "P*A = L*U with ")


def _qr(ask: Ask, reading: Reading) -> Solution:
    matrix = numeric(matrix_of(ask, most=MOST_ROOTS))
    if matrix.rank() < matrix.cols:
        raise ToolError("the QR decomposition is computed for matrices whose columns are linearly independent")
    q, r = (tidied(part) for part in matrix.QRdecomposition())
    return _named({"Q": q, "R": r}, reading, MULTIPLIED if same(q * r, matrix) else None)


def _cholesky(ask: Ask, reading: Reading) -> Solution:
    matrix = numeric(matrix_of(ask, square=True, most=MOST_ROOTS + 1))
    if not matrix.is_symmetric() or not matrix.is_positive_definite:
        raise ToolError("the Cholesky decomposition needs a symmetric, positive definite matrix")
    lower = tidied(matrix.cholesky(hermitian=False))
    return _named({"L": lower}, reading, MULTIPLIED if same(lower * lower.T, matrix) else None, "A = L*L^T with ")


def _svd(ask: Ask, reading: Reading) -> Solution:
    import numpy as np

    sympy = sympy_library()
    matrix = numeric(matrix_of(ask))
    if not all(item.is_real for item in matrix):
        raise ToolError("the singular value decomposition is computed for real matrices")
    values = np.array(matrix.evalf(17).tolist(), dtype=float)
    u, s, vt = np.linalg.svd(values, full_matrices=False)
    signs = np.where(u[np.abs(u).argmax(axis=0), np.arange(u.shape[1])] < 0, -1.0, 1.0)
    u, vt = u * signs, vt * signs[:, None]
    holds = np.allclose(u @ np.diag(s) @ vt, values, atol=1e-10 * max(1.0, float(np.abs(values).max())))
    digits = min(reading.precision, 10)

    def exactly(part: Any) -> Any:
        return sympy.Matrix([[sympy.Float(0 if abs(x) < 1e-14 * s[0] else x, digits) for x in row] for row in part])

    parts = {"U": exactly(u), "S": exactly(np.diag(s)), "V^T": exactly(vt)}
    reading.assume("computed in decimals; singular vectors are determined up to their sign")
    return _named(parts, reading, MULTIPLIED if holds else None)


def _singular_values(ask: Ask, reading: Reading) -> Solution:
    import numpy as np

    sympy = sympy_library()
    matrix = numeric(matrix_of(ask))
    gram = matrix.T * matrix if matrix.rows >= matrix.cols else matrix * matrix.T
    values: list[Any] = []
    if gram.rows <= 2:
        values = [
            sympy.sqrtdenest(sympy.sqrt(sympy.simplify(value)))
            for value, times in gram.eigenvals().items()
            for _ in range(times)
        ]
    else:
        found = np.linalg.svd(np.array(matrix.evalf(17).tolist(), dtype=float), compute_uv=False)
        values = [sympy.Float(value, min(reading.precision, 14)) for value in found]
    values.sort(key=lambda value: -float(value))
    total = sum((value**2 for value in values), sympy.Integer(0))
    holds = abs(float(total) - float(gram.trace())) < 1e-9 * (1 + abs(float(gram.trace())))
    numbers = ", ".join(decimal(value, reading.precision) for value in values)
    return reading.solution(
        sympy.S.One,
        text=", ".join(reading.shown(value) for value in values),
        exact=", ".join(plain(value) for value in values),
        number=numbers,
        latex=", ".join(latex_of(value) for value in values),
        verified="checked: their squares add up to the trace of A^T*A" if holds else None,
    )


def _diagonalization(ask: Ask, reading: Reading) -> Solution:
    matrix = matrix_of(ask, square=True, most=MOST_ROOTS)
    if not matrix.is_diagonalizable():
        raise ToolError("this matrix cannot be diagonalized: it has too few eigenvectors; ask for its Jordan form")
    p, d = (tidied(part) for part in matrix.diagonalize())
    return _named({"P": p, "D": d}, reading, MULTIPLIED if same(matrix * p, p * d) else None, "A = P*D*P^-1 with ")


def _jordan(ask: Ask, reading: Reading) -> Solution:
    matrix = matrix_of(ask, square=True, most=MOST_ROOTS)
    p, j = (tidied(part) for part in matrix.jordan_form())
    return _named({"J": j, "P": p}, reading, MULTIPLIED if same(matrix * p, p * j) else None, "A = P*J*P^-1 with ")


def _column_space(ask: Ask, reading: Reading) -> Solution:
    return listed(matrix_of(ask).columnspace(), reading, "only the zero vector")


def _row_space(ask: Ask, reading: Reading) -> Solution:
    reduced, pivots = matrix_of(ask).rref()
    return listed([reduced.row(row) for row in range(len(pivots))], reading, "only the zero vector")


def _nullity(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    matrix = matrix_of(ask)
    reading.assume("the dimension of the null space: the number of columns less the rank")
    return reading.solution(sympy.Integer(matrix.cols - matrix.rank()))


def _adjugate(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    matrix = matrix_of(ask, square=True, most=8)
    found = matrix.adjugate().applyfunc(sympy.simplify)
    return matrix_solution(
        found, reading, MULTIPLIED if same(matrix * found, matrix.det() * sympy.eye(matrix.rows)) else None
    )


def _cofactors(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    return matrix_solution(matrix_of(ask, square=True, most=8).cofactor_matrix().applyfunc(sympy.simplify), reading)


def _minors(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    matrix = matrix_of(ask, square=True, most=8)
    if matrix.rows < 2:
        raise ToolError("minors need a matrix of at least two rows")
    return matrix_solution(sympy.Matrix(matrix.rows, matrix.cols, lambda row, col: matrix.minor(row, col)), reading)


def _pseudoinverse(ask: Ask, reading: Reading) -> Solution:
    matrix = numeric(matrix_of(ask, most=8))
    found = tidied(matrix.pinv())
    return matrix_solution(found, reading, MULTIPLIED if same(matrix * found * matrix, matrix) else None)


def _exponential(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    matrix = matrix_of(ask, square=True, most=4)
    found = matrix.exp().applyfunc(lambda item: sympy.simplify(item.rewrite(sympy.exp)))
    if not matrix.free_symbols and all(item.is_real for item in matrix):
        found = found.applyfunc(
            lambda item: sympy.simplify(sympy.re(sympy.expand_complex(item))) if item.has(sympy.I) else item
        )
    return matrix_solution(found, reading)


def _frobenius(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    reading.assume("the Frobenius norm: the root of the sum of all squares")
    return reading.solution(sympy.sqrt(sum((abs(item) ** 2 for item in matrix_of(ask)), sympy.Integer(0))))


def _condition(ask: Ask, reading: Reading) -> Solution:
    import numpy as np

    sympy = sympy_library()
    matrix = numeric(matrix_of(ask, square=True))
    if matrix.det() == 0:
        raise ToolError("a singular matrix has no finite condition number")
    values = np.linalg.svd(np.array(matrix.evalf(17).tolist(), dtype=complex), compute_uv=False)
    reading.assume("in the 2-norm: the largest singular value over the least")
    return reading.solution(sympy.Float(float(values[0] / values[-1]), 12))


DECOMPOSITIONS: dict[str, Handler] = {
    "LU decomposition": _lu,
    "QR decomposition": _qr,
    "Cholesky decomposition": _cholesky,
    "singular value decomposition": _svd,
    "singular values": _singular_values,
    "diagonalization": _diagonalization,
    "Jordan form": _jordan,
    "column space": _column_space,
    "row space": _row_space,
    "nullity": _nullity,
    "adjugate": _adjugate,
    "cofactor matrix": _cofactors,
    "minors": _minors,
    "pseudoinverse": _pseudoinverse,
    "matrix exponential": _exponential,
    "Frobenius norm": _frobenius,
    "condition number": _condition,
}
