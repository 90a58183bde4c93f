"""`load_policy`: one string names any policy, and a wrong one is told in one line."""

import asyncio

import pytest
from pericles.agent import Agent
from pericles.policies import Policy, ScriptedPolicy, load_policy
from pericles.policies.engines.load import export_gguf
from pericles.policies.engines.weights import merged_gguf, transformers_folder
from pericles.tools import ConfigError

BASE = "smollm2-135m"


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("", "there is no policy ''; there are: default, shipped, smollm2-135m, hf:ORG/NAME"),
        ("defalt", "Did you mean 'default'"),
        ("smollm2", "Did you mean 'smollm2-135m'"),
        ("gguf:", "names nothing: write something after gguf:"),
        ("ggfu:x", "there is no policy 'ggfu:x'"),
        ("gguf:/no/such.gguf", "there is no GGUF file /no/such.gguf"),
        ("dir:/no/such", "is not a model folder: it has no config.json"),
        ("run:/no/such", "is not a finished training run"),
        ("script:/no/such.yaml", "cannot be read: No such file"),
        ("http://localhost:1/v1#m", "localhost:1 cannot be reached: .*; is the server running?"),
    ],
)
def test_a_wrong_reference_is_told_in_one_line(ref, message):
    with pytest.raises(ConfigError, match=message) as raised:
        load_policy(ref)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("ref", "engine", "message"),
    [
        (BASE, "vllm", "no engine 'vllm'; there are: auto, llama.cpp, transformers"),
        ("gguf:x.gguf", "transformers", "runs on llama.cpp"),
        ("hf:org/name", "llama.cpp", "needs a GGUF file"),
        ("http://localhost:1/v1#m", "transformers", "a remote policy runs on its server"),
    ],
)
def test_a_wrong_engine_is_refused(ref, engine, message):
    with pytest.raises(ConfigError, match=message):
        load_policy(ref, engine=engine)


def test_a_model_that_the_hub_cannot_give_is_told_in_one_line(monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ConfigError, match="transformers cannot load pericles-test/no-such-model") as raised:
        load_policy("hf:pericles-test/no-such-model")
    assert "\n" not in str(raised.value)


def test_a_script_is_a_policy(tmp_path):
    file = tmp_path / "script.yaml"
    file.write_text("- Hello.\n- Goodbye.\n")
    policy = load_policy(f"script:{file}")
    assert isinstance(policy, Policy)
    assert Agent(policy).run_sync("hi").output == "Hello."


def test_a_gguf_file_is_a_policy():
    policy = load_policy(f"gguf:{merged_gguf(BASE, None, 'Q8_0')}", slots=1, context_window=256)
    assert (policy.name, policy.context_window) == ("policy", 256)
    asyncio.run(policy.aclose())


def test_a_folder_is_a_policy():
    folder = transformers_folder(BASE)
    policy = load_policy(f"dir:{folder}")
    assert "score" in policy.capabilities
    asyncio.run(policy.aclose())


def test_names_say_what_was_asked_for(llama, torch_policy):
    assert (llama.name, torch_policy.name) == (BASE, BASE)


def test_the_agent_answers_with_the_real_model(llama):
    from pericles.agent import GenerationConfig

    result = Agent(llama, config=GenerationConfig(max_new_tokens=16)).run_sync("Say hello.")
    assert result.status == "completed"
    assert result.output
    assert result.usage.completion_tokens > 0


def test_a_scripted_policy_is_exported():
    assert isinstance(ScriptedPolicy(["hi"]), Policy)


def test_an_exported_file_is_the_policy(tmp_path):
    file = tmp_path / "policy.gguf"
    export_gguf("smollm2-135m", file, "Q8_0")
    assert file.read_bytes() == merged_gguf("smollm2-135m", None, "Q8_0").read_bytes()
    exported = load_policy(f"gguf:{file}")
    assert exported.name == "policy"
    asyncio.run(exported.aclose())
    with pytest.raises(ConfigError, match="is there already"):
        export_gguf("smollm2-135m", file)


@pytest.mark.parametrize("ref", ["hf:a/b", "gguf:x.gguf", "nothing", "run:"])
def test_only_our_own_policies_can_be_exported(ref, tmp_path):
    with pytest.raises(ConfigError, match="cannot be exported"):
        export_gguf(ref, tmp_path / "policy.gguf")


def test_an_export_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(ConfigError, match="cannot be written"):
        export_gguf("smollm2-135m", tmp_path / "no" / "policy.gguf")


def test_the_kind_of_weights_is_a_setting(monkeypatch):
    monkeypatch.setenv("PERICLES_ENGINES__KIND", "Q3")
    with pytest.raises(ConfigError, match=r"engines\.kind.*'Q8_0'"):
        load_policy("smollm2-135m")


@pytest.mark.parametrize(("content", "told"), [("[1", "cannot be read"), ('{"base": "gpt-5"}', "'gpt-5'")])
def test_a_run_on_an_unknown_base_is_told(content, told, tmp_path):
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    for file in ("adapter_config.json", "adapter_model.safetensors"):
        (adapter / file).write_text("{}")
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(ConfigError, match=told):
        load_policy(f"run:{tmp_path}")
