"""What people are asked for: to put replies in order, to write and to correct them. No terminal code is in here."""

from .candidates import Candidate, read_candidates
from .demonstrations import Demonstration, Draft, correction, read_demonstrations
from .exporting import HHPairs, hh_pairs, write_hh_rlhf
from .queue import Asked, audit_slice, order, queue_file, read_queue, write_queue
from .ranking_log import RankingLog
from .ranking_task import RankingTask
from .rater import human_rater
from .sampling import sample_candidate

__all__ = [
    "Asked",
    "Candidate",
    "Demonstration",
    "Draft",
    "HHPairs",
    "RankingLog",
    "RankingTask",
    "audit_slice",
    "correction",
    "hh_pairs",
    "human_rater",
    "order",
    "queue_file",
    "read_candidates",
    "read_demonstrations",
    "read_queue",
    "sample_candidate",
    "write_hh_rlhf",
    "write_queue",
]
