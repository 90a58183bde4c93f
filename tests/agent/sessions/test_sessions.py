"""Every kind of session keeps the same promises: a tree of messages, one active branch, nothing lost."""

import asyncio
import threading

import pytest
from pericles.agent import Agent, Message, Session, SessionError
from pericles.agent.sessions import newest_leaf
from pericles.policies import ScriptedPolicy


def do(coroutine):
    return asyncio.run(coroutine)


def said(session):
    return [message.content for message in do(session.messages())]


def add(session, *texts, after=None):
    """Appends texts, a user's and an assistant's in turn; returns their entries."""
    messages = [Message("assistant" if number % 2 else "user", text) for number, text in enumerate(texts)]
    return do(session.append(messages, after=after))


def whole(entries):
    return [entry.to_dict() for entry in entries]


def test_it_is_a_session(session):
    assert isinstance(session, Session)


def test_a_new_session_is_empty(session):
    assert (do(session.entries()), do(session.branch()), do(session.messages())) == ([], [], [])


def test_messages_come_back_as_they_were(session, exchange):
    first = do(session.append(exchange[:2], after=None))
    do(session.append(exchange[2:], after=first[-1].id))
    assert [message.to_dict() for message in do(session.messages())] == [message.to_dict() for message in exchange]


def test_what_was_written_is_returned_as_it_is_read(session, exchange):
    written = do(session.append(exchange, after=None))
    assert whole(written) == whole(do(session.branch())) == whole(do(session.entries()))


def test_each_entry_follows_the_one_before(session):
    entries = add(session, "a", "b", "c")
    assert [entry.parent_id for entry in entries] == [None, entries[0].id, entries[1].id]


def test_nothing_is_a_valid_addition(session):
    assert do(session.append([], after=None)) == []
    assert said(session) == []


def test_an_edit_is_a_branch(session):
    question, _ = add(session, "hello", "hi")
    add(session, "good morning", "good morning to you", after=question.parent_id)
    assert said(session) == ["good morning", "good morning to you"]
    assert len(do(session.entries())) == 4


def test_another_reply_is_a_branch(session):
    question, _ = add(session, "hello", "hi")
    add(session, "hey", after=question.id)
    assert said(session) == ["hello", "hey"]


def test_switching_shows_another_branch_and_goes_on_there(session):
    question, first = add(session, "hello", "hi")
    add(session, "hey", after=question.id)
    do(session.switch(first.id))
    assert said(session) == ["hello", "hi"]
    add(session, "more", after=first.id)
    assert said(session) == ["hello", "hi", "more"]


def test_switching_to_the_middle_shows_what_leads_there(session):
    entries = add(session, "a", "b", "c", "d")
    do(session.switch(entries[1].id))
    assert said(session) == ["a", "b"]


def test_switching_to_before_the_first_message_shows_nothing_and_keeps_all(session):
    entries = add(session, "a", "b")
    do(session.switch(None))
    assert (said(session), whole(do(session.entries()))) == ([], whole(entries))


def test_the_newest_leaf_leads_back_to_a_branch(session):
    question, first = add(session, "hello", "hi")
    left = add(session, "left", "left too", after=first.id)
    add(session, "right", after=question.id)
    assert newest_leaf(do(session.entries()), first.id) == left[-1].id
    do(session.switch(newest_leaf(do(session.entries()), first.id)))
    assert said(session) == ["hello", "hi", "left", "left too"]


def test_replies_side_by_side(session):
    (question,) = add(session, "hello")
    replies = [add(session, f"reply {number}", after=question.id)[0] for number in range(9)]
    assert {entry.parent_id for entry in replies} == {question.id}
    for number, reply in enumerate(replies):
        do(session.switch(reply.id))
        assert said(session) == ["hello", f"reply {number}"]


STRANGE_IDS = ["nothing", "", "x" * 500, "'; DROP TABLE messages; --", "é", "\0", "\udcff"]


@pytest.mark.parametrize("entry_id", STRANGE_IDS, ids=range(len(STRANGE_IDS)))
def test_an_unknown_entry_is_an_error_and_changes_nothing(session, entry_id):
    add(session, "hello", "hi")
    with pytest.raises(SessionError, match="has no entry"):
        do(session.append([Message("user", "lost")], after=entry_id))
    with pytest.raises(SessionError, match="has no entry"):
        do(session.switch(entry_id))
    assert said(session) == ["hello", "hi"]
    assert len(do(session.entries())) == 2


def test_a_cleared_session_starts_anew(session):
    entries = add(session, "hello", "hi")
    do(session.clear())
    assert (said(session), do(session.entries())) == ([], [])
    with pytest.raises(SessionError):
        add(session, "more", after=entries[-1].id)
    add(session, "again")
    assert said(session) == ["again"]


def test_a_huge_message_comes_back(session):
    text = "0123456789" * 500_000
    add(session, text)
    assert said(session) == [text]


def test_tasks_that_write_at_once_make_branches(session):
    (root,) = add(session, "root")

    async def main():
        messages = [[Message("user", f"{number}"), Message("assistant", f"to {number}")] for number in range(30)]
        return await asyncio.gather(*(session.append(pair, after=root.id) for pair in messages))

    written = do(main())
    assert len(do(session.entries())) == 61
    for number, (asked, answered) in enumerate(written):
        assert (asked.parent_id, answered.parent_id) == (root.id, asked.id)
        do(session.switch(answered.id))
        assert said(session) == ["root", f"{number}", f"to {number}"]


def test_entries_written_together_stay_together(session):
    async def main():
        messages = [[Message("user", f"{number} {part}") for part in range(5)] for number in range(20)]
        await asyncio.gather(*(session.append(group, after=None) for group in messages))
        return [entry.message.content for entry in await session.entries()]

    order = do(main())
    for start in range(0, 100, 5):
        number = order[start].split()[0]
        assert order[start : start + 5] == [f"{number} {part}" for part in range(5)]


def test_threads_that_write_at_once_lose_nothing(session):
    def write(name):
        after = None
        for number in range(10):
            after = add(session, f"{name} {number}", after=after)[-1].id

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = do(session.entries())
    assert len(entries) == 40
    for name in "abcd":
        last = next(entry for entry in entries if entry.message.content == f"{name} 9")
        do(session.switch(last.id))
        assert said(session) == [f"{name} {number}" for number in range(10)]


def test_an_agent_continues_the_active_branch(session):
    Agent(ScriptedPolicy(["First."])).run_sync("one", session=session)
    Agent(ScriptedPolicy(["a", "Second."])).run_sync("two", session=session)
    assert said(session) == ["one", "First.", "two", "Second."]
