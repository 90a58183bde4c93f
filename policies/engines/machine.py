"""What this machine has for an engine: cores that this process may really use."""

from __future__ import annotations

import contextlib
import math
import os
from pathlib import Path

_CPUS = Path("/sys/devices/system/cpu")
_CGROUP = Path("/sys/fs/cgroup")


def worker_threads(cpus: Path = _CPUS, cgroup: Path = _CGROUP) -> int:
    """Threads that matrix products should use: one for each core.

    Two threads of one core share its arithmetic units, which one thread of a matrix product keeps busy. A container's
    quota counts too: more threads than it allows are stopped in mid-step, and the others wait for them.

    Args:
        cpus: where Linux describes the processors.
        cgroup: where Linux tells a container's quota.
    """
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    cores = {_core(cpus, cpu) for cpu in allowed}
    return max(1, min(len(cores), _quota(cgroup) or len(cores)))


def _core(cpus: Path, cpu: int) -> tuple[str, str]:
    """What tells a core from another; every processor is its own where nothing is said."""
    topology = cpus / f"cpu{cpu}" / "topology"
    with contextlib.suppress(OSError):
        package = (topology / "physical_package_id").read_text(encoding="ascii").strip()
        return package, (topology / "core_id").read_text(encoding="ascii").strip()
    return "", f"cpu{cpu}"


def _quota(cgroup: Path) -> int | None:
    """Processors' worth of time that a container may use, rounded up; `None` where it is not limited."""
    with contextlib.suppress(OSError, ValueError):  # cgroup 2
        quota, period = (cgroup / "cpu.max").read_text(encoding="ascii").split()
        return None if quota == "max" else math.ceil(int(quota) / int(period))
    with contextlib.suppress(OSError, ValueError):  # cgroup 1
        quota = int((cgroup / "cpu/cpu.cfs_quota_us").read_text(encoding="ascii"))
        period = int((cgroup / "cpu/cpu.cfs_period_us").read_text(encoding="ascii"))
        return math.ceil(quota / period) if quota > 0 else None
    return None
