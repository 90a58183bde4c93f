r"""LaTeX to the plain notation of `queries`: `\int_0^1 \frac{x}{2}\,dx` becomes `integral _(0)^(1) ((x)/(2)) dx`.

Only text becomes text here; what a command means is decided by the grammar. Read are fractions (also `\frac12` and the
mixed number `2\frac12`), roots, integrals, sums, products, limits, derivatives as `\frac{d}{dx}`, matrices and cases,
Greek letters and functions. Not read: macros of one's own, and every command that is not in this file.
"""

from __future__ import annotations

import re

from ...errors import ToolError
from .names import FUNCTIONS, GREEK, words

_SIGNS = {
    "cdot": "*", "times": "*", "ast": "*", "div": "/", "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=", "lt": "<",
    "gt": ">", "ne": "!=", "neq": "!=", "to": "->", "rightarrow": "->", "infty": " infinity ", "lvert": "|",
    "rvert": "|", "vert": "|", "mid": "|", "circ": " degrees ", "degree": " degrees ", "partial": "d",
    "prime": "'", "iiint": " integral ", "bmod": " mod ",
    "mod": " mod ", "lfloor": " floor(", "rfloor": ")", "lceil": " ceiling(", "rceil": ")", "lbrace": "{",
    "rbrace": "}", "int": " integral ", "iint": " integral ",
    "ldots": "...", "cdots": "...", "dots": "...", "dotsc": "...", "dotsb": "...", "hdots": "...",
    "and": " and ", "land": " and ",
    "lnot": " not ", "neg": " not ", "wedge": " and ", "lor": " or ", "vee": " or ", "oplus": " xor ",
    "implies": " -> ", "Rightarrow": " -> ", "iff": " <-> ", "Leftrightarrow": " <-> ", "leftrightarrow": " <-> ",
    "cup": " union ", "cap": " intersect ", "setminus": " minus ", "subseteq": " subset of ", "subset": " subset of ",
    "in": " in ", "emptyset": "{}", "varnothing": "{}", "therefore": " therefore ",
    "%": "%", "{": "{", "}": "}", "|": "|", "$": "", "arcsin": " asin ", "arccos": " acos ", "arctan": " atan ",
}  # fmt: skip
_NOTHING = frozenset(words("left right big Big bigg Bigg displaystyle textstyle limits quad qquad , ; : ! > ( ) [ ]"))
_GROUPS_OF_WORDS = frozenset(words("text operatorname textrm"))
_FONTS = frozenset(words("mathrm mathbf mathit boldsymbol mathcal mathscr vec"))
_DOTS = {"dot": "'", "ddot": "''", "dddot": "'''"}  # derivatives by time
_NAMES = {name: f" {name} " for name in (*GREEK, *FUNCTIONS, "det", "lg", "pi", "varphi", "varepsilon")} | {
    "varphi": " phi ",
    "varepsilon": " epsilon ",
    "lg": " log10 ",
}
_TOKEN = re.compile(r"\\([A-Za-z]+|.)|\s+|.", re.DOTALL)
_DERIVED = re.compile(r"d(?:\^(?:(\d+)|\((\d+)\)))?([A-Za-z]?)")
_BY = re.compile(r"d([a-z])(?:\^\(?(\d+)\)?)?")
_GREEK_DIFFERENTIAL = re.compile(r"(?<![A-Za-z])d\s+(theta|phi|rho|tau)\b(?!\s*[/^])")
_MATRICES = frozenset(words("matrix pmatrix bmatrix vmatrix Bmatrix smallmatrix"))
_MOST_NESTING = 40


def from_latex(text: str, assumptions: list[str]) -> str:
    """The same query without LaTeX.

    Args:
        text: a query with backslashes, of checked length.
        assumptions: receives how a mixed number was read.

    Raises:
        ToolError: naming a command that is not known, or a brace that is missing.
    """
    without_dollars = re.sub(r"\$\$?(?=.*\\)|(?<=.)\$\$?$", " ", text)
    plain = _Reader([found[0] for found in _TOKEN.finditer(without_dollars)], assumptions).all()
    return _GREEK_DIFFERENTIAL.sub(r"d\1", plain)


class _Reader:
    def __init__(self, tokens: list[str], assumptions: list[str]) -> None:
        self.tokens = tokens
        self.assumptions = assumptions
        self.position = 0
        self.nesting = 0

    def all(self) -> str:
        text = self._until(())
        if self.position < len(self.tokens):
            raise ToolError(f"there is a {self.tokens[self.position]} too many in the LaTeX")
        return text

    def _until(self, closing: tuple[str, ...]) -> str:
        parts: list[str] = []
        while self.position < len(self.tokens) and self.tokens[self.position] not in closing:
            piece = self.tokens[self.position]
            if piece == "}":
                break
            self.position += 1
            parts.append(self._piece(piece, parts))
        return "".join(parts)

    def _piece(self, piece: str, before: list[str]) -> str:
        if piece == "{":
            self.position -= 1
            return f"({self._group()})"
        if piece == "^":
            exponent = self._group()
            if exponent and not exponent.strip("' "):
                return exponent.strip()
            if exponent.strip() in ("degrees", "+", "-"):  # 30^\circ is an angle, and 0^+ names a side
                return exponent if "degrees" in exponent else exponent.strip()
            return f"^({exponent})"
        if piece == "_":
            index = self._group()
            return f"_{index}" if re.fullmatch(r"\w{1,8}", index) else f"_({index})"
        if not piece.startswith("\\"):
            return piece
        return self._command(piece[1:], before)

    def _command(self, name: str, before: list[str]) -> str:
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            return self._fraction(before)
        if name == "sqrt":
            return self._root()
        if name in ("binom", "dbinom"):
            return f" binomial({self._group()}, {self._group()})"
        if name in ("sum", "prod"):
            return self._accumulation("sum" if name == "sum" else "product")
        if name == "lim":
            return f" lim {self._scripts().get('_', '')} "
        if name == "log":
            scripts = self._script_texts()
            return f" log_{scripts['_']} " if "_" in scripts else " log "
        if name == "begin":
            return self._environment()
        if name in _GROUPS_OF_WORDS:
            return f" {self._group()} "
        if name in _FONTS:  # no space and no brackets: \mathrm{d}x is dx
            return self._group()
        if name == "nabla":
            return self._nabla()
        if name in _DOTS:
            return f" {self._group().strip()}{_DOTS[name]} "
        if name in _NOTHING or name.isspace():
            return " "
        if name in _SIGNS:
            return _SIGNS[name]
        if name in _NAMES:
            return _NAMES[name]
        raise ToolError(f"the LaTeX command \\{name} is not known; write the formula plainly, for example x^2/3")

    def _nabla(self) -> str:
        """The word for the operator that the sign after a nabla makes of it."""
        while self.position < len(self.tokens) and self.tokens[self.position].isspace():
            self.position += 1
        following = self.tokens[self.position] if self.position < len(self.tokens) else ""
        for signs, word in ((("\\times",), "curl"), (("\\cdot",), "divergence"), (("^",), "laplacian")):
            if following in signs:
                self.position += 1
                if following == "^":
                    self._group()
                return f" {word} of "
        return " gradient of "

    def _group(self) -> str:
        r"""What stands in braces, or the one sign that stands instead, as in `\frac12`."""
        self.nesting += 1
        if self.nesting > _MOST_NESTING:
            raise ToolError(f"braces nest deeper than {_MOST_NESTING}; ask in parts")
        while self.position < len(self.tokens) and self.tokens[self.position].isspace():
            self.position += 1
        if self.position >= len(self.tokens):
            raise ToolError("the LaTeX ends where an argument in braces is missing: \\frac{1}{2}")
        piece = self.tokens[self.position]
        self.position += 1
        if piece == "{":
            text = self._until(("}",))
            if self.position == len(self.tokens):
                raise ToolError("a closing } is missing in the LaTeX")
            self.position += 1
        else:
            text = self._piece(piece, [])
        self.nesting -= 1
        return text

    def _fraction(self, before: list[str]) -> str:
        upper, lower = self._group(), self._group()
        derived, by = _DERIVED.fullmatch(upper.replace(" ", "")), _BY.fullmatch(lower.replace(" ", ""))
        if derived and by:
            order = f"^{by[2]}" if by[2] else ""
            return f" d{derived[3]}{order}/d{by[1]}{order} "
        whole = ""
        while before and before[-1].isdigit():
            whole = before.pop() + whole
        stands_alone = not before or not (before[-1].isalpha() or before[-1] in ".,_")
        if whole and stands_alone and upper.isdigit() and lower.isdigit():
            self.assumptions.append(f"{whole} {upper}/{lower} read as a mixed number")
            return f"({whole}+({upper})/({lower}))"
        return f"{whole}(({upper})/({lower}))"

    def _root(self) -> str:
        if self.position < len(self.tokens) and self.tokens[self.position] == "[":
            self.position += 1
            degree = self._until(("]",))
            self.position += 1
            if self.position >= len(self.tokens):
                raise ToolError("the root lacks its argument in braces: \\sqrt[3]{8}")
            return f" root({self._group()}, {degree})"
        return f" sqrt({self._group()})"

    def _script_texts(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while self.position < len(self.tokens) and self.tokens[self.position] in ("_", "^", "\\limits"):
            sign = self.tokens[self.position]
            if sign != "_" and not found:
                break
            self.position += 1
            found[sign] = self._group() if sign != "\\limits" else ""
        return found

    def _scripts(self) -> dict[str, str]:
        return {sign: f"({text})" for sign, text in self._script_texts().items()}

    def _accumulation(self, name: str) -> str:
        scripts = self._script_texts()
        if "_" not in scripts or "^" not in scripts:
            return f" {name} of "
        return f" {name} from {scripts['_']} to {scripts['^']} of "

    def _environment(self) -> str:
        name = self._group()
        rows: list[list[str]] = [[]]
        while True:
            rows[-1].append(self._until(("&", "\\\\", "\\end")))
            if self.position >= len(self.tokens):
                raise ToolError(f"\\end{{{name}}} is missing in the LaTeX")
            sign = self.tokens[self.position]
            self.position += 1
            if sign == "\\end":
                break
            if sign == "\\\\":
                rows.append([])
        self._group()
        rows = [row for row in rows if any(cell.strip() for cell in row)]
        if name in ("cases", "aligned", "align"):
            if pieces := _in_pieces(rows):
                return pieces
            return ", ".join("".join(row) for row in rows)
        if name not in _MATRICES:
            raise ToolError(f"the LaTeX environment {name} is not known; known are pmatrix, bmatrix, vmatrix, cases")
        matrix = "[" + ", ".join("[" + ", ".join(row) + "]" for row in rows) + "]"
        return f" det({matrix})" if name == "vmatrix" else matrix


def _in_pieces(rows: list[list[str]]) -> str:
    """The rows of `cases` as the pieces of a function, if the second of two cells is a condition; else empty."""
    pieces: list[str] = []
    for row in rows:
        if len(row) != 2 or re.search(r"[<>=]", row[0]) or re.match(r"\s*(?:[<>=!]|$)", row[1]):
            return ""
        condition = re.sub(r"^[\s,]*(?:(?:if|for|when)\b)?\s*", "", row[1]).strip(" ,.;")
        pieces.append(f"{row[0].strip(' ,')} if {condition}")
    return "{" + "; ".join(pieces) + "}"
