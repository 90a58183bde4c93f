"""Texts as vectors: from any server that speaks OpenAI's `/v1/embeddings`, or from an encoder on this machine.

| reference | model |
|---|---|
| `http://HOST:PORT/v1#MODEL` | what vLLM, llama-server, Ollama, text-embeddings-inference or a service serves |
| `dir:PATH` | a folder with a transformers encoder, see `encoder` |
| `hf:ORG/NAME` | the same from the Hugging Face hub, fetched at first use |

Models are trained with a word before each text that says what it is (E5: `query: `, `passage: `), or with none; the
embedder puts it there. What it does not do: take more of a text than the model can; a server that refuses a long text
instead of cutting it is to be told to cut (text-embeddings-inference: `--auto-truncate`).
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import logging
import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ..errors import ConfigError, ToolError
from .encoder import Encoder

if TYPE_CHECKING:
    import numpy as np

Kind = Literal["query", "passage"]
FORMS = "http://HOST:PORT/v1#MODEL, dir:PATH or hf:ORG/NAME"

# A batch of the longest passages, answered in 4,096 numbers each, stays under what `request_json` takes.
_REMOTE_BATCH = 32
_HUB_FILES = ("*.json", "*.txt", "*.model", "model*.safetensors", "*_Pooling/config.json")
_log = logging.getLogger(__name__)


class Embedder(Protocol):
    """What makes vectors of texts."""

    @property
    def name(self) -> str:
        """The model and whatever else a passage's vector depends on: under this name vectors are kept."""
        ...

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> np.ndarray:
        """The texts' vectors.

        Args:
            texts: n texts.
            kind: what they are; many models want to know.

        Returns:
            (n, d) float32, each row of length 1.

        Raises:
            ToolError, ConfigError: the model cannot be used now, or not at all.
        """
        ...


@dataclass(frozen=True, slots=True)
class Prefixes:
    """What stands before each text that a model is given.

    Args:
        query, passage: before a query, before a passage; with the space that follows.
    """

    query: str = ""
    passage: str = ""

    def before(self, texts: Sequence[str], kind: Kind) -> list[str]:
        """The texts as the model is given them."""
        prefix = self.query if kind == "query" else self.passage
        return [prefix + text for text in texts]


def embedder(
    reference: str, *, key: str | None = None, prefixes: Prefixes | None = None, seconds: float = 30.0
) -> Embedder:
    """The embedder that a reference names. Nothing is loaded or asked yet.

    Args:
        reference: one of `FORMS`.
        key: of a server that wants one.
        prefixes: what the model was trained to see before a text.
        seconds: how long a server may take for a request.

    Raises:
        ConfigError: the reference has none of these forms.
    """
    prefixes = prefixes or Prefixes()
    fault = reference_fault(reference)
    if fault:
        raise ConfigError(f"{reference!r} names no embedding model: {fault}.")
    if reference.startswith(("http://", "https://")):
        url, _, model = reference.partition("#")
        return RemoteEmbedder(url.rstrip("/"), model, key, prefixes, seconds)
    scheme, _, place = reference.partition(":")
    return LocalEmbedder(place if scheme == "hf" else Path(place).expanduser().resolve(), prefixes)


def reference_fault(reference: str) -> str:
    """What is wrong with the form of a reference; empty where nothing is."""
    if reference.startswith(("http://", "https://")):
        url, _, model = reference.partition("#")
        whole = model and url.partition("://")[2]
        return "" if whole else "a server's model is written http://HOST:PORT/v1#MODEL"
    scheme, _, place = reference.partition(":")
    if scheme == "hf":
        return "" if place.count("/") == 1 and all(place.split("/")) else "a model of the hub is written hf:ORG/NAME"
    return "" if scheme == "dir" and place else f"it is written {FORMS}"


@dataclass(frozen=True, slots=True)
class RemoteEmbedder:
    """A model that a server with OpenAI's API serves.

    Args:
        url: up to `/v1`, without `/embeddings`. Not restricted to public addresses: it is the operator who writes it.
        model: as the server calls it.
        key: sent as a bearer token; never told.
        prefixes: what stands before each text.
        seconds: how long a request may take.
    """

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    prefixes: Prefixes = Prefixes()
    seconds: float = 30.0

    @property
    def name(self) -> str:
        """See `Embedder.name`."""
        return _named(f"{self.url}#{self.model}", self.prefixes)

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> np.ndarray:
        """See `Embedder.embed`."""
        import numpy as np

        asked = self.prefixes.before(texts, kind)
        rows: list[list[float]] = []
        for start in range(0, len(asked), _REMOTE_BATCH):
            rows += await self._answer(asked[start : start + _REMOTE_BATCH])
        if len({len(row) for row in rows}) > 1:
            raise self._odd(f"vectors of different lengths ({', '.join(map(str, sorted({len(r) for r in rows})))})")
        vectors = np.array(rows, np.float32).reshape(len(rows), -1)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.maximum(lengths, np.finfo(np.float32).tiny)

    async def _answer(self, texts: list[str]) -> list[list[float]]:
        from ..web.client import request_json

        found = await request_json(
            "POST",
            f"{self.url}/embeddings",
            headers={"Authorization": f"Bearer {self.key}"} if self.key else {},
            body={"model": self.model, "input": texts},
            seconds=self.seconds,
        )
        rows = found.get("data") if isinstance(found, dict) else None
        if not isinstance(rows, list):
            raise self._odd("no list of vectors")
        by_place: dict[str, list[float]] = {}
        for place, row in enumerate(rows):
            if not isinstance(row, dict) or not _is_vector(row.get("embedding")):
                raise self._odd("something that is not a vector of numbers")
            # The order of the answer is not promised: a server with several workers may mix it.
            by_place[str(row.get("index", place))] = row["embedding"]
        if len(rows) != len(texts) or by_place.keys() != set(map(str, range(len(texts)))):
            raise self._odd(f"{len(rows)} vectors for {len(texts)} texts, or wrong numbers beside them")
        return [by_place[str(place)] for place in range(len(texts))]

    def _odd(self, what: str) -> ToolError:
        host = self.url.partition("://")[2].partition("/")[0].rpartition("@")[2]
        return ToolError(f"the embedding model {self.model} on {host} answered with {what}.")


def _is_vector(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x) for x in value)
    )


@dataclass(frozen=True, slots=True)
class LocalEmbedder:
    """An encoder on this machine. It is loaded at its first use; a process keeps one, the last that was used.

    Args:
        place: a folder, or the name of a repository on the hub.
        prefixes: what stands before each text.
    """

    place: Path | str
    prefixes: Prefixes = Prefixes()

    @property
    def name(self) -> str:
        """See `Embedder.name`. Another model in the same folder has another name."""
        if isinstance(self.place, str):
            return _named(f"hf:{self.place}", self.prefixes)
        return _named(f"dir:{self.place}@{_fingerprint(self.place)}", self.prefixes)

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> np.ndarray:
        """See `Embedder.embed`."""
        asked = self.prefixes.before(texts, kind)
        return await asyncio.get_running_loop().run_in_executor(_worker, _encoded, self.place, asked)


def _named(model: str, prefixes: Prefixes) -> str:
    return f"{model} after {prefixes.passage!r}" if prefixes.passage else model


def _fingerprint(folder: Path) -> str:
    """A few characters that change when the folder's files do, told by their sizes and times: weights are large."""
    files = sorted(file for pattern in ("*.json", "*.safetensors", "*/config.json") for file in folder.glob(pattern))
    states = [(str(file.relative_to(folder)), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr(states).encode()).hexdigest()[:16]


def _encoded(place: Path | str, texts: list[str]) -> np.ndarray:
    return _encoder(place).encode(texts)


@functools.lru_cache(maxsize=1)
def _encoder(place: Path | str) -> Encoder:
    return Encoder(place if isinstance(place, Path) else _from_hub(place))


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils import disable_progress_bars

    disable_progress_bars()  # a search is not where somebody waits for it
    _log.info("fetching hf:%s, unless it is there", name)
    try:
        return Path(snapshot_download(name, allow_patterns=list(_HUB_FILES)))
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ConfigError(f"hf:{name} cannot be fetched from the Hugging Face hub: {reason}") from error


def _new_worker() -> ThreadPoolExecutor:
    # One thread: an encoder uses all cores by itself, and what nobody waits for any more leaves the queue.
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="embeddings")


_worker = _new_worker()


def _forget() -> None:
    # A forked process has not the thread, and a model that was in use may be in any state.
    global _worker
    _worker = _new_worker()
    _encoder.cache_clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
