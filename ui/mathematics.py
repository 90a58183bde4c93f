"""`pericles math`: the solver without a model. The answer goes to standard output, all else to standard error."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Literal

from ..tools import ConfigError, ToolError
from ..tools.solver import solve_query


def compute(
    query: str,
    *,
    precision: int,
    timeout: float,
    latex: bool,
    as_json: bool,
    steps: bool = False,
    plot: Path | None = None,
) -> int:
    """Print the answer to a query.

    Args:
        query: the question; `-` reads it from standard input.
        precision: significant digits of decimals.
        timeout: seconds until the question is given up.
        latex: whether to print the exact answer as LaTeX.
        as_json: whether to print the whole solution as one line of JSON.
        steps: whether to print the steps before the answer.
        plot: the file for a picture; its ending, .png or .svg, chooses the format.

    Returns:
        Exit code: 0, or 2 when the question cannot be read or has no answer.

    Raises:
        ConfigError: if both forms are asked for, or the picture cannot be written.
    """
    if latex and as_json:
        raise ConfigError("--latex and --json exclude each other.")
    kind = _format(plot) if plot is not None else None
    text = sys.stdin.read().strip() if query == "-" else query
    try:
        solution = solve_query(text, steps=steps, plot=kind, precision=precision, timeout=timeout)
    except ToolError as error:
        print(f"pericles: {error}", file=sys.stderr)
        return 2
    if plot is not None and solution.plot is not None:
        _write(plot, solution.plot_bytes)
    if as_json:
        print(json.dumps(solution.to_dict(), ensure_ascii=False))
        return 0
    if latex and not solution.latex:
        print("pericles: the answer is too long to be written as LaTeX.", file=sys.stderr)
        return 2
    for line in solution.steps if not latex else ():
        print(line)
    print(solution.latex if latex else solution.text, flush=True)  # before what goes to the other stream
    for line in solution.assumptions:
        print(f"assumed: {line}", file=sys.stderr)
    if solution.verified:
        print(solution.verified, file=sys.stderr)
    return 0


def _format(path: Path) -> Literal["png", "svg"]:
    match path.suffix.lower():
        case ".png":
            return "png"
        case ".svg":
            return "svg"
    raise ConfigError(f"--plot writes .png and .svg files, not {path.name!r}.")


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise ConfigError(f"--plot cannot write {path}: {error.strerror}.") from error
