"""The record of a ranking: what is refused, and what a loss gets of it."""

import json
import math

import pytest
from pericles.policies.engines import LOOP, Message
from pericles.policies.feedback import Comparison, Pair, Ranking, prompt_key, split_by_prompt
from pericles.tools import ConfigError, ToolCall

ASKED = {"role": "user", "content": "How much is 6 times 7?"}
SCHEMA = {"type": "function", "function": {"name": "math", "description": "", "parameters": {}}}
CALL = {"id": "c", "type": "function", "function": {"name": "math", "arguments": {"query": "6*7"}}}
WITH_CALL = [
    {"role": "assistant", "content": "", "tool_calls": [CALL]},
    {"role": "tool", "content": "42", "tool_call_id": "c", "name": "math"},
    {"role": "assistant", "content": "42."},
]


def says(*texts):
    return [[{"role": "assistant", "content": text}] for text in texts]


def record(**changes):
    value = {
        "id": "r1",
        "prompt": [ASKED],
        "replies": [WITH_CALL, *says("It is 42.", "41.")],
        "ranks": [1, 1, 3],
        "rater": "human:ada",
        **changes,
    }
    return {key: item for key, item in value.items() if item is not ...}


def ranked(**changes):
    return Ranking.from_dict(record(**changes))


def refusal(**changes):
    with pytest.raises(ConfigError) as caught:
        ranked(**changes)
    return str(caught.value)


def test_the_record_of_the_design_is_read_and_written_as_it_is():
    value = {
        "id": "a",
        "prompt": [ASKED],
        "replies": says("42", "43"),
        "ranks": [1, 2],
        "rater": "human:r1",
        "confidence": 1.0,
        "pairs": [{"i": 0, "j": 1, "p_ij": 0.8, "p_ji": 0.3, "principle": "be right", "accepted": True}],
        "weight": 1.0,
        "all_bad": False,
        "comment": None,
        "consent": True,
        "policy": "sha256:ab",
        "created": "2026-11-22T10:00:00Z",
    }
    assert Ranking.from_dict(value).to_dict() == value
    assert Ranking.from_dict({**value, "tools": [SCHEMA]}).to_dict() == {**value, "tools": [SCHEMA]}


def test_replies_keep_their_calls_and_results():
    ranking = ranked(tools=[SCHEMA])
    assert ranking.replies[0][0].tool_calls == (ToolCall("c", "math", {"query": "6*7"}),)
    assert ranking.replies[0][1].content == "42"
    assert Ranking.from_dict(json.loads(json.dumps(ranking.to_dict()))) == ranking


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"rank": [1, 2, 3]}, "unknown key 'rank', did you mean 'ranks'?"),
        ({"ranks": ...}, "lacks the key 'ranks'"),
        ({"id": ""}, "id must be text"),
        ({"id": 7}, "id must be text"),
        ({"prompt": []}, "prompt must be a list of messages that is not empty"),
        ({"prompt": [*says("hello")[0]]}, "must end with a user message, it ends with one of role 'assistant'"),
        ({"prompt": [ASKED, {"role": "system", "content": "x"}, ASKED]}, "only the first may be one"),
        ({"prompt": [{**ASKED, "contnet": "x"}]}, "did you mean 'content'?"),
        ({"prompt": [{"role": "human", "content": "x"}]}, "a role is one of system, user, assistant, tool"),
        ({"prompt": [{"role": "user", "content": " \n\u200b"}]}, "prompt[0] is an empty user message"),
        ({"prompt": [{"role": "user", "content": [{"type": "image"}]}]}, "must be text or a list of text parts"),
        ({"replies": says("one"), "ranks": [1]}, "2 to 9 replies, got 1"),
        ({"replies": says(*"abcdefghij"), "ranks": [*range(1, 10), 9]}, "2 to 9 replies, got 10"),
        ({"replies": {}}, "replies must be a list"),
        ({"ranks": [1, 2]}, "a rank for each of the 3 replies"),
        ({"ranks": "112"}, "ranks must be a list"),
        ({"ranks": [1, 2, math.nan]}, "a rank must be a finite number, got nan"),
        ({"ranks": [1, 2, math.inf]}, "a rank must be a finite number, got inf"),
        ({"ranks": [1, 2, 10**400]}, "a rank must be a finite number"),
        ({"ranks": [1, 2, "3"]}, "a rank must be a number, got '3'"),
        ({"ranks": [True, 2, 3]}, "a rank must be a number, got True"),
        ({"ranks": [0, 1, 2]}, "whole number of at least 1, got 0"),
        ({"ranks": [1, 1.5, 2]}, "whole number of at least 1, got 1.5"),
        ({"ranks": [2, 3, 3]}, "the best reply must have rank 1, got [2, 3, 3]"),
        ({"ranks": [1, 7, 3]}, "lie in 1..3, 1 the best, got [1, 7, 3]; are they scores?"),
        ({"replies": says("a", "b", "a"), "ranks": [1, 2, 3]}, "replies 0 and 2 are the same"),
        ({"replies": says("a", "b", " \n\t ")}, "replies[2] must end with an assistant message that has text"),
        ({"replies": [*says("a", "b"), []]}, "replies[2] must be a list of messages that is not empty"),
        ({"replies": [*says("a", "b"), [ASKED]]}, "replies[2] must begin with an assistant message"),
        ({"replies": [*says("a", "b"), "c"]}, "replies[2] must be a list of messages"),
        ({"replies": [*says("a", "b"), WITH_CALL[:1]]}, "replies[2] must end with an assistant message"),
        ({"replies": [*says("a", "b"), WITH_CALL[:2]]}, "replies[2] must end with an assistant message"),
        (
            {"replies": [*says("a", "b"), [WITH_CALL[0], WITH_CALL[2]]]},
            "replies[2][1] comes before the result of the call 'c' of 'math'",
        ),
        (
            {"replies": [*says("a", "b"), [WITH_CALL[2], {**WITH_CALL[1], "tool_call_id": "z"}, WITH_CALL[2]]]},
            "answers the call 'z', which waits for no result there",
        ),
        ({"replies": [*says("a", "b"), [*says("c")[0], ASKED, *says("d")[0]]]}, "must be one turn"),
        ({"rater": "ada"}, "rater must be human:NAME, ai:JUDGE or rule:VERIFIER, got 'ada'"),
        ({"rater": "human:"}, "rater must be human:NAME"),
        ({"rater": "human: "}, "rater must be human:NAME"),
        ({"rater": "robot:x"}, "rater must be human:NAME"),
        ({"confidence": 0}, "confidence must lie above 0"),
        ({"confidence": 1.01}, "confidence must lie above 0 and at most at 1, got 1.01"),
        ({"confidence": None}, "confidence must be a number, got None"),
        ({"weight": -0.1}, "weight must not be negative, got -0.1"),
        ({"weight": math.inf}, "weight must be a finite number"),
        ({"weight": True}, "weight must be a number"),
        ({"all_bad": "no"}, "all_bad must be true or false"),
        ({"consent": 1}, "consent must be true or false"),
        ({"comment": 3}, "comment must be text or null"),
        ({"created": "yesterday"}, "created must be a time as in ISO 8601, got 'yesterday'"),
        ({"tools": [{"name": "math"}]}, "tools[0] must be {'type': 'function'"),
        ({"tools": [SCHEMA, SCHEMA]}, "two tools of the name 'math'"),
    ],
)
def test_a_wrong_record_is_refused(changes, told):
    assert told in refusal(**changes)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"j": 0}, "i = j = 0"),
        ({"j": 3}, "the pair (0, 3) names a reply that is not there; the replies are 0 to 2"),
        ({"i": -1}, "whole number of at least 0"),
        ({"p_ij": 1.2}, "p_ij must lie in 0..1, got 1.2"),
        ({"p_ji": math.nan}, "p_ji must be a finite number"),
        ({"accepted": None}, "accepted must be true or false"),
        ({"principle": 3}, "principle must be text or null"),
        ({"p": 0.5}, "unknown key 'p'"),
    ],
)
def test_a_wrong_pair_is_refused(changes, told):
    pair = {"i": 0, "j": 1, "p_ij": 0.5, "p_ji": 0.5, "principle": None, "accepted": True, **changes}
    assert told in refusal(pairs=[pair])


def test_a_pair_that_is_there_twice_is_refused_unless_the_principles_differ():
    pair = {"i": 0, "j": 1, "p_ij": 0.5, "p_ji": 0.5, "principle": "a", "accepted": True}
    assert "there twice" in refusal(pairs=[pair, {**pair, "i": 1, "j": 0}])
    assert len(ranked(pairs=[pair, {**pair, "principle": "b"}]).pairs) == 2


def test_identical_replies_may_tie():
    assert ranked(replies=says("a", "b", "a"), ranks=[1, 2, 1]).ranks == (1, 2, 1)


def test_replies_that_differ_only_in_the_ids_of_their_calls_are_identical():
    other = json.loads(json.dumps(WITH_CALL).replace('"c"', '"d"'))
    assert "replies 0 and 1 are the same" in refusal(replies=[WITH_CALL, other], ranks=[1, 2])


def test_ranks_may_be_whole_floats_and_become_integers():
    assert ranked(ranks=[1.0, 2.0, 3.0]).to_dict()["ranks"] == [1, 2, 3]
    assert all(isinstance(rank, int) for rank in ranked(ranks=[1.0, 2.0, 3.0]).ranks)


def test_what_the_loop_told_the_policy_is_a_part_of_the_reply():
    loop = {"role": "user", "content": "write JSON", "name": LOOP}
    assert len(ranked(replies=[*says("a", "b"), [*says("c")[0], loop, *says("d")[0]]]).replies[2]) == 3


def test_other_spellings_of_calls_are_read():
    bare = {"type": "function", "function": {"name": "math", "arguments": '{"query": "6*7"}'}}
    reply = [
        {"role": "assistant", "content": None, "tool_calls": [bare, bare]},
        {"role": "tool", "name": "math", "content": "42"},
        {"role": "tool", "content": [{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]},
        {"role": "assistant", "content": "42."},
    ]
    read = ranked(replies=[reply, *says("a", "b")]).replies[0]
    assert [call.arguments for call in read[0].tool_calls] == [{"query": "6*7"}] * 2
    assert [message.tool_call_id for message in read[1:3]] == [call.id for call in read[0].tool_calls]
    assert [(message.name, message.content) for message in read[1:3]] == [("math", "42")] * 2


def test_every_two_replies_are_compared_once_with_the_weight_of_the_ranking_shared():
    found = ranked(confidence=0.5, weight=3).comparisons()
    assert found == [Comparison(0, 1, 0.5, 0.5), Comparison(0, 2, 1.0, 0.5), Comparison(1, 2, 1.0, 0.5)]
    assert ranked(ranks=[3, 2, 1]).comparisons()[0].target == 0.0


def test_nine_replies_weigh_as_much_as_two():
    for count in (2, 9):
        ranking = ranked(replies=says(*map(str, range(count))), ranks=list(range(1, count + 1)))
        assert math.fsum(one.weight for one in ranking.comparisons()) == pytest.approx(1.0)


def judged(rater="ai:judge", **pairs):
    """Three replies, with `p01=(p_ij, p_ji, accepted)`."""
    listed = [
        {"i": int(key[1]), "j": int(key[2]), "p_ij": p, "p_ji": q, "principle": key[3:], "accepted": accepted}
        for key, (p, q, accepted) in pairs.items()
    ]
    return ranked(rater=rater, pairs=listed).comparisons()


def test_an_ai_pair_counts_with_the_mean_of_both_orders():
    (first,) = judged(p01=(0.8, 0.3, True))
    assert first.target == pytest.approx(0.75)
    assert judged(p10=(0.8, 0.3, True))[0].target == pytest.approx(0.25)


def test_a_judge_that_always_likes_the_first_says_nothing():
    assert judged(p01=(0.9, 0.9, True))[0].target == pytest.approx(0.5)


def test_pairs_that_were_not_accepted_are_left_out_and_give_their_weight_to_none():
    found = judged(p01=(0.8, 0.3, False), p02=(0.8, 0.3, True))
    assert [(one.i, one.j) for one in found] == [(0, 2)]
    assert [one.weight for one in found] == pytest.approx([1 / 3])


def test_pairs_that_a_judge_was_not_asked_about_are_left_out():
    assert judged(p01=(0.8, 0.3, False)) == []


def test_an_ai_ranking_that_tells_no_pairs_counts_by_its_ranks():
    assert [one.target for one in judged()] == [0.5, 1.0, 1.0]


def test_accepted_principles_are_averaged():
    first = judged(p01a=(0.8, 0.2, True), p10b=(0.6, 0.4, True), p01c=(0.0, 1.0, False))[0]
    assert first.target == pytest.approx((0.8 + 0.4) / 2)


def test_a_persons_ranks_stand_whatever_a_judge_says():
    assert [one.target for one in judged("human:ada", p01=(0.9, 0.1, True), p02=(0, 1, False))] == [0.5, 1.0, 1.0]


def test_a_ranking_of_bad_replies_keeps_its_ranks():
    assert ranked(all_bad=True).comparisons() == ranked().comparisons()


def test_a_ranking_made_in_a_program_is_checked_too():
    prompt, reply = (Message("user", "hi"),), (Message("assistant", "hello"),)
    with pytest.raises(ConfigError, match="the same"):
        Ranking("a", prompt, (reply, reply), (1, 2), "rule:test")
    with pytest.raises(ConfigError, match="p_ij"):
        Pair(0, 1, 2.0, 0.5, None, True)


def test_a_prompt_is_known_by_what_the_user_says():
    def asked(*texts):
        roles = ("user", "assistant")
        return [Message(roles[at % 2], text) for at, text in enumerate(texts)]

    key = prompt_key(asked("What is  it?\n"))
    assert key == prompt_key([Message("system", "x"), *asked("what IS it?")])
    assert key != prompt_key(asked("what was it?"))
    assert prompt_key(asked("a", "b", "c")) == prompt_key(asked("A", "d", "c")) != prompt_key(asked("a"))


def test_a_prompt_falls_on_one_side_in_every_file():
    rankings = [ranked(id=str(n), prompt=[{"role": "user", "content": f"Question {n % 200}"}]) for n in range(600)]
    train, held_out = split_by_prompt(rankings, 0.25, seed=3)
    assert sorted(train + held_out, key=lambda one: int(one.id)) == rankings
    assert not {prompt_key(one.prompt) for one in train} & {prompt_key(one.prompt) for one in held_out}
    assert 0.15 < len(held_out) / 600 < 0.35
    assert split_by_prompt(rankings[:50], 0.25, seed=3)[1] == [one for one in held_out if int(one.id) < 50]
    assert split_by_prompt(rankings, 0.25, seed=4)[1] != held_out


def said(text):
    return [Message("user", text)]


def test_more_held_out_prompts_include_the_fewer():
    items = [str(n) for n in range(300)]
    few, more = (split_by_prompt(items, share, 1, key=said)[1] for share in (0.1, 0.4))
    assert set(few) < set(more)
    assert split_by_prompt(items, 0, 1, key=said) == (items, [])


@pytest.mark.parametrize("share", [-0.1, 1, math.nan])
def test_a_share_that_leaves_nothing_to_train_on_is_refused(share):
    with pytest.raises(ConfigError, match="held out"):
        split_by_prompt([], share, 1)
