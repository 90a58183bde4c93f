"""The event reader: the same events wherever the bytes are cut."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pericles.policies.engines.remote.sse import BrokenStreamError, EventReader, ServerEvent


def read(pieces, **options):
    reader = EventReader(**options)
    return [event for piece in pieces for event in reader.feed(piece)] + reader.finish()


STREAM = (
    b"\xef\xbb\xbf: a comment\r\n"
    b'data: {"a": "\xe6\xb0\xb4 \xf0\x9f\x98\x80"}\r\n\r\n'
    b"event: error\rdata: one\rdata: two\r\r"
    b"data:no space\n\n:ping\n\n"
    b"id: 7\nretry: 5\nunknown\ndata\n\n"
    b"data: [DONE]"
)
EVENTS = [
    ServerEvent('{"a": "水 😀"}'),
    ServerEvent("one\ntwo", "error"),
    ServerEvent("no space"),
    ServerEvent(""),
    ServerEvent("[DONE]"),
]


def test_the_forms_of_a_stream_are_read():
    assert read([STREAM]) == EVENTS


@pytest.mark.parametrize("position", range(len(STREAM) + 1))
@pytest.mark.sampled(every=3)
def test_a_stream_may_be_cut_anywhere(position):
    assert read([STREAM[:position], b"", STREAM[position:]]) == EVENTS


def test_a_stream_may_come_byte_by_byte():
    assert read([bytes([byte]) for byte in STREAM]) == EVENTS


LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12)


@given(
    st.lists(st.lists(LINES, min_size=1, max_size=3), max_size=5), st.sampled_from([b"\n", b"\r", b"\r\n"]), st.data()
)
def test_whatever_is_written_is_read_at_any_cuts(events, end, data):
    stream = b"".join(b"".join(b"data: " + line.encode() + end for line in event) + end for event in events)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [event.data for event in read(pieces)] == ["\n".join(event) for event in events]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content):
    with contextlib.suppress(BrokenStreamError):
        assert all(isinstance(event, ServerEvent) for event in read([content]))


def test_half_a_character_at_the_end_is_refused():
    with pytest.raises(BrokenStreamError, match="not UTF-8"):
        read([b'data: {"a": "\xe6\xb0'])


def test_an_event_has_a_largest_size_and_a_stream_has_none():
    assert len(read([b"data: 0123456789\n\n"] * 100, max_bytes=20)) == 100
    assert len(read([b": comment\n"] * 100 + [b"data: 1\n\n"], max_bytes=20)) == 1
    for pieces in ([b"data: " + b"x" * 30], [b"data: x\n"] * 5, [b"x"] * 30):
        with pytest.raises(BrokenStreamError, match="more than 20 bytes"):
            read(pieces, max_bytes=20)


def test_time_grows_with_the_stream_and_not_faster():
    """A million bytes in single ones: a reader that copies what it has would need hours."""
    value = json.dumps({"text": "x" * 200_000}).encode()
    assert len(read([b"data: ", *(value[i : i + 1] for i in range(len(value))), b"\n\n"])) == 1
