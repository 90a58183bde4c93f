"""A transformer's sizes: how many parameters follow from them, and which sizes a number of parameters suggests."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ....tools import ConfigError
from .amounts import within

# Families whose feed-forward network has two matrices and no gate.
_UNGATED = {
    "bloom", "codegen", "falcon", "gpt2", "gpt_bigcode", "gpt_neo", "gpt_neox", "gptj", "mpt", "opt", "phi",
    "starcoder2",
}  # fmt: skip
_WITH_BIASES = {"gpt2", "gpt_bigcode", "opt"}
_EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts")
_LARGEST = 10_000_000


@dataclass(frozen=True)
class ModelShape:
    """The sizes of a decoder-only transformer.

    Args:
        layers: transformer layers.
        hidden: width of the residual stream, h.
        heads: attention heads, a.
        kv_heads: heads of keys and values; fewer than `heads` with grouped-query attention.
        head_dim: width of a head.
        intermediate: width of the feed-forward network.
        vocabulary: tokens, V.
        gated: whether the feed-forward network has three matrices (SwiGLU) in place of two.
        tied: whether the embedding is the output matrix too.
        biases: whether the linear layers and norms have biases, as GPT-2's and GPT-3's have.
        positions: learned positions; 0 with rotary ones.

    Raises:
        ConfigError: a size is not a positive number.
    """

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocabulary: int
    gated: bool = True
    tied: bool = False
    biases: bool = False
    positions: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type == "int" and field.name != "positions":
                within(value, f"the model's {field.name.replace('_', ' ')}", 1, _LARGEST)
        within(self.kv_heads, "the model's kv heads", 1, self.heads)

    @property
    def attention_width(self) -> int:
        """Width of the queries of all heads together."""
        return self.heads * self.head_dim

    @property
    def kv_width(self) -> int:
        """Width of the keys of all heads together."""
        return self.kv_heads * self.head_dim

    def linear_layers(self) -> list[tuple[int, int]]:
        """Inputs and outputs of one layer's matrices: queries, keys, values, output, feed-forward."""
        wide = [(self.hidden, self.intermediate)] * (2 if self.gated else 1)
        return [
            (self.hidden, self.attention_width),
            (self.hidden, self.kv_width),
            (self.hidden, self.kv_width),
            (self.attention_width, self.hidden),
            *wide,
            (self.intermediate, self.hidden),
        ]


def transformer_parameters(shape: ModelShape) -> int:
    """Parameters of a decoder-only transformer.

    For GPT's shape (intermediate 4h, biases, learned positions, tied embedding) this is Narayanan et al. 2021,
    equation 2: 12·l·h²·(1 + 13/(12h) + (V + s)/(12·l·h)), with the last norm besides.
    """
    matrices = sum(inputs * outputs for inputs, outputs in shape.linear_layers())
    biases = sum(outputs for _, outputs in shape.linear_layers()) if shape.biases else 0
    norm = shape.hidden * (2 if shape.biases else 1)
    embeddings = shape.vocabulary * shape.hidden * (1 if shape.tied else 2)
    return shape.layers * (matrices + biases + 2 * norm) + norm + embeddings + shape.positions * shape.hidden


def lora_parameters(shape: ModelShape, rank: int) -> int:
    """Parameters of a low-rank adapter on every linear layer: r·(inputs + outputs) each (Hu et al. 2021, section 4.1).

    Args:
        shape: of the model.
        rank: of each update.
    """
    return shape.layers * rank * sum(inputs + outputs for inputs, outputs in shape.linear_layers())


def assumed_shape(parameters: float, *, kv_heads: int = 8) -> ModelShape:
    """The sizes that a model of so many parameters usually has.

    Width is 128 times depth, as in GPT-3 175B; Narayanan et al. 2021, table 1, has 96 (1.7B) to 200 (1T). With
    12·l·h² parameters this gives l = (N / (12·128²))^⅓.

    Args:
        parameters: of the model.
        kv_heads: heads of keys and values, at most one for each head; 8 as in Llama 2 70B, Llama 3 and Qwen 3.

    Raises:
        ConfigError: `kv_heads` is not a positive number.
    """
    layers = max(1, round((parameters / (12 * 128**2)) ** (1 / 3)))
    hidden = 128 * layers
    within(kv_heads, "kv-heads", 1, _LARGEST)
    return ModelShape(layers, hidden, layers, min(kv_heads, layers), 128, 4 * hidden, 51_200, gated=False, tied=True)


def read_shape(ref: str) -> ModelShape:
    """The sizes in a model folder's `config.json`; the weights are not read.

    Args:
        ref: a folder, `dir:FOLDER`, or the file itself.

    Raises:
        ConfigError: there is no such file, it lacks a size, or it describes a mixture of experts.
    """
    file = Path(ref.removeprefix("dir:")).expanduser()
    if file.is_dir() or file.suffix != ".json":
        file = file / "config.json"
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"--model {ref!r}: {file} cannot be read ({error.strerror}). Name a local folder with a config.json, or "
            "give --params."
        ) from error
    except ValueError as error:
        raise ConfigError(f"--model {ref!r}: {file} is not JSON: {error}.") from error
    if not isinstance(config, dict):
        raise ConfigError(f"--model {ref!r}: {file} must be a mapping of a model's settings.")
    inner = config.get("text_config")
    return _shape({**config, **inner} if isinstance(inner, dict) else config, f"--model {ref!r}: {file}")


def _shape(config: dict[str, Any], where: str) -> ModelShape:
    experts = next((key for key in _EXPERTS if (config.get(key) or 0) > 1), None)
    if experts is not None:
        raise ConfigError(
            f"{where} describes a mixture of experts ({experts}: {config[experts]}), which is not planned for: its "
            "work goes with the active parameters and its memory with all of them. Plan twice with --params, once with "
            "each."
        )
    kind = config.get("model_type", "")
    hidden = _size(config, where, "hidden_size", "n_embd")
    heads = _size(config, where, "num_attention_heads", "n_head")
    return ModelShape(
        layers=_size(config, where, "num_hidden_layers", "n_layer"),
        hidden=hidden,
        heads=heads,
        kv_heads=_size(config, where, "num_key_value_heads", default=heads),
        head_dim=_size(config, where, "head_dim", default=max(1, hidden // heads)),
        intermediate=_size(config, where, "intermediate_size", "n_inner", default=4 * hidden),
        vocabulary=_size(config, where, "vocab_size"),
        gated=kind not in _UNGATED,
        tied=bool(config.get("tie_word_embeddings", kind != "llama")),
        biases=kind in _WITH_BIASES,
        positions=_size(config, where, "n_positions", default=1) if kind == "gpt2" else 0,
    )


def _size(config: dict[str, Any], where: str, *keys: str, default: int | None = None) -> int:
    value = next((config[key] for key in keys if config.get(key) is not None), default)
    if value is None:
        raise ConfigError(f"{where} has no {' or '.join(keys)}; give --params in place of --model.")
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _LARGEST:
        raise ConfigError(f"{where}: {keys[0]} must be a positive whole number; got {value!r}.")
    return value
