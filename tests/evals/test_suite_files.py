"""Suite files: what they may say, and what is told of one that is wrong."""

import pytest
from pericles.evals import find_suites, read_suite, suite
from pericles.evals.catalogue import shipped, shipped_names
from pericles.evals.python_suites import suite_of, suites_in_file
from pericles.evals.suite_files import suite_from_text
from pericles.tools import ConfigError

GOOD = """\
name: trips
description: About trips.
scorer: contains
tools: [math]
items:
- id: plain
  prompt: What is the capital of Peru?
  expected: Lima
  tags: [facts]
- {id: sum, prompt: "17 + 25?", expected: 42, scorer: numeric}
- id: talk
  turns:
  - {user: "My name is Ada.", expected: Ada}
  - and now?
  - {user: "How many letters has it?", expected: 3, scorer: {kind: numeric, take: last}}
- id: pick
  prompt: Which is a fruit?
  choices: [brick, apple, chair]
  answer: apple
- id: call
  prompt: 6*7?
  checks:
  - {name: routed, scorer: calls, expected: {name: math}}
  - {name: found, scorer: {kind: matches, of: results}, expected: "42"}
- {id: ways, wordings: ["a?", "b?", "c?"], expected: x}
- id: given
  messages: [{role: user, content: hi}, {role: assistant, content: hello}, {role: user, content: go}]
  expected: x
"""


def test_a_file_says_all_kinds_of_items():
    read = suite_from_text(GOOD, "trips.yaml")
    samples = {sample.id: sample for sample in read.samples}
    assert list(samples) == ["plain", "sum", "talk", "pick", "call", "ways#0", "ways#1", "ways#2", "given"]
    assert samples["talk"].turns == ("My name is Ada.", "and now?", "How many letters has it?")
    assert [(check.scorer.kind, check.turn) for check in samples["talk"].checks] == [("contains", 0), ("numeric", 2)]
    assert samples["pick"].choices.right == (1,)
    assert samples["ways#2"].cluster == samples["ways#0"].cluster == "ways"
    assert [message.content for message in samples["given"].history] == ["hi", "hello"]
    assert samples["plain"].tools == ("math",)


@pytest.mark.parametrize(
    ("right", "wrong", "line", "told"),
    [
        ("expected: Lima", "expcted: Lima", 8, "items[0].expcted: is not a key; did you mean 'expected'?"),
        ("expected: 42", "expected: many", 10, "items[1].expected: must be a number"),
        ("scorer: numeric}", "scorer: numerics}", 10, "no scorer 'numerics'; did you mean 'numeric'?"),
        ("answer: apple", "answer: pear", 19, "items[3].answer: 'pear' is none of the choices"),
        ("take: last", "tke: last", 15, "has no option 'tke'; did you mean 'take'?"),
        ("tools: [math]", "tools: [maths]", 4, "tools[0]: there is no built-in tool 'maths'"),
        ("id: sum", "id: plain", 10, "items[1].id: the id 'plain' is there twice."),
        ("name: trips", "nam: trips", 1, "nam: is not a key; did you mean 'name'?"),
        ("prompt: Which is a fruit?", "prompt: [1]", 17, "items[3].prompt: input should be a valid string"),
        ("user: \"How", "usr: \"How", 15, "items[2].turns[2].usr: is not a key; did you mean 'user'?"),
        ("prompt: 6*7?", "prompt: \"", 25, "not YAML"),
        ("of: results}, expected: \"42\"", "of: results}, expected: \"(\"", 24, "is not a regular expression"),
        ("scorer: contains\n", "", 5, "items[0]: there is no scorer"),
        ("prompt: What is the capital of Peru?", "prompt: \"\"", 7, "what the user says must not be empty."),
        ("- id: plain\n", "- text: x\n", 6, "the key 'id' is missing"),
        ("{name: math}}", "{nam: math}}", 23, "'nam' is not a key of expected"),
        ("role: user, content: go", "role: assistant, content: go", 27, "messages: the last message must be"),
        ("choices: [brick, apple, chair]", "choices: [brick, apple, apple]", 18, "two choices are the same."),
        ("choices: [brick, apple, chair]", "choices: [apple]", 18, "there must be 2 to 26 choices, got 1."),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_field(right, wrong, line, told):
    assert right in GOOD
    with pytest.raises(ConfigError) as error:
        suite_from_text(GOOD.replace(right, wrong, 1), "trips.yaml")
    assert str(error.value).startswith("trips.yaml, line ")
    assert told in str(error.value)
    if told != "not YAML":
        assert f"line {line}:" in str(error.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "items: []", "items: 3", "items:\n- 3\n", "- a\n- b\n", "\ud800"[:0] + "a: &a [*a]"]
)
def test_what_is_no_suite_is_refused_in_one_line(text):
    with pytest.raises(ConfigError) as error:
        suite_from_text(text, "x.yaml")
    assert "\n" not in str(error.value)


def test_aliases_that_explode_are_refused():
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(8)
    )
    with pytest.raises(ConfigError, match="too many values"):
        suite_from_text(bomb, "x.yaml")


def test_json_lines_with_a_head(tmp_path):
    file = tmp_path / "mine.jsonl"
    file.write_text('{"suite": {"scorer": "exact"}}\n\n{"id": 1, "prompt": "a", "expected": "b"}\n')
    read = read_suite(file)
    assert (read.name, [sample.id for sample in read.samples]) == ("mine", ["1"])
    file.write_text(
        '{"suite": {"scorer": "exact"}}\n{"id": 1, "prompt": "a", "expected": "b"}\n{"id": 2, "promt": "a"}\n'
    )
    with pytest.raises(ConfigError, match=r"mine.jsonl, line 3: items\[1\].promt: is not a key; did you mean 'prompt'"):
        read_suite(file)
    file.write_text('{"id": 1, "prompt"\n')
    with pytest.raises(ConfigError, match=r"mine.jsonl, line 1: not JSON"):
        read_suite(file)


def test_a_described_tool_with_a_broken_schema_is_told(tmp_path):
    text = "scorer: nonempty\nitems:\n- {id: a, prompt: x, tools: [{name: t, description: d, parameters: {type: 3}}]}\n"
    with pytest.raises(ConfigError, match=r"x.yaml, line 3: items\[0\].tools\[0\]"):
        suite_from_text(text, "x.yaml")


def test_a_function_is_a_suite(tmp_path):
    @suite(scorer="numeric", tags=["mine"])
    def sums():
        """Sums of two."""
        for number in range(3):
            yield {"id": number, "prompt": f"{number} + 1?", "expected": number + 1}

    made = suite_of(sums)
    assert (made.name, made.description, len(made.samples), made.tags) == ("sums", "Sums of two.", 3, ("mine",))
    file = tmp_path / "mine.py"
    file.write_text(
        "from pericles.evals import suite\n\n"
        "@suite\ndef ok():\n    yield {'id': 'a', 'prompt': 'x', 'scorer': lambda reply: len(reply.answer) > 2}\n\n"
        "@suite(name='bad')\ndef other():\n    yield {'id': 'a', 'prompt': 'x', 'scorer': 'numerc', 'expected': 1}\n"
    )
    assert [one.name for one in suites_in_file(file, "ok")] == ["ok"]
    with pytest.raises(ConfigError, match=r"bad: items\[0\]: there is no scorer 'numerc'; did you mean 'numeric'"):
        suites_in_file(file)
    with pytest.raises(ConfigError, match="no suite 'neither'"):
        suites_in_file(file, "neither")


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(ConfigError, match=r"did you mean 'routing'"):
        find_suites("ruoting")


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_suite_is_whole(name):
    read = shipped(name)
    assert read.name == name
    assert read.description
    assert read.licence == "Apache-2.0"
    assert len(read.samples) >= 100
    asked = [(sample.turns, sample.history, sample.shots, sample.choices, sample.tools) for sample in read.samples]
    assert len(set(map(repr, asked))) == len(asked)


def test_every_suite_that_was_promised_ships():
    assert set(shipped_names()) == {
        "admits-error", "bias-pairs", "code", "false-premise", "few-shot", "harmless", "ignorance", "injection",
        "instructions", "length-bias", "lookup", "multi-turn", "over-refusal", "repetition", "routing", "solver-math",
        "summary", "sycophancy", "toxicity", "translation", "unseen-tools", "wording",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["routing", "lookup"])
def test_there_is_a_chinese_slice(name):
    assert sum("zh" in sample.tags for sample in shipped(name).samples) >= 30
