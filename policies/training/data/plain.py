"""Conversation that needs no tool: small talk, writing, language, code, advice, explanations."""

from __future__ import annotations

import random
from collections.abc import Callable

from .dialogue import Turn, asks, says
from .phrasing import Split, capitalised, fill, humanised, share, table
from .values import drawn

KIND = "plain"
OPENINGS = (
    "hey, ",
    "Hi! ",
    "pericles, ",
    "ok, ",
    "Quick one: ",
    "so, ",
    "hello, ",
    "Hm, ",
    "just saying: ",
    "By the way, ",
)


def draw(rng: random.Random, split: Split) -> Turn:
    """One turn without a call."""
    makers: dict[Callable[[random.Random, Split], Turn], float] = {
        _chat: 0.54,
        _pair: 0.18,
        _creative: 0.11,
        _word: 0.08,
        _translation: 0.06,
        _upper_case: 0.03,
    }
    return rng.choices(list(makers), list(makers.values()))[0](rng, split)


def _turn(prompt: str, reply: str, operation: str) -> Turn:
    return Turn((asks(prompt), says(reply)), KIND, operation)


def _pair(rng: random.Random, split: Split) -> Turn:
    pairs = [(prompt, index) for index, pair in enumerate(table("plain")["pairs"]) for prompt in pair["p"]]
    prompt, index = rng.choice(share(pairs, split))
    # These wordings are few and short, so slips are rarer: "hi" must stay "hi".
    shown = humanised(prompt, rng) if len(prompt) > 12 and rng.random() < 0.5 else prompt
    return _turn(shown, rng.choice(table("plain")["pairs"][index]["r"]), "pair")


def _chat(rng: random.Random, split: Split) -> Turn:
    """A request with slots: numbers, countries and names occur, and nothing is to be computed or looked up."""
    data = table("chat")
    prompt, index = rng.choice(share([(p, i) for i, pair in enumerate(data["pairs"]) for p in pair["p"]], split))
    kinds = {name: data["slots"].get(kind, kind) if isinstance(kind, str) else kind
             for name, kind in data["pairs"][index].get("s", {}).items()}  # fmt: skip
    # What a request is about belongs to one split, as its wording does.
    parts = {
        name: share(kind, split) if isinstance(kind, list) and len(kind) > 3 else kind for name, kind in kinds.items()
    }
    slots = drawn(parts, rng)
    shown = fill(humanised(prompt, rng) if len(prompt) > 12 else prompt, slots)
    if rng.random() < 0.15 and shown.isascii():
        shown = rng.choice(OPENINGS) + shown
    return _turn(shown, fill(rng.choice(data["pairs"][index]["r"]), slots), "chat")


def _creative(rng: random.Random, split: Split) -> Turn:
    data = table("plain")
    form = rng.choice(("haiku", "poem", "story", "slogan"))
    topic = rng.choice(share(data["products" if form == "slogan" else "topics"], split))
    prompt = fill(humanised(rng.choice(share(data["creative_prompts"][form], split)), rng), {"x": topic})
    return _turn(prompt, fill(rng.choice(data[form]), {"x": topic}), form)


def _word(rng: random.Random, split: Split) -> Turn:
    data = table("plain")
    kind = rng.choice(("synonym", "opposite", "rhyme", "spelling"))
    if kind == "spelling":
        word = rng.choice(share(data["spelling"], split))
        reply = f"{capitalised(word)} is spelled {'-'.join(word)}."
    else:
        words = data[f"{kind}s"]
        word = rng.choice(share(list(words), split))
        reply = {
            "synonym": f'Words close to "{word}" are {words[word]}.',
            "opposite": f'The opposite of "{word}" is "{words[word]}".',
            "rhyme": f'Words that rhyme with "{word}" are {words[word]}.',
        }[kind]
    prompt = fill(humanised(rng.choice(share(data[f"{kind}_prompts"], split)), rng), {"x": word})
    return _turn(prompt, reply, kind)


def _translation(rng: random.Random, split: Split) -> Turn:
    data = table("plain")
    language = rng.choice(list(data["translations"]))
    phrase = rng.choice(share(list(data["translations"][language]), split))
    prompt = fill(humanised(rng.choice(share(data["translation_prompts"], split)), rng), {"x": phrase, "l": language})
    translated = data["translations"][language][phrase]
    reply = rng.choice((f'"{capitalised(phrase)}" in {language} is "{translated}".', f"{capitalised(translated)}."))
    return _turn(prompt, reply, "translation")


def _upper_case(rng: random.Random, split: Split) -> Turn:
    data = table("plain")
    phrase = rng.choice(share(data["phrases"], split))
    prompt = fill(rng.choice(data["uppercase_prompts"]), {"x": phrase})
    return _turn(prompt, phrase.upper(), "upper_case")
