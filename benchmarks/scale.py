"""What each part of a deployment costs: a replica, nginx in front of it, PostgreSQL behind it.

    python benchmarks/scale.py

Starts real servers on loopback: `pericles serve --api` with scripted replies (one keeps its conversations in SQLite,
one in PostgreSQL), one with a remote policy that asks the first, and nginx with `examples/scale/nginx.conf`. Requests
take turns between the paths, so that a busy machine is busy for all of them. The client runs on the same processors: on
a machine with few of them, times and the number of streams are worse than those of a replica of its own. A model's time
is left out; it is in every path alike. Needs the extra [dev] and nginx (tests/scale/install_nginx.sh).
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "agent" / "sessions"))
from postgres_server import running_server, server_folder  # noqa: E402

TARGET = 2.0
REPLY = "A reply of ordinary length, as a model would write one to a short question. " * 5
LONG_REPLY = REPLY * 4
PIECES = len(LONG_REPLY) / 16  # ScriptedPolicy's pieces
SECONDS_PER_PIECE = 0.05
NGINX = ("nginx", "/usr/sbin/nginx", str(Path(sys.executable).with_name("nginx")))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def replica(folder: Path, policy: str, store: str) -> Iterator[tuple[str, psutil.Process]]:
    """A running `pericles serve --api`: its address and its process."""
    command = [sys.executable, "-m", "pericles.ui.command", "serve", "--api", "--port", "0", "--max-running", "1024"]
    environment = {**os.environ, "PERICLES_CONFIG": os.devnull, "PERICLES_DATA_DIR": str(folder)}
    process = subprocess.Popen(
        [*command, "--policy", policy, "--store", store], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout
    try:
        yield re.findall(r"http://[\d.:]+", process.stdout.readline())[0], psutil.Process(process.pid)
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def nginx(folder: Path, behind: str) -> Iterator[str]:
    """The example's nginx, with one replica for both."""
    port = free_port()
    text = (ROOT / "examples" / "scale" / "nginx.conf").read_text()
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    text = re.sub(r"127\.0\.0\.1:800[12]", behind.removeprefix("http://"), text)
    (folder / "nginx.conf").write_text(text)
    program = next(name for name in NGINX if shutil.which(name))
    command = [program, "-p", folder, "-c", folder / "nginx.conf", "-e", "error.log", "-g", "daemon off;"]
    process = subprocess.Popen(command)
    try:
        time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def memory(process: psutil.Process) -> float:
    """MB that a replica and its workers keep resident."""
    return sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1e6


def body(session: str | None = None, stream: bool = False) -> dict:
    kept = {"pericles": {"session": session}} if session else {}
    question = "A question of ordinary length, as people ask them?"
    return {"model": "pericles", "stream": stream, "messages": [{"role": "user", "content": question}], **kept}


def latencies(paths: dict[str, tuple[str, bool]], rounds: int) -> dict[str, float]:
    """Median milliseconds of a whole answer by each path; conversations begin anew after ten turns."""
    times: dict[str, list[float]] = {name: [] for name in paths}
    with contextlib.ExitStack() as stack:
        clients = {
            name: stack.enter_context(httpx.Client(base_url=url, timeout=60)) for name, (url, _) in paths.items()
        }
        for number in range(rounds):
            for name, (_, stored) in random.sample(list(paths.items()), len(paths)):
                request = body(f"{name}-{number // 10}" if stored else None)
                began = time.perf_counter()
                clients[name].post("/v1/chat/completions", json=request).raise_for_status()
                times[name].append(1000 * (time.perf_counter() - began))
    return {name: statistics.median(taken[10:]) for name, taken in times.items()}


def streams(url: str, process: psutil.Process, count: int) -> tuple[float, float]:
    """How much longer `count` streams at once take than one would, and the processor time that the replica used."""

    asked = json.dumps(body(stream=True)).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(asked)}\r\n"
    request = f"{head}content-type: application/json\r\n\r\n".encode() + asked

    # Without an HTTP library, which would need several times the server's own processor time.
    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]), limit=1 << 20)
        writer.write(request)
        await reader.readuntil(b"[DONE]")
        writer.close()
        await writer.wait_closed()

    async def everyone() -> float:
        began = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(count)))
        return time.perf_counter() - began

    before = sum(process.cpu_times()[:2])
    seconds = asyncio.run(everyone())
    return seconds / (PIECES * SECONDS_PER_PIECE), (sum(process.cpu_times()[:2]) - before) / seconds


def stored_bytes(url: str, sqlite: Path) -> tuple[float, float]:
    """Bytes of a message on disk, indexes included: in PostgreSQL and in SQLite."""
    import sqlite3

    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("CHECKPOINT")
        found = connection.execute(
            "SELECT pg_total_relation_size('messages') + pg_total_relation_size('sessions'), count(*) FROM messages"
        ).fetchone()
    assert found
    with contextlib.closing(sqlite3.connect(sqlite)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (rows,) = connection.execute("SELECT count(*) FROM messages").fetchone()
    return found[0] / found[1], sqlite.stat().st_size / rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--streams", type=int, nargs="*", default=[1, 64, 128, 256])
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="pericles-scale-"))
    quick, slow = folder / "quick.yaml", folder / "slow.yaml"
    quick.write_text(json.dumps([REPLY]))
    slow.write_text(json.dumps({"replies": [LONG_REPLY], "seconds_per_piece": SECONDS_PER_PIECE}))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        database = stack.enter_context(running_server(server_folder(), durable=True)).url()
        sqlite = folder / "sessions.sqlite"
        plain, process = stack.enter_context(replica(folder, f"script:{quick}", str(sqlite)))
        on_postgres, _ = stack.enter_context(replica(folder, f"script:{quick}", database))
        remote, remote_process = stack.enter_context(replica(folder, f"{plain}/v1#pericles", database))
        slowly, slow_process = stack.enter_context(replica(folder, f"script:{slow}", str(sqlite)))
        (folder / "nginx").mkdir()
        front = stack.enter_context(nginx(folder / "nginx", plain))
        print(f"memory of an idle replica: {memory(process):.0f} MB scripted, {memory(remote_process):.0f} MB remote")

        taken = latencies(
            {
                "direct": (plain, False),
                "through nginx": (front, False),
                "remote policy": (remote, False),
                "stored in SQLite": (plain, True),
                "stored in PostgreSQL": (on_postgres, True),
            },
            options.rounds,
        )
        for name, milliseconds in taken.items():
            print(f"{name:22} {milliseconds:6.2f} ms a turn, {milliseconds / taken['direct']:5.2f} × direct")
        relay, relay_process = stack.enter_context(replica(folder, f"{slowly}/v1#pericles", database))
        for policy, url, one in (("scripted", slowly, slow_process), ("remote", relay, relay_process)):
            for count in options.streams:
                stretch, processor = streams(url, one, count)
                told = f"{stretch:5.2f} × the time of one alone, {100 * processor:3.0f} % of a processor"
                print(f"{count:4} streams at once, {policy:8}: {told}, {memory(one):.0f} MB")
        in_postgres, in_sqlite = stored_bytes(database, sqlite)
        print(f"a stored message: {in_postgres:.0f} bytes in PostgreSQL, {in_sqlite:.0f} in SQLite")
    ratio = taken["through nginx"] / taken["direct"]
    print(f"scale: {ratio:.2f} × the time of a direct request through nginx (target: at most {TARGET:g})")
    return int(ratio > TARGET)


if __name__ == "__main__":
    sys.exit(main())
