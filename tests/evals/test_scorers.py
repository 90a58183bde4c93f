"""The scorers of texts, numbers, formulas, calls and citations, and how a choice is read."""

import asyncio

import pytest
from pericles.evals import Reply
from pericles.evals.running.choosing import choice_score, read_choice
from pericles.evals.running.planning import shuffled
from pericles.evals.samples import Choices, Sample
from pericles.evals.scorers import Scoring, make_scorer
from pericles.evals.scorers.numbers import numbers_in
from pericles.evals.scorers.symbolic import candidates
from pericles.tools import Source, ToolCall, ToolResult

NOTHING = object()


def score(kind, reply, expected=NOTHING, **options):
    made = make_scorer({"kind": kind, **options}, expected, given=expected is not NOTHING)
    reply = Reply("asked", reply) if isinstance(reply, str) else reply
    return asyncio.run(made.score(reply, Scoring(Sample("s", ("asked",)), (reply,))))


@pytest.mark.parametrize(
    ("kind", "reply", "expected", "options", "value"),
    [
        ("exact", "The Paris!", "paris", {}, 1),
        ("exact", "Paris", "paris", {"normalise": False}, 0),
        ("exact", "b", ["a", "b"], {}, 1),
        ("exact", "Paris, France", "Paris", {}, 0),
        ("contains", "It is Lima.", "lima", {}, 1),
        ("contains", "It is in Limassol.", "Lima", {}, 0),
        ("contains", "not 42 but 425", "42", {"forbidden": "425"}, 0),
        ("contains", "red and blue", ["red", "blue"], {"all": True}, 1),
        ("contains", "red and green", ["red", "blue"], {"all": True}, 0),
        ("contains", "答案是北京。", "北京", {}, 1),
        ("contains", "it’s fine", "it's", {}, 1),
        ("matches", "x = 4 or x = 7", r"4.*7", {}, 1),
        ("matches", "nothing here", r"4", {"forbidden": "here"}, 0),
        ("numeric", "That makes 1,234.50 dollars.", 1234.5, {}, 1),
        ("numeric", "first 3, then 5", 3, {"take": "last"}, 0),
        ("numeric", "first 3, then 5", 5, {"take": "last"}, 1),
        ("numeric", "about 0.333", "1/3", {}, 0),
        ("numeric", "about 0.333", "1/3", {"tolerance": 0.01}, 1),
        ("numeric", "结果是391", 391, {}, 1),
        ("numeric", "It has 3 [1].", 1, {}, 0),
        ("numeric", "minus −7", -7, {}, 1),
        ("nonempty", "  ", NOTHING, {}, 0),
        ("not", "It is Lima.", "Lima", {"scorer": "contains"}, 0),
    ],
)
def test_a_text_is_judged(kind, reply, expected, options, value):
    assert score(kind, reply, expected, **options).value == value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1.5e3 and 2 × 10^3", [1500, 2000]),
        (r"\frac{1}{4} of it", [0.25]),
        ("3/4 cup", [0.75]),
        ("version 1.2.3", [1.2]),
        ("x2 and y3", []),
        ("$-5$", [-5]),
        ("12,345,678", [12345678]),
        ("see [1] and [2, 3]", []),
    ],
)
def test_numbers_are_found_in_their_usual_forms(text, found):
    assert numbers_in(text)[: len(found) or None] == pytest.approx(found)


@pytest.mark.parametrize(
    ("reply", "expected", "value"),
    [
        ("The derivative is $3x^2 + 2x$.", "x*(3*x + 2)", 1),
        (r"So we get \boxed{\frac{1}{2}}.", "0.5", 1),
        ("It is x^2 + 1.", "x^2 - 1", 0),
        ("x = 4 or x = 7", "7 or 4", 1),
        ("x = 4", "4 or 7", 0),
        ("I do not know.", "x", 0),
        ("__import__('os').system('true')", "0", 0),
    ],
)
def test_formulas_are_compared_by_the_solver(reply, expected, value):
    assert score("symbolic", reply, expected).value == value


def test_what_is_boxed_is_the_answer_and_braces_are_matched():
    assert candidates(r"maybe $2$, so \boxed{\frac{a}{b}}") == [r"\frac{a}{b}"]


def called(*calls):
    made = tuple(ToolCall(str(index), name, arguments) for index, (name, arguments) in enumerate(calls))
    return Reply("asked", "done", made, tuple(ToolResult(call.id, call.name, "ok") for call in made))


BOOK = {"name": "book", "arguments": {"city": ["Paris", "paris, france"], "nights": 2}, "optional": ["nights"]}


@pytest.mark.parametrize(
    ("reply", "expected", "options", "label"),
    [
        (called(("book", {"city": "PARIS", "nights": 2.0})), BOOK, {}, "right call"),
        (called(("book", {"city": "Paris, France"})), BOOK, {}, "right call"),
        (called(("book", {"city": "Rome"})), BOOK, {}, "bad arguments"),
        (called(("book", {})), BOOK, {}, "bad arguments"),
        (called(("search", {"q": "Paris"})), BOOK, {}, "wrong tool"),
        (called(), BOOK, {}, "missed call"),
        (called(), "none", {}, "rightly none"),
        (called(("book", {})), [], {}, "unneeded call"),
        (called(("search", {}), ("book", {"city": "Paris"})), BOOK, {}, "right call"),
        (called(("search", {}), ("book", {"city": "Paris"})), BOOK, {"first": True}, "wrong tool"),
        (called(("book", {"city": "Paris"}), ("search", {})), BOOK, {"extra": False}, "unneeded call"),
        (called(("b", {}), ("a", {})), ["a", "b"], {}, "right call"),
        (called(("b", {}), ("a", {})), ["a", "b"], {"ordered": True}, "missed call"),
        (called(("f", {"x": True})), {"name": "f", "arguments": {"x": 1}}, {}, "bad arguments"),
        (called(("f", {"x": [1, 2]})), {"name": "f", "arguments": {"x": [[1, 2]]}}, {}, "right call"),
        (called(("f", {"x": {"a": "B"}})), {"name": "f", "arguments": {"x": {"a": "b"}}}, {}, "right call"),
    ],
)
def test_calls_are_compared_argument_by_argument(reply, expected, options, label):
    found = score("calls", reply, expected, **options)
    assert found.label == label
    assert found.value == float(label in ("right call", "rightly none"))


def test_a_query_is_what_a_tool_was_asked():
    reply = called(("math", {"query": "17 * 23"}), ("search", {"query": "Peru"}))
    assert score("query", reply, r"17\s*\*").value == 1
    assert score("query", reply, "peru", tool="math").value == 0


def test_a_citation_needs_a_source_that_says_it():
    source = Source("Peru", "world-factbook/pe#population", "Population: 32,768,614")
    good = Reply("asked", "32,768,614 people [1]", sources={1: source}, supported=(True,))
    assert score("cited", good, "32,768,614").label == "cited"
    assert score("cited", good, "33 million").label == "wrong answer"
    assert score("cited", good, "32,768,614", source="/cl#").label == "wrong source"
    assert score("cited", Reply("asked", "32,768,614 people"), "32,768,614").label == "not cited"
    unsupported = Reply("asked", "32,768,614 people [1]", sources={1: source}, supported=(False,))
    assert score("cited", unsupported, "32,768,614").label == "not supported"
    assert score("cited", unsupported, "32,768,614", support=False).label == "cited"


CITIES = Choices(("Paris", "New York", "York"), (0,))


@pytest.mark.parametrize(
    ("answer", "chosen"),
    [
        ("B", 1),
        ("(c)", None),
        ("C.", 2),
        ("The answer is A", 0),
        ("answer: b", 1),
        ("B) New York", 1),
        ("I think it is New York.", 1),
        ("York", 2),
        ("A city that I cannot name", None),
        ("I don't know", None),
        ("D", None),
        ("Paris or New York", None),
        ("First I thought (A), but the answer is (C)", 2),
        ("", None),
    ],
)
def test_a_choice_is_read_from_what_is_said(answer, chosen):
    assert read_choice(answer, CITIES) == chosen


def test_a_choice_by_likelihood_may_be_weighed_by_length():
    sample = Sample("s", ("?",), choices=Choices(("aa", "bbbbbbbb"), (1,), listed=False))
    assert choice_score(sample, [-2.0, -4.0]).value == 0.0
    weighed = Sample("s", ("?",), choices=Choices(("aa", "bbbbbbbb"), (1,), listed=False, normalise=True))
    assert choice_score(weighed, [-2.0, -4.0]).value == 1.0
    mass = Sample("s", ("?",), choices=Choices(("a", "b", "c"), (0, 1), listed=False, score="mass"))
    assert choice_score(mass, [0.0, 0.0, 0.0]).value == pytest.approx(2 / 3)


def test_choices_are_shuffled_alike_for_everyone_and_the_right_one_moves_along():
    texts = tuple("abcdefgh")
    places = {}
    for key in range(200):
        made = shuffled(Choices(texts, (0,)), str(key))
        assert made == shuffled(Choices(texts, (0,)), str(key))
        assert made.texts[made.right[0]] == "a"
        places[made.right[0]] = places.get(made.right[0], 0) + 1
    assert set(places) == set(range(8))
    assert shuffled(Choices(texts, (0,), shuffle=False), "1").texts == texts
