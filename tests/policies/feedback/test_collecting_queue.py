"""Whom a budget of people's time goes to: a uniform third first, and then where a person tells most."""

import math

import pytest
from pericles.policies.engines import Message
from pericles.policies.feedback import Pair, Ranking
from pericles.policies.feedback.collecting import (
    Candidate,
    RankingTask,
    audit_slice,
    order,
    read_queue,
    write_queue,
)
from pericles.tools import ConfigError


def candidate(name, *replies, **options):
    said = tuple((Message("assistant", text),) for text in replies or ("yes", "no"))
    return Candidate(str(name), (Message("user", f"question {name}"),), said, **options)


def judged(one, p_ij, p_ji, principle=None, replies=None):
    replies = one.replies if replies is None else replies
    pairs = (Pair(0, 1, p_ij, p_ji, principle, True),)
    return Ranking(f"ai-{one.id}", one.prompt, replies, (1, 1), "ai:judge", pairs=pairs)


def reasons(queue):
    return {asked.candidate.id: asked.reason for asked in queue}


def audits(queue):
    return [asked.candidate.id for asked in queue if asked.reason == "audit"]


@pytest.mark.parametrize("budget", [1, 2, 3, 10, 40, 100, None])
@pytest.mark.parametrize("share", [1 / 3, 0.5, 1.0])
def test_wherever_one_stops_the_share_is_of_the_audit_slice(budget, share):
    queue = order([candidate(n) for n in range(40)], budget, audit_share=share)
    size = min(budget or 40, 40)
    assert len({asked.candidate.id for asked in queue}) == len(queue) == size
    assert len(audits(queue)) == math.ceil(round(share * size, 6))
    for stop in range(1, size + 1):
        assert len(audits(queue[:stop])) >= share * stop - 1e-9


def test_the_audit_slice_stays_the_same_when_others_are_added_and_whatever_the_judge_says():
    few, more = [candidate(n) for n in range(30)], [candidate(n) for n in range(100, 130)]
    before = audits(order(few, 30))
    after = audits(order([*more, *few], 60, judged=[judged(one, 0.5, 0.5) for one in more]))
    mine = [id for id in after if int(id) < 100]
    assert mine == before[: len(mine)] or before == mine[: len(before)]
    assert 0 < len(mine) < len(after)


def test_the_audit_slice_is_drawn_evenly():
    drawn = [id for seed in range(300) for id in audits(order([candidate(n) for n in range(12)], 6, seed=seed))]
    counts = [drawn.count(str(n)) for n in range(12)]
    # 600 draws of 12: 50 each, with a standard deviation of 6.5.
    assert all(25 < count < 75 for count in counts)


def test_the_rest_goes_where_the_judge_is_unsure():
    items = [candidate(n) for n in range(30)]
    said = [judged(one, 0.5 + int(one.id) / 100, 0.5 - int(one.id) / 100) for one in items]
    rest = [int(asked.candidate.id) for asked in order(items, judged=said) if asked.reason != "audit"]
    assert rest == sorted(rest)
    assert set(reasons(order(items, judged=said)).values()) == {"audit", "uncertain"}


@pytest.mark.parametrize(("p_ij", "p_ji"), [(0.95, 0.9), (0.05, 0.1)])
def test_orders_that_differ_come_before_a_sure_judge(p_ij, p_ji):
    items = [candidate(n) for n in range(9)]
    flips = items[4]
    said = [judged(one, 0.99, 0.01) for one in items if one is not flips] + [judged(flips, p_ij, p_ji)]
    seed = next(seed for seed in range(99) if "4" not in audits(order(items, judged=said, seed=seed)))
    queue = order(items, judged=said, seed=seed)
    rest = [asked for asked in queue if asked.reason != "audit"]
    assert rest[0].candidate is flips
    assert rest[0].reason == "orders differ"


def test_safety_comes_first_by_a_flag_or_by_the_principle_that_was_used():
    items = [candidate(n, safety=n == 3) for n in range(9)]
    said = [judged(one, 0.7, 0.3, "no-harm" if one.id == "5" else "be-brief") for one in items]
    seed = next(seed for seed in range(99) if not {"3", "5"} & set(audits(order(items, judged=said, seed=seed))))
    queue = order(items, judged=said, harmlessness=["no-harm"], seed=seed)
    first = [asked for asked in queue if asked.reason != "audit"][:2]
    assert {asked.candidate.id for asked in first} == {"3", "5"}
    assert {asked.reason for asked in first} == {"safety"}


def test_what_the_judge_said_is_found_whatever_the_order_of_the_replies():
    one, other = candidate(1, "yes", "no", "perhaps"), candidate(2)
    sure = Ranking(
        "ai",
        one.prompt,
        (one.replies[2], one.replies[1], one.replies[0]),
        (1, 2, 3),
        "ai:judge",
        pairs=tuple(Pair(i, j, 1.0, 0.0, None, True) for i, j in ((0, 1), (2, 0), (1, 2))),
    )
    scores = {asked.candidate.id: asked.score for asked in order([one, other], judged=[sure])}
    assert scores == {"1": 0.0, "2": 1.0}


def test_two_judges_who_agree_are_sure_whichever_reply_they_put_first():
    one = candidate(1)
    other_way = judged(one, 0.0, 1.0, replies=one.replies[::-1])
    assert order([one], judged=[judged(one, 1.0, 0.0), other_way])[0].score == 0.0
    assert order([one], judged=[judged(one, 1.0, 0.0), judged(one, 0.0, 1.0)])[0].score == 1.0


def test_people_are_no_judges():
    one = candidate(1)
    human = Ranking("h", one.prompt, one.replies, (1, 2), "human:a", pairs=(Pair(0, 1, 1.0, 0.0, None, True),))
    assert order([one], judged=[human])[0].score == 1.0


def test_what_is_all_the_same_is_not_asked():
    assert [asked.candidate.id for asked in order([candidate(1, "a", "a"), candidate(2)])] == ["2"]


@pytest.mark.parametrize("options", [{"budget": 0}, {"audit_share": 0}, {"audit_share": 1.5}])
def test_wrong_options_are_refused(options):
    with pytest.raises(ConfigError, match="must"):
        order([candidate(1)], **options)


def test_the_slice_of_a_ranking_is_known_afterwards_also_when_the_budget_grows(tmp_path):
    path = tmp_path / "r.queue.jsonl"
    items = [candidate(n) for n in range(20)]
    write_queue(path, order(items, 6))
    before = {id for id, reason in read_queue(path).items() if reason == "audit"}
    write_queue(path, order(items, 15))
    now = read_queue(path)
    assert len(now) == 15
    assert before < {id for id, reason in now.items() if reason == "audit"}
    assert path.stat().st_mode & 0o777 == 0o600
    write_queue(path, order(items, 12))
    assert read_queue(path) == now

    rankings = [RankingTask(one, "human:a b").ranking((("A", "B"),)) for one in items]
    assert {ranking.prompt[0].content for ranking in audit_slice(rankings, now)} == {
        f"question {id}" for id, reason in now.items() if reason == "audit"
    }


def test_a_queue_file_that_is_something_else_is_refused(tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text('{"id": "1", "reason": "whim"}')
    with pytest.raises(ConfigError, match=r"line 1: reason must be one of audit.*'whim'"):
        read_queue(path)
