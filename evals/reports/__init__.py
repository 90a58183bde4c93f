"""What an evaluation leaves, and what two of them say together."""

from .comparison import Comparison, compare
from .report import Report, SampleResult, SuiteResult, load_report

__all__ = ["Comparison", "Report", "SampleResult", "SuiteResult", "compare", "load_report"]
