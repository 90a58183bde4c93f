"""A function first, then a question about it that does not write it again."""

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query

SAME = {
    "f(x) = x^2 - 4x + 3. find the vertex": "vertex of x^2 - 4x + 3",
    "f(x) = x^2 - 4x + 3, find the derivative": "derivative of x^2 - 4x + 3",
    "f(x) = x^2 - 4x + 3. What is the derivative of f at 2?": "derivative of x^2 - 4x + 3 at 2",
    "y = x^2 - 4x + 3, find the vertex": "vertex of x^2 - 4x + 3",
    "f(x) = x^3 - 3x. Find the local extrema of f.": "local extrema of x^3 - 3x",
    "Consider f(x) = x^2. Find the area under f from 0 to 3.": "area under x^2 from 0 to 3",
    "f(x) = x^2. integrate f from 0 to 1": "integrate x^2 from 0 to 1",
    "y = 2x^2 - 8x + 5. find the axis of symmetry": "axis of symmetry of 2x^2 - 8x + 5",
    "f(x) = e^x. Find the derivative of the function at x = 0": "derivative of e^x at x = 0",
    "f(x) = 3x - 2. find the slope": "slope of 3x - 2",
    "f(x) = x^2. Find the fourth derivative.": "fourth derivative of x^2",
    "f(x) = 2^x. Evaluate f at 5.": "2^5",
    "g(t) = t^3; find its second derivative": "second derivative of t^3",
}


@pytest.mark.parametrize("query", SAME)
def test_the_question_is_completed(query):
    assert solve_query(query).text == solve_query(SAME[query]).text


@pytest.mark.parametrize(
    "query", ["f(x) = x^2. find the wings", "f(x) = x^2. how are you", "y = 3. find the derivative of z"]
)
def test_what_is_no_question_about_it_is_refused(query):
    with pytest.raises(ToolError):
        solve_query(query)
