"""What turns messages into a reply: llama.cpp, transformers, scripts."""

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

__all__ = [
    "CallPiece",
    "CallRead",
    "GenerationConfig",
    "Message",
    "Policy",
    "PolicyEvent",
    "ReasoningPiece",
    "ReplyFinished",
    "Scoring",
    "TextPiece",
    "TokenLevel",
    "Usage",
]
