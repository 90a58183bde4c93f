"""What people are asked to rank: files of it, and what is refused."""

import json

import pytest
from pericles.policies.engines import Message
from pericles.policies.feedback.collecting import read_candidates
from pericles.tools import ConfigError

MATH = {"type": "function", "function": {"name": "math", "description": "", "parameters": {}}}


def put(tmp_path, *values):
    path = tmp_path / "c.jsonl"
    path.write_text("\n".join(map(json.dumps, values)))
    return path


def test_texts_and_messages_are_read_alike(tmp_path):
    messages = {
        "id": "b",
        "prompt": [{"role": "user", "content": "Hi?"}],
        "replies": [[{"role": "assistant", "content": "Yes."}], "No."],
        "tools": [MATH],
        "policy": "p",
        "safety": True,
    }
    texts, whole = read_candidates(put(tmp_path, {"id": "a", "prompt": "Hi?", "replies": ["No.", "Yes."]}, messages))
    assert texts.prompt == whole.prompt == (Message("user", "Hi?"),)
    assert whole.replies == ((Message("assistant", "Yes."),), (Message("assistant", "No."),))
    assert (whole.tools, whole.policy, whole.safety) == ((MATH,), "p", True)
    assert (texts.tools, texts.policy, texts.safety) == ((), None, False)


def test_a_file_of_candidates_reads_back_equal(tmp_path):
    read = read_candidates(put(tmp_path, {"id": "a", "prompt": "Hi?", "replies": ["1", "2"], "tools": [MATH]}))
    assert read_candidates(put(tmp_path, *(candidate.to_dict() for candidate in read))) == read


def test_rankings_of_the_same_replies_are_one_candidate_without_ranks(tmp_path):
    said = [[{"role": "assistant", "content": text}] for text in ("a", "b")]
    ranking = {"prompt": [{"role": "user", "content": "x"}], "replies": said, "ranks": [2, 1]}
    path = put(tmp_path, {"id": "1", "rater": "human:a", **ranking}, {"id": "2", "rater": "ai:b", **ranking})
    (candidate,) = read_candidates(path)
    assert candidate.id == "1"
    assert "rank" not in json.dumps(candidate.to_dict())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"replies": ["a"]}, "2 to 9 replies, got 1"),
        ({"replies": list("abcdefghij")}, "2 to 9 replies, got 10"),
        ({"replies": "ab"}, "replies must be a list"),
        ({"replies": ["a", " "]}, "must end with an assistant message that has text"),
        ({"replies": ["a", [{"role": "user", "content": "b"}]]}, "replies[1] must begin with an assistant message"),
        ({"prompt": [{"role": "assistant", "content": "b"}]}, "prompt must end with a user message"),
        ({"id": 1}, "id must be text"),
        ({"policy": 1}, "policy must be text or null"),
        ({"safety": "yes"}, "safety must be true or false"),
        ({"answers": []}, "unknown key 'answers'"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(tmp_path, changes, told):
    good = {"id": "a", "prompt": "x", "replies": ["a", "b"]}
    with pytest.raises(ConfigError) as caught:
        read_candidates(put(tmp_path, good, {**good, "id": "b", **changes}))
    assert "line 2: " in str(caught.value)
    assert told in str(caught.value)
