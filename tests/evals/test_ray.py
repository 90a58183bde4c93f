"""Shards on a Ray cluster of this machine alone."""

import pytest
from pericles.evals import evaluate
from pericles.evals.running.options import Options
from pericles.evals.running.ray_shards import evaluate_on_ray
from pericles.evals.suite_files import suite_from_dicts
from pericles.tools import ConfigError


@pytest.mark.slow
def test_shards_on_a_cluster_leave_what_one_run_leaves(tmp_path):
    items = [{"id": i, "prompt": f"{i}?", "expected": i} for i in range(23)]
    suite = suite_from_dicts({"name": "n", "scorer": "numeric", "items": items}, "n")
    (tmp_path / "script.yaml").write_text("- It is 1 or 7 or 11.\n")
    policy = f"script:{tmp_path / 'script.yaml'}"
    evaluate(suite, policy, out=tmp_path / "whole")
    told = []
    report = evaluate_on_ray(
        [suite],
        policy,
        tmp_path / "ray",
        shards=3,
        options=Options(),
        progress=lambda done, of: told.append((done, of)),
    )
    report.write(tmp_path / "ray" / "merged")
    merged = tmp_path / "ray" / "merged" / "scores.jsonl"
    assert merged.read_bytes() == (tmp_path / "whole" / "scores.jsonl").read_bytes()
    assert sorted(told) == [(1, 3), (2, 3), (3, 3)]
    # Finished shards are kept: nothing is started for them.
    told.clear()
    evaluate_on_ray(
        [suite], policy, tmp_path / "ray", shards=3, options=Options(), progress=lambda *now: told.append(now)
    )
    assert told == []


def test_a_cluster_that_is_not_there_is_told(tmp_path):
    suite = suite_from_dicts({"name": "n", "scorer": "nonempty", "items": [{"id": 1, "prompt": "x"}]}, "n")
    with pytest.raises(ConfigError, match="cannot be reached"):
        evaluate_on_ray([suite], "default", tmp_path, shards=1, options=Options(), address="127.0.0.1:1")
