"""A policy that says one of eight words, for which the optimum of reward and penalty is known.

The best policy under E[r] − β KL(π, π₀) is π*(a) ∝ π₀(a) exp(r(a) / β).
"""

import torch

WORDS = ("<pad>", "<end>", "a", "b", "c", "d", "e", "f")
REWARDS = torch.tensor([0.0, 0.0, 1.0, 0.5, 0.0, -0.5, 0.25, -1.0])


def toy_tokenizer():
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="a"))
    made.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<pad>", eos_token="<end>")


def toy_model(folder, seed=0):
    from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(WORDS), hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=1, head_dim=8, tie_word_embeddings=False, pad_token_id=0, bos_token_id=1, eos_token_id=1,
        max_position_embeddings=64,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    from pericles.policies.training.trainers.attention import ATTENTION

    return AutoModelForCausalLM.from_pretrained(folder, attn_implementation=ATTENTION)


def distribution(model):
    """What the policy says, `(8,)`."""
    with torch.no_grad():
        return torch.softmax(model(torch.tensor([[2, 3]])).logits[0, -1], dim=-1)


def optimum(start, beta):
    return torch.softmax(start.log() + REWARDS / beta, dim=-1)


def one_word(prompts, trainer):
    """Samples a word for each prompt."""
    model = trainer.accelerator.unwrap_model(trainer.model)
    training = model.training
    model.eval()
    probabilities = distribution(model)
    model.train(training)
    generator = torch.Generator().manual_seed(trainer.state.global_step)
    words = torch.multinomial(probabilities, len(prompts), replacement=True, generator=generator)
    return {
        "prompt_ids": [[2, 3]] * len(prompts),
        "completion_ids": [[word] for word in words.tolist()],
        "logprobs": [[float(probabilities[word].log())] for word in words],
        "env_mask": [[1]] * len(prompts),
    }


def reward(completion_ids, **_):
    return [float(REWARDS[ids[0]]) for ids in completion_ids]
