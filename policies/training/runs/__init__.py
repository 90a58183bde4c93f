"""What a training run leaves: its folder, and the lists, pictures and card that are made from it."""

from .comparison import RunComparison, compare_runs
from .folder import RunFolder, written_out
from .listing import RunSummary, find_runs, locate_run, remove_run, summary_of

__all__ = [
    "RunComparison",
    "RunFolder",
    "RunSummary",
    "compare_runs",
    "find_runs",
    "locate_run",
    "remove_run",
    "summary_of",
    "written_out",
]
