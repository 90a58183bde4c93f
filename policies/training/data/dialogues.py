"""Conversations whose turns hang together: follow-ups, corrections, memory, and tools that refuse."""

from __future__ import annotations

import random
from collections.abc import Callable

from . import lookups, mathematics
from .dialogue import Turn, Unusable, asks, calls, returns, says, use
from .entities import invented_place, person
from .formulas import integer, integrand, polynomial, product
from .phrasing import Split, fill, share, table

KIND = "linked"


def draw(rng: random.Random, split: Split) -> list[Turn]:
    """Two or three turns, the later ones of which need the earlier.

    Raises:
        Unusable: a tool failed where it should not.
    """
    makers: list[tuple[Callable[[random.Random, Split], list[Turn]], int]] = [
        (_on_the_result, 5),
        (_same_again, 4),
        (_another_country, 4),
        (_correction, 2),
        (_memory, 4),
        (_restyle, 2),
        (_refused, 3),
    ]
    return rng.choices([maker for maker, _ in makers], [weight for _, weight in makers])[0](rng, split)


def _first_number(rng: random.Random, split: Split) -> tuple[Turn, str]:
    for _ in range(50):
        name = rng.choice(("multiply", "add", "subtract", "percent_of", "chain", "add_list", "power", "mean"))
        turn = mathematics.of_operation(name, rng, split)
        result = turn.messages[2].content
        if result.replace(".", "").lstrip("-").isdigit() and len(result) < 14:
            return turn, result
    raise Unusable("no plain number drawn")


def _on_the_result(rng: random.Random, split: Split) -> list[Turn]:
    """As in: and multiplied by 3?"""
    first, result = _first_number(rng, split)
    n = integer(rng, 1, 3)
    wordings = [
        ("and multiplied by {n}?", "{r} * {n}"),
        ("now times {n}", "{r} * {n}"),
        ("multiply that by {n}", "{r} * {n}"),
        ("Multiply the result by {n}.", "{r} * {n}"),
        ("and what is that times {n}?", "{r} * {n}"),
        ("divide it by {n}", "{r} / {n}"),
        ("Now divide that by {n}.", "{r} / {n}"),
        ("and divided by {n}?", "{r} / {n}"),
        ("and plus {n}?", "{r} + {n}"),
        ("add {n} to that", "{r} + {n}"),
        ("Now add {n}.", "{r} + {n}"),
        ("minus {n}", "{r} - {n}"),
        ("Subtract {n} from that.", "{r} - {n}"),
        ("what is half of that?", "{r} / 2"),
        ("And the square root of that?", "sqrt({r})"),
        ("square it", "{r}^2"),
        ("What is {n}% of that?", "{n}% of {r}"),
    ]
    wording, query = rng.choice(share(wordings, split))
    slots = {"n": n, "r": result}
    return [first, mathematics.turn(fill(wording, slots), fill(query, slots), "result", "follow_up", rng)]


def _same_again(rng: random.Random, split: Split) -> list[Turn]:
    """As in: now from 0 to 2", "and the derivative?"""
    f = rng.choice((integrand(rng, "x"), polynomial(rng, "x", 3), product(rng, "x")))
    a, b, c, d = rng.randint(0, 2), rng.randint(3, 6), rng.randint(-3, 2), rng.randint(3, 9)
    kind = rng.choice(("integral", "derivative", "point"))
    if kind == "integral":
        asked = rng.choice((f"integrate {f} from {a} to {b}", f"What is the integral of {f} from {a} to {b}?"))
        first = (asked, f"integrate {f} from {a} to {b}", "integral")
        wording = rng.choice((f"now from {c} to {d}", f"and from {c} to {d}?", f"What about from {c} to {d}?"))
        second = (wording, f"integrate {f} from {c} to {d}", "integral")
    elif kind == "derivative":
        asked = rng.choice((f"differentiate {f}", f"What is the derivative of {f}?", f"derivative of {f}"))
        first = (asked, f"derivative of {f}", "derivative")
        wording = rng.choice(
            ("and the second derivative?", "now the second derivative", "What is the second derivative?")
        )
        second = (wording, f"second derivative of {f}", "derivative")
        if rng.random() < 0.4:
            wording = rng.choice(("and the integral?", "now integrate it instead", "What is its integral?"))
            second = (wording, f"integrate {f}", "integral")
    else:
        first = (f"What is {f} at x = {b}?", f"{f} at x = {b}", "value")
        second = (rng.choice((f"and at x = {d}?", f"now for x = {d}")), f"{f} at x = {d}", "value")
    return [mathematics.turn(prompt, query, noun, "same_again", rng) for prompt, query, noun in (first, second)]


def _another_country(rng: random.Random, split: Split) -> list[Turn]:
    """As in: and of Peru?"""
    fields = table("lookups")["fields"]
    name = rng.choices(list(fields), [field["weight"] for field in fields.values()])[0]
    one, two = rng.sample(share(table("lookups")["countries"], split), 2)
    turns = [lookups.factbook(rng, split, country=one, name=name)]
    if rng.random() < 0.6:
        prompt = rng.choice(("And of {c}?", "and {c}?", "What about {c}?", "and for {c}", "same for {c} please"))
        return [*turns, lookups.about(fill(prompt, {"c": two}), name, two, rng)]
    other = rng.choice([other for other in ("capital", "population", "area", "currency", "languages") if other != name])
    wording = {
        "capital": "and its capital?",
        "population": "How many people live there?",
        "area": "How large is it?",
        "currency": "Which currency do they use there?",
        "languages": "What do they speak there?",
    }[other]
    return [*turns, lookups.about(wording, other, one, rng)]


def _correction(rng: random.Random, split: Split) -> list[Turn]:
    """As in: no, I meant 38"""
    a, b, c = integer(rng, 2, 4), integer(rng, 2, 4), integer(rng, 2, 4)
    sign, word = rng.choice((("*", "times"), ("+", "plus"), ("-", "minus")))
    first = mathematics.turn(f"What is {a} {word} {b}?", f"{a} {sign} {b}", "result", "correction", rng)
    wording = rng.choice(
        (
            f"Sorry, I meant {c} instead of {b}.",
            f"no, {c} not {b}",
            f"oops, it should be {c} and not {b}",
            f"make that {c} instead of {b}",
        )
    )
    return [first, mathematics.turn(wording, f"{a} {sign} {c}", "result", "correction", rng)]


def _plain(prompt: str, reply: str, operation: str) -> Turn:
    return Turn((asks(prompt), says(reply)), "plain", operation)


def _memory(rng: random.Random, split: Split) -> list[Turn]:
    """What the user told about themselves."""
    name = person(rng, split).split()[0]
    place, pet = invented_place(rng, split), person(rng, split).split()[0]
    facts = [
        (
            f"My name is {name}.",
            f"Nice to meet you, {name}!",
            ("What is my name?", "what's my name?", "Do you remember my name?", "who am I?"),
            f"Your name is {name}.",
        ),
        (
            f"Hi, I'm {name}",
            f"Hello {name}! How can I help?",
            ("what was my name again?", "Do you know my name?"),
            f"You are {name}.",
        ),
        (
            f"I live in {place}.",
            f"{place} sounds nice. How do you like it there?",
            ("Where do I live?", "where did I say I live?"),
            f"You live in {place}.",
        ),
        (
            f"My dog is called {pet}.",
            f"{pet} is a lovely name!",
            ("What is my dog called?", "what's the name of my dog"),
            f"Your dog is called {pet}.",
        ),
    ]
    told, reply, questions, answer = rng.choice(facts)
    turns = [_plain(told, reply, "memory")]
    if rng.random() < 0.6:
        maker = rng.choice((mathematics.draw, lookups.draw))
        turns.append(maker(rng, split))
    return [*turns, _plain(rng.choice(questions), answer, "memory")]


def _restyle(rng: random.Random, split: Split) -> list[Turn]:
    """As in: make it shorter", "another one"""
    data = table("plain")
    form = rng.choice(("haiku", "poem", "story", "slogan"))
    topic = rng.choice(share(data["products" if form == "slogan" else "topics"], split))
    prompt = fill(rng.choice(share(data["creative_prompts"][form], split)), {"x": topic})
    options = rng.sample(data[form], k=2)
    asked = rng.choice(("another one", "Write another one.", "one more please", "again, but different", "try again"))
    turns = [_plain(prompt, fill(options[0], {"x": topic}), form)]
    if form == "story" and rng.random() < 0.6:
        shorter = fill(options[0], {"x": topic}).split(". ")[0] + "."
        asked = rng.choice(("make it shorter", "shorter please", "Can you make it shorter?"))
        return [*turns, _plain(asked, shorter, "shorter")]
    return [*turns, _plain(asked, fill(options[1], {"x": topic}), form)]


def _refused(rng: random.Random, split: Split) -> list[Turn]:
    """The tool says no: the query is mended once, or the answer says plainly that it did not work."""
    f = rng.choice((polynomial(rng, "x", 2), product(rng, "x"), integrand(rng, "x")))
    a = integer(rng, 1, 3)
    if rng.random() < 0.5:
        good, noun = rng.choice(
            (
                (f"derivative of {f}", "derivative"),
                (f"integrate {f} from 0 to {a}", "integral"),
                (f"{a} * ({a} + 7)", "result"),
            )
        )
        # The slip is the user's own, so that copying it is no fault that the policy would learn here.
        bad = f"{good})"
        refusal, found = use("math", bad), use("math", good)
        if not refusal.is_error or found.is_error or len(found.text) > mathematics.MAX_RESULT:
            raise Unusable(f"{bad}: {refusal.text[:60]}")
        messages = (
            asks(rng.choice((bad, f"What is {bad}?", f"compute {bad}", f"please work out {bad}"))),
            calls("math", query=bad),
            returns("math", refusal.text),
            calls("math", query=good),
            returns("math", found.text),
            says(mathematics.answer(found.text, noun, rng)),
        )
        return [Turn(messages, KIND, "mended")]
    impossible = rng.choice(
        ((f"What is {a} / 0?", f"{a} / 0"), (f"compute {a}{a}^9^9^9^9", f"{a}{a}^9^9^9^9"),
         (f"divide {a} by zero", f"{a} / 0"), (f"how much is ({a})!!!!!!", f"({a})!!!!!!"))
    )  # fmt: skip
    found = use("math", impossible[1])
    if not found.is_error:
        raise Unusable(f"{impossible[1]} was answered")
    reason = found.text.split(";")[0].split(". ")[0].rstrip(".")
    answer = f"I could not compute that: {reason}."
    messages = (asks(impossible[0]), calls("math", query=impossible[1]), returns("math", found.text), says(answer))
    return [Turn(messages, KIND, "refused")]
