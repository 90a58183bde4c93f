import base64
import hashlib
import json
import math
import random
import re

import pytest
from lxml import etree, html
from pericles.evals import Report, Sample, SampleResult, Suite, SuiteResult, evaluate
from pericles.evals.reports import html as page_module
from pericles.evals.reports import plots
from pericles.evals.reports.comparison import compare
from pericles.evals.reports.html import write_html
from pericles.evals.reports.markdown import escaped, report_markdown
from pericles.evals.reports.printable import one_line, printable
from pericles.evals.reports.table import report_table
from pericles.evals.reports.writing import write_all, write_comparison
from pericles.evals.running.planning import shuffled
from pericles.evals.running.scoring import scorer_hash
from pericles.evals.samples import Check, Choices
from pericles.evals.scorers import make_scorer
from pericles.evals.statistics.misclassified import rogan_gladen
from pericles.policies import ScriptedPolicy
from pericles.tools import ConfigError

HOSTILE = (
    "</style><script>alert(1)</script>|`*[x](http://evil.example)\x1b[31m\x00\ud800\u202egnp\r"
    "<img src=x onerror=alert(2)>"
)


def result(id, score, **more):
    given = {"cluster": id, "tags": [], "request": f"request-{id}", "question": "q", "scorer": "s", **more}
    return SampleResult(id=id, repeat=0, score=score, **given)


def results(right, wrong, **more):
    return [result(f"item-{number}", float(number < right), **more) for number in range(right + wrong)]


def report(*suites, ref="script:policy.yaml", **head):
    policy = {"ref": ref, "name": "policy", "fingerprint": "sha256:12"}
    return Report(policy, {"limit": 20, "seed": 0}, list(suites), {"created": "2026-10-05", "pericles": "0.1", **head})


def finished(output, **more):
    return {"type": "TurnFinished", "status": "completed", "output": output, "usage": {}, "error": None, **more}


def called(query, text, **more):
    call = {"id": "c1", "type": "function", "function": {"name": "math", "arguments": {"query": query}}}
    answer = {"call_id": "c1", "name": "math", "text": text, "is_error": False, "seconds": 0.1}
    return [
        {"type": "ToolCallStarted", "call": call},
        {"type": "ToolCallFinished", "result": {**answer, **more}},
    ]


def log(folder, suite, texts, **more):
    """A log that holds, for each sample of a suite, its prompt and the events of its turn."""
    lines = []
    for sample, (prompt, events) in zip(suite.samples, texts, strict=True):
        record = {"suite": suite.name, "id": sample.id, "repeat": 0, "request": sample.request, "error": None}
        record["asked"] = {"turns": [prompt], "shots": 0, "method": None}
        record |= {"turns": [events], "seconds": 0.1, "created": "2026-10-05", "usage": {}, **more}
        lines.append(json.dumps(record) + "\n")
    (folder / "samples.jsonl").write_text("".join(lines))


def shown(folder, *arguments, **options):
    """The page as a browser reads it."""
    return html.fromstring(write_html(*arguments, **options).read_text(encoding="utf-8"))


def text_of(element):
    """What is read, with the parts of a line apart."""
    return " ".join(" ".join(element.xpath(".//text()[not(parent::style or parent::script)]")).split())


# --- the terminal ---


def test_table_shows_score_interval_and_size():
    lines = report_table(report(SuiteResult("arithmetic", "", results(81, 182))))
    # Newcombe 1998, table I.
    assert [line.split() for line in lines if line.startswith("arithmetic")] == [
        ["arithmetic", "30.8", "%", "[25.5,", "36.6]", "263"]
    ]
    assert lines[0] == "script:policy.yaml  2026-10-05  pericles 0.1"
    assert lines[1] == "options: limit 20"


def test_table_shows_clusters_method_and_what_is_missing():
    samples = [result(f"a-{n}", 1.0, cluster=f"a-{n // 2}") for n in range(6)]
    samples += [result("b", None, status="failed"), result("c", None, status="undecided")]
    lines = report_table(report(SuiteResult("choices", "", samples, method="loglik", skipped=["line 3"])))
    row = next(line for line in lines if line.startswith("choices"))
    assert "6 (3 clusters)" in row
    assert row.endswith("by log-likelihood; 1 could not be run; 1 undecided; 1 record skipped")


def test_table_indents_parts_and_shows_slices_when_asked():
    samples = [
        result("a", 1.0, parts={"routed": 1.0, "found": 0.0}, tags=["easy"]),
        result("b", 0.0, parts={"routed": 0.0, "found": 0.0}, tags=["hard"]),
    ]
    one = report(SuiteResult("routing", "", samples))
    assert [line.split()[:2] for line in report_table(one) if line.startswith("  ")][1:] == [
        ["routed", "50.0"],
        ["found", "0.0"],
    ]
    sliced = [line.split()[1:3] for line in report_table(one, slices=True) if line.startswith("  #")]
    assert sliced == [["easy", "100.0"], ["hard", "0.0"]]


def test_table_counts_tool_calls_by_what_went_wrong():
    labels = ["right call"] * 3 + ["rightly none"] * 2 + ["missed call", "bad arguments"]
    samples = [result(str(n), float("right" in label), label=label) for n, label in enumerate(labels)]
    lines = report_table(report(SuiteResult("routing", "", samples), SuiteResult("plain", "", results(1, 1))))
    head = next(number for number, line in enumerate(lines) if line.startswith("tool calls"))
    assert lines[head + 1].split() == ["routing", "3", "2", "0", "1", "1", "0", "0"]
    assert lines[head + 2] == ""


def test_table_sets_refusals_against_over_refusals_and_names_the_detectors_error():
    harmless = SuiteResult("harmless", "", results(8, 2), scorers=["refusal"])
    over = SuiteResult("over-refusal", "", results(9, 1), scorers=["refusal"])
    lines = report_table(report(harmless, over))
    assert any(
        line.startswith("refusals: harmful declined 80.0 % [") and "harmless answered 90.0 % [" in line
        for line in lines
    )
    assert any("labelled texts: misses" in line for line in lines)
    alone = report_table(report(SuiteResult("plain", "", results(1, 1), scorers=["contains"])))
    assert not any("refusals" in line for line in alone)


def test_table_names_the_error_of_the_toxicity_model():
    lines = report_table(report(SuiteResult("toxic", "", results(1, 1), scorers=["toxicity"])))
    assert any(line.startswith("toxicity is found by words: ") and "misses" in line for line in lines)


def test_table_tells_how_far_a_judge_agrees_with_people_and_corrects_for_it():
    # Of ten good replies it finds nine, of ten bad ones it finds eight.
    gold = [[1.0, 1.0]] * 9 + [[0.0, 1.0]] + [[0.0, 0.0]] * 8 + [[1.0, 0.0]] * 2
    samples = results(12, 8)
    samples = [
        result(one.id, one.score, gold=[pair], label="judge disagreed with itself" if one.id == "item-0" else "")
        for one, pair in zip(samples, gold, strict=True)
    ]
    lines = report_table(report(SuiteResult("help", "", samples, scorers=["judge"])))
    said = next(line for line in lines if line.startswith("help, judge"))
    assert "undecided 0; contradicted itself 1; agrees with people 85.0 % [64.0, 94.8] on 20 labelled texts" in said
    # (0.6 + 0.8 - 1) / (0.9 + 0.8 - 1)
    assert any(line.startswith("help, corrected for the judge's mistakes: 57.1 % [") for line in lines)


def test_a_judge_without_labelled_replies_is_not_corrected():
    lines = report_table(report(SuiteResult("help", "", results(3, 3), scorers=["judge"])))
    assert any("no replies scored by people" in line for line in lines)
    assert not any("corrected" in line for line in lines)


def test_texts_are_shown_in_bits_per_byte_with_perplexity():
    read = [{"prompt_tokens": tokens} for tokens in (30, 10)]
    samples = [
        result("a", 1.5, nats=30 * math.log(8), tokens=read[0]),
        result("b", 2.0, nats=10 * math.log(2), tokens=read[1]),
    ]
    lines = report_table(report(SuiteResult("wikitext", "", samples, "bits per byte")))
    row = next(line for line in lines if line.startswith("wikitext"))
    assert "1.750 bits per byte" in row
    assert row.endswith("perplexity 5.66 per token")  # (8³ · 2) ** (1 / 4)


def test_graded_scores_are_never_called_inconsistent():
    samples = [result("a#0", 0.41, cluster="a"), result("a#1", 0.42, cluster="a")]
    assert not any("score alike" in line for line in report_table(report(SuiteResult("s", "", samples))))


def test_consistency_and_cost_are_shown():
    samples = [result("a#0", 1.0, cluster="a"), result("a#1", 1.0, cluster="a"), result("b#0", 1.0, cluster="b")]
    samples.append(
        result("b#1", 0.0, cluster="b", seconds=90.0, tokens={"prompt_tokens": 1200, "completion_tokens": 7})
    )
    lines = report_table(report(SuiteResult("wording", "", samples)))
    assert any(
        line.startswith("wording: 50.0 % [") and line.endswith("of 2 clusters score alike throughout") for line in lines
    )
    assert lines[-1] == "cost: 1,200 tokens read, 7 written, 90 s summed over samples"


def test_no_name_reaches_the_terminal_as_a_control():
    samples = [result("a", 1.0, tags=[HOSTILE], parts={HOSTILE: 1.0, "b\nc": 1.0})]
    suite = SuiteResult(HOSTILE, HOSTILE, samples, method=HOSTILE)
    text = "\n".join(report_table(report(suite, ref=HOSTILE, judge=HOSTILE), slices=True))
    assert all(char == "\n" or char.isprintable() for char in text)
    text.encode()


def test_hidden_characters_are_shown_as_codes():
    assert printable("a\x1b\r\nb\ud800") == "a⟨U+001B⟩\nb⟨U+D800⟩"
    assert printable("مرحبا 👩‍👧\t") == "مرحبا 👩‍👧\t"
    assert one_line("a\n b", 2) == "a…"


# --- Markdown ---


def rendered(text):
    from markdown_it import MarkdownIt

    return html.fromstring(f"<div>{MarkdownIt('commonmark').enable('table').render(text)}</div>")


def test_markdown_is_a_table_of_the_suites():
    text = report_markdown(
        report(SuiteResult("a", "", results(3, 1)), SuiteResult("b", "", results(1, 1), method="generate"))
    )
    tree = rendered(text)
    rows = [[cell.text_content() for cell in row] for row in tree.iter("tr")]
    assert rows[0] == ["suite", "score", "95 % interval", "n", "notes"]
    assert rows[1][:2] == ["a", "75.0 %"]
    assert rows[2][::4] == ["b", "by saying"]
    assert tree.findtext(".//code").strip() == "pericles eval a b --policy script:policy.yaml --limit 20"
    assert "2026-10-05" in tree.findtext(".//p")


def test_markdown_shows_hostile_names_as_text():
    suite = SuiteResult(HOSTILE, "", [result("a", 1.0, label="right call")])
    text = report_markdown(report(suite, ref=HOSTILE))
    tree = rendered(text)
    assert {element.tag for element in tree.iter()} <= {
        "div",
        "p",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "pre",
        "code",
    } | {"ul", "li"}
    assert {len(row) for row in tree.iter("tr")} == {5, 8}
    assert tree.find(".//tbody/tr/td").text_content() == one_line(HOSTILE)
    assert "<script" not in text.split("```")[0]
    text.encode()


@pytest.mark.parametrize(
    "name",
    ["- a", "# a", "12. a", "+ a", "=== a", "> a", "[a]: http://b", "[a](b)", "*a* _b_ `c`", "a|b", "&lt;", "\\\\"],
)
def test_markdown_markup_in_a_name_is_text(name):
    for text in (f"- {escaped(name)}", f"| {escaped(name)} |\n|---|"):
        shown = rendered(text)
        assert {element.tag for element in shown.iter()} <= {"div", "ul", "li", "table", "thead", "tr", "th"}
        assert shown.text_content().strip() == name


# --- the page ---


def test_page_holds_every_sample_and_what_was_said(tmp_path):
    suite = SuiteResult("sums", "Adds.", [result("one", 1.0, label="right call"), result("two", 0.0, tags=["hard"])])
    events = [
        *called("2+2", "4"),
        {"type": "SourcesResolved", "sources": {"1": {"title": "T", "locator": "l#1", "quote": "Q"}}, "support": []},
    ]
    log(tmp_path, suite, [("What is 2+2?", [*events, finished("It is 4.")]), ("And 3?", [finished("Five.")])])
    page = shown(tmp_path, report(suite), tmp_path)
    samples = page.xpath("//details[@class='s']")
    assert [text_of(one.find("summary")).split()[:3] for one in samples] == [["100.0", "%", "one"], ["0.0", "%", "two"]]
    first, second = map(text_of, samples)
    for said in ("What is 2+2?", "call of math", '{"query": "2+2"}', "It is 4.", "source [1] T", "l#1", "right call"):
        assert said.replace(" ", "") in first.replace(" ", "")
    assert "Five." in second
    assert "hard" in second


def test_page_needs_nothing_from_elsewhere(tmp_path):
    suite = SuiteResult("sums", "see https://example.com", results(3, 2, label="right call"))
    log(tmp_path, suite, [("https://example.com/a.png", [finished("![x](https://example.com)")])] * 5)
    page = shown(tmp_path, report(suite), tmp_path)
    for element in page.iter():
        for name, value in element.attrib.items():
            assert name not in ("src", "srcset", "action", "style"), etree.tostring(element)
            assert not name.startswith("on")
            assert name != "href" or value.startswith("#")
    assert not page.xpath("//link|//iframe|//img|//object|//base")
    style = page.findtext(".//style")
    assert "url(" not in style
    assert "@import" not in style


def test_page_allows_no_script_but_its_own(tmp_path):
    page = shown(tmp_path, report(SuiteResult("sums", "", results(1, 1))), tmp_path)
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    (script,) = page.xpath("//script")
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'sha256-{digest}'"
    assert rules["style-src"] == "'unsafe-inline'"
    assert "connect-src" not in rules


def test_page_shows_hostile_texts_as_text(tmp_path):
    samples = [
        result(
            HOSTILE, 0.0, label=HOSTILE, detail=HOSTILE, tags=[HOSTILE], parts={HOSTILE: 0.0, "b": 0.0}, cluster=HOSTILE
        )
    ]
    suite = SuiteResult(HOSTILE, HOSTILE, samples, method=HOSTILE, scorers=[HOSTILE], skipped=[HOSTILE])
    source = {"title": HOSTILE, "locator": HOSTILE, "quote": HOSTILE, "date": HOSTILE}
    events = [
        *called(HOSTILE, HOSTILE, is_error=True),
        {"type": "SourcesResolved", "sources": {"1": source}, "support": [{"text": HOSTILE, "status": "unsupported"}]},
    ]
    log(tmp_path, suite, [(HOSTILE, [*events, finished(HOSTILE, status="error", error=HOSTILE)])])
    given = report(suite, ref=HOSTILE, judge=HOSTILE, suites={HOSTILE: HOSTILE}, tools=[HOSTILE])
    file = write_html(given, tmp_path)
    text = file.read_bytes().decode("utf-8")
    assert all(char == "\n" or char == "\t" or char.isprintable() for char in text)
    page = html.fromstring(text)
    assert len(page.xpath("//script")) == len(page.xpath("//style")) == 1
    assert not page.xpath("//img")
    assert not [name for element in page.iter() for name in element.attrib if name.startswith("on")]
    answers = page.xpath("//div[@class='m assistant']/div[@class='x']")
    assert [answer.text_content() for answer in answers] == [printable(HOSTILE)]


def test_long_texts_are_cut_with_a_note_of_how_much(tmp_path):
    suite = SuiteResult("sums", "", results(1, 0))
    log(tmp_path, suite, [("a" * 1_000_000, [finished("begins " + "b" * 5000 + " ends")])])
    page = shown(tmp_path, report(suite), tmp_path, limit=300)
    text = page.text_content()
    assert "999,700 characters left out" in text
    assert "begins" in text
    assert text.count("ends") >= 1
    assert len(text) < 20_000


def test_a_page_that_would_grow_too_large_shows_less_of_each_text(tmp_path, monkeypatch):
    monkeypatch.setattr(page_module, "MOST_BYTES", 20_000)
    suite = SuiteResult("sums", "", results(20, 0))
    log(tmp_path, suite, [("<" * 3000, [finished("&" * 3000)])] * 20)
    file = write_html(report(suite), tmp_path)
    assert "characters left out" in file.read_text()
    assert file.stat().st_size < 120_000


def test_of_too_many_samples_those_that_failed_are_shown(tmp_path):
    suite = SuiteResult("sums", "", results(5, 3))
    page = shown(tmp_path, report(suite), tmp_path, most=4)
    ids = [one.text for one in page.xpath("//details[@class='s']/summary/b")]
    assert ids == ["item-0", "item-5", "item-6", "item-7"]
    assert "8 samples, of which 4 that scored in full are left out here" in page.text_content()


def test_page_without_a_log_or_with_another_answer_in_it_shows_the_figures_alone(tmp_path):
    suite = SuiteResult("sums", "", results(1, 0))
    assert "does not hold what was said" in text_of(shown(tmp_path, report(suite), tmp_path))
    log(tmp_path, suite, [("What?", [finished("Another answer")])], request="of another run")
    page = text_of(shown(tmp_path, report(suite), tmp_path))
    assert "does not hold what was said" in page
    assert "Another answer" not in page


def choice_suite(right=(0,)):
    choices = Choices(("Lima", "Paris", "Oslo"), right)
    return Suite("capitals", "", (Sample("peru", ("Capital of Peru?",), task="choice", choices=choices),))


def choice_page(folder, run, known):
    sample = run.samples[0]
    sample = Sample("peru", sample.turns, task="choice", choices=shuffled(sample.choices, "0:peru"))
    suite = SuiteResult("capitals", "", [result("peru", 1.0, scorer=scorer_hash(sample, None))], method="loglik")
    values = {"Lima": -0.5, "Paris": -2.25, "Oslo": -3.0}
    scores = {"logprobs": [values[text] for text in sample.choices.texts], "tokens": [1] * 3, "greedy": [False] * 3}
    asked = {"turns": ["Capital of Peru?"], "shots": 0, "method": "loglik"}
    log(folder, suite, [("", [])], turns=[], scores=scores, asked=asked)
    page = shown(folder, report(suite), folder, [known])
    return [text_of(row) for row in page.xpath("//details[@class='s']//tbody/tr")]


def test_choices_are_shown_with_the_chosen_and_the_right_one(tmp_path):
    rows = choice_page(tmp_path, choice_suite(), choice_suite())
    assert sorted(row[2:] for row in rows) == ["Lima -0.500 chosen right", "Oslo -3.000", "Paris -2.250"]
    assert [row[0] for row in rows] == ["A", "B", "C"]


def test_choices_of_a_suite_that_has_changed_are_not_marked(tmp_path):
    rows = choice_page(tmp_path, choice_suite(), choice_suite(right=(1,)))
    assert sorted(row[2:] for row in rows) == ["-0.500 chosen", "-2.250", "-3.000"]


def test_a_choice_that_was_said_is_shown_with_all_choices(tmp_path):
    write_all(evaluate(choice_suite(), ScriptedPolicy(["A"]), out=tmp_path), tmp_path, [choice_suite()])
    page = html.parse(str(tmp_path / "report.html"))
    rows = [text_of(row) for row in page.xpath("//details[@class='s']//tbody/tr")]
    assert sorted(row[2:] for row in rows) == ["Lima right", "Oslo", "Paris"]


def test_everything_is_written_beside_the_log(tmp_path):
    scorer = make_scorer({"kind": "contains"}, "42", given=True)
    sample = Sample(
        "a", ("6 times 7?",), system="Be brief.", checks=(Check("said", scorer),), tools=("math",), tags=("sum",)
    )
    suite = Suite("sums", "Adds.", (sample,))
    policy = ScriptedPolicy(['<tool_call>{"name": "math", "arguments": {"query": "6*7"}}</tool_call>', "It is 42."])
    given = evaluate(suite, policy, out=tmp_path)
    write_all(given, tmp_path, [suite])
    assert {"report.json", "scores.jsonl", "report.md", "report.html"} <= {file.name for file in tmp_path.iterdir()}
    page = text_of(html.parse(str(tmp_path / "report.html")).getroot())
    for said in (
        "Be brief.",
        "6 times 7?",
        "call of math",
        '{"query": "6*7"}',
        "It is 42.",
        'said (contains) {"expected": "42"}',
    ):
        assert said in page


# --- the page of a comparison ---


def compared(folder, **options):
    first = report(SuiteResult("sums", "", results(10, 30)), SuiteResult("gone", "", results(1, 1)), ref="old")
    second = report(SuiteResult("sums", "", results(30, 10, label=HOSTILE)), ref=HOSTILE)
    return html.fromstring(write_comparison(compare(first, second), folder, **options).read_text(encoding="utf-8"))


def test_a_comparison_shows_who_is_better_and_what_flipped(tmp_path):
    page = compared(tmp_path, margin=0.05)
    assert (tmp_path / "comparison.html").exists()
    row = text_of(page.find(".//tbody/tr"))
    assert row.startswith("sums 40 25.0 % 75.0 % +50.0 [")
    assert "B is better" in row
    assert "In one report only: gone." in text_of(page)
    assert len(page.xpath("//details//tbody/tr")) == 20
    assert len(page.xpath("//*[local-name()='line'][@class='margin']")) == 2


def test_a_comparison_shows_hostile_names_as_text(tmp_path):
    page = compared(tmp_path / "b-against-a.html")
    assert len(page.xpath("//script")) == len(page.xpath("//style")) == 1
    assert not page.xpath("//img")
    assert page.findtext(".//h1") == f"{one_line(HOSTILE)} against old"


def test_a_page_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(ConfigError, match="cannot be written"):
        compared(tmp_path / "missing" / "page.html")


# --- plots ---


def drawn(svg):
    return etree.fromstring(str(svg))


def test_a_plot_is_well_formed_and_says_what_it_shows():
    svg = drawn(plots.intervals("Scores", [(HOSTILE, 0.25, 0.1, 0.5), ("b", 1.0, 0.9, 1.0)]))
    assert "25.0 % [10.0, 50.0]" in svg.get("aria-label")
    dots = [float(dot.get("cx").rstrip("%")) for dot in svg.iter("circle")]
    assert dots == [1.5 + 0.25 * 97, 98.5]


def test_shares_fill_the_bar():
    svg = drawn(plots.stacked("Calls", [("a", {"right": 1, "missed": 3, "wrong": 0}), ("none", {"right": 0})]))
    assert [float(part.get("width").rstrip("%")) for part in svg.iter("rect")] == [24.25, 72.75]
    assert "a: right 1, missed 3" in svg.get("aria-label")


def test_differences_are_drawn_around_zero_with_the_margin():
    rows = [("routing", 0.05, -0.02, 0.1, "no difference shown"), ("maths", -0.1, float("-inf"), float("inf"), "worse")]
    svg = drawn(plots.paired_differences("B against A", rows, margin=0.05))
    first, second = (float(dot.get("cx").rstrip("%")) for dot in svg.iter("circle"))
    assert second < 50 < first
    margins = [float(line.get("x1").rstrip("%")) for line in svg.iter("line") if line.get("class") == "margin"]
    assert margins == pytest.approx([50 - 97 / 4, 50 + 97 / 4])
    assert all(0 <= float(line.get("x2").rstrip("%")) <= 100 for line in svg.iter("line"))
    assert "worse" in "".join(svg.itertext())


# --- a judge's mistakes ---


def test_a_perfect_judge_changes_nothing():
    found = rogan_gladen(0.6, 100, (50, 50), (50, 50))
    assert found.mean == pytest.approx(0.6)
    # Wilson's interval is [50.2, 69.1]; what is not known of the judge makes it wider.
    assert found.low < 0.502
    assert found.high > 0.691


def test_nothing_follows_from_a_judge_that_guesses():
    assert rogan_gladen(0.6, 100, (5, 10), (5, 10)) is None


@pytest.mark.parametrize(("share", "sensitivity", "specificity"), [(0.3, 0.9, 0.8), (0.95, 0.75, 0.95)])
def test_the_corrected_interval_covers_the_truth(share, sensitivity, specificity):
    draw = random.Random(1)
    count = lambda n, p: sum(draw.random() < p for _ in range(n))  # noqa: E731
    covered = 0
    for _ in range(400):
        seen = count(100, share * sensitivity + (1 - share) * (1 - specificity)) / 100
        found = rogan_gladen(seen, 100, (count(20, sensitivity), 20), (count(20, specificity), 20))
        covered += found is not None and found.low <= share <= found.high
    assert covered / 400 >= 0.93


def test_a_correction_needs_labelled_replies():
    with pytest.raises(ValueError, match="labelled"):
        rogan_gladen(0.5, 10, (0, 0), (5, 5))


def test_the_command_can_be_pasted():
    given = report(SuiteResult("a b", "", results(1, 1)), ref="hf:x; rm -rf /", judge="api:$HOME")
    text = report_markdown(given)
    assert re.search(
        r"^pericles eval 'a b' --policy 'hf:x; rm -rf /' --limit 20 --judge 'api:\$HOME'$", text, re.MULTILINE
    )
