"""What a model can call: the `@tool` decorator, the registry, the solver and search."""

from .calls import Source, ToolCall, ToolOutput, ToolResult
from .errors import (
    ConfigError,
    ContextOverflow,
    GuardrailTripped,
    InvalidArguments,
    MaxStepsExceeded,
    PericlesError,
    PolicyError,
    PolicyTimeout,
    RateLimited,
    SessionError,
    ToolDenied,
    ToolError,
    ToolNotFound,
    ToolTimeout,
    TrainingError,
    TurnCancelled,
)
from .registry import ToolRegistry, load_tools
from .tool import Tool, tool

__all__ = [
    "ConfigError",
    "ContextOverflow",
    "GuardrailTripped",
    "InvalidArguments",
    "MaxStepsExceeded",
    "PericlesError",
    "PolicyError",
    "PolicyTimeout",
    "RateLimited",
    "SessionError",
    "Source",
    "Tool",
    "ToolCall",
    "ToolDenied",
    "ToolError",
    "ToolNotFound",
    "ToolOutput",
    "ToolRegistry",
    "ToolResult",
    "ToolTimeout",
    "TrainingError",
    "TurnCancelled",
    "load_tools",
    "tool",
]
