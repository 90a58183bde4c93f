"""What a model can call: the `@tool` decorator, the registry, the solver and search."""

from .calls import Image, Source, Table, ToolCall, ToolOutput, ToolResult
from .context import ToolContext, TurnContext
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
from .plugins import load_tools
from .registry import ToolRegistry
from .tool import Tool, tool

__all__ = [
    "ConfigError",
    "ContextOverflow",
    "GuardrailTripped",
    "Image",
    "InvalidArguments",
    "MaxStepsExceeded",
    "PericlesError",
    "PolicyError",
    "PolicyTimeout",
    "RateLimited",
    "SessionError",
    "Source",
    "Table",
    "Tool",
    "ToolCall",
    "ToolContext",
    "ToolDenied",
    "ToolError",
    "ToolNotFound",
    "ToolOutput",
    "ToolRegistry",
    "ToolResult",
    "ToolTimeout",
    "TrainingError",
    "TurnCancelled",
    "TurnContext",
    "load_tools",
    "tool",
]
