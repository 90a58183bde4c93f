"""Where a policy's feedback is kept: rankings, their files, and other data that become rankings."""

from .hh_rlhf import ReadDemonstrations, ReadRankings, read_hh_demonstrations, read_hh_rlhf
from .ranking import Comparison, Pair, Ranking, prompt_key, split_by_prompt
from .ranking_files import read_rankings, write_rankings

__all__ = [
    "Comparison",
    "Pair",
    "Ranking",
    "ReadDemonstrations",
    "ReadRankings",
    "prompt_key",
    "read_hh_demonstrations",
    "read_hh_rlhf",
    "read_rankings",
    "split_by_prompt",
    "write_rankings",
]
