"""The stage `calibrate`: people's labels decide which of a judge's are trained on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ....tools import ConfigError
from ...feedback import read_rankings, split_by_prompt
from ...feedback.collecting.queue import audit_slice, read_queue
from ...feedback.ranking import Ranking, prompt_key
from ...feedback.ranking_files import write_rankings
from ...feedback.trust import PairTable, decide, mixed_rankings, pair_table, report
from ...feedback.trust.decision import FEWEST_PROMPTS
from ...feedback.trust.page import page
from ..recipe import CalibrateStage, DPOStage, RewardStage
from ..sources.rankings import read_ranking_sources
from .arguments import set_threads
from .context import Context, Outcome
from .earlier import RANKINGS, earlier_folder
from .states import reply_states

REPORT, PAGE = "report.json", "report.html"


def run_calibrate(context: Context, stage: CalibrateStage) -> Outcome:
    """Leaves `rankings.jsonl` to train on, and `report.json` and `report.html`.

    Prompts that a reward model behind this stage holds out to be tested on are kept from it here as well.

    Raises:
        ConfigError: there are too few labels of people on what the judge ranked, or the data is wrong.
    """
    folder = earlier_folder(context, stage.ai)
    ai = read_rankings(folder / RANKINGS)
    human, left_out = read_ranking_sources(stage.human)
    share = _held_out(context)
    learned_ai, _ = split_by_prompt(ai, share, context.recipe.seed)
    learned_human, tested = split_by_prompt(human, share, context.recipe.seed)
    table = pair_table(learned_ai, learned_human)
    context.tell({"stage": context.name, "event": "measuring", "pairs": len(table.pairs)})
    if context.probe and len({table.prompts[at] for at in np.flatnonzero(table.labelled)}) < FEWEST_PROMPTS:
        # A dry run judges the first few; who labelled others says nothing of what comes behind.
        write_rankings(context.folder / RANKINGS, human)
        return Outcome({"pairs": len(table.pairs)})
    decision = decide(
        table,
        _inputs(context, table),
        audit=None if stage.audit is None else _audit(Path(stage.audit), learned_human),
        alpha=stage.alpha,
        delta=stage.delta,
        human_fraction=stage.human_fraction,
        seed=context.seed,
    )
    found = report(decision, _constitution(folder))
    # What was held out is tested on later: it goes on unchanged, and the split by prompt finds it again.
    write_rankings(context.folder / RANKINGS, [*mixed_rankings(decision, learned_human), *tested])
    (context.folder / REPORT).write_text(json.dumps(found.to_dict(), indent=1) + "\n", encoding="utf-8")
    (context.folder / PAGE).write_text(page(found), encoding="utf-8")
    context.tell({"stage": context.name, "event": "decided", "verdict": found.verdict})
    return Outcome(
        {
            "judge": found.judge,
            "pairs": found.pairs,
            "labelled": found.labelled,
            "left_out": left_out,
            "kappa": found.agreement.kappa,
            "agreement": found.agreement.share,
            "orders_contradict": found.flips.value,
            "ece_before": found.error_before,
            "ece_after": found.error_after,
            "believed": {name: one.tau for name, one in found.sources.items()},
            "ai_weight": found.weight,
            "ai_labels": found.accepted,
            "ai_share": round(decision.ai_share, 4),
            "verdict": found.verdict,
        }
    )


def _constitution(folder: Path) -> str | None:
    """The hash of the constitution that a stage's judge judged by."""
    file = folder / "stage.json"
    if not file.is_file():  # in a dry run
        return None
    return json.loads(file.read_text(encoding="utf-8"))["figures"].get("constitution_sha256")


def _held_out(context: Context) -> float:
    """The share of the prompts that a reward model behind this is tested on; the smaller shares lie in the largest."""
    steps = context.recipe.steps()
    here = next(at for at, (name, _) in enumerate(steps) if name == context.name)
    shares = [section.held_out for _, section in steps[here + 1 :] if isinstance(section, RewardStage | DPOStage)]
    return max(shares, default=0.0)


def _inputs(context: Context, table: PairTable) -> np.ndarray:
    """`(pairs, hidden)` states of the policy behind the first reply less those behind the second."""
    set_threads(context)
    rankings: dict[str, Ranking] = {pair.ranking.id: pair.ranking for pair in table.pairs}
    states = dict(zip(rankings, reply_states(context.policy, list(rankings.values())), strict=True))
    return np.stack([states[pair.ranking.id][pair.i] - states[pair.ranking.id][pair.j] for pair in table.pairs])


def _audit(path: Path, human: list[Ranking]) -> set[str]:
    """The prompts of the uniform slice of what people were asked."""
    found = {prompt_key(ranking.prompt) for ranking in audit_slice(human, read_queue(path))}
    if not found:
        raise ConfigError(f"{path} names no ranking of the uniform slice that is among the rankings of people.")
    return found
