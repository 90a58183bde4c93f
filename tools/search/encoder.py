"""A folder with a transformers encoder, as sentence-transformers writes it: texts in, one vector each out.

What counts of the folder, beside what transformers reads itself: `modules.json` (which steps the model has),
`1_Pooling/config.json` (mean over the tokens or the first token; mean where there is none) and
`sentence_bert_config.json` (greatest number of tokens). Weights are read from safetensors only and no code of the
folder is run. What it does not do: other poolings, further dense layers, decoders; a folder that asks for them is
refused, because its vectors would be wrong without a sign of it.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    import torch

_BATCH = 16
_STEPS = frozenset({"Transformer", "Pooling", "Normalize"})
_POOLINGS = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean"}
# What tokenizers say that know no limit is 10^30.
_NO_LIMIT = 1_000_000
# RoBERTa's positions begin behind its padding's number, 1: two of those in the configuration cannot be used.
_RESERVED_POSITIONS = 2


class Encoder:
    """An encoder in memory, in float32 on the CPU. Not for several threads at once.

    Args:
        folder: holds `config.json`, a tokenizer and `model.safetensors`.

    Raises:
        ConfigError: the folder holds no encoder that can be used.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / "config.json").is_file():
            raise ConfigError(f"{folder} is not a model folder: it has no config.json.")
        self._first_token = _pooling(folder) == "cls"
        import torch
        from safetensors import SafetensorError
        from transformers import AutoModel, AutoTokenizer

        try:
            with _quiet_transformers():
                self._tokenizer: Any = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
                model: Any = AutoModel.from_pretrained(
                    str(folder), local_files_only=True, use_safetensors=True, dtype=torch.float32
                )
        except (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError) as error:
            raise ConfigError(f"transformers cannot load {folder}: {' '.join(str(error).split())[:300]}") from error
        if getattr(model.config, "is_encoder_decoder", False):
            raise ConfigError(f"{folder} holds an encoder with a decoder; an encoder alone is expected.")
        self._model = model.eval()
        self.max_tokens = self._limit(folder)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """The texts' vectors.

        Args:
            texts: any texts; of a long one only the first `max_tokens` tokens count.

        Returns:
            (n, d) float32, each of length 1.
        """
        import numpy as np
        import torch

        # Texts of like length together: what a batch is filled up with takes as long as text does.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        vectors = np.zeros((len(texts), int(self._model.config.hidden_size)), np.float32)
        with torch.inference_mode():
            for start in range(0, len(order), _BATCH):
                batch = order[start : start + _BATCH]
                vectors[batch] = self._pooled([texts[at] for at in batch]).numpy()
        return vectors

    def _pooled(self, texts: list[str]) -> torch.Tensor:
        import torch

        tokens = self._tokenizer(texts, padding=True, truncation=True, max_length=self.max_tokens, return_tensors="pt")
        states = self._model(**tokens).last_hidden_state
        mask = tokens["attention_mask"].unsqueeze(-1).to(states.dtype)
        if self._first_token:
            # Where padding stands on the left, the first token of the text is not the first of the row.
            first = tokens["attention_mask"].argmax(1)
            pooled = states[torch.arange(len(texts)), first]
        else:
            pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
        return torch.nn.functional.normalize(pooled, dim=1)

    def _limit(self, folder: Path) -> int:
        told = _read_json(folder / "sentence_bert_config.json").get("max_seq_length")
        of_tokenizer = int(self._tokenizer.model_max_length)
        positions = getattr(self._model.config, "max_position_embeddings", None)
        limits = [told] if isinstance(told, int) and told > 0 else []
        if of_tokenizer < _NO_LIMIT:
            limits.append(of_tokenizer)
        if isinstance(positions, int):
            limits.append(positions if of_tokenizer <= positions else positions - _RESERVED_POSITIONS)
        return min(limits, default=512)


def _pooling(folder: Path) -> str:
    steps = _read_json(folder / "modules.json", [])
    kinds = [str(step.get("type", "")).rpartition(".")[2] for step in steps if isinstance(step, dict)]
    other = next((kind for kind in kinds if kind not in _STEPS), None)
    if other is not None:
        raise ConfigError(f"{folder} has a step {other!r}, which is not supported: serve the model and set its URL.")
    place = next((str(step.get("path")) for step, kind in zip(steps, kinds, strict=True) if kind == "Pooling"), "")
    config = _read_json(folder / (place or "1_Pooling") / "config.json")
    modes = [name for name, on in config.items() if name.startswith("pooling_mode_") and on is True]
    # Later releases of sentence-transformers write one word instead of a switch for each way.
    pooling = str(config.get("pooling_mode") or "+".join(str(_POOLINGS.get(mode, mode)) for mode in modes) or "mean")
    if pooling not in ("mean", "cls"):
        raise ConfigError(f"{folder} pools by {pooling!r}; mean and cls are supported: serve the model, set its URL.")
    return pooling


def _read_json(file: Path, missing: Any = None) -> Any:
    """A JSON file, or what stands for one that is not there."""
    absent: Any = {} if missing is None else missing
    try:
        found = json.loads(file.read_text())
    except FileNotFoundError:
        return absent
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file} cannot be read: {error}.") from None
    if not isinstance(found, type(absent)):
        raise ConfigError(f"{file} holds no JSON {'list' if isinstance(absent, list) else 'object'}.")
    return found


@contextmanager
def _quiet_transformers() -> Generator[None]:
    """Loads without a progress bar and a report of unused weights (pooler, positions) in the middle of a chat."""
    from transformers.utils import logging

    before = logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)
