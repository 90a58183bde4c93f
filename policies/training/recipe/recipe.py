"""A recipe: what is trained on what, in which stages, from a YAML file that a user copies and edits.

A recipe is data: nothing in it is executed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, ValidationError, model_validator

from ....tools import ConfigError
from .data import EarlierStage
from .problems import explain
from .sections import Adapter, Budget, Section, SuiteChoice
from .stages import NAME, Rounds, Stage


def _step_kind(value: Any) -> str:
    has_rounds = isinstance(value, Rounds) or (isinstance(value, dict) and "rounds" in value)
    return "rounds" if has_rounds else "stage"


Step = Annotated[Annotated[Stage, Tag("stage")] | Annotated[Rounds, Tag("rounds")], Discriminator(_step_kind)]


class Recipe(Section):
    """One training job.

    Args:
        name: names the run.
        base: the policy that is trained: `smollm2-135m`, `default`, `dir:PATH`, `hf:ORG/NAME` or `run:RUN_DIR`.
        seed: of everything that is drawn: initial weights, order of the data, replies.
        threads: threads for the arithmetic; 0 leaves torch's own choice.
        adapter: the low-rank adapter that the stages train one after the other; `null` trains all weights.
        precision: `bf16` trains in bfloat16 autocast, `fp32` without; `auto` takes what multiplies faster here.
        gradient_checkpointing: computes states twice to hold fewer of them; slower, for large models.
        tools: what the agent has while replies are sampled: names of built-in or installed tools.
        instructions: the agent's system message; by default the one that the agent itself would have.
        budget: of the whole run.
        suites: run before the first stage and after the last, and compared.
        stages: in order; each continues from what the one before left.
    """

    name: str = Field(pattern=NAME)
    base: str = "smollm2-135m"
    seed: int = Field(default=7, ge=0)
    threads: int = Field(default=0, ge=0)
    adapter: Adapter | None = Adapter()
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    gradient_checkpointing: bool = False
    tools: tuple[str, ...] = ("math", "search")
    instructions: str | None = None
    budget: Budget = Budget()
    suites: list[SuiteChoice] = Field(default_factory=list[SuiteChoice])
    stages: list[Step] = Field(min_length=1)

    @model_validator(mode="after")
    def _names(self) -> Recipe:
        names = [name for name, _ in self.steps()]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two stages are called {twice[0]!r}; a stage's name is its folder: give them names")
        return self

    @model_validator(mode="after")
    def _earlier_stages(self) -> Recipe:
        """What a stage reads of another must have been left before: known now, and not after hours of training."""
        steps = self.steps()
        for number, (name, stage) in enumerate(steps):
            for what, leaves, earlier in _read_from(stage):
                called = [before for before in steps[:number] if is_called(before, earlier)]
                if not called:
                    raise ValueError(f"stage {name} reads from the stage {earlier!r}, and none before it is called so")
                if called[-1][1].kind not in leaves:
                    raise ValueError(f"stage {name} reads {what} of the stage {earlier!r}, which leaves none")
        return self

    def steps(self) -> list[tuple[str, Stage]]:
        """Every stage that is carried out, rounds written out, each with the name of its folder."""
        found: list[tuple[str, Stage]] = []
        for step in self.stages:
            if isinstance(step, Rounds):
                for number in range(1, step.rounds + 1):
                    found += [(f"{stage.name or stage.kind}-{number}", stage) for stage in step.stages]
            else:
                found.append((step.name or step.kind, step))
        return found


_LEAVES_CONVERSATIONS = ("critique",)
_LEAVES_RANKINGS = ("calibrate",)


def _read_from(stage: Stage) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """What a stage reads of stages before it: what, which kinds leave that, and the stage's name."""
    conversations = stage.kind == "sft"
    for source in getattr(stage, "data", ()):
        if isinstance(source, EarlierStage):
            if stage.kind == "dpo":
                raise ValueError("dpo knows no weights and no probabilities, as calibrate leaves them; use reward")
            what = "conversations" if conversations else "rankings"
            yield what, _LEAVES_CONVERSATIONS if conversations else _LEAVES_RANKINGS, source.stage
    if stage.kind == "rl" and "live" in stage.rewards:
        yield "a live head", ("tamer",), stage.live
    if stage.kind == "calibrate":
        yield "rankings", ("ai-rank",), stage.ai


def is_called(step: tuple[str, Stage], name: str) -> bool:
    """Whether a step of a recipe goes by a name: that of its folder, its own in any round, or its kind."""
    folder, stage = step
    return name in (folder, stage.name, stage.kind)


def load_recipe(path: Path | str, changes: dict[str, Any] | None = None) -> Recipe:
    """Reads and checks a recipe.

    Args:
        path: the YAML file.
        changes: see `changed`.

    Raises:
        ConfigError: the file cannot be read, or a key or value is wrong; names the nearest known key.
    """
    import yaml

    try:
        value = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"recipe {str(path)!r} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"recipe {str(path)!r} is not UTF-8 text: {error}.") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError(f"recipe {str(path)!r} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(value, dict):
        raise ConfigError(f"recipe {str(path)!r} must be a mapping with the keys {', '.join(Recipe.model_fields)}.")
    return parse_recipe(changed(value, changes or {}), where=f"recipe {str(path)!r}")


def parse_recipe(value: dict[str, Any], *, where: str = "recipe") -> Recipe:
    """Checks a recipe that is already data.

    Raises:
        ConfigError: a key or value is wrong.
    """
    try:
        return Recipe.model_validate(value)
    except ValidationError as error:
        raise ConfigError(f"{where}: " + "; ".join(explain(Recipe, problem) for problem in error.errors())) from None


def changed(value: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A recipe's data with some values replaced (`--set a.b=c`).

    Args:
        value: the recipe as data; it is not changed.
        changes: new values by dotted path. An entry of a list is named by its number from 0, a stage also by its name
            or kind: `stages.sft.epochs`.

    Raises:
        ConfigError: a path leads nowhere.
    """
    import copy

    value = copy.deepcopy(value)
    for path, new in changes.items():
        place: Any = value
        *parents, last = path.split(".")
        for part in parents:
            place = _inside(place, part, path)
        if isinstance(place, list):
            place[_number(place, last, path)] = new
        elif isinstance(place, dict):
            place[last] = new
        else:
            raise ConfigError(f"--set {path}: {parents[-1]} is {place!r}, which has no keys.")
    return value


def _inside(place: Any, part: str, path: str) -> Any:
    if isinstance(place, list):
        return place[_number(place, part, path)]
    if isinstance(place, dict):
        return place.setdefault(part, {})
    raise ConfigError(f"--set {path}: there is nothing under {part!r}.")


def _number(place: list[Any], part: str, path: str) -> int:
    if part.isdecimal() and int(part) < len(place):
        return int(part)
    for key in ("name", "kind", "source"):
        found = [at for at, item in enumerate(place) if isinstance(item, dict) and item.get(key) == part]
        if len(found) == 1:
            return found[0]
    raise ConfigError(f"--set {path}: there is no {part!r}; there are {len(place)} entries, numbered from 0.")


def changes_of(sets: Iterable[str]) -> dict[str, Any]:
    """What `--set` says.

    Args:
        sets: `KEY=VALUE`, the value as YAML.

    Returns:
        Values by dotted key.

    Raises:
        ConfigError: one has no `=` or no key, is no YAML, or a key is set twice.
    """
    import yaml

    changes: dict[str, Any] = {}
    for text in sets:
        key, equals, value = text.partition("=")
        key = key.strip()
        if not (key and equals):
            raise ConfigError(f"--set must be KEY=VALUE, such as stages.sft.epochs=2, got {text!r}.")
        if key in changes:
            raise ConfigError(f"--set {key} was given twice: leave one of them.")
        try:
            changes[key] = yaml.safe_load(value)
        except (yaml.YAMLError, RecursionError) as error:
            raise ConfigError(f"--set {key}: {value!r} is not YAML: {' '.join(str(error).split())}") from error
    return changes
