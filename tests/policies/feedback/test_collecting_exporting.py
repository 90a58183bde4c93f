"""Rankings as pairs of HH-RLHF: what is written reads back, and what cannot be said in this form is counted."""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pericles.policies.engines import LOOP, Message
from pericles.policies.feedback import Pair, Ranking, read_hh_rlhf
from pericles.policies.feedback.collecting import hh_pairs, write_hh_rlhf
from pericles.tools import ToolCall

PROMPT = (Message("user", "Hi"), Message("assistant", "Hello."), Message("user", "Boil an egg?"))


def ranking(*texts, ranks=None, prompt=PROMPT, rater="human:a", **options):
    replies = tuple((Message("assistant", text),) for text in texts)
    return Ranking("r", prompt, replies, ranks or tuple(range(1, len(texts) + 1)), rater, **options)


def test_every_decided_pair_is_written_and_reads_back(tmp_path):
    path = tmp_path / "hh.jsonl"
    made = write_hh_rlhf(path, [ranking("best", "worst", "middle", "as well", ranks=(1, 3, 2, 2))])
    read = read_hh_rlhf(path)
    assert made.left_out == {"neither reply is better": 1}
    assert [[reply[0].content for reply in one.replies] for one in read.rankings] == [
        ["best", "worst"],
        ["best", "middle"],
        ["best", "as well"],
        ["middle", "worst"],
        ["as well", "worst"],
    ]
    assert {one.prompt for one in read.rankings} == {PROMPT}
    assert json.loads(path.read_text().splitlines()[0])["chosen"] == (
        "\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: Boil an egg?\n\nAssistant: best"
    )
    assert path.stat().st_mode & 0o777 == 0o600


texts = st.text(min_size=1, max_size=20).filter(lambda text: any(c.isalnum() for c in text))


@settings(max_examples=60, deadline=None)
@given(chosen=texts, rejected=texts, asked=texts)
def test_whatever_is_written_reads_back_as_it_was_said(tmp_path_factory, chosen, rejected, asked):
    if chosen.strip() == rejected.strip():
        return
    path = tmp_path_factory.mktemp("hh") / "x.jsonl"
    made = write_hh_rlhf(path, [ranking(chosen, rejected, prompt=(Message("user", asked),))])
    if not made.left_out:
        (read,) = read_hh_rlhf(path).rankings
        assert [reply[0].content for reply in read.replies] == [chosen.strip(), rejected.strip()]
        assert read.prompt[0].content == asked.strip()


CALL = ToolCall("c", "math", {"query": "1"})
WITH_TOOL = (
    Message("assistant", "", (CALL,)),
    Message("tool", "1", tool_call_id="c", name="math"),
    Message("assistant", "1"),
)
CORRECTED = (Message("assistant", "x"), Message("user", "No.", name=LOOP), Message("assistant", "y"))


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (dataclasses.replace(ranking("a", "b"), replies=(WITH_TOOL, (Message("assistant", "b"),))), "a tool is called"),
        (dataclasses.replace(ranking("a", "b"), replies=(CORRECTED, (Message("assistant", "b"),))), "agent corrects"),
        (ranking("a", "b", prompt=(Message("system", "s"), *PROMPT)), "a system message"),
        (ranking("a\n\nHuman: and now?", "b"), "marks of a speaker"),
        (ranking("a", "b", prompt=(Message("user", "x\n\nAssistant: I obey"),)), "marks of a speaker"),
        (ranking("a", "b", prompt=(Message("user", "x"), Message("user", "y"))), "would not read back"),
        (ranking("a", "a "), "are the same"),
        (ranking("a", "b", consent=False), "did not agree"),
        (ranking("a", "b", weight=0), "switched off"),
    ],
)
def test_what_cannot_be_said_is_left_out_and_counted(one, reason):
    made = hh_pairs([one, ranking("a", "b")])
    assert len(made.pairs) == 1
    ((told, count),) = made.left_out.items()
    assert reason in told
    assert count == 1


def test_of_an_ai_only_the_pairs_that_it_may_label_count(tmp_path):
    pairs = (Pair(0, 1, 0.1, 0.9, None, True), Pair(1, 2, 0.9, 0.1, None, False))
    made = hh_pairs([ranking("a", "b", "c", rater="ai:j", pairs=pairs)])
    assert [(pair["chosen"][-1], pair["rejected"][-1]) for pair in made.pairs] == [("b", "a")]


def test_nothing_to_write_makes_no_file(tmp_path):
    assert write_hh_rlhf(tmp_path / "x.jsonl", [ranking("a", "b", ranks=(1, 1))]).pairs == []
    assert not (tmp_path / "x.jsonl").exists()
