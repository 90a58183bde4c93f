"""How people ask for a made tool: requests, politeness, what they say of optional arguments, and asides."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

from .dialogue import Unusable
from .made_amounts import Drawn
from .made_schemas import Spec, Tool
from .phrasing import Split, fill, humanised, share, table

QUESTION = re.compile(r"(how|what|when|which|who|where|is|are|was|does|do|did|can|could|has|may|should|until|any|there|"
                       r"at what|in which|on which|on average)\b")  # fmt: skip


def values_of(tool: Tool, rng: random.Random, most: int = 2) -> dict[str, Drawn]:
    """A value of each argument that is given: those required, and some of the others, `most` at most."""
    open_ones = [argument for argument in tool.arguments if argument.optional]
    said = rng.sample(open_ones, k=min(len(open_ones), most, rng.choice((0, 0, 1, 1, 2))))
    return {item.key: item.kind.draw() for item in tool.arguments if not item.optional or item in said}


def said_of(values: Mapping[str, Drawn]) -> dict[str, str]:
    return {key: value.said for key, value in values.items()}


def told_of(values: Mapping[str, Drawn]) -> dict[str, str]:
    return {key: value.told for key, value in values.items()}


def apart(template: str, said: Mapping[str, str], prefix: str) -> tuple[str, dict[str, str]]:
    """A template and its slots under names of their own, so that two requests become one and stay unfilled."""
    renamed = re.sub(r"\{([A-Za-z]\w*)\}", lambda slot: f"{{{_as(prefix, slot[1])}}}", template)
    return renamed, {f"{prefix}_{key}": text for key, text in said.items()}


def _as(prefix: str, slot: str) -> str:
    return f"{prefix if slot[0].islower() else prefix.upper()}_{slot[0].lower()}{slot[1:]}"


def template_of(spec: Spec, rng: random.Random, split: Split, *, commands: bool = False) -> tuple[str, str]:
    """A request, and which politeness suits it."""
    found = [("commands", text) for text in spec.data.get("c", ())]
    found += [("questions" if QUESTION.match(text) else "statements", text) for text in spec.data.get("q", ())]
    if spec.noun:
        # Shared by all domains, so they have splits of their own.
        found = share(found, split)
    chosen = [item for item in found if item[0] == "commands"] if commands else found
    if not chosen:
        raise Unusable("no command of this split")
    return rng.choice(chosen)


def with_options(template: str, tool: Tool, values: Mapping[str, Drawn], rng: random.Random) -> str:
    """The request, and what it says of arguments that might have been left out."""
    for argument in tool.arguments:
        if argument.optional and argument.key in values:
            phrase = rng.choice(argument.options["say"]).replace("{v}", f"{{{argument.key}}}")
            template += phrase if phrase.startswith(",") else f" {phrase}"
    return template


def polite(kind: str, template: str, said: Mapping[str, str], rng: random.Random, split: Split) -> str:
    """The whole request: `kind` is `commands`, `questions`, `statements`, or `plain` for a text that stays as it is."""
    if kind == "plain":
        return fill(humanised(template, rng), said)
    wordings = table("made_wordings")
    wording = rng.choice(wordings["bare"][kind] if rng.random() < 0.3 else share(wordings[kind], split))
    # Of values only the verbs of a decision ("{approved} lease 5") may change: an address must stay what it is.
    upper = re.sub(r"^(?:\{(?=\w*approved\})|(?!\{)).", lambda found: found[0].upper(), template, count=1)
    letter = "c" if kind == "commands" else "q"
    wording = wording.replace(f"{{{letter.upper()}}}", upper).replace(f"{{{letter}}}", template)
    wording = humanised(wording, rng)
    if wording.endswith((".", "?")) and rng.random() < 0.2:
        aside = rng.choice(share(table("made_wordings")["asides"], split))
        wording = (
            f"{aside} {wording}"
            if rng.random() < 0.5 and wording[0] in "{ABCDEFGHIJKLMNOPQRSTUVWXYZ"
            else f"{wording} {aside}"
        )
    return fill(wording, said)


def turned(text: str) -> str:
    """The user's words from the other side: `my order` becomes `your order`."""
    swapped = {"my": "your", "me": "you", "I": "you", "we": "you", "our": "your", "us": "you", "mine": "yours"}
    parts = re.split(r'("[^"]*")', text)
    return "".join(
        part if part.startswith('"') else re.sub(r"\b(my|me|I|we|our|us|mine)\b", lambda m: swapped[m[0]], part)
        for part in parts
    )
