"""A recipe: what is trained on what, in which stages, from a YAML file that a user copies and edits.

Only supervised fine-tuning is here so far. A recipe is data: nothing in it is executed.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...tools import ConfigError


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AdapterRecipe(_Section):
    """A low-rank adapter on every linear layer (LoRA, Hu et al. 2021).

    Args:
        rank: rank of each update; 32 on SmolLM2-135M makes 19.5 MB in bfloat16.
        alpha: updates are scaled by alpha / rank.
        dropout: on the adapter's input while training.
    """

    rank: int = Field(default=32, ge=1, le=512)
    alpha: float = Field(default=64, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)


class SFTStage(_Section):
    """Supervised fine-tuning on generated conversations.

    Args:
        name: names the stage's folder in the run.
        seed: seeds the generator of the stage's data; stages with different seeds see different rows.
        rows: how many conversations are generated.
        mix: share of each kind of conversation; those not named get none. Empty: the generator's own mix.
        epochs: passes over the data.
        learning_rate: peak of the cosine schedule.
        warmup_ratio: share of the steps over which the learning rate rises.
        pack_tokens: length of one packed sequence in tokens (packing.py).
        packs_per_step: packs in one optimizer step.
        weight_decay: of AdamW.
        max_grad_norm: clips the gradient.
        save_minutes: a checkpoint at least this often, so that a killed run resumes.
    """

    kind: Literal["sft"] = "sft"
    name: str = Field(default="sft", pattern=r"^[a-z0-9][a-z0-9-]*$")
    seed: int = 1
    rows: int = Field(default=8000, ge=1)
    mix: dict[str, float] = Field(default_factory=dict)
    epochs: int = Field(default=1, ge=1)
    learning_rate: float = Field(default=5e-4, gt=0)
    warmup_ratio: float = Field(default=0.03, ge=0, lt=1)
    pack_tokens: int = Field(default=1024, ge=64)
    packs_per_step: int = Field(default=2, ge=1)
    weight_decay: float = Field(default=0.0, ge=0)
    max_grad_norm: float = Field(default=1.0, gt=0)
    save_minutes: float = Field(default=4.0, gt=0)


class Recipe(_Section):
    """One training job.

    Args:
        name: names the run.
        base: the policy that is trained: a name of the model cache or `dir:PATH`.
        seed: seeds the adapter's initial weights and the order of the data.
        threads: threads for the arithmetic; 0 leaves torch's own choice.
        adapter: the adapter that is trained.
        stages: in order; each continues from the adapter of the one before.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    base: str = "smollm2-135m"
    seed: int = 7
    threads: int = Field(default=0, ge=0)
    adapter: AdapterRecipe = AdapterRecipe()
    stages: list[SFTStage] = Field(min_length=1)


def load_recipe(path: Path | str) -> Recipe:
    """Reads and checks a recipe.

    Raises:
        ConfigError: the file cannot be read, or a key or value is wrong; names the nearest known key.
    """
    import yaml

    try:
        value = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"recipe {str(path)!r} cannot be read: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"recipe {str(path)!r} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(value, dict):
        raise ConfigError(f"recipe {str(path)!r} must be a mapping with the keys {', '.join(Recipe.model_fields)}.")
    return parse_recipe(value, where=f"recipe {str(path)!r}")


def parse_recipe(value: dict[str, Any], *, where: str = "recipe") -> Recipe:
    """Checks a recipe that is already data.

    Raises:
        ConfigError: a key or value is wrong.
    """
    try:
        recipe = Recipe.model_validate(value)
    except ValidationError as error:
        raise ConfigError(f"{where}: " + "; ".join(_explain(problem) for problem in error.errors())) from None
    names = [stage.name for stage in recipe.stages]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"{where}: two stages are called {twice[0]!r}; a stage's name is its folder.")
    return recipe


def _explain(problem: Any) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    if problem["type"] != "extra_forbidden":
        return f"{place}: {problem['msg']} (got {problem['input']!r})"
    known = _keys_at(problem["loc"])
    nearest = difflib.get_close_matches(str(problem["loc"][-1]), known, n=1, cutoff=0.0)
    return f"unknown key {place!r}; did you mean {nearest[0]!r}? Known: {', '.join(known)}"


def _keys_at(location: tuple[Any, ...]) -> list[str]:
    section: type[BaseModel] = Recipe
    if location[0] == "stages":
        section = SFTStage
    elif location[0] == "adapter" and len(location) > 1:
        section = AdapterRecipe
    return list(section.model_fields)
