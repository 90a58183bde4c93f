"""The same question twice is computed once; what failed is tried again."""

import asyncio

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query, solve_query_async, solving


def test_an_identical_question_is_not_asked_again():
    first, second = solve_query("integrate x^2 from 0 to 3"), solve_query("integrate x^2 from 0 to 3")
    assert first.exact == "9"
    assert second is first


def test_another_precision_is_another_question():
    assert solve_query("pi", precision=5).decimal == "3.1416"
    assert solve_query("pi", precision=10).decimal == "3.141592654"


def test_the_async_function_shares_the_answers():
    solution = solve_query("6*7")
    assert asyncio.run(solve_query_async("6*7")) is solution


def test_errors_are_not_kept():
    for _ in range(2):
        with pytest.raises(ToolError, match="undefined"):
            solve_query("1/0")


def test_only_the_latest_are_kept():
    kept = solving._Answers()
    solution = solve_query("1+1")
    questions = [solving._Question(str(number), 15, False, "") for number in range(300)]
    for question in questions:
        kept.keep(question, solution)
    assert kept.find(questions[0]) is None
    assert kept.find(questions[299]) is solution
