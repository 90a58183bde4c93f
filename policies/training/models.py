"""Where a stage's weights come from and go to: base models, adapters, tokenizers, and the folders that they make.

A policy is a model folder and perhaps an adapter on it. A stage that trains an adapter leaves `adapter/`, one that
trains all weights leaves `model/`; both are read by `load_policy("run:DIR")`.
"""

from __future__ import annotations

import functools
import json
import math
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...tools import ConfigError
from ...tools.wheels import sha256_of
from ..engines.chat_format import smollm2_template
from ..engines.load import DEFAULT_POLICY, read_run, resolved
from ..engines.promoted import SHIPPED
from ..engines.weights import EMBEDDED, SMOLLM2_135M, require_adapter, transformers_folder
from .processes import is_main
from .recipe import Adapter

PAD_TOKEN = "<|endoftext|>"  # noqa: S105 - not a password
STOP_TOKEN = "<|im_end|>"  # noqa: S105
ADAPTER = "adapter"
MODEL = "model"
_WORTH_IT = 1.3  # of matrices alone; the rest of a step is no faster in bfloat16


@dataclass(frozen=True)
class Weights:
    """A policy's weights.

    Args:
        model: what `from_pretrained` takes: a folder or a name on the hub.
        adapter: the adapter on it.
        base: the reference that the model goes by in recipes, runs and cards.
    """

    model: str
    adapter: Path | None
    base: str

    def digest(self) -> str:
        """SHA-256 that tells two policies apart; of a name on the hub where nothing lies here."""
        import hashlib

        files = [self.adapter / "adapter_model.safetensors"] if self.adapter else []
        folder = Path(self.model)
        files += sorted(folder.glob("*.safetensors")) if folder.is_dir() else []
        parts = [sha256_of(file) for file in files] or [self.model]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def starting_weights(ref: str) -> Weights:
    """The weights that a recipe's `base` names.

    Raises:
        ConfigError: there is no such policy, or it is one that cannot be trained.
    """
    ref = resolved(ref)
    if ref == SHIPPED:
        return Weights(str(transformers_folder(SMOLLM2_135M.name)), require_adapter(), SMOLLM2_135M.name)
    if ref in EMBEDDED:
        return Weights(str(transformers_folder(ref)), None, ref)
    scheme, _, rest = ref.partition(":")
    if scheme == "hf" and rest:
        return Weights(rest, None, ref)
    if scheme == "dir" and rest:
        folder = Path(rest).expanduser()
        if not (folder / "config.json").is_file():
            raise ConfigError(f"base {ref!r}: there is no config.json in that folder.")
        return Weights(str(folder), None, ref)
    if scheme == "run" and rest:
        run = read_run(rest)
        if run.adapter is None:
            return Weights(str(run.model), None, run.base)
        return Weights(starting_weights(run.base).model, run.adapter, run.base)
    known = f"{DEFAULT_POLICY}, {SHIPPED}, {', '.join(EMBEDDED)}, dir:PATH, hf:ORG/NAME, run:RUN_DIR"
    raise ConfigError(f"base {ref!r} cannot be trained; there are: {known}.")


def load_tokenizer(weights: Weights) -> Any:
    """A policy's tokenizer, with the chat template that the engines use for it.

    SmolLM2 pads with its stop token, and TRL masks padding: every end of a turn would be left out of the loss.

    Raises:
        ConfigError: the model has no chat template, or its tokenizer cannot be loaded.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(weights.model)
    except (OSError, ValueError) as error:
        raise ConfigError(f"the tokenizer of {weights.base} cannot be loaded: {_line(error)}") from error
    if weights.base in EMBEDDED:
        tokenizer.pad_token, tokenizer.eos_token = PAD_TOKEN, STOP_TOKEN
        tokenizer.chat_template = smollm2_template()
    if not isinstance(tokenizer.chat_template, str):
        raise ConfigError(
            f"{weights.base} has no chat template: it is a base model. Save its tokenizer with a chat template, whose "
            "control tokens are in the vocabulary, and name that folder."
        )
    if tokenizer.pad_token is None or tokenizer.pad_token == tokenizer.eos_token:
        tokenizer.pad_token = _another_token(tokenizer)
    return tokenizer


def _another_token(tokenizer: Any) -> str:
    """Something to pad with that does not end a reply; what it is matters to nothing, since padding is masked."""
    for token in (tokenizer.unk_token, tokenizer.bos_token, PAD_TOKEN):
        if token is not None and token != tokenizer.eos_token and token in tokenizer.get_vocab():
            return token
    return tokenizer.convert_ids_to_tokens(0)


def precision(wanted: str = "auto") -> str:
    """`bf16` or `fp32`: `auto` is bf16 where the hardware multiplies large matrices, as training does, faster in it.

    On a CPU that is measured: what it says of itself (AVX512-BF16) does not tell.
    """
    import torch

    if wanted != "auto":
        return wanted
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    return "bf16" if _bfloat16_gain() > _WORTH_IT else "fp32"


def sampling_precision(wanted: str = "auto") -> str:
    """The same for decoding, whose matrices are small: with AVX512-BF16 alone, batches decode faster in fp32."""
    import torch

    from ..engines.torch_policy import multiplies_bfloat16

    if wanted != "auto":
        return wanted
    return "bf16" if multiplies_bfloat16("cuda" if torch.cuda.is_available() else "cpu") else "fp32"


@functools.cache
def _bfloat16_gain() -> float:
    """How many times as fast this CPU multiplies matrices in bfloat16; takes a tenth of a second."""
    import torch

    kinds = (torch.float32, torch.bfloat16)
    pairs = [(torch.ones(512, 576, dtype=kind), torch.ones(576, 1536, dtype=kind)) for kind in kinds]
    best = [math.inf, math.inf]
    for _ in range(8):  # in turn, so that what else runs slows both
        for at, (one, other) in enumerate(pairs):
            begun = time.perf_counter()
            _ = one @ other
            best[at] = min(best[at], time.perf_counter() - begun)
    return best[0] / best[1]


def load_model(
    weights: Weights, *, adapter: Adapter | None, attention: str | None = None, kept_modules: tuple[str, ...] = ()
) -> Any:
    """A policy as a model to train, in float32.

    Args:
        weights: what to start from.
        adapter: a new one is put on where the policy has none yet, and where it has one this goes on; `None` trains
            all weights, with an adapter that is there merged in.
        attention: name of the attention function; the model's own by default.
        kept_modules: names of further modules that an adapter trains whole; they must be there before.

    Raises:
        ConfigError: the model cannot be loaded.
    """
    import torch
    from transformers import AutoModelForCausalLM

    options: dict[str, Any] = {} if attention is None else {"attn_implementation": attention}
    try:
        model: Any = AutoModelForCausalLM.from_pretrained(weights.model, dtype=torch.float32, **options)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{weights.base} cannot be loaded: {_line(error)}") from error
    if adapter is None:
        return merged(model, weights.adapter)
    return with_adapter(model, weights.adapter, adapter, kept_modules)


def merged(model: Any, adapter: Path | None) -> Any:
    """The model with an adapter added to its weights."""
    if adapter is None:
        return model
    from peft import PeftModel

    with warnings.catch_warnings():  # peft asks transformers by a name that is going away
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()


def with_adapter(model: Any, existing: Path | None, adapter: Adapter, kept_modules: tuple[str, ...] = ()) -> Any:
    """The model with an adapter to train: the existing one, or a new one on every linear layer."""
    from peft import LoraConfig, get_peft_model

    if existing is not None:
        config: Any = LoraConfig.from_pretrained(str(existing))
        config.inference_mode = False
        config.base_model_name_or_path = None  # a reference of ours, which peft would warn of
    else:
        config = LoraConfig(
            r=adapter.rank,
            lora_alpha=adapter.alpha,  # pyright: ignore[reportArgumentType] - peft scales by any number
            lora_dropout=adapter.dropout,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        )
    if kept_modules:
        config.modules_to_save = list(kept_modules)
        config.exclude_modules = list(kept_modules)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        model = get_peft_model(model, config)
    if existing is not None:
        from peft import set_peft_model_state_dict
        from safetensors.torch import load_file

        weights = load_file(existing / "adapter_model.safetensors")
        for name in kept_modules:  # peft wants what it keeps whole to be there; a fresh one keeps its own weights
            wrapped = model.base_model.model.get_submodule(name).original_module
            weights |= {f"base_model.model.{name}.{key}": value for key, value in wrapped.state_dict().items()}
        set_peft_model_state_dict(model, weights)
    return model


def save_policy(model: Any, tokenizer: Any, folder: Path, base: str) -> Weights:
    """Writes a trained policy in bfloat16: `folder/adapter`, or `folder/model` with the tokenizer.

    An adapter names its base and not where that lay.

    Args:
        model: a causal model, with or without an adapter.
        tokenizer: goes into a model folder.
        folder: of the stage or run.
        base: the reference of the base.
    """
    from peft import PeftModel

    # Of processes that train together, one writes; the others go on when it has (run.py).
    if not isinstance(model, PeftModel):
        if is_main():
            _write_model(model, tokenizer, folder / MODEL)
        return Weights(str(folder / MODEL), None, base)
    if is_main():
        _write_adapter(model, folder / ADAPTER, base)
    return Weights(starting_weights(base).model, folder / ADAPTER, base)


def _write_model(model: Any, tokenizer: Any, target: Path) -> None:
    import torch

    state = {name: tensor.to(torch.bfloat16) for name, tensor in model.state_dict().items()}
    state = {name: tensor for name, tensor in state.items() if not name.startswith(VALUE_HEAD)}
    model.save_pretrained(target, state_dict=state)
    config = json.loads((target / "config.json").read_text(encoding="utf-8"))
    config["dtype"] = "bfloat16"
    (target / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    tokenizer.save_pretrained(target)


def _write_adapter(model: Any, target: Path, base: str) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    model.save_pretrained(str(target), selected_adapters=["default"])
    path = target / "adapter_model.safetensors"
    weights = {name: tensor.to(torch.bfloat16) for name, tensor in load_file(path).items() if VALUE_HEAD not in name}
    save_file(weights, path, metadata={"format": "pt"})
    config = json.loads((target / "adapter_config.json").read_text(encoding="utf-8"))
    config |= {"base_model_name_or_path": base, "modules_to_save": None, "exclude_modules": None}
    (target / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    (target / "README.md").unlink(missing_ok=True)


VALUE_HEAD = "value_head"


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
