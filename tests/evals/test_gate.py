"""May B replace A? What passes, what fails, what the data cannot tell, and which gate files are refused.

How often the gate is right is measured in `test_simulated_policies.py`.
"""

import json

import pytest
from pericles.evals import Report, SampleResult, SuiteResult, compare
from pericles.evals.reports.gate import (
    EXIT_CODES,
    Demand,
    Gate,
    gate_outcome,
    gate_table,
    judge_gate,
    read_gate,
)
from pericles.tools import ConfigError
from pericles.ui.evaluating import show_comparison


def suite(scores, name="sums", *, size=1, measure="score", status="failed"):
    samples = [
        SampleResult(
            f"q{index}", 0, f"c{index // size}", [], "", "", "", score, "scored" if score is not None else status
        )
        for index, score in enumerate(scores)
    ]
    return SuiteResult(name, "", samples, measure)


def report(*suites, ref="b"):
    return Report({"ref": ref, "name": ref, "fingerprint": ref}, {}, list(suites))


def judged(gate, before, after, **more):
    """The findings for one suite with these scores of A and B."""
    a, b = report(suite(before, **more), ref="a"), report(suite(after, **more))
    return judge_gate(gate, b, compare(a, b))


def mixed(right, wrong):
    return [1.0] * right + [0.0] * wrong


@pytest.fixture
def gate_file(tmp_path):
    def write(text):
        file = tmp_path / "gate.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


@pytest.mark.parametrize(
    ("before", "after", "margin", "outcome"),
    [
        # As good, and many samples.
        (mixed(250, 50), mixed(250, 50), 0.02, "pass"),
        # A little worse, but shown to be so by less than the margin.
        (mixed(280, 20), mixed(277, 23), 0.05, "pass"),
        # Better.
        (mixed(50, 50), mixed(70, 30), 0.0, "pass"),
        # Shown to be worse by more than the margin.
        (mixed(90, 10), mixed(60, 40), 0.05, "fail"),
        # Shown to be worse, but perhaps by less than the margin.
        (mixed(100, 0), mixed(92, 8), 0.05, "fail"),
        # As good, as far as 20 samples tell.
        (mixed(18, 2), mixed(18, 2), 0.05, "underpowered"),
        (mixed(90, 10), mixed(87, 13), 0.05, "underpowered"),
        # No margin at all asks for more than being as good.
        (mixed(250, 50), mixed(250, 50), 0.0, "underpowered"),
    ],
)
def test_a_margin(before, after, margin, outcome):
    (finding,) = judged(Gate(margin=margin), before, after)
    assert finding.outcome == outcome, finding
    assert f"not worse by more than {margin:g}" in finding.demand
    assert "B − A is" in finding.reason


@pytest.mark.parametrize(
    ("scores", "minimum", "outcome"),
    [
        (mixed(95, 5), 0.85, "pass"),
        (mixed(60, 40), 0.85, "fail"),
        # The mean reaches it, but the interval does not.
        (mixed(88, 12), 0.85, "underpowered"),
        (mixed(10, 0), 0.85, "underpowered"),
        (mixed(100, 0), 1.0, "underpowered"),
    ],
)
def test_a_minimum(scores, minimum, outcome):
    gate = Gate(suites={"sums": Demand(minimum=minimum)})
    (finding,) = judge_gate(gate, report(suite(scores)), None)
    assert finding.outcome == outcome, finding
    assert finding.demand == f"at least {minimum:g}"


def test_underpowered_says_how_many_samples_decide():
    (finding,) = judged(Gate(margin=0.03), mixed(45, 5), mixed(40, 10))
    # (1.96 + 0.84)² · 0.1 · 0.9 · 50 / 49 / 0.03² = 801 for five of fifty that differ.
    assert "50 samples, about 801 decide" in finding.reason


def test_the_same_answers_of_few_clusters_are_no_proof():
    scores = mixed(60, 20)
    assert judged(Gate(margin=0.1), scores, scores)[0].outcome == "pass"
    assert judged(Gate(margin=0.1), scores, scores, size=10)[0].outcome == "underpowered"


@pytest.mark.parametrize(("factor", "outcome"), [(1.0, "pass"), (0.9, "pass"), (1.2, "fail")])
def test_a_margin_for_bits_per_byte_is_about_more_bits(factor, outcome):
    bits = [1 + index / 50 for index in range(20)]
    (finding,) = judged(Gate(margin=0.05), bits, [factor * value for value in bits], measure="bits per byte")
    assert finding.outcome == outcome


@pytest.mark.parametrize(("minimum", "outcome"), [(1.5, "pass"), (1.0, "fail"), (1.19, "underpowered")])
def test_a_minimum_for_bits_per_byte_is_the_most_that_is_allowed(minimum, outcome):
    texts = suite([1 + index / 50 for index in range(20)], measure="bits per byte")
    (finding,) = judge_gate(Gate(suites={"sums": Demand(minimum=minimum)}), report(texts), None)
    assert (finding.outcome, finding.demand) == (outcome, f"at most {minimum:g}")


@pytest.mark.parametrize("status", ["failed", "undecided"])
def test_samples_that_could_not_be_run_fail_the_gate(status):
    scores = [*mixed(299, 0), None]
    findings = judged(Gate(margin=0.05), scores, scores, status=status)
    assert [finding.outcome for finding in findings] == ["fail", "pass"]
    assert findings[0].demand == "at most 0% failed"
    assert "1 of 300 samples" in findings[0].reason
    assert gate_outcome(judged(Gate(margin=0.05, failed=0.01), scores, scores, status=status)) == "pass"


def test_where_everything_failed_the_data_cannot_tell_the_rest():
    gate = Gate(suites={"sums": Demand(margin=0.05, minimum=0.5)}, failed=1)
    findings = judged(gate, [1.0, 1.0], [None, None])
    assert [finding.outcome for finding in findings] == ["underpowered", "underpowered"]


def test_a_suite_that_the_baseline_lacks_is_underpowered():
    a, b = report(suite([1.0], name="other"), ref="a"), report(suite(mixed(300, 0)), suite([1.0], name="other"))
    gate = Gate(suites={"sums": Demand(margin=0.05)})
    (finding,) = judge_gate(gate, b, compare(a, b))
    assert (finding.outcome, finding.reason) == ("underpowered", "the baseline does not have it")


def test_one_suite_can_have_another_margin_and_the_rest_the_common_one():
    names = ("sums", "routing", "safety")
    a = report(*[suite(mixed(300, 0), name=name) for name in names], ref="a")
    b = report(*[suite(mixed(300, 0), name=name) for name in names])
    gate = Gate(margin=0.05, suites={"routing": Demand(margin=0.001), "safety": None})
    findings = judge_gate(gate, b, compare(a, b))
    assert [(finding.suite, finding.outcome) for finding in findings] == [
        ("sums", "pass"), ("routing", "underpowered"), ("safety", "pass"),
    ]  # fmt: skip
    assert gate_outcome(findings) == "underpowered"


def test_without_a_common_margin_only_named_suites_are_held():
    b = report(suite(mixed(300, 0)), suite([None], name="broken"))
    findings = judge_gate(Gate(suites={"sums": Demand(minimum=0.9)}), b, None)
    assert [finding.suite for finding in findings] == ["sums"]


def test_the_worst_outcome_decides_and_is_shown_last():
    b = report(suite(mixed(300, 0)), suite(mixed(5, 0), name="few"), suite(mixed(0, 30), name="bad"))
    demands = {name: Demand(minimum=0.9) for name in ("sums", "few", "bad")}
    findings = judge_gate(Gate(suites=demands), b, None)
    assert [finding.outcome for finding in findings] == ["pass", "underpowered", "fail"]
    assert gate_outcome(findings) == "fail"
    assert gate_outcome(findings[:2]) == "underpowered"
    lines = gate_table(findings)
    assert lines[0].startswith("pass         sums  at least 0.9: B is 1.000")
    assert lines[-1] == "gate: fail"


@pytest.mark.parametrize(("right", "code"), [(300, 0), (150, 3), (270, 4)])
def test_exit_codes(tmp_path, gate_file, capsys, right, code):
    for name, scores in (("a", mixed(300, 0)), ("b", mixed(right, 300 - right))):
        (tmp_path / name).mkdir()
        report(suite(scores), ref=name).write(tmp_path / name)
    gate = gate_file("suites:\n  sums: {minimum: 0.9}\n")
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    assert show_comparison(a, b, gate=gate, flips=0, html=None, as_json=True) == code
    assert EXIT_CODES[json.loads(capsys.readouterr().out)["gate"]] == code


def test_a_gate_file_is_read(gate_file):
    gate = read_gate(gate_file("margin: 0.03\nfailed: 0.01\nsuites:\n  routing: {margin: 0, minimum: 0.5}\n  sums:\n"))
    assert gate == Gate(margin=0.03, failed=0.01, suites={"routing": Demand(margin=0, minimum=0.5), "sums": None})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("margn: 0.03\n", r"gate\.yaml, line 1: margn: is not a key; did you mean 'margin'\?"),
        (
            "margin: 0.03\nsuites:\n  sums:\n    minimun: 0.5\n",
            r"gate\.yaml, line 4: suites\.sums\.minimun: is not a key; did you mean 'minimum'\?",
        ),
        ("margin: 0.03\nzebra: 1\n", r"line 2: zebra: is not a key; known keys: margin, suites, failed\."),
        ("failed: 0.1\nmargin: much\n", r"line 2: margin: .*number.*got 'much'"),
        ("margin: -0.03\n", r"line 1: margin: .*greater than or equal to 0, got -0\.03"),
        ("margin: .nan\n", r"line 1: margin: .*got nan"),
        ("failed: 3\nmargin: 0.1\n", r"line 1: failed: .*less than or equal to 1, got 3"),
        ("suites:\n  sums: 0.03\n", r"line 2: suites\.sums: .*got 0\.03"),
        ("margin: 0.1\nmargin: 0.2\n", r"line 2: the key 'margin' is there twice"),
        ("margin: [\n", r"gate\.yaml, line 2: not YAML"),
        ("", r"must be a mapping with margin or suites"),
        ("- margin\n", r"must be a mapping with margin or suites"),
        ("{}\n", r"demands nothing"),
        ("failed: 0.1\n", r"demands nothing"),
        ("suites:\n  sums:\n", r"demands nothing"),
        ("suites:\n  sums: {}\n", r"demands nothing"),
    ],
)
def test_a_wrong_gate_file_says_where_and_what(gate_file, text, says):
    with pytest.raises(ConfigError, match=says):
        read_gate(gate_file(text))


def test_a_gate_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml cannot be read: No such file"):
        read_gate(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"margin: 0.1 # \xe9\n")
    with pytest.raises(ConfigError, match=r"latin\.yaml is not UTF-8"):
        read_gate(tmp_path / "latin.yaml")


def test_a_suite_that_the_report_lacks_is_named():
    with pytest.raises(ConfigError, match="names the suite 'suns', which the report of b does not have"):
        judge_gate(Gate(suites={"suns": Demand(minimum=0.5)}), report(suite([1.0])), None)


def test_margins_need_a_baseline():
    with pytest.raises(ConfigError, match="add --baseline REPORT"):
        judge_gate(Gate(margin=0.03), report(suite([1.0])), None)


@pytest.mark.parametrize("gate", [Gate(margin=3), Gate(suites={"sums": Demand(minimum=80)})])
def test_points_instead_of_shares_are_refused(gate):
    with pytest.raises(ConfigError, match=r"scores end at 1: 3 points are 0\.03"):
        judged(gate, [1.0], [1.0])
