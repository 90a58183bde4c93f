"""The real command, its signals and its end."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import openai
import pytest
from pericles.agent import Agent
from pericles.policies import ScriptedPolicy
from pericles.ui.api import ApiSettings, build_api
from pericles.ui.api.serving import Server, serve_until_told
from pericles.ui.listening import listener

COMMAND = (sys.executable, "-m", "pericles.ui.command", "serve")
ASKED = [{"role": "user", "content": "hi"}]
CLIENTS = 64


@pytest.fixture
def command(tmp_path):
    """Starts `pericles serve --api`; gives the process and its address."""
    processes = []

    def start(replies, *arguments, seconds_per_piece=0.0):
        script = tmp_path / "script.yaml"
        script.write_text(json.dumps({"replies": replies, "seconds_per_piece": seconds_per_piece}))
        process = subprocess.Popen(
            [*COMMAND, "--api", "--policy", f"script:{script}", "--port", "0", "--no-tools", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PERICLES_CONFIG": os.devnull, "PERICLES_DATA_DIR": str(tmp_path)},
        )
        processes.append(process)
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, process.stderr.read()
        return process, found[0]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def client_for(url):
    return openai.OpenAI(base_url=f"{url}/v1", api_key="none", timeout=60, max_retries=0)


def begun(client):
    """A stream that has said something, and what it said."""
    stream = client.chat.completions.create(model="pericles", messages=ASKED, stream=True)
    first = next(text for chunk in stream if (text := chunk.choices[0].delta.content))
    return stream, first


def rest_of(stream):
    return "".join(chunk.choices[0].delta.content or "" for chunk in stream)


def is_refused(url):
    """Whether nobody gets in any more."""
    try:
        answered = httpx.get(f"{url}/v1/models", timeout=10)
    except httpx.TransportError:
        return True
    return answered.status_code == 503 and answered.headers["connection"] == "close"


def ended(process, seconds=60):
    _, errors = process.communicate(timeout=seconds)
    assert "Traceback" not in errors
    return process.returncode


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_running_streams_finish_and_nobody_else_gets_in(command, sent):
    answer = " ".join(f"word{number}" for number in range(80))
    process, url = command([answer], "--max-running", str(CLIENTS), seconds_per_piece=0.05)
    speaking = 0

    async def one(client):
        nonlocal speaking
        stream = await client.chat.completions.create(model="pericles", messages=ASKED, stream=True)
        text = ""
        async for chunk in stream:
            speaking += not text and bool(chunk.choices[0].delta.content)
            text += chunk.choices[0].delta.content or ""
        return text

    async def everyone():
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", timeout=60, max_retries=0) as client:
            streams = [asyncio.create_task(one(client)) for _ in range(CLIENTS)]
            async with asyncio.timeout(60):
                while speaking < CLIENTS:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            process.send_signal(sent)
            async with asyncio.timeout(10):
                while not await asyncio.to_thread(is_refused, url):
                    pass
            return await asyncio.gather(*streams)

    assert asyncio.run(everyone()) == [answer] * CLIENTS
    assert ended(process) == 0


def test_who_runs_too_long_is_told_and_who_waits_is_sent_away(command):
    process, url = command(["word " * 2000], "--shutdown-seconds", "0.5", "--max-running", "1", seconds_per_piece=0.05)
    waiting = []

    def wait():
        waiting.append(
            httpx.post(f"{url}/v1/chat/completions", json={"model": "pericles", "messages": ASKED}, timeout=60)
        )

    with client_for(url) as client:
        stream, _ = begun(client)
        thread = threading.Thread(target=wait)
        thread.start()
        end = time.monotonic() + 30
        while "pericles_queued 1.0" not in httpx.get(f"{url}/metrics").text:
            assert time.monotonic() < end
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(openai.APIError, match="shutting down") as told:
            rest_of(stream)
    assert told.value.code == "cut_off"  # a part of the turn is done
    thread.join(30)
    assert waiting[0].status_code == 503
    assert waiting[0].json()["error"]["code"] == "shutting_down"
    assert ended(process) == 0


def test_a_whole_answer_that_is_cut_off_is_not_asked_for_again(command):
    process, url = command(["word " * 2000], "--shutdown-seconds", "0.5", seconds_per_piece=0.05)
    asked = []

    def ask():
        body = {"model": "pericles", "messages": ASKED}
        asked.append(httpx.post(f"{url}/v1/chat/completions", json=body, timeout=60))

    thread = threading.Thread(target=ask)
    thread.start()
    end = time.monotonic() + 30
    while "pericles_running 1.0" not in httpx.get(f"{url}/metrics").text:
        assert time.monotonic() < end
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    thread.join(30)
    assert (asked[0].status_code, asked[0].headers["x-should-retry"]) == (500, "false")
    assert ended(process) == 0


@pytest.mark.slow
def test_newcomers_are_told_for_as_long_as_the_settings_say(command, monkeypatch):
    monkeypatch.setenv("PERICLES_API__DRAIN_SECONDS", "1.5")
    process, url = command(["hi"])
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    while httpx.get(f"{url}/healthz", timeout=10).status_code == 200:
        assert time.monotonic() < began + 10
    answered = httpx.post(f"{url}/v1/chat/completions", json={"model": "pericles", "messages": ASKED}, timeout=10)
    assert (answered.status_code, answered.headers["connection"]) == (503, "close")
    assert ended(process) == 0
    assert time.monotonic() - began > 1.4


def test_a_second_signal_ends_at_once(command):
    process, url = command(["word " * 2000], seconds_per_piece=0.05)
    with client_for(url) as client:
        stream, _ = begun(client)
        process.send_signal(signal.SIGTERM)
        end = time.monotonic() + 10
        while not is_refused(url):
            assert time.monotonic() < end
        process.send_signal(signal.SIGTERM)
        with pytest.raises(Exception, match=r"peer closed|incomplete|reset|Connection"):
            rest_of(stream)
    assert ended(process, 10) == 128 + signal.SIGTERM


def test_an_idle_server_ends_at_once(command):
    process, url = command(["hi"])
    with socket.create_connection((url.split("/")[-1].split(":")[0], int(url.rpartition(":")[2]))):
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert ended(process) == 0
    assert time.monotonic() - began < 10


def test_the_policy_is_closed_at_the_end():
    closed = []

    class Closing(ScriptedPolicy):
        async def aclose(self):
            closed.append(True)

    with listener("127.0.0.1", 0) as bound:
        agent, settings = Agent(Closing(["hi"])), ApiSettings()
        server = Server(build_api(agent, settings, bound), settings, on_ready=lambda: server.handle_exit(15, None))
        asyncio.run(serve_until_told(server, agent, bound))
    assert closed == [True]


def test_it_starts_without_the_page_and_without_torch(tmp_path):
    script = """
import sys
from pericles.agent import Agent
from pericles.policies import ScriptedPolicy
from pericles.ui.api import ApiSettings, build_api
from pericles.ui.listening import listener
import pericles.ui.command
with listener("127.0.0.1", 0) as bound:
    build_api(Agent(ScriptedPolicy(["hi"]), ["math", "search"]), ApiSettings(), bound)
print(*(name for name in ("gradio", "torch", "transformers", "sympy", "openai") if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--max-running", "4"), "--max-running is for the API: add --api"),
        (("--api", "--host", "0.0.0.0"), "make a key"),
        (("--api", "--new-key", "a:b"), "1 to 40 letters"),
        (("--api", "--seconds", "1e9"), "--seconds: input should be less than"),
    ],
)
def test_a_users_mistake_is_one_line_and_exit_code_2(arguments, told):
    done = subprocess.run(
        [*COMMAND, "--policy", "script:/no/such.yaml", "--port", "0", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PERICLES_CONFIG": os.devnull},
        check=False,
    )
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_wrong_setting_is_named(tmp_path):
    (tmp_path / "pericles.toml").write_text("[api]\nmax_runing = 3\n")
    done = subprocess.run(
        [*COMMAND, "--api", "--port", "0"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 2
    assert "did you mean 'max_running'" in done.stderr


def test_the_log_says_where_and_not_what(command, tmp_path):
    tools = tmp_path / "mine.py"
    tools.write_text(
        "from pericles.tools import tool\n\n@tool\ndef fails(text: str) -> str:\n"
        '    """Fails.\n\n    Args:\n        text: any.\n    """\n    raise RuntimeError(text)\n'
    )
    call = '<tool_call>{"name": "fails", "arguments": {"text": "xyzzy"}}</tool_call>'
    _, url = command([call, "It failed."], "--tools", str(tools))
    with client_for(url) as client:
        done = client.chat.completions.create(model="pericles", messages=ASKED)
    assert done.choices[0].message.content == "It failed."
    log = (tmp_path / "pericles.log").read_text()
    assert "RuntimeError" in log
    assert "mine.py" in log
    assert "xyzzy" not in log
