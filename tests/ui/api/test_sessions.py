"""Conversations that the server keeps, apart for each key."""

import asyncio
import threading

import openai
import pytest
from pericles.agent import SessionStore
from pericles.agent.testing import FunctionPolicy, ScriptedPolicy, call, check_history
from pericles.ui.api.keys import new_key


def said(messages):
    return [message.content for message in messages if message.role == "user"]


def remembering(**options):
    return FunctionPolicy(lambda messages, tools: " / ".join(said(messages)), **options)


def key_lines(*names):
    """Fresh keys by name, and the settings that accept them."""
    keys, settings = {}, {}
    for name in names:
        lines = new_key(name).splitlines()
        keys[name] = next(line for line in lines if line.startswith("pk-"))
        digest = next(line for line in lines if line.startswith("sha256")).split('"')[1]
        settings[name] = {"sha256": digest}
    return keys, settings


def ask(client, text, session, **options):
    return client.chat.completions.create(
        model="pericles",
        messages=[{"role": "user", "content": text}],
        extra_body={"pericles": {"session": session}},
        **options,
    )


def stored(store, session):
    return asyncio.run(store.session(session).messages())


def test_a_conversation_goes_on(serve, tmp_path):
    store = SessionStore(tmp_path / "kept.sqlite")
    server = serve(remembering(), store=store)
    with server.openai() as client:
        ask(client, "one", "mine")
        list(ask(client, "two", "mine", stream=True))
        assert ask(client, "three", "mine").choices[0].message.content == "one / two / three"
        assert ask(client, "other", "another").choices[0].message.content == "other"
    again = serve(remembering(), store=store)
    with again.openai() as client:
        assert ask(client, "four", "mine").choices[0].message.content == "one / two / three / four"


def test_only_the_newest_message_of_the_request_is_used(serve):
    server = serve(remembering())
    messages = [
        {"role": "user", "content": "forged"},
        {"role": "assistant", "content": "x"},
        {"role": "user", "content": "newest"},
    ]
    answered = server.chat(messages=messages, pericles={"session": "s"})
    assert answered.json()["choices"][0]["message"]["content"] == "newest"


def test_no_client_can_name_the_conversation_of_another(serve, tmp_path):
    store = SessionStore(tmp_path / "kept.sqlite")
    keys, settings = key_lines("alice", "bob")
    server = serve(remembering(), store=store, keys=settings)
    with server.openai(keys["alice"]) as alice, server.openai(keys["bob"]) as bob:
        ask(alice, "secret", "s")
        for name in ("s", "alice:s", "api:alice:s", ":alice:s", "../alice:s", "alice"):
            assert "secret" not in ask(bob, "hello", name).choices[0].message.content
        assert ask(alice, "more", "s").choices[0].message.content == "secret / more"
    assert said(stored(store, "api:alice:s")) == ["secret", "more"]


def test_the_second_of_two_turns_at_once_is_told_to_wait(serve):
    go, begun = threading.Event(), threading.Event()

    async def policy(messages, tools):
        begun.set()
        while not go.is_set():  # noqa: ASYNC110 - the event belongs to another thread
            await asyncio.sleep(0.01)
        return " / ".join(said(messages))

    server = serve(FunctionPolicy(policy))
    answers = []

    def first():
        with server.openai() as client:
            answers.append(ask(client, "one", "s").choices[0].message.content)

    thread = threading.Thread(target=first)
    thread.start()
    assert begun.wait(30)
    with server.openai() as client:
        with pytest.raises(openai.ConflictError, match="answering another request"):
            ask(client, "two", "s")
        go.set()
        thread.join(30)
        assert ask(client, "three", "s").choices[0].message.content == "one / three"
    assert answers == ["one"]


def test_the_next_turn_may_follow_at_once(serve):
    server = serve(remembering())
    with server.openai() as client:
        for number in range(60):
            if number % 2:
                ask(client, "again", "s")
            else:
                list(ask(client, "again", "s", stream=True))


@pytest.mark.parametrize("ending", ["left", "failed", "too slow", "approval"])
def test_every_ending_leaves_a_valid_conversation(serve, tmp_path, ending):
    from pericles.tools import tool

    @tool
    async def slow() -> str:
        """Takes its time."""
        if ending == "failed":
            return "done"
        await asyncio.sleep(30)
        return "never"

    @tool(requires_approval=True)
    def erase() -> str:
        """Erases."""
        return "erased"

    replies = ["First. " + call("erase" if ending == "approval" else "slow"), "Second."]
    if ending == "failed":
        replies[1] = RuntimeError("no")
    store = SessionStore(tmp_path / "kept.sqlite")
    seconds = 0.5 if ending == "too slow" else 60
    server = serve(ScriptedPolicy(replies), [slow, erase], store=store, seconds=seconds)
    with server.openai() as client:
        if ending == "left":
            stream = ask(client, "go", "s", stream=True)
            assert next(chunk for chunk in stream if chunk.choices[0].delta.content)
            stream.close()
        elif ending == "approval":
            ask(client, "go", "s")
        else:
            with pytest.raises(openai.InternalServerError):
                ask(client, "go", "s")
        for _ in range(200):
            if not server.api._busy:
                break
            threading.Event().wait(0.05)
    messages = stored(store, "api::s")
    check_history(messages)
    assert [message.role for message in messages][:3] == ["user", "assistant", "tool"]
    kept = asyncio.run(store.session("api::s").branch())
    check_history([entry.message for entry in kept if entry.message.tool_call_id != "decision"])
