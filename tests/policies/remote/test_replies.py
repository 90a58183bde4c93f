"""What a server streams becomes policy events: text, reasoning, calls in all the forms that servers write."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pericles.policies import Usage
from pericles.policies.engines import CallPiece, CallRead, ReasoningPiece, ReplyFinished, TokenLogprob
from pericles.policies.engines.remote.addresses import read_place
from pericles.policies.engines.remote.dialects import VLLM
from pericles.policies.engines.remote.failures import refusal_of, told
from pericles.policies.engines.remote.incoming import ReplyBuilder
from pericles.policies.engines.remote.keys import Secrets
from pericles.tools import PericlesError, PolicyError


@pytest.fixture
def calls(server, policy, wire):
    """The calls of a reply that streams these entries of `tool_calls`, one list for each chunk."""

    def _calls(*lists, finish="tool_calls", **options):
        server.chats(wire.as_stream(*(wire.call_chunk(*each) for each in lists), wire.chunk(finish), wire.DONE))
        _, read, finished = wire.ask(policy("vllm"), tools=wire.TOOLS, **options)
        return [
            (call.id, call.name, call.arguments) if call.problem is None else call.problem for call in read
        ], finished

    return _calls


def piece(index=None, call_id=None, name=None, arguments=None):
    value = {"function": {k: v for k, v in (("name", name), ("arguments", arguments)) if v is not None}}
    return {**value, **({} if index is None else {"index": index}), **({} if call_id is None else {"id": call_id})}


ONE = [("a", "math", {"query": "1+1"})]
TWO = [*ONE, ("b", "search", {"query": "x"})]
FORMS = {
    "in pieces": (
        [[piece(0, "a", "math", "")], [piece(0, arguments='{"que')], [piece(0, arguments='ry": "1+1"}')]],
        ONE,
    ),
    "in one": ([[piece(0, "a", "math", '{"query": "1+1"}')]], ONE),
    "arguments as an object": ([[piece(0, "a", "math", {"query": "1+1"})]], ONE),
    "no index": ([[piece(None, "a", "math")], [piece(None, None, None, '{"query": "1+1"}')]], ONE),
    "name in pieces": ([[piece(0, "a", "ma")], [piece(0, None, "th")], [piece(0, arguments='{"query": "1+1"}')]], ONE),
    "name again each time": (
        [[piece(0, "a", "math", '{"query"')], [piece(0, "a", "math", ': "1+1"}')]],
        ONE,
    ),
    "name as far as it goes": ([[piece(0, "a", "ma")], [piece(0, "a", "math", '{"query": "1+1"}')]], ONE),
    "interleaved": (
        [
            [piece(0, "a", "math"), piece(1, "b", "search")],
            [piece(1, arguments='{"query"')],
            [piece(0, arguments='{"query": ')],
            [piece(1, arguments=': "x"}'), piece(0, arguments='"1+1"}')],
        ],
        TWO,
    ),
    "several at once without an index": (
        [[piece(None, "a", "math", '{"query": "1+1"}'), piece(None, "b", "search", '{"query": "x"}')]],
        TWO,
    ),
    "one after the other without an index": (
        [
            [piece(None, "a", "math", '{"query":')],
            [piece(arguments=' "1+1"}')],
            [piece(None, "b", "search", '{"query": "x"}')],
        ],
        TWO,
    ),
    "every index 0": (
        [[piece(0, "a", "math", '{"query": "1+1"}')], [piece(0, "b", "search", '{"query": "x"}')]],
        TWO,
    ),
    "no arguments": ([[piece(0, "a", "math", "")]], [("a", "math", {})]),
    "arguments that are null": ([[piece(0, "a", "math", None)]], [("a", "math", {})]),
    "arguments that are sloppy": ([[piece(0, "a", "math", "{'query': '1+1',}")]], ONE),
}


@pytest.mark.parametrize("form", FORMS)
def test_calls_are_read_in_every_form(form, calls):
    lists, expected = FORMS[form]
    read, finished = calls(*lists)
    assert read == expected
    assert finished.reason == "tool_calls"


def test_calls_without_ids_get_different_ones(calls):
    read, _ = calls([piece(None, None, "math", '{"query": "1"}'), piece(None, None, "math", '{"query": "2"}')])
    assert [arguments for _, _, arguments in read] == [{"query": "1"}, {"query": "2"}]
    assert len({call_id for call_id, _, _ in read} - {""}) == 2
    read, _ = calls([piece(0, "a", "math", "{}")], [piece(1, "a", "search", "{}")])
    assert len({call_id for call_id, _, _ in read}) == 2


@pytest.mark.parametrize("arguments", ["[1, 2]", "17", "nonsense", '"text"'])
def test_arguments_that_cannot_be_read_are_told_to_the_model(arguments, calls):
    ((problem,), _) = calls([piece(0, "a", "math", arguments)])
    assert 'has no "arguments" object' in problem


def test_a_call_without_a_name_is_told_to_the_model(calls):
    ((problem,), _) = calls([piece(0, "a", None, '{"query": "1"}')])
    assert 'has no "name"' in problem


def test_pieces_of_a_call_are_shown_while_it_is_written(server, policy, wire):
    lists = FORMS["in pieces"][0]
    server.chats(wire.as_stream(*(wire.call_chunk(*each) for each in lists), wire.chunk("tool_calls"), wire.DONE))
    events = asyncio.run(wire.events_of(policy("vllm"), tools=wire.TOOLS))
    shown = [event for event in events if isinstance(event, CallPiece)]
    assert [event.index for event in shown] == [0, 0]
    assert "".join(event.text for event in shown) == '{"name": "math", "arguments": {"query": "1+1"}'


@pytest.mark.parametrize("arguments", ["", '{"query": "1+', '{"query": "1+1"', '{"query": "1+1", '])
def test_a_call_that_was_cut_off_is_not_passed_on_as_whole(arguments, calls):
    read, finished = calls(
        [piece(0, "a", "search", '{"query": "x"}')], [piece(1, "b", "math", arguments)], finish="length"
    )
    assert read[0] == ("a", "search", {"query": "x"})
    assert "cut off" in read[1]
    assert finished.reason == "length"


TEXTS = ['<tool_call>{"name": "math", "arguments": {"query": "1+', '{"name": "math", "arguments": {"query": "1+']


@pytest.mark.parametrize("text", TEXTS)
def test_a_call_in_the_text_that_was_cut_off_is_not_passed_on_as_whole(text, server, policy, wire):
    server.chats(wire.as_stream(wire.chunk(content=text), wire.chunk("length"), wire.DONE))
    _, (call,), finished = wire.ask(policy(), tools=wire.TOOLS)
    assert "cut off" in call.problem
    assert (call.arguments, finished.reason) == ({}, "length")


def test_calls_in_the_text_are_read(server, policy, wire):
    text = 'Let me see. <tool_call>{"name": "math", "arguments": {"query": "1+1"}}</tool_call>'
    parts = [wire.chunk(content=text[i : i + 5]) for i in range(0, len(text), 5)]
    server.chats(wire.as_stream(*parts, wire.chunk("stop"), wire.DONE))
    text, (call,), finished = wire.ask(policy(), tools=wire.TOOLS)
    assert (text.strip(), call.name, call.arguments) == ("Let me see.", "math", {"query": "1+1"})
    assert finished.reason == "tool_calls"


@pytest.mark.parametrize(
    "delta", [{"reasoning_content": "Hm."}, {"reasoning": "Hm."}, {"content": "<think>Hm.</think>"}]
)
@pytest.mark.parametrize("dialect", ["vllm", "llama-server", "ollama", "unknown"])
def test_reasoning_is_no_part_of_the_answer(delta, dialect, server, policy, wire):
    server.chats(wire.as_stream(wire.chunk(**delta), wire.chunk(content="4"), wire.chunk("stop"), wire.DONE))
    events = asyncio.run(wire.events_of(policy(dialect)))
    assert [event.text for event in events if isinstance(event, ReasoningPiece)] == ["Hm."]
    assert wire.ask(policy(), "hi")[0] == "4"


def test_reasoning_that_is_sent_under_both_names_is_told_once(server, policy, wire):
    both = wire.chunk(reasoning_content="Hm.", reasoning="Hm.")
    server.chats(wire.as_stream(both, wire.chunk("stop"), wire.DONE))
    events = asyncio.run(wire.events_of(policy("vllm")))
    assert [event.text for event in events if isinstance(event, ReasoningPiece)] == ["Hm."]


def test_usage_is_read_with_what_was_cached(server, policy, wire):
    usage = {"prompt_tokens": 30, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 16}}
    last = {"choices": [], "usage": usage}
    server.chats(wire.as_stream(wire.chunk(content="x"), wire.chunk("stop"), last, wire.DONE))
    assert wire.ask(policy())[2].usage == Usage(30, 16, 5)
    server.chats(wire.as_stream(wire.chunk("stop", usage={**usage, "prompt_tokens_details": None}), wire.DONE))
    assert wire.ask(policy())[2].usage == Usage(30, 0, 5)


def test_log_probabilities_are_read(server, policy, wire):
    token = {
        "token": "bytes:\\xe6",
        "bytes": [0xE6],
        "logprob": -0.5,
        "top_logprobs": [{"token": "a", "logprob": -0.5}],
    }
    server.chats(wire.as_stream(wire.chunk(logprobs=[token], content="x"), wire.chunk("stop"), wire.DONE))
    vllm = policy("vllm")
    assert "logprobs" in vllm.capabilities
    assert wire.ask(vllm, logprobs=1)[2].logprobs == (TokenLogprob("\ufffd", -0.5, (("a", -0.5),)),)
    assert server.asked()[-1].json["top_logprobs"] == 1
    assert wire.ask(vllm)[2].logprobs == ()


def test_log_probabilities_that_do_not_come_are_an_error(server, policy, wire):
    usage = {"prompt_tokens": 3, "completion_tokens": 5}
    server.chats(wire.as_stream(wire.chunk(content="x"), wire.chunk("stop", usage=usage), wire.DONE))
    with pytest.raises(PolicyError, match="told no log-probabilities"):
        wire.ask(policy("vllm"), logprobs=0)


def test_halves_of_a_character_are_joined_and_lone_ones_replaced(server, policy, wire):
    halves = [
        b'data: {"choices": [{"delta": {"content": "\\ud83d"}}]}\n\n',
        b'data: {"choices": [{"delta": {"content": "\\ude00!\\ud83d"}}]}\n\n',
    ]
    server.chats(wire.as_stream(*halves, wire.chunk("stop"), wire.DONE))
    assert wire.ask(policy())[0] == "😀!\ufffd"


def test_a_reply_in_one_piece_is_read(server, policy, wire):
    function = {"name": "math", "arguments": '{"query": "1+1"}'}
    message = {
        "role": "assistant",
        "content": "So:",
        "tool_calls": [{"id": "a", "type": "function", "function": function}],
    }
    server.chats(wire.as_json({"choices": [{"message": message, "finish_reason": "tool_calls"}], "usage": {}}))
    text, (call,), finished = wire.ask(policy(), tools=wire.TOOLS)
    assert (text, call.arguments, finished.reason) == ("So:", {"query": "1+1"}, "tool_calls")


@pytest.mark.parametrize("finish", ["content_filter", "abort"])
def test_a_reply_that_the_server_cuts_is_no_whole_reply(finish, server, policy, wire):
    server.chats(wire.as_stream(wire.chunk(content="x"), wire.chunk(finish), wire.DONE))
    with pytest.raises(PolicyError, match=f"ended the reply early .*{finish}"):
        wire.ask(policy())


@pytest.mark.parametrize(
    "junk",
    [
        {"choices": None},
        {"choices": [None]},
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": {"tool_calls": [None, 3, {"function": None}]}}]},
        {"choices": [{"delta": {"content": 5, "tool_calls": {}}, "logprobs": {"content": [7]}}]},
        {"usage": {"prompt_tokens": "many"}},
    ],
)
def test_chunks_of_other_shapes_do_no_harm(junk, server, policy, wire):
    server.chats(wire.as_stream(junk, wire.chunk(content="fine"), wire.chunk("stop"), wire.DONE))
    assert wire.ask(policy(), tools=wire.TOOLS)[0] == "fine"


def test_calls_are_dropped_where_none_are_wanted(server, policy, wire):
    call = wire.call_chunk(piece(0, "a", "math", "{}"))
    server.chats(wire.as_stream(call, wire.chunk(content="Well."), wire.chunk("stop"), wire.DONE))
    text, calls, finished = wire.ask(policy("vllm"), tools=wire.TOOLS, tool_choice="none")
    assert (text, calls, finished.reason) == ("Well.", [], "stop")


@pytest.mark.parametrize("choice", ["required", "math"])
def test_a_reply_that_does_not_call_what_it_must_is_an_error(choice, server, policy, wire):
    server.chats(wire.says("No."))
    with pytest.raises(PolicyError, match=r"tool_choice demands a call of .* calls none"):
        wire.ask(policy("vllm"), tools=wire.TOOLS, tool_choice=choice)
    with pytest.raises(PolicyError, match="Ollama does not honour tool_choice"):
        wire.ask(policy("ollama"), tools=wire.TOOLS, tool_choice=choice)


def test_a_call_of_another_tool_than_the_one_named_is_an_error(calls):
    with pytest.raises(PolicyError, match="called 'search', but tool_choice demands 'math'"):
        calls([piece(0, "a", "search", "{}")], tool_choice="math")
    assert calls([piece(0, "a", "math", "{}")], tool_choice="math", finish="stop")[1].reason == "tool_calls"
    assert calls([piece(0, "a", "search", "{}")], tool_choice="required")[0] == [("a", "search", {})]


def test_the_text_of_a_stream_is_told_as_it_comes(server, policy, wire):
    server.chats(
        wire.as_stream(wire.chunk(content="one"), 0.3, wire.chunk(content="two"), wire.chunk("stop"), wire.DONE)
    )
    remote = policy()

    async def main():
        times = []
        async for _ in remote.stream([]):
            times.append(asyncio.get_running_loop().time())
        return times

    first, second, _ = asyncio.run(main())
    assert second - first > 0.15


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def shaped(**fields):
    """An object whose fields are right, or anything, or missing."""
    return st.fixed_dictionaries({}, optional={name: value | JSON for name, value in fields.items()})


FUNCTION = shaped(
    name=st.sampled_from(["math", "ma", "th", ""]), arguments=st.sampled_from(["", "{}", '{"query', '": "1"}'])
)
PIECE = shaped(index=st.integers(0, 2), id=st.sampled_from(["a", "b", ""]), function=FUNCTION)
TEXT = st.sampled_from(["Hi", "<tool_call>", '{"name": "math"', "</tool_call>", "<thi", "\ud83d", "\ude00"])
DELTA = shaped(content=TEXT, reasoning=TEXT, tool_calls=st.lists(PIECE, max_size=3))
TOKEN = shaped(
    token=st.text(max_size=3), bytes=st.lists(st.integers(0, 300), max_size=3), logprob=st.floats(max_value=0)
)
LOGPROBS = shaped(content=st.lists(TOKEN, max_size=2), top_logprobs=st.lists(TOKEN, max_size=2))
ENDS = st.sampled_from(["stop", "length", "tool_calls", None])
CHUNK = shaped(
    choices=st.lists(shaped(delta=DELTA, logprobs=LOGPROBS, finish_reason=ENDS), min_size=1, max_size=1),
    usage=shaped(prompt_tokens=st.integers(), completion_tokens=st.integers(), prompt_tokens_details=JSON),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(CHUNK, max_size=6), st.sampled_from(["auto", "none", "required", "math"]))
def test_whatever_a_server_sends_is_read_or_refused(chunks, tool_choice):
    """Text comes without halves of characters, calls with ids of their own, and the end last."""
    must_call = {"required": "", "math": "math"}.get(tool_choice)
    tools = [{"type": "function", "function": {"name": "math", "parameters": {}}}]
    builder = ReplyBuilder("host", Secrets(), tools, tool_choice, must_call, True, VLLM)
    try:
        events = [event for chunk in chunks for event in builder.take(chunk)] + builder.finish()
    except PolicyError:
        return
    assert all(getattr(event, "text", "").encode() is not None for event in events)  # no half is left
    calls = [event.call for event in events if isinstance(event, CallRead)]
    assert len({call.id for call in calls}) == len(calls)
    assert all(call.id and (call.problem is None or call.arguments == {}) for call in calls)
    assert [isinstance(event, ReplyFinished) for event in events] == [False] * (len(events) - 1) + [True]
    assert tool_choice != "none" or not calls


@settings(max_examples=200, deadline=None)
@given(JSON | shaped(error=JSON | shaped(message=JSON, code=JSON, type=JSON, param=JSON)))
def test_whatever_a_server_says_in_an_error_is_told_in_one_line(value):
    error = told(refusal_of(value), read_place("http://host/v1"), VLLM, Secrets())
    assert isinstance(error, PericlesError)
    assert "\n" not in str(error)
