"""The adapter that ships is the one that its card describes."""

import json
from pathlib import Path

import pytest
import torch
from pericles.tools.wheels import sha256_of
from safetensors import safe_open

DEFAULT = Path(__file__).parents[3] / "policies" / "default"
ADAPTER = DEFAULT / "adapter_model.safetensors"


@pytest.fixture(scope="module")
def card():
    return (DEFAULT / "card.md").read_text(encoding="utf-8")


def test_the_adapter_is_at_most_20_mb_of_bfloat16():
    assert ADAPTER.stat().st_size <= 20_000_000
    with safe_open(ADAPTER, framework="pt") as weights:
        assert {weights.get_tensor(name).dtype for name in weights.keys()} == {torch.bfloat16}  # noqa: SIM118


def test_its_configuration_names_the_base_and_no_folder():
    config = json.loads((DEFAULT / "adapter_config.json").read_text(encoding="utf-8"))
    assert config["base_model_name_or_path"] == "smollm2-135m"
    assert config["r"] == 32


def test_the_card_tells_the_lineage(card):
    from pericles.policies.engines.weights import SMOLLM2_135M

    assert sha256_of(ADAPTER) in card
    assert SMOLLM2_135M.member_sha256 in card
