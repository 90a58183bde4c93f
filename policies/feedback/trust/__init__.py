"""How far a judge may be trusted, and what is trained on because of it."""

from .decision import Decision, decide, mixed_rankings
from .report import FeedbackReport, report
from .table import JudgedPair, PairTable, pair_table

__all__ = ["Decision", "FeedbackReport", "JudgedPair", "PairTable", "decide", "mixed_rankings", "pair_table", "report"]
