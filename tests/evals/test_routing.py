"""The routing suite: its items, and what it says about policies whose behaviour is known."""

import asyncio
import re
from collections import Counter

from pericles.agent import Agent
from pericles.evals.routing import Sample, judge, load_suite, report
from pericles.policies import ScriptedPolicy
from pericles.tools import tool


@tool(name="math")
def fake_math(query: str) -> str:
    """Answers everything with 42."""
    return "42"


@tool(name="search")
def fake_search(query: str) -> str:
    """Finds nothing."""
    return "No passage found."


def outcome(sample, *replies):
    agent = Agent(ScriptedPolicy(replies), [fake_math, fake_search])
    return asyncio.run(judge(agent, sample))


CALL = '<tool_call>{"name": "math", "arguments": {"query": "6*7"}}</tool_call>'
SUM = Sample("s", "6*7?", "math", r"\b42\b")


def test_a_right_call_with_its_result_in_the_answer():
    judged = outcome(SUM, CALL, "It is 42.")
    assert (judged.routed, judged.found, judged.restated, judged.argument) == (True, True, True, "6*7")


def test_an_answer_that_contradicts_the_tool_is_not_restated():
    judged = outcome(SUM, CALL, "It is 43.")
    assert (judged.routed, judged.found, judged.restated) == (True, True, False)


def test_a_number_from_the_head_is_not_routed():
    judged = outcome(SUM, "It is 42.")
    assert (judged.called, judged.routed, judged.found) == (None, False, False)


def test_the_wrong_tool_is_not_routed():
    assert outcome(Sample("s", "capital of Peru?", "search"), CALL, "42").routed is False


def test_a_needless_call_is_not_routed():
    assert outcome(Sample("s", "hello", None), CALL, "hi").routed is False
    assert outcome(Sample("s", "hello", None), "hi").routed is True


def test_the_report_counts_with_intervals():
    lines = report([outcome(SUM, CALL, "It is 42."), outcome(SUM, "It is 42.")])
    assert lines[0].split()[-4:] == ["1/2", "50.0%", "[9.5%,", "90.5%]"]


def test_the_shipped_items_are_sound():
    samples = load_suite()
    assert len(samples) >= 80
    assert len({sample.id for sample in samples}) == len({sample.prompt for sample in samples}) == len(samples)
    assert set(Counter(sample.tool for sample in samples)) == {"math", "search", None}
    for sample in samples:
        re.compile(sample.expected or "")
