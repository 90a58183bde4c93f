"""What speaks. Training, feedback and compression are imported from their own folders."""

from .engines import (
    GenerationConfig,
    Message,
    Policy,
    PolicyEvent,
    Scoring,
    ScriptedPolicy,
    TokenLevel,
    Usage,
    load_policy,
)

__all__ = [
    "GenerationConfig",
    "Message",
    "Policy",
    "PolicyEvent",
    "Scoring",
    "ScriptedPolicy",
    "TokenLevel",
    "Usage",
    "load_policy",
]
