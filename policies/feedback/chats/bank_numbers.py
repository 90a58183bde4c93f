"""Bank accounts and payment cards in texts, known by their check digits."""

from __future__ import annotations

import re

from .formulas import in_formula

IBAN = "IBAN"
CARD = "card"

# Lengths by country: SWIFT, IBAN Registry (ISO 13616).
_REGISTRY = (
    "AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BR:29 BY:28 CH:21 CR:22 CY:28 CZ:24 DE:22 DK:18 DO:28 "
    "EE:20 EG:29 ES:24 FI:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27 GT:28 HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26 "
    "IT:27 JO:30 KW:30 KZ:20 LB:28 LC:32 LI:21 LT:20 LU:20 LV:21 LY:25 MC:27 MD:24 ME:22 MK:19 MR:27 MT:31 MU:30 "
    "NL:18 NO:15 PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 SA:24 SC:31 SE:24 SI:19 SK:24 SM:27 ST:25 SV:28 TL:23 "
    "TN:24 TR:26 UA:29 VA:22 VG:24 XK:20"
)
_LENGTHS = {country: int(length) for country, _, length in (one.partition(":") for one in _REGISTRY.split())}
_BODIES = {
    length: re.compile(rf"[A-Za-z0-9](?:[ -]?[A-Za-z0-9]){{{length - 1}}}(?![A-Za-z0-9])")
    for length in frozenset(_LENGTHS.values())
}
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?=[ -]?[A-Za-z0-9])")
_CARD = re.compile(r"(?<![\w.,+/-])[2-6][0-9](?:[0-9]{11,17}|[0-9]{2}(?:[ -][0-9]{2,7}){2,4})(?![\w/-]|[.,][0-9])")
_GROUPINGS = ((4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3))


def redact_ibans(text: str) -> tuple[str, int]:
    """Puts `[IBAN]` in place of account numbers whose length and check digits are right."""
    parts: list[str] = []
    done = 0
    for found in _IBAN_START.finditer(text):
        end = _iban_end(text, found.start())
        if found.start() >= done and end:
            parts += [text[done : found.start()], f"[{IBAN}]"]
            done = end
    return "".join([*parts, text[done:]]), len(parts) // 2


def redact_cards(text: str) -> tuple[str, int]:
    """Puts `[card]` in place of numbers of a known brand whose check digit is right (Luhn, ISO/IEC 7812-1)."""
    count = 0

    def put(found: re.Match[str]) -> str:
        nonlocal count
        groups = tuple(len(group) for group in re.split("[ -]", found[0]))
        digits = re.sub("[ -]", "", found[0])
        grouped = len(groups) > 1
        if (grouped and groups not in _GROUPINGS) or not _is_card(digits):
            return found[0]
        if not grouped and in_formula(text, found.start(), found.end()):
            return found[0]
        count += 1
        return f"[{CARD}]"

    return _CARD.sub(put, text), count


def _iban_end(text: str, start: int) -> int:
    """Where an account number ends; 0 where none begins."""
    length = _LENGTHS.get(text[start : start + 2].upper(), 0)
    found = _BODIES[length].match(text, start) if length else None
    if found is None:
        return 0
    read = re.sub("[ -]", "", found[0])
    number = "".join(str(int(character, 36)) for character in read[4:] + read[:4])
    return found.end() if int(number) % 97 == 1 else 0


def _is_card(digits: str) -> bool:
    length, two, three, four = len(digits), int(digits[:2]), int(digits[:3]), int(digits[:4])
    brand = (
        (digits[0] == "4" and length in (13, 16, 19))  # Visa
        or (length == 16 and (51 <= two <= 55 or 2221 <= four <= 2720))  # Mastercard
        or (length == 15 and two in (34, 37))  # American Express
        or (length == 16 and (four == 6011 or two == 65 or 644 <= three <= 649))  # Discover
        or (length == 14 and (two in (36, 38) or 300 <= three <= 305))  # Diners Club
        or (length == 16 and 3528 <= four <= 3589)  # JCB
        or (16 <= length <= 19 and two == 62)  # UnionPay
    )
    if not brand or len(set(digits)) < 2:
        return False
    doubled = [2 * int(digit) for digit in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(one // 10 + one % 10 for one in doubled)) % 10 == 0
