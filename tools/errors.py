"""Every error that pericles raises on purpose.

    PericlesError
    ├── ConfigError            a setting, a policy reference or a file named by the user is wrong
    ├── PolicyError            a policy could not be loaded or could not answer
    │   ├── PolicyTimeout
    │   ├── RateLimited
    │   └── ContextOverflow
    ├── ToolError              told to the model, which may try again
    │   ├── ToolNotFound
    │   ├── InvalidArguments
    │   ├── ToolTimeout
    │   └── ToolDenied
    ├── GuardrailTripped
    ├── MaxStepsExceeded
    ├── SessionError
    ├── TrainingError
    └── TurnCancelled

The tree lives in the lowest layer so that every layer can raise from it; `pericles.agent` re-exports it.
A message says what was wrong, what was expected and what to do, and carries the offending value.
"""


class PericlesError(Exception):
    """Base class of every error raised on purpose."""


class ConfigError(PericlesError):
    """A setting, a policy reference, a recipe or a file that the user named is wrong."""


class PolicyError(PericlesError):
    """A policy could not be loaded or could not answer."""


class PolicyTimeout(PolicyError):
    """A policy did not answer within its time limit."""


class RateLimited(PolicyError):
    """A remote policy refused because too many requests were made."""


class ContextOverflow(PolicyError):
    """The conversation does not fit into the policy's context window."""


class ToolError(PericlesError):
    """A tool cannot do what was asked. The text goes to the model, so it says what to write instead."""


class ToolNotFound(ToolError):
    """The model called a tool that is not registered."""


class InvalidArguments(ToolError):
    """The arguments of a call do not fit the tool's schema."""


class ToolTimeout(ToolError):
    """A tool did not finish within its time limit."""


class ToolDenied(ToolError):
    """A person or a guardrail refused a call."""


class GuardrailTripped(PericlesError):
    """A guardrail stopped a request, a reply or a call."""


class MaxStepsExceeded(PericlesError):
    """A turn used all its steps without a final answer."""


class SessionError(PericlesError):
    """A stored conversation could not be read or written."""


class TrainingError(PericlesError):
    """A training run cannot start or had to stop."""


class TurnCancelled(PericlesError):
    """A turn was cancelled before it finished."""
