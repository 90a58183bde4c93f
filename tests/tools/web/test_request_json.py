"""Back ends that the operator has named: what they answer, what goes wrong, what is tried again and what is kept."""

import asyncio
import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pericles.tools.errors import ToolError, ToolTimeout
from pericles.tools.web import retries
from pericles.tools.web.client import request_json


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(retries, "_FIRST_WAIT", 0.01)


def ask(url, method="GET", **options):
    return asyncio.run(request_json(method, url, **options))


def test_an_answer(server, http):
    server.answers("/search", http('{"hits": [1, 2]}', Content_Type="application/json"))
    assert ask(f"{server.url}/search", params={"q": "capital of Peru"}) == {"hits": [1, 2]}
    assert server.seen[0].path == "/search?q=capital+of+Peru"
    assert server.seen[0].headers["accept"] == "application/json"
    assert server.seen[0].headers["user-agent"].startswith("pericles/")


def test_a_body_is_sent_as_json(server, http):
    server.answers("/", http("[]"))
    ask(f"{server.url}/", "post", body={"query": "x"}, headers={"X-Key": "k"})
    assert (server.seen[0].method, json.loads(server.seen[0].body)) == ("POST", {"query": "x"})
    assert server.seen[0].headers["x-key"] == "k"


def test_a_connection_is_kept_between_event_loops(server, http):
    peers = set()

    async def answer(request, writer):
        peers.add(writer.get_extra_info("peername"))
        writer.write(http("1"))

    server.routes["/"] = answer
    for number in range(3):
        ask(f"{server.url}/", headers={"n": str(number)})
    assert len(peers) == 1


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (("no", "404 Not Found"), "answered 404 Not Found."),
        (("no", "401 Unauthorized"), "answered 401 Unauthorized: it wants an API key, or another one."),
        (("no", "599 Odd"), "answered 599."),
        (("<html>", "200 OK"), "answered with text/html, which is not the JSON that was expected."),
        (("[" * 100_000, "200 OK"), "answered with text/html, which is not the JSON that was expected."),
    ],
)
def test_what_is_no_answer(server, http, response, message):
    server.answers("/", http(*response, Content_Type="text/html; charset=utf-8"))
    with pytest.raises(ToolError) as told:
        ask(f"{server.url}/?key=secret", headers={"Authorization": "Bearer hidden"})
    assert str(told.value) == f"{server.place} {message}"


def test_nobody_listens(server):
    with pytest.raises(ToolError, match=r"^127\.0\.0\.1:1 cannot be reached: .*[Cc]onnect"):
        ask("http://127.0.0.1:1/?key=secret")


def test_no_answer_in_time(server):
    async def sleep(request, writer):
        await asyncio.sleep(30)

    server.routes["/"] = sleep
    started = time.monotonic()
    with pytest.raises(ToolTimeout, match=r"did not answer within 0\.3 s\.$"):
        ask(f"{server.url}/", seconds=0.3)
    assert time.monotonic() - started < 2


def test_a_slow_drip_does_not_extend_the_limit(server):
    async def drip(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    server.routes["/"] = drip
    with pytest.raises(ToolTimeout):
        ask(f"{server.url}/", seconds=0.4)


@pytest.mark.parametrize("compressed", [False, True])
def test_too_large(server, http, compressed):
    body = b'"' + b"a" * 1_000_000 + b'"'
    if compressed:
        server.answers("/", http(gzip.compress(body), Content_Encoding="gzip"))
    else:
        server.answers("/", http(body))
    with pytest.raises(ToolError, match="more than 100,000 bytes"):
        ask(f"{server.url}/", max_bytes=100_000)


def test_a_failing_server_is_asked_again(server, http):
    server.answers("/", http("", "503 Busy"), http("", "502 Bad"), http("1"))
    assert ask(f"{server.url}/") == 1


def test_a_closed_connection_is_opened_again(server, http):
    async def close_then_answer(request, writer):
        if len(server.seen) == 1:
            writer.close()
        else:
            writer.write(http("1"))

    server.routes["/"] = close_then_answer
    assert ask(f"{server.url}/") == 1


def test_it_gives_up_after_four(server, http):
    server.answers("/", http("", "500 Broken"))
    with pytest.raises(ToolError, match="answered 500"):
        ask(f"{server.url}/")
    assert len(server.seen) == 4


def test_a_post_is_sent_again_only_where_nothing_was_done(server, http):
    server.answers("/broken", http("", "500 Broken"))
    with pytest.raises(ToolError):
        ask(f"{server.url}/broken", "POST", body={})
    assert len(server.seen) == 1
    server.answers("/busy", http("", "503 Busy"), http("1"))
    assert ask(f"{server.url}/busy", "POST", body={}) == 1


@pytest.mark.slow
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_waited_for(server, http, form):
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    server.answers("/", http("", "429 Slow", Retry_After="1" if form == "seconds" else later), http("1"))
    started = time.monotonic()
    assert ask(f"{server.url}/") == 1
    assert time.monotonic() - started > 0.95


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("120", "120 s"),
        ("9" * 400, "more than a week"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "more than a week"),
    ],
)
def test_a_wait_that_is_too_long_fails_at_once(server, http, value, told):
    server.answers("/", http("", "429 Slow", Retry_After=value))
    started = time.monotonic()
    with pytest.raises(ToolError, match=f"limits how often it may be asked: it asks to wait {told}"):
        ask(f"{server.url}/")
    assert time.monotonic() - started < 2
    assert len(server.seen) == 1


@pytest.mark.parametrize("value", ["", "-5", "soon", "1.5", "0", "Wed, 99 Foo 2020", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_retry_after_that_says_nothing(server, http, value):
    server.answers("/", http("", "429 Slow", Retry_After=value), http("1"))
    assert ask(f"{server.url}/") == 1


def test_a_storm(server, http):
    server.answers("/", http("", "429 Slow", Retry_After="0"))
    with pytest.raises(ToolError, match="limits how often it may be asked, and does not say for how long"):
        ask(f"{server.url}/")
    assert len(server.seen) == 4


def test_a_storm_with_a_wait(server, http, monkeypatch):
    monkeypatch.setattr(retries, "ATTEMPTS", 1)
    server.answers("/", http("", "429 Slow", Retry_After="1"))
    with pytest.raises(ToolError, match=r"limits how often it may be asked: it asks to wait 1 s\. Try again later"):
        ask(f"{server.url}/")


def test_a_redirect_stays_on_the_same_server(server, http):
    server.answers("/old", http("", "301 Moved", Location="/new?a=b"))
    server.answers("/new", http("1"))
    assert ask(f"{server.url}/old", headers={"x-key": "k"}) == 1
    assert server.seen[1].headers["x-key"] == "k"


def test_a_key_never_goes_to_another_server(server, http):
    server.answers("/", http("", "302 Found", Location=f"http://localhost:{server.port}/steal"))
    server.answers("/steal", http("1"))
    with pytest.raises(ToolError, match=f"redirects to another place, localhost:{server.port}"):
        ask(f"{server.url}/", headers={"Authorization": "Bearer k"})
    assert len(server.seen) == 1


def test_a_redirect_loop(server, http):
    server.answers("/", http("", "302 Found", Location="/"))
    with pytest.raises(ToolError, match="redirects more than 5 times"):
        ask(f"{server.url}/")


@pytest.mark.parametrize("key", ["line\nbreak", "smart ”quote”", "nul\0"])
def test_a_key_that_is_no_header_is_not_told(server, http, key):
    server.answers("/", http("1"))
    with pytest.raises(ToolError) as told:
        ask(f"{server.url}/", headers={"Authorization": key})
    assert "quote" not in str(told.value)
    assert "line" not in str(told.value)


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://[::1"])
def test_what_is_no_address(url):
    with pytest.raises(ToolError):
        ask(url)


def test_cookies_do_not_travel(server, http):
    server.answers("/", http("1", Set_Cookie="session=1; Path=/"))
    for _ in range(2):
        ask(f"{server.url}/")
    assert all("cookie" not in request.headers for request in server.seen)


def test_cache_hit(server, http):
    server.answers("/", http("1", Cache_Control="max-age=60"))
    assert [ask(f"{server.url}/"), ask(f"{server.url}/")] == [1, 1]
    assert len(server.seen) == 1


def test_revalidation(server, http):
    def answer(request):
        if request.headers.get("if-none-match") == '"v1"':
            return http("", "304 Not Modified", ETag='"v1"')
        return http("1", Cache_Control="no-cache", ETag='"v1"')

    server.answers("/", answer)
    assert [ask(f"{server.url}/") for _ in range(3)] == [1, 1, 1]
    assert ["if-none-match" in request.headers for request in server.seen] == [False, True, True]


def test_no_store(server, http, folders):
    server.answers("/", http("1", Cache_Control="no-store"), http("2", Cache_Control="no-store"))
    assert [ask(f"{server.url}/"), ask(f"{server.url}/")] == [1, 2]
    assert not [path for path in (folders / "cache").rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["Authorization", "X-Subscription-Token", "Accept-Language"])
def test_answers_are_not_shared_between_keys(server, http, name):
    server.answers("/", lambda request: http(json.dumps(request.headers[name.lower()]), Cache_Control="max-age=60"))
    for key in ("a", "b", "a", "b"):
        assert ask(f"{server.url}/", headers={name: key}) == key
    assert len(server.seen) == 2


def test_vary(server, http):
    server.answers(
        "/", lambda request: http(json.dumps(request.headers["x-a"]), Cache_Control="max-age=60", Vary="X-A")
    )
    assert [ask(f"{server.url}/", headers={"x-a": value}) for value in "abab"] == ["a", "b", "a", "b"]


def test_nothing_secret_is_written(server, http, folders):
    server.answers("/", http("1", Cache_Control="max-age=60"))
    ask(f"{server.url}/?key=SECRET1", headers={"Authorization": "SECRET2", "X-Key": "SECRET3"})
    files = [path for path in (folders / "cache" / "http").rglob("*") if path.is_file()]
    assert files
    assert all(b"SECRET" not in path.read_bytes() for path in files)


@pytest.mark.parametrize("damage", ["cut", "flip", "nonsense", "empty"])
def test_a_damaged_cache_file_is_a_miss(server, http, folders, damage):
    server.answers("/", http('"long enough to be cut"', Cache_Control="max-age=60"))
    ask(f"{server.url}/")
    (file,) = (path for path in (folders / "cache" / "http").rglob("*") if path.is_file())
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes({"cut": content[:-5], "flip": content, "nonsense": b"[]\nxx", "empty": b""}[damage])
    assert ask(f"{server.url}/") == "long enough to be cut"
    assert ask(f"{server.url}/") == "long enough to be cut"
    assert len(server.seen) == 2


def test_a_cache_that_cannot_be_written(server, http, folders, caplog):
    (folders / "cache").mkdir()
    (folders / "cache" / "http").write_text("a file where the folder should be")
    server.answers("/", http("1", Cache_Control="max-age=60"))
    assert [ask(f"{server.url}/"), ask(f"{server.url}/")] == [1, 1]
    assert "the HTTP cache cannot be written" in caplog.text


def test_the_cache_does_not_grow_without_end(tmp_path):
    from pericles.tools.web.http_cache import FolderStorage, cache_key

    async def fill():
        from hishel import Headers, Request, Response

        async def stream():
            yield b"x" * 1000

        storage = FolderStorage(tmp_path / "http", max_size=20_000)
        for number in range(60):
            url = f"http://a/{number}"
            request = Request("GET", url, Headers({}))
            entry = await storage.create_entry(request, Response(200, Headers({}), stream()), cache_key(url))
            async for _ in entry.response.stream:
                pass

    asyncio.run(fill())
    assert sum(path.stat().st_size for path in (tmp_path / "http").rglob("*") if path.is_file()) < 35_000


def test_cancelling_closes_the_connection(server):
    async def wait_for_end(request, writer):
        assert await request.reader.read() == b""

    async def cancelled():
        task = asyncio.ensure_future(request_json("GET", f"{server.url}/"))
        while not server.seen:  # noqa: ASYNC110 - the server lives in another loop
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    server.routes["/"] = wait_for_end
    asyncio.run(cancelled())
    assert server.closed.wait(5)
