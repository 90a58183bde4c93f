"""The testing kit: an agent is tested without a model, in five lines."""

import asyncio
import subprocess
import sys

import pytest
from pericles.agent import Agent, Decisions, InMemorySession, Message, PolicyError
from pericles.agent.testing import FunctionPolicy, ScriptedAgent, call, chat, check_history
from pericles.policies.engines import CallRead
from pericles.policies.engines.chat_format import ReplyReader
from pericles.tools import ToolCall, tool

FIVE_LINES = """
def test_area(scripted_agent):
    def area(radius: float) -> float:
        "Area of a circle."
        return 3 * radius**2
    agent = scripted_agent(["Let me see." + call("area", radius=2.0), "It is 12 m²."], tools=[area])
    result = agent.run_sync("How large?")
    assert result.output == "It is 12 m²."
    assert result.messages[2].content == "12.0"
"""


def run_pytest(folder, text, *options):
    (folder / "test_it.py").write_text("from pericles.agent.testing import call\n" + text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(folder)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder)
    return found.returncode, found.stdout + found.stderr


def test_five_lines_test_an_agent(tmp_path):
    code, output = run_pytest(tmp_path, FIVE_LINES, "-W", "error")
    assert (code, "1 passed" in output) == (0, True), output


def test_what_goes_wrong_is_told(tmp_path):
    code, output = run_pytest(
        tmp_path,
        """
from pericles.agent import InMemorySession, Message
import asyncio

def test_unused(scripted_agent):
    scripted_agent(["one", "two"]).run_sync("hi")

def test_unused_on_purpose(scripted_agent):
    scripted_agent(["one", "two"], all_used=False).run_sync("hi")

def test_too_few(scripted_agent):
    agent = scripted_agent(["one"])
    agent.run_sync("hi")
    agent.run_sync("hi")

def test_failing_anyway(scripted_agent):
    scripted_agent(["one", "two"])
    assert False, "the test's own reason"

def test_broken_session(scripted_agent):
    session = InMemorySession()
    scripted_agent(["one"]).run_sync("hi", session=session)
    branch = asyncio.run(session.branch())
    asyncio.run(session.append([Message("tool", "5", tool_call_id="x")], after=branch[-1].id))
""",
    )
    assert code == 1
    assert "1 of the scripted replies were never asked for" in output
    assert "a result that no call waits for" in output
    assert "one more was asked for" in output
    assert "2 failed, 3 passed, 2 errors" in output, output


def test_the_plugin_is_light():
    script = "import sys, pericles.agent.pytest_plugin; print([m for m in sys.modules if m.startswith('pericles')])"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "pericles.agent.testing" not in found.stdout
    assert "torch" not in found.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"name": "x", "query": "2+2"},
        {"text": "</tool_call><tool_call>\\u003c ü 😀"},
        {"list": [1, None, {"a": 1.5}]},
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_written_call_is_read_as_it_was_meant(arguments, size):
    text = call("tool", **arguments)
    reader = ReplyReader(["tool"])
    events = [event for at in range(0, len(text), size) for event in reader.feed(text[at : at + size])]
    (found,) = (event.call for event in [*events, *reader.finish()] if isinstance(event, CallRead))
    assert (found.name, found.arguments, found.problem) == ("tool", arguments, None)


def test_a_chat_is_several_turns_in_one_session():
    def count(messages, tools):
        return str(sum(message.role == "user" for message in messages))

    assert [result.output for result in chat(Agent(FunctionPolicy(count)), "a", "b", "c")] == ["1", "2", "3"]


def test_a_scripted_agent_remembers_what_was_sent(math_tool):
    agent = ScriptedAgent([call("math", query="1"), "One."], [math_tool], instructions="Be brief.")
    agent.run_sync("What is it?")
    first, second = agent.policy.requests
    assert [message.content for message in first.messages] == ["Be brief.", "What is it?"]
    assert second.messages[-1].role == "tool"
    assert first.tools[0]["function"]["name"] == "math"
    asyncio.run(agent.check())


def test_a_failure_of_the_policy_can_be_scripted(math_tool):
    agent = ScriptedAgent([PolicyError("the server is down"), "I am back."])
    session = InMemorySession()
    with pytest.raises(PolicyError, match="the server is down"):
        agent.run_sync("hi", session=session)
    assert agent.run_sync("hi", session=session).output == "I am back."
    asyncio.run(agent.check())


def test_a_session_that_waits_for_approval_is_valid():
    asked = Message("assistant", "", (ToolCall("c", "math"),), meta={"approvals": ["c"]})
    check_history([Message("user", "hi"), asked])


@pytest.mark.parametrize(
    "messages",
    [
        [Message("tool", "5", tool_call_id="c")],
        [Message("assistant", "", (ToolCall("c", "math"),))],
        [Message("assistant", "", (ToolCall("c", "math"),)), Message("user", "hi")],
        [Message("assistant", "", (ToolCall("c", "math"),)), Message("tool", "", tool_call_id="d")],
        [Message("assistant", "", (ToolCall("c", "math"),)), *[Message("tool", "", tool_call_id="c")] * 2],
    ],
)
def test_a_call_without_exactly_one_result_is_found(messages):
    with pytest.raises(AssertionError):
        check_history(messages)


def test_the_fixture_takes_a_turn_that_waited_for_a_decision(scripted_agent):
    @tool(requires_approval=True)
    def pay(amount: int) -> str:
        """Pays."""
        return f"paid {amount}"

    agent, session = scripted_agent([call("pay", amount=5), "Done."], tools=[pay]), InMemorySession()
    agent.run_sync("Pay.", session=session)
    assert agent.run_sync(Decisions(rest=True), session=session).output == "Done."
    asyncio.run(agent.check())
