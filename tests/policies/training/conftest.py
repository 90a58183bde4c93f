"""Tiny models of several families with the real tokenizer."""

import pytest
from tiny_models import tiny_model


@pytest.fixture(scope="session")
def tokenizer():
    from pericles.policies.training.models import load_tokenizer, starting_weights

    return load_tokenizer(starting_weights("smollm2-135m"))


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory, tokenizer):
    """Makes the folder of a tiny model of a family, once each."""
    made = {}

    def folder(family="llama"):
        if family not in made:
            made[family] = tmp_path_factory.mktemp(family)
            tiny_model(family, tokenizer).save_pretrained(made[family])
            tokenizer.save_pretrained(made[family])
        return made[family]

    return folder


@pytest.fixture(scope="session")
def rows():
    from pericles.policies.training.data import generate

    return list(generate("train", 5, 60))
