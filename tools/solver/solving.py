"""The public functions: a query to a solution, computed in a worker process."""

from __future__ import annotations

import asyncio
import contextlib
import threading

from ..errors import ToolError
from .pool import Ticket, shared_pool
from .reading.tokens import check_length
from .solution import Solution

DEFAULT_TIMEOUT = 10.0


def solve_query(query: str, *, precision: int = 15, timeout: float = DEFAULT_TIMEOUT) -> Solution:
    """Answer a mathematical question exactly.

    Args:
        query: near-natural language, such as `solve x^2 = 4` or `15% of 80`; at most 500 characters. The grammar is
            described in `pericles.tools.solver.queries`.
        precision: significant digits of decimals, 1 to 1000.
        timeout: seconds, after which the worker is killed. Starting the first worker of a program is not counted.

    Returns:
        Exact form, decimal, LaTeX and short text, with the assumptions that were made.

    Raises:
        ToolError: if the query cannot be read or has no answer, in one line that says what to write instead.
        ToolTimeout: if there is no answer in time.
    """
    _check(query, precision, timeout)
    return shared_pool().solve(query, precision=precision, timeout=timeout, ticket=Ticket())


async def solve_query_async(query: str, *, precision: int = 15, timeout: float = DEFAULT_TIMEOUT) -> Solution:  # noqa: ASYNC109
    """Answer a mathematical question exactly, without blocking the event loop.

    When the awaiting task is cancelled, the worker on the query is killed and replaced at once.

    Args:
        query: see `solve_query`.
        precision: significant digits of decimals, 1 to 1000.
        timeout: seconds, after which the worker is killed.

    Raises:
        ToolError: if the query cannot be read or has no answer.
        ToolTimeout: if there is no answer in time.
    """
    _check(query, precision, timeout)
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
            solution = shared_pool().solve(query, precision=precision, timeout=timeout, ticket=ticket)
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


def _check(query: str, precision: int, timeout: float) -> None:
    if not isinstance(query, str):
        raise ToolError(f"the query must be text, not {type(query).__name__}")
    check_length(query)
    if not 1 <= precision <= 1000:
        raise ToolError(f"precision is {precision}; it must be from 1 to 1000 significant digits")
    if not timeout > 0:
        raise ToolError(f"timeout is {timeout}; it must be more than 0 seconds")
