"""Decompositions and properties of matrices, spans of vectors, systems as matrices; multiplied back where that checks.

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
from .matrices import matrix_text, value_of, vector_text
from .presenting import Reading
from .printing import decimal, latex_of, plain
from .untyped import sympy_library

_MOST_ROOTS = 5  # rows of a matrix whose roots are written out
_MULTIPLIED = "checked by multiplication"


def _matrix_of(ask: Ask, place: int = 0, *, square: bool = False, most: int = 12) -> Any:
    sympy = sympy_library()
    matrix = value_of(ask.args[place], Builder())
    if not isinstance(matrix, sympy.MatrixBase):
        raise ToolError("write a matrix by rows: [[1, 2], [3, 4]]")
    if square and matrix.rows != matrix.cols:
        raise ToolError(f"this needs a square matrix, not {matrix.rows} rows and {matrix.cols} columns")
    if max(matrix.shape) > most:
        raise ToolError(f"this is computed for matrices of at most {most} rows and columns")
    return sympy.Matrix(matrix)


def _numbers(matrix: Any) -> Any:
    if matrix.free_symbols:
        raise ToolError("this needs a matrix of numbers, without letters")
    return matrix


def _tidied(matrix: Any) -> Any:
    sympy = sympy_library()
    return matrix.applyfunc(
        lambda item: sympy.nsimplify(item) if item.is_Integer else sympy.radsimp(sympy.simplify(item))
    )


def _same(left: Any, right: Any) -> bool:
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


def _one(matrix: Any, reading: Reading, verified: str | None = None) -> Solution:
    sympy = sympy_library()
    exact = matrix_text(matrix, plain)
    numbers = [decimal(item, reading.precision) for item in matrix]
    number = matrix_text(matrix, lambda item: decimal(item, reading.precision)) if all(numbers) else ""
    text = number if reading.decimals and number else exact
    return reading.solution(
        sympy.S.One, text=text, exact=exact, number=number, latex=latex_of(matrix), verified=verified
    )


def _listed(columns: list[Any], reading: Reading, none: str, verified: str | None = None) -> Solution:
    sympy = sympy_library()
    text = ", ".join(vector_text(column, plain) for column in columns) or none
    latex = r",\ ".join(latex_of(column) for column in columns) or rf"\text{{{none}}}"
    return reading.solution(sympy.S.One, text=text, exact=text, number="", latex=latex, verified=verified)


def _lu(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    matrix = _matrix_of(ask)
    lower, upper, swaps = matrix.LUdecomposition()
    order = sympy.eye(matrix.rows).permuteFwd(swaps) if swaps else None
    product = lower * upper
    holds = _same(product, matrix if order is None else order * matrix)
    parts = {"L": lower, "U": upper} | ({"P": order} if order is not None else {})
    return _named(parts, reading, _MULTIPLIED if holds else None, "" if order is None else "P*A = L*U with ")


def _qr(ask: Ask, reading: Reading) -> Solution:
    matrix = _numbers(_matrix_of(ask, most=_MOST_ROOTS))
    if matrix.rank() < matrix.cols:
        raise ToolError("the QR decomposition is computed for matrices whose columns are linearly independent")
    q, r = (_tidied(part) for part in matrix.QRdecomposition())
    return _named({"Q": q, "R": r}, reading, _MULTIPLIED if _same(q * r, matrix) else None)


def _cholesky(ask: Ask, reading: Reading) -> Solution:
    matrix = _numbers(_matrix_of(ask, square=True, most=_MOST_ROOTS + 1))
    if not matrix.is_symmetric() or not matrix.is_positive_definite:
        raise ToolError("the Cholesky decomposition needs a symmetric, positive definite matrix")
    lower = _tidied(matrix.cholesky(hermitian=False))
    return _named({"L": lower}, reading, _MULTIPLIED if _same(lower * lower.T, matrix) else None, "A = L*L^T with ")


def _svd(ask: Ask, reading: Reading) -> Solution:
    import numpy as np

    sympy = sympy_library()
    matrix = _numbers(_matrix_of(ask))
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
    return _named(parts, reading, _MULTIPLIED if holds else None)


def _singular_values(ask: Ask, reading: Reading) -> Solution:
    import numpy as np

    sympy = sympy_library()
    matrix = _numbers(_matrix_of(ask))
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
    matrix = _matrix_of(ask, square=True, most=_MOST_ROOTS)
    if not matrix.is_diagonalizable():
        raise ToolError("this matrix cannot be diagonalized: it has too few eigenvectors; ask for its Jordan form")
    p, d = (_tidied(part) for part in matrix.diagonalize())
    return _named({"P": p, "D": d}, reading, _MULTIPLIED if _same(matrix * p, p * d) else None, "A = P*D*P^-1 with ")


def _jordan(ask: Ask, reading: Reading) -> Solution:
    matrix = _matrix_of(ask, square=True, most=_MOST_ROOTS)
    p, j = (_tidied(part) for part in matrix.jordan_form())
    return _named({"J": j, "P": p}, reading, _MULTIPLIED if _same(matrix * p, p * j) else None, "A = P*J*P^-1 with ")


def _column_space(ask: Ask, reading: Reading) -> Solution:
    return _listed(_matrix_of(ask).columnspace(), reading, "only the zero vector")


def _row_space(ask: Ask, reading: Reading) -> Solution:
    reduced, pivots = _matrix_of(ask).rref()
    return _listed([reduced.row(row) for row in range(len(pivots))], reading, "only the zero vector")


def _nullity(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    matrix = _matrix_of(ask)
    reading.assume("the dimension of the null space: the number of columns less the rank")
    return reading.solution(sympy.Integer(matrix.cols - matrix.rank()))


def _adjugate(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    matrix = _matrix_of(ask, square=True, most=8)
    found = matrix.adjugate().applyfunc(sympy.simplify)
    return _one(found, reading, _MULTIPLIED if _same(matrix * found, matrix.det() * sympy.eye(matrix.rows)) else None)


def _cofactors(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    return _one(_matrix_of(ask, square=True, most=8).cofactor_matrix().applyfunc(sympy.simplify), reading)


def _minors(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    matrix = _matrix_of(ask, square=True, most=8)
    if matrix.rows < 2:
        raise ToolError("minors need a matrix of at least two rows")
    return _one(sympy.Matrix(matrix.rows, matrix.cols, lambda row, col: matrix.minor(row, col)), reading)


def _pseudoinverse(ask: Ask, reading: Reading) -> Solution:
    matrix = _numbers(_matrix_of(ask, most=8))
    found = _tidied(matrix.pinv())
    return _one(found, reading, _MULTIPLIED if _same(matrix * found * matrix, matrix) else None)


def _exponential(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    matrix = _matrix_of(ask, square=True, most=4)
    found = matrix.exp().applyfunc(lambda item: sympy.simplify(item.rewrite(sympy.exp)))
    if not matrix.free_symbols and all(item.is_real for item in matrix):
        found = found.applyfunc(
            lambda item: sympy.simplify(sympy.re(sympy.expand_complex(item))) if item.has(sympy.I) else item
        )
    return _one(found, reading)


def _frobenius(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    reading.assume("the Frobenius norm: the root of the sum of all squares")
    return reading.solution(sympy.sqrt(sum((abs(item) ** 2 for item in _matrix_of(ask)), sympy.Integer(0))))


def _condition(ask: Ask, reading: Reading) -> Solution:
    import numpy as np

    sympy = sympy_library()
    matrix = _numbers(_matrix_of(ask, square=True))
    if matrix.det() == 0:
        raise ToolError("a singular matrix has no finite condition number")
    values = np.linalg.svd(np.array(matrix.evalf(17).tolist(), dtype=complex), compute_uv=False)
    reading.assume("in the 2-norm: the largest singular value over the least")
    return reading.solution(sympy.Float(float(values[0] / values[-1]), 12))


_ONE: dict[str, Handler] = {
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


def _about_matrix(ask: Ask, reading: Reading) -> Solution:
    return _ONE[ask.words[0]](ask, reading)


def _property(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    (name,) = ask.words
    matrix = _numbers(_matrix_of(ask, square=name != "symmetric", most=8))
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
        holds = _same(power, wanted)
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
    columns = [_matrix_of(Ask("", (node,))) for node in ask.args]
    if len({len(column) for column in columns}) != 1 or any(column.cols != 1 for column in columns):
        raise ToolError("the vectors must have the same number of components")
    matrix = sympy.Matrix.hstack(*columns)
    rank, count = matrix.rank(), matrix.cols
    if what == "dimension":
        return reading.solution(sympy.Integer(rank))
    if what == "span":
        return _listed(matrix.columnspace(), reading, "only the zero vector")
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
    if len(columns) > _MOST_ROOTS:
        raise ToolError(f"at most {_MOST_ROOTS} vectors are made orthonormal")
    found = [_tidied(column) for column in sympy.GramSchmidt(columns, orthonormal=True)]
    matrix = sympy.Matrix.hstack(*found)
    holds = _same(matrix.T * matrix, sympy.eye(len(found)))
    return _listed(found, reading, "", "checked: they are orthonormal" if holds else None)


def _system(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    matrix, right = _matrix_of(ask), _matrix_of(ask, 1)
    if right.rows != matrix.rows and right.cols == matrix.rows and right.rows == 1:
        right = right.T
    if right.rows != matrix.rows:
        raise ToolError(f"the right side needs {matrix.rows} entries, one a row of the matrix")
    if right.cols > 1:
        if matrix.rows != matrix.cols or matrix.det() == 0:
            raise ToolError("the matrix of this equation has no inverse")
        found = _tidied(matrix.LUsolve(right))
        return _one(found, reading, _MULTIPLIED if _same(matrix * found, right) else None)
    names = ask.words or tuple(f"x{place}" for place in range(1, matrix.cols + 1))
    if len(names) != matrix.cols:
        raise ToolError(f"the matrix has {matrix.cols} columns but there are {len(names)} unknowns")
    letters = [sympy.Symbol(name) for name in names]
    solutions = sympy.linsolve((matrix, right), *letters)
    if not solutions:
        raise ToolError("this system has no solution")
    values = next(iter(solutions))
    holds = _same(matrix * sympy.Matrix(values), right)
    if len(ask.words) == 0 and not any(value.free_symbols & set(letters) for value in values):
        column = sympy.Matrix(values)
        return reading.solution(
            sympy.S.One,
            text=f"x = {vector_text(column, plain)}",
            exact=vector_text(column, plain),
            number=vector_text(column, lambda item: decimal(item, reading.precision)),
            latex=latex_of(column),
            verified=_MULTIPLIED if holds else None,
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
        verified=_MULTIPLIED if holds else None,
    )


def _least_squares(ask: Ask, reading: Reading) -> Solution:
    sympy = sympy_library()
    matrix, right = _numbers(_matrix_of(ask)), _numbers(_matrix_of(ask, 1))
    if right.rows != matrix.rows or right.cols != 1:
        raise ToolError(f"the right side needs {matrix.rows} entries, one a row of the matrix")
    if matrix.rank() < matrix.cols:
        raise ToolError("the columns are linearly dependent, so the least squares solution is not unique")
    found = _tidied((matrix.T * matrix).LUsolve(matrix.T * right))
    holds = _same(matrix.T * (matrix * found - right), sympy.zeros(matrix.cols, 1))
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
    return _one(sympy.eye(int(size)) if kind == "identity" else sympy.zeros(int(size), int(size)), reading)


HANDLERS: dict[str, Handler] = {
    "matrix": _about_matrix,
    "matrix property": _property,
    "vectors": _vectors,
    "matrix system": _system,
    "matrix least squares": _least_squares,
    "plain matrix": _plain_matrix,
}
