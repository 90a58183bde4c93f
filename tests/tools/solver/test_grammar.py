"""Many wordings, one meaning; and what is told to whoever writes something else."""

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query

SAME = {
    "4": [
        "2+2",
        "2 + 2 =",
        "What is 2+2?",
        "what's 2 + 2",
        "Calculate: 2+2.",
        "two plus two",
        "２＋２",
        "Compute 2+2 please",
    ],
    "3/2 (1.5)": [
        "2/3 divided by 4/9",
        "2/3 ÷ 4/9",
        "2/3÷4/9",
        "two thirds divided by four ninths",
        "(2/3)/(4/9)",
        r"\frac{2}{3} \div \frac{4}{9}",
        "12 ÷ 4 ÷ 2",
        "12 divided by 4 divided by 2",
        "3 divided by 2/1",
    ],
    "-2": [
        "np.linalg.det([[1,2],[3,4]])",
        "Matrix([[1, 2], [3, 4]]).det()",
        "determinant of [[1, 2], [3, 4]]",
        "-3 // 2",
        "$-2$",
        "lg 0.01",
        "- math.sqrt(4)",
    ],
    "x = -2 or x = 2": [
        "solve x^2 = 4",
        "Solve x**2 == 4 for x",
        "x² = 4",
        "solve(x^2 = 4, x)",
        "solve(Eq(x**2, 4), x)",
        "solve the equation x^2 = 4",
        "roots of x^2 - 4",
        "find the zeros of x^2 - 4",
        "what are the solutions of x^2 = 4?",
        "find x such that x^2 = 4",
        "x squared equals 4",
    ],
    "x = 2, y = 1": [
        "x + y = 3, x - y = 1",
        "solve x + y = 3 and x - y = 1",
        "solve the system: x + y = 3; x - y = 1 for x and y",
        "solve([x + y = 3, x - y = 1], [x, y])",
        "solve {x + y = 3, x - y = 1}",
    ],
    "3*x^2": [
        "derivative of x^3",
        "What is the derivative of x^3 with respect to x?",
        "differentiate x^3 wrt x",
        "diff x^3",
        "diff x^3, x",
        "diff(x^3, x)",
        "d/dx x^3",
        "d/dx (x^3)",
        "dy/dx if y = x^3",
        "derivative of f(x) = x^3",
        "first derivative of x cubed",
    ],
    "1/3 (0.333333333333333)": [
        "integrate x^2 from 0 to 1",
        "Find the integral of x^2 dx from 0 to 1",
        "integral from 0 to 1 of x^2 dx",
        "integrate x^2 between 0 and 1",
        "integrate x^2 over [0, 1]",
        "integrate x^2 for x from 0 to 1",
        "integrate x^2 from x=0 to x=1",
        "integrate x^2, x, 0, 1",
        "integrate(x**2, (x, 0, 1))",
        "∫ x² dx from 0 to 1",
    ],
    "1": [
        "limit of sin(x)/x as x -> 0",
        "limit of sin x / x as x approaches 0",
        "lim x→0 sin(x)/x",
        "lim_{x->0} sin(x)/x",
        "limit sin(x)/x, x, 0",
        "limit as x goes to 0 of sin(x)/x",
        "the limit of sin(x)/x when x tends to 0",
    ],
    "385": [
        "sum of k^2 for k = 1 to 10",
        "sum k^2 from k=1 to 10",
        "sum from k=1 to 10 of k^2",
        "sum k^2, k, 1, 10",
        "sum(k^2, (k, 1, 10))",
        "sum of the first 10 squares",
        "sum of n^2 as n goes from 1 to 10",
    ],
    "12": [
        "15% of 80",
        "15 percent of 80",
        "0.15 * 80",
        "lcm of 4 and 6",
        "lcm(4,6)",
        "least common multiple of 4 and 6",
    ],
    "x*sin(x)": ["x sin x", "xsinx", "x*sin(x)", "x Sin(x)"],
}
WORDINGS = [(query, text) for text, queries in SAME.items() for query in queries]


@pytest.mark.parametrize(("query", "text"), WORDINGS, ids=[query for query, _ in WORDINGS])
@pytest.mark.sampled(every=6)
def test_wordings_mean_the_same(query, text):
    assert solve_query(query).text == text


MISTAKES = [
    ("squrt(4)", "did you mean sqrt?"),
    ("integrat x^2", "did you mean integrate?"),
    ("f(x)", "write its formula instead"),
    ("the cat sat on the mat", "cannot read 'cat'"),
    ("hello how are you", "write for example"),
    ("", "empty"),
    ("?", "empty"),
    ("2 +", "found the end after '2 +'"),
    ("(2+3", "expected ')'"),
    ("2+3)", "cannot read ')' after '2 + 3'"),
    ("5 +* 3", "found '*' after '5 +'"),
    ("sin", "sin needs an argument"),
    ("sin()", "empty brackets"),
    ("2 3", "cannot read '3' after '2'"),
    ("3, 5, 8", "mean of 3, 5, 8"),
    ("solve", "found the end after 'solve'"),
    ("limit of sin(x)/x", "as x -> 0"),
    ("sum of k^2", "for k = 1 to 10"),
    ("solve x^2 = 4 for y", "'y' does not occur"),
    ("solve x + y < 3", "one unknown only"),
    ("binomial(5)", "takes 2 argument"),
    ("solve 3x = 5 km", "the unit 'km' cannot be read here; write for example: convert 5 miles to km"),
    ("5 kg to miles", "kg and miles measure different things (mass and length)"),
    ("[[1,2],[3]]", "same length"),
    ("y' = x + z'", "a prime needs an equation"),
    (r"\foo{2}", r"the LaTeX command \foo is not known"),
    ("x" * 501, "at most 500"),
    ("convert 12 to base 1", "base 2 to base 36"),
    ("hex xyz to decimal", "cannot"),
    ("9^9^9^9", "about 3.7e+08 digits"),
]


@pytest.mark.parametrize(("query", "words"), MISTAKES, ids=[query[:30] or "nothing" for query, _ in MISTAKES])
def test_a_mistake_is_named_in_one_short_line(query, words):
    with pytest.raises(ToolError) as caught:
        solve_query(query)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("precision", [0, -1, 1001])
def test_a_precision_out_of_range_is_refused(precision):
    with pytest.raises(ToolError, match="1 to 1000"):
        solve_query("1/3", precision=precision)
