"""The official client works unchanged."""

import asyncio

import openai
import pytest

ASKED = [{"role": "user", "content": "good morning, 早上好 🙂"}]
ANSWER = "You said: good morning, 早上好 🙂"


def test_an_answer_comes_whole(echo):
    with echo.openai() as client:
        done = client.chat.completions.create(model="pericles", messages=ASKED)
    assert done.choices[0].message.content == ANSWER
    assert done.choices[0].finish_reason == "stop"
    assert done.choices[0].message.role == "assistant"
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens > 0
    assert done.object == "chat.completion"
    assert done._request_id.startswith("req_")


def test_an_answer_streams(echo):
    with echo.openai() as client:
        chunks = list(client.chat.completions.create(model="pericles", messages=ASKED, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == ANSWER
    assert len(chunks) > 3
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.usage is None and chunk.model_extra == {} for chunk in chunks)


def test_a_stream_tells_its_tokens_when_asked(echo):
    options = {"include_usage": True}
    with echo.openai() as client:
        chunks = list(
            client.chat.completions.create(model="pericles", messages=ASKED, stream=True, stream_options=options)
        )
        whole = client.chat.completions.create(model="pericles", messages=ASKED)
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_the_asynchronous_client_works(echo):
    async def ask():
        async with echo.async_openai() as client:
            done = await client.chat.completions.create(model="pericles", messages=ASKED)
            stream = await client.chat.completions.create(model="pericles", messages=ASKED, stream=True)
            parts = [chunk.choices[0].delta.content or "" async for chunk in stream]
            return done.choices[0].message.content, "".join(parts)

    assert asyncio.run(ask()) == (ANSWER, ANSWER)


def test_the_streaming_helper_of_the_client_works(echo):
    with echo.openai() as client, client.chat.completions.stream(model="pericles", messages=ASKED) as stream:
        kinds = {event.type for event in stream}
        done = stream.get_final_completion()
    assert {"content.delta", "content.done"} <= kinds
    assert done.choices[0].message.content == ANSWER


def test_the_models_are_listed(echo):
    with echo.openai() as client:
        names = [model.id for model in client.models.list()]
        assert names == ["function", "pericles"]
        assert client.models.retrieve("function").id == "function"
        with pytest.raises(openai.NotFoundError):
            client.models.retrieve("gpt-5")
        for name in names:
            assert client.chat.completions.create(model=name, messages=ASKED).model == name


def test_an_unknown_model_is_told_which_there_are(echo):
    with echo.openai() as client, pytest.raises(openai.NotFoundError, match="there are: function, pericles") as raised:
        client.chat.completions.create(model="gpt-5", messages=ASKED)
    assert raised.value.code == "model_not_found"
    assert raised.value.param == "model"


def test_what_a_client_gets_wrong_is_its_own_exception(echo):
    with echo.openai() as client:
        with pytest.raises(openai.BadRequestError, match="temperature") as raised:
            client.chat.completions.create(model="pericles", messages=ASKED, temperature=3)
        assert raised.value.param == "temperature"
        with pytest.raises(openai.NotFoundError, match="no such route"):
            client.embeddings.create(model="pericles", input="x")
