"""From bytes to text, whatever the charset: what tells it, in which order, and a decoding that never fails."""

from __future__ import annotations

import codecs
import re

# Codecs of Python that are no charsets of the web, or slow on hostile text.
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7"})
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_META_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE
)


def decoded(content: bytes, content_type: str = "") -> tuple[str, str]:
    """Decodes a file or body: by its byte-order mark, the header, as UTF-8, by what it declares, or as Windows-1252.

    Args:
        content: the bytes.
        content_type: the header, where there is one.

    Returns:
        The text, with what does not fit replaced, and the name of the codec that was used.
    """
    for mark, name in BOMS:
        if content.startswith(mark):
            return content.decode(name, "replace"), name.removesuffix("-sig")
    header = re.search(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", content_type, re.IGNORECASE)
    found = _as(content, header[1]) if header else None
    if found is None and not content.isascii():
        # Text of another charset is hardly ever UTF-8; a declaration may be old, or an example in a text on HTML.
        found = _as_utf_8(content, may_be_broken=False)
    meta = _META_CHARSET.search(content[:4096]) if found is None else None
    if meta:
        found = _as(content, meta[1].decode("ascii", "replace"))
    return found or _as_utf_8(content, may_be_broken=True) or (content.decode("cp1252", "replace"), "cp1252")


def _as_utf_8(content: bytes, *, may_be_broken: bool) -> tuple[str, str] | None:
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    # UTF-8 with a few broken places is still UTF-8.
    if not broken or (may_be_broken and sum(sign > "\x7f" for sign in text) > 2 * broken):
        return text, "utf-8"
    return None


def _as(content: bytes, label: str) -> tuple[str, str] | None:
    try:
        name = codecs.lookup(label).name
        if name in _NO_CHARSETS:
            return None
        # What the web calls Latin-1 and ASCII is Windows-1252; a page that says UTF-16 in ASCII letters is not.
        name = {"iso8859-1": "cp1252", "ascii": "cp1252"}.get(name, name)
        if name.startswith(("utf-16", "utf-32")) and content[:2000].count(0) < 10 and len(content) > 20:
            return None
        return content.decode(name, "replace"), name
    except (LookupError, ValueError):
        return None
