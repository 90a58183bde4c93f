"""A real HTTP server on loopback that says and does what a test writes, and a real llama-server."""

import asyncio
import contextlib
import json
import shutil
import ssl
import subprocess
import threading
import time
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from pericles.policies import GenerationConfig, Message, load_policy
from pericles.policies.engines import CallRead, ReplyFinished, TextPiece

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": f"Does {name}.",
            "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
        },
    }
    for name in ("math", "search")
]
DROP, HANG = "drop", "hang"


@dataclass
class Request:
    method: str
    path: str
    headers: dict
    body: bytes = b""

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Answer:
    """`parts` are bytes to send, seconds to wait, `DROP` or `HANG` (until the client goes)."""

    parts: list
    status: str = "200 OK"
    headers: dict = field(default_factory=dict)
    chunked: bool = True

    async def send(self, reader, writer, left):
        headers = dict(self.headers)
        if self.chunked:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Content-Length"] = str(sum(map(len, self.parts)))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {self.status}\r\n{head}\r\n".encode("latin-1"))
        for part in self.parts:
            if part == DROP:
                await writer.drain()
                writer.transport.abort()
                raise ConnectionError
            if part == HANG:
                await reader.read(1)
                left.set()
                raise ConnectionError
            if isinstance(part, bytes):
                writer.write(b"%x\r\n%s\r\n" % (len(part), part) if self.chunked else part)
                await writer.drain()
            else:
                await asyncio.sleep(part)
        if self.chunked:
            writer.write(b"0\r\n\r\n")
        await writer.drain()


def as_json(value, status="200 OK", **headers):
    headers = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return Answer([json.dumps(value).encode()], status, headers, chunked=False)


def as_stream(*parts, status="200 OK", **headers):
    """Chunks (dicts), bytes, waits; `[DONE]` is up to the test."""
    written = [b"data: %s\n\n" % json.dumps(part).encode() if isinstance(part, dict) else part for part in parts]
    headers = {"Content-Type": "text/event-stream", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return Answer(written, status, headers)


DONE = b"data: [DONE]\n\n"


def chunk(finish=None, *, usage=None, logprobs=None, **delta):
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    if logprobs is not None:
        choice["logprobs"] = {"content": logprobs}
    return {"object": "chat.completion.chunk", "choices": [choice], **({"usage": usage} if usage else {})}


def call_chunk(*calls, finish=None):
    return chunk(finish, tool_calls=list(calls))


def says(text="Hello."):
    return as_stream(chunk(content=text), chunk("stop"), DONE)


MODELS = {
    "vllm": {"id": "qwen", "object": "model", "owned_by": "vllm", "max_model_len": 4096},
    "llama-server": {"id": "smol", "object": "model", "owned_by": "llamacpp", "meta": {"n_ctx": 2048}},
    "ollama": {"id": "qwen3:latest", "object": "model", "owned_by": "library"},
    "openai": {"id": "gpt-4.1", "object": "model", "owned_by": "system"},
    "unknown": {"id": "m", "object": "model", "owned_by": "somebody"},
}


@dataclass
class Server:
    """`routes[path]` is a list of answers, given in turn; the last one stays."""

    port: int = 0
    loop: asyncio.AbstractEventLoop | None = None
    routes: dict = field(default_factory=dict)
    seen: list = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    transports: list = field(default_factory=list)
    serving: set = field(default_factory=set)

    def __post_init__(self):
        self.is_a("unknown")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def is_a(self, dialect, **more):
        self.routes["/v1/models"] = [as_json({"object": "list", "data": [{**MODELS[dialect], **more}]})]
        return self

    def chats(self, *answers):
        self.routes["/v1/chat/completions"] = list(answers)
        return self

    def asked(self, path="/v1/chat/completions"):
        return [request for request in self.seen if request.path == path]

    def wait_until_asked(self):
        end = time.monotonic() + 10
        while not self.asked() and time.monotonic() < end:
            time.sleep(0.01)

    def hang_up(self):
        """Closes the connections that are open."""
        for transport in self.transports:
            self.loop.call_soon_threadsafe(transport.abort)

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
                self.seen.append(Request(method, target, headers, body))
                answers = self.routes.get(target.partition("?")[0]) or [
                    as_json({"detail": "Not Found"}, "404 Not Found")
                ]
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                await answer.send(reader, writer, self.left)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()


@contextlib.contextmanager
def running(tls=None):
    loop = asyncio.new_event_loop()
    made = Server(loop=loop)
    listening = loop.run_until_complete(asyncio.start_server(made.connected, "127.0.0.1", 0, ssl=tls))
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


@pytest.fixture
def server():
    with running() as made:
        yield made


@pytest.fixture
def tls_server(tmp_path):
    """The same over TLS, for `localhost`: `(server, certificate)`."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with running(context) as made:
        yield made, certificate


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    """No key, setting or proxy of whoever runs the tests; retries without long waits."""
    from pericles.policies.engines.remote import connection

    monkeypatch.setattr(connection, "_FIRST_WAIT", 0.01)
    monkeypatch.setenv("PERICLES_CONFIG", str(tmp_path / "pericles.toml"))
    (tmp_path / "pericles.toml").write_text("")
    for name in ("PERICLES_API_KEY", "OPENAI_API_KEY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "pericles.toml"


@pytest.fixture
def policy(server):
    """Loads the server's policy; closes it at the end."""
    made = []

    def _policy(dialect=None, **options):
        if dialect:
            server.is_a(dialect)
        made.append(load_policy(server.url, **options))
        return made[-1]

    yield _policy
    for each in made:
        asyncio.run(each.aclose())


async def events_of(policy, messages="hi", *, tools=(), tool_choice="auto", **options):
    messages = [Message("user", messages)] if isinstance(messages, str) else messages
    config = GenerationConfig(**options)
    stream = policy.stream(messages, tools=tools, tool_choice=tool_choice, config=config)
    return [event async for event in stream]


def ask(policy, messages="hi", **options):
    """One reply in an event loop of its own: `(text, calls, finished)`."""
    events = asyncio.run(events_of(policy, messages, **options))
    assert isinstance(events[-1], ReplyFinished)
    assert sum(isinstance(event, ReplyFinished) for event in events) == 1
    text = "".join(event.text for event in events if isinstance(event, TextPiece))
    return text, [event.call for event in events if isinstance(event, CallRead)], events[-1]


@pytest.fixture
def wire():
    """What tests write answers and questions with."""
    return SimpleNamespace(
        DONE=DONE,
        DROP=DROP,
        HANG=HANG,
        TOOLS=TOOLS,
        MODELS=MODELS,
        Answer=Answer,
        as_json=as_json,
        as_stream=as_stream,
        ask=ask,
        call_chunk=call_chunk,
        chunk=chunk,
        events_of=events_of,
        says=says,
    )


@pytest.fixture(scope="session")
def llama_server():
    """A real llama-server with the base model: `(address, key)`."""
    import xllamacpp
    from pericles.policies.engines.weights import merged_gguf

    key = "sk-llama-server-key-1234567890"
    params = xllamacpp.CommonParams()
    params.model.path = str(merged_gguf("smollm2-135m", None, "Q8_0"))
    params.n_ctx, params.n_parallel = 512 * 2, 2
    params.n_batch = params.n_ubatch = 256
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.fit_params = params.warmup = False
    params.verbosity = 0
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.use_jinja = True
    server = xllamacpp.Server(params)
    yield server.listening_address, key
    del server
