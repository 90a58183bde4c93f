"""What serving takes: how many GPUs for so many people at once, how fast it is for each, and what it costs.

People write at the same time, and each of their conversations is kept in memory. Left out: queues, uneven traffic,
idle hours, prefix caching beyond what `prompt` says, speculative decoding, and the network between machines.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from ....tools import ConfigError
from .amounts import within
from .decoding import WEIGHT_BYTES, Replica, kv_bytes_per_token
from .hardware import GPU
from .shapes import ModelShape

HOURS_PER_MONTH = 730.0
REPLICA_SIZES = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True)
class Demand:
    """What is to be served, and to how many.

    Args:
        parameters: of the model.
        shape: the model's sizes.
        users: conversations that are being answered at the same time.
        context: tokens of a conversation that are kept.
        reply: tokens of an answer.
        prompt: tokens that are read before an answer; all but the reply by default, as without a prefix cache.
        precision: of the weights: bf16, fp8, int8 or int4.
        speed: tokens/s that each user is to get, on average over an answer.
        first_token: seconds after which an answer begins, on a server where nobody waits.

    Raises:
        ConfigError: a number is out of its range.
    """

    parameters: float
    shape: ModelShape
    users: int
    context: int = 4096
    reply: int = 512
    prompt: int | None = None
    precision: str = "bf16"
    speed: float = 20.0
    first_token: float = 2.0

    def __post_init__(self) -> None:
        within(self.parameters, "params", 1e5, 1e15)
        within(self.users, "users", 1, 1e9)
        within(self.context, "context", 2, 10_000_000)
        within(self.reply, "reply", 1, self.context - 1)
        if self.prompt is not None:
            within(self.prompt, "prompt", 1, self.context - self.reply)
        within(self.speed, "speed", 0.01, 1e6)
        within(self.first_token, "first-token", 1e-3, 3600)
        if self.precision not in WEIGHT_BYTES:
            raise ConfigError(f"precision must be one of {', '.join(WEIGHT_BYTES)}; got {self.precision!r}.")

    @property
    def prompt_tokens(self) -> int:
        """Tokens that are read before an answer."""
        return self.context - self.reply if self.prompt is None else self.prompt

    def seconds_per_token(self, replica: Replica, batch: float) -> float:
        """Seconds between two tokens of a user when `batch` users share a replica, reading their prompts included."""
        reading = batch * replica.work_seconds(replica.prefill_work(self.prompt_tokens)) / self.reply
        return replica.step_seconds(batch, self.context) + reading


@dataclass(frozen=True)
class ServingPlan:
    """What serving takes.

    Args:
        demand: what is served.
        gpu: on which GPUs.
        gpus_per_replica: over which one copy of the weights is split.
        replicas: copies.
        batch: users of the fullest replica.
        price: US dollars for a GPU's hour.
        speed: tokens/s that each user gets.
        first_token_seconds: until an answer begins, where nobody waits.
        bound: what writing waits for: `bandwidth` or `compute`.
        limit: what kept more users from a replica: `memory`, `speed`, or `users` where there are no more.
        kv_bytes_per_token: keys and values of one token.
        weight_bytes: of one copy.
    """

    demand: Demand
    gpu: GPU
    gpus_per_replica: int
    replicas: int
    batch: int
    price: float
    speed: float
    first_token_seconds: float
    bound: str
    limit: str
    kv_bytes_per_token: float
    weight_bytes: float

    @property
    def count(self) -> int:
        return self.gpus_per_replica * self.replicas

    @property
    def memory(self) -> float:
        """Bytes on each GPU of the fullest replica: weights, keys and values."""
        cache = self.batch * self.demand.context * self.kv_bytes_per_token
        return (self.weight_bytes + cache) / self.gpus_per_replica

    @property
    def usd_per_month(self) -> float:
        return self.count * self.price * HOURS_PER_MONTH

    @property
    def tokens_per_second(self) -> float:
        """That all users get together."""
        return self.demand.users * self.speed

    @property
    def usd_per_million_tokens(self) -> float:
        """Of written tokens, while all users are there; more when some are not."""
        return self.count * self.price / 3600 / self.tokens_per_second * 1e6

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON, with what follows from it."""
        derived = ("count", "memory", "usd_per_month", "tokens_per_second", "usd_per_million_tokens")
        return asdict(self) | {name: getattr(self, name) for name in derived}


def plan_serving(
    demand: Demand, gpu: GPU, *, price: float | None = None, utilisation: float | None = None
) -> ServingPlan:
    """The fewest GPUs that serve so many users as fast as wanted.

    Args:
        demand: what is served.
        gpu: on which GPUs.
        price: US dollars for a GPU's hour; the GPU's own by default.
        utilisation: share of the peak FLOP/s that reading and writing achieve; the GPU's own by default.

    Raises:
        ConfigError: a number is out of its range, the model does not fit, or what is wanted cannot be reached.
    """
    cost = gpu.price if price is None else price
    share = gpu.utilisation if utilisation is None else utilisation
    within(cost, "price", 0, 10_000)
    within(share, "utilisation", 1e-4, 1)
    found: list[ServingPlan] = []
    for size in REPLICA_SIZES:
        replica = Replica(gpu, size, demand.parameters, demand.shape, demand.precision, share)
        room = min(replica.sequences(demand.context), demand.users)
        fast = _largest_batch(demand, replica, room)
        if not fast or replica.prefill_seconds(demand.prompt_tokens) > demand.first_token:
            continue
        replicas = math.ceil(demand.users / fast)
        batch = math.ceil(demand.users / replicas)
        limit = "users" if fast == demand.users else "memory" if fast == room else "speed"
        found.append(
            ServingPlan(
                demand, gpu, size, replicas, batch, cost, 1 / demand.seconds_per_token(replica, batch),
                replica.prefill_seconds(demand.prompt_tokens), replica.bound(batch, demand.context), limit,
                kv_bytes_per_token(demand.shape), replica.weight_bytes,
            )
        )  # fmt: skip
    if not found:
        raise ConfigError(_out_of_reach(demand, gpu, share))
    return min(found, key=lambda plan: (plan.count, plan.gpus_per_replica))


def _largest_batch(demand: Demand, replica: Replica, most: int) -> int:
    """Users whom a replica serves at the wanted speed; the time grows with each, so that halving finds it."""
    low, high = 0, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        if demand.seconds_per_token(replica, middle) <= 1 / demand.speed:
            low = middle
        else:
            high = middle
    return low


def _out_of_reach(demand: Demand, gpu: GPU, utilisation: float) -> str:
    replicas = [Replica(gpu, n, demand.parameters, demand.shape, demand.precision, utilisation) for n in REPLICA_SIZES]
    holding = [replica for replica in replicas if replica.sequences(demand.context)]
    most = f"up to {REPLICA_SIZES[-1]} × {gpu.name}"
    if not holding:
        return (
            f"the weights ({replicas[-1].weight_bytes / 1e9:,.0f} GB in {demand.precision}) and one conversation of "
            f"{demand.context:,} tokens do not fit on {most}. Take a lower --precision, a shorter --context, or a GPU "
            "with more memory."
        )
    soonest = min(replica.prefill_seconds(demand.prompt_tokens) for replica in holding)
    if soonest > demand.first_token:
        return (
            f"a prompt of {demand.prompt_tokens:,} tokens is read in {soonest:.3g} s at best on {most}, and "
            f"--first-token asks for {demand.first_token:g} s. Shorten --prompt or --context, or allow more time."
        )
    fastest = max(1 / demand.seconds_per_token(replica, 1) for replica in holding)
    if fastest < demand.speed:
        return (
            f"a user gets {fastest:.3g} tokens/s at best on {most}, and --speed asks for {demand.speed:g}. Lower it, "
            "or take a lower --precision or a GPU with more bandwidth."
        )
    return (
        f"{most} give {demand.speed:g} tokens/s, or the first token within {demand.first_token:g} s, but not both. "
        "Lower --speed, or allow more time with --first-token."
    )
