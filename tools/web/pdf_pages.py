"""The text of a PDF, page by page.

Not covered: scanned pages (there is no text in them), and text that is drawn invisibly, which is also how a scan
carries its recognised words.
"""

from __future__ import annotations

import re

import pypdfium2

from .reader import MAX_TEXT_CHARS, Unreadable


def read_pdf(content: bytes) -> tuple[str, str | None, str]:
    """Reads a PDF.

    Args:
        content: the file.

    Returns:
        The title and the date of its metadata, and the text, each page under `## Page N`.

    Raises:
        Unreadable: it is damaged, needs a password, or holds no text.
    """
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower() or "security" in str(error).lower()
        raise Unreadable("it is a PDF that needs a password" if locked else "it is a damaged PDF") from None
    parts: list[str] = []
    chars = 0
    for number in range(len(pdf)):
        text = _page_text(pdf, number)
        if text:
            parts.append(f"## Page {number + 1}\n\n{text}")
            chars += len(parts[-1])
        if chars > MAX_TEXT_CHARS:
            break
    if not parts:
        raise Unreadable("it is a PDF without text, such as a scan" if len(pdf) else "it is a PDF without pages")
    data = pdf.get_metadata_dict(skip_empty=True)
    return data.get("Title", ""), _date(data.get("ModDate", "") or data.get("CreationDate", "")), "\n\n".join(parts)


def _page_text(pdf: pypdfium2.PdfDocument, number: int) -> str:
    try:
        page = pdf[number]
        try:
            text = page.get_textpage().get_text_bounded()
        finally:
            page.close()
    except pypdfium2.PdfiumError:
        return ""  # one damaged page
    # Words that are broken at the end of a line come with this mark.
    text = text.replace("\ufffe\r\n", "").replace("\ufffe", "").replace("\r\n", "\n")
    return re.sub(r"[ \t]+\n", "\n", text).strip()


def _date(value: str) -> str | None:
    """`D:20240131120000+01'00'` (ISO 32000, 7.9.4) as ISO 8601."""
    match = re.match(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?", value)
    return "-".join(part for part in match.groups() if part) if match else None
