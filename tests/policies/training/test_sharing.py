"""Texts that share their beginning are scored as they are alone, for every family that can."""

import pytest
import torch
from pericles.policies.training.trainers.attention import ATTENTION, can_share
from pericles.policies.training.trainers.reward import RankingCollator, forms_of, rewards_of
from pericles.policies.training.trainers.scoring import at_targets, chosen_logprobs, packed, padded
from tiny_models import tiny_model

FAMILIES = ("llama", "qwen2", "gpt2", "opt")


@pytest.mark.parametrize("family", FAMILIES)
def test_families_that_can_share(family, tokenizer):
    assert can_share(tiny_model(family, tokenizer, attn_implementation=ATTENTION))


def test_a_window_over_what_was_read_cannot_be_shared(tokenizer):
    assert not can_share(tiny_model("mistral", tokenizer, attn_implementation=ATTENTION))


def batch_of_replies():
    """Two prompts with replies of several lengths, padded as TRL pads them."""
    torch.manual_seed(3)
    prompts = [[5, 6, 7, 8], [5, 6, 7, 8], [9, 10], [5, 6, 7, 8]]
    replies = [torch.randint(11, 400, (size,)).tolist() for size in (3, 6, 4, 1)]
    ids, mask = [], []
    for prompt, reply in zip(prompts, replies, strict=True):
        left, right = 4 - len(prompt), 6 - len(reply)
        ids.append([0] * left + prompt + reply + [0] * right)
        mask.append([0] * left + [1] * (len(prompt) + len(reply)) + [0] * right)
    return torch.tensor(ids), torch.tensor(mask)


@pytest.mark.parametrize("family", FAMILIES)
def test_log_probabilities_are_those_of_the_replies_alone(family, tokenizer):
    ids, mask = batch_of_replies()
    model = tiny_model(family, tokenizer, attn_implementation=ATTENTION)
    found = torch.zeros(4, 6)
    for form in (packed, padded):
        if form is padded:
            model.set_attn_implementation("eager")
        batch = form(ids, mask, 6)
        logits = at_targets(batch, model(**batch.inputs, use_cache=False).logits)
        found[batch.rows, batch.columns] = chosen_logprobs(logits.float(), batch.targets)
        for row in range(4):
            text = ids[row][mask[row] > 0]
            size = int(mask[row, -6:].sum())
            with torch.no_grad():
                alone = torch.log_softmax(model(text[None]).logits[0, :-1].float(), dim=-1)
            wanted = alone.gather(1, text[1:, None]).squeeze(1)[-size:]
            assert found[row, :size].tolist() == pytest.approx(wanted.tolist(), abs=2e-4), (form.__name__, row)


@pytest.mark.parametrize("family", FAMILIES)
def test_rewards_are_those_of_the_replies_alone(family, tokenizer, tmp_path):
    from transformers import AutoModelForSequenceClassification

    tiny_model(family, tokenizer).save_pretrained(tmp_path)
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path, num_labels=1, attn_implementation=ATTENTION)
    model.eval()
    model.config.pad_token_id = 0
    rows = [
        {"prompt": [5, 6, 7], "replies": [[11, 12, 2], [13, 2], [14, 15, 16, 17, 2]]},
        {"prompt": [8], "replies": [[9, 2], [2]]},
    ]
    with torch.inference_mode():
        together = rewards_of(model, forms_of(rows, 0, shares=True))
        model.set_attn_implementation("eager")
        apart = rewards_of(model, forms_of(rows, 0, shares=False))
        alone = [
            model(torch.tensor([row["prompt"] + reply])).logits[0, 0].item() for row in rows for reply in row["replies"]
        ]
    assert together.tolist() == pytest.approx(alone, abs=1e-4)
    assert apart.tolist() == pytest.approx(alone, abs=1e-4)


def test_rankings_of_any_length_go_into_one_step():
    row = {"prompt": [5], "replies": [[6], [7]], "pairs": [[0, 1, 1.0, 1.0]]}
    more = {
        "prompt": [5],
        "replies": [[6], [7], [8]],
        "pairs": [[0, 1, 1.0, 1 / 3], [0, 2, 0.5, 1 / 3], [1, 2, 0.0, 1 / 3]],
    }
    batch = RankingCollator(0, shares=True)([row, more])
    assert batch["first"].tolist() == [0, 2, 2, 3]
    assert batch["second"].tolist() == [1, 3, 4, 4]
    assert batch["prompts"] == 2
    assert batch["input_ids"].tolist() == [[5, 6, 7, 5, 6, 7, 8]]
    assert batch["position_ids"].tolist() == [[0, 1, 1, 0, 1, 1, 1]]


def test_a_thousand_tokens_of_padding_change_nothing_for_the_plain_head(tokenizer):
    from pericles.policies.training.trainers.plain_head import use_plain_head
    from trl.trainer.utils import add_fused_lm_head

    ids = torch.randint(11, 400, (2, 9))
    labels = ids.clone()
    labels[:, :4] = -100
    found = []
    for plain in (False, True):
        model = tiny_model("llama", tokenizer)
        add_fused_lm_head(model, temperature=0.7, outputs=("log_probs", "entropy", "mean_logits", "is_top1"))
        if plain:
            use_plain_head(model, 0.7)
        output = model(input_ids=ids, labels=labels, fused_lm_head=True)
        output.log_probs.sum().backward()
        found.append((output, [weight.grad for weight in model.parameters()]))
    (fused, wanted), (plain, gradients) = found
    assert torch.allclose(fused.log_probs, plain.log_probs, atol=1e-4)
    assert torch.allclose(fused.entropy, plain.entropy, atol=1e-3)
    assert torch.equal(fused.is_top1, plain.is_top1)
    for one, other in zip(wanted, gradients, strict=True):
        assert torch.allclose(one, other, rtol=1e-3, atol=1e-4)
