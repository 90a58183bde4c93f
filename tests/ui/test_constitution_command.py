"""`pericles constitution` as a user types it."""

import json

import pytest
from pericles.tools import ConfigError
from pericles.ui.command import app


@pytest.fixture
def run(capsys):
    def run(*arguments):
        app(["constitution", *map(str, arguments)], standalone_mode=False)
        return capsys.readouterr().out

    return run


def test_check_counts_the_principles_and_names_the_hash(run):
    first, second = run("check").splitlines()
    assert first.startswith("default: ")
    assert "tool use 4" in first
    assert second.startswith("sha256:")


def test_check_says_what_is_wrong(run, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("version: 1\nprinciples:\n  - {id: a, scope: style, txt: b, critique: c, revision: d}\n")
    with pytest.raises(ConfigError, match=r"mine\.yaml: principle 1: .*did you mean 'text'"):
        run("check", path)


def test_show_prints_every_principle_or_those_of_a_scope(run):
    assert run("show").count("critique:") >= 16
    told = run("show", "--scope", "honesty")
    assert "(honesty, weight 2)" in told
    assert "harmlessness" not in told
    assert "better: It is not, Canberra is." in told


def test_show_as_json_holds_the_same(run):
    found = json.loads(run("show", "default", "--json", "--scope", "style"))
    assert found["name"] == "default"
    assert {principle["scope"] for principle in found["principles"]} == {"style"}


def test_what_a_file_says_is_no_control_sequence(run, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text('version: 1\nprinciples:\n  - {id: a, scope: style, text: "b\\e[31m", critique: c, revision: d}\n')
    assert "\x1b" not in run("show", path)
