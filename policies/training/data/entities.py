"""Names of people, places and things, real and invented, split so that none is both trained and measured on."""

from __future__ import annotations

import random

from .phrasing import Split, share, table


def invented_person(rng: random.Random, split: Split) -> str:
    """A rare name, so that copying is learned and not a list of names."""
    names = table("entities")
    first = rng.choice(share(names["first_names"], split))
    surname = rng.choice(names["surname_starts"]) + rng.choice(share(names["surname_ends"], split))
    if rng.random() < 0.12:
        first += f" {rng.choice('ABCDEFGHJKLMNPRSTW')}."
    return f"{first} {surname}"


def person(rng: random.Random, split: Split) -> str:
    if rng.random() < 0.4:
        return rng.choice(share(table("entities")["known_people"], split))
    return invented_person(rng, split)


def invented_place(rng: random.Random, split: Split) -> str:
    names = table("entities")
    return rng.choice(names["surname_starts"]) + rng.choice(share(names["place_ends"], split))


def word(rng: random.Random) -> str:
    syllables = ("ba", "co", "dri", "el", "fa", "gri", "hu", "jo", "ka", "lo", "mi", "no", "pra", "qui", "ro", "sta",
                 "tu", "va", "wi", "xe", "yo", "zu", "ner", "tal", "mon", "fer", "lin")  # fmt: skip
    return "".join(rng.choice(syllables) for _ in range(rng.randint(2, 4)))


def slots(rng: random.Random, split: Split) -> dict[str, object]:
    """One draw of everything that a question may be about."""
    names = table("entities")
    drawn: dict[str, object] = {
        key: rng.choice(share(values, split))
        for key, values in names.items()
        if key not in ("known_people", "first_names", "surname_starts", "surname_ends", "place_ends")
    }
    drawn["person"] = person(rng, split)
    invented = word(rng)
    if rng.random() < 0.3:
        drawn["city"] = invented_place(rng, split)
    if rng.random() < 0.25:
        drawn["company"] = f"{invented.capitalize()} {rng.choice(('Ltd', 'Systems', 'Foods', 'Motors', 'Labs', 'AG'))}"
    if rng.random() < 0.25:
        drawn["book"] = f"The {rng.choice(('Last', 'Silent', 'Glass', 'Red', 'Lost'))} {invented.capitalize()}"
    drawn |= {
        "word": invented,
        "n": rng.randint(11, 998),
        "hour": rng.randint(8, 19),
        "date": f"{day(rng)} {rng.randint(2024, 2031)}",
        "phone": f"{rng.randint(100, 999)} {rng.randint(1000, 9999)}",
    }
    return drawn


def day(rng: random.Random) -> str:
    """`7 March`."""
    number = rng.randint(1, 28)
    return f"{number} {rng.choice(table('words')['months'])}"
