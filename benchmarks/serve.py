"""Sixteen chats at once, and what the server adds to a turn.

    .venv/bin/python benchmarks/serve.py [--repeats 3] [--tokens 64]

The embedded base on both engines and by `transformers.generate` (one batch, padded on the left), alternating, in one
run, each in a process of its own; medians of the total tokens a second with the spread. Then the same sixteen chats
through `pericles serve --api`, and a scripted turn by `Agent.run` and over HTTP. The last line is the ratio of
llama.cpp with Q4_0 to `transformers.generate` in bfloat16; the exit code is 1 when it misses its target.

Not measured here: several servers (`scale.py`).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from decode import BASE, Contender, load_llama, load_torch, median_ratio, spread
from pericles.agent import Agent
from pericles.policies import GenerationConfig, Message, Policy, ScriptedPolicy
from pericles.policies.engines.weights import transformers_folder

TARGET = 1.3
CHATS = 16
SUBJECTS = (
    "a lighthouse", "the sea", "an old clock", "a lost dog", "two friends", "the first snow", "a market", "a bridge",
    "a letter", "the moon", "a violin", "a garden", "a storm", "a train", "a library", "a secret door",
)  # fmt: skip
QUESTIONS = [f"Write a long story about {subject}, with a beginning and an end." for subject in SUBJECTS]


async def at_once(policy: Policy, tokens: int) -> float:
    """Tokens a second of sixteen replies together."""

    async def one(question: str) -> int:
        config = GenerationConfig(max_new_tokens=tokens)
        async for event in policy.stream([Message("user", question)], config=config):
            if event.type == "finished":
                return event.usage.completion_tokens
        return 0

    start = time.perf_counter()
    written = sum(await asyncio.gather(*map(one, QUESTIONS)))
    return written / (time.perf_counter() - start)


def load_batch(dtype: str) -> tuple[Any, Any]:
    """Model and the batch of prompts for `transformers.generate`."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder = transformers_folder(BASE)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
    chats = [[{"role": "user", "content": question}] for question in QUESTIONS]
    form = {"add_generation_prompt": True, "return_tensors": "pt", "padding": True, "return_dict": True}
    return model, tokenizer.apply_chat_template(chats, **form)


def generate_at_once(reference: tuple[Any, Any], tokens: int) -> float:
    model, prompts = reference
    start = time.perf_counter()
    model.generate(**prompts, max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False)
    return CHATS * tokens / (time.perf_counter() - start)


def start_server(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    """A server on a free port: the process, and its address."""
    command = [sys.executable, "-m", "pericles.ui.command", "serve", "--api", "--port", "0", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    for line in process.stdout:
        for word in line.split():
            if word.startswith("http://"):
                return process, word
    raise SystemExit("the server did not start")


async def over_http(address: str, tokens: int) -> float:
    """Tokens a second of the sixteen chats through the server."""
    async with httpx.AsyncClient(base_url=address, timeout=600) as client:

        async def one(question: str) -> int:
            body = {
                "model": BASE,
                "max_tokens": tokens,
                "messages": [{"role": "user", "content": question}],
                "stream": True,
                "stream_options": {"include_usage": True},
            }
            written = 0
            async with client.stream("POST", "/chat/completions", json=body) as answer:
                answer.raise_for_status()
                async for line in answer.aiter_lines():
                    if '"completion_tokens":' in line:
                        written = int(line.partition('"completion_tokens":')[2].strip().split(",")[0].strip(" }"))
            return written

        start = time.perf_counter()
        written = sum(await asyncio.gather(*map(one, QUESTIONS)))
        return written / (time.perf_counter() - start)


async def turn_times(address: str, script: Path, turns: int) -> tuple[list[float], list[float]]:
    """Milliseconds of a scripted turn: by `Agent.run`, and over HTTP."""
    agent = Agent(ScriptedPolicy.from_file(script))
    direct: list[float] = []
    served: list[float] = []
    body = {"model": "script", "messages": [{"role": "user", "content": "hi"}]}
    async with httpx.AsyncClient(base_url=address) as client:
        body["model"] = (await client.get("/models")).json()["data"][0]["id"]

        async def ask() -> None:
            (await client.post("/chat/completions", json=body)).raise_for_status()

        async def run() -> None:
            await agent.run("hi")

        for _ in range(turns):
            for times, act in ((direct, run), (served, ask)):
                times.append(await milliseconds(act))
    return direct[turns // 10 :], served[turns // 10 :]


async def milliseconds(act: Callable[[], Awaitable[None]]) -> float:
    start = time.perf_counter()
    await act()
    return 1000 * (time.perf_counter() - start)


def main(repeats: int, tokens: int) -> int:
    contenders: dict[str, tuple[Contender, Callable[..., Any]]] = {}
    for kind in ("Q4_0", "Q8_0"):
        options = {"slots": CHATS, "context_window": 1024}
        contenders[f"llama.cpp {kind}"] = (Contender(load_llama, kind, options), at_once)
    for dtype in ("float32", "bfloat16"):
        contenders[f"our transformers, {dtype}"] = (Contender(load_torch, dtype), at_once)
        contenders[f"transformers.generate {dtype}"] = (Contender(load_batch, dtype), generate_at_once)
    for there, rate in contenders.values():
        there.ask(rate, 4)
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, (there, rate) in contenders.items():
            rates[name].append(there.ask(rate, tokens))
    print(f"{CHATS} chats at once, {BASE}, {tokens} tokens each, {repeats} repeats: tokens/s in all, median (spread)")
    for name, values in rates.items():
        print(f"  {name:<32}{spread(values)}")
    for there, _ in contenders.values():
        there.close()

    os.environ["PERICLES_ENGINES__KIND"] = "Q4_0"
    server, address = start_server("--policy", BASE, "--no-tools", "--max-new-tokens", str(tokens))
    try:
        served = [asyncio.run(over_http(address, tokens)) for _ in range(repeats)]
    finally:
        server.terminate()
        server.wait()
    print(f"  {'through pericles serve --api, Q4_0':<32}{spread(served)}   (its four slots, whole context)")

    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "hello.yaml"
        script.write_text("- Hello.\n", encoding="utf-8")
        server, address = start_server("--policy", f"script:{script}", "--no-tools")
        try:
            direct, over = asyncio.run(turn_times(address, script, 500))
        finally:
            server.terminate()
            server.wait()
    print("a scripted turn: milliseconds, median (spread)")
    print(f"  {'Agent.run':<32}{spread(direct)}")
    print(f"  {'over HTTP, one client':<32}{spread(over)}")
    ratio = median_ratio(rates["llama.cpp Q4_0"], rates["transformers.generate bfloat16"])
    print(f"serve: {ratio:.2f} times a batch of transformers.generate in bfloat16 (target {TARGET:g})")
    return 0 if ratio >= TARGET else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Sixteen chats at once, and the server's own cost.")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=64)
    arguments = parser.parse_args()
    sys.exit(main(arguments.repeats, arguments.tokens))
