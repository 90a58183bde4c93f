"""What turns messages into a reply: llama.cpp, transformers, scripts."""

from .load import DEFAULT_POLICY, load_policy
from .messages import (
    LOOP,
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
    ToolChoice,
    Usage,
)
from .scripted import ScriptedPolicy

__all__ = [
    "DEFAULT_POLICY",
    "LOOP",
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
    "ToolChoice",
    "Usage",
    "load_policy",
]
