"""The short way past the domains changes nothing: every query in these tests is read both ways."""

import ast
from pathlib import Path

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver.reading import queries
from pericles.tools.solver.reading.plain_queries import is_plain

PARTS = 4  # all texts take ten seconds; each part has every fourth in the order of the alphabet


def texts():
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) <= 500:
                yield node.value


def read(text):
    try:
        return queries.read_query(text)
    except ToolError as error:
        return type(error)


@pytest.mark.sampled(every=PARTS)
@pytest.mark.parametrize("part", range(PARTS))
def test_both_ways_give_the_same(monkeypatch, part):
    short_ways = []

    def noted(text):
        short_ways.append(is_plain(text))
        return short_ways[-1]

    these = sorted(set(texts()))[part::PARTS]
    monkeypatch.setattr(queries, "is_plain", noted)
    short = [read(text) for text in these]
    monkeypatch.setattr(queries, "is_plain", lambda text: False)
    long = [read(text) for text in these]
    assert [text for text, a, b in zip(these, short, long, strict=True) if a != b] == []
    assert sum(short_ways) > 500 / PARTS
    assert len(short_ways) - sum(short_ways) > 2000 / PARTS


def test_what_domains_read_is_not_plain():
    for text in (
        "P(X < 1)",
        "is 7 prime",
        "y'' + y = 0",
        "1 + 1/2 + ...",
        "a(n) = a(n-1)",
        "dy/dx = y",
        "5 m/s",
        "12:30",
    ):
        assert not is_plain(text)
    for text in ("37*4", "integrate x^2 sin x from 0 to pi", "solve x^2 - 5x + 6 = 0", "limit of sin(x)/x as x -> 0"):
        assert is_plain(text)
