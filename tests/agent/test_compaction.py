"""A conversation that outgrows the window is made smaller, never wrong; one message too large is an error."""

import asyncio
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pericles.agent import Agent, ConfigError, ContextOverflow, GenerationConfig, InMemorySession, Message, ToolCall
from pericles.agent.compaction import (
    DEFAULT_COMPACTION,
    LEFT_OUT,
    SAID_BEFORE,
    SUMMARY,
    Compaction,
    DropToolResults,
    DropTurns,
    fit,
)
from pericles.agent.summarize import Summarize
from pericles.policies import ScriptedPolicy
from pericles.policies.engines import LOOP
from pericles.tools import tool

SYSTEM = Message("system", "Be brief.")
NOW = Message("user", "now")
# A reply gets a quarter of the window at most, so this is what a prompt may take in `Counting(window)`.
CONFIG = GenerationConfig(max_new_tokens=64)


class Counting(ScriptedPolicy):
    """Counts a token a character and remembers what it was shown."""

    def __init__(self, *replies, window=8192):
        super().__init__(replies or ("Yes.",), context_window=window)
        self.seen = []

    async def stream(self, messages, **options):
        self.seen.append(list(messages))
        async for event in super().stream(messages, **options):
            yield event

    async def count_tokens(self, messages, *, tools=()):
        return sum(len(message.content) for message in messages)


class Failing(Counting):
    async def stream(self, messages, **options):
        self.seen.append(list(messages))
        raise RuntimeError("out of order")
        yield


class LongWinded(Counting):
    async def stream(self, messages, **options):
        async for event in super().stream(messages, **options):
            yield event if event.type != "finished" else type(event)("length", event.usage)


def tokens(messages):
    return sum(len(message.content) for message in messages)


def turn(number, size=100, calls=1):
    made = tuple(ToolCall(f"c{number}.{call}", "math", {"query": "1"}) for call in range(calls))
    return [
        Message("user", f"turn {number} " + "x" * size),
        Message("assistant", "", made),
        *(Message("tool", "y" * size, tool_call_id=call.id, name="math") for call in made),
        Message("assistant", f"answer {number}"),
    ]


def turns(count, size=100):
    return [message for number in range(count) for message in turn(number, size)]


def summary(text, covers):
    return Message("system", text, name=SUMMARY, meta={"covers": covers})


def fitted(history, *, room, policy=None, current=(NOW,), strategies=DEFAULT_COMPACTION, head=(SYSTEM,)):
    policy = policy or Counting()
    policy.context_window = room + min(CONFIG.max_new_tokens, room // 3)
    policy.context_window = next(w for w in range(room, 2 * room) if w - min(64, w // 4) == room)
    return asyncio.run(fit(head, history, current, [], policy, CONFIG, strategies))


# What is kept whatever happens


def test_a_short_conversation_is_sent_as_it_is():
    assert fitted(turns(3), room=8000).messages == [SYSTEM, *turns(3), NOW]


def test_most_conversations_are_never_counted():
    class Uncounted(Counting):
        async def count_tokens(self, messages, *, tools=()):
            raise AssertionError("counted")

    assert len(fitted(turns(3), room=8000, policy=Uncounted()).messages) == 14


def test_a_conversation_that_fits_exactly_is_not_touched():
    whole = [SYSTEM, *turns(5), NOW]
    assert fitted(turns(5), room=tokens(whole)).messages == whole
    assert fitted(turns(5), room=tokens(whole) - 1).messages != whole


def test_the_examples_stay():
    head = (SYSTEM, Message("user", "an example"), Message("assistant", "so"))
    assert fitted(turns(20), room=400, head=head).messages[:3] == list(head)


def test_what_the_loop_says_to_the_policy_starts_no_turn():
    told = Message("user", "Answer by a tool call.", name=LOOP)
    history = [Message("user", "a" * 50), Message("assistant", "hm"), told, Message("assistant", "b" * 50)]
    messages = fitted([*history, *turns(1, 50)], room=180, strategies=[DropTurns()]).messages
    assert messages == [SYSTEM, *turns(1, 50), NOW]


def test_a_turn_that_goes_on_takes_its_beginning_from_the_history(check_history):
    asked = turn(7)[:3]
    messages = fitted([*turns(5), *asked[:2]], room=250, current=asked[2:]).messages
    assert messages == [SYSTEM, *asked]
    assert fitted([*turns(5), *asked], room=250, current=()).messages == [SYSTEM, *asked]


# Dropping the results of tools


def test_old_results_go_first_and_their_calls_stay(check_history):
    messages = fitted(turns(4), room=tokens([SYSTEM, *turns(4), NOW]) - 1).messages
    check_history(messages[1:-1])
    results = [message.content for message in messages if message.role == "tool"]
    assert results == [LEFT_OUT] * 3 + ["y" * 100]
    assert [message for message in messages if message.role == "user"] == [
        *(message for message in turns(4) if message.role == "user"),
        NOW,
    ]


@pytest.mark.parametrize("keep", [0, 1, 2, 3, 9])
def test_the_results_of_the_last_turns_are_kept(keep):
    strategies = [DropToolResults(keep_turns=keep), DropTurns()]
    messages = fitted(turns(3), room=500, strategies=strategies).messages
    whole = [message for message in messages if message.role == "tool" and message.content != LEFT_OUT]
    assert len(whole) <= keep


def test_a_result_shorter_than_the_note_stays():
    history = [message for number in range(3) for message in turn(number, size=10)] + turns(3)
    messages = fitted(history, room=tokens([SYSTEM, *history, NOW]) - 1).messages
    assert [message.content for message in messages if message.role == "tool"][:3] == ["y" * 10] * 3


def test_nothing_more_is_dropped_where_that_is_enough():
    after = tokens([SYSTEM, *turns(4), NOW]) - 3 * (100 - len(LEFT_OUT))
    assert len(fitted(turns(4), room=after).messages) == 18
    assert len(fitted(turns(4), room=after - 1).messages) < 18


# Dropping turns


@pytest.mark.parametrize("room", [120, 330, 520, 760, 1150, 1900])
def test_only_whole_turns_are_dropped_and_the_oldest_first(room, check_history):
    messages = fitted(turns(20), room=room).messages
    assert messages[0] == SYSTEM
    assert messages[-1] == NOW
    assert tokens(messages) <= room
    check_history(messages)
    kept = [message.content.split()[1] for message in messages if message.content.startswith("turn")]
    assert kept == [str(number) for number in range(20 - len(kept), 20)]
    assert len(kept) < 20


def test_one_token_less_drops_one_turn_more():
    rest = [SYSTEM, *turn(2), *turn(3), NOW]
    history = turns(4)
    at = fitted(history, room=tokens(rest), strategies=[DropTurns()]).messages
    assert at == rest
    below = fitted(history, room=tokens(rest) - 1, strategies=[DropTurns()]).messages
    assert below == [SYSTEM, *turn(3), NOW]


def test_the_start_of_the_prompt_stays_the_same_for_several_turns():
    session = InMemorySession()
    policy = Counting(window=3000)
    agent = Agent(policy, config=CONFIG)
    for number in range(60):
        agent.run_sync(f"{number} " + "x" * 100, session=session)
    starts = [messages[1].content.split()[0] for messages in policy.seen[30:]]
    assert len(set(starts)) <= len(starts) // 3


def test_the_stored_conversation_keeps_everything():
    session = InMemorySession()
    asyncio.run(session.append(turns(20), after=None))
    Agent(Counting(window=700), config=CONFIG).run_sync("now", session=session)
    assert len(asyncio.run(session.messages())) == 82


# Summaries


def test_a_summary_stands_for_the_older_turns():
    strategies = [Summarize(Counting("Ada likes tea."), keep_turns=2), DropTurns()]
    found = fitted(turns(6), room=900, strategies=strategies)
    assert found.summary == summary("Ada likes tea.", 16)
    assert found.summary.meta == {"covers": 16}
    assert found.messages[0].content == f"Be brief.\n\n{SAID_BEFORE}Ada likes tea."
    assert found.messages[1:] == [*turn(4), *turn(5), NOW]
    assert found.usage.completion_tokens == 3


def test_a_stored_summary_is_read_again_and_nothing_is_written_anew():
    policy = Counting("Never asked.")
    for place in (16, 20, 24):
        history = [*turns(6)[:place], summary("Ada likes tea.", 16), *turns(6)[place:]]
        found = fitted(history, room=900, policy=policy, strategies=[Summarize(), DropTurns()])
        assert found.summary is None
        assert found.messages[0].content.endswith("Ada likes tea.")
        assert found.messages[1:] == [*turn(4), *turn(5), NOW]
    assert not policy.seen


def test_a_summary_in_the_turn_that_runs_counts_as_well():
    current = [NOW, summary("Ada likes tea.", 16)]
    assert fitted(turns(6), room=900, current=current).messages[1:] == [*turn(4), *turn(5), NOW]


def test_a_later_summary_takes_the_earlier_one_in():
    writer = Counting("Ada likes tea and cake.")
    history = [*turns(6), summary("Ada likes tea.", 16), *(message for n in (6, 7) for message in turn(n))]
    found = fitted(history, room=700, strategies=[Summarize(writer, keep_turns=1), DropTurns()])
    assert "Ada likes tea." in writer.seen[0][-1].content
    assert "turn 3" not in writer.seen[0][-1].content
    assert "turn 6" in writer.seen[0][-1].content
    assert found.summary.meta["covers"] == 24 + 1 + 4
    again = fitted([*history, found.summary, *turn(8)], room=900, policy=Counting()).messages
    assert again == [Message("system", f"Be brief.\n\n{SAID_BEFORE}Ada likes tea and cake."), *turn(7), *turn(8), NOW]


def test_without_a_system_message_the_summary_becomes_one():
    found = fitted([*turns(6), summary("Ada likes tea.", 16)], room=900, head=())
    assert found.messages[0] == Message("system", f"{SAID_BEFORE}Ada likes tea.")


def test_the_notes_are_asked_for_without_tools_and_with_what_must_be_kept():
    writer = Counting("Ada likes tea.")
    fitted(turns(6), room=900, strategies=[Summarize(writer)])
    instruction, text = writer.seen[0]
    assert "told about themselves" in instruction.content
    assert "not done yet" in instruction.content
    assert 'Assistant calls math {"query": "1"}' in text.content


def test_the_agents_own_policy_writes_the_notes_unless_another_is_named():
    for writer in (None, Counting("Ada likes tea.")):
        own = Counting("Ada likes tea.")
        found = fitted(turns(20), room=4000, policy=own, strategies=[Summarize(writer)])
        assert len(own.seen) == (writer is None)
        assert found.summary.content == "Ada likes tea."


@pytest.mark.parametrize(
    ("writer", "reason"),
    [
        (Failing(), "out of order"),
        (Counting("   "), "wrote no notes"),
        (LongWinded("and so on"), "more notes than"),
        (Counting("z" * 2000), "save nothing"),
    ],
)
def test_a_summary_that_goes_wrong_is_logged_and_the_next_strategy_helps(writer, reason, caplog):
    with caplog.at_level(logging.WARNING):
        found = fitted(turns(6), room=700, strategies=[Summarize(writer), DropTurns()])
    assert reason in caplog.text
    assert found.summary is None
    assert found.messages[0] == SYSTEM
    assert tokens(found.messages) <= 700


def test_what_failed_is_not_tried_again_in_the_same_turn():
    writer = Failing()
    strategies = [Summarize(writer), DropTurns()]
    for _ in range(3):
        fitted(turns(6), room=700, strategies=strategies)
    assert len(writer.seen) == 1


def test_more_than_the_writer_can_read_is_read_in_parts():
    writer = Counting("Ada likes tea.", window=2500)
    found = fitted(turns(30), room=1200, strategies=[Summarize(writer), DropTurns()])
    assert len(writer.seen) > 1
    assert all(tokens(messages) <= 2500 for messages in writer.seen)
    assert found.summary.meta["covers"] % 4 == 0
    assert found.summary.meta["covers"] > 40


def test_a_summary_too_large_for_the_window_is_left_out_at_last():
    found = fitted([*turns(3), summary("z" * 500, 12)], room=300)
    assert found.messages == [SYSTEM, NOW]


@pytest.mark.parametrize("covers", [-3, 2, 10**9, True])
def test_a_forged_summary_hides_nothing_that_comes_after_it_and_parts_no_turn(covers, check_history):
    messages = fitted([*turns(2), summary("forged", covers), *turn(2)], room=5000).messages
    check_history(messages)
    assert messages[-5:] == [*turn(2), NOW]


def test_a_note_about_nothing_is_a_message_like_any_other():
    strange = Message("system", "no number", name=SUMMARY, meta={"covers": "all"})
    assert fitted([*turns(2), strange], room=5000).messages == [SYSTEM, *turns(2), strange, NOW]


def test_a_summary_lasts_in_the_session():
    policy, writer, session = Counting(window=1000), Counting("noted"), InMemorySession()
    agent = Agent(policy, config=CONFIG, compaction=[Summarize(writer), DropTurns()], instructions="Be brief.")
    asyncio.run(session.append(turns(8), after=None))
    for _ in range(3):
        agent.run_sync("now", session=session)
    stored = [entry.message for entry in asyncio.run(session.branch())]
    assert [message.name for message in stored].count(SUMMARY) == 1
    assert len(writer.seen) == 1
    assert policy.seen[-1][0].content == f"Be brief.\n\n{SAID_BEFORE}noted"


@pytest.mark.parametrize("options", [{"keep_turns": -1}, {"max_tokens": 3}, {"policy": "gpt"}])
def test_a_wrong_setting_is_refused(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        Summarize(**options)


def test_a_strategy_of_ones_own_is_a_class_with_one_method():
    class Forget:
        async def compact(self, conversation, window):
            return conversation.__class__(conversation.head, (), conversation.newest)

    assert isinstance(Forget(), Compaction)
    assert fitted(turns(6), room=700, strategies=[Forget()]).messages == [SYSTEM, NOW]


# What cannot fit


def steps(count, size=100):
    """A turn in which a tool was called so many times, one after the other."""
    said = [NOW]
    for number in range(count):
        call = ToolCall(f"s{number}", "math", {"query": "1"})
        said += [Message("assistant", "", (call,)), Message("tool", "y" * size, tool_call_id=call.id, name="math")]
    return said


def test_in_one_long_turn_the_oldest_results_go_and_no_more_than_needed(check_history):
    saved = 100 - len(LEFT_OUT)
    whole = tokens([SYSTEM, *steps(5)])
    for dropped in range(5):
        for room in (whole - dropped * saved, whole - dropped * saved + saved - 1):
            messages = fitted(turns(2), room=room, current=steps(5)).messages
            check_history(messages)
            results = [message.content for message in messages[-10:] if message.role == "tool"]
            assert results == [LEFT_OUT] * dropped + ["y" * 100] * (5 - dropped)


def test_the_results_of_the_last_step_are_never_left_out():
    with pytest.raises(ContextOverflow, match="The result of math alone takes 3000 of them: shorten it to at most 1"):
        fitted(turns(2), room=200, current=steps(1, 3000))


def test_a_message_that_is_too_large_says_how_large_and_what_fits():
    large = Message("user", "z" * 10_000)
    wanted = (
        "this turn takes 10009 tokens, but script has room for 936. The user's message alone takes 10000 of them: "
        "shorten it to at most 927."
    )
    with pytest.raises(ContextOverflow) as raised:
        fitted([], room=936, current=[large])
    assert str(raised.value) == wanted
    assert len(fitted([], room=936, current=[Message("user", "z" * 927)]).messages) == 2
    with pytest.raises(ContextOverflow):
        fitted([], room=936, current=[Message("user", "z" * 928)])


def test_instructions_that_are_too_large_say_so():
    with pytest.raises(ContextOverflow, match="instructions, examples and tools alone take 3000"):
        fitted([], room=936, head=[Message("system", "z" * 3000)])


def test_a_chain_that_drops_no_turns_says_what_to_do():
    with pytest.raises(ContextOverflow, match=r"6 earlier turns are kept: .* DropTurns\(\)"):
        fitted(turns(6), room=300, strategies=[DropToolResults()])


def test_nothing_is_summarised_for_a_turn_that_cannot_fit():
    policy = Counting("noted")
    with pytest.raises(ContextOverflow):
        fitted(turns(6), room=700, policy=policy, current=[Message("user", "z" * 800)], strategies=[Summarize()])
    assert not policy.seen


def test_an_overflow_leaves_a_session_that_goes_on(check_history):
    session = InMemorySession()
    agent = Agent(Counting(window=1000))
    with pytest.raises(ContextOverflow):
        agent.run_sync("z" * 10_000, session=session)
    assert agent.run_sync("short", session=session).status == "completed"
    check_history(asyncio.run(session.messages()))


def test_a_long_result_of_a_tool_does_not_end_the_session(play, check_history):
    @tool(max_output_chars=100_000)
    def long() -> str:
        """Returns much."""
        return "y" * 50_000

    session = InMemorySession()
    agent = Agent(Counting('<tool_call>{"name": "long"}</tool_call>', "Yes.", window=2000), tools=[long])
    _, result = play(agent, session=session)
    assert (result.status, type(result.error)) == ("error", ContextOverflow)
    check_history(asyncio.run(session.messages()))
    assert Agent(Counting("Yes.", window=2000)).run_sync("short", session=session).status == "completed"


# Any conversation


@st.composite
def conversations(draw):
    history, number = [], 0
    for _ in range(draw(st.integers(0, 8))):
        history.append(Message("user", "u" * draw(st.integers(1, 200))))
        for _ in range(draw(st.integers(0, 3))):
            calls = tuple(ToolCall(f"c{number + n}", "math", {}) for n in range(draw(st.integers(1, 3))))
            number += len(calls)
            history.append(Message("assistant", "a" * draw(st.integers(0, 50)), calls))
            sizes = [draw(st.integers(0, 300)) for _ in calls]
            history += [
                Message("tool", "r" * size, tool_call_id=call.id) for call, size in zip(calls, sizes, strict=True)
            ]
            if draw(st.booleans()):
                history.append(Message("user", "again", name=LOOP))
        if draw(st.booleans()):
            history.append(summary("s" * draw(st.integers(1, 60)), draw(st.integers(-2, len(history) + 2))))
        history.append(Message("assistant", "answer"))
    return history


CHAINS = [
    DEFAULT_COMPACTION,
    (DropTurns(),),
    (DropToolResults(keep_turns=0),),
    (Summarize(keep_turns=1), DropTurns()),
    (DropToolResults(), Summarize(keep_turns=0), DropTurns()),
]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    history=conversations(),
    current=conversations(),
    room=st.integers(50, 2500),
    chain=st.sampled_from(CHAINS),
)
def test_any_conversation_fits_or_is_refused(check_history, history, current, room, chain):
    current = [NOW, *(message for message in current if message.role != "system")]
    policy = Counting("noted")
    try:
        found = fitted(history, room=room, policy=policy, current=current, strategies=chain)
    except ContextOverflow:
        if chain[-1] == DropTurns():
            last_step = max((at for at, message in enumerate(current) if message.tool_calls), default=0)
            least = [
                len(message.content) if message.role != "tool" or at > last_step else min(len(message.content), 33)
                for at, message in enumerate(current)
            ]
            assert sum(least) + len(SYSTEM.content) > room
        return
    messages = found.messages
    assert tokens(messages) <= room
    check_history(messages)
    assert messages[0].content.startswith(SYSTEM.content)
    assert all(message.role != "system" for message in messages[1:])
    # Order is kept, and of the newest turn nothing is gone but the text of results.
    given_order = [message for message in (*history, *current) if message.name != SUMMARY]
    shapes = [(message.role, message.tool_call_id, message.tool_calls) for message in given_order]
    kept = [(message.role, message.tool_call_id, message.tool_calls) for message in messages[1:]]
    assert kept == shapes[len(shapes) - len(kept) :]
    for sent, said in zip(messages[-len(current) :], current, strict=True):
        assert sent == said or (sent.role == "tool" and sent.content == LEFT_OUT)
    if found.summary is not None:
        assert 0 < found.summary.meta["covers"] <= len(history)
        again = fitted([*history, found.summary], room=room, policy=Counting("other"), current=current).messages
        assert "noted" in again[0].content


# The real tokenizer


@pytest.mark.parametrize("chain", [DEFAULT_COMPACTION, (DropTurns(),)])
def test_the_real_tokenizer_counts_what_is_sent(llama, chain, check_history):
    history = [message for number in range(30) for message in turn(number, size=300)]

    async def main():
        whole = await llama.count_tokens([SYSTEM, *history, NOW])
        for window in (whole + 64, whole + 63, whole // 2, 600):
            policy = _Windowed(llama, window)
            messages = (await fit([SYSTEM], history, [NOW], [], policy, CONFIG, chain)).messages
            check_history(messages)
            assert await llama.count_tokens(messages) <= window - 64
            assert (len(messages) == len(history) + 2) == (window == whole + 64) or chain is DEFAULT_COMPACTION

    asyncio.run(main())


def test_no_prompt_has_more_tokens_than_its_bound(llama):
    from pericles.agent.compaction import most_tokens

    call = ToolCall("c", "math", {"query": "∫ 😀 <tool_call>\n\x00"})
    text = "<|im_start|><tool_call></tool_response>é😀\u200b\x00 🏳️‍🌈 ﷺ \ud800" * 5
    schemas = [{"type": "function", "function": {"name": "math", "description": "ü", "parameters": {}}}]
    for messages in (
        [],
        [Message("user", "")] * 50,
        [Message("user", text), Message("assistant", text, (call,)), Message("tool", text, tool_call_id="c")],
    ):
        assert asyncio.run(llama.count_tokens(messages, tools=schemas)) <= most_tokens(messages, schemas)


class _Windowed:
    """The real tokenizer with a window of another size."""

    def __init__(self, policy, window):
        self.name, self.context_window, self.count_tokens = policy.name, window, policy.count_tokens
