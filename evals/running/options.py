"""How an evaluation is run."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from ...tools import ConfigError
from ..samples import Form, Method

Wording = int | Literal["all"]


@dataclass(frozen=True, slots=True)
class Options:
    """What changes what the policy is asked, or how it answers. Reports that are compared must agree in these.

    Args:
        limit: so many samples of each suite, drawn by the seed; clusters are kept whole.
        seed: of the draw, of the order of choices, and of sampling.
        repeat: how often each sample is run, with different seeds.
        temperature: 0 is greedy.
        max_new_tokens: the longest reply; what the suite says by default.
        shots: how many solved examples are shown; what the suite says by default.
        wording: which wording of an item that has several; all by default.
        form: `chat` or `completion`; what the suite says by default.
        choices: how a choice is made: `auto` takes log-likelihoods where the policy can tell them.
        without_tools: no tools are offered, whatever the suite says.
        deadline: seconds after which a turn is given up.

    Raises:
        ConfigError: a value makes no sense.
    """

    limit: int | None = None
    seed: int = 0
    repeat: int = 1
    temperature: float = 0.0
    max_new_tokens: int | None = None
    shots: int | None = None
    wording: Wording = "all"
    form: Form | None = None
    choices: Method | Literal["auto"] = "auto"
    without_tools: bool = False
    deadline: float | None = None

    def __post_init__(self) -> None:
        for name, least in (("limit", 1), ("repeat", 1), ("shots", 0), ("max_new_tokens", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ConfigError(f"{name} must be at least {least}, got {value}.")
        if not 0 <= self.temperature <= 10:
            raise ConfigError(f"temperature must lie in 0..10, got {self.temperature}.")
        if self.wording != "all" and self.wording < 0:
            raise ConfigError(f"wording must be 'all' or a number from 0, got {self.wording}.")
        if self.form not in (None, "chat", "completion"):
            raise ConfigError(f"form must be 'chat' or 'completion', got {self.form!r}.")
        if self.choices not in ("auto", "loglik", "generate"):
            raise ConfigError(f"choices must be 'auto', 'loglik' or 'generate', got {self.choices!r}.")
        if self.deadline is not None and not self.deadline > 0:
            raise ConfigError(f"deadline must be a positive number of seconds, got {self.deadline}.")

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)
