"""Loads a policy to judge with."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ...engines.load import DEFAULT_POLICY, load_policy
from ...engines.messages import Policy
from ...engines.promoted import SHIPPED
from ...engines.weights import EMBEDDED

_WEIGHTS = ("*.safetensors", "*.gguf", "*.bin")


def identity_of(ref: str) -> str:
    """A reference with what tells its files from others that lay there before: their sizes and times."""
    scheme, _, rest = ref.partition(":")
    place = Path(rest).expanduser()
    if scheme not in ("dir", "run", "gguf", "script") or not place.exists():
        return ref
    files = [place] if place.is_file() else sorted(file for kind in _WEIGHTS for file in place.rglob(kind))
    stamps = [(str(file), stat.st_size, stat.st_mtime_ns) for file in files if (stat := file.stat())]
    return f"{ref}#{hashlib.sha256(repr(stamps).encode()).hexdigest()[:16]}"


def load_judge_policy(ref: str) -> Policy:
    """The policy that a reference names, on the engine that tells how likely texts are where there is a choice.

    In float32: in bfloat16 the logits of two letters are too coarse, and most pairs of a small judge come out tied.

    Raises:
        ConfigError: see `load_policy`.
    """
    local = ref in (DEFAULT_POLICY, SHIPPED, *EMBEDDED) or ref.partition(":")[0] in ("dir", "hf", "run")
    if local and not ref.startswith(("http://", "https://")):
        return load_policy(ref, engine="transformers", dtype="float32")
    return load_policy(ref)
