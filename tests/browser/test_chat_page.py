"""The page in a real browser. Streams wait for an event, never for a time."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

SLOW = 60_000  # milliseconds


def box(page: Page):
    return page.get_by_role("textbox", name="Message")


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def answers(page: Page):
    return page.get_by_test_id("bot")


def send(page: Page, text: str) -> None:
    box(page).fill(text)
    box(page).press("Enter")


def until(page: Page, condition: Callable[[], bool]) -> None:
    """For what only the server's side shows."""
    deadline = time.monotonic() + SLOW / 1000
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        page.wait_for_timeout(20)


def ask(page: Page, text: str, answer: str) -> None:
    send(page, text)
    expect(answers(page).filter(has_text=answer)).to_be_visible()
    expect(button(page, "Send")).to_be_visible()


def test_an_answer_streams_and_its_tool_step_opens(page):
    ask(page, "multiply", "It is 374881752")
    expect(box(page)).to_have_value("")
    step = page.get_by_role("button").filter(has_text="math: 37821 * 9912")
    result = page.locator("pre", has_text="374881752")
    expect(step).to_be_visible()
    expect(step).to_contain_text(re.compile(r"\(.*s\)"))
    expect(result).to_have_count(0)
    step.click()
    expect(result).to_be_visible()
    expect(page.locator("pre", has_text='"expression": "37821 * 9912"')).to_be_visible()


def test_markdown_and_latex_are_rendered_and_money_is_not(page):
    ask(page, "multiply", "It is 374881752")
    expect(answers(page).locator("strong", has_text="374881752")).to_be_visible()
    expect(answers(page).locator(".katex")).to_have_count(1)
    expect(answers(page).filter(has_text="for $5 and $6.")).to_be_visible()


def test_a_failed_tool_call_says_so(page):
    ask(page, "divide", "That cannot be done.")
    step = page.get_by_role("button").filter(has_text="math: 1/0 (failed)")
    step.click()
    expect(page.locator("pre", has_text="division by zero: write another divisor.")).to_be_visible()


def test_stop_ends_the_answer_and_the_chat_goes_on(page, server):
    send(page, "wait")
    expect(answers(page).filter(has_text="Let me think")).to_be_visible()
    expect(page.get_by_text("Answering…")).to_be_visible()
    send(page, "the next question")
    expect(page.get_by_text("Wait for the answer, or stop it first.")).to_be_visible()
    button(page, "Stop").click()
    expect(answers(page).filter(has_text="Stopped.")).to_be_visible()
    expect(answers(page).filter(has_text="Let me think")).to_be_visible()
    expect(button(page, "Send")).to_be_visible()
    until(page, (server.markers / "closed").exists)
    expect(box(page)).to_have_value("the next question")
    box(page).press("Enter")
    expect(answers(page).filter(has_text="You said: wait | the next question.")).to_be_visible()


def test_two_people_at_once_do_not_see_each_other(profile):
    alice, bob = profile().open(), profile().open()
    send(alice, "wait")
    expect(answers(alice).filter(has_text="Let me think")).to_be_visible()
    ask(bob, "I am Bob", "You said: I am Bob.")
    button(alice, "Stop").click()
    ask(alice, "I am Alice", "You said: wait | I am Alice.")
    ask(bob, "Bob again", "You said: I am Bob | Bob again.")
    expect(alice.get_by_text("Bob")).to_have_count(0)
    expect(bob.get_by_text("Alice")).to_have_count(0)


def test_what_others_wrote_is_shown_and_does_nothing(profile):
    watched = profile()
    page = watched.open()
    attack = (
        """<script>window.hacked='user'</script><img src=x onerror="window.hacked='user'"> *a* $x$ [b](javascript:c)"""
    )
    ask(page, attack, "You said: <script>window.hacked='user'</script>")
    expect(page.get_by_test_id("user").filter(has_text=attack)).to_be_visible()
    ask(page, "attack", "THE END [1]")
    for step in page.get_by_role("button").filter(has_text=re.compile(r"hostile:|\[1\]")).all():
        step.click()
    expect(page.locator("pre", has_text="THE END")).to_have_count(2)
    expect(page.locator("blockquote", has_text="THE END")).to_be_visible()
    for link in page.locator("#chat a").all():
        target = link.get_attribute("href") or ""
        assert not target.lower().startswith(("javascript:", "data:")), target
    page.locator("#chat a", has_text="click me").last.click()
    assert page.evaluate("window.hacked") is None
    active = "chat => [...chat.querySelectorAll('script, img, iframe, style, object')].map(e => e.outerHTML)"
    assert page.get_by_role("log").evaluate(active) == []
    assert watched.outside == []


def test_a_new_chat_starts_from_nothing(page, server):
    ask(page, "my number is 7", "You said: my number is 7.")
    send(page, "wait")
    expect(answers(page).filter(has_text="Let me think")).to_be_visible()
    button(page, "New chat").click()
    expect(page.get_by_text("What would you like to know?")).to_be_visible()
    expect(answers(page)).to_have_count(0)
    expect(button(page, "Send")).to_be_visible()
    until(page, (server.markers / "closed").exists)
    ask(page, "what is my number?", "You said: what is my number?.")


def test_loading_the_page_again_stops_the_answer(page, server):
    send(page, "wait")
    expect(answers(page).filter(has_text="Let me think")).to_be_visible()
    page.reload()
    expect(page.get_by_text("What would you like to know?")).to_be_visible()
    ask(page, "hello", "You said: hello.")
    until(page, (server.markers / "closed").exists)


def test_errors_are_sentences(page):
    ask(page, "fail", "This answer failed: the model's file is gone: fetch it again.")
    ask(page, "still there?", "You said: fail | still there?.")
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_a_message_that_is_too_long_is_refused_and_kept(page):
    send(page, "x" * 8001)
    expect(
        page.get_by_text("This message has 8,001 characters; at most 8,000 are accepted. Shorten it.")
    ).to_be_visible()
    expect(box(page)).to_have_value("x" * 8001)
    expect(answers(page)).to_have_count(0)


def test_the_page_can_reach_no_other_server_even_from_its_own_scripts(profile):
    watched = profile()
    page = watched.open()
    reached = page.evaluate(
        """async () => {
            const image = new Promise(done => {
                const made = new Image();
                made.onload = () => done("image"); made.onerror = () => done(null);
                made.src = "https://evil.example/pixel.png";
            });
            const request = fetch("https://evil.example/data").then(() => "fetch", () => null);
            const script = document.createElement("script");
            script.textContent = "window.hacked = 'inline'";
            document.body.append(script);
            return [await image, await request, window.hacked ?? null];
        }"""
    )
    assert reached == [None, None, None]
    assert watched.outside == []


def test_a_call_that_needs_approval_runs_when_it_is_allowed(page):
    send(page, "pay")
    expect(button(page, "Allow")).to_be_visible()
    expect(answers(page).filter(has_text="paid 5")).to_have_count(0)
    button(page, "Allow").click()
    expect(answers(page).filter(has_text="So: paid 5")).to_be_visible()
    expect(button(page, "Allow")).to_be_hidden()


def test_a_call_that_is_refused_does_not_run(page):
    send(page, "pay")
    button(page, "Refuse").click()
    expect(answers(page).filter(has_text="The user did not allow this call")).to_be_visible()
    expect(answers(page).filter(has_text="paid 5")).to_have_count(0)


def test_who_asks_something_else_has_not_allowed_the_call(page):
    send(page, "pay")
    expect(button(page, "Allow")).to_be_visible()
    ask(page, "hello", "You said:")
    expect(button(page, "Allow")).to_be_hidden()
