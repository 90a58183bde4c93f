"""Trains a recipe in each of the processes that `accelerate launch` starts.

    accelerate launch -m pericles.policies.training recipes/default.yaml [--out RUN_DIR] [--set KEY=VALUE ...]

On one machine with one process, `pericles train` is the same with a display.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ...tools import ConfigError, PericlesError
from .processes import is_main
from .recipe import changes_of, load_recipe
from .run import train


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m pericles.policies.training", description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--out", type=Path, default=None, help="the run's folder; by default runs/NAME")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="changes the recipe")
    parser.add_argument("--report-to", default="none", help="none, trackio, tensorboard or wandb")
    options = parser.parse_args()
    try:
        recipe = load_recipe(options.recipe, changes_of(options.set))
        out = options.out or Path("runs") / recipe.name
        policy = train(recipe, out, report_to=options.report_to, tell=lambda told: print(json.dumps(told), flush=True))
    except PericlesError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, ConfigError) else 1
    if is_main():
        print(policy)
    return 0


if __name__ == "__main__":
    sys.exit(main())
