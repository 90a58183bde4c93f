"""`pericles math` as a user runs it: in a process of its own, or in this one where no more would be seen."""

import json
import subprocess
import sys

import pytest


def math(*arguments, stdin=""):
    command = [sys.executable, "-m", "pericles.ui.command", "math", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)


def test_the_answer_alone_is_on_standard_output():
    done = math("log(x) + x at x = 1")
    assert (done.returncode, done.stdout) == (0, "1\n")
    assert done.stderr == "assumed: log is the natural logarithm; write log10(x) for base 10\n"


def test_json_holds_the_whole_solution(here):
    done = here("math", "solve x^2 = 4", "--json")
    solution = json.loads(done.stdout)
    assert solution["exact"] == "x = -2 or x = 2"
    assert solution["verified"] == "checked by substitution"


def test_latex_precision_and_standard_input(here):
    assert here("math", "1/sqrt(2)", "--latex").stdout == "\\frac{\\sqrt{2}}{2}\n"
    assert "1.41421356237309504880168872421" in math("-", "--precision", "30", stdin="sqrt(2)\n").stdout


MISTAKES = [
    (["1/0"], "undefined"),
    (["what colour is the sky"], "cannot read"),
    (["-"], "empty"),
    (["2+2", "--latex", "--json"], "exclude each other"),
    (["2+2", "--precision", "0"], "greater than or equal to 1"),
    (["factor(10^80 + 129)*factor(10^81+57)", "--timeout", "0.5"], "ask for something simpler"),
]


def is_one_line(done, told):
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(("arguments", "told"), MISTAKES)
def test_a_mistake_is_one_line_and_exit_code_2(here, arguments, told):
    is_one_line(here("math", *arguments), told)


@pytest.mark.sampled(every=len(MISTAKES))
@pytest.mark.parametrize(("arguments", "told"), MISTAKES)
def test_a_mistake_ends_the_process_so(arguments, told):
    is_one_line(math(*arguments), told)
