"""Text to tokens: numbers, words and signs, with the mathematical signs of Unicode brought to ASCII first.

Not read: a backslash (`latex` has taken LaTeX away before), strings (any quote), attribute access (a full stop that is
not part of a number). Each of these is an error that says so, which is what keeps programs out: there is no token for
them.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import NamedTuple

from ...errors import ToolError

MAX_QUERY_LENGTH = 500
MAX_EXPONENT = 5000

_SIGNS = {
    "×": "*", "·": "*", "⋅": "*", "∙": "*", "∗": "*", "∕": "/", "⁄": "/", "−": "-", "–": "-", "—": "-",
    "÷": " divided by ",
    "≤": "<=", "≥": ">=", "≠": "!=", "→": "->", "⟶": "->", "∞": " infinity ", "°": " degrees ",
    "∫": " integrate ", "∑": " sum of ", "∏": " product of ", "π": " pi ", "ℯ": " e ", "∣": "|", "’": "'", "′": "'",
    "⌊": " floor(", "⌋": ")", "⌈": " ceiling(", "⌉": ")",
    "½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8",
    "⅞": "7/8",
    "α": " alpha ", "β": " beta ", "γ": " gamma ", "δ": " delta ", "ε": " epsilon ", "θ": " theta ", "κ": " kappa ",
    "λ": " lambda ", "μ": " mu ", "ν": " nu ", "ξ": " xi ", "ρ": " rho ", "σ": " sigma ", "τ": " tau ", "φ": " phi ",
    "ϕ": " phi ", "χ": " chi ", "ψ": " psi ", "ω": " omega ", "Δ": " Delta ", "Σ": " Sigma ", "Ω": " Omega ",
}  # fmt: skip
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_VULGAR_FRACTION = re.compile(r"(\d+)?\s*([½⅓⅔¼¾⅕⅛⅜⅝⅞])")
_SUPERSCRIPT_RUN = re.compile(f"[{''.join(_SUPERSCRIPTS)}]+")
_SUBSCRIPT_RUN = re.compile(f"[{''.join(_SUBSCRIPTS)}]+")
_LEIBNIZ = re.compile(r"(?<![A-Za-z])([d∂])([²³⁴])(?=/\1[A-Za-z]\2)|(?<=/[d∂][A-Za-z])[²³⁴]")
_NABLAS = (
    (re.compile(r"∇\s*[×⨯]"), " curl of "), (re.compile(r"∇\s*[·⋅∙•]"), " divergence of "),
    (re.compile(r"∇\s*(?:²|\^\s*2)"), " laplacian of "), (re.compile(r"∇"), " gradient of "),
)  # fmt: skip
_CURRENCY = re.compile(r"[$€£¥](?=\s*\d)")

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<base>0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)(?![0-9A-Za-z_])"
    r"|(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?|\d+\.(?!\w))"
    r"|(?P<word>[A-Za-z]+(?:_[A-Za-z0-9]{1,8}|\d+)?)"
    r"|(?P<prime>(?<=[A-Za-z0-9_)])'{1,6}(?![A-Za-z'\"]))"
    r"|(?P<op>\*\*|->|=>|<=|>=|!=|<>|==|!!|[-+*/^%!=<>()\[\]{},;|:√∛_])"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?")
_SPELLINGS = {"**": "^", "=>": "->", "<>": "!=", "==": "="}


class Token(NamedTuple):
    """One token.

    Args:
        kind: `number`, `word`, `op`, `prime` (the signs of a derivative, as in f'') or `end`.
        text: the word or sign in its one spelling (`^` for `**`).
        spaced: whether white space stands before it.
        value: of a number, exact.
        decimal: whether the number was written with a point.
        start: position in the text that was read, for messages.
    """

    kind: str
    text: str
    spaced: bool = False
    value: Fraction = Fraction(0)
    decimal: bool = False
    start: int = 0

    @property
    def word(self) -> str:
        """The word in lower case, empty for anything else."""
        return self.text.lower() if self.kind == "word" else ""


def check_length(query: str) -> None:
    """Refuse a query that is too long to be read.

    Raises:
        ToolError: if it has more than 500 characters.
    """
    if len(query) > MAX_QUERY_LENGTH:
        raise ToolError(f"the query has {len(query)} characters; at most {MAX_QUERY_LENGTH} are read. Ask in parts.")


def plain_text(query: str) -> str:
    """The query in ASCII: superscripts become `^(…)`, signs become operators, full-width forms become plain.

    Raises:
        ToolError: if the query is too long.
    """
    check_length(query)
    text = _VULGAR_FRACTION.sub(lambda found: f"({found[1] or 0}+{_SIGNS[found[2]]})", query)
    if "∇" in text:
        for nabla, words in _NABLAS:
            text = nabla.sub(words, text)
    text = _LEIBNIZ.sub(lambda found: f"{found[1] or ''}^{_SUPERSCRIPTS[(found[2] or found[0])]}", text)
    text = _SUPERSCRIPT_RUN.sub(lambda found: "^(" + "".join(_SUPERSCRIPTS[sign] for sign in found[0]) + ")", text)
    text = _SUBSCRIPT_RUN.sub(lambda found: "_" + "".join(_SUBSCRIPTS[sign] for sign in found[0]), text)
    text = "".join(_SIGNS.get(sign, sign) for sign in text)
    text = "".join(_SIGNS.get(sign, sign) for sign in unicodedata.normalize("NFKC", text))
    if len(text) > 4 * MAX_QUERY_LENGTH:  # some single characters stand for many
        raise ToolError("the query is too long once its special characters are written out. Ask in parts.")
    return _CURRENCY.sub("", text)


def tokenize(text: str, *, comma_groups: bool = True) -> tuple[list[Token], list[str]]:
    """Cut plain text into tokens.

    Args:
        text: what `plain_text` returned.
        comma_groups: whether `1,234` outside a call is one number.

    Returns:
        The tokens, closed by one of kind `end`, and the assumptions made.

    Raises:
        ToolError: at a character that no formula has.
    """
    tokens: list[Token] = []
    assumptions: list[str] = []
    calls: list[bool] = []  # for each open bracket: whether commas in it separate arguments
    position, spaced = 0, False
    while position < len(text):
        thousands = _THOUSANDS.match(text, position) if comma_groups and not any(calls) else None
        if thousands and not _follows_digit(text, position):
            digits = thousands[0].replace(",", "")
            assumptions.append(f"{thousands[0]} read as the number {digits}")
            tokens.append(Token("number", digits, spaced, Fraction(digits), "." in digits, position))
            position, spaced = thousands.end(), False
            continue
        found = _TOKEN.match(text, position)
        if found is None:
            raise ToolError(_unreadable(text, position))
        if found.lastgroup == "space":
            spaced = True
        else:
            token = _token(found, spaced)
            _track_brackets(token, tokens, calls)
            if token.text == "!=" and not spaced and tokens and tokens[-1].kind == "number":
                tokens += [token._replace(text="!"), token._replace(text="=")]  # 5!=120 speaks of a factorial
            else:
                tokens.append(token)
            spaced = False
        position = found.end()
    tokens.append(Token("end", "", spaced, start=len(text)))
    return tokens, assumptions


def _follows_digit(text: str, position: int) -> bool:
    return position > 0 and (text[position - 1].isdigit() or text[position - 1] in ".,")


def _token(found: re.Match[str], spaced: bool) -> Token:
    text, start = found[0], found.start()
    if found.lastgroup == "base":
        return Token("number", text, spaced, Fraction(int(text, 0)), False, start)
    if found.lastgroup == "number":
        mantissa, _, exponent = text.lower().partition("e")
        if exponent and abs(int(exponent)) > MAX_EXPONENT:
            raise ToolError(f"{text} is too large or too small; exponents up to {MAX_EXPONENT} are read")
        mantissa = mantissa.rstrip(".")
        value = Fraction(mantissa) * Fraction(10) ** int(exponent or 0)
        return Token("number", text, spaced, value, "." in mantissa or exponent.startswith("-"), start)
    return Token(str(found.lastgroup), _SPELLINGS.get(text, text), spaced, start=start)


def _track_brackets(token: Token, before: list[Token], calls: list[bool]) -> None:
    if token.kind != "op":
        return
    if token.text in ("(", "[", "{"):
        is_call = token.text != "(" or (bool(before) and before[-1].kind == "word" and not token.spaced)
        calls.append(is_call)
    elif token.text in (")", "]", "}") and calls:
        calls.pop()


def _unreadable(text: str, position: int) -> str:
    sign = text[position]
    if sign == "\\":
        return "a backslash cannot stand here; write it plainly, for example x^2/3, sqrt(2), integrate x^2 from 0 to 1"
    if sign in "'\"`":
        return f"quotes ({sign}) are not mathematics; write only the formula, for example derivative of x^2"
    if sign == ".":
        return f"a full stop cannot stand {_place(text, position)}; write numbers like 0.5 and products like 2*x"
    if sign == "±":
        return "± cannot be read; write the two cases one by one"
    return f"the character {sign!r} cannot be read {_place(text, position)}; write formulas like 2*x^2 + sqrt(3)"


def _place(text: str, position: int) -> str:
    before = text[max(0, position - 15) : position].strip()
    return f"after {before!r}" if before else "at the start"
