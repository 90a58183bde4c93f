"""`pericles plan` as a user types it."""

import json
import re

import pytest
import typer
from pericles.tools import ConfigError
from pericles.ui.plan_command import plan

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(plan)

GPT3 = ["--params", "175e9", "--tokens", "300e9", "--gpu", "a100-80g", "--count", "1024"]
SERVICE = ["--params", "70B", "--serve", "--users", "1000", "--gpu", "h200-141g"]


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        app(list(arguments), standalone_mode=False)
        return capsys.readouterr().out

    return run


def facts(shown):
    """The first word or words of each line, and what follows them."""
    rows = (line.split("  ", 1) for line in shown.splitlines() if "  " in line)
    return {name: value.strip() for name, value in rows}


def test_a_training_is_told_with_its_days_money_and_memory(run):
    shown = facts(run(*GPT3))
    assert shown["time"].startswith("34.3 days")
    assert shown["money"].startswith("$2,35")
    assert "Narayanan et al. 2021" in shown["time"]
    assert shown["fits"].startswith("yes, sharding 3")
    assert shown["3: and weights"].split()[-1] == "45"


def test_json_says_the_same(run):
    told = json.loads(run(*GPT3, "--json"))
    assert told["days"] == pytest.approx(34.3, abs=0.05)
    assert told["count"] == 1024
    assert told["sharding"] == 3


def test_numbers_may_be_written_with_letters(run):
    words = [{"175e9": "175B", "300e9": "300b"}.get(word, word) for word in GPT3]
    assert run(*words) == run(*GPT3)


def test_a_price_and_a_share_of_the_peak_of_ones_own_are_used_and_named(run):
    shown = facts(run(*GPT3, "--price", "1", "--utilisation", "0.9"))
    assert "17.1 days" in shown["time"]
    assert "0.9 of the peak: as given" in shown["time"]
    assert "$1.00 a GPU-hour: as given" in shown["money"]
    assert shown["money"].split()[0].strip("$") == shown["GPU-hours"]


def test_without_a_count_the_fewest_gpus_are_taken(run):
    told = json.loads(run("--params", "7b", "--tokens", "1B", "--gpu", "a100-80g", "--json"))
    assert told["count"] == min(count for count in told["smallest_counts"] if count)


def test_too_few_gpus_are_told_with_how_many_are_needed(run):
    shown = facts(run("--params", "175B", "--tokens", "300B", "--gpu", "v100-32g", "--count", "8"))
    assert shown["fits"].split(maxsplit=1) == ["no", "165 GPUs are needed at least"]
    assert shown["time"].startswith("36.5 years")


@pytest.mark.parametrize("stage", ["pretrain", "sft", "reward", "dpo", "grpo", "ppo"])
def test_every_stage_is_planned(run, stage):
    shown = run("--params", "7b", "--tokens", "10M", "--stage", stage, "--lora-rank", "16", "--recompute", "selective")
    assert shown.startswith(f"{stage} of 7 B parameters on 10 M tokens")
    assert ("writing replies" in shown) == (stage in ("grpo", "ppo"))


def test_a_models_own_sizes_are_read(run, tmp_path):
    sizes = {
        "model_type": "llama", "hidden_size": 576, "intermediate_size": 1536, "num_attention_heads": 9,
        "num_hidden_layers": 30, "num_key_value_heads": 3, "vocab_size": 49_152, "tie_word_embeddings": True,
    }  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(sizes))
    told = json.loads(run("--model", str(tmp_path), "--tokens", "1B", "--json"))
    assert told["training"]["parameters"] == 134_515_008
    shown = run("--model", str(tmp_path), "--tokens", "1B")
    assert shown.startswith("pretrain of 134.5 M parameters")
    assert "Assumed" not in shown


def test_a_service_is_told_with_its_gpus_speed_and_money(run):
    told = json.loads(run(*SERVICE, "--json"))
    shown = facts(run(*SERVICE))
    assert shown["GPUs"].startswith(f"{told['count']:,} ")
    assert shown["speed"].startswith(f"{told['speed']:.3g} tokens/s")
    assert shown["money"].startswith(f"${told['usd_per_month']:,.0f} a month")
    assert f"${told['usd_per_million_tokens']:.2f} per million" in run(*SERVICE)


def test_what_is_left_out_and_that_nothing_was_measured_is_said(run):
    for command in (GPT3, SERVICE):
        last = run(*command).splitlines()[-1]
        assert last.startswith("Left out: ")
        assert last.endswith("Nothing here was measured.")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--tokens", "1B"], "either --params, such as 7B, or --model FOLDER"),
        (["--params", "7B", "--model", ".", "--tokens", "1B"], "either --params"),
        (["--params", "7B"], "--tokens, such as 300B"),
        (["--params", "7B", "--serve"], "--users at the same time"),
        (["--params", "0", "--tokens", "1B"], "params must be between 100,000 and 1e+15; got 0"),
        (["--params", "-7B", "--tokens", "1B"], "params must be between"),
        (["--params", "nan", "--tokens", "1B"], "must be a number such as 175e9, 175B or 7b; got 'nan'"),
        (["--params", "inf", "--tokens", "1B"], "got 'inf'"),
        (["--params", "1e400", "--tokens", "1B"], "got inf"),
        (["--params", "7B", "--tokens", "0"], "tokens must be between"),
        (["--params", "7B", "--tokens", "1B", "--gpu", "h1oo"], "did you mean 'h100-80g'"),
        (["--params", "7B", "--tokens", "1B", "--count", "0"], "count must be between"),
        (["--params", "7B", "--tokens", "1B", "--utilisation", "nan"], "got nan"),
        (["--params", "7B", "--tokens", "1B", "--price", "inf"], "got inf"),
        (["--params", "7B", "--tokens", "1B", "--stage", "rl"], "--stage must be one of pretrain, sft"),
        (["--params", "7B", "--tokens", "1B", "--recompute", "some"], "--recompute must be one of none, selective"),
        (["--params", "7B", "--tokens", "1B", "--reply", "100"], "--reply is for --stage grpo or ppo"),
        (["--params", "7B", "--tokens", "1B", "--reward-params", "1B"], "--reward-params is for --stage ppo"),
        (["--params", "7B", "--tokens", "1B", "--users", "5"], "--users is for serving: add --serve"),
        (["--params", "7B", "--serve", "--users", "5", "--lora-rank", "8"], "--lora-rank is for training: leave out"),
        (["--params", "7B", "--serve", "--users", "0"], "users must be between"),
        (["--params", "7B", "--serve", "--users", "5", "--kv-heads", "0"], "kv-heads must be between"),
        (["--model", "nowhere", "--tokens", "1B"], "Name a local folder with a config.json, or give --params"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(run, arguments, told):
    with pytest.raises(ConfigError, match=re.escape(told)) as raised:
        run(*arguments)
    assert "\n" not in str(raised.value)
