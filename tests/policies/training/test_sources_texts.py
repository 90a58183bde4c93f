"""Plain text for language modelling from every source."""

import gzip
import json

import pytest
from pericles.policies.training.recipe.data import Corpus, HubDataset, JsonLines, TextFile
from pericles.policies.training.sources import read_texts
from pericles.tools import ConfigError


def text_file(path, **options):
    return TextFile(source="text", path=str(path), **options)


def refusal(*sources):
    with pytest.raises(ConfigError) as caught:
        read_texts(sources)
    return str(caught.value)


def test_the_paragraphs_of_a_text_are_its_documents(tmp_path):
    path = tmp_path / "t.txt"
    path.write_bytes(b"\xef\xbb\xbfOne\r\nline.\r\n\r\n \t\r\nTwo.\n\n\n   \n\nThr\xc3\xa9e.\n")
    assert read_texts([text_file(path)]) == ["One\nline.", "Two.", "Thrée."]
    assert read_texts([text_file(path, rows=2)]) == ["One\nline.", "Two."]


@pytest.mark.parametrize("zipped", [False, True])
def test_lines_with_text_are_documents_and_empty_ones_are_passed_over(tmp_path, zipped):
    data = "\n".join(json.dumps({"text": text, "n": 1}) for text in ("One.", "", "Two.\n\nStill two.")).encode()
    path = tmp_path / ("t.jsonl.gz" if zipped else "t.jsonl")
    path.write_bytes(gzip.compress(data) if zipped else data)
    assert read_texts([text_file(path)]) == ["One.", "Two.\n\nStill two."]
    assert read_texts([JsonLines(source="jsonl", path=str(path), rows=1), text_file(path, rows=1)]) == ["One."] * 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("One.\n\nTräne".encode("latin-1"), "t.txt: line 3: byte 0xe4 is not UTF-8"),
        ("x\ny".encode("utf-16-le"), "t.txt: line 1: there are NUL bytes"),
        (b" \n\n\t\n", "holds no text"),
        (b"", "holds no text"),
        (gzip.compress(b"x" * 99)[:-5], "cannot be read"),
    ],
)
def test_a_text_that_cannot_be_read_is_told(tmp_path, content, told):
    path = tmp_path / "t.txt"
    path.write_bytes(content)
    assert told in refusal(text_file(path))


def test_lines_without_text_are_told(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"text": "a"}\n{"txt": "b"}\n{"text": 3}')
    assert "line 2: text must be there and be text, got None; line 3: text must be there" in refusal(text_file(path))
    path.write_text('{"text": " "}')
    assert "holds no text" in refusal(text_file(path))
    assert "cannot be read" in refusal(text_file(tmp_path / "none.txt"))


def test_a_hub_column_holds_texts_and_empty_ones_are_passed_over(tmp_path):
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_dict({"text": ["One.", "", None, "Two."], "body": ["a", "b", "c", "d"]})
    data.save_to_disk(tmp_path / "set")
    source = HubDataset(source="hf", name=str(tmp_path / "set"))
    assert read_texts([source]) == ["One.", "Two."]
    assert read_texts([source.model_copy(update={"column": "body", "rows": 3})]) == ["a", "b", "c"]


def test_the_articles_of_the_corpus_are_one_for_each_country():
    articles = read_texts([Corpus(source="corpus", rows=200)])
    assert len(articles) == 200
    algeria = next(article for article in articles if article.startswith("Algeria\n"))
    assert "\nClimate: arid to semiarid" in algeria
    assert "Algeria — " not in algeria
    assert len({article.partition("\n")[0] for article in articles}) == 200
