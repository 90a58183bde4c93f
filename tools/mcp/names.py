"""Names that a server chose become names that a model may write."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

LONGEST = 64
_DIGEST = 8


def safe_names(names: Iterable[str], prefix: str = "") -> dict[str, str]:
    """Maps every name of a server to one of letters, digits, `_` and `-`, at most 64 characters, all distinct.

    A name that is allowed stays as it is. The mapping does not depend on the order, so that stored conversations
    keep their meaning when a server lists its tools differently.

    Args:
        names: as the server gives them.
        prefix: put before each, as it stands.
    """
    wanted = {name: re.sub(r"[^A-Za-z0-9_-]", "_", prefix + name) for name in names}
    wanted = {name: text if re.match(r"[A-Za-z_]", text) else f"_{text}" for name, text in wanted.items()}
    sharing: dict[str, list[str]] = {}
    for name, text in wanted.items():
        sharing.setdefault(text[:LONGEST], []).append(name)
    kept = {
        name: text
        for name, text in wanted.items()
        if len(text) <= LONGEST and (len(sharing[text]) == 1 or text == prefix + name)
    }
    taken = set(kept.values())
    found: dict[str, str] = {}
    for name, text in wanted.items():
        found[name] = kept[name] if name in kept else _with_digest(name, text, taken)
    return found


def _with_digest(name: str, text: str, taken: set[str]) -> str:
    """A name that ends in a digest of the original; again in one of that, should a server have foreseen it."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass"))
    while (found := f"{text[: LONGEST - _DIGEST - 1]}_{digest.hexdigest()[:_DIGEST]}") in taken:
        digest.update(b"again")
    taken.add(found)
    return found
