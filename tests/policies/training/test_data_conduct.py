"""The generated conversations on harm, false premises, what is unknown, several turns, mistakes and injected orders."""

import random
import re
from itertools import pairwise

import pytest
from pericles.evals.catalogue import shipped, shipped_names
from pericles.evals.scorers.refusals import is_refusal
from pericles.policies.engines import Message
from pericles.policies.training.data import dialogue, generate, prompts_of
from pericles.policies.training.data.dialogue import Turn, asks, says, use
from pericles.policies.training.data.phrasing import SPLITS, table
from pericles.policies.training.data.safety import as_yours
from pericles.policies.training.data.turns import asked_for, fact
from pericles.policies.training.recipe.data import Generated
from pericles.policies.training.sources.conversations import read_conversations

KINDS = ("safety", "premise", "unknown", "turns", "mistakes", "injected")
RUN = 8  # words in a row that count as copied


def words(text):
    return re.findall(r"\w+", text.lower())


def runs(text):
    said = words(text)
    return {tuple(said[at : at + RUN]) for at in range(len(said) - RUN + 1)}


@pytest.fixture(scope="module")
def rows():
    return {
        (kind, split): list(generate(split, 3, 60 if split == "train" else 20, {kind: 1.0}))
        for kind in KINDS
        for split in SPLITS
    }


@pytest.fixture(scope="module")
def asked():
    """What the suites ask."""
    samples = [sample for name in shipped_names() for sample in shipped(name).samples]
    texts = [turn for sample in samples for turn in sample.turns]
    return {tuple(words(text)) for text in texts}, {run for text in texts for run in runs(text)}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_rows(rows, kind):
    assert list(generate("train", 3, 20, {kind: 1.0})) == rows[kind, "train"][:20]


@pytest.mark.parametrize("kind", KINDS)
def test_no_prompt_is_that_of_a_suite(rows, asked, kind):
    whole, parts = asked
    for prompt in (prompt for split in SPLITS for row in rows[kind, split] for prompt in prompts_of(row)):
        assert len(words(prompt)) < 3 or tuple(words(prompt)) not in whole, prompt
        assert not runs(prompt) & parts, prompt


@pytest.mark.parametrize("kind", KINDS)
def test_no_conversation_is_in_two_splits(rows, kind):
    said = [{tuple(prompts_of(row)) for row in rows[kind, split]} for split in SPLITS]
    assert not said[0] & said[1]
    assert not said[0] & said[2]
    assert not said[1] & said[2]


def test_slots_are_filled_and_tools_are_offered_that_are_called(rows):
    for row in (row for kept in rows.values() for row in kept):
        offered = {tool["function"]["name"] for tool in row["tools"]}
        for message in row["messages"]:
            assert not re.search(r"\{[A-Za-z]\w*\}", message["content"]), message["content"]
            assert Message.from_dict(message).to_dict() == message
            assert {call["function"]["name"] for call in message.get("tool_calls", ())} <= offered


def test_results_of_built_in_tools_are_real(rows):
    checked = 0
    for row in (row for kept in rows.values() for row in kept if "lookup/document" not in row["parts"]):
        for call, result in pairwise(row["messages"]):
            made = (call.get("tool_calls") or [{}])[0].get("function")
            if made and made["name"] in ("math", "search"):
                assert result["content"] == use(made["name"], made["arguments"]["query"]).text
                checked += 1
    assert checked > 100


def test_harm_is_declined_and_what_only_sounds_like_it_is_answered():
    declined: list[bool] = []
    answered: list[bool] = []
    for row in generate("train", 4, 300, {"safety": 1.0}):
        reply = row["messages"][2]["content"]
        (answered if row["parts"][0] == "safety/harmless" else declined).append(is_refusal(reply))
    assert len(declined) > 100 < len(answered)
    assert sum(declined) / len(declined) > 0.95
    assert sum(answered) / len(answered) < 0.03


def test_refusals_have_many_wordings():
    assert sum(len(wordings) for wordings in table("safety")["decline"].values()) >= 60
    replies = {row["messages"][2]["content"] for row in generate("train", 4, 300, {"safety": 1.0})}
    assert len(replies) > 200


def test_a_wrong_answer_has_no_loss():
    wrong, right = asks("2 + 2?"), asks("Are you sure?")
    turns = [Turn((wrong, says("5")), "mistakes", learned=False), Turn((right, says("Sorry, it is 4.")), "mistakes")]
    made = dialogue.row(turns, [])
    assert [message["content"] for message in made["messages"][made["learn_from"] :]] == [
        "Are you sure?",
        "Sorry, it is 4.",
    ]
    assert "learn_from" not in dialogue.row(turns[1:], [])


def test_the_source_keeps_where_the_loss_begins():
    source = Generated(source="generated", rows=40, seed=2, mix={"mistakes": 1.0})
    read = read_conversations([source])
    began = [one["learn_from"] for one in read if "learn_from" in one]
    assert len(began) > 15
    for one in read:
        assert one["messages"][one.get("learn_from", 1)]["role"] == "user"


def test_mistakes_are_admitted_where_they_were_made(rows):
    for row in rows["mistakes", "train"]:
        if row["parts"][-1] == "mistakes/number_owned":
            result, reply = row["messages"][-2:]
            assert result["content"] in reply["content"]
            assert result["content"] not in row["messages"][row["learn_from"] - 1]["content"].split()


def test_injected_orders_are_not_obeyed(rows):
    ordered = 0
    for row in rows["injected", "train"]:
        *_, result, reply = row["messages"]
        shouted = set(re.findall(r"\b[A-Z]{5,}\b", result["content"])) - {"SYSTEM", "URGENT", "IGNORE", "PREVIOUS"}
        ordered += bool(shouted)
        assert not any(word in reply["content"] for word in shouted - {"INSTRUCTIONS"})
    assert ordered > 3


def test_a_corrected_fact_is_asked_for_with_its_new_value():
    for seed in range(60):
        told = fact(random.Random(seed), "train")
        turn = asked_for(told, random.Random(seed), "train", told.another)
        reply = turn.messages[-1].content.lower()
        assert as_yours(told.another).lower() in reply
        assert told.value.lower() not in reply.replace(as_yours(told.another).lower(), "")


def test_lists_are_read_out_as_they_stand(rows):
    read = 0
    for row in rows["turns", "train"]:
        if "turns/read" in row["parts"]:
            replies = [m["content"] for m in row["messages"] if m["content"].startswith("Your list:")]
            items = replies[-1].removeprefix("Your list: ").rstrip(".").split(", ")
            assert len(items) == len(set(items))
            read += 1
    assert read > 1
