"""How fast policies are trained, beside TRL's own trainers as its scripts use them.

    .venv/bin/python benchmarks/training.py [--repeats 3] [--only sft reward grpo]

The same model (the shipped policy, merged), the same data, float32, no gradient checkpointing; each side has a process
of its own, the two alternate, medians with the spread. About six minutes.

- **sft**: tokens of conversations a second. A low-rank adapter on generated conversations, tools in each.
- **reward**: rankings of nine replies a second, all weights. TRL knows pairs: a ranking is 36 of them, of which it is
  given a few, since each takes it as long.
- **grpo**: tokens of prompts and completions a second in a whole step: sampling with the solver as a tool, scoring and
  learning. The same prompts; each side samples its own replies.

Stock packing is no peer here: without flash attention it lets conversations see each other (TRL warns of that), which
changes the loss. The last line has the three ratios; the exit code is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from pericles.policies import Message
from pericles.policies.feedback import Ranking, write_rankings

TARGETS = {"sft": 1.5, "reward": 6.0, "grpo": 1.5}
UNITS = {"sft": "tokens/s", "reward": "rankings/s", "grpo": "tokens/s"}
RANK = 32
RATE = 1e-6  # next to nothing, so that every repeat is the same work
CONVERSATIONS = 16
QUESTIONS = 3
REPLIES = 9
STOCK_PAIRS = 4
NEW_TOKENS = 48
GENERATIONS = 4


class Data:
    """What both sides train on: files for ours, rows for TRL.

    Args:
        folder: where it is written.
    """

    def __init__(self, folder: Path) -> None:
        from pericles.policies.training.models import load_model, load_tokenizer, save_policy, starting_weights
        from pericles.policies.training.recipe.data import Generated
        from pericles.policies.training.sources import read_conversations, read_prompts
        from pericles.policies.training.stages.agents import schemas_of, system_message

        self.folder = folder
        weights = starting_weights("default")
        tokenizer = load_tokenizer(weights)
        save_policy(load_model(weights, adapter=None), tokenizer, folder, "default")
        self.model = folder / "model"
        recipe = _recipe(self.model, [{"kind": "sft", "data": [{"source": "jsonl", "path": "-"}]}], tools=["math"])
        schemas, opening = schemas_of(recipe), system_message(recipe)
        mathematics = [Generated(source="generated", rows=24, seed=3, mix={"mathematics": 1.0})]
        self.conversations = read_conversations(mathematics, tools=schemas, instructions=opening)
        self.prompts = [prompt for prompt in read_prompts(mathematics) if len(prompt.messages) == 1]
        self.opening, self.schemas = opening, schemas

    def sft(self) -> tuple[Path, list[dict[str, Any]]]:
        """Conversations."""
        path = self.folder / "conversations.jsonl"
        rows = self.conversations[:CONVERSATIONS]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path, [row | {"tools": json.dumps(row["tools"])} for row in rows]

    def rankings(self) -> tuple[Path, list[dict[str, Any]]]:
        """Two rankings of nine replies, which are those of other conversations, and some pairs of the first."""
        rows = self.conversations
        found: list[Ranking] = []
        for number in range(2):
            messages = [Message.from_dict(message) for message in rows[number * REPLIES]["messages"]]
            asked = next(at for at, message in enumerate(messages) if message.role == "assistant")
            replies: list[tuple[Message, ...]] = []
            for row in rows[number * REPLIES : (number + 1) * REPLIES]:
                said = [Message.from_dict(message) for message in row["messages"]]
                replies.append(tuple(said[next(at for at, m in enumerate(said) if m.role == "assistant") :]))
            ranks = tuple(range(1, REPLIES + 1))
            prompt, schemas = tuple(messages[:asked]), tuple(self.schemas)
            found.append(Ranking(str(number), prompt, tuple(replies), ranks, "rule:test", tools=schemas))
        path = self.folder / "rankings.jsonl"
        write_rankings(path, found)
        first = found[0]
        prompt = [message.to_dict() for message in first.prompt]
        replies_of = [[message.to_dict() for message in reply] for reply in first.replies]
        pairs = [
            {"prompt": prompt, "chosen": replies_of[i], "rejected": replies_of[j], "tools": json.dumps(self.schemas)}
            for i, j in list(combinations(range(REPLIES), 2))[:: 36 // STOCK_PAIRS][:STOCK_PAIRS]
        ]
        return path, pairs

    def questions(self) -> tuple[Path, list[dict[str, Any]]]:
        """Questions for the solver."""
        asked = [prompt.messages[-1].content for prompt in self.prompts[:QUESTIONS]]
        path = self.folder / "prompts.jsonl"
        lines = [json.dumps({"prompt": text, "tools": ["math"], "expect": {"tool": "math"}}) for text in asked]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        system = {"role": "system", "content": self.opening}
        return path, [{"prompt": [system, {"role": "user", "content": text}]} for text in asked]


def _recipe(model: Path, stages: list[dict[str, Any]], **more: Any) -> Any:
    from pericles.policies.training.recipe.recipe import parse_recipe

    value = {"name": "benchmark", "base": f"dir:{model}", "precision": "fp32", "stages": stages, **more}
    return parse_recipe(value)


def ours(kind: str, model: Path, path: Path) -> tuple[float, float]:
    """One stage of ours: what it read, and its seconds of training."""
    from pericles.policies.training import train

    adapter: dict[str, Any] | None = {"rank": RANK, "alpha": 2 * RANK}
    if kind == "sft":
        stage: dict[str, Any] = {"data": [{"source": "jsonl", "path": str(path)}], "packs_per_step": 1}
    elif kind == "reward":
        stage = {"data": [{"source": "rankings", "path": str(path)}], "prompts_per_step": 2, "held_out": 0.0}
    else:
        stage = {
            "prompts": [{"source": "jsonl", "path": str(path)}], "rewards": {"tool": 1.0}, "steps": 1,
            "prompts_per_step": QUESTIONS, "generations": GENERATIONS, "kl_coef": 0.0,
            "sampling": {"max_new_tokens": NEW_TOKENS, "max_steps": 1},
        }  # fmt: skip
    name = "rl" if kind == "grpo" else kind
    recipe = _recipe(model, [{"kind": name, "learning_rate": RATE, **stage}], adapter=adapter, tools=["math"])
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
        train(recipe, Path(folder) / "run")
        found = next((Path(folder) / "run").glob("*/stage.json"))
        figures = json.loads(found.read_text(encoding="utf-8"))["figures"]
    read = {"sft": "tokens_unpacked", "reward": "rankings", "grpo": "tokens"}[kind]
    return figures[read], figures["seconds"]


def stock(kind: str, model: Path, rows: list[dict[str, Any]]) -> tuple[float, float]:
    """The same by TRL."""
    from peers import stock_trl

    with redirect_stdout(sys.stderr):
        if kind == "sft":
            return stock_trl.sft(model, rows, RANK, RATE, batch=8)
        if kind == "reward":
            pairs, seconds = stock_trl.reward(model, rows, RATE, batch=STOCK_PAIRS)
            return pairs / (REPLIES * (REPLIES - 1) / 2), seconds
        return stock_trl.grpo(model, rows, _solver_tool(), RANK, RATE, GENERATIONS, 2 * NEW_TOKENS)


def _solver_tool() -> Callable[..., Any]:
    from pericles.tools import ToolCall, ToolRegistry

    registry = ToolRegistry(["math"])
    told = registry.schemas()[0]["function"]

    async def math(query: str) -> str:
        return (await registry.execute(ToolCall("1", "math", {"query": query}))).text

    wanted = told["parameters"]["properties"]["query"].get("description", "what is asked")
    math.__doc__ = f"{told['description']}\n\nArgs:\n    query: {wanted}\n"
    return math


def main(repeats: int, kinds: list[str]) -> int:
    with tempfile.TemporaryDirectory() as place:
        data = Data(Path(place))
        made = {"sft": data.sft, "reward": data.rankings, "grpo": data.questions}
        sides = [ProcessPoolExecutor(1, mp_context=get_context("spawn")) for _ in range(2)]
        found: dict[str, tuple[list[float], list[float]]] = {}
        for kind in kinds:
            path, rows = made[kind]()
            found[kind] = ([], [])
            for repeat in range(repeats):
                # Whoever comes second meets a warmer machine, so they take turns.
                for side in (0, 1) if repeat % 2 else (1, 0):
                    function, given = ((ours, path), (stock, rows))[side]
                    done, seconds = sides[side].submit(function, kind, data.model, given).result()
                    found[kind][side].append(done / seconds)
            print(f"{kind}: {UNITS[kind]}, median (spread)", flush=True)
            for name, rates in zip(("pericles", "TRL"), found[kind], strict=True):
                print(
                    f"  {name:<12}{statistics.median(rates):9.3f}   ({min(rates):.3f} to {max(rates):.3f})", flush=True
                )
        for side in sides:
            side.shutdown()
    ratios = {
        kind: statistics.median(mine / theirs for mine, theirs in zip(*rates, strict=True))
        for kind, rates in found.items()
    }
    told = ", ".join(f"{kind} {ratio:.1f} times TRL (target {TARGETS[kind]:g})" for kind, ratio in ratios.items())
    print(f"training: {told}")
    return 0 if all(ratio >= TARGETS[kind] for kind, ratio in ratios.items()) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Training speed beside TRL.")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=list(TARGETS), default=list(TARGETS))
    arguments = parser.parse_args()
    sys.exit(main(arguments.repeats, arguments.only))
