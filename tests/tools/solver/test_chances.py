# ruff: noqa: E501  a question and its count stand on one line
"""Dice, coins, odds, rules, tests and expected values against lists of all outcomes."""

import itertools
import math
import re
from fractions import Fraction

import pytest
from pericles.tools.errors import ToolError
from pericles.tools.solver import solve_query


def share(outcomes, condition, given=lambda outcome: True):
    known = [outcome for outcome in outcomes if given(outcome)]
    return Fraction(sum(map(condition, known)), len(known))


def dice(count, condition, given=lambda faces: True, sides=6):
    return share(list(itertools.product(range(1, sides + 1), repeat=count)), condition, given)


def coins(count, condition, given=lambda throws: True):
    return share(
        list(itertools.product("HT", repeat=count)), lambda t: condition("".join(t)), lambda t: given("".join(t))
    )


def biased(count, heads, condition):
    """The chance with a coin whose heads have this probability, outcome by outcome."""
    total = Fraction(0)
    for throws in itertools.product("HT", repeat=count):
        if condition("".join(throws)):
            total += math.prod(heads if side == "H" else 1 - heads for side in throws)
    return total


def prime(number):
    return number in (2, 3, 5, 7, 11, 13, 17, 19)


DICE = {
    "probability of rolling a sum of 7 with two dice": dice(2, lambda d: sum(d) == 7),
    "two 8-sided dice, probability of a sum of at least 10": dice(2, lambda d: sum(d) >= 10, sides=8),
    "2d6 probability of 7": dice(2, lambda d: sum(d) == 7),
    "probability of rolling 7 or 11 with two dice": dice(2, lambda d: sum(d) in (7, 11)),
    "probability that 3d20 sum to more than 40": dice(3, lambda d: sum(d) > 40, sides=20),
    "roll 4d6, probability the sum is more than 20": dice(4, lambda d: sum(d) > 20),
    "What is the probability that the sum of two dice is 7": dice(2, lambda d: sum(d) == 7),
    "probability of rolling a total of 5 or less with two dice": dice(2, lambda d: sum(d) <= 5),
    "probability the sum of 2 dice isn't 7": dice(2, lambda d: sum(d) != 7),
    "two dice are thrown. What is the probability that the sum is prime": dice(2, lambda d: prime(sum(d))),
    "two dice are thrown. What is the probability that the sum of the numbers is greater than 8": dice(2, lambda d: sum(d) > 8),
    "two dice are rolled; probability that the sum is even and both are odd": dice(2, lambda d: sum(d) % 2 == 0 and d[0] % 2),
    "two dice: probability the sum is 7 or a double": dice(2, lambda d: sum(d) == 7 or d[0] == d[1]),
    "two dice are rolled. probability that the sum is 8 given that the first die is a 3": dice(2, lambda d: sum(d) == 8, lambda d: d[0] == 3),
    "two dice are rolled; the first is a 4. Probability the sum is at least 7": dice(2, lambda d: sum(d) >= 7, lambda d: d[0] == 4),
    "two dice are rolled. If the sum is 8, what is the probability that the first die is a 3?": dice(2, lambda d: d[0] == 3, lambda d: sum(d) == 8),
    "Two dice are rolled. Given that at least one is a 6, what is the probability that the sum is 10?": dice(2, lambda d: sum(d) == 10, lambda d: 6 in d),
    "A die is rolled. Given that the number is even, what is the probability that it is a 6?": Fraction(1, 3),
    "two dice, probability the sum is not 7 or 11": dice(2, lambda d: sum(d) not in (7, 11)),
    "roll two dice, probability the sum is 7, 9 or 11": dice(2, lambda d: sum(d) in (7, 9, 11)),
    "roll a die; probability of not a 3 or a 5": Fraction(4, 6),
    "roll two dice. probability of a double": dice(2, lambda d: d[0] == d[1]),
    "two dice are rolled, probability of not getting a double": dice(2, lambda d: d[0] != d[1]),
    "roll 5 dice probability all different": dice(5, lambda d: len(set(d)) == 5),
    "two dice are rolled, what is the probability both are even": dice(2, lambda d: d[0] % 2 == d[1] % 2 == 0),
    "roll 2 dice, probability of one even and one odd": dice(2, lambda d: sum(d) % 2 == 1),
    "two dice are rolled. Probability that the product is 12": dice(2, lambda d: d[0] * d[1] == 12),
    "probability that the product of two dice is even": dice(2, lambda d: d[0] * d[1] % 2 == 0),
    "two dice are rolled. Probability that the difference is 2": dice(2, lambda d: abs(d[0] - d[1]) == 2),
    "roll 3 dice, probability that the highest is 5": dice(3, lambda d: max(d) == 5),
    "3 dice, probability that the lowest is at least 3": dice(3, lambda d: min(d) >= 3),
    "chance of at least one six in 4 rolls": dice(4, lambda d: 6 in d),
    "probability of exactly two sixes in five rolls": dice(5, lambda d: d.count(6) == 2),
    "What is the probability that exactly two dice show a 6 when five dice are rolled?": dice(5, lambda d: d.count(6) == 2),
    "three dice: probability of at least two sixes": dice(3, lambda d: d.count(6) >= 2),
    "roll two dice; what is the probability that neither shows a 6": dice(2, lambda d: 6 not in d),
    "You roll two fair dice. What is the probability that at least one die shows a 5?": dice(2, lambda d: 5 in d),
    "If two dice are rolled, what is the probability of getting a 3 and a 4": dice(2, lambda d: sorted(d) == [3, 4]),
    "If you roll a die twice, what is the probability of getting a 6 then a 5": dice(2, lambda d: d == (6, 5)),
    "probability of getting a six on the first roll and an even number on the second": dice(2, lambda d: d[0] == 6 and d[1] % 2 == 0),
    "probability of getting a 6 on both dice": Fraction(1, 36),
    "probability of snake eyes": Fraction(1, 36),
    "what is the probability of rolling two sixes in a row": Fraction(1, 36),
    "roll a die 4 times, probability of two sixes in a row": dice(4, lambda d: any(d[n] == d[n + 1] == 6 for n in range(3))),
    "roll a die 4 times, probability of exactly 3 even numbers": dice(4, lambda d: sum(face % 2 == 0 for face in d) == 3),
    "A die is rolled 3 times. What is the probability that all three rolls are greater than 2?": dice(3, lambda d: min(d) > 2),
    "probability of rolling a prime number on a die": dice(1, lambda d: prime(d[0])),
    "A fair six-sided die is rolled. What is the probability of getting a number greater than 4?": Fraction(2, 6),
    "probability of rolling a 3 or a 5 with one die": Fraction(2, 6),
    "what's the probability of getting a number less than 3 or a 6 on a die": Fraction(3, 6),
    "what is the probability of rolling a number divisible by 3 on a 12-sided die": Fraction(4, 12),
    "roll a 20-sided die, probability of at least 15": Fraction(6, 20),
    "What are the odds of rolling a six?": Fraction(1, 6),
    "a number is chosen at random from 1 to 20. probability that it is prime": share(range(1, 21), prime),
    "what is the probability that a random number between 1 and 100 is divisible by 3 or 5": share(range(1, 101), lambda n: n % 3 == 0 or n % 5 == 0),
    "probability that a number chosen at random from 1 to 100 is not divisible by 7": share(range(1, 101), lambda n: n % 7 != 0),
    "a number is chosen at random from 1 to 100. probability that it is divisible by 3 but not by 5": share(range(1, 101), lambda n: n % 3 == 0 and n % 5 != 0),
    "a number is chosen at random from 1 to 100. probability that it is divisible by both 4 and 6": share(range(1, 101), lambda n: n % 12 == 0),
    "a number is chosen at random from 1 to 100. probability that it is a multiple of 2, 3 or 5": share(range(1, 101), lambda n: math.gcd(n, 30) > 1),
    "a number is chosen at random from 1 to 100. probability that it is not divisible by 3 or 5": share(range(1, 101), lambda n: math.gcd(n, 15) == 1),
    "tickets numbered 1 to 20 are mixed up and a ticket is drawn at random. What is the probability that the ticket has a number which is a multiple of 3 or 5?": share(range(1, 21), lambda n: n % 3 == 0 or n % 5 == 0),
    "A spinner has 8 equal sections numbered 1 to 8. probability of landing on a number greater than 5": Fraction(3, 8),
}  # fmt: skip
COINS = {
    "flip 10 coins, probability of exactly 6 heads": coins(10, lambda t: t.count("H") == 6),
    "toss a coin 3 times, probability of at least one tail": coins(3, lambda t: "T" in t),
    "toss a coin 3 times, probability of all heads": Fraction(1, 8),
    "toss a coin 3 times, what is the probability of HHT": Fraction(1, 8),
    "toss a coin 5 times, probability of two heads in a row": coins(5, lambda t: "HH" in t),
    "probability of tossing heads twice in a row": Fraction(1, 4),
    "three coins are tossed; probability of at least two heads": coins(3, lambda t: t.count("H") >= 2),
    "probability of two heads and a tail when tossing three coins": coins(3, lambda t: t.count("H") == 2),
    "a coin is flipped 6 times. what is the probability of getting between 2 and 4 heads": coins(6, lambda t: 2 <= t.count("H") <= 4),
    "a coin is tossed 3 times, probability the number of heads is at least 2": coins(3, lambda t: t.count("H") >= 2),
    "flip a coin 4 times probability of more heads than tails": coins(4, lambda t: t.count("H") > 2),
    "A coin is tossed twice. Find the probability of getting the same side": Fraction(1, 2),
    "A coin is tossed 3 times. Probability that the first is heads and the last is tails": coins(3, lambda t: t[0] + t[2] == "HT"),
    "A coin is tossed 3 times. Given that at least one is heads, what is the probability that all are heads?": coins(3, lambda t: t == "HHH", lambda t: "H" in t),
    "A coin is tossed 3 times. Probability of heads exactly twice": coins(3, lambda t: t.count("H") == 2),
    "a coin with probability 0.6 of heads is tossed 5 times. Probability of exactly 3 heads": biased(5, Fraction(3, 5), lambda t: t.count("H") == 3),
    "A biased coin lands heads with probability 0.7. It is flipped 4 times. What is the probability of at least 3 heads?": biased(4, Fraction(7, 10), lambda t: t.count("H") >= 3),
    "a biased coin comes up heads 60% of the time. If it is tossed 3 times what's the probability of 2 heads and 1 tail": biased(3, Fraction(3, 5), lambda t: t.count("H") == 2),
    "coin with probability of heads 0.3, three tosses, probability of exactly 2 tails": biased(3, Fraction(3, 10), lambda t: t.count("T") == 2),
}  # fmt: skip
GUESSES = {
    "probability of guessing all 10 true/false questions correctly": Fraction(1, 2**10),
    "probability of guessing exactly 7 of 10 true/false questions right": Fraction(math.comb(10, 7), 2**10),
    "A multiple choice test has 5 questions with 4 options each. Probability of getting at least 3 right by guessing": share(list(itertools.product(range(4), repeat=5)), lambda d: d.count(0) >= 3),
    "lottery 6 of 49, probability of 4 right": Fraction(math.comb(6, 4) * math.comb(43, 2), math.comb(49, 6)),
    "In a lottery you choose 6 numbers out of 49. What is the probability of matching exactly 4 numbers?": Fraction(math.comb(6, 4) * math.comb(43, 2), math.comb(49, 6)),
    "probability of winning a 6/49 lottery": Fraction(1, math.comb(49, 6)),
    "probability that two of 23 people share a birthday": 1 - math.prod(Fraction(365 - n, 365) for n in range(23)),
    "what is the probability that in a group of 30 people at least two have the same birthday": 1 - math.prod(Fraction(365 - n, 365) for n in range(30)),
    "probability that no two of 20 people share a birthday": math.prod(Fraction(365 - n, 365) for n in range(20)),
}  # fmt: skip
RULES = {
    "odds of 3 to 1 as a probability": Fraction(3, 4),
    "if the odds against winning are 5 to 2, what is the probability of winning": Fraction(2, 7),
    "If the odds in favor of an event are 3:5, what is the probability of the event": Fraction(3, 8),
    "the odds are 4 to 1 against. What is the probability of winning?": Fraction(1, 5),
    "P(A)=0.5, P(B)=0.4, P(A and B)=0.2, find P(A or B)": Fraction(7, 10),
    "P(A∩B)=0.2, P(A∪B)=0.7, P(A)=0.5 find P(B)": Fraction(4, 10),
    "P(A)=0.3 and P(B)=0.5 independent, find P(A and B)": Fraction(15, 100),
    "If A and B are independent with P(A) = 0.3 and P(B) = 0.5, find P(A or B)": Fraction(65, 100),
    "A and B are independent events. P(A)=0.3, P(B)=0.5. What is P(A given B)?": Fraction(3, 10),
    "P(A)=0.5,P(A∪B)=0.8, A and B independent, find P(B)": Fraction(6, 10),
    "A and B are mutually exclusive, P(A) = 0.3, P(B) = 0.4. Find P(A or B)": Fraction(7, 10),
    "P(A') if P(A) = 0.3": Fraction(7, 10),
    "P(rain)=0.3, find P(not rain)": Fraction(7, 10),
    "P(A)=.7, P(B)=.5, P(A∩B)=.4, find P((A∪B)')": Fraction(2, 10),
    "P(A)=.7, P(B)=.5, P(A∩B)=.4, find P(A'∩B)": Fraction(1, 10),
    "Given P(A) = 0.6, P(B|A) = 0.5, find P(A and B)": Fraction(3, 10),
    "two independent events have probabilities 0.3 and 0.5. What is the probability that at least one occurs?": Fraction(
        65, 100
    ),
    "P(A) = 1/2, P(B) = 1/3, P(C)=1/4 independent. find the probability that at least one occurs": 1
    - Fraction(1 * 2 * 3, 2 * 3 * 4),
}


def given_seen(*causes, wanted=(0,), seen=True):
    """Bayes by counting one million cases: pairs of parts of a thousand, share and rate."""
    counts = [size * (rate if seen else 1000 - rate) for size, rate in causes]
    return Fraction(sum(counts[place] for place in wanted), sum(counts))


EVIDENCE = {
    "A disease affects 1% of people. A test is 99% accurate. Probability of having the disease given a positive test?": Fraction(1, 2),
    "A disease affects 1% of the population. The test has a sensitivity of 95% and a specificity of 90%. What is the probability that a person who tests positive has the disease?": given_seen((10, 950), (990, 100)),
    "1 in 1000 people has a disease. A test detects it 99% of the time and has a false positive rate of 2%. What is the probability that someone who tests positive actually has the disease?": given_seen((1, 990), (999, 20)),
    "prevalence 1%, sensitivity 90%, false positive rate 9%, probability of disease given positive test": given_seen((10, 900), (990, 90)),
    "positive predictive value with prevalence 2%, sensitivity 90%, specificity 95%": given_seen((20, 900), (980, 50)),
    "A test for a disease is positive for 95% of people who have the disease and for 5% of people who do not have it. 1% of people have the disease. If a person tests positive, what's the probability that they have the disease?": given_seen((10, 950), (990, 50)),
    "0.5% of a population has a disease. A test is positive 98% of the time if a person has the disease, and positive 3% of the time if a person does not have the disease. A person tests positive. What is the probability that the person has the disease?": given_seen((5, 980), (995, 30)),
    "Suppose 2% of people have a disease. 97% of people with the disease test positive, and 4% of healthy people test positive. What is the chance that a person who tests negative has the disease?": given_seen((20, 970), (980, 40), seen=False),
    "A disease affects 1% of people, sensitivity 95%, specificity 90%. Probability that a person does not have the disease given a positive test": given_seen((10, 950), (990, 100), wanted=(1,)),
    "A disease affects 1% of people. The test has sensitivity 95% and specificity 90%. What is the probability that a random person tests positive?": Fraction(10 * 950 + 990 * 100, 10**6),
    "0.5% of athletes use a drug. A drug test is 99% accurate. If an athlete tests positive what is the probability that they use the drug": given_seen((5, 990), (995, 10)),
    "machine A makes 60% of parts with 2% defective, B 40% with 5%; probability a defective part came from A": given_seen((600, 20), (400, 50)),
    "Machine A produces 60% of the items and machine B produces 40%. 2% of the items from A are defective and 5% from B are defective. An item is chosen at random and found to be defective. What is the probability that it came from machine A?": given_seen((600, 20), (400, 50)),
    "Machines A, B and C produce 50%, 30% and 20% of the items. Their defect rates are 2%, 3% and 4% respectively. If an item is defective, what is the probability it was produced by machine C?": given_seen((500, 20), (300, 30), (200, 40), wanted=(2,)),
    "Machines A, B and C produce 50%, 30% and 20% of the items. Their defect rates are 2%, 3% and 4% respectively. Find the probability that a randomly selected item is defective.": Fraction(27, 1000),
    "Factory A supplies 70% of bulbs and factory B the rest. 1% of A's bulbs and 3% of B's bulbs are defective. Probability that a defective bulb is from B": given_seen((700, 10), (300, 30), wanted=(1,)),
    "Machine A produces 60% and machine B 40%. 2% of A and 5% of B are defective. If a part is not defective, what is the probability it came from A?": given_seen((600, 20), (400, 50), seen=False),
}  # fmt: skip


def mean(values):
    return Fraction(sum(values), len(values))


def variance(values):
    return mean([value * value for value in values]) - mean(values) ** 2


TWO = list(itertools.product(range(1, 7), repeat=2))
EXPECTED = {
    "expected value of a die": Fraction(7, 2),
    "expected value of rolling two dice": mean([sum(pair) for pair in TWO]),
    "expected value of 2d6": Fraction(7),
    "what is the average value when rolling a fair six-sided die": Fraction(7, 2),
    "variance of a die roll": variance(range(1, 7)),
    "variance of rolling a 20-sided die": variance(range(1, 21)),
    "expected maximum of two dice": mean([max(pair) for pair in TWO]),
    "expected product of two dice": mean([a * b for a, b in TWO]),
    "expected number of heads in 10 tosses": Fraction(5),
    "expected number of tails in 12 flips of a coin that lands heads 60% of the time": Fraction(48, 10),
    "expected number of sixes in 12 rolls of a die": Fraction(2),
    "expected value of X where P(X=1)=0.2, P(X=2)=0.5, P(X=3)=0.3": Fraction(21, 10),
    "variance of X where P(X=1)=0.2, P(X=2)=0.5, P(X=3)=0.3": variance([1] * 2 + [2] * 5 + [3] * 3),
    "expected value x: 0,1,2 p: 0.2,0.5,0.3": Fraction(11, 10),
    "X takes the values 0, 1, 2 with probabilities 0.2, 0.5, 0.3. Find E(X)": Fraction(11, 10),
    "you win $10 with probability 0.1 and lose $1 otherwise. expected winnings": Fraction(1, 10),
    "You win $10 with probability 0.2, $5 with probability 0.3 and lose $3 otherwise. expected value?": Fraction(2),
    "A game costs $2 to play. You win $10 with probability 0.1. What is the expected profit?": Fraction(-1),
    "You roll a die. You win $12 if you roll a 6 and lose $2 otherwise. What is the expected winnings?": mean([12, *[-2] * 5]),
    "you win $5 if you flip heads and lose $4 if you flip tails. expected winnings": Fraction(1, 2),
    "A game pays $10 with probability 0.1. Expected value?": Fraction(1),
    "expected number of rolls to get a six": Fraction(6),
    "expected number of rolls to get two sixes": Fraction(12),
    "expected number of coin flips until the first head": Fraction(2),
    "expected number of tosses to get two heads in a row": Fraction(6),
    "expected number of rolls to see all six faces": 6 * sum(Fraction(1, k) for k in range(1, 7)),
    "what is the expected number of boxes to collect all 10 different toys": 10 * sum(Fraction(1, k) for k in range(1, 11)),
}  # fmt: skip


@pytest.mark.parametrize("query", [*DICE, *COINS, *GUESSES])
@pytest.mark.sampled(every=6)
def test_an_exact_probability(query):
    solution = solve_query(query)
    assert Fraction(solution.exact) == {**DICE, **COINS, **GUESSES}[query]
    assert solution.verified


@pytest.mark.parametrize("query", [*RULES, *EVIDENCE, *EXPECTED])
@pytest.mark.sampled(every=6)
def test_a_rule_or_an_expected_value(query):
    assert Fraction(solve_query(query).exact) == {**RULES, **EVIDENCE, **EXPECTED}[query]


def test_long_throws_are_counted_exactly():
    ways = {0: 1}
    for _ in range(60):
        ways = {total: sum(ways.get(total - face, 0) for face in range(1, 7)) for total in range(1, 361)} | {0: 0}
    assert Fraction(solve_query("60 dice, probability the sum is 210").exact) == Fraction(ways[210], 6**60)
    tosses = solve_query("a coin is tossed 100 times, probability of at least 60 heads")
    assert Fraction(tosses.exact) == Fraction(sum(math.comb(100, k) for k in range(60, 101)), 2**100)


@pytest.mark.parametrize(("wanted", "people"), [("50%", 23), ("99%", 57), ("0.9", 41)])
def test_how_many_people_for_a_shared_birthday(wanted, people):
    query = f"how many people are needed for a {wanted} chance that two share a birthday"
    assert solve_query(query).exact == str(people)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("probability 0.2 as odds", "1 to 4 in favor"),
        ("odds against an event with probability 0.2", "4 to 1 against"),
        ("what are the odds in favor of an event with probability 3/5", "3 to 2 in favor"),
        ("odds against rolling a 6 with one die", "5 to 1 against"),
        ("standard deviation of the sum of two dice", "sqrt(210)/6 (2.41522945769824)"),
        ("Are A and B independent if P(A)=0.5, P(B)=0.4, P(A and B)=0.2?", "yes: P(A and B) = 1/5 = 1/5 = P(A) P(B)"),
        ("Are A and B independent if P(A)=0.5, P(B)=0.4, P(A and B)=0.1?", "no: P(A and B) = 1/10 != 1/5 = P(A) P(B)"),
    ],
)
def test_the_text_of_an_answer(query, text):
    assert solve_query(query).text == text


def test_what_is_assumed_is_said():
    accurate = solve_query(
        "A disease affects 1% of people. A test is 99% accurate. Probability of having the disease given a positive test?"
    )
    assert len([line for line in accurate.assumptions if "accuracy" in line]) == 2
    assert "a fair coin" in solve_query("flip 10 coins, probability of exactly 6 heads").assumptions
    assert "odds in favor of the event" in solve_query("odds of 3 to 1 as a probability").assumptions
    assert "the sum of the dice is meant" in solve_query("probability of rolling a 7 with two dice").assumptions
    assert (
        "365 equally likely birthdays" in solve_query("probability that two of 23 people share a birthday").assumptions
    )


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("0-sided die probability of 3", "1 to 100 sides"),
        ("100 dice, probability the sum is 350", "up to 60"),
        ("probability that the difference of 3 dice is 2", "two dice"),
        ("a biased coin is tossed 3 times, probability of 2 heads", "how biased"),
        ("a coin with probability 1.6 of heads is tossed 3 times, probability of 2 heads", "between 0 and 1"),
        ("flip a coin until heads, probability of 3 flips", "until"),
        ("A coin is tossed and a die is rolled. Probability of heads and a 6", "cannot be read"),
        ("roll a loaded die where 6 has probability 0.3; probability of a 6", "loaded"),
        ("roll a die 3 times, probability the numbers are increasing", "increasing"),
        ("two dice, probability that one die is twice the other", "cannot be read"),
        ("probability of rolling a sum of 7 before a sum of 8", "cannot be read"),
        ("probability of rolling greater than 4 or 2 on a die", "or 2"),
        ("lottery 60 of 49, probability of 4 right", "6 of 49"),
        ("P(A)=0.5, P(B)=0.4. find P(A or B)", "do not determine"),
        ("P(A)=0.5, P(B)=0.4, P(A or B)=0.3. find P(A and B)", "contradict"),
        ("P(A) = 1.2, find P(not A)", "between 0 and 1"),
        ("expected value of X where P(X=1)=0.2, P(X=2)=0.5", re.escape("sum to 7/10")),
        ("x: 0,1,2; p: 0.2,0.5,0.4 expected value", re.escape("sum to 11/10")),
        ("machine A makes 60% of parts with 2% defective, B 50% with 5%; probability a defective part came from A", "sum to 11/10"),
        ("A disease affects 1% of people. A test has sensitivity 95%. Probability of the disease given a positive test?", "specificity"),
        ("A disease affects 1% of people, sensitivity 95%, specificity 90%. Probability that a person with the disease tests negative?", "cannot be read"),
        ("A disease affects 1% of people, sensitivity 95%, specificity 90%. A patient tests positive twice. What is the probability that they have the disease?", "cannot be read"),
    ],
)  # fmt: skip
def test_refusals(query, message):
    with pytest.raises(ToolError, match=message):
        solve_query(query)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("P(10,3)", "720"),
        ("mean of 3, 5, 7", "5"),
        ("average of 2 and 4", "3"),
        ("how many outcomes are possible when rolling 3 dice", "216"),
        ("P(X = 3) for X ~ Geo(1/4)", "9/64 (0.140625)"),
    ],
)
def test_other_questions_are_not_taken(query, text):
    assert solve_query(query).text == text
