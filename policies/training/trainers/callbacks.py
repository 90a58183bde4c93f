"""What happens between the steps of every stage: metrics, checkpoints, the budget, and limits."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from ....tools import TrainingError
from ..recipe import Budget, Limits


class Metrics(TrainerCallback):
    """Hands on what the trainer logs.

    Args:
        stage: its name.
        write: takes one line.
        extra: figures that are added to every line.
        before: seconds that the stage took before it was resumed.
    """

    def __init__(
        self,
        stage: str,
        write: Callable[[dict[str, Any]], None],
        extra: Callable[[], dict[str, float]] = dict,
        before: float = 0.0,
    ) -> None:
        self._stage = stage
        self._write = write
        self._extra = extra
        self._start = time.monotonic() - before

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **_: Any
    ) -> None:
        """Writes the line, on the first process only."""
        if not state.is_world_process_zero or "train_runtime" in (logs or {}):
            return
        line: dict[str, Any] = {"stage": self._stage, "step": state.global_step, "of": state.max_steps}
        line["seconds"] = round(time.monotonic() - self._start, 2)
        self._write(line | _numbers(logs or {}) | self._extra())


def _numbers(logs: dict[str, Any]) -> dict[str, Any]:
    """Numbers that JSON can hold: what is not finite is told as text, since it is what one wants to know of."""
    told: dict[str, Any] = {}
    for key, value in logs.items():
        number = isinstance(value, int | float)
        told[key] = value if not number or math.isfinite(value) else str(value)
    return told


class Checkpoints(TrainerCallback):
    """A checkpoint whenever so many seconds have passed, at a step at which nothing is half done.

    Args:
        seconds: between two.
        every: only at multiples of so many steps; replies that are learned from twice belong to one generation.
    """

    def __init__(self, seconds: float, every: int = 1) -> None:
        self._seconds = seconds
        self._every = every
        self._last = time.monotonic()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Asks for one when it is time."""
        if state.global_step % self._every == 0 and time.monotonic() - self._last >= self._seconds:
            control.should_save = True

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Counts from when it is written."""
        self._last = time.monotonic()


class BudgetEnd(TrainerCallback):
    """Ends a stage in good order when its budget is used up.

    Args:
        budget: the stage's.
        ends: `time.monotonic()` at which the run's budget ends.
        tokens: how many tokens have been used.
    """

    def __init__(self, budget: Budget, ends: float | None, tokens: Callable[[], int]) -> None:
        self._budget = budget
        self._tokens = tokens
        hours = [time.monotonic() + budget.hours * 3600] if budget.hours else []
        self._ends: float = min([*hours, math.inf if ends is None else ends])
        self.reason: str | None = None

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Looks at clock and count."""
        if time.monotonic() >= self._ends:
            self.reason = "hours"
        elif self._budget.tokens is not None and self._tokens() >= self._budget.tokens:
            self.reason = "tokens"
        if self.reason:
            control.should_training_stop = True


class Breaks(TrainerCallback):
    """Breaks a run off that has gone wrong, with what to do about it.

    Args:
        limits: of the stage; none looks at losses that are no numbers only.
        save: names where the last good checkpoint is, or that there is none.
    """

    def __init__(self, limits: Limits | None, saved: Callable[[], str]) -> None:
        self._limits = limits
        self._saved = saved

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **_: Any
    ) -> None:
        """Looks at every line of metrics.

        Raises:
            TrainingError: a limit is passed.
        """
        logs = logs or {}
        problem = self._problem(logs)
        if problem:
            raise TrainingError(f"step {state.global_step}: {problem} {self._saved()}")

    def _problem(self, logs: dict[str, Any]) -> str | None:
        loss, norm = logs.get("loss"), logs.get("grad_norm")
        for name, value in (("loss", loss), ("gradient", norm)):
            if isinstance(value, float) and not math.isfinite(value):
                return f"the {name} is {value}: lower learning_rate, or look for broken rows in the data."
        limits = self._limits
        if limits is None:
            return None
        kl, entropy = logs.get("kl"), logs.get("entropy")
        if isinstance(kl, float) and kl > limits.kl:
            return (
                f"the policy is {kl:.3g} nats a token away from where it started, more than limits.kl = {limits.kl:g}: "
                "lower learning_rate, raise kl_coef, or stop at an earlier step."
            )
        if isinstance(entropy, float) and entropy < limits.entropy:
            return (
                f"the policy's entropy has fallen to {entropy:.3g} nats a token, below limits.entropy = "
                f"{limits.entropy:g}: it has collapsed. Lower learning_rate, raise kl_coef or the temperature."
            )
        if isinstance(norm, float) and norm > limits.grad_norm:
            return (
                f"the gradient's norm is {norm:.3g}, above limits.grad_norm = {limits.grad_norm:g}: lower "
                "learning_rate or max_grad_norm, or look at the rewards of samples.jsonl."
            )
        return None
