"""Rates, the queue, and clients that leave."""

import asyncio
import hashlib
import http.client
import json
import threading
import time

import openai
import pytest
from pericles.agent.testing import FunctionPolicy, ScriptedPolicy
from pericles.ui.api import app
from pericles.ui.api.errors import ApiError
from pericles.ui.api.limits import Line, TokenBucket

ASKED = [{"role": "user", "content": "hi"}]
TOOL = {"type": "function", "function": {"name": "f"}}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_bucket_fills_again():
    clock = Clock()
    bucket = TokenBucket(2, clock)
    assert bucket.take()["x-ratelimit-remaining-requests"] == "1"
    assert bucket.take()["x-ratelimit-remaining-requests"] == "0"
    with pytest.raises(ApiError) as raised:
        bucket.take()
    assert raised.value.status == 429
    assert raised.value.headers["retry-after"] == "30"
    clock.now = 30
    bucket.take()
    clock.now = 3000
    bucket.take()
    bucket.take()
    with pytest.raises(ApiError):
        bucket.take()


def test_each_key_has_its_own_rate(serve, echoing_policy):
    def digest(key):
        return hashlib.sha256(key.encode()).hexdigest()

    keys = {
        "alice": {"sha256": digest("pk-a"), "requests_per_minute": 2},
        "bob": {"sha256": digest("pk-b")},
    }
    server = serve(echoing_policy(), keys=keys)
    alice, bob = {"authorization": "Bearer pk-a"}, {"authorization": "Bearer pk-b"}
    first = server.chat(headers=alice)
    assert first.headers["x-ratelimit-limit-requests"] == "2"
    assert first.headers["x-ratelimit-remaining-requests"] == "1"
    assert server.chat(headers=alice).status_code == 200
    refused = server.chat(headers=alice)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 30
    assert refused.json()["error"]["code"] == "rate_limit_exceeded"
    with server.openai("pk-a") as client, pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model="pericles", messages=ASKED)
    for _ in range(5):
        assert server.chat(headers=bob).status_code == 200


async def opened(event):
    """Waits for an event of another thread, and can be cancelled."""
    while not event.is_set():  # noqa: ASYNC110 - the event belongs to another thread
        await asyncio.sleep(0.01)


class Gate:
    """A policy whose replies wait until they are let go, and that knows which were stopped."""

    def __init__(self):
        self.go = threading.Event()
        self.begun, self.stopped = [], []

    def policy(self):
        async def reply(messages, tools):
            asked = messages[-1].content
            self.begun.append(asked)
            try:
                await opened(self.go)
            except asyncio.CancelledError:
                self.stopped.append(asked)
                raise
            return f"to {asked}"

        return FunctionPolicy(reply)


def until(what, seconds=30):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def sent(server, text, **fields):
    """A request whose answer nobody has read yet."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    body = json.dumps({"model": "pericles", "messages": [{"role": "user", "content": text}], **fields})
    connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
    return connection


def asking(server, texts, **fields):
    answers = {}

    def ask(text):
        answers[text] = server.chat(text, **fields)

    threads = []
    for text in texts:
        threads.append(threading.Thread(target=ask, args=(text,)))
        threads[-1].start()
        until(lambda: server.api._line.running + server.api._line.queued >= len(threads))
    return threads, answers


def test_who_waits_is_answered_in_the_order_of_coming_and_the_rest_is_refused(serve):
    gate = Gate()
    server = serve(gate.policy(), max_running=1, max_queued=2)
    threads, answers = asking(server, ["one", "two", "three"])
    refused = server.chat("four")
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "queue_full"
    assert int(refused.headers["retry-after"]) >= 1
    assert gate.begun == ["one"]
    gate.go.set()
    for thread in threads:
        thread.join(30)
    assert gate.begun == ["one", "two", "three"]
    assert [answers[text].json()["choices"][0]["message"]["content"] for text in gate.begun] == [
        "to one",
        "to two",
        "to three",
    ]
    assert server.chat("five").status_code == 200


def test_a_client_that_leaves_while_it_waits_leaves_the_queue(serve):
    gate = Gate()
    server = serve(gate.policy(), max_running=1, max_queued=1)
    threads, _ = asking(server, ["one"])
    connection = sent(server, "gone")
    until(lambda: server.api._line.queued == 1)
    connection.close()
    until(lambda: server.api._line.queued == 0)
    more, answers = asking(server, ["two"])
    gate.go.set()
    for thread in (*threads, *more):
        thread.join(30)
    assert answers["two"].status_code == 200
    assert gate.begun == ["one", "two"]


def test_a_stream_that_waits_is_kept_alive(serve, monkeypatch):
    monkeypatch.setattr(app, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(app, "KEEP_ALIVE_SECONDS", 0.1)
    gate = Gate()
    server = serve(gate.policy(), max_running=1)
    threads, _ = asking(server, ["one"])
    with server.openai() as client:
        body = {"model": "pericles", "messages": ASKED, "stream": True}
        with server.http() as plain, plain.stream("POST", "/v1/chat/completions", json=body) as stream:
            lines = stream.iter_lines()
            assert [next(lines) for _ in range(4)] == [": waiting", "", ": waiting", ""]
            gate.go.set()
            assert [line for line in lines if line][-1] == "data: [DONE]"
        threads[0].join(30)
        gate.go.clear()
        threading.Timer(0.5, gate.go.set).start()
        chunks = list(client.chat.completions.create(**body))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "to hi"


@pytest.mark.parametrize("fields", [{}, {"tools": [TOOL]}], ids=["turn", "passed through"])
@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_stops_its_turn_at_once(serve, fields, stream):
    gate = Gate()
    server = serve(gate.policy())
    connection = sent(server, "hi", stream=stream, **fields)
    until(lambda: gate.begun == ["hi"])
    connection.close()
    until(lambda: gate.stopped == ["hi"])
    until(lambda: server.api._line.running == 0)


def test_a_client_that_leaves_in_the_middle_of_the_text_stops_the_policy(serve):
    server = serve(ScriptedPolicy(["word " * 1000], seconds_per_piece=0.02))
    with server.openai() as client:
        stream = client.chat.completions.create(model="pericles", messages=ASKED, stream=True)
        assert next(chunk for chunk in stream if chunk.choices[0].delta.content)
        stream.close()
    until(lambda: server.api._line.running == 0, seconds=3)


def test_an_error_in_mid_stream_is_told_and_the_stream_does_not_end_as_usual(serve, caplog):
    class Breaks:
        name, context_window, capabilities = "breaks", 1000, frozenset()

        async def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
            from pericles.policies.engines import TextPiece

            yield TextPiece("half of it")
            await asyncio.sleep(0.05)
            raise RuntimeError(f"/secret/path of {messages[-1].content}")

        async def count_tokens(self, messages, *, tools=()):
            return 1

        async def aclose(self):
            return None

    server = serve(Breaks())
    for fields in ({}, {"tools": [TOOL]}):
        asked = [{"role": "user", "content": "xyzzy"}]
        body = {"model": "pericles", "messages": asked, "stream": True, **fields}
        with server.http() as plain:
            text = plain.post("/v1/chat/completions", json=body).text
        events = [line for line in text.splitlines() if line]
        assert "half of it" in text
        assert '"code":"internal_error"' in events[-1]
        assert "[DONE]" not in text
        assert '"finish_reason":"stop"' not in text
        assert "secret" not in text
        with server.openai() as client, pytest.raises(openai.APIError, match="The server failed"):
            list(client.chat.completions.create(**body))
        whole = server.chat(**fields)
        assert whole.status_code == 500
        assert "secret" not in whole.text
    own = [record for record in caplog.records if record.name.startswith("pericles.ui")]
    assert own
    assert not [record for record in own if "xyzzy" in record.getMessage()]


def test_a_line_lets_in_as_many_as_it_should_whatever_happens():
    async def play():
        line = Line(2, 100)
        most = 0

        async def turn(number):
            nonlocal most
            async with line.place():
                most = max(most, line.running)
                await asyncio.sleep(0.001 * (number % 3))

        tasks = [asyncio.create_task(turn(number)) for number in range(60)]
        for number, task in enumerate(tasks):
            await asyncio.sleep(0)
            if number % 3 == 0:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return most, line.running, line.queued

    assert asyncio.run(play()) == (2, 0, 0)
