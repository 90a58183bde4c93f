"""Runs are listed, found by name, compared and removed."""

import json
import os

import pytest
from pericles.policies.training.recipe import parse_recipe
from pericles.policies.training.runs import RunFolder, compare_runs, find_runs, locate_run, remove_run, summary_of
from pericles.policies.training.runs.quantities import Figure, figures_of
from pericles.tools import ConfigError

DATA = [{"source": "generated", "rows": 5}]
STAGES = [
    {"kind": "sft", "data": DATA},
    {"kind": "rl", "prompts": DATA, "rewards": {"answer": 1.0}},
]


def made(folder, name, created="2026-11-22T10:00:00Z", **changes):
    run = RunFolder(folder / name).create(parse_recipe({"name": name, "stages": STAGES} | changes))
    run.update(created=created, status="finished")
    return run


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "runs"


@pytest.fixture
def trained(runs):
    run = made(runs, "first")
    peak = {"step": 2, "value": 0.5, "low": 0.25, "high": 0.75, "n": 20}
    run.update(stages=[
        {"name": "sft", "kind": "sft", "seconds": 1000, "stage_seconds": 1800, "held_out_loss": 1.25, "data": {}},
        {"name": "rl", "kind": "rl", "stage_seconds": 900, "held_out": [peak], "held_out_peak": peak},
    ])  # fmt: skip
    run.append_metrics({"stage": "sft", "step": 5, "of": 5, "seconds": 9, "loss": 2.0})
    run.append_metrics({"stage": "rl", "step": 2, "of": 4, "seconds": 9, "reward": 0.75, "loss": float("nan")})
    run.append_metrics({"stage": "rl", "step": 2, "of": 4, "held_out/gold": 0.5})
    return run


def test_a_summary_says_where_a_run_is(trained):
    found = summary_of(trained)
    assert (found.name, found.status, found.stages, found.stage, found.step, found.of) == (
        "first", "finished", ("sft", "rl"), "rl", 2, 4,
    )  # fmt: skip
    assert (found.hours, found.loss, found.reward) == (0.75, 2.0, 0.75)
    assert found.held_out == Figure(0.5, 0.25, 0.75, 20)
    assert json.loads(json.dumps(found.to_dict()))["held_out"]["n"] == 20


def test_the_time_of_a_stage_that_is_under_way_counts(runs):
    run = made(runs, "first")
    run.append_metrics({"stage": "sft", "step": 1, "of": 9, "seconds": 360})
    run.append_metrics({"stage": "sft", "step": 1, "of": 9, "held_out/gold": 0.125})
    assert (summary_of(run).hours, summary_of(run).held_out) == (0.1, Figure(0.125))


def test_runs_are_listed_newest_first_and_a_broken_one_stops_nothing(runs, trained):
    made(runs, "second", "2026-11-23T10:00:00Z")
    broken = made(runs, "third")
    (broken.path / "run.json").write_text("{")
    (runs / "notes").mkdir()
    (runs / "file").write_text("")
    found = find_runs(runs)
    assert [(run.name, run.status) for run in found] == [
        ("second", "finished"),
        ("first", "finished"),
        ("third", "broken"),
    ]
    assert "no JSON" in found[-1].error


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ConfigError, match="no folder with runs"):
        find_runs(tmp_path / "nothing")


def test_a_run_is_found_by_name_folder_and_reference(trained):
    for ref in ("first", str(trained.path), "run:runs/first", "runs/first/"):
        assert locate_run(ref).path.resolve() == trained.path.resolve()
    with pytest.raises(ConfigError, match=r"no run 'frist'.*Did you mean 'first'"):
        locate_run("frist")
    with pytest.raises(ConfigError, match="no run"):
        locate_run("")


def test_figures_of_a_stage_nest_and_leave_out_what_is_none():
    score = {"value": 0.1, "low": 0.0, "high": 0.3, "n": 10}
    stage = {
        "name": "evaluate", "kind": "evaluate", "seconds": 3, "prompts": 10, "ended_by": "steps", "exact": True,
        "data": {"rows": 4},
        "policies": {"base": score | {"kinds": {"math": {"value": 0.2, "n": 5}}}},
        "comparisons": [{"policy": "sft", "against": "base", "p_value": 0.01} | score],
        "held_out_accuracy": {"value": None, "low": None, "high": None, "n": 0},
        "loss": float("nan"),
    }  # fmt: skip
    assert figures_of(stage) == {
        "prompts": Figure(10),
        "policies/base": Figure(0.1, 0.0, 0.3, 10),
        "policies/base/kinds/math": Figure(0.2, None, None, 5),
        "comparisons/sft against base": Figure(0.1, 0.0, 0.3, 10),
    }


def test_a_comparison_shows_where_recipes_and_results_differ(runs, trained):
    stages = [STAGES[0] | {"epochs": 3}, STAGES[1] | {"name": "grpo"}]
    other = made(runs, "second", adapter=None, stages=stages)
    other.append_metrics({"stage": "sft", "step": 1, "of": 9, "seconds": 1, "loss": 4.0})
    found = compare_runs([trained.path, other.path])
    assert found.recipe["name"] == ["first", "second"]
    # The key is what --set takes.
    assert found.recipe["stages.sft.epochs"] == [1.0, 3.0]
    assert found.recipe["adapter.rank"] == [32, "(absent)"]
    assert found.recipe["adapter"] == ["(absent)", None]
    assert "seed" not in found.recipe
    assert found.metrics["sft: loss"] == [2.0, 4.0]
    assert found.metrics["rl: reward"] == [0.75, None]
    assert found.figures["rl: held_out_peak"] == [Figure(0.5, 0.25, 0.75, 20), None]
    assert json.loads(json.dumps(found.to_dict()))["figures"]["rl: held_out_peak"][1] is None


def test_a_comparison_needs_two_runs(trained):
    with pytest.raises(ConfigError, match="two runs"):
        compare_runs([trained.path])
    with pytest.raises(ConfigError, match="no run"):
        compare_runs([trained.path, trained.path / "nothing"])


def test_a_recipe_that_was_broken_by_hand_is_named(runs, trained):
    (trained.path / "recipe.yaml").write_text("a: [")
    with pytest.raises(ConfigError, match="not YAML"):
        compare_runs([trained.path, made(runs, "second").path])


def test_a_run_is_removed_whole(trained, runs):
    (trained.path / "sft").mkdir()
    (trained.path / "sft" / "data.jsonl").write_text("x")
    remove_run("runs/first")
    assert list(runs.iterdir()) == []


def test_what_is_no_run_is_not_removed(runs, tmp_path):
    runs.mkdir()
    for name in ("recipe.yaml", "notes.txt"):
        (runs / name).write_text("mine")
    with pytest.raises(ConfigError, match="no run, and was not removed"):
        remove_run(runs)
    with pytest.raises(ConfigError, match="no run, and was not removed"):
        remove_run(tmp_path / "nothing")
    assert (runs / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("way", ["link", "linked/first"])
def test_nothing_is_removed_through_a_link(trained, runs, tmp_path, way):
    (tmp_path / "link").symlink_to(trained.path)
    (tmp_path / "linked").symlink_to(runs)
    with pytest.raises(ConfigError, match=r"symbolic link.*runs/first"):
        remove_run(way)
    assert (trained.path / "run.json").is_file()


def test_a_link_inside_a_run_is_removed_and_not_followed(trained, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("mine")
    os.symlink(precious, trained.path / "link")
    remove_run(trained.path)
    assert not trained.path.exists()
    assert (precious / "file").read_text() == "mine"


def test_a_run_that_is_training_is_not_removed(trained):
    with trained.lock(), pytest.raises(ConfigError, match="a process trains"):
        remove_run(trained.path)
    assert (trained.path / "run.json").is_file()
