"""Every domain's questions in one table each; a worker imports this before it forks."""

from __future__ import annotations

from . import (
    algebra,
    arithmetic,
    calculus,
    equations,
    matrices,
)
from .domain import Handler, Value

__all__ = ["HANDLERS", "VALUES", "algebra", "arithmetic", "calculus", "equations"]

_DOMAINS = (matrices,)
HANDLERS: dict[str, Handler] = {name: handler for domain in _DOMAINS for name, handler in domain.HANDLERS.items()}
VALUES: dict[str, Value] = {name: value for domain in _DOMAINS for name, value in domain.VALUES.items()}
