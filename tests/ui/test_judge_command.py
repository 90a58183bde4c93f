"""`pericles feedback judge` and `report`, from candidates to rankings that may be trained on."""

import json

import pytest
from pericles.policies.feedback import Ranking, read_rankings, write_rankings


def people(path, count=60, rater="human:ann", better=0):
    """Rankings of two replies, of which people like the friendly one."""
    rankings = [
        Ranking.from_dict({
            "id": f"{number}/{rater}", "prompt": [{"role": "user", "content": f"question {number}"}], "rater": rater,
            "replies": [[{"role": "assistant", "content": f"{text} {number}"}] for text in ("Gladly!", "Go away.")],
            "ranks": [1, 2] if better == 0 else [2, 1],
        })
        for number in range(count)
    ]  # fmt: skip
    write_rankings(path, rankings)


def judged(path, count=60, p=0.9):
    rankings = [
        Ranking.from_dict({
            "id": str(number), "prompt": [{"role": "user", "content": f"question {number}"}], "rater": "ai:judge",
            "replies": [[{"role": "assistant", "content": f"{text} {number}"}] for text in ("Gladly!", "Go away.")],
            "ranks": [1, 2],
            "pairs": [{"i": 0, "j": 1, "p_ij": p, "p_ji": 1 - p, "principle": "kind", "accepted": False}],
        })
        for number in range(count)
    ]  # fmt: skip
    write_rankings(path, rankings)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_policy_judges_and_a_second_time_asks_nothing(here, folder):
    people(folder / "candidates.jsonl", 3)
    (folder / "judge.yaml").write_text("[A]")
    done = here("feedback", "judge", "candidates.jsonl", "--judge", "script:judge.yaml", "--out", "judged.jsonl")
    assert done.returncode == 0
    assert "3 pairs of 3 prompts, orders contradict in 3" in done.stdout
    first = read_rankings(folder / "judged.jsonl")
    assert {ranking.rater for ranking in first} == {"ai:script:judge.yaml"}
    assert {ranking.ranks for ranking in first} == {(1, 1)}
    answers = (folder / "judged.jsonl.answers").read_bytes()
    here("feedback", "judge", "candidates.jsonl", "--judge", "script:judge.yaml", "--out", "judged.jsonl")
    assert (folder / "judged.jsonl.answers").read_bytes() == answers
    assert [ranking.pairs for ranking in read_rankings(folder / "judged.jsonl")] == [ranking.pairs for ranking in first]


def test_candidates_are_judged_before_anybody_has_ranked_them(here, folder):
    (folder / "judge.yaml").write_text("[A]")
    lines = [
        {"id": f"{rater}{number}", "prompt": f"q {number}", "replies": ["one", "two"], "policy": "dir:x"}
        for number in range(3)
        for rater in ("a", "b")
    ]
    (folder / "fresh.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = here("feedback", "judge", "fresh.jsonl", "--judge", "script:judge.yaml", "--out", "judged.jsonl")
    assert "3 pairs of 3 prompts" in done.stdout, "the same replies are judged once"
    assert {ranking.policy for ranking in read_rankings(folder / "judged.jsonl")} == {"dir:x"}


def test_a_judge_that_was_changed_is_asked_again(here, folder):
    people(folder / "candidates.jsonl", 3)
    for letter, p in (("A", 1.0), ("B", 0.0)):
        (folder / "judge.yaml").write_text(f"[{letter}]  # {'other' * int(p)}")
        here("feedback", "judge", "candidates.jsonl", "--judge", "script:judge.yaml", "--out", "judged.jsonl")
        assert read_rankings(folder / "judged.jsonl")[0].pairs[0].p_ij == p


def test_a_judge_that_agrees_is_believed(here, folder):
    people(folder / "people.jsonl", 40)
    judged(folder / "judged.jsonl")
    done = here(
        "feedback", "report", "--ai", "judged.jsonl", "--human", "people.jsonl",
        "--out", "mixed.jsonl", "--html", "report.html", "--constitution", "default",
    )  # fmt: skip
    assert done.returncode == 0
    assert "agree on 100% of 40" in done.stdout
    assert "believed on replies of no known source" in done.stdout
    assert "<h1>Feedback report</h1>" in (folder / "report.html").read_text()
    assert {ranking.rater for ranking in read_rankings(folder / "mixed.jsonl")} >= {"human:ann"}


def test_a_judge_that_says_the_opposite_is_not(here, folder):
    people(folder / "people.jsonl", 40)
    judged(folder / "judged.jsonl", p=0.1)
    done = here(
        "feedback", "report", "--ai", "judged.jsonl", "--human", "people.jsonl", "--json", "--out", "mixed.jsonl"
    )
    found = json.loads(done.stdout)
    assert found["accepted"] == 0
    assert found["slope"] == 0
    assert "None of" in found["verdict"]
    assert len(read_rankings(folder / "mixed.jsonl")) == 40


def test_only_the_uniform_slice_tests_the_judge(here, folder):
    people(folder / "people.jsonl", 40)
    judged(folder / "judged.jsonl")
    reasons = ["audit"] * 5 + ["uncertain"] * 35
    (folder / "queue.jsonl").write_text(
        "".join(json.dumps({"id": str(at), "reason": reason}) + "\n" for at, reason in enumerate(reasons))
    )
    done = here(
        "feedback", "report", "--ai", "judged.jsonl", "--human", "people.jsonl", "--audit", "queue.jsonl", "--json"
    )
    found = json.loads(done.stdout)
    (source,) = found["sources"].values()
    assert (found["labelled"], source["tested"], source["tau"]) == (40, 5, None)


def test_mistakes_are_one_line(here, folder):
    people(folder / "people.jsonl", 5)
    judged(folder / "judged.jsonl")
    for arguments, told in (
        (("judge", "people.jsonl", "--out", "no/where.jsonl"), "there is no folder 'no'"),
        (("judge", "people.jsonl", "--out", "x.jsonl", "--constitution", "none"), "there is no constitution 'none'"),
        (("judge", "people.jsonl", "--out", "x.jsonl", "--scope", "harmles"), "did you mean"),
        (
            ("report", "--ai", "judged.jsonl", "--human", "people.jsonl"),
            "people have labelled pairs of 5 of the prompts",
        ),
        (("report", "--ai", "people.jsonl", "--human", "people.jsonl"), "which is not a judge"),
        (("report", "--ai", "judged.jsonl", "--human", "judged.jsonl"), "which is not a person"),
    ):
        done = here("feedback", *arguments)
        assert done.returncode == 2
        assert told.lower() in done.stderr.lower()
        assert done.stderr.count("\n") == 1
