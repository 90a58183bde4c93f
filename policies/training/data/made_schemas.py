"""Tools made by combination: a domain's own and, for its things with a number, those that all domains share.

What a tool does stays; its name, the names, descriptions and order of its arguments and the form of its schema
are drawn anew each time, so that a schema has to be read and cannot be remembered.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from .entities import word
from .made_values import Kind, kind_of
from .phrasing import Split, capitalised, share, table

# Of one domain, these could stand for a tool that the domain brings itself.
_ALIKE = ("make", "count", "find", "extend", "price", "assign", "share", "move", "send", "set_priority", "set_location")

# Of one thing, the one of these could stand for the other.
_CLOSE = (
    {"cancel", "archive", "approve"},
    {"share", "send", "export", "assign"},
    {"move", "extend", "set_location"},
    {"make", "duplicate"},
    {"find", "count"},
    {"get_status", "history", "price"},
    {"add_note", "tag", "rename"},
)


@dataclass(frozen=True)
class Spec:
    """What a tool does, and how people ask for it.

    Args:
        domain: where it belongs.
        noun: the thing whose number it takes, or that it finds, counts or makes; empty for a domain's own tools.
        act: which of the shared tools it is, `own` for a domain's own.
        data: the entry of the table, with the noun put in.
    """

    domain: str
    noun: str
    act: str
    data: dict[str, Any] = field(compare=False, hash=False)

    @property
    def numbered(self) -> bool:
        """Whether it acts on a thing with a number."""
        return "id" in self.data["a"]


@dataclass(frozen=True)
class Argument:
    """One argument as a schema shows it."""

    key: str
    name: str
    kind: Kind
    optional: bool
    options: dict[str, Any]


@dataclass(frozen=True)
class Tool:
    """A tool as it is offered."""

    spec: Spec
    name: str
    arguments: tuple[Argument, ...]
    schema: dict[str, Any]


def domains(split: Split) -> list[str]:
    """The domains of a split."""
    return share(list(_tables()), split)


@cache
def specs(domain: str) -> tuple[Spec, ...]:
    """All tools of a domain."""
    entry = _tables()[domain]
    shared = table("made_wordings")
    found = [Spec(domain, "", f"own {index}", tool) for index, tool in enumerate(entry.get("tools", ()))]
    for noun in entry.get("nouns", ()):
        for act in shared["actions"]:
            numbered = {**act, "a": {"id": ["code", f"number of the {noun}", {}], **act.get("a", {})}}
            name = "_".join(act["n"][0].replace("{noun}", "").split())
            found.append(Spec(domain, noun, name, _with_noun(numbered, noun)))
        for act in ("finder", "lister", "maker"):
            found.append(Spec(domain, noun, {"finder": "find", "lister": "count", "maker": "make"}[act],
                              _with_noun(shared[act], noun)))  # fmt: skip
    return tuple(found)


def alike(one: Spec, other: Spec) -> bool:
    """Whether a request for the one might as well mean the other."""
    if one.domain != other.domain or one == other:
        return one == other
    return any(not own.noun and thing.noun and thing.act in _ALIKE for own, thing in ((one, other), (other, one)))


def close(one: Spec, other: Spec) -> bool:
    """Whether the one could pass for the other where that one is not offered: both act on one thing alike."""
    return one == other or any({one.act, other.act} <= acts for acts in _CLOSE)


def make(spec: Spec, rng: random.Random, split: Split, taken: Sequence[str] = ()) -> Tool:
    """A tool with names and descriptions of its own; its name is none of those that are taken."""
    while True:
        name, style = _name(spec, rng)
        if name not in (*taken, "math", "search"):
            break
    arguments: list[Argument] = []
    for key, entry in spec.data["a"].items():
        kind_name, options = entry[0], entry[2] if len(entry) > 2 else {}
        names, optional = key.rstrip("?").split("/"), key.endswith("?")
        shown = rng.choice([*names, names[0]])
        if style == "camel" and rng.random() < 0.7:
            shown = _camel(shown.split("_"))
        if names[0] == "id":
            shown = rng.choice(("id", "number", f"{spec.noun.split()[-1].lower()}_id", "reference", "id"))
        arguments.append(Argument(names[0], shown, kind_of(kind_name, options, rng, split), optional, options))
    if rng.random() < 0.3:
        rng.shuffle(arguments)
    return Tool(spec, name, tuple(arguments), _schema(spec, name, arguments, rng))


@cache
def _tables() -> dict[str, Any]:
    return {**table("made_domains"), **table("made_domains_more")}


def plural(noun: str) -> str:
    return re.sub(r"(?<=[^aeiou])y$", "ie", noun) + "s"


def _with_noun(entry: Any, noun: str) -> Any:
    if isinstance(entry, dict):
        return {key: _with_noun(value, noun) for key, value in entry.items()}
    if isinstance(entry, list):
        return [_with_noun(value, noun) for value in entry]
    if not isinstance(entry, str):
        return entry
    if noun[0] in "aeiou":
        entry = re.sub(r"\b([aA]) \{noun\}", r"\1n {noun}", entry)
    entry = entry.replace("{noun}s", plural(noun)).replace("{noun}", noun)
    return entry.replace("{Noun}", capitalised(noun))


def _camel(words: Sequence[str]) -> str:
    return words[0] + "".join(capitalised(item) for item in words[1:])


def _name(spec: Spec, rng: random.Random) -> tuple[str, str]:
    words = rng.choice(spec.data["n"]).lower().split()
    style = rng.choices(("snake", "camel", "pascal", "dashed", "joined", "domain", "short", "opaque"),
                        (44, 20, 4, 5, 4, 12, 6, 5))[0]  # fmt: skip
    if style == "camel":
        return _camel(words), style
    made = {
        "pascal": "".join(map(capitalised, words)),
        "dashed": "-".join(words),
        "joined": "".join(words),
        "domain": f"{spec.domain}_{'_'.join(words)}",
        "short": rng.choice(words),
        "opaque": rng.choice(("fn", "tool", "f", "action", "x"))
        + "_"
        + rng.choice((word(rng), str(rng.randint(2, 99)))),
    }.get(style, "_".join(words))
    return made, style


def _schema(spec: Spec, name: str, arguments: Sequence[Argument], rng: random.Random) -> dict[str, Any]:
    """The OpenAI form: as `@tool` makes it, or as other people write it."""
    ours = rng.random() < 0.55
    defs: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for argument in arguments:
        described = _description(spec, argument, rng)
        properties[argument.name] = _property(argument, described, rng, defs if ours else None)
    if ours:
        properties = {key: dict(sorted(value.items())) for key, value in properties.items()}
    parameters: dict[str, Any] = {"properties": properties, "type": "object"}
    required = [argument.name for argument in arguments if not argument.optional]
    if required:
        parameters["required"] = required
    if ours:
        parameters["additionalProperties"] = False
    if defs:
        parameters["$defs"] = defs
    return {
        "type": "function",
        "function": {"name": name, "description": rng.choice(spec.data["d"]), "parameters": parameters},
    }


def _description(spec: Spec, argument: Argument, rng: random.Random) -> str:
    entry = next(value for key, value in spec.data["a"].items() if key.rstrip("?").split("/")[0] == argument.key)
    text, fixed = entry[1], argument.kind.fixed
    if not fixed and rng.random() < 0.15:
        return ""
    if fixed:
        text = fixed if rng.random() < 0.1 else rng.choice((f"{text}, {fixed}", f"{text} ({fixed})"))
    if rng.random() < 0.4:
        text = capitalised(text)
    return text + "." if rng.random() < 0.4 else text


def _property(argument: Argument, described: str, rng: random.Random, defs: dict[str, Any] | None) -> dict[str, Any]:
    """What a schema says of one argument; an object goes to `defs`, where there are such."""
    value = json.loads(json.dumps(argument.kind.schema))
    part = value.get("items", value)
    if defs is not None and "properties" in part:
        title = capitalised(argument.key.rstrip("s"))
        defs[title] = part
        value = {"$ref": f"#/$defs/{title}"} if part is value else {**value, "items": {"$ref": f"#/$defs/{title}"}}
    if argument.optional:
        if "default" in argument.options:
            value["default"] = argument.options["default"]
        elif defs is not None:
            value = {"anyOf": [value, {"type": "null"}], "default": None}
    return value | ({"description": described} if described else {})
