"""A real llama-server: its shapes, its counts, its refusals, and what a hang-up does."""

import asyncio
import math
import time

import httpx
import pytest
from pericles.policies import Message, load_policy
from pericles.policies.engines import TextPiece
from pericles.tools import ConfigError, ContextOverflow, PolicyError


@pytest.fixture
def real(llama_server, monkeypatch):
    address, key = llama_server
    monkeypatch.setenv("PERICLES_API_KEY", key)
    remote = load_policy(f"{address}/v1", read_timeout=120)
    yield remote
    asyncio.run(remote.aclose())


def test_it_is_recognised_and_answers(real, wire):
    assert "llama-server" in repr(real)
    assert real.context_window == 512
    text, calls, finished = wire.ask(real, "What is the capital of Italy?", max_new_tokens=4)
    assert text.strip()
    assert calls == []
    assert finished.reason == "length"
    assert finished.usage.completion_tokens == 4


def test_it_counts_the_tokens_that_it_reads(real, wire):
    history = [Message("system", "Be brief."), Message("user", "水 😀 <|im_end|> </s>")]
    counted = asyncio.run(real.count_tokens(history, tools=wire.TOOLS))
    assert wire.ask(real, history, tools=wire.TOOLS, max_new_tokens=1)[2].usage.prompt_tokens == counted


def test_it_tells_log_probabilities(real, wire):
    finished = wire.ask(real, "Hi", max_new_tokens=3, logprobs=2)[2]
    assert len(finished.logprobs) == 3
    for token in finished.logprobs:
        assert len(token.top) == 2
        assert token.top[0] == (token.token, token.logprob)  # greedy
        assert 0 < math.exp(token.logprob) <= 1
    with pytest.raises(ConfigError, match="only where no tools are offered"):
        wire.ask(real, "Hi", tools=wire.TOOLS, logprobs=2)


def test_it_refuses_log_probabilities_with_tools(real, llama_server, wire):
    """Why we do."""
    address, key = llama_server
    body = {"messages": [{"role": "user", "content": "Hi"}], "tools": wire.TOOLS, "stream": True, "logprobs": True}
    answer = httpx.post(
        f"{address}/v1/chat/completions", json=body, headers={"authorization": f"Bearer {key}"}, timeout=60
    )
    assert answer.status_code == 400
    assert "logprobs is not supported with tools + stream" in answer.text


def test_calls_of_a_template_that_it_does_not_know_are_read_from_the_text(real, wire):
    called = '<tool_call>{"name": "math", "arguments": {"query": "1+1"}}</tool_call>'
    history = [Message("user", f"Repeat: {called}"), Message("user", "Again.")]
    _, calls, finished = wire.ask(real, history, tools=wire.TOOLS, max_new_tokens=2)
    assert (calls, finished.reason) == ([], "length")
    with pytest.raises(PolicyError, match="tool_choice demands a call of some tool"):
        wire.ask(real, "Hi", tools=wire.TOOLS, tool_choice="required", max_new_tokens=2)


def test_a_long_conversation_is_told_as_such(real, wire):
    with pytest.raises(ContextOverflow, match="exceeds the available context size"):
        wire.ask(real, "hello " * 900)


def test_a_wrong_key_is_told(llama_server, monkeypatch):
    monkeypatch.setenv("PERICLES_API_KEY", "sk-wrong-key-123")
    with pytest.raises(ConfigError, match="the key was refused") as raised:
        load_policy(f"{llama_server[0]}/v1")
    assert "sk-wrong" not in str(raised.value)


def test_several_replies_at_once(real, wire):
    async def main():
        return await asyncio.gather(*(wire.events_of(real, f"Say {word}.", max_new_tokens=3) for word in "abc"))

    assert all(any(isinstance(event, TextPiece) for event in events) for events in asyncio.run(main()))


def test_a_hang_up_frees_the_server(real, wire):
    """Both slots are taken by replies as long as the window; a third one is answered because they were ended."""

    async def main():
        streams = [real.stream([Message("user", f"Count to {n}.")], config=None) for n in (900, 901)]
        for stream in streams:
            await anext(stream)
            await stream.aclose()
        start = time.monotonic()
        await wire.events_of(real, "Hi", max_new_tokens=1)
        return time.monotonic() - start

    assert asyncio.run(main()) < 60
