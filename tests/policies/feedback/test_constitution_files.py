"""Constitutions are read whole or not at all, and principles are drawn as they weigh."""

import random
from collections import Counter

import pytest
import yaml
from pericles.policies.feedback.constitution import SCOPES, load_constitution, parse_constitution
from pericles.tools import ConfigError

ONE = {
    "id": "be-kind", "scope": "style", "text": "Which reply is kinder?", "critique": "Say what is unkind.",
    "revision": "Make it kind.",
}  # fmt: skip


def refusal(*principles, **more):
    with pytest.raises(ConfigError) as caught:
        parse_constitution({"version": 1, "principles": list(principles)} | more)
    return str(caught.value)


def test_the_one_that_ships_covers_every_scope_and_shows_how_it_is_used():
    found = load_constitution()
    assert len(found.principles) >= 16
    assert {principle.scope for principle in found.principles} == set(SCOPES)
    assert sum(bool(principle.examples) for principle in found.principles) >= 4
    assert found.name == "default"


def test_the_hash_is_of_what_is_said(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("# a comment\n" + yaml.safe_dump({"principles": [ONE], "version": 1}))
    same = parse_constitution({"version": 1, "principles": [dict(reversed(ONE.items()))]})
    assert load_constitution(path).sha256 == same.sha256
    assert parse_constitution({"version": 1, "principles": [ONE | {"weight": 2}]}).sha256 != same.sha256


def test_principles_are_drawn_as_often_as_they_weigh_and_each_once():
    heavy, light = ONE | {"id": "heavy", "weight": 3}, ONE | {"id": "light"}
    found = parse_constitution({"version": 1, "principles": [heavy, light]})
    source = random.Random(1)
    drawn = Counter(found.draw(source)[0].id for _ in range(2000))
    assert drawn["heavy"] / 2000 == pytest.approx(0.75, abs=0.03)
    assert {principle.id for principle in found.draw(source, 5)} == {"heavy", "light"}


def test_a_scope_can_be_taken_alone():
    found = load_constitution().within(["tool use"])
    assert {principle.scope for principle in found.principles} == {"tool use"}
    with pytest.raises(ConfigError, match="did you mean 'honesty'"):
        load_constitution().within(["honest"])
    with pytest.raises(ConfigError, match="no principle"):
        parse_constitution({"version": 1, "principles": [ONE]}).within(["honesty"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": "Be kind"}, "lower-case words"),
        ({"id": 3}, "lower-case words"),
        ({"scope": "styl"}, "did you mean 'style'"),
        ({"text": " "}, "text must be text"),
        ({"critique": None}, "critique must be text"),
        ({"weight": 0}, "weight must be a number above 0"),
        ({"weight": float("nan")}, "weight must be a number above 0"),
        ({"weight": True}, "weight must be a number above 0"),
        ({"txt": "x"}, "unknown key 'txt', did you mean 'text'"),
        ({"examples": {"prompt": "x"}}, "examples must be a list"),
        ({"examples": [{"prompt": "x", "better": "y"}]}, "lacks the key 'worse'"),
        ({"examples": ["x"]}, "an example is a mapping"),
    ],
)
def test_what_is_wrong_with_a_principle_is_told(change, told):
    said = refusal(ONE | change)
    assert told in said
    assert "principle 1" in said


def test_wrong_files_are_told(tmp_path):
    assert "principles must be a list" in refusal()
    assert "the id 'be-kind' is taken" in refusal(ONE, ONE)
    assert "version must be 1" in refusal(ONE, version=2)
    assert refusal(*[ONE | {"weight": 0}] * 12).endswith("and 2 more.")
    for text, told in (("- a", "a mapping"), ("a: [", "is not YAML"), ("version: 1", "lacks the key 'principles'")):
        path = tmp_path / "wrong.yaml"
        path.write_text(text)
        with pytest.raises(ConfigError, match=told):
            load_constitution(path)
    (tmp_path / "latin.yaml").write_bytes(b"\xe4")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_constitution(tmp_path / "latin.yaml")
    with pytest.raises(ConfigError, match="did you mean 'default'"):
        load_constitution("defualt")
