"""`/good`, `/bad`, `/edit`, `/again` and `/consent` in the terminal, and `pericles feedback export`."""

import asyncio
import json
import re

import pytest
from pericles.agent import Agent, GenerationConfig, SessionStore, SQLSession
from pericles.agent.testing import FunctionPolicy
from pericles.policies.feedback import read_rankings
from pericles.policies.feedback.chats import FeedbackLog
from pericles.ui.terminal import Terminal


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PERICLES_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("PERICLES_FEEDBACK", raising=False)
    monkeypatch.delenv("PERICLES_SESSIONS", raising=False)
    return tmp_path


@pytest.fixture
def talk(folder, monkeypatch, capsys):
    """Types lines into a chat and returns what was shown."""

    def run(*lines, policy=None, session="mine", config=None):
        left = iter(lines)

        def read(prompt=""):
            try:
                return next(left)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr("builtins.input", read)
        policy = policy or FunctionPolicy(lambda messages, tools: f"reply {len(messages)}")
        Terminal(lambda ref: Agent(policy, config=config), "test", session).run()
        assert next(left, None) is None
        return capsys.readouterr().out

    return run


def branch(session="mine"):
    return asyncio.run(SQLSession(session).branch())


def entries(session="mine"):
    return asyncio.run(SQLSession(session).entries())


class Counting(FunctionPolicy):
    """Says another text each time, and remembers how it was to sample."""

    def __init__(self):
        self.configs = []
        super().__init__(lambda messages, tools: f"reply {len(self.configs)}")

    async def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
        self.configs.append(config)
        async for event in super().stream(messages, tools=tools, tool_choice=tool_choice, config=config):
            yield event


def test_the_first_thumb_asks_for_consent_once_and_both_are_kept(talk, folder):
    shown = talk("hello", "/good clear and short", "y", "/bad")
    assert shown.count("May a model be trained on it") == 1
    first, second = FeedbackLog().records()
    assert (first.value, first.reasons, first.consent) == (1, ("clear and short",), True)
    assert (second.value, second.reasons, second.consent) == (-1, (), True)
    assert first.session == "mine"
    assert first.message_id == branch()[-1].id
    assert first.rater.startswith("human:")
    assert "May a model" not in talk("/good")
    assert (folder / "feedback_consent.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("answer", ["", "n", "no", "maybe"])
def test_anything_but_yes_is_no(talk, answer):
    shown = talk("hello", "/good", answer, "/good")
    assert [record.consent for record in FeedbackLog().records()] == [False, False]
    assert shown.count("not for training") == 2


def test_without_an_answer_the_question_comes_again(talk):
    talk("hello", "/good")
    assert [record.consent for record in FeedbackLog().records()] == [False]
    assert "May a model" in talk("/good", "y")
    assert [record.consent for record in FeedbackLog().records()] == [False, True]


def test_consent_can_be_given_and_taken_back(talk):
    talk("hello", "/consent yes", "/good")
    assert [record.consent for record in FeedbackLog().records()] == [True]
    assert "1 records" in talk("/consent no", "/bad")
    assert [record.consent for record in FeedbackLog().records()] == [False, False]
    assert "is not trained on" in talk("/consent")
    assert "write /consent yes" in talk("/consent maybe")


def test_an_edit_has_as_many_lines_as_the_user_writes(talk):
    shown = talk("hello", "/consent yes", "/edit", "Line one.", "", "  Line two.", ".")
    (record,) = FeedbackLog().records()
    assert record.text == "Line one.\n\n  Line two."
    assert record.message_id == branch()[-1].id
    assert "a line with a single . ends it" in shown


@pytest.mark.parametrize("typed", [(), ("half of it",), (".",), ("reply 2", ".")])
def test_an_edit_that_is_not_ended_or_changes_nothing_is_not_kept(talk, typed):
    shown = talk("hello", "/consent yes", "/edit", *typed)
    assert FeedbackLog().records() == []
    assert "nothing was changed" in shown


def test_again_gives_another_reply_to_the_same_question_on_a_branch(talk):
    policy = Counting()
    talk("/consent yes", "hello", "/again", policy=policy)
    found = entries()
    assert [entry.message.content for entry in found] == ["hello", "reply 1", "reply 2"]
    assert found[1].parent_id == found[2].parent_id == found[0].id
    assert branch()[-1].id == found[2].id
    first, again = policy.configs
    assert (first.temperature, again.temperature) == (0.0, 0.8)
    assert again.seed is not None
    (record,) = FeedbackLog().records()
    assert (record.type, record.message_id, record.consent) == ("again", found[1].id, True)


def test_again_keeps_a_temperature_that_was_chosen_and_the_next_turn_is_as_before(talk):
    policy = Counting()
    config = GenerationConfig(temperature=0.3, seed=7)
    talk("hello", "/again", "more", policy=policy, config=config)
    assert [one.temperature for one in policy.configs] == [0.3, 0.3, 0.3]
    assert policy.configs[1].seed != 7
    assert policy.configs[2].seed == 7


@pytest.mark.parametrize("failure", [RuntimeError("no"), KeyboardInterrupt()])
def test_again_that_fails_leaves_the_reply_that_was_there(talk, failure):
    replies = iter(["first", failure, "third"])

    def speak(messages, tools):
        reply = next(replies)
        if isinstance(reply, BaseException):
            raise reply
        return reply

    talk("hello", "/again", "go on", policy=FunctionPolicy(speak))
    assert [entry.message.content for entry in branch()] == ["hello", "first", "go on", "third"]
    assert FeedbackLog().records() == []


def test_again_works_where_nothing_is_kept_and_the_rest_says_that_a_name_is_needed(talk):
    shown = talk("hello", "/again", "/good", "/edit", session=None, policy=Counting())
    assert "reply 2" in shown
    assert " ".join(shown.split()).count("begin one with a name (pericles chat --session NAME)") == 2
    assert FeedbackLog().records() == []


def test_before_the_first_reply_there_is_nothing_to_say(talk):
    shown = talk("/good", "/edit", "/again")
    assert shown.count("there is no reply yet") == 2
    assert "there is no question yet" in shown


def test_deleting_a_conversation_deletes_what_was_said_about_it(here, talk):
    for session in ("mine", "other", "third"):
        talk("hello", "/consent no", "/edit", f"secret of {session}", ".", session=session)
    assert here("sessions", "delete", "mine", "--yes").returncode == 0
    talk("/reset", session="third")
    assert [record.session for record in FeedbackLog().records()] == ["other"]
    assert "secret of mine" not in FeedbackLog().path.read_text()


def test_deleting_a_conversation_of_another_store_leaves_what_was_said_here(here, talk, folder):
    talk("hello", "/consent no", "/good", session="mine")
    asyncio.run(Agent(Counting()).run("hello", session=SQLSession("mine", folder / "other.sqlite")))
    assert here("sessions", "delete", "mine", "--yes", "--store", str(folder / "other.sqlite")).returncode == 0
    assert len(FeedbackLog().records()) == 1


def test_a_chat_in_a_pipe_takes_feedback_too(here, folder):
    (folder / "script.yaml").write_text('- "Roughly four million."')
    lines = ["How many live there?", "/bad", "y", "/edit", "3.7 million.", ".", "/again", "/good"]
    chat = ("chat", "--policy", f"script:{folder / 'script.yaml'}", "--no-tools", "--session", "mine")
    done = here(*chat, stdin="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stderr
    first, second = (entry.id for entry in entries()[1:])
    assert [(record.type, record.message_id, record.consent) for record in FeedbackLog().records()] == [
        ("thumb", first, True),
        ("edit", first, True),
        ("again", first, True),
        ("thumb", second, True),
    ]


def test_the_help_names_the_commands(talk):
    shown = talk("/help")
    assert all(name in shown for name in ("/good", "/bad", "/edit", "/again", "/consent"))


def test_a_long_reason_is_kept_whole(talk):
    talk("hello", "/consent yes", f"/bad {'x' * 500}")
    (record,) = FeedbackLog().records()
    assert (record.reasons, record.comment) == ((), "x" * 500)


def test_what_was_said_in_a_chat_is_exported(here, talk, folder):
    talk("Who helps? bob@example.org?", "/consent yes", "/bad", "/again", "/good", policy=Counting(), session="talk")
    done = here(
        "feedback", "export", "--out", str(folder / "out.jsonl"), "--demonstrations", str(folder / "demo.jsonl")
    )
    assert done.returncode == 0, done.stderr
    (ranking,) = read_rankings(folder / "out.jsonl")
    assert [reply[-1].content for reply in ranking.replies] == ["reply 2", "reply 1"]
    assert ranking.prompt[-1].content == "Who helps? [e-mail]?"
    assert {tool["function"]["name"] for tool in ranking.tools} == {"math", "search"}
    lines = [re.sub(" +", " ", line.strip()) for line in done.stdout.splitlines()]
    assert lines[0].startswith("1 rankings, in ")
    assert "1 thumbs" in lines
    assert "0 left out" in lines
    assert "2 e-mail" in lines
    (shown,) = [json.loads(line) for line in (folder / "demo.jsonl").read_text().splitlines()]
    assert [message["role"] for message in shown["messages"]] == ["system", "user", "assistant"]
    assert (folder / "out.jsonl").stat().st_mode & 0o777 == 0o600
    assert (folder / "demo.jsonl").stat().st_mode & 0o777 == 0o600


def test_demonstrations_are_read_by_the_stage_that_learns_from_them(here, talk, folder):
    from pericles.policies.training.recipe.data import JsonLines
    from pericles.policies.training.sources.conversations import read_conversations

    talk("hello", "/consent yes", "/edit", "Hello to you.", ".", session="talk")
    done = here(
        "feedback", "export", "--out", str(folder / "out.jsonl"), "--demonstrations", str(folder / "demo.jsonl")
    )
    assert done.returncode == 0, done.stderr
    (row,) = read_conversations([JsonLines(source="jsonl", path=str(folder / "demo.jsonl"))])
    assert row["messages"][-1]["content"] == "Hello to you."


def mistake(done, told):
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_export_says_what_is_missing(here, talk, folder):
    out = ("feedback", "export", "--out", str(folder / "out.jsonl"))
    mistake(here(*out), "there is no feedback in")
    talk("hello", "/good", "n", session="talk")
    mistake(here(*out), "nothing was written")
    assert not (folder / "out.jsonl").exists()
    mistake(here(*out, "--store", str(folder / "other.sqlite")), "there is no session store")
    mistake(here(*out, "--feedback", str(folder / "none.jsonl")), "none.jsonl")


def test_export_counts_what_has_no_consent(here, talk, folder):
    talk("hello", "/good", "n", session="talk")
    done = here("feedback", "export", "--out", str(folder / "out.jsonl"))
    assert re.search(r"1 +no consent", done.stdout)


def test_another_store_and_log_can_be_named(here, talk, folder, monkeypatch):
    monkeypatch.setenv("PERICLES_SESSIONS", str(folder / "kept.sqlite"))
    monkeypatch.setenv("PERICLES_FEEDBACK", str(folder / "said.jsonl"))
    talk("hello", "/consent yes", "/bad", "/again", "/good", policy=Counting(), session="talk")
    monkeypatch.delenv("PERICLES_SESSIONS")
    monkeypatch.delenv("PERICLES_FEEDBACK")
    store, log = str(folder / "kept.sqlite"), str(folder / "said.jsonl")
    done = here("feedback", "export", "--out", str(folder / "out.jsonl"), "--store", store, "--feedback", log)
    assert done.returncode == 0, done.stderr
    assert len(read_rankings(folder / "out.jsonl")) == 1
    assert len(asyncio.run(SessionStore(store).list())) == 1
