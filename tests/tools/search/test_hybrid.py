"""Embeddings beside words: against a real server on loopback and a tiny real encoder."""

import asyncio
import hashlib
import json
import logging
import re
import sqlite3
import threading
import time

import numpy as np
import pytest
from pericles.tools.errors import ConfigError, ToolError
from pericles.tools.search import index_path, search
from pericles.tools.search.backends import local
from pericles.tools.search.embedding_store import VectorStore, default_file, vector_key
from pericles.tools.search.embeddings import LocalEmbedder, Prefixes, RemoteEmbedder, embedder
from pericles.tools.search.hybrid import Hybrid, fused, passage_text
from pericles.tools.search.index.ranking import Hit
from pericles.tools.search.settings import search_settings
from web_servers import serving

SIZE = 512
# What the little model on the server knows of English.
SYNONYMS = {"automobiles": "car", "costs": "price", "expensive": "price", "families": "family", "insuring": "insurance"}
# A good model makes little of these.
EMPTY = {"the", "a", "an", "of", "in", "is", "its", "for", "that", "what", "more", "so", "has"}


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("PERICLES_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PERICLES_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(local, "CORPORA", ())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def bag(text):
    """A hashed bag of words, the same for synonyms."""
    vector = [0.0] * SIZE
    for word in re.findall(r"\w+", text.lower()):
        word = SYNONYMS.get(word, word)
        vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % SIZE] += 0.1 if word in EMPTY else 1.0
    return vector


def openai(exchange):
    """`/v1/embeddings` in OpenAI's shape, the vectors in any order."""
    assert (exchange.method, exchange.path) == ("POST", "/v1/embeddings")
    if exchange.headers.get("authorization") not in (None, "Bearer sk-secret"):
        return 401, {}, {"error": {"message": "Incorrect API key provided: sk-wro…", "type": "invalid_request_error"}}
    texts = exchange.body["input"]
    data = [{"object": "embedding", "index": place, "embedding": bag(text)} for place, text in enumerate(texts)]
    return {"object": "list", "data": data[::-1], "model": exchange.body["model"], "usage": {"prompt_tokens": 9}}


def embedded(model, *texts, kind="passage"):
    return asyncio.run(model.embed(texts, kind=kind))


def unit(text):
    vector = np.array(bag(text), np.float32)
    return vector / np.linalg.norm(vector)


# A server


def test_vectors_have_length_one_and_the_order_of_the_texts():
    with serving(openai) as (address, seen):
        found = embedded(RemoteEmbedder(f"{address}/v1", "bag", "sk-secret"), "one fish", "two fish", "red")
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [unit("one fish"), unit("two fish"), unit("red")], rtol=1e-6)
    assert seen[0].headers["authorization"] == "Bearer sk-secret"
    assert seen[0].body == {"model": "bag", "input": ["one fish", "two fish", "red"]}


def test_many_texts_are_sent_in_several_requests():
    texts = [f"text number {number}" for number in range(70)]
    with serving(openai) as (address, seen):
        found = embedded(embedder(f"{address}/v1#bag"), *texts)
    np.testing.assert_allclose(found, [unit(text) for text in texts], rtol=1e-6)
    assert [len(exchange.body["input"]) for exchange in seen] == [32, 32, 6]


def test_prefixes_say_what_a_text_is():
    with serving(openai) as (address, seen):
        model = embedder(f"{address}/v1#e5", prefixes=Prefixes("query: ", "passage: "))
        embedded(model, "fish", kind="query")
        embedded(model, "fish")
    assert [exchange.body["input"] for exchange in seen] == [["query: fish"], ["passage: fish"]]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"data": [{"index": 0, "embedding": [1.0]}]}, "1 vectors for 2 texts"),
        ({"data": [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}]}, "wrong numbers beside them"),
        ({"data": [{"index": 0, "embedding": [1.0]}, {"index": [], "embedding": [1.0]}]}, "wrong numbers beside them"),
        ({"data": [{"embedding": [1.0, 2.0]}, {"embedding": [1.0]}]}, r"vectors of different lengths \(1, 2\)"),
        ({"data": [{"embedding": [1.0, None]}, {"embedding": [1.0, 2.0]}]}, "not a vector of numbers"),
        ({"data": [{"embedding": "AACAPw=="}, {"embedding": [1.0]}]}, "not a vector of numbers"),
        ({"data": [7, 8]}, "not a vector of numbers"),
        ({"error": {"message": "no such model"}}, "no list of vectors"),
        ([], "no list of vectors"),
        ((404, {}, {"error": {"message": "The model `bag` does not exist."}}), "404 Not Found"),
        ((200, {}, b"<html>"), "not the JSON that was expected"),
    ],
)
def test_another_answer_than_vectors_is_told(answer, told):
    with serving(lambda _: answer) as (address, _), pytest.raises(ToolError, match=told):
        embedded(embedder(f"{address}/v1#bag"), "one", "two")


def test_a_wrong_key_is_told_without_the_key():
    with serving(openai) as (address, _):
        model = embedder(f"{address}/v1#bag", key="sk-wrong")
        with pytest.raises(ToolError, match="401") as caught:
            embedded(model, "fish")
    assert "sk-" not in str(caught.value)
    assert "sk-" not in repr(model)


def test_a_vector_of_zeros_is_near_nothing():
    with serving(lambda _: {"data": [{"embedding": [0.0, 0.0]}]}) as (address, _):
        assert embedded(embedder(f"{address}/v1#bag"), "").tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize(
    "reference", ["bag", "http://localhost:8080/v1", "http://#bag", "dir:", "hf:bag", "hf:a/b/c", "hf:/b", "gguf:bag"]
)
def test_a_reference_of_no_known_form(reference):
    with pytest.raises(ConfigError, match="names no embedding model"):
        embedder(reference)


# Settings and search


@pytest.fixture
def garage(folders):
    """Five notes; to `QUESTION` the best is `a` by words and `c` by meaning."""
    docs = folders / "docs"
    docs.mkdir()
    notes = {
        "a": "The price of an old house: insurance of a house of wood has its price.",
        "b": "The insurance of boats in the old harbour is a matter of its own.",
        "c": "What insuring automobiles costs: for families the insurance is expensive, automobiles that age more so.",
        "d": "Insurance fraud in the city is a crime.",
        "e": "The lighthouse was lit in 1887.",
    }
    for name, text in notes.items():
        (docs / f"{name}.txt").write_text(text)
    index_path(docs)
    return docs


QUESTION = "insurance price of a family car in the old city"


def use(monkeypatch, **settings):
    for key, value in settings.items():
        monkeypatch.setenv(f"PERICLES_SEARCH__HYBRID__{key.upper()}", value)


def ask(query=QUESTION):
    return asyncio.run(search(query))


def titles(output):
    return [source.title for source in output.sources]


def test_meaning_has_a_say_in_the_order(garage, monkeypatch):
    alone = ask()
    assert titles(alone)[0] == "a"
    with serving(openai) as (address, seen):
        use(monkeypatch, model=f"{address}/v1#bag", key="sk-secret", weight="3", query_prefix="query: ")
        both = ask()
    assert titles(both)[0] == "c"
    assert both.data["problems"] == []
    assert seen[0].body["input"] == [f"query: {QUESTION}"]
    assert {exchange.headers["authorization"] for exchange in seen} == {"Bearer sk-secret"}
    assert len(titles(both)) == 3


def test_a_second_search_embeds_the_query_only(garage, monkeypatch):
    with serving(openai) as (address, seen):
        use(monkeypatch, model=f"{address}/v1#bag")
        first = ask()
        before = len(seen)
        assert ask().text == first.text
        assert [exchange.body["input"] for exchange in seen[before:]] == [[QUESTION]]
        # Another model's vectors are its own.
        use(monkeypatch, model=f"{address}/v1#other")
        ask()
    passages = [text for exchange in seen[before + 1 :] for text in exchange.body["input"]]
    assert sum("automobiles" in text for text in passages) == 1


def test_a_query_that_finds_nothing_asks_no_model(garage, monkeypatch):
    with serving(openai) as (address, seen):
        use(monkeypatch, model=f"{address}/v1#bag")
        assert titles(ask("gargoyles")) == []
        assert titles(ask("when was the lighthouse lit")) == ["e"]
    assert seen == []


@pytest.mark.parametrize("status", [400, 500])
def test_a_model_that_fails_leaves_the_order_by_words(garage, monkeypatch, status):
    alone = ask()
    with serving(lambda _: (status, {}, {"error": "no"})) as (address, seen):
        use(monkeypatch, model=f"{address}/v1#bag")
        output = ask()
        assert output.text == alone.text
        (problem,) = output.data["problems"]
        assert problem.startswith("Ordered by words alone: 127.0.0.1:")
        assert str(status) in problem
        # It is not asked again at once.
        before = len(seen)
        assert ask().data["problems"] == [problem]
        assert len(seen) == before


def test_a_server_that_is_not_there(garage, monkeypatch):
    alone = ask()
    use(monkeypatch, model="http://127.0.0.1:9/v1#bag")
    output = ask()
    assert output.text == alone.text
    assert "cannot be reached" in output.data["problems"][0]


def test_a_slow_model_is_not_waited_for(garage, monkeypatch):
    alone = ask()

    def slow(exchange):
        time.sleep(2.0)
        return openai(exchange)

    with serving(slow) as (address, _):
        use(monkeypatch, model=f"{address}/v1#bag", seconds="0.2")
        started = time.monotonic()
        output = ask()
        assert time.monotonic() - started < 1.5
    assert output.text == alone.text
    assert "did not answer within 0.2 s" in output.data["problems"][0]


def test_two_models_behind_one_address_are_noticed(garage, monkeypatch):
    def unequal(exchange):
        size = 3 if exchange.body["input"] == [QUESTION] else 4
        return {"data": [{"index": n, "embedding": [1.0] * size} for n, _ in enumerate(exchange.body["input"])]}

    with serving(unequal) as (address, _):
        use(monkeypatch, model=f"{address}/v1#bag")
        assert "two models behind one address" in ask().data["problems"][0]


def test_a_folder_without_a_model_is_told(garage, monkeypatch, folders):
    use(monkeypatch, model=f"dir:{folders / 'nothing'}")
    output = ask()
    assert titles(output)[0] == "a"
    assert "is not a model folder: it has no config.json" in output.data["problems"][0]


def test_no_model_by_default(garage, caplog):
    assert search_settings().hybrid.model == ""
    ask()
    assert not default_file().exists()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (
            "model",
            "minilm",
            r"search\.hybrid\.model: .*it is written http://HOST:PORT/v1#MODEL, dir:PATH or hf:ORG/NAME",
        ),
        ("model", "http://localhost:8080/v1", r"a server's model is written http://HOST:PORT/v1#MODEL"),
        ("seconds", "0", r"search\.hybrid\.seconds: .*greater than 0"),
        ("candidates", "1", r"search\.hybrid\.candidates"),
        ("wieght", "1", r"search\.hybrid\.wieght is not a setting; did you mean 'weight'"),
    ],
)
def test_a_wrong_setting_is_told(monkeypatch, name, value, told):
    use(monkeypatch, **{name: value})
    with pytest.raises(ConfigError, match=told):
        search_settings()


# The order


def hit(title, *, named=False, score=1.0):
    return Hit("it", title, f"The text of {title}.", title, "", score=score, named=named)


def test_ranks_are_fused():
    hits = [hit(name) for name in "abcd"]
    # a 1+3, b 2+4, c 3+1, d 4+2: a and c have the same ranks, and a is better by words.
    assert [one.title for one in fused(hits, [0.2, 0.1, 0.9, 0.8], 1.0)] == ["a", "c", "b", "d"]
    assert [one.title for one in fused(hits, [0.2, 0.1, 0.9, 0.8], 5.0)] == ["c", "d", "a", "b"]
    assert fused(hits, [0.5] * 4, 100.0) == hits


class Favours:
    """An embedder to which one word means something; counts what it is given."""

    def __init__(self, word):
        self.name = f"favours {word}"
        self.word = word
        self.given = []

    async def embed(self, texts, *, kind):
        self.given += texts
        return np.array([[1.0, 0.0] if kind == "query" or self.word in text else [0.0, 1.0] for text in texts], "f4")


def reordered(hits, told, folders, **more):
    hybrid = Hybrid(Favours("text of z"), VectorStore(folders / "vectors.sqlite"), weight=10.0, **more)
    found, problems = asyncio.run(hybrid.reordered("q", hits, told))
    return [one.title for one in found], problems


def test_named_subjects_keep_their_places(folders):
    hits = [hit("Peru", named=True), hit("a"), hit("far", named=True, score=0.1), hit("b"), hit("z")]
    hits.insert(3, hit("Lima", named=True))
    told = [hits[0], hits[1], hits[3]]
    assert reordered(hits, told, folders) == (["Peru", "z", "Lima", "a", "b"], ())


def test_where_a_name_has_answered_no_model_is_asked(folders):
    hits = [hit("Peru", named=True), hit("a"), hit("z")]
    assert reordered(hits, hits[:1], folders) == (["Peru"], ())


def test_only_the_best_by_words_are_candidates(folders):
    hits = [hit(name) for name in "abcz"]
    assert reordered(hits, hits, folders, candidates=3) == (["a", "b", "c", "z"], ())
    assert reordered(hits, hits, folders, candidates=4) == (["z", "a", "b", "c"], ())


def test_a_bug_in_an_embedder_costs_no_search(folders, caplog):
    class Broken:
        name = "broken"

        async def embed(self, texts, *, kind):
            raise RuntimeError("out of memory")

    hits = [hit("a"), hit("b")]
    found, problems = asyncio.run(Hybrid(Broken(), VectorStore(folders / "v")).reordered("q", hits, hits[:1]))
    assert found == hits[:1]
    assert problems == ("Ordered by words alone: the embedding model failed.",)
    assert "out of memory" in caplog.text


def test_a_title_is_embedded_once():
    assert passage_text(Hit("it", "Peru", "Peru is a country.", "", "")) == "Peru is a country."
    assert passage_text(Hit("it", "Notes", "Bread.", "", "")) == "Notes\nBread."


# Vectors on disk


def vector(*numbers):
    return np.array(numbers, np.float16)


def test_vectors_are_kept(folders):
    store = VectorStore(folders / "deep" / "vectors.sqlite")
    keys = [vector_key("m", "one"), vector_key("m", "two"), vector_key("n", "one")]
    assert store.read(keys, 2) == {}
    store.write({keys[0]: vector(0.5, 0.25)})
    found = store.read(keys, 2)
    assert [*found] == keys[:1]
    assert found[keys[0]].tolist() == [0.5, 0.25]
    # Another size is of another model.
    assert store.read(keys, 3) == {}


def test_the_oldest_make_room(folders):
    store = VectorStore(folders / "vectors.sqlite", max_bytes=300_000)
    keys = [vector_key("m", str(number)) for number in range(600)]
    for start in range(0, 600, 20):
        store.write({key: np.ones(384, np.float16) for key in keys[start : start + 20]})
    kept = store.read(keys, 384)
    assert 150 < len(kept) < 400
    assert [*kept] == keys[-len(kept) :]
    assert store.file.stat().st_size < 350_000


@pytest.mark.parametrize("damage", ["text", "torn", "middle"])
def test_a_damaged_file_costs_time_only(garage, monkeypatch, damage, caplog):
    with serving(openai) as (address, seen):
        use(monkeypatch, model=f"{address}/v1#bag")
        first = ask()
        before = len(seen)
        file = default_file()
        content = file.read_bytes()
        file.write_bytes(
            {
                "text": b"this is no database, " * 500,
                "torn": content[: len(content) // 2 + 100],
                "middle": content[:100] + b"\xff" * (len(content) - 100),
            }[damage]
        )
        with caplog.at_level(logging.WARNING):
            output = ask()
        assert output.text == first.text
        assert output.data["problems"] == []
        assert "is damaged" in caplog.text
        again = len(seen)
        assert again > before + 1
        assert ask().text == first.text
        assert len(seen) == again + 1


def test_a_vector_that_is_no_vector_is_made_again(folders):
    store = VectorStore(folders / "vectors.sqlite")
    store.write({b"nan": vector(np.nan, 1.0), b"good": vector(1.0, 0.0)})
    with sqlite3.connect(store.file) as connection:
        connection.execute("insert into vectors (key, vector) values (?, ?)", (b"text", "abcd"))
        connection.execute("insert into vectors (key, vector) values (?, null)", (b"null",))
    connection.close()
    assert [*store.read([b"nan", b"text", b"null", b"good"], 2)] == [b"good"]


def test_a_folder_that_cannot_be_written_costs_the_cache_only(garage, monkeypatch, folders, caplog):
    (folders / "cache").mkdir(exist_ok=True)
    (folders / "cache" / "embeddings").write_text("in the way")
    with serving(openai) as (address, _):
        use(monkeypatch, model=f"{address}/v1#bag")
        output = ask()
    assert output.data["problems"] == []
    assert "embeddings are not kept" in caplog.text


def test_a_locked_file_is_not_deleted(folders, caplog):
    store = VectorStore(folders / "vectors.sqlite")
    store.write({b"a": vector(1.0)})
    holder = sqlite3.connect(store.file, isolation_level=None)
    holder.execute("begin exclusive")
    store.write({b"b": vector(1.0)})
    assert "locked" in caplog.text
    holder.execute("commit")
    holder.close()
    assert [*store.read([b"a", b"b"], 1)] == [b"a"]


def test_several_threads_write_at_once(folders):
    store = VectorStore(folders / "vectors.sqlite")
    keys = [[vector_key(str(thread), str(number)) for number in range(40)] for thread in range(4)]

    def write(mine):
        for key in mine:
            store.write({key: vector(1.0)})

    threads = [threading.Thread(target=write, args=(mine,)) for mine in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.read([key for mine in keys for key in mine], 1)) == 160


# An encoder on this machine


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A randomly initialised BERT with a tokenizer of single letters and a few words, at most 12 tokens."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("tiny")
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "the",
        "fish",
        *letters,
        *(f"##{letter}" for letter in letters),
    ]
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=24,
    )
    BertModel(config).save_pretrained(folder)
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 12}))
    return folder


@pytest.fixture
def pooled(tiny, tmp_path):
    """A copy of the encoder that pools in some way."""

    def make(**config):
        folder = tmp_path / f"pooled-{len([*tmp_path.iterdir()])}"
        folder.mkdir()
        for file in tiny.iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
        (folder / "1_Pooling").mkdir()
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(config))
        return folder

    return make


def states(folder, text):
    """The last hidden states of one text, (tokens, 32)."""
    import torch
    from transformers import BertModel, BertTokenizer

    tokens = BertTokenizer.from_pretrained(folder)(text, truncation=True, max_length=12, return_tensors="pt")
    with torch.inference_mode():
        return BertModel.from_pretrained(folder).eval()(**tokens).last_hidden_state[0].numpy()


def normalised(row):
    return row / np.linalg.norm(row)


TEXTS = ("the fish", "a", "the quick brown fox jumps over the lazy dog", "fish fish the fish")


def test_the_mean_over_tokens_and_not_over_padding(tiny):
    found = embedded(LocalEmbedder(tiny), *TEXTS)
    expected = [normalised(states(tiny, text).mean(0)) for text in TEXTS]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert len(states(tiny, TEXTS[2])) == 12


def test_a_batch_is_as_one_by_one(tiny):
    texts = [TEXTS[number % 4] + " z" * (number % 5) for number in range(40)]
    model = LocalEmbedder(tiny)
    together = embedded(model, *texts)
    alone = np.concatenate([embedded(model, text) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize(
    "config", [{"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, {"pooling_mode": "cls"}]
)
def test_the_first_token_where_the_folder_says_so(pooled, config):
    folder = pooled(**config)
    found = embedded(embedder(f"dir:{folder}"), *TEXTS)
    np.testing.assert_allclose(found, [normalised(states(folder, text)[0]) for text in TEXTS], atol=1e-5)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"pooling_mode_lasttoken": True}, "pools by 'pooling_mode_lasttoken'"),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}, r"pools by 'cls\+mean'"),
    ],
)
def test_another_pooling_is_refused(pooled, config, told):
    with pytest.raises(ConfigError, match=told):
        embedded(LocalEmbedder(pooled(**config)), "fish")


def test_a_further_layer_is_refused(pooled):
    folder = pooled(pooling_mode_mean_tokens=True)
    steps = [{"type": f"sentence_transformers.models.{kind}", "path": kind} for kind in ("Transformer", "Dense")]
    (folder / "modules.json").write_text(json.dumps(steps))
    with pytest.raises(ConfigError, match="has a step 'Dense'"):
        embedded(LocalEmbedder(folder), "fish")


def test_damaged_weights_are_told(pooled):
    folder = pooled()
    (folder / "model.safetensors").write_bytes(b"{}")
    with pytest.raises(ConfigError, match="transformers cannot load"):
        embedded(LocalEmbedder(folder), "fish")


def test_another_model_in_the_same_folder_has_another_name(pooled):
    folder = pooled()
    before = LocalEmbedder(folder).name
    assert LocalEmbedder(folder).name == before
    assert LocalEmbedder(folder, Prefixes(passage="passage: ")).name != before
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": "cls"}))
    assert LocalEmbedder(folder).name != before


def test_a_search_with_an_encoder_on_this_machine(garage, monkeypatch, tiny):
    import torch

    threads = torch.get_num_threads()
    use(monkeypatch, model=f"dir:{tiny}", seconds="30", weight="100")
    output = ask()
    assert output.data["problems"] == []
    assert len(titles(output)) == 3
    assert torch.get_num_threads() == threads
    with sqlite3.connect(default_file()) as connection:
        assert connection.execute("select count(*) from vectors").fetchone() == (4,)
    connection.close()


def test_the_hub_is_asked_and_may_not_be_there(monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ConfigError, match="hf:pericles-test/no-such-model cannot be fetched"):
        embedded(embedder("hf:pericles-test/no-such-model"), "fish")
