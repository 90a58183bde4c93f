"""What a training takes: arithmetic, time, memory, money and energy.

Left out: waiting for the network beyond what the achieved share of the peak contains, failures and restarts, data
loading, checkpoints, evaluation, and trials before the run that counts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ....tools import ConfigError
from .amounts import within
from .hardware import GPU
from .shapes import ModelShape, assumed_shape
from .training_memory import (
    MOST_GPUS,
    SHARDINGS,
    Memory,
    Recompute,
    Training,
    fits,
    rollout_replica,
    smallest_count,
    training_memory,
)

PUE = 1.2  # assumed: power into the hall for each watt of the GPUs; 1.1 in the best halls, about 1.6 on average
DAY = 86_400.0
YEAR = 365.25 * DAY


def forward_flops_per_token(parameters: float, shape: ModelShape | None = None, sequence: int = 0) -> float:
    """FLOPs of a forward pass for each token: 2N, and attention's own 2·layers·width·s.

    Kaplan et al. 2020, table 1 and section 2.1. Attention there is twice as much; a causal kernel skips the half that
    is masked, as FlashAttention does.

    Args:
        parameters: N.
        shape: of the model; without it attention is left out.
        sequence: tokens of a sequence, s.
    """
    attention = 2.0 * shape.layers * shape.attention_width * sequence if shape else 0.0
    return 2.0 * parameters + attention


def training_flops_per_token(
    parameters: float,
    shape: ModelShape | None = None,
    sequence: int = 0,
    *,
    recompute: Recompute = "full",
    frozen: bool = False,
) -> float:
    """FLOPs of a forward and a backward pass for each token.

    6N (Kaplan et al. 2020, section 2.1), or 8N with everything recomputed (Narayanan et al. 2021, equations 3 and 4).
    Where the weights are frozen under adapters, no gradients of them are computed: 4N, or 6N.

    Args:
        parameters: N.
        shape: of the model; without it attention is left out.
        sequence: tokens of a sequence.
        recompute: what is computed twice.
        frozen: whether only adapters are trained; their own work is below 1 % and left out.
    """
    forward = forward_flops_per_token(parameters, shape, sequence)
    attention = forward - 2.0 * parameters
    flops = 3.0 * forward - (2.0 * parameters if frozen else 0.0)
    return flops + {"none": 0.0, "selective": attention, "full": forward}[recompute]


def training_seconds(flops: float, gpu: GPU, count: int, utilisation: float | None = None) -> float:
    """Seconds: FLOPs / (GPUs · achieved FLOP/s of each).

    With 8TP FLOPs this is Narayanan et al. 2021, equation 4, 8TP/(nX): GPT-3 on 1,024 A100 at 140 TFLOP/s takes 34
    days.

    Args:
        flops: recomputation included.
        gpu: of which there are.
        count: how many.
        utilisation: share of the peak that is achieved; the GPU's own by default.
    """
    return flops / (count * gpu.flops * (gpu.utilisation if utilisation is None else utilisation))


def training_work(training: Training) -> dict[str, float]:
    """FLOPs of each part of a training. Writing replies is counted apart, since it seldom waits for arithmetic.

    Returns:
        `policy` and `value` are trained; `reference` and `reward` are forward passes over the same tokens.
    """
    policy = (training.parameters, training.shape, training.sequence)
    how: dict[str, Any] = {"recompute": training.recompute, "frozen": bool(training.lora_rank)}
    each = {"policy": training_flops_per_token(*policy, **how)}
    if training.has_reference:
        each["reference"] = forward_flops_per_token(*policy)
    if training.critic_parameters:
        critic = (training.critic_parameters, assumed_shape(training.critic_parameters), training.sequence)
        each["value"] = training_flops_per_token(*critic, **how)
        each["reward"] = forward_flops_per_token(*critic)
    return {part: training.tokens * flops for part, flops in each.items()}


@dataclass(frozen=True)
class TrainingPlan:
    """What a training takes on some GPUs.

    Args:
        training: what is trained.
        gpu: on which GPUs.
        count: how many.
        utilisation: share of their peak that is assumed.
        price: US dollars for a GPU's hour.
        pue: power into the hall for each watt of the GPUs.
        work: FLOPs of each part.
        sampled_tokens: that the policy writes.
        training_seconds: of the parts in `work`.
        sampling_seconds: of writing replies.
        sampling_bound: what writing waits for: `bandwidth` or `compute`; empty where nothing is written.
        memory: bytes on each GPU, for each way of sharding.
        sharding: the least that fits; `None` where none does.
        smallest_counts: the fewest GPUs on which it fits, for each way of sharding; `None` where none is enough.
    """

    training: Training
    gpu: GPU
    count: int
    utilisation: float
    price: float
    pue: float
    work: dict[str, float]
    sampled_tokens: float
    training_seconds: float
    sampling_seconds: float
    sampling_bound: str
    memory: tuple[Memory, ...]
    sharding: int | None
    smallest_counts: tuple[int | None, ...]

    @property
    def flops(self) -> float:
        return sum(self.work.values())

    @property
    def seconds(self) -> float:
        return self.training_seconds + self.sampling_seconds

    @property
    def tokens_per_step(self) -> int:
        """That the GPUs work on together, and so the fewest in an optimizer step."""
        return self.count * self.training.batch * self.training.sequence

    @property
    def gpu_hours(self) -> float:
        return self.count * self.seconds / 3600

    @property
    def usd(self) -> float:
        return self.gpu_hours * self.price

    @property
    def kwh(self) -> float:
        """Of the GPUs at full power and of cooling them; their hosts are left out."""
        return self.gpu_hours * self.gpu.power * self.pue / 1000

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON, with what follows from it."""
        value = asdict(self)
        value["memory"] = [memory.to_dict() for memory in self.memory]
        for name in ("flops", "seconds", "gpu_hours", "usd", "kwh", "tokens_per_step"):
            value[name] = getattr(self, name)
        value["days"] = self.seconds / DAY
        return value


def plan_training(
    training: Training,
    gpu: GPU,
    count: int | None = None,
    *,
    utilisation: float | None = None,
    price: float | None = None,
    pue: float = PUE,
) -> TrainingPlan:
    """Plans a training.

    Args:
        training: what is trained.
        gpu: on which GPUs.
        count: how many; the fewest on which it fits by default.
        utilisation: share of their peak that is achieved, recomputation counted as work; the GPU's own by default.
        price: US dollars for a GPU's hour; the GPU's own by default.
        pue: power into the hall for each watt of the GPUs.

    Raises:
        ConfigError: a number is out of its range, or without a count it fits on none.
    """
    share = gpu.utilisation if utilisation is None else utilisation
    cost = gpu.price if price is None else price
    within(share, "utilisation", 1e-4, 1)
    within(cost, "price", 0, 10_000)
    within(pue, "pue", 1, 10)
    smallest = tuple(smallest_count(training, gpu, sharding) for sharding in SHARDINGS)
    if count is None:
        count = min((fewest for fewest in smallest if fewest is not None), default=None)
        if count is None:
            raise ConfigError(_too_large(training, gpu))
    within(count, "count", 1, MOST_GPUS)
    memory = tuple(training_memory(training, gpu, count, sharding) for sharding in SHARDINGS)
    sharding = next((each.sharding for each in memory if fits(each, gpu)), None)
    work = training_work(training)
    sampled, sampling, bound = _sampling(training, gpu, count, memory[sharding or 0], sharding is not None, share)
    return TrainingPlan(
        training, gpu, count, share, cost, pue, work, sampled,
        training_seconds(sum(work.values()), gpu, count, share), sampling, bound, memory, sharding, smallest,
    )  # fmt: skip


def _sampling(
    training: Training, gpu: GPU, count: int, memory: Memory, fitting: bool, utilisation: float
) -> tuple[float, float, str]:
    """Tokens that are written, the seconds for it, and what it waits for.

    Where the training does not fit, the time is that of GPUs that do nothing else.
    """
    if not training.samples:
        return 0.0, 0.0, ""
    replica, batch = rollout_replica(training, gpu, count, memory.states if fitting else 0.0, utilisation)
    batch, reply = max(1, batch), training.reply_tokens
    prompt = training.sequence - reply
    replicas, rollouts = count / replica.gpus, training.tokens / training.sequence
    context = prompt + reply / 2
    steps = rollouts * reply / (batch * replicas)
    reading = replica.work_seconds(rollouts * replica.prefill_work(prompt)) / replicas
    return rollouts * reply, steps * replica.step_seconds(batch, context) + reading, replica.bound(batch, context)


def _too_large(training: Training, gpu: GPU) -> str:
    least = training_memory(training, gpu, MOST_GPUS, 3)
    return (
        f"this does not fit on any number of {gpu.name}: even with everything sharded each has to hold "
        f"{least.total / 1e9:,.1f} GB, of which activations are {least.activations / 1e9:,.1f} GB, and "
        f"{gpu.usable_memory / 1e9:,.1f} GB are usable. Lower --batch or --sequence, recompute more, or take a GPU "
        "with more memory."
    )
