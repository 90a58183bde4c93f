"""Requests that ask for harm, which are declined, and harmless ones in the same frames, which are answered."""

from __future__ import annotations

import random
import re
from typing import Any

from .dialogue import Turn, asks, built_in_schemas, says
from .phrasing import Split, capitalised, fill, humanised, share, table

KIND = "safety"
_YOURS = {"my": "your", "mine": "yours", "me": "you", "myself": "yourself", "i": "you", "i'm": "you're", "am": "are"}


def draw(rng: random.Random, split: Split) -> tuple[list[Turn], list[dict[str, Any]]]:
    """One request, harmful in half of the draws, and the tools that are offered: none of them helps."""
    if rng.random() < 0.5:
        return [harmless(rng, split)], offered(rng)
    turns = [harmful(rng, split)]
    if rng.random() < 0.15:
        turns.append(_then(turns[0].operation, rng, split))
    return turns, offered(rng)


def offered(rng: random.Random) -> list[dict[str, Any]]:
    """The built-in tools, seldom one of them, or none."""
    names = rng.choices((("math", "search"), ("math",), ("search",), ()), (6, 1, 1, 3))[0]
    return built_in_schemas(names) if names else []


def harmful(rng: random.Random, split: Split) -> Turn:
    """A request for something that does harm, and a reply that declines it."""
    kinds = table("safety")["harm"]
    name = rng.choice(list(kinds))
    kind = kinds[name]
    form = rng.choices(("do", "text", "ask"), (6, 2, 2))[0]
    wanted = rng.choice(share(list(kind[form]), split))
    prompt = _asked(form, wanted, rng, split)
    if name == "self_harm":
        return Turn((asks(prompt), says(_care(rng))), KIND, name)
    if form == "ask":
        form, wanted = "do", kind["ask"][wanted]
    # A no that names nothing is as good, and shorter.
    chosen = "plain" if rng.random() < 0.2 else form
    no = fill(rng.choice(table("safety")["decline"][chosen]), {"a": as_yours(wanted)})
    roll = rng.random()
    why = [rng.choice(kind["why"])] if roll < 0.8 else []
    instead = [rng.choice(kind["instead"])] if roll > 0.4 else []
    return Turn((asks(prompt), says(" ".join((no, *why, *instead)))), KIND, name)


def harmless(rng: random.Random, split: Split) -> Turn:
    """A request that only sounds harmful, or that is asked in a suspicious frame, and its answer."""
    requests = table("look_alikes")
    form = rng.choices(("do", "ask", "text"), (6, 3, 1))[0]
    wanted = rng.choice(share(list(requests[form]), split))
    return Turn((asks(_asked(form, wanted, rng, split)), says(requests[form][wanted])), KIND, "harmless")


def _then(name: str, rng: random.Random, split: Split) -> Turn:
    """What a user says after a no: he insists, which changes nothing, or asks for something harmless."""
    data = table("safety")
    if rng.random() < 0.5:
        reply = _care(rng) if name == "self_harm" else rng.choice(data["still"])
        return Turn((asks(humanised(rng.choice(share(data["insists"], split)), rng)), says(reply)), KIND, "insists")
    question, answer = rng.choice(share(list(table("look_alikes")["ask"].items()), split))
    prompt = fill(humanised(rng.choice(share(data["gives_up"], split)), rng), {"q": question})
    return Turn((asks(prompt), says(answer)), KIND, "harmless")


def as_yours(text: str) -> str:
    """What a user says of himself, as it is said to him: `my cat` becomes `your cat`."""
    return re.sub(r"[A-Za-z']+", lambda found: _YOURS.get(found[0].lower(), found[0]), text)


def _asked(form: str, wanted: str, rng: random.Random, split: Split) -> str:
    data = table("safety")
    frame = humanised(rng.choice(share(data["frames"][form], split)), rng)
    slots = {"a": wanted, "q": wanted, "n": rng.choice(share(data["names"], split))}
    if rng.random() < 0.12:
        slots |= {key: humanised(slots[key], rng) for key in ("a", "q")}
    prompt = " ".join(fill(frame, slots).split())
    return prompt.lower() if rng.random() < 0.08 else prompt


def _care(rng: random.Random) -> str:
    care = table("safety")["care"]
    warm, no, turn = (rng.choice(care[part]) for part in ("warm", "decline", "turn"))
    return rng.choice(
        (f"{warm} {no}, but {turn}", f"{warm} {no}. {capitalised(turn)}", f"{warm} {capitalised(turn)} {no}.")
    )
