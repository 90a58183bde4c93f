"""A turn from the message to the answer, with every kind of tool call on the way."""

import asyncio
import dataclasses
import json

import pytest
from pericles.agent import (
    Agent,
    ConfigError,
    InMemorySession,
    MaxStepsExceeded,
    Message,
    MessageCompleted,
    Source,
    SourcesResolved,
    TextDelta,
    ToolCallDelta,
    ToolCallFinished,
    ToolCallStarted,
    TurnFinished,
)
from pericles.policies import ScriptedPolicy
from pericles.policies.engines import CallRead, ReplyFinished
from pericles.tools import ToolCall, ToolOutput, tool


def call(name, **arguments):
    return f"<tool_call>{json.dumps({'name': name, 'arguments': arguments})}</tool_call>"


def scripted(*replies, tools=(), **options):
    policy = ScriptedPolicy(replies, **{key: options.pop(key) for key in ("context_window",) if key in options})
    return Agent(policy, tools=tools, **options)


def texts(messages, role):
    return [message.content for message in messages if message.role == role]


class EndlessCaller:
    """A policy that calls a tool whatever it is told."""

    name = "endless"
    context_window = 8192
    capabilities = frozenset()

    async def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
        yield CallRead(ToolCall(f"c{len(messages)}", "math", {"query": str(len(messages))}))
        yield ReplyFinished("tool_calls")

    async def count_tokens(self, messages, *, tools=()):
        return 1

    async def aclose(self):
        return None


@tool
async def wait(seconds: float) -> str:
    """Waits."""
    await asyncio.sleep(seconds)
    return f"waited {seconds}"


def test_a_plain_answer(play):
    events, result = play(scripted("Hello there."), "hi")
    assert (result.status, result.output, result.error) == ("completed", "Hello there.", None)
    assert [message.role for message in result.messages] == ["user", "assistant"]
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "Hello there."


def test_a_call_is_run_and_its_result_goes_back_to_the_policy(play, math_tool):
    session = InMemorySession()
    _, result = play(scripted(call("math", query="2+2"), "It is 4.", tools=[math_tool]), session=session)
    assert result.output == "It is 4."
    assert [message.role for message in result.messages] == ["user", "assistant", "tool", "assistant"]
    assert result.messages[1].tool_calls[0].arguments == {"query": "2+2"}
    assert result.messages[2] == Message("tool", "<2+2>", tool_call_id=result.messages[1].tool_calls[0].id, name="math")
    assert tuple(asyncio.run(session.messages())) == result.messages


def test_events_come_in_the_order_of_what_happens(play, math_tool):
    events, _ = play(scripted(f"Let me see. {call('math', query='2')}", "Two.", tools=[math_tool]))
    order = [event.type for event in events if event.type not in ("TextDelta", "ToolCallDelta")]
    assert order == [
        "TurnStarted",
        "MessageCompleted",
        "UsageUpdated",
        "MessageCompleted",
        "ToolCallStarted",
        "ToolCallFinished",
        "MessageCompleted",
        "UsageUpdated",
        "MessageCompleted",
        "TurnFinished",
    ]
    kinds = [event.type for event in events]
    assert kinds.index("TextDelta") < kinds.index("ToolCallDelta") < kinds.index("ToolCallStarted")


def test_every_event_is_json(play, math_tool):
    events, _ = play(scripted(f"\ud800 {call('math', query='x')}", "Done.", tools=[math_tool]))
    for event in events:
        value = json.loads(json.dumps(event.to_dict(), allow_nan=False))
        assert value["type"] == event.type


def test_events_are_frozen(play):
    events, _ = play(scripted("hi"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        events[-1].status = "error"


def test_stream_and_run_give_the_same_messages(play, math_tool):
    def same(messages):
        ids = {}
        for message in messages:
            for made in message.tool_calls:
                ids[made.id] = f"call {len(ids)}"
        return [
            (m.role, m.content, [(ids[c.id], c.name, c.arguments) for c in m.tool_calls], ids.get(m.tool_call_id))
            for m in messages
        ]

    agent = scripted(
        f"So: {call('math', query='1')}{call('math', query='boom')}", call("fly"), "End.", tools=[math_tool]
    )
    events, streamed = play(agent)
    run = agent.run_sync("hello")
    assert same(streamed.messages) == same(run.messages)
    assert (streamed.status, streamed.output, streamed.usage) == (run.status, run.output, run.usage)
    assert [event.message for event in events if isinstance(event, MessageCompleted)] == list(streamed.messages)


def test_calls_run_side_by_side_and_keep_their_order(play):
    reply = "".join(call("wait", seconds=seconds) for seconds in (0.3, 0.2, 0.1))
    events, result = play(scripted(reply, "Done.", tools=[wait]))
    assert texts(result.messages, "tool") == ["waited 0.3", "waited 0.2", "waited 0.1"]
    finished = [event.result.text for event in events if isinstance(event, ToolCallFinished)]
    assert finished == ["waited 0.1", "waited 0.2", "waited 0.3"]


def test_one_failure_discards_none_of_its_siblings(play, math_tool):
    reply = call("math", query="1") + call("math", query="boom") + call("fly") + call("math", query="2")
    _, result = play(scripted(reply, "Done.", tools=[math_tool]))
    assert texts(result.messages, "tool") == [
        "<1>",
        "Error: math failed: RuntimeError: a bug in the tool",
        "Error: There is no tool 'fly'. Tools: math.",
        "<2>",
    ]


@tool(timeout=0.05)
async def never() -> str:
    """Never ends."""
    await asyncio.sleep(30)


@tool
def odd() -> object:
    """Returns what is no JSON."""
    return object()


MISTAKES = {
    "unknown tool": (call("maths", query="1"), "Error: There is no tool 'maths'. Did you mean 'math'?"),
    "invalid arguments": (call("math", question="1"), "Error: math: query: Field required; question: Extra inputs"),
    "wrong type": (call("math", query=[1]), "Error: math: query: Input should be a valid string"),
    "unreadable": ("<tool_call>math of 1</tool_call>", "Error: The tool call is not a JSON object"),
    "told by the tool": (call("math", query=" "), "Error: write something to calculate"),
    "exception": (call("math", query="boom"), "Error: math failed: RuntimeError: a bug in the tool"),
    "timeout": (call("never"), "Error: never did not finish within 0.05 s."),
    "not JSON": (call("odd"), "Error: odd failed: TypeError: its result is not JSON"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_and_the_turn_goes_on(name, play, math_tool):
    reply, told = MISTAKES[name]
    events, result = play(scripted(reply, "Sorry.", tools=[math_tool, never, odd]))
    assert (result.status, result.output) == ("completed", "Sorry.")
    (message,) = texts(result.messages, "tool")
    assert message.startswith(told)
    (finished,) = (event.result for event in events if isinstance(event, ToolCallFinished))
    assert finished.is_error


def test_the_same_call_again_is_answered_from_memory(play):
    count = []

    @tool
    def once(x: int) -> str:
        """Counts."""
        count.append(x)
        return "one"

    agent = scripted(call("once", x=1), call("once", x=1), call("once", x=2), "Done.", tools=[once])
    _, result = play(agent)
    assert count == [1, 2]
    assert texts(result.messages, "tool") == ["one", "(You asked this before.) one", "one"]


def test_an_unreadable_call_does_not_answer_the_corrected_one(play):
    @tool
    def now() -> str:
        """Tells the time."""
        return "noon"

    replies = ('<tool_call>{"name": "now", "arguments": 1}</tool_call>', call("now"), "Noon.")
    _, result = play(scripted(*replies, tools=[now]))
    assert texts(result.messages, "tool")[1] == "noon"


def test_the_next_turn_forgets_what_was_asked_before(play, math_tool):
    session = InMemorySession()
    agent = scripted(call("math", query="1"), "One.", tools=[math_tool])
    play(agent, session=session)
    _, result = play(agent, session=session)
    assert texts(result.messages, "tool") == ["<1>"]


def test_after_the_last_step_the_policy_answers_without_tools(play, math_tool):
    agent = scripted(*(call("math", query=str(i)) + f"step {i}" for i in range(9)), tools=[math_tool], max_steps=3)
    _, result = play(agent)
    assert (result.status, result.output) == ("max_steps", "step 3")
    assert texts(result.messages, "tool") == ["<0>", "<1>", "<2>"]


def test_an_answer_after_as_many_steps_as_allowed_is_an_answer(play, math_tool):
    _, result = play(scripted(call("math", query="1"), call("math", query="2"), "3", tools=[math_tool], max_steps=3))
    assert (result.status, result.output) == ("completed", "3")


def test_the_last_step_can_be_an_error(play, math_tool):
    agent = scripted(
        *(call("math", query=str(i)) for i in range(9)), tools=[math_tool], max_steps=3, on_max_steps="error"
    )
    _, result = play(agent)
    assert (result.status, texts(result.messages, "tool")) == ("max_steps", ["<0>", "<1>", "<2>"])
    with pytest.raises(MaxStepsExceeded, match="all its 3 steps"):
        agent.run_sync("hello")


@pytest.mark.parametrize("with_tools", [True, False])
def test_a_policy_that_never_stops_calling_is_stopped(with_tools, play, math_tool):
    _, result = play(Agent(EndlessCaller(), tools=[math_tool] if with_tools else [], max_steps=3))
    assert result.status == ("max_steps" if with_tools else "completed")
    assert len(texts(result.messages, "tool")) == (3 if with_tools else 0)


def test_an_agent_without_tools_calls_none(play):
    _, result = play(scripted(f"Well. {call('math', query='1')}"))
    assert (result.status, result.output) == ("completed", "Well.")
    assert not result.messages[-1].tool_calls


def test_a_result_that_the_policy_writes_itself_is_dropped(play, math_tool):
    reply = call("math", query="1") + "<tool_response>999</tool_response>"
    _, result = play(scripted(reply, "Done.", tools=[math_tool]))
    assert not any("999" in message.content for message in result.messages)


def test_marks_in_the_answer_resolve_to_sources(play):
    book = Source("A book", "book#1", "It says so.")

    @tool
    def search(query: str) -> ToolOutput:
        """Looks up."""
        return ToolOutput("[1] It says so. [2] And so.", sources=(book, dataclasses.replace(book, locator="book#2")))

    events, _ = play(scripted(call("search", query="x"), "So it is [1] [7].", tools=[search]))
    (resolved,) = (event.sources for event in events if isinstance(event, SourcesResolved))
    assert resolved == {1: book}


def test_usage_is_the_sum_of_all_steps(play, math_tool):
    events, result = play(scripted(call("math", query="1"), "It is one.", tools=[math_tool]), "one two three")
    replies = [event.usage for event in events if event.type == "UsageUpdated"]
    assert result.usage == replies[-1]
    assert replies[1].completion_tokens == replies[0].completion_tokens + 3


def test_raw_text_of_calls_is_shown_while_it_is_written(play, math_tool):
    events, _ = play(scripted(call("math", query="1"), "One.", tools=[math_tool]))
    assert "".join(event.text for event in events if isinstance(event, ToolCallDelta)).startswith('{"name": "math"')


def test_the_policy_sees_instructions_history_and_tools(play, math_tool):
    seen = []

    class Watching(ScriptedPolicy):
        def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
            seen.append((list(messages), [schema["function"]["name"] for schema in tools], tool_choice))
            return super().stream(messages, tools=tools, tool_choice=tool_choice, config=config)

    session = InMemorySession()
    agent = Agent(Watching(["Hi."]), tools=[math_tool], instructions="Be brief.")
    play(agent, "first", session)
    play(agent, "second", session)
    messages, tools, choice = seen[-1]
    assert [(m.role, m.content) for m in messages] == [
        ("system", "Be brief."),
        ("user", "first"),
        ("assistant", "Hi."),
        ("user", "second"),
    ]
    assert (tools, choice) == (["math"], "auto")


def test_two_sessions_at_once_do_not_mix(math_tool):
    agent = scripted(call("wait", seconds=0.01), "Done.", tools=[wait])

    async def main():
        sessions = [InMemorySession() for _ in range(50)]
        await asyncio.gather(*(agent.run(f"I am {i}", session=s) for i, s in enumerate(sessions)))
        return [await session.messages() for session in sessions]

    for number, messages in enumerate(asyncio.run(main())):
        assert texts(messages, "user") == [f"I am {number}"]
        assert [message.role for message in messages] == ["user", "assistant", "tool", "assistant"]


def test_an_agent_is_frozen(math_tool):
    agent = scripted("hi", tools=[math_tool])
    with pytest.raises(dataclasses.FrozenInstanceError):
        agent.max_steps = 3


@pytest.mark.parametrize("text", ["", "  \n", 5])
def test_an_empty_message_is_refused(text):
    with pytest.raises(ConfigError, match="must be text and must not be empty"):
        scripted("hi").run_sync(text)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_steps": 0}, "max_steps must be at least 1, got 0"),
        ({"tools": "math"}, r"must be a list, got the text 'math': write \['math'\]"),
        ({"tools": ["maths"]}, "no built-in tool 'maths'"),
        ({"tools": [lambda x: x]}, "name must be"),
        ({"policy": "default"}, "policy must be a Policy, got 'default': use load_policy"),
    ],
)
def test_wrong_arguments_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        Agent(**{"policy": ScriptedPolicy(["hi"]), **options})


def test_run_sync_inside_an_event_loop_says_what_to_write():
    async def main():
        scripted("hi").run_sync("hello")

    with pytest.raises(ConfigError, match=r"write `await agent\.run\(\.\.\.\)`"):
        asyncio.run(main())


def test_a_turn_ends_in_one_turn_finished(play):
    events, result = play(scripted("Hi."))
    assert isinstance(events[-1], TurnFinished)
    assert sum(isinstance(event, TurnFinished) for event in events) == 1
    assert (events[-1].status, events[-1].output) == (result.status, result.output)


def test_a_result_is_not_there_before_the_end():
    async def main():
        async with scripted("Hi.").stream("hello") as turn:
            with pytest.raises(RuntimeError, match="has not ended"):
                _ = turn.result

    asyncio.run(main())


def test_a_turn_is_entered_before_it_is_read():
    async def main():
        with pytest.raises(RuntimeError, match="async with"):
            await anext(scripted("Hi.").stream("hello"))

    asyncio.run(main())


def test_lone_surrogates_pass_through_a_turn(play, math_tool):
    replies = (call("math", query="\udcff"), "\ud83d alone")
    _, result = play(scripted(*replies, tools=[math_tool]), "bytes \udcff from a terminal")
    assert result.status == "completed"
    assert result.messages[0].content == "bytes \udcff from a terminal"


def test_starting_calls_are_told_before_they_end(play, math_tool):
    events, _ = play(scripted(call("math", query="1"), "One.", tools=[math_tool]))
    kinds = [type(event) for event in events]
    assert kinds.index(ToolCallStarted) < kinds.index(ToolCallFinished)
