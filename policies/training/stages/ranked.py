"""Rankings of a stage: read or sampled; and what a reward model makes of those that it was not trained on."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ....tools import TrainingError
from ...feedback import Ranking, prompt_key
from ..recipe import Sampled
from ..rows import kept_rows
from ..sources.prompts import read_prompts
from ..sources.rankings import read_ranking_sources
from .context import Context
from .earlier import RANKINGS, resolved
from .sampling import Sampler, ranked_replies


def rankings_of(context: Context, sources: Sequence[Any], tokenizer: Any) -> tuple[list[Ranking], dict[str, Any]]:
    """The stage's rankings, kept in its folder; what is sampled is sampled from the policy as it now is.

    Returns:
        The rankings, and figures about what was left out.
    """
    figures: dict[str, Any] = {}

    def make() -> list[dict[str, Any]]:
        fixed = [source for source in resolved(context, sources, RANKINGS) if not isinstance(source, Sampled)]
        found, left_out = read_ranking_sources(fixed) if fixed else ([], {})
        figures["left_out"] = left_out
        for number, source in enumerate(source for source in sources if isinstance(source, Sampled)):
            sampler = Sampler(context, tokenizer)
            prompts = read_prompts(source.prompts)
            context.tell(
                {"stage": context.name, "event": "planned", "prompts": len(prompts), "replies": source.replies}
            )
            prompts = prompts[: context.probe * 4] if context.probe else prompts
            made = ranked_replies(sampler, prompts, source, seed=context.seed + number)
            figures["sampled_prompts"] = figures.get("sampled_prompts", 0) + len(prompts)
            figures["sampled_undecided"] = figures.get("sampled_undecided", 0) + len(prompts) - len(made)
            found += made
        if not found:
            prompts = figures.get("sampled_prompts", 0)
            raise TrainingError(
                f"stage {context.name} has no ranking: the replies to each of {prompts} prompts score alike. Train the "
                "policy before (sft), raise temperature or replies, or give other prompts."
            )
        return [ranking.to_dict() for ranking in found]

    rows = kept_rows(context.folder / "data.jsonl", make)
    return [Ranking.from_dict(row) for row in rows], figures


@dataclass(frozen=True)
class RankedPairs:
    """A ranking and the rewards that a model gives its replies."""

    ranking: Ranking
    rewards: Sequence[float]

    def decided(self) -> list[tuple[float, float]]:
        """For each pair that has a better reply: its reward less the other's, and the probability that it is better."""
        found: list[tuple[float, float]] = []
        for pair in self.ranking.comparisons():
            difference = self.rewards[pair.i] - self.rewards[pair.j]
            if pair.target != 0.5:
                better = pair.target > 0.5
                found.append((difference if better else -difference, max(pair.target, 1 - pair.target)))
        return found


def report_pairs(ranked: Sequence[RankedPairs]) -> dict[str, Any]:
    """Pair accuracy with its interval, whole and by slice; calibration; correlation with length.

    The pairs of one prompt are one cluster: their errors hang together.
    """
    figures: dict[str, Any] = {"accuracy": _accuracy(ranked)}
    slices: dict[str, Any] = {}
    for name, of in _SLICES.items():
        groups: dict[str, list[RankedPairs]] = {}
        for item in ranked:
            groups.setdefault(of(item.ranking), []).append(item)
        if len(groups) > 1 or name == "rater":
            slices[name] = {label: _accuracy(items) for label, items in sorted(groups.items())}
    figures["slices"] = slices
    figures["longer_is_better_accuracy"] = _accuracy([RankedPairs(x.ranking, _lengths(x.ranking)) for x in ranked])
    figures["ece"] = _calibration_error([pair for item in ranked for pair in item.decided()])
    lengths = [length for item in ranked for length in _lengths(item.ranking)]
    rewards = [reward for item in ranked for reward in item.rewards]
    figures["length_correlation"] = _correlation(lengths, rewards)
    return figures


def _accuracy(ranked: Sequence[RankedPairs]) -> dict[str, Any]:
    from ....evals.statistics import estimate

    scores: list[float] = []
    clusters: list[str] = []
    for item in ranked:
        for margin, _ in item.decided():
            scores.append(1.0 if margin > 0 else 0.5 if margin == 0 else 0.0)
            clusters.append(prompt_key(item.ranking.prompt))
    if not scores:
        return {"value": None, "low": None, "high": None, "n": 0}
    found = estimate(scores, clusters=clusters)
    return {"value": round(found.mean, 4), "low": round(found.low, 4), "high": round(found.high, 4), "n": found.n}


def _lengths(ranking: Ranking) -> list[float]:
    return [float(sum(len(message.content) for message in reply)) for reply in ranking.replies]


def _length_slice(ranking: Ranking) -> str:
    lengths = _lengths(ranking)
    comparable = [(lengths[pair.i], lengths[pair.j], pair.target) for pair in ranking.comparisons()]
    longer = [(a - b) * (target - 0.5) for a, b, target in comparable if target != 0.5]
    return "better replies are longer" if sum(longer) > 0 else "better replies are not longer"


def _tool_slice(ranking: Ranking) -> str:
    calls = any(message.tool_calls for reply in ranking.replies for message in reply)
    return "with tool calls" if calls else "without tool calls"


_SLICES: dict[str, Callable[[Ranking], str]] = {
    "length": _length_slice,
    "rater": lambda ranking: ranking.rater,
    "tools": _tool_slice,
}


def _calibration_error(pairs: Sequence[tuple[float, float]], bins: int = 10) -> float | None:
    """Expected calibration error of σ(difference) as the probability that the better reply is better (Guo et al. 2017).

    Each pair is taken in the order in which the model is surer of, so bins run from ½ to 1.
    """
    if not pairs:
        return None
    said = [
        (1 / (1 + math.exp(-min(abs(margin), 700))), target if margin > 0 else 1 - target) for margin, target in pairs
    ]
    total = 0.0
    for number in range(bins):
        low, high = 0.5 + number / (2 * bins), 0.5 + (number + 1) / (2 * bins)
        inside = [item for item in said if low <= item[0] < high or (number == bins - 1 and item[0] >= high)]
        if inside:
            total += abs(sum(p for p, _ in inside) - sum(right for _, right in inside))
    return round(total / len(said), 4)


def _correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    if len(xs) < 3 or len(set(xs)) < 2 or len(set(ys)) < 2:
        return None
    return round(statistics.correlation(xs, ys), 4)
