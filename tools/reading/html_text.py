"""Plain text of an HTML page: its title, its date, and its blocks as lines.

What a page does not show is left out as far as its source says so in the elements themselves; style sheets and scripts
are not run, so what they hide or show is not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from .hidden import is_hidden
from .metadata import plausible_date

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_BLOCKS = re.compile(
    r"address|article|aside|blockquote|br|caption|d[dlt]|details|div|fieldset|fig(?:caption|ure)|footer|form|h[1-6]"
    r"|header|hr|li|main|nav|[ou]l|option|p|pre|section|summary|t(?:able|body|foot|head|[dhr])"
)
# Elements whose end may be left out: what ends them, and how far up one is looked for.
_ENDED_BY = {
    "li": ({"li"}, {"ul", "ol"}),
    "dt": ({"dt", "dd"}, {"dl"}),
    "dd": ({"dt", "dd"}, {"dl"}),
    "tr": ({"tr"}, {"table"}),
    "td": ({"td", "th"}, {"table", "tr"}),
    "th": ({"td", "th"}, {"table", "tr"}),
    "option": ({"option"}, {"select"}),
}
_MAX_LOOK_UP = 50
_DATE_NAMES = {
    "article:published_time": 0,
    "date": 1,
    "datepublished": 1,
    "dc.date": 1,
    "dcterms.created": 1,
    "dc.date.issued": 1,
}
# Taken out beforehand, as browsers do it: the parser of Python needs quadratic time for comments that are never closed.
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.DOTALL)
_TABLE_PARTS = frozenset({"thead", "tbody", "tfoot", "tr", "td", "th"})
# Separators of rows and cells until the white space has been put in order; data never has them.
_ROW, _CELL = "\x01", "\x02"


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """What a reader sees of a page.

    Args:
        title: its title on one line, empty when it has none.
        text: its text; headings stand in it as Markdown headings, the cells of a row are parted by ` | `.
        date: ISO 8601 date that it gives itself, empty when it gives none that can be believed.
    """

    title: str
    text: str
    date: str


def html_text(source: str) -> tuple[str, str]:
    """Strip a page of its tags.

    Args:
        source: HTML, valid or not.

    Returns:
        `(title, text)`: the title is empty when the page has none; headings stand in the text as Markdown headings.
    """
    page = read_html(source)
    return page.title, page.text


def read_html(source: str) -> HtmlPage:
    """Title, text and date of a page.

    Args:
        source: HTML, valid or not.
    """
    stripper = _Stripper()
    stripper.feed(_COMMENT.sub("", source))
    stripper.close()
    text = re.sub(r"[ \t\r\f\v\xa0]+", " ", "".join(stripper.pieces))
    text = re.sub(r" ?\n ?", "\n", text)
    text = re.sub(r"\n{3,}", "\n\n", text)
    text = re.sub(rf"{_ROW}\s*{_CELL}?", _ROW, text)
    text = re.sub(rf"\s*{_CELL}\s*", " | ", text).replace(_ROW, "").replace("  ", " ")
    text = re.sub(r"(?: \|)+ ?$", "", text, flags=re.MULTILINE)  # empty cells at the end of a row
    text = re.sub(r"\n{3,}", "\n\n", text)
    return HtmlPage(" ".join("".join(stripper.title).split()), text.strip(), stripper.date())


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.title: list[str] = []
        self._in_title = False
        # Open elements, `(tag, whether it hides what is in it)`. Inline elements are kept only where they hide
        # something or stand in what is hidden.
        self._open: list[tuple[str, bool]] = []
        self._open_tags: dict[str, int] = {}
        self._hiding = 0
        self._dates: dict[int, str] = {}

    def date(self) -> str:
        return self._dates[min(self._dates)] if self._dates else ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in reversed(attrs)}
        if tag in ("meta", "time"):
            self._note_date(tag, told)
        if tag in ("html", "body"):  # pages that fade in are shown in the end, so the whole is never taken as hidden
            if tag == "body":
                self._open.clear()
                self._open_tags.clear()
                self._hiding = 0
        elif tag == "title":
            self._in_title = not self._open_tags.get("svg")
        else:
            self._start(tag, told)

    def _start(self, tag: str, told: dict[str, str]) -> None:
        block = _BLOCKS.fullmatch(tag) is not None
        if block:
            self._end_what_is_left_open(tag)
        hides = tag == "head" or is_hidden(tag, told)
        if (block or hides or self._hiding) and tag not in _VOID:
            self._open.append((tag, hides))
            self._open_tags[tag] = self._open_tags.get(tag, 0) + 1
            self._hiding += hides
        if not block or self._hiding:
            return
        heading = re.fullmatch(r"h([1-6])", tag)
        if heading:
            self.pieces.append("\n\n" + "#" * int(heading[1]) + " ")
        elif tag in ("td", "th"):
            self.pieces.append(_CELL)
        else:
            self.pieces.append("\n\n" if tag in ("p", "table") else f"\n{_ROW}" if tag == "tr" else "\n")

    def _end_what_is_left_open(self, tag: str) -> None:
        if self._open and self._open[-1][0] in ("head", "p"):  # a page may leave </head> and </p> out
            self._pop()
        if tag in _ENDED_BY:
            ended, scope = _ENDED_BY[tag]
            for back in range(1, min(len(self._open), _MAX_LOOK_UP) + 1):
                name = self._open[-back][0]
                if name in ended:
                    for _ in range(back):
                        self._pop()
                    return
                if name in scope:
                    return

    def _pop(self) -> str:
        tag, hides = self._open.pop()
        self._open_tags[tag] -= 1
        self._hiding -= hides
        return tag

    def handle_endtag(self, tag: str) -> None:
        shown = not self._hiding
        if tag == "title":
            self._in_title = False
        elif self._open_tags.get(tag):
            while self._pop() != tag:
                pass
        if shown and tag not in _TABLE_PARTS and _BLOCKS.fullmatch(tag):
            self.pieces.append("\n\n" if tag == "table" else "\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif not self._hiding:
            self.pieces.append(re.sub(rf"[\s{_ROW}{_CELL}]+", " ", data))

    def _note_date(self, tag: str, told: dict[str, str]) -> None:
        if tag == "time":
            rank, value = (None, "") if self._hiding else (2, told.get("datetime", ""))
        else:
            name = (told.get("property") or told.get("name") or told.get("itemprop", "")).lower()
            rank, value = _DATE_NAMES.get(name), told.get("content", "")
        date = plausible_date(value)
        if rank is not None and date:
            self._dates.setdefault(rank, date)
