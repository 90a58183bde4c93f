"""`POST /v1/feedback`: what clients say about replies in conversations that the server keeps for them."""

import asyncio

import pytest
from pericles.agent import SessionStore
from pericles.agent.testing import FunctionPolicy
from pericles.policies.feedback.chats import FeedbackLog, chat_rankings
from pericles.ui.api.keys import new_key


def key_lines(*names):
    """Fresh keys by name, and the settings that accept them."""
    keys, settings = {}, {}
    for name in names:
        lines = new_key(name).splitlines()
        keys[name] = next(line for line in lines if line.startswith("pk-"))
        digest = next(line for line in lines if line.startswith("sha256")).split('"')[1]
        settings[name] = {"sha256": digest}
    return keys, settings


@pytest.fixture
def log(tmp_path, monkeypatch):
    monkeypatch.setenv("PERICLES_FEEDBACK", str(tmp_path / "feedback.jsonl"))
    return FeedbackLog()


@pytest.fixture
def server(serve, log, echoing_policy):
    return serve(echoing_policy())


def said(server, text="hi", session="s", **options):
    """The id of the reply to a message."""
    answer = server.chat(text, pericles={"session": session}, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()["pericles"]["message_id"]


def give(server, headers=None, **body):
    with server.http() as client:
        return client.post("/v1/feedback", json=body, headers=headers)


def as_client(key):
    return {"authorization": f"Bearer {key}"}


def test_what_is_said_about_a_reply_is_kept(server, log):
    id = said(server)
    given = give(server, session="s", message_id=id, value=-1, reasons=["too long"], comment="no", consent=True)
    assert given.status_code == 200, given.text
    assert given.json() == {
        "object": "feedback",
        "session": "s",
        "message_id": id,
        "value": -1,
        "edited": False,
        "consent": True,
    }
    (kept,) = log.current()
    assert (kept.session, kept.message_id, kept.value, kept.consent) == ("api::s", id, -1, True)
    assert (kept.reasons, kept.comment, kept.rater) == (("too long",), "no", "human:api:anybody")


def test_a_streamed_answer_tells_the_same_id_in_its_last_chunk(server, log):
    with server.openai() as client:
        chunks = list(
            client.chat.completions.create(
                model="pericles",
                messages=[{"role": "user", "content": "hi"}],
                extra_body={"pericles": {"session": "s"}},
                stream=True,
            )
        )
    told = [chunk.pericles["message_id"] for chunk in chunks if getattr(chunk, "pericles", None)]
    assert len(told) == 1
    assert chunks[-1].pericles["message_id"] == told[0]
    assert give(server, conversation="s", message_id=told[0], value=1).status_code == 200


def test_an_answer_that_is_not_kept_has_no_id(server):
    assert "pericles" not in server.chat("hi").json()


def test_consent_is_never_assumed(server, log):
    give(server, session="s", message_id=said(server), value=1)
    assert log.current()[0].consent is False


def test_the_newest_value_counts_and_0_deletes_everything(server, log):
    id = said(server)
    for value in (1, -1):
        give(server, session="s", message_id=id, value=value, edit="A secret correction.")
    assert [record.value for record in log.current() if record.type == "thumb"] == [-1]
    assert give(server, session="s", message_id=id, value=0).status_code == 200
    assert log.current() == []
    assert "secret correction" not in log.path.read_text()


def test_a_correction_becomes_a_ranking(serve, log, tmp_path, echoing_policy):
    store = SessionStore(tmp_path / "kept.sqlite")
    server = serve(echoing_policy(), store=store)
    id = said(server, "write to me@example.org")
    assert give(server, session="s", message_id=id, edit="Gladly.", consent=True).json()["edited"] is True
    (ranking,) = chat_rankings(store, log).rankings
    assert [reply[-1].content for reply in ranking.replies] == ["Gladly.", "You said: write to [e-mail]"]
    assert ranking.prompt[0].content == "write to [e-mail]"


def test_nobody_speaks_about_the_conversations_of_another(serve, log, echoing_policy):
    keys, settings = key_lines("alice", "bob")
    server = serve(echoing_policy(), keys=settings)
    id = said(server, headers=as_client(keys["alice"]))
    for session in ("s", "alice:s", "api:alice:s", ":alice:s"):
        refused = give(server, as_client(keys["bob"]), session=session, message_id=id, value=1)
        assert (refused.status_code, refused.json()["error"]["code"]) == (404, "message_not_found")
    assert give(server, session="s", message_id=id, value=1).status_code == 401
    assert log.records() == []
    assert give(server, as_client(keys["alice"]), session="s", message_id=id, value=1).status_code == 200
    assert log.current()[0].rater == "human:api:alice"


def test_taking_back_leaves_what_others_said(serve, log, echoing_policy):
    keys, settings = key_lines("alice", "bob")
    server = serve(echoing_policy(), keys=settings)
    ids = {name: said(server, headers=as_client(key)) for name, key in keys.items()}
    for name, key in keys.items():
        give(server, as_client(key), session="s", message_id=ids[name], value=1)
    give(server, as_client(keys["bob"]), session="s", message_id=ids["bob"], value=0)
    assert [record.rater for record in log.current()] == ["human:api:alice"]


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"message_id": "nothing"}, "message_id"),
        ({"session": "other"}, "message_id"),
        ({"value": 2}, "value"),
        ({"value": True}, "value"),
        ({"value": "1"}, "value"),
        ({"value": None}, "value"),
        ({"value": 0, "edit": "x"}, "edit"),
        ({"edit": " \u200b"}, "edit"),
        ({"reasons": ["x" * 201]}, "reasons"),
        ({"reasons": ["x"] * 17}, "reasons"),
        ({"reasons": "x"}, "reasons"),
        ({"comment": "x" * 4001}, "comment"),
        ({"consent": "yes"}, "consent"),
        ({"session": None}, "session"),
        ({"session": "a\0b"}, "session"),
        ({"valeu": 1}, "valeu"),
    ],
)
def test_what_is_wrong_is_refused_and_not_kept(server, log, changes, param):
    body = {"session": "s", "message_id": said(server), "value": 1, **changes}
    refused = give(server, **body)
    assert refused.status_code == (404 if param == "message_id" else 400)
    assert refused.json()["error"]["param"] == param
    assert log.records() == []


def test_only_replies_are_spoken_about(serve, log, tmp_path, echoing_policy):
    store = SessionStore(tmp_path / "kept.sqlite")
    server = serve(echoing_policy(), store=store)
    said(server)
    first = asyncio.run(store.session("api::s").branch())[0]
    assert give(server, session="s", message_id=first.id, value=1).status_code == 404


def test_the_route_keeps_the_servers_limits(serve, log, echoing_policy):
    server = serve(echoing_policy(), max_body_bytes=1000)
    id = said(server)
    assert give(server, session="s", message_id=id, value=1, edit="x" * 2000).status_code == 413
    with server.http() as client:
        assert client.get("/v1/feedback").status_code == 405
        assert client.post("/v1/feedback", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415


def test_many_clients_at_once_lose_nothing(serve, log):
    from concurrent.futures import ThreadPoolExecutor

    server = serve(FunctionPolicy(lambda messages, tools: "yes"))
    ids = [said(server, session=f"s{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        given = pool.map(lambda at: give(server, session=f"s{at % 8}", message_id=ids[at % 8], value=1), range(40))
    assert [answer.status_code for answer in given] == [200] * 40
    assert len(log.records()) == 40
    assert len(log.current()) == 8
