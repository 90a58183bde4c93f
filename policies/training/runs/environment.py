"""What a run was made on: enough to explain a difference, nothing that says whose machine it was."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "pericles")
_CPUINFO = Path("/proc/cpuinfo")


def environment() -> dict[str, Any]:
    """The machine and the versions, as JSON.

    GPUs and threads are told where torch is loaded already: asking must not load it.

    Returns:
        `python`, `platform`, `cpu` (`model`, `count`: processors that this process may use), `memory_bytes`, `gpus`
        (names), `threads` (of torch's arithmetic) and `versions`. What cannot be found out is `None`. No names of
        users or hosts, no paths, no environment variables.
    """
    torch = sys.modules.get("torch")
    gpus: list[str] = []
    if torch is not None and torch.cuda.is_available():
        gpus = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpu": {"model": _cpu_model(), "count": _cpu_count()},
        "memory_bytes": _memory_bytes(),
        "gpus": gpus,
        "threads": None if torch is None else torch.get_num_threads(),
        "versions": {name: _version(name) for name in PACKAGES},
    }


def _cpu_model() -> str | None:
    try:
        lines = _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), None)


def _cpu_count() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
