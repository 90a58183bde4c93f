"""Numbers of ways, each against a count of all cases."""

import itertools
import math

import pytest
from pericles.tools.solver import solve_query


def arrangements(word):
    return len(set(itertools.permutations(word)))


def seatings(people):
    """Seatings at a round table, where turning it changes nothing."""
    rings = set()
    for order in itertools.permutations(range(people)):
        start = order.index(0)
        rings.add(order[start:] + order[:start])
    return len(rings)


def whole_numbers(condition, start, stop):
    return sum(1 for number in range(start, stop + 1) if condition(number))


def fillings(balls, boxes, least=0):
    return sum(1 for case in itertools.product(range(least, balls + 1), repeat=boxes) if sum(case) == balls)


def partitions_of_a_set(elements, parts):
    cases = {
        frozenset(frozenset(place for place, part in enumerate(labels) if part == wanted) for wanted in range(parts))
        for labels in itertools.product(range(parts), repeat=elements)
        if len(set(labels)) == parts
    }
    return len(cases)


def committees(first, second, from_first, from_second):
    pairs = itertools.product(
        itertools.combinations(range(from_first), first), itertools.combinations(range(from_second), second)
    )
    return sum(1 for _ in pairs)


WAYS = {
    "how many ways can the letters of BANANA be arranged": arrangements("BANANA"),
    "How many distinct arrangements of the letters in the word LEVEL?": arrangements("LEVEL"),
    "number of anagrams of the word queue": arrangements("queue"),
    "how many permutations of the letters of SEEN are there?": arrangements("SEEN"),
    "how many ways can 5 people sit in a row": math.factorial(5),
    "In how many ways can seven books be arranged on a shelf?": math.factorial(7),
    "how many ways to line up 4 students": math.factorial(4),
    "in how many ways can 6 people be seated around a circular table": seatings(6),
    "how many ways can 5 friends sit at a round table": seatings(5),
    "permutations of 10 taken 3 at a time": 10 * 9 * 8,
    "how many permutations of 5 objects are there": math.factorial(5),
    "combinations of 10 things taken 3 at a time": math.comb(10, 3),
    "how many ways to choose a committee of 3 from 10 people": math.comb(10, 3),
    "In how many ways can a team of 5 be selected from 12 players?": math.comb(12, 5),
    "how many ways can we choose 2 books from 7": math.comb(7, 2),
    "how many different 3-person committees can be formed from 9 people": math.comb(9, 3),
    "from a class of 20 students, how many ways can 4 be chosen": math.comb(20, 4),
    "how many ways can a committee of 2 men and 3 women be chosen from 5 men and 6 women": committees(2, 3, 5, 6),
    "how many committees of 3 women and 2 men can be formed from 5 men and 6 women": committees(2, 3, 5, 6),
    "how many ways can a president, vice president and secretary be chosen from 10 people": 10 * 9 * 8,
    "how many ways to choose a captain and a goalkeeper from 11 players": 110,
    "how many ways can 8 runners finish first, second and third": 8 * 7 * 6,
    "how many 4-digit PIN codes are there": 10**4,
    "how many 4 digit codes are possible without repetition": 10 * 9 * 8 * 7,
    "how many 4 digit numbers with distinct digits": whole_numbers(lambda n: len(set(str(n))) == 4, 1000, 9999),
    "how many 3-digit numbers are there": 900,
    "how many license plates with 3 letters and 3 digits": 26**3 * 10**3,
    "how many handshakes among 10 people": math.comb(10, 2),
    "if 12 people all shake hands with each other, how many handshakes are there": math.comb(12, 2),
    "how many subsets does a set of 5 elements have": 2**5,
    "how many proper subsets does a set with 4 elements have": 2**4 - 1,
    "number of derangements of 5": sum(
        all(place != item for place, item in enumerate(case)) for case in itertools.permutations(range(5))
    ),
    "how many ways to distribute 10 identical balls into 3 boxes": fillings(10, 3),
    "how many ways to distribute 7 identical candies among 3 children if each child gets at least one": fillings(
        7, 3, 1
    ),
    "how many ways to put 4 distinct balls into 3 boxes": 3**4,
    "how many ways to divide 6 students into 3 groups of 2": 15,
    "how many bit strings of length 8": 2**8,
    "how many bit strings of length 8 with exactly 3 ones": sum(bin(n).count("1") == 3 for n in range(256)),
    "how many 5 card hands from a deck of 52": math.comb(52, 5),
    "how many ways are there to arrange 3 red and 2 blue balls in a row": arrangements("rrrbb"),
    "how many outfits can be made from 4 shirts, 3 pants and 2 shoes": 24,
    "how many possible outcomes of flipping 5 coins": 2**5,
    "how many outcomes are possible when rolling 3 dice": 6**3,
    "how many paths from (0,0) to (3,4)": math.comb(7, 3),
    "how many three-letter words can be formed from ABCDE": 5 * 4 * 3,
    "how many integers between 1 and 1000 are divisible by 3 or 5": whole_numbers(
        lambda n: n % 3 == 0 or n % 5 == 0, 1, 1000
    ),
    "how many numbers less than 100 are divisible by 7": whole_numbers(lambda n: n % 7 == 0, 1, 99),
    "how many integers from 1 to 200 are not divisible by 6": whole_numbers(lambda n: n % 6 != 0, 1, 200),
    "how many 3-digit numbers are divisible by 7": whole_numbers(lambda n: n % 7 == 0, 100, 999),
    "stirling number of the second kind S(5,2)": partitions_of_a_set(5, 2),
    "multinomial coefficient 5; 2, 2, 1": arrangements("aabbc"),
    "binomial coefficient 10 3": math.comb(10, 3),
}


@pytest.mark.parametrize("query", WAYS)
@pytest.mark.sampled(every=6)
def test_the_number_of_ways(query):
    assert solve_query(query).exact == str(WAYS[query])


def test_the_formula_is_named():
    assert "counted as 11!/(4!*4!*2!)" in solve_query("arrangements of the letters of the word MISSISSIPPI").assumptions


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("10 choose 3", "120"),
        ("number of diagonals in a hexagon", "9"),
        ("how many seconds are there in a week", "604800"),
        ("how many primes below 100", "25"),
    ],
)
def test_other_questions_are_not_taken(query, text):
    assert text in solve_query(query).text
