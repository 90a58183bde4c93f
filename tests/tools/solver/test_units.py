"""Units, each answer against the definitions of the units written out here."""

import math
import re
from fractions import Fraction as F

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query

MILE, FOOT, INCH, YARD = F("1609.344"), F("0.3048"), F("0.0254"), F("0.9144")
POUND, OUNCE = F("0.45359237"), F("0.028349523125")
GALLON, CUP = F("3.785411784"), F("0.2365882365")
YEAR = 365 * 86400

CONVERSIONS = [
    ("60 mph in m/s", 60 * MILE / 3600, "m/s"),
    ("convert 5 miles to km", 5 * MILE / 1000, "km"),
    ("1 mile in km", F("1.609344"), "km"),
    ("how many feet in 2 miles", 2 * MILE / FOOT, "feet"),
    ("How many cups are in a gallon?", GALLON / CUP, "cups"),
    ("5 ft 10 in to cm", 70 * INCH * 100, "cm"),
    ("5'11\" in cm", 71 * INCH * 100, "cm"),
    ("5'10 in cm", 70 * INCH * 100, "cm"),
    ("5 foot 9 in centimeters", 69 * INCH * 100, "centimeters"),
    ("6 feet 2 inches in metres", 74 * INCH, "metres"),
    ("-5 ft 10 in in cm", -70 * INCH * 100, "cm"),
    ("100 F to C", F(68 * 5, 9), "°C"),
    ("37 degrees celsius in fahrenheit", F(37) * 9 / 5 + 32, "°F"),
    ("convert 98.6°F to Celsius", F(37), "°C"),
    ("-40 °C to °F", F(-40), "°F"),
    ("0 kelvin in celsius", F("-273.15"), "°C"),
    ("37 degrees in fahrenheit", F("98.6"), "°F"),
    ("2 acres in square metres", 2 * 43560 * FOOT**2, "m^2"),
    ("3 cups to ml", 3 * CUP * 1000, "ml"),
    ("1 light year in km", F(299792458 * 31557600, 1000), "km"),
    ("500 kcal to kJ", F(500) * F("4.184"), "kJ"),
    ("1 atm in psi", 101325 * INCH**2 / (POUND * F("9.80665")), "psi"),
    ("1 GB in MB", F(1000), "MB"),
    ("1 GB in GiB", F(10**9, 2**30), "GiB"),
    ("pi/3 radians to degrees", F(60), "degrees"),
    ("12° 30' 15\" in degrees", F(12) + F(30, 60) + F(15, 3600), "degrees"),
    ("3 hours 20 minutes in seconds", F(12000), "seconds"),
    ("3 hours and 20 minutes in seconds", F(12000), "seconds"),
    ("5 km + 300 m", F("5.3"), "km"),
    ("10 kg * 9.8 m/s^2 in newtons", F(98), "newtons"),
    ("10 kg * 9.8 m/s^2", F(98), "N"),
    ("12 V * 3 A in watts", F(36), "watts"),
    ("100 W * 5 h in kWh", F(1, 2), "kWh"),
    ("100 km / 2 h", F(50), "km/h"),
    ("60 mph * 2 hours in miles", F(120), "miles"),
    ("half a mile in yards", MILE / YARD / 2, "yards"),
    ("seven fifths of a litre in millilitres", F(1400), "millilitres"),
    ("1/2 inch in mm", INCH * 500, "mm"),
    ("5½ feet in inches", F(66), "inches"),
    ("an hour and a half in minutes", F(90), "minutes"),
    ("two and a half hours in minutes", F(150), "minutes"),
    ("how many nanoseconds are there in 14.62 hours", F("14.62") * 3600 * 10**9, "nanoseconds"),
    ("What is 4.31 meters in centimeters?", F(431), "centimeters"),
    ("1,500 m in km", F("1.5"), "km"),
    ("What is five eighths of a century in months?", F(5, 8) * 1200, "months"),
    ("How many centuries are there in 28 years?", F(28, 100), "centuries"),
    ("how many seconds in a year", F(YEAR), "seconds"),
    ("seconds in a day", F(86400), "seconds"),
    ("1 m² in cm²", F(10000), "cm^2"),
    ("2 ft³ in litres", 2 * FOOT**3 * 1000, "litres"),
    ("100 sq ft in sq m", 100 * FOOT**2, "m^2"),
    ("30 µm in mm", F("0.03"), "mm"),
    ("30 mpg to l/100km", 100 * GALLON / (30 * MILE / 1000), "L/100km"),
    ("8 l/100 km in mpg", 100 * 1000 / MILE / (8 / GALLON), "mpg"),
    ("5 min/km in km/h", F(12), "km/h"),
    ("60 rpm in Hz", F(1), "Hz"),
    ("8 oz in ml", 8 * GALLON * 1000 / 128, "ml"),
    ("8 oz in grams", 8 * OUNCE * 1000, "grams"),
    ("how many pounds is 70 kg", 70 / POUND, "pounds"),
    ("1 troy ounce in grams", F("31.1034768"), "grams"),
    ("1 imperial gallon in litres", F("4.54609"), "litres"),
    ("2 tons in kg", 4000 * POUND, "kg"),
    ("how many cents in 5 dollars", F(500), "cents"),
    ("100 Mbps in MB/s", F("12.5"), "MB/s"),
    ("speed of light in km/h", F(299792458) * F("3.6"), "km/h"),
    ("50 lb/ft^3 in kg/m^3", 50 * POUND / FOOT**3, "kg/m^3"),
    ("5 uF in nF", F(5000), "nF"),
    ("5 kΩ in Ω", F(5000), "ohm"),
    ("difference between 5 km and 300 m", F("4.7"), "km"),
    ("subtract 300 m from 5 km", F("4.7"), "km"),
    ("1 hour - 20 minutes", F(40), "minutes"),
    ("area of 3 m by 4 m", F(12), "m^2"),
    ("volume of a box 2 m by 30 cm by 1 m in litres", F(600), "litres"),
    ("perimeter of 3 m by 4 m", F(14), "m"),
    ("20% of 5 kg in grams", F(1000), "grams"),
    ("how long does it take to travel 100 km at 50 km/h", F(2), "h"),
    ("how far do you travel in 3 hours at 60 mph", F(180), "miles"),
    ("average speed if you go 150 km in 2 hours", F(75), "km/h"),
]


def test_a_product_goes_on_with_a_quantity_in_brackets():
    assert solve_query("2 * (60 mph) * (40 mph) / (60 mph + 40 mph)").text == "48 mph"


@pytest.mark.parametrize(("query", "value", "unit"), CONVERSIONS, ids=[query for query, *_ in CONVERSIONS])
@pytest.mark.sampled(every=6)
def test_conversions(query, value, unit):
    solution = solve_query(query, precision=20)
    assert float(solution.decimal) == pytest.approx(float(value), rel=1e-15)
    assert re.search(rf"\d {re.escape(unit)}( \(exactly [\d/]+\))?$", solution.text)
    number = solution.exact.split(" ")[0].strip("()")
    assert F(number) == value


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("90 degrees in radians", math.pi / 2),
        ("30 degrees in rad", math.pi / 6),
        ("1 radian in degrees", 180 / math.pi),
        ("3000 rpm in rad/s", 3000 * 2 * math.pi / 60),
    ],
)
def test_angles_keep_pi(query, value):
    solution = solve_query(query)
    assert float(solution.decimal) == pytest.approx(value)
    assert "pi" in solution.exact


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("1.778 m in feet and inches", "5 feet 10 inches"),
        ("200 minutes in hours and minutes", "3 hours 20 minutes"),
        ("100000 seconds in days, hours, minutes and seconds", "1 day 3 hours 46 minutes 40 seconds"),
        ("5 miles in km to 2 decimal places", "8.05 km"),
        ("3 m in feet to 1 decimal place", "9.8 feet"),
        ("convert 5 ft to inches and cm", "60 inches; 152.4 cm"),
        ("2 hours 45 minutes + 1 hour 30 minutes", "4 hours 15 minutes"),
        ("5 ft 3 in + 2 ft 10 in", "8 ft 1 in"),
        ("2 dozen", "24"),
        ("2.54 cm in inches", "1 inch"),
        ("60 mph", "26.8224 m/s"),
        ("is 5 km longer than 3 miles", "yes: 5 km > 3 miles = 4.828032 km"),
        ("what is bigger, 1 mile or 1 km", "1 mile (1 mile > 1 km = 0.621371192237334 miles)"),
        ("45 minutes as a fraction of an hour", "3/4"),
        ("30 minutes as a percentage of 2 hours", "25%"),
        ("2 * 3 km", "6 km"),
        ("is 1 mile equal to 1609.344 m", "yes: 1 mile = 1609.344 m = 1 mile"),
        ("A train travels 240 km in 3 hours. What is its speed?", "80 km/h"),
        ("A car goes 180 km in 3 hours. What is its speed in m/s?", "16.6666666666667 m/s (exactly 50/3)"),
        ("how many 15 minute intervals in 2 hours", "8"),
        ("1 gallon of water in liters", "3.785411784 liters"),
        ("which is heavier, 2 kg or 5 lb", "5 lb (2 kg < 5 lb = 2.26796185 kg)"),
    ],
)
def test_texts(query, text):
    assert solve_query(query).text == text


@pytest.mark.parametrize(
    ("query", "assumed"),
    [
        ("3 cups to ml", "US cup"),
        ("1 gallon in litres", "US gallon"),
        ("2 tons in kg", "short ton"),
        ("500 kcal to kJ", "4.184 J"),
        ("1 GB in MB", "powers of 1000"),
        ("how many days in a year", "365 days"),
        ("60 mph", "SI unit"),
        ("-500 C to K", "below absolute zero"),
    ],
)
def test_what_is_assumed(query, assumed):
    assert any(assumed in line for line in solve_query(query).assumptions)


def test_years_need_no_assumption_among_themselves():
    assert solve_query("3 decades in years").assumptions == ()


@pytest.mark.parametrize("query", ["5 miles in km", "0 kelvin in celsius", "2 ft³ in litres", "10 kg * 9.8 m/s^2"])
def test_conversions_are_checked(query):
    assert solve_query(query).verified == "checked by converting back"


@pytest.mark.parametrize(
    ("query", "text"),
    [("3 m + 2 m", "5*m"), ("12*d", "12*d"), ("sin(30 degrees)", "1/2 (0.5)"),
     ("30 degrees", "pi/6 (0.523598775598299)"),
     ("255 in binary", "0b11111111"), ("2 g + 3 h", "2*g + 3*h")],
)  # fmt: skip
def test_algebra_stays_algebra(query, text):
    assert solve_query(query).text == text


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("5 kg in m", r"kg and m measure different things \(mass and length\) and cannot be converted"),
        ("5 kg + 3 km", r"kg and km measure different things \(mass and length\) and cannot be added"),
        ("is 5 kg more than 3 km", "cannot be compared"),
        ("100 USD to EUR", "exchange rates change"),
        ("$100 in euros", "exchange rates change"),
        ("convert 50 pounds to dollars", "exchange rates change"),
        ("5 miles to parsnips", "'parsnips' is not a unit that is known"),
        ("5 miles to kilometrs", "did you mean kilometers?"),
        ("5 m^99 in km", "powers up to 12"),
        ("1 km / 0 s", "divided by zero"),
        ("20 celsius + 5 celsius", "cannot be added up"),
        ("solve 3x = 5 km", "the unit 'km' cannot be read here"),
        ("10^(10^10) km in m", "cannot|digits"),
        ("9^99999999 km in m", "digits|too large|cannot"),
    ],
)
def test_mistakes_are_named(query, told):
    with pytest.raises(ToolError, match=told):
        solve_query(query)


def test_every_unit_of_the_table_has_a_measure():
    from pericles.tools.solver.answers.quantities import factor_of
    from pericles.tools.solver.reading import unit_names

    for spelling in unit_names._table():
        factor, _ = factor_of({spelling: 1})
        assert float(factor) > 0
    for powers in unit_names.macros().values():
        assert float(factor_of(dict(powers))[0]) > 0
