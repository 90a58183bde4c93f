"""Reads a body as JSON that nothing behind can stumble over, and writes JSON that every client can read."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from .errors import ApiError, invalid

# Nested deeper than any tool's schema; what renders prompts calls itself for each level.
MAX_DEPTH = 48
# Reading each takes about a microsecond, in which nobody else is answered.
MAX_VALUES = 100_000

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
# Some clients split streams at every line separator of Unicode, not only at those of the standard.
_SEPARATORS = re.compile("[\x7f-\x9f\u2028\u2029]")


def read_json(body: bytes) -> dict[str, Any]:
    """The object in a body.

    Raises:
        ApiError: 400; it is no JSON object, not UTF-8, nested too deeply, or has numbers and texts that JSON cannot.
    """
    require_few_values(body)
    try:
        value: Any = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise invalid(f"The body is not UTF-8: byte {error.start} is wrong.", code="invalid_json") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise invalid(f"The body is not JSON: {error}.", code="invalid_json") from None
    if not isinstance(value, dict):
        raise invalid("The body must be a JSON object.", code="invalid_json")
    check(value)
    return value


def require_few_values(data: bytes, param: str | None = None) -> None:
    """Refuses JSON of so many values that reading it would keep everybody waiting, before it is read.

    Raises:
        ApiError: 400.
    """
    if _marks(data) > MAX_VALUES and _marks(_STRINGS.sub(b"", data)) > MAX_VALUES:
        raise invalid(f"The JSON has more than {MAX_VALUES:,} values.", param, "invalid_json")


def check(value: Any, param: str | None = None) -> None:
    """Refuses what is nested too deeply, numbers without an end, and lone surrogates.

    Raises:
        ApiError: 400.
    """
    left: list[tuple[Any, int]] = [(value, 1)]
    while left:
        item, depth = left.pop()
        if depth > MAX_DEPTH:
            raise _too_deep(param)
        if isinstance(item, dict):
            left += ((part, depth + 1) for pair in item.items() for part in pair)
        elif isinstance(item, list):
            left += ((part, depth + 1) for part in item)
        elif isinstance(item, str):
            if not item.isascii() and _has_surrogate(item):
                raise invalid("A text holds half of a surrogate pair, which is no character.", param, "invalid_json")
        elif isinstance(item, float) and not math.isfinite(item):
            raise invalid("A number is too large.", param, "invalid_json")


def write_json(value: Any) -> bytes:
    """JSON in UTF-8 on one line. Numbers without an end become null, half characters a question mark."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str)
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"), default=str)
    if text.isascii():
        return text.encode()
    return _SEPARATORS.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode("utf-8", "replace")


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


def _marks(body: bytes) -> int:
    """At least how many values a body has, by what parts them."""
    return body.count(b",") + body.count(b"[") + body.count(b"{")


def _too_deep(param: str | None = None) -> ApiError:
    return invalid(f"The JSON is nested more than {MAX_DEPTH} levels deep.", param, "invalid_json")


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
