"""The agent's loop over a remote policy: a tool call as vLLM streams it, its result, and the answer."""

import pytest
from pericles.agent import Agent
from pericles.policies import Policy, load_policy
from pericles.tools import ConfigError

# As `vllm serve Qwen/Qwen2.5-7B-Instruct --enable-auto-tool-choice --tool-call-parser hermes` streams it.
START = {"role": "assistant", "content": ""}
CALL_ID = "chatcmpl-tool-0f3a1c5b8d2e4f6a"


def recorded(wire, *deltas, finish):
    usage = {"prompt_tokens": 210, "total_tokens": 231, "completion_tokens": 21, "prompt_tokens_details": None}
    frame = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1790000000, "model": "qwen"}
    chunks = [
        {**frame, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}]}
        for delta in deltas
    ]
    end = {"index": 0, "delta": {"content": ""}, "logprobs": None, "finish_reason": finish, "stop_reason": None}
    last = {**frame, "choices": [], "usage": usage}
    return wire.as_stream(*chunks, {**frame, "choices": [end]}, last, wire.DONE)


def call(arguments, **more):
    return {"tool_calls": [{"index": 0, **more, "function": {**more.pop("function", {}), "arguments": arguments}}]}


def test_the_agent_calls_a_tool_and_answers(server, wire):
    server.is_a("vllm")
    opening = {"tool_calls": [{"id": CALL_ID, "type": "function", "index": 0, "function": {"name": "math"}}]}
    server.chats(
        recorded(wire, START, opening, call('{"query": "'), call("17*23"), call('"}'), finish="tool_calls"),
        recorded(wire, START, {"content": "It is"}, {"content": " 391."}, finish="stop"),
    )
    policy = load_policy(server.url)
    assert isinstance(policy, Policy)
    result = Agent(policy, ["math"]).run_sync("What is 17*23?")
    assert (result.status, result.output) == ("completed", "It is 391.")
    assert result.usage.prompt_tokens == 420
    first, second = (request.json for request in server.asked())
    assert [tool["function"]["name"] for tool in first["tools"]] == ["math"]
    asked, answered = second["messages"][-2:]
    assert (asked["tool_calls"][0]["id"], answered["tool_call_id"]) == (CALL_ID, CALL_ID)
    assert isinstance(asked["tool_calls"][0]["function"]["arguments"], str)
    assert "391" in answered["content"]


@pytest.mark.parametrize("engine", ["llama.cpp", "transformers"])
def test_a_remote_policy_has_no_local_engine(engine, server):
    with pytest.raises(ConfigError, match=f"runs on its server, not on {engine}"):
        load_policy(server.url, engine=engine)
