"""What decides whether a reply is right. A module holds scorers of one kind; `registry` names them all."""

from .registry import Misfit, make_scorer, scorer_names
from .scorer import Scorer, Scoring

__all__ = ["Misfit", "Scorer", "Scoring", "make_scorer", "scorer_names"]
