"""A server on a real loopback socket, in a thread of the test's own process."""

import asyncio
import contextlib
import threading

import httpx
import openai
import pytest
from pericles.agent import Agent, SessionStore
from pericles.policies.engines.function_policy import FunctionPolicy
from pericles.ui.api import ApiSettings, build_api
from pericles.ui.api.serving import Server
from pericles.ui.listening import address_of, listener


class Running:
    """A server that answers, and clients for it."""

    def __init__(self, api, server, url):
        self.api, self.server, self.url = api, server, url

    def http(self, **options):
        # Without TLS, whose certificates take longer to load than a test takes.
        return httpx.Client(base_url=self.url, timeout=60, verify=False, **options)

    def openai(self, key="none", **options):
        return openai.OpenAI(base_url=f"{self.url}/v1", api_key=key, max_retries=0, **{"timeout": 60, **options})

    def async_openai(self, key="none", **options):
        return openai.AsyncOpenAI(base_url=f"{self.url}/v1", api_key=key, timeout=60, max_retries=0, **options)

    def chat(self, text="hi", headers=None, **fields):
        """One request without the official client, which checks less."""
        body = {"model": "pericles", "messages": [{"role": "user", "content": text}], **fields}
        with self.http() as client:
            return client.post("/v1/chat/completions", json=body, headers=headers)


@contextlib.contextmanager
def running(policy, tools=(), *, store=None, agent=None, **settings):
    made = ApiSettings(**settings)
    agent = agent or Agent(policy, tools)
    with listener("127.0.0.1", 0) as bound:
        url = address_of(bound)
        api = build_api(agent, made, bound, store=store)
        ready = threading.Event()
        server = Server(api, made, on_ready=ready.set)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[bound])), daemon=True)
        thread.start()
        assert ready.wait(30)
        try:
            yield Running(api, server, url)
        finally:
            server.should_exit = True
            thread.join(60)
            assert not thread.is_alive()


def last(messages):
    return next(message.content for message in reversed(messages) if message.role == "user")


def echoing(**options):
    return FunctionPolicy(lambda messages, tools: f"You said: {last(messages)}", **options)


@pytest.fixture
def serve(tmp_path):
    """Starts servers that end with the test: `serve(policy, tools, **settings)`."""
    with contextlib.ExitStack() as stack:

        def start(policy, tools=(), **settings):
            settings.setdefault("store", SessionStore(tmp_path / "sessions.sqlite"))
            settings.setdefault("shutdown_seconds", 1)
            return stack.enter_context(running(policy, tools, **settings))

        yield start


@pytest.fixture(scope="module")
def echo():
    """One server for all tests of a module that change nothing; it says what it was told."""
    with running(echoing(), shutdown_seconds=1) as server:
        yield server


@pytest.fixture
def echoing_policy():
    return echoing


@pytest.fixture
def last_said():
    return last
