"""Keys, tokens and passwords in texts."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

KEY = "key"

_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:[\w+/=\s:,.()\\]|-(?!-))*+-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|(?:\s*+[\w+/=]{16,}+)*+)"
)
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{8,}+\.eyJ[\w-]{4,}+\.[\w-]*+")
# By what services put before their keys.
_MARKED = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    r"(?:sk|pk)-[A-Za-z0-9_-]{16,}+|(?:sk|pk|rk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,}+"
    r"|gh[opusr]_[A-Za-z0-9]{20,}+|github_pat_[A-Za-z0-9_]{20,}+|glpat-[\w-]{16,}+"
    r"|(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}(?![A-Za-z0-9])|xox[abeoprs]-[A-Za-z0-9-]{10,}+|xapp-[A-Za-z0-9-]{10,}+"
    r"|AIza[\w-]{30,}+|ya29\.[\w-]{20,}+|hf_[A-Za-z0-9]{20,}+|npm_[A-Za-z0-9]{30,}+|pypi-[\w-]{30,}+"
    r"|SG\.[\w-]{16,64}\.[\w-]{16,64}|dop_v1_[a-f0-9]{40,}+|gsk_[A-Za-z0-9]{20,}+"
    r")"
)
_IN_ADDRESS = re.compile(r"(?<=://)([^\s/@:]{1,100}:)([^\s/@]{1,200})(?=@)")
_STAND_IN = re.compile(r"[A-Z_]+|\*+|[<{$%].*|\[key\]")
_WORDS = (
    r"(?:api|access|secret|private|client|auth|session|signing|encryption|master|deploy|account|shared|license)?[ _-]?"
    r"(?:key|token|secret|credential|signature)s?|bearer|authorization|cookie|"
    r"passphrase|password|passwd|pwd|passcode|kennwort|passwort"
)
_NAMED = re.compile(
    rf"(?<![A-Za-z0-9])(?:{_WORDS})(?:[_-](?:id|key|value|token))?"
    r"(?P<between>[\"'`\])]{0,2}(?:\s{1,3}|\s{0,3}(?::=|=>|[:=])\s{0,3})"
    r"(?:(?:is|was|ist|bearer|basic|the)\s{1,3}[:=]?\s?)?[\"'`<]{0,2})"
    r"(?P<value>[A-Za-z0-9+/_~-]{16,}+={0,2})(?![A-Za-z0-9(])",
    re.IGNORECASE,
)
_PASSWORD = re.compile(
    r"(?<![A-Za-z0-9])(?:password|passwd|passphrase|pwd|passwort|kennwort)"
    r"(?P<between>[\"'`]?\s{0,3}(?:=>|[:=]|\bis\b|\bwas\b|\bist\b)\s{0,3}[\"'`]?)"
    r"(?P<value>[^\s\"'`,;()\[\]<>{}]{6,64})(?![^\s\"'`,;.!?)\]}>])",
    re.IGNORECASE,
)
_MIN_BITS = 3.0


def redact_secrets(text: str) -> tuple[str, int]:
    """Puts `[key]` in place of private keys, tokens of known services, and what a word such as `password` announces."""
    count = 0

    def put(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f"[{KEY}]"

    def put_marked(found: re.Match[str]) -> str:
        # Programs have names such as sk-learn-pipelines.
        return found[0] if found[0].startswith(("sk-", "pk-")) and _is_written_out(found[0][3:]) else put(found)

    def put_named(found: re.Match[str]) -> str:
        value = found["value"]
        if not _is_random(value):
            return found[0]
        return found[0][: found.start("value") - found.start()] + put(found)

    def put_password(found: re.Match[str]) -> str:
        value = found["value"].rstrip(".!?")
        mixed = any(character.isalpha() for character in value) and any(
            character.isdigit() or not character.isalnum() for character in value
        )
        if not mixed or len(value) < 6 or "://" in value or _is_written_out(value):
            return found[0]
        start = found.start("value") - found.start()
        return found[0][:start] + put(found) + found[0][start + len(value) :]

    def put_in_address(found: re.Match[str]) -> str:
        # In instructions stand words for it: postgresql://USER:PASSWORD@HOST.
        return found[0] if _STAND_IN.fullmatch(found[2]) else found[1] + put(found)

    for pattern, what in (
        (_PEM, put),
        (_JWT, put),
        (_MARKED, put_marked),
        (_IN_ADDRESS, put_in_address),
        (_NAMED, put_named),
        (_PASSWORD, put_password),
    ):
        text = pattern.sub(what, text)
    return text, count


def _is_written_out(text: str) -> bool:
    """Whether a name is made of words and numbers, such as `learn-models-2024`, and of nothing mixed."""
    return all(part.isalpha() or part.isdigit() or not part for part in re.split("[-_.$/]", text.rstrip("=")))


def _is_random(text: str) -> bool:
    """Whether a word is one that nobody would write: many changes between digits and letters of either case."""
    bare = re.sub("[-_/+~=]", "", text)
    if len(bare) < 16 or _is_written_out(text):
        return False
    if _bits(bare) < _MIN_BITS:
        return False
    changes = [(_kind(one), _kind(two)) for one, two in pairwise(bare)]
    with_digits = sum(one != two and "digit" in (one, two) for one, two in changes)
    all_changes = sum(one != two for one, two in changes)
    marked = len(bare) >= 32 and any(sign in text for sign in "+/") and text.count("/") < 3
    return with_digits >= 4 or (with_digits >= 1 and all_changes / len(changes) >= (0.3 if marked else 0.45))


def _kind(character: str) -> str:
    return "digit" if character.isdigit() else "upper" if character.isupper() else "lower"


def _bits(text: str) -> float:
    """Entropy of a character, by how often each is there (Shannon 1948)."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())
