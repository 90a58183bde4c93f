"""TRL's trainers as its scripts use them, for `benchmarks/training.py`: the peers of our stages.

Each function trains for as long as its data lasts and returns what it read and the seconds of `trainer.train()`. Models
are float32 without gradient checkpointing, as ours are there; all else is TRL's default.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

# Qwen's response template without thinking: the form of calls is the same.
RESPONSES: dict[str, Any] = {
    "defaults": {"role": "assistant"},
    "start_anchor": "<|im_start|>assistant\n",
    "fields": {
        "tool_calls": {
            "open": "<tool_call>",
            "close_pattern": r"</tool_call>\s*",
            "repeats": True,
            "content": "json",
            "transform": {"type": "function", "function": "{content}"},
        },
        "content": {"close_pattern": r"<\|im_end\|>\s*", "content": "text"},
    },
}


def sft(model: Path, rows: Sequence[dict[str, Any]], rank: int, rate: float, batch: int) -> tuple[int, float]:
    """Conversation tokens and seconds."""
    from datasets import Dataset
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    trainer = SFTTrainer(
        model=str(model),
        args=SFTConfig(**_common(rate), per_device_train_batch_size=batch, assistant_only_loss=True),
        train_dataset=Dataset.from_list(list(rows)),
        peft_config=_lora(rank),
    )
    tokens = sum(len(ids) for ids in trainer.train_dataset["input_ids"])  # pyright: ignore[reportIndexIssue, reportOptionalSubscript]
    return tokens, _seconds(trainer)


def reward(model: Path, pairs: Sequence[dict[str, Any]], rate: float, batch: int) -> tuple[int, float]:
    """Pairs and seconds."""
    from datasets import Dataset
    from trl.trainer.reward_config import RewardConfig
    from trl.trainer.reward_trainer import RewardTrainer

    trainer = RewardTrainer(
        model=str(model),
        args=RewardConfig(**_common(rate), per_device_train_batch_size=batch, disable_dropout=True),
        train_dataset=Dataset.from_list(list(pairs)),
    )
    return len(pairs), _seconds(trainer)


def grpo(
    model: Path,
    prompts: Sequence[dict[str, Any]],
    tool: Callable[..., Awaitable[str]],
    rank: int,
    rate: float,
    generations: int,
    longest: int,
) -> tuple[int, float]:
    """Tokens of prompts and completions, tool results among them, and seconds: one step on all prompts."""
    from datasets import Dataset
    from transformers import AutoTokenizer
    from trl.trainer.grpo_config import GRPOConfig
    from trl.trainer.grpo_trainer import GRPOTrainer

    tokenizer: Any = AutoTokenizer.from_pretrained(model)
    tokenizer.response_template = RESPONSES

    def called(completions: list[list[dict[str, Any]]], **_: Any) -> list[float]:
        return [float(any(message["role"] == "tool" for message in completion)) for completion in completions]

    trainer = GRPOTrainer(
        model=str(model),
        reward_funcs=called,
        args=GRPOConfig(
            **_common(rate),
            per_device_train_batch_size=len(prompts) * generations,
            num_generations=generations,
            max_completion_length=longest,
            max_tool_calling_iterations=1,
            beta=0.0,
        ),
        train_dataset=Dataset.from_list(list(prompts)),
        processing_class=tokenizer,
        tools=[tool],  # pyright: ignore[reportArgumentType]
        peft_config=_lora(rank),
    )
    seconds = _seconds(trainer)
    return int(trainer.state.num_input_tokens_seen), seconds


def _seconds(trainer: Any) -> float:
    start = time.perf_counter()
    trainer.train()
    return time.perf_counter() - start


def _common(rate: float) -> dict[str, Any]:
    return {
        "output_dir": tempfile.mkdtemp(prefix="stock-trl-"),
        "num_train_epochs": 1,
        "learning_rate": rate,
        "use_cpu": True,
        "bf16": False,
        "activation_checkpointing": False,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "logging_strategy": "no",
        "dataloader_pin_memory": False,
    }


def _lora(rank: int) -> Any:
    from peft import LoraConfig

    return LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM")
