"""Whether, where and how much an AI's labels may stand in for people's.

Everything here works on pairs as arrays: `p`, the judge's probability that the first reply is better, the mean over
both orders; `features`, differences between the replies that a judge should not go by; `labels`, what people said
(1, 0 or ½; NaN where nobody did); and `groups`, the pairs' prompts, which keep folds apart.
"""

from .abstention import Threshold, find_threshold
from .agreement import Agreement, dawid_skene, kappa
from .claims import Claim, ppi_mean
from .fitting import Calibration, calibrate, cross_fit
from .mixing import Mix, choose_mix, preference_head

__all__ = [
    "Agreement",
    "Calibration",
    "Claim",
    "Mix",
    "Threshold",
    "calibrate",
    "choose_mix",
    "cross_fit",
    "dawid_skene",
    "find_threshold",
    "kappa",
    "ppi_mean",
    "preference_head",
]
