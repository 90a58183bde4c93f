"""Pages from addresses that strangers choose: where they may be, what they may weigh, how they are decoded."""

import asyncio
import gzip
import os
import signal
import threading
import time
import tracemalloc
import zlib

import httpx
import pytest
from pericles.tools.errors import ConfigError, ToolError, ToolTimeout
from pericles.tools.web import pages, retries, transport
from pericles.tools.web.client import get_page
from pericles.tools.web.settings import FetchSettings


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(retries, "_FIRST_WAIT", 0.01)


@pytest.fixture
def get(server):
    def get(path, **options):
        options.setdefault("allow", (server.place,))
        url = path if "://" in path else server.url + path
        return asyncio.run(get_page(url, settings=FetchSettings(**options)))

    return get


@pytest.fixture
def names(monkeypatch):
    """Name servers' answers: a name's addresses, or a list of them for one look-up after the other."""
    answers, asked = {}, []

    async def resolve(host, port):
        asked.append(host)
        found = answers[host]
        return found.pop(0) if isinstance(found[0], list) else found

    monkeypatch.setattr(transport, "resolve", resolve)
    answers["asked"] = asked
    return answers


def test_a_page(server, http, get):
    server.answers(
        "/a", http("<p>Grüße", Content_Type="text/html; charset=utf-8", Last_Modified="Wed, 21 Oct 2015 07:28:00 GMT")
    )
    page = get("/a?b=c#d")
    assert (page.url, page.media_type, page.text) == (f"{server.url}/a?b=c", "text/html", "<p>Grüße")
    assert (page.charset, page.date, page.content) == ("utf-8", "2015-10-21", "<p>Grüße".encode())
    assert set(server.seen[0].headers) == {"host", "accept", "accept-encoding", "accept-language", "user-agent"} | (
        set(server.seen[0].headers) & {"connection"}
    )


def test_this_machine_is_refused(server, get):
    with pytest.raises(ToolError, match=r"^127\.0\.0\.1 may not be fetched: its address 127\.0\.0\.1 is loopback"):
        get("/", allow=())
    assert server.seen == []


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "localhost.", "[::1]", "0"]
)
def test_other_ways_to_write_it(server, get, host):
    with pytest.raises(ToolError, match=r"may not be fetched|cannot be reached|no web address"):
        get(f"http://{host}:{server.port}/", allow=())
    assert server.seen == []


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org", "ftp://example.org/", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x"),
        *("http://", "http://user@example.org/", "http://a:b@example.org/", "http://example.org:22/"),
        *("http://example.org:6379/", "http://example.org:0/", "http://[::1", "http://exa mple.org/", "gopher://a/"),
        *("https://example.org/" + "a" * 5000, "http://example.org:99999/", "http://[/", "http://[fe80::1%25eth0]/"),
    ],
)
def test_what_is_no_address_of_a_page(url):
    with pytest.raises(ToolError, match=r"address|port|name"):
        asyncio.run(get_page(url, settings=FetchSettings()))


def test_a_name_that_leads_inside(server, get, names):
    names["public.example"] = ["10.0.0.7"]
    with pytest.raises(ToolError, match=r"^public\.example may not be fetched: its address 10\.0\.0\.7 is private"):
        get("http://public.example/")


def test_a_name_that_leads_outside_and_inside(server, get, names):
    names["mixed.example"] = ["8.8.8.8", "127.0.0.1"]
    with pytest.raises(ToolError, match=r"its address 127\.0\.0\.1 is loopback"):
        get(f"http://mixed.example:{server.port}/", allow=())
    assert server.seen == []


def test_what_was_checked_is_what_is_connected_to(server, http, get, names):
    """A name server that answers differently the second time is not asked a second time."""
    server.answers("/", http("hello", Content_Type="text/plain"))
    names["rebind.example"] = [["127.0.0.1"], ["10.0.0.1"]]
    page = get(f"http://rebind.example:{server.port}/", allow=(f"rebind.example:{server.port}",))
    assert page.text == "hello"
    assert names["asked"] == ["rebind.example"]
    assert server.seen[0].headers["host"] == f"rebind.example:{server.port}"


def test_the_next_address_is_tried(server, http, get, names):
    server.answers("/", http("hello", Content_Type="text/plain"))
    names["two.example"] = ["127.0.0.2", "127.0.0.1"]
    assert get(f"http://two.example:{server.port}/", allow=("two.example",)).text == "hello"


def test_a_connection_serves_no_other_host(server, http, get, names):
    peers = set()

    async def answer(request, writer):
        peers.add(writer.get_extra_info("peername"))
        writer.write(http("hello", Content_Type="text/plain"))

    server.routes["/"] = answer
    names["a.example"] = names["b.example"] = ["127.0.0.1"]
    for name in ("a", "b"):
        get(f"http://{name}.example:{server.port}/", allow=("127.0.0.1",))
    assert len(peers) == 2


def test_a_name_that_does_not_exist(get):
    with pytest.raises(ToolError, match=r"^no\.such\.name\.invalid cannot be reached: "):
        get("http://no.such.name.invalid/")


def test_a_proxy_of_the_environment_is_not_used(server, http, get, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.answers("/", http("hello", Content_Type="text/plain"))
    assert get("/").text == "hello"


def test_a_redirect(server, http, get):
    server.answers("/a", http("", "301 Moved", Location="b?c=d"))
    server.answers("/b", http("hello", Content_Type="text/plain"))
    assert get("/a").url == f"{server.url}/b?c=d"
    assert "referer" not in server.seen[1].headers


@pytest.mark.parametrize(
    "target",
    [
        *("http://127.0.0.1:1/", "http://localhost:9999/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/"),
        *(
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "http://user:word@127.0.0.1/",
            "http://[",
            "gopher://127.0.0.1:70/",
        ),
        *("//10.0.0.1/", "http://127.0.0.1:6379/"),
    ],
)
def test_a_redirect_inside(server, http, get, target):
    server.answers("/", http("", "302 Found", Location=target))
    with pytest.raises(ToolError, match=r"refused|may not be fetched|cannot be read"):
        get("/")
    assert len(server.seen) == 1


def test_a_redirect_loop(server, http, get):
    server.answers("/", http("", "302 Found", Location="/"))
    with pytest.raises(ToolError, match="redirects more than 5 times"):
        get("/")
    assert len(server.seen) == 6


def test_a_redirect_to_unencrypted():
    with pytest.raises(ToolError, match=r"^a\.example redirects from https to http, which is not followed"):
        pages._redirect(httpx.URL("https://a.example/x"), "http://a.example/y")


def test_cookies_are_never_sent(server, http, get):
    server.answers("/a", http("", "302 Found", Location="/b", Set_Cookie="a=b; Path=/"))
    server.answers("/b", http("hello", Content_Type="text/plain", Set_Cookie="c=d; Path=/"))
    get("/a")
    get("/b")
    assert all("cookie" not in request.headers for request in server.seen)


def test_a_slow_drip(server, get):
    async def drip(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(0.05)

    server.routes["/"] = drip
    started = time.monotonic()
    with pytest.raises(ToolTimeout, match=r"did not answer within 0\.4 s"):
        get("/", seconds=0.4)
    assert time.monotonic() - started < 2


def test_slow_redirects_share_one_limit(server, http, get):
    async def slow(request, writer):
        await asyncio.sleep(0.2)
        writer.write(http("", "302 Found", Location=f"/{len(server.seen)}"))

    for path in "/", "/1", "/2", "/3", "/4", "/5":
        server.routes[path] = slow
    with pytest.raises(ToolTimeout):
        get("/", seconds=0.5)


@pytest.mark.parametrize("declared", [True, False])
def test_a_huge_body(server, get, declared):
    sent = 0

    async def flood(request, writer):
        nonlocal sent
        length = b"Content-Length: 1000000000\r\n" if declared else b"Connection: close\r\n"
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + length + b"\r\n")
        while sent < 1_000_000_000:
            writer.write(b"a" * 65536)
            sent += 65536
            await writer.drain()

    server.routes["/"] = flood
    with pytest.raises(ToolError, match="more than 100,000 bytes"):
        get("/", max_bytes=100_000)
    assert sent < 50_000_000


def bomb(kind):
    zeros = bytes(50_000_000)
    if kind == "gzip":
        return gzip.compress(zeros), "gzip"
    if kind == "members":
        return gzip.compress(bytes(1_000_000)) * 50, "gzip"
    if kind == "empty members":
        return gzip.compress(b"") * 20_000, "gzip"
    if kind == "deflate":
        return zlib.compress(zeros), "deflate"
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    return raw.compress(zeros) + raw.flush(), "deflate"


@pytest.mark.parametrize("kind", ["gzip", "members", "empty members", "deflate", "raw deflate"])
def test_a_bomb(server, http, get, kind):
    body, encoding = bomb(kind)
    server.answers("/", http(body, Content_Type="text/plain", Content_Encoding=encoding))
    get_ready = pytest.raises(ToolError, match="more than 1,000,000 bytes")
    tracemalloc.start()
    try:
        with get_ready:
            get("/", max_bytes=1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["gzip", "two members", "deflate", "raw deflate", "x-gzip", "cut"])
def test_compressed(server, http, get, kind):
    text = b"hello " * 1000
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    body, encoding = {
        "gzip": (gzip.compress(text), "gzip"),
        "two members": (gzip.compress(text[:100]) + gzip.compress(text[100:]), "gzip"),
        "deflate": (zlib.compress(text), "deflate"),
        "raw deflate": (raw.compress(text) + raw.flush(), "Deflate"),
        "x-gzip": (gzip.compress(text), "x-gzip"),
        "cut": (gzip.compress(text)[:-8], "gzip"),
    }[kind]
    server.answers("/", http(body, Content_Type="text/plain", Content_Encoding=encoding))
    assert get("/").content == text


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_other_encodings(server, http, get, encoding):
    server.answers("/", http(b"abc", Content_Type="text/plain", Content_Encoding=encoding))
    with pytest.raises(ToolError, match="which was not asked for"):
        get("/")


def test_damaged_compression(server, http, get):
    server.answers("/", http(b"no gzip at all", Content_Type="text/plain", Content_Encoding="gzip"))
    with pytest.raises(ToolError, match="damaged"):
        get("/")


@pytest.mark.parametrize(
    "media_type", ["image/png", "application/zip", "video/mp4", "application/octet-streams", "text"]
)
def test_what_cannot_be_read(server, http, get, media_type):
    server.answers("/", http(b"abc", Content_Type=media_type))
    with pytest.raises(ToolError, match="cannot be read as text"):
        get("/")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"<!DOCTYPE html><p>x", "text/html"),
        (b"  <html><p>x", "text/html"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"<?xml version='1.0'?><rss/>", "application/xml"),
        (b"plain words", "text/plain"),
        ("\ufeffwörds".encode("utf-16"), "text/plain"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", None),
        (b"", "text/plain"),
    ],
)
@pytest.mark.parametrize("declared", [{}, {"Content_Type": "application/octet-stream"}])
def test_sniffed(server, http, get, body, found, declared):
    server.answers("/", http(body, **declared))
    if found is None:
        with pytest.raises(ToolError, match="unknown kind"):
            get("/")
    else:
        assert get("/").media_type == found


@pytest.mark.parametrize(
    ("body", "header", "charset"),
    [
        ("Grüße".encode(), "text/html", "utf-8"),
        ("Grüße".encode("latin-1"), "text/html; charset=ISO-8859-1", "cp1252"),
        ("Grüße".encode("latin-1"), "text/html", "cp1252"),
        ("Grüße".encode(), "text/html; charset=no-such-charset", "utf-8"),
        ("Grüße".encode(), "text/html; charset=idna", "utf-8"),
        ("Grüße".encode(), "text/html; charset=base64", "utf-8"),
        ("Grüße".encode(), "text/html; charset=undefined", "utf-8"),
        ("Grüße".encode(), 'text/html; charset="UTF-8"', "utf-8"),
        ("\ufeffGrüße".encode(), "text/html; charset=ascii", "utf-8"),
        ("Grüße".encode("utf-16"), "text/html", "utf-16"),
        ("<meta charset='shift_jis'>日本".encode("shift_jis"), "text/html", "shift_jis"),
        ("<meta charset=iso-8859-1><p>Grüße dort".encode(), "text/html", "utf-8"),
        ("<meta charset=utf-16><p>Grüße dort".encode(), "text/html", "utf-8"),
        ("<?xml version='1.0' encoding='koi8-r'?><a>да</a>".encode("koi8-r"), "application/xml", "koi8-r"),
    ],
)
def test_charsets(server, http, get, body, header, charset):
    server.answers("/", http(body, Content_Type=header))
    page = get("/")
    assert page.charset == charset
    assert "Grüße" in page.text or "日本" in page.text or "да" in page.text


@pytest.mark.parametrize("body", [bytes(range(256)), b"\xff\xfe\x00\xd8", b"\xef\xbb\xbf\xff", b"a\xc3", b"\x81" * 50])
@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "shift_jis", "utf-7", "big5", "x"])
def test_no_body_fails_to_decode(server, http, get, body, charset):
    server.answers("/", http(body, Content_Type=f"text/plain; charset={charset}"))
    assert isinstance(get("/").text, str)


def test_busy_then_there(server, http, get):
    server.answers("/", http("", "503 Busy"), http("hello", Content_Type="text/plain"))
    assert get("/").text == "hello"


def test_a_wait_that_is_too_long(server, http, get):
    server.answers("/", http("", "429 Slow", Retry_After="3600"))
    with pytest.raises(ToolError, match="it asks to wait 3600 s"):
        get("/")


def test_not_there(server, http, get):
    server.answers("/", http("", "404 Not Found"))
    with pytest.raises(ToolError, match="answered 404 Not Found"):
        get("/?key=secret")


def test_kept_as_the_server_allows(server, http, get):
    server.answers("/kept", http("a", Content_Type="text/plain", Cache_Control="max-age=60"))
    server.answers("/not", http("a", Content_Type="text/plain", Cache_Control="no-store"))
    for path in ("/kept", "/not", "/kept", "/not"):
        assert get(path).text == "a"
    assert [request.path for request in server.seen] == ["/kept", "/not", "/not"]


def test_a_page_that_is_kept_is_not_told_when_it_is_no_longer_allowed(server, http, get):
    server.answers("/", http("a", Content_Type="text/plain", Cache_Control="max-age=60"))
    get("/")
    with pytest.raises(ToolError, match="may not be fetched"):
        get("/", allow=())


def test_a_304_with_a_body(server, http, get):
    server.answers(
        "/",
        lambda request: (
            http(b"x" * 100, "304 Not Modified", ETag="1")
            if "if-none-match" in request.headers
            else http("a", Content_Type="text/plain", Cache_Control="no-cache", ETag="1")
        ),
    )
    assert [get("/").text, get("/").text] == ["a", "a"]


def test_an_allow_list_that_cannot_be_read(get):
    with pytest.raises(ConfigError, match=r"fetch\.allow: 'a b'"):
        get("/", allow=("a b",))


def test_from_several_event_loops_at_once(server, http, get):
    server.answers("/", http("hello", Content_Type="text/plain"))
    found = []
    threads = [threading.Thread(target=lambda: found.append(get("/").text)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == ["hello"] * 8


def test_cancelling_closes_the_connection(server):
    async def wait_for_end(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nabc")
        await writer.drain()
        assert await request.reader.read() == b""

    async def cancelled():
        task = asyncio.ensure_future(get_page(server.url, settings=FetchSettings(allow=(server.place,))))
        while not server.seen:  # noqa: ASYNC110 - the server lives in another loop
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    server.routes["/"] = wait_for_end
    asyncio.run(cancelled())
    assert server.closed.wait(5)


def test_a_forked_process_has_a_loop_of_its_own(server, http, get):
    server.answers("/", http("hello", Content_Type="text/plain"))
    assert get("/").text == "hello"
    child = os.fork()
    if not child:
        signal.alarm(20)
        os._exit(0 if get("/").text == "hello" else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert get("/").text == "hello"
