"""The generated requests: split cleanly, read by the tools, and none of them an item of a suite."""

import random
import re
from itertools import combinations

import pytest
from pericles.evals.catalogue import shipped, shipped_names
from pericles.policies.training.data import generate, lookups, mathematics, plain
from pericles.policies.training.data.dialogue import Unusable, use
from pericles.policies.training.data.generate import prompts_of
from pericles.policies.training.data.kept_out import RUN, asked_by_a_suite
from pericles.policies.training.data.phrasing import SPLITS, fill, share, table
from pericles.policies.training.data.problems import DRAWERS
from pericles.policies.training.data.values import MAKERS, drawn

KINDS = ("mathematics", "lookup", "plain")


def test_an_item_of_a_suite_is_kept_out_in_any_writing():
    turn = shipped("routing").samples[0].turns[0]
    assert asked_by_a_suite([f"  {turn.upper()} !"])
    assert asked_by_a_suite(["something else", turn])
    assert not asked_by_a_suite(["A sentence that no suite holds, about violet hedgehogs and their umbrellas."])


def test_a_run_of_a_suites_words_is_kept_out():
    turns = [sample.turns[0] for sample in shipped("routing").samples]
    words = max((re.findall(r"\w+", turn) for turn in turns), key=len)
    assert asked_by_a_suite([f"Well then, {' '.join(words[:RUN])}, or is it otherwise"])
    assert not asked_by_a_suite([f"Well then, {' '.join(words[: RUN - 1])}, or is it otherwise"])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_generated_request_is_an_item_of_a_suite(kind):
    asked = {" ".join(t.lower().split()) for n in shipped_names() for s in shipped(n).samples for t in s.turns}
    rows = [row for split in SPLITS for row in generate(split, 4, 700, {kind: 1.0})]
    assert not [prompt for row in rows for prompt in prompts_of(row) if " ".join(prompt.lower().split()) in asked]


def draws(maker, split, count, seed=5):
    rng = random.Random(seed)
    found = []
    while len(found) < count:
        try:
            found.append(maker(rng, split))
        except Unusable:
            continue
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_held_out_wordings_are_not_trained_on(kind):
    maker = {"mathematics": mathematics.draw, "lookup": lookups.draw, "plain": plain.draw}[kind]
    prompts = {split: {turn.prompt for turn in draws(maker, split, 25)} for split in SPLITS}
    for one, other in combinations(SPLITS, 2):
        assert not prompts[one] & prompts[other]


def test_only_operations_without_slots_have_drawers():
    assert {name for name, operation in mathematics.operations().items() if "s" not in operation} == set(DRAWERS)


def test_no_two_tables_name_the_same_operation():
    tables = [table("mathematics")["ops"], table("everyday"), table("advanced")]
    assert sum(map(len, tables)) == len(mathematics.operations())


def test_all_wordings_are_filled():
    rng = random.Random(1)
    texts = []
    for name, operation in mathematics.operations().items():
        slots, query = mathematics.values_of(name, rng)
        texts += [query, *(fill(text, slots) for form in mathematics.FORMS for text in operation[form])]
    for item in table("chinese")["math"]:
        texts += [fill(text, drawn(item["s"], rng)) for text in (item["q"], *item["t"])]
    assert len(texts) > 2000
    assert not [text for text in texts if re.search(r"\{[A-Za-z]\w*\}", text)]


@pytest.mark.slow
def test_the_solver_reads_the_query_of_every_operation():
    rng = random.Random(1)
    for name in mathematics.operations():
        assert any(not use("math", mathematics.values_of(name, rng)[1]).is_error for _ in range(3)), name
    for item in table("chinese")["math"]:
        assert not use("math", fill(item["q"], drawn(item["s"], rng))).is_error, item["q"]


@pytest.mark.slow
def test_the_corpus_has_every_field():
    for name, field in table("lookups")["fields"].items():
        results = [use("search", fill(field["q"], {"c": country})).text for country in ("Brazil", "Kenya", "Norway")]
        assert any(f" — {field['label']}: " in text for text in results), name


def test_values_are_drawn_as_the_table_says():
    rng = random.Random(3)
    for _ in range(50):
        slots = drawn(
            {"n": "2..9", "m": "n*3..4", "k": "100..300/50", "u": [{"u": "km", "w": "miles"}], "t": ["a"]}, rng
        )
        assert 2 <= slots["n"] <= 9
        assert slots["m"] in (3 * slots["n"], 4 * slots["n"])
        assert slots["k"] in (100, 150, 200, 250, 300)
        assert (slots["u"], slots["w"], slots["t"]) == ("km", "miles", "a")


@pytest.mark.parametrize("name", MAKERS)
def test_every_maker_is_repeatable(name):
    one, two = (drawn({"x": name}, random.Random(8)) for _ in range(2))
    assert one == two
    assert all(value != "" for value in one.values())


def test_an_unknown_maker_is_an_error():
    with pytest.raises(KeyError, match="colour"):
        drawn({"x": "colour"}, random.Random(1))


def test_thousands_separators_are_not_in_the_query():
    turns = draws(lambda rng, split: mathematics.of_operation("percent_up", rng, split), "train", 60)
    with_separators = [turn for turn in turns if re.search(r"\d,\d{3}", turn.prompt)]
    assert with_separators
    assert not [turn for turn in turns if "," in turn.messages[1].tool_calls[0].arguments["query"]]


def test_a_misspelt_country_is_spelt_rightly_in_the_query():
    turns = draws(lambda rng, split: lookups.factbook(rng, split, "Kazakhstan", "capital"), "train", 60)
    assert any("Kazakhstan" not in turn.prompt for turn in turns)
    assert {turn.messages[1].tool_calls[0].arguments["query"] for turn in turns} == {"capital of Kazakhstan"}


def test_what_is_not_found_is_not_answered():
    for turn in draws(lambda rng, split: lookups.draw(rng, split), "train", 80):
        if turn.messages[2].content.startswith("No passage found"):
            assert re.search(r"not find|no passage|nothing", turn.messages[-1].content), turn.messages[-1].content
            assert "[1]" not in turn.messages[-1].content


def test_a_maker_is_told_only_where_a_passage_names_him():
    turns = draws(lookups.draw, "train", 120)
    works = [turn for turn in turns if turn.operation == "work"]
    for turn in works:
        answer = turn.messages[-1].content
        if marked := re.search(r"by (.+) \[(\d)\]\.$", answer):
            passage = next(line for line in turn.messages[2].content.split("\n") if line.startswith(f"[{marked[2]}]"))
            assert marked[1] in passage
    assert works


def test_requests_with_slots_keep_their_subjects_in_one_split():
    subjects = table("chat")["slots"]["c"]
    parts = [set(share(subjects, split)) for split in SPLITS]
    assert set().union(*parts) == set(subjects)
    assert not any(one & other for one, other in combinations(parts, 2))
    train = [turn.prompt.lower() for turn in draws(plain.draw, "train", 300) if turn.operation == "chat"]
    held = [country.lower() for part in parts[1:] for country in part]
    assert not [prompt for prompt in train if any(re.search(rf"\bto {name}\b", prompt) for name in held)]


def test_plain_turns_call_nothing():
    for turn in draws(plain.draw, "train", 200):
        assert [message.role for message in turn.messages] == ["user", "assistant"]
        assert not turn.messages[-1].tool_calls


def test_ordinals_are_written_as_people_do():
    turns = draws(lambda rng, split: mathematics.of_operation("nth_term", rng, split), "train", 80)
    texts = [text for turn in turns for text in (turn.prompt, turn.messages[1].tool_calls[0].arguments["query"])]
    assert not [text for text in texts if re.search(r"(?<!1)[123]th\b|1[123](?:st|nd|rd)\b", text)]
    assert any(re.search(r"\d(?:st|nd|rd)\b", text) for text in texts)
