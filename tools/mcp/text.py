"""What passes between a model and a wire must be text that UTF-8 and JSON can carry."""

from __future__ import annotations

import json
import re
from typing import Any

from ..errors import ToolError

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAX_DEPTH = 100


def clean(text: str) -> str:
    """Text without lone surrogates and without control characters, both of which a terminal or a pipe chokes on."""
    return _CONTROL.sub("", text.encode("utf-8", "replace").decode("utf-8"))


def one_line(text: object, limit: int = 300) -> str:
    """Foreign text as one short line of a message."""
    return clean(" ".join(str(text).split()))[:limit]


def sendable(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments as JSON can carry them. One value that it cannot carry would end the connection for every call.

    Raises:
        ToolError: they are nested too deeply, or not JSON at all.
    """
    if _depth(arguments) > _MAX_DEPTH:
        raise ToolError(f"the arguments are nested more than {_MAX_DEPTH} levels deep: write them flatter.")
    try:
        text = json.dumps(arguments, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ToolError(f"the arguments cannot be sent: {one_line(error)}.") from None
    return json.loads(text.encode("utf-8", "replace"))


def _depth(value: Any) -> int:
    """How deeply lists and objects are nested, counted without recursion."""
    deepest, left = 0, [(value, 1)]
    while left:
        item, depth = left.pop()
        deepest = max(deepest, depth)
        inner = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        if depth <= _MAX_DEPTH:
            left.extend((part, depth + 1) for part in inner)
    return deepest
