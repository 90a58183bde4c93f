"""Runs lm-evaluation-harness for `benchmarks/evals.py`: a suite's name in, seconds and answers out.

The tasks are the harness's own, prompts included; only where their records come from is changed, from the hub to local
files, and that examples are the first ones rather than drawn.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


def local(task: str, index: Any, data: Path, splits: dict[str, list[dict[str, Any]]], **more: Any) -> str:
    """The file of a task that is the harness's own, on these records."""
    files: dict[str, str] = {}
    for split, records in splits.items():
        file = data / f"{task}-{split}.jsonl"
        file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        files[split] = str(file)
    changed = {
        "include": str(index[task].yaml_path),
        "task": task,
        "dataset_path": "json",
        "dataset_name": None,
        "dataset_kwargs": {"data_files": files},
        "fewshot_config": {"sampler": "first_n"},
        **more,
    }
    place = data / f"{task}.yaml"
    place.write_text(json.dumps(changed), encoding="utf-8")
    return str(place)


def mmlu(data: Path, index: Any) -> list[str]:
    """One task for each subject."""
    dev, test = rows(data / "mmlu" / "dev.jsonl"), rows(data / "mmlu" / "test.jsonl")
    tasks: list[str] = []
    for subject in dict.fromkeys(row["subject"] for row in test):
        splits = {
            name: [row for row in records if row["subject"] == subject]
            for name, records in (("dev", dev), ("test", test))
        }
        tasks.append(local(f"mmlu_{subject}", index, data, splits, num_fewshot=5))
    return tasks


def mc1(data: Path, index: Any) -> list[str]:
    def shaped(row: dict[str, Any]) -> dict[str, Any]:
        targets = row["mc1_targets"]
        return {
            "question": row["question"],
            "mc1_targets": {"choices": list(targets), "labels": list(targets.values())},
        }

    records = [shaped(row) for row in rows(data / "truthfulqa" / "mc_task.jsonl")]
    return [local("truthfulqa_mc1", index, data, {"validation": records})]


def gsm8k(data: Path, index: Any) -> list[str]:
    splits = {split: rows(data / "gsm8k" / f"{split}.jsonl") for split in ("train", "test")}
    return [local("gsm8k", index, data, splits)]


def answers(samples: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The choice, or the text, of each sample, by its place in the file."""
    found: dict[str, Any] = {}
    logprobs: dict[str, Any] = {}
    place = 0
    for records in samples.values():
        # A sample stands there once for each filter of its answer.
        for record in {one["doc_id"]: one for one in sorted(records, key=lambda one: one["doc_id"])}.values():
            responses = record["resps"]
            if isinstance(responses[0][0], str):
                found[str(place)] = responses[0][0]
            else:
                logprobs[str(place)] = [float(response[0][0]) for response in responses]
                found[str(place)] = logprobs[str(place)].index(max(logprobs[str(place)]))
            place += 1
    return {"answers": found, "logprobs": logprobs}


def main(model: str, data: Path, batch: str) -> None:
    import lm_eval
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    batch_size = int(batch) if batch.isdigit() else batch
    loaded = HFLM(pretrained=model, dtype="float32", device="cpu", batch_size=batch_size)
    manager = TaskManager()
    print("ready", flush=True)
    for line in sys.stdin:
        made = {"mmlu": mmlu, "truthfulqa-mc1": mc1, "gsm8k": gsm8k}[line.strip()](data, manager.task_index)
        start = time.perf_counter()
        results = lm_eval.simple_evaluate(
            model=loaded, tasks=made, task_manager=manager, log_samples=True, bootstrap_iters=0, random_seed=0
        )
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, **answers(results["samples"])}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
