"""The units that can be written, each with the constants of pint that it stands for.

A unit that is not in this table cannot be asked for; no text of a query is ever looked up in pint. Angles, amounts of
data, money and counts are dimensions of their own here (names with a star), which pint does not tell apart.
"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass, replace
from fractions import Fraction

# definition; symbols; words, their plurals made with -s unless both are given; prefixes that symbols take
_TABLE = """
meter; m; meter metre; f p n u m c d k M G
gram; g; gram gramme; f p n u m c d k M G
second; s; sec/secs second; f p n u m k M G
ampere; A; amp ampere; p n u m k
kelvin; K; kelvin; n u m
mole; mol; mole; n u m k
candela; cd; candela; m
minute; min; min/mins minute;
hour; h; hr/hrs hour;
day; d; day;
week; wk; wk/wks week;
14 day; ; fortnight;
common_year; yr; year calendar_year yr/yrs; k
366 day; ; leap_year;
31557600 second; ; julian_year;
1/12 common_year; mo; month;
10 common_year; ; decade;
100 common_year; ; century/centuries;
1000 common_year; ; millennium/millennia millennium/millenniums;
inch; in; inch/inches;
foot; ft; foot/feet;
yard; yd; yard yd/yds;
mile; mi; mile statute_mile;
nautical_mile; nmi NM; nautical_mile;
660 foot; ; furlong;
6 foot; ; fathom;
66 foot; ; chain;
33/2 foot; ; rod;
3 mile; ; league;
hand; ; hand;
1/1000 inch; ; thou mil;
angstrom; ; angstrom;
1/1000000 meter; ; micron;
point; ; typographic_point;
astronomical_unit; au AU; astronomical_unit;
light_year; ly; light_year lightyear; k M G
299792458 meter; ; light_second;
17987547480 meter; ; light_minute;
648000 1/pi astronomical_unit; pc; parsec; k M G
100 meter^2; ; are;
hectare; ha; hectare;
43560 foot^2; ac; acre;
barn; ; barn; m
liter; L l; liter litre; p n u m c d h k M
1/1000000 meter^3; cc; ;
gallon; gal; gallon us_gallon american_gallon gal/gals;
quart; qt; quart us_quart;
pint; pt; pint us_pint;
cup; ; cup us_cup;
1/4000 meter^3; ; metric_cup;
gill; ; gill;
fluid_ounce; floz; fluid_ounce fl_oz us_fluid_ounce us_fl_oz;
tablespoon; tbsp Tbsp; tablespoon tbsp;
teaspoon; tsp; teaspoon tsp;
imperial_gallon; ; imperial_gallon uk_gallon british_gallon;
imperial_quart; ; imperial_quart uk_quart;
imperial_pint; ; imperial_pint uk_pint british_pint;
1/2 imperial_pint; ; imperial_cup uk_cup;
imperial_fluid_ounce; ; imperial_fluid_ounce imperial_fl_oz uk_fluid_ounce uk_fl_oz;
1/100 liter kilometer^-1; L/100km; ;
oil_barrel; bbl; barrel oil_barrel barrel_of_oil/barrels_of_oil;
bushel; bu; bushel;
peck; ; peck;
board_foot; ; board_foot/board_feet;
pound; lb; lb/lbs pound;
ounce; oz; ounce avoirdupois_ounce;
troy_ounce; ozt; troy_ounce ounce_troy/ounces_troy troy_oz;
5760 grain; ; troy_pound;
stone; st; stone/stones;
tonne; t; tonne metric_ton ; k M G
US_ton; ; ton us_ton short_ton;
long_ton; ; long_ton imperial_ton uk_ton british_ton;
hundredweight; cwt; hundredweight/hundredweight;
50 kilogram; ; quintal/zentner;
grain; gr; grain;
dram; ; dram;
carat; ct; carat;
slug; ; slug;
unified_atomic_mass_unit; u Da amu; dalton atomic_mass_unit;
hertz; Hz; hertz/hertz; m k M G T
knot; kn kt; knot;
speed_of_light; ; speed_of_light;
standard_gravity; ; standard_gravity acceleration_of_gravity;
newton; N; newton; u m k M G
dyne; dyn; dyne;
pound_force; lbf; pound_force pounds_force/pounds_of_force;
kilogram_force; kgf; kilogram_force kilopond;
pascal; Pa; pascal; m h k M G
bar; ; bar; m u k
atmosphere; atm; atmosphere;
psi; psi; pound_per_square_inch/pounds_per_square_inch;
torr; Torr; torr/torrs;
133322387415/1000000000 pascal; mmHg; mm_hg/mm_hg millimeter_of_mercury/millimeters_of_mercury;
inch_Hg; inHg; in_hg/in_hg inch_of_mercury/inches_of_mercury;
joule; J; joule; p n u m k M G T
calorie; cal; calorie; k M
1000 calorie; Cal; food_calorie;
electron_volt; eV; electron_volt electronvolt; m k M G T
3600 joule; Wh; watt_hour; m k M G T
international_british_thermal_unit; BTU Btu; british_thermal_unit btu;
100000 international_british_thermal_unit; ; therm;
erg; ; erg;
foot_pound; ; foot_pound ft_lb/ft_lbs foot_lb/foot_lbs;
ton_TNT; ; ton_of_tnt/tons_of_tnt;
watt; W; watt; p n u m k M G T
horsepower; hp; horsepower/horsepower;
metric_horsepower; PS; metric_horsepower/metric_horsepower;
volt; V; volt; n u m k M
ohm; ; ohm; m k M G
1000 ohm; kohm; ;
1000000 ohm; Mohm; ;
1/1000 farad; mF; ;
1/1000000 farad; uF; ;
1/1000000000 farad; nF; ;
1/1000000000000 farad; pF; ;
1/1000 henry; mH; ;
1/1000000 henry; uH; ;
1/1000 coulomb; mC; ;
1/1000000 coulomb; uC; ;
1/1000000000 coulomb; nC; ;
farad; ; farad; p n u m
henry; ; henry/henries henry/henrys; n u m
siemens; ; siemens/siemens; u m
weber; Wb; weber; m
tesla; T; tesla; n u m
1/10000 tesla; ; gauss/gauss;
coulomb; ; coulomb; n u m k
ampere_hour; Ah; ampere_hour amp_hour; m
lumen; lm; lumen; k
lux; lx; lux/lux; k
becquerel; Bq; becquerel; k M G T
curie; Ci; curie; u m
gray; Gy; gray; m
sievert; Sv; sievert; n u m
1/100 sievert; ; rem; m
poise; ; poise/poise; c
stokes; St; stokes/stokes; c
celsius kelvin; C; degree_celsius/degrees_celsius celsius/celsius centigrade/centigrade degree_c/degrees_c deg_c/deg_c;
celsius kelvin; ; degree_centigrade/degrees_centigrade;
fahrenheit kelvin; F; degree_fahrenheit/degrees_fahrenheit fahrenheit/fahrenheit degree_f/degrees_f deg_f/deg_f;
kelvin; ; degree_kelvin/degrees_kelvin degree_k/degrees_k;
rankine kelvin; R; degree_rankine/degrees_rankine rankine/rankine;
*angle; rad; radian; m u
1/180 pi *angle; deg; degree angular_degree;
1/10800 pi *angle; arcmin; arcminute arc_minute minute_of_arc/minutes_of_arc;
1/648000 pi *angle; arcsec; arcsecond arc_second second_of_arc/seconds_of_arc; m u
1/200 pi *angle; gon; gradian grad gon;
2 pi *angle; rev; turn revolution full_turn;
4 pi *solid; ; spat;
*solid; sr; steradian;
8 *data; B; byte; k M G T P E
*data; b; bit; k M G T P E
4 *data; ; nibble;
*money; USD; dollar us_dollar;
1/100 *money; ; cent penny/pennies;
1/20 *money; ; nickel;
1/10 *money; ; dime;
12 *count; ; dozen/dozen dozen/dozens;
144 *count; ; gross/gross;
20 *count; ; score/score;
2 *count; ; pair;
500 *count; ; ream;
*count; ; unit item piece;
"""
_MACROS = """
mph: mile hour^-1; miles_an_hour: mile hour^-1; mile_an_hour: mile hour^-1; kph: kilometer hour^-1
kmh: kilometer hour^-1; kmph: kilometer hour^-1; fps: foot second^-1; mps: meter second^-1
rpm: turn minute^-1; revolutions_per_minute: turn minute^-1; rps: turn second^-1
mpg: mile gallon^-1; kbps: kilobit second^-1; mbps: megabit second^-1; gbps: gigabit second^-1; bps: bit second^-1
Kbps: kilobit second^-1; Mbps: megabit second^-1; Gbps: gigabit second^-1; MBps: megabyte second^-1
kpl: kilometer liter^-1; cfm: foot^3 minute^-1; gpm: gallon minute^-1; lpm: liter minute^-1
sqft: foot^2; sqm: meter^2; sqmi: mile^2; sqkm: kilometer^2; sqin: inch^2; sqyd: yard^2; cuft: foot^3; cbm: meter^3
acre_foot: acre foot; acre_feet: acre foot; newton_meter: newton meter; newton_metre: newton meter; Nm: newton meter
newton_meters: newton meter; newton_metres: newton meter
"""
_PREFIXES = {
    "quetta": (30, "Q"), "ronna": (27, "R"), "yotta": (24, "Y"), "zetta": (21, "Z"), "exa": (18, "E"),
    "peta": (15, "P"), "tera": (12, "T"), "giga": (9, "G"), "mega": (6, "M"), "kilo": (3, "k"), "hecto": (2, "h"),
    "deca": (1, "da"), "deka": (1, "da"), "deci": (-1, "d"), "centi": (-2, "c"), "milli": (-3, "m"),
    "micro": (-6, "u"), "nano": (-9, "n"), "pico": (-12, "p"), "femto": (-15, "f"), "atto": (-18, "a"),
    "zepto": (-21, "z"), "yocto": (-24, "y"),
}  # fmt: skip
_BINARY = {
    "kibi": (1, "Ki"),
    "mebi": (2, "Mi"),
    "gibi": (3, "Gi"),
    "tebi": (4, "Ti"),
    "pebi": (5, "Pi"),
    "exbi": (6, "Ei"),
}
_SPELLINGS = {
    "kb": "kilobyte", "mb": "megabyte", "gb": "gigabyte", "tb": "terabyte", "pb": "petabyte", "KB": "kilobyte",
    "mcg": "microgram", "cms": "centimeters", "kms": "kilometers", "kgs": "kilograms", "mms": "millimeters",
    "kilo": "kilogram", "kilos": "kilograms", "mls": "milliliters", "Hg": "mm_hg", "f": "F", "c": "C", "k": "K",
    "y": "year", "ohms": "ohm", "secs": "second", "hs": "hour", "meteres": "meters", "metters": "meters",
    "kilometeres": "kilometers", "litters": "liters", "farenheit": "fahrenheit", "celcius": "celsius",
    "fahrenheight": "fahrenheit", "degree_celcius": "celsius", "degrees_celcius": "celsius", "Fahrenheit": "fahrenheit",
    "kwh": "kilowatt_hour", "KWH": "kilowatt_hour", "KWh": "kilowatt_hour", "oztr": "troy_ounce",
    "kcals": "kilocalories",
    "Calorie": "food_calorie", "Calories": "food_calories", "tsps": "teaspoons", "lightyears": "light_years",
    "tons_metric": "tonnes", "metric_tonne": "tonne", "metric_tonnes": "tonnes", "usd": "dollars",
    "lperhundredkm": "L/100km",
}  # fmt: skip

NOTES = {
    "gallon": "a gallon is the US gallon of 3.785411784 L; write imperial gallon for the British one",
    "quart": "a quart is the US quart; write imperial quart for the British one",
    "pint": "a pint is the US pint of 473.176473 mL; write imperial pint for the British one",
    "cup": "a cup is the US cup of 236.5882365 mL; write metric cup for 250 mL",
    "fluid_ounce": "a fluid ounce is the US one; write imperial fluid ounce for the British one",
    "tablespoon": "a tablespoon is the US one of 14.79 mL",
    "teaspoon": "a teaspoon is the US one of 4.93 mL",
    "oil_barrel": "a barrel is the oil barrel of 42 US gallons",
    "US_ton": "a ton is the US short ton of 2000 lb; write tonne or long ton for the others",
    "calorie": "a calorie is the thermochemical calorie of 4.184 J",
    "horsepower": "horsepower is the mechanical one of 745.7 W; write metric horsepower for 735.5 W",
    "ounce": "an ounce is the avoirdupois ounce of 28.35 g; write troy ounce or fluid ounce for the others",
}
"""Assumptions, by the constant of pint that a unit stands for."""

YEAR = "a year is 365 days and a month is a twelfth of it"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit.

    Args:
        name: as it is shown, one of this table's own spellings.
        parts: constants of pint, or dimensions of this table, with their powers.
        factor: how many of their product it is, without the power of pi.
        pi: the power of pi in that factor.
        scale: `celsius`, `fahrenheit` or `rankine` for a temperature that is not counted in kelvins.
        symbol: how it is shown within a compound unit.
        prefixed: whether it takes prefixes.
    """

    name: str
    parts: tuple[tuple[str, int], ...]
    factor: Fraction = Fraction(1)
    pi: int = 0
    scale: str = ""
    symbol: str = ""
    prefixed: bool = False


def _unit(definition: str) -> Unit:
    unit = Unit("", ())
    for part in definition.split():
        if part in ("pi", "1/pi"):
            unit = replace(unit, pi=1 if part == "pi" else -1)
        elif part[0].isdigit():
            unit = replace(unit, factor=Fraction(part))
        elif part in ("celsius", "fahrenheit", "rankine"):
            unit = replace(unit, scale=part)
        else:
            name, _, power = part.partition("^")
            unit = replace(unit, parts=(*unit.parts, (name, int(power or 1))))
    return unit


@functools.cache
def _table() -> dict[str, Unit]:
    """Every spelling that has no prefix in words, several words joined by `_`."""
    found: dict[str, Unit] = {}
    for line in _TABLE.strip().splitlines():
        definition, symbols, spellings, prefixes = (part.strip() for part in line.split(";"))
        unit = _unit(definition)
        pairs = [(word.partition("/")[0], word.partition("/")[2] or word + "s") for word in spellings.split()]
        symbol = symbols.split()[0] if symbols else pairs[0][0].replace("_", " ")
        unit = replace(unit, symbol=symbol, prefixed=bool(prefixes))
        for name in symbols.split():
            found[name] = replace(unit, name=f"°{symbol}" if unit.scale else name)
            for prefix in prefixes.split():
                found[prefix + name] = _scaled(unit, prefix + name, prefix + symbol, _POWERS[prefix])
        for pair in pairs:
            for name in pair:
                found[name] = replace(unit, name=f"°{symbol}" if unit.scale else name.replace("_", " "))
    for sign_of, bits in (("b", 1), ("B", 8), ("bit", 1)):
        for power, sign in _BINARY.values():
            factor = Fraction(1024) ** power * bits
            name = sign + sign_of
            found[name] = Unit(name, (("*data", 1),), factor, symbol=name)
    return found


_POWERS = {symbol: Fraction(10) ** power for power, symbol in _PREFIXES.values()}


def _scaled(unit: Unit, name: str, symbol: str, factor: Fraction) -> Unit:
    return Unit(name, unit.parts, unit.factor * factor, unit.pi, symbol=symbol)


@functools.lru_cache(maxsize=2048)
def unit_spelled(spelling: str) -> Unit | None:
    """The unit with this spelling, which may begin with a prefix: `kilometers`, `KiB`; `None` if there is none."""
    found = _table()
    if target := _SPELLINGS.get(spelling):
        return unit_spelled(target)
    if unit := found.get(spelling):
        return unit
    for prefix in (*_PREFIXES, *_BINARY):
        rest = spelling[len(prefix) :]
        if not spelling.startswith(prefix) or len(rest) < 3 or rest not in found or not found[rest].prefixed:
            continue
        unit = found[rest]
        if prefix in _PREFIXES:
            power, sign = _PREFIXES[prefix]
            factor = Fraction(10) ** power
        elif ("*data", 1) in unit.parts:
            power, sign = _BINARY[prefix]
            factor = Fraction(1024) ** power
        else:
            continue
        return _scaled(unit, spelling.replace("_", " "), sign + unit.symbol, factor)
    return None


@functools.cache
def macros() -> dict[str, tuple[tuple[str, int], ...]]:
    """Names of compound units, as spellings of `table` with powers."""
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for entry in _MACROS.replace("\n", ";").split(";"):
        name, _, parts = entry.strip().partition(": ")
        if name:
            powers = [part.partition("^") for part in parts.split()]
            found[name] = tuple((unit, int(power or 1)) for unit, _, power in powers)
    return found


@functools.cache
def _folded() -> dict[str, str]:
    """Spellings in small letters, for `KM` and `Miles`; the exact spelling always comes first."""
    found: dict[str, str] = {}
    for name in [*_table(), *_SPELLINGS, *macros()]:
        if len(name) > 1:
            found.setdefault(name.lower(), name)
    return found


def unit_named(word: str) -> tuple[tuple[str, int], ...] | None:
    """The units that a word stands for, as spellings with powers; `None` if it is no unit."""
    if word in macros():
        return macros()[word]
    small = word.lower()
    for spelling in (word, _folded().get(small, ""), small if len(small) > 3 else ""):
        if unit_spelled(spelling):
            return macros().get(spelling) or ((spelling, 1),)
        if spelling in macros():
            return macros()[spelling]
    return None


_ALSO_WORDS = frozenset(
    [
        "in",
        "a",
        "an",
        "as",
        "at",
        "pm",
        "second",
        "point",
        "points",
        "are",
        "unit",
        "units",
        "item",
        "items",
        "pair",
        "hand",
        "score",
        "min",
        "turn",
        "bar",
        "chain",
        "rod",
        "league",
        "piece",
        "pieces",
        "gross",
        "mole",
        "deg",
        "degree",
        "degrees",
        "rad",
    ]
)


def is_unmistakable(word: str) -> bool:
    """Whether a word is a unit and hardly anything else: no letter, which may be a variable, and no plain English."""
    return len(word) > 1 and word.lower() not in _ALSO_WORDS and unit_named(word) is not None


def nearest_unit(word: str) -> str | None:
    """The unit that a misspelled word may mean."""
    names = [name for name in _table() if len(name) > 3]
    names += [prefix + name for prefix in ("kilo", "centi", "milli") for name in ("meters", "grams", "liters")]
    close = difflib.get_close_matches(word.lower(), names, 1, 0.75)
    return close[0].replace("_", " ") if close else None
