"""The file of what people say about replies: nothing half-written, nothing lost, deleted means gone."""

import subprocess
import sys
import threading

import pytest
from pericles.agent import ConfigError
from pericles.policies.feedback.chats import Again, Edit, FeedbackLog, Thumb


def thumb(value=1, message_id="m", rater="human:ann", session="s", **fields):
    return Thumb(session=session, message_id=message_id, rater=rater, value=value, **fields)


def edit(text, message_id="m", rater="human:ann", session="s", **fields):
    return Edit(session=session, message_id=message_id, rater=rater, text=text, **fields)


@pytest.fixture
def log(tmp_path):
    return FeedbackLog(tmp_path / "new" / "feedback.jsonl")


def test_records_read_back_as_they_were(log):
    records = [
        thumb(-1, reasons=["too long"], comment="é\u2028\ud800", consent=True, created="2026-11-29T10:00:00+00:00"),
        edit("Line one.\nLine two."),
        Again(session="s", message_id="m", rater="human:ann", consent=True),
    ]
    for record in records:
        log.add(record)
    assert log.records() == records
    assert log.path.stat().st_mode & 0o777 == 0o600


def test_a_log_that_is_not_there_is_empty(log):
    assert log.records() == log.current() == []
    assert log.withdraw("s", "m", "human:ann") == 0
    assert not log.path.parent.exists()


def test_the_environment_names_the_file_and_else_it_lies_beside_the_conversations(tmp_path, monkeypatch):
    monkeypatch.delenv("PERICLES_FEEDBACK", raising=False)
    monkeypatch.setenv("PERICLES_DATA_DIR", str(tmp_path))
    assert FeedbackLog().path == tmp_path / "feedback.jsonl"
    monkeypatch.setenv("PERICLES_FEEDBACK", str(tmp_path / "mine.jsonl"))
    assert FeedbackLog().path == tmp_path / "mine.jsonl"


def test_the_newest_thumb_of_a_rater_counts_and_an_edit_beside_it(log):
    for record in (thumb(1), edit("a"), thumb(-1), thumb(1, rater="human:bob"), edit("b"), thumb(1, "other")):
        log.add(record)
    told = [(one.type, one.rater, one.message_id, getattr(one, "value", None)) for one in log.current()]
    assert told == [
        ("thumb", "human:ann", "m", -1),
        ("thumb", "human:bob", "m", 1),
        ("edit", "human:ann", "m", None),
        ("thumb", "human:ann", "other", 1),
    ]
    assert [one.text for one in log.current() if isinstance(one, Edit)] == ["b"]


def test_withdrawing_deletes_what_one_rater_said_of_one_reply(log):
    for record in (thumb(1), edit("my secret"), thumb(1, rater="human:bob"), thumb(1, "other")):
        log.add(record)
    assert log.withdraw("s", "m", "human:ann") == 2
    assert [(one.rater, one.message_id) for one in log.records()] == [("human:bob", "m"), ("human:ann", "other")]
    assert "secret" not in log.path.read_text()
    assert log.path.stat().st_mode & 0o777 == 0o600


def test_what_was_said_of_a_conversation_can_be_forgotten(log):
    for record in (thumb(1), thumb(1, session="t")):
        log.add(record)
    assert log.forget(["s", "nothing"]) == 1
    assert [one.session for one in log.records()] == ["t"]


def test_consent_can_be_taken_back_from_everything(log):
    for record in (thumb(1, consent=True), edit("a", consent=True), thumb(1, rater="human:bob", consent=True)):
        log.add(record)
    assert log.revoke("human:ann") == 2
    assert {(one.rater, one.consent) for one in log.records()} == {("human:ann", False), ("human:bob", True)}


def test_threads_and_processes_that_write_and_delete_at_once_lose_nothing(log):
    script = (
        "import sys; from pericles.policies.feedback.chats import FeedbackLog, Thumb\n"
        "log = FeedbackLog(sys.argv[1])\n"
        "for at in range(30): log.add(Thumb(session='p', message_id=str(at), rater='human:p', value=1))"
    )
    log.path.parent.mkdir()
    other = subprocess.Popen([sys.executable, "-c", script, str(log.path)])

    def write(name):
        for at in range(20):
            log.add(thumb(1, str(at), session=name))
            log.add(thumb(1, f"gone {at}", session=name))
            assert log.withdraw(name, f"gone {at}", "human:ann") == 1

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert other.wait(200) == 0
    kept = {(one.session, one.message_id) for one in log.records()}
    assert kept == {(name, str(at)) for name in "abc" for at in range(20)} | {("p", str(at)) for at in range(30)}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            '{"type": "thumb", "session": "s", "message_id": "m", "rater": "human:a", "value": 3}',
            "value must be 1 or -1",
        ),
        ('{"type": "thump", "session": "s"}', "type must be one of thumb, edit, again"),
        ('{"type": "edit", "session": "s", "message_id": "m", "rater": "human:a"}', "lacks the key 'text'"),
        ('{"type": "again", "session": "s", "message_id": "m", "rater": "ai:a"}', "rater must be human:NAME"),
        ('{"type": "again", "sesion": "s", "message_id": "m", "rater": "human:a"}', "did you mean 'session'"),
        ("[1]", "must be a JSON object"),
    ],
)
def test_a_wrong_line_is_named(log, line, told):
    log.add(thumb())
    with log.path.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(ConfigError, match=f"line 2: .*{told}"):
        log.records()


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": 0},
        {"value": True},
        {"value": 1.5},
        {"rater": "ann"},
        {"rater": "human: "},
        {"session": ""},
        {"message_id": "x" * 301},
        {"reasons": "long"},
        {"reasons": [""]},
        {"comment": "x" * 4001},
        {"consent": "yes"},
        {"created": "yesterday"},
    ],
)
def test_a_wrong_thumb_cannot_be_made(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong)).removesuffix("s")):
        Thumb(**{"session": "s", "message_id": "m", "rater": "human:ann", "value": 1, **wrong})
