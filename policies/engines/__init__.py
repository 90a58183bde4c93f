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
    TextLevel,
    TextPiece,
    TextScore,
    TokenLevel,
    TokenLogprob,
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
    "TextLevel",
    "TextPiece",
    "TextScore",
    "TokenLevel",
    "TokenLogprob",
    "ToolChoice",
    "Usage",
    "load_policy",
]
