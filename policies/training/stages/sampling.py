"""Replies of the policy as it now is: sampled through the agent, and ranked by what a verifier knows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ....tools import ConfigError
from ...engines.messages import Message
from ...feedback import Ranking
from ..models import Weights, load_model
from ..recipe import Sampled
from ..rewards.registry import gold, score
from ..rollouts import Decoder, Rollout, ServerDecoder, roll_out
from ..seeds import seed_of
from ..sources.prompt import Prompt
from ..sources.prompts import BUILT_IN
from .agents import registry_of, schemas_of, system_message
from .arguments import set_threads
from .context import Context


class Sampler:
    """A policy that answers prompts through the agent.

    Args:
        context: of the stage.
        tokenizer: from `models.load_tokenizer`.
        policy: the context's by default.
        model: a model that is loaded already, in place of the policy's weights.
        batch: replies that are decoded at once.
        server: decodes in place of the model.
    """

    def __init__(
        self,
        context: Context,
        tokenizer: Any,
        policy: Weights | None = None,
        *,
        model: Any = None,
        batch: int = 64,
        server: ServerDecoder | None = None,
    ) -> None:
        self.context = context
        self.tokenizer = tokenizer
        if model is None:
            import torch

            from ..models import sampling_precision

            model = load_model(policy or context.policy, adapter=None).eval()
            model = model.to("cuda" if torch.cuda.is_available() else "cpu")
            if sampling_precision(context.recipe.precision) == "bf16":
                model = model.to(torch.bfloat16)
            set_threads(context)
        self.window = int(getattr(model.config, "max_position_embeddings", 4096))
        self.tools = registry_of(context.recipe)
        self._names = {tool.name for tool in self.tools}
        self._decoder = server or Decoder(model, stop_ids(model, tokenizer), batch)

    def replies(
        self,
        prompts: Sequence[Prompt],
        seeds: Sequence[int],
        *,
        temperature: float,
        max_new_tokens: int,
        max_steps: int = 3,
    ) -> list[Rollout]:
        """One reply to each prompt; see `roll_out`.

        Raises:
            ConfigError: a prompt offers a tool that neither the recipe nor the agent has.
        """
        for prompt in prompts:
            if unknown := set(prompt.tools or ()).difference(self._names, BUILT_IN):
                raise ConfigError(
                    f"prompt {prompt.id!r} offers the tool {min(unknown)!r}, which the recipe's `tools` lack."
                )
        return roll_out(
            prompts, self._decoder, self.tokenizer, self.tools, seeds=seeds, temperature=temperature,
            max_new_tokens=max_new_tokens, max_steps=max_steps, window=self.window,
            instructions=system_message(self.context.recipe),
        )  # fmt: skip


def stop_ids(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end a reply."""
    configured = getattr(model.generation_config, "eos_token_id", None)
    listed = configured if isinstance(configured, list) else [configured]
    return sorted({token for token in (*listed, tokenizer.eos_token_id) if token is not None})


def ranked_replies(sampler: Sampler, prompts: Sequence[Prompt], source: Sampled, *, seed: int) -> list[Ranking]:
    """Samples K replies to each prompt and ranks them by the verifiable rewards.

    Equal scores are ties. A prompt whose replies all score alike says nothing and makes no ranking; nor do replies
    without words, which no reward model is asked about.

    Args:
        sampler: the policy.
        prompts: whose replies.
        source: K, temperature and length.
        seed: of the sampling.
    """
    asked = [prompt for prompt in prompts for _ in range(source.replies)]
    seeds = [seed_of(seed, prompt.id, number) for prompt in prompts for number in range(source.replies)]
    rollouts = sampler.replies(asked, seeds, temperature=source.temperature, max_new_tokens=source.max_new_tokens)
    scores = ranking_scores(rollouts)
    opening = system_message(sampler.context.recipe)
    policy = f"sha256:{sampler.context.policy.digest()}"
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found: list[Ranking] = []
    for number, prompt in enumerate(prompts):
        places = range(number * source.replies, (number + 1) * source.replies)
        different: dict[str, tuple[tuple[Message, ...], float]] = {}
        for at in places:
            if rollouts[at].reply.output.strip():
                messages = bare(rollouts[at].reply.messages)
                said = json.dumps([(m.role, m.content, [c.arguments for c in m.tool_calls]) for m in messages])
                different.setdefault(said, (messages, scores[at]))
        levels = sorted({value for _, value in different.values()}, reverse=True)
        if len(levels) < 2:
            continue
        system = (Message("system", opening),) if opening else ()
        found.append(
            Ranking(
                id=f"{sampler.context.name}-{seed}-{number}",
                prompt=(*system, *prompt.messages),
                replies=tuple(messages for messages, _ in different.values()),
                ranks=tuple(levels.index(value) + 1 for _, value in different.values()),
                rater="rule:verifier",
                policy=policy,
                created=created,
                tools=tuple(offered(schemas_of(sampler.context.recipe), prompt)),
            )
        )
    return found


def offered(schemas: Sequence[dict[str, Any]], prompt: Prompt) -> list[dict[str, Any]]:
    """The schemas of the tools that a prompt is asked with."""
    return [schema for schema in schemas if prompt.tools is None or schema["function"]["name"] in prompt.tools]


def ranking_scores(rollouts: Sequence[Rollout]) -> list[float]:
    """What replies are ranked by: the held-out score first, then form, then the cost of calls."""
    replies = [rollout.reply for rollout in rollouts]
    known = score(replies, ("format", "calls"))
    parts = zip(gold(replies), known["format"], known["calls"], strict=True)
    return [round(4 * first + (form or 0.0) - 0.1 * (calls or 0.0), 6) for first, form, calls in parts]


def bare(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Messages without the agent's notes, as a file of rankings holds them."""
    return tuple(Message.from_dict({k: v for k, v in m.to_dict().items() if k != "meta"}) for m in messages)
