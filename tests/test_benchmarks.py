"""The benchmark of the agent loop runs, reports in the agreed form, and installs exactly what it names."""

import re
import subprocess
import sys
from pathlib import Path

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


def test_the_peers_are_pinned_and_none_of_them_brings_torch():
    lines = (BENCHMARKS / "peers" / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", pin) for pin in pins)
    names = {pin.split("==")[0].lower() for pin in pins}
    assert {"smolagents", "openai-agents", "pydantic-ai-slim"} <= names
    assert not {name for name in names if name.startswith(("torch", "nvidia", "triton", "pericles"))}
