"""What the agent loop itself costs: time for each turn and each tool call, memory for each idle session.

    .venv/bin/python benchmarks/agent_overhead.py [--rounds 9] [--turns 40] [--sessions 1000]
        [--without-peers] [--json FILE]

No model runs. Every framework is driven by a fake model that answers at once, in a process of its own, through the
same conversation with the same tool, in rounds that alternate (ours, A, B, C, C, B, A, ours, ...); the first turns of
each round warm up and are thrown away. Printed are the median over the rounds of each round's median turn, and the
quartiles of the rounds. The peers are installed from the package index, at the versions in `peers/requirements.txt`,
into an environment in the cache folder; without a network ours alone is measured.

In favour of the peers: their fake models hand over prepared calls, while ours is read from text as a model writes it;
their conversations are bare lists where they have them; tracing and console output are off. smolagents has no async
tools: its figures beside "async tool" are with the plain one, called directly in its thread.

The last line is the slowest of our medians for a turn with one call (async tool, sync tool, streamed); the exit code is
1 when it misses its target. Not measured here: a model's own time, many sessions at once, stores on a disk.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from peers.environment import AGENTS, peers_python
from peers.rounds import IDLE_MESSAGES, Scenario
from pericles.tools import ConfigError

PEERS = Path(__file__).with_name("peers")
TARGET_MS = 1.0
WARM_UP = 10

OURS = "pericles"
DRIVERS = {
    OURS: "drive_pericles.py",
    "smolagents": "drive_smolagents.py",
    "openai-agents": "drive_openai_agents.py",
    "pydantic-ai": "drive_pydantic_ai.py",
}
ONE_CALL = "one call, async tool"
MORE_CALLS = 5
SCENARIOS = {
    "no tool": Scenario(calls=0),
    "no tool, streamed": Scenario(calls=0, streamed=True),
    ONE_CALL: Scenario(),
    f"{ONE_CALL}, streamed": Scenario(streamed=True),
    "one call, sync tool": Scenario(sync_tool=True),
    f"{MORE_CALLS} calls, one after another": Scenario(calls=MORE_CALLS),
    f"{MORE_CALLS} calls, side by side": Scenario(calls=MORE_CALLS, together=True),
}


class Driver:
    """A process that holds one framework; see `peers/rounds.py`."""

    def __init__(self, name: str, python: Path) -> None:
        self.name = name
        self._stderr = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [str(python), str(PEERS / DRIVERS[name])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )
        self.version: str = self._answer()["version"]

    def order(self, **order: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._stderr.close()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._stderr.seek(0)
            raise SystemExit(f"{self.name} failed:\n{self._stderr.read()[-2000:]}")
        return json.loads(line)


def drivers(with_peers: bool) -> list[Driver]:
    """Ours, and the peers where they can be had."""
    python: Path | None = None
    if with_peers:
        try:
            python = peers_python("agent-peers", "requirements.txt", AGENTS, "200 MB")
        except (ConfigError, OSError) as error:
            print(f"NOTE: ours alone is measured: {error}\n")
    others = [Driver(name, python) for name in DRIVERS if name != OURS] if python is not None else []
    return [Driver(OURS, Path(sys.executable)), *others]


def measure(running: list[Driver], rounds: int, turns: int) -> dict[str, dict[str, list[float]]]:
    """Milliseconds: the median turn of each round, by scenario and framework."""
    medians: dict[str, dict[str, list[float]]] = {
        scenario: {driver.name: [] for driver in running} for scenario in SCENARIOS
    }
    for number in range(rounds):
        # There and back, so that nobody always comes after the same one.
        for driver in running if number % 2 == 0 else running[::-1]:
            for name, scenario in SCENARIOS.items():
                times = driver.order(scenario=asdict(scenario), turns=turns, warm_up=WARM_UP)
                medians[name][driver.name].append(statistics.median(times) * 1000)
    return medians


def idle_memory(with_peers: bool, sessions: int) -> dict[str, float]:
    """Kilobytes of one idle session, each kind in a fresh process."""
    kinds = [(OURS, "InMemorySession"), (OURS, "SQLiteSession")]
    python = Path(sys.executable)
    if with_peers:
        python = peers_python("agent-peers", "requirements.txt", AGENTS, "200 MB")
        kinds += [(name, "") for name in DRIVERS if name != OURS]
    found: dict[str, float] = {}
    for name, store in kinds:
        driver = Driver(name, Path(sys.executable) if name == OURS else python)
        label = f"{name}, {store}" if store else f"{name}, {_kept(name)}"
        found[label] = driver.order(store=store, sessions=sessions) / 1024
        driver.close()
    return found


def _kept(name: str) -> str:
    return "its agent" if name == "smolagents" else "list of messages"


def spread(values: list[float]) -> str:
    low, middle, high = quartiles(values)
    return f"{middle:6.2f} ({low:.2f}-{high:.2f})"


def quartiles(values: list[float]) -> tuple[float, float, float]:
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def machine() -> str:
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":", 1)[1] for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = f"{names[0].strip()}, {len(names)} cores" if names else cpu
    pydantic = importlib.metadata.version("pydantic")
    return f"{cpu}; Python {platform.python_version()}; pydantic {pydantic} (ours); {platform.system()}"


def print_times(names: list[str], medians: dict[str, dict[str, list[float]]]) -> None:
    print(f"  {'':<32}" + "".join(f"{name:>22}" for name in names))
    for scenario, by_name in medians.items():
        print(f"  {scenario:<32}" + "".join(f"{spread(by_name[name]):>22}" for name in names))
    more = {"each further step with a call": "one after another", "each further call beside": "side by side"}
    for words, how in more.items():
        several = medians[f"{MORE_CALLS} calls, {how}"]
        # Differences within a round, because rounds differ by more than a call takes.
        each = {
            name: [(b - a) / (MORE_CALLS - 1) for a, b in zip(medians[ONE_CALL][name], several[name], strict=True)]
            for name in names
        }
        print(f"  {words:<32}" + "".join(f"{spread(each[name]):>22}" for name in names))


def ratios(mine: list[float], theirs: list[float]) -> float:
    return statistics.median(their / my for my, their in zip(mine, theirs, strict=True))


def main(arguments: argparse.Namespace) -> int:
    running = drivers(not arguments.without_peers)
    with_peers = len(running) > 1
    medians = measure(running, arguments.rounds, arguments.turns)
    versions = {driver.name: driver.version for driver in running}
    for driver in running:
        driver.close()
    memory = idle_memory(with_peers, arguments.sessions)

    print(f"agent overhead on {machine()}")
    print("  " + ", ".join(f"{name} {version}" for name, version in versions.items()))
    print(f"  milliseconds a turn: median of {arguments.rounds} rounds of {arguments.turns} turns (their quartiles)")
    print_times(list(versions), medians)
    print(f"  kilobytes of one idle session of {IDLE_MESSAGES} messages, mean of {arguments.sessions}")
    for kind, kilobytes in memory.items():
        print(f"  {kind:<32}{kilobytes:>20.1f}")
    one_call = [by_name for scenario, by_name in medians.items() if scenario.startswith("one call")]
    ours = round(max(statistics.median(by_name[OURS]) for by_name in one_call), 2)
    for name in list(versions)[1:]:
        least = min(ratios(by_name[OURS], by_name[name]) for by_name in one_call)
        print(f"  {name}: at least {least:.1f} times ours for a turn with one call")
    if arguments.json is not None:
        report = {"machine": machine(), "versions": versions, "milliseconds": medians, "idle_kilobytes": memory}
        cast("Path", arguments.json).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"agent_overhead: {ours:.2f} ms a turn with one tool call (target {TARGET_MS:g} ms)")
    return 0 if ours <= TARGET_MS else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Time a turn and memory an idle session, beside other frameworks.")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--turns", type=int, default=40, help="timed turns of each kind in a round")
    parser.add_argument("--sessions", type=int, default=1000, help="idle sessions whose memory is measured")
    parser.add_argument("--without-peers", action="store_true", help="measure ours alone; nothing is installed")
    parser.add_argument("--json", type=Path, help="also write every round's figures to this file")
    sys.exit(main(parser.parse_args()))
