"""Draws the next token of one reply: greedy or nucleus sampling, inside a grammar where there is one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...tools import PolicyError

if TYPE_CHECKING:
    import torch

    from .messages import GenerationConfig


class Sampler:
    """The state of one reply's sampling.

    Args:
        config: how to sample. Equal seeds give equal draws, whoever else is decoded at the same time.
        matcher: `llguidance.LLMatcher` of the reply's grammar; `None` where anything goes.
        device: where the logits lie.
    """

    def __init__(self, config: GenerationConfig, matcher: Any, device: str) -> None:
        import torch

        self._config = config
        self._matcher = matcher
        self._generator = torch.Generator(device)
        if config.seed is None:
            self._generator.seed()
        else:
            self._generator.manual_seed(config.seed)

    @property
    def is_plain(self) -> bool:
        """Whether the likeliest token is all that is asked for."""
        return self._config.temperature == 0 and self._matcher is None

    def draw(self, logits: torch.Tensor) -> int:
        """The next token.

        Args:
            logits: float32, of shape (vocabulary,).

        Raises:
            PolicyError: the grammar cannot be followed any further.
        """
        token = self._pick(logits)
        if self._matcher is None:
            return token
        # Most tokens fit by themselves. Drawing again among those that fit, where one does not, gives the same
        # distribution as masking at once: p(t) + p(misfits)·p(t) / p(fits) = p(t) / p(fits).
        if self._matcher.validate_tokens([token]) != 1:
            token = self._pick(self._masked(logits))
        if not self._matcher.consume_token(token):
            raise PolicyError(f"the reply's grammar cannot be followed: {self._matcher.get_error()[:200]}")
        return token

    def _masked(self, logits: torch.Tensor) -> torch.Tensor:
        import numpy as np
        import torch

        mask = np.unpackbits(np.frombuffer(self._matcher.compute_bitmask(), np.uint8), bitorder="little")
        if self._matcher.is_error() or not mask.any():
            raise PolicyError(f"the reply's grammar cannot be followed: {self._matcher.get_error()[:200]}")
        allowed = torch.zeros(logits.shape[-1], dtype=torch.bool)
        known = min(len(mask), len(allowed))
        allowed[:known] = torch.from_numpy(mask[:known].astype(bool))
        return logits.masked_fill(~allowed.to(logits.device), -math.inf)

    def _pick(self, logits: torch.Tensor) -> int:
        import torch

        if self._config.temperature == 0:
            return int(logits.argmax())
        probabilities = torch.softmax(logits / self._config.temperature, -1)
        if self._config.top_p < 1:
            ordered, indices = probabilities.sort(descending=True)
            # A token is in the nucleus if those before it do not fill it: at least one always is.
            ordered[ordered.cumsum(-1) - ordered >= self._config.top_p] = 0
            drawn = torch.multinomial(ordered, 1, generator=self._generator)
            return int(indices[drawn])
        return int(torch.multinomial(probabilities, 1, generator=self._generator))
