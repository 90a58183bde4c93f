"""The suites by name: those that ship, public sets, and files."""

from __future__ import annotations

import difflib
import functools
from importlib import resources
from pathlib import Path

from ..tools import ConfigError
from .samples import Form, Suite
from .suite_files import read_suite, suite_from_text

GROUPS = {
    "general": "what any assistant should do, which other training may cost",
    "tools": "when and how tools are called",
    "safety": "what is declined, what is not, and what others wrote",
    "honesty": "what is known, not known, or wrong",
    "bias": "people and groups treated alike",
}


@functools.cache
def shipped_names() -> tuple[str, ...]:
    """The suites that ship."""
    files = resources.files("pericles.evals").joinpath("suites").iterdir()
    return tuple(sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml")))


def shipped(name: str) -> Suite:
    """A suite that ships."""
    file = resources.files("pericles.evals").joinpath("suites", f"{name}.yaml")
    return suite_from_text(file.read_text(encoding="utf-8"), f"{name}.yaml", default_name=name)


def find_suites(ref: str, *, form: Form | None = None) -> list[Suite]:
    """The suites that a reference names.

    Args:
        ref: a suite that ships; a group of them (`general`, `tools`, `safety`, `honesty`, `bias`, `all`); a public set,
            from the hub (`gsm8k`) or from files (`gsm8k:PATH`); a file `.yaml`, `.json`, `.jsonl`; a Python file with
            `@suite` functions, which is run (`FILE.py`, or `FILE.py:NAME` for one of them).
        form: in which form a public set is asked; its own default otherwise.

    Raises:
        ConfigError: there is no such suite, or its file is wrong.
    """
    if ref in shipped_names():
        return [shipped(ref)]
    if ref == "all" or ref in GROUPS:
        suites = [shipped(name) for name in shipped_names()]
        return [suite for suite in suites if ref == "all" or ref in suite.tags]
    from .adapters import ADAPTERS, load_public

    name, colon, rest = ref.partition(":")
    if name in ADAPTERS:
        return [load_public(name, Path(rest).expanduser() if colon else None, form=form)]
    file, _, wanted = ref.partition(":") if ".py:" in ref else (ref, "", "")
    path = Path(file).expanduser()
    if path.suffix == ".py":
        from .python_suites import suites_in_file

        return suites_in_file(path, wanted or None)
    if path.suffix in (".yaml", ".yml", ".json", ".jsonl"):
        return [read_suite(path)]
    known = [*shipped_names(), *GROUPS, "all", *ADAPTERS]
    near = difflib.get_close_matches(ref, known, n=1)
    hint = (
        f"did you mean {near[0]!r}?"
        if near
        else "`pericles eval list` shows them; a file ends in .yaml, .jsonl or .py."
    )
    raise ConfigError(f"there is no suite {ref!r}; {hint}")
