"""The one settings file, `pericles.toml`, and the environment variables that override it.

The file lies in the project (the current folder) or in the user's configuration folder; the project's values come
first. Each section is a pydantic model that its owner declares; an unknown key is an error that names the nearest
known one. `PERICLES_SECTION__KEY` in the environment overrides `key` of `[section]`; its value is read as TOML where
it is TOML (numbers, lists, booleans) and as text elsewhere.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import platformdirs
from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import ConfigError

FILE = "pericles.toml"
_PREFIX = "PERICLES_"


class Section(BaseModel):
    """Base of a section's model: frozen, and strict about keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


S = TypeVar("S", bound=Section)


def settings_files() -> list[Path]:
    """The files that are read, the most general first. `PERICLES_CONFIG` names one that is read instead of them."""
    named = os.environ.get("PERICLES_CONFIG")
    if named:
        return [Path(named).expanduser()]
    return [Path(platformdirs.user_config_dir("pericles", appauthor=False)) / FILE, Path.cwd() / FILE]


def load_section(name: str, model: type[S]) -> S:
    """One section of the settings.

    Args:
        name: the section's name.
        model: what it may hold.

    Returns:
        The section, with the model's defaults for what is not set anywhere.

    Raises:
        ConfigError: a file cannot be read, or a key or value is wrong; names the file or variable.
    """
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for file in settings_files():
        for key, value in _section_of(file, name).items():
            values[key], origin[key] = value, str(file)
    for variable, key, value in _from_environment(name):
        values[key], origin[key] = value, variable
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_told(error, name, model, origin)) from None


def _section_of(file: Path, name: str) -> dict[str, Any]:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        if os.environ.get("PERICLES_CONFIG"):
            raise ConfigError(f"there is no settings file {file} (named by PERICLES_CONFIG).") from None
        return {}
    except OSError as error:
        raise ConfigError(f"the settings file {file} cannot be read: {error.strerror}.") from None
    try:
        section: Any = tomllib.loads(content.decode()).get(name, {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"the settings file {file} is not TOML: {error}.") from None
    if not isinstance(section, dict):
        raise ConfigError(f"{file}: {name} must be a section [{name}], not a value.")
    return cast("dict[str, Any]", section)


def _from_environment(name: str) -> Iterator[tuple[str, str, Any]]:
    prefix = f"{_PREFIX}{name.upper()}__"
    for variable, text in sorted(os.environ.items()):
        if variable.startswith(prefix) and len(variable) > len(prefix):
            yield variable, variable.removeprefix(prefix).lower(), _as_toml(text)


def _as_toml(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _told(error: ValidationError, name: str, model: type[Section], origin: Mapping[str, str]) -> str:
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    where = f"{origin.get(place[0], 'the settings') if place else 'the settings'}: {'.'.join([name, *place])}"
    if first["type"] == "extra_forbidden":
        known = list(_model_at(model, place[:-1]).model_fields)
        near = difflib.get_close_matches(place[-1], known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}."
        return f"{where} is not a setting; {hint}"
    return f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}, got {first['input']!r}."


def _model_at(model: type[BaseModel], place: list[str]) -> type[BaseModel]:
    for part in place:
        field = model.model_fields.get(part)
        inner: Any = None if field is None else field.annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            break
        model = inner
    return model
