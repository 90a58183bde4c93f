"""From the lines of a PDF's pages to running text: what belongs together is joined again.

A PDF knows where each line stands but not what a paragraph is. Here lines of one paragraph are joined with spaces,
words divided at a line's end are made whole, and lines that stand at the head or foot of most pages are left out.

Not covered: tables keep their rows but lose their columns; of text in several columns or turned sideways, the order is
the one in which it was drawn.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

# What stands for a divided word's hyphen in the text that PDFium gives.
DIVISION = "\x02"
# What stands here for a row of dots.
LEADER = " …"
_HYPHENS = f"-\u2010\u00ad{DIVISION}"
_COMPOUND = re.compile(r"\w+-\w+")
_FIRST_WORD = re.compile(r"\w[\w'’-]*")
_LAST_WORD = re.compile(r"\w*$")
_SENTENCE_END = re.compile(r"[.!?:;。！？：]['\"”’»」』)\]]*$")
_ITEM = re.compile(r"[•▪‣◦●■–—*-]\s|\(?\w{1,3}[.)]\s|\d+(?:\.\d+)+\s")
# "Vor- und Nachteile", "pre- and post-war": this hyphen divides no word.
_AFTER_SUSPENDED = frozenset(("and", "or", "und", "oder", "bis", "et", "ou", "y", "o", "e"))
_CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_PAGE_NUMBER = re.compile(r"[-–— ]*(?:0|[ivxlc]{1,8})[-–— ]*")
_MIN_PAGES = 3
_MOST_PAGES = 0.4  # where left and right pages have different heads, each is on less than half of them
_NEAR_LINES = 6


@dataclass(slots=True)
class Line:
    """One line of a page.

    Args:
        text: its characters; `DIVISION` at the end where a word is divided.
        left, right, bottom, top: where it stands, in points from the page's lower left corner.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def height(self) -> float:
        return max(self.top - self.bottom, 0.1)

    @property
    def is_level(self) -> bool:
        return len(self.text) < 4 or self.right - self.left > self.height

    @property
    def is_row(self) -> bool:
        """Whether it has gaps as between the cells of a table, or dots that lead to a page's number."""
        if LEADER in self.text:
            return True
        return self.right - self.left > 0.75 * self.height * len(self.text) and not _CJK.search(self.text)


def without_furniture(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """The pages without their running heads, feet and page numbers.

    A line is one when it stands among the first or last two on most pages, numbers aside, or is a number alone at a
    page's edge. Where it has words, it stays on the first page that has it, so that it can still be found; and a page
    that has nothing else keeps it.

    Args:
        pages: the lines of each page.
    """
    edges = [_edges(page) for page in pages]
    counts = Counter(key for page in edges for key in set(page.values()))
    least = max(_MIN_PAGES, _MOST_PAGES * len(pages))
    seen: set[tuple[str, str]] = set()
    kept: list[list[Line]] = []
    for page, edge in zip(pages, edges, strict=True):
        dropped: set[int] = set()
        for number, key in edge.items():
            is_repeated = counts[key] >= least and (key in seen or not any(map(str.isalpha, key[1])))
            if is_repeated or (len(pages) >= _MIN_PAGES and _is_page_number(page, number, key[1])):
                dropped.add(number)
        seen.update(edge.values())
        rest = [line for number, line in enumerate(page) if number not in dropped]
        kept.append(rest or page)
    return kept


def _is_page_number(page: list[Line], number: int, words: str) -> bool:
    if not _PAGE_NUMBER.fullmatch(words):
        return False
    tops = [line.top for line in page]
    return page[number].top in (min(tops), max(tops))


def _edges(page: list[Line]) -> dict[int, tuple[str, str]]:
    order = sorted(range(len(page)), key=lambda number: -page[number].top)
    edges: dict[int, tuple[str, str]] = {}
    for where, numbers in (("top", order[:2]), ("bottom", order[-2:])):
        for number in numbers:
            words = " ".join(re.sub(r"\d+", "0", page[number].text).casefold().split())
            edges.setdefault(number, (where, words))
    return edges


def compounds(pages: Iterable[list[Line]]) -> frozenset[str]:
    """Words that are written with a hyphen inside a line: divided there, they keep it."""
    return frozenset(
        word.casefold() for page in pages for line in page if "-" in line.text for word in _COMPOUND.findall(line.text)
    )


def joined(page: list[Line], known: frozenset[str]) -> tuple[str, list[int]]:
    """The text of a page.

    Args:
        page: its lines.
        known: words that are written with a hyphen.

    Returns:
        `(text, starts)`: where in the text each line begins.
    """
    gaps = [above.bottom - line.bottom for above, line in pairwise(page) if _follows(above, line)]
    gap = median(gaps) if gaps else 0.0
    text = ""
    pieces: list[str] = []
    starts: list[int] = []
    length = 0
    for number, line in enumerate(page):
        words = line.text
        if number:
            text, between = _seam(page, number, text, gap, known)
            pieces.append(text + between)
            length += len(pieces[-1])
        starts.append(length)
        text = words
    pieces.append(text.rstrip(_HYPHENS[1:]))
    return "".join(pieces), starts


def _seam(page: list[Line], number: int, text: str, gap: float, known: frozenset[str]) -> tuple[str, str]:
    """The line above as it stays, and what comes between it and this one."""
    above, line = page[number - 1], page[number]
    if text and text[-1] in _HYPHENS and len(text) > 1 and text[-2].isalpha():
        return _made_whole(text, line.text, known)
    text = text.rstrip(DIVISION)
    if not (above.is_level and line.is_level):
        return text, "\n" if _SENTENCE_END.search(text) else " "
    if _same_row(above, line):
        return text, "" if line.left - above.right < 0.15 * min(above.height, line.height) else " "
    ended = _SENTENCE_END.search(text) is not None
    if line.bottom > above.bottom:  # the next column
        return text, "\n\n" if ended or not line.text[:1].islower() else " "
    if _is_apart(above, line, gap, ended):
        return text, "\n\n"
    if above.is_row or line.is_row or _is_short(page, number) or _ITEM.match(line.text):
        return text, "\n"
    return text, "" if _CJK.match(line.text) and _CJK.match(text[-1:]) else " "


def _made_whole(text: str, following: str, known: frozenset[str]) -> tuple[str, str]:
    first = _FIRST_WORD.match(following)
    stem = text[:-1]
    if first is None or first[0] in _AFTER_SUSPENDED:
        return f"{stem}-", " "
    last = _LAST_WORD.search(stem)
    begun = last.start() if last else len(stem)
    is_compound = f"{stem[begun:]}-{first[0]}".casefold() in known or stem[begun - 1 : begun] == "-"
    is_one_case = first[0][0].islower() or (first[0].isupper() and stem[begun:].isupper())
    if is_compound or not is_one_case:
        return f"{stem}-", ""
    return stem, ""


def _same_row(above: Line, line: Line) -> bool:
    overlap = min(above.top, line.top) - max(above.bottom, line.bottom)
    return overlap > 0.4 * min(above.height, line.height) and line.left >= above.right - 0.3 * line.height


def _follows(above: Line, line: Line) -> bool:
    distance = above.bottom - line.bottom
    return 0.5 * line.height < distance < 4 * line.height and 0.88 < above.height / line.height < 1.14


def _is_apart(above: Line, line: Line, gap: float, ended: bool) -> bool:
    if not 0.88 < above.height / line.height < 1.14:
        return True
    if above.bottom - line.bottom > max(1.3 * gap, 1.2 * line.height):
        return True
    return ended and line.left > above.left + 0.6 * line.height


def _is_short(page: list[Line], number: int) -> bool:
    """Whether the first word of this line would still have fitted on the line above: then that one was ended."""
    above, line = page[number - 1], page[number]
    near = page[max(0, number - _NEAR_LINES) : number + _NEAR_LINES]
    edge = max(other.right for other in near if other.left < above.right and other.right > above.left)
    word = len(line.text.split(" ", 1)[0]) + 1
    return edge - above.right > word * (line.right - line.left) / max(1, len(line.text))
