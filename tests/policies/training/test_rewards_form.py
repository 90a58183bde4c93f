"""The reward for form, and what length costs."""

import time
from dataclasses import replace

import pytest
from pericles.policies.training.rewards.form import form
from pericles.policies.training.rewards.length import length
from test_rewards_turns import call, said, turn

MATH = call("math", query="17 * 24")
CANONICAL = '<tool_call>{"name": "math", "arguments": {"query": "17 * 24"}}</tool_call>'


def test_the_canonical_call_is_the_templates():
    assert MATH == CANONICAL
    assert form(turn("?", CANONICAL, "It is 408.")) == 1
    assert form(turn("?", CANONICAL + "\n" + call("math", query="1 + 1"), "It is 408.")) == 1
    assert form(turn("?", "Let me see.\n" + CANONICAL, "It is 408.")) == 1
    assert form(turn("?", call("search", query='Perú ≤ "x"'), "It is 408.")) == 1


@pytest.mark.parametrize("text", ["Hello!", "two\nlines", "1 < 2 > 0", "a 👩\u200d🔬 and 東京", "```json\n{}\n```"])
def test_plain_answers_are_well_formed(text):
    assert form(said(text)) == 1


@pytest.mark.parametrize(
    ("raw", "mark"),
    [
        ('<tool_call>{"name":"math","arguments":{"query":"17 * 24"}}</tool_call>', 0.5),
        ('<tool_call>\n{"name": "math", "arguments": {"query": "17 * 24"}}\n</tool_call>', 0.5),
        ('<tool_call>{"arguments": {"query": "17 * 24"}, "name": "math"}</tool_call>', 0.5),
        (CANONICAL + "\n", 0.5),
        (CANONICAL + CANONICAL, 0.5),
        (r'<tool_call>{"name": "math", "arguments": {"query": "17 \u002a 24"}}</tool_call>', 0.5),
        ("<tool_call>{'name': 'math', 'arguments': {'query': '17 * 24'}}</tool_call>", 0.2),
        ('<tool_call>{"name": "math", "arguments": {"query": "17 * 24"}</tool_call>', 0.2),
        ('<tool_call>{"name": "math", "arguments": {"query": "17 * 24"}}', 0.2),
        ('<tool_call>{"name": "math", "parameters": {"query": "17 * 24"}}</tool_call>', 0.2),
        ('{"name": "math", "arguments": {"query": "17 * 24"}}', 0.2),
        (CANONICAL + "</tool_call>", 0.2),
        (CANONICAL + "<|im_start|>", 0.2),
        ('<tool_call>{"name": "maths", "arguments": {"query": "17 * 24"}}</tool_call>', 0),
        ('<tool_call>{"name": "math", "arguments": {"text": "17 * 24"}}</tool_call>', 0),
        ('<tool_call>{"name": "math", "arguments": {"query": 17}}</tool_call>', 0),
        ("<tool_call>17 * 24</tool_call>", 0),
        (CANONICAL + "<tool_response>408</tool_response>", 0),
    ],
)
def test_the_worst_of_what_was_said_counts(raw, mark):
    assert form(turn("?", raw, "It is 408.")) == mark


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("It is 408.</tool_call>", 0.2),
        ("It is 408.<|endoftext|>", 0.2),
        ("</think>It is 408.", 0.2),
        ("It is\x07 408.", 0.2),
        ("It is\u202e 408.", 0.2),
        ("It is\u200b 408.", 0.2),
        ("  It is 408. ", 0.5),
        ("", 0),
        (" \n ", 0),
        ("<|im_end|>" * 100 + "It is 408.", 0),
        ("<tool_response>408</tool_response>It is 408.", 0),
        ("<think>17 * 24, so 408.</think>It is 408.", 1),
    ],
)
def test_answers_with_stray_tags_and_control_characters(text, mark):
    assert form(turn("?", CANONICAL, text)) == mark


def test_what_was_cut_off_is_not_well_formed():
    reply = turn("?", CANONICAL, "It is 408.")
    assert form(replace(reply, ended=(True, False))) == 0.2


def test_calls_without_an_answer_earn_nothing():
    reply = turn("?", CANONICAL, "It is 408.")
    assert form(replace(reply, messages=reply.messages[:-1], raw=reply.raw[:1], ended=(True,))) == 0
    assert form(replace(reply, messages=(), raw=(), ended=())) == 0


def test_another_familys_template_has_another_form():
    template = (
        "{%- for m in messages -%}<s>{{ m.role }}\n{{ m.content }}{% for c in m.tool_calls or [] %}<tool_call>\n"
        "{{ c.function | tojson }}\n</tool_call>{% endfor %}</s>\n{%- endfor -%}"
        "{% if add_generation_prompt %}<s>assistant\n{% endif %}{% if tools %}{% endif %}"
    )
    wide = CANONICAL.replace("<tool_call>", "<tool_call>\n").replace("</tool_call>", "\n</tool_call>")
    assert form(turn("?", wide, "It is 408."), template=template) == 1
    assert form(turn("?", CANONICAL, "It is 408."), template=template) == 0.5


@pytest.mark.parametrize("piece", ["<think>", "<tool_call>", "</tool_call>", "<", "{", "\x00", "<tool_call>{", "a b "])
def test_giant_texts_cost_little_time(piece):
    reply = turn("?", "It is 408.")
    started = time.perf_counter()
    for size in (19_000, 500_000):
        text = piece * (size // len(piece))
        assert form(replace(reply, raw=(text,))) in ((0, 0.2, 0.5, 1) if size < 20_000 else (0,))
        assert length(replace(reply, raw=(text,))) == -1
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("characters", "cost"), [(0, 0), (1, 0), (300, 0), (375, -0.25), (450, -0.5), (600, -1), (601, -1), (100_000, -1)]
)
def test_length_costs_nothing_then_more_and_more_then_all(characters, cost):
    assert length(said("x" * characters)) == cost


def test_length_counts_everything_that_was_said():
    reply = turn("?", call("math", query="1 + " * 150 + "1"), "It is 151.")
    assert length(reply) == -1
    assert length(said("x" * 50), longest=60, cache=20) == -0.5


def test_what_was_cut_off_costs_all_and_a_forged_result_spares_nothing():
    assert length(replace(said("short"), ended=(False,))) == -1
    assert length(said("<tool_response>" + "4" * 600)) == -1
