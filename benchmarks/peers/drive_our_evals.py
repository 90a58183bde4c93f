"""Runs our evaluations for `benchmarks/evals.py`: a suite's name in, seconds and answers out."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pericles.evals import Report, evaluate_async
from pericles.evals.adapters import load_public
from pericles.policies import load_policy

FOLDERS = {"mmlu": "mmlu", "truthfulqa-mc1": "truthfulqa", "gsm8k": "gsm8k"}


def answers(report: Report, folder: Path, samples: list[Any]) -> dict[str, Any]:
    """The choice, or the text, of each sample, by its place in the file."""
    places = {sample.id: place for place, sample in enumerate(samples)}
    found: dict[str, Any] = {}
    logprobs: dict[str, Any] = {}
    for line in (folder / "samples.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        key = str(places[record["id"]])
        if "scores" in record:
            logprobs[key] = record["scores"]["logprobs"]
            found[key] = logprobs[key].index(max(logprobs[key]))
        else:
            found[key] = record["turns"][0][-1]["output"]
    whole = report.suites[0].estimate()
    return {"answers": found, "logprobs": logprobs, "score": 0.0 if whole is None else whole.mean}


async def main(model: str, data: Path) -> None:
    policy = load_policy(f"dir:{model}", dtype="float32")
    print("ready", flush=True)
    for line in sys.stdin:
        name = line.strip()
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            suite = load_public(name, data / FOLDERS[name], form="completion")
            report = await evaluate_async(suite, policy, out=folder)
            seconds = time.perf_counter() - start
            print(json.dumps({"seconds": seconds, **answers(report, Path(folder), list(suite.samples))}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
