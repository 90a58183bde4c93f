"""Calls as other algebra systems write them, brought to ours: `Integrate[x^2, {x, 0, 1}]`, `int(x^2, x=0..1)`.

Wolfram Language: heads with square brackets, lists in braces, `==`, `->` in Limit. Maple and Sage: `x=0..1`. Python:
`math.sqrt(16)`, `Matrix([[1, 2], [3, 4]]).det()`, `17 // 5`.
"""

from __future__ import annotations

import re

_HEAD = re.compile(r"\b([A-Z][A-Za-z0-9]*)\[")
_HEADS = {
    "D": "diff", "Integrate": "integrate", "NIntegrate": "integrate", "Limit": "limit", "Sum": "sum",
    "Product": "product",
    "Solve": "solve", "NSolve": "solve", "Reduce": "solve", "Series": "series", "N": "N", "Det": "det",
    "Inverse": "inverse", "Eigenvalues": "eigenvalues", "Transpose": "transpose", "MatrixRank": "rank", "Tr": "trace",
    "FactorInteger": "factor", "PrimeQ": "isprime", "Log": "ln", "Sqrt": "sqrt", "Exp": "exp", "Abs": "abs",
    "GCD": "gcd", "LCM": "lcm", "Mod": "mod", "Binomial": "binomial", "Mean": "mean", "Median": "median",
    "Variance": "variance", "StandardDeviation": "std", "Max": "max", "Min": "min", "Floor": "floor",
    "Ceiling": "ceiling", "Simplify": "simplify", "FullSimplify": "simplify", "Expand": "expand", "Factor": "factor",
    "Apart": "apart", "ArcSin": "asin", "ArcCos": "acos", "ArcTan": "atan", "ArcSinh": "asinh", "ArcCosh": "acosh",
    "ArcTanh": "atanh", "Prime": "prime", "Divisors": "divisors", "Factorial": "factorial", "Total": "sum",
}  # fmt: skip
_TRIGONOMETRIC = ("Sin", "Cos", "Tan", "Cot", "Sec", "Csc", "Sinh", "Cosh", "Tanh")
_SERIES_ORDER = re.compile(r"series\((.*), ?\((\w+), ?([^,()]+), ?(\d+)\)\)")
_RANGE = re.compile(r"(?<=[(,\s])([A-Za-z])\s*=\s*([^,()=.]+|\d*\.?\d+)\s*\.\.\s*([^,()=]+)(?=[,)])")
_MODULE = re.compile(r"(?<![\w.])(?:math|cmath|np|numpy|sympy|sp)\.(?:linalg\.)?(?=[A-Za-z])")
_METHOD = re.compile(r"(?:Matrix|array)\((\[\s*\[[^()]*\]\s*\])\)(?:\.([A-Za-z_]+)(?:\(\))?)?")
_METHODS = {
    "det": "determinant", "inv": "inverse", "rank": "rank", "trace": "trace", "T": "transpose",
    "transpose": "transpose",
    "rref": "rref", "eigenvals": "eigenvalues", "eigenvects": "eigenvectors", "nullspace": "null space",
}  # fmt: skip
_FLOOR_DIVISION = re.compile(r"(?<![\w.)])(-?\d+(?:\.\d+)?)\s*//\s*(\d+(?:\.\d+)?)(?![\w.(])")
_NSOLVE = re.compile(r"nsolve\((.*?,\s*[a-z]),\s*-?[\d.]+\)")


def from_other_systems(text: str) -> str:
    """The same query with its calls in our notation; any other text as it is."""
    text = _from_python(text)
    if _HEAD.search(text) and all(_known(head) for head in _HEAD.findall(text)):
        text = _from_wolfram(text)
    if "(" in text and ".." in text:
        text = _RANGE.sub(r"(\1, \2, \3)", text)
    return text


def _from_python(text: str) -> str:
    text = _FLOOR_DIVISION.sub(r"floor((\1)/(\2))", _MODULE.sub("", text))
    text = _NSOLVE.sub(r"solve(\1)", text)
    return _METHOD.sub(_command, text)


def _command(found: re.Match[str]) -> str:
    """`Matrix(...).det()` as `determinant of ...`; a method that is not known stays, for the error to name it."""
    matrix, method = found[1], found[2]
    if not method:
        return matrix
    return f"{_METHODS[method]} of {matrix}" if method in _METHODS else found[0]


def _known(head: str) -> bool:
    return head in _HEADS or head in _TRIGONOMETRIC


def _from_wolfram(text: str) -> str:
    """Square brackets of heads to round ones, lists of lists to matrices, other lists to ranges."""
    result: list[str] = []
    closing: list[str] = []
    position = 0
    while position < len(text):
        head = _HEAD.match(text, position)
        if head and (position == 0 or not text[position - 1].isalnum()):
            name = head[1]
            result.append((_HEADS.get(name) or name.lower()) + "(")
            closing.append(")")
            position = head.end()
            continue
        sign = text[position]
        if sign == "{":
            matrix = text[position + 1 :].lstrip().startswith("{") or "]" in closing
            result.append("[" if matrix else "(")
            closing.append("]" if matrix else ")")
        elif sign == "[":
            result.append("[")
            closing.append("]")
        elif sign in "]}" and closing:
            result.append(closing.pop())
        else:
            result.append(sign)
        position += 1
    plain = re.sub(r"\bInfinity\b", "infinity", "".join(result).replace("==", "="))
    plain = re.sub(r"limit\((.*?),\s*(\w+)\s*->\s*([^,()]+|\([^()]*\))\)", r"limit(\1, \2, \3)", plain)
    return _SERIES_ORDER.sub(r"series(\1, \2, \3, \4)", plain)
