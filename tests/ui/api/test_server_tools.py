"""Without `tools`, the agent answers with its own tools, on the server."""

import json

import pytest
from pericles.agent import Agent, Source, ToolError
from pericles.agent.testing import FunctionPolicy, ScriptedPolicy, call
from pericles.tools import ToolOutput, tool

ASKED = [{"role": "user", "content": "How large is it?"}]
EVENTS = {"pericles": {"events": True}}


@tool
def area(radius: float) -> ToolOutput:
    """Area of a circle.

    Args:
        radius: in metres.
    """
    if radius < 0:
        raise ToolError("a radius is not negative.")
    text = f"{3 * radius**2:g} [1]"
    return ToolOutput(text, sources=(Source("Circles", "circles.txt", "a circle has an area"),))


@tool(requires_approval=True)
def erase(path: str) -> str:
    """Erases a file.

    Args:
        path: of the file.
    """
    raise AssertionError("it ran")


def streamed(server, **options):
    with server.openai() as client:
        return list(client.chat.completions.create(model="pericles", messages=ASKED, stream=True, **options))


def text_of(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def test_the_answer_streams_and_nothing_else_is_told(serve):
    server = serve(ScriptedPolicy([call("area", radius=2), "It is 12 m².\n"]), [area])
    chunks = streamed(server)
    assert text_of(chunks) == "It is 12 m²."
    assert all(chunk.model_extra == {} and chunk.choices[0].delta.tool_calls is None for chunk in chunks)
    whole = server.chat().json()
    assert whole["choices"][0]["message"]["content"] == "It is 12 m²."
    assert set(whole) == {"id", "object", "created", "model", "choices", "usage"}


def test_what_is_said_before_a_call_streams_in_a_paragraph_of_its_own(serve):
    server = serve(ScriptedPolicy(["  Let me see. " + call("area", radius=2), "\nIt is  12."]), [area])
    assert text_of(streamed(server)) == "Let me see.\n\nIt is  12."


def test_events_come_to_who_asks_for_them(serve):
    server = serve(ScriptedPolicy([call("area", radius=2), "It is 12 [1]."]), [area])
    chunks = streamed(server, extra_body=EVENTS)
    events = [chunk.pericles["event"] for chunk in chunks if chunk.model_extra]
    kinds = [event["type"] for event in events]
    assert kinds == ["ToolCallStarted", "ToolCallFinished", "SourcesResolved", "TurnFinished"]
    assert events[0]["call"]["function"] == {"name": "area", "arguments": {"radius": 2}}
    assert events[2]["sources"]["1"]["title"] == "Circles"
    assert text_of(chunks) == events[3]["output"] == "It is 12 [1]."

    with server.openai() as client:
        whole = client.chat.completions.create(model="pericles", messages=ASKED, extra_body=EVENTS)
    assert [event["type"] for event in whole.pericles["events"]] == kinds


def test_a_call_that_needs_approval_is_not_run_and_the_turn_goes_on(serve):
    def policy(messages, tools):
        if messages[-1].role == "tool":
            return f"I was told: {messages[-1].content}"
        return [call_of("erase", path="/"), call_of("area", radius=1)]

    server = serve(FunctionPolicy(policy), [erase, area])
    answered = server.chat(**EVENTS).json()
    results = [item["result"] for item in answered["pericles"]["events"] if item["type"] == "ToolCallFinished"]
    assert [(result["name"], result["is_error"]) for result in results] == [("erase", True), ("area", False)]
    assert "nobody can be asked" in results[0]["text"]
    assert answered["choices"][0]["message"]["content"].startswith("I was told: 3")
    assert [item["type"] for item in answered["pericles"]["events"]].count("TurnFinished") == 1


def call_of(name, **arguments):
    from pericles.tools import ToolCall

    return ToolCall("", name, arguments)


@pytest.mark.parametrize("own", ["You know circles.", lambda context: "You know circles."])
def test_the_clients_instructions_come_behind_the_agents_own(serve, own):
    seen = []
    policy = FunctionPolicy(lambda messages, tools: seen.append((messages, tools)) or "ok")
    server = serve(None, agent=Agent(policy, [area], own))
    messages = [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "1"},
        {"role": "developer", "content": [{"type": "text", "text": "Be"}, {"type": "text", "text": "kind."}]},
        {"role": "user", "content": "two"},
    ]
    assert server.chat(messages=messages).status_code == 200
    sent, tools = seen[0]
    assert [(message.role, message.content) for message in sent] == [
        ("system", "You know circles.\n\nBe short.\n\nBe\nkind."),
        ("user", "one"),
        ("assistant", "1"),
        ("user", "two"),
    ]
    assert [schema["function"]["name"] for schema in tools] == ["area"]


def test_tool_choice_is_about_the_servers_tools(serve):
    seen = []

    def policy(messages, tools, tool_choice):
        seen.append(tool_choice)
        return [call_of("area", radius=1)] if tool_choice != "none" and messages[-1].role == "user" else "done"

    server = serve(FunctionPolicy(policy), [area])
    for choice in ("none", "required", {"type": "function", "function": {"name": "area"}}):
        assert server.chat(tool_choice=choice).status_code == 200
    assert seen == ["none", "required", "auto", "area", "auto"]


def test_a_conversation_with_calls_of_the_client_goes_on_with_the_servers_tools(serve):
    seen = []
    server = serve(FunctionPolicy(lambda messages, tools: seen.append(messages) or "ok"), [area])
    arguments = json.dumps({"place": "Rome"})
    made = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": arguments}}
    messages = [
        {"role": "user", "content": "weather?"},
        {"role": "assistant", "content": None, "tool_calls": [made]},
        {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
    ]
    assert server.chat(messages=messages).json()["choices"][0]["message"]["content"] == "ok"
    assert [message.role for message in seen[0]] == ["system", "user", "assistant", "tool"]
    assert seen[0][2].tool_calls[0].arguments == {"place": "Rome"}
    assert (seen[0][3].name, seen[0][3].content) == ("weather", "sunny")


def test_a_tool_that_fails_does_not_end_the_answer(serve):
    server = serve(ScriptedPolicy([call("area", radius=-1), "I cannot."]), [area])
    assert server.chat().json()["choices"][0]["message"]["content"] == "I cannot."
