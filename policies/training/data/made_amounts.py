"""Amounts, dates and times: as people say them, as a call writes them, as a reply tells them.

half past six in the evening  ->  "18:30"
half a litre                  ->  0.5
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .phrasing import Split, table


@dataclass(frozen=True)
class Drawn:
    """A value.

    Args:
        value: in the call.
        said: in the request.
        told: in the reply.
    """

    value: Any
    said: str
    told: str


@dataclass(frozen=True)
class Kind:
    """What an argument may be.

    Args:
        schema: its JSON schema without the description.
        fixed: format or unit, which the description has to name; empty where there is nothing to fix.
        draw: makes a value.
    """

    schema: dict[str, Any]
    fixed: str
    draw: Callable[[], Drawn]


def number_said(number: int, rng: random.Random) -> str:
    """`7` or `seven`."""
    words = table("words")
    if rng.random() < 0.5 or number > 99:
        return grouped(number, rng)
    if number < 20:
        return words["small_numbers"][number]
    tens, ones = divmod(number, 10)
    return words["tens"][tens - 2] + (f"-{words['small_numbers'][ones]}" if ones else "")


def grouped(number: float, rng: random.Random) -> str:
    """`1250` or, as people write it, `1,250`."""
    decimals = "" if isinstance(number, int) else ".2f"
    return f"{number:{',' if rng.random() < 0.5 else ''}{decimals}}"


# Unit: what the description says, type, smallest and largest value, how people say it (singular forms are never drawn).
UNITS: dict[str, tuple[str, str, float, float, tuple[str, ...]]] = {
    "count": ("", "integer", 2, 12, ("{n}",)),
    "number": ("", "number", 2, 900, ("{n}",)),
    "minutes": ("in minutes", "integer", 5, 55, ("{n} minutes", "{n} min")),
    "seconds": ("in seconds", "integer", 5, 55, ("{n} seconds", "{n} s")),
    "hours": ("in hours", "number", 2, 12, ("{n} hours",)),
    "days": ("in days", "integer", 2, 14, ("{n} days",)),
    "kg": ("in kilograms", "number", 2, 90, ("{n} kg", "{n} kilos", "{n} kilograms")),
    "grams": ("in grams", "integer", 20, 900, ("{n} g", "{n} grams")),
    "metres": ("in metres", "number", 2, 60, ("{n} m", "{n} metres", "{n} meters")),
    "km": ("in kilometres", "number", 2, 80, ("{n} km", "{n} kilometres")),
    "cm": ("in centimetres", "number", 5, 240, ("{n} cm", "{n} centimetres")),
    "celsius": ("in degrees Celsius", "number", 5, 32, ("{n} degrees", "{n} °C")),
    "percent": ("in percent", "integer", 5, 95, ("{n} percent", "{n}%", "{n} %")),
    "litres": ("in litres", "number", 2, 60, ("{n} litres", "{n} l")),
    "kwh": ("in kilowatt hours", "number", 3, 90, ("{n} kWh",)),
}
_SPECIAL: dict[str, dict[str, float]] = {
    "minutes": {"half an hour": 30, "an hour": 60, "an hour and a half": 90, "a quarter of an hour": 15,
                "two hours": 120, "three quarters of an hour": 45, "three hours": 180},
    "seconds": {"a minute": 60, "half a minute": 30, "a minute and a half": 90, "two minutes": 120},
    "hours": {"half an hour": 0.5, "an hour and a half": 1.5, "an hour": 1, "a whole day": 24,
              "two and a half hours": 2.5},
    "days": {"a week": 7, "two weeks": 14, "a day": 1, "a fortnight": 14, "three weeks": 21},
    "kg": {"half a kilo": 0.5, "one and a half kilos": 1.5, "a kilo": 1, "250 grams": 0.25},
    "grams": {"half a kilo": 500, "a quarter of a kilo": 250, "a kilo": 1000},
    "metres": {"half a metre": 0.5, "one and a half metres": 1.5},
    "km": {"half a kilometre": 0.5, "one and a half kilometres": 1.5},
    "percent": {"half": 50, "a quarter": 25},
    "litres": {"half a litre": 0.5, "one and a half litres": 1.5},
}  # fmt: skip


def amount(name: str, rng: random.Random) -> Kind:
    fixed, of_type, low, high, forms = UNITS[name]

    def draw() -> Drawn:
        special = _SPECIAL.get(name)
        if special and rng.random() < 0.2:
            said = rng.choice([text for text, n in special.items() if of_type == "number" or n == int(n)])
            # "an hour" stays as it was said: "1 hours" is no English.
            told = forms[0].format(n=special[said]) if of_type == "integer" and special[said] > 1 else said
            return Drawn(special[said], said, told)
        if of_type == "number" and rng.random() < 0.35:
            value: float = round(rng.uniform(low, high), 1)
            value = int(value) if value == int(value) else value
            form = rng.choice(forms)
            return Drawn(value, form.format(n=value), forms[0].format(n=value))
        number = rng.randint(int(low), int(high) * rng.choice((1, 1, 1, 1, 4) if name == "number" else (1,)))
        form = rng.choice(forms)
        in_words = form == "{n}" or len(form.partition(" ")[2]) > 3
        shown = number_said(number, rng) if in_words else str(number)
        return Drawn(number, form.format(n=shown), forms[0].format(n=number))

    return Kind({"type": of_type}, fixed, draw)


def price(rng: random.Random, split: Split) -> Kind:
    """A small amount of money."""
    return money(rng, split, most=99)


def money(rng: random.Random, _: Split, most: int = 2500) -> Kind:
    name, mark = rng.choice((("euros", "€"), ("euros", "€"), ("US dollars", "$"), ("pounds", "£")))

    def draw() -> Drawn:
        whole = rng.random() < 0.6
        value: float = rng.choice((rng.randint(3, 99), rng.randint(100, 2500))) if most > 99 else rng.randint(3, most)
        if not whole:
            value = round(value + rng.randint(1, 99) / 100, 2)
        shown, short = grouped(value, rng), name.split()[-1]
        said = rng.choice((f"{mark}{shown}", f"{shown} {short}", f"{shown} {short}"))
        return Drawn(value, said, f"{value if whole else f'{value:.2f}'} {short}")

    return Kind({"type": "number"}, f"in {name}", draw)


# Not the library's names: those follow the machine's language.
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def date(rng: random.Random, _: Split) -> Kind:
    def draw() -> Drawn:
        months = table("words")["months"]
        day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2025, 2029)
        name = months[month - 1]
        ordinal = f"{day}{'th' if 10 < day < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"
        value, told = f"{year}-{month:02d}-{day:02d}", f"{day} {name} {year}"
        weekday = _WEEKDAYS[datetime.date(year, month, day).weekday()]
        forms = [told, told, told, value, value, f"{name} {day}, {year}", f"the {ordinal} of {name} {year}"]
        forms += [f"{ordinal} {name} {year}", f"{day} {name[:3]} {year}", f"{weekday}, {told}"]
        forms += [f"{weekday} the {ordinal} of {name} {year}"]
        return Drawn(value, rng.choice(forms), told)

    fixed = rng.choice(("YYYY-MM-DD", "YYYY-MM-DD", "ISO 8601 date, e.g. 2024-12-31", "ISO date YYYY-MM-DD"))
    return Kind({"type": "string"} | ({"format": "date"} if rng.random() < 0.15 else {}), fixed, draw)


_MINUTES = {5: "five", 10: "ten", 15: "a quarter", 20: "twenty", 30: "half"}


def time(rng: random.Random, _: Split) -> Kind:
    def draw() -> Drawn:
        hour, minute = rng.randint(6, 22), rng.choice((0, 0, 15, 30, 45, 5, 10, 20, 40, 50))
        value = f"{hour:02d}:{minute:02d}"
        names = table("words")["small_numbers"]
        twelve = (hour - 1) % 12 + 1
        half = "am" if hour < 12 else "pm"
        part = "in the morning" if hour < 12 else "in the afternoon" if hour < 18 else "in the evening"
        forms = [value, value, f"{twelve}{'' if minute == 0 else f':{minute:02d}'} {half}"]
        if minute == 0:
            forms += [f"{names[twelve]} o'clock {part}", f"{twelve} {part}", f"{twelve}{half}"]
            forms += ["noon"] * 3 * (hour == 12)
        elif minute in (15, 30):
            forms += [f"{_MINUTES[minute]} past {names[twelve]} {part}"] * 2
        elif minute < 30:
            forms += [f"{_MINUTES[minute]} past {names[twelve]} {part}"]
        elif hour not in (11, 17):  # where the next hour belongs to another part of the day
            forms += [f"{_MINUTES[60 - minute]} to {names[twelve % 12 + 1]} {part}"] * 2
        return Drawn(value, rng.choice(forms), value)

    return Kind({"type": "string"}, rng.choice(("HH:MM", "HH:MM, 24-hour clock", "24 h, HH:MM")), draw)
