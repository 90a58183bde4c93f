"""Matrices and vectors: products, inverses, determinants, eigenvalues, each checked where a check is cheap.

A list of lists is a matrix by rows, a list of numbers a column. At most 12 rows and columns are read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import ToolError
from ..reading.syntax import Apply, Ask, Node, Sequence, walk
from ..solution import Solution
from .arithmetic import tidy
from .build import Builder
from .cost import MAX_BITS
from .domain import Handler, Value
from .presenting import Reading, check_defined
from .printing import decimal, latex_of, plain

_MOST = 12
_MOST_POWER = 1000
_MOST_SYMBOLIC = 5  # the determinant of a symbolic 8 x 8 matrix has 40,320 terms
_EXAMPLE = "write a matrix by rows: [[1, 2], [3, 4]]"


def is_matrix(node: Node) -> bool:
    """Whether an expression is a list of lists, or computes with lists outside of the arguments of a function."""
    if isinstance(node, Sequence):
        return any(isinstance(item, Sequence) for item in node.items)
    if not isinstance(node, Apply) or node.name not in _OPERATORS:
        return False
    return any(isinstance(part, Sequence) or is_matrix(part) for part in node.args)


_OPERATORS = frozenset(("+", "*", "^", "neg", "reciprocal"))


def evaluate(node: Node, reading: Reading) -> Solution:
    """The value of an expression of matrices."""
    flat = not any(isinstance(item, Sequence) for part in _outer_lists(node) for item in part.items)
    return matrix_solution(value_of(node, Builder()), reading, flat=flat)


def _outer_lists(node: Node) -> list[Sequence]:
    if isinstance(node, Sequence):
        return [node]
    return [found for part in node.args for found in _outer_lists(part)] if isinstance(node, Apply) else []


def value_of(node: Node, builder: Builder) -> Any:
    """The SymPy matrix, or the number, that an expression of matrices stands for.

    Raises:
        ToolError: if the shapes do not fit, or a matrix that must be inverted is singular.
    """
    import sympy

    if isinstance(node, Sequence):
        return _matrix(node, builder)
    if not isinstance(node, Apply) or node.name not in _OPERATORS or not _holds_list(node):
        return builder.build(node)
    parts = [value_of(part, builder) for part in node.args]
    if node.name == "neg":
        return -parts[0]
    if node.name == "reciprocal":
        return inverse(parts[0])
    if node.name == "^":
        return _power(parts[0], parts[1])
    result = parts[0]
    for part in parts[1:]:
        both = isinstance(result, sympy.MatrixBase) and isinstance(part, sympy.MatrixBase)
        if node.name == "+":
            if not both or result.shape != part.shape:
                raise ToolError("matrices can be added only when they have the same numbers of rows and columns")
            result = result + part
        else:
            if both and result.cols != part.rows:
                raise ToolError(
                    f"a {result.rows}x{result.cols} and a {part.rows}x{part.cols} matrix cannot be multiplied: the"
                    " columns of the first must be as many as the rows of the second"
                )
            result = result * part
    return result


def _holds_list(node: Node) -> bool:
    return any(isinstance(part, Sequence) for part in walk(node))


def _matrix(node: Sequence, builder: Builder) -> Any:
    import sympy

    rows = [item.items if isinstance(item, Sequence) else (item,) for item in node.items]
    if len({len(row) for row in rows}) != 1:
        raise ToolError(f"the rows of a matrix must be of the same length; {_EXAMPLE}")
    if len(rows) > _MOST or len(rows[0]) > _MOST:
        raise ToolError(f"matrices of at most {_MOST} rows and columns can be computed")
    matrix = sympy.ImmutableMatrix([[builder.build(item) for item in row] for row in rows])
    for item in matrix:
        check_defined(item)
    if matrix.free_symbols and max(matrix.shape) > _MOST_SYMBOLIC:
        raise ToolError(f"matrices with letters can have at most {_MOST_SYMBOLIC} rows and columns")
    return matrix


def _power(base: Any, exponent: Any) -> Any:
    import sympy

    if not isinstance(base, sympy.MatrixBase):
        raise ToolError("a matrix cannot be an exponent here; write [[1, 2], [3, 4]]^2")
    if not getattr(exponent, "is_Integer", False) or abs(int(exponent)) > _MOST_POWER:
        raise ToolError(f"a matrix can be raised to whole powers from -{_MOST_POWER} to {_MOST_POWER}")
    _square(base)
    most = 8 if base.free_symbols else _MOST_POWER
    if abs(int(exponent)) > most:
        raise ToolError(f"a matrix with letters can be raised to powers up to {most}")
    if _bits(base) * abs(int(exponent)) > MAX_BITS:
        raise ToolError("the entries of this power have too many digits to be written out; use a smaller power")
    return inverse(base) ** -int(exponent) if exponent < 0 else base ** int(exponent)


def _bits(matrix: Any) -> int:
    """Bits of the largest entry that is a fraction; other entries are bounded by the power alone."""
    return max((int(item.p).bit_length() + int(item.q).bit_length() for item in matrix if item.is_Rational), default=1)


def inverse(matrix: Any) -> Any:
    """The inverse.

    Raises:
        ToolError: if there is none.
    """
    import sympy

    if not isinstance(matrix, sympy.MatrixBase):
        return sympy.Pow(matrix, -1)
    _square(matrix)
    if matrix.det() == 0:
        raise ToolError("this matrix has no inverse: its determinant is 0")
    return matrix.inv().applyfunc(tidy)


def _square(matrix: Any) -> Any:
    if matrix.rows != matrix.cols:
        raise ToolError(f"this needs a square matrix, not {matrix.rows} rows and {matrix.cols} columns")
    return matrix


def matrix_text(matrix: Any, write: Callable[[Any], str]) -> str:
    """A matrix by rows, as it is read."""
    rows = ["[" + ", ".join(write(item) for item in matrix.row(row)) + "]" for row in range(matrix.rows)]
    return "[" + ", ".join(rows) + "]"


def vector_text(column: Any, write: Callable[[Any], str]) -> str:
    """A column as one list."""
    return "[" + ", ".join(write(item) for item in column) + "]"


def matrix_solution(value: Any, reading: Reading, verified: str | None = None, *, flat: bool = False) -> Solution:
    """The solution that is a matrix; `flat`: a single column is a vector, written as one list."""
    import sympy

    if not isinstance(value, sympy.MatrixBase):
        return reading.solution(tidy(value), verified=verified)
    shape = vector_text if flat and value.cols == 1 else matrix_text
    exact = shape(value, plain)
    numbers = [decimal(item, reading.precision) for item in value]
    number = shape(value, lambda item: decimal(item, reading.precision)) if all(numbers) else ""
    text = number if reading.decimals and number else exact
    return reading.solution(
        sympy.S.One, text=text, exact=exact, number=number, latex=latex_of(value), verified=verified
    )


def _argument(request: Ask, builder: Builder, *, square: bool = False) -> Any:
    import sympy

    value = value_of(request.args[0], builder)
    if not isinstance(value, sympy.MatrixBase):
        raise ToolError(f"the {request.name} needs a matrix; {_EXAMPLE}")
    return _square(value) if square else value


def _determinant(request: Ask, builder: Builder) -> Any:
    return tidy(_argument(request, builder, square=True).det())


def _trace(request: Ask, builder: Builder) -> Any:
    return tidy(_argument(request, builder, square=True).trace())


def _rank(request: Ask, builder: Builder) -> Any:
    import sympy

    return sympy.Integer(_argument(request, builder).rank())


def _dot(request: Ask, builder: Builder) -> Any:
    left, right = _vectors(request, builder)
    return tidy(left.dot(right))


def _vectors(request: Ask, builder: Builder) -> tuple[Any, Any]:
    import sympy

    left, right = (value_of(part, builder) for part in request.args)
    if not all(isinstance(part, sympy.MatrixBase) and 1 in part.shape for part in (left, right)):
        raise ToolError(f"the {request.name} needs two vectors: {request.name} of [1, 2, 3] and [4, 5, 6]")
    if len(left) != len(right):
        raise ToolError(f"the vectors have {len(left)} and {len(right)} components; they must have the same number")
    return left, right


def _number(value: Value) -> Handler:
    def answer(request: Ask, reading: Reading) -> Solution:
        return reading.solution(value(request, Builder()))

    return answer


def _inverse(request: Ask, reading: Reading) -> Solution:
    import sympy

    matrix = _argument(request, Builder(), square=True)
    found = inverse(matrix)
    holds = (matrix * found).applyfunc(sympy.simplify) == sympy.eye(matrix.rows)
    return matrix_solution(found, reading, "checked by multiplication" if holds else None)


def _transpose(request: Ask, reading: Reading) -> Solution:
    return matrix_solution(_argument(request, Builder()).T, reading)


def _row_echelon_form(request: Ask, reading: Reading) -> Solution:
    return matrix_solution(_argument(request, Builder()).rref()[0], reading)


def _cross(request: Ask, reading: Reading) -> Solution:
    left, right = _vectors(request, Builder())
    if len(left) != 3:
        raise ToolError("the cross product needs vectors of three components, such as [1, 0, 0] and [0, 1, 0]")
    found = left.cross(right)
    row = found.reshape(1, 3)
    holds = all(tidy(part.dot(found)) == 0 for part in (left, right))
    solution = matrix_solution(row, reading, "checked: it is perpendicular to both" if holds else None)
    return _without_outer_brackets(solution)


def _without_outer_brackets(solution: Solution) -> Solution:
    import dataclasses

    texts = {name: getattr(solution, name)[1:-1] for name in ("text", "exact", "decimal") if getattr(solution, name)}
    return dataclasses.replace(solution, **texts)


def _eigenvalues(request: Ask, reading: Reading) -> Solution:
    import sympy

    matrix = _argument(request, Builder(), square=True)
    found = matrix.eigenvals()
    if sum(found.values()) < matrix.rows:
        if matrix.free_symbols:
            raise ToolError("no closed form for the eigenvalues was found; give numbers for the letters")
        reading.assume("the eigenvalues have no simple closed form; they are given as decimals")
        roots = matrix.charpoly().nroots(n=max(reading.precision, 15), maxsteps=200)
        found = {root: roots.count(root) for root in roots}
    values = list(found) if matrix.free_symbols else sorted(found, key=_place)
    trace = sympy.Add(*(value * times for value, times in found.items()))
    holds = tidy(trace - matrix.trace()) == 0
    return _listed(
        [(value, " (twice)" if found[value] == 2 else f" ({found[value]} times)" if found[value] > 2 else "")
         for value in values],
        reading,
        "checked: they add up to the trace" if holds else None,
    )  # fmt: skip


def _place(value: Any) -> Any:
    number = complex(value.evalf(15))
    return (round(number.real, 9), number.imag)


def _listed(values: list[tuple[Any, str]], reading: Reading, verified: str | None) -> Solution:
    import sympy

    numbers = [decimal(value, reading.precision) for value, _ in values]
    return reading.solution(
        sympy.S.One,
        text=", ".join(reading.shown(value) + note for value, note in values),
        exact=", ".join(plain(value) + note for value, note in values),
        number=", ".join(numbers) if all(numbers) else "",
        latex=", ".join(latex_of(value) for value, _ in values),
        verified=verified,
    )


def _eigenvectors(request: Ask, reading: Reading) -> Solution:
    import sympy

    matrix = _argument(request, Builder(), square=True)
    pairs = [(value, vector) for value, _, vectors in matrix.eigenvects() for vector in vectors]
    holds = all((matrix * vector - value * vector).applyfunc(sympy.simplify).is_zero_matrix for value, vector in pairs)
    text = "; ".join(f"{plain(value)}: [{', '.join(plain(item) for item in vector)}]" for value, vector in pairs)
    latex = r",\ ".join(f"{latex_of(value)}: {latex_of(vector)}" for value, vector in pairs)
    verified = "checked by multiplication" if holds else None
    return reading.solution(sympy.S.One, text=text, exact=text, number="", latex=latex, verified=verified)


def _characteristic_polynomial(request: Ask, reading: Reading) -> Solution:
    import sympy

    matrix = _argument(request, Builder(), square=True)
    name = sympy.Symbol("lambda")
    if name in matrix.free_symbols:
        raise ToolError("lambda is the variable of the characteristic polynomial; use another letter in the matrix")
    return reading.solution(matrix.charpoly(name).as_expr())


def _null_space(request: Ask, reading: Reading) -> Solution:
    import sympy

    matrix = _argument(request, Builder())
    basis = matrix.nullspace()
    holds = all((matrix * vector).applyfunc(sympy.simplify).is_zero_matrix for vector in basis)
    text = "; ".join(f"[{', '.join(plain(item) for item in vector)}]" for vector in basis) or "only the zero vector"
    latex = ", ".join(latex_of(vector) for vector in basis) or r"\{0\}"
    verified = "checked by multiplication" if holds else None
    return reading.solution(sympy.S.One, text=text, exact=text, number="", latex=latex, verified=verified)


VALUES: dict[str, Value] = {"determinant": _determinant, "trace": _trace, "rank": _rank, "dot product": _dot}
HANDLERS: dict[str, Handler] = {
    **{name: _number(value) for name, value in VALUES.items()},
    "inverse": _inverse,
    "transpose": _transpose,
    "row echelon form": _row_echelon_form,
    "cross product": _cross,
    "eigenvalues": _eigenvalues,
    "eigenvectors": _eigenvectors,
    "characteristic polynomial": _characteristic_polynomial,
    "null space": _null_space,
}
