"""A real HTTP server on loopback whose answers a test writes byte by byte."""

import asyncio
import threading
from dataclasses import dataclass, field

import pytest


@dataclass
class Request:
    method: str
    path: str
    headers: dict
    body: bytes = b""
    reader: asyncio.StreamReader | None = None


@dataclass
class Server:
    """`routes[path]` is a list of bytes to send, or an async function of (request, writer)."""

    port: int = 0
    routes: dict = field(default_factory=dict)
    seen: list = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    transports: list = field(default_factory=list)
    serving: set = field(default_factory=set)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def place(self):
        return f"127.0.0.1:{self.port}"

    def answers(self, path, *responses):
        """Answers in turn; the last one stays."""
        left = list(responses)

        async def answer(request, writer):
            response = left.pop(0) if len(left) > 1 else left[0]
            writer.write(response(request) if callable(response) else response)

        self.routes[path] = answer

    def connected(self, reader, writer):
        self.transports.append(writer.transport)
        self.serving.add(asyncio.ensure_future(self.serve(reader, writer)))

    async def serve(self, reader, writer):
        try:
            while line := await reader.readline():
                method, target, _ = line.decode().split(" ", 2)
                headers = {}
                while (line := (await reader.readline()).strip()) != b"":
                    name, _, value = line.decode("latin-1").partition(":")
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                request = Request(method, target, headers, body, reader)
                self.seen.append(request)
                await self.routes[target.partition("?")[0]](request, writer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.closed.set()
            writer.transport.abort()


def reply(body=b"", status="200 OK", **headers):
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@pytest.fixture
def server():
    made = Server()
    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(asyncio.start_server(made.connected, "127.0.0.1", 0))
    made.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield made

    async def stop():
        listening.close()
        await asyncio.sleep(0.01)
        for task in made.serving:
            task.cancel()
        await asyncio.gather(*made.serving, return_exceptions=True)
        for transport in made.transports:
            transport.abort()
        await asyncio.sleep(0.01)

    asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("PERICLES_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PERICLES_CONFIG", str(tmp_path / "pericles.toml"))
    (tmp_path / "pericles.toml").write_text("")
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def http():
    """Writes an answer: `http(body, status, Header_Name=value)`."""
    return reply
