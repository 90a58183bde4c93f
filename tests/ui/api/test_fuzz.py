"""Whatever JSON comes in, it is read or refused: nothing else is raised."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from pericles.agent import GenerationConfig
from pericles.ui.api.chat_request import ChatRequest, read_request
from pericles.ui.api.conversation import read_conversation
from pericles.ui.api.errors import ApiError
from pericles.ui.api.json_body import read_json, write_json

TEXTS = st.one_of(
    st.text(max_size=8), st.sampled_from(["auto", "none", "required", "function", "text", "c1", "{}", "["])
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)


def mostly(strategy):
    return st.one_of(strategy, strategy, strategy, VALUES)


FUNCTIONS = st.fixed_dictionaries(
    {"name": mostly(st.sampled_from(["f", "g"])), "arguments": mostly(st.sampled_from(["{}", '{"a": 1}', "[", "5"]))}
)
CALLS = st.lists(
    mostly(
        st.fixed_dictionaries(
            {
                "id": mostly(st.sampled_from(["c1", "c2"])),
                "type": mostly(st.just("function")),
                "function": mostly(FUNCTIONS),
            }
        )
    ),
    max_size=2,
)
MESSAGES = st.fixed_dictionaries(
    {"role": mostly(st.sampled_from(["system", "developer", "user", "assistant", "tool"]))},
    optional={
        "content": mostly(TEXTS),
        "tool_calls": mostly(CALLS),
        "tool_call_id": mostly(st.sampled_from(["c1", "c2"])),
    },
)
TOOLS = st.fixed_dictionaries(
    {"type": mostly(st.just("function")), "function": mostly(st.fixed_dictionaries({"name": mostly(st.just("f"))}))}
)
NAMES = st.one_of(st.sampled_from([*ChatRequest.model_fields, "n", "logit_bias", "user"]), TEXTS)
REQUESTS = st.builds(
    lambda fields, messages, tools: {**fields, "messages": messages, "tools": tools, "model": "m"},
    st.dictionaries(NAMES, VALUES, max_size=4),
    mostly(st.lists(mostly(MESSAGES), min_size=1, max_size=4)),
    mostly(st.lists(mostly(TOOLS), max_size=2)),
)


def outcome(read):
    """What reading gives, and what it is refused with."""
    try:
        return read(), None
    except ApiError as error:
        return None, error


@settings(max_examples=150, deadline=None)
@given(REQUESTS)
def test_a_request_is_read_or_refused(value):
    body = json.dumps(value).encode()
    asked, error = outcome(lambda: read_conversation(read_request(read_json(body)), GenerationConfig()))
    if error is None:
        assert asked.messages or value["pericles"]["session"]
    else:
        assert error.status == 400
        assert json.loads(write_json(error.to_dict()))["error"]["message"]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_bytes_are_read_or_refused(body):
    _, error = outcome(lambda: read_json(body))
    assert error is None or error.status == 400


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.floats() | st.text(st.characters()), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_what_is_written_is_one_line_of_json(value):
    data = write_json(value)
    assert len(data.decode().splitlines()) == 1
    json.loads(data, parse_constant=lambda name: 1 / 0)
