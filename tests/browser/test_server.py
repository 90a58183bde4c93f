"""What the server answers to programs, without a browser."""

import json
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import pytest

JOIN = "gradio_api/queue/join"


@pytest.fixture
def client(server):
    # Without TLS, whose certificates take longer to load than a test takes.
    with httpx.Client(base_url=server.url, timeout=60, verify=False) as client:
        yield client


def listeners(client: httpx.Client) -> list[dict]:
    """What the page itself is told about the server's functions."""
    return client.get("config").json()["dependencies"]


def submit(client: httpx.Client) -> int:
    return next(item["id"] for item in listeners(client) if item["targets"][0][1] == "submit")


def say(client: httpx.Client, message) -> list[dict]:
    """Sends a message as the page does and returns what comes back."""
    page = secrets.token_hex(6)
    joined = client.post(JOIN, json={"data": [message], "fn_index": submit(client), "session_hash": page})
    assert joined.status_code == 200, joined.text
    received = []
    with client.stream("GET", "gradio_api/queue/data", params={"session_hash": page}) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                received.append(json.loads(line[6:]))
                if received[-1]["msg"] in ("process_completed", "unexpected_error"):
                    break
    return received


def test_a_plain_message_is_answered(client):
    assert "You said: hello." in json.dumps(say(client, "hello"))


@pytest.mark.parametrize("make", [str, lambda path: f"file={path}", lambda path: path.name])
@pytest.mark.parametrize("route", ["gradio_api/file=", "file=", "gradio_api/file/", "static/", "assets/", "svelte/"])
def test_files_of_the_working_folder_cannot_be_fetched(client, server, route, make):
    secret = server.folder / "secret.txt"
    answer = client.get(f"{route}{make(secret)}")
    assert answer.status_code in (403, 404)
    assert "the secret of" not in answer.text


@pytest.mark.parametrize("path", ["static/%2e%2e/%2e%2e/blocks.py", "assets/..%2f..%2f..%2fblocks.py", "//etc/passwd"])
def test_paths_cannot_climb_out(client, path):
    assert client.get(path).status_code in (403, 404)


def test_a_file_named_in_a_message_is_neither_read_nor_copied(client, server):
    secret = server.folder / "secret.txt"
    file = {"path": str(secret), "meta": {"_type": "gradio.FileData"}}
    message = {"role": "user", "content": [{"type": "file", "file": file}]}
    for attempt in (file, {"path": "secret.txt"}, [file], message, [message], {"text": "x", "files": [file]}):
        joined = client.post(JOIN, json={"data": [attempt], "fn_index": submit(client), "session_hash": "abc"})
        assert joined.status_code == 422
    for attempt in (str(secret), json.dumps(file), f"/gradio_api/file={secret}"):
        assert "the secret of" not in json.dumps(say(client, attempt))
    copies = [path for path in (server.folder.parent / "temp").rglob("*") if path.is_file()]
    assert copies == []


@pytest.mark.parametrize("message", [None, "", " ", 7, True, "x" * 8001])
def test_what_is_not_a_message_is_refused_with_a_sentence(client, message):
    received = say(client, message)
    assert received[-1]["success"]
    assert "You said" not in json.dumps(received) or message in (7, True)


def test_no_function_is_offered_as_an_api(client):
    assert client.get("gradio_api/info").json() == {"named_endpoints": {}, "unnamed_endpoints": {}}
    for name in [item["api_name"] for item in listeners(client)] + ["answer", "predict", "0"]:
        for route in ("call", "run", "api"):
            assert client.post(f"gradio_api/{route}/{name}", json={"data": ["hello"]}).status_code == 404


@pytest.mark.parametrize(
    "path", ["gradio_api/upload", "gradio_api/proxy=https://a.hf.space/x", "monitoring", "gradio_api/runs", "docs"]
)
def test_routes_that_the_page_does_not_need_do_not_exist(client, path):
    assert client.get(path).status_code == 404
    assert client.post(path, json={}).status_code == 404


def test_other_sites_in_the_same_browser_are_refused(client):
    body = {"data": ["hello"], "fn_index": 0, "session_hash": "x"}
    assert client.post(JOIN, json=body, headers={"origin": "https://evil.example"}).status_code == 403
    assert client.post(JOIN, json=body, headers={"origin": "null"}).status_code == 403
    assert client.get("config", headers={"host": "evil.example"}).status_code == 421
    assert client.post(JOIN, content=json.dumps(body), headers={"content-type": "text/plain"}).status_code == 415
    assert client.post(JOIN, json={**body, "data": ["x" * 1_100_000]}).status_code == 413


def test_a_taken_port_is_one_clear_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        script = Path(__file__).with_name("page_server.py")
        finished = subprocess.run(
            [sys.executable, script, tempfile.gettempdir(), str(port)], capture_output=True, text=True, timeout=60
        )
    assert finished.returncode == 2
    assert finished.stderr == (
        f"port {port} on 127.0.0.1 is in use: choose another (0 takes any free one), or stop what uses it.\n"
    )


@pytest.mark.parametrize("how", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM])
def test_a_signal_ends_the_server_quietly_in_the_middle_of_an_answer(start_server, how):
    server = start_server()
    with httpx.Client(base_url=server.url, timeout=60) as client:
        client.post(JOIN, json={"data": ["wait"], "fn_index": submit(client), "session_hash": "abcdef"})
        with client.stream("GET", "gradio_api/queue/data", params={"session_hash": "abcdef"}) as stream:
            for line in stream.iter_lines():
                if "Let me think" in line:
                    break
            server.process.send_signal(how)
            assert server.process.wait(timeout=30) == 0
    server.reader.join(timeout=30)
    assert (server.markers / "closed").exists()
    assert len(server.output) == 1, "".join(server.output)
    assert list((server.folder.parent / "temp").iterdir()) == []
