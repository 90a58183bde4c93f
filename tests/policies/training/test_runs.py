"""A run's folder: what it keeps, who may write it, and what a killed process leaves."""

import hashlib
import json
import math
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import yaml
from pericles.policies.training.recipe import load_recipe, parse_recipe
from pericles.policies.training.runs import RunFolder, written_out
from pericles.policies.training.runs.environment import environment
from pericles.tools import ConfigError

RECIPE = {"name": "small", "stages": [{"kind": "sft", "data": [{"source": "generated", "rows": 5}]}]}
HOLD = """
import sys, time
from pericles.policies.training.runs import RunFolder
with RunFolder(sys.argv[1]).lock():
    print("held", flush=True)
    time.sleep(60)
"""


def recipe(**changes):
    return parse_recipe(RECIPE | changes)


@pytest.fixture
def run(tmp_path):
    return RunFolder(tmp_path / "runs" / "small").create(recipe())


def line(step, **figures):
    return {"stage": "sft", "step": step, "of": 10, "seconds": 1.5 * step, **figures}


def test_a_new_run_holds_its_recipe_with_every_default(run):
    assert load_recipe(run.path / "recipe.yaml") == recipe()
    assert yaml.safe_load(run.recipe_text)["stages"][0]["schedule"] == "cosine"
    about = run.read()
    assert (about["name"], about["base"], about["seed"], about["error"]) == ("small", "smollm2-135m", 7, None)
    assert about["recipe_sha256"] == hashlib.sha256((run.path / "recipe.yaml").read_bytes()).hexdigest()
    assert about["created"].endswith("Z")


def test_the_same_recipe_goes_on_and_another_is_refused(run):
    run.update(stages=[{"name": "sft"}])
    assert RunFolder(run.path).create(recipe()).read()["stages"] == [{"name": "sft"}]
    with pytest.raises(ConfigError, match=r"another recipe.*--out"):
        RunFolder(run.path).create(recipe(seed=8))
    assert run.recipe_text == written_out(recipe())


def test_a_run_whose_making_was_killed_is_made(run):
    (run.path / "run.json").unlink()
    assert RunFolder(run.path).create(recipe()).read()["name"] == "small"


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(ConfigError, match="no run"):
        RunFolder(tmp_path).create(recipe())
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_that_cannot_be_written_is_the_users_mistake(tmp_path):
    (tmp_path / "file").write_text("")
    for act in (lambda run: run.create(recipe()), lambda run: run.lock().__enter__()):
        with pytest.raises(ConfigError, match="cannot be written"):
            act(RunFolder(tmp_path / "file" / "run"))


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "no JSON"), ("[1]", "JSON object"), ('{"stages": 3}', "stages"), ("\xff", "no JSON"), ("[" * 99999, "JSON")],
)
def test_a_broken_run_is_named(run, text, said):
    (run.path / "run.json").write_text(text, encoding="latin-1")
    with pytest.raises(ConfigError, match=said):
        RunFolder(run.path).open()


def test_what_is_no_run_is_said(tmp_path):
    with pytest.raises(ConfigError, match="no run"):
        RunFolder(tmp_path / "nothing").open()
    with pytest.raises(ConfigError, match=r"recipe\.yaml"):
        RunFolder(tmp_path).open()


def test_an_update_keeps_the_rest_and_never_leaves_half_a_file(run):
    before = run.read()
    run.update(status="finished", policy={"kind": "adapter", "sha256": "ab"})
    after = run.read()
    assert after == before | {
        "status": "finished",
        "policy": {"kind": "adapter", "sha256": "ab"},
        "updated": after["updated"],
    }
    (run.path / ".run.json.new").write_text("{half")
    assert run.open().status == "finished"


def test_metrics_are_strict_json_whatever_is_logged(run):
    run.append_metrics(line(1, loss=np.float32(0.5), kl=math.nan, grad_norm=math.inf, note="nan", tokens=np.int64(3)))
    (text,) = (run.path / "metrics.jsonl").read_text().splitlines()
    found = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert found == line(1, loss=0.5, kl=None, grad_norm=None, note="nan", tokens=3)


def test_metrics_of_one_stage(run):
    run.append_metrics(line(1))
    run.append_metrics({"stage": "rl", "step": 1})
    assert [found["stage"] for found in run.metrics()] == ["sft", "rl"]
    assert run.metrics("rl") == [{"stage": "rl", "step": 1}]
    assert run.samples() == []


@pytest.mark.parametrize("torn", ['{"stage": "sft", "st', '{"stage": "sft", "note": "\udce2', "3"])
def test_a_torn_last_line_is_passed_over_and_not_written_on(run, torn):
    run.append_metrics(line(1))
    with (run.path / "metrics.jsonl").open("ab") as file:
        file.write(torn.encode("utf-8", "surrogateescape"))
    assert run.metrics() == [line(1)]
    run.append_metrics(line(2))
    assert run.metrics() == [line(1), line(2)]


def test_a_last_line_that_only_lacks_its_end_is_kept(run):
    (run.path / "metrics.jsonl").write_text(json.dumps(line(1)))
    run.append_metrics(line(2))
    assert run.metrics() == [line(1), line(2)]


def test_a_broken_line_in_the_middle_is_named(run):
    (run.path / "metrics.jsonl").write_text('{"step": 1}\nnonsense\n{"step": 2}\n')
    with pytest.raises(ConfigError, match="line 2 is no JSON object: 'nonsense'"):
        run.metrics()


def test_resuming_forgets_what_came_after_the_checkpoint(run):
    for step in range(1, 6):
        run.append_metrics(line(step))
        run.append_sample({"stage": "sft", "step": step, "messages": [], "reward": 1.0})
    run.append_metrics({"stage": "rl", "step": 9})
    with (run.path / "samples.jsonl").open("a") as file:
        file.write('{"torn')
    run.drop_metrics_after("sft", 3)
    assert [(found["stage"], found["step"]) for found in run.metrics()] == [
        ("sft", 1),
        ("sft", 2),
        ("sft", 3),
        ("rl", 9),
    ]
    assert [found["step"] for found in run.samples("sft")] == [1, 2, 3]
    run.drop_metrics_after("sft", -1)
    assert run.metrics("sft") == run.samples() == []


def test_one_process_trains_at_a_time_and_a_killed_one_is_seen(run):
    assert run.status == "killed"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, run.path], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        assert run.status == "running"
        with pytest.raises(ConfigError, match="another process trains"), run.lock():
            pass
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    assert run.status == "killed"
    with run.lock():
        assert run.status == RunFolder(run.path).status == "running"
    run.update(status="stopped")
    assert run.status == "stopped"


def test_the_environment_tells_versions_and_nothing_of_whose_machine_it_is(monkeypatch):
    monkeypatch.setenv("SECRET_OF_THIS_TEST", "s3cret-value")
    found = environment()
    text = json.dumps(found)
    assert set(found["versions"]) == {"torch", "transformers", "trl", "peft", "accelerate", "datasets", "pericles"}
    assert all(found["versions"].values())
    assert found["memory_bytes"] > 2**20
    assert found["cpu"]["count"] >= 1
    for private in ("s3cret-value", os.uname().nodename, os.getcwd(), os.path.expanduser("~")):
        assert len(private) < 3 or private not in text


def test_the_environment_does_not_load_torch():
    code = (
        "import sys\nfrom pericles.policies.training.runs.environment import environment\n"
        "before = 'torch' in sys.modules\nassert environment()['threads'] is None or before\n"
        "assert ('torch' in sys.modules) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
