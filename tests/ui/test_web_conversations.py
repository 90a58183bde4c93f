import asyncio

from pericles.agent import Agent, TextDelta
from pericles.policies.engines.messages import ReplyFinished, TextPiece
from pericles.policies.engines.scripted import ScriptedPolicy
from pericles.ui.web_conversations import PAINTS_PER_SECOND, Conversation, Conversations


class Waiting(ScriptedPolicy):
    """Says one word and waits until it is stopped."""

    def __init__(self):
        super().__init__(["unused"])
        self.closed = 0
        self.ended = asyncio.Event()

    async def stream(self, messages, **options):
        try:
            yield TextPiece("one")
            await asyncio.Event().wait()
        finally:
            self.closed += 1
            self.ended.set()


class Fast(ScriptedPolicy):
    """Says 300 words, giving way after each."""

    def __init__(self):
        super().__init__(["unused"])

    async def stream(self, messages, **options):
        for _ in range(300):
            yield TextPiece("word ")
            await asyncio.sleep(0)
        yield ReplyFinished("stop")


def texts(conversation):
    return [message["content"][0]["text"] for message in conversation.transcript.messages()]


async def until_shown(conversation, changes, text):
    async for _ in changes:
        if text in texts(conversation):
            return


def test_a_turn_is_painted_to_its_end_and_not_more_often_than_the_eye_sees():
    async def scenario():
        conversation, paints = Conversation(), 0
        start = asyncio.get_running_loop().time()
        async for _ in conversation.answer(Agent(Fast()), "hello"):
            paints += 1
        seconds = asyncio.get_running_loop().time() - start
        assert not conversation.busy
        assert texts(conversation) == ["hello", "word " * 300]
        assert paints <= seconds * PAINTS_PER_SECOND + 2

    asyncio.run(scenario())


def test_stop_leaves_a_valid_history_and_the_next_turn_starts_at_once():
    async def scenario():
        conversation, policy = Conversation(), Waiting()
        changes = conversation.answer(Agent(policy), "hello")
        await until_shown(conversation, changes, "one")
        assert not await conversation.free()
        conversation.stop()
        assert await conversation.free()
        assert policy.closed == 1
        async for _ in changes:
            pass
        assert texts(conversation) == ["hello", "one", "*Stopped.*"]
        async for _ in conversation.answer(Agent(ScriptedPolicy(["never", "two"])), "more"):
            pass
        assert [message.content for message in await conversation.session.messages()] == ["hello", "one", "more", "two"]

    asyncio.run(scenario())


def test_a_turn_stopped_before_it_started_says_nothing():
    async def scenario():
        conversation, policy = Conversation(), Waiting()
        changes = conversation.answer(Agent(policy), "hello")
        await anext(changes)
        conversation.stop()
        async for _ in changes:
            pass
        assert texts(conversation)[-1] == "*Stopped.*"

    asyncio.run(scenario())


def test_a_connection_that_breaks_cancels_the_turn():
    async def scenario():
        conversation, policy = Conversation(), Waiting()
        changes = conversation.answer(Agent(policy), "hello")
        await until_shown(conversation, changes, "one")
        await changes.aclose()
        await asyncio.wait_for(policy.ended.wait(), 30)
        assert policy.closed == 1

    asyncio.run(scenario())


def test_a_new_chat_in_the_middle_of_an_answer_shows_nothing_of_it():
    async def scenario():
        conversation = Conversation()
        changes = conversation.answer(Agent(Waiting()), "hello")
        await until_shown(conversation, changes, "one")
        conversation.start_over()
        assert await conversation.free()
        async for _ in changes:
            pass
        assert texts(conversation) == []
        assert await conversation.session.messages() == []

    asyncio.run(scenario())


def test_a_fault_of_ours_is_a_sentence_on_the_page_and_a_traceback_in_the_log(monkeypatch, caplog):
    async def scenario():
        conversation = Conversation()
        apply = conversation.transcript.apply

        def broken(event):
            if isinstance(event, TextDelta):
                raise KeyError("a secret")
            apply(event)

        monkeypatch.setattr(conversation.transcript, "apply", broken)
        async for _ in conversation.answer(Agent(ScriptedPolicy(["hi"])), "hello"):
            pass
        assert "its log says what" in texts(conversation)[-1]
        assert "secret" not in texts(conversation)[-1]
        assert not conversation.busy

    asyncio.run(scenario())
    assert "a secret" in caplog.text


def test_each_page_has_its_own_conversation():
    conversations = Conversations()
    assert conversations.open("a") is conversations.open("a")
    assert conversations.open("a") is not conversations.open("b")


def test_what_was_not_used_for_longest_is_forgotten_first():
    conversations = Conversations(max_conversations=2)
    first, second = conversations.open("a"), conversations.open("b")
    conversations.open("a")
    conversations.open("c")
    assert len(conversations) == 2
    assert conversations.open("a") is first
    assert conversations.open("b") is not second


def test_idle_conversations_are_forgotten():
    conversations = Conversations(idle_seconds=0)
    for page in "abc":
        conversations.open(page)
    assert len(conversations) == 1


def test_a_page_that_is_left_stops_its_turn():
    async def scenario():
        conversations, policy = Conversations(), Waiting()
        conversation = conversations.open("a")
        changes = conversation.answer(Agent(policy), "hello")
        await until_shown(conversation, changes, "one")
        conversations.leave("a")
        conversations.leave("never seen")
        assert await conversation.free()
        assert policy.closed == 1
        await changes.aclose()

    asyncio.run(scenario())
