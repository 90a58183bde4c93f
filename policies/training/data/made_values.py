"""Kinds of arguments: what a schema says of one, and values of it as people say, as a call writes and as a reply tells.

half past six in the evening  ->  "18:30"
two lamps and three mugs      ->  [{"item": "lamps", "quantity": 2}, {"item": "mugs", "quantity": 3}]
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from .entities import invented_person, invented_place, person, word
from .made_amounts import UNITS, Drawn, Kind, amount, date, money, number_said, price, time
from .phrasing import Split, capitalised, listed, share, table


def kind_of(name: str, options: dict[Any, Any], rng: random.Random, split: Split) -> Kind:
    """The kind of a name in the tables: `date`, `money`, `enum`, `pick a|b`, ..."""
    if name.startswith("pick "):
        return _pick(name.removeprefix("pick ").split("|"), rng)
    if name in _LISTS:
        return _list(name, rng, split)
    if name in UNITS:
        return amount(name, rng)
    if name == "enum":
        return _enum(options["of"], rng)
    if name == "bool":
        return _chosen(
            {"type": "boolean"}, {value: options[value] for value in (True, False)}, rng
        )  # YAML's yes and no
    return _MAKERS[name](rng, split)


def _same(text: str) -> Drawn:
    return Drawn(text, text, text)


def _pick(words: list[str], rng: random.Random) -> Kind:
    if all(text.replace(".", "").isdigit() for text in words):
        return Kind({"type": "number" if "." in "".join(words) else "integer"}, "", lambda: _number(rng.choice(words)))
    return Kind({"type": "string"}, "", lambda: _same(rng.choice(words)))


def _enum(of: dict[str, list[str]], rng: random.Random) -> Kind:
    names = list(of)
    rng.shuffle(names)
    return _chosen({"type": "string", "enum": names}, of, rng)


def _chosen(schema: dict[str, Any], of: dict[Any, list[str]], rng: random.Random) -> Kind:
    def draw() -> Drawn:
        value = rng.choice(list(of))
        said = rng.choice(of[value])
        return Drawn(value, said, said)

    return Kind(schema, "", draw)


def _code(rng: random.Random, _: Split) -> Kind:
    """An identifier: a number, or letters and digits of one pattern."""
    if rng.random() < 0.3:
        digits = rng.choice((3, 4, 5, 6))
        if rng.random() < 0.6:
            return Kind(
                {"type": "integer"}, "", lambda: _number_code(rng.randint(10 ** (digits - 1), 10**digits - 1), rng)
            )
        return Kind({"type": "string"}, "", lambda: _same(str(rng.randint(10 ** (digits - 1), 10**digits - 1))))
    letters = "ABCDEFGHKLMNPQRSTVWXZ"
    start = "".join(rng.choice(letters) for _ in range(rng.choice((1, 2, 2, 3))))
    joint, digits = rng.choice(("-", "-", "", "_")), rng.choice((3, 4, 5))
    fixed_start = rng.random() < 0.5
    lower = rng.random() < 0.15

    def draw() -> Drawn:
        head = start if fixed_start else "".join(rng.choice(letters) for _ in start)
        text = f"{head}{joint}{rng.randint(10 ** (digits - 1), 10**digits - 1)}"
        return _same(text.lower() if lower else text)

    return Kind({"type": "string"}, "", draw)


def _number_code(number: int, rng: random.Random) -> Drawn:
    return Drawn(number, rng.choice((str(number), str(number), f"#{number}", f"no. {number}")), str(number))


def _full_name(rng: random.Random, split: Split) -> str:
    if rng.random() < 0.35:
        return rng.choice(share(table("entities")["first_names"], split))
    return invented_person(rng, split)


def _city(rng: random.Random, split: Split) -> str:
    return rng.choice(share(table("entities")["city"], split)) if rng.random() < 0.5 else invented_place(rng, split)


def _street(rng: random.Random, split: Split) -> str:
    end = rng.choice(("Street", "Road", "Lane", "Avenue"))
    name = rng.choice((invented_place(rng, split), invented_person(rng, split).split()[-1]))
    return f"{rng.randint(1, 180)} {name} {end}"


def _email(rng: random.Random, split: Split) -> str:
    first = rng.choice(share(table("entities")["first_names"], split)).lower().replace("í", "i")
    return rng.choice((f"{first}@{word(rng)}.example", f"{first}.{word(rng)}@{word(rng)}.example"))


def _texts(name: str) -> Callable[[random.Random, Split], Kind]:
    return lambda rng, split: Kind(
        {"type": "string"}, "", lambda: _same(rng.choice(share(table("made_wordings")[name], split)))
    )


def _text(make: Callable[[random.Random, Split], str]) -> Callable[[random.Random, Split], Kind]:
    return lambda rng, split: Kind({"type": "string"}, "", lambda: _same(make(rng, split)))


def _object(properties: dict[str, Kind], said: str, rng: random.Random, optional: Sequence[str] = ()) -> Kind:
    """An object whose parts are said in one phrase, `said`."""
    schema = {
        "properties": {name: dict(part.schema) | _described(part.fixed) for name, part in properties.items()},
        "required": [name for name in properties if name not in optional],
        "type": "object",
    }

    def draw() -> Drawn:
        parts = {name: part.draw() for name, part in properties.items()}
        values = list(parts.values())
        return Drawn(
            {name: part.value for name, part in parts.items()},
            said.format(*(part.said for part in values)),
            said.format(*(part.told for part in values)),
        )

    return Kind(schema, "", draw)


def _described(fixed: str) -> dict[str, str]:
    return {"description": fixed} if fixed else {}


def _period(rng: random.Random, split: Split) -> Kind:
    day = date(rng, split)
    names = rng.choice((("from", "to"), ("start", "end"), ("first_day", "last_day"), ("begin", "until")))
    kind = _object(dict.fromkeys(names, day), rng.choice(("from {} to {}", "from {} until {}")), rng)

    def draw() -> Drawn:
        while True:
            drawn = kind.draw()
            if drawn.value[names[0]] < drawn.value[names[1]]:
                return drawn

    return Kind(kind.schema, "", draw)


def _address(rng: random.Random, split: Split) -> Kind:
    street, city = _text(_street)(rng, split), _text(_city)(rng, split)
    if rng.random() < 0.4:
        postcode = Kind({"type": "string"}, "", lambda: _same(str(rng.randint(10000, 99999))))
        return _object({"street": street, "postcode": postcode, "city": city}, "{}, {} {}", rng)
    return _object({"street": street, rng.choice(("city", "town")): city}, rng.choice(("{} in {}", "{}, {}")), rng)


def _contact(rng: random.Random, split: Split) -> Kind:
    name, mail = _text(invented_person)(rng, split), _text(_email)(rng, split)
    names = rng.choice((("name", "email"), ("full_name", "address"), ("name", "mail")))
    return _object({names[0]: name, names[1]: mail}, rng.choice(("{} ({})", "{}, {}", "{} with the address {}")), rng)


def _size(rng: random.Random, _: Split) -> Kind:
    unit = Kind({"type": "integer"}, "", lambda: _plain(rng.randint(10, 120)))
    names = rng.choice((("width", "height"), ("width", "length"), ("w", "h")))
    kind = _object(dict.fromkeys(names, unit), rng.choice(("{} by {} cm", "{} x {} cm", "{} by {} centimetres")), rng)
    return Kind(kind.schema, "in centimetres", kind.draw)


def _colour(rng: random.Random, _: Split) -> Kind:
    part = Kind({"type": "integer"}, "", lambda: _plain(rng.choice((0, 255, rng.randint(1, 254)))))
    names = rng.choice((("red", "green", "blue"), ("r", "g", "b")))
    return _object(dict.fromkeys(names, part), rng.choice(("rgb {}, {}, {}", "red {}, green {}, blue {}")), rng)


def _guests(rng: random.Random, _: Split) -> Kind:
    part = Kind({"type": "integer"}, "", lambda: _counted(rng.randint(2, 6), rng))
    return _object({"adults": part, "children": part}, "{} adults and {} children", rng)


def _plain(number: int) -> Drawn:
    return Drawn(number, str(number), str(number))


def _number(text: str) -> Drawn:
    return Drawn(float(text) if "." in text else int(text), text, text)


def _counted(number: int, rng: random.Random) -> Drawn:
    return Drawn(number, number_said(number, rng), str(number))


_LISTS = ("people", "goods", "tags", "orders", "figures")


def _list(name: str, rng: random.Random, split: Split) -> Kind:
    if name == "orders":
        keys = rng.choice((("item", "quantity"), ("name", "count"), ("product", "amount"), ("item", "number")))
        count = _counted
        item: dict[str, Any] = {
            "properties": {keys[0]: {"type": "string"}, keys[1]: {"type": "integer"}},
            "required": list(keys),
            "type": "object",
        }

        def order() -> Drawn:
            goods = rng.sample(share(table("made_wordings")["goods"], split), rng.choice((1, 2, 2, 3)))
            counts = [count(rng.randint(2, 12), rng) for _ in goods]
            said = listed([f"{n.said} {thing}" for n, thing in zip(counts, goods, strict=True)], rng)
            told = listed([f"{n.told} {thing}" for n, thing in zip(counts, goods, strict=True)], rng)
            value = [{keys[0]: thing, keys[1]: n.value} for n, thing in zip(counts, goods, strict=True)]
            return Drawn(value, said, told)

        return Kind({"items": item, "type": "array"}, "", order)

    def draw() -> Drawn:
        if name == "figures":
            numbers = [rng.randint(2, 400) for _ in range(rng.choice((3, 4, 5)))]
            said = listed([str(n) for n in numbers], rng)
            return Drawn(numbers, said, said)
        if name == "people":
            found = list(dict.fromkeys(_full_name(rng, split) for _ in range(rng.choice((1, 2, 2, 3)))))
        else:
            found = rng.sample(share(table("made_wordings")[name], split), rng.choice((1, 2, 2, 2, 3)))
        said = listed(found, rng)
        return Drawn(found, said, said)

    return Kind({"items": {"type": "integer" if name == "figures" else "string"}, "type": "array"}, "", draw)


def _title(rng: random.Random, _: Split) -> str:
    start, end = rng.choice(("The Last", "Under the", "Return to", "A Night in", "The Green")), word(rng)
    return f"{start} {capitalised(end)}"


_MAKERS: dict[str, Callable[[random.Random, Split], Kind]] = {
    "date": date,
    "time": time,
    "code": _code,
    "money": money,
    "price": price,
    "period": _period,
    "address": _address,
    "contact": _contact,
    "size": _size,
    "guests": _guests,
    "colour": _colour,
    "person": _text(_full_name),
    "known": _text(person),
    "city": _text(_city),
    "street": _text(_street),
    "email": _text(_email),
    "word": _text(lambda rng, _: word(rng)),
    "picture": _text(lambda rng, _: f"{word(rng)}.{rng.choice(('png', 'jpg', 'webp', 'tiff'))}"),
    "document": _text(lambda rng, _: f"{word(rng)}.{rng.choice(('txt', 'md', 'csv', 'log'))}"),
    "sound": _text(lambda rng, _: f"{word(rng)}.{rng.choice(('mp3', 'wav', 'flac'))}"),
    "model": _text(lambda rng, _: f"{word(rng)}.{rng.choice(('stl', 'obj', '3mf'))}"),
    "url": _text(lambda rng, _: f"https://{word(rng)}.example/{word(rng)}"),
    "phone": _text(lambda rng, _: f"{rng.randint(100, 999)} {rng.randint(1000, 9999)}"),
    "plate": _text(lambda rng, _: f"{''.join(rng.choices('ABDEHKLMNPRSTVX', k=3))} {rng.randint(100, 9999)}"),
    "title": _text(_title),
    "thing": _texts("goods"),
    "topic": _texts("topics"),
    "message": _texts("messages"),
    "dish": _texts("dishes"),
    "room": _texts("rooms"),
    "device": _texts("devices"),
}
KINDS = (*_MAKERS, *UNITS, *_LISTS, "enum", "bool")
