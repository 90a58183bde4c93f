# ruff: noqa: E501  a pattern is read more easily on one line
"""Linear algebra beyond single results: decompositions, properties, spans, `[[2, 1], [1, 3]] x = [3, 5]`, named matrices.

`LU decomposition of [[2, 1], [4, 3]]`, `is [[2, 1], [1, 2]] positive definite`, `are (1, 2) and (2, 4) linearly independent`,
`A = [[1, 2], [3, 4]], B = [[0, 1], [1, 0]], find AB`. A question about named matrices is read once more with the matrices in it.
"""

from __future__ import annotations

import re
from functools import cache

from ...errors import ToolError
from .clauses import TextReader, read_expression, read_list, without_lead_ins
from .syntax import Ask, Request, Sequence

_LEAD = re.compile(
    r"(?:what(?:'s| is| are)?|find|calculate|compute|determine|give|show|write|perform|do|use|apply|the|an?|for|me)\s+",
    re.IGNORECASE,
)
_DECOMPOSED = r"(?: decomposition| factori[sz]ation)?(?: form)?"
_OF = r"(?: (?:of|for|on|to))?(?: (?:the )?matrix)? ?\(?(?P<m>\[.+\])\)?"
_PHRASES = {
    "LU decomposition": rf"(?:lu|plu){_DECOMPOSED}|lu decompose|lower[- ]upper{_DECOMPOSED}",
    "QR decomposition": rf"qr{_DECOMPOSED}|qr decompose",
    "Cholesky decomposition": rf"cholesky{_DECOMPOSED}|ldl{_DECOMPOSED}",
    "singular value decomposition": rf"svd|singular value{_DECOMPOSED}",
    "singular values": "singular values",
    "diagonalization": "diagonali[sz]e|diagonali[sz]ation|eigendecomposition|eigenvalue decomposition|spectral decomposition",
    "Jordan form": "jordan(?: normal| canonical)? form",
    "column space": "(?:basis (?:for|of) (?:the )?)?(?:column space|image|range)",
    "row space": "(?:basis (?:for|of) (?:the )?)?row space",
    "nullity": "nullity|dimension of (?:the )?(?:null ?space|kernel)",
    "adjugate": "adjugate|adjoint|classical adjoint|adj",
    "cofactor matrix": "(?:matrix of )?cofactors|cofactor matrix",
    "minors": "(?:matrix of )?minors",
    "pseudoinverse": "(?:moore[- ]penrose )?pseudo-?inverse|moore[- ]penrose inverse",
    "matrix exponential": r"(?:matrix )?exponential|exp|e ?\^",
    "Frobenius norm": "frobenius norm|matrix norm|norm of (?:the )?matrix",
    "condition number": "condition number",
}
_PROPERTIES = {
    "symmetric": "symmetric", "antisymmetric": "(?:anti|skew)[- ]?symmetric", "orthogonal": "orthogonal", "invertible": "invertible|nonsingular|non-singular|regular",
    "singular": "singular", "positive definite": "positive[- ]definite", "positive semidefinite": "positive[- ]semi-?definite", "negative definite": "negative[- ]definite",
    "diagonalizable": "diagonali[sz]able", "diagonal": "(?:a )?diagonal(?: matrix)?", "upper triangular": "(?:an )?upper[- ]triangular(?: matrix)?",
    "lower triangular": "(?:a )?lower[- ]triangular(?: matrix)?", "idempotent": "idempotent", "nilpotent": "nilpotent",
}  # fmt: skip
_HINT = re.compile(
    r"\[\s*\[|linearly|gram[- ]?schmidt|\bspan\b|identity matrix|zero matrix|cramer|elimination|substitution"
    r"|form a basis|\bbasis\b|[\])] (?:dot|cross|\u00d7) [\[(]|\[.*\b[a-z] (?:dot|cross) [a-z]\b",
    re.IGNORECASE,
)
_MATRIX = r"\[\s*\[[^a-zA-Z=]*?\]\s*\]"
_NAMED = re.compile(
    rf"(?:(?:the )?(?:matrix|matrices) )?\b([A-Za-z])\s*(?:=|\bis\b|\bbe\b)\s*({_MATRIX}|\[[^\[\]]*\])[\s,;.]*(?:and\s+)?"
)
_STARTS_DEFINITION = re.compile(
    r"(?:^|[,;.:]|\b(?:let|given|if|where|for|suppose|with|when|and|matrix|matrices|vector))\s*$", re.IGNORECASE
)
_BY_METHOD = re.compile(
    r"(?:solve )?(?:use |using |by |with )?(?:gaussian elimination|gauss[- ]jordan(?: elimination)?|cramer'?s rule|(?:the )?elimination(?: method)?|(?:the )?substitution(?: method)?)"
    r"(?: (?:to solve|on|for))?(?: the system)?:? (?P<system>[^:]*=.*)|solve(?: the system)?:? (?P<before>[^:]*=.*?),? (?:by|using|with|via) (?:gaussian elimination|gauss[- ]jordan(?: elimination)?|cramer'?s rule|(?:the )?elimination(?: method)?|(?:the )?substitution(?: method)?)",
    re.IGNORECASE,
)
_LISTED = r"(?P<list>[\[(<{].+[\])>}])"


@cache
def _forms() -> list[tuple[str, re.Pattern[str]]]:
    forms = [(f"one:{name}", rf"(?:{phrase}){_OF}") for name, phrase in _PHRASES.items()]
    forms += [(f"one:{name}", rf"(?P<m>\[\s*\[.+\])'?s? (?:{phrase})") for name, phrase in _PHRASES.items()]
    forms += [
        (f"is:{name}", rf"is (?:the matrix )?(?P<m>\[\s*\[.+\]) (?:{phrase})") for name, phrase in _PROPERTIES.items()
    ]
    vectors = r"(?:the )?(?:set of )?(?:vectors? )?(?:set )?"
    forms += [
        ("vectors:independent", rf"(?:are|is|check (?:if|whether)|determine (?:if|whether)) {vectors}{_LISTED} (?:are |is )?linearly (?:in)?dependent(?: or (?:in)?dependent)?"),
        ("vectors:independent", rf"linear (?:in)?dependence (?:of )?{vectors}{_LISTED}"),
        ("vectors:orthonormal", rf"(?:gram[- ]?schmidt(?: (?:process|orthogonali[sz]ation|procedure))?(?: (?:on|of|to|for))?|orthonormal basis (?:for|of)(?: the span of)?|orthonormali[sz]e):? {vectors}{_LISTED}"),
        ("vectors:span", rf"(?:find )?(?:a )?basis (?:for|of) (?:the )?(?:span|subspace spanned)(?: of| by)? {vectors}{_LISTED}"),
        ("vectors:dimension", rf"dimension of (?:the )?(?:span|subspace spanned)(?: of| by)? {vectors}{_LISTED}"),
        ("vectors:basis", rf"do {vectors}{_LISTED} form a basis(?: (?:of|for) r\^?\d)?"),
        ("product", r"(?P<a>[\[(].+[\])]) (?P<kind>dot|cross|\u00d7) (?P<b>[\[(].+[\])])"),
        ("least squares", r"least[- ]squares(?: solution)?(?: (?:of|to|for))? ?(?P<m>\[\s*\[.+\]) ?\*? ?(?:x|\[[a-z, ]+\]) ?= ?(?P<b>\[.+\])"),
        ("system", r"(?:solve )?(?:the (?:matrix )?(?:equation|system) )?(?P<m>\[\s*\[.+\]) ?\*? ?(?P<x>[xX]|\[[a-z, ]+\]|\[\[[a-z]\](?:, ?\[[a-z]\])*\]) ?= ?(?P<b>\[.+\])(?: for [xX])?"),
        ("identity", r"(?:(?P<n>\d{1,2}) ?(?:x|by|\*|\u00d7) ?(?P=n) )?(?P<kind>identity|zero) matrix(?: of (?:size|order|dimension) (?P<size>\d{1,2})(?: ?(?:x|by) ?(?P=size))?| (?P<after>\d{1,2}) ?(?:x|by) ?(?P=after))?"),
    ]  # fmt: skip
    return [(name, re.compile(pattern, re.IGNORECASE)) for name, pattern in forms]


def read_linear_algebra(text: str, assumptions: list[str]) -> Request | None:
    """Read such a question; `None` for everything else."""
    if not _HINT.search(text):
        return None
    if request := _named(text, assumptions) or _by_method(text, assumptions):
        return request
    for candidate in without_lead_ins(" ".join(text.split()), _LEAD):
        for name, pattern in _forms():
            if found := pattern.fullmatch(candidate):
                return _request(name, found, assumptions)
    return None


def _request(name: str, found: re.Match[str], assumptions: list[str]) -> Request | None:
    kind, _, what = name.partition(":")
    if kind in ("one", "is"):
        matrix = read_expression(found["m"], assumptions)
        return Ask("matrix", (matrix,), (what,)) if kind == "one" else Ask("matrix property", (matrix,), (what,))
    if kind == "vectors":
        listed = re.sub(r"<([^<>]*)>", r"(\1)", found["list"])
        nodes = read_list(listed, assumptions)
        if len(nodes) == 1 and isinstance(nodes[0], Sequence):
            nodes = list(nodes[0].items)
        if len(nodes) < 2 or not all(isinstance(node, Sequence) for node in nodes):
            raise ToolError("write two vectors or more, such as (1, 2, 0) and (0, 1, 1)")
        return Ask("vectors", tuple(nodes), (what,))
    if kind == "identity":
        size = int(found["n"] or found["size"] or found["after"] or 0)
        return Ask("plain matrix", (), (found["kind"].lower(), str(size))) if size else None
    if kind == "product":
        vectors = tuple(read_expression(_as_list(found[part]), assumptions) for part in ("a", "b"))
        return Ask("dot product" if found["kind"].lower() == "dot" else "cross product", vectors)
    matrix, right = (read_expression(found[part], assumptions) for part in ("m", "b"))
    if kind == "system":
        letters = re.findall(r"[a-z]", found["x"]) if found["x"][0] == "[" else []
        return Ask("matrix system", (matrix, right), tuple(letters))
    return Ask("matrix least squares", (matrix, right))


def _as_list(vector: str) -> str:
    return f"[{vector[1:-1]}]" if vector[0] == "(" else vector


def _by_method(text: str, assumptions: list[str]) -> Request | None:
    """`solve x + y = 3, x - y = 1 by elimination`: the method changes nothing of the answer."""
    found = _BY_METHOD.fullmatch(text.strip())
    return _read_again(f"solve {found['system'] or found['before']}", assumptions) if found else None


def _named(text: str, assumptions: list[str]) -> Request | None:
    """Put named matrices into the question that they stand before or after."""
    defined = [found for found in _NAMED.finditer(text) if _STARTS_DEFINITION.search(text[: found.start()])]
    named = {found[1]: found[2] for found in defined}
    if not named or not (re.search(r"\[\s*\[", text) or re.search(r"\b(?:dot|cross)\b", text)):
        return None
    rest = text
    for found in reversed(defined):
        rest = f"{rest[: found.start()]}  {rest[found.end() :]}"
    rest = re.sub(
        r"\b(?:let|given|if|where|for|suppose|with|when|and)\b(?=[\s,.;]*$|\s{2})|^\s*(?:let|given|if|for|suppose)\b",
        " ",
        rest,
        flags=re.IGNORECASE,
    )
    question = " ".join(rest.split()).strip(" ,.;?")
    if not question:
        return None
    names = "".join(named)
    question = re.sub(r"\b([A-Z])\s*x\s*=\s*([a-zA-Z])\b", lambda m: f"{m[1]} x = {named.get(m[2], m[2])}", question)
    question = re.sub(rf"\b([{names}])\s+inverse\b", r"\1^-1", question)
    question = re.sub(
        rf"\b([{names}])\s+transposed?\b|\b([{names}])\s*(?:\^\s*\{{?T\}}?|')",
        lambda m: _transposed(named[m[1] or m[2]]),
        question,
    )
    question = re.sub(rf"\|([{names}])\|", r"determinant of \1", question)
    question = re.sub(rf"\b(\d*)([{names}]{{2,4}})\b", lambda m: "*".join([*([m[1]] if m[1] else []), *m[2]]), question)
    question = re.sub(rf"\b(\d+)([{names}])\b", r"\1*\2", question)
    substituted = re.sub(rf"(?<![A-Za-z])([{names}])(?![A-Za-z])", lambda m: named[m[1]], question)
    return _read_again(substituted, assumptions) if substituted != rest else None


def _transposed(matrix: str) -> str:
    rows = [row.split(",") for row in re.findall(r"\[([^\[\]]*)\]", matrix)]
    if len({len(row) for row in rows}) != 1:
        raise ToolError("the rows of a matrix must be of the same length; write a matrix by rows: [[1, 2], [3, 4]]")
    return "[" + ", ".join("[" + ", ".join(column) + "]" for column in zip(*rows, strict=True)) + "]"


def _read_again(text: str, assumptions: list[str]) -> Request:
    from .queries import read_query

    request, assumed = read_query(text)
    assumptions += assumed
    return request


READERS: list[TextReader] = [read_linear_algebra]
