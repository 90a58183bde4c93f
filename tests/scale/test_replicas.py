"""Several servers behind nginx on one PostgreSQL: what clients notice of them, and of their going and coming."""

import asyncio
import re
import signal
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import httpx
import openai
import pytest
from pericles.agent.testing import call, check_history
from pericles.ui.api import ApiSettings

CLIENTS = 48
COUNTING = "I count. " + call("count")


def history(turns, said="next"):
    """A request to which the script's reply number `turns` belongs."""
    turn = ({"role": "user", "content": "before"}, {"role": "assistant", "content": "so it was"})
    return [*turn * turns, {"role": "user", "content": said}]


def ask(client, messages, session=None, **options):
    kept = {} if session is None else {"extra_body": {"pericles": {"session": session}}}
    return client.chat.completions.create(model="pericles", messages=messages, **kept, **options)


def said(answer):
    return answer.choices[0].message.content


def text_of(chunk):
    return chunk.choices[0].delta.content or ""


async def streamed(client, turns, on_text=lambda: None):
    text = ""
    async for chunk in await ask(client, history(turns), stream=True):
        text += text_of(chunk)
        if text:
            on_text()
    return text


def long_replies(count, words):
    return [" ".join(f"client{number}-{word}" for word in range(words)) for number in range(count)]


def test_many_clients_stream_and_no_answer_is_lost_or_anothers(cluster):
    replies = long_replies(CLIENTS, 40)
    running = cluster(replies, 0.02)

    async def everyone():
        async with running.async_client() as client:
            return await asyncio.gather(*(streamed(client, number) for number in range(CLIENTS)))

    assert asyncio.run(everyone()) == replies
    answered = [replica.answered() for replica in running.replicas]
    assert sum(answered) == CLIENTS
    assert all(answered)


def test_a_conversation_goes_on_whichever_replica_answers(cluster):
    replies = [f"reply {number}" for number in range(6)]
    running = cluster(replies)
    with running.client() as client:
        answers = [said(ask(client, history(0, f"question {number}"), "s")) for number in range(6)]
    assert answers == replies  # each is chosen by how many there were before it
    assert [replica.answered() for replica in running.replicas] == [3, 3]
    questions = [message.content for message in running.messages("s") if message.role == "user"]
    assert questions == [f"question {number}" for number in range(6)]


def test_two_turns_at_once_in_one_conversation_are_told_apart_between_replicas(cluster):
    running = cluster(["slowly " * 40, "and on"], 0.05)
    first, second = running.replicas
    with running.client(first.url) as one, running.client(second.url) as other:
        stream = ask(one, history(0, "one"), "s", stream=True)
        assert next(filter(None, map(text_of, stream)))
        with pytest.raises(openai.ConflictError, match="answering another request"):
            ask(other, history(0, "two"), "s")
        assert "".join(map(text_of, stream))
        # The next turn may follow at once, elsewhere.
        assert said(ask(other, history(0, "three"), "s")) == "and on"
    assert [message.content for message in running.messages("s") if message.role == "user"] == ["one", "three"]


@pytest.mark.slow
def test_a_killed_replica_breaks_its_own_streams_alone_and_its_conversations_go_on(cluster, eventually):
    replies = [COUNTING, *long_replies(8, 60), "quickly"]
    running = cluster(replies, 0.05)
    with running.client() as client:
        cut = ask(client, history(0, "count"), "s", stream=True)
        assert next(filter(None, map(text_of, cut)))
        eventually((running.folder / "counted").exists)
        (killed,) = (replica for replica in running.replicas if replica.metric("pericles_running"))
        (left,) = (replica for replica in running.replicas if replica is not killed)

        endings = asyncio.run(kill_in_the_middle(running, killed))
        with pytest.raises((openai.APIError, httpx.TransportError), match=r"peer closed connection|Connection error"):
            list(cut)
        broken = [ending for ending in endings if isinstance(ending, Exception)]
        assert len(broken) == 4
        assert all("peer closed connection" in str(error.__cause__ or error) for error in broken), broken
        assert [ending for ending in endings if isinstance(ending, str)] == [
            replies[1 + number] for number, ending in enumerate(endings) if isinstance(ending, str)
        ]

        # Who comes now is answered, by the other one.
        before = left.answered()
        assert [said(ask(client, history(9))) for _ in range(4)] == ["quickly"] * 4
        assert left.answered() == before + 4
        check_history(running.messages("s"))
        assert said(ask(client, history(0, "and now?"), "s")) == replies[1]
        messages = running.messages("s")
        check_history(messages)
        assert [message.role for message in messages] == ["user", "assistant", "tool", "user", "assistant"]
        assert "interrupted" in messages[2].content

        assert killed.ended() == -signal.SIGKILL
        killed.start()
        killed.wait_until_ready()
        eventually(lambda: said(ask(client, history(9))) and killed.answered())


async def kill_in_the_middle(running, replica):
    """What eight streams came to, while one of two replicas was killed."""
    speaking = set()
    async with running.async_client() as client:
        streams = [
            asyncio.create_task(streamed(client, 1 + number, lambda number=number: speaking.add(number)))
            for number in range(8)
        ]
        async with asyncio.timeout(30):
            while len(speaking) < 8:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        replica.process.kill()
        return await asyncio.gather(*streams, return_exceptions=True)


def test_a_turn_that_broke_off_is_never_begun_again_elsewhere(cluster, eventually):
    running = cluster([COUNTING, "done"])
    errors = []

    def one():
        # With the retries that the official client has by default.
        with running.client(max_retries=2) as client, pytest.raises(openai.InternalServerError) as caught:
            ask(client, history(0), "s")
        errors.append(caught.value)

    thread = threading.Thread(target=one)
    thread.start()
    eventually((running.folder / "counted").exists)
    (asked,) = (replica for replica in running.replicas if replica.metric("pericles_running"))
    (other,) = (replica for replica in running.replicas if replica is not asked)
    asked.process.kill()
    thread.join(30)
    assert [(error.status_code, error.code) for error in errors] == [(502, "broken_off")]
    assert other.metric(r"pericles_requests_total\{[^}]*completions") == 0
    assert (running.folder / "counted").read_text() == "once\n"


@pytest.mark.slow
def test_a_rolling_restart_loses_nothing(cluster, eventually):
    replies = ["quickly", *long_replies(4, 60)]
    running = cluster(replies, 0.03)
    over = threading.Event()

    async def asking(client):
        answers = []
        while not over.is_set():
            answers.append(said(await ask(client, history(0))))
        return answers

    async def load():
        async with running.async_client() as client:
            return await asyncio.gather(
                *(streamed(client, 1 + number) for number in range(4)), *(asking(client) for _ in range(6))
            )

    with asyncio.Runner() as runner:
        outcome = []
        thread = threading.Thread(target=lambda: outcome.extend(runner.run(load())))
        thread.start()
        try:
            eventually(lambda: all(replica.metric("pericles_running") >= 2 for replica in running.replicas))
            for replica in running.replicas:
                replica.process.terminate()
                assert replica.ended() == 0
                replica.start()
                replica.wait_until_ready()
                eventually(replica.answered)  # nginx has noticed
        finally:
            over.set()
            thread.join(30)
    assert outcome[:4] == replies[1:]
    answers = [answer for worker in outcome[4:] for answer in worker]
    assert set(answers) == {"quickly"}


def test_what_nginx_passes_on_and_what_it_answers_itself(cluster):
    running = cluster(["hi"])
    with httpx.Client(base_url=running.url, headers={"authorization": f"Bearer {running.key}"}, timeout=30) as http:
        body = {"model": "pericles", "messages": history(0)}
        chat = "/v1/chat/completions"
        assert http.post(chat, json=body, headers={"host": "chat.example"}).json()["object"] == "chat.completion"
        assert http.post(chat, json=body, headers={"host": "evil.example"}).status_code == 421
        assert http.post(chat, json=body, headers={"authorization": "Bearer no"}).status_code == 401
        too_long = http.post(chat, json={"model": "x" * 4_500_000})
        assert (too_long.status_code, too_long.json()["error"]["code"]) == (413, "too_large")
        assert http.get("/v1/models/pericles").json()["id"] == "pericles"
        assert http.get("/healthz").json() == {"status": "ready"}
        assert http.get("/metrics").status_code == 404
        for replica in running.replicas:
            replica.process.kill()
            replica.process.wait()
        nobody = http.post(chat, json=body)
        assert (nobody.status_code, nobody.json()["error"]["code"]) == (503, "nobody")
        assert nobody.headers["retry-after"] == "3"


@pytest.mark.slow
def test_both_draining_is_told_as_it_is(cluster, eventually):
    running = cluster(["slowly " * 60], 0.05)
    with running.client() as client:
        streams = [ask(client, history(0), stream=True) for _ in range(2)]
        for replica in running.replicas:
            replica.process.terminate()
        eventually(lambda: httpx.get(f"{running.url}/healthz", timeout=30).status_code != 200)
        with pytest.raises(openai.InternalServerError) as caught:
            ask(client, history(0))
        assert caught.value.status_code == 503
        assert all("slowly" in "".join(map(text_of, stream)) for stream in streams)
    assert [replica.ended() for replica in running.replicas] == [0, 0]


def test_the_settings_of_the_guide_are_ones():
    guide = (Path(__file__).parents[2] / "docs" / "scale.md").read_text()
    (block,) = re.findall(r"^ *```toml\n(.*?)^ *```$", guide, re.DOTALL | re.MULTILINE)
    settings = ApiSettings.model_validate(tomllib.loads(block)["api"])
    assert settings.drain_seconds > 0


def test_an_nginx_that_is_there_is_found_and_nothing_is_fetched(nginx_program):
    script = Path(__file__).with_name("install_nginx.sh")
    found = subprocess.run(
        ["bash", script, Path(sys.executable).parent], capture_output=True, text=True, timeout=60, check=True
    )
    assert "use" in found.stdout
