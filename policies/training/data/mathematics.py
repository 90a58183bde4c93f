"""Mathematics requests: one call of the solver, and an answer that restates its result.

Every operation has one form of query, whatever the wording: the user's own numbers, units and formulas in the shortest
words that the solver reads. (It reads a stranger's whole sentence in less than half of all cases, so a query is not a
copy of the request.) Thousands separators, currency signs and spelt-out numbers do not get into the query.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from .dialogue import Turn, Unusable, tool_turn, use
from .formulas import in_words
from .phrasing import Split, capitalised, fill, humanised, share, table
from .problems import DRAWERS, Slots
from .values import drawn

KIND = "mathematics"
MAX_RESULT = 110  # characters: a longer result cannot be retold in a sentence
PLURAL = ("solutions", "divisors")
FORMS = ("np", "cmd", "full")
WORD_PROBLEMS, CHINESE = 0.16, 0.05  # shares of all requests
NO_SEPARATORS = (
    "from_base",
    "any_base",
    "from_any_base",
    "prefixes",
    "digits",
    "days_between",
    "weekday",
    "to_roman",
    "points",
)

ANSWERS = (
    *("The {noun} is {text}.",) * 3,
    "{text}",
    "That is {text}.",
    "It is {text}.",
    "The answer is {text}.",
    "The result is {text}.",
    "That gives {text}.",
    "{Noun}: {text}",
)
EQUATION_ANSWERS = ("The {noun} is {text}.", "{text}.", "I get {text}.", "Result: {text}")
CHINESE_ANSWERS = ("答案是 {text}。", "结果是 {text}。", "结果：{text}", "等于 {text}。", "{text}")


@cache
def operations() -> dict[str, dict[str, Any]]:
    """The operations of all tables by name. One without slots `s` is drawn by `problems.DRAWERS`."""
    return table("mathematics")["ops"] | table("everyday") | table("advanced")


def draw(rng: random.Random, split: Split) -> Turn:
    """One mathematics turn.

    Raises:
        Unusable: the solver refused, or its result is too long to retell.
    """
    roll = rng.random()
    if roll < WORD_PROBLEMS:
        return _word_problem(rng, split)
    if roll < WORD_PROBLEMS + CHINESE:
        return _in_chinese(rng, split)
    named = operations()
    return of_operation(rng.choices(list(named), [named[name]["weight"] for name in named])[0], rng, split)


def of_operation(name: str, rng: random.Random, split: Split) -> Turn:
    """A turn of one operation."""
    operation = operations()[name]
    slots, query = values_of(name, rng)
    form, phrase = rng.choice(share([(form, text) for form in FORMS for text in operation[form]], split))
    shown = slots if name in NO_SEPARATORS else _with_separators(slots, rng)
    if form != "full":
        frame = humanised(rng.choice(share(table("mathematics")["frames"][form], split)), rng)
        prompt = fill(frame, {form: fill(phrase, shown)})
    else:
        prompt = fill(humanised(phrase, rng), shown)
    return turn(prompt, query, operation["noun"], name, rng, operation.get("a", ()))


def values_of(name: str, rng: random.Random) -> tuple[Slots, str]:
    """One draw of an operation: the slots of its wordings, and the query."""
    operation = operations()[name]
    if "s" not in operation:
        return DRAWERS[name](rng)
    slots = drawn(operation["s"], rng)
    # A slot may hold others, as in "cylinder with radius {n}".
    slots = {key: fill(value, slots) if isinstance(value, str) else value for key, value in slots.items()}
    return slots, fill(operation["q"], slots)


def _with_separators(slots: Mapping[str, Any], rng: random.Random) -> Slots:
    """Sometimes 12,345 for 12345, which the query does not copy."""
    if rng.random() < 0.6:
        return dict(slots)
    return {
        key: f"{int(found[1]):,}{found[2] or ''}"
        if (found := re.fullmatch(r"(\d{4,12})(\.\d+)?", str(value)))
        else value
        for key, value in slots.items()
    }


def _word_problem(rng: random.Random, split: Split) -> Turn:
    problems = [(text, index) for index, item in enumerate(table("word_problems")) for text in item["t"]]
    text, index = rng.choice(share(problems, split))
    item = table("word_problems")[index]
    own = item.get("s", {})
    shared = {name: kind for name, kind in table("words")["problem_slots"].items() if name not in own}
    slots = drawn(shared | own, rng)
    shown = _spelt(text, _with_separators(slots, rng), rng)
    prompt = fill(humanised(text, rng), shown)
    return turn(prompt, fill(item["q"], slots), item.get("noun", "answer"), "word_problem", rng, item.get("a", ()))


def _spelt(template: str, slots: Slots, rng: random.Random) -> Slots:
    """Sometimes writes small numbers out, where a word can stand."""
    if rng.random() < 0.75:
        return slots
    return {
        key: in_words(value)
        if isinstance(value, int) and 1 < value <= 20 and re.search(rf"(?<!\S)\{{{key}\}}(?=[ ,.?])", template)
        else value
        for key, value in slots.items()
    }


def _in_chinese(rng: random.Random, split: Split) -> Turn:
    items = table("chinese")["math"]
    text, index = rng.choice(share([(text, index) for index, item in enumerate(items) for text in item["t"]], split))
    slots = drawn(items[index]["s"], rng)
    prompt = fill(rng.choice(share(table("chinese")["frames"], split)), {"t": fill(text, slots)})
    answers = items[index].get("a", CHINESE_ANSWERS)
    return turn(prompt, fill(items[index]["q"], slots), "", "chinese", rng, answers)


def turn(prompt: str, query: str, noun: str, operation: str, rng: random.Random, answers: Sequence[str] = ()) -> Turn:
    """The whole turn of a request and its query.

    Args:
        prompt: what the user says.
        query: what the solver is asked.
        noun: what the result is called.
        operation: named in the row's `parts`.
        rng: chooses the answer's words.
        answers: templates of the answer with `{text}` instead of the usual ones.

    Raises:
        Unusable: the solver refused, or its result is too long to retell.
    """
    prompt, query = _ordinals(prompt), _ordinals(query)
    found = use("math", query)
    if found.is_error or len(found.text) > MAX_RESULT or "\n" in found.text:
        raise Unusable(f"{operation}: {query!r}: {found.text[:80]}")
    told = fill(rng.choice(answers), {"text": found.text}) if answers else answer(found.text, noun, rng)
    return tool_turn(prompt, "math", query, told, KIND, operation)


def _ordinals(text: str) -> str:
    """21st where a template made it 21th."""
    ending = {"1": "st", "2": "nd", "3": "rd"}
    return re.sub(r"(?<!1)([123])th\b", lambda found: found[1] + ending[found[1]], text)


def answer(text: str, noun: str, rng: random.Random) -> str:
    """Retells a result: every digit and sign of it, in a short sentence."""
    if text.split(":")[0].split()[0] in ("yes", "no", "all", "every", "true", "false"):
        return f"{capitalised(text)}."
    template = rng.choice(ANSWERS)
    if " = " in text and template != "{text}":
        template = rng.choice(EQUATION_ANSWERS)
    if noun in PLURAL:
        template = template.replace("{noun} is", "{noun} are")
    return fill(template, {"noun": noun, "text": text})
