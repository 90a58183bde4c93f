"""Every port that a command opens, tried from a page of another site: nothing is answered.

The embedded llama.cpp server opens none: see `tests/policies/test_llama_cpp_private.py`.
"""

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


def started(arguments, folder):
    """The command in a process of its own, and the port that it opens within a minute."""
    environment = {**os.environ, "PERICLES_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "pericles.ui.command", *arguments]
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        ports = listening(process.pid)
        if ports and answers(ports[0]):
            return process, ports[0]
        time.sleep(0.1)
    process.kill()
    process.wait()
    raise AssertionError(f"{arguments} opened no port")


def listening(pid):
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    connections = [connection for process in processes for connection in process.net_connections("tcp")]
    return [item.laddr.port for item in connections if item.status == psutil.CONN_LISTEN]


def answers(port):
    try:
        httpx.get(f"http://127.0.0.1:{port}/", timeout=5)
    except httpx.TransportError:
        return False
    return True


@pytest.fixture(scope="module", params=COMMANDS)
def opened(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ports")
    script = folder / "hello.yaml"
    script.write_text("- Hello.\n")
    policy = () if request.param == "mcp" else ("--policy", f"script:{script}")
    process, port = started((*COMMANDS[request.param], *policy, "--port", "0"), folder)
    yield request.param, port
    process.terminate()
    process.wait(30)


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
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        for path in PATHS[kind]:
            answer = client.request(method, path, headers=headers, json=CALL if method == "POST" else None)
            assert answer.status_code in REFUSALS, f"{path} answered {answer.status_code}"
            assert "access-control-allow-origin" not in answer.headers
            assert len(answer.content) < 500
            for told in ("Hello", "models", "gradio", "root:", "jsonrpc"):
                assert told not in answer.text
