"""How errors and ids call a source of data."""

from __future__ import annotations

from typing import Any

from ....agent import SessionStore
from ..recipe.data import Corpus, EarlierStage, Generated, HubDataset, RedTeam, Sampled, Sessions


def name_of(source: Any) -> str:
    """A source of a recipe in a few words, never with a password."""
    match source:
        case Generated():
            return f"the generator (seed {source.seed})"
        case HubDataset():
            return f"{source.name}:{source.config}" if source.config else source.name
        case Sessions():
            return repr(SessionStore(source.path))
        case Corpus() | RedTeam() | Sampled():
            return f"the source {source.source!r}"
        case EarlierStage():
            return f"the stage {source.stage!r}"
    return source.path
