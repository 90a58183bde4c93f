"""Live reward: what a person's + and − while a reply streams say about the next ones (TAMER, Knox and Stone 2009)."""

from .clicks import Click, Segment
from .combining import action_biased, additive, control_shared, potential_shaped
from .credit import CLICK_DELAY, Delay, credits, fit_lag
from .head import LiveHead, staleness

__all__ = [
    "CLICK_DELAY",
    "Click",
    "Delay",
    "LiveHead",
    "Segment",
    "action_biased",
    "additive",
    "control_shared",
    "credits",
    "fit_lag",
    "potential_shaped",
    "staleness",
]
