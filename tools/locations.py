"""Where pericles keeps files that are not the user's own.

Two folders, both overridable: the cache (can be deleted at any time, is made again) and the data folder
(conversations, history, search collections built from the user's own documents).
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_dir() -> Path:
    """Models and built corpora. `PERICLES_CACHE_DIR` overrides the platform's cache folder."""
    return Path(os.environ.get("PERICLES_CACHE_DIR") or platformdirs.user_cache_dir("pericles", appauthor=False))


def data_dir() -> Path:
    """Conversations and collections. `PERICLES_DATA_DIR` overrides the platform's data folder."""
    return Path(os.environ.get("PERICLES_DATA_DIR") or platformdirs.user_data_dir("pericles", appauthor=False))
