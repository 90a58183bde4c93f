"""The losses that TRL lacks: what they are, and their gradients against finite differences."""

import itertools
import math

import pytest
import torch
from pericles.policies.training.trainers.advantages import (
    clipped_value_loss,
    explained_variance,
    generalized_advantages,
    token_rewards,
    whitened,
)
from pericles.policies.training.trainers.kwise import kwise_loss
from pericles.policies.training.trainers.pretraining import PretrainingStream, cut, language_model_loss
from torch.autograd import gradcheck


def pairs_of(sizes, targets=None):
    """Every pair of each ranking, in the order in which replies are written, the earlier one better."""
    first, second, target, weight = [], [], [], []
    start = 0
    for size in sizes:
        for i, j in itertools.combinations(range(size), 2):
            first.append(start + i)
            second.append(start + j)
            target.append(1.0 if targets is None else targets[len(target)])
            weight.append(1 / math.comb(size, 2))
        start += size
    as_tensor = lambda values, kind: torch.tensor(values, dtype=kind)  # noqa: E731
    return {
        "first": as_tensor(first, torch.long), "second": as_tensor(second, torch.long),
        "target": as_tensor(target, torch.double), "weight": as_tensor(weight, torch.double),
    }  # fmt: skip


@pytest.mark.parametrize("sizes", [[2], [4, 9], [9, 5, 2]])
def test_the_kwise_loss_is_the_mean_over_pairs_and_then_over_prompts(sizes):
    torch.manual_seed(1)
    rewards = torch.randn(sum(sizes), dtype=torch.double)
    expected, start = 0.0, 0
    for size in sizes:
        group = rewards[start : start + size]
        losses = [
            -torch.nn.functional.logsigmoid(group[i] - group[j]) for i, j in itertools.combinations(range(size), 2)
        ]
        expected += sum(losses) / len(losses) / len(sizes)
        start += size
    found = kwise_loss(rewards, **pairs_of(sizes), prompts=len(sizes))
    assert found.item() == pytest.approx(float(expected), rel=1e-12)


def test_soft_targets_weights_and_centring_count_as_they_should():
    rewards = torch.tensor([1.0, -0.5], dtype=torch.double)
    pair = pairs_of([2], [0.7])
    p = 1 / (1 + math.exp(-1.5))
    expected = -(0.7 * math.log(p) + 0.3 * math.log(1 - p)) + 0.01 * 0.5**2
    assert kwise_loss(rewards, **pair, prompts=1, center=0.01).item() == pytest.approx(expected)
    half = pair | {"weight": pair["weight"] / 2}
    assert kwise_loss(rewards, **half, prompts=1, center=0.01).item() == pytest.approx(expected / 2)
    tie = pairs_of([2], [0.5])
    equal = torch.zeros(2, dtype=torch.double, requires_grad=True)
    kwise_loss(equal, **tie, prompts=1).backward()
    assert torch.equal(equal.grad, torch.zeros(2, dtype=torch.double))


def test_gradients_of_the_kwise_loss():
    rewards = torch.randn(13, dtype=torch.double, requires_grad=True)
    pairs = pairs_of([4, 9], list(torch.rand(6 + 36).tolist()))
    assert gradcheck(lambda values: kwise_loss(values, **pairs, prompts=2, center=0.01), (rewards,))


def test_gradients_of_the_value_loss():
    torch.manual_seed(0)
    values = torch.randn(3, 7, dtype=torch.double, requires_grad=True)
    old, returns = torch.randn(2, 3, 7, dtype=torch.double)
    mask = (torch.rand(3, 7) > 0.3).double()
    assert gradcheck(lambda given: clipped_value_loss(given, old, returns, mask, 0.2), (values,))


def test_the_value_loss_does_not_pull_further_than_the_clip():
    old, returns, mask = torch.zeros(1, 1), torch.ones(1, 1), torch.ones(1, 1)
    near = torch.full((1, 1), 0.5, requires_grad=True)
    clipped_value_loss(near, old, returns, mask, 0.2).backward()
    assert near.grad.item() == 0.0
    far = torch.full((1, 1), -0.5, requires_grad=True)
    clipped_value_loss(far, old, returns, mask, 0.2).backward()
    assert far.grad.item() == pytest.approx(-1.5)


def advantages_by_definition(rewards, values, discount, gae_lambda):
    """Equation 16 of Schulman et al. 2016, written out."""
    steps = len(rewards)
    following = [*values[1:], 0.0]
    surprises = [rewards[t] + discount * following[t] - values[t] for t in range(steps)]
    return [
        sum((discount * gae_lambda) ** (later - t) * surprises[later] for later in range(t, steps))
        for t in range(steps)
    ]


def test_advantages_pass_over_what_tools_said():
    torch.manual_seed(0)
    rewards, values = torch.randn(2, 2, 9, dtype=torch.double)
    mask = torch.tensor([[1, 1, 0, 0, 1, 1, 1, 0, 0], [1, 0, 1, 1, 1, 0, 0, 0, 1]], dtype=torch.double)
    found = generalized_advantages(rewards, values, mask, discount=0.9, gae_lambda=0.8)
    for row in range(2):
        spoken = mask[row] > 0
        expected = advantages_by_definition(rewards[row][spoken].tolist(), values[row][spoken].tolist(), 0.9, 0.8)
        assert found[row][spoken].tolist() == pytest.approx(expected)
        assert not found[row][~spoken].any()


def test_the_reward_comes_with_the_last_word_and_the_penalty_with_every_one():
    mask = torch.tensor([[1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    logprobs, reference = torch.tensor([[-1.0] * 4] * 2), torch.tensor([[-2.0] * 4] * 2)
    found = token_rewards(torch.tensor([3.0, 5.0]), logprobs, reference, mask, 0.1)
    # Where nobody spoke there is nothing to reward.
    assert found.flatten().tolist() == pytest.approx([-0.1, 0.0, 2.9, 0.0, *[0.0] * 4])


def test_whitened_values_have_mean_zero_and_variance_one_where_they_count():
    mask = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    found = whitened(torch.tensor([[1.0, 2.0, 99.0], [4.0, 8.0, 1.0]]), mask)
    kept = found[mask > 0]
    assert kept.mean().item() == pytest.approx(0, abs=1e-6)
    assert kept.var().item() == pytest.approx(1, abs=1e-5)
    assert found[0, 2] == 0


def test_explained_variance():
    returns, mask = torch.tensor([[1.0, 2.0, 3.0]]), torch.ones(1, 3)
    assert explained_variance(returns, returns, mask) == 1
    assert explained_variance(torch.zeros(1, 3), returns, mask) == pytest.approx(0)


def test_the_pretraining_text_is_cut_into_full_sequences_with_ends_between_documents():
    assert cut([[5, 6, 7], [8], [9, 10, 11]], 3, stop=2).tolist() == [[5, 6, 7], [2, 8, 2], [9, 10, 11]]


def test_a_step_draws_the_same_text_whenever_it_is_made():
    stream = PretrainingStream(torch.arange(400).view(100, 4), per_step=8, coef=1.0, seed=3)
    assert torch.equal(stream.batch(7), stream.batch(7))
    assert not torch.equal(stream.batch(7), stream.batch(8))
    assert not torch.equal(stream.batch(7, process=0), stream.batch(7, process=1))


class _Bigrams(torch.nn.Module):
    """A language model small enough to differentiate by hand."""

    def __init__(self):
        super().__init__()
        self.table = torch.nn.Parameter(torch.randn(5, 5, dtype=torch.double))

    def forward(self, input_ids, use_cache):
        return type("Output", (), {"logits": self.table[input_ids]})


def test_gradients_of_the_pretraining_loss():
    model = _Bigrams()
    ids = torch.tensor([[0, 1, 2, 3], [4, 4, 1, 0]])
    language_model_loss(model, ids).backward()
    step = 1e-5
    for at in ((0, 1), (4, 1), (2, 2)):
        losses = []
        for sign in (1, -1):
            with torch.no_grad():
                model.table[at] += sign * step
                losses.append(language_model_loss(model, ids).item())
                model.table[at] -= sign * step
        # The loss is taken in float32, as everywhere in training.
        assert model.table.grad[at].item() == pytest.approx((losses[0] - losses[1]) / (2 * step), abs=2e-2)
