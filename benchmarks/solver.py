"""What the solver's worker pool costs over SymPy in the same process, and what it saves over a process for each call.

    .venv/bin/python benchmarks/solver.py [--rounds 15] [--json FILE]

One round asks every question below once, each with the round's own number in it, so that no cache answers: through the
pool (`solve_query`), in this process by the solver itself (`answer`), and in this process by SymPy on objects that are
there already, once the call alone and once with its result written out as the solver does: as text, as LaTeX and to 15
digits. They take turns at going first. The figure is the median over all pairs of the difference between the pool and
SymPy written out; reading the question and checking the answer by an independent route count against the pool.

Besides: a new Python process for each call, the first call of a program, the time from a killed worker to the next
answer, how busy four questions at once keep two cores, and bombs against their limit. The last line is the figure; the
exit code is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import sympy
from pericles.tools import ToolError
from pericles.tools.solver import solve_query
from pericles.tools.solver.answers.answer import answer
from pericles.tools.solver.workers import TimeUp, start_launcher

TARGET_OVER_MS = 2.0
TARGET_FIRST_S = 1.2
TARGET_READY_MS = 60.0
TARGET_BUSY = 1.7
TARGET_LATE_S = 0.2
BOMB_LIMIT = 0.5
_REQUEST = {"query": "37 * 4", "precision": 15, "seconds": 5.0}

x, y, k, n = sympy.symbols("x y k n")


class Question(NamedTuple):
    """One kind of question: as text with a number left open, and as a call of SymPy."""

    text: str
    call: Callable[[int], Any]


QUESTIONS = [
    Question("{0}^40 + 7", lambda a: sympy.Integer(a) ** 40 + 7),
    Question("sqrt({0}) + 1/3", lambda a: sympy.sqrt(a) + sympy.Rational(1, 3)),
    Question("factor {0}*(10^12 + 39)", lambda a: sympy.factorint(a * (10**12 + 39))),
    Question("simplify (x^2 - {0}^2)/(x - {0})", lambda a: sympy.simplify((x**2 - a**2) / (x - a))),
    Question("expand (x + {0})^8", lambda a: sympy.expand((x + a) ** 8)),
    Question("factor x^3 - {0}^3", lambda a: sympy.factor(x**3 - a**3)),
    Question("solve x^2 - {0}x + 6 = 0", lambda a: sympy.solve(x**2 - a * x + 6, x)),
    Question("solve x^3 - {0}x + 1 = 0", lambda a: sympy.solve(x**3 - a * x + 1, x)),
    Question("{0}x + 2y = 7, x - y = 1", lambda a: sympy.solve([a * x + 2 * y - 7, x - y - 1], [x, y])),
    Question(
        "solve x^2 < {0}",
        lambda a: sympy.solve_univariate_inequality(x**2 < a, x, relational=False),
    ),
    Question("derivative of x^{0} sin(x)", lambda a: sympy.diff(x**a * sympy.sin(x), x)),
    Question("derivative of ln(x^2 + {0})", lambda a: sympy.diff(sympy.log(x**2 + a), x)),
    Question("integrate x e^({0}x)", lambda a: sympy.integrate(x * sympy.exp(a * x), x)),
    Question(
        "integrate x^2 sin({0}x) from 0 to pi", lambda a: sympy.integrate(x**2 * sympy.sin(a * x), (x, 0, sympy.pi))
    ),
    Question("integrate 1/(x^2 + {0})", lambda a: sympy.integrate(1 / (x**2 + a), x)),
    Question("limit of sin({0}x)/x as x -> 0", lambda a: sympy.limit(sympy.sin(a * x) / x, x, 0)),
    Question(
        "limit of (1 + {0}/n)^n as n -> infinity", lambda a: sympy.limit((1 + sympy.Integer(a) / n) ** n, n, sympy.oo)
    ),
    Question("series of e^({0}x)", lambda a: sympy.series(sympy.exp(a * x), x, 0, 6)),
    Question("sum of k^2 for k = 1 to {0}*n", lambda a: sympy.summation(k**2, (k, 1, a * n))),
    Question("determinant of [[{0}, 2], [3, 4]]", lambda a: sympy.Matrix([[a, 2], [3, 4]]).det()),
    Question("eigenvalues of [[{0}, 2], [3, 4]]", lambda a: sympy.Matrix([[a, 2], [3, 4]]).eigenvals()),
]  # fmt: skip

PROCESS = [
    ("diff(x**3*sin(x), x)", "derivative of x^3 sin(x)"),
    ("integrate(x*exp(3*x), x)", "integrate x e^(3x)"),
    ("solve(x**2 - 5*x + 6, x)", "solve x^2 - 5x + 6 = 0"),
]

BOMBS = [
    "factor (10^40+121)*(10^41+109)",
    "sum of sin(k) for k = 1 to 10^12",
    "diff(tan(tan(tan(x))), x, 40)",
    "solve x^100 - x^99 + 7 = 0",
    "9^9^9",
    "integrate sqrt(x^5 + sin(x)^7 + 1)/(x + e^x)",
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    solve_query("1 + 1")
    time.sleep(2.0)  # the zygote warms up after its first answer
    times = measure(options.rounds)
    figures = {**_print_calls(times), **_print_rest()}
    if options.json:
        options.json.write_text(json.dumps({"figures": figures, "seconds": times}), encoding="utf-8")
    over = figures["over"]
    print(f"solver: {over:+.2f} ms over in-process SymPy, median (target: at most +{TARGET_OVER_MS:g} ms)")
    return 0 if _reached(figures) else 1


def measure(rounds: int) -> dict[str, list[float]]:
    """Seconds of each call, question by question and round by round; the first round warms up and is thrown away."""
    runs: dict[str, Callable[[Question, int], Any]] = {
        "pool": lambda question, number: solve_query(question.text.format(number)),
        "own, in process": lambda question, number: answer(question.text.format(number)),
        "SymPy, written out": lambda question, number: written_out(question.call(number)),
        "SymPy, call alone": lambda question, number: question.call(number),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    order = list(runs)
    for number in range(2, rounds + 3):
        order.append(order.pop(0))
        for question in QUESTIONS:
            for name in order:
                start = time.perf_counter()
                runs[name](question, number)
                if number > 2:
                    times[name].append(time.perf_counter() - start)
    return times


def written_out(result: Any) -> tuple[str, str, list[str]]:
    """What a user of SymPy prints: the result as text, as LaTeX, and its numbers to 15 digits."""
    parts = result.values() if isinstance(result, dict) else result if isinstance(result, list | tuple) else [result]
    numbers = [str(sympy.N(part, 15)) if isinstance(part, sympy.Basic) else str(part) for part in parts]
    return str(result), sympy.latex(result), numbers


def _print_calls(times: dict[str, list[float]]) -> dict[str, float]:
    print(f"{len(QUESTIONS)} kinds of questions, {len(times['pool'])} calls each way")
    print(f"{'':22}{'p50 ms':>10}{'p90 ms':>10}{'p99 ms':>10}")
    for name, seconds in times.items():
        marks = statistics.quantiles(seconds, n=100)
        print(f"{name:22}" + "".join(f"{marks[place - 1] * 1000:10.1f}" for place in (50, 90, 99)))
    alone = [_process_call(program) for program, _ in PROCESS for _ in range(3)]
    print(
        f"{'SymPy, new process':22}{statistics.median(alone) * 1000:10.1f}{'':10}{max(alone) * 1000:10.1f}  (most of 9)"
    )
    medians: dict[str, float] = {}
    for name in ("SymPy, written out", "SymPy, call alone", "own, in process"):
        over = sorted((a - b) * 1000 for a, b in zip(times["pool"], times[name], strict=True))
        quarter = len(over) // 4
        medians[name] = statistics.median(over)
        print(
            f"pool over {name}, pairs: median {medians[name]:+.2f} ms,"
            f" quartiles {over[quarter]:+.2f} to {over[-quarter]:+.2f}"
        )
    return {"over": medians["SymPy, written out"], "over the call": medians["SymPy, call alone"],
            "over own": medians["own, in process"]}  # fmt: skip


def _process_call(program: str) -> float:
    start = time.perf_counter()
    code = f"from sympy import *; x = symbols('x'); print({program})"
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def _print_rest() -> dict[str, float]:
    figures = {
        "first": statistics.median(_first_call() for _ in range(5)),
        "ready": _kill_to_ready() * 1000,
        "busy": _cores_busy(),
        "late": max(_lateness(bomb) for bomb in BOMBS),
    }
    print(f"first call of a program, import included: {figures['first']:.2f} s (target: {TARGET_FIRST_S:g} s)")
    print(
        f"order to kill a worker to the answer of the next one: {figures['ready']:.0f} ms"
        f" (target: {TARGET_READY_MS:g} ms)"
    )
    print(
        f"four questions at once keep busy: {figures['busy']:.2f} cores of {os.cpu_count()} (target: {TARGET_BUSY:g})"
    )
    print(f"bombs, past their limit at most: {figures['late'] * 1000:.0f} ms (target: {TARGET_LATE_S * 1000:g} ms)")
    return figures


def _first_call() -> float:
    code = (
        "import time; start = time.perf_counter(); from pericles.tools.solver import solve_query;"
        " solve_query('integrate x^2 sin x from 0 to pi'); print(time.perf_counter() - start)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


def _workers() -> list[psutil.Process]:
    children = psutil.Process().children(recursive=True)
    return [process for process in children if "solver.worker" in " ".join(process.cmdline())]


def _kill_to_ready() -> float:
    """Seconds from the order to kill a worker at work until the worker that replaces it has answered."""
    seconds = []
    launcher = start_launcher()
    time.sleep(2.0)
    for _ in range(9):
        worker = launcher.launch()
        with contextlib.suppress(TimeUp):
            worker.ask({**_REQUEST, "query": BOMBS[0]}, 0.1)
        start = time.perf_counter()
        worker.kill()
        worker.close()
        worker = launcher.launch()
        worker.ask(_REQUEST, 5.0)
        seconds.append(time.perf_counter() - start)
        worker.close()
    launcher.close()
    return statistics.median(seconds)


def _cores_busy() -> float:
    """Processor seconds of all workers for each second of the clock, while four long questions run."""
    questions = [f"factor (10^{power} + 121)*(10^{power + 1} + 109)" for power in range(40, 44)]

    def ask(question: str) -> None:
        try:
            solve_query(question, timeout=3.0)
        except ToolError:
            return

    before = {process.pid: process.cpu_times() for process in _workers()}
    start = time.perf_counter()
    threads = [threading.Thread(target=ask, args=(question,)) for question in questions]
    for thread in threads:
        thread.start()
    spent: dict[int, float] = {}
    while any(thread.is_alive() for thread in threads):
        for process in _workers():
            try:
                now = process.cpu_times()
            except psutil.Error:
                continue
            earlier = before.get(process.pid)
            spent[process.pid] = now.user + now.system - (earlier.user + earlier.system if earlier else 0.0)
        time.sleep(0.02)
    return sum(spent.values()) / (time.perf_counter() - start)


def _lateness(bomb: str) -> float:
    """Seconds past the limit until a bomb is answered; negative when it was answered earlier."""
    start = time.perf_counter()
    with contextlib.suppress(ToolError):
        solve_query(bomb, timeout=BOMB_LIMIT)
    return time.perf_counter() - start - BOMB_LIMIT


def _reached(figures: dict[str, float]) -> bool:
    return (
        figures["over"] <= TARGET_OVER_MS
        and figures["first"] <= TARGET_FIRST_S
        and figures["ready"] <= TARGET_READY_MS
        and figures["busy"] >= min(TARGET_BUSY, 0.85 * (os.cpu_count() or 1))
        and figures["late"] <= TARGET_LATE_S
    )


if __name__ == "__main__":
    sys.exit(main())
