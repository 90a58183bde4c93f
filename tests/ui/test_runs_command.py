"""`pericles runs`: training runs to list, show, compare and remove."""

import io
import json
import sys

import pytest
from pericles.policies.training.recipe import parse_recipe
from pericles.policies.training.runs import RunFolder
from pericles.ui.command import main
from pericles.ui.runs_command import sparkline

STAGES = [{"kind": "sft", "data": [{"source": "generated", "rows": 5}]}]
SCORE = {"value": 0.5, "low": 0.25, "high": 0.75, "n": 20}


def made(name, **changes):
    run = RunFolder(f"runs/{name}").create(parse_recipe({"name": name, "stages": STAGES} | changes))
    for step in range(1, 9):
        run.append_metrics({"stage": "sft", "step": step, "of": 8, "seconds": step, "loss": 1 / step, "num_tokens": 7})
    run.update(
        status="finished",
        created="2026-11-22T10:00:00Z",
        stages=[{"name": "sft", "kind": "sft", "stage_seconds": 360, "held_out_accuracy": SCORE}],
    )
    return run


@pytest.fixture
def pericles(here, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **options: here("runs", *map(str, arguments), **options)


@pytest.fixture
def terminal(monkeypatch, capsys, pericles):
    """The command with somebody at the keyboard."""

    class Keyboard(io.TextIOWrapper):
        def isatty(self):
            return True

    def run(*arguments, typed):
        monkeypatch.setattr(sys, "stdin", Keyboard(io.BytesIO(typed.encode())))
        code = main(["runs", *arguments])
        return code, capsys.readouterr().err

    return run


def mistake(done, told):
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_list_shows_where_each_run_is(pericles):
    made("first")
    made("second").update(status="running", created="2026-11-23T10:00:00Z")
    head, second, first = pericles("list").stdout.splitlines()
    assert head.split() == ["run", "status", "at", "started", "hours", "loss", "reward", "held", "out"]
    assert second.split()[:2] == ["runs/second", "killed"]
    assert first.split() == [
        "runs/first", "finished", "sft", "8", "of", "8", "2026-11-22", "10:00", "0.10", "0.125",
        "0.5", "[0.25,", "0.75],", "n", "=", "20",
    ]  # fmt: skip


def test_list_as_json_and_of_another_folder(pericles, tmp_path):
    made("first")
    (found,) = json.loads(pericles("list", "--json", "--dir", tmp_path / "runs").stdout)
    assert (found["name"], found["status"], found["step"], found["of"], found["stages"]) == (
        "first",
        "finished",
        8,
        8,
        ["sft"],
    )


def test_without_runs_it_says_how_to_begin(pericles):
    done = pericles("list")
    assert (done.returncode, done.stdout) == (0, "")
    assert "pericles train" in done.stderr
    assert json.loads(pericles("list", "--json").stdout) == []


def test_a_folder_that_is_not_there_is_the_users_mistake(pericles):
    mistake(pericles("list", "--dir", "nothing"), "'nothing' is no folder with runs")


def test_a_broken_run_is_listed_as_broken(pericles):
    (made("first").path / "run.json").write_text("{")
    assert "broken" in pericles("list").stdout


def test_show_tells_stages_figures_and_curves(pericles):
    run = made("first")
    run.update(suites={"routing after": {"routing": SCORE}}, policy={"kind": "adapter"})
    (run.path / "plots").mkdir()
    (run.path / "plots" / "loss.png").write_bytes(b"")
    done = pericles("show", "first")
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert lines[0] == "first finished"
    assert "stage sft (sft), finished, 360 s" in lines
    assert "held_out_accuracy 0.5 [0.25, 0.75], n = 20" in lines
    assert "routing after/routing 0.5 [0.25, 0.75], n = 20" in lines
    assert "metrics of sft, step 8 of 8" in lines
    assert "loss 0.125 █▄▃▂▂▁▁▁" in lines
    assert "num_tokens 7" in lines
    assert "plots: 1 in runs/first/plots" in lines
    assert lines[-1] == "to talk with it: pericles chat --policy run:runs/first"


def test_show_says_how_a_stopped_run_goes_on_and_why_one_failed(pericles):
    run = made("first")
    run.update(status="failed", error="step 3: the loss is nan\x1b[31m: lower learning_rate")
    shown = pericles("show", "run:runs/first").stdout
    assert "error: step 3: the loss is nan[31m: lower learning_rate" in shown
    assert shown.splitlines()[-1] == "to go on: pericles train resume runs/first"


def test_show_as_json(pericles):
    made("first")
    found = json.loads(pericles("show", "first", "--json").stdout)
    assert found["last"]["sft"]["loss"] == 0.125
    assert found["stages"][0]["held_out_accuracy"] == SCORE
    assert (found["status"], found["seed"], found["plots"]) == ("finished", 7, [])


def test_show_passes_a_torn_line_over(pericles):
    run = made("first")
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"stage": "sf')
    assert "step 8 of 8" in pericles("show", "first").stdout


@pytest.mark.parametrize("command", ["show", "rm"])
def test_an_unknown_run_is_the_users_mistake(pericles, command):
    made("first")
    mistake(pericles(command, "frist"), "Did you mean 'first'?")


def test_a_broken_run_json_is_named(pericles):
    (made("first").path / "run.json").write_text("{")
    mistake(pericles("show", "first"), "run.json is no JSON")


def test_compare_shows_differences_only(pericles):
    made("first")
    made("second", seed=8)
    lines = [line.split() for line in pericles("compare", "first", "second").stdout.splitlines()]
    assert lines[0] == ["runs/first", "runs/second"]
    assert ["seed", "7", "8"] in lines
    assert ["sft:", "loss", "0.125", "0.125"] in lines
    assert not [line for line in lines if line[:1] == ["base"]]
    found = json.loads(pericles("compare", "first", "second", "--json").stdout)
    assert found["recipe"]["seed"] == [7, 8]
    assert found["figures"]["sft: held_out_accuracy"][0] == SCORE


def test_compare_needs_two(pericles):
    made("first")
    mistake(pericles("compare", "first"), "two runs or more")


def test_rm_without_a_terminal_needs_yes(pericles):
    run = made("first")
    mistake(pericles("rm", "first", stdin="y\n"), "--yes")
    assert run.path.is_dir()
    done = pericles("rm", "first", "runs/first", "--yes")
    assert (done.returncode, done.stderr) == (0, "removed 1 runs\n")
    assert not run.path.exists()


@pytest.mark.parametrize(("typed", "stays"), [("y\n", False), ("n\n", True), ("\n", True)])
def test_rm_asks_at_a_terminal(terminal, typed, stays):
    run = made("first")
    code, told = terminal("rm", "first", typed=typed)
    assert code == 0
    assert "first for good? [y/N]" in told
    assert run.path.exists() == stays


def test_rm_removes_all_or_nothing(pericles, tmp_path):
    first = made("first")
    (tmp_path / "runs" / "notes").mkdir()
    mistake(pericles("rm", "first", "notes", "--yes"), "is no run, and was not removed")
    (tmp_path / "runs" / "link").symlink_to(first.path.resolve())
    mistake(pericles("rm", "first", "link", "--yes"), "symbolic link")
    with first.lock():
        mistake(pericles("rm", "first", "--yes"), "a process trains")
    assert first.path.is_dir()


def test_a_broken_run_can_be_removed(pericles):
    run = made("first")
    (run.path / "run.json").write_text("{")
    assert pericles("rm", "first", "--yes").returncode == 0
    assert not run.path.exists()


@pytest.mark.parametrize(
    ("values", "shown"),
    [([1.0], "▁"), ([0, 7], "▁█"), ([3, 3], "▁▁"), ([-1e308, 0, 1e308], "▁▅█"), ([0, 0, 1, 1, 0, 0], "▁█▁")],
)
def test_a_curve_as_text(values, shown):
    assert sparkline(values, width=3) == shown
