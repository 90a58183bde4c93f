"""Order what words have found by what it means too: reciprocal-rank fusion of BM25's order with that of cosines.

A passage's score is 1 / (60 + its rank by words) + weight / (60 + its rank by cosine) (Cormack, Clarke and Büttcher
2009). Only running text is put in order: a passage of an encyclopaedia answers for its subject by name and keeps its
place. What it does not do: find a passage that has none of the query's words.

Whatever goes wrong with the model, the order by words counts and a line says why. Vectors that were made until then are
kept, so that the next search has less to do.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import PericlesError, ToolError
from .combining import RRF_K
from .embedding_store import VectorStore, default_file, vector_key
from .settings import HybridSettings, search_settings

if TYPE_CHECKING:
    import numpy as np

    from .embeddings import Embedder
    from .index.ranking import Hit

# Passages embedded at once: few, since what is not ready when the time is over is lost.
_BATCH = 8
# A model that failed is left alone for so long: each search would wait for it again.
_PAUSE_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Hybrid:
    """Puts hits in order with an embedding model.

    Args:
        embedder: makes the vectors.
        store: keeps those of passages.
        seconds: how long the model may take for a search.
        candidates: running text that it is asked about, the best by words.
        weight: of the ranks by cosine; those by words have 1.
    """

    def __init__(
        self,
        embedder: Embedder,
        store: VectorStore,
        *,
        seconds: float = 3.0,
        candidates: int = 50,
        weight: float = 1.0,
    ) -> None:
        self.candidates = candidates
        self._embedder = embedder
        self._store = store
        self._seconds = seconds
        self._weight = weight
        self._paused_until = 0.0
        self._reason = ""

    async def reordered(
        self, query: str, hits: Sequence[Hit], told: Sequence[Hit]
    ) -> tuple[list[Hit], tuple[str, ...]]:
        """The hits in the order of both.

        Args:
            query: plain words.
            hits: what was found by words, best first.
            told: those of them that are near the best by words: what counts where the model does not.

        Returns:
            The hits, and a line where the model was not used. Named hits are those of `told`, at their places; running
            text is all there is where `told` has any, and none where it has none: then a name has answered.
        """
        if not any(not hit.named for hit in told):
            return list(told), ()
        kept = [hit for hit in hits if not hit.named or hit in told]
        texts = [hit for hit in kept if not hit.named][: self.candidates]
        if len(texts) < 2:
            return list(told), ()
        cosines, problem = await self._cosines(query, texts)
        if cosines is None:
            return list(told), (problem,)
        ordered = iter(fused(texts, cosines, self._weight))
        return [hit if hit.named else next(ordered, hit) for hit in kept], ()

    async def _cosines(self, query: str, hits: Sequence[Hit]) -> tuple[np.ndarray | None, str]:
        """Cosines of the hits, or the line that says why there are none."""
        if time.monotonic() < self._paused_until:
            return None, self._reason
        try:
            async with asyncio.timeout(self._seconds):
                return await self.cosines(query, [passage_text(hit) for hit in hits]), ""
        except TimeoutError:
            reason = f"the embedding model did not answer within {self._seconds:g} s"
        except PericlesError as error:
            reason = " ".join(str(error).split()).rstrip(".")
        except Exception:  # noqa: BLE001 - whatever a model does, what words have found is told
            _log.exception("the embedding model failed")
            reason = "the embedding model failed"
        self._reason = f"Ordered by words alone: {reason}."
        self._paused_until = time.monotonic() + _PAUSE_SECONDS
        _log.warning("%s", self._reason)
        return None, self._reason

    async def cosines(self, query: str, passages: Sequence[str]) -> np.ndarray:
        """How near each passage's vector is to the query's.

        Args:
            query: plain words.
            passages: n texts; those that are not kept yet are embedded now.

        Returns:
            (n,) float32, -1 to 1.

        Raises:
            ToolError, ConfigError: the model cannot be used.
        """
        import numpy as np

        (asked,) = await self._embedder.embed([query], kind="query")
        name = self._embedder.name
        keys = [vector_key(name, text) for text in passages]
        known = await asyncio.to_thread(self._store.read, keys, len(asked))
        missing = {key: text for key, text in zip(keys, passages, strict=True) if key not in known}
        by_length = sorted(missing, key=lambda key: len(missing[key]))
        for start in range(0, len(by_length), _BATCH):
            batch = by_length[start : start + _BATCH]
            made = await self._embedder.embed([missing[key] for key in batch], kind="passage")
            if made.shape != (len(batch), len(asked)):
                raise ToolError(
                    f"the embedding model answers a query with {len(asked)} numbers and {len(batch)} passages with"
                    f" {made.shape}: are there two models behind one address?"
                )
            # As they will be read from the disk: a search must not depend on who asked before.
            vectors = dict(zip(batch, made.astype(np.float16), strict=True))
            known |= vectors
            await asyncio.to_thread(self._store.write, vectors)
        return np.stack([known[key] for key in keys]).astype(np.float32) @ asked


def configured_hybrid() -> Hybrid | None:
    """The one that the settings describe, `None` where they name no model.

    Raises:
        ConfigError: a key or a value is wrong.
    """
    global _last
    settings, file = search_settings().hybrid, default_file()
    if not settings.model:
        return None
    if _last is None or _last[:2] != (settings, file):
        _last = (settings, file, _made(settings, file))
    return _last[2]


# The last one is used again while nothing changes: it remembers that its model has failed.
_last: tuple[HybridSettings, Path, Hybrid] | None = None


def _made(settings: HybridSettings, file: Path) -> Hybrid:
    from .embeddings import Prefixes, embedder

    key = settings.key.get_secret_value() if settings.key else None
    prefixes = Prefixes(settings.query_prefix, settings.passage_prefix)
    return Hybrid(
        embedder(settings.model, key=key, prefixes=prefixes, seconds=settings.seconds),
        VectorStore(file),
        seconds=settings.seconds,
        candidates=settings.candidates,
        weight=settings.weight,
    )


def fused(hits: Sequence[Hit], cosines: Sequence[float] | np.ndarray, weight: float) -> list[Hit]:
    """One order of two.

    Args:
        hits: n of them, best first by words.
        cosines: (n,), of the hits.
        weight: of the ranks by cosine.

    Returns:
        The hits, best first by both; of equal ones the better one by words comes first.
    """
    places = range(len(hits))
    by_cosine = {place: rank for rank, place in enumerate(sorted(places, key=lambda at: -float(cosines[at])), start=1)}
    scores = [1 / (RRF_K + place + 1) + weight / (RRF_K + by_cosine[place]) for place in places]
    return [hits[place] for place in sorted(places, key=lambda at: (-round(scores[at], 12), at))]


def passage_text(hit: Hit) -> str:
    """What of a passage is embedded: its title too, which often says what the text is about."""
    return hit.body if not hit.title or hit.body.startswith(hit.title) else f"{hit.title}\n{hit.body}"
