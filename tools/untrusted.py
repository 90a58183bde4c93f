"""Text that strangers wrote, made harmless before a model reads it.

Two kinds of things are taken out: what a person would not see (zero-width, bidirectional and tag characters), and what
a model would take for the conversation's own marks (chat control tags, source numbers). What remains reads the same.

Not covered: plain words that give orders ("ignore your instructions"). No filter of characters can tell them from
text; a caller treats whatever a page says as something that the page says.
"""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# Each pass can lay one nested tag open. Nobody nests so deep in good faith: then every bracket goes.
_PASSES = 8
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Blank letters: categories do not tell that nothing is drawn.
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufff9-\ufffb"
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_TAKES_SELECTOR = re.compile("[#*0-9\xa9\xae\u203c\u2049\u2100-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]")

_NAMES = (
    r"(?:tool|function)[\s_-]?(?:calls?|responses?|results?|uses?|outputs?)|thinking|think"
    r"|(?:start|end)_of_turn|bos|eos"
)
# Names that code uses for types (`List<Tools>`, `Map<S>`): after a word only the very spelling of the tag counts.
_SHORT_NAMES = r"tools|s"
# Possessive quantifiers (`*+`), so that a row of blanks is read once. Each pattern begins with one plain character,
# which `re` finds quickly.
_TAG = re.compile(
    rf"<(?:\s*+/?+\s*+(?:(?:{_NAMES})(?![\w-])[^<>]*+>"
    # Without its end it is no tag to us, and may be one to a model.
    r"|(?:tool_(?:call|response)|think)(?![\w-]))"
    r"|\s*+\|\s*+(?:/?[\w▁.-]{2,40}+\s*+(?:\|\s*+)?>|im_(?:start|end))"
    r"|\s*+<\s*+/?+\s*+SYS\s*+>\s*+>)",
    re.IGNORECASE,
)
_SHORT_TAG = re.compile(rf"<(?<!\w<)\s*+/?+\s*+(?:{_SHORT_NAMES})(?:\s[^<>]*+|/)?>", re.IGNORECASE)
_SQUARE_TAG = re.compile(r"\[\s*+/?+\s*+(?:INST|(?:AVAILABLE_)?TOOLS|TOOL_(?:CALLS|RESULTS))\s*+\]", re.IGNORECASE)
_EXACT_TAG = re.compile(r"</?(?:tools|s)>")
_TAGS = (_TAG, _SHORT_TAG, _EXACT_TAG, _SQUARE_TAG)
_BRACKETS = re.compile(r"[<\[]")
# On one line: JSON spread over lines is no mark.
_MARK = re.compile(r"\[[^\S\n]*+(\^?+[^\S\n]*+\d{1,4}+(?:[^\S\n]*+[,;–—-][^\S\n]*+\d{1,4}+){0,20}+)[^\S\n]*+\]")

# What is written otherwise and read as the plain character: entities, full-width forms, other brackets and bars.
_SPELLED = re.compile(
    r"&(?:amp;)*(?:#x0*+[0-9a-f]{2,6}|#0*+[0-9]{2,7}|lt|gt|vert|verbar|lowbar|sol|lsqb|lbrack|rsqb|rbrack|zwnj|zwj|shy);?"
    r"|[\uff01-\uff5e【】〔〕❲❳⟦⟧‹›〈〉⟨⟩❬❭❮❯❘∣￨]",
    re.IGNORECASE,
)
_ENTITIES = {
    **{"lt": "<", "gt": ">", "vert": "|", "verbar": "|", "lowbar": "_", "sol": "/", "lsqb": "[", "lbrack": "["},
    **{"rsqb": "]", "rbrack": "]", "zwnj": "", "zwj": "", "shy": ""},
}
_LOOK_ALIKE = str.maketrans("【】〔〕❲❳⟦⟧‹›〈〉⟨⟩❬❭❮❯❘∣￨", "[][][][]<><><><><>|||")


def clean(text: str) -> str:
    """Takes out of a stranger's text what is invisible and what pretends to belong to the conversation.

    Source marks are rewritten (`[3]` becomes `(3)`), control tags are removed however they are spelled, and ends of
    lines become `\\n`. Ordinary prose, code, Markdown and mathematics pass unchanged, but for an index such as `a[3]`.
    Takes time in proportion to the text; `clean(clean(text)) == clean(text)`.

    Args:
        text: any text.

    Returns:
        The text to show to a model.
    """
    for _ in range(_PASSES):
        before = text
        text = _rewritten(_TAGS, _visible(text))
        if text == before:
            break
    else:
        # A blank in its place, so that what stood around it does not come together as an entity.
        text = _rewritten((_BRACKETS,), text, lambda _: " ")
    return _rewritten((_MARK,), text, lambda match: f"({match[1]})")


def _visible(text: str) -> str:
    text = _LINE_ENDS.sub("\n", text)
    text = _invisible().sub(lambda match: "\ufffd" * sum("\ud800" <= sign <= "\udfff" for sign in match[0]), text)
    return _SELECTORS.sub(_one_selector, text)


def _one_selector(match: re.Match[str]) -> str:
    # One selector after a symbol chooses its picture; a row of them can carry a hidden text.
    alone = match[0] in ("\ufe0e", "\ufe0f")
    before = match.string[match.start() - 1 : match.start()]
    return match[0] if alone and _TAKES_SELECTOR.match(before) else ""


@functools.cache
def _invisible() -> re.Pattern[str]:
    # Controls, formats (joiners, bidirectional marks, tag characters, soft hyphen) and unpaired surrogates.
    signs = [
        code
        for code in (*range(0x3000), *range(0xD800, 0xE000), *range(0xF000, 0x20000), *range(0xE0000, 0xE0100))
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs") and chr(code) not in "\n\t"
    ]
    signs += range(0xE0000, 0xE0080)  # the whole block, assigned or not
    return re.compile(f"[{_BLANKS}{''.join(re.escape(chr(code)) for code in sorted(set(signs)))}]+")


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A text with its oddly spelled characters made plain, and the way back to the places in the text."""

    plain: str
    starts: list[int]  # in `plain`, where a replaced piece begins
    pieces: list[tuple[int, int, int]]  # length in `plain`, start and end in the text

    def start(self, position: int) -> int:
        """The place in the text of what stands at a position of `plain`."""
        index = bisect_right(self.starts, position) - 1
        if index < 0:
            return position
        length, begin, end = self.pieces[index]
        offset = position - self.starts[index]
        return begin if offset < length else end + offset - length

    def end(self, position: int) -> int:
        """The place in the text after what ends at a position of `plain`."""
        index = bisect_right(self.starts, position - 1) - 1
        if index < 0:
            return position
        length, _, end = self.pieces[index]
        return end + max(0, position - self.starts[index] - length)


def _spelling(text: str) -> _Spelling:
    if not _SPELLED.search(text):
        return _Spelling(text, [], [])
    parts: list[str] = []
    starts: list[int] = []
    pieces: list[tuple[int, int, int]] = []
    done = length = 0
    for match in _SPELLED.finditer(text):
        plain = _plainly(match[0])
        if plain is None:
            continue
        parts += (text[done : match.start()], plain)
        length += match.start() - done
        starts.append(length)
        pieces.append((len(plain), match.start(), match.end()))
        length += len(plain)
        done = match.end()
    return _Spelling("".join((*parts, text[done:])), starts, pieces)


def _plainly(spelled: str) -> str | None:
    if not spelled.startswith("&"):
        return chr(ord(spelled) - 0xFEE0) if "\uff01" <= spelled <= "\uff5e" else spelled.translate(_LOOK_ALIKE)
    name = spelled.rstrip(";").rpartition(";")[2].removeprefix("&").lower()
    if not name.startswith("#"):
        return _ENTITIES.get(name)
    code = int(name[2:].lstrip("0"), 16) if name.startswith("#x") else int(name[1:].lstrip("0"))
    if 0x20 < code < 0x7F:
        return chr(code)
    hidden = code <= sys.maxunicode and (_invisible().match(chr(code)) or _SELECTORS.match(chr(code)))
    return "" if hidden else None


def _nothing(_: re.Match[str]) -> str:
    return ""


def _rewritten(
    patterns: tuple[re.Pattern[str], ...], text: str, told: Callable[[re.Match[str]], str] = _nothing
) -> str:
    spelling = _spelling(text)
    for pattern in patterns:
        if pattern.search(spelling.plain):
            text = "".join(_pieces(pattern.finditer(spelling.plain), text, spelling, told))
            spelling = _spelling(text)
    return text


def _pieces(
    matches: Iterator[re.Match[str]], text: str, spelling: _Spelling, told: Callable[[re.Match[str]], str]
) -> Iterator[str]:
    done = 0
    for match in matches:
        start = spelling.start(match.start())
        yield text[done : max(done, start)]
        yield told(match)
        done = spelling.end(match.end())
    yield text[done:]
