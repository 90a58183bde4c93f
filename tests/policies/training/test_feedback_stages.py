"""The stages that make feedback, on tiny models: critique, ai-rank, calibrate, and the judge as a reward."""

import asyncio
import json
import re

import pytest
from pericles.agent.testing import FunctionPolicy
from pericles.policies.engines import Message
from pericles.policies.feedback import Ranking, read_rankings, write_rankings
from pericles.policies.feedback.constitution import load_constitution
from pericles.policies.feedback.judging import Judge, ToJudge
from pericles.policies.feedback.tamer import SURFACE_OF_PIECES
from pericles.policies.training import train
from pericles.policies.training.recipe import parse_recipe
from pericles.policies.training.rewards.reply import Reply
from pericles.policies.training.rollouts.rollout import Rollout, Trajectory
from pericles.policies.training.runs import RunFolder
from pericles.policies.training.sources.prompt import Prompt
from pericles.policies.training.sources.prompts import read_prompts
from pericles.policies.training.stages.live_reward import LiveReward
from pericles.tools import ConfigError, ToolCall, TrainingError

pytestmark = pytest.mark.filterwarnings("default")  # transformers and TRL warn of their own deprecations

SAMPLING = {"max_new_tokens": 12}
RED_TEAM = {"source": "red-team", "rows": 6}


def recipe_of(base, stages, **more):
    return parse_recipe({"name": "tiny", "base": f"dir:{base}", "adapter": None, "threads": 2, "stages": stages} | more)


def human(folder, count=24, rater="human:ann"):
    """People's rankings: the longer reply is better, and stands first."""
    rankings = [
        Ranking.from_dict({
            "id": str(number), "prompt": [{"role": "user", "content": f"question {number}"}], "rater": rater,
            "replies": [[{"role": "assistant", "content": f"{text} {number}"}] for text in ("a long answer to", "no")],
            "ranks": [1, 2],
        })
        for number in range(count)
    ]  # fmt: skip
    write_rankings(folder / "human.jsonl", rankings)
    return {"source": "rankings", "path": str(folder / "human.jsonl")}


def short_talk(folder):
    """Conversations from which a tiny model learns to come to an end."""
    lines = [
        {
            "messages": [
                {"role": "user", "content": f"{word} {number}"},
                {"role": "assistant", "content": f"{answer} {number}"},
            ]
        }
        for number in range(12)
        for word, answer in (("Why?", "because"), ("Really?", "yes"), ("Write the new reply to me.", "no"))
    ]
    (folder / "talk.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return {"kind": "sft", "data": [{"source": "jsonl", "path": str(folder / "talk.jsonl")}], "learning_rate": 1e-2,
            "epochs": 6, "packs_per_step": 1, "pack_tokens": 256}  # fmt: skip


def test_a_constitution_and_people_become_a_reward_model(tiny_folder, tmp_path):
    ranked = human(tmp_path)
    recipe = recipe_of(tiny_folder(), [
        short_talk(tmp_path),
        {"kind": "critique", "prompts": [RED_TEAM], "revisions": 2, "max_new_tokens": 24, "scopes": ["harmlessness"]},
        {"kind": "sft", "name": "revised", "data": [{"source": "stage", "stage": "critique"}]},
        {"kind": "ai-rank", "rankings": [ranked], "prompts": [RED_TEAM], "max_new_tokens": 12},
        {"kind": "calibrate", "human": [ranked], "human_fraction": 0.5},
        {"kind": "reward", "data": [{"source": "stage", "stage": "calibrate"}], "held_out": 0.2},
    ])  # fmt: skip
    folder = tmp_path / "run"
    told = []
    train(recipe, folder, tell=told.append)
    stages = {stage["name"]: stage for stage in RunFolder(folder).open().read()["stages"]}

    critique = stages["critique"]
    of = ("rewritten", "dropped", "without_an_answer", "calls_unknown_tools")
    assert sum(critique[name] for name in of) == 6
    steps = [json.loads(line) for line in (folder / "critique" / "steps.jsonl").read_text().splitlines()]
    assert all(len(step["rounds"]) == 2 for step in steps)
    assert stages["revised"]["conversations"] == critique["rewritten"] > 0

    judged = read_rankings(folder / "ai-rank" / "rankings.jsonl")
    assert stages["ai-rank"]["questions"] == 2 * stages["ai-rank"]["pairs"]
    assert not any(pair.accepted for ranking in judged for pair in ranking.pairs)
    assert len(stages["ai-rank"]["constitution_sha256"]) == 64

    # The prompts that the reward model is tested on have not calibrated anything.
    calibrated = stages["calibrate"]
    assert 10 <= calibrated["labelled"] < 24
    report = json.loads((folder / "calibrate" / "report.json").read_text())
    assert report["judge"] == judged[0].rater == "ai:tiny-ai-rank"
    assert "Feedback report" in (folder / "calibrate" / "report.html").read_text()
    assert any(line.get("event") == "decided" for line in told)

    mixed = read_rankings(folder / "calibrate" / "rankings.jsonl")
    used = [ranking for ranking in mixed if ranking.rater.startswith("ai:")]
    assert sum(pair.weight for ranking in used for pair in ranking.comparisons()) == pytest.approx(
        calibrated["labelled"]
    )
    assert stages["reward"]["rankings"] == calibrated["labelled"] + len(used)
    assert stages["reward"]["slices"]["rater"].keys() == {"human:ann"}


def test_a_judge_that_has_not_earned_it_changes_nothing(tiny_folder, tmp_path):
    ranked = human(tmp_path)
    folder = tmp_path / "run"
    stages = [
        {"kind": "ai-rank", "rankings": [ranked], "prompts": [RED_TEAM], "max_new_tokens": 12},
        {"kind": "calibrate", "human": [ranked], "alpha": 0.01},
    ]
    assert train(recipe_of(tiny_folder(), stages), folder) is None
    figures = {stage["name"]: stage for stage in RunFolder(folder).open().read()["stages"]}["calibrate"]
    assert (figures["ai_labels"], figures["ai_weight"], figures["ai_share"]) == (0, 0.0, 0.0)
    assert "has not earned it" in figures["verdict"]
    assert read_rankings(folder / "calibrate" / "rankings.jsonl") == read_rankings(tmp_path / "human.jsonl")


def test_a_stage_that_was_broken_off_goes_on_without_asking_again(tiny_folder, tmp_path):
    ranked = human(tmp_path)
    recipe = recipe_of(tiny_folder(), [
        {"kind": "ai-rank", "rankings": [ranked]},
        {"kind": "calibrate", "human": [ranked], "human_fraction": 1.0},
    ])  # fmt: skip

    def stops(line):
        if line.get("event") == "decided":
            raise KeyboardInterrupt

    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        train(recipe, folder, tell=stops)
    answers = folder / "ai-rank" / "answers.jsonl"
    before = answers.read_bytes()
    # As if the judge had been killed as well: its answers are there, its rankings are not.
    (folder / "ai-rank" / "stage.json").unlink()
    (folder / "ai-rank" / "rankings.jsonl").unlink()
    train(recipe, folder)
    assert answers.read_bytes() == before
    assert RunFolder(folder).open().status == "finished"


def test_a_reply_that_calls_an_unknown_tool_is_nothing_to_learn_from():
    from pericles.policies.engines import Message
    from pericles.policies.training.sources.prompt import Prompt
    from pericles.policies.training.stages.critique import _calls_known_tools
    from pericles.tools import ToolCall, ToolRegistry

    def called(name):
        return {"messages": [Message("assistant", "", (ToolCall("1", name, {}),)).to_dict()]}

    schemas = ToolRegistry(["math", "search"]).schemas()
    prompt = Prompt("1", (Message("user", "hm"),))
    assert _calls_known_tools(prompt, called("math"), schemas)
    assert not _calls_known_tools(prompt, called("tool"), schemas)
    assert not _calls_known_tools(Prompt("1", (Message("user", "hm"),), tools=("search",)), called("math"), schemas)


@pytest.mark.slow
def test_critique_goes_on_behind_a_line_that_was_cut_off(tiny_folder, tmp_path):
    recipe = recipe_of(tiny_folder(), [
        short_talk(tmp_path), {"kind": "critique", "prompts": [RED_TEAM], "max_new_tokens": 24},
    ])  # fmt: skip
    folder = tmp_path / "run"
    train(recipe, folder)
    steps = folder / "critique" / "steps.jsonl"
    lines = steps.read_text().splitlines(keepends=True)
    marked = json.loads(lines[0]) | {"marked": True}
    steps.write_text(json.dumps(marked) + "\n" + lines[1] + lines[2][:40])
    (folder / "critique" / "stage.json").unlink()
    train(recipe, folder)
    found = [json.loads(line) for line in steps.read_text().splitlines()]
    assert len(found) == len(lines)
    assert found[0].get("marked")
    assert not found[2].get("marked")


def test_the_judge_itself_is_a_reward(tiny_folder, tmp_path):
    script = tmp_path / "judge.yaml"
    script.write_text("['4']")
    stage = {
        "kind": "rl", "steps": 2, "prompts_per_step": 2, "generations": 2, "sampling": SAMPLING,
        "rewards": {"judge": 1.0, "format": 0.1}, "judge_by": "score",
        "judge": {"policy": f"script:{script}", "scopes": ["helpfulness"]},
    }  # fmt: skip
    folder = tmp_path / "run"
    # It is asked what it has learned to answer: a reply without words earns nothing.
    (tmp_path / "asked.jsonl").write_text(
        "".join(json.dumps({"prompt": f"Why? {number}"}) + "\n" for number in range(6))
    )
    stage["prompts"] = [{"source": "jsonl", "path": str(tmp_path / "asked.jsonl")}]
    train(recipe_of(tiny_folder(), [short_talk(tmp_path), stage]), folder)
    lines = [line for line in RunFolder(folder).metrics("rl") if "reward" in line]
    assert len(lines) == 2
    assert [line["rewards/judge/mean"] for line in lines] == pytest.approx([1 / 3] * 2)


def test_a_judge_of_another_kind_is_asked(tiny_folder, tmp_path):
    script = tmp_path / "judge.yaml"
    script.write_text("[A]")
    ranked = human(tmp_path)
    folder = tmp_path / "run"
    stages = [{"kind": "ai-rank", "rankings": [ranked], "judge": {"policy": f"script:{script}"}}]
    train(recipe_of(tiny_folder(), stages), folder)
    figures = RunFolder(folder).open().read()["stages"][0]
    assert figures["orders_contradict"] == 1.0
    assert figures["judge"].startswith("ai:script:")


def test_a_judge_that_agrees_with_people_is_believed_where_nobody_looked(tiny_folder, tmp_path):
    """Three replies to each prompt, a judge that sees what people see, and people who have ranked half of them."""
    words = ("a long answer to", "short", "not so long")
    everything = [
        Ranking.from_dict({
            "id": str(number), "prompt": [{"role": "user", "content": f"question {number}"}], "rater": "human:ann",
            "replies": [[{"role": "assistant", "content": f"{text} {number}"}] for text in words], "ranks": [1, 3, 2],
        })
        for number in range(60)
    ]  # fmt: skip
    write_rankings(tmp_path / "all.jsonl", everything)
    write_rankings(tmp_path / "human.jsonl", everything[:40])

    def longer(messages, tools):
        told = re.findall(r"--- reply [AB] \w+ ---\n(?:assistant: )?(.*?)\n---", messages[-1].content, re.DOTALL)
        return "A" if len(told[0]) > len(told[1]) else "B"

    recipe = recipe_of(tiny_folder(), [
        {"kind": "ai-rank", "rankings": [{"source": "rankings", "path": str(tmp_path / "all.jsonl")}]},
        {"kind": "calibrate", "human": [{"source": "rankings", "path": str(tmp_path / "human.jsonl")}]},
        {"kind": "reward", "data": [{"source": "stage", "stage": "calibrate"}], "held_out": 0.2},
    ])  # fmt: skip
    folder = tmp_path / "run"

    def stops(line):
        if line.get("event") == "finished":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(recipe, folder, tell=stops)
    # A tiny model is no judge: in its place a rule is asked, by the judge's own code.
    judge = Judge(FunctionPolicy(longer, name="ruler"), load_constitution("default"))
    judged = asyncio.run(judge.rank_all([ToJudge.of(ranking) for ranking in everything]))
    write_rankings(folder / "ai-rank" / "rankings.jsonl", judged)
    train(recipe, folder)
    stages = {stage["name"]: stage for stage in RunFolder(folder).open().read()["stages"]}
    calibrated = stages["calibrate"]
    assert calibrated["agreement"] == 1.0
    assert "of the judge's labels are used" in calibrated["verdict"]
    assert calibrated["ai_labels"] >= 15 * 3
    used = [one for one in read_rankings(folder / "calibrate" / "rankings.jsonl") if one.rater == "ai:ruler"]
    assert {len(one.replies) for one in used} == {3}
    assert {one.prompt[0].content for one in used}.isdisjoint(one.prompt[0].content for one in everything[:40])
    assert stages["reward"]["rankings"] > 40


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        pytest.param(
            {"kind": "critique", "prompts": [RED_TEAM], "max_new_tokens": 12},
            "budget of hours was used up",
            marks=pytest.mark.slow,
        ),
        ({"kind": "ai-rank", "rankings": []}, "budget of hours ended before anything was judged"),
    ],
)
def test_a_budget_of_hours_ends_what_a_policy_is_asked(tiny_folder, tmp_path, stage, told):
    if stage["kind"] == "ai-rank":
        stage = stage | {"rankings": [human(tmp_path)]}
    recipe = recipe_of(tiny_folder(), [short_talk(tmp_path) | {"epochs": 1}, stage], budget={"hours": 1e-6})
    with pytest.raises(TrainingError, match=told):
        train(recipe, tmp_path / "run")


@pytest.mark.parametrize(
    ("stages", "told"),
    [
        ([{"kind": "sft", "data": [{"source": "stage", "stage": "critique"}]}], "none before it is called so"),
        ([{"kind": "calibrate", "human": [{"source": "hh-rlhf", "path": "x"}]}], "none before it is called so"),
        (
            [{"kind": "ai-rank", "prompts": [RED_TEAM], "judge": {"constitution": "defualt"}}],
            "Did you mean|did you mean",
        ),
        ([{"kind": "ai-rank", "prompts": [RED_TEAM], "judge": {"policy": "smollm2"}}], "no policy 'smollm2'"),
    ],
)
def test_what_is_not_there_is_named(tiny_folder, tmp_path, stages, told):
    with pytest.raises((ConfigError, TrainingError), match=told):
        train(recipe_of(tiny_folder(), stages), tmp_path / "run")


def test_what_a_stage_before_does_not_leave_is_named(tiny_folder, tmp_path):
    stages = [
        {"kind": "ai-rank", "rankings": [human(tmp_path)]},
        {"kind": "sft", "data": [{"source": "stage", "stage": "ai-rank"}]},
    ]
    with pytest.raises(ConfigError, match="reads conversations of the stage 'ai-rank', which leaves none"):
        train(recipe_of(tiny_folder(), stages), tmp_path / "run")


def test_a_judge_needs_replies():
    with pytest.raises(ConfigError, match="ai-rank needs rankings, prompts, or both"):
        parse_recipe({"name": "tiny", "stages": [{"kind": "ai-rank"}]})


def test_red_team_prompts_are_of_both_kinds_and_drawn_by_the_seed():
    source = parse_recipe({"name": "t", "stages": [{"kind": "critique", "prompts": [RED_TEAM]}]}).stages[0].prompts
    found = read_prompts(source)
    assert [prompt.kind for prompt in found] == ["harmful", "harmless"] * 3
    other = (
        parse_recipe({"name": "t", "stages": [{"kind": "critique", "prompts": [RED_TEAM | {"seed": 2}]}]})
        .stages[0]
        .prompts
    )
    assert [prompt.id for prompt in read_prompts(other)] != [prompt.id for prompt in found]


def test_prompts_of_hh_rlhf_end_with_the_human(tmp_path):
    file = tmp_path / "hh.jsonl"
    begun = "\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant: "
    file.write_text(json.dumps({"chosen": f"{begun}d", "rejected": f"{begun}e"}) + "\n")
    stages = [{"kind": "critique", "prompts": [{"source": "hh-rlhf", "path": str(file)}]}]
    found = read_prompts(parse_recipe({"name": "t", "stages": stages}).stages[0].prompts)
    assert [message.content for message in found[0].messages] == ["a", "b", "c"]


def clicked(folder, logprob=None):
    """A conversation of twelve replies whose lists somebody dislikes, and the clicks."""
    from pericles.agent import SessionStore
    from pericles.policies.engines import Message
    from pericles.policies.feedback.tamer.records import ClickLog, LiveClick

    async def talk():
        session = SessionStore(folder / "s.sqlite").session("chat")
        entries = []
        for number in range(12):
            text = "- one\n- two\n- three" if number % 2 else f"Plain words, number {number}."
            said = [Message("user", f"question {number}"), Message("assistant", text)]
            entries += await session.append(said, after=entries[-1].id if entries else None)
        return [entry for entry in entries if entry.message.role == "assistant"]

    log = ClickLog(folder / "clicks.jsonl")
    for at, entry in enumerate(asyncio.run(talk())):
        log.append(
            [
                LiveClick(
                    "chat", entry.id, 0, at * 10.0, at * 10 + 1.0, at * 10 + 0.8, -1 if at % 2 else 1, "human:ann",
                    logprob,
                )
            ]
        )  # fmt: skip
    return {"kind": "tamer", "clicks": [str(folder / "clicks.jsonl")], "sessions": str(folder / "s.sqlite")}


def test_live_clicks_become_a_reward(tiny_folder, tmp_path):
    rl = {
        "kind": "rl", "prompts": [RED_TEAM], "steps": 1, "prompts_per_step": 2, "generations": 2, "sampling": SAMPLING,
        "rewards": {"live": 1.0, "format": 0.1},
    }  # fmt: skip
    folder = tmp_path / "run"
    train(recipe_of(tiny_folder(), [clicked(tmp_path), rl]), folder)
    figures = RunFolder(folder).open().read()["stages"][0]
    assert (figures["clicks"], figures["left_out"]) == (12, 0)
    assert figures["held_out_agreement"] == 1.0
    assert figures["mean_freshness"] is None
    head = json.loads((folder / "tamer" / "live_head.json").read_text())
    assert head["weights"]["lists"] < 0
    assert any("rewards/live/mean" in line for line in RunFolder(folder).metrics("rl"))


@pytest.mark.slow
def test_clicks_on_what_the_policy_would_hardly_say_count_little(tiny_folder, tmp_path):
    lengths = {}
    for logprob in (-20.0, -2.0):  # a model that has learned nothing gives each token about -10.8
        place = tmp_path / str(logprob)
        place.mkdir()
        train(recipe_of(tiny_folder(), [clicked(place, logprob)]), place / "run")
        figures = RunFolder(place / "run").open().read()["stages"][0]
        head = json.loads((place / "run" / "tamer" / "live_head.json").read_text())
        lengths[logprob] = figures["mean_freshness"], abs(head["weights"]["lists"])
    assert lengths[-20.0][0] == 1.0
    assert lengths[-2.0][0] < 0.01
    assert lengths[-2.0][1] < 0.05 * lengths[-20.0][1]


def shaped(head, tokenizer, *spoken):
    """Tokens, mask and shaping of what is said in turn; a text that stands in brackets is a tool's."""
    said = []
    ids, mask = [], []
    for text in spoken:
        if text.startswith("["):
            said.append(Message("tool", text, tool_call_id="1"))
        else:
            words, *calls = text.split("<call>")
            said.append(Message("assistant", words, tuple(ToolCall(str(n), "search", {}) for n, _ in enumerate(calls))))
            text += tokenizer.eos_token
        tokens = tokenizer(text, add_special_tokens=False)["input_ids"]
        ids += tokens
        mask += [int(said[-1].role == "assistant")] * len(tokens)
    asked = Prompt("1", (Message("user", "?"),))
    rollout = Rollout(Reply(asked, tuple(said), (), (), "completed"), Trajectory([1], ids, mask=mask), ())
    return ids, mask, LiveReward(head).shaping(rollout, tokenizer)


@pytest.fixture
def head(tmp_path):
    """Lists and length are disliked."""
    weights = {name: -1.0 if name in ("lists", "length") else 0.0 for name in SURFACE_OF_PIECES.names}
    (tmp_path / "live_head.json").write_text(json.dumps({"weights": weights}))
    return tmp_path / "live_head.json"


def test_shaping_rewards_the_ends_of_pieces_and_sums_to_nothing(head, tokenizer):
    ids, mask, found = shaped(
        head, tokenizer, "One moment please.<call>a<call>b", "[found]", "[more]", "It is long.\n- and deep\n- and cold"
    )
    assert len(found) == len(ids)
    assert sum(found) == pytest.approx(0.0, abs=1e-9)
    assert all(spoke for spoke, value in zip(mask, found, strict=True) if value)
    ends = [tokenizer.decode(ids[: at + 1]) for at, value in enumerate(found) if value]
    assert [text.rsplit(" ", 1)[-1] for text in ends[-3:]] == ["deep", "cold", f"cold{tokenizer.eos_token}"]
    assert ends[1].endswith(f"<call>b{tokenizer.eos_token}"), "both calls are made when their message ends"
    assert found[-1] > 0, "a list is not liked, and the end gives back what it has cost"


def test_however_a_reply_goes_on_shaping_still_has_the_same_to_give(head, tokenizer):
    beginning = "It is red. It is wide."
    left = []
    for rest in ("", " And that is all there is.", "\n- deep\n- cold"):
        ids, _, found = shaped(head, tokenizer, beginning + rest)
        length = len(tokenizer(beginning, add_special_tokens=False)["input_ids"])
        left.append(sum(found[length:]))
        assert tokenizer.decode(ids[:length]) == beginning
    assert left == pytest.approx([left[0]] * 3)
    assert left[0] != 0


def test_what_was_not_said_is_not_shaped(head, tokenizer):
    asked = Prompt("1", (Message("user", "?"),))
    for messages in ((), (Message("assistant", "said"),)):
        nothing = Rollout(Reply(asked, messages, (), (), "error"), Trajectory([1], [2], mask=[0]), ())
        assert LiveReward(head).shaping(nothing, tokenizer) == [0.0]
    cut = Rollout(
        Reply(asked, (Message("assistant", "One."), Message("assistant", "Two.")), (), (), "completed"),
        Trajectory([1], tokenizer("One.")["input_ids"], mask=[1] * len(tokenizer("One.")["input_ids"])), (),
    )  # fmt: skip
    assert sum(LiveReward(head).shaping(cut, tokenizer)) == pytest.approx(0.0, abs=1e-9)


def test_a_policy_that_has_not_changed_finds_every_click_fresh(tiny_folder):
    """What the engine tells of a reply while it says it, and what is computed of it later, are the same tokens'."""
    from pericles.policies import load_policy
    from pericles.policies.engines import GenerationConfig, ReplyFinished, TextPiece
    from pericles.policies.training.models import starting_weights
    from pericles.policies.training.stages.states import mean_logprobs

    reference = f"dir:{tiny_folder()}"
    before = [Message("system", "Be brief."), Message("user", "Why?")]

    async def told(seed):
        policy = load_policy(reference)
        config = GenerationConfig(max_new_tokens=12, temperature=0.7, seed=seed, logprobs=0)
        events = [event async for event in policy.stream(before, config=config)]
        await policy.aclose()
        said = "".join(event.text for event in events if isinstance(event, TextPiece))
        (end,) = [event for event in events if isinstance(event, ReplyFinished)]
        return said, sum(token.logprob for token in end.logprobs) / len(end.logprobs)

    then = [asyncio.run(told(seed)) for seed in range(4)]
    now = mean_logprobs(starting_weights(reference), [(before, [Message("assistant", said)]) for said, _ in then], [])
    # A text may be cut into other tokens when it is read again, so not to the last digit.
    assert now == pytest.approx([logprob for _, logprob in then], abs=0.4)


@pytest.mark.slow
def test_a_live_head_shapes_what_ppo_learns(tiny_folder, tmp_path):
    rl = {
        "kind": "rl", "algorithm": "ppo", "iterations": 2, "prompts": [RED_TEAM], "steps": 2, "prompts_per_step": 2,
        "generations": 2, "sampling": SAMPLING, "rewards": {"live": 1.0, "format": 0.1}, "live_as": "shaping",
    }  # fmt: skip
    ends = {}
    for how in ("shaping", "reward"):
        folder = tmp_path / how
        folder.mkdir()
        folder = folder / "run"
        train(recipe_of(tiny_folder(), [clicked(folder.parent), rl | {"live_as": how}]), folder)
        lines = [line for line in RunFolder(folder).metrics("rl") if "reward" in line]
        ends[how] = lines[0]["reward"], lines[0]["rewards/live/mean"]
    assert ends["shaping"][1] == ends["reward"][1] != 0
    assert ends["shaping"][0] != ends["reward"][0], "a head that shapes is no part of the reward of a reply"


def test_a_live_reward_needs_its_stage():
    stage = {"kind": "rl", "prompts": [RED_TEAM], "rewards": {"live": 1.0}}
    with pytest.raises(ConfigError, match="reads from the stage 'tamer', and none before it"):
        parse_recipe({"name": "tiny", "stages": [stage]})


@pytest.mark.slow
def test_a_dry_run_tries_what_is_made_of_other_stages(tiny_folder, tmp_path):
    from pericles.policies.training.dry_run import dry_run

    ranked = human(tmp_path, count=40)
    rows = dry_run(recipe_of(tiny_folder(), [
        {"kind": "ai-rank", "rankings": [ranked]},
        {"kind": "calibrate", "human": [ranked], "human_fraction": 1.0},
        {"kind": "reward", "data": [{"source": "stage", "stage": "calibrate"}], "prompts_per_step": 4},
    ]))  # fmt: skip
    assert [row["stage"] for row in rows] == ["ai-rank", "calibrate", "reward"]
    assert all(row["seconds"] > 0 for row in rows)
    assert rows[0]["data"] == "40 prompts"
