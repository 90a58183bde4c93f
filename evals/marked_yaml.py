"""YAML and JSON lines with the line that every value stands on, so that a mistake can be shown where it is."""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from ..tools import ConfigError

Place = tuple[Hashable, ...]
# Aliases let a short file stand for a huge value.
MAX_NODES = 400_000


@dataclass(frozen=True, slots=True)
class Marked:
    """A value as JSON knows it, and where each part of it stands.

    Args:
        value: dicts, lists, texts, numbers, booleans and `None`.
        lines: line number (from 1) by path, such as `("items", 3, "prompt")`.
    """

    value: Any
    lines: dict[Place, int] = field(default_factory=dict[Place, int])

    def line(self, place: Place) -> int:
        """The line of a part, or of the smallest part around it that is known."""
        for end in range(len(place), -1, -1):
            if place[:end] in self.lines:
                return self.lines[place[:end]]
        return 1


def read_yaml(text: str, name: str) -> Marked:
    """Reads one YAML document.

    Args:
        text: the file's text.
        name: how messages call the file.

    Raises:
        ConfigError: it is not YAML, or a key is there twice; says the line.
    """
    import yaml

    loader = yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
    try:
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark is not None else ""
        raise ConfigError(f"{name}{where}: not YAML: {error.problem or error.context}.") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: not YAML: {' '.join(str(error).split())}") from None
    return _Builder(name).built(node)


class _Builder:
    def __init__(self, name: str) -> None:
        import yaml

        self._name = name
        self._constructor = yaml.constructor.SafeConstructor()
        self._lines: dict[Place, int] = {}
        self._nodes = 0

    def built(self, node: Any) -> Marked:
        value = None if node is None else self._value(node, ())
        return Marked(value, self._lines)

    def _value(self, node: Any, place: Place) -> Any:
        import yaml

        line = node.start_mark.line + 1
        self._lines[place] = line
        self._nodes += 1
        if self._nodes > MAX_NODES or len(place) > 100:
            raise ConfigError(f"{self._name}, line {line}: too many values (aliases that repeat themselves?).")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*place, index)) for index, item in enumerate(node.value)]
        try:
            value = self._constructor.construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            raise ConfigError(f"{self._name}, line {line}: {' '.join(str(error).split())[:200]}") from None
        # A date is a text that YAML takes for more.
        return value if isinstance(value, str | bool | int | float | None) else str(node.value)

    def _mapping(self, node: Any, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value
            if not isinstance(key, str):
                raise ConfigError(f"{self._name}, line {line}: a key must be a text.")
            if key in found:
                raise ConfigError(f"{self._name}, line {line}: the key {key!r} is there twice.")
            found[key] = self._value(value_node, (*place, key))
            self._lines[(*place, key)] = line
        return found


def read_json_lines(text: str, name: str) -> tuple[list[Marked], list[str]]:
    """Reads JSON lines; empty ones are passed over.

    Returns:
        The values, each with its line, and the lines that cannot be read, with the reason.
    """
    found: list[Marked] = []
    broken: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            broken.append(f"{name}, line {number}: not JSON: {getattr(error, 'msg', error)}.")
            continue
        found.append(Marked(value, {(): number}))
    return found, broken
