"""The stage `sft`: supervised fine-tuning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....tools import TrainingError
from ...engines.messages import Message
from ...feedback import split_by_prompt
from ..models import load_model, load_tokenizer, save_policy
from ..processes import processes
from ..recipe import SFTStage
from ..rows import kept_rows
from ..sources.conversations import read_conversations
from ..tokens import tokenize
from ..trainers.packing import IGNORED, TokenRow, pack
from .agents import schemas_of, system_message
from .arguments import common_arguments, set_threads
from .context import Context, Outcome
from .earlier import CONVERSATIONS, resolved
from .training import carry_out


def run_sft(context: Context, stage: SFTStage) -> Outcome:
    """Trains on conversations.

    Raises:
        ConfigError: the data is wrong.
        TrainingError: no conversation fits.
    """
    from datasets import Dataset
    from trl.trainer.sft_config import SFTConfig

    from ..trainers.attention import ATTENTION, can_share
    from ..trainers.packing import PackCollator, PaddedCollator
    from ..trainers.sft import PackedSFTTrainer

    tokenizer = load_tokenizer(context.policy)
    rows = _conversations(context, stage)
    learned, held_out = split_by_prompt(rows, stage.held_out, context.recipe.seed, key=_prompt)
    tokens, left_out = _fitting(tokenizer, learned, stage.pack_tokens)
    model = load_model(context.policy, adapter=context.recipe.adapter, attention=ATTENTION)
    shares = can_share(model) and processes() == 1
    if not shares:
        model.set_attn_implementation("sdpa")
    items = pack(tokens, stage.pack_tokens) if shares else [vars(row) for row in tokens]
    steps = max(1, int(-(-len(items) // (stage.packs_per_step * processes())) * stage.epochs))
    trainer = PackedSFTTrainer(
        model=model,
        args=SFTConfig(
            **common_arguments(context, stage, steps),
            per_device_train_batch_size=stage.packs_per_step,
            max_length=None,
            dataset_kwargs={"skip_prepare_dataset": True},
        ),
        train_dataset=Dataset.from_list(items),
        processing_class=tokenizer,
        data_collator=PackCollator() if shares else PaddedCollator(tokenizer.pad_token_id),
    )
    set_threads(context)
    figures = carry_out(context, stage, trainer)
    if held_out:
        figures |= _held_out_loss(trainer.model, tokenizer, held_out, stage.pack_tokens, shares)
    policy = save_policy(
        trainer.accelerator.unwrap_model(trainer.model), tokenizer, context.folder, context.policy.base
    )
    return Outcome(
        {
            "conversations": len(tokens),
            "left_out_too_long": left_out,
            "packs": len(items),
            "tokens_in_packs": sum(len(item["input_ids"]) for item in items),
            "tokens_unpacked": sum(len(row.input_ids) for row in tokens),
            "tokens_with_loss": sum(label != IGNORED for row in tokens for label in row.labels),
            **figures,
        },
        policy=policy,
    )


def _conversations(context: Context, stage: SFTStage) -> list[dict[str, Any]]:
    """The stage's rows, in the order in which they are learned from; the same when the stage is resumed."""
    return kept_rows(
        context.folder / "data.jsonl",
        lambda: read_conversations(
            resolved(context, stage.data, CONVERSATIONS),
            tools=schemas_of(context.recipe),
            instructions=system_message(context.recipe),
        ),
    )


def _prompt(row: dict[str, Any]) -> list[Message]:
    """What a conversation is kept apart by: everything up to the first reply."""
    messages = [Message.from_dict(message) for message in row["messages"]]
    first = next((at for at, message in enumerate(messages) if message.role == "assistant"), len(messages))
    return messages[:first]


def _fitting(tokenizer: Any, rows: Sequence[dict[str, Any]], longest: int) -> tuple[list[TokenRow], int]:
    """The tokenized rows that fit a pack, and how many do not."""
    tokens = [
        tokenize(
            tokenizer,
            [Message.from_dict(message) for message in row["messages"]],
            row.get("tools") or (),
            learn_from=row.get("learn_from", 0),
        )
        for row in rows
    ]
    fitting = [row for row in tokens if len(row.input_ids) <= longest]
    if not fitting:
        shortest = min((len(row.input_ids) for row in tokens), default=0)
        raise TrainingError(
            f"no conversation has at most {longest} tokens (the shortest has {shortest}): raise pack_tokens."
        )
    return fitting, len(tokens) - len(fitting)


def _held_out_loss(
    model: Any, tokenizer: Any, rows: Sequence[dict[str, Any]], longest: int, shares: bool
) -> dict[str, Any]:
    """Mean negative log-likelihood per token (nats) of conversations that were not trained on."""
    import torch

    from ..trainers.packing import PackCollator, PaddedCollator

    tokens, _ = _fitting(tokenizer, rows, longest)
    items = pack(tokens, longest) if shares else [vars(row) for row in tokens]
    collate = PackCollator() if shares else PaddedCollator(tokenizer.pad_token_id)
    device = model.get_input_embeddings().weight.device
    model.eval()
    summed = number = 0.0
    with torch.inference_mode():
        for item in items:
            inputs = collate([item])
            labels = inputs.pop("labels")[:, 1:].to(device)
            inputs = {key: value.to(device) if hasattr(value, "to") else value for key, value in inputs.items()}
            counted = labels != IGNORED
            logits = model(**inputs, use_cache=False).logits[:, :-1][counted]
            summed += float(torch.nn.functional.cross_entropy(logits.float(), labels[counted], reduction="sum"))
            number += int(counted.sum())
    return {"held_out_conversations": len(tokens), "held_out_loss": round(summed / number, 4)}
