import re
import time

import pytest
from pericles.ui.web_markdown import answer_markdown, code_block, literal_markdown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("plain **bold** _it_ `a < b`", "plain **bold** _it_ `a < b`"),
        ("if a<b and c>d", r"if a\<b and c>d"),
        ("1 < 2", "1 < 2"),
        ("<script>x</script>", r"\<script>x\</script>"),
        ("<!-- -->", r"\<!-- -->"),
        ("![x](http://e/x.png)", r"\![x](http://e/x.png)"),
        ("```html\n<b>![x](y)\n```\n<b>", "```html\n<b>![x](y)\n```\n" + r"\<b>"),
        ("~~~\n<b>\n~~~", "~~~\n<b>\n~~~"),
        ("```\nstill <open>", "```\nstill <open>"),
        ("```a``` <b>", r"```a``` \<b>"),
        ("`` ` <b> ` `` <b>", r"`` ` <b> ` `` \<b>"),
        ("an ` open tick <b>", r"an ` open tick \<b>"),
        ("a ` over\n\n` a gap <b>", "a ` over\n\n" + r"` a gap \<b>"),
        (r"\`<b>\`", r"\`\<b>\`"),
    ],
)
def test_an_answer_keeps_its_markdown_and_loses_its_html_and_images(written, shown):
    assert answer_markdown(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("$x$", r"\(x\)"),
        (r"\(x\)", r"\(x\)"),
        ("$$x$$", "$$x$$"),
        (r"\[x\]", "$$x$$"),
        ("$a<b$", r"\(a\lt b\)"),
        ("$$\na < b\n$$", "$$\na \\lt  b\n$$"),
        ("it costs $5 and $6.", "it costs $5 and $6."),
        ("US$5 billion, US$6 billion", "US$5 billion, US$6 billion"),
        ("from $5 to 6$5", "from $5 to 6$5"),
        (r"\$x$", r"\$x$"),
        ("`$x$` $y$", r"`$x$` \(y\)"),
        ("$unfinished", "$unfinished"),
    ],
)
def test_latex_in_any_of_its_four_forms_and_money(written, shown):
    assert answer_markdown(written) == shown


@pytest.mark.parametrize("opening", ["`", "$$", r"\(", r"\[", "$x", "<", "![", "```\n", "` ``", "\\"])
def test_a_hostile_answer_takes_no_time(opening):
    start = time.perf_counter()
    answer_markdown((opening + " ") * 4000)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    "text", ["2*3*4", "a_b_c", "[x](y)", "# no", "1. no", "- no", "+ no", "---", "===", "| a |", "~~x~~"]
)
def test_literal_text_has_no_markdown_left(text):
    unescaped = re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), literal_markdown(text).replace("\\", ""))
    assert literal_markdown(text) != text
    assert unescaped == text


@pytest.mark.parametrize("text", ["https://e.example", "www.e.example", "me@e.example", "$x$", r"\(x\)", "<b>", "&lt;"])
def test_literal_text_has_no_links_latex_or_html(text):
    shown = literal_markdown(text)
    for active in ("://", "www.", "@", "$", r"\(", " <b", "^<b"):
        assert active not in shown
    assert not re.search(r"(?<!\\)[<]|(?<!\\)&(?!#\d+;)", shown)


def test_literal_indents_are_no_code():
    assert literal_markdown("    x\n\ty") == "&nbsp;&nbsp;&nbsp;&nbsp;x\n&nbsp;&nbsp;&nbsp;&nbsp;y"


def test_code_cannot_close_its_own_fence():
    assert code_block("a\n````\nb") == "`````text\na\n````\nb\n`````"
