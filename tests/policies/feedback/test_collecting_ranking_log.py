"""The file that a person's rankings are added to: nothing is lost, and only the last is taken back."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pericles.policies.engines import Message
from pericles.policies.feedback import read_rankings
from pericles.policies.feedback.collecting import Candidate, RankingLog, RankingTask
from pericles.tools import ConfigError


def ranking(id, rater="human:a", **options):
    said = tuple((Message("assistant", text),) for text in ("ja", "nein"))
    one = RankingTask(Candidate(id, (Message("user", "Größe?"),), said), rater)
    return one.ranking(one.read_order("a"), **options)


def test_each_ranking_is_in_the_file_at_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "r.jsonl"
    log = RankingLog(path)
    for number in range(3):
        log.add(ranking(str(number)))
        assert read_rankings(path) == log.of("human:a")
    assert path.stat().st_mode & 0o777 == 0o600
    assert RankingLog(path).of("human:a") == log.of("human:a")


def test_the_last_of_this_rater_is_taken_back_and_no_other(tmp_path):
    path = tmp_path / "r.jsonl"
    log = RankingLog(path)
    for one in (ranking("1"), ranking("2"), ranking("1", "human:b")):
        log.add(one)
    taken = log.take_back("human:a")
    assert taken is not None
    assert taken.id == "2/human:a"
    assert [one.id for one in read_rankings(path)] == ["1/human:a", "1/human:b"]
    assert log.take_back("human:c") is None
    log.take_back("human:a")
    log.take_back("human:b")
    assert RankingLog(path).of("human:b") == []
    log.add(ranking("1"))
    assert len(read_rankings(path)) == 1


def test_what_was_added_meanwhile_survives_taking_back(tmp_path):
    path = tmp_path / "r.jsonl"
    log = RankingLog(path)
    log.add(ranking("1"))
    RankingLog(path).add(ranking("1", "human:b"))
    log.take_back("human:a")
    assert [one.rater for one in read_rankings(path)] == ["human:b"]


def test_one_id_is_added_once(tmp_path):
    log = RankingLog(tmp_path / "r.jsonl")
    log.add(ranking("1"))
    with pytest.raises(ConfigError, match="already"):
        log.add(ranking("1"))


def test_a_file_that_is_something_else_is_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not rankings\nat all")
    with pytest.raises(ConfigError, match="line 1: not JSON"):
        RankingLog(path)
    assert path.read_text() == "not rankings\nat all"


def test_half_a_line_that_a_crash_left_is_cut_off(tmp_path):
    path = tmp_path / "r.jsonl"
    RankingLog(path).add(ranking("1"))
    path.write_bytes(path.read_bytes() + b'{"id": "2/hum')
    log = RankingLog(path)
    log.add(ranking("2"))
    assert read_rankings(path) == log.of("human:a")


def test_one_id_is_added_once_from_two_terminals(tmp_path):
    first, second = (RankingLog(tmp_path / "r.jsonl") for _ in range(2))
    first.add(ranking("1"))
    with pytest.raises(ConfigError, match="already"):
        second.add(ranking("1"))
    second.add(ranking("2"))
    assert [one.id for one in second.of("human:a")] == ["1/human:a", "2/human:a"]


def test_terminals_that_rank_and_take_back_at_once_lose_nothing(tmp_path):
    path = tmp_path / "r.jsonl"
    raters = ("human:a", "human:b", "human:c")

    def work(rater):
        log = RankingLog(path)
        for number in range(15):
            log.add(ranking(f"{number}", rater))
            log.add(ranking(f"{number} again", rater))
            assert log.take_back(rater).id == f"{number} again/{rater}"

    with ThreadPoolExecutor(len(raters)) as pool:
        list(pool.map(work, raters))
    for rater in raters:
        kept = [one.id for one in read_rankings(path) if one.rater == rater]
        assert kept == [f"{number}/{rater}" for number in range(15)]
