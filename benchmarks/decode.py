"""How fast a reply is written, and how soon it begins.

    .venv/bin/python benchmarks/decode.py [--repeats 5] [--tokens 128]

One policy (the embedded base) on both engines, alternating, in one run; medians with the spread. Printed beside them:
llama.cpp called directly, and the floor that memory sets (weights read once a token over the bandwidth measured
here). The last line is the ratio of the engines; the exit code is 1 when it misses its target.

Not measured here: several streams at once, the default policy's quality at each weight format.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import threading
import time
from typing import Any

from pericles.policies import GenerationConfig, Message, Policy, load_policy
from pericles.policies.engines.load import DEFAULT_KIND
from pericles.policies.engines.weights import merged_gguf

TARGET = 5.0
FIRST_TOKEN_TARGET = 8.0
BASE = "smollm2-135m"
PROMPT = "Write a long story about a lighthouse keeper, her dog and a storm."
WORDS = "The harbour lies quiet while gulls circle above the old stone pier and boats drift slowly home. "


async def reply(policy: Policy, messages: list[Message], tokens: int) -> tuple[float, float, int, str]:
    """Seconds to the first piece, seconds from there to the end, tokens written, text."""
    start = time.perf_counter()
    first = 0.0
    text = ""
    written = 0
    async for event in policy.stream(messages, config=GenerationConfig(max_new_tokens=tokens)):
        if event.type == "text":
            first = first or time.perf_counter()
            text += event.text
        elif event.type == "finished":
            written = event.usage.completion_tokens
    return first - start, time.perf_counter() - first, written, text


async def decode_rate(policy: Policy, tokens: int) -> float:
    _, seconds, written, _ = await reply(policy, [Message("user", PROMPT)], tokens)
    return (written - 1) / seconds


def direct_rate(policy: Any, tokens: int) -> float:
    """The same completion from llama.cpp's own function, without our engine around it."""
    times: list[float] = []
    body = {"prompt": f"<|im_start|>user\n{PROMPT}<|im_end|>\n<|im_start|>assistant\n", "n_predict": tokens,
            "temperature": 0.0, "samplers": ["top_k"], "top_k": 1, "stream": True}  # fmt: skip
    policy._server.handle_completions(body, lambda chunk: times.append(time.perf_counter()) or False)
    return (len(times) - 2) / (times[-2] - times[0])


def bandwidth() -> float:
    """Bytes per second that all cores read from memory together."""
    import numpy as np

    blocks = [np.ones(32_000_000) for _ in range(2)]
    best = 0.0
    for _ in range(5):
        threads = [threading.Thread(target=block.sum) for block in blocks]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        best = max(best, sum(block.nbytes for block in blocks) / (time.perf_counter() - start))
    return best


async def first_tokens(policy: Policy) -> tuple[float, float, float]:
    """Seconds to the first token: a 500-token first turn, a 20-token second turn, the same without its prefix."""
    unique = f"{time.time_ns()} "  # a prompt that no earlier repeat has left in the cache
    opening = Message("user", unique + WORDS * 25 + "Name the animals.")
    first, _, _, text = await reply(policy, [opening], 24)
    follow_up = [
        opening,
        Message("assistant", text),
        Message("user", "And which of them do you think fly the highest?"),
    ]
    second, _, _, _ = await reply(policy, follow_up, 4)
    opening = Message("user", f"{time.time_ns()} " + WORDS * 25 + "Name the animals.")
    again, _, _, _ = await reply(policy, [opening, *follow_up[1:]], 4)
    return first, second, again


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):8.2f}   ({min(values):.2f} to {max(values):.2f})"


async def main(repeats: int, tokens: int) -> int:
    llama = {kind: load_policy(BASE, engine="llama.cpp", kind=kind) for kind in ("Q8_0", "Q4_0")}
    torch_policies = {dtype: load_policy(BASE, engine="transformers", dtype=dtype) for dtype in ("float32", "bfloat16")}
    policies: dict[str, Policy] = {
        **{f"llama.cpp {kind}": policy for kind, policy in llama.items()},
        **{f"transformers {dtype}": policy for dtype, policy in torch_policies.items()},
    }
    rates: dict[str, list[float]] = {name: [] for name in policies}
    direct: list[float] = []
    for policy in policies.values():
        await decode_rate(policy, 8)
    for _ in range(repeats):
        for name, policy in policies.items():
            rates[name].append(await decode_rate(policy, tokens))
        direct.append(direct_rate(llama[DEFAULT_KIND], tokens))
    print(f"decode, one stream, {BASE}, {tokens} tokens, {repeats} repeats: tokens/s, median (spread)")
    for name, values in rates.items():
        print(f"  {name:<28}{spread(values)}")
    print(f"  {'llama.cpp directly, ' + DEFAULT_KIND:<28}{spread(direct)}")
    own = rates[f"llama.cpp {DEFAULT_KIND}"]
    read = bandwidth()
    floor = read / merged_gguf(BASE, None, DEFAULT_KIND).stat().st_size
    print(f"  {'memory floor, ' + DEFAULT_KIND:<28}{floor:8.2f}   ({read / 1e9:.1f} GB/s read here)")
    print(f"  ours / llama.cpp directly: {statistics.median(own) / statistics.median(direct):.2f} (target 0.95)")
    print(f"  ours / memory floor:       {statistics.median(own) / floor:.2f} (target 0.40)")

    starts = [await first_tokens(llama[DEFAULT_KIND]) for _ in range(repeats)]
    print("first token on llama.cpp: seconds, median (spread)")
    names = ("turn 1, 500 tokens", "turn 2, prefix kept", "turn 2, read again")
    for name, column in zip(names, zip(*starts, strict=True), strict=True):
        print(f"  {name:<28}{spread(list(column))}")
    sooner = statistics.median(again / second for _, second, again in starts)
    print(f"  prefix kept: {sooner:.1f} times sooner (target {FIRST_TOKEN_TARGET:g})")
    for policy in policies.values():
        await policy.aclose()
    for dtype in ("bfloat16", "float32"):
        theirs = rates[f"transformers {dtype}"]
        ratio = statistics.median(mine / other for mine, other in zip(own, theirs, strict=True))
        print(f"decode: {ratio:.1f} times transformers {dtype} (target {TARGET:g} for float32, its default on a CPU)")
    return 0 if ratio >= TARGET and sooner >= FIRST_TOKEN_TARGET else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Decode speed and time to first token of both engines.")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=128)
    arguments = parser.parse_args()
    sys.exit(asyncio.run(main(arguments.repeats, arguments.tokens)))
