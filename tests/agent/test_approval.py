"""A call that needs a person's approval: the turn waits, also over a restart, and goes on with the decision."""

import asyncio
import json
import subprocess
import sys

import pytest
from pericles.agent import Agent, ApprovalRequested, ConfigError, Decisions, InMemorySession, SQLiteSession
from pericles.policies import ScriptedPolicy
from pericles.tools import Source, ToolOutput, tool

PAID = []


@tool(requires_approval=True)
def pay(amount: int) -> str:
    """Pays."""
    PAID.append(amount)
    return f"paid {amount}"


@tool(requires_approval=lambda arguments: arguments["amount"] > 100)
def lend(amount: int) -> str:
    """Lends."""
    PAID.append(amount)
    return f"lent {amount}"


@tool
def look(n: int) -> str:
    """Looks."""
    return f"looked {n}"


@pytest.fixture(autouse=True)
def nothing_paid():
    PAID.clear()


def call(name, **arguments):
    return f"<tool_call>{json.dumps({'name': name, 'arguments': arguments})}</tool_call>"


def paying(*first):
    return Agent(ScriptedPolicy(["".join(first or (call("pay", amount=5),)), "Done."]), tools=[pay, lend, look])


def tool_texts(messages):
    return [message.content for message in messages if message.role == "tool"]


def test_a_turn_waits_before_anything_of_the_step_runs(play):
    session = InMemorySession()
    agent = paying(call("look", n=1), call("pay", amount=5))
    result = agent.run_sync("Pay five.", session=session)
    assert (result.status, [waiting.name for waiting in result.pending], PAID) == ("awaiting_approval", ["pay"], [])
    assert tool_texts(result.messages) == []


def test_the_request_is_an_event_and_the_turn_ends():
    async def main():
        async with paying().stream("Pay.") as turn:
            return [event async for event in turn]

    events = asyncio.run(main())
    asked = [event.call.arguments for event in events if isinstance(event, ApprovalRequested)]
    assert asked == [{"amount": 5}]
    assert (events[-1].type, events[-1].status, events[-1].error) == ("TurnFinished", "awaiting_approval", None)


def test_an_allowed_call_runs_and_the_turn_goes_on(check_history):
    agent, session = paying(call("look", n=1), call("pay", amount=5)), InMemorySession()
    waits = agent.run_sync("Pay five.", session=session)
    result = agent.run_sync(Decisions({waits.pending[0].id: True}), session=session)
    assert (result.status, result.output, PAID) == ("completed", "Done.", [5])
    assert tool_texts(result.messages) == ["looked 1", "paid 5"]
    check_history(asyncio.run(session.messages()))


def test_a_refused_call_does_not_run_and_the_policy_is_told_why(check_history):
    agent, session = paying(call("look", n=1), call("pay", amount=5)), InMemorySession()
    waits = agent.run_sync("Pay five.", session=session)
    result = agent.run_sync(Decisions({waits.pending[0].id: "too expensive"}), session=session)
    assert PAID == []
    assert tool_texts(result.messages) == ["looked 1", "Error: The user did not allow this call: too expensive"]
    check_history(asyncio.run(session.messages()))


def test_one_decision_for_all():
    agent, session = paying(call("pay", amount=1), call("pay", amount=2)), InMemorySession()
    agent.run_sync("Pay.", session=session)
    assert agent.run_sync(Decisions(rest=False), session=session).status == "completed"
    assert PAID == []


@pytest.mark.parametrize(("amount", "waits"), [(100, False), (101, True)])
def test_a_predicate_decides_by_the_arguments(amount, waits):
    result = paying(call("lend", amount=amount)).run_sync("Lend.")
    assert (result.status == "awaiting_approval") == waits
    assert ([] if waits else [100]) == PAID


def test_wrong_arguments_need_no_approval():
    result = paying(call("pay", amount="much")).run_sync("Pay.")
    assert result.status == "completed"
    assert "amount" in tool_texts(result.messages)[0]


def test_a_waiting_turn_survives_a_restart(tmp_path, check_history):
    file = tmp_path / "sessions.sqlite"
    waits = paying().run_sync("Pay.", session=SQLiteSession("s", file))
    later = SQLiteSession("s", file)
    pending = asyncio.run(paying().pending(later))
    assert pending == waits.pending
    result = paying().run_sync(Decisions({pending[0].id: True}), session=later)
    assert (result.output, PAID) == ("Done.", [5])
    check_history(asyncio.run(SQLiteSession("s", file).messages()))
    assert asyncio.run(paying().pending(later)) == ()


def test_who_goes_on_with_something_else_has_not_allowed_it(check_history):
    agent, session = paying(), InMemorySession()
    agent.run_sync("Pay.", session=session)
    result = agent.run_sync("Never mind.", session=session)
    assert (result.status, PAID) == ("completed", [])
    assert tool_texts(result.messages) == ["Error: The user did not allow this call and went on with something else."]
    check_history(asyncio.run(session.messages()))


def test_a_second_decision_finds_nothing_to_decide():
    agent, session = paying(), InMemorySession()
    agent.run_sync("Pay.", session=session)
    agent.run_sync(Decisions(rest=True), session=session)
    with pytest.raises(ConfigError, match="waits for approval"):
        agent.run_sync(Decisions(rest=True), session=session)
    assert PAID == [5]


@pytest.mark.parametrize(
    ("decisions", "message"),
    [
        (Decisions(), "is undecided"),
        (Decisions({"call_x": True}), "no call 'call_x' waits for approval"),
        (None, "waits for Decisions"),
    ],
)
def test_a_wrong_decision_loses_nothing(decisions, message):
    agent, session = paying(), InMemorySession()
    agent.run_sync("Pay.", session=session)
    with pytest.raises(ConfigError, match=message):
        agent.run_sync(decisions, session=session)
    assert agent.run_sync(Decisions(rest=True), session=session).status == "completed"


def test_a_decision_is_a_bool_or_words():
    with pytest.raises(ConfigError, match="must be True, False or a reason"):
        Decisions({"c": 1.5})


def test_a_second_request_in_the_same_turn_waits_again():
    replies = [call("pay", amount=1), call("pay", amount=2), "Done."]
    agent, session = Agent(ScriptedPolicy(replies), tools=[pay]), InMemorySession()
    first = agent.run_sync("Pay twice.", session=session)
    second = agent.run_sync(Decisions(rest=True), session=session)
    assert (second.status, second.pending[0].arguments, PAID) == ("awaiting_approval", {"amount": 2}, [1])
    assert first.pending[0].id != second.pending[0].id
    assert agent.run_sync(Decisions(rest=True), session=session).output == "Done."
    assert PAID == [1, 2]


def test_cancelling_while_an_allowed_call_runs_leaves_a_valid_history(check_history):
    @tool(requires_approval=True)
    async def slow() -> str:
        """Waits."""
        await asyncio.sleep(60)
        return "never"

    agent = Agent(ScriptedPolicy([call("slow"), "Done."]), tools=[slow])
    session = InMemorySession()

    async def main():
        await agent.run("go", session=session)
        async with agent.stream(Decisions(rest=True), session=session) as turn:
            async for event in turn:
                if event.type == "ToolCallStarted":
                    turn.cancel()
        return turn.result.status

    assert asyncio.run(main()) == "cancelled"
    check_history(asyncio.run(session.messages()))
    assert asyncio.run(agent.pending(session)) == ()


def test_what_tool_choice_refused_stays_refused_after_the_decision():
    @tool(requires_approval=True)
    def ask(n: int) -> str:
        """Asks."""
        return f"asked {n}"

    replies = [call("ask", n=1) + call("pay", amount=99), "Done."]
    agent, session = Agent(ScriptedPolicy(replies), tools=[pay, ask]), InMemorySession()
    waits = agent.run_sync("Go.", session=session, tool_choice="ask")
    assert [waiting.name for waiting in waits.pending] == ["ask"]
    result = agent.run_sync(Decisions({waits.pending[0].id: True}), session=session)
    assert PAID == []
    assert tool_texts(result.messages) == ["asked 1", "Error: Only ask may be called now."]


def test_a_remembered_call_is_not_made_again_after_a_decision():
    replies = [call("pay", amount=5), call("pay", amount=5) + call("pay", amount=6), "Done."]
    agent, session = Agent(ScriptedPolicy(replies), tools=[pay]), InMemorySession()
    agent.run_sync("Pay.", session=session)
    second = agent.run_sync(Decisions(rest=True), session=session)
    assert [waiting.arguments for waiting in second.pending] == [{"amount": 6}]
    result = agent.run_sync(Decisions({second.pending[0].id: False}), session=session)
    assert PAID == [5]
    assert tool_texts(result.messages)[0] == "(You asked this before.) paid 5"


def test_a_tool_that_asks_only_since_the_restart_is_not_run_unasked():
    @tool(requires_approval=True)
    def ghost(n: int) -> str:
        """Haunts."""
        PAID.append(n)
        return "boo"

    replies = [call("pay", amount=5) + call("ghost", n=7), "Done."]
    session = InMemorySession()
    Agent(ScriptedPolicy(replies), tools=[pay]).run_sync("Go.", session=session)
    result = Agent(ScriptedPolicy(replies), tools=[pay, ghost]).run_sync(Decisions(rest=True), session=session)
    assert PAID == [5]
    assert "approval" in tool_texts(result.messages)[1]


@pytest.mark.parametrize("in_file", [False, True])
def test_of_two_decisions_at_once_one_is_carried_out(in_file, tmp_path, check_history):
    def session():
        return SQLiteSession("s", tmp_path / "s.sqlite") if in_file else shared

    shared = InMemorySession()
    agent = paying()
    agent.run_sync("Pay.", session=session())

    async def main():
        decided = [agent.run(Decisions(rest=True), session=session()) for _ in range(4)]
        return await asyncio.gather(*decided, return_exceptions=True)

    outcomes = asyncio.run(main())
    assert PAID == [5]
    refused = [outcome for outcome in outcomes if isinstance(outcome, ConfigError)]
    assert len(refused) == 3, outcomes
    messages = asyncio.run(session().messages())
    check_history(messages)
    assert messages[-1].content == "Done."


def test_steps_before_a_decision_count():
    agent = Agent(ScriptedPolicy([call("pay", amount=5)]), tools=[pay], max_steps=2)
    session = InMemorySession()
    result, decisions = agent.run_sync("Pay.", session=session), 0
    while result.pending:
        decisions += 1
        assert decisions < 5
        result = agent.run_sync(Decisions(rest=False), session=session)
    assert (result.status, decisions) == ("max_steps", 2)


def test_sources_found_before_a_decision_can_be_cited_after_it():
    @tool
    def find(word: str) -> ToolOutput:
        """Finds."""
        return ToolOutput(word, sources=(Source(f"Book of {word}", word, word),))

    replies = [call("find", word="a"), call("pay", amount=5), call("find", word="b"), "See [1] and [2]."]
    agent, session = Agent(ScriptedPolicy(replies), tools=[pay, find]), InMemorySession()
    agent.run_sync("Go.", session=session)
    result = agent.run_sync(Decisions(rest=True), session=session)
    cited = result.messages[-1].meta["sources"]
    assert [cited[number]["quote"] for number in ("1", "2")] == ["a", "b"]


def test_an_allowed_call_is_not_made_again_after_a_crash(tmp_path, check_history):
    file = tmp_path / "s.sqlite"
    program = """
import os, sys
from pericles.agent import *
from pericles.policies import ScriptedPolicy
from pericles.tools import tool

@tool(requires_approval=True)
def pay(amount: int) -> str:
    '''Pays.'''
    print("paid", flush=True)
    os._exit(9)

reply = '<tool_call>{"name": "pay", "arguments": {"amount": 5}}</tool_call>'
agent, session = Agent(ScriptedPolicy([reply]), tools=[pay]), SQLiteSession("s", sys.argv[1])
agent.run_sync("Pay.", session=session)
agent.run_sync(Decisions(rest=True), session=session)
"""
    done = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (9, "paid\n")
    session = SQLiteSession("s", file)
    with pytest.raises(ConfigError, match="waits for approval"):
        paying().run_sync(Decisions(rest=True), session=session)
    assert PAID == []
    assert paying().run_sync("And?", session=session).status in ("completed", "awaiting_approval")
    assert "interrupted" in tool_texts(asyncio.run(session.messages()))[0]
