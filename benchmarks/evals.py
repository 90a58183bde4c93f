"""Ours beside lm-evaluation-harness: the same samples, model and dtype, sample by sample.

    .venv/bin/python benchmarks/evals.py [--data FOLDER] [--subjects 5] [--questions 12] [--mc1 40] [--gsm8k 6]
        [--batch 1] [--json FILE]

MMLU with five shots, TruthfulQA MC1 and GSM8K with five shots, asked as bare texts of the base policy through
`transformers` in float32, once by lm-evaluation-harness (at the version in `peers/evals.txt`, installed into an
environment of its own in the cache folder) and once by ours, each in a process of its own that has loaded the model
before its clock starts. The two read the same records, cut from the public files in FOLDER (`mmlu`, `truthfulqa`,
`gsm8k` as published; PERICLES_TEST_DATA by default). Answers must be the same sample by sample; where they are not,
both log-likelihoods are shown, and only a near-tie (less than 0.001 apart) is passed over.

The last line is how many times as fast ours is where texts share their start (the slower of MMLU and MC1), and the
exit code is 1 when that misses 1.5, when GSM8K is slower than the harness's, or when an answer differs. Not measured:
GPUs, bfloat16, larger batches of the harness (its default of one sample at a time is kept for GSM8K and its own
batching of choices for the others; `--batch` changes both).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from peers.environment import EVALS, peers_python
from pericles.policies.engines.weights import transformers_folder
from pericles.tools import ConfigError

PEERS = Path(__file__).with_name("peers")
TARGET = 1.5
NEAR_TIE = 1e-3
SHARED = ("mmlu", "truthfulqa-mc1")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = os.environ.get("PERICLES_TEST_DATA", str(Path(__file__).parents[2] / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--subjects", type=int, default=5)
    parser.add_argument("--questions", type=int, default=12)
    parser.add_argument("--mc1", type=int, default=40)
    parser.add_argument("--gsm8k", type=int, default=6)
    parser.add_argument("--batch", default="1")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not (options.data / "mmlu").is_dir():
        print(f"evals: not measured: {options.data} has no mmlu, truthfulqa and gsm8k; name their folder with --data")
        return 1
    try:
        python = peers_python("evals-peer", "evals.txt", EVALS, "1.5 GB")
    except ConfigError as error:
        print(f"evals: not measured: {error}")
        return 1
    model = transformers_folder("smollm2-135m")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        cut(options.data, place, options)
        theirs = started([str(python), str(PEERS / "drive_lm_eval.py"), str(model), str(place), options.batch])
        ours = started([sys.executable, str(PEERS / "drive_our_evals.py"), str(model), str(place)])
        for name in (*SHARED, "gsm8k"):
            # One after the other: two cores are too few for both.
            for process in (theirs, ours):
                assert process.stdin is not None
                process.stdin.write(f"{name}\n")
                process.stdin.flush()
                line = process.stdout.readline() if process.stdout else ""
                if not line:
                    print(f"evals: a driver ended: {process.args}")
                    return 1
                RESULTS.setdefault(name, []).append(json.loads(line))
        for process in (theirs, ours):
            process.kill()
    return shown(options.json)


RESULTS: dict[str, list[dict[str, Any]]] = {}


def started(command: list[str]) -> subprocess.Popen[str]:
    """A driver that has loaded its model."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    assert process.stdout is not None
    if process.stdout.readline().strip() != "ready":
        raise SystemExit(f"evals: a driver did not start: {' '.join(command)}")
    return process


def cut(data: Path, place: Path, options: argparse.Namespace) -> None:
    """Writes the records that both read."""

    def rows(file: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]

    def write(name: str, records: list[dict[str, Any]]) -> None:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")

    mmlu = data / "mmlu"
    dev = rows(mmlu / "dev.jsonl")
    test = rows(next(file for file in sorted(mmlu.glob("test*.jsonl"))))
    subjects = list(dict.fromkeys(row["subject"] for row in test))
    # Spread over the alphabet, so that subjects of all kinds are among them.
    subjects = subjects[:: max(1, len(subjects) // options.subjects)][: options.subjects]
    write("mmlu/dev.jsonl", [row for row in dev if row["subject"] in subjects])
    picked = [
        row for subject in subjects for row in [one for one in test if one["subject"] == subject][: options.questions]
    ]
    write("mmlu/test.jsonl", picked)
    truth = rows(data / "truthfulqa" / "mc_task.jsonl")
    write("truthfulqa/mc_task.jsonl", truth[:: max(1, len(truth) // options.mc1)][: options.mc1])
    write("gsm8k/train.jsonl", rows(data / "gsm8k" / "train.jsonl")[:5])
    write("gsm8k/test.jsonl", rows(data / "gsm8k" / "test.jsonl")[: options.gsm8k])


def shown(file: Path | None) -> int:
    """Prints the table, and what differs."""
    print(f"{'':<16}{'samples':>8}{'lm-eval, s':>12}{'ours, s':>10}{'times':>8}{'same answers':>14}{'score':>8}")
    missed, ratios, differing = False, {}, 0
    for name, (theirs, ours) in RESULTS.items():
        same = 0
        for key, answer in theirs["answers"].items():
            mine = ours["answers"].get(key)
            if mine == answer or near_tie(theirs, ours, key):
                same += 1
            else:
                differing += 1
                print(f"  differs: {name} {key}: lm-eval {answer!r:.120}, ours {mine!r:.120}", file=sys.stderr)
        ratios[name] = theirs["seconds"] / ours["seconds"]
        n = len(theirs["answers"])
        print(
            f"{name:<16}{n:>8}{theirs['seconds']:>12.1f}{ours['seconds']:>10.1f}{ratios[name]:>8.2f}"
            f"{f'{same}/{n}':>14}{ours['score']:>8.3f}"
        )
        missed |= same < n or len(ours["answers"]) != n
    shared = min(ratios[name] for name in SHARED)
    missed |= shared < TARGET or ratios["gsm8k"] < 1
    if file is not None:
        file.write_text(json.dumps({"results": RESULTS, "ratios": ratios}, indent=1), encoding="utf-8")
    print(
        f"evals: {shared:.2f} times as fast as lm-evaluation-harness where prefixes are shared, {ratios['gsm8k']:.2f} "
        f"elsewhere, {differing} answers differ (target {TARGET}, 1, 0)"
    )
    return int(missed)


def near_tie(theirs: dict[str, Any], ours: dict[str, Any], key: str) -> bool:
    """Whether both hold the two best choices equally likely."""

    def gap(logprobs: list[float]) -> float:
        best = sorted(logprobs)[-2:]
        return best[1] - best[0]

    return all(key in side.get("logprobs", {}) and gap(side["logprobs"][key]) < NEAR_TIE for side in (theirs, ours))


if __name__ == "__main__":
    sys.exit(main())
