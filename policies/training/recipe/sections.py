"""What all sections of a recipe have in common, and the small ones."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A mapping in a recipe: its keys are checked, and it does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Adapter(Section):
    """A low-rank adapter on every linear layer (LoRA, Hu et al. 2021).

    Args:
        rank: rank of each update; 32 on SmolLM2-135M makes 19.5 MB in bfloat16.
        alpha: updates are scaled by alpha / rank.
        dropout: on the adapter's input while training.
    """

    rank: int = Field(default=32, ge=1, le=512)
    alpha: float = Field(default=64, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)


class Budget(Section):
    """What a stage, or a whole run, may use; whichever is reached first ends the stage in good order.

    Args:
        steps: optimizer steps of a stage.
        tokens: tokens read and written by a stage.
        hours: of a stage, or of all stages where it stands in the recipe's own budget.
    """

    steps: int | None = Field(default=None, ge=1)
    tokens: int | None = Field(default=None, ge=1)
    hours: float | None = Field(default=None, gt=0)


class SuiteChoice(Section):
    """An evaluation suite that is run before the first stage and after the last.

    Args:
        name: as `pericles eval` takes it: a name, a group or a file.
        limit: so many of its samples, drawn by the recipe's seed.
    """

    name: str
    limit: int | None = Field(default=None, ge=1)
