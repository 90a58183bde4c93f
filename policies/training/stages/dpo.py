"""The stage `dpo`: direct preference optimisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....tools import ConfigError, TrainingError
from ...engines.messages import Message
from ...feedback import Ranking, prompt_key, split_by_prompt
from ..models import load_model, load_tokenizer, save_policy
from ..processes import processes
from ..recipe import DPOStage
from ..tokens import tokenize
from ..trainers.packing import IGNORED
from .arguments import common_arguments, set_threads
from .context import Context, Outcome
from .ranked import rankings_of
from .training import carry_out


def run_dpo(context: Context, stage: DPOStage) -> Outcome:
    """Trains on pairs.

    Raises:
        ConfigError: the data is wrong.
        TrainingError: no pair is left to train on.
    """
    from datasets import Dataset
    from trl.trainer.dpo_config import DPOConfig

    from ..trainers.dpo import PairCollator, TokenDPOTrainer

    tokenizer = load_tokenizer(context.policy)
    rankings, figures = rankings_of(context, stage.data, tokenizer)
    learned, held_out = split_by_prompt(rankings, stage.held_out, context.recipe.seed, key=lambda one: one.prompt)
    rows, left_out = _pairs(tokenizer, learned, stage.max_tokens)
    if not rows:
        raise TrainingError("no pair is left to train on: raise max_tokens, lower held_out, or give more data.")
    model = load_model(context.policy, adapter=context.recipe.adapter)
    steps = max(1, int(-(-len(rows) // (stage.pairs_per_step * processes())) * stage.epochs))
    trainer = TokenDPOTrainer(
        model=model,
        args=DPOConfig(
            **common_arguments(context, stage, steps),
            per_device_train_batch_size=max(1, stage.pairs_per_step // stage.accumulate),
            gradient_accumulation_steps=stage.accumulate,
            beta=stage.beta,
            label_smoothing=stage.label_smoothing,
            max_length=None,
            disable_dropout=True,
        ),
        train_dataset=Dataset.from_list([{key: row[key] for key in _COLUMNS} for row in rows]),
        processing_class=tokenizer,
        data_collator=PairCollator(tokenizer.pad_token_id),
    )
    set_threads(context)
    figures |= {"pairs": len(rows), "left_out_too_long": left_out, **carry_out(context, stage, trainer)}
    if held_out:
        figures["held_out_accuracy"] = _accuracy(trainer, tokenizer, held_out, stage)
    policy = save_policy(
        trainer.accelerator.unwrap_model(trainer.model), tokenizer, context.folder, context.policy.base
    )
    return Outcome(figures, policy=policy)


_COLUMNS = ("chosen", "rejected", "chosen_mask", "rejected_mask")


def _pairs(tokenizer: Any, rankings: Sequence[Ranking], longest: int) -> tuple[list[dict[str, Any]], int]:
    """Each pair of unequal rank as token ids, and how many are too long."""
    rows: list[dict[str, Any]] = []
    left_out = 0
    for ranking in rankings:
        texts = [_text(tokenizer, ranking, reply) for reply in ranking.replies]
        for pair in ranking.comparisons():
            if pair.target == 0.5 or pair.weight == 0:
                continue
            better, worse = (pair.i, pair.j) if pair.target > 0.5 else (pair.j, pair.i)
            (chosen, chosen_mask), (rejected, rejected_mask) = texts[better], texts[worse]
            if max(len(chosen), len(rejected)) > longest:
                left_out += 1
                continue
            values = (chosen, rejected, chosen_mask, rejected_mask)
            rows.append(dict(zip(_COLUMNS, values, strict=True)) | {"prompt": prompt_key(ranking.prompt)})
    return rows, left_out


def _text(tokenizer: Any, ranking: Ranking, reply: Sequence[Message]) -> tuple[list[int], list[int]]:
    try:
        row = tokenize(tokenizer, [*ranking.prompt, *reply], ranking.tools, learn_from=len(ranking.prompt))
    except ConfigError as error:
        raise ConfigError(f"ranking {ranking.id!r}: {error}") from error
    return row.input_ids, [int(label != IGNORED) for label in row.labels]


def _accuracy(trainer: Any, tokenizer: Any, rankings: Sequence[Ranking], stage: DPOStage) -> dict[str, Any]:
    """How often the implicit reward (Rafailov et al. 2023, equation 5) prefers the better reply."""
    import torch

    from ....evals.statistics import estimate
    from ..trainers.dpo import PairCollator

    rows, _ = _pairs(tokenizer, rankings, stage.max_tokens)
    if not rows:
        return {"value": None, "low": None, "high": None, "n": 0}
    collate = PairCollator(tokenizer.pad_token_id)
    right: list[float] = []
    trainer.model.eval()
    size = max(1, stage.pairs_per_step // stage.accumulate)
    for start in range(0, len(rows), size):
        batch = trainer._prepare_inputs(collate(rows[start : start + size]))
        with torch.no_grad(), trainer.compute_loss_context_manager():
            reference = trainer.compute_ref_log_probs(trainer.ref_model or trainer.model, dict(batch))
            labels = batch["input_ids"].masked_fill(batch["completion_mask"] == 0, -100)
            inputs = {key: value for key, value in batch.items() if key != "completion_mask"}
            own = trainer.model(**inputs, labels=labels, fused_lm_head=True, use_cache=False).log_probs.sum(1).chunk(2)
        margin = (own[0] - reference[0]) - (own[1] - reference[1])
        right += [1.0 if value > 0 else 0.5 if value == 0 else 0.0 for value in margin.tolist()]
    found = estimate(right, [row["prompt"] for row in rows])
    return {"value": round(found.mean, 4), "low": round(found.low, 4), "high": round(found.high, 4), "n": found.n}
