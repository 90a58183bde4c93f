"""What is drawn and written of a run: pictures of its metrics and its model card."""

import io
import math
import re

import pytest
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt
from pericles.policies.training.recipe import parse_recipe
from pericles.policies.training.runs import RunFolder
from pericles.policies.training.runs.card import write_card
from pericles.policies.training.runs.plots import draw
from PIL import Image

RECIPE = {"name": "small", "stages": [{"kind": "sft", "data": [{"source": "generated", "rows": 5}]}]}
FIGURE = {"value": 0.8, "low": 0.7, "high": 0.9, "n": 50}
EVIL = "](http://evil.example) | <script> `x` # \x1b[31m\n---\nlicense: mit"


@pytest.fixture
def run(tmp_path):
    return RunFolder(tmp_path / "small").create(parse_recipe(RECIPE))


@pytest.mark.slow
def test_a_picture_for_each_quantity_that_occurs(run):
    for step in range(1, 9):
        run.append_metrics(
            {"stage": "sft", "step": step, "of": 8, "loss": 1 / step, "grad_norm": 1.0, "learning_rate": 1}
        )
    for step in range(1, 5):
        run.append_metrics({
            "stage": "rl", "step": step, "of": 4, "loss": 0.1, "reward": step, "rewards/answer/mean": 0.5,
            "rewards/answer/std": 0.1, "kl": 0.01, "entropy": 1.0, "completions/mean_length": 30.0, "ptx_loss": 3.0,
            "tools/calls": 1.0, "value/loss": 0.2, "value/explained_variance": -0.1, "held_out/gold": 0.5,
        })  # fmt: skip
    drawn = draw(run)
    assert [file.name for file in drawn] == [
        "loss.png", "reward.png", "kl-entropy.png", "length.png", "grad-norm.png", "held-out.png", "tools.png",
        "value.png", "ptx-loss.png",
    ]  # fmt: skip
    for file in drawn:
        image = Image.open(io.BytesIO(file.read_bytes())).convert("RGB")
        assert len(image.getcolors(1 << 24)) > 3
    assert sorted(file.name for file in (run.path / "plots").iterdir()) == sorted(file.name for file in drawn)
    before = [file.read_bytes() for file in drawn]
    assert [file.read_bytes() for file in draw(run)] == before


def test_pictures_bear_gaps_single_points_and_nonsense(run):
    run.append_metrics({"stage": "sft", "step": 1, "loss": math.nan, "reward": 1.0, "kl": "nan", "_grad_norm": 1})
    run.append_metrics({"stage": "sft", "step": 2, "loss": 1e308, "reward": None, "kl": True})
    run.append_metrics({"stage": "sft", "step": 3, "loss": -1e308, "rewards/$x_{/mean": 1.0})
    run.append_metrics({"stage": "sft", "loss": 1.0})
    run.append_metrics({"step": 1, "loss": 1.0})
    assert [file.name for file in draw(run)] == ["loss.png", "reward.png"]


def test_without_metrics_nothing_is_drawn(run):
    assert draw(run) == []
    assert not (run.path / "plots").exists()


def test_a_card_says_where_a_policy_comes_from_and_what_it_scored(run):
    run.update(
        status="finished",
        base_sha256="b" * 64,
        policy={"kind": "adapter", "sha256": "c" * 64},
        stages=[
            {"name": "sft", "kind": "sft", "steps": 12, "data": {"data.jsonl": "d" * 64}, "stage_seconds": 61.4},
            {
                "name": "evaluate", "kind": "evaluate", "prompts": 50, "data": {},
                "policies": {"base": FIGURE | {"value": 0.1}, "sft": FIGURE},
                "comparisons": [{"policy": "sft", "against": "base"} | FIGURE | {"value": 0.7}],
            },
        ],
        suites={
            "routing before": {"routing": FIGURE | {"value": 0.2}},
            "routing after": {"routing": FIGURE | {"value": 0.6}},
        },
    )  # fmt: skip
    card = ModelCard.load(write_card(run))
    assert card.data.base_model == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert (card.data.license, card.data.library_name, card.data.model_name) == ("apache-2.0", "peft", "small")
    # What the policies before it scored is in the text, and is not claimed of this one.
    assert [
        (one.dataset_name, one.metric_name, one.metric_value, one.metric_args) for one in card.data.eval_results
    ] == [
        ("evaluate", "score", 0.8, {"low": 0.7, "high": 0.9, "n": 50}),
        ("routing", "score", 0.6, {"low": 0.7, "high": 0.9, "n": 50}),
    ]
    for said in (
        "b" * 64, "c" * 64, "d" * 64, run.read()["recipe_sha256"], "| evaluate | sft | 0.8 [0.7, 0.9] | 50 |",
        "sft against base", "score before training", "| seed | 7 |", "| sft | sft | 61 |", "Apache-2.0", "torch",
        "pericles chat --policy run:DIR", "pericles train recipe.yaml",
    ):  # fmt: skip
        assert said in card.text
    assert "not finished" not in card.text


def test_a_card_of_an_unfinished_run_on_an_unknown_base_says_so(tmp_path):
    run = RunFolder(tmp_path / "run").create(parse_recipe(RECIPE | {"base": "hf:org/name"}))
    run.update(status="stopped", policy={"kind": "model", "sha256": "a" * 64})
    card = ModelCard.load(write_card(run))
    assert (card.data.base_model, card.data.license, card.data.library_name) == ("org/name", "unknown", "transformers")
    assert card.data.eval_results is None
    assert "not finished (stopped)" in card.text
    assert "unknown: see the base model" in card.text
    assert "Nothing was evaluated" in card.text


@pytest.mark.parametrize(
    "name", [EVIL, "](http://evil.example)", "[a](http://evil.example)", "http://evil.example", "a ``x`` @you"]
)
def test_names_never_become_markup(run, name):
    run.update(
        name=name,
        base=f"dir:{name}",
        stages=[{"name": name, "kind": "evaluate", "data": {name: name}, name: FIGURE, "seconds": 1}],
        suites={f"{name} after": {name: FIGURE}},
        environment={name: name},
    )
    card = ModelCard.load(write_card(run))
    assert card.data.license == "unknown"
    page = MarkdownIt("commonmark").enable("table").render(card.text)
    assert "<a " not in page
    # Where addresses become links by themselves, code does not.
    assert "http://" not in re.sub("<code>.*?</code>", "", page)
    assert "<script" not in page
    assert "\x1b" not in card.text
    assert page.count("<h1>") == 1
    assert page.count("<h2>") == 6
    assert page.count("<table>") == 4


def test_pictures_are_shown_on_the_card(run):
    run.append_metrics({"stage": "sft", "step": 1, "loss": 1.0})
    draw(run)
    (run.path / "plots" / "](x) .png").write_bytes(b"")
    text = write_card(run).read_text()
    assert "![loss](plots/loss.png)" in text
    assert text.count("![") == 1
