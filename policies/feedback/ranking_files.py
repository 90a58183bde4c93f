"""Files of rankings: one record a line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ...tools import ConfigError
from .json_lines import parse_json, read_json_lines, write_whole
from .ranking import Ranking


def read_rankings(path: str | Path) -> list[Ranking]:
    """The rankings of a file, all of them or none.

    Args:
        path: JSON lines, UTF-8, gzipped or not.

    Raises:
        ConfigError: the file cannot be read, or records are wrong; names up to ten lines and says how many more.
    """
    return read_json_lines(path, lambda _, value: Ranking.from_dict(value), id_of=lambda ranking: ranking.id)


def write_rankings(path: str | Path, rankings: Iterable[Ranking]) -> None:
    """Writes a file of rankings, all of them or none: a file that is there stays as it is until the new one is whole.

    What is written reads back equal. The file is readable by its owner alone, as conversations are private.

    Raises:
        ConfigError: there are no rankings, two have one id, one holds what JSON cannot, or the file cannot be written.
    """
    lines: dict[str, str] = {}
    for ranking in rankings:
        if ranking.id in lines:
            raise ConfigError(f"two rankings have the id {ranking.id!r}; nothing was written.")
        lines[ranking.id] = _line(ranking)
    if not lines:
        raise ConfigError(f"there are no rankings to write to {str(path)!r}.")
    write_whole(Path(path).expanduser(), lines.values())


def _line(ranking: Ranking) -> str:
    try:
        line = json.dumps(ranking.to_dict(), ensure_ascii=False, allow_nan=False)
        line.encode()
        if Ranking.from_dict(parse_json(line)) == ranking:
            return line
        reason = "it does not read back as it was; are there tuples or keys that are not text in it?"
    except (TypeError, ValueError, RecursionError, ConfigError) as error:
        reason = f"{error}"
    raise ConfigError(f"the ranking {ranking.id!r} cannot be written: {reason}")
