"""Two reports side by side: which samples are compared, what is said of them, and which reports cannot be read."""

import dataclasses
import json
import math

import pytest
from pericles.evals import Report, SampleResult, SuiteResult, compare, load_report
from pericles.evals.reports.comparison import comparison_table
from pericles.tools import ConfigError


def sample(name, score=1.0, *, repeat=0, cluster=None, question="asked", scorer="rule", **more):
    return SampleResult(
        name, repeat, cluster or name, more.pop("tags", []), "request", question, scorer, score, **more
    )  # fmt: skip


def scored(scores, **more):
    return [sample(f"q-{index:03}", score, **more) for index, score in enumerate(scores)]


def suite(samples, name="sums", **more):
    return SuiteResult(name, "what it measures", samples, **more)


def report(*suites, ref="a", options=None, head=None):
    policy = {"ref": ref, "name": ref, "fingerprint": f"of {ref}"}
    return Report(policy, options or {}, list(suites), head or {})


def compared(first, second, **more):
    """The only row of a comparison of two suites with these samples."""
    (row,) = compare(report(suite(first, **more)), report(suite(second, **more), ref="b")).rows
    return row


def test_samples_are_aligned_by_id_and_repeat_whatever_their_order():
    a = [sample(name, 1.0, repeat=repeat) for name in ("x", "y", "z") for repeat in (0, 1)]
    b = [dataclasses.replace(one, score=float(one.id != "y" or one.repeat == 0)) for one in reversed(a)]
    row = compared(a, b)
    assert (row.paired.n, row.paired.clusters) == (6, 3)
    assert [flip.id for flip in row.flips] == ["y (repeat 1)"]
    assert row.excluded == {}


def test_another_question_is_left_out_and_counted():
    a, b = scored([1, 1, 0]), scored([0, 1, 1])
    b[0] = dataclasses.replace(b[0], question="asked otherwise")
    row = compared(a, b)
    assert row.paired.n == 2
    assert (row.paired.better, row.paired.worse) == (1, 0)
    assert row.excluded == {"with another question": 1}


def test_what_another_rule_scored_is_left_out_and_counted():
    a, b = scored([1, 1, 0]), scored([0, 1, 1])
    b[0] = dataclasses.replace(b[0], scorer="another rule")
    row = compared(a, b)
    assert row.paired.n == 2
    assert [(why.startswith("scored by another rule"), count) for why, count in row.excluded.items()] == [(True, 1)]


def test_where_another_rule_scored_everything_nothing_is_compared():
    row = compared(scored([1, 1, 0]), scored([0, 0, 0], scorer="another rule"))
    assert (row.paired, row.verdict) == (None, "not comparable")
    assert sum(row.excluded.values()) == 3


def test_samples_of_one_report_only_are_counted_on_both_sides():
    a, b = [sample(name) for name in "abcdef"], [sample(name) for name in "efg"]
    row = compared(a, b)
    assert row.paired.n == 2
    assert row.excluded == {"in one report only": 5}


def test_samples_that_failed_or_are_undecided_in_either_are_left_out_and_counted():
    a, b = scored([1, 1, 0, 1]), scored([1, 0, 0, 1])
    a[0] = dataclasses.replace(a[0], score=None, status="failed")
    b[3] = dataclasses.replace(b[3], score=None, status="undecided")
    row = compared(a, b)
    assert row.paired.n == 2
    assert row.excluded == {"failed, undecided or without a score in one of them": 2}
    assert [flip.id for flip in row.flips] == ["q-001"]


def test_where_nothing_is_scored_in_both_the_row_says_so():
    row = compared(scored([1, None]), scored([None, 1]))
    assert (row.paired, row.verdict, row.note) == (None, "not comparable", "no sample is scored in both.")


def test_choices_made_in_different_ways_are_not_compared():
    a, b = report(suite(scored([1]), method="loglik")), report(suite(scored([1]), method="generate"), ref="b")
    comparison = compare(a, b)
    (row,) = comparison.rows
    assert (row.paired, row.gain, row.verdict) == (None, None, "not comparable")
    assert "log-likelihood" in row.note
    assert "saying which" in row.note
    assert any("different measures" in line for line in comparison_table(comparison))


def test_options_that_differ_are_named():
    a = report(suite(scored([1])), options={"temperature": 0, "limit": 5, "seed": 1}, head={"tools": ["math"]})
    b = report(suite(scored([1])), ref="b", options={"temperature": 0.7, "limit": 9, "seed": 1, "shots": 2})
    comparison = compare(a, b)
    assert comparison.differing == {"temperature": (0, 0.7), "shots": (None, 2), "tools": (["math"], [])}
    lines = comparison_table(comparison)
    assert "they were run differently: temperature is 0 for A and 0.7 for B" in lines


def test_other_wordings_of_the_same_items_are_compared_by_their_means():
    a = [sample(f"{item}#{n}", float(n), cluster=f"item {item}") for item in range(6) for n in (0, 1)]
    b = [sample(f"{item}#{n}", 1.0, cluster=f"item {item}", question="other") for item in range(5) for n in (2, 3, 4)]
    row = compared(a, b)
    assert (row.paired.n, row.paired.mean_a, row.paired.mean_b) == (5, 0.5, 1.0)
    assert "mean of their wordings" in row.note
    assert row.flips[0].id == "item 0"


def test_other_wordings_are_not_compared_where_another_rule_scored_them():
    a = [sample(f"{item}#0", cluster=item) for item in "abc"]
    b = [sample(f"{item}#1", cluster=item, scorer="rule" if item == "a" else "another rule") for item in "abc"]
    row = compared(a, b)
    assert row.paired.n == 1
    assert row.excluded == {"items scored by another rule": 2}


def test_losses_come_first_among_the_flips_and_the_largest_before_the_rest():
    a = [sample("won", 0), sample("lost a little", 1), sample("same", 1), sample("lost", 1), sample("also lost", 1)]
    b = [sample("won", 1), sample("lost a little", 0.8), sample("same", 1), sample("lost", 0), sample("also lost", 0)]
    b[3] = dataclasses.replace(b[3], label="wrong tool")
    row = compared(a, b)
    assert [flip.id for flip in row.flips] == ["also lost", "lost", "lost a little", "won"]
    assert row.flips[1].label == "wrong tool"


@pytest.mark.parametrize(("second", "verdict"), [(0.0, "worse"), (1.0, "better"), (0.5, "no difference shown")])
def test_the_verdict_is_about_b(second, verdict):
    row = compared(scored([0.5] * 20), scored([second] * 20))
    assert row.verdict == verdict
    assert row.gain == (row.paired.difference, row.paired.low, row.paired.high)


@pytest.mark.parametrize(("factor", "verdict"), [(1.1, "worse"), (0.9, "better")])
def test_fewer_bits_per_byte_are_better(factor, verdict):
    texts = [1 + index / 50 for index in range(20)]
    row = compared(scored(texts), scored([factor * bits for bits in texts]), measure="bits per byte")
    assert row.verdict == verdict
    difference, low, high = row.gain
    assert low < difference < high
    assert (difference > 0) == (verdict == "better")
    # The text that lost most, or won least, comes first.
    assert row.flips[0].id == ("q-019" if verdict == "worse" else "q-000")


def test_a_policy_that_is_compared_with_itself_on_texts_is_no_worse():
    row = compared(scored([0.9] * 20), scored([0.9] * 20), measure="bits per byte")
    assert (row.paired.low, row.paired.high, row.verdict) == (0, 0, "no difference shown")


def test_many_suites_need_surer_findings():
    same = [suite(scored([1] * 9), name=name) for name in ("x", "y", "z")]
    a, b = suite(scored([0] * 6 + [1] * 20)), suite(scored([1] * 26))
    alone = compare(report(a), report(b, ref="b")).rows[0]
    among = compare(report(a, *same), report(b, *same, ref="b")).rows[0]
    assert alone.paired.p_value == among.paired.p_value == 0.03125
    assert (alone.verdict, among.verdict) == ("better", "no difference shown")
    assert among.p_adjusted == 0.125


def test_named_checks_are_compared_each():
    def checked(routed, found):
        return [
            sample(f"q{index}", float(one and two), parts={"routed": float(one), "found": float(two)})
            for index, (one, two) in enumerate(zip(routed, found, strict=True))
        ]

    row = compared(checked([1, 1, 0, 0], [1, 1, 0, 0]), checked([1, 1, 1, 1], [1, 1, 0, 0]))
    assert row.parts["routed"].difference == 0.5
    assert row.parts["found"].difference == 0
    assert compared(scored([1], parts={"only": 1.0}), scored([0], parts={"only": 0.0})).parts == {}


def test_a_check_that_is_unscored_in_one_report_is_left_out_of_its_part():
    a = scored([1, 1], parts={"routed": 1.0, "found": 1.0})
    b = [*scored([1], parts={"routed": None, "found": 1.0}), sample("q-001", 1, parts={"found": 0.0})]
    parts = compared(a, b).parts
    assert set(parts) == {"found"}
    assert parts["found"].n == 2


def test_suites_of_one_report_only_are_named():
    a = report(suite(scored([1])), suite(scored([1]), name="routing"))
    b = report(suite(scored([1])), suite(scored([1]), name="safety"), ref="b")
    comparison = compare(a, b)
    assert [row.suite for row in comparison.rows] == ["sums"]
    assert comparison.missing == ["routing", "safety"]
    assert "in one report only: routing, safety" in comparison_table(comparison)


def test_reports_without_a_suite_in_common_are_refused():
    with pytest.raises(ConfigError, match=r"no suite in common: A has sums, B has safety\."):
        compare(report(suite(scored([1]))), report(suite(scored([1]), name="safety"), ref="b"))


def test_samples_of_one_cluster_alone_say_nothing_for_sure():
    row = compared(scored([0, 1, 0], cluster="c"), scored([1, 1, 1], cluster="c"))
    assert (row.paired.low, row.paired.high, row.verdict) == (-1, 1, "no difference shown")
    json.dumps(
        compare(report(suite(scored([0, 1]))), report(suite(scored([1, 1])), ref="b")).to_dict(), allow_nan=False
    )


def test_the_table_shows_as_many_flips_as_asked_for():
    comparison = compare(report(suite(scored([1] * 8))), report(suite(scored([0] * 8)), ref="b"))
    text = "\n".join(comparison_table(comparison, flips=3))
    assert "A is better" in text
    assert "q-002: 1 → 0" in text
    assert "q-003" not in text
    assert "… and 5 more" in text
    assert "q-000" not in "\n".join(comparison_table(comparison, flips=0))


def test_a_report_comes_back_from_its_file_as_it_was(tmp_path):
    first = sample(
        "x", 0.5, tags=["hard"], parts={"routed": 1.0, "found": None}, label="wrong tool", detail="… ünïcode \ud800",
        seconds=0.25, tokens={"prompt_tokens": 3}, gold=[[1.0, 0.0], [None, 1.0]],
    )  # fmt: skip
    samples = [first, sample("y", None, status="failed", cluster="c", repeat=1)]
    whole = report(
        suite(samples, method="loglik", scorers=["calls"], skipped=["line 3"], tags=["tools"], forms=["chat"]),
        suite(scored([0.8, 1.2]), name="texts", measure="bits per byte"),
        options={"temperature": 0.0, "shots": None},
        head={"tools": ["math"]},
    )
    assert Report.from_dict(json.loads(json.dumps(whole.to_dict()))) == whole
    whole.write(tmp_path)
    assert load_report(tmp_path) == load_report(tmp_path / "report.json") == whole
    scores = (tmp_path / "scores.jsonl").read_text(encoding="utf-8", errors="surrogatepass").splitlines()
    assert [json.loads(line)["id"] for line in scores] == ["x", "y", "q-000", "q-001"]


def test_reports_are_compared_by_their_folders(tmp_path):
    for name, score in (("a", 0), ("b", 1)):
        (tmp_path / name).mkdir()
        report(suite(scored([score] * 9)), ref=name).write(tmp_path / name)
    comparison = compare(tmp_path / "a", str(tmp_path / "b"))
    assert (comparison.first.name, comparison.second.name) == ("a", "b")
    assert comparison.rows[0].verdict == "better"


def test_a_report_of_another_version_is_refused(tmp_path):
    value = report(suite(scored([1]))).to_dict() | {"version": 7}
    (tmp_path / "report.json").write_text(json.dumps(value))
    with pytest.raises(ConfigError, match="version 7; this program reads 1"):
        load_report(tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense", "is no report: not JSON"),
        ("", "is no report: not JSON"),
        ("[]", "is no report of an evaluation"),
        ("3", "is no report of an evaluation"),
        ('{"version": 1}', "is no report of an evaluation"),
        ('{"version": 1, "suites": [{"samples": [{"id": "x"}]}]}', "is no report of an evaluation"),
        ('{"messages": []}', "has version None"),
    ],
)
def test_a_file_that_is_no_report_is_refused(tmp_path, text, says):
    file = tmp_path / "other.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match=says):
        load_report(file)


def test_a_report_that_is_missing_says_what_to_do(tmp_path):
    with pytest.raises(ConfigError, match=r"not finished: run the same command again"):
        load_report(tmp_path)
    with pytest.raises(ConfigError, match=r"none\.json cannot be read: No such file"):
        load_report(tmp_path / "none.json")


def test_a_suite_that_a_report_lacks_is_named():
    with pytest.raises(ConfigError, match="the report of a has no suite 'routing'"):
        report(suite([])).suite("routing")


def test_an_empty_suite_can_be_compared():
    row = compared([], scored([1]))
    assert (row.paired, row.excluded) == (None, {"in one report only": 1})


def test_the_figures_of_a_file_can_be_read_by_any_json_reader():
    comparison = compare(report(suite(scored([1, 0, 1]))), report(suite(scored([0, 0, 1])), ref="b"))
    value = json.loads(json.dumps(comparison.to_dict(), allow_nan=False))
    (row,) = value["suites"]
    assert row["paired"]["n"] == 3
    assert row["verdict"] == "no difference shown"
    assert math.isfinite(row["p_adjusted"])
