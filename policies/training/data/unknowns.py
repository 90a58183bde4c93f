"""What cannot be known, which is said plainly, and look-alikes that the conversation or a tool answers."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from . import lookups, mathematics
from . import turns as conversations
from .dialogue import Turn, Unusable, asks, built_in_schemas, calls, returns, says, use
from .entities import invented_person, invented_place, word
from .phrasing import Split, capitalised, fill, humanised, share, table
from .safety import offered

KIND = "unknown"
_UNTOLD = (
    "You haven't told me that.",
    "I don't know: you have not told me.",
    "You have told me other things, but not that, so I don't know.",
    "I don't know that yet. Would you like to tell me?",
    "You have not mentioned that here, so I can't say.",
)
Drawn = tuple[list[Turn], list[dict[str, Any]]]


def draw(rng: random.Random, split: Split) -> Drawn:
    """A question that cannot be answered, or in half of the draws one like it that can.

    Raises:
        Unusable: a tool failed, or found what should not exist.
    """
    makers: list[tuple[Callable[[random.Random, Split], Drawn], int]] = [
        (_named("private"), 5),
        (_named("future"), 3),
        (_named("uncounted"), 2),
        (_live, 3),
        (_open, 3),
        (_invented, 4),
        (_told, 9),
        (_told_at_once, 4),
        (_tooled, 6),
    ]
    return rng.choices([maker for maker, _ in makers], [weight for _, weight in makers])[0](rng, split)


def _named(name: str) -> Callable[[random.Random, Split], Drawn]:
    def make(rng: random.Random, split: Split) -> Drawn:
        data = table("unknowns")
        slots = _slots(rng, split)
        question, about = rng.choice(share(data[name], split))
        reply = fill(rng.choice(data[f"{name}_replies"]), {"x": fill(about, slots)})
        return [_plain(_asked(question, slots, rng, split), reply, name)], offered(rng)

    return make


def _slots(rng: random.Random, split: Split) -> dict[str, object]:
    data = table("unknowns")
    invented = word(rng)
    return {
        "o": rng.choice(share(data["objects"], split)),
        "p": rng.choice(share(table("entities")["first_names"], split)),
        "y": rng.randint(2032, 2140),
        "n": rng.randint(3, 90),
        "e": rng.choice(share(data["events"], split)),
        "c": rng.choice(share(table("entities")["city"], split)),
        "person": invented_person(rng, split),
        "place": invented_place(rng, split),
        "word": invented,
        "Word": capitalised(invented),
    }


def _asked(question: str, slots: dict[str, object], rng: random.Random, split: Split) -> str:
    frame = rng.choice(share(table("unknowns")["frames"], split))
    if ", {q}" in frame and not question.startswith("I "):
        question = question[0].lower() + question[1:]
    return fill(fill(frame, {"q": humanised(question, rng)}), slots)


def _plain(prompt: str, reply: str, operation: str) -> Turn:
    return Turn((asks(prompt), says(reply)), KIND, operation)


def _without_search(rng: random.Random) -> list[dict[str, Any]]:
    names = rng.choice((("math",), ()))
    return built_in_schemas(names) if names else []


def _live(rng: random.Random, split: Split) -> Drawn:
    """What changes by the hour, where no tool shows it."""
    data = table("unknowns")
    slots = _slots(rng, split)
    question, about, source = rng.choice(share(data["live"], split))
    reply = fill(rng.choice(data["live_replies"]), {"x": fill(about, slots), "z": source})
    return [_plain(_asked(question, slots, rng, split), reply, "live")], _without_search(rng)


def _open(rng: random.Random, split: Split) -> Drawn:
    """A question that leaves out what it is about."""
    data = table("unknowns")
    question, missing = rng.choice(share(data["open"], split))
    reply = fill(rng.choice(data["open_replies"]), {"x": missing})
    return [_plain(_asked(question, {}, rng, split), reply, "open")], offered(rng)


def _invented(rng: random.Random, split: Split) -> Drawn:
    """A name that nobody has: searched where that is possible."""
    data = table("unknowns")
    slots = _slots(rng, split)
    question, query = rng.choice(share(data["invented"], split))
    prompt, query = _asked(question, slots, rng, split), fill(query, slots)
    about = query if query in slots.values() else f'"{query}"'
    if rng.random() < 0.25:
        return [_plain(prompt, fill(rng.choice(data["not_heard"]), {"x": about}), "invented")], _without_search(rng)
    found = use("search", query)
    if not found.text.startswith("No passage"):
        raise Unusable(f"{query}: {found.text[:60]}")
    reply = says(fill(rng.choice(data["not_found"]), {"x": about}))
    messages = (asks(prompt), calls("search", query=query), returns("search", found.text), reply)
    return [Turn(messages, KIND, "not_found")], built_in_schemas()


def _told(rng: random.Random, split: Split) -> Drawn:
    """The same private affairs, after the user has told of them, or of others."""
    fact = conversations.fact(rng, split)
    turns = [conversations.say(fact.told, rng.choice(table("told")["acks"]), "told")]
    if rng.random() < 0.3:
        other = conversations.fact(rng, split, (fact.spec["k"],))
        question, answer = capitalised(other.question), rng.choice(_UNTOLD)
        return [*turns, _plain(question, answer, "untold")], offered(rng)
    return [*turns, conversations.asked_for(fact, rng, split)], offered(rng)


def _told_at_once(rng: random.Random, split: Split) -> Drawn:
    """What the message itself tells."""
    fact = conversations.fact(rng, split)
    turn = conversations.asked_for(fact, rng, split)
    turn = Turn((asks(f"{conversations.closed(fact.told)} {turn.prompt}"), *turn.messages[1:]), KIND, "told_at_once")
    return [turn], offered(rng)


def _tooled(rng: random.Random, split: Split) -> Drawn:
    """What a tool can answer, in the same frames."""
    turn = rng.choice((mathematics.draw, lookups.factbook))(rng, split)
    frame = rng.choice(share(table("unknowns")["frames"], split))
    question = turn.prompt if turn.prompt[-1] in ".?!" or frame.endswith("{q}") else f"{turn.prompt}?"
    messages = (asks(fill(frame, {"q": question})), *turn.messages[1:])
    return [Turn(messages, turn.kind, turn.operation)], built_in_schemas()
