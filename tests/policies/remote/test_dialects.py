"""Each server is recognised, told its context window, counted with and refused by as it does these things."""

import asyncio

import pytest
from pericles.policies import Message, load_policy
from pericles.policies.engines.remote import DIALECTS
from pericles.tools import ConfigError, ContextOverflow, PolicyError


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_server_is_recognised_by_its_list_of_models(dialect, server, policy, wire):
    remote = policy(dialect)
    assert repr(remote).endswith(f"dialect={dialect!r})")
    assert remote.name == f"{server.url}#{wire.MODELS[dialect]['id']}"
    assert ("logprobs" in remote.capabilities) == (dialect in ("vllm", "llama-server", "openai"))
    assert remote.counts_exactly == (dialect in ("vllm", "llama-server"))
    server.chats(wire.says())
    assert wire.ask(remote)[0] == "Hello."
    assert server.asked()[-1].json["model"] == wire.MODELS[dialect]["id"]


def test_a_server_is_recognised_by_its_header_or_its_version(server, policy, wire):
    models = {"data": [{"id": "x"}]}
    server.routes["/v1/models"] = [wire.as_json(models, Server="llama.cpp")]
    assert "llama-server" in repr(policy())
    server.routes["/v1/models"] = [wire.as_json({"data": [{"id": "mine:8b", "owned_by": "me"}]})]
    server.routes["/api/version"] = [wire.as_json({"version": "0.12.0"})]
    assert "ollama" in repr(policy())
    assert "unknown" in repr(policy(dialect="unknown"))


def test_the_settings_say_what_is_not_recognised(server, policy, surroundings):
    surroundings.write_text(f'[remote."127.0.0.1:{server.port}"]\ndialect = "vllm"\ncontext_window = 999\n')
    remote = policy()
    assert "vllm" in repr(remote)
    assert remote.context_window == 999
    assert policy(context_window=77).context_window == 77


@pytest.mark.parametrize(
    ("dialect", "entry", "routes", "window"),
    [
        ("vllm", {}, {}, 4096),
        ("vllm", {"max_model_len": None}, {}, 8192),
        ("llama-server", {}, {}, 2048),
        ("llama-server", {"meta": None}, {"/props": {"default_generation_settings": {"n_ctx": 512}}}, 512),
        ("llama-server", {"meta": None}, {}, 4096),
        ("ollama", {}, {}, 4096),
        ("ollama", {}, {"/api/show": {"parameters": "stop x\nnum_ctx                        16384"}}, 16384),
        (
            "ollama",
            {},
            {"/api/show": {"model_info": {"general.architecture": "llama", "llama.context_length": 2048}}},
            2048,
        ),
        ("ollama", {}, {"/api/ps": {"models": [{"name": "qwen3:latest", "context_length": 32768}]}}, 32768),
        ("openai", {}, {}, 128_000),
        ("unknown", {"max_model_len": 5}, {}, 8192),
    ],
)
def test_the_context_window_is_learned_where_it_is_told(dialect, entry, routes, window, server, policy, wire):
    server.is_a(dialect, **entry)
    server.routes |= {path: [wire.as_json(value)] for path, value in routes.items()}
    assert policy().context_window == window


def test_an_adapter_of_vllm_has_the_window_of_its_base(server, wire):
    base = {"id": "qwen", "owned_by": "vllm", "max_model_len": 4096}
    adapter = {"id": "tuned", "owned_by": "vllm", "max_model_len": None, "parent": "qwen"}
    server.routes["/v1/models"] = [wire.as_json({"object": "list", "data": [base, adapter]})]
    remote = load_policy(f"{server.url}#tuned")
    assert remote.context_window == 4096
    asyncio.run(remote.aclose())


def test_tokens_are_counted_by_vllm(server, policy, wire):
    server.routes["/tokenize"] = [wire.as_json({"count": 17, "max_model_len": 4096, "tokens": []})]
    remote = policy("vllm")
    assert asyncio.run(remote.count_tokens([Message("user", "<s>hi")], tools=wire.TOOLS)) == 17
    request = server.asked("/tokenize")[0].json
    assert request["messages"] == [{"role": "user", "content": "< s>hi"}]
    assert (request["add_generation_prompt"], request["model"], request["tools"]) == (True, "qwen", wire.TOOLS)


def test_tokens_are_counted_by_llama_server(server, policy, wire):
    server.routes["/apply-template"] = [wire.as_json({"prompt": "<|im_start|>hi"})]
    server.routes["/tokenize"] = [wire.as_json({"tokens": [1, 2, 3]})]
    assert asyncio.run(policy("llama-server").count_tokens([Message("user", "hi")])) == 3
    assert server.asked("/tokenize")[0].json["content"] == "<|im_start|>hi"


def test_an_estimate_is_said_to_be_one(server, policy, wire, caplog):
    remote = policy("ollama")
    assert not remote.counts_exactly
    text = "The quick brown fox jumps over the lazy dog. " * 20
    assert 200 < asyncio.run(remote.count_tokens([Message("user", text)])) < 300
    gateway = policy("vllm")  # whose /tokenize is not passed on
    assert asyncio.run(gateway.count_tokens([Message("user", "hi\ud800")])) > 0
    assert not gateway.counts_exactly
    assert "their number is estimated" in caplog.text


OVERFLOWS = {
    "vllm": (
        "400 X",
        {"object": "error", "message": "This model's maximum context length is 4096 tokens. However, ...", "code": 400},
    ),
    "llama-server": (
        "400 X",
        {
            "error": {
                "code": 400,
                "message": "request (931 tokens) exceeds the available context size (512 tokens), try increasing it",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": 931,
                "n_ctx": 512,
            }
        },
    ),
    "ollama": (
        "400 X",
        {"error": {"message": "input length exceeds maximum context length", "type": "invalid_request_error"}},
    ),
    "openai": (
        "400 X",
        {
            "error": {
                "message": "Your input is too long.",
                "type": "invalid_request_error",
                "code": "context_length_exceeded",
            }
        },
    ),
    "unknown": ("413 X", {"error": {"message": "the prompt is too long: 9 > 8 maximum"}}),
}


@pytest.mark.parametrize("dialect", OVERFLOWS)
def test_a_conversation_that_is_too_long_is_told_as_such(dialect, server, policy, wire):
    status, value = OVERFLOWS[dialect]
    server.chats(wire.as_json(value, status))
    with pytest.raises(ContextOverflow, match="does not fit into the context window"):
        wire.ask(policy(dialect))
    assert len(server.asked()) == 1


def test_other_refusals_are_no_overflow(server, policy, wire):
    server.chats(wire.as_json({"error": {"message": "Rate limit: maximum context length"}}, "429 X"))
    with pytest.raises(PolicyError) as raised:
        wire.ask(policy("vllm"))
    assert not isinstance(raised.value, ContextOverflow)


def test_vllm_is_asked_for_as_many_tokens_as_there_is_room_for(server, policy, wire):
    refusal = wire.as_json(
        {
            "error": {
                "message": "'max_completion_tokens' is too large: 512. This model's maximum context "
                "length is 4096 tokens",
                "code": 400,
            }
        },
        "400 X",
    )
    server.routes["/tokenize"] = [wire.as_json({"count": 4000})]
    server.chats(refusal, wire.says())
    assert wire.ask(policy("vllm"), max_new_tokens=512)[0] == "Hello."
    assert [request.json["max_completion_tokens"] for request in server.asked()] == [512, 96]
    server.routes["/tokenize"] = [wire.as_json({"count": 4096})]
    server.chats(refusal)
    with pytest.raises(ContextOverflow, match=r"has 4096 tokens, but .* reads at most 4095"):
        wire.ask(policy("vllm"))


def test_no_reply_longer_than_the_window_is_asked_for(server, policy, wire):
    server.chats(wire.says())
    wire.ask(policy("vllm"), max_new_tokens=100_000)
    assert server.asked()[-1].json["max_completion_tokens"] == 4095


def test_ollama_is_not_asked_for_what_it_would_cut_in_silence(server, policy, wire):
    with pytest.raises(ContextOverflow, match=r"about \d+ tokens .* would drop its beginning"):
        wire.ask(policy("ollama"), "word " * 5000)
    assert not server.asked()


def test_a_vllm_without_a_reader_of_calls_is_read_from_its_text(server, policy, wire):
    message = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
    text = '<tool_call>{"name": "math", "arguments": {"query": "1+1"}}</tool_call>'
    server.chats(wire.as_json({"error": {"message": message, "code": 400}}, "400 X"), wire.says(text))
    remote = policy("vllm")
    for _ in range(2):
        _, (call,), _ = wire.ask(remote, tools=wire.TOOLS)
        assert call.arguments == {"query": "1+1"}
    choices = [request.json.get("tool_choice") for request in server.asked()]
    assert choices == [None, "none", "none"]  # asked with the first form once only


@pytest.mark.parametrize("dialect", ["openai", "unknown"])
def test_what_a_model_refuses_is_left_out_from_then_on(dialect, server, policy, wire, caplog):
    message = "Unsupported value: 'temperature' does not support 0 with this model."
    refusal = {"error": {"message": message, "param": "temperature", "code": "unsupported_value"}}
    server.chats(wire.as_json(refusal, "400 X"), wire.says())
    remote = policy(dialect)
    assert wire.ask(remote)[0] == wire.ask(remote)[0] == "Hello."
    assert ["temperature" in request.json for request in server.asked()] == [True, False, False]
    assert "does not take temperature" in caplog.text


def test_the_longest_reply_is_told_by_its_other_name(server, policy, wire):
    message = (
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    )
    refusal = {"error": {"message": message, "param": "max_tokens", "code": "unsupported_parameter"}}
    server.chats(wire.as_json(refusal, "400 X"), wire.says())
    remote = policy("unknown")
    for _ in range(2):
        assert wire.ask(remote, max_new_tokens=9)[0] == "Hello."
    bodies = [request.json for request in server.asked()]
    assert [body.get("max_completion_tokens") for body in bodies] == [None, 9, 9]
    assert "max_tokens" not in bodies[-1]


def test_what_changes_the_answer_is_not_left_out(server, policy, wire):
    refusal = {"error": {"message": "Unsupported parameter: 'stop'", "param": "stop", "code": "unsupported_parameter"}}
    server.chats(wire.as_json(refusal, "400 X"))
    with pytest.raises(PolicyError, match="Unsupported parameter: 'stop'"):
        wire.ask(policy("openai"), stop=("x",))
    assert len(server.asked()) == 1


def models(wire, *names):
    return [wire.as_json({"data": [{"id": name, "owned_by": "x"} for name in names]})]


def test_a_model_that_is_not_there_is_told_with_those_that_are(server, wire):
    server.routes["/v1/models"] = models(wire, "llama", "qwen3-8b", "qwen3-14b")
    with pytest.raises(ConfigError, match="has no model 'qwen3-8'; there are: qwen3-8b, qwen3-14b, llama"):
        load_policy(f"{server.url}#qwen3-8")
    with pytest.raises(ConfigError, match=r"has 3 models, llama, .*: name one behind #"):
        load_policy(server.url)
    server.routes["/v1/models"] = models(wire, *(f"m{i}" for i in range(500)))
    with pytest.raises(ConfigError, match="and 492 more"):
        load_policy(f"{server.url}#x")


def test_a_model_that_has_gone_is_told_with_those_that_are_left(server, policy, wire):
    remote = policy()
    server.chats(
        wire.as_json({"error": {"message": "The model `m` does not exist", "code": "model_not_found"}}, "404 X")
    )
    server.routes["/v1/models"] = models(wire, "other")
    with pytest.raises(ConfigError, match="has no model 'm'; there are: other"):
        wire.ask(remote)


def test_names_that_servers_take_for_others(server, policy, wire):
    server.is_a("ollama")
    assert load_policy(f"{server.url}#qwen3").name.endswith("#qwen3:latest")
    server.is_a("llama-server", aliases=["small"])
    assert load_policy(f"{server.url}#small").name.endswith("#small")
    assert load_policy(f"{server.url}#whatever").name.endswith("#whatever")


def test_a_server_that_lists_no_models_is_asked_for_the_one_named(server, wire):
    del server.routes["/v1/models"]
    server.chats(wire.says())
    remote = load_policy(f"{server.url}#any/model:8b")
    assert wire.ask(remote)[0] == "Hello."
    assert server.asked()[0].json["model"] == "any/model:8b"
    asyncio.run(remote.aclose())
    with pytest.raises(ConfigError, match="tells of no models: name one behind #"):
        load_policy(server.url)


def test_an_address_that_is_no_such_server_is_told(server, wire):
    server.routes["/v1/models"] = [wire.Answer([b"<html>"], headers={"Content-Type": "text/html"})]
    with pytest.raises(ConfigError, match="answered with text/html where JSON was expected"):
        load_policy(server.url)
    server.routes["/v1/models"] = [wire.as_json({"error": "x"}, "500 X")]
    with pytest.raises(PolicyError, match="answered 500"):
        load_policy(server.url)


def test_the_path_may_be_left_out(server, policy, wire):
    server.chats(wire.says())
    remote = load_policy(f"http://127.0.0.1:{server.port}#m")
    assert wire.ask(remote)[0] == "Hello."
    asyncio.run(remote.aclose())
