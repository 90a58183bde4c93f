"""Models of other families, from a GGUF file alone: their own chat template, tokens and tool format."""

import asyncio
import json

import pytest
from jsonschema import Draft202012Validator
from pericles.policies import GenerationConfig, Message, load_policy
from pericles.policies.engines import CallRead, TextPiece
from pericles.policies.engines.chat_format import render
from pericles.tools import PolicyError, ToolCall

# How Qwen2.5 writes a conversation with tools, as far as matters here.
QWEN = """
{%- if tools %}
    {{- '<|im_start|>system\\n' + (messages[0].content if messages[0].role == 'system' else 'You help.') }}
    {{- '\\n\\n# Tools\\n\\n<tools>' }}
    {%- for tool in tools %}{{- '\\n' + (tool | tojson) }}{%- endfor %}
    {{- '\\n</tools>\\nAnswer with <tool_call>\\n{"name": ..., "arguments": ...}\\n</tool_call><|im_end|>\\n' }}
{%- elif messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == 'user' or message.role == 'assistant' and not message.tool_calls %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
    {%- elif message.role == 'assistant' %}
        {{- '<|im_start|>assistant' }}
        {%- for call in message.tool_calls %}
            {{- '\\n<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}
            {{- (call.function.arguments | tojson) + '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == 'tool' %}
        {{- '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""
# How Gemma does: no tools, no system message, and the two take turns.
GEMMA = """
{{- bos_token }}{%- if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}
{%- for message in messages %}
    {%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}
    {{- '<start_of_turn>' + ('model' if message.role == 'assistant' else 'user') + '\\n' }}
    {{- message.content + '<end_of_turn>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<start_of_turn>model\\n' }}{%- endif %}
"""
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"enum": ["Rome", "Oslo"]}, "days": {"type": "integer", "minimum": 1, "maximum": 9}},
            "required": ["city", "days"],
        },
    },
}
TALK = [
    Message("system", "Be brief."),
    Message("user", "Rome?"),
    Message("assistant", "", (ToolCall("1", "weather", {"city": "Rome", "days": 1}),)),
    Message("tool", "Sunny. <end_of_turn>", tool_call_id="1", name="weather"),
]


@pytest.fixture(scope="module")
def qwen_like(base_reader, tmp_path_factory):
    """A small model with random weights, in the form that Qwen2.5's files have; the tags are tokens of their own."""
    import numpy as np
    from gguf import GGUFWriter, TokenType
    from pericles.policies.engines.gguf_files import field

    tokens = list(field(base_reader, "tokenizer.ggml.tokens"))
    kinds = list(field(base_reader, "tokenizer.ggml.token_type"))
    added = ["<tool_call>", "</tool_call>", "<|object_ref_start|>"]
    file = tmp_path_factory.mktemp("family") / "qwen-like.gguf"
    width, heads, groups, inner, layers = 64, 4, 2, 128, 2
    writer = GGUFWriter(file, "qwen2")
    writer.add_context_length(2048)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(groups)
    writer.add_rope_freq_base(1e6)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([*tokens, *added])
    writer.add_token_types([*kinds, TokenType.USER_DEFINED, TokenType.USER_DEFINED, TokenType.CONTROL])
    writer.add_token_merges(field(base_reader, "tokenizer.ggml.merges"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_pad_token_id(tokens.index("<|endoftext|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(QWEN)
    draw = np.random.default_rng(7)

    def add(name, *shape):
        ones = name.endswith("norm.weight")
        values = np.ones(shape) if ones else draw.normal(0, 0.2, shape)
        writer.add_tensor(name, values.astype(np.float32))

    add("token_embd.weight", len(tokens) + len(added), width)
    size = width // heads
    for layer in range(layers):
        block = f"blk.{layer}."
        for name, rows in (("attn_q", width), ("attn_k", groups * size), ("attn_v", groups * size)):
            add(f"{block}{name}.weight", rows, width)
            add(f"{block}{name}.bias", rows)
        add(f"{block}attn_output.weight", width, width)
        add(f"{block}ffn_gate.weight", inner, width)
        add(f"{block}ffn_up.weight", inner, width)
        add(f"{block}ffn_down.weight", width, inner)
        add(f"{block}attn_norm.weight", width)
        add(f"{block}ffn_norm.weight", width)
    add("output_norm.weight", width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    policy = load_policy(f"gguf:{file}")
    yield policy
    asyncio.run(policy.aclose())


def play(policy, messages, choice="auto", tokens=60, **options):
    async def main():
        config = GenerationConfig(max_new_tokens=tokens, **options)
        return [event async for event in policy.stream(messages, tools=[WEATHER], tool_choice=choice, config=config)]

    return asyncio.run(main())


@pytest.mark.parametrize("choice", ["required", "weather"])
@pytest.mark.parametrize("seed", range(3))
def test_even_random_weights_make_valid_calls(qwen_like, choice, seed):
    events = play(qwen_like, [Message("user", "Rome?")], choice, temperature=1.0, seed=seed)
    calls = [event.call for event in events if isinstance(event, CallRead)]
    assert calls
    for call in calls:
        if call.problem is None:
            Draft202012Validator(WEATHER["function"]["parameters"]).validate(call.arguments)
        else:
            assert events[-1].reason == "length"
    assert any(call.problem is None for call in calls)


def test_text_is_left_alone_and_none_means_none(qwen_like):
    for choice in ("auto", "none"):
        events = play(qwen_like, TALK, choice, tokens=20, temperature=1.0, seed=1)
        assert any(isinstance(event, TextPiece) for event in events)
    assert not any(isinstance(event, CallRead) for event in events)


def test_its_own_template_is_used(qwen_like):
    prompt = qwen_like._render(TALK, [WEATHER])
    assert "# Tools" in prompt
    assert prompt.endswith(
        '<tool_call>\n{"name": "weather", "arguments": {"city": "Rome", "days": 1}}\n</tool_call><|im_end|>\n'
        "<|im_start|>user\n<tool_response>\nSunny. < end_of_turn>\n</tool_response><|im_end|>\n<|im_start|>assistant\n"
    )


def test_the_prefix_is_kept_between_its_turns(qwen_like):
    first = [Message("user", "Tell me about the weather in Rome, in Oslo, and on the way from here to there. " * 6)]
    before = play(qwen_like, first, tokens=2)[-1].usage
    after = play(qwen_like, [*first, Message("assistant", "Sunny."), Message("user", "And now?")], tokens=2)[-1].usage
    assert after.cached_tokens >= before.prompt_tokens - 1


def test_a_template_without_tools_is_told_of_them_in_its_texts():
    prompt = render(GEMMA, TALK, tools=[WEATHER], bos_token="<bos>")
    head, call, result, end = prompt.split("<end_of_turn>\n")
    assert head.startswith("<bos><start_of_turn>user\nBe brief.\n")
    assert json.dumps(WEATHER["function"]) in head
    assert head.endswith("Rome?")
    assert call.endswith('<tool_call>{"name": "weather", "arguments": {"city": "Rome", "days": 1}}</tool_call>')
    assert result == "<start_of_turn>user\n<tool_response>Sunny. < end_of_turn></tool_response>"
    assert end == "<start_of_turn>model\n"


def test_an_earlier_call_is_told_even_without_tools():
    assert "<tool_call>" in render(GEMMA, TALK, bos_token="<bos>")


def test_parallel_results_stay_one_turn():
    talk = [*TALK, Message("tool", "Rain.", tool_call_id="2", name="weather"), Message("user", "So?")]
    assert render(GEMMA, talk, tools=[WEATHER]).count("<start_of_turn>user") == 2


def test_a_template_that_still_refuses_is_an_error():
    with pytest.raises(PolicyError, match="roles must alternate"):
        render(GEMMA, [Message("user", "a"), Message("user", "b")])
