"""What an agent can be told: instructions, examples, reasoning, the form of the answer, tool choice, deadlines."""

import asyncio
import contextlib
import json
import threading
import time
from typing import Annotated, Literal

import pytest
from pericles.agent import (
    Agent,
    ConfigError,
    InMemorySession,
    Message,
    PolicyError,
    ReasoningDelta,
    TextDelta,
    ToolCallFinished,
    TurnCancelled,
)
from pericles.policies import ScriptedPolicy
from pericles.policies.engines import LOOP
from pericles.tools import Source, ToolCall, ToolContext, ToolError, ToolOutput, tool
from pydantic import BaseModel


def call(name, **arguments):
    return f"<tool_call>{json.dumps({'name': name, 'arguments': arguments})}</tool_call>"


class Watched(ScriptedPolicy):
    """Remembers what it was sent."""

    def __init__(self, replies):
        super().__init__(replies)
        self.seen = []

    def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
        self.seen.append((list(messages), tool_choice))
        return super().stream(messages, tools=tools, tool_choice=tool_choice, config=config)


@tool
async def look(n: int) -> str:
    """Looks."""
    return f"looked {n}"


@tool
async def wait(seconds: float) -> str:
    """Waits."""
    await asyncio.sleep(seconds)
    return "waited"


class City(BaseModel):
    name: str
    people: int


def tool_texts(messages):
    return [message.content for message in messages if message.role == "tool"]


# Instructions and examples


def test_instructions_may_be_a_function_of_the_turn():
    policy = Watched(["Hi."])
    agent = Agent(policy, instructions=lambda context: f"You serve {context.deps} in {context.session_id}.")
    agent.run_sync("hello", session=InMemorySession("s1"), deps="Ada")
    assert policy.seen[0][0][0] == Message("system", "You serve Ada in s1.")


def test_instructions_may_be_awaited():
    policy = Watched(["Hi."])

    async def instructions(context):
        await asyncio.sleep(0)
        return "Be brief."

    Agent(policy, instructions=instructions).run_sync("hello")
    assert policy.seen[0][0][0].content == "Be brief."


@pytest.mark.parametrize(
    ("function", "message"), [(lambda _: 5, "must return a str, got int"), (lambda _: 1 / 0, "Zero")]
)
def test_instructions_that_fail_end_the_turn_with_an_error(function, message, play, caplog):
    _, result = play(Agent(ScriptedPolicy(["Hi."]), instructions=function))
    assert result.status == "error"
    assert message in str(result.error)


def test_examples_stand_before_the_conversation_and_are_not_stored():
    policy, session = Watched(["Hi."]), InMemorySession()
    agent = Agent(
        policy, instructions="x", examples=[("2+2?", "4"), Message("user", "3+3?"), Message("assistant", "6")]
    )
    agent.run_sync("hello", session=session)
    assert [m.content for m in policy.seen[0][0]] == ["x", "2+2?", "4", "3+3?", "6", "hello"]
    assert [m.content for m in asyncio.run(session.messages())] == ["hello", "Hi."]


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        (["2+2"], "pair or a Message"),
        ([Message("user", "x"), Message("assistant", "", (ToolCall("c", "look", {"n": 1}),))], "needs its result"),
        ([Message("system", "x")], "cannot be a system message"),
    ],
)
def test_wrong_examples_are_refused(examples, message):
    with pytest.raises(ConfigError, match=message):
        Agent(ScriptedPolicy(["x"]), examples=examples)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"instructions": 5}, "instructions must be a text or a function"),
        ({"on_max_steps": "stop"}, "'answer' or 'error', got 'stop'"),
        ({"max_parallel_calls": 0}, "max_parallel_calls must be at least 1"),
        ({"output_type": threading.Thread}, "has no JSON form"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        Agent(ScriptedPolicy(["x"]), **options)


# Reasoning


def test_reasoning_is_asked_for_and_shown_apart(play):
    policy, session = Watched([f"<think>Perhaps {call('look', n=1)}?</think>It is 4."]), InMemorySession()
    events, result = play(Agent(policy, tools=[look], instructions="x", reasoning=True), session=session)
    assert "<think>" in policy.seen[0][0][0].content
    assert result.output == "It is 4."
    assert "Perhaps" in "".join(event.text for event in events if isinstance(event, ReasoningDelta))
    assert "Perhaps" not in "".join(event.text for event in events if isinstance(event, TextDelta))
    assert not any(isinstance(event, ToolCallFinished) for event in events)


def test_reasoning_is_kept_beside_the_answer_and_never_sent_back():
    policy, session = Watched(["<think>Hm.</think>Four.", "Five."]), InMemorySession()
    agent = Agent(policy)
    agent.run_sync("2+2?", session=session)
    agent.run_sync("2+3?", session=session)
    messages = asyncio.run(session.messages())
    assert messages[1].meta["reasoning"] == "Hm."
    assert all("Hm." not in message.content for message in policy.seen[1][0])


def test_a_reply_that_only_thinks_is_asked_for_its_answer(play):
    _, result = play(Agent(ScriptedPolicy(["<think>Hm, hm", "Four."])))
    assert (result.status, result.output) == ("completed", "Four.")
    assert [message.name for message in result.messages if message.role == "user"] == [None, LOOP]


# The form of the answer


def test_an_answer_is_read_as_a_value():
    agent = Agent(ScriptedPolicy(['```json\n{"name": "Rome", "people": 2800000}\n```']), output_type=City)
    assert agent.run_sync("Rome?").value == City(name="Rome", people=2_800_000)


@pytest.mark.parametrize(
    ("output_type", "text", "value"),
    [
        (list[int], "[1, 2]", [1, 2]),
        (int, "42", 42),
        (Literal["yes", "no"], '"yes"', "yes"),
        (dict[str, int], "{'a': 1}", {"a": 1}),
        (list[int], "Here you are: [1, 2].", [1, 2]),
        (list[int], 'see ["x"]: [2, 3]', [2, 3]),
        (str, "The capital is Paris.", "The capital is Paris."),
        (str | None, "None of these", "None of these"),
        (Literal["a b", "a"], "a b", "a b"),
        (int, "```json\n42\n```", 42),
        (bool, "false", False),
        (Annotated[int, {"a": 1}], "3", 3),
    ],
)
def test_any_type_that_pydantic_knows(output_type, text, value):
    assert Agent(ScriptedPolicy([text]), output_type=output_type).run_sync("?").value == value


@pytest.mark.parametrize(
    ("output_type", "text"),
    [(int, "1,234"), (int, "42 or 43"), (bool, "on the other hand"), (list[int], "[" * 100_000)],
)
def test_what_is_no_value_is_not_guessed(output_type, text, play):
    _, result = play(Agent(ScriptedPolicy([text]), output_type=output_type))
    assert (result.status, result.value) == ("error", None)
    assert "corrected 2 times" in str(result.error)


def test_the_policy_is_told_the_schema():
    policy = Watched(['{"name": "Rome", "people": 1}'])
    Agent(policy, output_type=City).run_sync("Rome?")
    assert '"people"' in policy.seen[0][0][0].content


def test_an_answer_that_misses_the_form_may_be_mended(play):
    replies = ["Rome is large.", '{"name": "Rome", "people": "many"}', '{"name": "Rome", "people": 3}']
    _, result = play(Agent(ScriptedPolicy(replies), output_type=City))
    assert (result.status, result.value) == ("completed", City(name="Rome", people=3))
    told = [message.content for message in result.messages if message.name == LOOP]
    assert "should be an object" in told[0]
    assert "people" in told[1]


def test_an_answer_that_never_fits_is_an_error(play):
    _, result = play(Agent(ScriptedPolicy(["No."]), output_type=City))
    assert result.status == "error"
    assert result.value is None
    assert "corrected 2 times in vain" in str(result.error)
    assert isinstance(result.error, PolicyError)


def test_tools_may_be_called_before_the_typed_answer(play):
    replies = [call("look", n=1), '{"name": "Rome", "people": 3}']
    _, result = play(Agent(ScriptedPolicy(replies), tools=[look], output_type=City))
    assert (result.value.name, tool_texts(result.messages)) == ("Rome", ["looked 1"])


# Tool choice


def test_a_required_call_is_demanded_until_it_comes(play):
    policy = Watched(["Hello!", call("look", n=1), "Seen."])
    result = Agent(policy, tools=[look]).run_sync("hi", tool_choice="required")
    assert (result.output, tool_texts(result.messages)) == ("Seen.", ["looked 1"])
    assert [choice for _, choice in policy.seen] == ["required", "required", "auto"]


def test_a_policy_that_will_not_call_is_an_error():
    with pytest.raises(PolicyError, match="corrected 2 times in vain: Answer by a tool call"):
        Agent(ScriptedPolicy(["Hello!"]), tools=[look]).run_sync("hi", tool_choice="required")


def test_a_named_tool_is_called_and_no_other(check_history):
    session = InMemorySession()
    replies = [call("wait", seconds=0), call("wait", seconds=0) + call("look", n=2), "Seen."]
    policy = Watched(replies)
    result = Agent(policy, tools=[look, wait]).run_sync("hi", tool_choice="look", session=session)
    refused = "Error: Only look may be called now."
    assert tool_texts(result.messages) == [refused, refused, "looked 2"]
    assert [choice for _, choice in policy.seen] == ["look", "look", "auto"]
    check_history(asyncio.run(session.messages()))


def test_with_none_no_call_is_read():
    result = Agent(ScriptedPolicy(["Well. " + call("look", n=1)]), tools=[look]).run_sync("hi", tool_choice="none")
    assert (result.output, tool_texts(result.messages)) == ("Well.", [])


@pytest.mark.parametrize("choice", ["lok", "required", ""])
def test_a_choice_that_cannot_be_met_is_refused(choice):
    with pytest.raises(ConfigError, match="tool_choice must be"):
        Agent(ScriptedPolicy(["x"]), tools=[look] if choice != "required" else []).run_sync("hi", tool_choice=choice)


# Deadlines


def test_a_deadline_ends_the_turn_and_leaves_a_valid_history(check_history):
    session = InMemorySession()
    start = time.perf_counter()
    with pytest.raises(TurnCancelled, match=r"deadline of 0.05 s"):
        Agent(ScriptedPolicy([call("wait", seconds=60)]), tools=[wait]).run_sync("hi", session=session, deadline=0.05)
    assert time.perf_counter() - start < 2
    messages = asyncio.run(session.messages())
    check_history(messages)
    assert tool_texts(messages) == ["Error: cancelled before it finished."]


@pytest.mark.parametrize("deadline", [0, -1, float("nan"), float("inf")])
def test_a_deadline_is_a_positive_number(deadline):
    with pytest.raises(ConfigError, match="deadline must be"):
        Agent(ScriptedPolicy(["x"])).run_sync("hi", deadline=deadline)


# Repetition


def test_a_failing_call_may_be_tried_once_more(play):
    tried = []

    @tool
    def flaky() -> str:
        """Fails."""
        tried.append(1)
        raise ToolError("not now.")

    _, result = play(Agent(ScriptedPolicy([call("flaky"), call("flaky"), call("flaky"), "No."]), tools=[flaky]))
    assert len(tried) == 2
    assert tool_texts(result.messages)[2].startswith("Error: (You asked this before.)")


def test_a_policy_that_only_repeats_itself_has_to_answer(play):
    replies = [call("look", n=1)] * 4 + ["Enough."]
    policy = Watched(replies)
    play(Agent(policy, tools=[look], max_steps=20))
    assert [choice for _, choice in policy.seen] == ["auto", "auto", "auto", "none"]


# Answering again, and branches


def test_what_a_session_ends_with_is_answered_again(check_history):
    policy, session = Watched(["One.", "Two."]), InMemorySession()

    async def main():
        await Agent(policy).run("hi", session=session)
        branch = await session.branch()
        await session.switch(branch[0].id)
        result = await Agent(ScriptedPolicy(["Another."])).run(None, session=session)
        return branch, result, await session.branch(), await session.entries()

    before, result, after, entries = asyncio.run(main())
    assert [message.content for message in result.messages] == ["Another."]
    assert [entry.message.content for entry in after] == ["hi", "Another."]
    assert after[0].id == before[0].id
    assert len(entries) == 3


@pytest.mark.parametrize("text", ["hello", None])
def test_there_must_be_something_to_answer(text):
    session = InMemorySession()
    if text:
        Agent(ScriptedPolicy(["Hi."])).run_sync(text, session=session)
    with pytest.raises(ConfigError, match="nothing to answer"):
        Agent(ScriptedPolicy(["x"])).run_sync(None, session=session)


def test_two_turns_at_once_in_one_session_are_two_branches(check_history):
    session = InMemorySession()
    agent = Agent(ScriptedPolicy([call("wait", seconds=0.01), "Done."]), tools=[wait])

    async def main():
        await asyncio.gather(agent.run("one", session=session), agent.run("two", session=session))
        return await session.messages(), await session.entries()

    messages, entries = asyncio.run(main())
    check_history(messages)
    assert [message.role for message in messages] == ["user", "assistant", "tool", "assistant"]
    assert len(entries) == 8


# Context for tools, and sources


def test_a_tool_is_told_of_the_turn_and_tells_its_progress(play):
    @tool
    def slow(context: ToolContext[str], n: int) -> str:
        """Counts."""
        context.emit("half way", 0.5)
        return f"{context.session_id} {context.deps} {context.call_id != ''} {n}"

    async def main():
        session = InMemorySession("s7")
        async with agent.stream("go", session=session, deps="Ada") as turn:
            return [event async for event in turn], turn.result

    agent = Agent(ScriptedPolicy([call("slow", n=3), "Done."]), tools=[slow])
    events, result = asyncio.run(main())
    assert tool_texts(result.messages) == ["s7 Ada True 3"]
    told = [event for event in events if event.type == "ToolProgress"]
    assert [(event.message, event.fraction) for event in told] == [("half way", 0.5)]
    assert told[0].call_id == result.messages[1].tool_calls[0].id


@tool
async def find(word: str) -> ToolOutput:
    """Finds."""
    return ToolOutput(f"[1] {word}", sources=(Source(f"Book of {word}", f"books#{word}", word),))


def test_sources_of_several_calls_have_numbers_of_their_own(play):
    replies = [call("find", word="a") + call("find", word="b"), call("find", word="c"), "See [3] and [2]."]
    events, result = play(Agent(ScriptedPolicy(replies), tools=[find]))
    assert tool_texts(result.messages) == ["[1] a", "[2] b", "[3] c"]
    resolved = next(event.sources for event in events if event.type == "SourcesResolved")
    assert {number: source.quote for number, source in resolved.items()} == {2: "b", 3: "c"}
    assert sorted(result.messages[-1].meta["sources"]) == ["2", "3"]


def test_sources_without_marks_are_listed_for_the_policy(play):
    @tool
    def population(city: str) -> ToolOutput:
        """Counts people."""
        return ToolOutput("2.8 million", sources=(Source("Census", "census.org", "2,800,000", "2021"),))

    _, result = play(Agent(ScriptedPolicy([call("population", city="Rome"), "2.8 million [1]."]), tools=[population]))
    assert tool_texts(result.messages) == ["2.8 million\n[1] Census"]
    assert result.messages[-1].meta["sources"]["1"]["title"] == "Census"


def test_what_a_call_brought_is_kept_with_its_message(play):
    _, result = play(Agent(ScriptedPolicy([call("find", word="a"), "[1]"]), tools=[find]))
    kept = result.messages[2].meta["result"]
    assert kept["sources"][0]["quote"] == "a"
    assert kept["is_error"] is False


def test_usage_counts_tokens_and_tool_seconds(play):
    _, result = play(Agent(ScriptedPolicy([call("wait", seconds=0.02), "Done."]), tools=[wait]))
    assert result.usage.completion_tokens > 0
    assert 0.02 <= result.tool_seconds < 5


def test_calls_with_one_id_have_a_result_each(play):
    class Twice(ScriptedPolicy):
        def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
            from pericles.policies.engines import CallRead, ReplyFinished, TextPiece

            async def pieces():
                if messages[-1].role == "user":
                    yield CallRead(ToolCall("same", "look", {"n": 1}))
                    yield CallRead(ToolCall("same", "look", {"n": 2}))
                else:
                    yield TextPiece("Done.")
                yield ReplyFinished("stop")

            return pieces()

    _, result = play(Agent(Twice(["x"]), tools=[look]))
    assert tool_texts(result.messages) == ["looked 1", "looked 2"]


@pytest.mark.parametrize("sequential", [True, False])
def test_a_sequential_tool_runs_alone(sequential):
    running, most = [], []

    @tool(sequential=sequential)
    async def careful(n: int) -> str:
        """Works."""
        running.append(n)
        most.append(len(running))
        await asyncio.sleep(0.01)
        running.remove(n)
        return str(n)

    replies = ["".join(call("careful", n=n) for n in range(4)), "Done."]
    result = Agent(ScriptedPolicy(replies), tools=[careful]).run_sync("go")
    assert tool_texts(result.messages) == ["0", "1", "2", "3"]
    assert max(most) == (1 if sequential else 4)


def test_no_more_calls_run_at_once_than_allowed():
    running, most = [], []

    @tool
    async def careful(n: int) -> str:
        """Works."""
        running.append(n)
        most.append(len(running))
        await asyncio.sleep(0.005)
        running.remove(n)
        return str(n)

    replies = ["".join(call("careful", n=n) for n in range(9)), "Done."]
    result = Agent(ScriptedPolicy(replies), tools=[careful], max_parallel_calls=3).run_sync("go")
    assert tool_texts(result.messages) == [str(n) for n in range(9)]
    assert max(most) == 3


def test_what_looks_like_a_mark_in_json_or_code_is_none(play):
    @tool
    def ids(word: str) -> ToolOutput:
        """Lists."""
        return ToolOutput('{"ids": [1]}', sources=(Source(word, word, word),))

    replies = [call("ids", word="a"), call("ids", word="b"), "Use `x[1]` [2]."]
    _, result = play(Agent(ScriptedPolicy(replies), tools=[ids]))
    assert tool_texts(result.messages) == ['{"ids": [1]}\n[1] a', '{"ids": [1]}\n[2] b']
    assert sorted(result.messages[-1].meta["sources"]) == ["2"]


class Stubborn(ScriptedPolicy):
    """Swallows a cancellation and speaks on."""

    async def stream(self, messages, **options):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(30)
        async for piece in super().stream(messages, **options):
            yield piece


def test_a_policy_that_swallows_the_deadline_does_not_escape_it():
    with pytest.raises(TurnCancelled, match="deadline"):
        Agent(Stubborn(["Ha."])).run_sync("hi", deadline=0.05)


def test_a_policy_that_cancels_itself_is_an_error(play, caplog):
    class Quitter(ScriptedPolicy):
        async def stream(self, messages, **options):
            raise asyncio.CancelledError
            yield

    _, result = play(Agent(Quitter(["x"])))
    assert (result.status, isinstance(result.error, PolicyError)) == ("error", True)


def test_an_exit_in_a_policy_reaches_the_program(check_history):
    class Leaving(ScriptedPolicy):
        async def stream(self, messages, **options):
            raise SystemExit(3)
            yield

    session = InMemorySession()
    with pytest.raises(SystemExit):
        Agent(Leaving(["x"])).run_sync("hi", session=session)
    check_history(asyncio.run(session.messages()))
