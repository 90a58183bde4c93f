"""E-mail addresses in texts."""

from __future__ import annotations

import re

E_MAIL = "e-mail"

_LETTER = r"[^\W_]"
_DOMAIN = (
    rf"(?:{_LETTER}(?:[\w-]{{0,61}}{_LETTER})?\.){{1,8}}(?P<top>xn--[a-z0-9-]{{2,40}}|[^\W\d_]{{2,24}})(?![\w-]|\()"
)
# An address follows nothing that could be a part of it, so that no search begins inside of a long word.
_BEFORE = r"(?<![\w.%+'-])"
_LOCAL = r"[\w.%+'-]{1,64}"
_PLAIN = re.compile(rf"{_BEFORE}{_LOCAL}@{_DOMAIN}")
_SPELT = re.compile(
    rf"{_BEFORE}{_LOCAL}\s?[\[({{]\s?(?:at|AT|@)\s?[\])}}]\s?"
    rf"{_LETTER}[\w-]{{0,62}}(?:\s?[\[({{]\s?(?:dot|DOT|punkt)\s?[\])}}]\s?[\w-]{{1,63}}|\.[\w-]{{1,63}}){{1,8}}"
)
_AT_IN_BRACKETS = re.compile(r"[\[({]\s?(?:at|AT|@)\s?[\])}]")
# Pictures for dense screens are named so: logo@2x.png.
_ENDINGS = "png jpg jpeg gif svg webp avif ico pdf css js ts py json html xml txt md yml yaml"
_FILE_ENDINGS = frozenset(_ENDINGS.split())


def redact_emails(text: str) -> tuple[str, int]:
    """Puts `[e-mail]` in place of addresses, also of those that are written `name (at) example (dot) org`."""
    count = 0

    def put(found: re.Match[str]) -> str:
        nonlocal count
        whole = found[0]
        if found.groupdict().get("top", "").lower() in _FILE_ENDINGS or whole.startswith("git@"):
            return whole
        count += 1
        # A quotation mark before the address is none of its characters.
        quote = "'" if whole.startswith("'") else ""
        return f"{quote}[{E_MAIL}]"

    if "@" in text:
        text = _PLAIN.sub(put, text)
    if _AT_IN_BRACKETS.search(text):
        text = _SPELT.sub(put, text)
    return text, count
