r"""LaTeX and the plain query of the same meaning have the same answer."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query
from pericles.tools.solver.reading.latex import from_latex

SAME = [
    (r"\int_0^1 x^2\,dx", "integrate x^2 from 0 to 1"),
    (r"\int_0^{\pi} \sin(x)\,dx", "integrate sin x from 0 to pi"),
    (r"\int_{-\infty}^{\infty} e^{-x^2} dx", "sqrt(pi)"),
    (r"$\int x^2 dx$", "integrate x^2"),
    (r"\int \frac{1}{1+x^2}\,dx", "integrate 1/(1+x^2)"),
    (r"\frac{d}{dx} x^3", "diff x^3"),
    (r"\frac{d^2}{dx^2} \sin x", "second derivative of sin x"),
    (r"\frac{\partial}{\partial x} x^2 y", "2*x*y"),
    (r"2\frac12", "5/2"),
    (r"\int_0^1 x^2 \mathrm{d}x", "1/3"),
    (r"\frac{\mathrm{d}}{\mathrm{d}x} x^3", "diff x^3"),
    (r"\mathrm{e}^{\mathrm{i}\pi}", "-1"),
    (r"12\frac{3}{4}", "51/4"),
    (r"1.5\frac12", "3/4"),
    (r"e^{i\pi}", "-1"),
    (r"\frac12+\frac{1}{3}", "5/6"),
    (r"\dfrac{3}{4} \div \tfrac{1}{2}", "3/2"),
    (r"\sqrt[3]{27}", "3"),
    (r"\sqrt{2}\sqrt 8", "4"),
    (r"\lim_{x \to 0} \frac{\sin x}{x}", "1"),
    (r"\lim_{x\to 0^+} \ln x", "limit of ln x as x -> 0+"),
    (r"\lim_{n \to \infty} \left(1+\frac{1}{n}\right)^n", "e"),
    (r"\sum_{k=1}^{n} k^2", "sum of k^2 for k = 1 to n"),
    (r"\sum_{n=1}^{\infty} \frac{1}{n^2}", "pi^2/6"),
    (r"\prod_{k=1}^{5} k", "120"),
    (r"\log_2 8", "3"),
    (r"\log_{10} 100", "2"),
    (r"\sin^2 x + \cos^2 x", "1"),
    (r"\sin 30^\circ", "1/2"),
    (r"x^2 - 5x + 6 \le 0", "x^2 - 5x + 6 <= 0"),
    (r"|x-3| \lt 5", "|x-3| < 5"),
    (r"\text{solve } \frac{x}{2} = 3", "solve x/2 = 3"),
    (r"solve x^2 = 4 \text{ for } x", "solve x^2 = 4"),
    (r"3 \times 4 \cdot 2", "24"),
    (r"\binom{5}{2}", "10"),
    (r"\alpha + \alpha", "2*alpha"),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}^{-1}", "inverse of [[1, 2], [3, 4]]"),
    (r"\begin{vmatrix}1&2\\3&4\end{vmatrix}", "-2"),
    (r"\begin{cases}x+y=3\\x-y=1\end{cases}", "x + y = 3, x - y = 1"),
    (r"\[ 2+2 \]", "4"),
    (r"\( \frac{3}{4} \)", "3/4"),
    (r"$$\frac{3}{4}$$", "3/4"),
]


@pytest.mark.parametrize(("latex", "query"), SAME, ids=[latex for latex, _ in SAME])
@pytest.mark.sampled(every=6)
def test_latex_means_what_the_plain_query_means(latex, query):
    assert solve_query(latex).exact == solve_query(query).exact


def test_a_mixed_number_is_an_assumption():
    assert solve_query(r"2\frac12").assumptions == ("2 1/2 read as a mixed number",)


@pytest.mark.parametrize(
    ("latex", "told"),
    [
        (r"\frac{1}{2", "closing }"),
        (r"\frac{1}{2}}", "too many"),
        (r"\frac", "argument in braces is missing"),
        (r"\sqrt[3", "lacks its argument"),
        (r"\input{/etc/passwd}", "not known"),
        (r"\write18{touch x}", "not known"),
        (r"\begin{document}x\end{document}", "environment document is not known"),
        (r"\begin{pmatrix}1&2", "is missing"),
        ("\\sqrt" + "{" * 200 + "x" + "}" * 200, "nest"),
        ("\\sqrt" * 80 + "2", "nest|too long|characters"),
    ],
)
def test_mistakes_are_named(latex, told):
    with pytest.raises(ToolError, match=told):
        solve_query(latex)


@given(st.text(alphabet="\\{}[]^_&fracsqtbeginmx12 $", max_size=120))
def test_any_latex_becomes_text_or_an_error_for_the_model(text):
    with contextlib.suppress(ToolError):
        assert isinstance(from_latex(text, []), str)
