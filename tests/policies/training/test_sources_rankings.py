"""Rankings from every source, and what is left out of them."""

import json
import os
import subprocess
import sys

import pytest
from pericles.policies.engines import Message
from pericles.policies.feedback import Ranking, write_rankings
from pericles.policies.training.data.dialogue import built_in_schemas
from pericles.policies.training.recipe.data import HHRLHF, HubDataset, JsonLines, RankingsFile, Sampled
from pericles.policies.training.sources import read_ranking_sources
from pericles.tools import ConfigError

START = "\n\nHuman: Hi!\n\nAssistant:"


def says(role, text):
    return {"role": role, "content": text}


def refusal(*sources):
    with pytest.raises(ConfigError) as caught:
        read_ranking_sources(sources)
    return str(caught.value)


@pytest.fixture
def rankings_file(tmp_path):
    replies = tuple((Message("assistant", text),) for text in ("a", "b"))

    def one(id, rater, consent=True):
        return Ranking(id, (Message("user", f"{id}?"),), replies, (1, 2), rater, consent=consent)

    path = tmp_path / "r.jsonl"
    raters = ("human:ada", "ai:judge", "human:bob", "human:ada")
    written = [one(str(n), rater) for n, rater in enumerate(raters)]
    write_rankings(path, [*written, one("secret", "human:ada", consent=False)])
    return RankingsFile(source="rankings", path=str(path))


def test_a_file_is_read_without_what_may_not_be_trained_on(rankings_file):
    found, left_out = read_ranking_sources([rankings_file])
    assert [ranking.id for ranking in found] == ["0", "1", "2", "3"]
    assert left_out == {"the rater did not agree to training": 1}


def test_raters_are_chosen_before_rows_are_counted(rankings_file):
    chosen = rankings_file.model_copy(update={"raters": ("human:ada", "human:bob")})
    found, left_out = read_ranking_sources([chosen])
    assert [ranking.id for ranking in found] == ["0", "2", "3"]
    assert left_out["of other raters"] == 1
    assert len(read_ranking_sources([chosen.model_copy(update={"rows": 2})])[0]) == 2
    assert "no ranking of 'human:eve'; its raters are: ai:judge, human:ada, human:bob" in refusal(
        rankings_file.model_copy(update={"raters": ("human:eve",)})
    )


def test_hh_rlhf_is_read_with_the_counts_of_what_is_left_out(tmp_path, rankings_file):
    path = tmp_path / "test.jsonl"
    replies = [(" a", " b"), (" a", " a"), (" a", "")]
    lines = [{"chosen": START + chosen, "rejected": START + rejected} for chosen, rejected in replies]
    path.write_text("\n".join(map(json.dumps, lines)))
    source = HHRLHF(source="hh-rlhf", path=str(path))
    found, left_out = read_ranking_sources([source, rankings_file, source])
    assert [ranking.rater for ranking in found].count("human:hh-rlhf") == 2
    assert len(found) == 6
    assert left_out["a reply is empty"] == left_out["chosen and rejected are the same"] == 2
    path.write_text(json.dumps(lines[1]))
    assert "holds no ranking. Left out: 1 chosen and rejected are the same." in refusal(source)


def test_replies_that_are_yet_to_be_sampled_are_refused():
    prompts = [JsonLines(source="jsonl", path="p.jsonl")]
    assert "sampled by the stage" in refusal(Sampled(source="sampled", prompts=prompts))


def hub(tmp_path, rows):
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_list(rows).save_to_disk(tmp_path / "prefs")
    return HubDataset(source="hf", name=str(tmp_path / "prefs"))


HI, A, B = says("user", "Hi!"), says("assistant", "a"), says("assistant", "b")


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "Hi!", "chosen": "a", "rejected": "b"},
        {"prompt": [HI], "chosen": [A], "rejected": [B]},
        {"chosen": [HI, A], "rejected": [HI, B]},
        {"prompt": "Hi!", "chosen": [HI, A], "rejected": [HI, B]},
        {"chosen": f"{START} a", "rejected": f"{START} b"},
    ],
)
def test_every_form_of_preferences_becomes_the_same_ranking(tmp_path, row):
    found, left_out = read_ranking_sources([hub(tmp_path, [row])])
    assert [message.to_dict() for message in found[0].prompt] == [HI]
    assert [[message.to_dict() for message in reply] for reply in found[0].replies] == [[A], [B]]
    assert found[0].ranks == (1, 2)
    assert left_out == {}


def test_nobody_passes_for_a_person_who_is_not_named_as_one(tmp_path):
    rows = [
        {"prompt": "Hi!", "chosen": "a", "rejected": "b", "rater": None},
        {"prompt": "Hi!", "chosen": "a", "rejected": "b", "rater": "human:ada"},
    ]
    found, _ = read_ranking_sources([hub(tmp_path, rows)])
    assert [ranking.rater for ranking in found] == ["rule:prefs", "human:ada"]


def test_a_shared_call_belongs_to_both_replies(tmp_path):
    call = {"type": "function", "function": {"name": "math", "arguments": {"query": "6*7"}}}
    begun = [HI, {"role": "assistant", "tool_calls": [call]}, says("tool", "42")]
    rows = [{"chosen": [*begun, A], "rejected": [*begun, B], "tools": json.dumps(built_in_schemas(("math",)))}]
    (ranking,), _ = read_ranking_sources([hub(tmp_path, rows)])
    assert [message.role for message in ranking.prompt] == ["user"]
    assert [[message.role for message in reply] for reply in ranking.replies] == [
        ["assistant", "tool", "assistant"]
    ] * 2
    assert ranking.tools[0]["function"]["name"] == "math"


def test_pairs_of_no_use_are_counted_and_wrong_ones_refused(tmp_path):
    rows = [
        {"prompt": "Hi!", "chosen": "a", "rejected": "b"},
        {"prompt": "Hi!", "chosen": "a", "rejected": "a"},
        {"prompt": "Hi!", "chosen": "a", "rejected": " "},
    ]
    found, left_out = read_ranking_sources([hub(tmp_path, rows)])
    assert len(found) == 1
    assert left_out == {"chosen and rejected are the same": 1, "a reply is empty": 1}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"chosen": "Hi! a", "rejected": "Hi! b"}, "row 1: there is no column 'prompt', and chosen is neither"),
        ({"prompt": "Hi!", "chosen": "a"}, "row 1: there is no column 'rejected'"),
        ({"prompt": "Hi!", "chosen": 1, "rejected": 2}, "row 1: chosen must be a list of messages"),
        ({"prompt": "Hi!", "chosen": "a", "rejected": "b", "rater": "ada"}, "row 1: rater must be human:NAME"),
    ],
)
def test_a_data_set_of_another_form_is_refused(tmp_path, row, told):
    assert told in refusal(hub(tmp_path, [row]))


def test_a_hub_that_cannot_be_reached_is_told_in_one_line(tmp_path):
    program = (
        "from pericles.policies.training.recipe.data import HubDataset\n"
        "from pericles.policies.training.sources import read_ranking_sources\n"
        "read_ranking_sources([HubDataset(source='hf', name='org/prefs')])"
    )
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60)
    last = done.stderr.strip().splitlines()[-1]
    assert "ConfigError: the data set 'org/prefs' (split 'train') cannot be read" in last
    assert "name its folder (Dataset.save_to_disk)" in last
