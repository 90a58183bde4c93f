"""Clicks of API clients: each key's head learns from its own clicks alone, and chooses in its own requests alone."""

import itertools

import pytest
from pericles.agent.testing import FunctionPolicy
from pericles.policies.feedback.tamer import ClickLog
from pericles.ui.api.keys import new_key

LONG = " ".join(f"The Danube is a river, and this is remark {n} about how far it flows." for n in range(12))
SHORT = "It is the Danube."


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("PERICLES_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PERICLES_FEEDBACK", str(tmp_path / "feedback.jsonl"))
    return tmp_path / "data"


@pytest.fixture
def server(serve, data):
    """Says a long reply and a short one in turn."""
    said = itertools.count()
    return serve(FunctionPolicy(lambda messages, tools: (LONG, SHORT)[next(said) % 2]))


def ask(server, headers=None, **ours):
    answer = server.chat("which?", headers=headers, pericles=ours)
    assert answer.status_code == 200, answer.text
    return answer.json()


def post(server, path, headers=None, **body):
    with server.http() as client:
        return client.post(path, json=body, headers=headers)


def overview(server, headers=None):
    with server.http() as client:
        return client.get("/v1/live", headers=headers)


def click(server, headers=None, **changes):
    """A reply, and what somebody who likes short ones clicks on it: − on each third sentence, or +."""
    answer = ask(server, headers, session="s")
    text = answer["choices"][0]["message"]["content"]
    count = text.count(".")
    body = {
        "conversation": "s",
        "message_id": answer["pericles"]["message_id"],
        "shown": [{"segment": n, "on": float(n), "off": n + 1.0} for n in range(count)],
        "clicks": [{"time": n + 0.9, "value": 1 if count == 1 else -1} for n in range(0, count, 3)],
        **changes,
    }
    return post(server, "/v1/live/clicks", headers, **body)


def test_clicks_teach_and_the_head_chooses_where_it_is_asked_to(server):
    told = [click(server) for _ in range(4)]
    assert [one.status_code for one in told] == [200] * 4, told[0].text
    assert sum(one.json()["learned"] for one in told) == told[-1].json()["clicks"] == 10
    assert overview(server).json()["leanings"][0]["weight"] < 0
    contents = [ask(server, live=True)["choices"][0]["message"]["content"] for _ in range(3)]
    assert contents == [SHORT] * 3
    without = {ask(server)["choices"][0]["message"]["content"] for _ in range(2)}
    assert without == {LONG, SHORT}


def test_a_click_can_be_taken_back(server):
    click(server)
    before = overview(server).json()
    assert post(server, "/v1/live/undo").json() == {**overview(server).json(), "undone": True}
    assert overview(server).json()["clicks"] == before["clicks"] - 1
    while post(server, "/v1/live/undo").json()["undone"]:
        pass
    assert overview(server).json() == {"object": "live", "clicks": 0, "lag": 0.0, "leanings": []}


def test_another_keys_head_is_not_touched_and_its_conversations_not_reached(serve, data):
    keys, settings = {}, {}
    for name in ("ann", "bob"):
        lines = new_key(name).splitlines()
        key = next(line for line in lines if line.startswith("pk-"))
        keys[name] = {"authorization": f"Bearer {key}"}
        settings[name] = {"sha256": next(line for line in lines if line.startswith("sha256")).split('"')[1]}
    server = serve(FunctionPolicy(lambda messages, tools: LONG), keys=settings)
    anns = ask(server, keys["ann"], session="s")["pericles"]["message_id"]
    assert click(server, keys["ann"]).json()["clicks"] > 0
    assert overview(server, keys["bob"]).json()["clicks"] == 0
    refused = click(server, keys["bob"], message_id=anns)
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "message_not_found")
    assert overview(server).status_code == 401


def test_clicks_are_kept_to_train_on_with_consent_alone(server, data):
    click(server)
    (folder,) = (data / "live").iterdir()
    assert ClickLog(folder / "clicks.jsonl").read() == []
    click(server, consent=True)
    kept = ClickLog(folder / "clicks.jsonl").read()
    assert {(one.session, one.rater, one.value) for one in kept} == {("api::s", "human:api:anybody", 1)}


def test_what_was_taught_outlives_the_server(serve, data):
    policy = FunctionPolicy(lambda messages, tools: LONG)
    taught = click(serve(policy)).json()["clicks"]
    assert overview(serve(policy)).json()["clicks"] == taught > 0


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"clicks": []}, "clicks"),
        ({"clicks": [{"time": 1.0, "value": 0}]}, "clicks[0].value"),
        ({"clicks": [{"time": "soon", "value": 1}]}, "clicks[0].time"),
        ({"clicks": [{"time": 1e300, "value": 1}]}, "clicks[0].time"),
        ({"shown": [{"segment": 0, "on": 1.0, "off": 1.0}]}, "shown[0]"),
        ({"shown": [{"segment": 0, "on": 1.0, "off": 2.0}] * 2}, "shown"),
        ({"shown": [{"segment": 400, "on": 1.0, "off": 2.0}]}, "shown"),
        ({"shown": None}, "shown"),
        ({"clicked": []}, "clicked"),
        ({"consent": "yes"}, "consent"),
    ],
)
def test_a_wrong_request_is_told_its_field_and_teaches_nothing(server, changes, param):
    refused = click(server, **changes)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, param), refused.text
    assert overview(server).json()["clicks"] == 0


def test_only_known_methods(server):
    with server.http() as client:
        assert client.get("/v1/live/clicks").status_code == 405
        assert client.post("/v1/live", json={}).status_code == 405
