"""The page of an evaluation, opened from a file as its reader opens it: without a server and without a network."""

import json

import pytest
from pericles.evals import Report, SampleResult, SuiteResult
from pericles.evals.reports.html import write_html
from playwright.sync_api import expect

HOSTILE = "</style></script><script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluation")
    suites = []
    lines = []
    for name in ("sums", "capitals"):
        samples = [
            SampleResult(
                id=f"{name}-{number}", repeat=0, cluster=str(number), tags=["easy" if number < 2 else "hard"],
                request="r", question="q", scorer="s", score=float(number != 1),
            )
            for number in range(4)
        ]  # fmt: skip
        suites.append(SuiteResult(name, "", samples))
        for sample in samples:
            ended = {"type": "TurnFinished", "status": "completed", "output": f"{HOSTILE} x{sample.id}", "error": None}
            asked = {"turns": ["a" * 3000], "shots": 0, "method": None}
            record = {"suite": name, "id": sample.id, "repeat": 0, "request": "r", "asked": asked, "turns": [[ended]]}
            lines.append(json.dumps(record) + "\n")
    (folder / "samples.jsonl").write_text("".join(lines))
    return write_html(Report({"ref": "script", "name": "script", "fingerprint": ""}, {}, suites), folder)


def opened(browser, file, **options):
    context = browser.new_context(**options)
    asked, complaints = [], []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.as_uri())
    yield page
    assert asked == [file.as_uri()]
    assert complaints == []
    context.close()


@pytest.fixture
def page(browser, file):
    yield from opened(browser, file)


@pytest.fixture
def plain_page(browser, file):
    yield from opened(browser, file, java_script_enabled=False)


@pytest.fixture
def telephone(browser, file):
    yield from opened(browser, file, viewport={"width": 390, "height": 800})


def test_samples_are_found_by_outcome_tag_and_text(page):
    page.locator("select[name=what]").select_option("wrong")
    expect(page.locator("output")).to_have_text("2 of 8 samples")
    expect(page.locator("details.s:visible")).to_have_count(2)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("output")).to_have_text("8 samples")
    page.locator("select[name=tag]").select_option("hard")
    page.locator("select[name=suite]").select_option("sums")
    expect(page.locator("output")).to_have_text("2 of 8 samples")
    page.get_by_role("searchbox", name="text").fill("XSUMS-3")
    expect(page.locator("details.s:visible")).to_have_count(1)


def test_what_a_model_wrote_does_nothing_but_show(page):
    page.locator("details.all summary").first.click()
    page.locator("details.s summary").first.press("Enter")
    expect(page.get_by_text(f"{HOSTILE} xsums-0")).to_be_visible()
    assert page.title() == "script: evaluation"


def test_page_is_read_without_scripts(plain_page):
    expect(plain_page.get_by_label("outcome")).to_be_hidden()
    plain_page.locator("details.all summary").first.click()
    plain_page.locator("details.s summary").first.click()
    expect(plain_page.get_by_text("xsums-0")).to_be_visible()


def test_nothing_sticks_out_of_a_telephone(telephone):
    telephone.locator("details.all summary").first.click()
    telephone.locator("details.s summary").first.click()
    assert telephone.evaluate("() => document.documentElement.scrollWidth") <= 390
