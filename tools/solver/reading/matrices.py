"""Queries about matrices, which are written by rows: `determinant of [[1, 2], [3, 4]]`.

Sums, products and powers of matrices are expressions and need no word. Not read: the dot and cross product as signs
between vectors; they are `dot product of [1, 2] and [3, 4]` or `dot([1, 2], [3, 4])`.
"""

from __future__ import annotations

from typing import Any

from .clauses import Command
from .syntax import Ask, Request

_PHRASES = {
    "determinant": ("determinant", "det"),
    "inverse": ("inverse of matrix", "inverse matrix", "matrix inverse", "inverse of", "inverse", "invert"),
    "transpose": ("transpose of matrix", "transpose"),
    "rank": ("rank of matrix", "matrix rank", "rank"),
    "trace": ("trace of matrix", "trace"),
    "row echelon form": ("reduced row echelon form", "row echelon form", "row reduce", "rref"),
    "eigenvalues": ("eigenvalues", "eigenvalue"),
    "eigenvectors": ("eigenvectors", "eigenvector"),
    "characteristic polynomial": ("characteristic polynomial",),
    "null space": ("null space", "nullspace", "kernel"),
}
_PAIRS = {
    "dot product": ("dot product", "scalar product", "inner product"),
    "cross product": ("cross product", "vector product"),
}


def _unary(parser: Any, name: str) -> Request | None:
    for word in ("of", "matrix"):
        parser.accept_words(word)
    if not parser.at_op("[", "("):
        return None
    matrix = parser.expression()
    parser.finish(f"{name} of [[1, 2], [3, 4]]")
    return Ask(name, (matrix,))


def _pair(parser: Any, name: str) -> Request:
    for word in ("of", "vectors", "between"):
        parser.accept_words(word)
    first = parser.expression()
    if not parser.accept_words("and"):
        parser.accept_op(",")
    second = parser.expression()
    parser.finish(f"{name} of [1, 2, 3] and [4, 5, 6]")
    return Ask(name, (first, second))


COMMANDS: list[Command] = []
for _name, _phrases in _PHRASES.items():
    COMMANDS += [(phrase, lambda parser, name=_name: _unary(parser, name)) for phrase in _phrases]
for _name, _phrases in _PAIRS.items():
    COMMANDS += [(phrase, lambda parser, name=_name: _pair(parser, name)) for phrase in _phrases]
