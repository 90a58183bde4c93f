"""Servers on loopback that answer as the services do, with their answers' recorded shapes."""

import contextlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Exchange:
    """What a request was, for the function that answers it."""

    def __init__(self, handler, body):
        parts = urlsplit(handler.path)
        self.method = handler.command
        self.path = parts.path
        self.query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.headers = {key.lower(): value for key, value in handler.headers.items()}
        self.body = json.loads(body) if body else None


@contextlib.contextmanager
def serving(answer):
    """Serves `answer(exchange) -> value | (status, headers, value)`; yields the address and the exchanges so far."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            exchange = Exchange(self, self.rfile.read(int(self.headers.get("content-length") or 0)))
            seen.append(exchange)
            found = answer(exchange)
            status, headers, value = found if isinstance(found, tuple) else (200, {}, found)
            content = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            for name, text in {"content-type": "application/json", **headers}.items():
                self.send_header(name, text)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()


def sleepy(seconds, value):
    """An answer that comes late."""

    def answer(_):
        time.sleep(seconds)
        return value

    return answer


WIKI_PAGE = (
    "The Rennes Metro is a light metro in Rennes, France.\n\n\n== History ==\nLine A was opened on 15 March 2002 with"
    " fifteen stations.\n\n\n== Fleet ==\nThe trains are driverless and were built by Siemens.\n"
)


def wiki(exchange):
    """A MediaWiki with the TextExtracts extension; shapes as api.php sends them with formatversion=2."""
    query = exchange.query
    assert query["action"] == "query"
    assert (query["format"], query["formatversion"]) == ("json", "2")
    if "pageids" in query:
        page = {"pageid": int(query["pageids"]), "ns": 0, "title": "Rennes Metro", "extract": WIKI_PAGE}
        return {"batchcomplete": True, "query": {"pages": [page]}}
    if "metro" not in query["srsearch"].lower():
        return {"batchcomplete": True, "query": {"searchinfo": {"totalhits": 0}, "search": []}}
    search = {
        "ns": 0,
        "title": "Rennes Metro",
        "pageid": 42,
        "snippet": 'The <span class="searchmatch">Rennes</span> Metro is a light metro',
        "timestamp": "2026-10-30T07:08:09Z",
    }
    page = {
        "pageid": 42,
        "ns": 0,
        "title": "Rennes Metro",
        "index": 1,
        "fullurl": "https://wiki.example/wiki/Rennes_Metro",
        "touched": "2026-11-01T00:00:00Z",
        "extract": WIKI_PAGE.split("\n")[0],
    }
    return {"batchcomplete": True, "query": {"searchinfo": {"totalhits": 1}, "search": [search], "pages": [page]}}


def plain_wiki(exchange):
    """A MediaWiki without TextExtracts: it warns of the unknown property and tells snippets only."""
    answer = wiki(exchange)
    for page in answer.get("query", {}).get("pages", []):
        page.pop("extract", None)
    return answer | {"warnings": {"query": {"warnings": 'Unrecognized value for parameter "prop": extracts'}}}


def searxng(exchange):
    assert exchange.path == "/search"
    assert exchange.query["format"] == "json"
    results = [
        {
            "url": "https://www.example.org/metro?utm_source=x",
            "title": "Metro of Rennes",
            "content": "The metro of Rennes has <b>two</b> lines since 2022.",
            "engine": "duckduckgo",
            "engines": ["duckduckgo"],
            "score": 1.0,
            "publishedDate": "2026-09-20T00:00:00",
        },
        {"url": "javascript:alert(1)", "title": "bad", "content": "bad"},
        {"url": "https://example.org/empty", "title": "no text", "content": ""},
    ]
    return {"query": exchange.query["q"], "number_of_results": 0, "results": results, "answers": [], "infoboxes": []}


def tavily(exchange):
    if exchange.headers.get("authorization") != "Bearer tvly-secret":
        return 401, {}, {"detail": {"error": "Unauthorized: missing or invalid API key."}}
    result = {
        "title": "Rennes metro line B",
        "url": "https://example.org/metro",
        "content": "Line B of the Rennes metro opened on 20 September 2022.",
        "score": 0.98,
        "raw_content": None,
        "published_date": "Tue, 20 Sep 2022 10:00:00 GMT",
    }
    return {"query": exchange.body["query"], "answer": None, "images": [], "results": [result], "response_time": 0.5}


def opensearch(exchange):
    assert (exchange.method, exchange.path) == ("POST", "/papers/_search")
    source = {"title": "On Rennes", "text": "Rennes has a metro.", "url": "https://example.org/p", "date": "2024-05-06"}
    hit = {"_index": "papers", "_id": "7", "_score": 3.2, "_source": source}
    return {"took": 2, "timed_out": False, "hits": {"total": {"value": 1, "relation": "eq"}, "hits": [hit]}}
