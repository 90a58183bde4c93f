"""What made tools give back, and the replies that tell it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping

from .dialogue import Unusable, use
from .made_amounts import Drawn
from .made_requests import told_of
from .made_schemas import Tool
from .made_values import kind_of
from .phrasing import Split, fill, share, table

# Results that are worked out from a text: "words of text".
_MEASURES: dict[str, Callable[[str], str]] = {
    "words": lambda text: str(len(text.split())),
    "bytes": lambda text: str(len(text.encode())),
    "reverse": lambda text: text[::-1],
}


def outcome(
    tool: Tool, values: Mapping[str, Drawn], rng: random.Random, split: Split, *, failing: float, named: bool = False
) -> tuple[str, str]:
    """What the tool gives back, and the reply to it."""
    spec, wordings, told = tool.spec, table("made_wordings"), told_of(values)
    if rng.random() < failing:
        if "empty" in spec.data and (named or rng.random() < 0.6):
            return rng.choice(wordings["nothing"]), fill(spec.data["empty"], told)
        table_name = "unknown_number" if spec.numbered and (named or rng.random() < 0.6) else "errors"
        text, answer = rng.choice(share(wordings[table_name], split))
        return fill(text, told | {"noun": spec.noun}), fill(answer, told | {"noun": spec.noun})
    fields = fields_of(tool, values, rng, split)
    everything = told | told_of(fields)
    sentences: list[str] = spec.data["s"]
    if named:
        sentences = [text for text in sentences if any(f"{{{key}}}" in text.lower() for key in values)] or sentences
    answer = fill(rng.choice(sentences), everything)
    if rng.random() < 0.35:
        text = fill(rng.choice(sentences), everything)
        extra = _extra(rng, split) if rng.random() < 0.4 else ""
        return text + extra, (text if rng.random() < 0.5 else answer) + extra
    return result_of(tool, values, fields, rng), answer


def _extra(rng: random.Random, split: Split) -> str:
    wording = rng.choice(share(table("made_wordings")["extras"], split))
    kind = re.findall(r"\{(\w+)\}", wording)[0]
    return " " + fill(wording, {kind: kind_of(kind, {}, rng, split).draw().told})


def fields_of(tool: Tool, values: Mapping[str, Drawn], rng: random.Random, split: Split) -> dict[str, Drawn]:
    fields: dict[str, Drawn] = {}
    for key, kind in tool.spec.data["r"].items():
        if kind.startswith("= "):
            slots = told_of(values) | {f"{name}_v": value.value for name, value in values.items()}
            found = use("math", fill(kind.removeprefix("= "), slots))
            # A fraction comes with its decimals in brackets.
            number = re.fullmatch(r"(?:\S+ \()?(\d+(?:\.\d{1,6})?)\)?", found.text)
            if found.is_error or number is None:
                raise Unusable(f"no short number: {found.text}")
            fields[key] = Drawn(number[1], number[1], number[1])
        elif kind.split()[0] in _MEASURES and " of " in kind:
            measured = _MEASURES[kind.split()[0]](values[kind.split()[-1]].value)
            fields[key] = Drawn(measured, measured, measured)
        else:
            fields[key] = kind_of(kind, {}, rng, split).draw()
    return fields


def result_of(tool: Tool, values: Mapping[str, Drawn], fields: Mapping[str, Drawn], rng: random.Random) -> str:
    """The fields as tools write them: JSON, lines, or a bare value."""
    if not fields:
        return rng.choice(table("made_wordings")["okay"])
    texts = {key: value.told for key, value in fields.items()}
    form = rng.choice(("json", "json", "lines", "commas", "bare" if len(fields) == 1 else "commas"))
    if form == "json":
        known = [item.key for item in tool.arguments if item.key in values and isinstance(values[item.key].value, str)]
        start = {known[0]: values[known[0]].value} if known and rng.random() < 0.4 else {}
        numbers = {key: json.loads(text) for key, text in texts.items() if re.fullmatch(r"[1-9]\d*(\.\d*[1-9])?", text)}
        return json.dumps({**start, **texts, **numbers}, ensure_ascii=False)
    if form == "bare":
        return next(iter(texts.values()))
    return ("\n" if form == "lines" else ", ").join(f"{key}: {text}" for key, text in texts.items())
