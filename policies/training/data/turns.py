"""Conversations of several turns: what was told is remembered, corrected, pointed at, listed and counted."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import lookups, mathematics, plain
from .dialogue import Turn, asks, built_in_schemas, calls, returns, says, use
from .entities import day, invented_place
from .phrasing import Split, capitalised, fill, humanised, listed, share, table
from .safety import as_yours

KIND = "turns"
_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ORDINALS = ("first", "second", "third", "fourth")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def draw(rng: random.Random, split: Split) -> tuple[list[Turn], list[dict[str, Any]]]:
    """A conversation of two to six user turns, and the tools that are offered.

    Raises:
        Unusable: a tool failed where it should not.
    """
    tools = rng.random() < 0.75
    makers: list[tuple[Callable[[random.Random, Split, bool], list[Turn]], int]] = [
        (_memory, 7),
        (_correction, 6),
        (_comparison, 3),
        (_choice, 3),
        (_he_and_she, 2),
        (_instruction, 7),
        (_list, 5),
        (_counting, 3),
    ]
    if tools:
        makers.append((_there, 4))
    maker = rng.choices([maker for maker, _ in makers], [weight for _, weight in makers])[0]
    return maker(rng, split, tools), built_in_schemas() if tools else []


@dataclass(frozen=True)
class Fact:
    """Something that a user tells of himself.

    Args:
        told: as the user tells it.
        clause: the same, to follow "I said that".
        question: by which he asks for it.
        answer: the reply, without its full stop.
        value: what is asked for.
        another: another value of the same kind.
        spec: of `told.yaml`.
    """

    told: str
    clause: str
    question: str
    answer: str
    value: str
    another: str
    spec: dict[str, Any]


def fact(rng: random.Random, split: Split, besides: tuple[str, ...] = ()) -> Fact:
    """Draws one; `besides` are kinds of values that it must not have."""
    specs = [spec for spec in share(table("told")["facts"], split) if spec["k"] not in besides]
    spec = rng.choice(specs)
    value = _value(spec["k"], rng, split)
    another = value
    while another == value:
        another = _value(spec["k"], rng, split)
    slots = {"v": value}
    told = fill(humanised(rng.choice(spec["t"]), rng), slots)
    question = humanised(rng.choice(spec["q"]), rng)
    return Fact(told, fill(spec["s"], slots), question, fill(spec["a"], {"v": as_yours(value)}), value, another, spec)


def _value(kind: str, rng: random.Random, split: Split) -> str:
    if kind == "time":
        return f"{rng.randint(0, 23)}:{rng.randint(0, 59):02d}"
    if kind == "day":
        return rng.choice(_WEEK)
    if kind == "date":
        return day(rng)
    if kind == "number":
        return str(rng.randint(3, 480))
    if kind == "money":
        return f"{rng.randint(15, 2400)} {rng.choice(('euros', 'dollars', 'pounds', 'francs'))}"
    if kind == "name":
        return rng.choice(share(table("entities")["first_names"], split))
    if kind == "place":
        places = share(table("entities")["city"], split)
        return rng.choice(places) if rng.random() < 0.5 else invented_place(rng, split)
    if kind == "code":
        return "".join(rng.choice("ABCDEFGHKLMNPRSTUVWXYZ") for _ in range(rng.randint(1, 3))) + str(
            rng.randint(100, 99999)
        )
    return rng.choice(share(table("told")["values"][kind], split))


def say(prompt: str, reply: str, operation: str) -> Turn:
    """A turn without tools."""
    return Turn((asks(prompt), says(reply)), KIND, operation)


def asked_for(drawn: Fact, rng: random.Random, split: Split, value: str | None = None) -> Turn:
    """The question for what was told, and the answer; `value`: what has taken its place."""
    facts = table("told")
    spec = drawn.spec
    value = drawn.value if value is None else value
    if rng.random() < 0.25:
        question = drawn.question if drawn.question[-1] in ".?" else drawn.question + "?"
        asked = fill(rng.choice(share(facts["just"], split)), {"q": question})
        return say(asked, capitalised(as_yours(value)) + rng.choice((".", "")), "asked")
    asked = fill(rng.choice(share(facts["asks_back"], split)), {"q": drawn.question})
    return say(asked, capitalised(fill(spec["a"], {"v": as_yours(value)})) + ".", "asked")


def _pick(name: str, rng: random.Random, split: Split, **slots: object) -> str:
    return fill(humanised(rng.choice(share(table("turns")[name], split)), rng), slots)


def _ack(drawn: Fact, rng: random.Random) -> str:
    if rng.random() < 0.4:
        return f"{rng.choice(('Noted', 'Got it', 'OK', 'All right'))}: {lowered(drawn.answer)}."
    return rng.choice(table("told")["acks"])


def lowered(text: str) -> str:
    """A sentence as it goes on after a colon: `Your` is small, names are not."""
    first = text.split(" ")[0]
    return text[0].lower() + text[1:] if first in ("Your", "You", "The", "Choir", "A", "An", "It", "They") else text


def _between(rng: random.Random, split: Split, tools: bool, most: int = 2) -> list[Turn]:
    """Turns about something else."""
    makers = (mathematics.draw, lookups.draw, plain.draw) if tools else (plain.draw, _quiz, _quiz)
    return [rng.choice(makers)(rng, split) for _ in range(rng.choice((0, 1, 1, most)))]


def _quiz(rng: random.Random, split: Split) -> Turn:
    question, sentence, _ = rng.choice(share(table("turns")["qa"], split))
    return say(question, sentence, "quiz")


def _memory(rng: random.Random, split: Split, tools: bool) -> list[Turn]:
    """One to three things are told, and asked for later."""
    told: list[Fact] = []
    for _ in range(rng.choice((1, 1, 2, 2, 3))):
        kinds = tuple(one.spec["k"] for one in told)
        # The held-out lists are short: two things of one kind would be hard to tell apart.
        if len({spec["k"] for spec in share(table("told")["facts"], split)} - set(kinds)) > 0:
            told.append(fact(rng, split, kinds))
    if len(told) > 1 and rng.random() < 0.4:
        turns = [say(" ".join(closed(one.told) for one in told), rng.choice(table("told")["acks"]), "told")]
    else:
        turns = [say(one.told, _ack(one, rng), "told") for one in told]
    turns += _between(rng, split, tools)
    rng.shuffle(told)
    return [*turns, *(asked_for(one, rng, split) for one in told[: rng.choice((1, 1, 2))])]


def closed(sentence: str) -> str:
    """A sentence with a mark at its end."""
    return sentence if sentence[-1] in ".!?" else sentence + "."


def _correction(rng: random.Random, split: Split, tools: bool) -> list[Turn]:
    """A thing is told and corrected; what counts is the last that was said."""
    facts = table("told")
    drawn = fact(rng, split)
    turns = [say(drawn.told, _ack(drawn, rng), "told")]
    turns += _between(rng, split, tools, 1)
    old, new = as_yours(drawn.value), as_yours(drawn.another)
    change = fill(humanised(rng.choice(share(facts["changes"], split)), rng), {"v": drawn.another, "o": drawn.value})
    turns.append(say(change, fill(rng.choice(facts["changed"]), {"v": new, "o": old}), "changed"))
    turns += _between(rng, split, tools, 1)
    return [*turns, asked_for(drawn, rng, split, drawn.another)]


def _comparison(rng: random.Random, split: Split, tools: bool) -> list[Turn]:
    """The cheaper of the two, the other one, and the difference."""
    spec = rng.choice(share(table("turns")["compared"], split))
    x, y = rng.sample(share(table("turns")[spec["things"]], split), 2)
    v, w = rng.sample(range(3, 900), 2)
    first, second = fill(spec["a"], {"x": x, "v": v}), fill(spec["a"], {"x": y, "v": w})
    told = rng.choice(("{a}, {b}.", "{a} and {b}.", "{a}; {b}.")).format(a=capitalised(first), b=second)
    low = rng.random() < 0.5
    word = spec["low" if low else "high"]
    chosen, rest = ((x, v), (y, w)) if (v < w) == low else ((y, w), (x, v))
    question = _pick("which", rng, split, w=word)
    answer = f"{capitalised(chosen[0])} is {word}: {chosen[1]} {spec['unit']}."
    if rng.random() < 0.35:
        turns = [say(f"{told} {question}", answer, "which")]
    else:
        turns = [say(told, rng.choice(table("told")["acks"]), "told"), *_between(rng, split, tools, 1)]
        turns.append(say(question, answer, "which"))
    if rng.random() < 0.5:
        other = capitalised(fill(spec["a"], {"x": rest[0], "v": rest[1]})) + "."
        turns.append(say(_pick("other", rng, split), other, "other"))
    if tools and rng.random() < 0.4:
        query = f"{max(v, w)} - {min(v, w)}"
        found = use("math", query)
        reply = says(f"The difference is {found.text} {spec['unit']}.")
        asked = asks(_pick("difference", rng, split))
        turns.append(Turn((asked, calls("math", query=query), returns("math", found.text), reply), KIND, "difference"))
    return turns


def _choice(rng: random.Random, split: Split, tools: bool) -> list[Turn]:
    """The second one."""
    pools = ("food", "spot", "instrument", "animal", "colour", "hobby", "item")
    pool = share(table("told")["values"][rng.choice(pools)], split)
    wanted = rng.choice((3, 3, 4))
    items = rng.sample(pool, wanted) if len(pool) >= wanted else [invented_place(rng, split) for _ in range(wanted)]
    if len(set(items)) < wanted:
        items = [f"{item} {'ABCD'[at]}" for at, item in enumerate(items)]
    told = capitalised(_pick("introduces", rng, split, list=listed(items, rng)))
    turns = [say(told, rng.choice(("OK.", "Good choices! What would you like to know?", "Noted.")), "told")]
    turns += _between(rng, split, tools, 1)
    for at in rng.sample(range(wanted), rng.choice((1, 1, 2))):
        ordinal = rng.choice((_ORDINALS[at], "last")) if at == wanted - 1 else _ORDINALS[at]
        reply = rng.choice(("The {o} one is {i}.", "That is {i}.", "{I}.", "The {o} one was {i}."))
        turns.append(
            say(_pick("ordinal", rng, split, o=ordinal), fill(reply, {"o": ordinal, "i": items[at]}), "ordinal")
        )
    return turns


def _he_and_she(rng: random.Random, split: Split, tools: bool) -> list[Turn]:
    f, g = (rng.choice(share(table("turns")[key], split)) for key in ("women", "men"))
    p, r = (_value("place", rng, split) for _ in range(2))
    told = _pick("pair", rng, split, f=f, g=g, p=p, r=r)
    turns = [say(told, rng.choice(table("told")["acks"]), "told"), *_between(rng, split, tools, 1)]
    both = [("she", f, p), ("he", g, r)]
    rng.shuffle(both)
    for word, name, place in both[: rng.choice((1, 2))]:
        turns.append(say(_pick(word, rng, split), f"{name} is in {place}.", word))
    return turns


def _there(rng: random.Random, split: Split, tools: bool) -> list[Turn]:
    """A country is named; later it is "that country"."""
    country = rng.choice(share(table("lookups")["countries"], split))
    turns = [say(_pick("travels", rng, split, c=country), rng.choice(table("turns")["nice"]), "told")]
    for name in rng.sample(list(table("turns")["there"]), rng.choice((1, 2))):
        question = humanised(rng.choice(share(table("turns")["there"][name], split)), rng)
        turns.append(lookups.about(question, name, country, rng))
    return turns


def _instruction(rng: random.Random, split: Split, tools: bool) -> list[Turn]:
    """A rule for all further answers, which is kept until it is taken back."""
    data = table("turns")
    wording, form, slots = instruction(rng, split)
    known = share(data["qa"], split)
    asked = rng.sample(known, min(len(known), rng.choice((2, 3, 3, 4))))
    turns: list[Turn] = []
    if rng.random() < 0.3:
        question, sentence, word = asked.pop()
        turns.append(say(f"{closed(wording)} {question}", formed(form, sentence, word, 1, slots), "instruction"))
    else:
        agreed = rng.choice(data["agrees"])
        turns.append(say(wording, formed(form, agreed, "yes", 1, slots), "instruction"))
    stop = rng.random() < 0.2
    for at, (question, sentence, word) in enumerate(asked):
        if stop and at == len(asked) - 1:
            turns.append(say(_pick("stops", rng, split), rng.choice(data["agrees"]), "stopped"))
            turns.append(say(question, sentence, "stopped"))
        else:
            turns.append(say(humanised(question, rng), formed(form, sentence, word, at + 2, slots), "kept"))
    return turns


def instruction(rng: random.Random, split: Split) -> tuple[str, str, dict[str, str]]:
    """A standing instruction: its wording, the form that answers take, and what fills the form."""
    data = table("turns")
    wordings = [(wording, one["form"]) for one in data["instructions"] for wording in one["say"]]
    wording, form = rng.choice(share(wordings, split))
    slots = {"t": rng.choice(share(data["titles"], split)), "k": rng.choice(share(data["words"], split))}
    return fill(humanised(wording, rng), slots), form, slots


def formed(form: str, sentence: str, word: str, number: int, slots: dict[str, str]) -> str:
    """An answer as a standing instruction wants it."""
    if form == "upper":
        return sentence.upper()
    if form == "lower":
        return sentence.lower()
    lowered = sentence[0].lower() + sentence[1:]
    return fill(form, {"s": sentence, "m": sentence.rstrip("."), "l": lowered, "w": word, "n": number, **slots})


def _list(rng: random.Random, split: Split, tools: bool) -> list[Turn]:
    """A list that is changed and read out."""
    pool = list(share(table("told")["values"]["item"], split))
    rng.shuffle(pool)
    held = len(pool) < 6  # a held-out split has few things, so that its lists are short
    items = [pool.pop() for _ in range(1 if held else rng.choice((2, 3, 4)))]
    turns = [say(_pick("list_starts", rng, split, list=listed(items, rng)), f"Your list: {', '.join(items)}.", "list")]
    for _ in range(rng.choice((1, 2, 2, 3))):
        change = rng.choice(("add", "add", "remove", "swap")) if len(items) > 1 else "add"
        if change != "remove" and not pool:
            break
        if change == "add":
            items.append(pool.pop())
            prompt = _pick("list_adds", rng, split, i=items[-1])
        elif change == "remove":
            prompt = _pick("list_removes", rng, split, i=items.pop(rng.randrange(len(items))))
        else:
            at = rng.randrange(len(items))
            old, items[at] = items[at], pool.pop()
            prompt = _pick("list_swaps", rng, split, i=old, j=items[at])
        reply = rng.choice((f"Your list is now: {', '.join(items)}.", rng.choice(("Done.", "OK, done.", "Changed."))))
        turns.append(say(prompt, reply, change))
    turns += _between(rng, split, tools, 1)
    turns.append(say(_pick("list_reads", rng, split), f"Your list: {', '.join(items)}.", "read"))
    if rng.random() < 0.35:
        count = _NUMBERS[len(items)]
        things = "thing" if len(items) == 1 else "things"
        turns.append(say(_pick("list_counts", rng, split), f"There are {count} {things} on it." if len(items) > 1
                         else "There is one thing on it.", "count"))  # fmt: skip
    return turns


def _counting(rng: random.Random, split: Split, tools: bool) -> list[Turn]:
    """How many were named, and what was asked first."""
    data = table("turns")
    if rng.random() < 0.5:
        names = share(table("entities")["first_names"], split)
        named = rng.sample(names, min(len(names), rng.choice((2, 3, 4))))
        turns = [
            say(_pick("comes", rng, split, n=name), rng.choice(("Nice!", "OK.", "Noted.")), "named") for name in named
        ]
        reply = f"{capitalised(_NUMBERS[len(named)])}: {listed(named, rng)}."
        return [*turns, say(_pick("who", rng, split), reply, "counted")]
    known = share(data["qa"], split)
    asked = rng.sample(known, min(len(known), rng.choice((2, 3))))
    turns = [say(question, sentence, "quiz") for question, sentence, _ in asked]
    which, question = rng.choice((("first_question", asked[0][0]), ("last_question", asked[-1][0])))
    word = "first" if which == "first_question" else "last"
    reply = rng.choice((f'Your {word} question was: "{question}"', f'You asked: "{question}"'))
    return [*turns, say(_pick(which, rng, split), reply, "recalled")]
