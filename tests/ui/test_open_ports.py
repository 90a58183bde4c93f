"""Every port that a command opens, tried from a page of another site: nothing is answered.

The embedded llama.cpp server opens none: see `tests/policies/test_llama_cpp_private.py`.
"""

import contextlib
import os
import subprocess
import sys
import time

import httpx
import psutil
import pytest

EVIL = "http://evil.example"
COMMANDS = {
    "page": ("serve", "--no-tools"),
    "api": ("serve", "--api", "--no-tools"),
    "mcp": ("mcp", "--tools", "math"),
}
PATHS = {
    "page": ("/", "/config", "/gradio_api/queue/join", "/gradio_api/info", "/gradio_api/file=/etc/passwd"),
    "api": ("/v1/chat/completions", "/v1/models", "/healthz", "/metrics", "/"),
    "mcp": ("/mcp", "/"),
}
REFUSALS = (400, 403, 404, 405, 415, 421)
CALL = {"model": "script:hello.yaml", "messages": [{"role": "user", "content": "hi"}]}


def begun(arguments, folder):
    """The command in a process of its own."""
    environment = {**os.environ, "PERICLES_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "pericles.ui.command", *arguments, "--port", "0"]
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def port_of(process):
    """The port that it opens within a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        ports = listening(process.pid)
        if ports and answers(ports[0]):
            return ports[0]
        time.sleep(0.1)
    raise AssertionError(f"{process.args} opened no port")


def listening(pid):
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    connections = [connection for process in processes for connection in process.net_connections("tcp")]
    return [item.laddr.port for item in connections if item.status == psutil.CONN_LISTEN]


def answers(port):
    try:
        httpx.get(f"http://127.0.0.1:{port}/", timeout=5, verify=False)
    except httpx.TransportError:
        return False
    return True


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    """All commands, which start side by side, for the page takes seconds to."""
    folder = tmp_path_factory.mktemp("ports")
    script = folder / "hello.yaml"
    script.write_text("- Hello.\n")
    with contextlib.ExitStack() as stack:
        made = {}
        for kind, arguments in COMMANDS.items():
            policy = () if kind == "mcp" else ("--policy", f"script:{script}")
            made[kind] = begun((*arguments, *policy), folder / kind)
            stack.callback(end, made[kind])
        yield made


def end(process):
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


@pytest.fixture(scope="module", params=COMMANDS)
def opened(request, processes):
    return request.param, port_of(processes[request.param])


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": EVIL},
        {"origin": "null"},
        {"origin": EVIL, "host": "evil.example"},
        {"host": "evil.example"},
        {"host": "localhost.evil.example"},
    ],
    ids=str,
)
def test_other_sites_get_no_answer(opened, method, headers):
    kind, port = opened
    # Without TLS, whose certificates take longer to load than a test takes.
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, verify=False) as client:
        for path in PATHS[kind]:
            answer = client.request(method, path, headers=headers, json=CALL if method == "POST" else None)
            assert answer.status_code in REFUSALS, f"{path} answered {answer.status_code}"
            assert "access-control-allow-origin" not in answer.headers
            assert len(answer.content) < 500
            for told in ("Hello", "models", "gradio", "root:", "jsonrpc"):
                assert told not in answer.text
