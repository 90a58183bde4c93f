"""`pericles eval` and `pericles compare` as a user types them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pericles.evals import read_suite
from pericles.evals.reports.gate import read_gate
from pericles.ui.command import main

EXAMPLES = Path(__file__).parents[2] / "examples"

SUITE = """\
name: sums
description: Small sums.
scorer: numeric
items:
""" + "".join(f"- {{id: s{i}, prompt: '{i} + 1?', expected: {i + 1}}}\n" for i in range(40))
FEW = "- It is 1 or 2 or 3 or 4 or 5 or 6 or 7 or 8.\n"
MANY = "- It is " + " or ".join(map(str, range(1, 39))) + ".\n"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PERICLES_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "sums.yaml").write_text(SUITE)
    (tmp_path / "few.yaml").write_text(FEW)
    (tmp_path / "many.yaml").write_text(MANY)
    return tmp_path


def test_a_suite_is_run_and_leaves_a_report(place, capsys):
    assert main(["eval", "sums.yaml", "--policy", "script:few.yaml", "--out", "a"]) == 0
    shown = capsys.readouterr().out
    assert "20.0 %" in shown
    assert "report: a/report.html" in shown
    assert {file.name for file in (place / "a").iterdir()} >= {
        "evaluation.json", "samples.jsonl", "scores.jsonl", "report.json", "report.md", "report.html",
    }  # fmt: skip


def test_without_a_folder_the_same_command_finds_what_it_began(place, capsys):
    command = ["eval", "sums.yaml", "--policy", "script:few.yaml", "--json"]
    assert main(command) == 0
    first = json.loads(capsys.readouterr().out)
    assert main(command) == 0
    second = json.loads(capsys.readouterr().out)
    # The first is finished, so this is a new one beside it.
    assert second["folder"] == f"{first['folder']}-2"


def test_two_reports_are_compared(place, capsys):
    main(["eval", "sums.yaml", "--policy", "script:few.yaml", "--out", "a"])
    main(["eval", "sums.yaml", "--policy", "script:many.yaml", "--out", "b"])
    capsys.readouterr()
    assert main(["compare", "a", "b/report.json"]) == 0
    shown = capsys.readouterr().out
    assert "+75.0" in shown
    assert "B is better" in shown
    assert "s10: 0 → 1" in shown
    assert main(["compare", "a", "b", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["suites"][0]["verdict"] == "better"


@pytest.mark.parametrize(
    ("gate", "reports", "code"),
    [
        ("margin: 0.05", ("few", "many"), 0),
        ("margin: 0.05", ("many", "few"), 3),
        ("suites: {sums: {margin: 0.01}}", ("few", "few"), 4),
        ("suites: {sums: {minimum: 0.8}}", ("few", "many"), 0),
        ("suites: {sums: {minimum: 0.8}}", ("many", "few"), 3),
        ("suites: {sums: {minimum: 0.95}}", ("few", "many"), 4),
    ],
)
def test_the_gate_decides_the_exit_code(place, capsys, gate, reports, code):
    (place / "gate.yaml").write_text(gate + "\n")
    for name in set(reports):
        main(["eval", "sums.yaml", "--policy", f"script:{name}.yaml", "--out", name])
    assert main(["compare", *reports, "--gate", "gate.yaml"]) == code
    again = ["eval", "sums.yaml", "--policy", f"script:{reports[1]}.yaml", "--out", reports[1]]
    assert main([*again, "--gate", "gate.yaml", "--baseline", reports[0]]) == code


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["eval", "sum.yaml"], "the suite sum.yaml cannot be read"),
        (["eval", "ruoting", "-p", "script:few.yaml"], "did you mean 'routing'"),
        (["eval", "sums.yaml", "-p", "script:few.yaml", "--wording", "x"], "--wording must be"),
        (["eval", "sums.yaml", "-p", "script:few.yaml", "--shards", "3/3"], "0 <= i < n"),
        (["eval", "sums.yaml", "-p", "script:few.yaml", "--form", "bare"], "form must be"),
        (["eval", "sums.yaml", "-p", "script:few.yaml", "--form", "completion"], "continues bare texts"),
        (["eval", "sums.yaml", "-p", "script:few.yaml", "--gate", "no.yaml"], "the gate no.yaml cannot be read"),
        (["eval", "gsm8k:nowhere", "-p", "script:few.yaml"], "nowhere"),
        (["eval", "mt-bench:nowhere"], "nowhere"),
        (["eval", "tax", "--policy", "script:few.yaml"], "name it with --base"),
        (["compare", "a", "b"], "the report a cannot be read"),
        (["compare", "sums.yaml", "sums.yaml"], "not JSON"),
        (["eval", "merge", "a", "b", "--out", "c"], "cannot be read"),
    ],
)
def test_a_mistake_is_one_line_and_code_2(place, capsys, arguments, told):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert told in error
    assert len(error.strip().splitlines()) == 1


def test_a_gate_with_margins_needs_something_to_compare_with_before_anything_runs(place, capsys):
    (place / "gate.yaml").write_text("margin: 0.1\n")
    assert main(["eval", "sums.yaml", "-p", "script:few.yaml", "--out", "a", "--gate", "gate.yaml"]) == 2
    assert "add --baseline or --against" in capsys.readouterr().err
    assert not (place / "a").exists()


def test_a_policy_is_run_against_another(place, capsys):
    command = ["eval", "sums.yaml", "-p", "script:many.yaml", "--against", "script:few.yaml", "--out", "a"]
    assert main(command) == 0
    assert "B is better" in capsys.readouterr().out
    assert (place / "a" / "comparison.html").exists()
    assert (place / "a" / "against" / "report.json").exists()


def test_the_alignment_tax_compares_with_the_base_without_tools(place, capsys):
    command = [
        "eval",
        "tax",
        "sums.yaml",
        "-p",
        "script:few.yaml",
        "--base",
        "script:many.yaml",
        "--out",
        "a",
        "--json",
    ]
    assert main(command) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["comparison"]["suites"][0]["verdict"] == "worse"
    assert value["report"]["options"]["without_tools"] is True


def test_shards_are_joined(place, capsys):
    main(["eval", "sums.yaml", "-p", "script:few.yaml", "--out", "whole"])
    for index in range(3):
        part = ["--shards", f"{index}/3", "--out", f"p{index}"]
        assert main(["eval", "sums.yaml", "-p", "script:few.yaml", *part]) == 0
    assert main(["eval", "merge", "p0", "p1", "p2", "--out", "merged"]) == 0
    assert (place / "merged" / "scores.jsonl").read_bytes() == (place / "whole" / "scores.jsonl").read_bytes()


def test_suites_are_listed_and_shown(place, capsys):
    assert main(["eval", "list"]) == 0
    shown = capsys.readouterr().out
    assert "routing" in shown
    assert "truthfulqa-mc1" in shown
    assert main(["eval", "show", "sums.yaml", "--limit", "1"]) == 0
    shown = capsys.readouterr().out
    assert "40 samples" in shown
    assert "0 + 1?" in shown
    assert "1 + 1?" not in shown
    assert main(["eval", "show", "few.yaml"]) == 2


def test_the_examples_are_a_suite_and_a_gate():
    assert len(read_suite(EXAMPLES / "own_suite.yaml").samples) == 7
    assert read_gate(EXAMPLES / "gate.yaml").margin == 0.03


def test_a_python_suite_named_on_the_command_line_is_run(place, capsys):
    (place / "mine.py").write_text(
        "from pericles.evals import suite\n\n"
        "@suite(tags=['mine'])\n"
        "def longer():\n"
        "    '''Is the answer longer than the question?'''\n"
        "    for text in ('a', 'b' * 200):\n"
        "        yield {'id': text[:1], 'prompt': text, 'scorer': lambda reply: reply.prompt == 'a'}\n"
    )
    assert main(["eval", "mine.py", "-p", "script:few.yaml", "--out", "a"]) == 0
    assert "50.0 %" in capsys.readouterr().out


def test_stopped_by_ctrl_c_it_says_how_to_go_on(place):
    (place / "slow.yaml").write_text("replies: ['It is 1.']\nseconds_per_piece: 0.5\n")
    command = [sys.executable, "-m", "pericles.ui.command", "eval", "sums.yaml", "-p", "script:slow.yaml", "--out", "a"]
    process = subprocess.Popen([*command, "--concurrency", "1"], stderr=subprocess.PIPE, text=True, cwd=place)
    log = place / "a" / "samples.jsonl"
    deadline = time.monotonic() + 60
    while not (log.exists() and log.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "the same command with --out a goes on" in error
    assert "Traceback" not in error
