"""How many threads a machine is good for."""

import os

import pytest
from pericles.policies.engines.machine import worker_threads


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with these cores, `(package, core)` for each processor, and this quota."""

    def _machine(cores, quota=None, version=2):
        cpus, cgroup = tmp_path / "cpu", tmp_path / "cgroup"
        for number, (package, core) in enumerate(cores):
            folder = cpus / f"cpu{number}" / "topology"
            folder.mkdir(parents=True)
            (folder / "physical_package_id").write_text(f"{package}\n")
            (folder / "core_id").write_text(f"{core}\n")
        (cgroup / "cpu").mkdir(parents=True)
        if quota and version == 2:
            (cgroup / "cpu.max").write_text(f"{quota}\n")
        elif quota:
            for name, value in zip(("cfs_quota_us", "cfs_period_us"), quota.split(), strict=True):
                (cgroup / f"cpu/cpu.{name}").write_text(value)
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(len(cores))), raising=False)
        return worker_threads(cpus, cgroup)

    return _machine


def test_one_thread_for_each_core(machine):
    assert machine([(0, 0), (0, 1), (0, 2), (0, 3)]) == 4


def test_two_threads_of_a_core_are_one(machine):
    assert machine([(0, 0), (0, 1), (0, 0), (0, 1)]) == 2


def test_cores_of_two_sockets_are_told_apart(machine):
    assert machine([(0, 0), (1, 0)]) == 2


@pytest.mark.parametrize(("quota", "version"), [("150000 100000", 2), ("150000 100000", 1)])
def test_a_containers_quota_counts(machine, quota, version):
    assert machine([(0, core) for core in range(8)], quota, version) == 2


@pytest.mark.parametrize(("quota", "version"), [("max 100000", 2), ("-1 100000", 1), ("what", 2)])
def test_no_quota_is_no_limit(machine, quota, version):
    assert machine([(0, core) for core in range(8)], quota, version) == 8


def test_without_a_description_each_processor_is_a_core(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 5}, raising=False)
    assert worker_threads(tmp_path, tmp_path) == 2


def test_this_machine_has_some():
    assert 1 <= worker_threads() <= (os.cpu_count() or 1)
