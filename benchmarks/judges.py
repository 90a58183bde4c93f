"""How far judges that run on a laptop agree with people, and how many of people's labels they save.

    .venv/bin/python benchmarks/judges.py --train TRAIN.jsonl --test TEST.jsonl [--judged 300] [--tested 200]

On files in the form of Anthropic's HH-RLHF (pairs of which a person chose one). Two judges: a policy that is asked by
the harmlessness principles of the default constitution, and a reward head on the policy's hidden states, fitted to
people's labels. For each number of labels: the agreement on fresh pairs of a head fitted to these alone, and of one
fitted to these and to what the prompted judge's calibrated, certified labels add. About 20 minutes on two cores with
the defaults; answers and states are kept in --work, so that it goes on where it was killed. Without files it says so
and measures nothing. There is no target: whatever comes out is the figure.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import sys
from pathlib import Path

import numpy as np
from pericles.evals.statistics import estimate
from pericles.policies.feedback import Ranking, prompt_key, read_hh_rlhf
from pericles.policies.feedback.calibration import choose_mix, cross_fit, find_threshold, preference_head
from pericles.policies.feedback.constitution import load_constitution
from pericles.policies.feedback.judging import Judge, ToJudge
from pericles.policies.feedback.judging.loading import identity_of, load_judge_policy
from pericles.policies.feedback.trust import PairTable, decide, pair_table, report
from pericles.policies.feedback.trust.page import lines

LABELS = (50, 100, 200, 400, 800)
REPEATS = 5


def main() -> int:
    options = _options()
    if options.train is None or options.test is None:
        print("judges: not measured: give --train and --test, files in the form of HH-RLHF")
        return 0
    options.work.mkdir(parents=True, exist_ok=True)
    learned = [one for one in read_hh_rlhf(options.train).rankings if _fits(one)][: options.learned]
    known = {prompt_key(one.prompt) for one in learned}
    tested = [one for one in read_hh_rlhf(options.test).rankings if _fits(one) and prompt_key(one.prompt) not in known]
    states = _states(options, "train", learned), _states(options, "test", tested)
    judged = asyncio.run(_judged(options, [*learned[: options.judged], *tested[: options.tested]]))

    print(f"\nthe prompted judge on {options.tested} test pairs, calibrated by cross-fitting on the same")
    fresh = pair_table(judged[options.judged :], tested[: options.tested])
    found = report(decide(fresh, np.ones((len(fresh.p), 1))))
    for label, text in lines(found):
        print(f"  {label:<44}{text}")
    print(f"  {found.verdict}")

    print("\nagreement on fresh pairs (95 %, prompts as clusters) of a head on the policy's hidden states")
    print(f"  {'labels':>8}  {'people alone':<24}{'with the prompted judge':<28}{'w_A > 0':>8}")
    for count in LABELS:
        if count > len(learned):
            break
        rows = [_fitted(learned, states[0], judged[: options.judged], count, seed) for seed in range(REPEATS)]
        alone, mixed = (np.stack([row[at] for row in rows]) for at in (0, 1))
        groups = [prompt_key(one.prompt) for one in tested]
        difference = states[1][:, 0] - states[1][:, 1]
        cells = [_agreement(difference, heads, groups) for heads in (alone, mixed)]
        used = np.mean([row[2] > 0 for row in rows])
        print(f"  {count:>8}  {cells[0]:<24}{cells[1]:<28}{used:>8.0%}", flush=True)
    print(f"judges: prompted {found.agreement.share:.3f} of {found.agreement.n} (no target)")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", type=Path)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--policy", default="smollm2-135m")
    parser.add_argument("--learned", type=int, default=800)
    parser.add_argument("--judged", type=int, default=300)
    parser.add_argument("--tested", type=int, default=200)
    parser.add_argument("--work", type=Path, default=Path("runs/judges"))
    return parser.parse_args()


def _fits(ranking: Ranking) -> bool:
    """Long conversations would take most of the time."""
    return sum(len(message.content) for message in ranking.prompt) < 800 and all(
        len(reply[-1].content) < 800 for reply in ranking.replies
    )


def _states(options: argparse.Namespace, name: str, rankings: list[Ranking]) -> np.ndarray:
    """`(pairs, 2, hidden)`."""
    from pericles.policies.training.models import starting_weights
    from pericles.policies.training.stages.states import reply_states

    weights = starting_weights(options.policy)
    asked = repr([one.to_dict() for one in rankings]) + weights.digest()
    file = options.work / f"{name}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}.npy"
    if not file.is_file():
        beside = file.with_suffix(".partial.npy")
        np.save(beside, np.stack(reply_states(weights, rankings)))
        beside.replace(file)
    print(f"{name}: states of {len(rankings)} pairs", flush=True)
    return np.load(file)


async def _judged(options: argparse.Namespace, rankings: list[Ranking]) -> list[Ranking]:
    judge = Judge(
        load_judge_policy(options.policy), load_constitution().within(["harmlessness"]),
        identity=identity_of(options.policy), answers=options.work / "answers.jsonl",
    )  # fmt: skip

    def tell(done: int, of: int) -> None:
        if done % 50 == 0:
            print(f"judged {done} of {of}", flush=True)

    try:
        return await judge.rank_all([ToJudge.of(one) for one in rankings], tell=tell)
    finally:
        await judge.policy.aclose()


def _fitted(
    learned: list[Ranking], states: np.ndarray, judged: list[Ranking], count: int, seed: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Two heads, by people's labels alone and with the judge's; and the judge's weight."""
    order = np.random.default_rng(seed).permutation(len(learned))
    human = order[:count]
    scale = np.sqrt(np.mean((states[:, 0] - states[:, 1]) ** 2, axis=0))
    scale = np.where(scale > 0, scale, 1.0)
    difference = (states[:, 0] - states[:, 1]) / scale
    table: PairTable = pair_table(judged, [learned[at] for at in human])
    places = {one.id: at for at, one in enumerate(learned)}
    rows = np.array([places[pair.ranking.id.rpartition("/ai:")[0]] for pair in table.pairs])
    sign = np.array([1.0 if pair.i == 0 else -1.0 for pair in table.pairs])
    inputs = difference[rows] * sign[:, None]
    # In the files the better reply always stands first.
    flip = np.random.default_rng(seed).random(count) < 0.5
    x, y = np.where(flip[:, None], -difference[human], difference[human]), np.where(flip, 0.0, 1.0)
    groups = [prompt_key(learned[at].prompt) for at in human]
    accepted = np.zeros(len(table.p), dtype=bool)
    q = table.p
    labelled = table.labelled
    if labelled.sum() >= 10:
        _, q = cross_fit(table.p, table.features, table.labels, table.prompts, seed=seed)
        threshold = find_threshold(q, q[labelled], table.labels[labelled])
        if threshold is not None:
            accepted = ~labelled & (np.maximum(q, 1 - q) >= threshold.tau)
    nothing = inputs[:0], table.p[:0], q[:0]
    ridge = choose_mix((x, y, groups), nothing, weights=(0.0,), seed=seed).ridge
    alone = preference_head(x, y, np.ones(count), ridge) / scale
    if not accepted.any():
        return alone, alone, 0.0
    mix = choose_mix((x, y, groups), (inputs[accepted], table.p[accepted], q[accepted]), seed=seed)
    if not mix.weight:
        return alone, alone, 0.0
    targets = q if mix.kind == "calibrated" else table.p
    both = preference_head(
        np.concatenate((x, inputs[accepted])),
        np.concatenate((y, targets[accepted])),
        np.concatenate((np.ones(count), np.full(int(accepted.sum()), mix.weight))),
        mix.ridge,
    )
    return alone, both / scale, mix.weight


def _agreement(difference: np.ndarray, heads: np.ndarray, groups: list[str]) -> str:
    """Of the mean head's choice: each repeat judges every pair, and a pair's score is the share that are right."""
    scores = (difference @ heads.T > 0).mean(axis=1)
    found = estimate(scores.tolist(), groups)
    return f"{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]"


if __name__ == "__main__":
    sys.exit(main())
