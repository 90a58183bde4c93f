"""Runs the shards of an evaluation on a Ray cluster, and joins them.

Each shard runs where Ray puts it, with a policy of its own, in a folder of its own; its files travel back to this
machine, so the nodes need to share nothing. A shard that fails is run again by the same command; the others are kept.
"""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ...tools import ConfigError
from ..reports.report import REPORT, Report
from ..samples import Suite
from .merging import merge_shards
from .options import Options


def evaluate_on_ray(
    suites: Sequence[Suite],
    policy: str,
    out: Path,
    *,
    shards: int,
    options: Options,
    engine: str = "auto",
    concurrency: int | None = None,
    address: str = "local",
    cpus: float = 1.0,
    gpus: float = 0.0,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Runs an evaluation in shards.

    Args:
        suites: what is run.
        policy: a reference that every node can load.
        out: a folder, where an evaluation that was stopped goes on.
        shards: how many parts.
        options: how.
        engine: of the policy.
        concurrency: conversations at a time in each shard.
        address: of the cluster; `local` starts one on this machine for the time of the evaluation.
        cpus: cores that a shard takes.
        gpus: GPUs that a shard takes.
        progress: told how many shards of how many are done.

    Raises:
        ConfigError: Ray is not installed, or the cluster cannot be reached.
        PericlesError: a shard failed.
    """
    try:
        import ray
    except ImportError:
        raise ConfigError("shards on a cluster need Ray: pip install 'pericles[ray]'.") from None
    if shards < 1:
        raise ConfigError(f"there must be at least one shard, got {shards}.")
    parts = out / "shards"
    folders = [parts / f"{index}-of-{shards}" for index in range(shards)]
    left = [index for index, folder in enumerate(folders) if not (folder / REPORT).exists()]
    if left:
        _check_reachable(address)
        try:
            ray.init(address=address, include_dashboard=False, log_to_driver=False, configure_logging=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ConfigError(f"the Ray cluster {address} cannot be reached: {error}") from None
        try:
            work: Any = ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=2)(_shard)
            refs = {
                work.remote(list(suites), policy, engine, options, index, shards, concurrency): index for index in left
            }
            waiting = list(refs)
            while waiting:
                (done,), waiting = ray.wait(waiting, num_returns=1)
                _store(folders[refs[done]], ray.get(done))
                if progress is not None:
                    progress(shards - len(waiting), shards)
        finally:
            ray.shutdown()
    merged = out / "merged"
    if merged.exists():
        import shutil

        shutil.rmtree(merged)
    return merge_shards(folders, merged)


def _check_reachable(address: str) -> None:
    """Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError as error:
        raise ConfigError(f"the Ray cluster {address} cannot be reached: {error.strerror or error}.") from None


def _shard(
    suites: list[Suite], policy: str, engine: str, options: Options, index: int, count: int, concurrency: int | None
) -> dict[str, bytes]:
    """Runs one shard on whatever node this is; returns its files."""
    from ..evaluating import evaluate
    from .evaluation import Shard

    with tempfile.TemporaryDirectory(prefix="pericles-shard-") as place:
        folder = Path(place)
        evaluate(
            suites,
            policy,
            engine=engine,
            out=folder,
            options=options,
            shard=Shard(index, count),
            concurrency=concurrency,
        )
        return {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in (".json", ".jsonl")}


def _store(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # The report last: a folder that has one is whole.
    for name in sorted(files, key=lambda name: name == REPORT):
        (folder / Path(name).name).write_bytes(files[name])
