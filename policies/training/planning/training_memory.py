"""What training keeps on each GPU: weights, gradients, Adam's states, activations, and the caches of rollouts.

Sharding is ZeRO's (Rajbhandari et al. 2020), which FSDP has too: 0 keeps everything on every GPU, 1 shards the
optimizer's states, 2 the gradients besides, 3 the weights as well. Activations are those of the GPU's own sequences:
tensor, sequence and pipeline parallelism, which split them, are left out, and so is offloading to the host.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from .amounts import within
from .decoding import Replica, kv_bytes_per_token
from .hardware import GPU
from .shapes import ModelShape, assumed_shape, lora_parameters

Stage = Literal["pretrain", "sft", "reward", "dpo", "grpo", "ppo"]
Recompute = Literal["none", "selective", "full"]
STAGES: tuple[Stage, ...] = ("pretrain", "sft", "reward", "dpo", "grpo", "ppo")
RECOMPUTE: tuple[Recompute, ...] = ("none", "selective", "full")
SHARDINGS = (0, 1, 2, 3)

WEIGHTS, GRADIENTS, OPTIMIZER = 2, 2, 12  # bytes per parameter: fp16 or bf16; fp32 weights, momentum and variance
MOST_GPUS = 1_000_000
ROLLOUTS_AT_ONCE = 256  # assumed: sequences that a replica decodes together at most
_REPLICA_SIZES = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True)
class Training:
    """What is to be trained, and on how much.

    Args:
        parameters: of the policy.
        tokens: that are trained on. Of `reward` and `dpo` all replies with their prompts count; of `grpo` and `ppo`
            the rollouts with their prompts.
        shape: the policy's sizes.
        stage: `ppo` has a policy, a value model, a reference and a reward model; `grpo` and `dpo` a policy and a
            reference; the others one model.
        lora_rank: trains adapters of this rank on every linear layer; 0 trains all weights. The reference is then the
            policy without its adapter.
        sequence: tokens of a sequence; with rollouts, of prompt and reply.
        batch: sequences that a GPU works on at once.
        recompute: what of the forward pass is computed again in the backward pass: nothing, attention's scores (as
            FlashAttention does in any case), or everything but the layers' inputs.
        reply: tokens of a sequence that the policy writes in `grpo` and `ppo`; half by default.
        reward_parameters: of the reward model and of the value model of `ppo`; as many as the policy's by default.

    Raises:
        ConfigError: a number is out of its range.
    """

    parameters: float
    tokens: float
    shape: ModelShape
    stage: Stage = "pretrain"
    lora_rank: int = 0
    sequence: int = 2048
    batch: int = 1
    recompute: Recompute = "full"
    reply: int | None = None
    reward_parameters: float | None = None

    def __post_init__(self) -> None:
        within(self.parameters, "params", 1e5, 1e15)
        within(self.tokens, "tokens", 1, 1e18)
        within(self.lora_rank, "lora-rank", 0, 10_000)
        within(self.sequence, "sequence", 2, 10_000_000)
        within(self.batch, "batch", 1, 1_000_000)
        if self.reply is not None:
            within(self.reply, "reply", 1, self.sequence - 1)
        if self.reward_parameters is not None:
            within(self.reward_parameters, "reward-params", 1e5, 1e15)

    @property
    def samples(self) -> bool:
        """Whether the policy writes what it is trained on."""
        return self.stage in ("grpo", "ppo")

    @property
    def has_reference(self) -> bool:
        """Whether a frozen copy of the policy is asked too."""
        return self.stage in ("dpo", "grpo", "ppo")

    @property
    def reply_tokens(self) -> int:
        """Tokens of a sequence that the policy writes."""
        return (self.reply or self.sequence // 2) if self.samples else 0

    @property
    def critic_parameters(self) -> float:
        """Of the reward model, and of the value model; 0 where there are none."""
        return (self.reward_parameters or self.parameters) if self.stage == "ppo" else 0.0

    def trained_parameters(self) -> float:
        """Parameters that have gradients, over all models."""
        models = [(self.parameters, self.shape)]
        if self.critic_parameters:
            models.append((self.critic_parameters, assumed_shape(self.critic_parameters)))
        if self.lora_rank:
            return sum(lora_parameters(shape, self.lora_rank) for _, shape in models)
        return sum(parameters for parameters, _ in models)

    def frozen_parameters(self) -> float:
        """Parameters that are only read, over all models."""
        if self.lora_rank:
            return self.parameters + 2 * self.critic_parameters  # the policy's base is the reference as well
        return (self.parameters if self.has_reference else 0) + self.critic_parameters


@dataclass(frozen=True)
class Memory:
    """Bytes on each GPU.

    Args:
        sharding: ZeRO's stage.
        weights: of what is trained.
        gradients: of what is trained.
        optimizer: Adam's states and fp32 weights of what is trained.
        frozen: weights that are only read.
        gathered: weights of two layers that are put together for use, with sharding 3.
        activations: of the GPU's sequences, and the logits.
        rollouts: while replies are written: the sampler's own copy of the weights, and keys and values.
    """

    sharding: int
    weights: float
    gradients: float
    optimizer: float
    frozen: float = 0.0
    gathered: float = 0.0
    activations: float = 0.0
    rollouts: float = 0.0

    @property
    def states(self) -> float:
        """Bytes that stay from step to step."""
        return self.weights + self.gradients + self.optimizer + self.frozen

    @property
    def passing(self) -> float:
        """Bytes that come and go. Replies are written, and then trained on: never both at once."""
        return max(self.gathered + self.activations, self.rollouts)

    @property
    def total(self) -> float:
        """Bytes at most."""
        return self.states + self.passing

    def to_dict(self) -> dict[str, float]:
        """The parts and their sum, as JSON."""
        return asdict(self) | {"total": self.total}


def model_states(parameters: float, count: int, sharding: int) -> Memory:
    """Weights, gradients and Adam's states of mixed precision on each of `count` GPUs: 16 bytes a parameter unsharded.

    Rajbhandari et al. 2020, figure 1: 7.5B parameters on 64 GPUs take 120 GB, and with sharding 1, 2 and 3 31.4, 16.6
    and 1.9 GB.

    Args:
        parameters: that are trained.
        count: GPUs over which is sharded.
        sharding: ZeRO's stage, 0 to 3.
    """
    return Memory(
        sharding,
        weights=WEIGHTS * parameters / (count if sharding >= 3 else 1),
        gradients=GRADIENTS * parameters / (count if sharding >= 2 else 1),
        optimizer=OPTIMIZER * parameters / (count if sharding >= 1 else 1),
    )


def activation_bytes_per_layer(sequence: int, batch: int, hidden: int, heads: int, recompute: Recompute) -> float:
    """Bytes that one layer keeps for the backward pass, in bf16 and on one GPU.

    Korthikanti et al. 2022, equation 1: s·b·h·(34 + 5·a·s/h); section 5: 34·s·b·h when attention's scores are
    recomputed, and table 2: 2·s·b·h when everything is. GPT-3's 5·a·s/h is 80.

    Args:
        sequence: tokens, s.
        batch: sequences, b.
        hidden: width, h.
        heads: a.
        recompute: what is not kept.
    """
    each = {"none": 34 + 5 * heads * sequence / hidden, "selective": 34.0, "full": 2.0}[recompute]
    return sequence * batch * hidden * each


def activation_bytes(training: Training) -> float:
    """Bytes of all layers, of the one layer that is being recomputed, and of the logits.

    Korthikanti et al. 2022, section 4.3, has 4·s·b·V for the logits in fp32.
    """
    shape, tokens = training.shape, training.sequence * training.batch
    layer = activation_bytes_per_layer(training.sequence, training.batch, shape.hidden, shape.heads, training.recompute)
    again = 34.0 * tokens * shape.hidden if training.recompute == "full" else 0.0
    vocabulary = 1 if training.stage == "reward" else shape.vocabulary
    return shape.layers * layer + again + 4.0 * tokens * vocabulary


def training_memory(training: Training, gpu: GPU, count: int, sharding: int) -> Memory:
    """What each of `count` GPUs holds.

    `rollouts` fills what is free, up to `ROLLOUTS_AT_ONCE` sequences a replica; where not even one sequence fits, it is
    what that one would take.
    """
    states = model_states(training.trained_parameters(), count, sharding)
    whole = sharding < 3
    frozen = WEIGHTS * training.frozen_parameters() / (1 if whole else count)
    gathered = 0.0 if whole or count == 1 else 2 * WEIGHTS * training.parameters / training.shape.layers
    rollouts = 0.0
    if training.samples:
        replica, batch = rollout_replica(training, gpu, count, states.states + frozen)
        cache = max(1, batch) * training.sequence * kv_bytes_per_token(training.shape)
        rollouts = (replica.weight_bytes + cache) / replica.gpus
    return Memory(
        sharding, states.weights, states.gradients, states.optimizer, frozen, gathered, activation_bytes(training),
        rollouts,
    )  # fmt: skip


def rollout_replica(
    training: Training, gpu: GPU, count: int, taken: float, utilisation: float | None = None
) -> tuple[Replica, int]:
    """The smallest group of GPUs that writes replies beside what training keeps there, and its sequences at once.

    Args:
        training: what is trained.
        gpu: of which there are.
        count: how many.
        taken: bytes on each GPU that training holds.
        utilisation: share of the peak that is achieved; the GPU's own by default.

    Returns:
        The group, and how many sequences it decodes together: 0 where none fits on any group.
    """
    share = gpu.utilisation if utilisation is None else utilisation
    sizes = [size for size in _REPLICA_SIZES if size <= count]
    replicas = [Replica(gpu, size, training.parameters, training.shape, "bf16", share) for size in sizes]
    for replica in replicas:
        if batch := replica.sequences(training.sequence, taken):
            return replica, min(batch, ROLLOUTS_AT_ONCE)
    return replicas[-1], 0


def fits(memory: Memory, gpu: GPU) -> bool:
    """Whether a GPU has room for it."""
    return memory.total <= gpu.usable_memory


def smallest_count(training: Training, gpu: GPU, sharding: int) -> int | None:
    """The fewest GPUs on which it fits; `None` where no number of them is enough."""

    def enough(count: int) -> bool:
        return fits(training_memory(training, gpu, count, sharding), gpu)

    if enough(1):
        return 1
    low, high = 1, MOST_GPUS
    if not enough(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
