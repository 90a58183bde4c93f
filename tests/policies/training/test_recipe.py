"""Recipes are checked at the door."""

from pathlib import Path

import pytest
from pericles.policies.training.recipe import load_recipe, parse_recipe
from pericles.tools import ConfigError

RECIPES = Path(__file__).parents[3] / "recipes"
MADE = {"source": "generated", "rows": 3}
SFT = {"kind": "sft", "data": [MADE]}
RL = {"kind": "rl", "prompts": [MADE], "rewards": {"answer": 1.0}}


@pytest.mark.parametrize("file", sorted(RECIPES.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_shipped_recipes_are_valid(file):
    recipe = load_recipe(file)
    assert recipe.name == file.stem
    assert recipe.base == "smollm2-135m"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"stages": [SFT | {"learning_rat": 1}]}, "learning_rate"),
        ({"stags": []}, "stages"),
        ({"stages": [SFT], "adapter": {"rnak": 3}}, "rank"),
        ({"stages": [{"kind": "sft", "data": [MADE | {"row": 4}]}]}, "rows"),
        ({"stages": [{"kind": "sft", "data": [MADE | {"rows": 0}]}]}, "rows"),
        ({"stages": [SFT, SFT]}, "two stages"),
        ({"stages": [{"kind": "sfd"}]}, "did you mean 'sft'"),
        ({"stages": [{"data": [MADE]}]}, "kind"),
        ({"stages": [{"kind": "sft", "data": [{"source": "jsonn"}]}]}, "did you mean 'jsonl'"),
        ({"stages": [{"rounds": 2, "stages": [SFT | {"epoch": 3}]}]}, "did you mean 'epochs'"),
        ({"stages": [{"rounds": 2, "stagse": [SFT]}]}, "did you mean 'stages'"),
        ({"stages": [RL | {"rewards": {"anwser": 1}}]}, "did you mean 'answer'"),
        ({"stages": [RL | {"generations": 1}]}, "at least 2"),
        ({"stages": [RL | {"algorithm": "ppo", "iterations": 1}]}, "iterations"),
        ({"stages": [RL | {"live_as": "shaping"}]}, "live_as: shaping needs"),
        (
            {"stages": [RL | {"live_as": "shaping", "algorithm": "ppo", "iterations": 2, "rewards": {"live": 1}}]},
            "another reward than live",
        ),
        ({"stages": [RL | {"prompts_per_step": 3, "minibatches": 2}]}, "divisible"),
        ({"stages": [SFT | {"learning_rate": float("nan")}]}, "finite"),
        ({"stages": [SFT | {"learning_rate": float("inf")}]}, "finite"),
        ({"stages": [7]}, "dictionary"),
        ({"stages": []}, "at least 1"),
        ({"stages": [{"kind": "reward", "data": [{"source": "sampled", "prompts": [MADE], "replies": 10}]}]}, "9"),
    ],
)
def test_a_mistake_is_named_with_what_was_meant(value, said):
    with pytest.raises(ConfigError, match=said):
        parse_recipe({"name": "a"} | value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a: [", "not YAML"),
        (b"- a", "mapping"),
        (None, "cannot be read"),
        (b"name: \xff\xfe", "UTF-8"),
        (b"&a [*a]", "mapping"),
    ],
)
def test_an_unreadable_file_is_one_clear_error(tmp_path, data, said):
    path = tmp_path / "recipe.yaml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ConfigError, match=said):
        load_recipe(path)


def test_rounds_are_written_out():
    recipe = parse_recipe(
        {"name": "a", "stages": [SFT, {"rounds": 2, "stages": [RL, {"kind": "evaluate", "name": "look"}]}]}
    )
    assert [name for name, _ in recipe.steps()] == ["sft", "rl-1", "look-1", "rl-2", "look-2"]


def test_values_are_changed_by_name_number_or_kind():
    recipe = load_recipe(RECIPES / "default.yaml", {"stages.sft.epochs": 2, "stages.0.data.0.rows": 9, "adapter": None})
    assert recipe.stages[0].epochs == 2
    assert recipe.stages[0].data[0].rows == 9
    assert recipe.adapter is None


@pytest.mark.parametrize("path", ["stages.rl.steps", "stages.7.epochs", "name.a"])
def test_a_change_that_leads_nowhere_is_refused(path):
    with pytest.raises(ConfigError, match=path.split(".")[1]):
        load_recipe(RECIPES / "default.yaml", {path: 1})
