"""A conversation that outgrows the window loses its oldest turns, whole; one message too large is an error."""

import asyncio

import pytest
from pericles.agent import Agent, ContextOverflow, GenerationConfig, InMemorySession, Message, ToolCall
from pericles.policies import ScriptedPolicy


class Watching(ScriptedPolicy):
    """Counts a token a character and remembers what it was shown."""

    def __init__(self, *replies, window):
        super().__init__(replies, context_window=window)
        self.seen = []

    def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
        self.seen.append(list(messages))
        return super().stream(messages, tools=tools, tool_choice=tool_choice, config=config)

    async def count_tokens(self, messages, *, tools=()):
        return sum(len(message.content) for message in messages)


def turn(number, size=100):
    made = ToolCall(f"c{number}", "math", {"query": "1"})
    return [
        Message("user", f"turn {number} " + "x" * size),
        Message("assistant", "", (made,)),
        Message("tool", "y" * size, tool_call_id=made.id, name="math"),
        Message("assistant", f"answer {number}"),
    ]


def shown(window, turns, text="now"):
    policy = Watching("Yes.", window=window)
    session = InMemorySession()
    asyncio.run(session.append([message for number in range(turns) for message in turn(number)]))
    agent = Agent(policy, config=GenerationConfig(max_new_tokens=64), instructions="Be brief.")
    agent.run_sync(text, session=session)
    return policy.seen[-1]


def test_a_short_conversation_is_shown_whole():
    assert len(shown(8192, 3)) == 1 + 3 * 4 + 1


@pytest.mark.parametrize("window", [400, 700, 1000, 1500, 2500])
def test_only_whole_turns_are_dropped_and_the_oldest_first(window, check_history):
    messages = shown(window, 20)
    assert messages[0] == Message("system", "Be brief.")
    assert messages[1].role == "user"
    assert messages[-1] == Message("user", "now")
    check_history(messages)
    kept = [message.content.split()[1] for message in messages if message.content.startswith("turn")]
    assert kept == [str(number) for number in range(20 - len(kept), 20)]
    assert len(kept) < 20


@pytest.mark.parametrize("window", [300, 700, 1500])
def test_what_is_shown_leaves_room_for_the_reply(window):
    assert sum(len(message.content) for message in shown(window, 20)) <= window - 64


def test_the_stored_conversation_keeps_everything():
    session = InMemorySession()
    asyncio.run(session.append([message for number in range(20) for message in turn(number)]))
    Agent(Watching("Yes.", window=700)).run_sync("now", session=session)
    assert len(asyncio.run(session.messages())) == 82


def test_the_start_of_the_prompt_stays_the_same_for_several_turns():
    session = InMemorySession()
    policy = Watching("Yes.", window=3000)
    agent = Agent(policy, config=GenerationConfig(max_new_tokens=64))
    for number in range(60):
        agent.run_sync(f"{number} " + "x" * 100, session=session)
    starts = [messages[1].content.split()[0] for messages in policy.seen[30:]]
    assert len(set(starts)) <= len(starts) // 3


def test_one_message_that_is_too_large_says_how_large_and_what_fits():
    with pytest.raises(ContextOverflow, match=r"take 10009 tokens, but script has room for 936: shorten it"):
        shown(1000, 0, "z" * 10_000)


def test_an_overflow_leaves_a_session_that_goes_on(check_history):
    session = InMemorySession()
    agent = Agent(Watching("Yes.", window=1000))
    with pytest.raises(ContextOverflow):
        agent.run_sync("z" * 10_000, session=session)
    assert agent.run_sync("short", session=session).status == "completed"
    check_history(asyncio.run(session.messages()))


def test_a_long_result_of_a_tool_does_not_end_the_session(play, check_history):
    from pericles.tools import tool

    @tool(max_output_chars=100_000)
    def long() -> str:
        """Returns much."""
        return "y" * 50_000

    session = InMemorySession()
    agent = Agent(Watching('<tool_call>{"name": "long"}</tool_call>', "Yes.", window=2000), tools=[long])
    _, result = play(agent, session=session)
    assert (result.status, type(result.error)) == ("error", ContextOverflow)
    check_history(asyncio.run(session.messages()))
    assert Agent(Watching("Yes.", window=2000)).run_sync("short", session=session).status == "completed"
