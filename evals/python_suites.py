"""Suites that are Python functions: `@suite` above a function that yields items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..tools import ConfigError
from ..tools.plugins import run_file
from .samples import Suite
from .suite_files import suite_from_dicts

_MARK = "__pericles_suite__"


def suite(
    function: Callable[[], Iterable[Mapping[str, Any]]] | None = None, /, *, name: str | None = None, **keys: Any
) -> Any:
    """Makes a function a suite.

    The function yields items with the keys of a suite file (see the guide); a `scorer` may also be a function of the
    `Reply` that returns a number from 0 to 1, a bool or a `Score`. It is called when the suite is run, not before.

    Args:
        function: takes no arguments.
        name: of the suite; the function's own by default.
        keys: the suite's keys, such as `scorer`, `tools`, `system` or `tags`.
    """

    def mark(made: Callable[[], Iterable[Mapping[str, Any]]]) -> Callable[[], Iterable[Mapping[str, Any]]]:
        if not callable(made):
            raise ConfigError(f"@suite needs a function, got {made!r}: write @suite(name={made!r}).")
        described = {"description": " ".join((made.__doc__ or "").split()), **keys}
        setattr(made, _MARK, {"name": name or made.__name__.replace("_", "-"), **described})
        return made

    return mark if function is None else mark(function)


def suite_of(function: Callable[[], Iterable[Mapping[str, Any]]]) -> Suite:
    """The suite of a function under `@suite`.

    Raises:
        ConfigError: it is none, or an item is wrong; says which.
    """
    keys: dict[str, Any] | None = getattr(function, _MARK, None)
    if keys is None:
        raise ConfigError(f"{function!r} is no suite: write @suite above the function.")
    try:
        items = [dict(item) for item in function()]
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(f"the suite {keys['name']}: {type(error).__name__}: {error}") from error
    return suite_from_dicts({**keys, "items": items}, keys["name"])


def suites_in_file(path: Path, wanted: str | None = None) -> list[Suite]:
    """Runs a Python file that the user named, and returns its suites.

    Raises:
        ConfigError: the file does not run, or has no such suite.
    """
    module = run_file(path)
    found = [value for value in vars(module).values() if hasattr(value, _MARK)]
    suites = list({id(value): value for value in found}.values())
    if wanted is not None:
        suites = [value for value in suites if getattr(value, _MARK)["name"] == wanted]
    if not suites:
        what = "no suite" if wanted is None else f"no suite {wanted!r}"
        raise ConfigError(f"{path} has {what}: write @suite above a function that yields items.")
    return [suite_of(value) for value in suites]
