"""`pericles train`: which recipe and folder are meant, and what is shown. The training itself has its own tests."""

import io
import json
import os
import signal

import pericles.policies.training as training
import pytest
from pericles.policies.training.recipe import changes_of
from pericles.policies.training.runs import RunFolder
from pericles.ui import train_command
from pericles.ui.train_command import _Bars, recipe_file
from rich.console import Console

RECIPE = """\
name: small
stages:
- kind: sft
  data: [{source: generated, rows: 5}]
"""


@pytest.fixture
def seen(monkeypatch):
    """What the display is tried with: a training that tells and trains nothing."""
    calls = []

    def train(recipe, folder, *, report_to="none", tell=None):
        run = RunFolder(folder).create(recipe)
        calls.append((recipe, folder, report_to))
        tell({"event": "suite routing, before training"})
        tell({"stage": "sft", "event": "started"})
        tell({"stage": "sft", "event": "planned", "steps": 3})
        for step in (1, 2, 3):
            line = {"stage": "sft", "step": step, "of": 3, "seconds": step, "loss": 1 / step, "learning_rate": 0.1}
            run.append_metrics(line)
            tell(line)
        tell({"stage": "sft", "event": "finished"})
        tell({"stage": "evaluate", "event": "measured", "policy": "sft"})
        return folder / "adapter"

    monkeypatch.setattr(training, "train", train)
    return calls


@pytest.fixture
def pericles(here, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(RECIPE)
    return lambda *arguments: here("train", *map(str, arguments))


def mistake(done, told):
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_a_recipe_is_trained_in_a_folder_of_its_name(pericles, seen):
    done = pericles("small.yaml")
    assert done.returncode == 0
    assert "loss" not in done.stdout
    ((recipe, folder, report_to),) = seen
    assert (recipe.name, str(folder), report_to) == ("small", "runs/small", "none")
    assert done.stdout.splitlines()[:2] == [
        "policy: runs/small/adapter",
        "to talk with it: pericles chat --policy run:runs/small",
    ]


def test_without_a_terminal_each_log_is_a_line(pericles, seen):
    lines = pericles("small.yaml").stderr.splitlines()
    assert lines[:4] == [
        "suite routing, before training", "sft: started", "sft: planned, steps 3", "sft 1/3  loss 1",
    ]  # fmt: skip
    assert lines[4].startswith("sft 2/3  loss 0.5  ")
    assert lines[4].endswith(" left")
    assert lines[-2:] == ["sft: finished", "evaluate: measured, policy sft"]


def test_json_prints_every_event(pericles, seen):
    done = pericles("small.yaml", "--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["loss"] for one in told if "loss" in one] == [1.0, 0.5, 1 / 3]
    assert told[-1] == {"event": "trained", "run": "runs/small", "policy": "runs/small/adapter"}
    assert done.stderr == ""


def test_values_are_changed_and_the_folder_is_chosen(pericles, seen):
    assert (
        pericles("small.yaml", "--set", "stages.sft.epochs=2", "--set", "adapter=null", "--out", "here").returncode == 0
    )
    ((recipe, folder, _),) = seen
    assert (recipe.stages[0].epochs, recipe.adapter, str(folder)) == (2, None, "here")


def test_a_recipe_that_ships_goes_by_its_name(pericles, seen):
    assert pericles("default").returncode == 0
    assert seen[0][0].name == "default"


def test_a_file_comes_before_what_ships(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "default.yaml").write_text(RECIPE)
    assert recipe_file("default.yaml").read_text() == RECIPE
    assert recipe_file("default").read_text() != RECIPE


def test_a_run_goes_on_with_its_own_recipe(pericles, seen, tmp_path):
    pericles("small.yaml", "--set", "seed=11")
    for ref in ("small", "runs/small", "run:runs/small"):
        assert pericles("resume", ref).returncode == 0
    assert {(recipe.seed, str(folder)) for recipe, folder, _ in seen} == {(11, "runs/small")}
    mistake(pericles("resume", "small", "--set", "seed=12"), "leave --set and --out")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing.yaml"], "there is no recipe 'nothing.yaml'"),
        (["defualt"], "Did you mean 'default'?"),
        (["../default"], "there is no recipe"),
        (["resume"], "pericles train resume RUN"),
        (["resume", "nothing"], "there is no run 'nothing'"),
        (["small.yaml", "other"], "one recipe is trained at a time"),
        (["small.yaml", "--set", "seed"], "--set must be KEY=VALUE"),
        (["small.yaml", "--set", "=3"], "--set must be KEY=VALUE"),
        (["small.yaml", "--set", "seed=1", "--set", " seed =2"], "--set seed was given twice"),
        (["small.yaml", "--set", "seed=[1"], "is not YAML"),
        (["small.yaml", "--set", "sed=1"], "did you mean 'seed'"),
        (["small.yaml", "--set", "seed="], "seed"),
        (["small.yaml", "--report-to", "paper"], "--report-to"),
    ],
)
def test_mistakes_are_told_in_one_line(pericles, arguments, told):
    mistake(pericles(*arguments), told)


def test_values_are_yaml():
    assert changes_of(["a=1", "b.c=[x, 2]", "d=x=y", "e=null", "f="]) == {
        "a": 1, "b.c": ["x", 2], "d": "x=y", "e": None, "f": None,
    }  # fmt: skip


def test_a_folder_that_cannot_be_written_is_the_users_mistake(pericles, seen, tmp_path):
    (tmp_path / "file").write_text("")
    mistake(pericles("small.yaml", "--out", "file/run"), "cannot be written")


def test_a_tracker_that_is_not_installed_is_said_before_anything_begins(pericles, seen, monkeypatch):
    monkeypatch.setitem(train_command._TRACKER_MODULES, "trackio", ("a_package_that_is_not_there",))
    mistake(pericles("small.yaml", "--report-to", "trackio"), "pip install")
    assert seen == []


def test_an_interrupt_says_how_to_go_on(pericles, seen, monkeypatch):
    trained = training.train

    def interrupted(recipe, folder, **options):
        trained(recipe, folder, **options)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(training, "train", interrupted)
    done = pericles("small.yaml")
    assert done.returncode == 130
    assert "`pericles train resume runs/small` goes on" in done.stderr


def test_a_dry_run_tells_what_each_stage_takes(pericles, seen, monkeypatch):
    rows = [
        {"stage": "sft", "kind": "sft", "what": "1 epoch", "data": "5 conversations", "steps": 1200, "tokens": 50000,
         "seconds": 5000.0, "peak_bytes": 2**31},
        {"stage": "evaluate", "kind": "evaluate", "what": "greedy", "data": "", "steps": None, "tokens": None,
         "seconds": 90.0, "peak_bytes": None},
    ]  # fmt: skip
    monkeypatch.setattr("pericles.policies.training.dry_run.dry_run", lambda recipe: rows)
    shown = pericles("small.yaml", "--dry-run").stdout
    assert shown.splitlines()[1].split() == [
        "sft", "sft", "1", "epoch", "5", "conversations", "1,200", "50,000", "1", "h", "23", "min", "2.0", "GiB",
    ]  # fmt: skip
    assert shown.splitlines()[-1] == "together: about 1 h 25 min, at most 2.0 GiB"
    assert json.loads(pericles("small.yaml", "--dry-run", "--json").stdout) == rows
    assert seen == []


def test_a_terminal_has_a_bar_for_each_stage():
    console = Console(file=io.StringIO(), force_terminal=True, width=160, color_system=None)
    with _Bars(console) as bars:
        bars.tell({"event": "suite routing, before training"})
        bars.tell({"stage": "sft", "event": "started"})
        bars.tell({"stage": "sft", "event": "planned", "steps": 40})
        # A stage that goes on: the steps of an earlier process are not this one's pace.
        bars.tell({"stage": "sft", "step": 20, "of": 40, "loss": 0.5, "reward": 1.25})
        bars.tell({"stage": "sft", "step": 30, "of": 40, "loss": float("nan")})
        bars.tell({"stage": "sft", "step": 30, "of": 40, "loss": 0.25, "reward": [1]})
        bars.tell({"stage": "sft", "event": "finished"})
        bars.tell({"stage": "rl[red]\x1b[31m", "event": "started"})
        bars.tell({"stage": "evaluate", "event": "measured", "policy": "sft"})
    shown = console.file.getvalue()
    last = shown[shown.rindex("sft") - 60 :]
    assert "suite routing, before training" in shown
    assert "evaluate: measured, policy sft" in shown
    assert "30/30" in shown
    assert "loss 0.25" in last
    assert "rl[red]" in shown
    assert "\x1b[31m" not in shown
