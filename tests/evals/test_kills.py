"""The real policy on llama.cpp, killed ten times at random moments: the same scores, to the last byte."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_kills_leave_the_scores_of_an_undisturbed_run(tmp_path):
    def start(folder):
        command = [sys.executable, "-m", "pericles.ui.command", "eval", "routing", "--limit", "20"]
        return subprocess.Popen([*command, "--out", str(tmp_path / folder)], start_new_session=True)

    assert start("calm").wait(600) == 0
    draw = random.Random(1)
    for _ in range(10):
        process = start("killed")
        time.sleep(draw.uniform(3, 8))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)
    assert start("killed").wait(600) == 0
    assert (tmp_path / "killed" / "scores.jsonl").read_bytes() == (tmp_path / "calm" / "scores.jsonl").read_bytes()
    # Not the scores alone: every reply is the same, word for word.
    assert replies(tmp_path / "killed") == replies(tmp_path / "calm")


def replies(folder):
    records = [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]
    assert len({record["id"] for record in records}) == len(records)
    return {record["id"]: [turn[-1]["output"] for turn in record["turns"]] for record in records}
