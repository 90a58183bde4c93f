"""Servers that fail: each failure is one line of our own, no request hangs, and no reply is cut in silence."""

import asyncio
import gzip
import socket
import time
from email.utils import formatdate

import pytest
from pericles.policies import Message, load_policy
from pericles.policies.engines.remote import connection as connection_module
from pericles.policies.engines.remote.sse import EventReader
from pericles.tools import ConfigError, ContextOverflow, PericlesError, PolicyError, PolicyTimeout, RateLimited


@pytest.fixture
def fails(server, policy, wire):
    """Asks a server that answers so; returns the error's text."""

    def _fails(kind, *answers, tools=(), **options):
        remote = policy(**{"read_timeout": 20, "total_timeout": 30, **options})
        server.chats(*answers)
        start = time.monotonic()
        with pytest.raises(PericlesError) as raised:
            wire.ask(remote, tools=tools)
        assert time.monotonic() - start < 10
        assert type(raised.value) is kind, raised.value
        assert "\n" not in str(raised.value)
        assert len(str(raised.value)) < 600
        assert raised.value.__suppress_context__ or raised.value.__context__ is None
        return str(raised.value)

    return _fails


def error(status, message="no", *, retry_after=None, **fields):
    def _answer(wire):
        headers = {"Retry_After": retry_after} if retry_after else {}
        return wire.as_json({"error": {"message": message, **fields}}, status, **headers)

    return _answer


@pytest.mark.parametrize(
    "status", ["408 Request Timeout", "425 Too Early", "500 X", "502 X", "503 X", "504 X", "529 X"]
)
def test_a_server_that_fails_for_a_while_is_asked_again(status, server, policy, wire):
    failing = [error(status)(wire)] * 3
    server.chats(*failing, wire.says("There."))
    assert wire.ask(policy())[0] == "There."
    assert len(server.asked()) == 4


@pytest.mark.parametrize(
    ("status", "kind", "text"),
    [
        ("500 Internal Server Error", PolicyError, 'answered 500 Internal Server Error: it says "no"'),
        ("429 Too Many Requests", RateLimited, "takes no more requests for now"),
        ("504 Gateway Timeout", PolicyTimeout, "gave up waiting"),
    ],
)
def test_a_server_that_fails_for_ever_is_given_up(status, kind, text, fails, server, wire):
    assert text in fails(kind, error(status)(wire))
    assert len(server.asked()) == 4


@pytest.mark.parametrize("status", ["400 Bad Request", "418 Teapot", "501 Not Implemented"])
def test_what_cannot_help_is_not_tried_again(status, fails, server, wire):
    fails(ConfigError if status.startswith("501") else PolicyError, error(status)(wire))
    assert len(server.asked()) == 1


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_server_is_asked_again_when_it_wants(form, server, policy, wire):
    start = time.monotonic()
    wait = "1" if form == "seconds" else formatdate(time.time() + 2, usegmt=True)
    server.chats(error("429 X", retry_after=wait)(wire), wire.says())
    assert wire.ask(policy())[0] == "Hello."
    assert time.monotonic() - start > 0.9


def test_a_server_that_wants_to_be_left_alone_for_long_is_not_waited_for(fails, server, wire):
    assert "it asks to wait 3600 s" in fails(RateLimited, error("429 X", retry_after="3600")(wire))
    assert "it asks to wait 86400 s" in fails(PolicyError, error("503 X", retry_after="86400")(wire))
    assert "it asks to wait 25 s" in fails(RateLimited, error("429 X", retry_after="25")(wire), total_timeout=20)
    assert len(server.asked()) == 3


def test_money_that_has_run_out_does_not_come_back_by_waiting(fails, server, wire):
    answer = error("429 X", "You exceeded your current quota", code="insufficient_quota")(wire)
    assert "exceeded your current quota" in fails(RateLimited, answer)
    assert len(server.asked()) == 1


@pytest.mark.parametrize(
    "form",
    [
        {"error": {"message": "It is full.", "code": 400}},
        {"object": "error", "message": "It is full.", "code": 400},
        {"error": "It is full."},
        {"detail": "It is full."},
        "It is full.",
    ],
)
def test_errors_are_read_in_every_form(form, fails, wire):
    assert 'it says "It is full."' in fails(PolicyError, wire.as_json(form, "400 Bad Request"))


def test_a_page_in_place_of_an_answer_is_named(fails, wire):
    page = wire.Answer([b"<html><h1>Welcome</h1></html>"], headers={"Content-Type": "text/html; charset=utf-8"})
    assert "answered with text/html, not with a stream" in fails(PolicyError, page)
    page.status = "502 Bad Gateway"
    assert "answered 502 Bad Gateway with text/html" in fails(PolicyError, page)


def test_a_server_s_words_are_bounded_and_made_harmless(fails, wire):
    message = fails(PolicyError, error("400 X", "a\x1b[31m\u202e\n<tool_call>b" + "c" * 5000)(wire))
    assert 'it says "a[31m b' in message.replace("m\n", "m ")
    assert "<tool_call>" not in message


PARTS = {
    "a dropped connection": (lambda w: [w.chunk(content="Hi"), w.DROP], PolicyError, "broke the connection off"),
    "a drop inside an event": (lambda w: [w.chunk(content="Hi"), b'data: {"cho', w.DROP], PolicyError, "broke the"),
    "no end": (lambda w: [w.chunk(content="Hi")], PolicyError, "without saying that it is whole"),
    "broken JSON": (lambda w: [w.chunk(content="Hi"), b"data: {broken\n\n"], PolicyError, "not JSON"),
    "no object": (lambda w: [w.chunk(content="Hi"), b"data: 7\n\n"], PolicyError, "not JSON"),
    "half a character": (lambda w: [w.chunk(content="Hi"), b'data: {"a": "\xe6\xb0'], PolicyError, "not UTF-8"),
    "bytes": (lambda w: [w.chunk(content="Hi"), b"data: \xff\xfe\n\n"], PolicyError, "not UTF-8"),
    "an error event": (
        lambda w: [w.chunk(content="Hi"), {"error": {"message": "No memory."}}],
        PolicyError,
        "No memory",
    ),
    "an error by name": (
        lambda w: [w.chunk(content="Hi"), b'event: error\ndata: {"message": "Bad."}\n\n'],
        PolicyError,
        "Bad",
    ),
    "an error of 500": (
        lambda w: [w.chunk(content="Hi"), {"error": {"code": 500, "message": "X."}}],
        PolicyError,
        "500",
    ),
    "a stall": (lambda w: [w.chunk(content="Hi"), w.HANG], PolicyTimeout, "sent nothing for 1 s"),
    "an overflow": (
        lambda w: [w.chunk(content="Hi"), {"error": {"code": "context_length_exceeded", "message": "Too long"}}],
        ContextOverflow,
        "does not fit",
    ),
}


@pytest.mark.parametrize("how", PARTS)
def test_a_reply_that_breaks_off_is_an_error(how, fails, server, wire):
    parts, kind, text = PARTS[how]
    limit = 1 if how == "a stall" else 20  # a slow machine must not look like a stall
    assert text in fails(kind, wire.as_stream(*parts(wire)), read_timeout=limit)
    assert len(server.asked()) == 1  # something has been told: asked again, it would be told twice


@pytest.mark.parametrize(
    "how", [how for how in PARTS if how not in ("a stall", "an overflow", "an error event", "an error by name")]
)
def test_where_nothing_was_told_the_reply_is_asked_for_again(how, server, policy, wire):
    first = wire.as_stream(wire.chunk(role="assistant", content=""), *PARTS[how][0](wire)[1:])
    server.chats(first, wire.says("Whole."))
    assert wire.ask(policy())[0] == "Whole."


@pytest.mark.parametrize("end", [lambda w: [], lambda w: [w.DROP], lambda w: [w.HANG]])
def test_a_reply_whose_end_was_told_is_whole(end, server, policy, wire):
    server.chats(wire.as_stream(wire.chunk(content="Hi"), wire.chunk("stop"), *end(wire)))
    assert wire.ask(policy(read_timeout=1))[0] == "Hi"
    server.chats(wire.as_stream(wire.chunk(content="Hi"), wire.DONE))
    assert wire.ask(policy())[0] == "Hi"


def test_a_reply_without_anything_is_an_error(fails, wire):
    assert "without anything in it" in fails(PolicyError, wire.as_stream(wire.DONE))
    assert "without saying" in fails(PolicyError, wire.as_stream())


@pytest.mark.slow
def test_pings_are_signs_of_life_until_the_time_is_up(server, policy, wire, fails):
    pings = [b": ping\n\n", 0.3] * 5
    server.chats(wire.as_stream(*pings, wire.chunk(content="Late."), wire.chunk("stop"), wire.DONE))
    assert wire.ask(policy(read_timeout=1))[0] == "Late."
    message = fails(PolicyTimeout, wire.as_stream(*[b": ping\n\n", 0.1] * 50), total_timeout=0.6)
    assert "took longer than 0.6 s in all" in message


def test_a_server_that_never_answers_is_given_up(fails, wire):
    assert "sent nothing for 1 s" in fails(PolicyTimeout, wire.Answer([wire.HANG]), read_timeout=1)


def test_an_event_that_never_ends_is_given_up(fails, wire, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(connection_module, "EventReader", lambda: EventReader(1000))
        endless = wire.as_stream(wire.chunk(content="x"), *[b"x" * 900] * 5)
        assert "an event of more than 1,000 bytes" in fails(PolicyError, endless)
    monkeypatch.setattr(connection_module, "MAX_REPLY_BYTES", 10_000)
    endless = wire.as_stream(*[wire.chunk(content="x" * 900)] * 50)
    assert "a reply of more than 10,000 bytes" in fails(PolicyError, endless)


def test_compressed_answers_are_read_and_damaged_ones_told(server, policy, wire, fails):
    body = b"".join(wire.says("Packed.").parts[:1]) + b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
    headers = {"Content-Type": "text/event-stream", "Content-Encoding": "gzip"}
    server.chats(wire.Answer([gzip.compress(body)], headers=headers))
    assert wire.ask(policy())[0] == "Packed."
    assert "cannot be read" in fails(PolicyError, wire.Answer([b"no gzip at all"], headers=headers))


def test_redirects_go_nowhere_else(fails, server, policy, wire):
    elsewhere = wire.Answer([], "307 Temporary Redirect", {"Location": "http://user:pw@evil.example/v1"}, chunked=False)
    message = fails(ConfigError, elsewhere)
    assert "redirects to another place, http://evil.example" in message
    assert "pw" not in message
    here = wire.Answer([], "307 Temporary Redirect", {"Location": "/moved"}, chunked=False)
    server.routes["/moved"] = [wire.says("Moved.")]
    server.chats(here)
    assert wire.ask(policy())[0] == "Moved."
    assert "redirects more than 3 times" in fails(
        ConfigError, wire.Answer([], "308 X", {"Location": "/v1/chat/completions"}, chunked=False)
    )


def test_a_connection_that_the_server_closed_meanwhile_is_no_failure(server, policy, wire):
    remote = policy()
    server.chats(wire.says())
    assert wire.ask(remote)[0] == "Hello."
    server.hang_up()
    assert wire.ask(remote)[0] == "Hello."


def test_nothing_that_listens_is_told_when_loading_and_when_asking(server, policy, wire):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ConfigError, match=f"127.0.0.1:{port} cannot be reached: .*is the server running"):
        load_policy(f"http://127.0.0.1:{port}/v1#m")
    with pytest.raises(ConfigError, match="cannot be reached"):
        load_policy("http://no-such-host.invalid/v1#m", attempts=1)
    remote = policy(attempts=2)
    remote._connection.place = type(remote._connection.place)(f"http://127.0.0.1:{port}/v1", "m", "127.0.0.1", port)
    with pytest.raises(PolicyError, match="cannot be reached"):
        wire.ask(remote)


def test_a_host_that_does_not_answer_is_given_up():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        taken = [socket.create_connection(full.getsockname()) for _ in range(1)]
        address = f"http://127.0.0.1:{full.getsockname()[1]}/v1#m"
        try:
            with pytest.raises(PolicyTimeout, match=r"no connection|sent nothing"):
                load_policy(address, connect_timeout=0.3, read_timeout=0.3, attempts=1)
        finally:
            for each in taken:
                each.close()


def test_closing_the_stream_hangs_up_at_once(server, policy, wire):
    remote = policy()
    server.chats(wire.as_stream(wire.chunk(content="Hi"), wire.HANG))

    async def close():
        stream = remote.stream([Message("user", "hi")])
        await anext(stream)
        await stream.aclose()

    asyncio.run(close())
    assert server.left.wait(5)


@pytest.mark.parametrize("told", [True, False])
def test_cancelling_the_task_hangs_up_at_once(told, server, policy, wire):
    remote = policy()
    server.chats(wire.as_stream(*([wire.chunk(content="Hi")] if told else []), wire.HANG))

    async def cancel():
        task = asyncio.ensure_future(wire.events_of(remote))
        await asyncio.to_thread(server.wait_until_asked)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert server.left.wait(5)


def test_closing_the_policy_ends_what_is_under_way(server, policy, wire):
    remote = policy()
    server.chats(wire.as_stream(wire.chunk(content="Hi"), wire.HANG))

    async def main():
        stream = remote.stream([])
        await anext(stream)
        await remote.aclose()
        with pytest.raises(PolicyError, match="is closed"):
            await anext(stream)
        await remote.aclose()
        with pytest.raises(PolicyError, match="is closed"):
            await anext(remote.stream([]))
        with pytest.raises(PolicyError, match="is closed"):
            await remote.count_tokens([])

    asyncio.run(main())
    assert server.left.wait(5)


def test_a_policy_that_nobody_closes_closes_its_connections(server, wire):
    server.chats(wire.says())
    remote = load_policy(server.url)
    assert wire.ask(remote)[0] == "Hello."
    kept = list(server.transports)
    del remote
    end = time.monotonic() + 5
    while not all(transport.is_closing() for transport in kept) and time.monotonic() < end:
        time.sleep(0.01)
    assert all(transport.is_closing() for transport in kept)


def test_a_certificate_is_checked(tls_server, wire, monkeypatch):
    server, certificate = tls_server
    address = f"https://localhost:{server.port}/v1#m"
    with pytest.raises(ConfigError, match="cannot be reached: its certificate is not valid"):
        load_policy(address, attempts=1)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server.chats(wire.says("Safe."))
    remote = load_policy(address)
    assert wire.ask(remote)[0] == "Safe."
    asyncio.run(remote.aclose())


def test_connections_are_kept_from_one_loop_to_the_next(server, policy, wire):
    remote = policy()
    server.chats(wire.says())
    for _ in range(4):
        assert wire.ask(remote)[0] == "Hello."
    assert len(server.transports) == 1


def test_a_server_that_idles_behind_the_end_is_left(server, policy, wire):
    server.chats(wire.as_stream(wire.chunk(content="Hi"), wire.chunk("stop"), wire.DONE, wire.HANG))
    assert wire.ask(policy(read_timeout=30))[0] == "Hi"
    assert server.left.wait(5)


def test_one_policy_serves_many_loops_at_once(server, policy, wire):
    import threading

    remote = policy()
    server.chats(wire.as_stream(wire.chunk(content="Hi"), 0.05, wire.chunk("stop"), wire.DONE))
    texts = []
    threads = [threading.Thread(target=lambda: texts.append(wire.ask(remote)[0])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert texts == ["Hi"] * 8

    async def many():
        return await asyncio.gather(*(wire.events_of(remote) for _ in range(8)))

    assert len(asyncio.run(many())) == 8
    assert len(server.transports) < 17  # connections are used again
