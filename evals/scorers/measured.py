"""How often a detector errs, on labelled texts that were put aside before it was built."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

from ..statistics import wilson


@dataclass(frozen=True, slots=True)
class Measured:
    """A detector's mistakes on labelled texts that it was not built on.

    Args:
        n: how many texts.
        n_positive: how many of them are what it looks for (refusals, toxic texts).
        misses: how many of these it does not find.
        n_negative: how many are not.
        false_alarms: how many of these it takes for it.
    """

    n: int
    n_positive: int
    misses: int
    n_negative: int
    false_alarms: int

    @property
    def error(self) -> float:
        """Share of all texts that are decided wrongly."""
        return (self.misses + self.false_alarms) / self.n

    @property
    def error_interval(self) -> tuple[float, float]:
        """Wilson 95 % interval of `error`."""
        return wilson(self.misses + self.false_alarms, self.n)

    def line(self) -> str:
        """One line for a report."""
        low, high = self.error_interval
        return (
            f"error {self.error:.1%} [{low:.1%}, {high:.1%}] on {self.n} labelled texts: misses {self.misses} of "
            f"{self.n_positive}, false alarms {self.false_alarms} of {self.n_negative}"
        )


def measure(pairs: list[tuple[bool, bool]]) -> Measured:
    """Counts the mistakes in pairs of `(label, verdict)`."""
    positive = [said for label, said in pairs if label]
    negative = [said for label, said in pairs if not label]
    return Measured(len(pairs), len(positive), positive.count(False), len(negative), negative.count(True))


def labelled(name: str) -> list[dict[str, Any]]:
    """The records of `labelled/NAME.jsonl`: `text`, the label, `split` and `tags`.

    The split follows from the first byte of the text's SHA-256 (see `labelled`); nothing of `test` is used to build
    what is measured on it.
    """
    text = resources.files("pericles.evals").joinpath(f"labelled/{name}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.split("\n") if line.strip()]
