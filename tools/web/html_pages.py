"""The main text of an HTML page or a feed, without what a reader does not see.

Not covered: what only a style sheet or a script hides. A page's own text can always lie; see `untrusted`.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import lxml.html
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from ..reading.hidden import is_hidden
from ..reading.html_text import html_text
from ..reading.metadata import plausible_date

_WORDS_OF_ATTRIBUTES = ("alt", "title", "aria-label", "aria-description", "placeholder", "label", "value", "summary")


def read_html(source: str, url: str) -> tuple[str, str, str]:
    """Reads a page.

    Args:
        source: HTML, valid or not.
        url: where it is from.

    Returns:
        The title, the ISO 8601 date, both empty where the page gives none, and the main text with Markdown headings.
    """
    try:
        # With `huge_tree` libxml2 reads elements nested 2048 deep, without it 256, and gives up on deeper ones.
        parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
        tree = lxml.html.document_fromstring(source.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):
        return "", "", ""
    _drop_hidden(tree)
    title = tree.findtext(".//title") or ""
    found = _main_text(tree, url)
    if found is None or not found[2].strip():
        # Serialized, since the parser of Python takes its time over hostile source.
        return title, found[1] if found else "", html_text(str(lxml.html.tostring(tree, encoding="unicode")))[1]
    return found[0] or title, found[1], found[2]


def _drop_hidden(tree: Any) -> None:
    for element in list(tree.iter()):
        if not isinstance(element.tag, str):
            continue
        if _is_dropped(element):
            # Emptied, not removed: its tail stays in place, and many of them take no longer than each.
            element.clear(keep_tail=True)
            element.tag = "span"
            continue
        for name in _WORDS_OF_ATTRIBUTES:
            if name in element.attrib:
                del element.attrib[name]


def _is_dropped(element: Any) -> bool:
    parent = element.getparent()
    in_head = parent is not None and parent.tag == "head"
    if in_head and element.tag == "script" and "ld+json" in element.get("type", ""):
        return False  # its JSON holds the date; it is never text
    return is_hidden(element.tag.lower(), element.attrib)


def _main_text(tree: Any, url: str) -> tuple[str, str, str] | None:
    # Only what the page states as its date, no guesses from its text.
    dates = {"extensive_search": False, "original_date": False}
    try:
        library = _trafilatura()
        about = library.extract_metadata(tree, default_url=url, date_config=dates, extensive=False)
        text = library.extract(tree, url=url, output_format="markdown", include_comments=False, include_formatting=True)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a page that it cannot cope with is read the plain way
        return None
    return about.title or "", plausible_date(about.date or ""), _unescaped(text or "")


def _unescaped(markdown: str) -> str:
    # Without the escapes of Markdown, so that a passage can be quoted as it stands on the page.
    markdown = re.sub(r"\\+[*_`~\[\]<]", lambda match: match[0][: len(match[0]) // 2 - 1] + match[0][-1], markdown)
    return re.sub(r"^( {0,3}(?:\d{1,9})?)\\([-+.)])", r"\1\2", markdown, flags=re.MULTILINE)


def _trafilatura() -> Any:
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return trafilatura


def read_xml(source: str) -> tuple[str, str, str]:
    """Reads a feed (RSS, Atom) or another XML document: its texts, each entry of a feed under a heading.

    Args:
        source: XML, well-formed or nearly.

    Returns:
        The title, no date, and the text.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False, encoding="utf-8")
    source = re.sub(r"^\s*<\?xml[^>]*\?>", "", source)
    try:
        tree: Any = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        tree = None
    if tree is None:
        return "", "", source
    title, lines, in_entry = "", [], False
    for node in tree.iter():
        name = etree.QName(node).localname.lower() if isinstance(node.tag, str) else ""
        in_entry = in_entry or name in ("item", "entry")
        text = _inner_text(node.text) if name else ""
        if not text:
            continue
        if name == "title":
            title = title or text
            lines.append(f"\n## {text}" if in_entry else f"# {text}")
        else:
            lines.append(text)
    return title, "", "\n".join(lines).strip()


def _inner_text(text: str | None) -> str:
    text = (text or "").strip()
    if "<" not in text:
        return text
    return html_text(text)[1]  # a feed carries its entries' HTML as text
