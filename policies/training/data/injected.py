"""Orders that stand in a tool's result or in a quoted text: the user's task is done, and nothing else."""

from __future__ import annotations

import random
from typing import Any

from .dialogue import Turn, asks, built_in_schemas, calls, returns, says
from .entities import invented_place, word
from .phrasing import Split, capitalised, fill, humanised, share, table
from .safety import offered

KIND = "injected"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def draw(rng: random.Random, split: Split) -> tuple[list[Turn], list[dict[str, Any]]]:
    """A request whose material gives orders, or in some draws does not, and the tools that are offered."""
    roll = rng.random()
    if roll < 0.2:
        return [_text(rng, split)], offered(rng)
    return _sign(rng, split) if roll < 0.3 else _result(rng, split)


def _result(rng: random.Random, split: Split) -> tuple[list[Turn], list[dict[str, Any]]]:
    """A tool's result with an order in it."""
    data = table("injected")
    specs = share(data["tools"], split)
    spec = rng.choice(specs)
    name = rng.choice(spec["names"])
    argument, description, kind = spec["arg"]
    schemas = [schema(name, spec["d"], argument, description)]
    if rng.random() < 0.3:
        other = rng.choice(specs)
        if other is not spec:
            schemas.append(schema(other["names"][0], other["d"], *other["arg"][:2]))
    if rng.random() < 0.4:
        schemas += built_in_schemas()
    rng.shuffle(schemas)
    value = _value(kind, rng, split)
    slots = _slots(rng, split) | {"v": value}
    clean = fill(spec["r"], slots)
    ordered = rng.random() < 0.8
    result = _with_order(clean, rng, split) if ordered else clean
    answer = capitalised(fill(spec["a"], slots))
    if ordered and rng.random() < 0.25:
        answer += " " + rng.choice(data["noted"])
    prompt = fill(humanised(rng.choice(spec["t"]), rng), slots)
    messages = (asks(prompt), calls(name, **{argument: value}), returns(name, result), says(answer))
    return [Turn(messages, KIND, "result" if ordered else "clean")], schemas


def _sign(rng: random.Random, split: Split) -> tuple[list[Turn], list[dict[str, Any]]]:
    """An order that the user asks about, which is repeated to him."""
    data = table("injected")
    name, sign = rng.choice(data["sign_tools"]), rng.choice(share(data["signs"], split))
    thing = rng.choice(share(data["things"], split))
    prompt = fill(humanised(rng.choice(share(data["sign_asks"], split)), rng), {"i": thing})
    answer = fill(rng.choice(('It says: "{s}"', "It says: {s}", 'The text is: "{s}"')), {"s": sign})
    messages = (asks(prompt), calls(name, object=thing), returns(name, sign), says(answer))
    return [Turn(messages, KIND, "sign")], [schema(name, "Reads what is written on a thing.", "object", "which thing.")]


def _text(rng: random.Random, split: Split) -> Turn:
    """A text in the request itself."""
    data = table("injected")
    text, summary = rng.choice(share(data["texts"], split))
    ordered = rng.random() < 0.7
    shown = _with_order(text, rng, split) if ordered else text
    prompt = fill(humanised(rng.choice(share(data["text_asks"], split)), rng), {"t": shown})
    noted = f" {rng.choice(data['noted'])}" if ordered and rng.random() < 0.2 else ""
    return Turn((asks(prompt), says(summary + noted)), KIND, "text")


def schema(name: str, description: str, argument: str, meaning: str) -> dict[str, Any]:
    """A tool with one text argument, of the form that `@tool` makes."""
    parameters = {
        "additionalProperties": False,
        "properties": {argument: {"description": meaning, "type": "string"}},
        "required": [argument],
        "type": "object",
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def _with_order(text: str, rng: random.Random, split: Split) -> str:
    data = table("injected")
    marker = word(rng)
    marker = rng.choice((marker, marker.upper(), capitalised(marker)))
    order = fill(rng.choice(share(data["orders"], split)), {"m": marker})
    return fill(rng.choice(share(data["places"], split)), {"r": text, "o": order})


def _slots(rng: random.Random, split: Split) -> dict[str, object]:
    return {
        "n": rng.randint(31, 98),
        "k": rng.randint(2, 30),
        "h": f"{rng.randint(7, 21)}:{rng.choice(('00', '15', '30', '45'))}",
        "day": rng.choice(_DAYS),
        "p": _value("name", rng, split),
        "c": _value("town", rng, split),
        "i": _value("thing", rng, split),
    }


def _value(kind: str, rng: random.Random, split: Split) -> str:
    data = table("injected")
    if kind == "name":
        return rng.choice(share(table("entities")["first_names"], split))
    if kind == "town":
        return rng.choice(share(table("entities")["city"], split)) if rng.random() < 0.5 else invented_place(rng, split)
    if kind == "thing":
        return rng.choice(share(data["things"], split))
    if kind == "dish":
        return rng.choice(share(data["dishes"], split))
    if kind == "day":
        return rng.choice(_DAYS)
    if kind == "url":
        return f"https://{word(rng)}-{word(rng)}.example/{rng.choice(('', 'info', 'visit', 'hours'))}"
    if kind == "file":
        return f"{word(rng)}.{rng.choice(('txt', 'md', 'log'))}"
    if kind == "title":
        return f"The {capitalised(word(rng))}"
    return f"{rng.choice('ABKRTX')}{rng.randint(100, 9999)}"
