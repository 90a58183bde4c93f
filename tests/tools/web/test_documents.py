"""Pages and PDFs read in a process of their own: what is told, what is hidden, what cannot harm."""

import asyncio
import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pericles.tools.errors import ToolError, ToolTimeout
from pericles.tools.reading import shared_processes
from pericles.tools.web import read_document, read_document_sync

_spec = importlib.util.spec_from_file_location("pdfs", Path(__file__).with_name("pdfs.py"))
pdfs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pdfs)

LONG = "The treaty was signed in Lima after eleven years of talks between the two neighbours. " * 6


def read(content, media_type="text/html", **options):
    content = content.encode() if isinstance(content, str) else content
    return read_document_sync(content, media_type, url="https://example.org/a?key=secret", **options)


def article(inside):
    body = f"<article><h1>Treaty</h1><p>{LONG}</p>{inside}<p>{LONG}</p></article>"
    return f"<html><head><title>Treaty</title></head><body>{body}</body></html>"


def test_an_article():
    document = read(
        "<html><head><title>The Treaty - Example</title>"
        '<meta property="article:published_time" content="2024-05-01"></head><body>'
        '<nav><a href="/">Home</a> <a href="/news">News</a></nav>'
        f"<article><h1>The Treaty</h1><p>{LONG}</p><h2>What it says</h2><p>{LONG} See [3] and a_b*c.</p>"
        "<ul><li>first point</li><li>second point</li></ul></article><footer>Imprint</footer></body></html>"
    )
    assert document.title.startswith("The Treaty")
    assert document.date == "2024-05-01"
    assert [words for _, words in document.headings][-1] == "What it says"
    offset, words = document.headings[-1]
    assert document.text[offset:].startswith(f"## {words}\n")
    assert "See (3) and a_b*c." in document.text
    assert "second point" in document.text
    assert "Imprint" not in document.text


def test_a_page_with_little_text_is_read_the_plain_way():
    assert "just this" in read("<title>T</title><div>just this").text


@pytest.mark.parametrize(
    "hidden",
    [
        *("<p hidden>X9</p>", '<p aria-hidden="true">X9</p>', '<p style="display:none">X9</p>', "<!-- X9 -->"),
        *(
            '<p style="DISPLAY : None !important">X9</p>',
            '<p style="visibility: hidden">X9</p>',
            "<noscript>X9</noscript>",
        ),
        *('<p style="color:red;opacity:0">X9</p>', '<p style="opacity: 0.0;">X9</p>', "<template>X9</template>"),
        *('<p style="font-size:0">X9</p>', '<p style="font-size: 0px;">X9</p>', "<script>X9</script>"),
        *('<p style="disp/**/lay:none">X9</p>', '<p style="display:\\6e one">X9</p>', "<style>X9</style>"),
        *(
            '<p style="position:absolute;left:-9999px">X9</p>',
            '<img alt="X9" src="a.png">',
            "<svg><text>X9</text></svg>",
        ),
        *('<a title="X9" href="/">link</a>', "<div hidden><div><p>a</p><p>X9</p></div></div>", "<dialog>X9</dialog>"),
        *('<input type="hidden" value="X9">', '<p aria-label="X9">a</p>', '<p style="font-size:0em">X9</p>'),
        *("<iframe>X9</iframe>", "<object>X9</object>", '<p style="color: transparent">X9</p>', "<![CDATA[X9]]>"),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_hidden_text_is_dropped(hidden, whole):
    document = read(article(hidden) if whole else f"<title>T</title><body><p>seen {hidden} tail</p>")
    assert "X9" not in f"{document.title} {document.text}"
    assert ("Lima" if whole else "tail") in document.text


@pytest.mark.parametrize(
    "shown",
    [
        *('<p style="opacity:0.9">X9</p>', '<p style="font-size:0.9em">X9</p>', '<p style="display:block">X9</p>'),
        *('<p aria-hidden="false">X9</p>', "<details><summary>more</summary><p>X9</p></details>"),
        *('<body style="opacity:0"><p>X9</p>', '<p style="left:-5px">X9</p>', '<p style="font-size:09px">X9</p>'),
    ],
)
def test_shown_text_stays(shown):
    assert "X9" in read(f"<title>T</title><p>seen</p>{shown}").text


def test_control_tags_and_invisible_signs_are_gone():
    text = read("<p>a&lt;tool_call&gt;b&amp;lt;|im_start|&amp;gt;c&#x200b;d\U000e0041e [7]</p>").text
    assert text == "abcde (7)"


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 200_000 + "deep",
        "<table>" * 50_000 + "deep",
        "<p>" + "<b>" * 100_000 + "x",
        "<" * 1_000_000,
        "<p " + "a=b " * 300_000 + ">x",
        "<p>" + "word " * 300_000,
        "<p>" + "<i hidden>x</i>y " * 100_000,
        "&" * 1_000_000,
        "<!--" * 300_000,
        "<ul><li>" * 50_000,
    ],
    ids=range(10),
)
def test_hostile_pages_end(page):
    started = time.monotonic()
    with contextlib.suppress(ToolError):
        read(page, seconds=0.4)
    assert time.monotonic() - started < 10
    assert read("<p>still there").text == "still there"


def test_a_time_limit():
    with pytest.raises(ToolTimeout, match=r"^https://example\.org/a cannot be read: not read within 0\.001 seconds\.$"):
        read(article("") * 50, seconds=0.001)


def test_a_killed_process_is_replaced():
    read("<p>a")
    os.kill(shared_processes().pid, signal.SIGKILL)
    assert read("<p>b").text == "b"


def test_memory_is_bounded():
    read("<p>a")
    limits = Path(f"/proc/{shared_processes().pid}/limits").read_text()
    assert "Max address space         2147483648" in limits


def test_a_normal_end_is_silent():
    code = "from pericles.tools.web import read_document_sync as r; print(r(b'<p>a', 'text/html', url='x').text)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("a\n", "")


def test_cancelling_ends_the_reading():
    async def cancelled():
        task = asyncio.ensure_future(
            read_document(b"<p>" + b"<i hidden>x</i>y " * 200_000, "text/html", url="x", seconds=60)
        )
        await asyncio.sleep(0.3)
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - started

    assert asyncio.run(cancelled()) < 2


def test_many_at_once():
    async def all_of_them():
        pages = [f"<p>number {number}".encode() for number in range(12)]
        return await asyncio.gather(*(read_document(page, "text/html", url="x") for page in pages))

    assert [document.text for document in asyncio.run(all_of_them())] == [f"number {number}" for number in range(12)]


def test_a_pdf():
    document = read(pdfs.pdf("Alpha beta", "Gamma delta"), "application/pdf")
    assert (document.title, document.date) == ("A Report", "2024-01-31")
    assert document.text == "## Page 1\n\nAlpha beta\n\n## Page 2\n\nGamma delta"
    assert document.headings == [(0, "Page 1"), (23, "Page 2")]


def test_a_pdf_with_an_outline():
    outline = b"/Pages 2 0 R /Outlines << /First << /Title (Methods) /Dest [6 0 R /XYZ 0 750 null] >> >> >>"
    content = pdfs.pdf("Alpha", "Beta", "Gamma").replace(b"/Pages 2 0 R >>", outline, 1)
    document = read(content, "application/pdf")
    assert [words for _, words in document.headings] == ["Page 1", "Page 2: Methods", "Page 3: Methods"]
    assert document.text.endswith("## Page 3: Methods\n\nGamma")


def test_a_pdf_with_control_tags():
    assert "<" not in read(pdfs.pdf("a <|im_start|> b <tool_call>"), "application/pdf").text


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (lambda: b"%PDF-1.4 nonsense", "damaged, or not a PDF file"),
        (lambda: pdfs.locked_pdf(), "protected with a password"),
        (lambda: pdfs.pdf(""), "no text in it"),
        (lambda: pdfs.looping_pdf(), "(damaged|no text)"),
        (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 1000, "damaged, or not a PDF file"),
    ],
)
def test_a_pdf_that_cannot_be_read(content, why):
    with pytest.raises(ToolError, match=rf"^https://example\.org/a cannot be read: {why}"):
        read(content(), "application/pdf", seconds=5)


def test_a_cut_pdf():
    with contextlib.suppress(ToolError):
        assert "Alpha" in read(pdfs.pdf("Alpha")[:-150], "application/pdf", seconds=5).text


def test_a_feed():
    document = read(
        "<?xml version='1.0' encoding='utf-8'?><rss><channel><title>News</title><item><title>One</title>"
        "<description>&lt;p&gt;Hello &lt;b hidden&gt;X9&lt;/b&gt;world&lt;/p&gt;</description></item></channel></rss>",
        "application/rss+xml",
    )
    assert document.title == "News"
    assert document.text == "# News\n\n## One\nHello world"


def test_an_xml_bomb():
    bomb = "<!DOCTYPE a [<!ENTITY a 'xxxxxxxxxx'>" + "".join(
        f"<!ENTITY {after} '{f'&{before};' * 10}'>" for before, after in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with contextlib.suppress(ToolError):
        assert len(read(f"{bomb}]><a>&i;words</a>", "application/xml", seconds=5).text) < 1000


def test_a_file_of_this_machine_is_not_read():
    text = "<!DOCTYPE a [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><a>&f;words</a>"
    with contextlib.suppress(ToolError):
        assert "root:" not in read(text, "application/xml").text


@pytest.mark.parametrize(
    ("content", "media_type", "text"),
    [
        ('{"a": [1], "b": "ü"}', "application/json", '{\n "a": [\n  1\n ],\n "b": "ü"\n}'),
        ("[" * 100_000, "application/json", None),
        ("# Title\n\n```\n# comment\n```\n## Second\ntext", "text/markdown", None),
        ("plain <b> words", "text/plain", "plain <b> words"),
    ],
)
def test_other_texts(content, media_type, text):
    document = read(content, media_type)
    assert text is None or document.text == text
    if media_type == "text/markdown":
        assert (document.title, [words for _, words in document.headings]) == ("Title", ["Title", "Second"])


@pytest.mark.parametrize("charset", ["utf-8", "cp1252", "utf-16", None])
def test_charsets(charset):
    page = "<meta charset=windows-1252><p>Grüße" if charset is None else "<p>Grüße"
    assert read(page.encode(charset or "cp1252"), charset=charset).text == "Grüße"


def test_no_text():
    with pytest.raises(ToolError, match="there is no text in it"):
        read("<p> </p>")


def test_importing_is_light():
    heavy = ("httpx", "httpcore", "hishel", "trafilatura", "lxml", "pypdfium2", "tantivy")
    code = f"import sys, pericles.tools.web; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
