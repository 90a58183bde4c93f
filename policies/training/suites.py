"""Evaluation suites before the first stage and after the last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .recipe import Recipe
from .runs.folder import RunFolder


def run_suites(recipe: Recipe, run: RunFolder, when: str, policy: str, tell: Callable[[dict[str, Any]], None]) -> None:
    """Runs the recipe's suites on a policy as it is used, and notes the figures in run.json.

    A report that is there already is not made again, and one that was stopped goes on.

    Args:
        recipe: whose suites.
        run: where reports and figures go.
        when: `before` or `after`.
        policy: a reference.
        tell: is told what is under way.
    """
    from ...evals import evaluate

    known = run.read().get("suites") or {}
    for choice in recipe.suites:
        label = f"{choice.name} {when}"
        if label in known:
            continue
        tell({"event": f"suite {choice.name}, {when} training"})
        out = run.path / "suites" / when / choice.name.replace("/", "_").replace(":", "_")
        report = evaluate([choice.name], policy, out=out, limit=choice.limit, seed=recipe.seed, tools=())
        known[label] = {
            suite.name: {"value": found.mean, "low": found.low, "high": found.high, "n": found.n}
            for suite in report.suites
            if (found := suite.estimate()) is not None
        }
        run.update(suites=known)
