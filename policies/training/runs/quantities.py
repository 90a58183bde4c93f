"""Which metrics belong together, whatever the trainer calls them.

The names are TRL's and those of our subclasses of its trainers; a name that none of the patterns fits is kept in
`metrics.jsonl` and not drawn.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# What a line of metrics says of itself.
HEAD = ("stage", "step", "of", "seconds", "event")


@dataclass(frozen=True)
class Panel:
    """Metrics that are drawn on one axis.

    Args:
        label: of the axis, with the unit.
        pattern: that a metric's whole name fits.
    """

    label: str
    pattern: str

    def of(self, names: Iterable[str]) -> list[str]:
        """Those names that belong here, sorted."""
        return sorted(name for name in set(names) if re.fullmatch(self.pattern, name))


@dataclass(frozen=True)
class Group:
    """One quantity: a picture.

    Args:
        name: of the picture's file, without its ending.
        panels: from top to bottom.
    """

    name: str
    panels: tuple[Panel, ...]


_HELD_OUT = r"(?:held[_-]out|eval)(?:[_/].*)?"

GROUPS = (
    Group("loss", (Panel("loss", r"(?:train_)?loss"),)),
    Group(
        "reward",
        (
            Panel("reward", r"reward|reward_mean|reward_with_kl|rewards/(?:chosen|rejected|margins)"),
            Panel("score by the known answer", r"gold"),
            Panel("reward: components", r"rewards/(?!chosen|rejected|margins|accuracies)(?!.*/std$).+"),
        ),
    ),
    Group(
        "kl-entropy",
        (
            Panel("KL (nats per token)", r"(?:sampling/)?kl"),
            Panel("KL (nats per reply)", r"kl_sum"),
            Panel("entropy (nats per token)", r"entropy"),
        ),
    ),
    Group("length", (Panel("length (tokens)", r"(?:completions/)?(?:(?:mean|min|max|p95)_)?length"),)),
    Group("grad-norm", (Panel("gradient norm", r"grad_norm"),)),
    Group("held-out", (Panel("held out", _HELD_OUT),)),
    Group(
        "sampling",
        (
            Panel("largest learner / sampler", r"sampling/max_ratio"),
            Panel("share that was capped", r"sampling/capped"),
        ),
    ),
    Group("tools", (Panel("tool calls", r"(?:tools?[_/].+|.*tool_calls.*|calls(?:[_/].+)?)"),)),
    Group(
        "value",
        (
            Panel("value loss", r"value[/_]loss"),
            Panel("explained variance", r"(?:value[/_])?explained_variance"),
        ),
    ),
    Group("ptx-loss", (Panel("pretraining loss (nats per token)", r"ptx[/_]loss"),)),
    Group("accuracy", (Panel("accuracy", r"accuracy|mean_token_accuracy|rewards/accuracies"),)),
)

LOSS_NAMES = ("loss", "train_loss")
REWARD_NAMES = ("reward", "reward_mean", "rewards/margins")
HELD_OUT_NAMES = ("held_out/gold", "held_out/accuracy", "held_out/loss", "eval_loss")
# Of a stage in run.json, the best first: what says most of how good it has become.
HELD_OUT_FIGURES = ("held_out_peak", "held_out_accuracy", "held_out_loss", "held_out")
# What is shown first where there is little room.
MAIN_NAMES = (
    *LOSS_NAMES[:1], *REWARD_NAMES, "gold", *HELD_OUT_NAMES, "kl", "entropy", "completions/mean_length", "grad_norm",
)  # fmt: skip


def number(value: Any) -> float | None:
    """A finite number, or `None` for whatever else was logged."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def figures_in(line: Mapping[str, Any]) -> dict[str, float]:
    """The finite figures of a line of metrics."""
    found = {str(name): number(value) for name, value in line.items() if name not in HEAD}
    return {name: value for name, value in found.items() if value is not None}


def is_held_out(name: str) -> bool:
    """Whether a metric was measured on what is not trained on."""
    return re.fullmatch(_HELD_OUT, name) is not None


def series(lines: Sequence[Mapping[str, Any]], name: str) -> list[float]:
    """The finite values of a metric over some lines, oldest first."""
    values = (number(line.get(name)) for line in lines)
    return [value for value in values if value is not None]


def latest(lines: Sequence[Mapping[str, Any]], names: Iterable[str]) -> float | None:
    """The newest value of the first of these metrics that occurs."""
    for name in names:
        if found := series(lines, name):
            return found[-1]
    return None


@dataclass(frozen=True)
class Figure:
    """What was measured once, with its interval where one is known.

    Args:
        value: the figure.
        low: lower bound of its 95 % interval.
        high: upper bound.
        n: samples.
    """

    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None

    def text(self) -> str:
        """Such as `0.812 [0.744, 0.871], n = 120`."""
        interval = "" if self.low is None or self.high is None else f" [{self.low:.4g}, {self.high:.4g}]"
        return f"{self.value:.4g}{interval}" + ("" if self.n is None else f", n = {self.n}")

    def to_dict(self) -> dict[str, Any]:
        """`value`, `low`, `high`, `n`."""
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n}


# Of a stage: what is no figure. Times are shown apart.
_NO_FIGURES = ("name", "kind", "data", "seed", "status", "error", "seconds", "stage_seconds")


def seconds_of(stage: Mapping[str, Any]) -> float | None:
    """How long a stage of `run.json` took, with all that is not training."""
    whole = number(stage.get("stage_seconds"))
    return number(stage.get("seconds")) if whole is None else whole


def figures_of(stage: Mapping[str, Any]) -> dict[str, Figure]:
    """All figures of a stage in `run.json`, but for its times.

    Args:
        stage: figures by name, each a number or `{"value", "low", "high", "n"}`; mappings of figures may nest, and
            figures that compare two policies may be listed, each with `policy` and `against`.

    Returns:
        Figures by name, the names of nested ones joined by `/`.
    """
    found: dict[str, Figure] = {}
    _collect({name: value for name, value in stage.items() if name not in _NO_FIGURES}, "", found)
    return found


def _collect(values: Mapping[Any, Any], prefix: str, found: dict[str, Figure]) -> None:
    for name, value in values.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            _collect_mapping(value, path, found)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, Mapping) and "policy" in item and "against" in item:
                    _collect_mapping(item, f"{path}/{item['policy']} against {item['against']}", found)
        elif (single := number(value)) is not None:
            found[path] = Figure(single)


def _collect_mapping(value: Mapping[Any, Any], path: str, found: dict[str, Figure]) -> None:
    if "value" not in value:
        _collect(value, f"{path}/", found)
        return
    whole, n = number(value["value"]), number(value.get("n"))
    if whole is not None:
        found[path] = Figure(whole, number(value.get("low")), number(value.get("high")), None if n is None else int(n))
    _collect({name: inner for name, inner in value.items() if isinstance(inner, Mapping)}, f"{path}/", found)
