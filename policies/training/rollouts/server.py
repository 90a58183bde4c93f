"""Replies of a vLLM server, which TRL gives the learner's weights before each step.

The protocol is that of `vllm serve`: completions of token ids, with token ids and log-probabilities in the answer. It
is tested against a server of that form and not against vLLM itself, which needs hardware that was not at hand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from ....tools import TrainingError
from .decoder import Asked, Generated

AT_ONCE = 64


class ServerDecoder:
    """Asks a server for replies; the server makes up the batches.

    The log-probabilities must be those of the distribution that was drawn from: start the server with
    `--logprobs-mode processed_logprobs`.

    Args:
        url: of the server, without `/v1`.
        stop_ids: tokens that end a reply.
        timeout: seconds for one reply.
    """

    def __init__(self, url: str, stop_ids: Sequence[int], *, timeout: float) -> None:
        self._url = url.rstrip("/")
        self._stop = sorted(stop_ids)
        self._timeout = timeout

    def generate(self, asked: Sequence[Asked]) -> list[Generated]:
        """The replies, in the order in which they were asked for.

        Raises:
            TrainingError: the server does not answer, or not as vLLM does.
        """
        try:
            with httpx.Client(timeout=self._timeout) as client, ThreadPoolExecutor(AT_ONCE) as pool:
                model = client.get(f"{self._url}/v1/models").raise_for_status().json()["data"][0]["id"]
                return list(pool.map(lambda one: self._reply(client, model, one), asked))
        except httpx.HTTPError as error:
            said = str(error) or type(error).__name__
            raise TrainingError(f"the vLLM server at {self._url} failed: {said}. Is it running?") from error
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise TrainingError(f"{self._url} does not answer as a vLLM server does: {error!r}.") from error

    def _reply(self, client: httpx.Client, model: str, asked: Asked) -> Generated:
        body: dict[str, Any] = {
            "model": model,
            "prompt": asked.ids,
            "max_tokens": asked.max_new_tokens,
            "temperature": asked.temperature,
            "seed": asked.seed % (1 << 63),
            "stop_token_ids": self._stop,
            "logprobs": 0,
            "return_token_ids": True,
        }
        found = client.post(f"{self._url}/v1/completions", json=body).raise_for_status().json()["choices"][0]
        ids, logprobs = found["token_ids"], found["logprobs"]["token_logprobs"]
        if len(ids) != len(logprobs) or not all(type(token) is int for token in ids):
            raise ValueError(f"{len(ids)} tokens with {len(logprobs)} log-probabilities")
        if not all(isinstance(value, float | int) and math.isfinite(value) for value in logprobs):
            raise ValueError("a log-probability is no number")
        return Generated(ids, [float(value) for value in logprobs], bool(ids) and ids[-1] in self._stop, None)
