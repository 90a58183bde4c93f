"""How far quantised and bfloat16 weights stray from float32, on the same policy.

    .venv/bin/python benchmarks/agreement.py [--policy smollm2-135m] [--prompts 8] [--tokens 32]

The reference is transformers in float32, greedy. For each other engine and weight format:
- same text: share of prompts whose greedy text is the same to the end, and the mean share of tokens before the first
  difference;
- same token, mean KL: at every position of the reference's text, given the same tokens so far, whether the most
  likely next token is the same, and KL(reference || other) in nats, over the 100 most likely tokens of the other and
  one bucket for all the rest (so a lower bound, by the data-processing inequality).

Exits 1 when float32 on llama.cpp differs from the reference where the two best logits are further apart than 1e-3.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
from typing import Any

import torch
from pericles.evals import find_suites
from pericles.policies import GenerationConfig, Message, load_policy

TOP = 100
TIE = 1e-3
INSTRUCTIONS = "You are pericles, a helpful assistant."


class Reference:
    """transformers in float32: greedy tokens, and log-probabilities at each of their positions."""

    def __init__(self, policy: Any, prompt: list[int], tokens: list[int]) -> None:
        self.prompt = prompt
        self.tokens = tokens
        self.logprobs = distributions(policy, prompt, tokens)

    def margin(self, position: int) -> float:
        best = self.logprobs[position].topk(2).values
        return float(best[0] - best[1])


def distributions(policy: Any, prompt: list[int], tokens: list[int]) -> torch.Tensor:
    """Log-probabilities of the next token before each of `tokens`, shape (len(tokens), vocabulary)."""
    with torch.inference_mode():
        ids = torch.tensor([prompt + tokens])
        logits = policy._model(input_ids=ids, logits_to_keep=len(tokens) + 1).logits[0, :-1]
    return torch.log_softmax(logits.float(), -1)


async def llama_top(policy: Any, ids: list[int]) -> dict[int, float]:
    """The most likely next tokens and their log-probabilities."""
    top: dict[int, float] = {}
    async for chunk in policy._complete(ids, GenerationConfig(max_new_tokens=1), extra={"n_probs": TOP}):
        for item in (chunk["choices"][0].get("logprobs") or {}).get("content", ()):
            top = {int(entry["id"]): float(entry["logprob"]) for entry in item["top_logprobs"]}
    return top


def divergence(reference: torch.Tensor, top: dict[int, float]) -> float:
    ids = list(top)
    p = reference[ids].double().exp()
    q = torch.tensor([top[token] for token in ids]).double().exp()
    rest_p, rest_q = max(0.0, 1 - float(p.sum())), max(1e-12, 1 - float(q.sum()))
    kl = float((p * (p.log() - q.log())).sum())
    return max(0.0, kl + (rest_p * math.log(rest_p / rest_q) if rest_p > 1e-12 else 0.0))


async def compare(policy: Any, references: list[Reference], tokens: int) -> tuple[list[float], list[bool], list[float]]:
    """For each prompt the share of equal greedy tokens; for each position whether the best token agrees, and the KL."""
    shares: list[float] = []
    same: list[bool] = []
    kls: list[float] = []
    for reference in references:
        greedy, _ = await policy.generate_ids(reference.prompt, GenerationConfig(max_new_tokens=tokens))
        pairs = zip(greedy, reference.tokens, strict=False)
        equal = next((i for i, (mine, theirs) in enumerate(pairs) if mine != theirs), len(reference.tokens))
        shares.append(equal / len(reference.tokens))
        if hasattr(policy, "_model"):
            full = distributions(policy, reference.prompt, reference.tokens)
            tops = [dict(zip(*(t.tolist() for t in reversed(row.topk(TOP))), strict=True)) for row in full]
        else:
            texts = [reference.prompt + reference.tokens[:i] for i in range(len(reference.tokens))]
            tops = [await llama_top(policy, ids) for ids in texts]
        for position, top in enumerate(tops):
            best = max(top, key=lambda token: top[token])
            same.append(best == int(reference.logprobs[position].argmax()))
            kls.append(divergence(reference.logprobs[position], top))
    return shares, same, kls


async def main(ref: str, prompts: int, tokens: int) -> int:
    samples = find_suites("routing")[0].samples
    chosen = samples[:: max(1, len(samples) // prompts)][:prompts]
    fp32: Any = load_policy(ref, engine="transformers", dtype="float32")
    references: list[Reference] = []
    for sample in chosen:
        prompt = fp32._prompt_ids([Message("system", INSTRUCTIONS), Message("user", sample.turns[0])], ())
        greedy, _ = await fp32.generate_ids(prompt, GenerationConfig(max_new_tokens=tokens))
        references.append(Reference(fp32, prompt, greedy))
    await fp32.aclose()
    print(f"{ref} against transformers float32, {len(references)} prompts, up to {tokens} tokens")
    print(f"{'':<24}{'same text':>11}{'tokens before':>15}{'same token':>12}{'mean KL':>10}{'max KL':>9}")
    worst = 0.0
    variants = [("llama.cpp", {"kind": kind}) for kind in ("F32", "BF16", "Q8_0", "Q4_0")]
    for engine, options in [*variants, ("transformers", {"dtype": "bfloat16"})]:
        policy: Any = load_policy(ref, engine=engine, **options)  # pyright: ignore[reportArgumentType]
        shares, same, kls = await compare(policy, references, tokens)
        await policy.aclose()
        name = f"{engine} {next(iter(options.values()))}"
        print(
            f"{name:<24}{sum(share == 1 for share in shares) / len(shares):>11.1%}{sum(shares) / len(shares):>15.1%}"
            f"{sum(same) / len(same):>12.1%}{sum(kls) / len(kls):>10.5f}{max(kls):>9.4f}"
        )
        if options.get("kind") == "F32":
            for reference, share in zip(references, shares, strict=True):
                if share < 1:
                    worst = max(worst, reference.margin(round(share * len(reference.tokens))))
    print(f"agreement: largest margin of a token that differs in float32: {worst:.1e} (target at most {TIE:.0e})")
    return 0 if worst <= TIE else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Agreement of engines and weight formats with float32.")
    parser.add_argument("--policy", default="smollm2-135m")
    parser.add_argument("--prompts", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=32)
    arguments = parser.parse_args()
    sys.exit(asyncio.run(main(arguments.policy, arguments.prompts, arguments.tokens)))
