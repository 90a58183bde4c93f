"""Trains the toy policy by the PPO that TRL had up to 1.12, and prints what it says then; run by `test_peer_ppo.py`."""

import json
import sys
from types import SimpleNamespace

import torch
from datasets import Dataset
from toy import REWARDS, distribution, optimum, toy_model
from transformers import AutoModelForSequenceClassification
from trl.experimental.ppo import PPOConfig, PPOTrainer

PAD = 99  # what no policy says: this PPO takes a reply to end at its padding


class LastWord(torch.nn.Module):
    """A reward model whose reward at each place is that of the word there, in the form that `get_reward` reads."""

    base_model_prefix = "model"

    def __init__(self):
        super().__init__()
        self.model = torch.nn.Module()
        self.model.forward = lambda input_ids, **_: SimpleNamespace(
            hidden_states=[torch.nn.functional.one_hot(input_ids, len(REWARDS)).float()]
        )
        self.score = torch.nn.Linear(len(REWARDS), 1, bias=False)
        self.score.weight = torch.nn.Parameter(REWARDS[None], requires_grad=False)


class Padding:
    """All that the trainer asks of a tokenizer."""

    pad_token_id, eos_token_id, padding_side = PAD, 1, "left"

    def save_pretrained(self, *_, **__):
        """Nothing to save."""


def collate(rows):
    return {"input_ids": torch.tensor([row["input_ids"] for row in rows])}


def main(folder, beta, updates, batch):
    policy, reference = toy_model(folder), toy_model(folder)
    for model in (policy, reference):
        model.set_attn_implementation("eager")  # our own takes packs, and not batches
    start = distribution(policy)
    value = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=1)
    value.config.pad_token_id = PAD
    trainer = PPOTrainer(
        PPOConfig(
            output_dir=folder, per_device_train_batch_size=batch, gradient_accumulation_steps=1, num_mini_batches=1,
            total_episodes=batch * updates, num_ppo_epochs=2, learning_rate=3e-3, lr_scheduler_type="linear",
            response_length=1, temperature=1.0, kl_coef=beta, cliprange=0.2, vf_coef=0.1, lam=0.95, gamma=1.0,
            whiten_rewards=False, missing_eos_penalty=None, num_sample_generations=0, use_cpu=True, bf16=False,
            gradient_checkpointing=False, report_to="none", save_strategy="no", logging_strategy="no", seed=3,
        ),
        Padding(), policy, reference, LastWord(), Dataset.from_list([{"input_ids": [2, 3]}] * (4 * batch)),
        value, data_collator=collate, eval_dataset=Dataset.from_list([{"input_ids": [2, 3]}] * batch),
    )  # fmt: skip
    trainer.train()
    found = {"start": start, "end": distribution(policy), "optimum": optimum(start, beta)}
    print(json.dumps({name: values.tolist() for name, values in found.items()}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
