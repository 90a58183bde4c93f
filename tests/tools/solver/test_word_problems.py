"""Word problems, each answer put back into the story."""

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query

NUMBERS = [
    ("a car travels 150 km in 2.5 hours; average speed", 150 / 2.5, "km/h"),
    ("A train travels 300 miles in 5 hours. What is its average speed?", 60, "mph"),
    ("how long does it take to drive 300 miles at 60 mph", 5, "hours"),
    ("A car travels at 60 mph. How far does it go in 2.5 hours?", 150, "miles"),
    ("A car travels at 60 km/h. How long does it take to travel 150 km?", 2.5, "h"),
    ("two trains 300 miles apart travel toward each other at 60 mph and 40 mph. when do they meet?", 3, "hours"),
    ("average speed if I drive 60 mph there and 40 mph back", 240 / (120 / 60 + 120 / 40), "mph"),
    ("density of an object with mass 20 g and volume 4 cm^3", 5, "g/cm^3"),
    ("force on a 5 kg object with acceleration 3 m/s^2", 15, "N"),
    ("kinetic energy of a 2 kg ball moving at 3 m/s", 9, "J"),
    ("A does a job in 3 hours and B in 6; together?", 2, "hours"),
    ("Alice can paint a house in 4 hours and Bob in 6 hours. How long does it take together?", 2.4, "hours"),
    ("pipe A fills a tank in 4 hours, pipe B empties it in 6 hours. how long to fill the tank with both open", 12, ""),
    ("if 5 workers build a wall in 12 days, how many days will 8 workers take", 7.5, "days"),
    ("if 3 pens cost $12, how much do 7 pens cost?", 28, ""),
    ("5 apples cost $2.50. How much do 8 apples cost?", 4, ""),
    ("$12 for 3 kg per kg", 4, ""),
    ("6 eggs cost $3, how much is one egg", 0.5, ""),
    ("a recipe needs 2 cups of flour for 12 cookies. how many cups for 30 cookies", 5, ""),
    ("the ratio of boys to girls is 3:2. there are 15 boys. how many girls are there", 10, ""),
    ("the ratio of boys to girls is 3:2. there are 40 students. how many girls are there", 16, ""),
]


@pytest.mark.parametrize(("query", "wanted", "unit"), NUMBERS)
def test_a_number_is_right(query: str, wanted: float, unit: str) -> None:
    solution = solve_query(query)
    assert float(solution.decimal) == pytest.approx(wanted)
    assert unit in solution.text


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("divide 120 in the ratio 2:3", "48, 72"),
        ("split $500 in the ratio 2:3:5", "100, 150, 250"),
        ("1200 is divided among A, B and C in the ratio 2:3:7", "200, 300, 700"),
        ("simplify the ratio 12:18", "2:3"),
        ("ratio of 12 to 18", "2:3"),
        ("3 is to 4 as 9 is to what", "x = 12"),
        ("3:4 = x:12", "x = 9"),
        ("two consecutive integers whose sum is 31", "15, 16"),
        ("three consecutive even numbers that sum to 48", "14, 16, 18"),
        ("find three consecutive odd integers whose sum is 57", "17, 19, 21"),
        ("two consecutive integers with product 56", "7, 8 or -8, -7"),
        ("the product of two consecutive positive integers is 132", "11, 12"),
        ("two numbers sum to 20 and differ by 4", "12 and 8"),
        ("the difference of two numbers is 5 and their sum is 25", "15 and 10"),
        ("find two numbers with sum 12 and difference 2", "7 and 5"),
        ("find two numbers whose sum is 10 and product is 21", "7 and 3"),
        ("one number is 3 more than another and their sum is 17 find the numbers", "10 and 7"),
        ("chickens and rabbits have 35 heads and 94 legs", "23 with two legs and 12 with four legs"),
    ],
)
def test_a_text_is_right(query: str, text: str) -> None:
    assert solve_query(query).text == text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("two consecutive integers whose sum is 32", "no 2 consecutive integers"),
        ("divide 120 in the ratio 0:0", "cannot all be 0"),
        ("chickens and rabbits have 10 heads and 94 legs", "fit these heads"),
        ("pipe A fills a tank in 6 hours, pipe B empties it in 4 hours. how long to fill it with both open", "never"),
    ],
)
def test_a_mistake_is_explained(query: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        solve_query(query)
