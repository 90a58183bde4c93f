"""Live clicks survive as they were, or are refused."""

import pytest
from pericles.policies.feedback.tamer import Click, ClickLog, LiveClick, Screen
from pericles.policies.feedback.tamer.records import records_of
from pericles.tools import ConfigError


def click(**changes):
    return LiveClick(
        **{
            "session": "chat",
            "message_id": "m1",
            "segment": 2,
            "shown_on": 1.5,
            "shown_off": 3.25,
            "click_time": 2.5,
            "value": -1,
            "rater": "human:ann",
            **changes,
        }
    )


def test_what_is_written_reads_back(tmp_path):
    log = ClickLog(tmp_path / "live" / "clicks.jsonl")
    assert log.read() == []
    log.append([click(), click(segment=3)])
    log.append([click(value=1, click_time=0.1 + 0.2)])
    assert log.read() == [click(), click(segment=3), click(value=1, click_time=0.1 + 0.2)]


def test_clicks_that_were_taken_back_do_not_count(tmp_path):
    log = ClickLog(tmp_path / "clicks.jsonl")
    log.append([click(), click(segment=3)])
    log.take_back([click()])
    assert log.read() == [click(segment=3)]
    assert len((tmp_path / "clicks.jsonl").read_text().splitlines()) == 3


def test_a_wrong_line_is_named(tmp_path):
    path = tmp_path / "clicks.jsonl"
    ClickLog(path).append([click()])
    path.write_text(path.read_text() + '{"session": "chat"}\nnonsense\n')
    with pytest.raises(ConfigError, match="line 3"):
        ClickLog(path).read()
    path.write_text('{"session": "chat"}\n')
    with pytest.raises(ConfigError, match=r"line 1: a live click lacks the key 'message_id'"):
        ClickLog(path).read()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"session": ""}, "session"),
        ({"message_id": 3}, "message_id"),
        ({"segment": -1}, "segment"),
        ({"segment": True}, "segment"),
        ({"shown_on": "now"}, "shown_on"),
        ({"shown_off": 1.5}, "shown for some time"),
        ({"click_time": float("nan")}, "click_time"),
        ({"value": 0}, "value"),
        ({"value": True}, "value"),
        ({"rater": "ai:judge"}, "human:NAME"),
        ({"rater": "human:a\nb"}, "human:NAME"),
    ],
)
def test_what_is_no_live_click_is_refused(changes, told):
    with pytest.raises(ConfigError, match=told):
        click(**changes)
    with pytest.raises(ConfigError):
        LiveClick.from_dict({**click().to_dict(), **changes})


def test_an_unknown_key_is_told_with_the_nearest_one():
    with pytest.raises(ConfigError, match="did you mean 'click_time'"):
        LiveClick.from_dict({**click().to_dict(), "clicktime": 1.0})


def test_a_click_is_kept_with_each_piece_that_it_can_have_been_about():
    screen = Screen()
    for at in range(10):
        screen.write(f"Sentence {at} is here. ", float(2 * at))
    kept = records_of("chat", Click(12.5, 1, "human:ann"), screen.segments("m", 20.0))
    assert [one.segment for one in kept] == [4, 5, 6]
