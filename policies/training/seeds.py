"""Seeds that are made of what they are for, so that a resumed run draws what it would have drawn."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def seed_of(*parts: Any) -> int:
    """A seed of at most 56 bits that depends on all of its parts."""
    digest = hashlib.sha256(json.dumps(parts).encode()).digest()
    return int.from_bytes(digest[:7], "big")
