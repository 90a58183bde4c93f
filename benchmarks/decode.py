"""How fast a reply is written, and how soon it begins.

    .venv/bin/python benchmarks/decode.py [--repeats 5] [--tokens 128]

One policy (the embedded base) on both engines and by `transformers.generate`, alternating, in one run; medians with the
spread. Each has a process of its own, because in one their threads slow each other down to a half. Printed beside them:
llama.cpp called directly, the floor that memory sets (weights read once a token over the bandwidth measured here), and
what a grammar costs for each token of a tool call. The last line is the ratio to `transformers.generate`; the exit code
is 1 when a target is missed.

Not measured here: several replies at once (`serve.py`), quality at each kind of weights (`agreement.py`).
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from pericles.policies import GenerationConfig, Message, Policy, load_policy
from pericles.policies.engines.grammar import reply_grammar
from pericles.policies.engines.load import DEFAULT_KIND
from pericles.policies.engines.weights import merged_gguf, transformers_folder

TARGET = 5.0
DIRECT_TARGET = 0.95
FLOOR_TARGET = 0.40
FIRST_TOKEN_TARGET = 8.0
GRAMMAR_TARGET = 1.05
BASE = "smollm2-135m"
PROMPT = "Write a long story about a lighthouse keeper, her dog and a storm."
WORDS = "The harbour lies quiet while gulls circle above the old stone pier and boats drift slowly home. "
NOTE = {
    "type": "function",
    "function": {
        "name": "note",
        "description": "Keeps a text.",
        "parameters": {
            "type": "object",
            "properties": {"text": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}},
            "required": ["text", "tags"],
        },
    },
}


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


def direct_rate(policy: Any, tokens: int, **more: Any) -> float:
    """The same completion from llama.cpp's own function, without our engine around it."""
    times: list[float] = []
    body = {"prompt": f"<|im_start|>user\n{PROMPT}<|im_end|>\n<|im_start|>assistant\n", "n_predict": tokens,
            "temperature": 0.0, "samplers": ["top_k"], "top_k": 1, "stream": True, **more}  # fmt: skip
    policy._server.handle_completions(body, lambda chunk: times.append(time.perf_counter()) or False)
    return (len(times) - 2) / (times[-2] - times[0])


def grammar_cost(policy: Any, tokens: int, repeats: int) -> list[float]:
    """Seconds a token under a grammar over seconds a token without: of a call that has to be made, the same tokens."""
    grammar = reply_grammar([NOTE], "required", max_new_tokens=tokens, vocabulary=policy._vocabulary)
    free = {"logit_bias": [[end, False] for end in policy._vocabulary.end_ids]}  # goes on as long as the call does
    direct_rate(policy, 8, grammar=grammar)
    ratios: list[float] = []
    for turn in range(repeats):
        # Whoever comes second meets a warmer machine, so they take turns.
        for constrained in (True, False) if turn % 2 else (False, True):
            rate = direct_rate(policy, tokens, **({"grammar": grammar} if constrained else free))
            if constrained:
                with_grammar = rate
            else:
                without = rate
        ratios.append(without / with_grammar)
    return ratios


def load_reference(dtype: str) -> tuple[Any, Any]:
    """Model and prompt for `transformers.generate`, as its documentation uses it."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder = transformers_folder(BASE)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
    messages = [{"role": "user", "content": PROMPT}]
    return model, tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt")


def generate_rate(reference: tuple[Any, Any], tokens: int) -> float:
    """Tokens a second of `generate`, the reading of the prompt taken off."""
    model, prompt = reference

    def seconds(count: int) -> float:
        start = time.perf_counter()
        model.generate(**prompt, max_new_tokens=count, min_new_tokens=count, do_sample=False)
        return time.perf_counter() - start

    return (tokens - 1) / (seconds(tokens) - seconds(1))


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


class Contender:
    """One way to generate, in a process of its own that does nothing until it is asked."""

    def __init__(self, load: Callable[..., Any], *arguments: Any) -> None:
        self._process = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        self._process.submit(_load, load, arguments).result()

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """`function(what was loaded, *arguments)`, there."""
        return self._process.submit(_call, function, arguments).result()

    def close(self) -> None:
        self._process.submit(_close).result()
        self._process.shutdown()


_here: dict[str, Any] = {}


def _load(load: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    _here["loop"] = asyncio.new_event_loop()
    _here["loaded"] = load(*arguments)


def _call(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    result = function(_here["loaded"], *arguments)
    return _here["loop"].run_until_complete(result) if asyncio.iscoroutine(result) else result


def _close() -> None:
    if hasattr(_here["loaded"], "aclose"):
        _here["loop"].run_until_complete(_here["loaded"].aclose())
    _here["loop"].close()


def load_llama(kind: str, options: dict[str, Any] | None = None) -> Policy:
    return load_policy(BASE, kind=kind, **(options or {}))


def load_torch(dtype: str) -> Policy:
    return load_policy(BASE, engine="transformers", dtype=dtype)


def main(repeats: int, tokens: int) -> int:
    llama = {kind: Contender(load_llama, kind) for kind in ("Q8_0", "Q4_0")}
    contenders = {**{f"llama.cpp {kind}": (there, decode_rate) for kind, there in llama.items()}}
    contenders["our transformers, float32"] = (Contender(load_torch, "float32"), decode_rate)
    for dtype in ("float32", "bfloat16"):
        contenders[f"transformers.generate {dtype}"] = (Contender(load_reference, dtype), generate_rate)
    own = llama[DEFAULT_KIND]
    contenders[f"llama.cpp directly, {DEFAULT_KIND}"] = (own, direct_rate)
    for there, rate in contenders.values():
        there.ask(rate, 8)
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, (there, rate) in contenders.items():
            rates[name].append(there.ask(rate, tokens))
    print(f"decode, one stream, {BASE}, {tokens} tokens, {repeats} repeats: tokens/s, median (spread)")
    for name, values in rates.items():
        print(f"  {name:<32}{spread(values)}")
    mine = rates[f"llama.cpp {DEFAULT_KIND}"]
    read = bandwidth()
    floor = read / merged_gguf(BASE, None, DEFAULT_KIND).stat().st_size
    print(f"  {'memory floor, ' + DEFAULT_KIND:<32}{floor:8.2f}   ({read / 1e9:.1f} GB/s read here)")
    to_direct = median_ratio(mine, rates[f"llama.cpp directly, {DEFAULT_KIND}"])
    to_floor = statistics.median(mine) / floor
    print(f"  ours / llama.cpp directly: {to_direct:.2f} (target {DIRECT_TARGET})")
    print(f"  ours / memory floor:       {to_floor:.2f} (target {FLOOR_TARGET:.2f})")
    cost = own.ask(grammar_cost, tokens, max(7, repeats))
    print(f"  a token under a grammar / without: {spread(cost).strip()} (target {GRAMMAR_TARGET})")
    starts = [own.ask(first_tokens) for _ in range(repeats)]
    print("first token on llama.cpp: seconds, median (spread)")
    names = ("turn 1, 500 tokens", "turn 2, prefix kept", "turn 2, read again")
    for name, column in zip(names, zip(*starts, strict=True), strict=True):
        print(f"  {name:<32}{spread(list(column))}")
    sooner = statistics.median(again / second for _, second, again in starts)
    print(f"  prefix kept: {sooner:.1f} times sooner (target {FIRST_TOKEN_TARGET:g})")
    for there in {id(there): there for there, _ in contenders.values()}.values():
        there.close()
    ratio = 0.0
    for dtype in ("bfloat16", "float32"):
        ratio = median_ratio(mine, rates[f"transformers.generate {dtype}"])
        print(f"decode: {ratio:.1f} times transformers.generate in {dtype} (target {TARGET:g}, in float32)")
    reached = (
        ratio >= TARGET,
        sooner >= FIRST_TOKEN_TARGET,
        to_direct >= DIRECT_TARGET,
        to_floor >= FLOOR_TARGET,
        statistics.median(cost) <= GRAMMAR_TARGET,
    )
    return 0 if all(reached) else 1


def median_ratio(mine: list[float], theirs: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(mine, theirs, strict=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Decode speed and time to first token.")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=128)
    arguments = parser.parse_args()
    sys.exit(main(arguments.repeats, arguments.tokens))
