"""The default constitution that ships."""

from importlib import resources

import yaml

SCOPES = {"harmlessness", "helpfulness", "honesty", "tool use", "style"}


def test_the_default_constitution_is_whole():
    text = resources.files("pericles.recipes").joinpath("constitutions/default.yaml").read_text()
    principles = yaml.safe_load(text)["principles"]
    assert len(principles) >= 16
    assert len({principle["id"] for principle in principles}) == len(principles)
    assert {principle["scope"] for principle in principles} == SCOPES
    for principle in principles:
        assert principle["weight"] > 0
        assert all(len(principle[key]) > 20 for key in ("text", "critique", "revision"))
