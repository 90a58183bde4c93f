"""Where tools come from besides the program's own code: pericles itself, installed packages, and a user's file.

A package offers tools through the entry point group `pericles.tools`. Nothing of a package is imported before one of
its tools is named.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import sys
import types
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, cast

from .errors import ConfigError
from .tool import Tool, tool

BUILT_IN = ("math", "search", "fetch")
GROUP = "pericles.tools"


def installed() -> dict[str, list[EntryPoint]]:
    """What installed packages offer, by name, without importing any of it."""
    found: dict[str, list[EntryPoint]] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        # A package that is on the path twice (an editable and a built copy) offers one thing.
        if point not in found.setdefault(point.name, []):
            found[point.name].append(point)
    return found


def tools_named(name: str) -> list[Tool]:
    """The tools behind a name: a built-in one, or what an installed package offers under it.

    Args:
        name: `"math"`, `"search"`, `"fetch"` or the name of an entry point.

    Raises:
        ConfigError: there is no such name, two packages offer it, or the package's tools cannot be loaded.
    """
    if name == "math":
        from .solver import math

        return [tool(exact=True)(math)]
    if name == "search":
        from .search import search

        return [tool(search)]
    if name == "fetch":
        from .web import fetch

        return [tool(fetch)]
    offered = installed()
    points = offered.get(name, [])
    if not points:
        raise ConfigError(_no_such_tool(name, list(offered)))
    if len(points) > 1:
        packages = " and ".join(_package(point) for point in points)
        raise ConfigError(f"the tool {name!r} is offered by {packages}: uninstall one, or import the one you mean.")
    return _loaded(points[0])


def load_tools(path: str | Path) -> list[Tool]:
    """Runs a Python file that the user named and returns the tools it defines, in order.

    Naming the file is consent to run it; never call this with a path that came from a model or the network.

    Raises:
        ConfigError: the file is missing, does not run, or defines no tool; says the line at fault.
    """
    module = run_file(path)
    found = tools_in(module)
    methods = [
        f"{owner.__name__}.{name}"
        for owner in vars(module).values()
        if isinstance(owner, type)
        for name, item in vars(owner).items()
        if isinstance(item, Tool)
    ]
    if not found and methods:
        owner, _, name = methods[0].partition(".")
        raise ConfigError(
            f"{path} has the method {methods[0]}, but no object: write {name} = {owner}(...).{name} in it."
        )
    if not found:
        raise ConfigError(f"{path} defines no tool: write @tool above a typed function with a docstring.")
    return found


def run_file(path: str | Path) -> types.ModuleType:
    """Runs a Python file as a module of its own.

    Raises:
        ConfigError: the file is missing or does not run; says the line at fault.
    """
    path = Path(path)
    if path.suffix != ".py" or not path.is_file():
        raise ConfigError(f"{path} is not a Python file: expected a file NAME.py that defines functions with @tool.")
    resolved = str(path.resolve())
    name = f"_pericles_tools_{hashlib.sha256(resolved.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"
    try:
        return module_from_file(path, name)
    except SyntaxError as error:
        file = path if error.filename in (None, str(path), resolved) else error.filename
        where = f"{file}, line {error.lineno}" if error.lineno else str(file)
        raise ConfigError(f"{where}: {error.msg}.") from error
    except ConfigError as error:
        raise ConfigError(f"{path}{_line_in(path, error)}: {error}") from error
    except (Exception, SystemExit) as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        raise ConfigError(f"{path}{_line_in(path, error)}: {what}") from error


def module_from_file(path: str | Path, name: str) -> types.ModuleType:
    """Runs a Python file as the module `name`. Whatever the file raises passes through."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path} cannot be loaded as Python.")
    module = importlib.util.module_from_spec(spec)
    # Type hints are resolved through sys.modules, so the module has to be known while it runs.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def tools_in(module: types.ModuleType) -> list[Tool]:
    """The tools among a module's names, each once, in order."""
    found = [value for value in vars(module).values() if isinstance(value, Tool)]
    return list({id(item): item for item in found}.values())


def _loaded(point: EntryPoint) -> list[Tool]:
    where = f"the tool {point.name!r} of the package {_package(point)}"
    try:
        value: Any = point.load()
        tools = _as_tools(value)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error
    except (Exception, SystemExit) as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        raise ConfigError(f"{where} cannot be loaded: {what}") from error
    if not tools:
        raise ConfigError(f"{where} ({point.value}) holds no tool.")
    return tools


def _as_tools(value: Any) -> list[Tool]:
    if isinstance(value, Tool):
        return [value]
    if isinstance(value, types.ModuleType):
        return tools_in(value)
    if callable(value) or isinstance(value, str | bytes) or not isinstance(value, Iterable):
        return [tool(cast("Any", value))]
    return [found for item in cast("Iterable[Any]", value) for found in _as_tools(item)]


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value


def _no_such_tool(name: str, offered: list[str]) -> str:
    known = [*BUILT_IN, *(item for item in offered if item not in BUILT_IN)]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    if len(known) == len(BUILT_IN):
        return f"there is no built-in tool {name!r}; there are: {', '.join(known)}.{hint}"
    others = ", ".join(known[len(BUILT_IN) :])
    return f"there is no tool {name!r}; built in are {', '.join(BUILT_IN)}, installed are {others}.{hint}"


def _line_in(path: Path, error: BaseException) -> str:
    """', line N' of the innermost frame that lies in the user's file."""
    import traceback

    files = (str(path), str(path.resolve()), str(path.absolute()))
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    return f", line {lines[-1]}" if lines else ""
