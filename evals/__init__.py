"""Suites, scorers, statistics, reports, the gate."""

from .catalogue import find_suites
from .evaluating import evaluate, evaluate_async
from .python_suites import suite
from .reports import Comparison, Report, SampleResult, SuiteResult, compare, load_report
from .samples import Reply, Sample, Score, Suite
from .scorers import Scorer
from .statistics import wilson
from .suite_files import read_suite

__all__ = [
    "Comparison",
    "Reply",
    "Report",
    "Sample",
    "SampleResult",
    "Score",
    "Scorer",
    "Suite",
    "SuiteResult",
    "compare",
    "evaluate",
    "evaluate_async",
    "find_suites",
    "load_report",
    "read_suite",
    "suite",
    "wilson",
]
