"""Conversations with tools that are not built in, so that a user's own functions have a chance."""

from __future__ import annotations

import random
from typing import Any

from .dialogue import Turn, asks, built_in_schemas, calls, returns, says
from .entities import invented_place, person, word
from .phrasing import Split, capitalised, fill, humanised, share, table

KIND = "custom_tool"


def draw(rng: random.Random, split: Split) -> tuple[list[Turn], list[dict[str, Any]]]:
    """A turn that calls a user's tool, and the tools that are offered."""
    tools = share(table("custom_tools"), split)
    spec = rng.choice(tools)
    others = rng.sample(
        [tool for tool in tools if tool is not spec], k=min(len(tools) - 1, rng.choice((0, 0, 1, 1, 2)))
    )
    offered = [(item, rng.choice(item["names"])) for item in (spec, *others)]
    name = offered[0][1]
    rng.shuffle(offered)
    schemas = [schema(item, chosen) for item, chosen in offered]
    if rng.random() < 0.3:
        schemas += built_in_schemas()
    return [_turn(spec, name, rng, split)], schemas


def schema(spec: dict[str, Any], name: str) -> dict[str, Any]:
    """A tool's schema, of the form that `@tool` makes."""
    properties: dict[str, Any] = {}
    for argument, description in spec["args"].items():
        entry: dict[str, Any] = {"description": description["d"]} if "d" in description else {}
        if "enum" in description:
            entry["enum"] = description["enum"]
        properties[argument] = entry | {"type": description["type"]}
    parameters = {
        "additionalProperties": False,
        "properties": properties,
        "required": list(properties),
        "type": "object",
    }
    return {"type": "function", "function": {"name": name, "description": spec["d"], "parameters": parameters}}


def _turn(spec: dict[str, Any], name: str, rng: random.Random, split: Split) -> Turn:
    arguments: dict[str, Any] = {}
    slots: dict[str, Any] = {
        key: _value(key, rng, split)
        for key in ("value", "small", "word", "noun", "name", "city", "clock", "date", "sky")
    }
    slots["value"] = rng.choice((_value("number", rng, split), _value("decimal", rng, split)))
    for argument, description in spec["args"].items():
        value = rng.choice(description["enum"]) if "enum" in description else _value(description["draw"], rng, split)
        arguments[argument] = slots[argument] = value
        if isinstance(value, bool):
            slots["onoff"] = "on" if value else "off"
    slots["r"] = fill(spec["r"], slots)
    prompt = fill(humanised(rng.choice(spec["t"]), rng), slots)
    messages = (asks(prompt), calls(name, **arguments), returns(name, slots["r"]), says(fill(spec["a"], slots)))
    return Turn(messages, KIND, spec["names"][0])


def _value(kind: str, rng: random.Random, split: Split) -> Any:
    if kind == "number":
        return rng.choice((rng.randint(2, 99), rng.randint(100, 99999)))
    if kind == "decimal":
        return round(rng.uniform(0.5, 9.9), rng.choice((1, 2)))
    if kind == "small":
        return rng.randint(2, 48)
    if kind == "boolean":
        return rng.random() < 0.5
    if kind in ("city", "town"):
        names = share(table("entities")["city"], split)
        return rng.choice(names) if rng.random() < 0.5 else invented_place(rng, split)
    makers = {
        "name": lambda: person(rng, split),
        "clock": lambda: f"{rng.randint(6, 22):02d}:{rng.choice(('00', '15', '30', '45'))}",
        "date": lambda: f"{rng.randint(1, 28)} {rng.choice(table('words')['months'])}",
        "address": lambda: f"{word(rng)}@{word(rng)}.example",
        "url": lambda: f"https://{word(rng)}.example/{word(rng)}",
        "subject": lambda: rng.choice(table("words")["subjects"]),
        "phrase": lambda: rng.choice(table("words")["phrases"]),
        "room": lambda: rng.choice(("kitchen", "bedroom", "office", "bathroom", "living room", "hall", "garage")),
        "ticker": lambda: "".join(rng.choice("ABCDEFGHKLMNPRSTVXZ") for _ in range(rng.randint(3, 4))),
        "code": lambda: f"{rng.choice('ABKXZ')}{rng.randint(1000, 99999)}",
        "noun": lambda: rng.choice(table("words")["nouns"]),
        "word": lambda: word(rng),
        "title": lambda: f"{capitalised(word(rng))} {rng.choice(('Blues', 'Song', 'Nights', 'Waltz', 'Road'))}",
        "dish": lambda: rng.choice(table("words")["dishes"]),
        "sky": lambda: rng.choice(table("words")["skies"]),
        "value": lambda: rng.randint(2, 999),
    }
    return makers[kind]()
