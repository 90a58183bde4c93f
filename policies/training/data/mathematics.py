"""Mathematics requests: one call of the solver in words close to the user's own, and an answer that restates it."""

from __future__ import annotations

import random

from .dialogue import Turn, Unusable, tool_turn, use
from .formulas import (
    money,
)
from .phrasing import Split, capitalised, fill, humanised, share, table
from .problems import DRAWERS, Slots

KIND = "mathematics"
MAX_RESULT = 110  # characters: a longer result cannot be retold in a sentence
PLURAL = ("solutions", "divisors")


def draw(rng: random.Random, split: Split) -> Turn:
    """One mathematics turn.

    Raises:
        Unusable: the solver refused, or its result is too long to retell.
    """
    operations = table("mathematics")["ops"]
    names = [*operations, "word_problem"]
    weights = [operations[name]["weight"] for name in operations] + [14.0]
    name = rng.choices(names, weights)[0]
    return _word_problem(rng, split) if name == "word_problem" else of_operation(name, rng, split)


def of_operation(name: str, rng: random.Random, split: Split) -> Turn:
    """A turn of one operation of `mathematics.yaml`."""
    operation = table("mathematics")["ops"][name]
    drawn = DRAWERS[name](rng)
    phrases = [(form, text) for form in ("np", "cmd", "full") for text in operation[form]]
    form, phrase = rng.choice(share(phrases, split))
    return _worded(name, form, phrase, rng, split, drawn)


def _worded(
    name: str, form: str, phrase: str, rng: random.Random, split: Split, drawn: tuple[Slots, str] | None = None
) -> Turn:
    operation = table("mathematics")["ops"][name]
    slots, query = drawn or DRAWERS[name](rng)
    if form != "full":
        frame = humanised(rng.choice(share(table("mathematics")["frames"][form], split)), rng)
        prompt = fill(frame, {form: fill(phrase, slots)})
    else:
        prompt = fill(humanised(phrase, rng), slots)
    return turn(prompt, query, operation["noun"], name, rng)


def draw_more(rng: random.Random, split: Split) -> Turn:
    """One turn in the wordings of `more.yaml`, which are for training only.

    Raises:
        Unusable: as `draw`, or the split is not for training.
    """
    if split != "train":
        raise Unusable("more.yaml is for training only")
    operations = table("more")["mathematics"]
    if rng.random() < 0.25:
        problems = [(text, item["q"]) for item in table("more")["word_problems"] for text in item["t"]]
        return _problem(*rng.choice(problems), rng)
    name = rng.choice(list(operations))
    form, phrase = rng.choice([(form, text) for form, texts in operations[name].items() for text in texts])
    return _worded(name, form, phrase, rng, split)


def _word_problem(rng: random.Random, split: Split) -> Turn:
    problems = [(text, item["q"]) for item in table("word_problems") for text in item["t"]]
    text, query = rng.choice(share(problems, split))
    return _problem(text, query, rng)


def _problem(text: str, query: str, rng: random.Random) -> Turn:
    words = table("words")
    thing, other = rng.choice(words["things"]), rng.choice(words["others"])
    m, n = rng.randint(12, 900), rng.randint(2, 24)
    slots = {
        "n": n,
        "m": m,
        "k": rng.randint(2, 40) if "x - y" not in query else rng.choice(range(m % 2, m, 2)),
        "h": rng.randint(2, 12),
        "p": rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 2.5, 3.5, 4.5)),
        "d": money(rng),
        "c": money(rng),
        "big": rng.choice((50, 100, 200, 250, 500, 750, 1000, 1200, 2500, 4000, 8500, rng.randint(210, 20000))),
        "odd": 2 * m + 1,
        "thing": thing,
        "things": f"{thing}s",
        "other": other,
        "others": f"{other}s",
        "name": rng.choice(words["given_names"]),
    }
    return turn(fill(humanised(text, rng), slots), fill(query, slots), "answer", "word_problem", rng)


def turn(prompt: str, query: str, noun: str, operation: str, rng: random.Random) -> Turn:
    """The whole turn of a request and its query.

    Raises:
        Unusable: the solver refused, or its result is too long to retell.
    """
    found = use("math", query)
    if found.is_error or len(found.text) > MAX_RESULT or "\n" in found.text:
        raise Unusable(f"{operation}: {query!r}: {found.text[:80]}")
    return tool_turn(prompt, "math", query, answer(found.text, noun, rng), KIND, operation)


def answer(text: str, noun: str, rng: random.Random) -> str:
    """Retells a result: every digit and sign of it, in a short sentence."""
    if text.split(":")[0].split()[0] in ("yes", "no", "all", "every", "true", "false"):
        return f"{capitalised(text)}."
    template = rng.choice(
        (
            "The {noun} is {text}.",
            "The {noun} is {text}.",
            "The {noun} is {text}.",
            "{text}",
            "That is {text}.",
            "It is {text}.",
            "The answer is {text}.",
            "The result is {text}.",
            "That gives {text}.",
            "{Noun}: {text}",
        )
    )
    if " = " in text and template != "{text}":
        template = rng.choice(("The {noun} is {text}.", "{text}.", "I get {text}.", "Result: {text}"))
    if noun in PLURAL:
        template = template.replace("{noun} is", "{noun} are")
    return fill(template, {"noun": noun, "text": text})
