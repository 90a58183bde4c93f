"""Files of rankings: what is written reads back equal, and a wrong file is refused whole, line by line."""

import gzip
import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pericles.policies.engines import Message
from pericles.policies.feedback import Pair, Ranking, read_rankings, write_rankings
from pericles.tools import ConfigError, ToolCall


def record(id, **changes):
    said = [[{"role": "assistant", "content": text}] for text in ("ja", "nein")]
    return {
        "id": id,
        "prompt": [{"role": "user", "content": "Größe?"}],
        "replies": said,
        "ranks": [1, 2],
        "rater": "human:r1",
    } | changes


def line(id, **changes):
    return json.dumps(record(id, **changes), ensure_ascii=False).encode()


def put(tmp_path, *lines, name="r.jsonl"):
    path = tmp_path / name
    path.write_bytes(b"\n".join(lines))
    return path


def refusal(path):
    with pytest.raises(ConfigError) as caught:
        read_rankings(path)
    return str(caught.value)


texts = st.text(min_size=1, max_size=30).filter(lambda text: any(c.isalnum() for c in text))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
unit = st.floats(0, 1)


@st.composite
def replies(draw, number):
    answer = Message("assistant", f"{number} {draw(texts)}")
    if not draw(st.booleans()):
        return (answer,)
    call = ToolCall(draw(texts), draw(texts), draw(st.dictionaries(st.text(max_size=5), json_values, max_size=2)))
    result = Message("tool", draw(st.text(max_size=20)), tool_call_id=call.id, name=draw(st.none() | st.text()))
    return (Message("assistant", draw(st.text(max_size=9)), (call,)), result, answer)


@st.composite
def rankings(draw):
    count = draw(st.integers(2, 9))
    ranks = draw(st.lists(st.integers(1, count), min_size=count - 1, max_size=count - 1))
    pair = st.builds(Pair, st.just(0), st.integers(1, count - 1), unit, unit, st.none() | texts, st.booleans())
    return Ranking(
        draw(texts),
        (Message("user", draw(texts)),),
        tuple(draw(replies(number)) for number in range(count)),
        (1, *ranks),
        draw(st.sampled_from(("human:ada b", "ai:judge#1", "rule:v"))),
        draw(st.floats(0, 1, exclude_min=True)),
        tuple(draw(st.lists(pair, max_size=3, unique_by=lambda pair: (pair.j, pair.principle)))),
        draw(st.floats(0, 1e300)),
        draw(st.booleans()),
        draw(st.none() | st.text()),
        draw(st.booleans()),
        draw(st.none() | st.text()),
        draw(st.none() | st.datetimes().map(lambda time: time.isoformat())),
    )


@settings(max_examples=40, deadline=None)
@given(written=st.lists(rankings(), min_size=1, max_size=3, unique_by=lambda ranking: ranking.id))
def test_what_is_written_reads_back_equal(tmp_path_factory, written):
    path = tmp_path_factory.mktemp("written") / "r.jsonl"
    write_rankings(path, written)
    assert read_rankings(path) == written


def test_a_file_is_read_in_its_order_whatever_marks_and_blank_lines_it_has(tmp_path):
    path = put(tmp_path, b"\xef\xbb\xbf" + line("b") + b"\r", b"", b"  ", line("a"), b"")
    assert [ranking.id for ranking in read_rankings(path)] == ["b", "a"]
    zipped = tmp_path / "r.jsonl.gz"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    assert read_rankings(zipped) == read_rankings(path)


def test_every_wrong_line_is_named_in_one_error(tmp_path):
    path = put(tmp_path, line("a"), line("b", ranks=[1]), b"{", line("c", rater="x"), line("d"))
    told = refusal(path)
    assert told.startswith(f"{path}: line 2: there must be a rank for each of the 2 replies")
    assert "; line 3: not JSON:" in told
    assert "; line 4: rater must be" in told
    assert told.endswith("Nothing was read.")
    assert "more" not in told


def test_ten_wrong_lines_are_named_and_the_others_counted(tmp_path):
    told = refusal(put(tmp_path, *[b"[]"] * 25))
    assert told.count("line ") >= 10
    assert "line 10:" in told
    assert "line 11:" not in told
    assert "and 15 more" in told


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (line("b").replace(b"[1, 2]", b"[1, NaN]"), "NaN is no JSON number"),
        (line("b").replace(b"[1, 2]", b"[1, Infinity]"), "Infinity is no JSON number"),
        (line("b").replace(b"[1, 2]", b"[1, 1e999]"), "the number 1e999 is too large"),
        (line("b").replace(b"[1, 2]", b"[1, 1" + b"0" * 5000 + b"]"), "not JSON"),
        (line("b").replace(b'"ranks"', b'"ranks": [2, 1], "ranks"'), "the key 'ranks' is there twice"),
        (line("b")[:-20], "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[1, 2]", "must be a JSON object, got [1, 2]"),
        (b"null", "must be a JSON object, got None"),
        (line("b").decode().encode("latin-1"), "(0xf6) is not UTF-8"),
        (line("b").decode().encode("utf-16-le"), "NUL bytes"),
        (line("b", comment="x").replace(b'"x"', rb'"\ud800"'), "half a character"),
        (line("a"), "the id 'a' is that of line 1 already"),
    ],
)
def test_a_broken_line_is_refused_with_its_number(tmp_path, bad, told):
    message = refusal(put(tmp_path, line("a"), b"", bad))
    assert message.split("line ")[1].startswith("3: ")
    assert told in message
    assert len(message) < 500


def test_whole_emoji_written_as_escapes_are_read(tmp_path):
    read = read_rankings(put(tmp_path, line("a", comment="x").replace(b'"x"', rb'"\ud83d\ude00"')))
    assert read[0].comment == "😀"


def test_a_utf_16_file_is_told_once(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps(record("a")) + "\n" + json.dumps(record("b")), encoding="utf-16")
    told = refusal(path)
    assert "line 1: the file is UTF-16, not UTF-8" in told
    assert "line 2" not in told


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf", gzip.compress(b"")])
def test_a_blank_file_is_refused(tmp_path, content):
    assert "is blank" in refusal(put(tmp_path, content))


def test_a_compressed_file_that_was_cut_off_is_refused_with_the_line_it_breaks_in(tmp_path):
    data = gzip.compress(b"\n".join(line(os.urandom(20).hex()) for _ in range(200)))
    told = refusal(put(tmp_path, data[: len(data) // 2], name="r.jsonl.gz"))
    assert "the compressed data is cut off or damaged" in told
    damaged = bytearray(data)
    damaged[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    assert "r.jsonl.gz: line " in refusal(put(tmp_path, bytes(damaged), name="r.jsonl.gz"))


def test_a_file_that_is_not_there_is_told(tmp_path):
    assert "cannot be read: No such file" in refusal(tmp_path / "none.jsonl")
    assert "cannot be read: Is a directory" in refusal(tmp_path)


def one(id="a", **changes):
    return Ranking.from_dict(record(id, **changes))


def test_writing_replaces_a_file_whole_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "r.jsonl"
    write_rankings(path, [one("a")])
    write_rankings(str(path), iter([one("b"), one("c", comment="über\u2028")]))
    assert [ranking.id for ranking in read_rankings(path)] == ["b", "c"]
    assert os.listdir(tmp_path) == ["r.jsonl"]
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ([], "no rankings to write"),
        ([one("a"), one("a")], "two rankings have the id 'a'"),
        ([one("a"), one("b", comment="\ud800")], "'b' cannot be written"),
    ],
)
def test_what_would_not_read_back_is_not_written_and_the_old_file_stays(tmp_path, written, told):
    path = tmp_path / "r.jsonl"
    write_rankings(path, [one("old")])
    with pytest.raises(ConfigError, match=told):
        write_rankings(path, written)
    assert [ranking.id for ranking in read_rankings(path)] == ["old"]
    assert os.listdir(tmp_path) == ["r.jsonl"]


def test_values_that_json_cannot_hold_are_not_written(tmp_path):
    for value in (float("nan"), {1, 2}, (1, 2)):
        call = ToolCall("c", "t", {"x": value})
        reply = (Message("assistant", "", (call,)), Message("tool", "", tool_call_id="c"), Message("assistant", "a"))
        ranking = Ranking("a", (Message("user", "hi"),), (reply, (Message("assistant", "b"),)), (1, 2), "rule:x")
        with pytest.raises(ConfigError, match="'a' cannot be written"):
            write_rankings(tmp_path / "r.jsonl", [ranking])
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path):
    with pytest.raises(ConfigError, match="cannot be written: No such file or directory"):
        write_rankings(tmp_path / "none" / "r.jsonl", [one()])
