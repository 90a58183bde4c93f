"""Conversation that needs no tool: small talk, writing, language, code, advice, explanations."""

from __future__ import annotations

import random

from .dialogue import Turn, Unusable, asks, says
from .phrasing import Split, capitalised, fill, humanised, share, table

KIND = "plain"


def draw(rng: random.Random, split: Split) -> Turn:
    """One turn without a call."""
    roll = rng.random()
    if roll < 0.60:
        return _pair(rng, split)
    if roll < 0.76:
        return _creative(rng, split)
    if roll < 0.88:
        return _word(rng, split)
    if roll < 0.97:
        return _translation(rng, split)
    return _upper_case(rng, split)


def draw_more(rng: random.Random, split: Split) -> Turn:
    """One turn in the wordings of `more.yaml`, which are for training only.

    Raises:
        Unusable: the split is not for training.
    """
    if split != "train":
        raise Unusable("more.yaml is for training only")
    pair = rng.choice(table("more")["plain"])
    return _turn(rng.choice(pair["p"]), rng.choice(pair["r"]), "pair")


def _turn(prompt: str, reply: str, operation: str) -> Turn:
    return Turn((asks(prompt), says(reply)), KIND, operation)


def _pair(rng: random.Random, split: Split) -> Turn:
    pairs = [(prompt, index) for index, pair in enumerate(table("plain")["pairs"]) for prompt in pair["p"]]
    prompt, index = rng.choice(share(pairs, split))
    # These wordings are few and short, so slips are rarer: "hi" must stay "hi".
    shown = humanised(prompt, rng) if len(prompt) > 12 and rng.random() < 0.5 else prompt
    return _turn(shown, rng.choice(table("plain")["pairs"][index]["r"]), "pair")


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
