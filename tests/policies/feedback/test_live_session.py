"""A learning session changes what is said within a few dozen clicks, for its owner alone, and can be undone."""

import asyncio
import dataclasses
import json
import math
import random
import stat

import numpy as np
import pytest
from pericles.agent import InMemorySession
from pericles.policies.engines import LOOP, GenerationConfig, Message, ReplyFinished, TextPiece
from pericles.policies.engines.function_policy import FunctionPolicy
from pericles.policies.engines.messages import TokenLogprob
from pericles.policies.feedback.features import SURFACE
from pericles.policies.feedback.tamer import Click, LivePolicy, LiveSession, Screen, cut_reply, head_from_clicks
from pericles.policies.feedback.tamer.live import owner_folder
from pericles.policies.feedback.tamer.replies import newest_reply, reply_of
from pericles.tools import ConfigError, PolicyError, ToolCall

SHORT = "It is the Danube."
LONG = " ".join(f"The Danube is a river, and this is remark {n} about how far it flows." for n in range(12))
LIST = "There are several:\n" + "\n".join(f"- The river {n}, which is one of them" for n in range(8))
STYLES = (LONG, LIST, SHORT)


def reply(text):
    return [Message("assistant", text)]


def screen_of(text, *, pace=40.0):
    """A reply as it streams at so many characters a second, and when it was left."""
    screen, now = Screen(), 0.0
    for start in range(0, len(text), 8):
        now = start / pace
        screen.write(text[start : start + 8], now)
    return screen, now + 2.0


def clicks_of_ann(text, draw):
    """Ann likes short replies: she clicks + on those, − while a long one goes on and while items appear."""
    screen, left = screen_of(text)
    late = (draw.gammavariate(2.0, 0.28) for _ in iter(int, 1))
    segments = screen.segments("m", left)
    if text == SHORT:
        return screen, left, [Click(0.2 + next(late), 1, "human:ann")]
    minded = segments[3::3] if text == LONG else segments[2::3]
    return screen, left, [Click(one.shown_on + next(late), -1, "human:ann") for one in minded]


def teach(live, texts, *, session=None, seed=0, most=1000):
    draw = random.Random(seed)
    for at, text in enumerate(texts):
        screen, left, clicks = clicks_of_ann(text, draw)
        segments = screen.segments(f"m{at}", left)
        live.learn(clicks[: most - live.clicks], segments, screen.pieces, session=session)


def in_turn():
    """A policy that says the styles in turn, a long reply first."""
    said = iter(range(10_000))
    return FunctionPolicy(lambda messages, tools: STYLES[next(said) % len(STYLES)])


async def events_of(policy):
    return [event async for event in policy.stream([Message("user", "Which river?")])]


async def said_by(policy, config=None):
    events = [event async for event in policy.stream([Message("user", "Which river?")], config=config)]
    assert isinstance(events[-1], ReplyFinished)
    return "".join(event.text for event in events if isinstance(event, TextPiece))


@pytest.fixture
def live(tmp_path):
    return LiveSession("ann", folder=tmp_path)


def test_within_36_clicks_another_reply_is_said(live):
    policy = LivePolicy(in_turn(), live, candidates=3)
    before = asyncio.run(said_by(policy))
    teach(live, [LONG, SHORT, LIST, SHORT] * 4, most=36)
    assert live.clicks <= 36
    after = [asyncio.run(said_by(LivePolicy(in_turn(), live, candidates=3))) for _ in range(3)]
    assert before == LONG
    assert after == [SHORT] * 3
    signs = {one.name: math.copysign(1, one.weight) for one in live.leanings()}
    assert signs["length"] == signs["lists"] == -1


def test_a_reward_model_is_only_followed_as_far_as_the_head_does_not_know_better(live):
    replies, rewards = [reply(text) for text in STYLES], [0.6, 0.4, 0.55]
    assert live.prefer(replies, rewards) == 0
    teach(live, [LONG], most=1)
    assert live.prefer(replies, rewards) == 0, "what one click says does not outweigh a reward model"
    teach(live, [LONG, SHORT, LIST, SHORT] * 6)
    assert live.prefer(replies, rewards) == 2
    assert live.prefer(replies, [0.6, 0.3, 0.0]) == 0, "what the reward model is surest of stands"
    live.on = False
    assert live.prefer(replies, rewards) == 0


def test_sharing_control_lets_the_head_decide_as_often_as_it_is_sure(live):
    replies, rewards = [reply(text) for text in STYLES], [0.6, 0.4, 0.55]
    live.combining = "control-sharing"
    assert {live.prefer(replies, rewards) for _ in range(50)} == {0}
    teach(live, [LONG, SHORT, LIST, SHORT] * 6)
    live.scale = 0.5
    chosen = [live.prefer(replies, rewards) for _ in range(400)]
    assert set(chosen) == {0, 2}
    assert 0.25 < chosen.count(2) / 400 < 0.6
    live.scale = 2.0
    assert {live.prefer(replies, rewards) for _ in range(50)} == {2}
    live.on = False
    assert {live.prefer(replies, rewards) for _ in range(50)} == {0}


def test_a_head_that_knows_little_leaves_the_choice_alone(live):
    replies = [reply(text) for text in STYLES]
    assert live.prefer(replies) == 0
    teach(live, [SHORT] * 12)
    assert live.clicks == 12
    assert live.prefer(replies) == 0, "clicks on short replies alone do not say that others are worse"
    live.reset()
    teach(live, [LONG, SHORT], most=1)
    assert live.prefer(replies) == 0, "nor does one click"
    teach(live, [LONG, SHORT])
    assert live.prefer(replies) == 2
    assert live.prefer([replies[0], replies[0]]) == 0


def state(live):
    head = live._head
    return head.weights.tobytes(), head._inverse.tobytes(), head._sum.tobytes(), head._squares, live.delay


def test_undo_is_exact_to_the_last_bit(live):
    states = []
    draw = random.Random(1)
    while live.clicks < 40:  # over several fits of the lag
        screen, left, clicks = clicks_of_ann(STYLES[live.clicks % 3], draw)
        states.append(state(live))
        live.learn(clicks[:1], screen.segments("m", left), screen.pieces)
    while states:
        assert live.undo()
        assert state(live) == states.pop()
    assert live.clicks == 0
    assert not live.undo()


def test_what_was_learned_is_there_again_bit_for_bit(live, tmp_path):
    teach(live, [LONG, SHORT, LIST] * 6)
    assert live.clicks > 24
    assert state(LiveSession("ann", folder=tmp_path)) == state(live)


def test_two_programs_of_one_owner_learn_together(live, tmp_path):
    other = LiveSession("ann", folder=tmp_path)
    teach(live, [LONG])
    teach(other, [SHORT])
    assert other.clicks == live.clicks + 1
    live.undo()
    assert live.clicks == other.clicks - 1
    assert state(LiveSession("ann", folder=tmp_path)) == state(live)


def test_another_owners_head_is_not_touched(live, tmp_path):
    bob = LiveSession("bob", folder=tmp_path)
    before = state(bob)
    teach(live, [LONG, SHORT, LIST] * 4)
    assert state(bob) == before == state(LiveSession("bob", folder=tmp_path))
    assert asyncio.run(said_by(LivePolicy(in_turn(), bob, candidates=3))) == LONG


def test_reset_forgets(live, tmp_path):
    before = state(live)
    teach(live, [LONG, SHORT, LIST] * 4)
    live.reset()
    assert state(live) == before == state(LiveSession("ann", folder=tmp_path))


@pytest.mark.parametrize("owner", ["../../etc/passwd", ".", "..", "a/b", "a" * 300, "Äöü 漢", "CON", "x\n", "\ud800"])
def test_no_owner_reaches_out_of_the_folder(owner, tmp_path):
    live = LiveSession(owner, folder=tmp_path / "live")
    teach(live, [SHORT])
    (made,) = (tmp_path / "live").iterdir()
    assert made.is_dir()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["live"]
    assert LiveSession(owner, folder=tmp_path / "live").clicks == 1


def test_every_owner_has_a_folder_of_their_own():
    owners = ["ann", "Ann", "ann ", "a-nn", "a/nn", "a.nn"]
    assert len({owner_folder(owner).lower() for owner in owners}) == len(owners)
    with pytest.raises(ConfigError, match="owner"):
        LiveSession(" ")


def test_files_are_private_and_hold_no_text(live):
    teach(live, [LONG, SHORT], session="chat")
    files = [file for file in live.folder.iterdir() if file.suffix == ".jsonl"]
    assert len(files) == 2
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "Danube" not in file.read_text()


def test_a_click_that_was_cut_off_while_it_was_written_is_lost_and_no_other(live, tmp_path):
    teach(live, [LONG])
    learned = live.clicks
    with (live.folder / "head.jsonl").open("ab") as file:
        file.write(b'{"time": 3.')
    again = LiveSession("ann", folder=tmp_path)
    assert again.clicks == learned
    teach(again, [SHORT])
    assert LiveSession("ann", folder=tmp_path).clicks == learned + 1


def test_a_damaged_file_is_an_error_that_names_the_line(live, tmp_path):
    teach(live, [LONG])
    file = live.folder / "head.jsonl"
    lines = file.read_text().splitlines()
    broken = {**json.loads(lines[1]), "weight": 7}
    file.write_text("\n".join([lines[0], json.dumps(broken)]) + "\n")
    with pytest.raises(ConfigError, match=r"line 2: a click's weight must lie in 0..1"):
        LiveSession("ann", folder=tmp_path)


def test_what_cannot_be_kept_is_not_learned(live, full_disk):
    teach(live, [LONG])
    before = state(live)
    with full_disk(10):
        with pytest.raises(ConfigError, match="File too large"):
            teach(live, [SHORT])
        with pytest.raises(ConfigError, match="File too large"):
            live.undo()
    assert state(live) == before
    teach(live, [SHORT])
    assert state(live) != before


def test_a_click_before_anything_is_shown_is_not_learned_from(live):
    screen, left = screen_of(SHORT)
    assert live.learn([Click(-1.0, 1, "human:ann")], screen.segments("m", left), screen.pieces) == 0
    assert live.learn([Click(1.0, 1, "human:ann")], [], []) == 0
    assert live.clicks == 0
    assert not live.folder.exists()


def test_stored_clicks_give_the_same_head_for_training(live):
    texts = [LONG, SHORT, LIST] * 6
    teach(live, texts, session="chat")
    live.undo()
    replies = {f"m{at}": reply(text) for at, text in enumerate(texts)}
    fitted = head_from_clicks(live.log.read(), replies)
    assert fitted.head.clicks == live.clicks
    assert fitted.delay == live.delay
    np.testing.assert_allclose(fitted.head.weights, live.weights)
    rewards = fitted.rewards([reply(text) for text in STYLES])
    assert rewards.argmax() == 2
    missing = {key: value for key, value in replies.items() if key != "m0"}
    fewer = head_from_clicks(live.log.read(), missing)
    assert fewer.left_out == live.clicks - fewer.head.clicks > 0


def test_clicks_on_what_is_hardly_said_any_more_count_less(live, tmp_path):
    screen, left, clicks = clicks_of_ann(LONG, random.Random(0))
    live.learn(clicks, screen.segments("old", left), screen.pieces, logprob=-10.0)
    before = np.linalg.norm(live.weights)
    assert live.refresh({"old": -9.0, "unknown": 0.0}) == len(clicks)
    assert np.linalg.norm(live.weights) == before
    live.refresh({"old": -16.0})
    assert np.linalg.norm(live.weights) < 0.1 * before
    assert state(LiveSession("ann", folder=tmp_path)) == state(live)
    fitted = head_from_clicks([], {})
    assert fitted.head.clicks == 0


def test_stale_clicks_of_a_log_can_be_weighed(live):
    teach(live, [LONG], session="chat")
    full = head_from_clicks(live.log.read(), {"m0": reply(LONG)})
    stale = head_from_clicks(live.log.read(), {"m0": reply(LONG)}, weights={"m0": 0.01})
    assert np.linalg.norm(stale.head.weights) < 0.2 * np.linalg.norm(full.head.weights)


class Recording:
    """Says the styles in turn, and remembers how it was asked and whether it was let finish."""

    name, context_window, capabilities = "recording", 100, frozenset({"score", "logprobs"})

    def __init__(self, *, fails_at=None, calls=()):
        self.asked, self.closed, self.ended = [], 0, 0
        self._fails_at, self._calls = fails_at, calls

    async def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
        number = len(self.asked)
        self.asked.append(config)
        try:
            for piece in STYLES[number % 3].split(" "):
                await asyncio.sleep(0)
                if number == self._fails_at:
                    raise PolicyError("the engine is gone")
                yield TextPiece(piece + " ")
            self.ended += 1
            yield ReplyFinished("stop")
        finally:
            self.closed += 1

    async def count_tokens(self, messages, *, tools=()):
        return 7

    async def aclose(self):
        self.closed = -1


def test_without_clicks_or_switched_off_it_is_the_policy_itself(live):
    inner = Recording()
    config = GenerationConfig(seed=3)

    async def first_pieces():
        policy = LivePolicy(inner, live)
        stream = policy.stream([Message("user", "?")], config=config)
        first = await anext(stream)
        assert (first, inner.ended) == (TextPiece(LONG.split(" ")[0] + " "), 0), "it does not wait for the whole reply"
        await stream.aclose()

    asyncio.run(first_pieces())
    assert inner.asked == [config]
    assert inner.closed == 1
    teach(live, [LONG])
    live.on = False
    asyncio.run(said_by(LivePolicy(inner, live), config))
    assert inner.asked == [config, config]


def test_how_likely_the_reply_was_is_kept_with_its_clicks(live):
    class Telling(Recording):
        capabilities = frozenset({"texts", "logprobs"})

        async def stream(self, messages, *, tools=(), tool_choice="auto", config=None):
            number = len(self.asked)
            async for event in super().stream(messages, config=config):
                if isinstance(event, ReplyFinished):
                    event = dataclasses.replace(event, logprobs=(TokenLogprob("a", -1.0), TokenLogprob("b", -number)))
                yield event

    policy = LivePolicy(Telling(), live, candidates=3, tells_logprob=True)
    assert policy.take_logprob() is None
    events = asyncio.run(events_of(policy))
    assert events[-1].logprobs == (), "nobody asked for them"
    assert policy.take_logprob() == -0.5
    assert policy.take_logprob() is None
    teach(live, [LONG, SHORT] * 4)
    asyncio.run(said_by(policy, GenerationConfig(logprobs=0)))
    assert policy.take_logprob() == -1.5, "of the reply that was said, the second candidate"


def test_a_server_is_not_asked_what_it_may_refuse(live):
    inner = Recording()
    policy = LivePolicy(inner, live, tells_logprob=True)
    asyncio.run(said_by(policy))
    assert inner.asked == [None]
    assert policy.take_logprob() is None


def test_candidates_differ_in_seed_and_are_warm(live):
    teach(live, [LONG, SHORT])
    inner = Recording()
    asyncio.run(said_by(LivePolicy(inner, live, candidates=3), GenerationConfig(max_new_tokens=9, seed=5)))
    assert inner.asked[0] == GenerationConfig(max_new_tokens=9, seed=5)
    assert [(one.seed, one.temperature, one.max_new_tokens) for one in inner.asked[1:]] == [(6, 0.8, 9), (7, 0.8, 9)]


def test_a_failing_candidate_is_the_policys_own_error_and_stops_the_others(live):
    teach(live, [LONG, SHORT])
    inner = Recording(fails_at=1)
    with pytest.raises(PolicyError, match="the engine is gone"):
        asyncio.run(said_by(LivePolicy(inner, live)))
    assert inner.closed == len(inner.asked) == 4


def test_leaving_while_candidates_are_written_stops_them(live):
    teach(live, [LONG, SHORT])
    inner = Recording()

    async def leave():
        asking = asyncio.create_task(said_by(LivePolicy(inner, live)))
        for _ in range(3):
            await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(leave())
    assert inner.closed == len(inner.asked) > 0
    assert inner.ended == 0


def test_calls_pass_through_and_unreadable_or_empty_candidates_are_not_said(live):
    teach(live, [LONG, SHORT, LIST] * 3)
    good = ToolCall("c1", "math", {"query": "1+1"})
    said = iter(["", "<tool_call>no call at all</tool_call>", good] * 2)
    policy = LivePolicy(FunctionPolicy(lambda messages, tools: next(said)), live, candidates=3)
    schema = {"type": "function", "function": {"name": "math", "parameters": {"type": "object"}}}

    async def ask():
        return [event async for event in policy.stream([Message("user", "1+1?")], tools=[schema])]

    events = asyncio.run(ask())
    assert [event.call for event in events if event.type == "call"] == [good]
    assert events[-1].reason == "tool_calls"


def test_the_tokens_of_all_candidates_are_told(live):
    teach(live, [LONG, SHORT, LIST] * 3)

    async def ask():
        return [event async for event in LivePolicy(in_turn(), live, candidates=3).stream([Message("user", "Which?")])]

    assert asyncio.run(ask())[-1].usage.completion_tokens == sum(len(text.split()) for text in STYLES)


def test_rewards_are_added(live):
    teach(live, [LONG], most=1)
    asked = []

    async def rewards(messages, replies):
        asked.append([message.content for message in messages])
        return [float(len(said[0].content)) for said in replies]

    policy = LivePolicy(in_turn(), live, candidates=3, rewards=rewards)
    assert asyncio.run(said_by(policy)) == LONG
    assert asked == [["Which river?"]]


def test_the_choice_is_shown_at_a_pace_that_can_be_clicked_on(live):
    teach(live, [LONG, SHORT, LIST] * 3)

    async def times():
        loop = asyncio.get_running_loop()
        policy = LivePolicy(in_turn(), live, candidates=3, pace=100.0)
        stream = policy.stream([Message("user", "Which?")])
        return [(loop.time(), event.text) async for event in stream if isinstance(event, TextPiece)]

    shown = asyncio.run(times())
    assert "".join(text for _, text in shown) == SHORT
    assert shown[-1][0] - shown[0][0] >= 0.05


def test_a_policy_that_cannot_choose_is_refused(live):
    with pytest.raises(ConfigError, match="at least 2"):
        LivePolicy(in_turn(), live, candidates=1)
    with pytest.raises(ConfigError, match="temperature"):
        LivePolicy(in_turn(), live, temperature=0.0)


def test_a_wrapped_policy_can_do_no_more_than_it_shows(live):
    inner = Recording()
    policy = LivePolicy(inner, live)
    assert policy.capabilities == {"logprobs"}
    assert asyncio.run(policy.count_tokens([])) == 7
    asyncio.run(policy.aclose())
    assert inner.closed == -1


def test_what_a_head_sees_of_a_piece_does_not_depend_on_what_follows(live):
    pieces = cut_reply(reply(LIST + "\n\n" + LONG))
    whole = live.features.of(pieces)
    assert whole.shape == (len(pieces), len(SURFACE) + 1)
    for end in range(len(pieces)):
        np.testing.assert_array_equal(live.features.of(pieces[:end]), whole[:end])
    assert dataclasses.is_dataclass(live.features)


def test_a_lag_of_the_display_is_found_once_there_are_enough_clicks(live):
    draw = random.Random(1)
    while live.clicks < 64:
        screen, clicks = Screen(), []
        for second in range(8):
            hedged = draw.random() < 0.5
            screen.write("Perhaps it might be so, I think. " if hedged else "It is so, and that is known. ", second)
            if draw.random() < 0.5:
                time = second + draw.random() + 0.9 + draw.gammavariate(2.0, 0.28)
                clicks.append(Click(time, -1 if hedged else 1, "human:ann"))
        if live.clicks < 16:
            assert live.delay.lag == 0
        live.learn(clicks, screen.segments("m", 20.0), screen.pieces)
    assert live.delay.lag == pytest.approx(0.9, abs=0.2)
    assert live.leanings()[0].name == "hedges"
    assert live.leanings()[0].weight < 0


def test_the_reply_of_a_click_is_its_turn_up_to_the_message_also_when_another_was_said_since():
    call = ToolCall("c", "math", {"query": "1+1"})
    session = InMemorySession()

    async def talk():
        told = await session.append([Message("user", "hi"), Message("assistant", "hello")], after=None)
        turn = [
            Message("user", "1+1?"),
            Message("assistant", "Let me see.", (call,)),
            Message("tool", "2", (), "c", "math"),
            Message("user", "Cite it.", name=LOOP),
            Message("assistant", "It is 2."),
        ]
        first = await session.append(turn, after=told[-1].id)
        await session.append([Message("assistant", "Two.")], after=first[0].id)
        return first, await session.entries(), await session.branch()

    first, entries, branch = asyncio.run(talk())
    found = reply_of(entries, first[-1].id)
    assert [message.content for message in found] == ["Let me see.", "2", "Cite it.", "It is 2."]
    assert [piece.text for piece in cut_reply(found)] == ["Let me see.", "math", "It is 2."]
    assert [message.content for message in reply_of(entries, newest_reply(branch))] == ["Two."]
    assert reply_of(entries, first[0].id) == reply_of(entries, "unknown") == []
    assert newest_reply([]) is None
