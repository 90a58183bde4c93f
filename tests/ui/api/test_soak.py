"""Memory stays flat under load: `PERICLES_SOAK_MINUTES=30 pytest tests/ui/api/test_soak.py -m slow`."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time

import httpx
import psutil
import pytest

SHORT_SECONDS = 5
WORKERS = 8
# What the interpreter's own pools and a first use of every path may still take after the warming up.
ROOM_BYTES = 12_000_000
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
CALL = '<tool_call>{"name": "math", "arguments": {"query": "1 + 1"}}</tool_call>'


@pytest.fixture
def server(tmp_path):
    script = tmp_path / "script.yaml"
    script.write_text(json.dumps([CALL, "It is two. " * 20]))
    process = subprocess.Popen(
        [sys.executable, "-m", "pericles.ui.command", "serve", "--api", "--policy", f"script:{script}", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PERICLES_CONFIG": os.devnull, "PERICLES_DATA_DIR": str(tmp_path)},
    )
    try:
        yield process, re.search(r"http://\S+(?=/v1)", process.stdout.readline())[0]
    finally:
        process.terminate()
        assert process.wait(60) == 0
        process.stdout.close()


async def worker(client, until, counts):
    """Every kind of request in turn: whole, streamed, passed through, wrong, left in the middle."""
    number = 0
    while time.monotonic() < until:
        number += 1
        body = {"model": "pericles", "messages": [{"role": "user", "content": f"question {number}"}]}
        kind = number % 5
        if kind == 1:
            body["tools"] = [TOOL]
        if kind == 2:
            body["n"] = 3
        if kind < 3:
            answered = await client.post("/v1/chat/completions", json=body)
            assert answered.status_code == (400 if kind == 2 else 200), answered.text
        else:
            async with client.stream("POST", "/v1/chat/completions", json={**body, "stream": True}) as stream:
                async for line in stream.aiter_lines():
                    if kind == 4 and "It is" in line:
                        break
                    if line == "data: [DONE]":
                        counts["whole"] += 1
        counts["requests"] += 1


async def load(url, seconds):
    counts = {"requests": 0, "whole": 0}
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        until = time.monotonic() + seconds
        await asyncio.gather(*(worker(client, until, counts) for _ in range(WORKERS)))
    return counts


def soak(server, seconds):
    process, url = server
    memory = psutil.Process(process.pid)
    asyncio.run(load(url, seconds / 3))
    before = memory.memory_info().rss
    counts = asyncio.run(load(url, 2 * seconds / 3))
    grown = memory.memory_info().rss - before
    print(f"{counts['requests']} requests, {grown / 1e6:+.1f} MB")
    assert counts["whole"] > 0
    assert grown < ROOM_BYTES
    found = httpx.get(f"{url}/metrics").text
    assert "pericles_running 0.0" in found
    assert "pericles_queued 0.0" in found


@pytest.mark.slow
def test_memory_stays_flat_for_a_while(server):
    soak(server, SHORT_SECONDS)


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_memory_stays_flat_for_long(server):
    soak(server, 60 * float(os.environ.get("PERICLES_SOAK_MINUTES", "5")))
