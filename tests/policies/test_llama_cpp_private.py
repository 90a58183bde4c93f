"""Who can reach the server that the llama.cpp engine runs inside this process: nobody else."""

import asyncio
import os
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from pericles.policies import GenerationConfig, Message
from pericles.policies.engines import llama_cpp
from pericles.policies.engines.weights import merged_gguf

PATHS = (
    "/", "/health", "/v1/health", "/models", "/v1/models", "/completion", "/completions", "/v1/completions",
    "/v1/chat/completions", "/chat/completions", "/slots", "/props", "/metrics", "/tokenize", "/detokenize",
    "/embedding", "/infill", "/lora-adapters", "/index.html", "/api/show", "/rerank",
)  # fmt: skip


def listening():
    """TCP ports that this process listens on."""
    mine = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            mine.add(os.readlink(link))
        except OSError:
            continue
    ports = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/self/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in mine:
                ports.add(int(fields[1].rpartition(":")[2], 16))
    return ports


def request(url, method, **headers):
    """Status and headers of a request that a page from somewhere else might make."""
    body = b'{"prompt": "hi", "content": "hi", "n_predict": 1}' if method == "POST" else None
    made = urllib.request.Request(url, body, {"Origin": "https://evil.example", **headers}, method=method)
    try:
        with urllib.request.urlopen(made, timeout=10) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers


def speaks(policy):
    async def main():
        stream = policy.stream([Message("user", "hi")], config=GenerationConfig(max_new_tokens=2))
        return [event async for event in stream]

    return asyncio.run(main())


def allowed_origins(headers):
    """What a browser would take as a permission; an empty value permits nobody."""
    names = [name for name in headers if name.lower().startswith("access-control-allow-")]
    return [f"{name}: {headers[name]}" for name in names if headers[name].strip() not in ("", "false")]


def load():
    return llama_cpp.LlamaCppPolicy(merged_gguf("smollm2-135m", None, "Q8_0"), slots=1, context_window=256)


@pytest.fixture(scope="module")
def on_socket():
    """The policy as it runs on Linux, and the ports that were open without it."""
    before = listening()
    policy = load()
    folder = policy._address._folder
    yield policy, before
    asyncio.run(policy.aclose())
    assert not folder.exists()


@pytest.fixture(scope="module")
def on_tcp():
    """The policy as it runs where there are no Unix sockets, and its port."""
    before = listening()
    with pytest.MonkeyPatch.context() as patched:
        patched.delattr(socket, "AF_UNIX")
        policy = load()
    (port,) = listening() - before
    yield policy, port
    asyncio.run(policy.aclose())
    assert port not in listening()


def test_no_tcp_port_is_open(on_socket):
    policy, before = on_socket
    assert speaks(policy)
    assert listening() == before


def test_the_socket_is_for_this_user_alone(on_socket):
    folder = on_socket[0]._address._folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == ["llama.sock"]


def test_a_program_that_forgets_to_close_ends_well_and_leaves_nothing(tmp_path):
    script = (
        "import asyncio; from pericles.policies import GenerationConfig, Message, load_policy;"
        "policy = load_policy('smollm2-135m', slots=1, context_window=256);"
        "stream = policy.stream([Message('user', 'hi')], config=GenerationConfig(max_new_tokens=2));"
        "print(asyncio.run(anext(stream)), policy._address._folder)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_even_on_the_socket_a_request_needs_the_key(on_socket):
    import httpx

    address = on_socket[0]._address
    transport = httpx.HTTPTransport(uds=str(address._folder / "llama.sock"))
    with httpx.Client(transport=transport, base_url="http://localhost", trust_env=False) as client:
        for prefix in ("", address._prefix):
            assert client.post(f"{prefix}/tokenize", json={"content": "hi"}).status_code >= 400


def test_without_unix_sockets_the_engine_still_works(on_tcp):
    assert speaks(on_tcp[0])
    assert asyncio.run(on_tcp[0].count_tokens([Message("user", "hi")])) > 2


def test_the_port_is_open_to_this_machine_only(on_tcp):
    entries = Path("/proc/self/net/tcp").read_text() + Path("/proc/self/net/tcp6").read_text()
    addresses = {line.split()[1] for line in entries.splitlines() if f":{on_tcp[1]:04X} " in line and " 0A " in line}
    assert addresses == {f"0100007F:{on_tcp[1]:04X}"}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", PATHS)
def test_a_foreign_keyless_request_gets_nothing(method, path, on_tcp):
    policy, port = on_tcp
    status, headers = request(f"http://127.0.0.1:{port}{path}", method)
    assert status >= 400
    assert not allowed_origins(headers)
    status, headers = request(f"http://127.0.0.1:{port}{policy._address._prefix}{path}", method)
    assert status >= 400
    assert not allowed_origins(headers)


@pytest.mark.parametrize("path", PATHS)
def test_a_browser_that_asks_beforehand_gets_no_permission(path, on_tcp):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    _, headers = request(f"http://127.0.0.1:{on_tcp[1]}{path}", "OPTIONS", **asked)
    assert not allowed_origins(headers)


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer x", "Bearer null"])
def test_a_wrong_key_is_no_key(key, on_tcp):
    policy, port = on_tcp
    url = f"http://127.0.0.1:{port}{policy._address._prefix}/tokenize"
    assert request(url, "POST", Authorization=key)[0] in (401, 403)
