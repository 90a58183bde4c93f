"""Turn the table of chemical elements that the wheel `mendeleev` (MIT License) carries into passages.

One passage for each element and property, so that an answer is short: `Tungsten — Symbol: W`. Only figures and facts
are taken, none of the table's prose. The database is opened read-only; no code of the wheel is run.
"""

from __future__ import annotations

import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..passages import Passage, Progress

EDITION = "2026"
_ALIASES = {
    "Aluminum": ("aluminium",),
    "Aluminium": ("aluminum",),
    "Cesium": ("caesium",),
    "Caesium": ("cesium",),
    "Sulfur": ("sulphur",),
    "Tungsten": ("wolfram",),
    "Mercury": ("quicksilver",),
    "Sodium": ("natrium",),
    "Potassium": ("kalium",),
}
_QUERY = """
select e.*, g.name as group_name, s.name as series_name,
    (select min(p.melting_point) from phasetransitions p where p.atomic_number = e.atomic_number) as melting_low,
    (select max(p.melting_point) from phasetransitions p where p.atomic_number = e.atomic_number) as melting_high,
    (select min(p.boiling_point) from phasetransitions p where p.atomic_number = e.atomic_number) as boiling_low,
    (select max(p.boiling_point) from phasetransitions p where p.atomic_number = e.atomic_number) as boiling_high,
    (select group_concat(printf('%+d', o.oxidation_state), ', ') from oxidationstates o
        where o.atomic_number = e.atomic_number and o.category = 'main') as states,
    (select i.ionization_energy from ionizationenergies i
        where i.atomic_number = e.atomic_number and i.ion_charge = 0) as ionization
from elements e left join groups g on g.group_id = e.group_id left join series s on s.id = e.series_id
order by e.atomic_number
"""


def elements_passages(wheel: Path, progress: Progress | None = None) -> Iterator[Passage]:
    """Read the wheel's database.

    Args:
        wheel: path of the checked wheel.
        progress: called once at the beginning and once at the end.

    Yields:
        Passages, element by element.
    """
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(wheel) as archive:
            database = Path(archive.extract("mendeleev/elements.db", folder))
        connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
        try:
            connection.row_factory = sqlite3.Row
            rows = [dict(row) for row in connection.execute(_QUERY)]
        finally:
            connection.close()
    for done, row in enumerate(rows):
        if progress is not None:
            progress("building the index of the elements", done, len(rows))
        yield from _element(row)
    if progress is not None:
        progress("building the index of the elements", len(rows), len(rows))


def _element(row: dict[str, Any]) -> Iterator[Passage]:
    name = row["name"]
    for label, keywords, told in _facts(row):
        yield Passage(
            title=f"{name}: {label}",
            body=f"{name} — {label}: {told}",
            locator=f"elements/{row['symbol'].lower()}#{label.lower().replace(' ', '-')}",
            date=EDITION,
            keywords=keywords,
            names=(name, *_ALIASES.get(name, ())),
        )


def _facts(row: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    number, symbol = row["atomic_number"], row["symbol"]
    kind = f"{_singular(row['series_name'])}, " if row["series_name"] else ""
    group = f"group {row['group_id']}" if row["group_id"] else "no group"
    if row["group_name"]:
        group += f" ({row['group_name']})"
    place = f"period {row['period']}, {group}, block {row['block']}"
    summary = f"chemical element with the symbol {symbol} and the atomic number {number}; {kind}{place}"
    if row["discovery_year"]:
        summary += f"; discovered in {row['discovery_year']}"
    yield "Chemical element", "what is element kind type metal", summary
    yield "Symbol", "chemical sign abbreviation letter formula element", f"{symbol} (atomic number {number})"
    yield "Atomic number", "protons number element nuclear charge", f"{number} (symbol {symbol})"
    if row["atomic_weight"]:
        yield "Atomic weight", "mass molar relative atomic", f"{row['atomic_weight']:g} (in units of u, or g/mol)"
    yield "Place in the periodic table", "group period block series family", f"{place}; {kind.rstrip(', ')}"
    for label, keywords, low, high in (
        ("Melting point", "melt temperature freezing fusion", "melting_low", "melting_high"),
        ("Boiling point", "boil temperature evaporation", "boiling_low", "boiling_high"),
    ):
        if row[low] is not None:
            yield label, keywords, _kelvins(row[low], row[high])
    if row["density"] is not None:
        yield "Density", "dense heavy mass volume", f"{row['density']:g} g/cm³ at 20 °C"
    if row["electronic_configuration"]:
        yield "Electron configuration", "electronic electrons shell orbital", row["electronic_configuration"]
    if row["en_pauling"] is not None:
        yield "Electronegativity", "pauling scale", f"{row['en_pauling']:g} on the Pauling scale"
    if row["ionization"] is not None:
        yield "Ionization energy", "first ionisation", f"{row['ionization']:.4g} eV (first)"
    if row["states"]:
        yield "Oxidation states", "oxidation number valence charge", row["states"]
    if row["name_origin"]:
        yield "Origin of the name", "named after why called etymology name comes", row["name_origin"].rstrip(".")
    if row["discoverers"] or row["discovery_year"]:
        who = row["discoverers"] or ""
        if "ancient" in who.lower():
            yield "Discovery", "who discovered found discoverer when year first isolated", "known since antiquity"
            return
        by = f"by {who}" if who else ""
        year = f"in {row['discovery_year']}" if row["discovery_year"] else ""
        where = f"({row['discovery_location']})" if row["discovery_location"] else ""
        told = " ".join(part for part in ("discovered", by, year, where) if part)
        yield "Discovery", "who discovered found discoverer when year first isolated", told


def _singular(series: str) -> str:
    name = series.lower()
    return name.removesuffix("es") if name.endswith("gases") else name.removesuffix("s")


def _kelvins(low: float, high: float) -> str:
    told = f"{low - 273.15:.6g} °C ({low:.6g} K)"
    return told if high == low else f"{told} to {high - 273.15:.6g} °C ({high:.6g} K), depending on the form"
