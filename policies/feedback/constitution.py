"""A constitution: the principles by which a policy criticises its own replies and a judge compares those of others.

Bai et al., "Constitutional AI: Harmlessness from AI Feedback" (2022). A principle says three things: by what two
replies are compared, and what a policy is asked when it criticises and rewrites its own.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import math
import random
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from ...tools import ConfigError
from .json_lines import check_keys, shown

SCOPES = ("harmlessness", "helpfulness", "honesty", "tool use", "style")
DEFAULT = "default"
VERSION = 1
MAX_BYTES = 1_000_000
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TEXTS = ("text", "critique", "revision")


@dataclass(frozen=True, slots=True)
class PrincipleExample:
    """Two replies of which a principle prefers one.

    Args:
        prompt: what the user asked.
        better: the reply that the principle prefers.
        worse: the other.
    """

    prompt: str
    better: str
    worse: str


@dataclass(frozen=True, slots=True)
class Principle:
    """See the module.

    Args:
        id: names it in records and reports.
        scope: what it is about, one of `SCOPES`.
        text: the question by which a judge compares two replies.
        critique: what a policy is asked about its reply.
        revision: what it is asked to do about it.
        weight: how often it is drawn, relative to the others.
        examples: of its use.
    """

    id: str
    scope: str
    text: str
    critique: str
    revision: str
    weight: float = 1.0
    examples: tuple[PrincipleExample, ...] = ()


@dataclass(frozen=True, slots=True)
class Constitution:
    """Principles, in the order in which they are shown.

    Args:
        principles: at least one.
        name: the file's name, or that of one that ships.
    """

    principles: tuple[Principle, ...]
    name: str = ""

    @property
    def sha256(self) -> str:
        """Of what it says: comments, order of keys and the file's name do not count. 64 hexadecimal digits."""
        said = [dataclasses.asdict(principle) for principle in self.principles]
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def within(self, scopes: Collection[str]) -> Constitution:
        """The principles of some scopes.

        Raises:
            ConfigError: a scope is not known, or none is left.
        """
        for scope in scopes:
            if scope not in SCOPES:
                raise ConfigError(
                    f"there is no scope {scope!r}{_nearest(scope, SCOPES)}; there are: {', '.join(SCOPES)}."
                )
        kept = tuple(principle for principle in self.principles if principle.scope in scopes)
        if not kept:
            raise ConfigError(f"no principle of {self.name or 'the constitution'} is of scope {', '.join(scopes)}.")
        return dataclasses.replace(self, principles=kept)

    def draw(self, source: random.Random, number: int = 1) -> list[Principle]:
        """Different principles, likelier the more they weigh; all of them, in an order so drawn, where too few."""
        left = list(self.principles)
        drawn: list[Principle] = []
        while left and len(drawn) < number:
            (one,) = source.choices(left, [principle.weight for principle in left])
            drawn.append(one)
            left.remove(one)
        return drawn


def load_constitution(ref: str | Path = DEFAULT) -> Constitution:
    """Reads a constitution.

    Args:
        ref: a YAML file, or the name of one that ships.

    Raises:
        ConfigError: there is none, or it is wrong; names the principle and the key.
    """
    import yaml

    path = Path(ref).expanduser()
    if not path.is_file():
        shipped = {
            file.name.removesuffix(".yaml"): file
            for file in resources.files("pericles.recipes").joinpath("constitutions").iterdir()
            if file.name.endswith(".yaml")
        }
        if str(ref) not in shipped:
            known = ", ".join(sorted(shipped))
            hint = _nearest(str(ref), list(shipped))
            raise ConfigError(f"there is no constitution {str(ref)!r}{hint}: give a YAML file, or one of: {known}.")
        text = shipped[str(ref)].read_text(encoding="utf-8")
    else:
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ConfigError(f"{path} is larger than {MAX_BYTES:,} bytes; is it a constitution?")
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path} is not UTF-8 text: {error}.") from error
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError(f"{ref} is not YAML: {' '.join(str(error).split())}") from error
    try:
        return parse_constitution(value, name=path.name if path.is_file() else str(ref))
    except ConfigError as error:
        raise ConfigError(f"{ref}: {error}") from None


def parse_constitution(value: Any, *, name: str = "") -> Constitution:
    """Checks what a file holds.

    Raises:
        ConfigError: it is wrong; names up to ten principles.
    """
    if not isinstance(value, dict):
        raise ConfigError(f"a constitution is a mapping with the keys version and principles, got {shown(value)}.")
    check_keys(value, ("version", "principles"), ("version", "principles"), what="a constitution")
    if value["version"] != VERSION:
        raise ConfigError(f"version must be {VERSION}, got {shown(value['version'])}.")
    listed = value["principles"]
    if not isinstance(listed, list) or not listed:
        raise ConfigError(f"principles must be a list of at least one, got {shown(listed)}.")
    found: list[Principle] = []
    told: list[str] = []
    for number, one in enumerate(listed, 1):
        try:
            found.append(_principle(one))
            if [principle.id for principle in found].count(found[-1].id) > 1:
                raise ConfigError(f"the id {found[-1].id!r} is taken by another principle.")
        except ConfigError as error:
            told.append(f"principle {number}: {str(error).rstrip('.')}")
    if told:
        more = f"; and {len(told) - 10} more" if len(told) > 10 else ""
        raise ConfigError(f"{'; '.join(told[:10])}{more}.")
    return Constitution(tuple(found), name)


def _principle(value: Any) -> Principle:
    if not isinstance(value, dict):
        raise ConfigError(f"a principle is a mapping, got {shown(value)}.")
    known = [field.name for field in dataclasses.fields(Principle)]
    check_keys(value, known, ("id", "scope", *_TEXTS), what="a principle")
    id, scope, weight = value["id"], value["scope"], value.get("weight", 1)
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise ConfigError(f"id must be lower-case words with hyphens between them, got {shown(id)}.")
    if scope not in SCOPES:
        raise ConfigError(f"scope must be one of {', '.join(SCOPES)}, got {shown(scope)}{_nearest(scope, SCOPES)}.")
    for key in _TEXTS:
        if not isinstance(value[key], str) or not value[key].strip():
            raise ConfigError(f"{key} must be text, got {shown(value[key])}.")
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < math.inf:
        raise ConfigError(f"weight must be a number above 0, got {shown(weight)}.")
    texts = {key: value[key].strip() for key in _TEXTS}
    return Principle(id, scope, **texts, weight=float(weight), examples=_examples(value.get("examples", [])))


def _examples(listed: Any) -> tuple[PrincipleExample, ...]:
    if not isinstance(listed, list):
        raise ConfigError(f"examples must be a list, got {shown(listed)}.")
    keys = [field.name for field in dataclasses.fields(PrincipleExample)]
    for one in listed:
        if not isinstance(one, dict):
            raise ConfigError(f"an example is a mapping with {', '.join(keys)}, got {shown(one)}.")
        check_keys(one, keys, keys, what="an example")
        for key in keys:
            if not isinstance(one[key], str) or not one[key].strip():
                raise ConfigError(f"an example's {key} must be text, got {shown(one[key])}.")
    return tuple(PrincipleExample(**{key: one[key].strip() for key in keys}) for one in listed)


def _nearest(value: Any, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(str(value), known, n=1, cutoff=0.5)
    return f" (did you mean {near[0]!r}?)" if near else ""
