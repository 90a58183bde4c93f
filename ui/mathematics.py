"""`pericles math`: the solver without a model. The answer goes to standard output, all else to standard error."""

from __future__ import annotations

import json
import sys

from ..tools import ConfigError, ToolError
from ..tools.solver import solve_query


def compute(query: str, *, precision: int, timeout: float, latex: bool, as_json: bool) -> int:
    """Print the answer to a query.

    Args:
        query: the question; `-` reads it from standard input.
        precision: significant digits of decimals.
        timeout: seconds until the question is given up.
        latex: whether to print the exact answer as LaTeX.
        as_json: whether to print the whole solution as one line of JSON.

    Returns:
        Exit code: 0, or 2 when the question cannot be read or has no answer.

    Raises:
        ConfigError: if both forms are asked for.
    """
    if latex and as_json:
        raise ConfigError("--latex and --json exclude each other.")
    text = sys.stdin.read().strip() if query == "-" else query
    try:
        solution = solve_query(text, precision=precision, timeout=timeout)
    except ToolError as error:
        print(f"pericles: {error}", file=sys.stderr)
        return 2
    if as_json:
        print(json.dumps(solution.to_dict(), ensure_ascii=False))
        return 0
    if latex and not solution.latex:
        print("pericles: the answer is too long to be written as LaTeX.", file=sys.stderr)
        return 2
    print(solution.latex if latex else solution.text)
    for line in solution.assumptions:
        print(f"assumed: {line}", file=sys.stderr)
    if solution.verified:
        print(solution.verified, file=sys.stderr)
    return 0
