"""What the stages before have left in the run's folder, as sources that can be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ....tools import TrainingError
from ..recipe import EarlierStage, JsonLines, RankingsFile, is_called
from .context import Context

CONVERSATIONS = "conversations.jsonl"
RANKINGS = "rankings.jsonl"


def resolved(context: Context, sources: Sequence[Any], file: str) -> list[Any]:
    """The sources, with those that name a stage replaced by the file that it left.

    Args:
        context: of the stage that reads.
        sources: of its section.
        file: `CONVERSATIONS` or `RANKINGS`.

    Raises:
        TrainingError: the file is not there.
    """
    found: list[Any] = []
    for source in sources:
        if not isinstance(source, EarlierStage):
            found.append(source)
            continue
        path = earlier_folder(context, source.stage) / file
        if not path.is_file():
            raise TrainingError(f"stage {context.name} reads {path}, which is missing: the run's folder is not whole.")
        kind = JsonLines if file == CONVERSATIONS else RankingsFile
        name = "jsonl" if file == CONVERSATIONS else "rankings"
        found.append(kind.model_validate({"source": name, "path": str(path), "rows": source.rows}))
    return found


def earlier_folder(context: Context, stage: str) -> Path:
    """The folder of the newest stage before this one that is called so; the recipe has been checked to have one."""
    steps = context.recipe.steps()
    here = [name for name, _ in steps].index(context.name)
    return context.folder.parent / [step[0] for step in steps[:here] if is_called(step, stage)][-1]
