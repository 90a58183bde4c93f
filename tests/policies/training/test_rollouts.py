"""Replies sampled while training are what the agent would send, and their log-probabilities are the policy's own."""

import asyncio

import pytest
import torch
from pericles.agent import Agent
from pericles.policies.engines import GenerationConfig, Message
from pericles.policies.training.models import load_model, load_tokenizer, starting_weights
from pericles.policies.training.rollouts import Asked, Decoder, roll_out
from pericles.policies.training.sources.prompt import Prompt
from pericles.tools import ToolRegistry


@pytest.fixture(scope="module")
def policy():
    """The policy that ships: it calls tools."""
    weights = starting_weights("default")
    tokenizer = load_tokenizer(weights)
    model = load_model(weights, adapter=None).eval()
    return model, tokenizer


def decoder_of(policy, batch=64):
    return Decoder(policy[0], [policy[1].eos_token_id], batch)


def prompts(*texts):
    return [Prompt(str(number), (Message("user", text),)) for number, text in enumerate(texts)]


def play(policy, asked, *, temperature=1.0, batch=64, seeds=None, max_new_tokens=48):
    return roll_out(
        asked, decoder_of(policy, batch), policy[1], ToolRegistry(["math"]), seeds=seeds or list(range(len(asked))),
        temperature=temperature, max_new_tokens=max_new_tokens, max_steps=2, window=2048,
    )  # fmt: skip


QUESTIONS = ("What is 12 * 13?", "hello", "derivative of x^3 sin x", "what is 7/8 of 96?")


@pytest.fixture(scope="module")
def sampled(policy):
    return play(policy, prompts(*QUESTIONS, *QUESTIONS))


def test_the_text_that_is_learned_from_is_what_the_agent_sends_byte_for_byte(policy, sampled):
    tokenizer = policy[1]
    assert sum(len(rollout.sent) > 1 for rollout in sampled) >= 4
    for rollout in sampled:
        path = rollout.trajectory
        whole = tokenizer.decode(path.prompt_ids + path.completion_ids, skip_special_tokens=False)
        assert whole == path.text
        for text in rollout.sent if path.whole else rollout.sent[:1]:
            assert path.text.startswith(text)


@pytest.mark.slow
def test_a_policy_that_is_served_is_sent_the_same_prompts(policy, sampled, tmp_path):
    """The same turns through the engine that serves: greedy, so that both say the same."""
    from pericles.policies.engines.torch_policy import TorchPolicy

    policy[0].save_pretrained(tmp_path)
    policy[1].save_pretrained(tmp_path)
    served = TorchPolicy(tmp_path, dtype="float32")
    sent = []
    original = served._prompt_text
    served._prompt_text = lambda messages, tools: sent.append(original(messages, tools)) or sent[-1]
    question = "What is 12 * 13?"

    async def ask():
        agent = Agent(served, ["math"], config=GenerationConfig(max_new_tokens=48), max_steps=2)
        result = await agent.run(question)
        await served.aclose()
        return result.output

    output = asyncio.run(ask())
    (rollout,) = play(policy, prompts(question), temperature=0.0)
    assert rollout.reply.output == output
    assert list(rollout.sent) == list(dict.fromkeys(sent))


def test_the_mask_covers_what_the_policy_said_and_nothing_else(policy, sampled):
    tokenizer = policy[1]
    for rollout in sampled:
        path = rollout.trajectory
        assert len(path.completion_ids) == len(path.mask) == len(path.logprobs)
        said = tokenizer.decode([t for t, m in zip(path.completion_ids, path.mask, strict=True) if m])
        assert said.replace("<|im_end|>", "") == "".join(rollout.reply.raw[: said.count("<|im_end|>") or None])
        told = tokenizer.decode([t for t, m in zip(path.completion_ids, path.mask, strict=True) if not m])
        results = [message.content for message in rollout.reply.messages if message.role == "tool"]
        assert all(result in told for result in results[: told.count("<tool_response>")])


def test_log_probabilities_are_those_of_the_whole_sequence_read_at_once(policy, sampled):
    model = policy[0]
    for rollout in sampled[:4]:
        path = rollout.trajectory
        ids = torch.tensor([path.prompt_ids + path.completion_ids])
        with torch.inference_mode():
            logprobs = torch.log_softmax(model(ids).logits[0, len(path.prompt_ids) - 1 : -1], dim=-1)
        expected = logprobs.gather(1, torch.tensor(path.completion_ids)[:, None]).squeeze(1)
        for found, wanted, mask in zip(path.logprobs, expected.tolist(), path.mask, strict=True):
            assert not mask or found == pytest.approx(wanted, abs=2e-3)


@pytest.mark.slow
def test_the_same_seeds_give_the_same_replies_and_others_give_others(policy, sampled):
    again = play(policy, prompts(*QUESTIONS, *QUESTIONS))
    assert [r.trajectory.completion_ids for r in again] == [r.trajectory.completion_ids for r in sampled]
    others = play(policy, prompts(*QUESTIONS, *QUESTIONS), seeds=list(range(100, 108)))
    assert [r.trajectory.completion_ids for r in others] != [r.trajectory.completion_ids for r in sampled]


@pytest.mark.slow
def test_a_smaller_batch_gives_the_same_replies(policy):
    whole, parts = (play(policy, prompts(*QUESTIONS[:3]), batch=size, max_new_tokens=24) for size in (64, 2))
    same = [a.trajectory.completion_ids == b.trajectory.completion_ids for a, b in zip(whole, parts, strict=True)]
    assert sum(same) >= 2  # sums are rounded otherwise in another batch, which may turn a draw at a boundary


def test_greedy_replies_are_those_of_transformers(policy):
    model, tokenizer = policy
    texts = [
        "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n",
        "<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n",
    ]
    ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    found = decoder_of(policy).generate([Asked(one, 0, 0.0, 12) for one in ids])
    for one, generated in zip(ids, found, strict=True):
        with torch.inference_mode():
            wanted = model.generate(
                torch.tensor([one]), max_new_tokens=12, do_sample=False, eos_token_id=tokenizer.eos_token_id
            )
        assert generated.ids == wanted[0, len(one) :].tolist()


def test_draws_follow_the_distribution():
    from pericles.policies.training.rollouts.decoder import _draw

    torch.manual_seed(0)
    logits = torch.log(torch.tensor([0.5, 0.3, 0.15, 0.05])).repeat(20_000, 1)
    draws = torch.rand(20_000, dtype=torch.float64)
    tokens, logprobs = _draw(logits, draws, torch.ones(20_000))
    shares = torch.bincount(tokens, minlength=4) / 20_000
    assert shares.tolist() == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.02)
    assert logprobs[tokens == 0][0].exp().item() == pytest.approx(0.5)
    sharper, _ = _draw(logits, draws, torch.full((20_000,), 0.5))
    assert (sharper == 0).float().mean() > 0.65


def test_a_prompt_without_tools_is_offered_none(policy):
    asked = [Prompt("a", (Message("user", "What is 2+2?"),), tools=())]
    (rollout,) = play(policy, asked, temperature=0.0)
    assert "<tools>" not in rollout.sent[0]
    assert not any(message.tool_calls for message in rollout.reply.messages)


def test_a_decoder_that_fails_ends_the_training(policy):
    class Broken(Decoder):
        def generate(self, asked):
            raise MemoryError("no memory")

    with pytest.raises(MemoryError):
        roll_out(
            prompts("hello", "hi"), Broken(policy[0], [0]), policy[1], ToolRegistry(["math"]), seeds=[0, 1],
            temperature=1.0, max_new_tokens=4, max_steps=1, window=2048,
        )  # fmt: skip
