"""Evaluation statistics: intervals, paired comparison, power, many tests at once."""

from .intervals import Estimate, clustered_stderr, estimate, wilson
from .multiplicity import holm
from .paired import Paired, mcnemar, paired, tango
from .power import detectable_effect, samples_needed

__all__ = [
    "Estimate",
    "Paired",
    "clustered_stderr",
    "detectable_effect",
    "estimate",
    "holm",
    "mcnemar",
    "paired",
    "samples_needed",
    "tango",
    "wilson",
]
