"""PDF, DOCX, pages, tables and records as passages; files that are damaged, hostile or slow."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from pericles.tools.reading import ReadingProcesses
from pericles.tools.reading.html_text import html_text, read_html
from pericles.tools.reading.metadata import plausible_date, sensible_title
from pericles.tools.search import index_path, list_collections, search
from pericles.tools.search.backends import local
from pericles.tools.search.documents import docx as docx_reader
from pericles.tools.search.documents import files
from pericles.tools.search.documents.files import Unreadable, passages_of, refuse_by_name
from pericles.tools.search.passages import MAX_PASSAGE_CHARS, split_text

A4 = 842
READERS = """
import ctypes, os, re, time
def echo(stem, content): return [(stem, content.decode(), "0-1", "")]
def pid(stem, content): return [(str(os.getpid()), "x", "0-1", "")]
def sleep(stem, content): time.sleep(60)
def spin(stem, content): re.match(r"(a+)+$", "a" * 60 + "b")
def crash(stem, content): ctypes.string_at(0)
def leave(stem, content): os._exit(3)
def greedy(stem, content): return [(stem, "x", "0-1", "")] if bytearray(4 << 30) else []
def fail(stem, content): raise KeyError("no such part")
def write(stem, content):
    with open(stem, "w") as file: file.write("x" * 9)
"""


def pdf(pages, *, info=None, outline=(), encrypt=False):
    """A PDF: `pages` as lists of `(x, y, size, text)`, `outline` as `(title, page, y)`."""
    objects = [b"", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]
    kids = []
    for page in pages:
        lines = (b"/F1 %g Tf 1 0 0 1 %g %g Tm (%s) Tj" % (size, x, y, escaped(text)) for x, y, size, text in page)
        drawn = b"BT " + b" ".join(lines) + b" ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    root = len(objects) + 1
    if outline:
        last = root + len(outline)
        objects.append(b"<< /Type /Outlines /First %d 0 R /Last %d 0 R >>" % (root + 1, last))
        for number, (title, page, y) in enumerate(outline, root + 1):
            following = b"/Next %d 0 R" % (number + 1) if number < last else b""
            target = (escaped(title), root, following, kids[page], b"null" if y is None else b"%g" % y)
            objects.append(b"<< /Title (%s) /Parent %d 0 R %s /Dest [%d 0 R /XYZ 0 %s null] >>" % target)
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R %s >>" % (b"/Outlines %d 0 R" % root if outline else b"")
    trailer = b"/Root 1 0 R /ID [<00> <00>]"
    if info:
        entries = b" ".join(b"/%s (%s)" % (key.encode(), escaped(value)) for key, value in info.items())
        objects.append(b"<< %s >>" % entries)
        trailer += b" /Info %d 0 R" % len(objects)
    if encrypt:
        objects.append(b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (b"41" * 32, b"42" * 32))
        trailer += b" /Encrypt %d 0 R" % len(objects)
    return assembled(objects, trailer)


def assembled(objects, trailer):
    out = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        size, table, size, trailer, len(out),
    )  # fmt: skip


def escaped(text):
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def page_of(*lines, top=A4 - 60, left=50, size=11, leading=14):
    return [(left, top - leading * number, size, line) for number, line in enumerate(lines) if line]


def endless_pdf(levels=14, fan=12):
    """A page that draws a form that draws twelve forms that each draw twelve forms ..."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>",
        b"<< /Length 5 >>\nstream\n/X Do\nendstream",
    ]
    for level in range(levels):
        drawn = b"/X Do " * fan
        objects.append(
            b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length %d /Resources << /XObject << /X %d 0 R >> >> >>"
            b"\nstream\n%s\nendstream" % (len(drawn), 6 + level, drawn)
        )
    objects.append(b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0 >>\nstream\n\nendstream")
    return assembled(objects, b"/Root 1 0 R")


def read(name, content, date="2020-02-02"):
    return list(passages_of(Path(name), name, content if isinstance(content, bytes) else content.encode(), date))


def why_not(name, content):
    with pytest.raises(Unreadable) as caught:
        read(name, content)
    return str(caught.value)


def saved(document):
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def repacked(content, **changed):
    """A DOCX with other content for some of its parts, named by their file's stem."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            stem = name.rpartition("/")[2].partition(".")[0]
            new.writestr(name, changed[stem] if stem in changed and name.endswith(".xml") else old.read(name))
    return buffer.getvalue()


@pytest.fixture
def readers(tmp_path, monkeypatch):
    """A module of readers that misbehave, found only because this process's `sys.path` was changed."""
    (tmp_path / "odd_readers.py").write_text(READERS)
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.fixture
def docs(tmp_path, monkeypatch):
    monkeypatch.setenv("PERICLES_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PERICLES_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setattr(local, "CORPORA", ())
    (tmp_path / "docs").mkdir()
    return tmp_path / "docs"


# PDF


def test_a_pdf_is_read_page_by_page_with_its_title_and_date():
    content = pdf(
        [page_of("The first page."), page_of("The second page.")],
        info={"Title": "Annual Report", "CreationDate": "D:20230405120000+02'00'"},
    )
    first, second = read("r.pdf", content)
    assert (first.title, first.body, first.locator) == ("Annual Report", "The first page.", "r.pdf#page=1&chars=0-15")
    assert (second.body, second.locator) == ("The second page.", "r.pdf#page=2&chars=0-16")
    assert (first.date, second.date) == ("2023-04-05", "2023-04-05")


def test_a_pdf_that_says_nothing_sensible_of_itself():
    told = {"Title": "Microsoft Word - x.doc", "ModDate": "D:19700101000000Z"}
    (passage,) = read("report.pdf", pdf([page_of("Text.")], info=told))
    assert (passage.title, passage.date) == ("report", "2020-02-02")


def test_lines_become_paragraphs_and_divided_words_are_made_whole():
    content = pdf(
        [
            page_of(
                "Machines that learn take much of their infor-",
                "mation from texts, and a well-known author of",
                "one such text may be a well-",
                "known author of others, in the Anglo-",
                "Saxon world at least, with pros- and",
                "cons that are weighed elsewhere in this book.",
                "",
                "A new paragraph begins after a gap, and it goes",
                "on for another line.",
            )
        ]
    )
    (passage,) = read("a.pdf", content)
    first, second = passage.body.split("\n\n")
    assert "their information from texts" in first
    assert "may be a well-known author" in first
    assert "the Anglo-Saxon world at least, with pros- and cons" in first.replace("\n", " ")
    assert second == "A new paragraph begins after a gap, and it goes on for another line."


def test_a_table_in_a_pdf_keeps_its_rows():
    rows = [(50, 700, 11, "Iron"), (300, 700, 11, "1538"), (50, 686, 11, "Lead"), (300, 686, 11, "327")]
    (passage,) = read("a.pdf", pdf([rows]))
    assert passage.body == "Iron 1538\nLead 327"


def test_ligatures_are_spelt_out_and_mathematics_is_left_alone():
    from pericles.tools.reading.pdf import _CHARACTERS

    assert "ﬁne ﬂow oﬃce x² ½ ℕ µ".translate(_CHARACTERS) == "fine flow office x² ½ ℕ µ"


def test_running_heads_and_page_numbers_are_dropped():
    pages = [
        [
            (50, 820, 9, f"The Great Handbook, page {number}"),
            *page_of(f"Content about topic {chr(65 + number)}."),
            (290, 20, 9, str(number)),
        ]
        for number in range(1, 7)
    ]
    passages = read("a.pdf", pdf(pages))
    assert [passage.body for passage in passages[1:]] == [f"Content about topic {chr(65 + n)}." for n in range(2, 7)]
    assert passages[0].body.startswith("The Great Handbook")  # it can still be found


def test_pages_of_one_line_each_are_kept():
    assert len(read("a.pdf", pdf([page_of(f"Question {number}") for number in range(6)]))) == 6


def test_outline_entries_are_the_headings():
    content = pdf(
        [
            [
                (50, 780, 18, "Methods"),
                *page_of("How it was done.", top=740),
                (50, 600, 11, "What was found, briefly."),
            ],
            page_of("More of what was found."),
        ],
        outline=[("Methods", 0, 800), ("Findings", 0, 620)],
    )
    passages = read("study.pdf", content)
    assert [(p.title, p.body) for p in passages] == [
        ("study: Methods", "Methods\n\nHow it was done."),
        ("study: Findings", "What was found, briefly."),
        ("study: Findings", "More of what was found."),
    ]


def test_a_pdf_of_another_program(tmp_path):
    """Written by matplotlib: compressed streams and embedded fonts."""
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    with PdfPages(tmp_path / "m.pdf", metadata={"Title": "Plots"}) as pages:
        for number in range(2):
            figure = Figure()
            figure.text(0.1, 0.5, f"Café number {number}")
            pages.savefig(figure)
    passages = read("m.pdf", (tmp_path / "m.pdf").read_bytes())
    assert [(p.title, p.body) for p in passages] == [("Plots", "Café number 0"), ("Plots", "Café number 1")]


def test_pdfs_that_cannot_be_read():
    assert why_not("a.pdf", pdf([[]])) == "no text in it (scanned pages need OCR)"
    assert why_not("a.pdf", pdf([page_of("secret")], encrypt=True)) == "protected with a password"
    assert why_not("a.pdf", b"") == "damaged, or not a PDF file"
    assert why_not("a.pdf", b"<html>not a PDF</html>") == "damaged, or not a PDF file"


def test_truncated_and_scrambled_pdfs_are_read_or_refused():
    content = pdf([page_of("Some text on this page.")] * 5, outline=[("One", 0, 700), ("Two", 3, None)])
    draw = random.Random(3)
    refusals = []
    for number in range(40):
        damaged = bytearray(content[: draw.randrange(len(content))] if number % 2 else content)
        for _ in range(number % 2 == 0 and 20):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        try:
            assert all(passage.body for passage in read("a.pdf", bytes(damaged)))
        except Unreadable as refused:
            refusals.append(str(refused))
    assert all(words and "\n" not in words for words in refusals)


# DOCX


def test_a_docx_with_headings_lists_and_a_table():
    document = docx.Document()
    document.core_properties.title = "Travel Rules"
    document.core_properties.modified = datetime(2024, 3, 4)
    document.core_properties.comments = ""
    document.add_paragraph("General remarks.")
    document.add_heading("Allowances", 1)
    document.add_paragraph("Trains", style="List Bullet")
    document.add_paragraph("Hotels", style="List Bullet")
    table = document.add_table(rows=3, cols=3)
    for row, cells in zip(
        table.rows,
        [("Country", "Per day", "Hotel"), ("France", "58", "150"), ("Japan", "66", "190")],
        strict=True,
    ):
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = words
    first, second = read("rules.docx", saved(document))
    assert (first.title, first.body, first.date) == ("Travel Rules", "General remarks.", "2024-03-04")
    assert second.title == "Travel Rules: Allowances"
    assert second.body == (
        "- Trains\n- Hotels\n\nCountry: France; Per day: 58; Hotel: 150\nCountry: Japan; Per day: 66; Hotel: 190"
    )
    assert second.locator == f"rules.docx#30-{30 + len(second.body)}"


def test_headings_of_word_in_another_language():
    document = docx.Document()
    style = document.styles["Heading 2"].element
    style.set(qn("w:styleId"), "berschrift2")
    paragraph = document.add_paragraph("Reisekosten")
    paragraph._p.get_or_add_pPr().get_or_add_pStyle().set(qn("w:val"), "berschrift2")
    document.add_paragraph("Es gibt 28 Euro.")
    outlined = document.add_paragraph("Anhang")
    outlined._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="0"/>'))
    document.add_paragraph("Tabellen.")
    assert [(p.title, p.body) for p in read("kosten.docx", saved(document))] == [
        ("kosten: Reisekosten", "Es gibt 28 Euro."),
        ("kosten: Anhang", "Tabellen."),
    ]


def test_a_title_in_the_text_names_a_docx_without_properties():
    document = docx.Document()
    document.add_heading("House Rules", 0)
    document.add_paragraph("No shoes.")
    (passage,) = read("x.docx", saved(document))
    # python-docx dates all that it writes in 2013.
    assert (passage.title, passage.body, passage.date) == ("House Rules", "No shoes.", "2020-02-02")


def test_what_is_shown_of_a_docx_is_read_and_nothing_else():
    document = docx.Document()
    paragraph = document.add_paragraph("Shown")
    paragraph.add_run(" hidden").font.hidden = True
    for kind, words in (("ins", " inserted"), ("del", " deleted"), ("moveFrom", " moved"), ("smartTag", " smart")):
        change = OxmlElement(f"w:{kind}")
        run = OxmlElement("w:r")
        text = OxmlElement("w:t")
        text.text = words
        run.append(text)
        change.append(run)
        paragraph._p.append(change)
    control = parse_xml(
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>Controlled</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    document.element.body.insert(0, control)
    (passage,) = read("a.docx", saved(document))
    assert passage.body == "Controlled\n\nShown inserted smart"


def test_tables_of_a_docx_without_a_head_or_with_merged_cells():
    document = docx.Document()
    pairs = document.add_table(rows=2, cols=2)
    for cell, words in zip(pairs._cells, ("Name", "Ada", "Field", "Mathematics"), strict=True):
        cell.text = words
    document.add_paragraph("Between.")
    merged = document.add_table(rows=3, cols=3)
    for cell, words in zip(merged._cells, ("Region", "City", "People", "North", "A", "5", "", "B", "7"), strict=True):
        cell.text = words
    merged.cell(1, 0).merge(merged.cell(2, 0))
    (passage,) = read("a.docx", saved(document))
    pairs_told, _, merged_told = passage.body.split("\n\n")
    assert pairs_told == "Name | Ada\nField | Mathematics"
    assert merged_told == "Region: North; City: A; People: 5\nRegion: North; City: B; People: 7"


def test_footnotes_stand_where_they_are_called():
    document = docx.Document()
    reference = parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="2"/></w:r>')
    document.add_paragraph("A claim.")._p.append(reference)
    content = saved(document)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    note = '<w:footnote w:id="2"><w:p><w:r><w:t>Its source.</w:t></w:r></w:p></w:footnote>'
    notes = f"<w:footnotes {nsdecls('w')}>{note}</w:footnotes>"
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "word/_rels/document.xml.rels":
                relation = f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'
                part = part.replace(b"</Relationships>", relation.encode())
            new.writestr(name, part)
        new.writestr("word/footnotes.xml", notes)
    (passage,) = read("a.docx", buffer.getvalue())
    assert passage.body == "A claim. (Its source.)"


def test_a_docx_whose_picture_is_missing_is_read(tmp_path):
    content = saved(docx.Document())
    document = docx.Document(BytesIO(content))
    document.add_paragraph("Text beside a picture.")
    document.part.relate_to("https://example.org/x.png", "http://x/relationships/image", is_external=True)
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(saved(document))) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(
                name, old.read(name).replace(b' TargetMode="External"', b"").replace(b"https://example.org/", b"")
            )
    assert [passage.body for passage in read("a.docx", buffer.getvalue())] == ["Text beside a picture."]


def test_no_entity_is_fetched_and_none_grows(tmp_path):
    (tmp_path / "secret.txt").write_text("SECRET")
    document = docx.Document()
    document.add_paragraph("Visible MARK")
    content = saved(document)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        body = archive.read("word/document.xml").decode()
    nested = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{tmp_path}/secret.txt"><!ENTITY e0 "SECRET">{nested}]>'
    declaration, _, rest = body.partition("?>")
    hostile = f"{declaration}?>{head}{rest}".replace("MARK", "MARK&x;&e11;")
    started = time.monotonic()
    try:
        told = " ".join(passage.body for passage in read("a.docx", repacked(content, document=hostile)))
    except Unreadable as error:
        told = str(error)
    assert "SECRET" not in told
    assert time.monotonic() - started < 10


def test_zip_bombs_are_refused_before_they_grow():
    content = saved(docx.Document())
    bomb = repacked(content, document=b"<" + b" " * 60_000_000)
    assert "unpacks to 60," in why_not("a.docx", bomb)
    # The same with a size that is a lie, in the directory at the archive's end and before the part itself.
    size = (60_000_001).to_bytes(4, "little")
    assert why_not("a.docx", bomb.replace(size, (1_000).to_bytes(4, "little"))) == "damaged, or not a DOCX file"


def test_text_parts_are_bounded_whatever_else_the_archive_holds(monkeypatch):
    monkeypatch.setattr(docx_reader, "MAX_TEXT_BYTES", 1_000)
    with pytest.raises(Unreadable, match="more than 1,000 bytes of text"):
        docx_reader.docx_pieces("a", saved(docx.Document()))


def test_docx_files_that_cannot_be_read():
    assert why_not("a.docx", b"PK\x03\x04 and nothing") == "damaged, or not a DOCX file"
    assert why_not("a.docx", b"\xd0\xcf\x11\xe0" + b"\0" * 600).startswith("protected with a password")
    assert why_not("a.docx", saved(docx.Document())) == "no text in it"
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert why_not("a.docx", buffer.getvalue()) == "damaged, or not a DOCX file"


def test_truncated_and_scrambled_docx_files_are_read_or_refused():
    document = docx.Document()
    document.add_paragraph("Some text.")
    content = saved(document)
    draw = random.Random(4)
    refusals = []
    for number in range(20):
        damaged = bytearray(content[: draw.randrange(len(content))] if number % 2 else content)
        for _ in range(number % 2 == 0 and 20):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        try:
            read("a.docx", bytes(damaged))
        except Unreadable as refused:
            refusals.append(str(refused))
    assert all(words and "\n" not in words for words in refusals)


def test_other_office_files_are_refused_with_a_way_out():
    assert refuse_by_name(Path("a.odt"), 1, asked_for=True) == "ODT files cannot be read: save it as DOCX, PDF or text"
    assert refuse_by_name(Path("a.XLSX"), 1, asked_for=False) == "XLSX files cannot be read: save its sheets as CSV"
    assert "HTML or PDF" in (refuse_by_name(Path("a.epub"), 1, asked_for=True) or "")
    assert refuse_by_name(Path("a.yaml"), 1, asked_for=False) == "unknown kind of file (.yaml)"
    assert refuse_by_name(Path("a.yaml"), 1, asked_for=True) is None


# The process that reads them


def test_one_process_reads_many_files(readers):
    with ReadingProcesses() as worker:
        assert worker.pid is None
        pids = {worker.read("odd_readers:pid", "a", b"")[0][0] for _ in range(50)}
        assert pids == {str(worker.pid)}
        assert worker.read("odd_readers:echo", "ü\udce9", "größer ".encode() * 100_000)[0][0] == "ü\udce9"
        alive = worker.pid
    assert alive is not None
    assert not Path(f"/proc/{alive}").exists()


@pytest.mark.parametrize(
    ("reader", "why"),
    [
        ("sleep", "not read within 1 seconds"),
        ("spin", "not read within 1 seconds"),
        ("crash", r"reading it crashed \(SIGSEGV\)"),
        ("leave", r"reading it crashed \(exit code 3\)"),
        ("greedy", "reading it takes too much memory"),
        ("fail", r"damaged \(KeyError: 'no such part'\)"),
        ("write", r"damaged \(OSError: .*File too large\)"),
    ],
)
def test_a_reader_that_fails_costs_its_own_file_only(readers, tmp_path, reader, why):
    with ReadingProcesses(seconds=1) as worker:
        with pytest.raises(Unreadable, match=why):
            worker.read(f"odd_readers:{reader}", str(tmp_path / "written"), b"")
        assert worker.read("odd_readers:echo", "next", b"fine")[0][1] == "fine"


def test_a_process_that_ended_for_want_of_work_is_replaced(readers, monkeypatch):
    with ReadingProcesses() as worker:
        worker.read("odd_readers:echo", "a", b"")
        first = worker.pid
        assert first is not None
        worker._idle[-1].channel.shutdown(1)  # as when its time without work is over: it ends with 0
        assert worker.read("odd_readers:echo", "b", b"again")[0][1] == "again"
        assert worker.pid != first


def test_a_process_that_ended_for_want_of_work_leaves_no_zombie(readers):
    with ReadingProcesses() as worker:
        worker.read("odd_readers:echo", "a", b"")
        pid = worker.pid
        worker._idle[-1].channel.shutdown(1)
        deadline = time.monotonic() + 10
        while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not Path(f"/proc/{pid}").exists()


def test_a_page_that_draws_itself_for_ever_is_given_up():
    with (
        ReadingProcesses(seconds=1) as worker,
        pytest.raises(Unreadable, match=r"not read within|crashed|memory|no text"),
    ):
        worker.read("pericles.tools.search.documents.pdf:pdf_pieces", "a", endless_pdf())


def test_threads_take_turns(readers):
    told = []
    with ReadingProcesses() as worker:

        def ask(number):
            told.append(worker.read("odd_readers:echo", str(number), b"x" * number)[0])

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(1, 30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted((int(title), len(body)) for title, body, *_ in told) == [(n, n) for n in range(1, 30)]


def test_an_interrupt_leaves_no_process_behind(readers):
    with ReadingProcesses() as worker:
        worker.read("odd_readers:echo", "a", b"")
        pid = worker.pid
        assert pid is not None
        timer = threading.Timer(0.3, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
        timer.start()
        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            worker.read("odd_readers:sleep", "a", b"")
        timer.join()
        assert time.monotonic() - started < 10
        assert not Path(f"/proc/{pid}").exists()
        assert worker.read("odd_readers:echo", "b", b"fine")[0][1] == "fine"


@pytest.mark.parametrize("reader", ["pid", "sleep"])
def test_the_process_ends_when_the_program_is_killed(readers, tmp_path, reader):
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from pericles.tools.reading import ReadingProcesses\n"
        "worker = ReadingProcesses()\n"
        "print(worker.read('odd_readers:pid', 'a', b'')[0][0], flush=True)\n"
        f"worker.read('odd_readers:{reader}', 'a', b''); input()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        pid = int(program.stdout.readline())
        program.kill()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and "zombie" not in Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# Tables, records, pages and Markdown


def test_an_array_of_records():
    text = '[\n  {"title": "Tungsten", "symbol": "W"},\n  {"title": "Iron", "symbol": "Fe"}\n]'
    first, second = read("elements.json", text)
    assert (first.title, first.body) == ("elements: Tungsten", "title: Tungsten; symbol: W")
    start, end = map(int, second.locator.partition("#")[2].split("-"))
    assert json.loads(text[start:end]) == {"title": "Iron", "symbol": "Fe"}


def test_one_object_is_one_passage_and_a_big_one_many():
    (passage,) = read("a.json", '{"name": "Ada", "born": {"year": 1815, "place": "London"}}')
    assert (passage.title, passage.body) == ("a: Ada", "name: Ada; born year: 1815; born place: London")
    big = {"version": 3, "towns": [{"name": f"Town {n}", "people": n} for n in range(99)], "note": "word " * 400}
    passages = read("big.json", json.dumps(big))
    assert "name: Town 7; people: 7" in [p.body for p in passages if p.title == "big: towns: Town 7"]
    assert any(p.body == "version: 3" for p in passages)
    assert all(len(p.body) <= MAX_PASSAGE_CHARS for p in passages)


def test_numbers_in_bulk_are_packed():
    rows = [[n, n * n] for n in range(1000)]
    passages = read("m.json", json.dumps(rows))
    assert len(passages) < 30
    assert "31, 961" in " ".join(p.body for p in passages)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"a": [1, 2',
        "[" * 100_000,
        "[1, 2} 3",
        "[[], {}, null",
        '{"a":' * 5_000 + "1",
        "plain words",
        '{"a": 1} tail',
    ],
)
def test_json_that_is_none_is_read_as_text(text):
    assert read("a.json", text)


def test_a_broken_array_loses_nothing():
    told = " ".join(p.body for p in read("a.json", '[{"a": "walnut"}, 7, {}, {"b": "pecan"}, {"c": "hazel'))
    assert all(word in told for word in ("walnut", "7", "pecan", "hazel"))
    assert read("a.json", "[[], {}, null]") == []


def test_lines_of_json_that_are_nested_too_deep():
    deep = '{"a":' * 900 + "1" + "}" * 900
    assert read("a.jsonl", f'{deep}\n{{"b": "fine"}}\n')[-1].body == "b: fine"


def test_front_matter_gives_title_and_date():
    text = "---\ntitle: Spring cleaning\ndate: 2024-05-01\ntags: [home]\n---\n# Windows\n\nUse vinegar.\n"
    (passage,) = read("a.md", text)
    assert (passage.title, passage.body, passage.date) == ("Spring cleaning: Windows", "Use vinegar.", "2024-05-01")
    start, end = map(int, passage.locator.partition("#")[2].split("-"))
    assert text[start:end] == "Use vinegar."


def test_rules_are_no_front_matter():
    text = "---\nA paragraph between rules.\n---\n\nAnother.\n"
    (passage,) = read("a.md", text)
    assert "A paragraph between rules." in passage.body
    assert passage.date == "2020-02-02"


@pytest.mark.parametrize(
    "how",
    [
        "hidden", 'style="display: none"', 'style="color:red; VISIBILITY : hidden !important"', 'aria-hidden="true"',
        'style="font-size:0px"', 'style="opacity: 0.0;"', "style='font-size:0'",
    ],
)  # fmt: skip
def test_hidden_elements_are_not_read(how):
    page = f"<p>before<div {how}>secret <b>one</b><div>two</div><img src=x>three</div><p>after <span {how}>x</span>end"
    assert html_text(page)[1].split() == ["before", "after", "end"]


def test_what_only_looks_hidden_is_read():
    page = '<body style="opacity:0"><p style="font-size:0.9em">a</p><p style="opacity:0.5">b</p><p hidden>x<p>c</body>'
    assert html_text(page)[1].split() == ["a", "b", "c"]
    assert html_text("<ul><li hidden>x<li>a<li>b</ul><br hidden>c")[1].split() == ["a", "b", "c"]


def test_rows_of_a_table_stay_lines():
    page = (
        "<table><thead><tr><th></th><th>2019</th><th>2020</th></tr></thead>"
        "<tr><td>Iron<td><p>5</p><td>6</tr><tr><td>Lead</td><td></td><td>7</td></tr></table>Below"
    )
    assert html_text(page)[1] == "| 2019 | 2020\nIron | 5 | 6\nLead | | 7\n\nBelow"


def test_the_date_of_a_page():
    assert read_html('<meta property="article:published_time" content="2024-05-01T10:00:00Z">').date == "2024-05-01"
    assert read_html('<time datetime="2023-01-02">x</time><meta name=date content="2022-03-04">').date == "2022-03-04"
    assert read_html('<time datetime="12:30">now</time><time datetime="2023-01">x</time>').date == "2023-01"
    assert read_html('<meta name="date" content="0001-01-01">').date == ""
    (passage,) = read("a.html", "<title>T</title><time datetime='2021-06-07'>June</time>")
    assert passage.date == "2021-06-07"


@pytest.mark.parametrize(
    "source",
    ["<ul>" + "<span hidden>" * 20_000 + "<li></li>" * 20_000, "<b>" * 50_000 + "x", "<!--" * 50_000, " \n" * 200_000],
)
def test_hostile_pages_take_no_time(source):
    started = time.monotonic()
    html_text(source)
    assert time.monotonic() - started < 5


def test_a_page_that_python_cannot_parse_in_time_is_given_up(monkeypatch):
    with ReadingProcesses(seconds=1) as worker:
        monkeypatch.setattr(files, "shared_processes", lambda: worker)
        assert why_not("a.html", "<a " * 30_000) == "not read within 1 seconds"


def test_headings_of_markdown_take_no_time():
    started = time.monotonic()
    (passage,) = read("a.md", "# Title ##\n\nText.\n\n# a" + " #" * 100_000 + "b\n")
    assert (passage.title, passage.body) == ("Title", "Text.")
    assert time.monotonic() - started < 2


def test_dates_and_titles_that_can_be_believed():
    assert plausible_date("D:20240229") == "2024-02-29"
    assert plausible_date("20240501T101010") == "2024-05-01"
    assert [plausible_date(text) for text in ("D:20230229", "2999-01-01", "1714521600", "", "May 2020", "1900")] == [
        ""
    ] * 6
    assert sensible_title(" The\n Report ") == "The Report"
    assert [sensible_title(text) for text in ("untitled", "thesis.dvi", "Document1", "12", "x" * 300)] == [""] * 5


# Text without spaces


def test_chinese_text_is_cut_at_its_sentences():
    text = "人口增长很快，城市扩大了。" * 300
    pieces = list(split_text(text))
    assert all(text[end - 1] == "。" for _, end in pieces)
    assert all(end - start <= MAX_PASSAGE_CHARS for start, end in split_text("人" * 5_000))


# All together


def test_a_folder_of_good_and_bad_files(docs, readers, monkeypatch):
    document = docx.Document()
    table = document.add_table(rows=2, cols=3)
    for cell, words in zip(table._cells, ("Plant", "Height", "Colour"), strict=False):
        cell.text = words
    for cell, words in zip(table.rows[1].cells, ("Foxglove", "150 cm", "purple"), strict=True):
        cell.text = words
    (docs / "garden.docx").write_bytes(saved(document))
    (docs / "guide.pdf").write_bytes(
        pdf([page_of("An introduction."), page_of("The marmot hibernates for seven months.")])
    )
    (docs / "stars.json").write_text('[{"name": "Betelgeuse", "constellation": "Orion"}]')
    (docs / "broken.pdf").write_bytes(b"%PDF-1.4")
    (docs / "broken.docx").write_bytes(b"PK\x03\x04")
    (docs / "scan.pdf").write_bytes(pdf([[]]))
    (docs / "slides.pptx").write_bytes(b"PK")
    report = index_path(docs)
    assert report.added == 3
    assert {Path(path).name: why for path, why in report.skipped.items()} == {
        "broken.docx": "damaged, or not a DOCX file",
        "broken.pdf": "damaged, or not a PDF file",
        "scan.pdf": "no text in it (scanned pages need OCR)",
        "slides.pptx": "PPTX files cannot be read: save it as PDF",
    }
    assert index_path(docs).unchanged == 3
    found = first_source("how long does the marmot hibernate")
    assert found.locator.endswith("guide.pdf#page=2&chars=0-39")
    assert first_source("height of the foxglove").quote == "Plant: Foxglove; Height: 150 cm; Colour: purple"
    assert "constellation: Orion" in first_source("constellation of Betelgeuse").quote


@pytest.mark.slow
def test_a_file_that_hangs_is_skipped_and_an_interrupt_is_resumed(docs, readers, monkeypatch):
    (docs / "a.pdf").write_bytes(pdf([page_of("The walnut tree.")]))
    (docs / "b.docx").write_bytes(b"hangs")
    (docs / "c.pdf").write_bytes(pdf([page_of("The chestnut tree.")]))
    monkeypatch.setitem(files._PROCESS_READERS, ".docx", "odd_readers:sleep")
    with ReadingProcesses(seconds=1) as worker:
        monkeypatch.setattr(files, "shared_processes", lambda: worker)
        timer = threading.Timer(0.6, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))

        def progress(what, done, total):
            if "b.docx" in what and not timer.is_alive():
                timer.start()

        with pytest.raises(KeyboardInterrupt):
            index_path(docs, progress=progress)
        assert [info.files for info in list_collections()] == [1]
        report = index_path(docs)
    assert (report.unchanged, report.added) == (1, 1)
    assert list(report.skipped.values()) == ["not read within 1 seconds"]


def first_source(query):
    return asyncio.run(search(query)).sources[0]
