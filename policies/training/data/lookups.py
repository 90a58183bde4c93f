"""Questions of fact: one search with the user's own words, and an answer copied from the passage, or an honest no."""

from __future__ import annotations

import random
import re

from .dialogue import Turn, Unusable, asks, calls, returns, says, use
from .entities import slots
from .phrasing import Split, capitalised, fill, humanised, share, table

KIND = "lookup"
MAX_FACT = 110  # characters of a passage that an answer repeats
FRAMES = (
    *("{t}",) * 10,
    "Please tell me: {t}",
    "Can you look this up? {t}",
    "hey, {t}",
    "I have a question: {t}",
    "quick question, {t}",
    "I was wondering: {t}",
    "For a quiz: {t}",
    "{t} Please check.",
    "{t} thanks",
    "{t} I need it for school.",
    "My son asks: {t}",
)
NOT_FOUND = (
    "I could not find anything about that.",
    "I'm sorry, the search found nothing about that.",
    "I looked it up, but found no passage about it.",
    "I could not find that in my library.",
    "Sorry, I found nothing on that.",
)


def draw(rng: random.Random, split: Split) -> Turn:
    """One lookup.

    Raises:
        Unusable: the tool failed, or found something that cannot be retold.
    """
    roll = rng.random()
    if roll < 0.52:
        return factbook(rng, split)
    return general(rng, split) if roll < 0.92 else document(rng, split)


def draw_more(rng: random.Random, split: Split) -> Turn:
    """One lookup in the wordings of `more.yaml`, which are for training only.

    Raises:
        Unusable: as `draw`, or the split is not for training.
    """
    if split != "train":
        raise Unusable("more.yaml is for training only")
    more = table("more")
    if rng.random() < 0.5:
        name = rng.choice(list(more["fields"]))
        country = rng.choice(share(table("lookups")["countries"], split))
        wording = rng.choice(more["fields"][name])
        return about(framed(fill(humanised(wording, rng), {"c": country}), rng), name, country, rng)
    wording, template = rng.choice([(text, item["q"]) for item in more["lookups"] for text in item["t"]])
    drawn = slots(rng, split)
    prompt = framed(fill(humanised(wording, rng), drawn), rng)
    return unanswered(prompt, fill(template, drawn), rng, "general")


def factbook(rng: random.Random, split: Split, country: str | None = None, name: str | None = None) -> Turn:
    """A question that the embedded corpus answers."""
    fields = table("lookups")["fields"]
    wordings = share([(field, wording) for field in fields for wording in fields[field]["t"]], split)
    wordings = [(field, wording) for field, wording in wordings if name in (None, field)]
    if not wordings:
        raise Unusable(f"no wording of {name} in {split}")
    weights = [fields[field]["weight"] / len(fields[field]["t"]) for field, _ in wordings]
    chosen, wording = rng.choices(wordings, weights)[0]
    country = country or rng.choice(share(table("lookups")["countries"], split))
    prompt = framed(fill(humanised(wording, rng), {"c": country}), rng)
    return about(prompt, chosen, country, rng)


def about(prompt: str, name: str, country: str, rng: random.Random) -> Turn:
    """The turn that answers a question about one field of one country.

    Raises:
        Unusable: the search brought another passage first.
    """
    field = table("lookups")["fields"][name]
    bare = country.removeprefix("the ")
    query = fill(field["q"], {"c": bare})
    found = use("search", query)
    match = re.match(r"\[1\] (.+?) — (.+?): (.+)", found.text)
    if found.is_error or not match or match[2] != field["label"]:
        raise Unusable(f"{query}: {found.text[:80]}")
    value = shortened(match[3], whole=field.get("whole", False))
    answer = f"{capitalised(fill(field['a'], {'c': country, 'v': value}))} [1]."
    if rng.random() < 0.12:
        answer = f"{capitalised(value)} [1]."
    messages = (asks(prompt), calls("search", query=query), returns("search", found.text), says(answer))
    return Turn(messages, KIND, name)


def shortened(text: str, whole: bool = False) -> str:
    """The opening of a passage up to a natural break; `whole`: as many of its parts as fit."""
    text = text.split("\n")[0].removesuffix(" …").strip().rstrip(".")
    if not whole and "; " in text and len(text.split("; ")[0]) > 2:
        text = text.split("; ")[0]
    if len(text) <= MAX_FACT:
        return text
    for mark in ("; ", ". ", ", ", " "):
        at = text.rfind(mark, 30, MAX_FACT)
        if at > 0:
            return text[:at]
    return text[:MAX_FACT]


def general(rng: random.Random, split: Split) -> Turn:
    """A question that the embedded corpus does not answer."""
    questions = [(text, item["q"]) for item in table("lookups")["general"] for text in item["t"]]
    wording, template = rng.choice(share(questions, split))
    drawn = slots(rng, split)
    prompt = framed(fill(humanised(wording, rng), drawn), rng)
    return unanswered(prompt, fill(template, drawn), rng, "general")


def unanswered(prompt: str, query: str, rng: random.Random, operation: str) -> Turn:
    """A lookup whose result, if there is any, is about something else."""
    found = use("search", query)
    if found.is_error or len(found.text) > 420:
        raise Unusable(f"{query}: {found.text[:80]}")
    answer = rng.choice(NOT_FOUND)
    if found.titles:
        answer = f"I could not find that. The search brought only {found.titles[0]} [1]."
    messages = (asks(prompt), calls("search", query=query), returns("search", found.text), says(answer))
    return Turn(messages, KIND, operation)


def document(rng: random.Random, split: Split) -> Turn:
    """A question that a document of the user's own answers; the passage is made up."""
    questions = [(text, item) for item in table("lookups")["documents"] for text in item["ask"]]
    wording, item = rng.choice(share(questions, split))
    drawn = slots(rng, split)
    drawn["product"] = rng.choice(("kettle", "drill", "camera", "washing machine", "bike", "printer", "heater"))
    text = f"[1] {fill(item['title'], drawn)}: {fill(item['body'], drawn)}"
    query = fill(item["q"], drawn)
    messages = (
        asks(framed(fill(humanised(wording, rng), drawn), rng)),
        calls("search", query=query),
        returns("search", text),
        says(f"{fill(item['a'], drawn)} [1]."),
    )
    return Turn(messages, KIND, "document")


def framed(text: str, rng: random.Random) -> str:
    return fill(rng.choice(FRAMES), {"t": text})
