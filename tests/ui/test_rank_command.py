"""`pericles rank`, typed by a person through a pipe."""

import itertools
import json
import signal
import subprocess
import sys
import time

import pytest
from pericles.policies.feedback import read_rankings
from pericles.policies.feedback.collecting import audit_slice, queue_file, read_candidates, read_queue

REPLIES = ["worst", "best", "middle"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def pericles(here, folder):
    return lambda *arguments, **options: here("rank", *map(str, arguments), "--rater", "ada", **options)


def put(folder, *ids, name="c.jsonl", **changes):
    lines = [{"id": id, "prompt": f"question {id}", "replies": REPLIES, "policy": "secret", **changes} for id in ids]
    (folder / name).write_text("\n".join(map(json.dumps, lines)))
    return name


def letters(shown):
    """The letter under which each reply of the last candidate was shown."""
    lines = shown.rpartition("── ")[2].splitlines()
    return {lines[at + 1].removeprefix("│ "): line for at, line in enumerate(lines) if line in ("A", "B", "C")}


def mistake(done, told):
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_order_of_what_is_shown_becomes_ranks_of_the_replies(pericles, folder):
    file = put(folder, "1")
    at = letters(pericles(file, stdin="q\n").stdout)
    done = pericles(file, stdin=f"{at['best']} > {at['middle']} {at['worst']}\n")
    (ranking,) = read_rankings("rankings.jsonl")
    assert done.returncode == 0
    assert ranking.ranks == (3, 1, 2)
    assert (ranking.rater, ranking.consent, ranking.all_bad) == ("human:ada", True, False)
    assert ranking.policy == "secret"
    assert "1 ranked (1 of the audit slice), 0 left" in done.stdout


def test_who_wrote_a_reply_and_how_it_was_ranked_before_is_not_shown(pericles, folder):
    pericles(put(folder, "1"), stdin="bad\n")
    done = pericles("rankings.jsonl", "--out", "again.jsonl", stdin="abc\n")
    assert "secret" not in done.stdout
    assert "none of them good" not in done.stdout
    assert len(read_rankings("again.jsonl")) == 1


@pytest.mark.parametrize(
    ("typed", "ranks", "all_bad"),
    [("t", {1}, False), ("bad", {1}, True), ("bad t", {1}, True), ("bad cab", {1, 2, 3}, True), ("T", {1}, False)],
)
def test_ties_and_bad_replies(pericles, folder, typed, ranks, all_bad):
    pericles(put(folder, "1"), stdin=f"{typed}\n")
    (ranking,) = read_rankings("rankings.jsonl")
    assert (set(ranking.ranks), ranking.all_bad) == (ranks, all_bad)


def test_a_comment_goes_with_the_next_order_and_an_order_is_no_comment(pericles, folder):
    pericles(put(folder, "1", "2"), stdin="c all too long\nc b a\ncab\n")
    first, second = read_rankings("rankings.jsonl")
    assert (first.comment, second.comment) == ("all too long", None)
    assert set(second.ranks) == {1, 2, 3}


def test_what_cannot_be_read_is_told_and_asked_again(pericles, folder):
    done = pericles(put(folder, "1"), stdin="ab\nabd\nwhat\n?\n\nabc\n")
    assert "C is missing." in done.stdout
    assert "'D' is none of A, B, C" in done.stdout
    assert done.stdout.count("all are equal and none is good") == 2
    assert len(read_rankings("rankings.jsonl")) == 1


def test_a_person_goes_on_where_they_stopped_and_is_asked_nothing_twice(pericles, folder):
    file = put(folder, *"12345")
    pericles(file, stdin="abc\ns\nabc\nq\n")
    assert len(read_rankings("rankings.jsonl")) == 2
    done = pericles(file, stdin="abc\nabc\nabc\nabc\nabc\n")
    assert "── 3 of 5 ──" in done.stdout
    assert len({ranking.prompt[0].content for ranking in read_rankings("rankings.jsonl")}) == 5
    assert pericles(file).stdout.count("question") == 0


def test_another_person_ranks_the_same_in_the_same_order(pericles, here, folder):
    file = put(folder, *"1234")
    pericles(file, stdin="abc\n" * 4)
    here("rank", file, "--rater", "ben", stdin="t\n" * 4)
    rankings = read_rankings("rankings.jsonl")
    assert [one.prompt for one in rankings[:4]] == [one.prompt for one in rankings[4:]]
    assert {one.rater for one in rankings[4:]} == {"human:ben"}


def test_the_last_ranking_is_taken_back_and_asked_again(pericles, folder):
    file = put(folder, "1", "2")
    done = pericles(file, stdin="u\nt\nu\nabc\nq\n")
    (ranking,) = read_rankings("rankings.jsonl")
    assert "nothing to take back" in done.stdout
    assert set(ranking.ranks) == {1, 2, 3}
    assert done.stdout.count(ranking.prompt[0].content) == 2
    pericles(file, stdin="u\nq\n")
    assert not (folder / "rankings.jsonl").exists()


def test_a_budget_counts_all_that_a_person_is_asked(pericles, folder):
    file = put(folder, *map(str, range(9)))
    pericles(file, "--budget", "6", stdin="t\nt\n")
    pericles(file, "--budget", "6", stdin="t\n" * 9)
    rankings = read_rankings("rankings.jsonl")
    assert len(rankings) == 6
    assert len(audit_slice(rankings, read_queue(queue_file(folder / "rankings.jsonl")))) == 2


def test_where_the_judge_is_unsure_people_are_asked_first(pericles, folder):
    file = put(folder, *map(str, range(12)))
    lines = []
    for candidate in read_candidates(file):
        sure = candidate.id not in ("7", "8", "9")
        pairs = [
            {"i": i, "j": j, "p_ij": 0.99 if sure else 0.5, "p_ji": 0.01 if sure else 0.5}
            for i, j in ((0, 1), (0, 2), (1, 2))
        ]
        value = candidate.to_dict() | {"ranks": [1, 1, 1], "rater": "ai:j"}
        value["pairs"] = [{**pair, "principle": None, "accepted": True} for pair in pairs]
        lines.append(json.dumps(value))
    (folder / "ai.jsonl").write_text("\n".join(lines))
    pericles(file, "--ai", "ai.jsonl", "--budget", "6", stdin="t\n" * 6)
    reasons = read_queue(queue_file(folder / "rankings.jsonl"))
    audit = {id for id, reason in reasons.items() if reason == "audit"}
    assert len(audit) == 2
    assert {"7", "8", "9"} <= set(reasons)


def test_no_consent_is_written_down(pericles, folder):
    done = pericles(put(folder, "1"), "--no-consent", stdin="t\n")
    assert "will not be trained on" in done.stdout
    assert read_rankings("rankings.jsonl")[0].consent is False


def test_replies_are_data(pericles, folder):
    hostile = ["\x1b[2J\x1b]0;x\x07gone", "\nA\nI am A, choose me\r── 9 of 9 ──", "[bold]x[/bold]"]
    shown = pericles(put(folder, "1", replies=hostile), stdin="q\n").stdout
    assert not set(shown) & {"\x1b", "\x07", "\r"}
    assert "[bold]x[/bold]" in shown
    assert sum(line == "A" for line in shown.splitlines()) == 1
    assert sum(line.startswith("──") for line in shown.splitlines()) == 1


def test_tool_calls_and_results_are_shown(pericles, folder):
    call = {"id": "c", "type": "function", "function": {"name": "math", "arguments": {"query": "2+2"}}}
    with_tool = [
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "4!", "tool_call_id": "c", "name": "math"},
        {"role": "assistant", "content": "Four."},
    ]
    shown = pericles(put(folder, "1", replies=[with_tool, "5"]), stdin="q\n").stdout
    assert '│ ▸ math: {"query": "2+2"}\n│   math: 4!\n│ Four.' in shown


def test_mistakes_are_one_line(pericles, here, folder):
    file = put(folder, "1")
    mistake(pericles("nowhere.jsonl"), "cannot be read")
    mistake(pericles(file, "--ai", "nowhere.jsonl"), "cannot be read")
    mistake(pericles(file, "--out", file), "a file of their own")
    mistake(here("rank", file, "--rater", "ai:judge"), "a person's name")
    mistake(pericles(put(folder, "1", name="same.jsonl", replies=["a", "a"])), "nothing to rank")
    assert not (folder / "rankings.jsonl").exists()


def test_rankings_of_other_candidates_under_the_same_ids_are_refused(pericles, folder):
    pericles(put(folder, "1"), stdin="t\n")
    mistake(pericles(put(folder, "1", replies=["x", "y"])), "another candidate with the id '1'")


def test_ctrl_c_loses_nothing(folder):
    file = put(folder, "1", "2")
    command = [sys.executable, "-m", "pericles.ui.command", "rank", file, "--rater", "ada"]
    running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        running.stdin.write(b"t\n")
        running.stdin.flush()
        end = time.monotonic() + 60
        while not (folder / "rankings.jsonl").exists() or not (folder / "rankings.jsonl").read_bytes().endswith(b"\n"):
            assert time.monotonic() < end
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 130
    assert b"1 ranked" in out
    assert len(read_rankings(folder / "rankings.jsonl")) == 1


@pytest.fixture
def policy(monkeypatch):
    """Answers each time with another number, and counts how often it is asked."""
    from pericles.policies.engines.function_policy import FunctionPolicy

    numbers = itertools.count()
    made = FunctionPolicy(lambda messages, tools: f"reply {next(numbers)}")
    monkeypatch.setattr("pericles.ui.sampling.load_policy", lambda ref, engine: made)
    return numbers


def test_sampled_replies_are_candidates_and_sampling_goes_on_where_it_stopped(here, folder, policy):
    prompts = [{"id": "a", "prompt": "Hi"}, {"prompt": "Ho", "tools": ["math"]}]
    (folder / "p.jsonl").write_text("\n".join(map(json.dumps, prompts)))
    done = here("rank", "sample", "p.jsonl", "--policy", "some", "-k", "3", "--out", "c.jsonl")
    assert done.stdout == "2 candidates in c.jsonl\n"
    first, second = read_candidates("c.jsonl")
    assert (first.id, second.id) == ("a", "p.jsonl:2")
    assert [reply[0].content for reply in first.replies] == ["reply 0", "reply 1", "reply 2"]
    assert first.policy == "some"
    assert [[tool["function"]["name"] for tool in one.tools] for one in (first, second)] == [
        ["math", "search"],
        ["math"],
    ]
    assert (folder / "c.jsonl").stat().st_mode & 0o777 == 0o600

    (folder / "p.jsonl").write_text("\n".join(map(json.dumps, [*prompts, {"id": "new", "prompt": "Ha"}])))
    done = here("rank", "sample", "p.jsonl", "--policy", "some", "-k", "2", "--out", "c.jsonl")
    assert done.stdout == "1 candidates in c.jsonl, 2 were there already\n"
    assert next(policy) == 8


def test_a_script_says_the_same_each_time_so_there_is_nothing_to_rank(here, folder):
    (folder / "p.jsonl").write_text('{"prompt": "Hi"}')
    (folder / "s.yaml").write_text('["Hello."]')
    done = here("rank", "sample", "p.jsonl", "--policy", "script:s.yaml")
    assert done.stdout == "0 candidates in candidates.jsonl, 1 left out: the replies are all the same\n"
    mistake(here("rank", "sample", "p.jsonl", "--policy", "script:nowhere.yaml"), "cannot be read")
