"""The public functions: a query to a solution, computed in a worker process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import OrderedDict
from typing import Literal, NamedTuple

from ..errors import ToolError
from .pool import Ticket, shared_pool
from .reading.tokens import check_length
from .solution import Solution

DEFAULT_TIMEOUT = 10.0
PlotFormat = Literal["png", "svg"]
_KEPT_ANSWERS = 256


class _Question(NamedTuple):
    """What an answer depends on.

    Args:
        query: as it was written.
        precision: significant digits.
        steps: whether steps are wanted.
        plot: `png`, `svg`, or empty for no picture.
    """

    query: str
    precision: int
    steps: bool
    plot: str


class _Answers:
    """The latest answers: the same question always has the same one, so that no worker need be asked again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Question, Solution] = OrderedDict()

    def find(self, question: _Question) -> Solution | None:
        with self._lock:
            found = self._kept.get(question)
            if found is not None:
                self._kept.move_to_end(question)
            return found

    def keep(self, question: _Question, solution: Solution) -> None:
        with self._lock:
            self._kept[question] = solution
            if len(self._kept) > _KEPT_ANSWERS:
                self._kept.popitem(last=False)

    def renew_lock(self) -> None:
        """For a fork of this program, which may have copied the lock while another thread held it."""
        self._lock = threading.Lock()


_ANSWERS = _Answers()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_ANSWERS.renew_lock)


def solve_query(
    query: str,
    *,
    steps: bool = False,
    plot: PlotFormat | bool | None = None,
    precision: int = 15,
    timeout: float = DEFAULT_TIMEOUT,
) -> Solution:
    """Answer a mathematical question exactly.

    Args:
        query: near-natural language, such as `solve x^2 = 4` or `15% of 80`; at most 500 characters. The grammar is
            described in `pericles.tools.solver.queries`.
        steps: whether to say how the result comes about, where steps are known.
        plot: `svg` (also `True`) or `png` for a picture of what is asked, where one can be drawn.
        precision: significant digits of decimals, 1 to 1000.
        timeout: seconds, after which the worker is killed. Starting the first worker of a program is not counted.

    Returns:
        Exact form, decimal, LaTeX and short text, with the assumptions that were made.

    Raises:
        ToolError: if the query cannot be read or has no answer, in one line that says what to write instead.
        ToolTimeout: if there is no answer in time.
    """
    question = _question(query, precision, steps, plot, timeout)
    return _ANSWERS.find(question) or _solve(question, timeout, Ticket())


def _solve(question: _Question, timeout: float, ticket: Ticket) -> Solution:
    solution = shared_pool().solve(
        question.query,
        precision=question.precision,
        steps=question.steps,
        plot=question.plot,
        timeout=timeout,
        ticket=ticket,
    )
    if not any(line.startswith("today is ") for line in solution.assumptions):  # such an answer is old tomorrow
        _ANSWERS.keep(question, solution)
    return solution


async def solve_query_async(
    query: str,
    *,
    steps: bool = False,
    plot: PlotFormat | bool | None = None,
    precision: int = 15,
    timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109
) -> Solution:
    """Answer a mathematical question exactly, without blocking the event loop.

    When the awaiting task is cancelled, the worker on the query is killed and replaced at once.

    Args:
        query: see `solve_query`.
        steps: whether to say how the result comes about, where steps are known.
        plot: `svg` (also `True`) or `png` for a picture of what is asked, where one can be drawn.
        precision: significant digits of decimals, 1 to 1000.
        timeout: seconds, after which the worker is killed.

    Raises:
        ToolError: if the query cannot be read or has no answer.
        ToolTimeout: if there is no answer in time.
    """
    question = _question(query, precision, steps, plot, timeout)
    if known := _ANSWERS.find(question):
        return known
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Solution] = loop.create_future()
    ticket = Ticket()

    def settle(solution: Solution | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        elif solution is not None:
            future.set_result(solution)

    def run() -> None:
        solution, error = None, None
        try:
            solution = _solve(question, timeout, ticket)
        except BaseException as raised:  # noqa: BLE001  carried to the task that waits
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop was closed, and nobody waits any more
            loop.call_soon_threadsafe(settle, solution, error)

    # A thread of its own rather than one of an executor: an executor's are waited for when the program ends.
    threading.Thread(target=run, name="pericles-solver", daemon=True).start()
    try:
        return await future
    except asyncio.CancelledError:
        ticket.abandon()
        raise


def _question(query: str, precision: int, steps: bool, plot: PlotFormat | bool | None, timeout: float) -> _Question:
    _check(query, precision, timeout)
    if plot not in (None, False, True, "png", "svg"):
        raise ToolError(f"plot is {plot!r}; it must be 'png' or 'svg'")
    return _Question(query, precision, bool(steps), "svg" if plot is True else plot or "")


def _check(query: str, precision: int, timeout: float) -> None:
    if not isinstance(query, str):
        raise ToolError(f"the query must be text, not {type(query).__name__}")
    check_length(query)
    if not 1 <= precision <= 1000:
        raise ToolError(f"precision is {precision}; it must be from 1 to 1000 significant digits")
    if not timeout > 0:
        raise ToolError(f"timeout is {timeout}; it must be more than 0 seconds")
