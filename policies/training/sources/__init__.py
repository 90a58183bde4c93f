"""Reads the data that a recipe names, and says what is wrong with it before anything is trained."""

from .conversations import read_conversations
from .prompt import Expected, Prompt
from .prompts import read_prompts
from .rankings import read_ranking_sources
from .texts import read_texts

__all__ = [
    "Expected",
    "Prompt",
    "read_conversations",
    "read_prompts",
    "read_ranking_sources",
    "read_texts",
]
