"""Samples the replies of each step of a stage `rl`, through the agent's own loop, and scores them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...engines.messages import Message
from ..processes import is_main
from ..recipe import RLStage
from ..rewards.judged import JudgeReward
from ..rewards.registry import gold, score, tool_figures
from ..rewards.reply import Reply
from ..rewards.reward_model import RewardModel
from ..rollouts import Rollout
from ..seeds import seed_of
from ..sources.prompt import Prompt
from .agents import schemas_of, system_message
from .context import Context
from .earlier import earlier_folder
from .judges import ANSWERS, judge_of
from .live_reward import HEAD, LiveReward
from .sampling import Sampler, offered


class Player:
    """Samples the replies of a step and scores them."""

    def __init__(self, context: Context, stage: RLStage, tokenizer: Any, prompts: Sequence[Prompt]) -> None:
        self.context = context
        self.stage = stage
        self.tokenizer = tokenizer
        self.prompts = prompts
        self.copy: Any = None
        self.sampler: Any = None
        self._reference: Sampler | None = None
        judged = "reward_model" in stage.rewards and context.reward_model is not None
        self._reward_model = RewardModel(context.reward_model) if judged and context.reward_model else None
        self._live: LiveReward | None = None
        if "live" in stage.rewards:
            self._live = LiveReward(earlier_folder(context, stage.live) / HEAD)
        self._judge: JudgeReward | None = None
        if "judge" in stage.rewards:
            judge = judge_of(context, stage.judge, context.folder / ANSWERS)
            self._judge = JudgeReward(judge, stage.judge_by, self._references, context.seed)

    def reward(self, name: str) -> Callable[..., list[float | None]]:
        """A reward as TRL takes it: what `rollouts` has computed."""

        def told(scores: list[dict[str, float | None]], **_: Any) -> list[float | None]:
            return [one[name] for one in scores]

        told.__name__ = name
        return told

    def rollouts(self, _: list[Any], trainer: Any) -> dict[str, Any]:
        """See `RolloutFunc` of TRL: samples with the learner's weights as they are now."""
        if self.copy is not None:  # TRL has sent them to a server
            self.copy.refresh(trainer.accelerator.unwrap_model(trainer.model))
        step, process = trainer.state.global_step, trainer.accelerator.process_index
        asked = [self.prompts[row["number"]] for row in trainer.asked]
        seeds = [seed_of(self.context.seed, step, process, at) for at in range(len(asked))]
        sampling = self.stage.sampling
        found: list[Rollout] = self.sampler.replies(
            asked, seeds, temperature=sampling.temperature, max_new_tokens=sampling.max_new_tokens,
            max_steps=sampling.max_steps,
        )  # fmt: skip
        scores = self._scores(found, step)
        self._log(trainer, found)
        if step % self.stage.sample_steps == 0 and is_main():
            self._write(step, found, scores)
        paths = [rollout.trajectory for rollout in found]
        stop = self.tokenizer.eos_token_id
        shaping: dict[str, Any] = {}
        if self._live is not None and self.stage.live_as == "shaping":
            weight = self.stage.rewards["live"]
            told = [self._live.shaping(rollout, self.tokenizer) for rollout in found]
            shaping["shaping"] = [[weight * value for value in one] or [0.0] for one in told]
        return {
            "prompt_ids": [path.prompt_ids for path in paths],
            # A turn that failed before a word was said still needs a token; the mask takes it out.
            "completion_ids": [path.completion_ids or [stop] for path in paths],
            "logprobs": [path.logprobs or [0.0] for path in paths],
            "env_mask": [path.mask or [0] for path in paths],
            "scores": scores,
            **shaping,
        }

    def _scores(self, found: Sequence[Rollout], step: int) -> list[dict[str, float | None]]:
        names = [name for name in self.stage.rewards if name not in ("reward_model", "judge", "live")]
        replies = [rollout.reply for rollout in found]
        columns: dict[str, Sequence[float | None]] = dict(score(replies, names))
        if self._live is not None:
            columns["live"] = self._live.score([reply.messages for reply in replies])
        if self._judge is not None:
            columns["judge"] = self._judge.score(replies, step)
        if self._reward_model is not None:
            columns["reward_model"] = self._judged(self._reward_model, found)
        return [{name: columns[name][at] for name in self.stage.rewards} for at in range(len(found))]

    def _references(self, replies: Sequence[Reply]) -> list[tuple[Message, ...]]:
        """Greedy replies of the policy that the stage started from to the prompts of some replies."""
        if self._reference is None:
            self._reference = Sampler(self.context, self.tokenizer, batch=self.stage.sampling.batch)
        sampling = self.stage.sampling
        found = self._reference.replies(
            [reply.prompt for reply in replies], [0] * len(replies), temperature=0.0,
            max_new_tokens=sampling.max_new_tokens, max_steps=sampling.max_steps,
        )  # fmt: skip
        return [rollout.reply.messages if rollout.reply.output.strip() else () for rollout in found]

    def lineage(self) -> dict[str, str]:
        """What the rewards came from."""
        return {} if self._judge is None else {"constitution_sha256": self._judge.constitution_sha256}

    def close(self) -> None:
        """Frees the judge."""
        if self._judge is not None:
            self._judge.close()

    def _judged(self, model: RewardModel, found: Sequence[Rollout]) -> list[float | None]:
        schemas, opening = schemas_of(self.context.recipe), system_message(self.context.recipe)
        groups: dict[str, list[int]] = {}
        for at, rollout in enumerate(found):
            if rollout.reply.output.strip():
                groups.setdefault(rollout.reply.prompt.id, []).append(at)
        asked = [
            (
                with_opening(opening, found[members[0]].reply.prompt),
                [found[at].reply.messages for at in members],
                offered(schemas, found[members[0]].reply.prompt),
            )
            for members in groups.values()
        ]
        scores: list[float | None] = [None] * len(found)
        for members, values in zip(groups.values(), model.score(asked), strict=True):
            for at, value in zip(members, values, strict=True):
                scores[at] = value
        # A reply without words is worth no more than the worst of the others.
        worst = min((value for value in scores if value is not None), default=0.0)
        return [worst if value is None else value for value in scores]

    def _log(self, trainer: Any, found: Sequence[Rollout]) -> None:
        metrics = trainer._metrics["train"]
        lengths = sorted(sum(rollout.trajectory.mask) for rollout in found)
        metrics["completions/p95_length"].append(float(lengths[min(len(lengths) - 1, int(0.95 * len(lengths)))]))
        ended = [all(rollout.reply.ended) for rollout in found]
        metrics["completions/ended"].append(sum(ended) / len(ended))
        metrics["completions/cut_where_rewritten"].append(sum(not r.trajectory.whole for r in found) / len(found))
        metrics["gold"].append(sum(gold([rollout.reply for rollout in found])) / len(found))
        for name, value in tool_figures([rollout.reply for rollout in found]).items():
            metrics[f"tools/{name}"].append(value)

    def _write(self, step: int, found: Sequence[Rollout], scores: Sequence[dict[str, float | None]]) -> None:
        for rollout, told in list(zip(found, scores, strict=True))[:: self.stage.generations]:
            weights = weights_of(self.stage)
            weighted = [weights[name] * value for name, value in told.items() if value is not None]
            self.context.run.append_sample({
                "stage": self.context.name,
                "step": step,
                "prompt": [message.to_dict() for message in rollout.reply.prompt.messages],
                "messages": [message.to_dict() for message in rollout.reply.messages],
                "rewards": told,
                "reward": round(sum(weighted), 4),
            })  # fmt: skip


def weights_of(stage: RLStage) -> dict[str, float]:
    """What each reward of a whole reply counts; a live head that shapes counts token by token instead."""
    shapes = stage.live_as == "shaping"
    return {str(name): 0.0 if shapes and name == "live" else weight for name, weight in stage.rewards.items()}


def with_opening(opening: str, prompt: Prompt) -> list[Any]:
    """A prompt's messages behind the agent's system message."""
    return [*([Message("system", opening)] if opening else []), *prompt.messages]
