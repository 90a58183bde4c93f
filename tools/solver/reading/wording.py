"""Spoken mathematics to signs: "three times x squared divided by four" becomes the tokens of `3 * x ^ 2 / 4`.

Works on tokens, so that nothing inside a name is touched, and leaves every word that it does not know in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .names import words
from .tokens import Token

# Longer phrases come before their beginnings; the article is gone when they are looked for.
_PHRASES: tuple[tuple[str, str], ...] = (
    ("is less than or equal to", "<="),
    ("is greater than or equal to", ">="),
    ("less than or equal to", "<="),
    ("greater than or equal to", ">="),
    ("raised to power of", "^"),
    ("raised to power", "^"),
    ("is not equal to", "!="),
    ("not equal to", "!="),
    ("is greater than", ">"),
    ("is less than", "<"),
    ("is at least", ">="),
    ("is at most", "<="),
    ("is equal to", "="),
    ("greater than", ">"),
    ("less than", "<"),
    ("equal to", "="),
    ("to power of", "^"),
    ("to power", "^"),
    ("raised to", "^"),
    ("multiplied by", "*"),
    ("multiply by", "*"),
    ("divided by", "÷"),
    ("divide by", "÷"),
    ("added to", "+"),
    ("increased by", "+"),
    ("decreased by", "-"),
    ("per cent", "percent"),
    ("square root", "sqrt"),
    ("cube root", "cbrt"),
    ("cubic root", "cbrt"),
    ("natural logarithm", "ln"),
    ("natural log", "ln"),
    ("common log", "log10"),
    ("lg", "log10"),
    ("absolute value", "abs"),
    ("with respect to", "wrt"),
    ("in respect to", "wrt"),
    ("greatest common divisor", "gcd"),
    ("greatest common factor", "gcd"),
    ("highest common factor", "gcd"),
    ("least common multiple", "lcm"),
    ("lowest common multiple", "lcm"),
    ("squared", "^ 2"),
    ("cubed", "^ 3"),
    ("plus", "+"),
    ("minus", "-"),
    ("negative", "-"),
    ("times", "*"),
    ("equals", "="),
    ("twice", "2 *"),
    ("double integral", "double integral"),
    ("triple integral", "triple integral"),
    ("double", "2 *"),
    ("triple", "3 *"),
    ("half of", "1/2 *"),
    ("half", "1/2"),
    ("quarter of", "1/4 *"),
    ("out of", "/"),
)
_PHRASES_BY_FIRST: dict[str, list[tuple[tuple[str, ...], Sequence[str]]]] = {}
for _phrase, _replacement in _PHRASES:
    _PHRASES_BY_FIRST.setdefault(_phrase.split()[0], []).append((tuple(_phrase.split()), _replacement.split()))

_UNITS = words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
_TENS = words("twenty thirty forty fifty sixty seventy eighty ninety")
CARDINALS = {word: number for number, word in enumerate(_UNITS)} | {word: 20 + 10 * n for n, word in enumerate(_TENS)}
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
ORDINALS = {
    word: number + 1
    for number, word in enumerate(
        words("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
    )
}
_PARTS = {"half": 2, "halves": 2, "quarter": 4, "quarters": 4} | {
    word + plural: number for word, number in ORDINALS.items() if number > 2 for plural in ("", "s")
}
ORDINAL_SUFFIXES = frozenset(("st", "nd", "rd", "th"))
# In these queries "over" names the range, not a division.
_RANGED = frozenset(words("integrate integral sum product antiderivative"))


def spoken_to_signs(tokens: list[Token]) -> list[Token]:
    """Replace number words and spoken operators by numbers and signs."""
    tokens = _ordinal_powers([token for token in tokens if token.word != "the"])
    tokens = _more_and_less(_number_words(tokens))
    ranged = any(token.word in _RANGED for token in tokens)
    result: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.word == "over" and not ranged and position > 0:
            result.append(token._replace(kind="op", text="/"))
            position += 1
            continue
        for phrase, replacement in _PHRASES_BY_FIRST.get(token.word, ()):
            if tuple(following.word for following in tokens[position : position + len(phrase)]) == phrase:
                result.extend(_sign(part, token) for part in replacement)
                position += len(phrase)
                break
        else:
            result.append(token)
            position += 1
    return _whole_divisors(result)


def _whole_divisors(tokens: list[Token]) -> list[Token]:
    """`2/3 divided by 4/9` divides by a fraction: what is said binds less than a stroke between two numbers."""
    result: list[Token] = []
    for position, token in enumerate(tokens):
        if token.text == "÷":
            result.append(token._replace(text="/"))
            divisor = tokens[position + 1 : position + 4]
            if [part.kind for part in divisor] == ["number", "op", "number"] and divisor[1].text == "/":
                result.append(token._replace(text="("))
                tokens[position + 3] = divisor[2]._replace(kind="group")
        elif token.kind == "group":
            result += [token._replace(kind="number"), token._replace(kind="op", text=")")]
        else:
            result.append(token)
    return result


def _more_and_less(tokens: list[Token]) -> list[Token]:
    """`5 less than 12` to `-5 + 12` and `7 more than 3` to `7 + 3`; `is 5 less than 12` asks whether it is."""
    result: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        said = [following.word for following in tokens[position + 1 : position + 4]]
        amount = token.kind == "number" and said[1:2] == ["than"] and said[0] in ("less", "fewer", "more")
        if amount and said[2:] != ["or"] and _names_an_amount(result):
            sign = token._replace(kind="op", text="-")
            result += [*([sign] if said[0] != "more" else []), token, token._replace(kind="op", text="+")]
            position += 3
        else:
            result.append(token)
            position += 1
    return result


def _names_an_amount(before: list[Token]) -> bool:
    """Whether a number here is an amount: at the start, or after `what is`, `x is` and `=`."""
    if not before:
        return True
    if before[-1].word in ("is", "equals"):
        return len(before) > 1
    return before[-1].text in ("=", "calculate", "find", "compute") or before[-1].word in ("by", "much")


def _sign(part: str, source: Token) -> Token:
    if part[0].isdigit():
        return source._replace(kind="number", text=part, value=Fraction(part))
    return source._replace(kind="word" if part.isalpha() or part == "log10" else "op", text=part)


def _ordinal_powers(tokens: list[Token]) -> list[Token]:
    """`x to the fourth [power]` to `x ^ 4`; the article is already gone."""
    result: list[Token] = []
    position = 0
    while position < len(tokens):
        token, following = tokens[position], tokens[min(position + 1, len(tokens) - 1)]
        suffix = tokens[position + 2].word if position + 2 < len(tokens) else ""
        if token.word == "to" and (following.word in ORDINALS or suffix in ORDINAL_SUFFIXES):
            spelled = following.word in ORDINALS
            power = Fraction(ORDINALS[following.word]) if spelled else following.value
            result += [token._replace(kind="op", text="^"), _number(following, int(power))]
            position += 2 if spelled else 3
            if tokens[position].word == "power":
                position += 1
        else:
            result.append(token)
            position += 1
    return result


def _number_words(tokens: list[Token]) -> list[Token]:
    result: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.word in CARDINALS:
            end = position
            while tokens[end].word in CARDINALS or (end > position and _continues(tokens, end)):
                end += 1
            words = [part.word for part in tokens[position:end] if part.word in CARDINALS or part.word in _SCALES]
            result.append(_number(token, _spoken_value(words)))
            position = end
        elif token.word in _PARTS and result and result[-1].kind == "number" and _is_part(tokens, position):
            result += [token._replace(kind="op", text="/"), _number(token, _PARTS[token.word])]
            position += 1
        elif token.word in _SCALES and result and result[-1].kind == "number":
            value = result[-1].value * _SCALES[token.word]
            result[-1] = result[-1]._replace(value=value, text=str(value))
            position += 1
        else:
            result.append(token)
            position += 1
    return result


def _is_part(tokens: list[Token], position: int) -> bool:
    """Whether this word names a share, as in `two thirds`, and not a place, as in `third derivative`."""
    return tokens[min(position + 1, len(tokens) - 1)].word not in ("derivative", "root", "power", "order", "partial")


def _continues(tokens: list[Token], position: int) -> bool:
    """Whether a number in words goes on here: `two hundred`, `two hundred and five`, `sixty-seven`."""
    word, before = tokens[position].word, tokens[position - 1].word
    if tokens[position].text == "-" and not tokens[position].spaced and before in _TENS:
        return CARDINALS.get(tokens[position + 1].word, 20) < 10
    return word in _SCALES or (word == "and" and before in _SCALES and tokens[position + 1].word in CARDINALS)


def _spoken_value(words: list[str]) -> int:
    total = current = 0
    for word in words:
        if word in CARDINALS:
            current += CARDINALS[word]
        elif word == "hundred":
            current = max(current, 1) * 100
        else:
            total += max(current, 1) * _SCALES[word]
            current = 0
    return total + current


def _number(source: Token, value: int) -> Token:
    return source._replace(kind="number", text=str(value), value=Fraction(value))
