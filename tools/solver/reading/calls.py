"""Questions of the domains that may be written as calls, alone or inside a formula: `det([[1, 2], [3, 4]])`."""

from __future__ import annotations

from typing import NamedTuple


class Call(NamedTuple):
    """How an operation is called.

    Args:
        ask: name of the question that it stands for, a key of `answers.registry.HANDLERS`.
        least: smallest number of arguments.
        most: largest number of arguments; negative for any number.
        form: a call that works, for messages.
    """

    ask: str
    least: int
    most: int
    form: str


CALLS: dict[str, Call] = {
    "det": Call("determinant", 1, 1, "det([[1, 2], [3, 4]])"),
    "determinant": Call("determinant", 1, 1, "determinant([[1, 2], [3, 4]])"),
    "inverse": Call("inverse", 1, 1, "inverse([[1, 2], [3, 4]])"),
    "inv": Call("inverse", 1, 1, "inv([[1, 2], [3, 4]])"),
    "transpose": Call("transpose", 1, 1, "transpose([[1, 2], [3, 4]])"),
    "rank": Call("rank", 1, 1, "rank([[1, 2], [2, 4]])"),
    "trace": Call("trace", 1, 1, "trace([[1, 2], [3, 4]])"),
    "rref": Call("row echelon form", 1, 1, "rref([[1, 2], [3, 4]])"),
    "eigenvalues": Call("eigenvalues", 1, 1, "eigenvalues([[1, 2], [3, 4]])"),
    "eigenvals": Call("eigenvalues", 1, 1, "eigenvals([[1, 2], [3, 4]])"),
    "eigenvectors": Call("eigenvectors", 1, 1, "eigenvectors([[1, 2], [3, 4]])"),
    "nullspace": Call("null space", 1, 1, "nullspace([[1, 2], [2, 4]])"),
    "dot": Call("dot product", 2, 2, "dot([1, 2], [3, 4])"),
    "cross": Call("cross product", 2, 2, "cross([1, 0, 0], [0, 1, 0])"),
}
