"""`pericles feedback agree` and `convert`."""

import json

import pytest
from pericles.policies.feedback import read_hh_rlhf, read_rankings


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def pericles(here, folder):
    return lambda *arguments: here("feedback", *arguments)


def put(folder, name, rater, better):
    """One ranking for each letter of `better`: the reply of "x" and "y" that is better, or `=`."""
    ranks = {"x": [1, 2], "y": [2, 1], "=": [1, 1]}
    lines = [
        {
            "id": f"{number}/{rater}",
            "prompt": [{"role": "user", "content": f"q{number}"}],
            "replies": [[{"role": "assistant", "content": text}] for text in "xy"],
            "ranks": ranks[one],
            "rater": rater,
        }
        for number, one in enumerate(better)
    ]
    (folder / name).write_text("\n".join(map(json.dumps, lines)))


def mistake(done, told):
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_two_people_are_compared_over_files(pericles, folder):
    put(folder, "a.jsonl", "human:a", "xyxyxyxy")
    put(folder, "b.jsonl", "human:b", "xyxyxyyx")
    put(folder, "ai.jsonl", "ai:j", "xxxxxxxx")
    done = pericles("agree", "a.jsonl", "b.jsonl", "ai.jsonl")
    (_, line) = done.stdout.splitlines()
    assert line.split()[:6] == ["human:a", "–", "human:b", "8", "75%", "0.50"]
    assert "ai:j" not in done.stdout


def test_three_people_have_a_consensus(pericles, folder):
    for rater, said in (("a", "xyxyxy" * 5), ("b", "xyxyxy" * 5), ("c", "xxxyyy" * 5)):
        put(folder, f"{rater}.jsonl", f"human:{rater}", said)
    found = json.loads(pericles("agree", "a.jsonl", "b.jsonl", "c.jsonl", "--json").stdout)
    assert [one["raters"] for one in found["agreement"]] == [
        ["human:a", "human:b"],
        ["human:a", "human:c"],
        ["human:b", "human:c"],
    ]
    assert found["agreement"][0]["kappa"] == 1.0
    assert found["consensus"]["skill"]["human:a"] == 1.0
    assert found["consensus"]["skill"]["human:c"] < 0.8
    assert "consensus (Dawid–Skene) on 30 pairs" in pericles("agree", "a.jsonl", "b.jsonl", "c.jsonl").stdout


def test_people_without_anything_in_common_cannot_be_compared(pericles, folder):
    put(folder, "a.jsonl", "human:a", "xy")
    mistake(pericles("agree", "a.jsonl"), "no two people have ranked the same replies: there are 2 pairs of 1 person.")


def test_rankings_become_pairs_and_come_back(pericles, folder):
    put(folder, "a.jsonl", "human:a", "xy=")
    done = pericles("convert", "a.jsonl", "--to", "hh-rlhf", "--out", "hh.jsonl")
    assert done.stdout == "2 pairs in hh.jsonl; left out: 1 (neither reply is better)\n"
    assert len(read_hh_rlhf("hh.jsonl").rankings) == 2
    assert pericles("convert", "hh.jsonl", "--to", "rankings", "--out", "back.jsonl").returncode == 0
    before, after = read_rankings("a.jsonl"), read_rankings("back.jsonl")
    assert [one.prompt for one in after] == [one.prompt for one in before[:2]]
    assert [[reply[0].content for reply in one.replies] for one in after] == [["x", "y"], ["y", "x"]]
    assert {one.rater for one in after} == {"human:hh-rlhf"}


def test_what_cannot_be_converted_is_told(pericles, folder):
    put(folder, "a.jsonl", "human:a", "=")
    convert = ("convert", "a.jsonl", "--to", "hh-rlhf", "--out")
    mistake(pericles(*convert, "hh.jsonl"), "nothing that could be written as hh-rlhf: 1 (neither reply is better)")
    mistake(pericles(*convert, "a.jsonl"), "a.jsonl exists already")
    mistake(pericles("convert", "a.jsonl", "--to", "csv", "--out", "x"), "--to must be hh-rlhf or rankings")
    mistake(pericles("convert", "a.jsonl", "--to", "rankings", "--out", "x"), "chosen is None")
    assert [file.name for file in folder.iterdir()] == ["a.jsonl"]
