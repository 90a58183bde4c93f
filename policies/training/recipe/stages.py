"""The stages of a recipe. Each is a section with a `kind`; `stages/` carries them out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .data import ConversationSource, Generated, PretrainingText, PromptSource, RankingSource
from .feedback_stages import AIRankStage, CalibrateStage, CritiqueStage, JudgeChoice, TamerStage
from .sections import Adapter, Budget, Section

NAME = r"^[a-z0-9][a-z0-9-]*$"
# Schemes whose loss and gradients are TRL's own; see GRPOConfig.loss_type.
LossType = Literal["grpo", "bnpo", "dr_grpo", "dapo", "cispo"]
RewardName = Literal[
    "answer", "tool", "query", "citation", "format", "calls", "length", "reward_model", "judge", "live",
]  # fmt: skip


class Optimizer(Section):
    """What every stage that takes gradient steps has.

    Args:
        name: names the stage's folder in the run; its kind by default.
        epochs: passes over the data.
        learning_rate: peak of the schedule.
        schedule: how it falls after the warm-up.
        warmup_ratio: share of the steps over which the learning rate rises.
        weight_decay: of AdamW.
        max_grad_norm: clips the gradient.
        save_minutes: a checkpoint at least this often, so that a killed run resumes.
        log_steps: a line of metrics every so many steps.
        budget: ends the stage early.
    """

    name: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9-]*)?$")
    epochs: float = Field(default=1, gt=0)
    learning_rate: float = Field(default=1e-5, gt=0)
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    warmup_ratio: float = Field(default=0.03, ge=0, lt=1)
    weight_decay: float = Field(default=0.0, ge=0)
    max_grad_norm: float = Field(default=1.0, gt=0)
    save_minutes: float = Field(default=4.0, gt=0)
    log_steps: int = Field(default=1, ge=1)
    budget: Budget = Budget()


class SFTStage(Optimizer):
    """Supervised fine-tuning on conversations; the loss covers what the assistant said and called.

    Args:
        data: conversations.
        pack_tokens: length of one packed sequence in tokens (trainers/packing.py).
        packs_per_step: packs in one optimizer step.
        held_out: share of the prompts that is kept from training, for the held-out loss; 0 for none.
    """

    kind: Literal["sft"]
    data: list[ConversationSource] = Field(min_length=1)
    learning_rate: float = Field(default=5e-4, gt=0)
    log_steps: int = Field(default=10, ge=1)
    pack_tokens: int = Field(default=1024, ge=64)
    packs_per_step: int = Field(default=2, ge=1)
    held_out: float = Field(default=0.0, ge=0, lt=1)


class RewardStage(Optimizer):
    """A reward model from rankings (Ouyang et al. 2022, equation 1), started from the policy as it then is.

    Args:
        data: rankings.
        prompts_per_step: rankings in one optimizer step.
        accumulate: forward passes into which one optimizer step is split, to save memory.
        center: weight of the penalty on (r_i + r_j)² that keeps rewards near zero (Eisenstein et al. 2023).
        held_out: share of the prompts that is kept from training and reported on.
        max_tokens: longer replies are left out, and counted.
        adapter: trains a low-rank adapter, merged at the end, in place of all weights.
    """

    kind: Literal["reward"]
    data: list[RankingSource] = Field(min_length=1)
    learning_rate: float = Field(default=1e-5, gt=0)
    prompts_per_step: int = Field(default=8, ge=1)
    accumulate: int = Field(default=1, ge=1)
    center: float = Field(default=0.01, ge=0)
    held_out: float = Field(default=0.2, ge=0, lt=1)
    max_tokens: int = Field(default=1024, ge=16)
    adapter: Adapter | None = None


class Sampling(Section):
    """How replies are sampled while training.

    Args:
        temperature: also divides the learner's logits, so that both speak of one distribution.
        max_new_tokens: of one reply.
        max_steps: steps of a turn in which tools may be called.
        batch: conversations that are decoded at once.
    """

    temperature: float = Field(default=1.0, gt=0, le=10)
    max_new_tokens: int = Field(default=96, ge=1)
    max_steps: int = Field(default=3, ge=1)
    batch: int = Field(default=64, ge=1)


class Limits(Section):
    """Where a run stops with an error that says what to do, and keeps its last good checkpoint.

    Args:
        kl: nats per token between the policy and its reference.
        entropy: nats per token; below it the policy has collapsed.
        grad_norm: before clipping.
    """

    kl: float = Field(default=1.0, gt=0)
    entropy: float = Field(default=1e-3, ge=0)
    grad_norm: float = Field(default=1000.0, gt=0)


class HeldOut(Section):
    """The held-out score at whose peak a stage stops.

    Args:
        prompts: that are not trained on; greedy replies are scored by the verifiable rewards.
        every: optimizer steps between two looks.
        patience: looks without a better score after which the stage ends; 0 never ends it early.
    """

    prompts: list[PromptSource] = Field(default_factory=list[PromptSource])
    every: int = Field(default=10, ge=1)
    patience: int = Field(default=3, ge=0)


class RLStage(Optimizer):
    """Reinforcement learning with tools in the rollout.

    Args:
        algorithm: `grpo` (Shao et al. 2024) or `ppo` (Schulman et al. 2017; as in Ouyang et al. 2022).
        prompts: what the policy is asked.
        rewards: weight of each reward; those not named are not computed.
        live: the stage `tamer` whose head gives the reward `live`.
        live_as: how that counts: as a `reward` that is added to the others, or as `shaping` of the tokens by
            differences of potentials, which changes what PPO learns first and not what is best (Ng et al. 1999).
        judge: who gives the reward `judge`.
        judge_by: what it is: `pairwise`, the probability, the mean over both orders, of being better than the greedy
            reply of the policy that the stage started from; or `score`, the expectation of a score from 1 to 10, as
            0 to 1, which a reply that tells the judge what to say can sway.
        steps: optimizer steps.
        prompts_per_step: different prompts in one generation.
        generations: replies to each of them.
        iterations: passes over each generation; 1 is on-policy. PPO makes at least 2.
        minibatches: optimizer steps into which one pass over a generation is split.
        accumulate: forward passes into which one optimizer step is split, to save memory.
        loss: how the clipped objective is averaged over tokens.
        clip: of the policy's ratio.
        kl_coef: β of the KL penalty to the policy that the stage started from: in the loss (GRPO), in the reward (PPO).
        ratio_cap: truncates the weights that correct for sampler ≠ learner (Yao et al. 2025).
        gae_lambda, discount: of the advantages of PPO.
        value_coef, value_clip, value_learning_rate: of the value loss of PPO.
        ptx: the pretraining stream, for PPO-ptx and for GRPO alike.
        sampling: how replies are sampled.
        limits: where the run is broken off.
        held_out: where it stops.
        sample_steps: replies are written to samples.jsonl every so many steps.
        vllm_server_base_url: a vLLM server that samples the replies; by default this process does.
        vllm_server_timeout: seconds that the server has to come up, and for each reply.
        vllm_group_port: over which the server is sent the weights.
    """

    kind: Literal["rl"]
    algorithm: Literal["grpo", "ppo"] = "grpo"
    prompts: list[PromptSource] = Field(min_length=1)
    rewards: dict[RewardName, float] = Field(min_length=1)
    live: str = "tamer"
    live_as: Literal["reward", "shaping"] = "reward"
    judge: JudgeChoice = JudgeChoice()
    judge_by: Literal["score", "pairwise"] = "pairwise"
    learning_rate: float = Field(default=5e-6, gt=0)
    schedule: Literal["cosine", "linear", "constant"] = "constant"
    steps: int = Field(default=50, ge=1)
    prompts_per_step: int = Field(default=8, ge=1)
    generations: int = Field(default=8, ge=1)
    iterations: int = Field(default=1, ge=1)
    minibatches: int = Field(default=1, ge=1)
    accumulate: int = Field(default=1, ge=1)
    loss: LossType = "dapo"
    clip: float = Field(default=0.2, gt=0, lt=1)
    kl_coef: float = Field(default=0.02, ge=0)
    ratio_cap: float = Field(default=2.0, gt=1)
    gae_lambda: float = Field(default=0.95, ge=0, le=1)
    discount: float = Field(default=1.0, gt=0, le=1)
    value_coef: float = Field(default=0.1, gt=0)
    value_clip: float = Field(default=0.2, gt=0)
    value_learning_rate: float = Field(default=1e-3, gt=0)
    ptx: PretrainingText | None = None
    sampling: Sampling = Sampling()
    limits: Limits = Limits()
    held_out: HeldOut = HeldOut()
    sample_steps: int = Field(default=5, ge=1)
    vllm_server_base_url: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+$")
    vllm_server_timeout: float = Field(default=240.0, gt=0)
    vllm_group_port: int = Field(default=51216, ge=1, le=65535)

    @model_validator(mode="after")
    def _consistent(self) -> RLStage:
        if self.algorithm == "grpo" and self.generations < 2:
            raise ValueError("grpo compares the replies to one prompt: generations must be at least 2")
        if self.algorithm == "ppo" and self.iterations * self.minibatches < 2:
            raise ValueError("ppo needs iterations × minibatches of at least 2: with one step there is nothing to clip")
        if self.live_as == "shaping" and (self.algorithm != "ppo" or "live" not in self.rewards or self.discount != 1):
            raise ValueError("live_as: shaping needs the reward live, the algorithm ppo and a discount of 1")
        if self.live_as == "shaping" and not any(weight for name, weight in self.rewards.items() if name != "live"):
            raise ValueError("live_as: shaping changes no reward by itself: another reward than live is needed")
        if self.prompts_per_step % (self.minibatches * self.accumulate):
            raise ValueError("prompts_per_step must be divisible by minibatches × accumulate")
        return self


class DPOStage(Optimizer):
    """Direct preference optimisation (Rafailov et al. 2023): the cheap path, without a reward model or sampling.

    Args:
        data: rankings; every pair of unequal rank is used.
        beta: strength of the tie to the policy that the stage started from.
        pairs_per_step: pairs in one optimizer step.
        accumulate: forward passes into which one optimizer step is split.
        label_smoothing: share of labels taken to be wrong (conservative DPO).
        held_out: share of the prompts that is kept from training and reported on.
        max_tokens: longer replies are left out, and counted.
    """

    kind: Literal["dpo"]
    data: list[RankingSource] = Field(min_length=1)
    learning_rate: float = Field(default=5e-6, gt=0)
    beta: float = Field(default=0.1, gt=0)
    pairs_per_step: int = Field(default=8, ge=1)
    accumulate: int = Field(default=1, ge=1)
    label_smoothing: float = Field(default=0.0, ge=0, lt=0.5)
    held_out: float = Field(default=0.1, ge=0, lt=1)
    max_tokens: int = Field(default=1024, ge=16)


class EvaluateStage(Section):
    """Compares the policies of the stages before on prompts that none of them was trained on.

    Args:
        name: names the stage's folder in the run.
        prompts: held out; generated ones are of the split `test`.
        best_of: replies among which the reward model chooses, for the baseline of rejection sampling; 0 for none.
        sampling: how replies are sampled; single replies are greedy.
    """

    kind: Literal["evaluate"]
    name: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9-]*)?$")
    prompts: list[PromptSource] = Field(default_factory=lambda: [Generated(source="generated", rows=100)], min_length=1)
    best_of: int = Field(default=0, ge=0, le=64)
    sampling: Sampling = Sampling()


Stage = Annotated[
    CritiqueStage
    | SFTStage
    | AIRankStage
    | CalibrateStage
    | RewardStage
    | TamerStage
    | RLStage
    | DPOStage
    | EvaluateStage,
    Field(discriminator="kind"),
]


class Rounds(Section):
    """Stages that are repeated, each round starting from what the one before left, with replies sampled anew.

    Args:
        rounds: how often.
        stages: what is repeated.
    """

    rounds: int = Field(ge=1, le=100)
    stages: list[Stage] = Field(min_length=1)
