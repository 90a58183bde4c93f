"""Marks of citation in an answer: which brackets with a number are marks, and which are something else.

A mark is `[1]`, and what models write instead: `[1, 2]`, `[1-3]`, `【1】`, `［1］`, `【1†source】`. It stands behind a
space, closing punctuation, emphasis, a word or a figure: `Astana [1].`, `Astana.[1]`, `**Astana**[1]`, `Astana[1].`

No marks, and never touched, are:

- what stands in code (fenced or `inline`) and in LaTeX,
- Markdown's links `[1](http…)` and `[text][1]`, and the definitions of these, `[1]: http…`, at the start of a line,
- an index: behind a name as programs have it (one letter, `snake_case`, `camelCase`, a dot or digit inside, or one of
  `_ARRAYS`), or behind a call `f(x)[1]`,
- what holds a zero or runs backwards, and brackets inside brackets: `[0, 1]`, `[3-1]`, `[[1], [2]]`,
- a value: behind an operator (`x ∈ [1, 2]`, `= [1]`), before one, behind words after which values stand (`is`, `list`,
  `interval`, …), behind a colon unless it follows a word like "Sources", alone on its line as a list, or alone in the
  answer. Behind "is" a number is a mark where it has a source.

Where the line is wrong: "the array of sources[1]" is a mark, "as reported in [1, 2]" is an interval. In an answer
without any source, marks are only what ends a clause, behind words, far from anything like mathematics.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from .word_lists import words

MARK = (
    r"(?:[\[［【][ ]?\d{1,3}(?:[ ]?[,，、;；‐‑–—-][ ]?\d{1,3}){0,19}+[ ]?[\]］】]"
    r"|【\d{1,3}(?::\d{1,3})?†[^】\n]{0,40}】)(?![(])"
)
_MARK = re.compile(MARK)
_RUN = re.compile(rf"{MARK}(?:[ \t]?(?:[,，、;；&]|and|or|und|et|和|及|と)?[ \t]?{MARK})*")
_NUMBERS = re.compile(r"(\d{1,3})(?:[ ]?([‐‑–—-])[ ]?(\d{1,3}))?")
_LONGEST_RANGE = 20

_FENCE = re.compile(r"^[ ]{0,3}(```|~~~)([^\n]*)$", re.MULTILINE)
# A span never holds its own opening, so that openings that never close cost no more than their length.
_INLINE = re.compile(
    r"""
      `[^`\n]+`
    | \$\$(?:(?!\$\$).){1,2000}\$\$
    | \\\[(?:(?!\\[\[\]]).){1,2000}\\\]
    | \\\((?:(?!\\[()]).){1,500}\\\)
    | (?<![\w$])\$(?![\s$])[^$\n]{1,500}(?<![\s\\])\$(?!\d)
    """,
    re.VERBOSE | re.DOTALL,
)

_ARRAYS = words(
    "arg args argv arr array arrays buf buffer cell cells char chars col cols column columns coord coords data "
    "dict dp elem element elements entry grid idx index input item items key keys line lines list lists lst "
    "matrix mem node nodes num nums obj out output params parts pos ptr record records res ret row rows self seq "
    "stack str string table tmp token tokens tuple val vals value values var vec vector word words"
)
_VALUES = words(
    "equals equal returns return returned gives give yields yield contains contain prints "
    "print outputs array arrays list lists vector vectors tuple tuples set sets interval intervals range ranges "
    "matrix row rows column columns index point points pair pairs root roots value values solution solutions "
    "sequence domain element elements coordinates coordinate bounds the a an of step level version item items × x"
)
_IS = words("is are was were be been")
# Behind these a pair of numbers is an interval or a point rather than two marks.
_BEFORE_PAIRS = words("in on over to from between within and or at for by with inside outside into as")
_SOURCES = words("source sources reference references citation citations see ref refs cf 来源 参考 出典")
_OPERATORS = "=<>≤≥≈≠+/^∈∉⊂⊆⊃⊇∪∩×÷→↦∘·~\\$#@"
_FOLLOWING_OPERATOR = re.compile(r"[ \t]*(?:[=+/^<>≤≥≈∪∩×÷∈]|\* )")
_CLOSING = ".,;:!?…%°'\"”’»“)）」』】。，、；：！？*_`"
_CLAUSE_END = re.compile(r"[ \t]*(?:[.,;:!?)\"”»。，；：！？、）]|\n|$)")
_LINE_START = re.compile(r"(?:^|\n)[ \t]*(?:[-*+•>|]|\d{1,2}[.)])?[ \t]*\Z")
_NAME = re.compile(r"[\w.'’-]+\Z")
_MATHS = re.compile(
    r"[=∈∉≤≥≈∪∩∞√∫Σπ×÷^\\{}]|\b(?:arrays?|lists?|vectors?|matri(?:x|ces)|intervals?|sets?|elements?|equations?|"
    r"index|solve|roots?|python|json|code|tuples?|sequences?)\b",
    re.IGNORECASE,
)
CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々"
_CJK_END = re.compile(rf"[{CJK}]\Z")
_LOOK_BACK = 60
_CITED_WORDS = 3


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks that stand together, such as `[1][2]` or `[1] and [2]`.

    Args:
        start: where they begin.
        end: behind the last.
        text: all of it.
        numbers: in the order of writing.
    """

    start: int
    end: int
    text: str
    numbers: tuple[int, ...]

    def kept(self, known: frozenset[int]) -> str:
        """The marks with these numbers, in the one form `[1][2]`; words between them stay where none is left out."""
        if known.issuperset(self.numbers):
            return _MARK.sub(lambda mark: _written(_numbers(mark[0])), self.text)
        return _written(tuple(number for number in self.numbers if number in known))


class Spans:
    """Code and LaTeX in a text, where nothing is a mark or a quotation."""

    def __init__(self, text: str) -> None:
        fences = fenced(text)
        found = [match.span() for match in _INLINE.finditer(blanked(text, fences))]
        found = sorted([*fences, *found])
        self._starts = [start for start, _ in found]
        self._ends = [end for _, end in found]

    def hold(self, position: int) -> bool:
        place = bisect.bisect_right(self._starts, position) - 1
        return place >= 0 and position < self._ends[place]


def find_marks(text: str, known: Collection[int]) -> list[Marks]:
    """The marks of an answer, in their order. Linear in its length.

    Args:
        text: the answer.
        known: the numbers of its sources.
    """
    spans: Spans | None = None
    found: list[Marks] = []
    for run in _RUN.finditer(text):
        spans = spans or Spans(text)
        if spans.hold(run.start()):
            continue
        # The first decides for all: the rows of a matrix are all no marks.
        first = _MARK.match(text, run.start())
        assert first is not None
        numbers = tuple(number for mark in _MARK.findall(run[0]) for number in _numbers(mark))
        is_pair = len(_numbers(first[0])) != 1
        stands = not is_pair and numbers[0] in known
        if 0 in numbers or not _is_mark(text, run.span(), is_pair, stands, not known):
            continue
        found.append(Marks(run.start(), run.end(), run[0], numbers))
    return found


def blanked(text: str, spans: Iterable[tuple[int, int]], blank: str = "\n") -> str:
    """The text at the same length with nothing but `blank` in these spans."""
    parts: list[str] = []
    position = 0
    for start, end in spans:
        parts += (text[position:start], blank * (end - start))
        position = end
    return "".join((*parts, text[position:]))


def fenced(text: str) -> list[tuple[int, int]]:
    """Where blocks of code stand. Only those that are closed: a stray fence must not hide the rest of an answer."""
    if "```" not in text and "~~~" not in text:
        return []
    lines = list(_FENCE.finditer(text))
    closing = [not line[2].strip("`~ \t") for line in lines]
    last = {line[1]: place for place, line in enumerate(lines) if closing[place]}
    found: list[tuple[int, int]] = []
    opening: re.Match[str] | None = None
    for place, line in enumerate(lines):
        if opening is None:
            opening = line if last.get(line[1], -1) > place else None
        elif line[1] == opening[1] and closing[place]:
            found.append((opening.start(), line.end()))
            opening = None
    return found


def _written(numbers: tuple[int, ...]) -> str:
    return "".join(f"[{number}]" for number in dict.fromkeys(numbers))


def _numbers(mark: str) -> tuple[int, ...]:
    """What a mark counts up; `(0,)` for a range that is none."""
    if "†" in mark:
        return (int(re.findall(r"\d+", mark)[0]),)
    numbers: list[int] = []
    for first, dash, last in _NUMBERS.findall(mark):
        if not dash:
            numbers.append(int(first))
        elif 0 <= int(last) - int(first) < _LONGEST_RANGE:
            numbers.extend(range(int(first), int(last) + 1))
        else:
            return (0,)
    return tuple(numbers)


def _is_mark(text: str, span: tuple[int, int], is_pair: bool, stands: bool, cautious: bool) -> bool:
    start, end = span
    before, after = text[max(0, start - _LOOK_BACK) : start], text[end : end + _LOOK_BACK]
    if before.endswith(("[", "{", "]")) or after.startswith("]") or _FOLLOWING_OPERATOR.match(after):
        return False
    said = before.rstrip(" \t")
    if not said and start > _LOOK_BACK:
        return False
    line_start = _LINE_START.search(before) if start <= _LOOK_BACK or "\n" in before else None
    if line_start is not None:
        alone = not text[:start].strip() and not text[end:].strip()
        return not (cautious or is_pair or alone or after.startswith(":"))
    if cautious and not _stands_like_a_citation(said, after):
        return False
    if len(said) == len(before):
        return _follows_directly(said)
    return _follows_a_space(said, is_pair, stands)


def _stands_like_a_citation(said: str, after: str) -> bool:
    worded = re.search(rf"(?:[^\W\d_]{{2,}}|[{CJK}])[)\"”’»*.]?\Z", said)
    enough = len(said.rpartition("\n")[2].split()) >= _CITED_WORDS or _CJK_END.search(said)
    ends = said.endswith((".", "!", "?", "。")) or _CLAUSE_END.match(after)
    return bool(worded and enough and ends) and not _MATHS.search(said + after)


def _follows_directly(said: str) -> bool:
    if said.endswith(("(", "（")):
        return len(said) < 2 or said[-2].isspace()
    if said.endswith(")"):
        opening = said.rfind("(")
        return opening <= 0 or not (said[opening - 1].isalnum() or said[opening - 1] in "_)]")
    if not (said[-1].isalnum() or said[-1] == "_"):
        return said[-1] in _CLOSING
    if _CJK_END.search(said):
        return True
    name = _NAME.search(said)
    word = name[0].strip("'’-.") if name else ""
    if re.fullmatch(r"[\d.,]+", word):
        return True
    letters = word.replace("-", "").replace("'", "").replace("’", "")
    return (
        len(letters) > 1
        and letters.isalpha()
        and not re.search(r"[a-z][A-Z]", word)
        and word.lower() not in _ARRAYS
        and not said.removesuffix(word).endswith(("$", "@", "->", "::", "\\"))
    )


def _follows_a_space(said: str, is_pair: bool, stands: bool) -> bool:
    sign = said[-1]
    if sign in _OPERATORS or said.endswith((" *", " -", " −")):
        return False
    name = _NAME.search(said.rstrip(":："))
    word = name[0].strip("'’-.").lower() if name else ""
    if sign in ":：":
        return word in _SOURCES or (not is_pair and bool(word) and not said.endswith('":'))
    if sign in "([{":
        return sign == "(" and (len(said) < 2 or said[-2].isspace())
    if sign in _CLOSING:
        return True
    if word in _IS:
        return stands
    return word not in _VALUES and not (is_pair and word in _BEFORE_PAIRS)
