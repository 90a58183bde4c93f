"""The stage `rl`: GRPO or PPO on replies that the agent's own loop samples, with or without PPO-ptx."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ....tools import ConfigError
from ...engines.messages import Message
from ...feedback import prompt_key
from ..models import VALUE_HEAD, Weights, load_model, load_tokenizer, precision, save_policy
from ..processes import is_main, processes
from ..recipe import PretrainingText, RLStage
from ..rewards.judged import JudgeReward
from ..rewards.registry import gold, score, tool_figures
from ..rewards.reply import Reply
from ..rewards.reward_model import RewardModel
from ..rollouts import Rollout, ServerDecoder
from ..seeds import seed_of
from ..sources.prompt import Prompt
from ..sources.prompts import read_prompts
from ..sources.texts import read_texts
from ..tokens import encode
from .agents import schemas_of, system_message
from .arguments import common_arguments, set_threads
from .context import Context, Outcome
from .earlier import earlier_folder
from .judges import ANSWERS, judge_of
from .sampling import Sampler, offered, stop_ids
from .tamer import HEAD, LiveReward
from .training import carry_out

if TYPE_CHECKING:
    from ..trainers.pretraining import PretrainingStream


def run_rl(context: Context, stage: RLStage) -> Outcome:
    """Trains by reinforcement.

    Raises:
        ConfigError: the recipe asks for what is not there.
        TrainingError: a limit was passed.
    """
    import torch
    from datasets import Dataset
    from trl.trainer.grpo_config import GRPOConfig

    from ..rollouts.inference import InferenceCopy
    from ..trainers.attention import ATTENTION, can_share
    from ..trainers.policy_gradient import RolloutGRPOTrainer
    from ..trainers.ppo import RolloutPPOTrainer, add_value_head

    tokenizer = load_tokenizer(context.policy)
    prompts = read_prompts(stage.prompts)
    held_out = _held_out(stage, prompts)
    if len(prompts) < stage.prompts_per_step:
        raise ConfigError(
            f"stage {context.name} has {len(prompts)} prompts and asks for {stage.prompts_per_step} a step."
        )
    if "reward_model" in stage.rewards and context.reward_model is None:
        raise ConfigError(f"stage {context.name} asks for a reward model, and no stage before it trains one.")
    ppo = stage.algorithm == "ppo"
    model = load_model(context.policy, adapter=context.recipe.adapter, attention=ATTENTION)
    shares = can_share(model) and processes() == 1
    if not shares:
        model.set_attn_implementation("sdpa")
    if ppo:
        model = _with_value_head(context, model, add_value_head, ATTENTION if shares else "sdpa")
    batch = stage.prompts_per_step * stage.generations // (stage.minibatches * stage.accumulate * processes())
    arguments = GRPOConfig(
        **common_arguments(context, stage, stage.steps),
        per_device_train_batch_size=batch,
        gradient_accumulation_steps=stage.accumulate,
        steps_per_generation=stage.minibatches * stage.accumulate,
        num_generations=stage.generations,
        num_iterations=stage.iterations,
        max_completion_length=(stage.sampling.max_steps + 1) * stage.sampling.max_new_tokens,
        temperature=stage.sampling.temperature,
        beta=stage.kl_coef,
        epsilon=stage.clip,
        loss_type=stage.loss,
        disable_dropout=True,
        reward_weights=list(stage.rewards.values()),
        **_server_arguments(stage),
    )
    player = _Player(context, stage, tokenizer, prompts)
    options: dict[str, Any] = {
        "model": model,
        "args": arguments,
        "reward_funcs": [player.reward(name) for name in stage.rewards],
        "train_dataset": Dataset.from_list([
            {"prompt": [{"role": "user", "content": prompt.messages[-1].content}], "number": number}
            for number, prompt in enumerate(prompts)
        ]),
        "processing_class": tokenizer,
        "rollout_func": player.rollouts,
        "ratio_cap": stage.ratio_cap,
        "shares": shares,
    }  # fmt: skip
    if ppo:
        trainer: Any = RolloutPPOTrainer(
            discount=stage.discount,
            gae_lambda=stage.gae_lambda,
            value_coef=stage.value_coef,
            value_clip=stage.value_clip,
            value_learning_rate=stage.value_learning_rate,
            **options,
        )
    else:
        trainer = RolloutGRPOTrainer(**options)
    if stage.ptx is not None:
        trainer.pretraining = _stream(context, stage.ptx, tokenizer)
    set_threads(context)
    learner = trainer.accelerator.unwrap_model(trainer.model)
    if stage.vllm_server_base_url:
        server = ServerDecoder(
            stage.vllm_server_base_url, stop_ids(learner, tokenizer), timeout=stage.vllm_server_timeout
        )
        player.sampler = Sampler(context, tokenizer, model=learner, server=server)
    else:
        dtype = torch.bfloat16 if precision(context.recipe.precision) == "bf16" else torch.float32
        player.copy = InferenceCopy(learner, dtype)
        player.sampler = Sampler(context, tokenizer, model=player.copy.model, batch=stage.sampling.batch)
    looks = Looks(context, stage, player, held_out, tokenizer)
    try:
        figures = carry_out(
            context, stage, trainer,
            limits=stage.limits, save_every=stage.minibatches * stage.iterations, callbacks=(looks.callback(trainer),),
        )  # fmt: skip
    finally:
        player.close()
    best = looks.best()
    policy = best or save_policy(
        trainer.accelerator.unwrap_model(trainer.model), tokenizer, context.folder, context.policy.base
    )
    figures |= player.lineage()
    return Outcome({"algorithm": stage.algorithm, "prompts": len(prompts), **figures, **looks.figures()}, policy=policy)


def _server_arguments(stage: RLStage) -> dict[str, Any]:
    """What TRL is told of the vLLM server: it sends the weights, and leaves asking and correcting to us.

    Raises:
        ConfigError: vLLM is not installed, which TRL needs to send them.
    """
    if stage.vllm_server_base_url is None:
        return {}
    if importlib.util.find_spec("vllm") is None:
        raise ConfigError(
            "vllm_server_base_url needs the package vllm where the policy is trained as well: "
            "pip install -c constraints-vllm.txt vllm."
        )
    return {
        "use_vllm": True,
        "vllm_mode": "server",
        "vllm_server_base_url": stage.vllm_server_base_url,
        "vllm_server_timeout": stage.vllm_server_timeout,
        "vllm_group_port": stage.vllm_group_port,
        "vllm_importance_sampling_correction": False,
    }


def _with_value_head(context: Context, model: Any, add: Callable[[Any], None], attention: str) -> Any:
    """The model with a value head, which an adapter trains whole."""
    if context.recipe.adapter is None:
        add(model)
        return model
    from transformers import AutoModelForCausalLM

    from ..models import with_adapter

    plain: Any = AutoModelForCausalLM.from_pretrained(
        context.policy.model, dtype=model.dtype, attn_implementation=attention
    )
    add(plain)
    return with_adapter(plain, context.policy.adapter, context.recipe.adapter, (VALUE_HEAD,))


def _held_out(stage: RLStage, prompts: Sequence[Prompt]) -> list[Prompt]:
    """The prompts of the held-out score; those that are trained on as well are left out."""
    if not stage.held_out.prompts:
        return []
    trained = {prompt_key(prompt.messages) for prompt in prompts}
    found = read_prompts(stage.held_out.prompts, split="validation")
    return [prompt for prompt in found if prompt_key(prompt.messages) not in trained]


def _stream(context: Context, ptx: PretrainingText, tokenizer: Any) -> PretrainingStream:
    from ..trainers.pretraining import PretrainingStream, cut

    texts = [encode(tokenizer, text) for text in read_texts(ptx.data)]
    sequences = cut(texts, ptx.sequence_tokens, tokenizer.eos_token_id)
    if not len(sequences):
        raise ConfigError(f"the pretraining text is shorter than one sequence of {ptx.sequence_tokens} tokens.")
    return PretrainingStream(sequences, ptx.tokens_per_step // ptx.sequence_tokens, ptx.coef, context.seed)


class _Player:
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
        return {
            "prompt_ids": [path.prompt_ids for path in paths],
            # A turn that failed before a word was said still needs a token; the mask takes it out.
            "completion_ids": [path.completion_ids or [stop] for path in paths],
            "logprobs": [path.logprobs or [0.0] for path in paths],
            "env_mask": [path.mask or [0] for path in paths],
            "scores": scores,
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
            weighted = [self.stage.rewards[name] * value for name, value in told.items() if value is not None]  # pyright: ignore[reportArgumentType]
            self.context.run.append_sample({
                "stage": self.context.name,
                "step": step,
                "prompt": [message.to_dict() for message in rollout.reply.prompt.messages],
                "messages": [message.to_dict() for message in rollout.reply.messages],
                "rewards": told,
                "reward": round(sum(weighted), 4),
            })  # fmt: skip


def with_opening(opening: str, prompt: Prompt) -> list[Any]:
    """A prompt's messages behind the agent's system message."""
    return [*([Message("system", opening)] if opening else []), *prompt.messages]


class Looks:
    """Looks at the held-out score every so many steps, keeps the policy of its peak, and ends the stage behind it."""

    def __init__(
        self, context: Context, stage: RLStage, player: _Player, prompts: Sequence[Prompt], tokenizer: Any
    ) -> None:
        self._context, self._stage, self._player, self._prompts = context, stage, player, prompts
        self._tokenizer = tokenizer
        self._file = context.folder / "held_out.json"
        self.seen: list[dict[str, Any]] = []
        if self._file.is_file():
            self.seen = json.loads(self._file.read_text(encoding="utf-8"))

    def callback(self, trainer: Any) -> Any:
        """What the trainer calls."""
        from transformers import TrainerCallback

        looks = self

        class Callback(TrainerCallback):
            def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
                looks.seen = [one for one in looks.seen if one["step"] <= state.global_step]
                looks.look(trainer, state.global_step)

            def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
                last = state.global_step >= state.max_steps or control.should_training_stop
                if state.global_step % looks._stage.held_out.every == 0 or last:
                    looks.look(trainer, state.global_step)
                if looks.is_past_peak():
                    control.should_training_stop = True

        return Callback()

    def look(self, trainer: Any, step: int) -> None:
        """Scores greedy replies to the held-out prompts, once for each step."""
        if not self._prompts or any(one["step"] == step for one in self.seen):
            return
        learner = trainer.accelerator.unwrap_model(trainer.model)
        if self._player.copy is not None:
            self._player.copy.refresh(learner)
        else:
            trainer.vllm_generation.sync_weights()
        sampling = self._stage.sampling
        found = self._player.sampler.replies(
            self._prompts, [0] * len(self._prompts), temperature=0.0, max_new_tokens=sampling.max_new_tokens,
            max_steps=sampling.max_steps,
        )  # fmt: skip
        scores = gold([rollout.reply for rollout in found])
        from ....evals.statistics import estimate

        figure = estimate(scores, [prompt_key(prompt.messages) for prompt in self._prompts])
        line = {
            "step": step,
            "value": round(figure.mean, 4),
            "low": round(figure.low, 4),
            "high": round(figure.high, 4),
            "n": figure.n,
        }
        better = not self.seen or line["value"] > max(one["value"] for one in self.seen)
        self.seen.append(line)
        if not is_main():
            return
        self._context.run.append_metrics(
            {
                "stage": self._context.name,
                "step": step,
                "of": trainer.state.max_steps or step,
                "held_out/gold": line["value"],
            }
        )
        if better and step:
            save_policy(learner, self._tokenizer, self._context.folder / "best", self._context.policy.base)
        self._file.write_text(json.dumps(self.seen) + "\n", encoding="utf-8")

    def is_past_peak(self) -> bool:
        """Whether the last looks were all no better than the best before them."""
        patience = self._stage.held_out.patience
        values = [one["value"] for one in self.seen]
        return bool(patience) and len(values) > patience and max(values[-patience:]) <= max(values[:-patience])

    def best(self) -> Weights | None:
        """The policy of the peak; what the stage started from, where nothing was better; `None` without looks."""
        if not self.seen:
            return None
        peak = max(self.seen, key=lambda one: one["value"])
        if peak["step"] == 0:
            return self._context.policy
        folder = self._context.folder / "best"
        if self._context.recipe.adapter is None:
            return Weights(str(folder / "model"), None, self._context.policy.base)
        return Weights(self._context.policy.model, folder / "adapter", self._context.policy.base)

    def figures(self) -> dict[str, Any]:
        """The looks, for run.json."""
        if not self.seen:
            return {}
        peak = max(self.seen, key=lambda one: one["value"])
        return {"held_out": self.seen, "held_out_start": self.seen[0], "held_out_peak": peak}
