"""What people's labels decide about a judge, and what is trained on then."""

import dataclasses

import numpy as np
import pytest
from pericles.policies.engines import Message
from pericles.policies.feedback import Pair, Ranking
from pericles.policies.feedback.trust import decide, mixed_rankings, pair_table, report
from pericles.policies.feedback.trust.page import lines, page, principle_rows, slice_rows
from pericles.policies.feedback.trust.report import calibration_error
from pericles.tools import ConfigError
from scipy.special import expit

PAIRS, LABELLED = 500, 150


def ranking(number, texts, ranks, rater, **more):
    prompt = (Message("user", f"question {number}"),)
    replies = tuple((Message("assistant", text),) for text in texts)
    return Ranking(f"{rater}-{number}", prompt, replies, ranks, rater, **more)


def world(skill, seed=0, raters=("human:ann",), bias=0.0):
    """Pairs whose replies differ in a known worth; a judge of some skill, and people who err in one of ten.

    Returns the judge's rankings, people's, and the difference of worth by the first reply's text.
    """
    random = np.random.default_rng(seed)
    ai, human, inputs = [], [], {}
    for number in range(PAIRS):
        x = random.normal(size=8)
        worth = float(x.sum())
        texts = (
            f"reply a {number} {'long ' * int(random.integers(1, 20))}",
            f"reply b {number} {'long ' * int(random.integers(1, 20))}",
        )
        longer = len(texts[0]) - len(texts[1])
        p = float(expit(skill * worth + bias * longer / 20 + 0.3 * random.normal()))
        pair = Pair(0, 1, p, 1 - p, "shorter", accepted=False)
        ai.append(ranking(number, texts, (1, 2) if p > 0.5 else (2, 1), "ai:judge", pairs=(pair,)))
        inputs[texts[0]], inputs[texts[1]] = x, -x
        for rater in raters if number < LABELLED else ():
            right = (worth > 0) ^ (random.random() < 0.1)
            # People saw the replies the other way round.
            human.append(ranking(number, texts[::-1], (2, 1) if right else (1, 2), rater))
    return ai, human, inputs


def decided(skill, seed=0, **options):
    ai, human, inputs = world(skill, seed)
    table = pair_table(ai, human)
    x = np.stack([inputs[pair.ranking.replies[pair.i][0].content] for pair in table.pairs])
    return decide(table, x, **options), human


def test_pairs_are_matched_by_their_words_whatever_their_order():
    ai, human, _ = world(2.0)
    table = pair_table(ai, human)
    assert table.labelled.sum() == LABELLED
    agree = (table.p[:LABELLED] > 0.5) == (table.labels[:LABELLED] > 0.5)
    assert agree.mean() > 0.8


def test_which_reply_stood_first_in_the_file_says_nothing():
    best_first = [
        ranking(n, (f"good {n}", f"bad {n}"), (1, 2), "ai:judge", pairs=(Pair(0, 1, 0.9, 0.2, None, False),))
        for n in range(200)
    ]
    table = pair_table(best_first, [ranking(n, (f"good {n}", f"bad {n}"), (1, 2), "human:ann") for n in range(200)])
    assert 60 < (table.labels == 1).sum() < 140
    assert ((table.p > 0.5) == (table.labels == 1)).all()


def test_a_good_judge_is_believed_and_its_calibrated_labels_are_trained_on():
    decision, human = decided(2.0)
    assert decision.thresholds[None] is not None
    assert decision.weight > 0
    assert decision.accepted.sum() > 100
    mixed = mixed_rankings(decision, human)
    theirs = [one for one in mixed if one.rater == "ai:judge"]
    assert len(theirs) == decision.accepted.sum()
    assert mixed[: len(human)] == human
    at = int(np.flatnonzero(decision.accepted)[0])
    (pair,) = next(one for one in theirs if one.id == decision.table.pairs[at].ranking.id).comparisons()
    first = pair.target if decision.table.pairs[at].i == 0 else 1 - pair.target
    assert first == pytest.approx(decision.targets[at])
    assert pair.weight == pytest.approx(decision.weight)


@pytest.mark.parametrize("skill", [-2.0, 0.0])
def test_a_judge_that_has_not_earned_it_adds_nothing_and_the_report_says_so(skill):
    decision, human = decided(skill)
    assert not decision.accepted.any()
    assert mixed_rankings(decision, human) == human
    assert "None of" in report(decision).verdict


def test_what_people_said_of_one_policy_certifies_nothing_of_another():
    ai, human, inputs = world(2.0)
    ai = [dataclasses.replace(one, policy="sha256:other") if at >= LABELLED + 100 else one for at, one in enumerate(ai)]
    table = pair_table(ai, human)
    x = np.stack([inputs[pair.ranking.replies[pair.i][0].content] for pair in table.pairs])
    decision = decide(table, x)
    assert decision.thresholds["sha256:other"] is None
    used = {decision.table.pairs[at].ranking.policy for at in np.flatnonzero(decision.accepted)}
    assert used == {None}
    assert report(decision).sources["sha256:other"].tested == 0


def test_pairs_count_as_much_as_the_loss_lets_them():
    four = [f"reply {letter}" for letter in "abcd"]
    prompt = (Message("user", "which?"),)
    replies = tuple((Message("assistant", text),) for text in four)
    pairs = tuple(Pair(i, j, 0.9, 0.1, None, False) for i in range(4) for j in range(i + 1, 4))
    ai, human, _ = world(2.0)
    ai.append(Ranking("four", prompt, replies, (1, 2, 3, 4), "ai:judge", pairs=pairs))
    table = pair_table(ai, [*human[1:], dataclasses.replace(human[0], weight=0.0)])
    assert not table.labelled[0]
    assert table.weights[-6:] == pytest.approx(1 / 6)
    decision = decide(table, np.ones((len(table.p), 1)), human_fraction=0.5)
    mixed = mixed_rankings(decision, human[1:])
    weights = {"ai": 0.0, "human": 0.0}
    for one in mixed:
        weights[one.rater.partition(":")[0]] += sum(pair.weight for pair in one.comparisons())
    assert weights["ai"] == pytest.approx(weights["human"])
    assert decision.ai_share == pytest.approx(0.5)


def test_the_threshold_is_tested_on_one_pair_of_each_prompt():
    texts = [f"reply {letter}" for letter in "abcde"]
    replies = tuple((Message("assistant", text),) for text in texts)
    pairs = tuple(Pair(i, j, 0.9, 0.1, None, False) for i in range(5) for j in range(i + 1, 5))
    ai, human = [], []
    for number in range(12):
        prompt = (Message("user", f"which, {number}?"),)
        ai.append(Ranking(f"a{number}", prompt, replies, (1, 2, 3, 4, 5), "ai:judge", pairs=pairs))
        human.append(Ranking(f"h{number}", prompt, replies, (1, 2, 3, 4, 5), "human:ann"))
    decision = decide(pair_table(ai, human), np.ones((120, 1)))
    assert decision.audit.sum() == 12
    with pytest.raises(ConfigError, match="labelled pairs of 9 of the prompts"):
        decide(pair_table(ai, human[:9]), np.ones((120, 1)))


def test_ties_alone_are_no_reason_to_fail():
    ai, _, _ = world(2.0)
    ties = [dataclasses.replace(one, ranks=(1, 1), pairs=(), rater="human:ann", id=f"t{one.id}") for one in ai[:20]]
    assert report(decide(pair_table(ai, ties), np.ones((PAIRS, 1)))).agreement.n == 0


def test_a_pair_that_a_person_labelled_is_learned_from_the_person():
    decision, _ = decided(2.0)
    assert not (decision.accepted & decision.table.labelled).any()


def test_only_the_audit_slice_tests_the_threshold():
    ai, human, inputs = world(2.0)
    table = pair_table(ai, human)
    x = np.stack([inputs[pair.ranking.replies[pair.i][0].content] for pair in table.pairs])
    few = set(table.prompts[:8])
    assert decide(table, x, audit=few).audit.sum() == 8
    assert decide(table, x, audit=few).thresholds == {None: None}


@pytest.mark.parametrize(
    ("share", "weight"), [(1.0, 0.0), (0.5, LABELLED / (PAIRS - LABELLED)), (0.25, 3 * LABELLED / (PAIRS - LABELLED))]
)
def test_the_share_of_people_can_be_forced(share, weight):
    decision, _ = decided(0.0, human_fraction=share)
    assert decision.weight == pytest.approx(weight)
    assert decision.accepted.sum() == (0 if share == 1 else PAIRS - LABELLED)
    assert "by force" in report(decision).verdict


@pytest.mark.parametrize("share", [0.0, -1.0, 1.5])
def test_shares_that_are_none_are_refused(share):
    with pytest.raises(ConfigError, match="human_fraction"):
        decided(0.0, human_fraction=share)


def test_a_bias_for_length_is_found_and_taken_out():
    ai, human, _ = world(1.0, bias=2.0)
    table = pair_table(ai, human)
    decision = decide(table, np.ones((PAIRS, 1)))
    found = report(decision)
    assert found.weights["length"] < -0.2
    assert found.loss_after < found.loss_before
    assert found.error_after < found.error_before


def test_the_report_tells_agreement_flips_and_where_the_judge_is_believed():
    ai, human, _ = world(2.0, raters=("human:ann", "human:bob"))
    table = pair_table(ai, human)
    found = report(decide(table, np.ones((PAIRS, 1))))
    assert found.raters == {"human:ann": LABELLED, "human:bob": LABELLED}
    assert 0.5 < found.agreement.kappa < 1
    assert 0.4 < found.between_people.kappa < 0.9
    assert found.flips.value == 0
    assert found.first_order == pytest.approx(0.5)
    assert 0.5 <= found.sources["replies of no known source"].tau <= 1
    text = dict(lines(found))
    assert text["κ between people"].startswith(f"{found.between_people.kappa:.2f} [")
    assert [row[0] for row in principle_rows(found)] == ["shorter"]
    assert {row[0] for row in slice_rows(found)} == {"people prefer", "tools", "orders"}
    assert found.to_dict()["verdict"] == found.verdict


def test_a_judge_that_contradicts_itself_is_counted():
    pairs = [Pair(0, 1, 0.8, 0.8, "a", False), Pair(0, 1, 0.9, 0.1, "b", False)]
    ai = [ranking(n, (f"x {n}", f"y {n}"), (1, 2), "ai:judge", pairs=tuple(pairs)) for n in range(20)]
    human = [ranking(n, (f"x {n}", f"y {n}"), (1, 2), "human:ann") for n in range(20)]
    found = report(decide(pair_table(ai, human), np.ones((20, 1))))
    assert found.flips.value == 0.5
    assert found.first_order == pytest.approx(0.75)


def test_three_raters_are_put_together_by_their_skill():
    texts = [(f"x {n}", f"y {n}") for n in range(60)]
    ai = [
        ranking(n, two, (1, 2), "ai:judge", pairs=(Pair(0, 1, 0.7, 0.3, None, False),)) for n, two in enumerate(texts)
    ]
    good = [ranking(n, two, (1, 2), f"human:{name}") for name in ("ann", "bob") for n, two in enumerate(texts)]
    bad = [ranking(n, two, (2, 1), "human:eve") for n, two in enumerate(texts)]
    table = pair_table(ai, good + bad)
    right = np.where([pair.i == 0 for pair in table.pairs], table.labels, 1 - table.labels)
    assert right.min() > 0.9


def test_the_page_shows_names_as_text():
    ai, human, _ = world(0.0, raters=("human:<script>alert(1)</script>",))
    shown = page(report(decide(pair_table(ai, human), np.ones((PAIRS, 1)))))
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "http" not in shown


def test_too_few_labels_are_refused_with_what_is_wrong():
    ai, human, _ = world(1.0)
    with pytest.raises(ConfigError, match="people have labelled pairs of 5 of the prompts"):
        decide(pair_table(ai, human[:5]), np.ones((PAIRS, 1)))


def test_rankings_of_the_wrong_kind_are_refused():
    ai, human, _ = world(1.0)
    with pytest.raises(ConfigError, match="which is not a person"):
        pair_table(ai, ai)
    with pytest.raises(ConfigError, match="one judge"):
        pair_table([], human)
    bare = [ranking(0, ("a", "b"), (1, 2), "ai:judge")]
    with pytest.raises(ConfigError, match="compared no two replies"):
        pair_table(bare, human)


def test_a_calibrated_judge_has_no_calibration_error():
    random = np.random.default_rng(0)
    p = random.uniform(0.02, 0.98, 100_000)
    labels = (random.random(100_000) < p).astype(float)
    assert calibration_error(p, labels) < 0.01
    assert calibration_error(p, 1 - labels) > 0.4
