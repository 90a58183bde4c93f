"""The benchmarks run and report in the agreed form; the agent loop's installs exactly what it names."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def test_agent_overhead_measures_ours_alone_and_ends_with_its_figure():
    few = ["--without-peers", "--rounds", "1", "--turns", "3", "--sessions", "5"]
    command = [sys.executable, BENCHMARKS / "agent_overhead.py", *few]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    last = re.fullmatch(
        r"agent_overhead: ([\d.]+) ms a turn with one tool call \(target 1 ms\)", done.stdout.splitlines()[-1]
    )
    assert last, done.stderr
    assert done.returncode == (0 if float(last[1]) <= 1 else 1)


@pytest.mark.slow
def test_the_solver_is_measured_beside_sympy_and_a_process_for_each_call():
    command = [sys.executable, BENCHMARKS / "solver.py", "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = {line[:22].strip(): line.split()[-3:] for line in done.stdout.splitlines()[2:6]}
    assert list(rows) == ["pool", "own, in process", "SymPy, written out", "SymPy, call alone"], done.stderr
    assert all(0 < float(p50) <= float(p90) <= float(p99) for p50, p90, p99 in rows.values())
    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(r"solver: [+-][\d.]+ ms over in-process SymPy, median \(target: at most \+2 ms\)", last)


def test_the_peers_are_pinned_and_none_of_them_brings_torch():
    lines = (BENCHMARKS / "peers" / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", pin) for pin in pins)
    names = {pin.split("==")[0].lower() for pin in pins}
    assert {"smolagents", "openai-agents", "pydantic-ai-slim"} <= names
    assert not {name for name in names if name.startswith(("torch", "nvidia", "triton", "pericles"))}


@pytest.mark.slow
def test_a_reward_model_is_trained_beside_trl_s_on_the_same_rankings():
    command = [sys.executable, BENCHMARKS / "training.py", "--repeats", "1", "--only", "reward"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert lines[0] == "reward: rankings/s, median (spread)", done.stderr
    ours, theirs = (float(line.split()[1]) for line in lines[1:3])
    last = re.fullmatch(r"training: reward ([\d.]+) times TRL \(target 6\)", lines[-1])
    assert float(last[1]) == pytest.approx(ours / theirs, rel=0.1)
    assert done.returncode == (0 if ours / theirs >= 6 else 1)


@pytest.mark.slow
def test_bad_judges_do_no_harm_and_good_ones_help():
    done = subprocess.run([sys.executable, BENCHMARKS / "feedback.py"], capture_output=True, text=True, check=False)
    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(
        r"feedback: clean judge within 0\.0\d+ of the best \(target 0\.05\), adversarial judge off in 100%", last
    ), done.stderr
    assert done.returncode == 0
