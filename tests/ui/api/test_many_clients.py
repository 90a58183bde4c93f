"""Many official clients at once: no answer is lost, none is another's."""

import asyncio
import time

CLIENTS = 64


def test_sixty_four_clients_stream_at_once(serve, echoing_policy):
    server = serve(echoing_policy(piece_chars=8), max_running=64)

    async def one(client, number):
        text = f"client {number}: " + f"{number:04d} " * 50
        stream = await client.chat.completions.create(
            model="pericles", messages=[{"role": "user", "content": text}], stream=True
        )
        said = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        return said == f"You said: {text}".strip()

    async def everyone():
        async with server.async_openai() as client:
            return await asyncio.gather(*(one(client, number) for number in range(CLIENTS)))

    assert all(asyncio.run(everyone()))


def test_more_than_may_run_wait_and_are_all_answered(serve, echoing_policy):
    server = serve(echoing_policy(), max_running=2, max_queued=CLIENTS)

    async def everyone():
        async with server.async_openai() as client:
            tasks = [
                client.chat.completions.create(
                    model="pericles", messages=[{"role": "user", "content": f"I am {number}"}]
                )
                for number in range(CLIENTS)
            ]
            return [done.choices[0].message.content for done in await asyncio.gather(*tasks)]

    assert asyncio.run(everyone()) == [f"You said: I am {number}" for number in range(CLIENTS)]


def test_no_answer_waits_for_an_acknowledgement(echo):
    times = []
    with echo.http() as client:
        for _ in range(20):
            began = time.perf_counter()
            client.get("/v1/models")
            times.append(time.perf_counter() - began)
    # Without TCP_NODELAY each takes the 40 ms of a delayed acknowledgement.
    assert min(times) < 0.03
