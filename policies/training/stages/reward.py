"""The stage `reward`: a reward model from rankings."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ....tools import TrainingError
from ...feedback import Ranking, split_by_prompt
from ..models import MODEL, load_tokenizer, merged
from ..processes import is_main, processes
from ..recipe import Adapter, RewardStage
from ..reply_rows import reply_row
from ..rewards.reward_model import SCALE, raw_rewards
from .arguments import common_arguments, set_threads
from .context import Context, Outcome
from .ranked import RankedPairs, rankings_of, report_pairs
from .training import carry_out


def run_reward(context: Context, stage: RewardStage) -> Outcome:
    """Trains a reward model, started from the policy as it now is.

    Raises:
        ConfigError: the data is wrong.
        TrainingError: no ranking is left to train on.
    """
    from datasets import Dataset
    from trl.trainer.reward_config import RewardConfig

    from ..trainers.attention import can_share
    from ..trainers.reward import KwiseRewardTrainer, RankingCollator

    tokenizer = load_tokenizer(context.policy)
    rankings, figures = rankings_of(context, stage.data, tokenizer)
    learned, held_out = split_by_prompt(rankings, stage.held_out, context.recipe.seed, key=_prompt)
    rows, left_out = _rows(tokenizer, learned, stage.max_tokens)
    if not rows:
        raise TrainingError("no ranking is left to train on: raise max_tokens, lower held_out, or give more data.")
    model = _scorer(context, stage.adapter, tokenizer)
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    shares = can_share(inner.base_model) and processes() == 1
    if not shares:
        inner.set_attn_implementation("sdpa")
    per_step = stage.prompts_per_step
    steps = max(1, int(-(-len(rows) // (per_step * processes())) * stage.epochs))
    trainer = KwiseRewardTrainer(
        center=stage.center,
        model=model,
        args=RewardConfig(
            **common_arguments(context, stage, steps),
            per_device_train_batch_size=max(1, per_step // stage.accumulate),
            gradient_accumulation_steps=stage.accumulate,
            max_length=None,
            disable_dropout=True,
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        data_collator=RankingCollator(tokenizer.pad_token_id, shares),
    )
    set_threads(context)
    figures |= {"rankings": len(rows), "pairs": sum(len(row["pairs"]) for row in rows), "left_out_too_long": left_out}
    figures |= carry_out(context, stage, trainer)
    trained = trainer.accelerator.unwrap_model(trainer.model)
    trained = trained.merge_and_unload() if hasattr(trained, "merge_and_unload") else trained
    trained.eval()
    tested = held_out or learned
    test_rows, _ = _rows(tokenizer, tested, stage.max_tokens)
    kept = [ranking for ranking in tested if _fits(tokenizer, ranking, stage.max_tokens)]
    rewards = raw_rewards(trained, test_rows, tokenizer.pad_token_id, shares)
    target = context.folder / MODEL
    trained.config._attn_implementation = "sdpa"
    if is_main():
        trained.save_pretrained(target)
        tokenizer.save_pretrained(target)
    flat = [value for values in rewards for value in values]
    scale = (
        {"mean": statistics.fmean(flat), "std": statistics.pstdev(flat) or 1.0} if flat else {"mean": 0.0, "std": 1.0}
    )
    if is_main():
        (target / SCALE).write_text(json.dumps(scale) + "\n", encoding="utf-8")
    figures["tested_on"] = "held out" if held_out else "the training data"
    figures |= report_pairs([RankedPairs(ranking, values) for ranking, values in zip(kept, rewards, strict=True)])
    return Outcome(figures, reward_model=target)


def _prompt(ranking: Ranking) -> Any:
    return ranking.prompt


def _rows(tokenizer: Any, rankings: Sequence[Ranking], longest: int) -> tuple[list[dict[str, Any]], int]:
    rows: list[dict[str, Any]] = []
    for ranking in rankings:
        row = reply_row(tokenizer, ranking.prompt, ranking.replies, ranking.tools)
        if len(row["prompt"]) + max(map(len, row["replies"])) <= longest:
            pairs = [[pair.i, pair.j, pair.target, pair.weight] for pair in ranking.comparisons()]
            rows.append(row | {"pairs": pairs})
    return rows, len(rankings) - len(rows)


def _fits(tokenizer: Any, ranking: Ranking, longest: int) -> bool:
    return bool(_rows(tokenizer, [ranking], longest)[0])


def _scorer(context: Context, adapter: Adapter | None, tokenizer: Any) -> Any:
    """The policy with a scalar head in place of its language head."""
    import torch
    from accelerate.state import PartialState
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification
    from trl.trainer.reward_trainer import suppress_seqcls_warning

    from ..trainers.attention import ATTENTION

    torch.manual_seed(context.seed)
    source: Path | str = context.policy.model
    if context.policy.adapter is not None:
        # The head differs, so the adapter is merged into the language model first.
        whole = merged(AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32), context.policy.adapter)
        source = context.folder / "start"
        with PartialState().main_process_first():
            if is_main():
                whole.save_pretrained(source)
                tokenizer.save_pretrained(source)
    with suppress_seqcls_warning():
        model: Any = AutoModelForSequenceClassification.from_pretrained(
            source, num_labels=1, dtype=torch.float32, attn_implementation=ATTENTION
        )
    model.config.pad_token_id = tokenizer.pad_token_id
    with torch.no_grad():
        # Rewards start near zero, whatever the size of the states.
        model.score.weight.normal_(0.0, 1.0 / (model.score.in_features + 1))
    if adapter is None:
        return model
    from peft import LoraConfig, get_peft_model

    return get_peft_model(
        model,
        LoraConfig(
            r=adapter.rank,
            lora_alpha=adapter.alpha,  # pyright: ignore[reportArgumentType]
            lora_dropout=adapter.dropout,
            target_modules="all-linear",
            modules_to_save=["score"],
            task_type="SEQ_CLS",
        ),
    )


def untrained_reward_model(context: Context, folder: Path) -> Path:
    """A reward model that knows nothing yet, to try with how long scoring takes."""
    tokenizer = load_tokenizer(context.policy)
    model = _scorer(context, None, tokenizer)
    model.config._attn_implementation = "sdpa"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
