"""Trains a policy: `python -m pericles.policies.training recipes/default.yaml [--out RUN_DIR] [--resume]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ...tools import PericlesError
from .recipe import load_recipe
from .run import train


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m pericles.policies.training", description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--out", type=Path, default=None, help="the run's folder; by default runs/NAME")
    parser.add_argument("--resume", action="store_true", help="go on with a run that was stopped")
    options = parser.parse_args()
    try:
        recipe = load_recipe(options.recipe)
        print(train(recipe, options.out or Path("runs") / recipe.name, resume=options.resume))
    except PericlesError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
