"""Recipes are checked at the door."""

from pathlib import Path

import pytest
from pericles.policies.training.recipe import load_recipe, parse_recipe
from pericles.tools import ConfigError

RECIPES = Path(__file__).parents[2] / "recipes"


def test_the_shipped_recipe_is_valid():
    recipe = load_recipe(RECIPES / "default.yaml")
    assert recipe.name == "default"
    assert recipe.base == "smollm2-135m"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"name": "a", "stages": [{"learning_rat": 1}]}, "learning_rate"),
        ({"name": "a", "stags": []}, "stages"),
        ({"name": "a", "stages": [{}], "adapter": {"rnak": 3}}, "rank"),
        ({"name": "a", "stages": [{"rows": 0}]}, "rows"),
        ({"name": "a", "stages": [{}, {}]}, "two stages"),
        ({"name": "a", "stages": [{"kind": "rl"}]}, "kind"),
    ],
)
def test_a_mistake_is_named_with_what_was_meant(value, said):
    with pytest.raises(ConfigError, match=said):
        parse_recipe(value)


@pytest.mark.parametrize(("text", "said"), [("a: [", "not YAML"), ("- a", "mapping"), (None, "cannot be read")])
def test_an_unreadable_file_is_one_clear_error(tmp_path, text, said):
    path = tmp_path / "recipe.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        load_recipe(path)
