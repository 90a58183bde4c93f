"""Two `pericles serve --api` behind a real nginx, with their conversations in a real PostgreSQL, all on loopback."""

import asyncio
import contextlib
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import openai
import pytest
from pericles.agent import SessionStore
from pericles.agent.session_database import close_databases
from pericles.ui.api.keys import new_key
from postgres_server import running_server, server_folder

ROOT = Path(__file__).parents[2]
NGINX_CONF = ROOT / "examples" / "scale" / "nginx.conf"
PROGRAMS = ("nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx", str(Path(sys.executable).with_name("nginx")))
COMMAND = (sys.executable, "-m", "pericles.ui.command", "serve", "--api")
SECONDS = 30  # the longest that anything here is waited for
TOOLS = """
import asyncio
from pathlib import Path
from pericles.tools import tool

@tool
async def count() -> str:
    '''Leaves a line behind, then takes its time.'''
    with Path("counted").open("a") as file:
        file.write("once\\n")
    await asyncio.sleep(60)
    return "done"
"""


class Replica:
    """One `pericles serve --api`, always at the same address."""

    def __init__(self, folder, port, environment, key, arguments):
        self.url = f"http://127.0.0.1:{port}"
        self.process = None
        self._folder, self._port, self._environment, self._key = folder, port, environment, key
        self._arguments = arguments

    def start(self):
        with (self._folder / f"errors-{self._port}").open("a") as errors:
            self.process = subprocess.Popen(
                [*COMMAND, "--port", str(self._port), *self._arguments],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=self._folder,
                env=self._environment,
            )

    def wait_until_ready(self):
        line = self.process.stdout.readline()
        assert self.url in line, (self._folder / f"errors-{self._port}").read_text()

    def ended(self):
        """Its exit code."""
        code = self.process.wait(SECONDS)
        self.process.stdout.close()
        return code

    def metric(self, pattern):
        """The sum of what its own /metrics has under a name."""
        headers = {"authorization": f"Bearer {self._key}"}
        page = httpx.get(f"{self.url}/metrics", headers=headers, timeout=SECONDS).text
        return sum(float(value) for value in re.findall(rf"^{pattern}\S* (\S+)$", page, re.MULTILINE))

    def answered(self):
        return int(self.metric(r'pericles_requests_total\{[^}]*route="/v1/chat/completions",status="200"'))


class Cluster:
    """The replicas and the address that clients know."""

    def __init__(self, replicas, url, key, store, folder):
        self.replicas, self.url, self.key, self.store, self.folder = replicas, url, key, store, folder

    def client(self, url=None, **options):
        return openai.OpenAI(base_url=f"{url or self.url}/v1", api_key=self.key, **self._options(options))

    def async_client(self, **options):
        return openai.AsyncOpenAI(base_url=f"{self.url}/v1", api_key=self.key, **self._options(options))

    def messages(self, session):
        return asyncio.run(self.store.session(f"api:alice:{session}").messages())

    def _options(self, options):
        # Without retries: what goes wrong is seen.
        return {"timeout": SECONDS, "max_retries": 0, **options}


def free_ports(count):
    """Below those that the system gives to connections: one that is free again for a moment is not taken by them."""
    with contextlib.ExitStack() as stack:
        found = []
        while len(found) < count:
            probe = stack.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", random.randrange(15_000, 30_000)))
                found.append(probe.getsockname()[1])
    return found


def wait_for(condition):
    """Waits until something is so, and returns it."""
    deadline = time.monotonic() + SECONDS
    while True:
        if found := condition():
            return found
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def nginx_program():
    for name in PROGRAMS:
        if shutil.which(name):
            return name
    told = "no nginx 1.19.5 or newer was found; tests/scale/install_nginx.sh fetches one."
    return pytest.fail(told) if os.environ.get("PERICLES_NEED_NGINX") else pytest.skip(told)


@pytest.fixture(scope="session")
def postgres():
    with running_server(server_folder()) as server:
        yield server


@contextlib.contextmanager
def running_nginx(program, folder, ports):
    """nginx with the example's configuration, of which the ports alone are others."""
    text = NGINX_CONF.read_text()
    for written, port in zip((8000, 8001, 8002), ports, strict=True):
        assert text.count(f"127.0.0.1:{written}") == 1
        text = text.replace(f"127.0.0.1:{written}", f"127.0.0.1:{port}")
    folder.mkdir()
    conf = folder / "nginx.conf"
    conf.write_text(text)
    command = [program, "-p", folder, "-c", conf, "-e", "error.log", "-g", "daemon off;"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: is_open(ports[0]) or process.poll() is not None)
        assert process.poll() is None, (folder / "error.log").read_text()
        yield
    finally:
        process.terminate()
        process.wait(SECONDS)


@pytest.fixture
def cluster(nginx_program, postgres, tmp_path):
    """Starts two replicas with the same script behind nginx: `cluster(replies, seconds_per_piece)`."""
    with contextlib.ExitStack() as stack:

        def start(replies, seconds_per_piece=0.0, *arguments):
            key, digest = re.search(r'(pk-\S+).*"(\w{64})"', new_key("alice"), re.DOTALL).groups()
            script, settings, tools = tmp_path / "script.yaml", tmp_path / "pericles.toml", tmp_path / "mine.py"
            script.write_text(json.dumps({"replies": replies, "seconds_per_piece": seconds_per_piece}))
            settings.write_text(
                f'[api]\nmax_running = 64\ndrain_seconds = 0.5\nhosts = ["chat.example"]\n'
                f'[api.keys.alice]\nsha256 = "{digest}"\n'
            )
            tools.write_text(TOOLS)
            url = postgres.url()
            environment = {**os.environ, "PERICLES_CONFIG": str(settings), "PERICLES_DATA_DIR": str(tmp_path)}
            options = ["--policy", f"script:{script}", "--store", url, "--no-tools", "--tools", str(tools), *arguments]
            front, *ports = free_ports(3)
            replicas = [Replica(tmp_path, port, environment, key, options) for port in ports]
            for replica in replicas:
                replica.start()
                stack.callback(stop, replica)
            for replica in replicas:
                replica.wait_until_ready()
            stack.callback(close_databases)
            stack.enter_context(running_nginx(nginx_program, tmp_path / "nginx", (front, *ports)))
            return Cluster(replicas, f"http://127.0.0.1:{front}", key, SessionStore(url), tmp_path)

        yield start


def stop(replica):
    replica.process.kill()
    replica.ended()


@pytest.fixture
def eventually():
    """Waits until something is so: `eventually(condition)`."""
    return wait_for
