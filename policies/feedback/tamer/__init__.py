"""Live reward: what a person's + and − while a reply streams say about the next ones (TAMER, Knox and Stone 2009)."""

from .biased_policy import LivePolicy
from .clicks import Click, Segment
from .combining import action_biased, additive, control_shared, potential_shaped
from .credit import CLICK_DELAY, Delay, credits, fit_lag
from .head import LiveHead, staleness
from .learning import FittedHead, head_from_clicks
from .live import Leaning, LiveSession
from .piece_features import SURFACE_OF_PIECES, Features
from .records import ClickLog, LiveClick
from .segments import Cutter, Piece, Screen, cut_reply

__all__ = [
    "CLICK_DELAY",
    "SURFACE_OF_PIECES",
    "Click",
    "ClickLog",
    "Cutter",
    "Delay",
    "Features",
    "FittedHead",
    "Leaning",
    "LiveClick",
    "LiveHead",
    "LivePolicy",
    "LiveSession",
    "Piece",
    "Screen",
    "Segment",
    "action_biased",
    "additive",
    "control_shared",
    "credits",
    "cut_reply",
    "fit_lag",
    "head_from_clicks",
    "potential_shaped",
    "staleness",
]
