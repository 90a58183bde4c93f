"""What a server is, which models it has, and how much they read."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Any, cast

from ....tools import ConfigError, PolicyError
from .connection import Connection, UnreachableError
from .dialects import DIALECTS, OLLAMA, UNKNOWN, Dialect, recognised
from .failures import RefusedError, told

MAX_NAMED = 8
_NUM_CTX = re.compile(r"^num_ctx\s+(\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """What a policy has to know of its server."""

    model: str
    dialect: Dialect
    context_window: int


async def discover(connection: Connection, model: str, dialect: str | None, context_window: int | None) -> Found:
    """Asks a server what it is.

    Args:
        connection: to the server.
        model: the name that the reference gives; empty takes the only one there is.
        dialect: a row's name, where it is not to be recognised.
        context_window: tokens, where it is not to be asked for.

    Raises:
        ConfigError: the address or the key is wrong, or there is no such model.
        PolicyError: the server does not answer.
    """
    try:
        value, headers = await connection.json("GET", f"{connection.place.base}/models")
        entries, server = _entries(value), headers.get("server", "")
    except UnreachableError as error:
        raise ConfigError(f"{str(error).removesuffix('.')}; is the server running?") from None
    except RefusedError as refused:
        if refused.refusal.status not in (404, 405, 501):
            raise told(refused.refusal, connection.place, UNKNOWN, connection.secrets) from None
        entries, server = [], ""
    owners = frozenset(str(entry.get("owned_by")) for entry in entries)
    row = DIALECTS[dialect] if dialect else recognised(connection.place.host, owners, server)
    if row is UNKNOWN and not dialect and await _is_ollama(connection, entries):
        row = OLLAMA
    connection.dialect = row
    chosen = _choose(connection, entries, model, row)
    window = context_window or await _window(connection, entries, chosen, row) or row.assumed_window
    return Found(chosen, row, window)


async def no_such_model(connection: Connection, model: str) -> ConfigError:
    """The error for a model that the server does not know, with the names of those that it has."""
    value = await _asked(connection, "GET", f"{connection.place.base}/models")
    return _unknown_model(connection, model, _names(_entries(value)))


def _entries(value: Any) -> list[dict[str, Any]]:
    data = cast("dict[str, Any]", value).get("data") if isinstance(value, dict) else None
    return [entry for entry in _list(data) if isinstance(entry, dict) and isinstance(entry.get("id"), str | int)]


def _names(entries: list[dict[str, Any]]) -> list[str]:
    return [str(entry["id"]) for entry in entries]


def _choose(connection: Connection, entries: list[dict[str, Any]], model: str, row: Dialect) -> str:
    names = _names(entries)
    if not model:
        if len(names) == 1:
            return names[0]
        what = f"has {len(names)} models, {_listed(connection, names)}" if names else "tells of no models"
        raise ConfigError(f"{connection.place.name} {what}: name one behind #, as in {connection.place.base}#MODEL.")
    aliases = {str(alias) for entry in entries for alias in _list(entry.get("aliases"))}
    if not names or model in names or model in aliases or (row.any_model and len(names) == 1):
        return model
    if f"{model}:latest" in names:
        return f"{model}:latest"
    raise _unknown_model(connection, model, names)


def _unknown_model(connection: Connection, model: str, names: list[str]) -> ConfigError:
    nearest = difflib.get_close_matches(model, names, n=len(names) or 1, cutoff=0.0)
    there = f"; there are: {_listed(connection, nearest)}" if names else ""
    return ConfigError(f"{connection.place.name} has no model {model!r}{there}.")


def _listed(connection: Connection, names: list[str]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return connection.secrets.told(", ".join(name[:100] for name in names[:MAX_NAMED])) + more


async def _is_ollama(connection: Connection, entries: list[dict[str, Any]]) -> bool:
    """Ollama names the owner of a model by its namespace, so a server of one's own models shows no `library`."""
    if not entries or not all(":" in name for name in _names(entries)):
        return False
    version = await _asked(connection, "GET", f"{connection.place.root}/api/version")
    return isinstance(version, dict) and isinstance(cast("dict[str, Any]", version).get("version"), str)


async def _window(connection: Connection, entries: list[dict[str, Any]], model: str, row: Dialect) -> int | None:
    mine = [entry for entry in entries if entry["id"] == model] or entries
    if row.window == "max_model_len":
        # An adapter's entry tells its base's name in place of its length.
        parents = {entry.get("parent") for entry in mine}
        mine = [*mine, *(entry for entry in entries if entry["id"] in parents)]
        return next((size for entry in mine if (size := _size(entry.get("max_model_len")))), None)
    if row.window == "n_ctx":
        told_ = next((size for entry in mine if (size := _size(_at(entry, "meta", "n_ctx")))), None)
        if told_:
            return told_
        props = await _asked(connection, "GET", f"{connection.place.root}/props")
        return _size(_at(props, "default_generation_settings", "n_ctx"))
    return await _ollama_window(connection, model) if row.window == "ollama" else None


async def _ollama_window(connection: Connection, model: str) -> int | None:
    """What the loaded model runs with, else what its Modelfile says; what it was trained for is only an upper bound."""
    root = connection.place.root
    running = _at(await _asked(connection, "GET", f"{root}/api/ps"), "models")
    for entry in _list(running):
        if model in (_at(entry, "name"), _at(entry, "model")) and (size := _size(_at(entry, "context_length"))):
            return size
    shown = await _asked(connection, "POST", f"{root}/api/show", {"model": model})
    set_to = _NUM_CTX.search(str(_at(shown, "parameters") or ""))
    trained = _size(_at(shown, "model_info", f"{_at(shown, 'model_info', 'general.architecture')}.context_length"))
    window = int(set_to[1][:9]) if set_to else OLLAMA.assumed_window
    return min(window, trained) if trained else window


async def _asked(connection: Connection, method: str, url: str, body: Any = None) -> Any:
    """What an endpoint answers that not every server has; `None` where it has not."""
    try:
        return (await connection.json(method, url, body))[0]
    except (RefusedError, ConfigError, PolicyError):
        return None


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else None
    return value


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _size(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
