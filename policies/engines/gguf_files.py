"""Between GGUF (llama.cpp) and safetensors (transformers), for models of the Llama family.

Reading dequantises to float32 and undoes the row order that GGUF keeps for rotary embeddings; writing does the
reverse and quantises with the `gguf` library. The round trip through F32 is exact.

Not covered: other architectures (their GGUF files still run on llama.cpp as they are).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ...tools import ConfigError
from .chat_format import smollm2_template

if TYPE_CHECKING:
    import numpy as np
    from gguf import GGUFReader

GGUFKind = Literal["F32", "BF16", "Q8_0", "Q4_1", "Q4_0"]
KINDS: tuple[GGUFKind, ...] = ("F32", "BF16", "Q8_0", "Q4_1", "Q4_0")
BYTES_PER_WEIGHT = {"F32": 4.0, "BF16": 2.0, "Q8_0": 1.0625, "Q4_1": 0.625, "Q4_0": 0.5625}

_ARCHITECTURE = "llama"
_SPECIAL = 3  # gguf.TokenType.CONTROL


def field(reader: GGUFReader, key: str) -> Any:
    """One metadata value.

    Raises:
        ConfigError: the file lacks it.
    """
    found = reader.get_field(key)
    if found is None:
        raise ConfigError(f"the GGUF file has no metadata {key!r}.")
    return found.contents()


def open_gguf(path: Path) -> GGUFReader:
    """Opens a GGUF file by memory map.

    Raises:
        ConfigError: missing or not a GGUF file.
    """
    from gguf import GGUFReader

    if not path.is_file():
        raise ConfigError(f"there is no GGUF file {path}.")
    try:
        return GGUFReader(path)
    except (ValueError, KeyError, IndexError, OSError) as error:
        raise ConfigError(f"{path} is not a readable GGUF file: {error}") from error


def to_transformers(gguf_path: Path, folder: Path) -> None:
    """Writes the folder that `AutoModelForCausalLM` and `AutoTokenizer` load, in float32.

    Args:
        gguf_path: a Llama-family GGUF with a byte-level BPE tokenizer.
        folder: an existing empty folder.
    """
    reader = open_gguf(gguf_path)
    state = {name: read().copy() for name, read in llama_weights(reader).items()}
    save_tensors(state, folder / "model.safetensors")
    _write_json(folder / "config.json", _config(reader, tied="lm_head.weight" not in state))
    _write_tokenizer(reader, folder)


def llama_weights(reader: GGUFReader) -> dict[str, Callable[[], np.ndarray]]:
    """Each weight under its transformers name: a function that reads it as float32, in transformers' row order.

    Raises:
        ConfigError: the file is not of the Llama family.
    """
    from gguf.quants import dequantize

    if field(reader, "general.architecture") != _ARCHITECTURE:
        raise ConfigError("only GGUF files of the Llama family can be converted.")
    heads, kv_heads = _heads(reader)
    to_hf = {gguf_name: hf_name for hf_name, gguf_name in _names(reader).items()}

    def reading(tensor: Any) -> Callable[[], np.ndarray]:
        def read() -> np.ndarray:
            shape = tuple(int(n) for n in reversed(tensor.shape))
            weight = dequantize(tensor.data, tensor.tensor_type).reshape(shape)
            return _unpermute(weight, _rotary_heads(to_hf[tensor.name], heads, kv_heads))

        return read

    return {to_hf[tensor.name]: reading(tensor) for tensor in reader.tensors}


def save_tensors(state: dict[str, np.ndarray], path: Path) -> None:
    """Writes a safetensors file; unlike the library, raises a full disk as the `OSError` that it is."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    try:
        save_file(state, path, metadata={"format": "pt"})
    except SafetensorError as error:
        number = re.search(r"os error (\d+)", str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from error


def write_gguf(
    base: Path,
    target: Path,
    kind: GGUFKind,
    weight: Callable[[str], np.ndarray],
) -> None:
    """Writes a GGUF file with the metadata of `base` and other weights.

    Args:
        base: GGUF file of the same architecture and tokenizer.
        target: file to write.
        kind: type of the matrices; norms stay F32, the embedding is at least Q8_0.
        weight: gives the float32 tensor of a transformers parameter name, in transformers' row order.
    """
    from gguf import GGMLQuantizationType, GGUFValueType, GGUFWriter, LlamaFileType
    from gguf.quants import quantize

    reader = open_gguf(base)
    heads, kv_heads = _heads(reader)
    to_hf = {gguf_name: hf_name for hf_name, gguf_name in _names(reader).items()}
    writer = GGUFWriter(target, _ARCHITECTURE)
    file_type = LlamaFileType.ALL_F32 if kind == "F32" else LlamaFileType[f"MOSTLY_{kind}"]
    skipped = ("GGUF.", "general.architecture", "general.file_type", "tokenizer.chat_template")
    for key, value in reader.fields.items():
        if not key.startswith(skipped):
            sub_type = value.types[-1] if value.types[0] == GGUFValueType.ARRAY else None
            writer.add_key_value(key, value.contents(), value.types[0], sub_type)
    writer.add_file_type(file_type)
    writer.add_chat_template(smollm2_template())
    for tensor in reader.tensors:
        name = to_hf[tensor.name]
        values = _permute(weight(name), _rotary_heads(name, heads, kv_heads))
        to = GGMLQuantizationType.F32 if values.ndim == 1 else GGMLQuantizationType[kind]
        if tensor.name == "token_embd.weight" and kind in ("Q4_0", "Q4_1"):
            to = GGMLQuantizationType.Q8_0
        writer.add_tensor(tensor.name, quantize(values.astype("float32"), to), raw_dtype=to)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _heads(reader: GGUFReader) -> tuple[int, int]:
    heads = int(field(reader, f"{_ARCHITECTURE}.attention.head_count"))
    return heads, int(field(reader, f"{_ARCHITECTURE}.attention.head_count_kv"))


def _names(reader: GGUFReader) -> dict[str, str]:
    """Transformers' parameter name → GGUF's tensor name, for the tensors in the file."""
    from gguf import MODEL_ARCH, get_tensor_name_map

    blocks = int(field(reader, f"{_ARCHITECTURE}.block_count"))
    names = get_tensor_name_map(MODEL_ARCH.LLAMA, blocks)
    per_block = (
        "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
        "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj", "input_layernorm", "post_attention_layernorm",
    )  # fmt: skip
    candidates = ["model.embed_tokens", "model.norm", "lm_head"]
    candidates += [f"model.layers.{block}.{part}" for block in range(blocks) for part in per_block]
    there = {tensor.name for tensor in reader.tensors}
    found = {f"{name}.weight": names.get_name(f"{name}.weight", try_suffixes=(".weight",)) for name in candidates}
    known = {hf_name: gguf_name for hf_name, gguf_name in found.items() if gguf_name in there}
    if len(known) != len(there):
        raise ConfigError(f"the GGUF file has tensors that are not of the Llama family: {there - set(known.values())}")
    return known


def _rotary_heads(name: str, heads: int, kv_heads: int) -> int:
    """Number of heads whose rows GGUF reorders; 0 for other tensors."""
    return heads if ".q_proj." in name else kv_heads if ".k_proj." in name else 0


def _permute(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows from half-split rotary order (transformers) to interleaved order (GGUF)."""
    if not heads:
        return weight
    return weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def _unpermute(weight: np.ndarray, heads: int) -> np.ndarray:
    if not heads:
        return weight
    return weight.reshape(heads, -1, 2, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def _config(reader: GGUFReader, *, tied: bool) -> dict[str, Any]:
    def number(key: str) -> Any:
        return field(reader, f"{_ARCHITECTURE}.{key}")

    heads, kv_heads = _heads(reader)
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": number("embedding_length"),
        "intermediate_size": number("feed_forward_length"),
        "num_hidden_layers": number("block_count"),
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "head_dim": number("embedding_length") // heads,
        "max_position_embeddings": number("context_length"),
        "rms_norm_eps": number("attention.layer_norm_rms_epsilon"),
        "rope_parameters": {"rope_type": "default", "rope_theta": number("rope.freq_base")},
        "vocab_size": number("vocab_size"),
        "hidden_act": "silu",
        "tie_word_embeddings": tied,
        "bos_token_id": field(reader, "tokenizer.ggml.bos_token_id"),
        "eos_token_id": field(reader, "tokenizer.ggml.eos_token_id"),
        "pad_token_id": field(reader, "tokenizer.ggml.unknown_token_id"),
        "dtype": "float32",
    }


def _write_tokenizer(reader: GGUFReader, folder: Path) -> None:
    """A byte-level BPE tokenizer as SmolLM2 uses it: digits one by one, no prefix space."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokens: list[str] = field(reader, "tokenizer.ggml.tokens")
    types: list[int] = field(reader, "tokenizer.ggml.token_type")
    merges = [tuple(merge.split(" ", 1)) for merge in field(reader, "tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = [token for token, kind in zip(tokens, types, strict=True) if kind == _SPECIAL]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    tokenizer.save(str(folder / "tokenizer.json"))

    def token(key: str) -> str:
        return tokens[int(field(reader, f"tokenizer.ggml.{key}_token_id"))]

    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": token("bos"),
            "eos_token": token("eos"),
            # Not the stop token: a padded stop token would be masked out of the loss.
            "pad_token": token("unknown"),
            "unk_token": token("unknown"),
            "model_max_length": field(reader, f"{_ARCHITECTURE}.context_length"),
            "clean_up_tokenization_spaces": False,
        },
    )
    (folder / "chat_template.jinja").write_text(smollm2_template(), encoding="utf-8")


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")
