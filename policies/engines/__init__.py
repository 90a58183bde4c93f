"""What turns messages into a reply: llama.cpp, transformers, scripts."""

from .load import DEFAULT_POLICY, load_policy
from .messages import (
    CallPiece,
    CallRead,
    GenerationConfig,
    Message,
    Policy,
    PolicyEvent,
    ReasoningPiece,
    ReplyFinished,
    Scoring,
    TextPiece,
    TokenLevel,
    Usage,
)
from .scripted import ScriptedPolicy

__all__ = [
    "DEFAULT_POLICY",
    "CallPiece",
    "CallRead",
    "GenerationConfig",
    "Message",
    "Policy",
    "PolicyEvent",
    "ReasoningPiece",
    "ReplyFinished",
    "Scoring",
    "ScriptedPolicy",
    "TextPiece",
    "TokenLevel",
    "Usage",
    "load_policy",
]
