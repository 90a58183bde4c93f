"""Replies that transformers decodes together: each is what it would be alone, and none disturbs another."""

import asyncio

import pytest
from pericles.policies import GenerationConfig, Message
from pericles.policies.engines import TextPiece
from pericles.tools import PolicyError

# Of very different lengths, so that most rows are padded.
PROMPTS = (
    "Hi",
    "What is the capital of Italy?",
    "List three prime numbers above 10. " * 12,
    "Translate 'good morning' into Spanish.",
    "Write one sentence about the sea.",
)


async def say(policy, text, tokens=12, **options):
    config = GenerationConfig(max_new_tokens=tokens, **options)
    events = [event async for event in policy.stream([Message("user", text)], config=config)]
    return "".join(event.text for event in events if isinstance(event, TextPiece)), events[-1]


def ids_of(policy, text):
    return policy._prompt_ids([Message("user", text)], ())


def near_tie(reference, prompt, ours, theirs):
    """Whether two greedy continuations part at a place where the two best logits are within 1e-3."""
    import torch

    same = next(i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b)
    with torch.inference_mode():
        best = reference[0](torch.tensor([prompt + ours[:same]])).logits[0, -1].topk(2).values
    return float(best[0] - best[1]) < 1e-3


@pytest.mark.slow
def test_rows_say_what_they_would_say_alone(torch_policy, reference):
    async def main():
        config = GenerationConfig(max_new_tokens=12)
        prompts = [ids_of(torch_policy, text) for text in PROMPTS]
        alone = [await torch_policy.generate_ids(prompt, config) for prompt in prompts]
        together = await asyncio.gather(*(torch_policy.generate_ids(prompt, config) for prompt in prompts))
        return prompts, alone, together

    prompts, alone, together = asyncio.run(main())
    for prompt, (ids, logprobs), (batched, batched_logprobs) in zip(prompts, alone, together, strict=True):
        assert ids == batched or near_tie(reference, prompt, ids, batched)
        if ids == batched:
            assert batched_logprobs == pytest.approx(logprobs, abs=2e-4)


@pytest.mark.slow
def test_a_row_that_joins_late_changes_nobodys_text(torch_policy):
    async def main():
        alone = await say(torch_policy, PROMPTS[2], 16)
        late = await say(torch_policy, PROMPTS[0], 6)
        first = asyncio.create_task(say(torch_policy, PROMPTS[2], 16))
        await asyncio.sleep(0.3)
        second = asyncio.create_task(say(torch_policy, PROMPTS[0], 6))
        return alone[0], late[0], (await first)[0], (await second)[0]

    alone, late, first, second = asyncio.run(main())
    assert (first, second) == (alone, late)


def test_equal_seeds_draw_alike_whoever_is_beside(torch_policy):
    async def main():
        asked = {"temperature": 1.2, "seed": 7, "top_p": 0.9}
        alone = await say(torch_policy, "Name a fruit.", 8, **asked)
        beside = await asyncio.gather(say(torch_policy, "Name a fruit.", 8, **asked), say(torch_policy, PROMPTS[3], 8))
        return alone[0], beside[0][0]

    alone, beside = asyncio.run(main())
    assert alone == beside


def test_one_that_leaves_early_leaves_the_others_alone(torch_policy):
    async def leave():
        stream = torch_policy.stream([Message("user", PROMPTS[4])], config=GenerationConfig(max_new_tokens=200))
        async for event in stream:
            if isinstance(event, TextPiece):
                break
        await stream.aclose()

    async def main():
        expected = await say(torch_policy, PROMPTS[1])
        got, _ = await asyncio.gather(say(torch_policy, PROMPTS[1]), leave())
        return expected[0], got[0]

    expected, got = asyncio.run(main())
    assert got == expected


def test_a_stop_text_ends_one_reply_only(torch_policy):
    async def main():
        whole = await say(torch_policy, PROMPTS[1])
        stopped = say(torch_policy, PROMPTS[1], stop=("Italy",))
        return whole, *await asyncio.gather(stopped, say(torch_policy, PROMPTS[1]))

    whole, stopped, other = asyncio.run(main())
    assert whole[0] == other[0]
    assert "Italy" in whole[0]
    assert stopped[0] == whole[0].partition("Italy")[0]
    assert stopped[1].reason == "stop"


def test_log_probabilities_tell_the_likeliest_tokens(engine):
    text, finished = asyncio.run(say(engine, "What is the capital of Italy?", 6, logprobs=3))
    assert "".join(token.token for token in finished.logprobs).startswith(text[:4])
    for token in finished.logprobs:
        assert len(token.top) == 3
        assert token.top[0] == (token.token, pytest.approx(token.logprob, abs=1e-4))
        assert token.top[0][1] >= token.top[1][1] >= token.top[2][1]


def test_log_probabilities_are_told_only_where_asked_for(engine):
    assert asyncio.run(say(engine, "Hi", 2))[1].logprobs == ()
    assert all(token.top == () for token in asyncio.run(say(engine, "Hi", 2, logprobs=0))[1].logprobs)


def test_scores_and_replies_share_the_thread(torch_policy):
    async def main():
        messages = [Message("user", "Say yes.")]
        return await asyncio.gather(torch_policy.score(messages, ["Yes."]), say(torch_policy, PROMPTS[4]))

    (score,), (text, _) = asyncio.run(main())
    assert score < 0
    assert text


def test_closing_ends_what_is_running():
    from pericles.policies import load_policy

    policy = load_policy("smollm2-135m", engine="transformers", dtype="float32")

    async def main():
        stream = policy.stream([Message("user", "Count to one thousand.")], config=GenerationConfig(max_new_tokens=400))
        async for event in stream:
            if isinstance(event, TextPiece):
                break
        closing = asyncio.create_task(policy.aclose())
        with pytest.raises(PolicyError, match="closed"):
            [event async for event in stream]
        await closing
        with pytest.raises(PolicyError, match="closed"):
            await say(policy, "Hi")

    asyncio.run(main())
