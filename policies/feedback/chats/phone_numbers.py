"""Telephone numbers in texts.

A number counts by its form: with a country's code (ITU-T E.164), as written in North America, or with the leading 0 and
the groups of other countries. A bare row of digits counts only behind a word such as "phone" or "call".
"""

from __future__ import annotations

import re

from .formulas import in_formula

PHONE = "phone"
MIN_DIGITS, MAX_DIGITS = 8, 15

_NO_NUMBER_BEFORE = r"(?<![\w.,:+#/*^=-])(?<![0-9] )"
_NO_NUMBER_AFTER = r"(?![\w%°€$£]|[.,:/+*^=-][0-9]|[-/]\w| [0-9])"
_GAP = r"[ .\u00a0\u2009\u2011\u2013/-]"
_ASSIGNED = (
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 "
    "82 84 86 90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 "
    "234 235 236 237 238 239 240 241 242 243 244 245 246 248 249 250 251 252 253 254 255 256 257 258 260 261 "
    "262 263 264 265 266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 "
    "373 374 375 376 377 378 380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 "
    "509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 "
    "687 688 689 690 691 692 800 808 850 852 853 855 856 870 880 881 882 883 886 888 960 961 962 963 964 965 "
    "966 967 968 970 971 972 973 974 975 976 977 979 992 993 994 995 996 998"
)
_CODES = frozenset(_ASSIGNED.split())
_DIGITS = rf"[0-9]{{1,14}}(?:(?:{_GAP}{{1,2}}|{_GAP}?\([0-9]{{1,5}}\){_GAP}?)[0-9]{{1,12}}){{0,7}}"
_INTERNATIONAL = re.compile(rf"{_NO_NUMBER_BEFORE}(?:\(\+[0-9]{{1,3}}\) ?|\+ ?|00(?=[1-9])){_DIGITS}{_NO_NUMBER_AFTER}")
_NORTH_AMERICAN = re.compile(
    rf"{_NO_NUMBER_BEFORE}(?:1[ .-])?(?:\([2-9][0-9]{{2}}\) ?-?|[2-9][0-9]{{2}}(?P<gap>[ .\u2011-]))"
    rf"[2-9][0-9]{{2}}(?(gap)(?P=gap)|[ .-])[0-9]{{4}}{_NO_NUMBER_AFTER}"
)
_PAIRS = re.compile(
    rf"{_NO_NUMBER_BEFORE}0[1-9](?:(?P<gap>[ .-])[0-9]{{2}})(?:(?P=gap)[0-9]{{2}}){{3}}{_NO_NUMBER_AFTER}"
)
_LEADING_ZERO = re.compile(
    rf"{_NO_NUMBER_BEFORE}(?:\(0[1-9][0-9]{{1,4}}\)|0[1-9][0-9]{{1,4}}(?=[ /\u2011\u2013-]))"
    rf"(?: ?[/\u2011\u2013-] ?| )?[0-9]{{2,9}}(?:[ -][0-9]{{2,5}}){{0,4}}{_NO_NUMBER_AFTER}"
)
_WORD = re.compile(
    r"(?<![A-Za-z])(?P<word>tel|telefon|telephone|phone|mobile|mobil|handy|cell|cellphone|fax|whatsapp|call|ring|text|dial|"
    r"sms|t[ée]l[ée]phone|t[ée]l|portable|anrufen|rufnummer|telefonnummer|handynummer|hotline|callback|landline)(?![A-Za-z])"
    r"(?P<between>(?:[ :=.,\u2013-]{1,3}(?:number|numbers|no|nr|nummer|me|us|him|her|them|back|at|on|is|to|my|under|"
    r"unter|or|via|ist|the|new|work|home|phone|mobile|cell|number's)(?![A-Za-z])){0,6}[ :=.#\u2013(-]{0,4})"
    rf"(?P<number>\+?\(?[0-9](?:{_GAP}?(?:[()]{_GAP}?)?[0-9]){{5,14}}){_NO_NUMBER_AFTER}",
    re.IGNORECASE,
)
_DIGIT = re.compile("[0-9]")
_DATE = re.compile(
    r"(?:[0-9]{4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,2}|[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ](?:19|20)[0-9]{2})(?![0-9])"
)
_LARGEST_DRAWN = 50
_CALLING = frozenset(("call", "ring", "text", "dial", "cell", "portable", "mobile", "mobil", "handy"))


def redact_phones(text: str) -> tuple[str, int]:
    """Puts `[phone]` in place of telephone numbers."""
    if not _DIGIT.search(text):
        return text, 0
    count = 0

    def put_if(is_phone: bool, found: re.Match[str]) -> str:
        nonlocal count
        if not is_phone or in_formula(text, found.start(), found.end()) or _is_added(text, found):
            return found[0]
        count += 1
        return f"[{PHONE}]"

    def announced(found: re.Match[str]) -> str:
        nonlocal count
        if not _is_announced(found["word"].lower(), found["number"]):
            return found[0]
        count += 1
        return found[0][: found.start("number") - found.start()] + f"[{PHONE}]"

    text = _WORD.sub(announced, text)
    for pattern, check in (
        (_INTERNATIONAL, _is_international),
        (_NORTH_AMERICAN, lambda number: True),
        (_PAIRS, _is_in_pairs),
        (_LEADING_ZERO, _is_with_zero),
    ):
        text = pattern.sub(lambda found, check=check: put_if(check(found[0]), found), text)
    return text, count


def _is_international(number: str) -> bool:
    digits = _digits_of(number)
    if not number.lstrip("(").startswith("+"):
        # 0049 30 901820: without groups, it could be any number with noughts before it.
        if digits == number.strip():
            return False
        digits = digits[2:]
    # (0) is dialled inside of the country alone.
    digits = digits if "(0)" not in number else digits.replace("0", "", 1)
    if not MIN_DIGITS <= len(digits) <= MAX_DIGITS or re.fullmatch(r"\+[0-9]+\.[0-9]+", number):
        return False
    code = next((digits[:size] for size in (1, 2, 3) if digits[:size] in _CODES), "")
    if code == "1":
        return bool(re.fullmatch("1[2-9][0-9]{2}[2-9][0-9]{6}", digits))
    return bool(code) and not digits.endswith("00000") and not re.search(r"[ .]000$", number)


def _is_added(text: str, found: re.Match[str]) -> bool:
    """Whether the + before a number is that of a sum."""
    left = text[max(0, found.start() - 4) : found.start()].rstrip()
    if not found[0].startswith("+") or not left:
        return False
    ungrouped = found[0][1:].isdigit()
    return left[-1].isdigit() or (ungrouped and bool(re.search(r"[)\]]$|(?<![A-Za-z])[A-Za-z]$", left)))


def _is_in_pairs(number: str) -> bool:
    pairs = [int(pair) for pair in re.findall("[0-9]{2}", number)]
    # Five small numbers that rise are a draw of a lottery, or count.
    return (sorted(set(pairs)) != pairs or pairs[-1] > _LARGEST_DRAWN) and not _DATE.match(number)


def _is_with_zero(number: str) -> bool:
    digits = _digits_of(number)
    first, *rest = re.split("[ /()-]+", number.strip("("))
    if not 9 <= len(digits) <= 12 or set(digits) <= {"0", "1"} or _DATE.match(number):
        return False
    # A ZIP code of the USA with its four digits more.
    return not (len(first) == 5 and [len(group) for group in rest] == [4] and "-" in number)


def _is_announced(word: str, number: str) -> bool:
    digits = _digits_of(number)
    if not 7 <= len(digits) <= MAX_DIGITS or _DATE.match(number) or digits.endswith("00000"):
        return False
    # "Call 1234567 functions" reckons; "phone 1234567" does not.
    return digits != number or word not in _CALLING or len(digits) >= 9


def _digits_of(number: str) -> str:
    return re.sub(r"[^0-9]", "", number)
