"""The stage `rl`: GRPO or PPO on replies that the agent's own loop samples, with or without PPO-ptx."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ....tools import ConfigError
from ...feedback import prompt_key
from ..models import VALUE_HEAD, load_model, load_tokenizer, sampling_precision, save_policy
from ..processes import processes
from ..recipe import PretrainingText, RLStage
from ..rollouts import ServerDecoder
from ..sources.prompt import Prompt
from ..sources.prompts import read_prompts
from ..sources.texts import read_texts
from ..tokens import encode
from .arguments import common_arguments, set_threads
from .context import Context, Outcome
from .looks import Looks
from .player import Player, weights_of
from .sampling import Sampler, stop_ids
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
        reward_weights=list(weights_of(stage).values()),
        **_server_arguments(stage),
    )
    player = Player(context, stage, tokenizer, prompts)
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
        dtype = torch.bfloat16 if sampling_precision(context.recipe.precision) == "bf16" else torch.float32
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
