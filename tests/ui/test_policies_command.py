"""`pericles policies`: a run becomes the default where the gate lets it, and the one before can be had back."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from pericles.policies import load_policy
from pericles.policies.engines.load import base_of, resolved, weights_files
from pericles.policies.engines.promoted import promote, promoted_run, promotions, roll_back
from pericles.policies.engines.weights import require_adapter
from pericles.policies.training.models import starting_weights
from pericles.policies.training.recipe import parse_recipe
from pericles.policies.training.runs import RunFolder
from pericles.tools import ConfigError

SUITE = """
name: small
description: Two questions.
licence: Apache-2.0
source: written for this test
items:
- {id: one, prompt: "What is 2 + 2?", tools: [math], checks: [{name: said, scorer: contains, expected: "4"}]}
- {id: two, prompt: "What is 3 + 4?", tools: [math], checks: [{name: said, scorer: contains, expected: "7"}]}
"""


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("PERICLES_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


@pytest.fixture
def finished(tmp_path):
    """A run with the adapter that ships."""
    recipe = {"name": "mine", "stages": [{"kind": "sft", "data": [{"source": "generated", "rows": 5}]}]}
    run = RunFolder("runs/mine").create(parse_recipe(recipe))
    shutil.copytree(require_adapter(), run.path / "adapter", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (run.path / "README.md").write_text("# My card\n")
    run.update(status="finished", base="smollm2-135m")
    return run.path


def test_a_promoted_run_is_the_default_also_when_its_folder_is_gone(finished):
    assert resolved("default") == "shipped"
    made = promote(finished, ("it is better",))
    shutil.rmtree(finished)
    assert promoted_run() == made.folder
    assert [(one.evidence, len(one.sha256)) for one in promotions()] == [(("it is better",), 64)]
    assert weights_files("default")[0].is_relative_to(made.folder)
    assert not weights_files("shipped")[0].is_relative_to(made.folder)
    assert base_of("default") == "smollm2-135m"
    assert starting_weights("default").adapter == made.folder / "adapter"
    assert load_policy("default").name == "default"
    assert roll_back() == made
    assert promoted_run() is None
    assert not made.folder.exists()


def test_each_roll_back_goes_one_step_back(finished):
    first = promote(finished)
    second = promote(finished)
    assert promoted_run() == second.folder
    roll_back()
    assert promoted_run() == first.folder
    roll_back()
    with pytest.raises(ConfigError, match="nothing to roll back"):
        roll_back()


def test_promotions_at_the_same_time_are_all_kept(finished):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: promote(finished), range(4)))
    assert {one.name for one in promotions()} == {one.name for one in made}


def test_what_is_no_policy_is_not_promoted(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="no policy to promote"):
        promote(tmp_path / "empty")
    assert promotions() == []


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[1]",
        '[{"name": "x"}]',
        '[{"name": 5, "run": "", "when": "", "sha256": "", "evidence": []}]',
        '[{"name": "../..", "run": "", "when": "", "sha256": "", "evidence": []}]',
    ],
)
def test_a_damaged_list_is_named_and_never_a_way_out_of_the_folder(data, text):
    (data / "policies").mkdir(parents=True)
    (data / "policies" / "promotions.json").write_text(text)
    with pytest.raises(ConfigError, match=r"promotions\.json"):
        load_policy("default")
    assert weights_files("shipped")


def test_cards_are_shown(here, finished):
    assert here("policies", "card").stdout.startswith("# The default policy")
    assert here("policies", "card", f"run:{finished}").stdout == "# My card\n"
    promote(finished)
    assert here("policies", "card").stdout == "# My card\n"
    assert here("policies", "card", "shipped").stdout.startswith("# The default policy")
    assert "(the default)" in here("policies", "list").stdout.splitlines()[-1]
    wrong = here("policies", "card", "hf:x/y")
    assert (wrong.returncode, "there is no card" in wrong.stderr) == (2, True)


def test_the_gate_is_shown_without_a_run(here):
    assert "routing: {margin: 0.04}" in here("policies", "promote", "--show-gate").stdout
    missing = here("policies", "promote")
    assert (missing.returncode, "name the run" in missing.stderr) == (2, True)


def test_what_is_not_finished_is_not_tried(here, finished):
    RunFolder(finished).open().update(status="running")
    done = here("policies", "promote", str(finished))
    assert (done.returncode, "is not finished" in done.stderr) == (2, True)


@pytest.mark.slow
def test_the_gate_decides(here, finished, tmp_path):
    (tmp_path / "small.yaml").write_text(SUITE)
    (tmp_path / "hard.yaml").write_text("suites: {small: {minimum: 0.99}}\n")
    (tmp_path / "easy.yaml").write_text("suites: {small: {margin: 0.99}}\n")
    options = ["--suite", str(tmp_path / "small.yaml")]
    done = here("policies", "promote", str(finished), "--gate", str(tmp_path / "hard.yaml"), *options)
    assert done.returncode in (3, 4)
    assert "not promoted" in done.stderr
    assert promotions() == []
    done = here("policies", "promote", str(finished), "--gate", str(tmp_path / "easy.yaml"), *options)
    assert done.returncode == 0, done.stderr
    assert "is the default now" in done.stdout
    assert promotions()[0].evidence == (f"passed easy.yaml on {tmp_path / 'small.yaml'}",)
    assert "it is what ships again" in here("policies", "rollback").stdout
