"""The quick reader of GGUF metadata."""

import pytest
from pericles.policies.engines.gguf_files import field
from pericles.policies.engines.gguf_header import read_header
from pericles.policies.engines.weights import base_gguf
from pericles.tools import ConfigError


@pytest.mark.slow
def test_it_agrees_with_the_gguf_library(base_reader):
    header = read_header(base_gguf("smollm2-135m"))
    for key in ("general.architecture", "llama.context_length", "tokenizer.chat_template", "llama.rope.freq_base"):
        assert header[key] == field(base_reader, key)
    tokens = [token.decode() for token in header["tokenizer.ggml.tokens"]]
    assert tokens == field(base_reader, "tokenizer.ggml.tokens")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GGUF",
        b"PK\x03\x04" + bytes(100),
        b"GGUF" + (3).to_bytes(4, "little") + bytes(8) + (1).to_bytes(8, "little") + b"\xff" * 8,
        b"GGUF" + (3).to_bytes(4, "little") + bytes(8) + b"\xff" * 8,
        b"GGUF" + (99).to_bytes(4, "little") + bytes(16),
    ],
)
def test_a_damaged_file_is_a_clear_error(content, tmp_path):
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="is not a readable GGUF file"):
        read_header(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"there is no GGUF file .*none\.gguf"):
        read_header(tmp_path / "none.gguf")
