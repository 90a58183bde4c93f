"""Strangers' files and pages: the processes that read them, and what `search` and `fetch` share of reading."""

from .errors import TooSlow, Unreadable
from .processes import ReadingProcesses, shared_processes

__all__ = ["ReadingProcesses", "TooSlow", "Unreadable", "shared_processes"]
