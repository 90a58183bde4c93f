"""What an HTML page does not show, as far as its elements say so themselves.

Not covered: what only a style sheet or a script hides.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

NEVER_SHOWN = frozenset(
    "script style template noscript noframes iframe object embed canvas svg audio video datalist dialog input".split()  # noqa: SIM905
)
_HIDING_STYLE = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|opacity:0?(?:\.0+)?%?(?=;|!|$)|font(?:-size)?:0(?:\.0+)?(?:[a-z%]{1,4})?(?=[;!/]|$)"
    r"|(?:^|;)(?:left|top|right|bottom|text-indent|margin-left|margin-top):-\d{3,}|(?:^|;)color:transparent"
    r"|clip:rect\(0|clip-path:inset\((?:50|100)%|transform:scale\(0|(?:^|;)(?:max-)?(?:height|width):[01](?:px)?(?=;|!|$)",
    re.IGNORECASE,
)


def is_hidden(tag: str, attributes: Mapping[str, str]) -> bool:
    """Whether a browser shows nothing of an element and what is in it.

    Args:
        tag: in lower case.
        attributes: by lower-case names.
    """
    # A page that shows itself by a script hides its body first.
    if tag in ("html", "head", "body"):
        return False
    if tag in NEVER_SHOWN and not (tag == "dialog" and "open" in attributes):
        return True
    if "hidden" in attributes or attributes.get("aria-hidden", "").strip().lower() == "true":
        return True
    style = attributes.get("style")
    return bool(style) and _HIDING_STYLE.search(_plain_style(style)) is not None


def _plain_style(style: str) -> str:
    style = re.sub(r"/\*.*?\*/", "", style[:10_000], flags=re.DOTALL)
    style = re.sub(r"\\([0-9a-fA-F]{1,6})\s?", _css_escape, style).replace("\\", "")
    return re.sub(r"\s+", "", style)


def _css_escape(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code <= sys.maxunicode else ""
