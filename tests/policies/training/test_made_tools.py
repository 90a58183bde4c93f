"""Conversations with made tools: schemas that hold, values that the request gives, splits that share nothing."""

import random
import re

import pytest
from pericles.evals.catalogue import shipped, shipped_names
from pericles.policies.engines.messages import Message
from pericles.policies.training.data import generate
from pericles.policies.training.data.generate import prompts_of
from pericles.policies.training.data.made_schemas import domains, make, specs
from pericles.policies.training.data.made_values import KINDS, kind_of
from pericles.policies.training.data.phrasing import SPLITS, share, table
from pericles.policies.training.tokens import encode, render_text
from pericles.tools.schema import JsonSchemaReader

MADE = ("made_tool", "made_parallel", "made_chain", "made_none", "made_missing")
EACH = dict.fromkeys(MADE, 0.2)


@pytest.fixture(scope="module")
def rows():
    return {split: list(generate(split, 5, 250, EACH)) for split in SPLITS}


def calls_of(row):
    return [call["function"] for message in row["messages"] for call in message.get("tool_calls", ())]


def leaves(value):
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def words(text):
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).split()


def test_the_same_seed_gives_the_same_rows(rows):
    assert list(generate("train", 5, 60, EACH)) == rows["train"][:60]


def test_every_call_fits_the_schema_that_is_offered(rows):
    checked = 0
    for row in (row for split in SPLITS for row in rows[split][:120]):
        offered = {tool["function"]["name"]: tool["function"]["parameters"] for tool in row["tools"]}
        assert len(offered) == len(row["tools"])
        for call in calls_of(row):
            JsonSchemaReader(call["name"], offered[call["name"]]).read(call["arguments"])
            checked += 1
    assert checked > 300


def test_texts_in_a_call_were_said_before(rows):
    """What is copied (names, codes, messages) stands in the request or in a result, letter by letter."""
    for row in (row for split in SPLITS for row in rows[split]):
        enums = re.findall(r"'enum': \[([^]]*)\]", str(row["tools"]))
        for at, message in enumerate(row["messages"]):
            before = " ".join(item["content"] for item in row["messages"][1:at])
            for call in message.get("tool_calls", ()):
                for value in leaves(call["function"]["arguments"]):
                    if not isinstance(value, str) or any(f"'{value}'" in enum for enum in enums):
                        continue
                    if re.fullmatch(r"\d{4}-\d\d-\d\d|\d\d:\d\d", value):  # said in words
                        continue
                    assert value in before, (value, before)


def test_dates_and_times_are_those_that_were_said():
    rng = random.Random(3)
    said = {kind_of("time", {}, rng, "train").draw() for _ in range(3000)}
    assert {drawn.value for drawn in said if drawn.said == "half past six in the evening"} == {"18:30"}
    assert {drawn.value for drawn in said if drawn.said == "a quarter to nine in the evening"} == {"20:45"}
    assert {drawn.value for drawn in said if drawn.said == "twenty to eight in the morning"} == {"07:40"}
    assert {drawn.value for drawn in said if drawn.said == "noon"} == {"12:00"}
    assert {drawn.value for drawn in said if drawn.said == "12:15 pm"} == {"12:15"}
    day = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
    for _ in range(300):
        drawn = kind_of("date", {}, rng, "train").draw()
        year, _, number = day.fullmatch(drawn.value).groups()
        assert year in drawn.said
        assert str(int(number)) in drawn.said


def test_domains_and_wordings_of_the_splits_are_disjoint(rows):
    shares = [set(domains(split)) for split in SPLITS]
    prompts = [{prompt for row in rows[split] for prompt in prompts_of(row)[:1]} for split in SPLITS]
    for parts in (shares, prompts):
        assert all(not one & other for at, one in enumerate(parts) for other in parts[at + 1 :])
    assert "geometry" in shares[0]  # the README's own example
    for name in ("commands", "questions", "statements", "joined", "given", "asides", "extras", "goods", "messages"):
        listed = table("made_wordings")[name]
        assert sum(len(set(share(listed, split))) for split in SPLITS) == len(set(listed))


def test_nothing_of_the_suites_is_trained_on(rows):
    asked = [" ".join(words(turn)) for name in shipped_names() for item in shipped(name).samples for turn in item.turns]
    runs = {tuple(run) for text in asked for run in zip(*(text.split()[at:] for at in range(8)), strict=False)}
    for row in rows["train"]:
        for prompt in prompts_of(row):
            said = words(prompt)
            assert len(said) < 3 or " ".join(said) not in asked
            assert not runs & set(zip(*(said[at:] for at in range(8)), strict=False)), prompt


def test_rows_are_short(rows, tokenizer):
    lengths = []
    for row in rows["train"]:
        messages = [Message.from_dict(message) for message in row["messages"]]
        lengths.append(len(encode(tokenizer, render_text(tokenizer, messages, row["tools"], asks=False))))
    assert max(lengths) < 950
    assert sorted(lengths)[len(lengths) // 2] < 450


def test_no_slot_is_left_open(rows):
    for row in (row for split in SPLITS for row in rows[split]):
        for message in row["messages"]:
            assert not re.search(r"\{[A-Za-z]\w*\}", message["content"]), message["content"]


def test_several_calls_stand_in_one_message_and_chains_pass_values_on(rows):
    for row in rows["train"]:
        asking = [message for message in row["messages"] if message.get("tool_calls")]
        if row["kind"] == "made_parallel":
            assert len(asking) == 1
            assert 2 <= len(asking[0]["tool_calls"]) <= 3
        if row["kind"] == "made_chain" and len(asking) == 2:
            passed = row["messages"][3]["content"]
            assert any(str(value) in passed for value in leaves(asking[1]["tool_calls"][0]["function"]["arguments"]))
        if row["kind"] == "made_none":
            assert not asking


def test_the_instructions_are_those_of_the_agent(rows):
    from pericles.agent import Agent
    from pericles.policies import ScriptedPolicy

    for built_in in (["math", "search"], ["math"], []):
        expected = Agent(policy=ScriptedPolicy(["hello"]), tools=built_in).instructions
        with_these = [
            row
            for row in rows["train"]
            if {"math", "search"} & {tool["function"]["name"] for tool in row["tools"]} == set(built_in)
        ]
        assert with_these
        assert {row["messages"][0]["content"] for row in with_these} == {expected}


def test_every_tool_of_every_domain_can_be_made_and_asked_for():
    rng = random.Random(1)
    made = 0
    for split in SPLITS:
        for domain in domains(split):
            for spec in specs(domain):
                if spec.noun and spec.noun not in ("invoice", "episode", "exam", "cake order", "incident"):
                    continue  # what is shared is the same for each thing
                tool = make(spec, rng, split)
                parameters = tool.schema["function"]["parameters"]
                value = {item.name: item.kind.draw().value for item in tool.arguments}
                JsonSchemaReader(tool.name, parameters).read(value)
                assert spec.data["s"]
                assert spec.data.get("c") or spec.data.get("q")
                made += 1
    assert made > 200


def test_kinds_in_the_tables_are_known():
    for domain in (name for split in SPLITS for name in domains(split)):
        for spec in specs(domain):
            for kind in (*(entry[0] for entry in spec.data["a"].values()), *spec.data["r"].values()):
                assert kind in KINDS or kind.startswith(("pick ", "= ", "words of ", "bytes of ", "reverse of ")), (
                    domain,
                    kind,
                )


def test_failures_are_told(rows):
    failed = 0
    for row in rows["train"]:
        *_, result, answer = row["messages"]
        if result["role"] == "tool" and re.match(r"(error|failed|timeout|permission|rejected)", result["content"]):
            failed += 1
            assert re.search(
                r"\b(not|no|fail\w*|nothing|nobody|reject\w*|missing|full|changed)\b", answer["content"].lower()
            )
    assert failed > 3


def test_a_missing_value_is_asked_for_once(rows):
    for row in (row for row in rows["train"] if row["kind"] == "made_missing"):
        _, request, question, *rest = row["messages"]
        assert request["role"] == "user"
        assert re.search(r"\?|number of the", question["content"])
        assert not question.get("tool_calls")
        assert not rest or rest[1]["tool_calls"]
