"""The generated conversations: repeatable, split cleanly, true to the tools."""

import re
from itertools import pairwise

import pytest
from pericles.evals.catalogue import shipped, shipped_names
from pericles.policies.engines import Message
from pericles.policies.training.data import MIX, generate
from pericles.policies.training.data.dialogue import built_in_schemas, use
from pericles.policies.training.data.generate import prompt_hash, prompts_of
from pericles.policies.training.data.mathematics import operations
from pericles.policies.training.data.phrasing import SPLITS, share
from pericles.tools import ConfigError, ToolRegistry

SINGLE = {"mathematics": 0.5, "lookup": 0.25, "plain": 0.25}


@pytest.fixture(scope="module")
def rows():
    return {split: list(generate(split, 11, 250)) for split in SPLITS}


def test_the_same_seed_gives_the_same_rows(rows):
    assert list(generate("train", 11, 40)) == rows["train"][:40]
    assert list(generate("train", 12, 40)) != rows["train"][:40]


def test_prompts_of_the_splits_and_of_the_suites_are_disjoint():
    asked = [turn for name in shipped_names() for sample in shipped(name).samples for turn in sample.turns]
    hashes = [{prompt_hash(text) for text in asked}]
    for split in SPLITS:
        hashes.append({prompt_hash(row["messages"][1]["content"]) for row in generate(split, 1, 120, SINGLE)})
    for index, one in enumerate(hashes):
        for other in hashes[index + 1 :]:
            assert not one & other


def test_every_template_belongs_to_one_split():
    for operation in operations().values():
        phrases = [(form, text) for form in ("np", "cmd", "full") for text in operation[form]]
        parts = [set(share(phrases, split)) for split in SPLITS]
        assert not parts[0] & parts[1]
        assert not parts[0] & parts[2]
        assert not parts[1] & parts[2]


def test_results_are_the_tools_own(rows):
    checked = 0
    for row in rows["train"]:
        messages = row["messages"]
        for call, result in pairwise(messages):
            made = (call.get("tool_calls") or [{}])[0].get("function")
            if not made or made["name"] not in ("math", "search") or "lookup/document" in row["parts"]:
                continue
            assert result["content"] == use(made["name"], made["arguments"]["query"]).text
            checked += 1
    assert checked > 100


def test_answers_to_mathematics_hold_the_whole_result(rows):
    answered = [row for split in SPLITS for row in rows[split] if row["kind"] == "mathematics"]
    assert len(answered) > 150
    for row in answered:
        *_, result, answer = row["messages"]
        # "yes: 97 is prime" opens a sentence.
        assert result["content"].lower() in answer["content"].lower()


def test_no_call_names_a_tool_that_is_not_offered(rows):
    for split in SPLITS:
        for row in rows[split]:
            offered = {tool["function"]["name"] for tool in row["tools"]}
            called = {call["function"]["name"] for m in row["messages"] for call in m.get("tool_calls", ())}
            assert called <= offered


def test_schemas_are_the_registrys(rows):
    assert built_in_schemas() == ToolRegistry(["math", "search"]).schemas()
    assert sum(row["tools"] == built_in_schemas() for row in rows["train"]) > 0.8 * len(rows["train"])


def test_slots_are_all_filled(rows):
    # Code in replies has braces of its own.
    for split in SPLITS:
        for row in rows[split]:
            for prompt in prompts_of(row):
                assert not re.search(r"\{[A-Za-z]\w*\}", prompt), prompt


def test_rows_are_messages_that_read_back(rows):
    for row in rows["test"]:
        for message in row["messages"]:
            assert Message.from_dict(message).to_dict() == message


def test_an_unknown_kind_is_refused():
    with pytest.raises(ConfigError, match="mathematic"):
        next(generate("train", 1, 1, {"maths": 1.0}))
    assert abs(sum(MIX.values()) - 1) < 1e-9
