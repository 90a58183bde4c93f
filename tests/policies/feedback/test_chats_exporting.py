"""Stored conversations and what was said about them become rankings and demonstrations."""

import asyncio
import json

import pytest
from pericles.agent import Agent, Message, SessionStore, ToolCall
from pericles.agent.testing import FunctionPolicy, ScriptedPolicy, call, chat
from pericles.policies.engines import LOOP
from pericles.policies.feedback import read_rankings, write_rankings
from pericles.policies.feedback.chats import (
    Again,
    Edit,
    FeedbackLog,
    Thumb,
    chat_demonstrations,
    chat_rankings,
)
from pericles.policies.feedback.tamer.records import LiveClick


class Kept:
    """A conversation in a store, which branches as a user makes it branch."""

    def __init__(self, tmp_path, id="s"):
        self.store = SessionStore(tmp_path / "sessions.sqlite")
        self.log = FeedbackLog(tmp_path / "feedback.jsonl")
        self.session = self.store.session(id)

    def say(self, *messages, after=...):
        """Writes messages behind the end of the active branch, or another entry; returns the last one's id."""
        made = [one if isinstance(one, Message) else Message(*one) for one in messages]
        if after is ...:
            branch = asyncio.run(self.session.branch())
            after = branch[-1].id if branch else None
        return asyncio.run(self.session.append(made, after=after))[-1].id

    def ask(self, text="Which?", after=...):
        return self.say(("user", text), after=after)

    def reply(self, text, after=...):
        return self.say(("assistant", text), after=after)

    def thumb(self, id, value, consent=True, rater="human:ann", **fields):
        self.log.add(Thumb(session=self.session.id, message_id=id, value=value, rater=rater, consent=consent, **fields))

    def edit(self, id, text, consent=True, rater="human:ann"):
        self.log.add(Edit(session=self.session.id, message_id=id, text=text, rater=rater, consent=consent))

    def again(self, id, consent=True):
        self.log.add(Again(session=self.session.id, message_id=id, rater="human:ann", consent=consent))

    def click(self, id, value, time=1.0, segment=0):
        return LiveClick(self.session.id, id, segment, 0.0, 2.0, time, value, "human:ann")

    def rankings(self, **options):
        return chat_rankings(self.store, self.log, **options)


@pytest.fixture
def kept(tmp_path):
    return Kept(tmp_path)


def texts(ranking):
    return [reply[-1].content for reply in ranking.replies]


def test_a_good_reply_is_above_a_bad_one_to_the_same_question(kept):
    question = kept.ask("Which is it?")
    bad = kept.reply("This.", question)
    good = kept.reply("That.", question)
    kept.thumb(bad, -1, reasons=("wrong",))
    kept.thumb(good, 1)
    exported = kept.rankings()
    (ranking,) = exported.rankings
    assert (texts(ranking), ranking.ranks) == (["That.", "This."], (1, 2))
    assert (ranking.rater, ranking.confidence, ranking.weight) == ("human:ann", 1.0, 1.0)
    assert (ranking.comment, ranking.consent, ranking.prompt) == ("wrong", True, (Message("user", "Which is it?"),))
    assert (exported.made, exported.left_out) == ({"thumbs": 1}, {})


def test_a_correction_is_above_what_it_corrects_and_that_above_what_is_bad(kept):
    question = kept.ask()
    bad = kept.reply("Bad.", question)
    good = kept.reply("Good.", question)
    kept.thumb(bad, -1)
    kept.thumb(good, 1)
    kept.edit(good, "Best.")
    (ranking,) = kept.rankings().rankings
    assert (texts(ranking), ranking.ranks) == (["Best.", "Good.", "Bad."], (1, 2, 3))


def test_what_is_not_said_makes_no_tie(kept):
    question = kept.ask()
    ids = [kept.reply(text, question) for text in ("Bad.", "Worse?", "Unsaid.", "Good.")]
    kept.thumb(ids[0], -1)
    kept.thumb(ids[1], -1)
    kept.thumb(ids[3], 1)
    said = [one for one in kept.rankings().rankings if one.rater == "human:ann"]
    assert sorted(map(texts, said)) == [["Good.", "Bad."], ["Good.", "Worse?"]]
    assert all(ranking.ranks == (1, 2) for ranking in said)
    assert sum(ranking.weight for ranking in said) == 1


def test_a_thumb_alone_makes_no_ranking_and_is_counted(kept):
    kept.ask()
    kept.thumb(kept.reply("Yes."), 1)
    exported = kept.rankings()
    assert exported.rankings == []
    assert exported.left_out == {"a thumb without another reply to compare with": 1}


def test_a_bad_reply_that_was_corrected_is_not_counted_as_left_out(kept):
    kept.ask()
    bad = kept.reply("Bad.")
    kept.thumb(bad, -1)
    kept.edit(bad, "Good.")
    exported = kept.rankings()
    assert [texts(ranking) for ranking in exported.rankings] == [["Good.", "Bad."]]
    assert exported.left_out == {}


def test_two_raters_make_two_rankings_and_may_differ(kept):
    question = kept.ask()
    one, two = kept.reply("One.", question), kept.reply("Two.", question)
    for rater, value in (("human:ann", 1), ("human:bob", -1)):
        kept.thumb(one, value, rater=rater)
        kept.thumb(two, -value, rater=rater)
    found = {ranking.rater: texts(ranking) for ranking in kept.rankings().rankings}
    assert found == {"human:ann": ["One.", "Two."], "human:bob": ["Two.", "One."]}


def test_the_regeneration_that_was_continued_is_above_those_that_were_left(kept):
    question = kept.ask()
    first = kept.reply("First.", question)
    kept.reply("Second.", question)
    kept.ask("And then?")
    kept.again(first)
    (ranking,) = kept.rankings().rankings
    assert texts(ranking) == ["Second.", "First."]
    assert (ranking.confidence, ranking.rater) == (0.5, "rule:continued")


def test_going_back_to_the_first_reply_prefers_the_first(kept):
    question = kept.ask()
    first = kept.reply("First.", question)
    kept.reply("Second.", question)
    kept.ask("On from the first.", after=first)
    kept.again(first)
    assert texts(kept.rankings().rankings[0]) == ["First.", "Second."]


def test_a_reply_that_only_stands_last_counts_less_than_one_that_was_continued(kept):
    question = kept.ask()
    kept.again(kept.reply("First.", question))
    kept.reply("Second.", question)
    (ranking,) = kept.rankings().rankings
    assert (texts(ranking), ranking.confidence) == (["Second.", "First."], 0.25)


def test_several_continued_regenerations_say_nothing(kept):
    question = kept.ask()
    for text in ("First.", "Second."):
        kept.again(kept.reply(text, question))
        kept.ask("Go on.")
    exported = kept.rankings()
    assert exported.rankings == []
    assert exported.left_out == {"the user went on from several replies, or left them all": 1}


def test_an_edited_question_is_another_prompt(kept):
    opening = kept.reply("Hello.", kept.ask("Hi"))
    for question, reply in (("Tell me of cats.", "Cats."), ("Tell me of dogs.", "Dogs.")):
        kept.again(kept.reply(reply, kept.ask(question, after=opening)))
    assert kept.rankings().rankings == []


def test_what_was_said_beats_what_was_done(kept):
    question = kept.ask()
    good = kept.reply("Good.", question)
    bad = kept.reply("Bad.", question)
    kept.ask("On from the bad one.")
    kept.thumb(good, 1)
    kept.thumb(bad, -1)
    exported = kept.rankings()
    assert [texts(ranking) for ranking in exported.rankings] == [["Good.", "Bad."]]
    assert exported.left_out == {"a kept reply that was called bad, or one left that was called good": 1}


def test_a_pair_is_not_counted_once_more_for_being_continued(kept):
    question = kept.ask()
    bad, good = kept.reply("Bad.", question), kept.reply("Good.", question)
    kept.ask("On.")
    kept.thumb(bad, -1)
    kept.thumb(good, 1)
    assert [ranking.rater for ranking in kept.rankings().rankings] == ["human:ann"]


def test_without_consent_nothing_is_exported(kept):
    question = kept.ask()
    one, two = kept.reply("One.", question), kept.reply("Two.", question)
    kept.thumb(one, 1, consent=False)
    kept.thumb(two, -1, consent=False)
    kept.edit(two, "Three.", consent=False)
    exported = kept.rankings()
    assert exported.rankings == []
    assert exported.left_out == {"no consent": 4}  # that which was done, too
    assert chat_demonstrations(kept.store, kept.log).demonstrations == []


def test_conversations_of_which_nothing_was_said_are_not_read(kept):
    question = kept.ask()
    kept.reply("One.", question)
    kept.reply("Two.", question)
    kept.ask("On.")
    assert kept.rankings().rankings == []


def test_what_is_not_stored_any_more_is_counted(kept):
    kept.ask()
    kept.thumb("0" * 24, 1)
    kept.reply("x")
    kept.log.add(Thumb(session="gone", message_id="m", value=1, rater="human:ann", consent=True))
    assert kept.rankings().left_out == {
        "the reply is not stored, or broke off": 1,
        "the conversation is not stored any more": 1,
    }


def test_replies_that_broke_off_or_say_the_same_are_left_out(kept):
    question = kept.ask()
    cut = kept.say(Message("assistant", "Half an", meta={"cut_off": True}), after=question)
    one, same = kept.reply("One.", question), kept.reply("One.", question)
    kept.thumb(cut, -1)
    kept.thumb(one, 1)
    kept.thumb(same, -1)
    exported = kept.rankings()
    assert exported.rankings == []
    assert exported.left_out["the reply is not stored, or broke off"] == 1
    assert exported.left_out["the replies are the same"] == 1


def test_replies_hold_their_calls_and_results_and_no_notes(kept):
    question = kept.ask("2+2?")
    sum_ = ToolCall("c1", "math", {"query": "2+2"})
    right = kept.say(
        Message("assistant", "", (sum_,), meta={"reasoning": "private"}),
        Message("tool", "4", tool_call_id="c1", name="math", meta={"result": {"data": "private"}}),
        ("assistant", "Four."),
        after=question,
    )
    kept.thumb(kept.reply("Five.", question), -1)
    kept.thumb(right, 1)
    (ranking,) = kept.rankings(tools=[{"type": "function", "function": {"name": "math"}}]).rankings
    assert [message.role for message in ranking.replies[0]] == ["assistant", "tool", "assistant"]
    assert ranking.replies[0][0].tool_calls == (sum_,)
    assert ranking.tools[0]["function"]["name"] == "math"
    assert "private" not in json.dumps(ranking.to_dict())


def test_prompts_are_whole_conversations_without_the_agents_summaries(kept):
    kept.say(("user", "One"), ("assistant", "1"), Message("system", "Summary", name="summary", meta={"covers": 2}))
    question = kept.ask("Two")
    kept.thumb(kept.reply("Bad.", question), -1)
    kept.thumb(kept.reply("Good.", question), 1)
    (ranking,) = kept.rankings().rankings
    assert [message.content for message in ranking.prompt] == ["One", "1", "Two"]


def test_personal_data_is_taken_out_everywhere(kept):
    question = kept.ask("I am ann@example.org, call +49 30 901820")
    mail = ToolCall("c1", "mail", {"to": "ann@example.org"})
    bad = kept.say(
        Message("assistant", "", (mail,)),
        Message("tool", "sent to ann@example.org", tool_call_id="c1", name="mail"),
        ("assistant", "Sent to ann@example.org."),
        after=question,
    )
    kept.thumb(bad, -1, comment="not to ann@example.org")
    kept.thumb(kept.reply("Your number is +49 30 901820.", question), 1)
    exported = kept.rankings()
    written = json.dumps(exported.rankings[0].to_dict())
    assert "ann@" not in written
    assert "901820" not in written
    assert exported.redacted == {"e-mail": 4, "phone": 2}
    assert "human:ann" in written


def test_names_of_conversations_are_not_exported(tmp_path):
    kept = Kept(tmp_path, "my divorce")
    question = kept.ask()
    kept.thumb(kept.reply("Bad.", question), -1)
    kept.thumb(kept.reply("Good.", question), 1)
    assert "divorce" not in json.dumps(kept.rankings().rankings[0].to_dict())


def test_the_export_is_the_same_every_time_and_reads_back(kept, tmp_path):
    question = kept.ask()
    for text in ("One.", "Two.", "Three."):
        kept.thumb(kept.reply(text, question), 1 if text == "Two." else -1)
    kept.edit(kept.reply("Four.", question), "Five.")
    first, again = kept.rankings(), kept.rankings()
    assert first == again
    assert len({ranking.id for ranking in first.rankings}) == len(first.rankings) > 2
    write_rankings(tmp_path / "out.jsonl", first.rankings)
    assert read_rankings(tmp_path / "out.jsonl") == first.rankings


def test_what_json_cannot_hold_does_not_spoil_the_rest(kept):
    for text in ("whole", "half \ud800"):
        question = kept.ask(text, after=None)
        kept.thumb(kept.reply("Bad.", question), -1)
        kept.thumb(kept.reply("Good.", question), 1)
    exported = kept.rankings()
    assert [ranking.prompt[0].content for ranking in exported.rankings] == ["whole"]
    assert exported.left_out == {"a text or number that JSON cannot hold": 1}


def test_clicks_sum_to_a_thumb_that_counts_half(kept):
    question = kept.ask()
    one, two = kept.reply("One.", question), kept.reply("Two.", question)
    kept.again(one)
    # A click is written for each piece that it may be about, and counts once.
    clicks = [kept.click(one, 1, 1.0), kept.click(one, 1, 1.0, segment=1), kept.click(one, -1, 1.5)]
    clicks += [kept.click(one, 1, 1.7), kept.click(two, -1)]
    found = [one for one in kept.rankings(clicks=clicks).rankings if one.rater == "human:ann"]
    assert [(texts(ranking), ranking.confidence) for ranking in found] == [(["One.", "Two."], 0.5)]
    kept.thumb(one, -1)
    kept.thumb(two, 1)
    found = [one for one in kept.rankings(clicks=clicks).rankings if one.rater == "human:ann"]
    assert [(texts(ranking), ranking.confidence) for ranking in found] == [(["Two.", "One."], 1.0)]


def test_clicks_count_with_the_consent_for_their_conversation_alone(kept):
    question = kept.ask()
    one, two = kept.reply("One.", question), kept.reply("Two.", question)
    clicks = [kept.click(one, 1), kept.click(two, -1)]
    assert kept.rankings(clicks=clicks).left_out == {"no consent": 2}
    kept.again(one, consent=False)
    assert kept.rankings(clicks=clicks).rankings == []


def test_good_and_corrected_replies_become_demonstrations(kept):
    kept.ask("Who are you? I am ann@example.org")
    kept.thumb(kept.reply("Pericles."), 1)
    kept.ask("And then?")
    kept.edit(kept.reply("Dunno."), "That is all.")
    kept.ask("Bye")
    kept.reply("Unsaid.")
    found = chat_demonstrations(kept.store, kept.log, instructions="Be brief.")
    (one,) = found.demonstrations
    assert [message.content for message in one.messages] == [
        "Be brief.",
        "Who are you? I am [e-mail]",
        "Pericles.",
        "And then?",
        "That is all.",
    ]
    assert (one.rater, one.consent, found.redacted) == ("human:ann", True, {"e-mail": 1})
    assert found.left_out == {"a longer demonstration begins with it": 1}


def test_nobody_learns_from_a_bad_reply_on_the_way_to_a_good_one(kept):
    kept.ask("One?")
    kept.thumb(kept.reply("Bad."), -1)
    kept.ask("Two?")
    kept.thumb(kept.reply("Good."), 1)
    found = chat_demonstrations(kept.store, kept.log)
    assert found.demonstrations == []
    assert found.left_out == {"an earlier reply of the conversation was called bad": 1}


def test_demonstrations_call_known_tools_only_and_hold_no_corrections_of_the_agent(kept):
    question = kept.ask("2+2?")
    sum_ = ToolCall("c1", "math", {"query": "2+2"})
    with_call = kept.say(
        Message("assistant", "", (sum_,)),
        Message("tool", "4", tool_call_id="c1", name="math"),
        ("assistant", "Four."),
        after=question,
    )
    corrected = kept.say(
        ("assistant", "Hm."), Message("user", "Answer.", name=LOOP), ("assistant", "4."), after=question
    )
    kept.thumb(with_call, 1)
    kept.thumb(corrected, 1)
    found = chat_demonstrations(kept.store, kept.log)
    assert found.left_out == {
        "a call of a tool whose schema is not known": 1,
        "the agent had told the policy what was wrong": 1,
    }
    math = {"type": "function", "function": {"name": "math"}}
    assert len(chat_demonstrations(kept.store, kept.log, tools=[math]).demonstrations) == 1


def test_turns_of_a_real_agent_are_exported(kept):
    replies = [call("double", n=21), "It is 42."]

    def double(n: int) -> str:
        """Doubles.

        Args:
            n: what.
        """
        return str(2 * n)

    agent = Agent(ScriptedPolicy(replies), [double])
    chat(agent, "Twice 21?", session=kept.session)
    branch = asyncio.run(kept.session.branch())
    asyncio.run(kept.session.switch(branch[0].id))
    other = Agent(FunctionPolicy(lambda messages, tools: "No idea."))
    asyncio.run(other.run(None, session=kept.session))
    kept.thumb(branch[-1].id, 1)
    kept.thumb(asyncio.run(kept.session.branch())[-1].id, -1)
    (ranking,) = kept.rankings(tools=agent.tools.schemas()).rankings
    assert [message.role for message in ranking.replies[0]] == ["assistant", "tool", "assistant"]
    assert texts(ranking) == ["It is 42.", "No idea."]
