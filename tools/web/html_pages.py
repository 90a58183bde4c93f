"""The main text of an HTML page or a feed, without what a reader does not see.

Not covered: what only a style sheet or a script hides. A page's own text can always lie; see `untrusted`.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import lxml.html
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

_NEVER_SHOWN = frozenset(
    "script style template noscript noframes iframe object embed canvas svg audio video datalist dialog".split()  # noqa: SIM905
)
_WORDS_OF_ATTRIBUTES = ("alt", "title", "aria-label", "aria-description", "placeholder", "label", "value", "summary")
_HIDING_STYLE = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|opacity:0?(?:\.0+)?%?(?=;|!|$)|font(?:-size)?:0(?:\.0+)?(?:[a-z%]{1,4})?(?=[;!/]|$)"
    r"|(?:^|;)(?:left|top|right|bottom|text-indent|margin-left|margin-top):-\d{3,}|(?:^|;)color:transparent"
    r"|clip:rect\(0|clip-path:inset\((?:50|100)%|transform:scale\(0|(?:^|;)(?:max-)?(?:height|width):[01](?:px)?(?=;|!|$)",
    re.IGNORECASE,
)
_BLOCKS = frozenset(
    (  # noqa: SIM905 - a list of 45 quoted names is no easier to read
        "address article aside blockquote br caption dd details div dl dt fieldset figcaption figure footer form h1 h2"
        " h3 h4 h5 h6 header hr li main nav ol option p pre section summary table tbody td th thead tr ul"
    ).split()
)


def read_html(source: str, url: str) -> tuple[str, str | None, str]:
    """Reads a page.

    Args:
        source: HTML, valid or not.
        url: where it is from.

    Returns:
        The title, the ISO 8601 date where the page gives one, and the main text with Markdown headings.
    """
    try:
        # With `huge_tree` libxml2 reads elements nested 2048 deep, without it 256, and gives up on deeper ones.
        parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
        tree = lxml.html.document_fromstring(source.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):
        return "", None, ""
    _drop_hidden(tree)
    title = tree.findtext(".//title") or ""
    found = _main_text(tree, url)
    if found is None or not found[2].strip():
        return title, found[1] if found else None, _stripped(tree)
    return found[0] or title, found[1], found[2]


def _drop_hidden(tree: Any) -> None:
    for element in list(tree.iter()):
        if not isinstance(element.tag, str):
            continue
        # A page that shows itself by a script hides its body first.
        if element.tag not in ("html", "head", "body") and _is_hidden(element):
            # Emptied, not removed: its tail stays in place, and many of them take no longer than each.
            element.clear(keep_tail=True)
            element.tag = "span"
            continue
        for name in _WORDS_OF_ATTRIBUTES:
            if name in element.attrib:
                del element.attrib[name]


def _is_hidden(element: Any) -> bool:
    attributes = element.attrib
    tag = element.tag.lower()
    if tag in _NEVER_SHOWN and not (tag == "dialog" and "open" in attributes):
        return not (tag == "script" and "ld+json" in attributes.get("type", "") and _in_head(element))
    if "hidden" in attributes or attributes.get("aria-hidden", "").strip().lower() == "true":
        return True
    if tag == "input" or not attributes.get("style"):
        return tag == "input"
    return bool(_HIDING_STYLE.search(_plain_style(attributes["style"])))


def _in_head(element: Any) -> bool:
    # Its JSON holds the date; it is never text.
    parent = element.getparent()
    return parent is not None and parent.tag == "head"


def _plain_style(style: str) -> str:
    style = re.sub(r"/\*.*?\*/", "", style[:10_000], flags=re.DOTALL)
    style = re.sub(r"\\([0-9a-fA-F]{1,6})\s?", _css_escape, style).replace("\\", "")
    return re.sub(r"\s+", "", style)


def _css_escape(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code <= sys.maxunicode else ""


def _main_text(tree: Any, url: str) -> tuple[str, str | None, str] | None:
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
    date = about.date if re.fullmatch(r"\d{4}(-\d\d){0,2}", about.date or "") else None
    return about.title or "", date, _unescaped(text or "")


def _unescaped(markdown: str) -> str:
    # Without the escapes of Markdown, so that a passage can be quoted as it stands on the page.
    markdown = re.sub(r"\\+[*_`~\[\]<]", lambda match: match[0][: len(match[0]) // 2 - 1] + match[0][-1], markdown)
    return re.sub(r"^( {0,3}(?:\d{1,9})?)\\([-+.)])", r"\1\2", markdown, flags=re.MULTILINE)


def _trafilatura() -> Any:
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return trafilatura


def _stripped(tree: Any) -> str:
    body = tree.find(".//body")
    pieces: list[str] = []
    for event, node in etree.iterwalk(tree if body is None else body, events=("start", "end")):
        tag = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            heading = re.fullmatch(r"h([1-6])", tag)
            if heading:
                pieces.append("\n\n" + "#" * int(heading[1]) + " ")
            elif tag in _BLOCKS:
                pieces.append("\n\n" if tag == "p" else "\n")
            if node.text and tag not in ("title", "script", "style"):
                pieces.append(re.sub(r"\s+", " ", node.text))
        else:
            if tag in _BLOCKS:
                pieces.append("\n")
            if node.tail and node is not body:
                pieces.append(re.sub(r"\s+", " ", node.tail))
    return _tidied("".join(pieces))


def _tidied(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def read_xml(source: str) -> tuple[str, str | None, str]:
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
        return "", None, source
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
    return title, None, "\n".join(lines).strip()


def _inner_text(text: str | None) -> str:
    text = (text or "").strip()
    if "<" not in text:
        return text
    # A feed carries its entries' HTML as text.
    try:
        tree = lxml.html.document_fromstring(
            text.encode("utf-8", "replace"), parser=lxml.html.HTMLParser(encoding="utf-8")
        )
    except (etree.LxmlError, ValueError):
        return ""
    _drop_hidden(tree)
    return _stripped(tree)
