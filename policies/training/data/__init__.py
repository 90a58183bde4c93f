"""Training data that the project makes itself: conversations with tool calls, from seeds, without downloads.

    python -m pericles.policies.training.data --split train --out train.jsonl

Each row is a whole conversation: `{id, kind, parts, messages, tools}`. Results of `math` and `search` are the
tools' real ones. The wordings and entities of train, validation and test are disjoint; `parts` names what a
conversation is made of.
"""

from __future__ import annotations

from .generate import MIX, generate, prompts_of
from .phrasing import SPLITS, Split

__all__ = ["MIX", "SPLITS", "Split", "generate", "prompts_of"]
