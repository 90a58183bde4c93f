"""`pericles plan`: what a training or a service will take, before anything is rented."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..tools import ConfigError

if TYPE_CHECKING:
    from ..policies.training.planning import GPU, ModelShape, ServingPlan, TrainingPlan

_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_TIMES = ((365.25 * 86_400, 2, "years"), (86_400, 2, "days"), (3600, 1, "hours"), (60, 1, "minutes"))
_SHARDED = ("0: nothing", "1: optimizer", "2: and gradients", "3: and weights")
_TRAINING_ONLY = ("tokens", "count", "stage", "lora_rank", "sequence", "batch", "recompute", "reward_params")
_SERVING_ONLY = ("users", "context", "prompt", "precision", "speed", "first_token")


def plan(
    params: Annotated[str | None, typer.Option(help="Parameters of the model: 175e9, 175B, 7b.")] = None,
    model: Annotated[
        str | None, typer.Option(help="A local folder with config.json, whose sizes are read in place of --params.")
    ] = None,
    gpu: Annotated[str, typer.Option(help="v100-32g, a100-80g, h100-80g, h200-141g, b200, mi300x, …")] = "h100-80g",
    price: Annotated[float | None, typer.Option(help="US dollars for a GPU's hour; a list price by default.")] = None,
    utilisation: Annotated[
        float | None, typer.Option(help="Share of the peak FLOP/s that is achieved; a published one by default.")
    ] = None,
    kv_heads: Annotated[int | None, typer.Option(help="Heads of keys and values, with --params (8).")] = None,
    reply: Annotated[
        int | None, typer.Option(help="Tokens of a reply: grpo, ppo (half of --sequence), --serve (512).")
    ] = None,
    tokens: Annotated[str | None, typer.Option(help="Tokens to train on: 300B.")] = None,
    count: Annotated[int | None, typer.Option(help="GPUs; the fewest on which it fits by default.")] = None,
    stage: Annotated[str | None, typer.Option(help="pretrain (the default), sft, reward, dpo, grpo or ppo.")] = None,
    lora_rank: Annotated[int | None, typer.Option(help="Train adapters of this rank, not all weights.")] = None,
    sequence: Annotated[int | None, typer.Option(help="Tokens of a sequence (2048).")] = None,
    batch: Annotated[int | None, typer.Option(help="Sequences that a GPU works on at once (1).")] = None,
    recompute: Annotated[
        str | None, typer.Option(help="Activations that are computed twice: none, selective or full (full).")
    ] = None,
    reward_params: Annotated[
        str | None, typer.Option(help="Parameters of ppo's reward and value models; the policy's by default.")
    ] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Plan a service in place of a training.")] = False,
    users: Annotated[str | None, typer.Option(help="Users who are being answered at the same time.")] = None,
    context: Annotated[int | None, typer.Option(help="Tokens that are kept of a conversation (4096).")] = None,
    prompt: Annotated[int | None, typer.Option(help="Tokens that are read anew for an answer; all by default.")] = None,
    precision: Annotated[str | None, typer.Option(help="Of the weights: bf16, fp8, int8 or int4 (bf16).")] = None,
    speed: Annotated[float | None, typer.Option(help="Tokens/s that each user is to get (20).")] = None,
    first_token: Annotated[float | None, typer.Option(help="Seconds in which an answer is to begin (2).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how many GPUs, days and dollars a training or a service takes, from published formulas."""
    given: dict[str, Any] = {
        "tokens": tokens, "count": count, "stage": stage, "lora_rank": lora_rank, "sequence": sequence, "batch": batch,
        "recompute": recompute, "reward_params": reward_params, "users": users, "context": context, "prompt": prompt,
        "precision": precision, "speed": speed, "first_token": first_token,
    }  # fmt: skip
    for name in _TRAINING_ONLY if serve else _SERVING_ONLY:
        if given[name] is not None:
            flag = f"--{name.replace('_', '-')}"
            raise ConfigError(f"{flag} is for {'training: leave out' if serve else 'serving: add'} --serve.")
    from ..policies.training.planning import find_gpu

    card = find_gpu(gpu)
    parameters, shape, assumed = _model(params, model, kv_heads)
    chosen = {name: value for name, value in given.items() if value is not None}
    if reply is not None:
        chosen["reply"] = reply
    if serve:
        planned = _serving(parameters, shape, card, chosen, price, utilisation)
    else:
        planned = _training(parameters, shape, card, chosen, price, utilisation)
    if as_json:
        typer.echo(json.dumps(planned.to_dict()))
    else:
        _show(planned, assumed)


def _model(params: str | None, ref: str | None, kv_heads: int | None) -> tuple[float, ModelShape, str]:
    """Parameters, sizes, and what was assumed of them."""
    from ..policies.training.planning import assumed_shape, read_amount, read_shape, transformer_parameters
    from ..policies.training.planning.amounts import within

    if (params is None) == (ref is None):
        raise ConfigError("say which model: either --params, such as 7B, or --model FOLDER.")
    if ref is not None:
        if kv_heads is not None:
            raise ConfigError("--kv-heads goes with --params: with --model it is read from config.json.")
        shape = read_shape(ref)
        return transformer_parameters(shape), shape, ""
    parameters = read_amount(params or "", "--params")
    within(parameters, "params", 1e5, 1e15)
    shape = assumed_shape(parameters) if kv_heads is None else assumed_shape(parameters, kv_heads=kv_heads)
    sizes = f"{shape.layers} layers, width {shape.hidden:,}, {shape.heads} heads, {shape.kv_heads} of keys and values"
    return parameters, shape, f"{sizes}; --model reads a model's own sizes"


def _training(
    parameters: float,
    shape: ModelShape,
    gpu: GPU,
    given: dict[str, Any],
    price: float | None,
    utilisation: float | None,
) -> TrainingPlan:
    from ..policies.training.planning import RECOMPUTE, STAGES, Training, plan_training, read_amount

    if "tokens" not in given:
        raise ConfigError("say on how many --tokens, such as 300B; or add --serve to plan a service.")
    for name, known in (("stage", STAGES), ("recompute", RECOMPUTE)):
        if given.get(name, known[0]) not in known:
            raise ConfigError(f"--{name} must be one of {', '.join(known)}; got {given[name]!r}.")
    given["tokens"] = read_amount(given["tokens"], "--tokens")
    count = given.pop("count", None)
    critic = given.pop("reward_params", None)
    stage = given.get("stage")
    if critic is not None:
        if stage != "ppo":
            raise ConfigError("--reward-params is for --stage ppo, which alone keeps a reward and a value model.")
        given["reward_parameters"] = read_amount(critic, "--reward-params")
    if "reply" in given and stage not in ("grpo", "ppo"):
        raise ConfigError("--reply is for --stage grpo or ppo, in which the policy writes, and for --serve.")
    return plan_training(Training(parameters, shape=shape, **given), gpu, count, utilisation=utilisation, price=price)


def _serving(
    parameters: float,
    shape: ModelShape,
    gpu: GPU,
    given: dict[str, Any],
    price: float | None,
    utilisation: float | None,
) -> ServingPlan:
    from ..policies.training.planning import Demand, plan_serving, read_amount
    from ..policies.training.planning.amounts import within

    if "users" not in given:
        raise ConfigError("say for how many --users at the same time, such as 1000.")
    users = read_amount(given["users"], "--users")
    within(users, "users", 1, 1e9)
    given["users"] = round(users)
    return plan_serving(Demand(parameters, shape, **given), gpu, price=price, utilisation=utilisation)


def _show(planned: TrainingPlan | ServingPlan, assumed: str) -> None:
    from rich.console import Console
    from rich.table import Table

    from ..policies.training.planning import TrainingPlan

    console = Console(highlight=False)
    facts = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    if isinstance(planned, TrainingPlan):
        title, rows = _training_facts(planned)
        left_out = "failures and restarts, data loading, checkpoints, evaluation, and trials before the run"
    else:
        title, rows = _serving_facts(planned)
        left_out = "queues, uneven traffic, idle hours, and the network between machines"
    for row in rows:
        facts.add_row(*row)
    console.print(title, markup=False)
    console.print()
    console.print(facts)
    if isinstance(planned, TrainingPlan):
        console.print()
        console.print(_memory_table(planned))
    console.print()
    if assumed:
        console.print(f"Assumed: {assumed}.", markup=False)
    console.print(f"Left out: {left_out}. Nothing here was measured.", markup=False)


def _training_facts(planned: TrainingPlan) -> tuple[str, list[tuple[str, str, str]]]:
    training, gpu = planned.training, planned.gpu
    how = f"LoRA of rank {training.lora_rank}" if training.lora_rank else "all weights"
    title = (
        f"{training.stage} of {_amount(training.parameters)} parameters on {_amount(training.tokens)} tokens with "
        f"{planned.count:,} × {gpu.name} ({how}, recompute {training.recompute})"
    )
    parts = ", ".join(f"{part} {flops / planned.flops:.0%}" for part, flops in planned.work.items())
    rows = [("work", f"{planned.flops:.3g} FLOPs", parts if len(planned.work) > 1 else "")]
    source = _source(planned.utilisation, gpu.utilisation, gpu.utilisation_source)
    share = f"{planned.utilisation:.3g} of the peak: {source}"
    if training.samples:
        written = f"{_amount(planned.sampled_tokens)} tokens, bound by {planned.sampling_bound}"
        rows += [("training", _time(planned.training_seconds), share)]
        rows += [("writing replies", _time(planned.sampling_seconds), written), ("time", _time(planned.seconds), "")]
    else:
        rows += [("time", _time(planned.seconds), share)]
    rows += [
        ("GPU-hours", f"{planned.gpu_hours:,.0f}" if planned.gpu_hours >= 10 else f"{planned.gpu_hours:.2g}", ""),
        ("money", _money(planned.usd), _price(planned.price, gpu)),
        ("energy", _energy(planned.kwh), f"GPUs at {gpu.power:,.0f} W, with cooling: × {planned.pue:g}"),
        ("optimizer step", f"≥ {_amount(planned.tokens_per_step)} tokens", "one batch on every GPU"),
        ("fits", *_verdict(planned)),
    ]
    return title, rows


def _verdict(planned: TrainingPlan) -> tuple[str, str]:
    if planned.sharding is not None:
        memory = planned.memory[planned.sharding]
        room = f"{_gigabytes(memory.total)} of {_gigabytes(planned.gpu.usable_memory)} GB on each GPU"
        filled = "; as many replies at once as there is room for" if planned.training.samples else ""
        return f"yes, sharding {planned.sharding}", room + filled
    fewest = min((count for count in planned.smallest_counts if count is not None), default=None)
    return "no", "on no number of these GPUs" if fewest is None else f"{fewest:,} GPUs are needed at least"


def _memory_table(planned: TrainingPlan) -> Any:
    from rich.table import Table

    passing = "activations" if not planned.training.samples else "activations or replies"
    table = Table("GB on each GPU, sharded", box=None, padding=(0, 2, 0, 0))
    for heading in ("weights", "gradients", "Adam", "frozen", passing, "sum", "fewest GPUs"):
        table.add_column(heading, justify="right")
    for memory, fewest in zip(planned.memory, planned.smallest_counts, strict=True):
        parts = (memory.weights, memory.gradients, memory.optimizer, memory.frozen, memory.passing, memory.total)
        needed = "none" if fewest is None else f"{fewest:,}"
        table.add_row(_SHARDED[memory.sharding], *map(_gigabytes, parts), needed)
    return table


def _serving_facts(planned: ServingPlan) -> tuple[str, list[tuple[str, str, str]]]:
    demand, gpu = planned.demand, planned.gpu
    title = (
        f"serve {_amount(demand.parameters)} parameters in {demand.precision} to {demand.users:,} users at the same "
        f"time, {demand.context:,} tokens each, on {gpu.name}"
    )
    limits = {"memory": "memory allows no more", "speed": "more would be too slow", "users": "there are no more"}
    copies = f"{planned.replicas:,} × {planned.gpus_per_replica}"
    rows = [
        ("GPUs", f"{planned.count:,}", f"{copies}: copies of the weights, each over {planned.gpus_per_replica}"),
        ("users of a copy", f"{planned.batch:,}", limits[planned.limit]),
        ("speed", f"{planned.speed:.3g} tokens/s", f"for each user; bound by {planned.bound}"),
        ("all together", f"{_amount(planned.tokens_per_second)} tokens/s", ""),
        ("first token", f"{planned.first_token_seconds:.2g} s", f"of {demand.prompt_tokens:,} tokens that are read"),
        ("weights", f"{_gigabytes(planned.weight_bytes)} GB", "of one copy"),
        (
            "keys and values",
            f"{demand.context * planned.kv_bytes_per_token / 1e9:.3g} GB",
            f"of a user, {planned.kv_bytes_per_token:,.0f} bytes a token",
        ),
        ("memory", f"{_gigabytes(planned.memory)} GB", f"of {_gigabytes(gpu.usable_memory)} GB on each GPU"),
        ("money", f"{_money(planned.usd_per_month)} a month", _price(planned.price, gpu)),
        ("", f"{_money(planned.usd_per_million_tokens)} per million", "written tokens, while all users are there"),
    ]
    return title, rows


def _price(price: float, gpu: GPU) -> str:
    return f"${price:.2f} a GPU-hour: {_source(price, gpu.price, gpu.price_source)}"


def _source(used: float, usual: float, source: str) -> str:
    return source if used == usual else "as given"


def _amount(value: float) -> str:
    for size, unit in _UNITS:
        if value >= size:
            return f"{value / size:.4g} {unit}"
    return f"{value:.4g}"


def _gigabytes(value: float) -> str:
    return f"{value / 1e9:,.1f}"


def _money(value: float) -> str:
    return f"${value:,.0f}" if value >= 100 else f"${value:,.2f}"


def _energy(kwh: float) -> str:
    return f"{kwh / 1000:,.3g} MWh" if kwh >= 10_000 else f"{kwh:,.3g} kWh"


def _time(seconds: float) -> str:
    for size, least, unit in _TIMES:
        if seconds >= least * size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds:.3g} seconds"
