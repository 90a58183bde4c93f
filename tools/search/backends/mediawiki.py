"""Wikipedia and any other MediaWiki, through its action API (`api.php?action=query`).

One request finds pages (`list=search` for the snippets, `generator=search` for addresses, dates and, where the wiki has
the TextExtracts extension, introductions); a second reads the best page and chooses the passage that is quoted. Where
the second is not answered, the introduction or the snippet is quoted.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from ...errors import ToolError
from ..passage_choice import choose_among, matched_words
from ..passages import split_text
from .json_shapes import items, text_of, without_tags
from .protocol import Answer, SearchHit, SearchQuery

_PAGES = 5
# Of the back end's time: what finds pages leaves room for reading one, and that ends before the time is over, so that a
# slow second answer does not cost the first.
_FINDING_SHARE, _READING_SHARE = 0.6, 0.3
_READ_PAGES = 2
_SYNTAX = re.compile(r"""["*~?\\/|!()\[\]{}^<>#=+]|\b\w+:|(?<!\w)-""")
_QUESTION_WORDS = frozenset({"when", "where", "who", "why"})
_HEADING = re.compile(r"^(={2,6})[ \t]*(.+?)[ \t]*\1[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MediaWiki:
    """A wiki.

    Args:
        name: by which settings and messages call it.
        url: of its `api.php`.
        seconds: how long a request may take.
    """

    name: str
    url: str
    seconds: float

    async def search(self, query: SearchQuery) -> Answer:
        """See `Backend.search`."""
        pages = await self._pages(query)
        best = [page for page in pages if page["extract"] is not None][:_READ_PAGES]
        texts = await asyncio.gather(*(self._text(page["pageid"]) for page in best))
        full = {page["pageid"]: text for page, text in zip(best, texts, strict=True) if text}
        return Answer(tuple(self._hit(page, full.get(page["pageid"], ""), query.text) for page in pages[: query.limit]))

    async def _pages(self, query: SearchQuery) -> list[dict[str, Any]]:
        """Title, address, date, snippet and introduction of the pages found, in the wiki's order."""
        asked = plain_query(query.text)
        if not asked:
            return []
        found = await self._ask(
            list="search", srsearch=asked, srlimit=_PAGES, srprop="snippet|timestamp",
            generator="search", gsrsearch=asked, gsrlimit=_PAGES,
            prop="info|extracts", inprop="url", exintro=1, explaintext=1, exlimit=_PAGES, share=_FINDING_SHARE,
        )  # fmt: skip
        listed = found.get("query")
        listed = listed if isinstance(listed, dict) else {}
        by_id = {page.get("pageid"): page for page in items(listed.get("pages"))}
        pages: list[dict[str, Any]] = []
        for entry in items(listed.get("search")):
            page = by_id.get(entry.get("pageid"), {})
            title = text_of(entry.get("title"))
            if title:
                pages.append(
                    {
                        "pageid": entry.get("pageid"),
                        "title": title,
                        "url": text_of(page.get("fullurl")) or self._address(title),
                        "date": text_of(entry.get("timestamp"))[:10],
                        "snippet": without_tags(text_of(entry.get("snippet"))),
                        "extract": page["extract"] if isinstance(page.get("extract"), str) else None,
                    }
                )
        return pages

    async def _text(self, pageid: Any) -> str:
        try:
            found = await self._ask(pageids=pageid, prop="extracts", explaintext=1, share=_READING_SHARE)
        except ToolError:
            return ""  # the introduction is quoted instead
        listed = found.get("query")
        pages = items(listed.get("pages")) if isinstance(listed, dict) else []
        return text_of(pages[0].get("extract")) if pages else ""

    async def _ask(self, *, share: float, **params: Any) -> dict[str, Any]:
        from ...web.client import request_json

        common = {"action": "query", "format": "json", "formatversion": 2, "utf8": 1, "redirects": 1}
        found = await request_json("GET", self.url, params={**common, **params}, seconds=self.seconds * share)
        if not isinstance(found, dict):
            raise ToolError(f"{self.name} did not answer as a MediaWiki api.php does.")
        error = found.get("error")
        if isinstance(error, dict):
            raise ToolError(f"{self.name}: {text_of(error.get('info'))[:200] or 'the wiki refused the request'}")
        return found

    def _hit(self, page: dict[str, Any], text: str, query: str) -> SearchHit:
        title, locator = page["title"], page["url"]
        passages = _passages(text or page["extract"] or "")
        best = choose_among([body for _, body in passages], query, about=title)
        if best is None:
            body = page["snippet"]
            return SearchHit(title, locator, body, page["date"], matched=matched_words(body, query))
        section, body = passages[best.place]
        if section:
            locator = f"{locator}#{quote(section.replace(' ', '_'))}"
        titled = f"{title}: {section}" if section else title
        return SearchHit(titled, locator, body, page["date"], matched=best.matched)

    def _address(self, title: str) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/wiki/{quote(title.replace(' ', '_'))}"


def _passages(text: str) -> list[tuple[str, str]]:
    """The passages of a page's plain text, each with the heading that it stands under."""
    starts = [(0, 0, ""), *((match.start(), match.end(), match[2]) for match in _HEADING.finditer(text))]
    ends = [start for start, _, _ in starts[1:]] + [len(text)]
    return [
        (heading, text[begin + start : begin + stop])
        for (_, begin, heading), end in zip(starts, ends, strict=True)
        for start, stop in split_text(text[begin:end])
    ]


def plain_query(text: str) -> str:
    """A question as words that a wiki's search takes: without query syntax, without words that say nothing."""
    from ..index.words import is_stop_word

    spoken = [word for word in _SYNTAX.sub(" ", text).split() if word not in ("AND", "OR", "NOT")]
    kept = [word for word in spoken if not is_stop_word(word) and word.lower() not in _QUESTION_WORDS]
    return " ".join(kept or spoken)[:300]
