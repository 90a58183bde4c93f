"""Texts that are scored together, against each computed by itself."""

import asyncio
import random

import pytest
from pericles.policies import Message
from pericles.policies.engines import torch_scoring
from pericles.policies.engines.torch_scoring import Asked, TreeScorer
from pericles.tools import ContextOverflow, PolicyError


def alone(model, asked):
    """Log-probability and greediness by one plain forward pass."""
    import torch

    ids = torch.tensor([[*asked.prompt, *asked.completion]])
    with torch.inference_mode():
        logprobs = torch.log_softmax(model(input_ids=ids).logits[0, :-1].float(), -1)[-len(asked.completion) :]
    own = ids[0, -len(asked.completion) :]
    return float(logprobs.gather(1, own[:, None]).sum()), bool((logprobs.argmax(-1) == own).all())


def some_texts():
    draw = random.Random(0)

    def ids(count):
        return [draw.randrange(1000, 40000) for _ in range(count)]

    examples = ids(24)
    asked = []
    for _ in range(2):
        question = examples + ids(draw.randrange(2, 15))
        asked += [Asked(question, ids(draw.randrange(1, 6))) for _ in range(3)]
    # The same text twice, the start of another, one that ends where another goes on, unrelated and short ones.
    asked += [asked[2], Asked(examples[:1], examples[1:20]), Asked(examples[:20], [*examples[20:], 5])]
    asked += [Asked([5], [6]), Asked([5], [7]), Asked(ids(2), ids(30))]
    draw.shuffle(asked)
    return asked


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("piece", [512, 13])
def test_a_tree_in_pieces_gives_what_each_text_gives_alone(torch_policy, monkeypatch, piece):
    monkeypatch.setattr(torch_scoring, "PIECE", piece)
    asked = some_texts()
    scorer = TreeScorer(torch_policy._model, "cpu", asked)
    tokens = sum(scorer.pieces())
    scores = scorer.scores()
    for one, score in zip(asked, scores, strict=True):
        logprob, greedy = alone(torch_policy._model, one)
        assert score.logprob == pytest.approx(logprob, abs=2e-3)
        assert (score.greedy, score.tokens) == (greedy, len(one.completion))
    # What is shared is computed once: no more tokens than the tree has nodes.
    inputs = [[*one.prompt, *one.completion[:-1]] for one in asked]
    nodes = {tuple(ids[: end + 1]) for ids in inputs for end in range(len(ids))}
    assert tokens == len(nodes)


def test_models_that_cannot_share_give_the_same(torch_policy):
    asked = some_texts()[:6]
    shared, single = (TreeScorer(torch_policy._model, "cpu", asked, shares=shares) for shares in (True, False))
    for scorer in (shared, single):
        for _ in scorer.pieces():
            pass
    for one, other in zip(shared.scores(), single.scores(), strict=True):
        assert one.logprob == pytest.approx(other.logprob, abs=2e-3)


def test_texts_are_cut_into_tokens_as_they_are_read(torch_policy):
    pairs = [("The capital of France is", " Paris"), ("The capital of France is ", "Paris"), ("", "Paris is")]
    spaced, moved, bare = asyncio.run(torch_policy.score_texts(pairs))
    assert moved.logprob == pytest.approx(spaced.logprob, abs=1e-4)
    assert spaced.greedy
    assert bare.tokens == 2


def test_the_likelier_text_scores_more(torch_policy):
    pairs = [("The capital of France is", f" {city}") for city in ("Paris", "Berlin", "banana")]
    paris, berlin, banana = (score.logprob for score in asyncio.run(torch_policy.score_texts(pairs)))
    assert paris > berlin > banana


def test_what_does_not_fit_is_refused(torch_policy):
    with pytest.raises(ContextOverflow):
        asyncio.run(torch_policy.score_texts([("a " * 9000, "b")]))
    with pytest.raises(PolicyError, match="adds no token"):
        asyncio.run(torch_policy.score_texts([("a", "")]))


def test_a_bare_text_is_continued_up_to_a_stop(torch_policy):
    from pericles.agent import GenerationConfig

    prompt = "Q: 1\nA: one\n\nQ: 2\nA: two\n\nQ: 3\nA:"
    text, usage = asyncio.run(torch_policy.complete(prompt, GenerationConfig(max_new_tokens=12, stop=("\n",))))
    assert text == " three"
    assert usage.completion_tokens == 2


def test_the_prompt_as_a_text_is_what_a_reply_continues(torch_policy):
    messages = [Message("user", "Say hi.")]
    text = asyncio.run(torch_policy.prompt_text(messages))
    assert text.endswith("<|im_start|>assistant\n")
    assert "Say hi." in text
