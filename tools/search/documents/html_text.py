"""Plain text of an HTML page: its title, and its blocks as lines."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SILENT = frozenset({"script", "style", "template", "noscript", "svg", "head"})
_BLOCKS = re.compile(
    r"address|article|aside|blockquote|br|caption|d[dlt]|div|fig(?:caption|ure)|footer|form|h[1-6]|header|hr|li|main|nav"
    r"|[ou]l|p|pre|section|t(?:able|[dhr])"
)


def html_text(source: str) -> tuple[str, str]:
    """Strip a page of its tags.

    Args:
        source: HTML, valid or not.

    Returns:
        `(title, text)`: the title is empty when the page has none; headings stand in the text as Markdown headings.
    """
    stripper = _Stripper()
    stripper.feed(source)
    stripper.close()
    text = re.sub(r"[ \t\r\f\v\xa0]+", " ", "".join(stripper.pieces))
    text = re.sub(r" ?\n ?", "\n", text)
    return " ".join("".join(stripper.title).split()), re.sub(r"\n{3,}", "\n\n", text).strip()


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.title: list[str] = []
        self._silent: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":
            self._silent.clear()
        elif tag == "title" and "svg" not in self._silent:
            self._in_title = True
        elif tag in _SILENT:
            self._silent.append(tag)
        elif _BLOCKS.fullmatch(tag):
            if "head" in self._silent:  # a page may leave </head> out
                self._silent.remove("head")
            heading = re.fullmatch(r"h([1-6])", tag)
            self.pieces.append("\n\n" + "#" * int(heading[1]) + " " if heading else "\n\n" if tag == "p" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        elif _BLOCKS.fullmatch(tag):
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif not self._silent:
            self.pieces.append(re.sub(r"\s+", " ", data))
