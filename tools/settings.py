"""The one settings file, `pericles.toml`, and the environment variables that override it.

The file lies in the project (the current folder) or in the user's configuration folder; the project's values come
first. Each section is a pydantic model that its owner declares; an unknown key is an error that names the nearest
known one. `PERICLES_SECTION__KEY` in the environment overrides `key` of `[section]` (a further `__` goes one table
deeper); its value is read as TOML where it is TOML (numbers, lists, booleans) and as text elsewhere.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin

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
    origin: dict[tuple[str, ...], str] = {}
    for file in settings_files():
        _merge(values, _section_of(file, name), str(file), origin, ())
    for variable, path, value in _from_environment(name):
        for key in reversed(path):
            value = {key: value}
        _merge(values, value, variable, origin, ())
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_told(error, name, model, origin)) from None


def _merge(
    into: dict[str, Any], values: Mapping[str, Any], where: str, origin: dict[tuple[str, ...], str], at: tuple[str, ...]
) -> None:
    for key, value in values.items():
        origin[(*at, key)] = where
        inner = into.get(key)
        if isinstance(value, dict) and isinstance(inner, dict):
            _merge(cast("dict[str, Any]", inner), cast("dict[str, Any]", value), where, origin, (*at, key))
        else:
            into[key] = {} if isinstance(value, dict) else value
            if isinstance(value, dict):
                _merge(into[key], cast("dict[str, Any]", value), where, origin, (*at, key))


def _section_of(file: Path, name: str) -> dict[str, Any]:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        if os.environ.get("PERICLES_CONFIG"):
            raise ConfigError(f"there is no settings file {file} (named by PERICLES_CONFIG).") from None
        return {}
    except OSError as error:
        if not _is_there(file):
            return {}
        raise ConfigError(f"the settings file {file} cannot be read: {error.strerror}.") from None
    try:
        section: Any = tomllib.loads(content.decode()).get(name, {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"the settings file {file} is not TOML: {error}.") from None
    if not isinstance(section, dict):
        raise ConfigError(f"{file}: {name} must be a section [{name}], not a value.")
    return cast("dict[str, Any]", section)


def _is_there(file: Path) -> bool:
    """Whether a file exists as far as may be known: of a folder that may not be entered, nothing is."""
    try:
        file.stat()
    except OSError:
        return False
    return True


def _from_environment(name: str) -> Iterator[tuple[str, list[str], Any]]:
    prefix = f"{_PREFIX}{name.upper()}__"
    for variable, text in sorted(os.environ.items()):
        path = variable.removeprefix(prefix).lower().split("__")
        if variable.startswith(prefix) and all(path):
            yield variable, path, _as_toml(text)


def _as_toml(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _told(error: ValidationError, name: str, model: type[Section], origin: Mapping[tuple[str, ...], str]) -> str:
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    where = next((origin[key] for end in range(len(place), 0, -1) if (key := tuple(place[:end])) in origin), "")
    where = f"{where or 'the settings'}: {'.'.join([name, *place])}"
    if first["type"] == "extra_forbidden":
        known = _known_keys(model, place[:-1])
        near = difflib.get_close_matches(place[-1], known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}."
        return f"{where} is not a setting; {hint}"
    reason = f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}"
    secret = any("key" in part or "token" in part or "password" in part for part in place)
    return f"{reason}." if secret or first["type"] == "missing" else f"{reason}, got {first['input']!r}."


def _known_keys(model: Any, place: list[str]) -> list[str]:
    """The keys of the model, or of the model inside it that a place leads to; a `dict` of models takes any key."""
    inner: Any = model
    for part in place:
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            field = inner.model_fields.get(part)
            inner = None if field is None else field.annotation
        elif get_origin(inner) is dict:
            inner = get_args(inner)[1]
    return list(inner.model_fields) if isinstance(inner, type) and issubclass(inner, BaseModel) else []
