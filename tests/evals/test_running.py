"""Evaluations in progress: logged as they go, resumed after whatever ended them, cut into parts and joined."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from pericles.evals import Sample, Suite, evaluate, evaluate_async, load_report
from pericles.evals.running.evaluation import Shard
from pericles.evals.running.merging import merge_shards
from pericles.evals.suite_files import suite_from_dicts
from pericles.policies import ScriptedPolicy
from pericles.policies.engines.function_policy import FunctionPolicy
from pericles.policies.engines.messages import TextScore, Usage
from pericles.tools import ConfigError, PolicyError, ToolCall, tool


def numbers(count=20, **keys):
    items = [{"id": f"n{i:02d}", "prompt": f"{i} + 1?", "expected": i + 1, "cluster": i // 2} for i in range(count)]
    return suite_from_dicts({"name": "numbers", "scorer": "numeric", "items": items, **keys}, "numbers")


def adding(calls=None):
    """Adds one, but never to what ends in 7."""

    def reply(messages, tools):
        text = messages[-1].content
        if calls is not None:
            calls.append(text)
        number = int(text.split()[0])
        return "no idea" if number % 10 == 7 else f"It is {number + 1}."

    return FunctionPolicy(reply, name="adding")


class Likelihoods(ScriptedPolicy):
    """Holds a text the likelier, the shorter it is; remembers which batches it was asked."""

    def __init__(self):
        super().__init__(["x"])
        self.capabilities = frozenset({"texts"})
        self.batches = []

    async def prompt_text(self, messages, *, tools=()):
        return "\n".join(f"{message.role}: {message.content}" for message in messages) + "\nassistant:"

    async def complete(self, prompt, config=None):
        return " 4\n#### 4", Usage(len(prompt.split()), 0, 2)

    async def score_texts(self, texts):
        self.batches.append(len(texts))
        return [TextScore(-float(len(text)) - 0.1 * len(self.batches), len(text), True) for _, text in texts]


def lines(folder, name="samples.jsonl"):
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def test_a_report_says_what_happened(tmp_path):
    report = evaluate(numbers(), adding(), out=tmp_path)
    suite = report.suite("numbers")
    whole = suite.estimate()
    assert (whole.mean, whole.n, whole.clusters) == (0.9, 20, 10)
    assert [sample.id for sample in suite.samples if sample.score == 0] == ["n07", "n17"]
    assert load_report(tmp_path) == report


def test_what_was_done_is_not_asked_again(tmp_path):
    calls = []
    evaluate(numbers(), adding(calls), out=tmp_path)
    assert len(calls) == 20
    evaluate(numbers(), adding(calls), out=tmp_path)
    assert len(calls) == 20
    evaluate(numbers(22), adding(calls), out=tmp_path)
    assert calls[20:] == ["20 + 1?", "21 + 1?"]


def test_an_item_that_was_edited_is_asked_again_and_no_other(tmp_path):
    calls = []
    evaluate(numbers(), adding(calls), out=tmp_path)
    items = [{"id": f"n{i:02d}", "prompt": f"{i + 40 * (i == 3)} + 1?", "expected": i, "cluster": 0} for i in range(20)]
    evaluate(numbers(items=items), adding(calls), out=tmp_path)
    assert calls[20:] == ["43 + 1?"]


def test_what_fails_fails_whatever_else_is_undecided(tmp_path):
    checks = [{"scorer": "judge"}, {"scorer": "contains", "expected": "x"}]
    made = numbers(items=[{"id": "a", "prompt": "1 + 1?", "checks": checks}])
    sample = evaluate(made, adding(), out=tmp_path, judge=ScriptedPolicy(["hm"])).suites[0].samples[0]
    assert (sample.score, sample.parts) == (0.0, {"judge": None, "contains": 0.0})
    checks[1]["expected"] = "2"
    made = numbers(items=[{"id": "a", "prompt": "1 + 1?", "checks": checks}])
    sample = evaluate(made, adding(), out=tmp_path, judge=ScriptedPolicy(["hm"])).suites[0].samples[0]
    assert (sample.score, sample.status) == (None, "undecided")


def test_another_rule_scores_anew_without_asking(tmp_path):
    calls = []
    evaluate(numbers(), adding(calls), out=tmp_path)
    report = evaluate(numbers(scorer={"kind": "numeric", "absolute": 100}), adding(calls), out=tmp_path)
    assert len(calls) == 20
    assert report.suites[0].estimate().mean == pytest.approx(0.9)  # "no idea" has no number however near


def test_another_policy_or_option_needs_another_folder(tmp_path):
    evaluate(numbers(), adding(), out=tmp_path)
    with pytest.raises(ConfigError, match="holds another evaluation"):
        evaluate(numbers(), ScriptedPolicy(["x"]), out=tmp_path)
    with pytest.raises(ConfigError, match="holds another evaluation"):
        evaluate(numbers(), adding(), out=tmp_path, temperature=0.5)


def test_a_sample_that_cannot_be_run_is_told_and_the_others_go_on(tmp_path):
    broken = True

    def reply(messages, tools):
        if broken and messages[-1].content.startswith("3 "):
            raise PolicyError("the server hung up.")
        return str(int(messages[-1].content.split()[0]) + 1)

    report = evaluate(numbers(), FunctionPolicy(reply), out=tmp_path)
    suite = report.suites[0]
    assert suite.count("failed") == 1
    assert next(sample.detail for sample in suite.samples if sample.status == "failed") == "the server hung up."
    assert suite.estimate().n == 19
    broken = False
    assert evaluate(numbers(), FunctionPolicy(reply), out=tmp_path).suites[0].count("failed") == 0


def test_a_policy_that_always_fails_ends_the_evaluation(tmp_path):
    def reply(messages, tools):
        raise PolicyError("no such host.")

    with pytest.raises(PolicyError, match="20 samples in a row could not be run; the last: no such host"):
        evaluate(numbers(60), FunctionPolicy(reply), out=tmp_path)


def test_a_scorer_that_fails_costs_its_sample_alone(tmp_path):
    def fussy(reply):
        if "7" in reply.prompt:
            raise RuntimeError("seven")
        return True

    report = evaluate(
        numbers(scorer=fussy, items=[{"id": i, "prompt": f"{i} + 1?"} for i in range(9)]), adding(), out=tmp_path
    )
    assert report.suites[0].count("failed") == 1
    assert report.suites[0].estimate().mean == 1.0


def test_the_same_request_is_asked_once(tmp_path):
    calls = []
    items = [{"id": name, "prompt": "1 + 1?", "expected": 2} for name in "ab"]
    evaluate(numbers(items=items), adding(calls), out=tmp_path, concurrency=1)
    assert calls == ["1 + 1?"]


def test_a_line_that_was_cut_off_is_dropped(tmp_path):
    evaluate(numbers(), adding(), out=tmp_path)
    whole = (tmp_path / "samples.jsonl").read_bytes()
    scores = (tmp_path / "scores.jsonl").read_bytes()
    (tmp_path / "samples.jsonl").write_bytes(whole[:-40])
    calls = []
    evaluate(numbers(), adding(calls), out=tmp_path)
    assert len(calls) == 1
    assert (tmp_path / "scores.jsonl").read_bytes() == scores
    assert len(lines(tmp_path)) == 20


def test_a_log_that_something_else_changed_is_refused(tmp_path):
    evaluate(numbers(), adding(), out=tmp_path)
    file = tmp_path / "samples.jsonl"
    file.write_text("garbage\n" + file.read_text())
    with pytest.raises(ConfigError, match="line 1: not JSON"):
        evaluate(numbers(), adding(), out=tmp_path)


def test_two_at_work_in_one_folder_are_refused(tmp_path):
    async def both():
        slow = ScriptedPolicy(["1"], seconds_per_piece=0.2)
        first = asyncio.create_task(evaluate_async(numbers(8), slow, out=tmp_path))
        await asyncio.sleep(0.1)
        with pytest.raises(ConfigError, match="another process is at work"):
            await evaluate_async(numbers(8), slow, out=tmp_path)
        first.cancel()
        await asyncio.wait([first])

    asyncio.run(both())


PROGRAM = """
import sys, time
from pathlib import Path
from pericles.evals import evaluate
from pericles.evals.suite_files import suite_from_dicts
from pericles.policies.engines.function_policy import FunctionPolicy
from pericles.policies.engines.messages import TextScore

def reply(messages, tools):
    with open(sys.argv[2], "a") as asked:
        asked.write(messages[-1].content + "\\n")
    time.sleep(0.004)
    return str(int(messages[-1].content.split()[0]) * 7919 % 101)

items = [{"id": i, "prompt": f"{i} ?", "expected": i} for i in range(150)]
suite = suite_from_dicts({"name": "n", "scorer": {"kind": "numeric", "absolute": 30}, "items": items}, "n")
evaluate(suite, FunctionPolicy(reply, name="f"), out=sys.argv[1], concurrency=4)
"""


def test_killed_at_any_moment_it_goes_on_and_comes_to_the_same(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)

    def start(folder):
        command = [
            sys.executable,
            str(tmp_path / "program.py"),
            str(tmp_path / folder),
            str(tmp_path / f"{folder}.asked"),
        ]
        return subprocess.Popen(command, start_new_session=True)

    assert start("calm").wait(60) == 0
    for wait in (0.02, 0.11, 0.05, 0.17):
        process = start("killed")
        log = tmp_path / "killed" / "samples.jsonl"
        before = log.stat().st_size if log.exists() else 0
        deadline = time.monotonic() + 30
        while not (log.exists() and log.stat().st_size > before) and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(wait)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
    assert start("killed").wait(60) == 0
    assert (tmp_path / "killed" / "scores.jsonl").read_bytes() == (tmp_path / "calm" / "scores.jsonl").read_bytes()
    ids = [record["id"] for record in lines(tmp_path / "killed")]
    assert sorted(ids) == sorted(set(ids))
    assert len(ids) == 150
    # What was under way when a process died is asked again: at most four at a time, four times.
    assert 150 <= len((tmp_path / "killed.asked").read_text().splitlines()) <= 150 + 4 * 4


def choices(count=70):
    items = [
        {
            "id": f"c{i}",
            "prompt": f"Which? {i}",
            "choices": ["a" * (1 + i % 3), "bb" * (1 + i % 2), "ccccc"],
            "answer": 0,
        }
        for i in range(count)
    ]
    for item in items:
        item["answer"] = item["choices"][0]
    return suite_from_dicts({"name": "pick", "items": items, "listed": False}, "pick")


def test_choices_are_made_by_likelihood_where_the_policy_can_and_the_report_says_so(tmp_path):
    report = evaluate(choices(), Likelihoods(), out=tmp_path / "a")
    assert report.suites[0].method == "loglik"
    assert report.suites[0].estimate().mean == pytest.approx(sum(1 + i % 3 <= 2 * (1 + i % 2) for i in range(70)) / 70)
    said = evaluate(choices(), ScriptedPolicy(["B"]), out=tmp_path / "b")
    assert said.suites[0].method == "generate"
    with pytest.raises(ConfigError, match="cannot tell how likely a text is"):
        evaluate(choices(), ScriptedPolicy(["B"]), out=tmp_path / "c", choices="loglik")


def test_a_batch_that_was_half_written_is_computed_whole_again(tmp_path):
    evaluate(choices(), Likelihoods(), out=tmp_path / "calm")
    again = Likelihoods()
    evaluate(choices(), again, out=tmp_path / "cut")
    file = tmp_path / "cut" / "samples.jsonl"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:30]))
    resumed = Likelihoods()
    evaluate(choices(), resumed, out=tmp_path / "cut")
    assert resumed.batches == again.batches
    assert sorted(record["id"] for record in lines(tmp_path / "cut")) == sorted(f"c{i}" for i in range(70))
    assert (tmp_path / "cut" / "scores.jsonl").read_bytes() == (tmp_path / "calm" / "scores.jsonl").read_bytes()


def test_texts_are_measured_in_bits_per_byte(tmp_path):
    suite = suite_from_dicts({"name": "t", "items": [{"id": i, "text": "ab" * (i + 1)} for i in range(3)]}, "t")
    result = evaluate(suite, Likelihoods(), out=tmp_path).suites[0]
    assert result.measure == "bits per byte"
    assert result.samples[0].score == pytest.approx((2 + 0.1) / 2 / 0.6931471805599453)
    with pytest.raises(ConfigError, match="cannot tell"):
        evaluate(suite, ScriptedPolicy(["x"]), out=tmp_path / "b")


def test_a_bare_text_is_continued(tmp_path):
    suite = Suite(
        "bare", "", (Sample("a", ("2+2=",), form="completion", preamble="Sums.\n\n", shots=(("1+1=", " 2"),)),)
    )
    with pytest.raises(ConfigError, match="continues bare texts"):
        evaluate(suite, adding(), out=tmp_path / "a")
    evaluate(suite, Likelihoods(), out=tmp_path / "b", shots=1)
    record = lines(tmp_path / "b")[0]
    assert record["turns"][0][-1]["output"] == " 4\n#### 4"
    assert record["usage"]["prompt_tokens"] == 4


@pytest.mark.parametrize("count", [1, 3])
def test_shards_join_to_what_one_run_leaves(tmp_path, count):
    both = [numbers(31), choices(100)]

    class Both(Likelihoods):
        name = "both"

        def stream(self, messages, **keys):
            return adding().stream(messages, **keys)

    evaluate(both, Both(), out=tmp_path / "whole")
    folders = [tmp_path / f"part-{index}" for index in range(count)]
    for index, folder in enumerate(folders):
        evaluate(both, Both(), out=folder, shard=Shard(index, count))
    merged = merge_shards(folders[::-1], tmp_path / "merged")
    merged.write(tmp_path / "merged")
    assert (tmp_path / "merged" / "scores.jsonl").read_bytes() == (tmp_path / "whole" / "scores.jsonl").read_bytes()
    if count > 1:
        with pytest.raises(ConfigError, match="shards are missing: 2/3"):
            merge_shards(folders[:2], tmp_path / "again")
        with pytest.raises(ConfigError, match="are the same shard"):
            merge_shards([folders[0], folders[0], folders[1]], tmp_path / "again")
        with pytest.raises(ConfigError, match="is no shard"):
            merge_shards([tmp_path / "whole"], tmp_path / "again")


def test_a_limit_keeps_clusters_whole_and_is_the_same_for_everyone(tmp_path):
    first = evaluate(numbers(40), adding(), out=tmp_path / "a", limit=10, seed=3)
    second = evaluate(numbers(40), ScriptedPolicy(["1"]), out=tmp_path / "b", limit=10, seed=3)
    ids = [sample.id for sample in first.suites[0].samples]
    assert ids == [sample.id for sample in second.suites[0].samples]
    assert len(ids) == 10
    assert first.suites[0].estimate().clusters == 5


def test_shots_and_wordings_and_tools_are_options(tmp_path):
    seen = []

    def reply(messages, tools):
        seen.append((len(messages), len(tools), messages[-1].content))
        return "x"

    items = [
        {"id": "a", "prompt": "p", "shots": [{"prompt": str(i), "answer": "y"} for i in range(3)], "tools": ["math"]},
        {"id": "b", "wordings": ["one", "two"]},
    ]
    suite = suite_from_dicts({"name": "s", "scorer": "nonempty", "shown": [0, 3], "items": items}, "s")
    policy = FunctionPolicy(reply)
    report = evaluate(suite, policy, out=tmp_path / "a", concurrency=1)
    assert [sample.id for sample in report.suites[0].samples] == ["a@0", "a@3", "b#0", "b#1"]
    assert sorted(seen) == [(2, 0, "one"), (2, 0, "two"), (2, 1, "p"), (8, 1, "p")]
    seen.clear()
    evaluate(suite, policy, out=tmp_path / "b", concurrency=1, shots=1, wording=1, without_tools=True)
    assert sorted(seen) == [(2, 0, "two"), (4, 0, "p")]


def test_a_users_tool_is_offered_to_every_sample(tmp_path):
    @tool
    def clock() -> str:
        """Tells the time."""
        return "noon"

    def reply(messages, tools):
        if messages[-1].role == "tool":
            return f"It is {messages[-1].content}."
        return ToolCall("1", "clock", {})

    items = [{"id": "a", "prompt": "What time is it?", "expected": "noon"}]
    suite = suite_from_dicts({"name": "s", "scorer": "contains", "items": items}, "s")
    report = evaluate(suite, FunctionPolicy(reply), out=tmp_path, tools=[clock])
    assert report.suites[0].estimate().mean == 1.0
    events = lines(tmp_path)[0]["turns"][0]
    assert [event["type"] for event in events] == ["ToolCallStarted", "ToolCallFinished", "TurnFinished"]


def test_a_conversation_is_remembered_over_its_turns(tmp_path):
    def reply(messages, tools):
        said = [message.content for message in messages if message.role == "user"]
        return said[0] if len(said) > 1 else "noted"

    item = {"id": "a", "turns": ["I am Ada", {"user": "who?", "expected": "Ada"}]}
    given = [
        {"role": "user", "content": "I am Bo"},
        {"role": "assistant", "content": "hi"},
        {"role": "user", "content": "who?"},
    ]
    items = [item, {"id": "b", "messages": given, "expected": "Bo"}]
    suite = suite_from_dicts({"name": "s", "scorer": "contains", "items": items}, "s")
    assert evaluate(suite, FunctionPolicy(reply), out=tmp_path).suites[0].estimate().mean == 1.0


def test_repeats_have_seeds_of_their_own_and_one_cluster(tmp_path):
    seeds = []

    class Seeded(ScriptedPolicy):
        async def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
            seeds.append(config.seed)
            async for event in super().stream(messages, tools=tools, tool_choice=tool_choice, config=config):
                yield event

    report = evaluate(numbers(4), Seeded(["1"]), out=tmp_path, repeat=3, temperature=0.5, seed=10)
    assert sorted(set(seeds)) == [10, 11, 12]
    assert (report.suites[0].estimate().n, report.suites[0].estimate().clusters) == (12, 2)


def test_an_unknown_option_gets_the_nearest(tmp_path):
    with pytest.raises(ConfigError, match="did you mean 'limit'"):
        evaluate(numbers(), adding(), out=tmp_path, limt=3)


def test_inside_an_event_loop_it_says_what_to_write(tmp_path):
    async def inside():
        evaluate(numbers(), adding(), out=tmp_path)

    with pytest.raises(ConfigError, match="await evaluate_async"):
        asyncio.run(inside())
