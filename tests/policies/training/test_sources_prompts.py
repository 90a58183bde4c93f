"""Prompts from every source, and what is known about the right replies."""

import asyncio
import json
import time

import pytest
from pericles.agent import SQLiteSession
from pericles.policies.engines import Message
from pericles.policies.feedback import prompt_key
from pericles.policies.training.data import generate
from pericles.policies.training.data.generate import prompt_hash
from pericles.policies.training.recipe.data import Generated, HubDataset, JsonLines, Sessions
from pericles.policies.training.sources import Expected, Prompt, read_prompts
from pericles.policies.training.sources.patterns import check_pattern
from pericles.policies.training.sources.prompts import plain_value
from pericles.tools import ConfigError


@pytest.fixture(scope="module")
def generated():
    source = Generated(source="generated", rows=150, seed=2)
    return read_prompts([source], split="train")


def put(tmp_path, *values, name="asks.jsonl"):
    path = tmp_path / name
    path.write_text("\n".join(json.dumps(value) for value in values))
    return JsonLines(source="jsonl", path=str(path))


def refusal(*sources):
    with pytest.raises(ConfigError) as caught:
        read_prompts(sources)
    return str(caught.value)


def test_as_many_prompts_are_generated_as_are_asked_for_and_none_with_made_up_tools(generated):
    assert len(generated) == 150
    assert "custom_tool" not in {prompt.kind for prompt in generated}
    named = {name for prompt in generated for name in prompt.tools or ()}
    named |= {call.name for prompt in generated for message in prompt.messages for call in message.tool_calls}
    assert named <= {"math", "search"}


def test_generated_prompts_end_with_the_user_and_have_no_system_message(generated):
    assert {prompt.messages[-1].role for prompt in generated} == {"user"}
    assert "system" not in {message.role for prompt in generated for message in prompt.messages}


def test_what_is_expected_is_what_the_conversation_went_on_with(generated):
    mix = {"mathematics": 1, "lookup": 1, "plain": 1}
    source = Generated(source="generated", rows=40, seed=4, mix=mix)
    for row, prompt in zip(generate("test", 4, 40, mix), read_prompts([source], split="test"), strict=True):
        assert prompt.id == row["id"]
        assert [message.to_dict() for message in prompt.messages] == row["messages"][1:2]
        call = row["messages"][2].get("tool_calls")
        assert prompt.expected.tool == (call[0]["function"]["name"] if call else "")
        assert prompt.expected.query == (call[0]["function"]["arguments"]["query"] if call else None)
        if prompt.expected.tool != "math":
            assert prompt.expected.answer is None
        elif prompt.expected.answer is not None:
            assert prompt.expected.answer in row["messages"][3]["content"]
    answers = [prompt.expected.answer for prompt in generated if prompt.expected.tool == "math"]
    assert sum(answer is not None for answer in answers) > len(answers) / 2


def test_a_dialogue_is_asked_with_what_was_said_before(generated):
    dialogue = next(prompt for prompt in generated if prompt.kind == "dialogue")
    assert [message.role for message in dialogue.messages].count("user") > 1


def test_prompts_offer_the_tools_that_their_conversation_had():
    source = Generated(source="generated", rows=40, seed=4, mix={"other_tools": 1})
    prompts = read_prompts([source])
    assert {prompt.tools for prompt in prompts} == {("search", "math"), ("math",), ("search",), ()}
    assert all(prompt.expected.tool in ("", *prompt.tools) for prompt in prompts)
    usual = Generated(source="generated", rows=3, mix={"mathematics": 1})
    assert {prompt.tools for prompt in read_prompts([usual])} == {None}


def test_made_up_tools_alone_are_refused():
    assert "no tool that could be run" in refusal(Generated(source="generated", rows=2, mix={"custom_tool": 1}))


def test_a_prompt_is_keyed_as_the_generated_data_are():
    assert prompt_key([Message("user", "What is\n 6*7?")]) == prompt_hash("What is\n 6*7?")


@pytest.mark.parametrize(
    ("result", "value"),
    [
        ("42", "42"),
        ("-1865342.85", "-1865342.85"),
        ("1/8 (0.125)", "1/8"),
        ("-e/2 + e^81/2 (7.53048657292515e34)", "-e/2 + e^81/2"),
        ("4431.28333333333 (265877/60)", "265877/60"),
        ("2*sqrt(173) (26.3058928759318)", "2*sqrt(173)"),
        ("(z + 5)*e^z + 3*e^z", "(z + 5)*e^z + 3*e^z"),
        ("6.5e-7", "6.5e-7"),
        ("x = -12 or x = -3", None),
        ("b = 152.857142857143 (1070/7)", None),
        ("1, 2, 31, 62", None),
        ("x^2 + C", None),
        ("1 + t + O(t^2)", None),
        ("a <= 1 or a >= 9", None),
        ("no: 4317 is not prime (3 * 1439)", None),
        ("21.4285714285714%", None),
        ("0o356", None),
        ("12 km", None),
        ("infinity", None),
        ("the value is undefined", None),
        ("1\n2", None),
    ],
)
def test_only_a_result_that_is_one_value_is_an_answer(result, value):
    assert plain_value(result) == value


def test_lines_may_be_texts_or_conversations_with_what_is_expected(tmp_path):
    history = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "6*7?"},
    ]
    source = put(
        tmp_path,
        {"prompt": "6*7?"},
        {"prompt": history, "id": 7, "tools": ["math"], "expect": {"tool": "math", "query": "6*7", "answer": 42}},
        {"prompt": "Bye", "id": "bye", "tools": [], "kind": "talk", "expect": {"tool": "", "pattern": r"(?i)\bbye\b"}},
    )
    assert read_prompts([source]) == [
        Prompt("asks.jsonl:1", (Message("user", "6*7?"),)),
        Prompt("7", tuple(map(Message.from_dict, history)), Expected("math", "6*7", "42"), ("math",)),
        Prompt("bye", (Message("user", "Bye"),), Expected("", pattern=r"(?i)\bbye\b"), (), "talk"),
    ]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"promt": "x"}, "unknown key 'promt', did you mean 'prompt'?"),
        ({"expect": {}}, "lacks the key 'prompt'"),
        ({"prompt": " "}, "prompt is empty"),
        ({"prompt": 3}, "must be a list of messages"),
        ({"prompt": [{"role": "assistant", "content": "x"}]}, "must end with a user message"),
        ({"prompt": [{"role": "system", "content": "x"}, {"role": "user", "content": "y"}]}, "remove it"),
        ({"prompt": "x", "tools": "math"}, "tools must be a list of names"),
        ({"prompt": "x", "expect": "42"}, "expect must be an object"),
        ({"prompt": "x", "expect": {"awnser": "42"}}, "did you mean 'answer'?"),
        ({"prompt": "x", "expect": {"answer": ""}}, "expect.answer must be text that is not empty"),
        ({"prompt": "x", "expect": {"answer": True}}, "expect.answer must be text"),
        ({"prompt": "x", "expect": {"tool": "", "query": "6*7"}}, "stands for no call"),
        ({"prompt": "x", "expect": {"answer": "1", "pattern": "1"}}, "remove one"),
        ({"prompt": "x", "expect": {"pattern": "("}}, "'(' is no regular expression"),
        ({"prompt": "x", "expect": {"pattern": "a" * 501}}, "at most 500 characters, this one has 501"),
        ({"prompt": "x", "expect": {"pattern": "(a+)+$"}}, "can take forever"),
        ({"prompt": "x", "id": "a"}, "the id 'a' is that of line 1 already"),
    ],
)
def test_a_wrong_line_is_refused(tmp_path, value, told):
    message = refusal(put(tmp_path, {"prompt": "fine", "id": "a"}, value))
    assert "line 2: " in message
    assert told in message


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+", "(a|aa)*", "(?:x*){2,}", "((ab)*c)+", "(?P<n>a?){30}", "(?i:a+)*", r"(\d+,)*", "([)(]+)*", "(?:(a+))+"],
)
def test_patterns_that_may_never_end_are_refused(pattern):
    with pytest.raises(ConfigError, match="can take forever"):
        check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(yes|no)\.?$", r"\b42\b", r"\d{1,3}(?:,\d{3})*(?:\.\d+)?", r"\(a+\)+", "[(+)*]+", "(?i)x+", "(?=a)b+?",
        "(?P<x>a)(?P=x)+", "(a)(?(1)b|c)", "(?#(a+)x+", "a{,5}", "{x}+", r"[]a-z]+\[", "(?<=a)b*", "",
    ],
)  # fmt: skip
def test_ordinary_patterns_are_accepted(pattern):
    check_pattern(pattern)


def test_checking_the_longest_pattern_takes_no_time():
    start = time.perf_counter()
    for pattern in ("[" * 500, "(" * 250 + ")" * 250, "\\" * 499, "(?" * 250):
        with pytest.raises(ConfigError):
            check_pattern(pattern + "(a+)+")
    assert time.perf_counter() - start < 2


def test_a_hub_column_holds_prompts(tmp_path):
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_dict({"question": ["6*7?", "Who?"], "n": [1, 2]}).save_to_disk(tmp_path / "set")
    source = HubDataset(source="hf", name=str(tmp_path / "set"), column="question")
    assert [prompt.messages[0].content for prompt in read_prompts([source])] == ["6*7?", "Who?"]
    assert "no column 'prompt'; There are: question, n. Name it as `column`." in refusal(
        source.model_copy(update={"column": None})
    )
    assert "row 1: prompt must be a list of messages" in refusal(source.model_copy(update={"column": "n"}))


def test_what_users_asked_is_asked_again_with_its_history(tmp_path):
    path = tmp_path / "s.sqlite"
    said = [Message("user", "One?"), Message("assistant", "One."), Message("user", "Lost?"), Message("user", "Two?")]
    asyncio.run(SQLiteSession("me", path).append(said, after=None))
    source = Sessions(source="sessions", path=str(path))
    assert read_prompts([source]) == [
        Prompt("me:1", (said[0],)),
        Prompt("me:2", (said[0], said[1], said[2])),
        Prompt("me:3", (said[0], said[1], said[3])),
    ]
    assert len(read_prompts([source.model_copy(update={"rows": 2})])) == 2
