"""From bytes to text, whatever a file's character set."""

from __future__ import annotations

import codecs
import re

from .pieces import Unreadable

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decoded(content: bytes) -> str:
    """Text of a file: by its byte-order mark, as UTF-8, by the charset that a page declares, or as Windows-1252.

    Characters that do not fit are replaced; nothing fails but binary content.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\0" in content[:8192]:
        raise Unreadable("binary file")
    declared = re.search(rb"<[^>]*charset=[\"']?([\w-]+)", content[:2048])
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if not broken or sum(character > "\x7f" for character in text) > 2 * broken:
        return text
    try:
        return content.decode(declared[1].decode() if declared else "cp1252", "replace")
    except LookupError:
        return content.decode("cp1252", "replace")
