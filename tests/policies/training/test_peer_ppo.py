"""Our PPO against the one that TRL had up to 1.12, on the toy whose optimum is known."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from test_policy_gradient import distance, trainer_of
from toy import distribution

pytestmark = pytest.mark.filterwarnings("default")  # transformers and TRL warn of their own deprecations

HERE = Path(__file__).parent
BETA, UPDATES, BATCH = 0.5, 150, 64


@pytest.mark.slow
def test_ours_and_trl_s_ppo_learn_the_same_policy(tmp_path):
    peer = tmp_path / "trl"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(peer), "trl==1.12.0"]
    subprocess.run(command, check=True)
    environment = os.environ | {"PYTHONPATH": f"{peer}{os.pathsep}{HERE}", "TRL_EXPERIMENTAL_SILENCE": "1"}
    command = [sys.executable, HERE / "peer_ppo.py", tmp_path / "toy", str(BETA), str(UPDATES), str(BATCH)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    theirs = {name: torch.tensor(values) for name, values in json.loads(done.stdout.splitlines()[-1]).items()}
    trainer = trainer_of("ppo", tmp_path, beta=BETA, steps=2 * UPDATES, rate=3e-3, iterations=2, batch=BATCH)
    assert torch.allclose(distribution(trainer.model), theirs["start"], atol=1e-6)
    trainer.train()
    ours = distribution(trainer.model)
    assert distance(theirs["start"], theirs["optimum"]) > 0.3
    assert distance(ours, theirs["optimum"]) < 0.05
    assert distance(theirs["end"], theirs["optimum"]) < 0.05
    assert distance(ours, theirs["end"]) < 0.05
