"""Answers as typed values: `Agent(output_type=...)`."""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

from ..policies.engines.tolerant_json import read_json
from ..tools import ConfigError

_NAMED_PROBLEMS = 8
_MAX_STARTS = 20
_FENCE = re.compile(r"```[a-z]*\n?(.*?)\n?```", re.DOTALL)
_OPENING = re.compile(r"[{\[]")


class OutputReader:
    """Reads an answer as a value of a type.

    Args:
        output_type: whatever pydantic can validate: a model, a dataclass, `list[int]`, a union, …

    Raises:
        ConfigError: the type has no JSON form.
    """

    def __init__(self, output_type: Any) -> None:
        from pydantic import TypeAdapter
        from pydantic.errors import PydanticUserError

        try:
            self._adapter: TypeAdapter[Any] = TypeAdapter(output_type)
            self.schema: dict[str, Any] = self._adapter.json_schema()
        except (PydanticUserError, NameError) as error:
            what = " ".join(str(error).split())[:200]
            raise ConfigError(f"output_type {output_type!r} has no JSON form: {what}") from error

    @property
    def instructions(self) -> str:
        """What the policy is told of the form."""
        schema = json.dumps(self.schema, ensure_ascii=False)
        return f"Give your answer as one JSON value and nothing else. It must fit this schema: {schema}"

    def read(self, text: str) -> Any:
        """The value that an answer holds.

        Raises:
            ValueError: it holds none; the message tells the policy every violation.
        """
        from pydantic import ValidationError

        first: ValidationError | None = None
        for value, is_raw in _candidates(text):
            try:
                return self._adapter.validate_json(json.dumps(value), strict=is_raw or None)
            except ValidationError as error:
                first = first or error
        assert first is not None
        problems = [
            f"{'.'.join(str(part) for part in problem['loc']) or 'the value'}: {problem['msg']}"
            for problem in first.errors(include_url=False)
        ]
        raise ValueError("; ".join(problems[:_NAMED_PROBLEMS]))


def output_reader(output_type: Any) -> OutputReader:
    """The reader for a type, made once where the type can be remembered."""
    try:
        return _known_reader(output_type)
    except TypeError:  # it has no hash
        return OutputReader(output_type)


@functools.lru_cache(maxsize=32)
def _known_reader(output_type: Any) -> OutputReader:
    return OutputReader(output_type)


def _candidates(text: str) -> Iterator[tuple[Any, bool]]:
    """JSON values as models write them: bare, fenced, with words around them, with small mistakes.

    The last is the text itself, which counts for a type that takes texts.
    """
    text = text.strip()
    fenced = _FENCE.fullmatch(text)
    bare = fenced[1].strip() if fenced else text
    with contextlib.suppress(ValueError, RecursionError):
        yield json.loads(bare), False
    for start in itertools.islice((mark.start() for mark in _OPENING.finditer(bare)), _MAX_STARTS):
        with contextlib.suppress(ValueError):
            yield read_json(bare[start:].removesuffix("```")), False
    yield bare, True
