"""Questions that rest on a claim: a false one is corrected, a true one is not."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import turns as conversations
from .dialogue import Turn, Unusable, asks, built_in_schemas, calls, returns, says, use
from .entities import invented_person, invented_place
from .phrasing import Split, capitalised, fill, humanised, share, table
from .safety import as_yours, offered

KIND = "premise"
MAX_VALUE = 40  # characters of a passage that a reply repeats as a value


@dataclass(frozen=True)
class Claim:
    """That something has a value, right or wrong.

    Args:
        about: what it is about, as in `the capital of Peru`.
        claimed: the value that the user names.
        right: the value that the tool found.
        tool: the tool that settles it.
        query: what it is asked.
        cited: what follows the right value, ` [1]` where it comes from a passage.
    """

    about: str
    claimed: str
    right: str
    tool: str
    query: str
    cited: str = ""

    @property
    def clause(self) -> str:
        return f"{self.about} is {self.claimed}"

    def reply(self, rng: random.Random) -> str:
        """Agrees, or names the right value."""
        kind = "sound" if self.claimed == self.right else "wrong"
        slots = {"x": self.about, "w": self.claimed, "r": self.right, "c": self.cited}
        return fill(rng.choice(table("premises")[kind]), slots)


def draw(rng: random.Random, split: Split) -> tuple[list[Turn], list[dict[str, Any]]]:
    """A question with a true or a false premise, and the tools that are offered.

    Raises:
        Unusable: a tool failed, or found something that cannot be retold.
    """
    makers: list[tuple[Callable[[random.Random, Split], list[Turn]], int]] = [
        (_mathematics, 7),
        (_factbook, 5),
        (_neighbours, 2),
        (_coast, 2),
        (_invented, 3),
    ]
    untooled: list[tuple[Callable[[random.Random, Split], list[Turn]], int]] = [
        (_statement, 9),
        (_creation, 4),
        (_never_said, 2),
        (_misquoted, 3),
    ]
    maker = rng.choices([maker for maker, _ in makers + untooled], [weight for _, weight in makers + untooled])[0]
    made = maker(rng, split)
    return made, built_in_schemas() if maker in [tooled for tooled, _ in makers] else offered(rng)


def number_claim(rng: random.Random, right: bool) -> Claim:
    """A claim about numbers, checked with `math`; one that is wrong is near the truth.

    Raises:
        Unusable: the tool failed.
    """
    a, b = rng.randint(12, 98), rng.randint(3, 48)
    root, percent = rng.randint(4, 40), rng.choice((5, 10, 15, 20, 25, 30, 40, 60, 75))
    whole = 20 * rng.randint(2, 60)
    numbers = [rng.randint(2, 40) for _ in range(rng.randint(3, 4))]
    about, query = rng.choice(
        (
            (f"{a} times {b}", f"{a} * {b}"),
            (f"{a} * {b}", f"{a} * {b}"),
            (f"{a * 7} plus {b * 9}", f"{a * 7} + {b * 9}"),
            (f"{a * 9} minus {b}", f"{a * 9} - {b}"),
            (f"{a * b} divided by {b}", f"{a * b} / {b}"),
            (f"{percent}% of {whole}", f"{percent}% of {whole}"),
            (f"the square root of {root * root}", f"sqrt({root * root})"),
            (f"the square of {root}", f"{root}^2"),
            (f"the sum of {', '.join(map(str, numbers))}", " + ".join(map(str, numbers))),
            (f"3 to the power of {root // 6 + 2}", f"3^{root // 6 + 2}"),
            (f"{b} hours in minutes", f"convert {b} hours to minutes"),
            (f"{a} kilometres in metres", f"convert {a} km to m"),
        )
    )
    found = use("math", query)
    match = re.fullmatch(r"(-?\d+)( m| minutes)?", found.text)
    if found.is_error or not match:
        raise Unusable(f"{query}: {found.text[:60]}")
    value, unit = int(match[1]), match[2] or ""
    off = rng.choice((1, 2, 10, -1, -2, -10, 100)) if not unit else rng.choice((-9 * value // 10, 9 * value, value))
    claimed = found.text if right else f"{value + off if value + off > 0 else value + 3}{unit}"
    return Claim(about, claimed, found.text, "math", query)


def fact_claim(rng: random.Random, split: Split, right: bool) -> Claim:
    """A claim about a country, checked with `search`.

    Raises:
        Unusable: the tool found no short value.
    """
    fields = table("premises")["fields"]
    name = rng.choice(list(fields))
    country, other = rng.sample(share(table("lookups")["countries"], split), 2)
    query, value = _value(name, country)
    wrong = value if right else _value(name, other)[1]
    if wrong == value and not right:
        raise Unusable("both countries have it")
    return Claim(fill(fields[name], {"c": country}), wrong, value, "search", query, " [1]")


def checked(prompt: str, claim: Claim, answer: str, operation: str) -> Turn:
    """A turn that asks the claim's tool and answers."""
    found = use(claim.tool, claim.query)
    messages = (asks(prompt), calls(claim.tool, query=claim.query), returns(claim.tool, found.text), says(answer))
    return Turn(messages, KIND, operation)


def _value(name: str, country: str) -> tuple[str, str]:
    """The query for a field of a country, and the value without its notes."""
    field = table("lookups")["fields"][name]
    query = fill(field["q"], {"c": country.removeprefix("the ")})
    found = use("search", query)
    match = re.match(r"\[1\] (.+?) — (.+?): ([^\n]+)", found.text)
    if not match or match[2] != field["label"] or country.removeprefix("the ").split()[0] not in match[1]:
        raise Unusable(f"{query}: {found.text[:60]}")
    value = re.sub(r" [\d,.]+ m$", "", re.split(r"[;(\[]", match[3])[0].strip())
    if not 2 < len(value) <= MAX_VALUE or ":" in value or " is " in value:
        raise Unusable(f"{query}: {value[:60]}")
    return query, value


def _framed(clause: str, rng: random.Random, split: Split) -> str:
    frame = humanised(rng.choice(share(table("premises")["frames"]["clause"], split)), rng)
    return fill(frame, {"s": clause})


def _mathematics(rng: random.Random, split: Split) -> list[Turn]:
    if rng.random() < 0.35:
        return [_prime(rng, split)]
    claim = number_claim(rng, rng.random() < 0.45)
    return [checked(_framed(claim.clause, rng, split), claim, claim.reply(rng), "mathematics")]


def _prime(rng: random.Random, split: Split) -> Turn:
    n = rng.choice([n for n in range(31, 2000, 2) if n % 5 and n % 3])
    query = f"is {n} prime"
    found = use("math", query)
    factors = re.search(r"\((.+)\)", found.text)
    prime = found.text.startswith("yes")
    if found.is_error or not (prime or factors) or (prime and rng.random() < 0.3):
        raise Unusable(f"{query}: {found.text[:60]}")
    clause = rng.choice((f"{n} is prime", f"{n} is a prime number", f"{n} has no divisors but 1 and itself"))
    if factors:
        answer = rng.choice(("{n} is not prime: it is {f}.", "No, {n} is {f}, so it is not prime.",
                             "That is not right: {n} = {f} is not prime."))  # fmt: skip
    else:
        answer = rng.choice(("Yes, {n} is prime.", "That is right: {n} is prime.", "Indeed, {n} is a prime number."))
    messages = (
        asks(_framed(clause, rng, split)),
        calls("math", query=query),
        returns("math", found.text),
        says(fill(answer, {"n": n, "f": factors[1] if factors else ""})),
    )
    return Turn(messages, KIND, "prime")


def _factbook(rng: random.Random, split: Split) -> list[Turn]:
    claim = fact_claim(rng, split, rng.random() < 0.45)
    return [checked(_framed(claim.clause, rng, split), claim, claim.reply(rng), "factbook")]


def _searched(
    clause: str, query: str, label: str, answer: Callable[[str], str], rng: random.Random, split: Split
) -> Turn:
    """A turn that searches for a field; `answer` makes the reply from its text."""
    found = use("search", query)
    match = re.match(r"\[1\] (.+?) — (.+?): ([^\n]+)", found.text)
    if not match or match[2] != label:
        raise Unusable(f"{query}: {found.text[:60]}")
    messages = (
        asks(_framed(clause, rng, split)),
        calls("search", query=query),
        returns("search", found.text),
        says(answer(match[3])),
    )
    return Turn(messages, KIND, label.lower())


def _neighbours(rng: random.Random, split: Split) -> list[Turn]:
    """That two countries have a border."""
    countries = [name for name in share(table("lookups")["countries"], split) if not name.startswith("the ")]
    country = rng.choice(countries)
    query = fill(table("lookups")["fields"]["borders"]["q"], {"c": country})
    text = use("search", query).text
    listed = re.match(r"\[1\] .+? — Land borders: ([^\n]+)", text)
    names = [found[1] for found in re.finditer(r"([A-Z][A-Za-z' -]+?) [\d,.]+ km", listed[1])] if listed else []
    names = [name for name in names if len(name) > 2]
    if not 1 <= len(names) <= 6 or "…" in text:
        raise Unusable(f"{country} has no short list of neighbours")
    sound = rng.random() < 0.45
    others = [name for name in countries if name != country and not any(name in one or one in name for one in names)]
    other = rng.choice(names if sound else others)
    clause = fill(rng.choice(table("premises")["borders"]), {"c": country, "d": other})
    known = conversations.listed(names, rng)
    answer = f"Yes, {country} borders {other} [1]." if sound else rng.choice(
        (
            f"{country} does not border {other}: its only neighbours are {known} [1]." if len(names) > 1
            else f"{country} does not border {other}: its only neighbour is {known} [1].",
            f"No, {country} has no border with {other}. It borders {known} [1].",
        )
    )  # fmt: skip
    return [_searched(clause, query, "Land borders", lambda _: answer, rng, split)]


def _coast(rng: random.Random, split: Split) -> list[Turn]:
    """That a country has a coast, or none."""
    country = rng.choice(share(table("lookups")["countries"], split))
    says_coast = rng.random() < 0.5
    clause = fill(rng.choice(table("premises")["coasts" if says_coast else "inland"]), {"c": country})
    bare = country.removeprefix("the ")
    subject = capitalised(country)

    def answer(text: str) -> str:
        length = re.match(r"([\d,.]+) km", text)
        if not length:
            raise Unusable(text[:60])
        inland = "landlocked" in text
        if not inland and length[1] == "0":
            raise Unusable(text[:60])
        if inland:
            no = rng.choice(
                ("No, {c} has no coast: it is landlocked [1].", "{c} has no coast at all; it is landlocked [1].")
            )
            return fill(no if says_coast else "Yes, {c} is landlocked [1].", {"c": subject})
        yes = "Yes, {c} has a coastline of {v} km [1]."
        no = rng.choice(
            (
                "{c} is not landlocked: its coastline is {v} km long [1].",
                "That is not so: {c} has a coast of {v} km [1].",
            )
        )
        return fill(yes if says_coast else no, {"c": subject, "v": length[1]})

    return [_searched(clause, f"coastline of {bare}", "Coastline", answer, rng, split)]


def _invented(rng: random.Random, split: Split) -> list[Turn]:
    """Something that nobody has: the search brings nothing, so nothing is said of it."""
    data = table("premises")
    pairs = list(zip(data["invented"], data["invented_queries"], strict=True))
    question, query = rng.choice(share(pairs, split))
    slots = {"person": invented_person(rng, split), "place": invented_place(rng, split)}
    query = fill(query, slots)
    found = use("search", query)
    if not found.text.startswith("No passage"):
        raise Unusable(f"{query}: {found.text[:60]}")
    about = query if query in slots.values() else f"the {query}"
    messages = (
        asks(fill(humanised(question, rng), slots)),
        calls("search", query=query),
        returns("search", found.text),
        says(fill(rng.choice(data["nothing"]), {"x": about})),
    )
    return [Turn(messages, KIND, "invented")]


def _plain(prompt: str, reply: str, operation: str) -> Turn:
    return Turn((asks(prompt), says(reply)), KIND, operation)


def _joined(opening: str, text: str) -> str:
    """An opening that ends a sentence, or is empty, wants a capital letter behind it."""
    return opening + (text if opening.rstrip()[-1:] in (",", ":") else capitalised(text))


def _statement(rng: random.Random, split: Split) -> list[Turn]:
    """What everybody may know."""
    data = table("premises")
    false, correction, true, more = rng.choice(share(data["statements"], split))
    if rng.random() < 0.55:
        return [_plain(_framed(false, rng, split), _joined(rng.choice(data["denies"]), correction), "statement")]
    reply = rng.choice((_joined(rng.choice(data["affirms"]), f"{true}. {capitalised(more)}"), capitalised(more)))
    return [_plain(_framed(true, rng, split), reply, "statement")]


def _creation(rng: random.Random, split: Split) -> list[Turn]:
    """Who made what."""
    data = table("premises")
    made = share(data["creations"], split)
    work, maker, verb, infinitive, year = rng.choice(made)
    others = [one[1] for one in data["creations"] if one[2] == verb and one[1] != maker]
    person = maker if rng.random() < 0.45 else rng.choice(others)
    slots = {"p": person, "w": work, "v": verb, "i": infinitive, "m": maker, "y": year}
    frames = [
        frame for frame in data["creation_frames"] if person != maker or not frame.startswith(("Why", "What made"))
    ]
    frame = rng.choice(share(frames, split))
    if person == maker:
        replies = ("{p} {v} {w} in {y}.", "That was in {y}.", "In {y}.")
        replies = ("{p} {v} {w}: {y}.", "That was {y}.") if not str(year).isdigit() else replies
    else:
        replies = ("{p} did not {i} {w}: {m} did.", "It was not {p} but {m} who {v} {w}.", "{m} {v} {w}, not {p}.",
                   "That is a mix-up: {w} is by {m}, not by {p}." if verb in ("wrote", "painted", "composed")
                   else "That is a mix-up: it was {m} who {v} {w}.")  # fmt: skip
    return [_plain(fill(humanised(frame, rng), slots), fill(rng.choice(replies), slots), "creation")]


def _never_said(rng: random.Random, split: Split) -> list[Turn]:
    data = table("premises")
    clause = rng.choice(share(data["never_said_what"], split))
    prompt = fill(humanised(rng.choice(share(data["never_said"], split)), rng), {"s": clause})
    return [_plain(prompt, rng.choice(data["never_said_replies"]), "never_said")]


def _misquoted(rng: random.Random, split: Split) -> list[Turn]:
    """The user quotes himself, rightly or not."""
    told = conversations.fact(rng, split)
    sound = rng.random() < 0.4
    quoted = fill(told.spec["s"], {"v": told.value if sound else told.another})
    first = conversations.say(told.told, rng.choice(table("told")["acks"]), "told")
    prompt = fill(humanised(rng.choice(share(table("premises")["misquoted"], split)), rng), {"s": f"that {quoted}"})
    said = as_yours(told.clause)
    if sound:
        reply = rng.choice((f"Yes, you said that {said}.", f"That is right: {said}."))
    else:
        value, other = as_yours(told.value), as_yours(told.another)
        reply = rng.choice((f"No, you said {value}, not {other}.", f"You told me that {said}, not {other}.",
                            f"That is not what you said before: {said}."))  # fmt: skip
    return [first, _plain(prompt, reply, "misquoted")]
