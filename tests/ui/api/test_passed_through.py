"""With `tools`, the policy's calls come back for the client to run."""

import asyncio
import json

import pytest
from pericles.agent import Agent
from pericles.agent.testing import FunctionPolicy, ScriptedPolicy, call
from pericles.policies.engines import ReplyFinished, TextPiece, TokenLogprob, Usage
from pericles.tools import ToolCall

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather.",
        "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
        "strict": True,
    },
}
TIME = {"type": "function", "function": {"name": "time"}}
ASKED = [{"role": "user", "content": "Weather in Rome?"}]


def weather_policy(messages, tools):
    if messages[-1].role == "tool":
        return f"It is {messages[-1].content}."
    return "I look. " + call("weather", place="Rom\u2028a") + call("time")


def test_calls_are_run_by_the_client_and_their_results_come_back(serve):
    server = serve(FunctionPolicy(weather_policy), ["math"])
    with server.openai() as client:
        first = client.chat.completions.create(model="pericles", messages=ASKED, tools=[WEATHER, TIME])
        message = first.choices[0].message
        assert first.choices[0].finish_reason == "tool_calls"
        assert message.content == "I look."
        assert [made.function.name for made in message.tool_calls] == ["weather", "time"]
        assert json.loads(message.tool_calls[0].function.arguments) == {"place": "Rom\u2028a"}
        assert len({made.id for made in message.tool_calls}) == 2
        results = [{"role": "tool", "tool_call_id": made.id, "content": "sunny"} for made in message.tool_calls]
        second = client.chat.completions.create(
            model="pericles", messages=[*ASKED, message, *results], tools=[WEATHER, TIME]
        )
    assert second.choices[0].message.content == "It is sunny."
    assert second.choices[0].finish_reason == "stop"
    assert second.choices[0].message.tool_calls is None


def test_calls_stream_as_deltas(serve):
    server = serve(FunctionPolicy(weather_policy))
    with server.openai() as client:
        chunks = list(
            client.chat.completions.create(model="pericles", messages=ASKED, tools=[WEATHER, TIME], stream=True)
        )
        with client.chat.completions.stream(model="pericles", messages=ASKED, tools=[WEATHER, TIME]) as stream:
            whole = stream.get_final_completion().choices[0].message
    deltas = [delta for chunk in chunks for delta in chunk.choices[0].delta.tool_calls or ()]
    begun = [delta for delta in deltas if delta.id]
    assert [(delta.index, delta.type, delta.function.name) for delta in begun] == [
        (0, "function", "weather"),
        (1, "function", "time"),
    ]
    arguments = "".join(delta.function.arguments for delta in deltas if delta.index == 0)
    assert json.loads(arguments) == {"place": "Rom\u2028a"}
    assert chunks[-1].choices[0].finish_reason == "tool_calls"
    assert [made.function.name for made in whole.tool_calls] == ["weather", "time"]


def test_the_policy_is_asked_once_with_the_clients_tools_and_messages_alone(serve):
    seen = []

    def policy(messages, tools, tool_choice):
        seen.append((messages, tools, tool_choice))
        return "ok"

    server = serve(FunctionPolicy(policy), ["math"])
    messages = [*ASKED, {"role": "assistant", "content": "?"}, {"role": "system", "content": "Be short."}, *ASKED]
    server.chat(messages=messages, tools=[WEATHER, TIME], tool_choice="required")
    ((sent, tools, choice),) = seen
    assert [message.role for message in sent] == ["system", "user", "assistant", "user"]
    assert sent[0].content == "Be short."
    assert [tool["function"]["name"] for tool in tools] == ["weather", "time"]
    assert tools[1]["function"] == {
        "name": "time",
        "description": "",
        "parameters": {"type": "object", "properties": {}},
    }
    assert choice == "required"


@pytest.mark.parametrize(
    ("given", "choice", "names"),
    [
        ("auto", "auto", ["weather", "time"]),
        ("none", "none", ["weather", "time"]),
        ("required", "required", ["weather", "time"]),
        ({"type": "function", "function": {"name": "time"}}, "time", ["weather", "time"]),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [TIME]}},
            "required",
            ["time"],
        ),
    ],
)
def test_every_form_of_tool_choice_is_understood(serve, given, choice, names):
    seen = []

    def policy(messages, tools, tool_choice):
        seen.append((tool_choice, [tool["function"]["name"] for tool in tools]))
        return "ok"

    server = serve(FunctionPolicy(policy))
    assert server.chat(tools=[WEATHER, TIME], tool_choice=given).status_code == 200
    assert seen == [(choice, names)]


def test_one_call_where_the_client_takes_one(serve):
    server = serve(FunctionPolicy(weather_policy))
    answered = server.chat(tools=[WEATHER, TIME], parallel_tool_calls=False).json()
    assert [made["function"]["name"] for made in answered["choices"][0]["message"]["tool_calls"]] == ["weather"]


def test_a_call_that_cannot_be_read_is_handed_on_as_it_was_written(serve):
    broken = '<tool_call>{"name": "weather", "arguments": [1]}</tool_call>'
    server = serve(ScriptedPolicy([broken]))
    choice = server.chat(tools=[WEATHER]).json()["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["tool_calls"][0]["function"] == {
        "name": "weather",
        "arguments": broken.removeprefix("<tool_call>").removesuffix("</tool_call>"),
    }
    nameless = serve(ScriptedPolicy(["<tool_call>what?</tool_call>"]))
    choice = nameless.chat(tools=[WEATHER]).json()["choices"][0]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("stop", "what?")


class Sure:
    """Tells log-probabilities."""

    name, context_window, capabilities = "sure", 1000, frozenset({"logprobs"})

    async def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
        yield TextPiece("yes")
        logprobs = (TokenLogprob("yes", -0.1, (("yes", -0.1), ("\ufffd", -3.0))[: config.logprobs]),)
        yield ReplyFinished("stop", Usage(3, 1, 1), logprobs if config.logprobs is not None else ())

    async def count_tokens(self, messages, *, tools=()):
        return 3

    async def aclose(self):
        return None


def test_log_probabilities_are_told_where_the_policy_knows_them(serve):
    server = serve(Sure())
    with server.openai() as client:
        options = {"model": "pericles", "messages": ASKED, "logprobs": True, "top_logprobs": 2}
        for tools in ({}, {"tools": [WEATHER]}):
            whole = client.chat.completions.create(**options, **tools)
            (token,) = whole.choices[0].logprobs.content
            assert (token.token, token.logprob, token.bytes) == ("yes", -0.1, [121, 101, 115])
            assert [top.token for top in token.top_logprobs] == ["yes", "\ufffd"]
            assert token.top_logprobs[1].bytes is None
            chunks = list(client.chat.completions.create(**options, **tools, stream=True))
            told = [item for chunk in chunks if chunk.choices[0].logprobs for item in chunk.choices[0].logprobs.content]
            assert told == [token]
    assert server.chat().json()["choices"][0]["logprobs"] is None
    with_tools = serve(None, agent=Agent(Sure(), ["math"]))
    assert with_tools.chat(logprobs=True).json()["error"]["param"] == "logprobs"
    assert with_tools.chat(logprobs=True, tool_choice="none").status_code == 200


def test_a_policy_that_is_given_no_call_to_make_makes_none(serve):
    server = serve(FunctionPolicy(lambda messages, tools: [ToolCall("", "weather", {})]))
    choice = server.chat(tools=[WEATHER], tool_choice="none").json()["choices"][0]
    assert choice["finish_reason"] == "stop"
    assert "tool_calls" not in choice["message"]


def test_a_reply_that_takes_too_long_is_stopped(serve):
    stopped = []

    async def policy(messages, tools):
        try:
            await asyncio.sleep(60)
        finally:
            stopped.append(True)

    server = serve(FunctionPolicy(policy), seconds=0.3)
    for fields in ({}, {"tools": [WEATHER]}):
        answered = server.chat(**fields)
        assert (answered.status_code, answered.json()["error"]["code"]) == (504, "timeout")
        assert answered.headers["x-should-retry"] == "false"
    assert stopped == [True, True]
