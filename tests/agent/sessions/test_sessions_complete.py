"""Whatever was stored, what a policy is sent has exactly one result behind every call."""

from hypothesis import given
from hypothesis import strategies as st
from pericles.agent import Message, ToolCall
from pericles.agent.sessions import INTERRUPTED, complete, waiting

IDS = st.sampled_from(["a", "b", "c"])
CALLS = st.lists(st.builds(ToolCall, IDS, st.just("math")), max_size=3).map(tuple)
META = st.sampled_from([{}, {"approvals": []}, {"approvals": ["a"]}])
MESSAGES = st.lists(
    st.one_of(
        st.builds(Message, st.sampled_from(["user", "system"]), st.text(max_size=3)),
        st.builds(Message, st.just("assistant"), st.text(max_size=3), CALLS, meta=META),
        st.builds(Message, st.just("tool"), st.text(max_size=3), tool_call_id=st.one_of(IDS, st.none())),
    ),
    max_size=12,
)
ASKED = Message("assistant", "", (ToolCall("a", "mail"), ToolCall("b", "mail")), meta={"approvals": ["b"]})


def paired(messages):
    """Each message but the tools' with the results right behind it."""
    groups = []
    for message in messages:
        if message.role == "tool":
            groups[-1][1].append(message)
        else:
            groups.append((message, []))
    return groups


@given(MESSAGES)
def test_every_call_has_exactly_one_result_in_order_right_behind_it(messages):
    groups = paired(complete(messages))
    if waiting(complete(messages)):
        assert groups.pop()[1] == []
    for message, results in groups:
        assert [result.tool_call_id for result in results] == [call.id for call in message.tool_calls]


@given(MESSAGES)
def test_completing_twice_changes_nothing_more(messages):
    assert complete(complete(messages)) == complete(messages)


@given(MESSAGES)
def test_everything_but_results_stays_as_it_was(messages):
    def others(some):
        return [message for message in some if message.role != "tool"]

    assert others(complete(messages)) == others(messages)


@given(MESSAGES)
def test_results_that_are_there_are_kept(messages):
    for message, results in paired(complete(messages)):
        for call, result in zip(message.tool_calls, results, strict=False):
            assert result in messages or result == Message("tool", INTERRUPTED, tool_call_id=call.id, name="math")


@given(MESSAGES)
def test_calls_at_the_end_that_wait_for_approval_stay(messages):
    messages = [*messages, ASKED]
    assert complete(messages)[-1] == ASKED
    assert waiting(complete(messages)) == ("b",)


def test_a_stray_result_does_not_answer_calls_that_wait():
    assert complete([ASKED, Message("tool", "?", tool_call_id="z")]) == [ASKED]


def test_calls_that_were_decided_and_interrupted_are_answered():
    done = Message("tool", "sent", tool_call_id="a", name="mail")
    assert [message.content for message in complete([ASKED, done])] == ["", "sent", INTERRUPTED]


def test_calls_that_waited_before_the_user_went_on_are_answered():
    told = complete([ASKED, Message("user", "never mind")])
    assert [message.content for message in told] == ["", INTERRUPTED, INTERRUPTED, "never mind"]
