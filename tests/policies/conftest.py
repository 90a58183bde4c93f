"""What the tests of the engines share."""

import asyncio

import pytest
from pericles.policies import GenerationConfig, Message
from pericles.policies.engines import ReplyFinished, TextPiece


async def collect(policy, messages, **options):
    """One reply: `(text, finished, pieces)`."""
    messages = [Message("user", messages)] if isinstance(messages, str) else messages
    events = [event async for event in policy.stream(messages, config=GenerationConfig(**options))]
    pieces = [event.text for event in events if isinstance(event, TextPiece)]
    assert isinstance(events[-1], ReplyFinished)
    return "".join(pieces), events[-1], pieces


@pytest.fixture
def reply():
    """Reads one reply in an event loop of its own."""

    def _reply(policy, messages, **options):
        return asyncio.run(collect(policy, messages, **options))

    return _reply


@pytest.fixture(scope="session")
def reference():
    """Model and tokenizer straight from `transformers`, independent of our engine."""
    from pericles.policies.engines.weights import transformers_folder
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = transformers_folder("smollm2-135m")
    return AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)


@pytest.fixture(scope="session")
def prompt_ids(reference):
    """The tokens of the prompt for a user's message, by transformers' own rendering of our template."""

    def _prompt_ids(text):
        messages = [{"role": "user", "content": text}]
        return reference[1].apply_chat_template(messages, add_generation_prompt=True, return_dict=False)

    return _prompt_ids


@pytest.fixture(scope="session")
def base_reader():
    """The base model's GGUF file as the `gguf` library opens it, which takes it three seconds each time."""
    from pericles.policies.engines.gguf_files import open_gguf
    from pericles.policies.engines.weights import base_gguf

    return open_gguf(base_gguf("smollm2-135m"))
