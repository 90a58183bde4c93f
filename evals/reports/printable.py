"""Text of models, tools and suites as something that can be shown: on a terminal, in a page, in a Markdown file.

A terminal obeys control characters, a page cannot hold half of a surrogate pair, and a reader does not see what turns
the order of a line around. All of these are shown as what they are, never dropped: they may be what went wrong.
"""

from __future__ import annotations

import re

_LINE_ENDS = re.compile("\r\n?")
# Controls, unpaired surrogates, noncharacters, separators that break a line, what turns the direction of text (but
# not its marks, which Arabic and Hebrew need), and tag characters, which hide text from people.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)


def printable(text: str) -> str:
    """The text with line ends as `\\n`, and hidden characters as their codes, such as `⟨U+202E⟩`."""
    return _HIDDEN.sub(_code, _LINE_ENDS.sub("\n", text))


def one_line(text: str, limit: int = 500) -> str:
    """The text on one line, cut off where it is longer than `limit` characters."""
    line = printable(" ".join(text[: 4 * limit].split()))
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _code(found: re.Match[str]) -> str:
    return f"⟨U+{ord(found[0]):04X}⟩"
