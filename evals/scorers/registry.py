"""The scorers by the name that a suite file writes."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Mapping
from typing import Any, cast

from pydantic import ValidationError

from ...tools import ConfigError
from .scorer import Scorer

# kind: (module, class). A scorer's module is imported when a suite first asks for it.
_SCORERS: dict[str, tuple[str, str]] = {
    "exact": ("texts", "Exact"),
    "contains": ("texts", "Contains"),
    "matches": ("texts", "Matches"),
    "nonempty": ("texts", "Nonempty"),
    "numeric": ("numbers", "Numeric"),
    "symbolic": ("symbolic", "Symbolic"),
    "calls": ("calls", "Calls"),
    "query": ("calls", "Query"),
    "cited": ("citations", "Cited"),
    "refusal": ("refusal", "Refusal"),
    "constraints": ("constraints", "Constraints"),
    "judge": ("judge", "Judged"),
    "toxicity": ("toxicity", "Toxicity"),
    "overlap": ("overlap", "Overlap"),
    "repetition": ("repetition", "Repetition"),
    "code": ("code", "Code"),
    "not": ("logic", "Not"),
    "any": ("logic", "AnyOf"),
}


def scorer_names() -> list[str]:
    """What a suite file may write under `scorer`."""
    return sorted(_SCORERS)


class Misfit(ConfigError):
    """A scorer's options are wrong.

    Args:
        key: the option at fault.
        problem: what is wrong with it.
    """

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}" if key else problem)
        self.key = key
        self.problem = problem


def make_scorer(options: str | Mapping[str, Any] | Callable[..., Any], expected: Any, *, given: bool) -> Scorer:
    """Makes a scorer of what a suite says.

    Args:
        options: a name, a mapping with `kind` and further options, or a function.
        expected: the item's `expected`.
        given: whether the item has one at all.

    Raises:
        Misfit: there is no such scorer, or an option is wrong.
    """
    if callable(options):
        from .function import Function

        return Function(function=cast("Callable[..., Any]", options), expected=expected)
    values: dict[str, Any] = {"kind": options} if isinstance(options, str) else dict(options)
    kind = values.get("kind")
    if kind not in _SCORERS:
        near = difflib.get_close_matches(str(kind), _SCORERS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(scorer_names())}."
        raise Misfit("kind" if isinstance(options, Mapping) else "", f"there is no scorer {kind!r}; {hint}")
    module, name = _SCORERS[str(kind)]
    model: type[Scorer] = getattr(importlib.import_module(f".{module}", __package__), name)
    if given and "expected" not in values and "expected" in model.model_fields:
        values["expected"] = expected
    elif given and "expected" not in model.model_fields:
        raise Misfit("", f"the scorer {kind!r} takes no expected.")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _misfit(error, model, str(kind)) from None


def _misfit(error: ValidationError, model: type[Scorer], kind: str) -> Misfit:
    # Of a union pydantic tells what is wrong with each of its forms: the deepest mistake is the most telling.
    first = max(error.errors(), key=lambda one: (one["type"] == "extra_forbidden", len(one["loc"])))
    key = str(first["loc"][0]) if first["loc"] else ""
    last = str(first["loc"][-1]) if first["loc"] else ""
    inside = len(first["loc"]) > 1
    if first["type"] == "extra_forbidden" and inside:
        return Misfit(key, f"{last!r} is not a key of {key} (scorer {kind!r}).")
    if first["type"] == "extra_forbidden":
        known = [field for field in model.model_fields if field != "kind"]
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it takes: {', '.join(known) or 'nothing'}."
        return Misfit(key, f"the scorer {kind!r} has no option {key!r}; {hint}")
    if first["type"] == "missing":
        return Misfit(key, f"the scorer {kind!r} needs {last!r}{f' in {key}' if inside else ''}.")
    reason = first["msg"].removeprefix("Value error, ")
    got = f"{first['input']!r:.120}"
    return Misfit(key, f"{reason[:1].lower()}{reason[1:].rstrip('.')} (scorer {kind!r}), got {got}.")
