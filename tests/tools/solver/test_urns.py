# ruff: noqa: E501  a question and its count stand on one line
"""Draws from bags, of people and of cards against lists of all outcomes."""

import itertools
import math
from collections import Counter
from fractions import Fraction

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query

CARDS = [(rank, suit) for rank in range(1, 14) for suit in "CDHS"]
BAG = "A bag has 3 red and 5 blue balls. Two are drawn. What is the probability "


def share(outcomes, condition, given=lambda outcome: True):
    known = [outcome for outcome in outcomes if given(outcome)]
    return Fraction(sum(map(condition, known)), len(known))


def draws(contents, count, condition, given=lambda outcome: True, back=False):
    """The share of ordered draws, listed one by one; `contents` as `3r5b`."""
    sizes = [contents[place : place + 2] for place in range(0, len(contents), 2)]
    items = [name for size, name in sizes for _ in range(int(size))]
    pairs = itertools.product(items, repeat=count) if back else itertools.permutations(items, count)
    return share(list(pairs), condition, given)


def cards(count, condition, given=lambda outcome: True):
    return share(list(itertools.permutations(CARDS, count)), condition, given)


def both(name):
    return lambda drawn: set(drawn) == {name}


def red(card):
    return card[1] in "DH"


EXACT = {
    "A bag has 3 red and 5 blue balls. Two are drawn without replacement. What is the probability that both are red?": draws("3r5b", 2, both("r")),
    "A bag has 3 red and 5 blue balls. Two are drawn with replacement. What is the probability that both are red?": draws("3r5b", 2, both("r"), back=True),
    "an urn contains 4 white, 3 black marbles; we draw 3 at random, probability of exactly 2 white": draws("4w3b", 3, lambda d: d.count("w") == 2),
    "A bag contains 3 red, 4 blue and 5 green marbles. Three marbles are drawn at random. Find the probability that at least one is red.": draws("3r4b5g", 3, lambda d: "r" in d),
    "a box has 3 red, 4 blue, 5 green balls; three are drawn; probability of one of each colour": draws("3r4b5g", 3, lambda d: len(set(d)) == 3),
    "a box has 3 red, 4 blue, 5 green balls; three are drawn; probability that not all are the same colour": draws("3r4b5g", 3, lambda d: len(set(d)) > 1),
    "a box has 3 red, 4 blue, 5 green balls; three are drawn; probability of 2 red and 1 green": draws("3r4b5g", 3, lambda d: sorted(d) == ["g", "r", "r"]),
    BAG + "that they are the same colour?": draws("3r5b", 2, lambda d: len(set(d)) == 1),
    BAG + "that they are different colors?": draws("3r5b", 2, lambda d: len(set(d)) == 2),
    BAG + "that exactly one is red?": draws("3r5b", 2, lambda d: d.count("r") == 1),
    BAG + "that only one is red?": draws("3r5b", 2, lambda d: d.count("r") == 1),
    BAG + "that one is red and the other is blue?": draws("3r5b", 2, lambda d: d.count("r") == 1),
    BAG + "that not both are red?": draws("3r5b", 2, lambda d: d != ("r", "r")),
    BAG + "that neither is red?": draws("3r5b", 2, both("b")),
    BAG + "that either is red?": draws("3r5b", 2, lambda d: "r" in d),
    BAG + "that at least one is not red?": draws("3r5b", 2, lambda d: "b" in d),
    BAG + "that the second is red given that the first was red?": draws("3r5b", 2, lambda d: d[1] == "r", lambda d: d[0] == "r"),
    BAG + "that both are red given that at least one is red?": draws("3r5b", 2, both("r"), lambda d: "r" in d),
    BAG + "that the second is blue if the first is red?": draws("3r5b", 2, lambda d: d[1] == "b", lambda d: d[0] == "r"),
    BAG + "of a red ball first and a blue ball second?": draws("3r5b", 2, lambda d: d == ("r", "b")),
    "A bag has 3 red and 5 blue balls. Two are drawn. The first is red. What is the probability that the second is blue?": draws("3r5b", 2, lambda d: d[1] == "b", lambda d: d[0] == "r"),
    "A bag has 3 red and 5 blue balls. Three are drawn. What is the probability that the first two are red and the third is blue?": draws("3r5b", 3, lambda d: d == ("r", "r", "b")),
    "A bag has 3 red and 5 blue balls. Three are drawn. What is the probability of 2 red or 3 red?": draws("3r5b", 3, lambda d: d.count("r") >= 2),
    "bag with 3 red and 5 blue balls, two drawn, probability of first red then blue": draws("3r5b", 2, lambda d: d == ("r", "b")),
    "bag with 4 red and 6 black balls, 3 drawn one after another without replacement, probability of red, black, red in that order": draws("4r6b", 3, lambda d: d == ("r", "b", "r")),
    "bag with 3 red and 5 blue balls, two drawn with replacement, probability that none is red": draws("3r5b", 2, both("b"), back=True),
    "A bag contains 10 balls: 4 red, 3 blue, 3 green. Two balls are drawn with replacement. P(both red)": draws("4r3b3g", 2, both("r"), back=True),
    "an urn holds 5 red and 3 white balls. A ball is drawn and not replaced, then a second ball is drawn. Find the probability that both balls are white.": draws("5r3w", 2, both("w")),
    "an urn holds 5 red and 3 white balls. A ball is drawn, its color noted, and replaced. Then a second ball is drawn. Find the probability that both are white.": draws("5r3w", 2, both("w"), back=True),
    "box with 12 bulbs of which 3 are defective, pick 2, probability that both work": draws("9g3d", 2, both("g")),
    "A box contains 12 light bulbs, 3 of which are defective. If 2 bulbs are selected at random, what is the probability that at least one is defective?": draws("9g3d", 2, lambda d: "d" in d),
    "A shop has 10 laptops, 3 of them are defective. A customer buys 2. Probability that none is defective": draws("7g3d", 2, both("g")),
    "A lot of 20 items contains 4 defectives. 3 are drawn at random. probability none is defective": Fraction(math.comb(16, 3), math.comb(20, 3)),
    "A shipment of 100 phones contains 5 defective phones. If 10 phones are tested, what is the probability that at most 1 is defective?": Fraction(math.comb(95, 10) + 5 * math.comb(95, 9), math.comb(100, 10)),
    "a jar with 5 red, 7 green candies, probability of picking red": Fraction(5, 12),
    "A bag contains 8 balls, 3 red and 5 blue. One ball is drawn. Probability it is not red?": Fraction(5, 8),
    "what is the probability of selecting a red or blue marble from a bag with 4 red, 5 blue and 6 yellow marbles": Fraction(9, 15),
    "probability of neither red nor blue from a bag with 4 red, 5 blue and 6 yellow marbles": Fraction(6, 15),
    "what is the probability of drawing 2 red balls from a bag containing 3 red and 5 blue balls": draws("3r5b", 2, both("r")),
    "committee of 4 from 6 men and 5 women, probability that exactly 2 are women": draws("6m5w", 4, lambda d: d.count("w") == 2),
    "A committee of 4 is chosen from 6 men and 5 women. What is the probability that it has more women than men?": draws("6m5w", 4, lambda d: d.count("w") > d.count("m")),
    "From 5 men and 4 women, a committee of 3 is formed at random. Find the probability that it contains at least one woman": draws("5m4w", 3, lambda d: "w" in d),
    "There are 6 boys and 4 girls in a class. Three students are selected at random. What is the probability that all are girls?": draws("6b4g", 3, both("g")),
    "Of 10 students, 4 are girls. 3 are chosen at random. What is the probability that all are girls?": draws("6b4g", 3, both("g")),
    "In a class of 12 boys and 8 girls, 3 students are picked at random. probability that at most one is a girl": Fraction(math.comb(12, 3) + 8 * math.comb(12, 2), math.comb(20, 3)),
    "from a group of 5 teachers and 8 students, a team of 3 is selected at random. What's the probability that the team has exactly 1 teacher?": draws("5t8s", 3, lambda d: d.count("t") == 1),
    "A drawer contains 10 black socks and 8 white socks. Two socks are taken out at random. What is the probability they match?": Fraction(10 * 9 + 8 * 7, 18 * 17),
    "A bag has 3 red and 5 blue balls. Two are drawn. It is known that at least one is red. What is the probability that both are red?": draws("3r5b", 2, both("r"), lambda d: "r" in d),
    "If three balls are drawn from a bag of 3 red and 5 blue balls, what is the chance that exactly two of the three are red?": draws("3r5b", 3, lambda d: d.count("r") == 2),
    "A bag has 3 red balls and 5 blue ones. Three are drawn. What is the probability that 2 of the 3 drawn are red?": draws("3r5b", 3, lambda d: d.count("r") == 2),
    "probability of getting at least 2 red balls in 3 draws with replacement from a bag with 3 red and 5 blue balls": draws("3r5b", 3, lambda d: d.count("r") >= 2, back=True),
    "A jar has 5 red, 4 blue, and 3 green marbles. If you choose two marbles without replacement, what is the probability of getting a red one and then a blue one?": draws("5r4b3g", 2, lambda d: d == ("r", "b")),
    "bag with 3 red, 4 blue and 5 green balls, two drawn, probability that both are red or both are blue": draws("3r4b5g", 2, lambda d: d in (("r", "r"), ("b", "b"))),
    "bag with 3 red, 4 blue and 5 green balls, two drawn, probability that no red or blue ball is drawn": draws("3r4b5g", 2, both("g")),
    "If I randomly select 2 of 10 lamps, 3 of which are broken, what is the probability that neither is broken?": draws("7g3b", 2, both("g")),
    "A card is drawn from a deck. The card is red. What is the probability that it is a heart?": Fraction(1, 2),
    "A card is drawn at random from a standard 52-card deck. What is the probability that it is a red face card?": Fraction(6, 52),
    "probability that a card is not a heart or a king": cards(1, lambda d: d[0][1] != "H" and d[0][0] != 13),
    "Two cards are drawn successively with replacement from a well-shuffled pack of 52 cards. What is the probability of two aces?": Fraction(1, 169),
    "probability of drawing a heart or a king": cards(1, lambda d: d[0][1] == "H" or d[0][0] == 13),
    "probability of two aces in a row": cards(2, lambda d: d[0][0] == d[1][0] == 1),
    "probability of drawing a red ace": cards(1, lambda d: red(d[0]) and d[0][0] == 1),
    "probability of getting the ace of spades": Fraction(1, 52),
    "probability that a card drawn from a standard deck is not a face card": cards(1, lambda d: d[0][0] < 11),
    "probability of first a king then a queen without replacement": cards(2, lambda d: (d[0][0], d[1][0]) == (13, 12)),
    "two cards are drawn without replacement. probability that the first is a king and the second is a queen": cards(2, lambda d: (d[0][0], d[1][0]) == (13, 12)),
    "probability of drawing a king and a queen": cards(2, lambda d: {d[0][0], d[1][0]} == {12, 13}),
    "two cards: probability of one ace and one king": cards(2, lambda d: {d[0][0], d[1][0]} == {1, 13}),
    "two cards are drawn from a deck. what is the probability that both are hearts?": cards(2, lambda d: d[0][1] == d[1][1] == "H"),
    "what is the probability that two cards are both face cards": cards(2, lambda d: min(d[0][0], d[1][0]) > 10),
    "What's the chance that two cards drawn at random have the same suit?": cards(2, lambda d: d[0][1] == d[1][1]),
    "probability that the second card is an ace given that the first was an ace": cards(2, lambda d: d[1][0] == 1, lambda d: d[0][0] == 1),
    "what is the probability that a card is a spade given that it is black": Fraction(1, 2),
    "two cards drawn with replacement probability both are aces": Fraction(1, 169),
    "five cards are dealt; probability of exactly two aces": Fraction(6 * math.comb(48, 3), math.comb(52, 5)),
    "13 cards dealt, probability of exactly 4 aces": Fraction(math.comb(48, 9), math.comb(52, 13)),
    "probability of drawing three cards of different suits": Fraction(4 * 13**3, math.comb(52, 3)),
}  # fmt: skip


@pytest.mark.parametrize("query", EXACT)
@pytest.mark.sampled(every=6)
def test_an_exact_probability(query):
    solution = solve_query(query)
    assert Fraction(solution.exact) == EXACT[query]
    assert solution.verified


def poker_hands():
    """How many hands of each name there are, by the shapes of ranks and suits rather than by formulas."""
    found = Counter()
    for ranks in itertools.combinations_with_replacement(range(13), 5):
        counts = Counter(ranks)
        if max(counts.values()) > 4:
            continue
        ways = math.prod(math.comb(4, count) for count in counts.values())
        shape = tuple(sorted(counts.values(), reverse=True))
        if shape == (1, 1, 1, 1, 1):
            straight = ranks[4] - ranks[0] == 4 or ranks == (0, 9, 10, 11, 12)
            royal = ranks == (0, 9, 10, 11, 12)
            found["royal flush" if royal else "straight flush" if straight else "flush"] += 4
            found["straight" if straight else "high card"] += ways - 4
        else:
            names = {
                (4, 1): "four of a kind",
                (3, 2): "full house",
                (3, 1, 1): "three of a kind",
                (2, 2, 1): "two pairs",
            }
            found[names.get(shape, "a pair")] += ways
    return found


@pytest.mark.parametrize("name", sorted(poker_hands().keys() - {"high card"}))
def test_a_hand_of_poker(name):
    solution = solve_query(f"What is the probability of {name} in a five card poker hand?")
    assert Fraction(solution.exact) == Fraction(poker_hands()[name], math.comb(52, 5))
    assert "five cards from a deck of 52 cards" in solution.assumptions


def test_what_is_assumed_is_said():
    assert solve_query(BAG + "that both are red").assumptions == ("without replacement",)
    aces = solve_query("probability of drawing two aces").assumptions
    assert aces == ("from a deck of 52 cards", "without replacement")
    assert "a single one is read as at least one" in solve_query("A bag has 3 red and 5 blue balls. Three are drawn. Probability of a red ball").assumptions  # fmt: skip


def test_odds_of_a_draw():
    assert solve_query("What are the odds against drawing a king from a deck of cards?").exact == "12:1"
    assert solve_query("what are the odds in favor of drawing a heart").exact == "1:3"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("A bag has 3 red and 5 blue balls. You draw 9. probability that all are red", "only 8"),
        (BAG + "that both are purple?", "purple"),
        (BAG + "that all 3 are red?", "cannot be read"),
        ("A bag has 3 red and 5 blue balls. What is the probability that at least one is red?", "how many are drawn"),
        ("A bag has 3 red and 5 blue balls. One red ball is removed. Then a ball is drawn. Probability it is red", "cannot be read"),
        ("A bag has 3 red and 5 blue balls. 2 green balls are added. A ball is drawn. Probability that it is red?", "cannot be read"),
        ("A bag has 3 red and 5 blue balls and a box has 2 red and 4 blue balls. A ball is drawn. Probability it is red?", "cannot be read"),
        ("A bag has 3 red, 5 blue and some green balls. Two are drawn. Probability both red", "some"),
        ("A bag has 3 red and 5 blue balls. Three are drawn. Probability of red, red, blue?", "order"),
        ("A bag has 3 red and 5 blue balls. Two are drawn. One is red. What is the probability that the other is red?", "cannot be read"),
        ("bag with 3 red and 4 blue balls, two drawn, probability that both are red or blue", "cannot be read"),
        ("what is twice the probability of two aces in a row", "2 times"),
        ("A bag has 8 balls of which 9 are red. One is drawn. Probability it is red", "fewer than the parts"),
        ("bag with 0 red and 0 blue balls, probability of red", "nothing to draw from"),
        ("a box of 5 red and 3 blue balls, draw 3000 with replacement, probability of all red", "up to 2000"),
        ("A bag has 3 red and 0 blue balls. Two are drawn. Probability both are red given that the first is blue", "cannot happen"),
        ("probability of drawing a black king from a deck with 2 jokers", "jokers"),
        ("Two are drawn from a bag with 3 red and 5 blue balls until one is red. Probability that both are red", "until"),
    ],
)  # fmt: skip
def test_refusals(query, message):
    with pytest.raises(ToolError, match=message):
        solve_query(query)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("how many ways to choose 2 men and 3 women from 6 women and 5 men", "200"),
        ("two letters picked without replacement from {q: 2, l: 3}; probability of sequence ql", "3/10"),
        ("how many cards are in 3 decks of 52 cards", ""),
    ],
)
def test_other_questions_are_not_taken(query, text):
    if text:
        assert solve_query(query).text.startswith(text)
        return
    with pytest.raises(ToolError):
        solve_query(query)
