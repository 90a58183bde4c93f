"""The charset of a body: what tells it, in which order, and a decoding that never fails."""

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
    """Decodes a body: by its byte-order mark, the header, what the page declares, as UTF-8, or as Windows-1252.

    Args:
        content: the body.
        content_type: the header.

    Returns:
        The text, with what does not fit replaced, and the name of the codec that was used.
    """
    for mark, name in BOMS:
        if content.startswith(mark):
            return content.decode(name, "replace"), name.removesuffix("-sig")
    header = re.search(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", content_type, re.IGNORECASE)
    meta = _META_CHARSET.search(content[:4096])
    labels = [header[1]] if header else []
    labels += [meta[1].decode("ascii", "replace")] if meta else []
    for label in labels:
        found = _as(content, label)
        if found is not None:
            return found
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _lenient(content)


def _lenient(content: bytes) -> tuple[str, str]:
    # UTF-8 with a few broken places is still UTF-8.
    text = content.decode("utf-8", "replace")
    if sum(sign > "\x7f" for sign in text) > 2 * text.count("\ufffd"):
        return text, "utf-8"
    return content.decode("cp1252", "replace"), "cp1252"


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
