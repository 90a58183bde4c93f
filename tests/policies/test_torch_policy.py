"""The transformers engine: scores, and what cannot be loaded."""

import asyncio
import math

import pytest
from pericles.policies import Message, Scoring
from pericles.policies.engines.torch_policy import TorchPolicy
from pericles.tools import ConfigError, ContextOverflow

COMPLETIONS = ("Paris.", "The capital of France is Paris.", "Bananas are 7 blue 水!", "")


def test_it_can_score(torch_policy):
    assert isinstance(torch_policy, Scoring)
    assert torch_policy.capabilities == {"score", "texts", "token_ids", "logprobs"}


def test_a_score_is_the_summed_log_probability_of_text_and_stop_token(torch_policy, reference, prompt_ids):
    import torch

    question = "What is the capital of France?"
    scores = asyncio.run(torch_policy.score([Message("user", question)], COMPLETIONS))
    model, tokenizer = reference
    for completion, score in zip(COMPLETIONS, scores, strict=True):
        prompt = prompt_ids(question)
        ids = prompt + tokenizer(completion)["input_ids"] + [tokenizer.convert_tokens_to_ids("<|im_end|>")]
        with torch.inference_mode():
            logits = model(torch.tensor([ids])).logits[0].double()
        expected = 0.0
        for position in range(len(prompt), len(ids)):
            row = logits[position - 1]
            expected += float(row[ids[position]]) - math.log(float(torch.exp(row - row.max()).sum())) - float(row.max())
        assert score == pytest.approx(expected, abs=2e-3)


def test_a_likely_reply_scores_higher(torch_policy):
    likely, _, odd, _ = asyncio.run(
        torch_policy.score([Message("user", "What is the capital of France?")], COMPLETIONS)
    )
    assert likely > odd


def test_nothing_to_score_is_no_score(torch_policy):
    assert asyncio.run(torch_policy.score([Message("user", "hi")], [])) == []


def test_a_completion_that_does_not_fit_is_refused(torch_policy):
    with pytest.raises(ContextOverflow, match="tokens"):
        asyncio.run(torch_policy.score([Message("user", "hi")], ["word " * torch_policy.context_window]))


def test_a_folder_that_is_no_model_is_a_config_error(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ConfigError, match="cannot load") as raised:
        TorchPolicy(tmp_path)
    assert "\n" not in str(raised.value)


def test_a_model_without_a_chat_template_is_refused(tmp_path):
    from pericles.policies.engines.weights import transformers_folder

    for file in transformers_folder("smollm2-135m").iterdir():
        if file.name != "chat_template.jinja":
            (tmp_path / file.name).symlink_to(file)
    with pytest.raises(ConfigError, match="has no chat template: it is a base model"):
        TorchPolicy(tmp_path)
