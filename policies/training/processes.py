"""Which of the processes that train together this one is; `accelerate launch` tells each by its environment."""

from __future__ import annotations

import os


def processes() -> int:
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main() -> bool:
    """Whether this process writes what is written once."""
    return os.environ.get("RANK", "0") == "0"
