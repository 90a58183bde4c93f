"""What is accepted and what is refused, each with a clear message and OpenAI's form of an error."""

import json
import socket
import time

import pytest

USER = {"role": "user", "content": "hi"}
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
NESTED = "[" * 100 + "]" * 100
_DEEP_CALL = {**CALL, "function": {"name": "f", "arguments": f'{{"a": {NESTED}}}'}}
_LONG_CALL = {**CALL, "function": {"name": "f", "arguments": "[" + "[]," * 100_000 + "[]]"}}
LONG_ARGUMENTS = json.dumps(
    {"model": "pericles", "messages": [{"role": "assistant", "tool_calls": [_LONG_CALL]}]}
).encode()
DEEP_ARGUMENTS = json.dumps(
    {"model": "pericles", "messages": [{"role": "assistant", "tool_calls": [_DEEP_CALL]}]}
).encode()


def deep(levels):
    value = {}
    for _ in range(levels):
        value = {"type": "object", "properties": {"a": value}}
    return value


@pytest.mark.parametrize(
    "fields",
    [
        {"user": "u", "metadata": {"a": "b"}, "store": True, "service_tier": "auto", "safety_identifier": "x"},
        {"parallel_tool_calls": True, "reasoning_effort": "low", "verbosity": "low", "logit_bias": {}},
        {"n": 1, "presence_penalty": 0, "frequency_penalty": 0.0, "logprobs": False, "top_logprobs": None},
        {"temperature": 0, "top_p": 1, "seed": -1, "stop": None, "max_tokens": 5, "max_completion_tokens": 6},
        {"temperature": 2, "seed": 2**63, "stop": ["a", "b"]},
        {"stop": "END", "stream": False, "stream_options": None, "tools": None, "tool_choice": None},
        {"tools": [], "tool_choice": "auto", "response_format": {"type": "text"}, "modalities": ["text"]},
        {"audio": None, "functions": None, "something_of_next_year": {"a": 1}, "pericles": None},
        {"messages": [{"role": "system", "content": "Be kind."}, {"role": "developer", "content": "Now."}, USER]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}], "name": "pericles"}]},
        {"messages": [USER, {"role": "assistant", "content": "x", "refusal": None, "audio": None}, USER]},
        {"messages": [USER, {"role": "assistant", "content": None, "tool_calls": [CALL]},
                      {"role": "tool", "tool_call_id": "c1", "content": "sunny"}]},
    ],
)  # fmt: skip
def test_a_harmless_request_is_answered(echo, fields):
    answered = echo.chat(**fields)
    assert answered.status_code == 200, answered.text


@pytest.mark.parametrize(
    ("fields", "param", "told"),
    [
        ({"n": 2}, "n", "ask several times"),
        ({"presence_penalty": 0.5}, "presence_penalty", "not supported"),
        ({"frequency_penalty": -1}, "frequency_penalty", "not supported"),
        ({"logit_bias": {"50256": -100}}, "logit_bias", "not supported"),
        ({"response_format": {"type": "json_object"}}, "response_format", '{"type": "text"}'),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format", '{"type": "text"}'),
        ({"modalities": ["text", "audio"]}, "modalities", "text"),
        ({"audio": {"voice": "alloy"}}, "audio", "not supported"),
        ({"functions": [{"name": "f"}]}, "functions", "use `tools`"),
        ({"top_k": 40}, "top_k", "not supported"),
        ({"temprature": 1}, "temprature", "did you mean 'temperature'"),
        ({"temperature": 2.1}, "temperature", "2"),
        ({"temperature": "hot"}, "temperature", "number"),
        ({"temperature": True}, "temperature", "number"),
        ({"top_p": 0}, "top_p", "0"),
        ({"top_p": 1.5}, "top_p", "1"),
        ({"max_tokens": 0}, "max_tokens", "1"),
        ({"max_tokens": 1.5}, "max_tokens", "integer"),
        ({"max_completion_tokens": -1}, "max_completion_tokens", "1"),
        ({"seed": "x"}, "seed", "integer"),
        ({"stop": ["a", ""]}, "stop", "not empty"),
        ({"stop": 5}, "stop", "list of texts"),
        ({"stream": "yes"}, "stream", "boolean"),
        ({"logprobs": True}, "logprobs", "does not tell log-probabilities"),
        ({"top_logprobs": 3}, "top_logprobs", "needs logprobs"),
        ({"model": 5}, "model", "string"),
        ({"messages": []}, "messages", "1 item"),
        ({"messages": "hi"}, "messages", "list"),
        ({"messages": [5]}, "messages[0]", "must be an object"),
        ({"messages": [{"role": "king", "content": "x"}]}, "messages[0].role", "'system'"),
        ({"messages": [{"content": "x"}]}, "messages[0].role", "missing"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "needs content"),
        ({"messages": [{"role": "user", "content": " "}]}, "messages[0].content", "empty"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content", "text"),
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, "messages[0].content[0].type", "Only text"),
        ({"messages": [{"role": "user", "content": ["hi"]}]}, "messages[0].content[0].type", "without a type"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages", "last message"),
        ({"messages": [USER, {"role": "assistant", "content": "x"}]}, "messages", "last message"),
        ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "c"}]}, "messages[0].tool_call_id", "answer"),
        ({"messages": [USER, {"role": "assistant", "tool_calls": [CALL]}, USER]}, "messages[2]", "c1"),
        ({"messages": [USER, {"role": "assistant", "tool_calls": [CALL, CALL]}]}, "messages[1].tool_calls", "same id"),
        (
            {"messages": [USER, {"role": "assistant", "function_call": {"name": "f", "arguments": ""}}, USER]},
            "messages[1].function_call",
            "None",
        ),
        ({"tools": [TOOL, TOOL]}, "tools", "two tools are named"),
        ({"tools": [{"type": "custom", "custom": {"name": "x"}}]}, "tools[0].type", "'function'"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name", "pattern"),
        (
            {"tools": [{"type": "function", "function": {"name": "a", "parameters": {"properties": 5}}}]},
            "tools[0].function.parameters",
            "object",
        ),
        (
            {"tools": [{"type": "function", "function": {"name": "a", "parameters": deep(40)}}]},
            None,
            "levels deep",
        ),
        ({"tools": [TOOL], "tool_choice": "weather"}, "tool_choice", "auto"),
        (
            {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "x"}}},
            "tool_choice.function.name",
            "weather",
        ),
        ({"tool_choice": "required"}, "tool_choice", "Tools: none"),
        ({"tool_choice": {"type": "function", "function": {"name": "x"}}}, "tool_choice", "Tools: none"),
        ({"pericles": {"event": True}}, "pericles.event", "not permitted"),
        ({"pericles": {"session": ""}}, "pericles.session", "1 character"),
        ({"pericles": {"session": "a\0b"}}, "pericles.session", "NUL"),
        ({"pericles": {"session": "x"}, "tools": [TOOL]}, "tools", "leave out tools"),
    ],
)
def test_what_would_change_the_answer_is_refused(echo, fields, param, told):
    answered = echo.chat(**fields)
    error = answered.json()["error"]
    assert answered.status_code == 400
    assert set(error) == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"
    assert error["param"] == param
    assert told.lower() in error["message"].lower()
    assert "pydantic" not in answered.text
    assert "Traceback" not in answered.text


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "JSON object"),
        (b'{"user": [' + b"[]," * 100_000 + b"[]]}", "more than 100,000 values"),
        (b'"x"', "JSON object"),
        (b'{"model": "pericles"}', "messages is missing"),
        (b'{"messages": [{"role": "user", "content": "x"}]}', "model is missing"),
        (b'{"model": "\xff"}', "not UTF-8"),
        (b'{"temperature": NaN}', "NaN"),
        (b'{"temperature": -Infinity}', "Infinity"),
        (b'{"temperature": 1e999}', "too large"),
        (b'{"seed": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"user": "\\ud800"}', "surrogate"),
        (b'{"\\udc00": 1}', "surrogate"),
        (b'{"user": ' + NESTED.encode() + b"}", "levels deep"),
        (b'{"user": ' + b"[" * 90_000 + b"]" * 90_000 + b"}", "levels deep"),
        (DEEP_ARGUMENTS, "levels deep"),
        (LONG_ARGUMENTS, "more than 100,000 values"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_request_is_a_400(echo, body, told):
    with echo.http() as client:
        answered = client.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})
    assert answered.status_code == 400, answered.text
    assert told in answered.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/chat/completions", 405, "method_not_allowed"),
        ("DELETE", "/v1/models", 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("OPTIONS", "/v1/chat/completions", 405, "method_not_allowed"),
        ("POST", "/v1/completions", 404, "unknown_url"),
        ("GET", "/", 404, "unknown_url"),
        ("GET", "/docs", 404, "unknown_url"),
        ("GET", "/v1/models/nothing", 404, "model_not_found"),
    ],
)
def test_routes_and_methods_that_there_are_not(echo, method, path, status, code):
    with echo.http() as client:
        answered = client.request(method, path)
    assert (answered.status_code, answered.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_accepted(echo, kind):
    with echo.http() as client:
        answered = client.post("/v1/chat/completions", content=b"{}", headers={"content-type": kind})
    assert answered.status_code == 415


def test_a_body_that_is_too_long_is_a_413(serve, echoing_policy):
    server = serve(echoing_policy(), max_body_bytes=2000)
    assert server.chat("x" * 3000).status_code == 413

    def pieces():
        for _ in range(10):
            yield b" " * 500

    with server.http() as client:
        answered = client.post("/v1/chat/completions", content=pieces(), headers={"content-type": "application/json"})
    assert answered.status_code == 413
    # The refusal comes before the body has been sent.
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: 1000000000\r\n\r\n{{".encode())
        began = time.monotonic()
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
        assert time.monotonic() - began < 4


def test_options_reach_the_policy(serve):
    from pericles.agent import Agent, GenerationConfig
    from pericles.policies.engines.messages import ReplyFinished, TextPiece

    configs = []

    class Asked:
        name, context_window, capabilities = "asked", 1000, frozenset()

        async def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
            configs.append(config)
            yield TextPiece("ok")
            yield ReplyFinished("length")

        async def count_tokens(self, messages, *, tools=()):
            return 1

        async def aclose(self):
            return None

    own = GenerationConfig(max_new_tokens=77, temperature=0.5, stop=("own",))
    server = serve(None, agent=Agent(Asked(), config=own))
    for fields in ({}, {"tools": [TOOL]}):
        plain = server.chat(**fields).json()
        assert plain["choices"][0]["finish_reason"] == "length"
        server.chat(
            max_tokens=9, max_completion_tokens=8, temperature=1.5, top_p=0.9, seed=-1, stop=["a", "b"], **fields
        )
        assert configs[0] == own
        assert configs[1] == GenerationConfig(8, 1.5, 0.9, 2**32 - 1, ("a", "b"))
        configs.clear()


def test_a_conversation_that_is_too_long_is_the_clients_mistake(serve, echoing_policy):
    server = serve(echoing_policy(context_window=60))
    answered = server.chat("word " * 500)
    assert (answered.status_code, answered.json()["error"]["code"]) == (400, "context_length_exceeded")


def test_a_store_that_fails_is_not_described(serve, echoing_policy, tmp_path):
    from pericles.agent import SessionStore

    server = serve(echoing_policy(), store=SessionStore(tmp_path / "no" / "\u00fcber"))
    (tmp_path / "no").write_text("a file in the way")
    answered = server.chat(pericles={"session": "s"})
    assert (answered.status_code, answered.json()["error"]["code"]) == (500, "internal_error")
    assert str(tmp_path) not in answered.text


def test_head_is_answered_without_a_body(echo):
    with echo.http() as client:
        answered = client.head("/healthz")
    assert (answered.status_code, answered.content) == (200, b"")
