"""Supervised fine-tuning of a policy on conversations with tool calls, on TRL.

The text that is trained on is rendered by the engines' own template from the engines' own messages, and the loss
covers what the template marks as generated: replies, calls and the stop token.

Two departures from TRL's `SFTTrainer`, both for speed on a CPU and neither changing the loss:
- conversations with the same system message share it (packing.py);
- logits are made for the positions that carry loss only. TRL's fused head scores every position and upcasts the
  products of its backward pass: 1.5 to 2 times slower there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...tools import ConfigError
from ..engines.chat_format import smollm2_template, to_template
from ..engines.messages import Message
from .packing import IGNORED, PackCollator, TokenRow, pack
from .recipe import Recipe, SFTStage

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PAD_TOKEN = "<|endoftext|>"  # noqa: S105 - not a password
STOP_TOKEN = "<|im_end|>"  # noqa: S105


def base_folder(base: str) -> Path:
    """The folder with the base's weights: `dir:PATH`, or a name of the model cache."""
    if base.startswith("dir:"):
        folder = Path(base.removeprefix("dir:")).expanduser()
        if not (folder / "config.json").is_file():
            raise ConfigError(f"base {base!r}: there is no config.json in that folder.")
        return folder
    from ..engines.weights import transformers_folder

    return transformers_folder(base)


def load_tokenizer(base: str) -> PreTrainedTokenizerBase:
    """The base's tokenizer with our chat template.

    SmolLM2 pads with its stop token, and TRL masks padding: every end of a turn would be left out of the loss.
    """
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base_folder(base))
    tokenizer.pad_token = PAD_TOKEN
    tokenizer.eos_token = STOP_TOKEN
    tokenizer.chat_template = smollm2_template()
    return tokenizer


def tokenize_row(tokenizer: Any, row: dict[str, Any]) -> TokenRow:
    """One generated conversation as ids and labels.

    Args:
        tokenizer: from `load_tokenizer`.
        row: `messages` as `Message.to_dict()` gives them, `tools` in the OpenAI form.

    Raises:
        ConfigError: the conversation has nothing to learn from.
    """
    messages = [Message.from_dict(message) for message in row["messages"]]
    encoded = tokenizer.apply_chat_template(
        to_template(messages), tools=row["tools"] or None, return_dict=True, return_assistant_tokens_mask=True
    )
    ids, mask = list(encoded["input_ids"]), encoded["assistant_masks"]
    if 1 not in mask:
        raise ConfigError(f"row {row.get('id')!r} has no assistant message.")
    labels = [token if learn else IGNORED for token, learn in zip(ids, mask, strict=True)]
    return TokenRow(ids, labels, prefix=ids.index(tokenizer.eos_token_id) + 1)


def train_stage(
    recipe: Recipe,
    stage: SFTStage,
    rows: Sequence[dict[str, Any]],
    folder: Path,
    *,
    previous: Path | None = None,
    resume: bool = False,
) -> dict[str, Any]:
    """Trains one stage and leaves its adapter in `folder/adapter`.

    Args:
        recipe: the whole job.
        stage: the part of it to run.
        rows: the stage's conversations.
        folder: where checkpoints and the adapter go.
        previous: adapter of the stage before.
        resume: continue from the last checkpoint in `folder`, if there is one.

    Returns:
        Figures: conversations, packs, steps, tokens, seconds, final loss.
    """
    import torch
    from datasets import Dataset
    from transformers import set_seed

    from .trainer import PackedSFTTrainer, metrics_writer, periodic_save

    set_seed(recipe.seed)
    tokenizer = load_tokenizer(recipe.base)
    tokenized = [tokenize_row(tokenizer, row) for row in rows]
    packs = pack(tokenized, stage.pack_tokens)
    folder.mkdir(parents=True, exist_ok=True)
    trainer = PackedSFTTrainer(
        model=_model_with_adapter(recipe, previous),
        args=_arguments(recipe, stage, folder, len(packs)),
        train_dataset=Dataset.from_list(packs),
        processing_class=tokenizer,
        data_collator=PackCollator(),
        callbacks=[metrics_writer(folder / "metrics.jsonl", stage.name), periodic_save(stage.save_minutes * 60)],
    )
    if recipe.threads:
        torch.set_num_threads(recipe.threads)  # here, because accelerate sets its own number for a CPU
    checkpoint = _last_checkpoint(folder) if resume else None
    start = time.monotonic()
    output = trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    save_adapter(trainer.model, folder / "adapter", recipe.base)
    return {
        "stage": stage.name,
        "conversations": len(rows),
        "packs": len(packs),
        "steps": trainer.state.global_step,
        "tokens_in_packs": sum(len(p["input_ids"]) for p in packs) * stage.epochs,
        "tokens_unpacked": sum(len(row.input_ids) for row in tokenized) * stage.epochs,
        "tokens_with_loss": sum(label != IGNORED for row in tokenized for label in row.labels) * stage.epochs,
        "seconds": round(time.monotonic() - start, 1),
        "resumed_from": checkpoint.name if checkpoint else None,
        "mean_loss": round(float(output.training_loss), 4),
    }


def _model_with_adapter(recipe: Recipe, previous: Path | None) -> Any:
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import AutoModelForCausalLM

    from .trainer import ATTENTION

    model = AutoModelForCausalLM.from_pretrained(
        base_folder(recipe.base), dtype=torch.float32, attn_implementation=ATTENTION
    )
    if previous is not None:
        return PeftModel.from_pretrained(model, previous, is_trainable=True)
    config = LoraConfig(
        r=recipe.adapter.rank,
        lora_alpha=recipe.adapter.alpha,  # pyright: ignore[reportArgumentType] - peft scales by any number
        lora_dropout=recipe.adapter.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def _arguments(recipe: Recipe, stage: SFTStage, folder: Path, packs: int) -> Any:
    import torch
    from trl.trainer.sft_config import SFTConfig

    steps = -(-packs // stage.packs_per_step) * stage.epochs
    return SFTConfig(
        output_dir=str(folder),
        num_train_epochs=stage.epochs,
        per_device_train_batch_size=stage.packs_per_step,
        learning_rate=stage.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=int(steps * stage.warmup_ratio),
        weight_decay=stage.weight_decay,
        max_grad_norm=stage.max_grad_norm,
        seed=recipe.seed,
        data_seed=recipe.seed,
        use_cpu=not torch.cuda.is_available(),
        bf16=True,
        gradient_checkpointing=False,
        max_length=None,
        logging_steps=10,
        save_strategy="no",  # periodic_save decides
        save_total_limit=2,
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        shuffle_dataset=False,
    )


def save_adapter(model: Any, folder: Path, base: str) -> None:
    """Writes the adapter in peft's format with bfloat16 weights; it names its base and not where that lay."""
    import torch
    from safetensors.torch import load_file, save_file

    model.save_pretrained(folder)
    path = folder / "adapter_model.safetensors"
    weights = {name: tensor.to(torch.bfloat16) for name, tensor in load_file(path).items()}
    save_file(weights, path, metadata={"format": "pt"})
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = base
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    (folder / "README.md").unlink(missing_ok=True)


def _last_checkpoint(folder: Path) -> Path | None:
    found = [path for path in folder.glob("checkpoint-*") if (path / "trainer_state.json").is_file()]
    return max(found, key=lambda path: int(path.name.rpartition("-")[2]), default=None)
