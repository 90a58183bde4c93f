"""Strangers' text, before a model reads it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pericles.tools.untrusted import clean

TAGS = [
    *(
        "<tool_call>",
        "</tool_call>",
        "<tool_response>",
        "</tool_response>",
        "<tools>",
        "</tools>",
        "<think>",
        "</think>",
    ),
    *("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "[INST]", "[/INST]"),
    *("<<SYS>>", "<</SYS>>", "<s>", "</s>", "<｜begin▁of▁sentence｜>", "<start_of_turn>", "<function_call>"),
]
WIDE = str.maketrans("<>|[]/", "＜＞｜［］／")


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize(
    "spelled",
    [
        lambda tag: tag,
        str.upper,
        lambda tag: tag.translate(WIDE),
        lambda tag: tag.replace("<", "&lt;").replace(">", "&gt;").replace("[", "&#91;"),
        lambda tag: tag.replace("<", "&amp;lt;").replace(">", "&amp;gt;").replace("]", "&#x5d;"),
        lambda tag: tag.replace("<", "&#60;").replace(">", "&#x3E;").replace("|", "&vert;"),
        lambda tag: "\u200b".join(tag),
        lambda tag: "\U000e0041".join(tag),
        lambda tag: tag[:2] + "&#8203;&zwj;" + tag[2:],
        lambda tag: tag[:3] + tag + tag[3:],
        lambda tag: tag[:3] + tag[:3] + tag + tag[3:] + tag[3:],
        lambda tag: tag[:3] + "[INST]" + tag[3:],
    ],
)
@pytest.mark.sampled(every=3)
def test_control_tags_are_removed(tag, spelled):
    assert clean(f"before {spelled(tag)} after") == "before  after"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "<tool_call id='3'\n x=y>",
            "< tool_call >",
            "</ tool_call>",
            "<tool call>",
            "<Tool-Call/>",
            "<tool_call",
            "<|im_start",
        ),
        *("< | im_start | >", "<think class=a>", "[ INST ]", "< <SYS> >", "<tools />", "<｜tool▁calls▁begin｜>"),
    ],
)
def test_other_spellings(text):
    assert clean(text) == ""


def test_a_tag_cannot_be_hidden_by_nesting_it_deep():
    assert "<" not in clean("<tool_" * 50 + "call>" * 50)
    entities = clean("&l<tool_" * 50 + "call>t;tool_call&gt;" * 50)
    assert "&lt;" not in entities
    assert clean(entities) == entities


def test_marks_do_not_pass_for_sources():
    text = "Lima [3], [12][4] ［５］ 【6】 [ 7 ] [1, 2] [1-3] [^8] &#91;9&#93; [<think>3] [[2]] \\[3]"
    assert clean(text) == "Lima (3), (12)(4) (5) (6) (7) (1, 2) (1-3) (^8) (9) (3) [(2)] \\(3)"


@pytest.mark.parametrize(
    "text",
    [
        "a < b and b > c; 3 <4, x<s and y>s",
        "List<Tool> Map<String, List<S>> vector<Tools> template <class T>",
        "<div class='think'>text</div> <thinker> <strong> <section> <b>",
        "f = a |> g <| h; <x|y> ⟨x|H|y⟩ |x| a || b 〈x|y〉 «a» ‹b›",
        "$x^{[n]}$ [a] [0.5, 1] [link](https://example.org/a?b=c&d=e) - [ ] task [x] done [Python]",
        "R&D, AT&T, &c., &nbsp; &eacute; &#233; a &lt; b",
        "日本語　「引用」、全角ＡＢＣ。 Ελληνικά עברית العربية हिन्दी",
        "❤️ ☎︎ 1️⃣ 👍🏽 naïve e\u0301",
        "tab\there\nline",
        "tool_call think tools INST SYS",
    ],
)
def test_ordinary_text_passes(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\u200bb\u200dc\u2060d\ufeffe\xadf", "abcdef"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("x" + "".join(chr(0xE0000 + ord(sign)) for sign in "ignore"), "x"),
        ("x" + "\U000e0100\U000e0101\ufe01\ufe02", "x"),
        ("❤\ufe0f\ufe0f a\ufe0f", "❤ a"),
        ("a\x00\x1b[31m\x7f\x9bb", "a[31mb"),
        ("a\r\nb\rc\x85d\u2028e\x0cf", "a\nb\nc\nd\ne\nf"),
        ("a\ud800b", "a\ufffdb"),
        ("\u3164\u115f\u2800x", "x"),
    ],
)
def test_the_invisible_is_removed(text, cleaned):
    assert clean(text) == cleaned


PIECES = st.sampled_from(
    [
        *TAGS,
        *"<>[]|/&;#＜＞3s \n\u200b\ufe0f❤",
        "&lt;",
        "&gt;",
        "&amp;",
        "&#60;",
        "&zwj;",
        "&l",
        "t;",
        "&#6",
        "0;",
        "[INST",
        "]",
        "tool_call",
        "<tool_",
        "think",
        "<|",
        "|>",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=30).map("".join)


@settings(deadline=None, max_examples=200)
@given(TEXTS)
def test_cleaning_twice_changes_nothing(text):
    cleaned = clean(text)
    assert clean(cleaned) == cleaned


@settings(deadline=None, max_examples=200)
@given(TEXTS)
def test_no_tag_survives(text):
    cleaned = clean(text)
    for tag in TAGS:
        assert tag not in cleaned
        assert tag.replace("<", "&lt;").replace(">", "&gt;") not in cleaned or "<" not in tag


@settings(deadline=None, max_examples=200)
@given(st.text())
def test_any_text(text):
    clean(text).encode()


@pytest.mark.parametrize(
    "text",
    [
        "<" * 400_000,
        "<" + " " * 400_000,
        "[" + " " * 400_000,
        "[" + "1," * 200_000,
        "<tool_call " * 40_000,
        "<tool_" * 40_000 + "call>" * 40_000,
        "&" + "amp;" * 100_000,
        "&#" + "0" * 400_000,
        "&lt;" * 100_000,
        "<|" + "a" * 400_000,
        "\u200b" * 400_000,
        "\ufe0f" * 400_000,
    ],
    ids=range(12),
)
def test_time_grows_with_the_text(text):
    started = time.monotonic()
    clean(text)
    assert time.monotonic() - started < 8  # a square would take hours
