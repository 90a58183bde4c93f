"""Says what is wrong in a recipe, and which known key is nearest to an unknown one."""

from __future__ import annotations

import difflib
import typing
from typing import Any, Literal

from pydantic import BaseModel


def explain(model: type[BaseModel], problem: Any) -> str:
    """One of pydantic's problems in words.

    Args:
        model: what was read.
        problem: an item of `ValidationError.errors()`.
    """
    location = problem["loc"]
    place = ".".join(str(part) for part in location if not _is_tag(part))
    if problem["type"] == "extra_forbidden":
        known = sorted({key for section in _sections(model, location[:-1]) for key in section.model_fields})
        nearest = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.0)
        return f"unknown key {place!r}; did you mean {nearest[0]!r}? Known: {', '.join(known)}"
    if problem["type"] in ("union_tag_invalid", "literal_error"):
        given = problem["input"]
        wanted = str(problem["ctx"].get("expected_tags") or problem["ctx"].get("expected"))
        if isinstance(given, dict):
            given = given.get(str(problem["ctx"].get("discriminator", "")).strip("'"))
        names = [name.strip(" '") for name in wanted.replace(" or ", ", ").split(",")]
        nearest = difflib.get_close_matches(str(given), names, n=1, cutoff=0.3)
        hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
        return f"{place}: there is no {given!r}{hint} There are: {', '.join(names)}".replace("? There", "? There", 1)
    if problem["type"] == "union_tag_not_found":
        return f"{place}: the key {problem['ctx']['discriminator']} is missing"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] in ("missing", "value_error"):
        return f"{place}: {message}" if place else message
    return f"{place}: {message} (got {problem['input']!r})"


_TAGS = ("stage", "rounds")


def _is_tag(part: Any) -> bool:
    return part == "stage"


def _sections(model: type[BaseModel], location: tuple[Any, ...]) -> list[type[BaseModel]]:
    """The sections that may stand at a place: its parts are keys, numbers, and tags of unions."""
    here = [model]
    for part in location:
        if isinstance(part, int):
            continue
        fields = [section.model_fields[part].annotation for section in here if part in section.model_fields]
        if fields and not (part in _TAGS and len(here) > 1):
            here = [section for annotation in fields for section in _models(annotation)]
        else:
            here = [section for section in here if part in _tags(section)] or here
    return here


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in typing.get_args(annotation) for model in _models(inner)]


def _tags(section: type[BaseModel]) -> set[str]:
    """What a union may call a section: the values of its `kind` or `source`, and whether it is rounds of stages."""
    tags = {"rounds"} if "rounds" in section.model_fields else {"stage"}
    for key in ("kind", "source"):
        field = section.model_fields.get(key)
        if field is not None and typing.get_origin(field.annotation) is Literal:
            tags |= set(typing.get_args(field.annotation))
    return tags
