"""`pericles demonstrate`, typed by a person through a pipe, and in an editor on a terminal."""

import json
import os
import pty
import subprocess
import sys

import pytest
from pericles.policies.feedback import read_rankings
from pericles.policies.feedback.collecting import read_demonstrations


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.jsonl").write_text('{"id": "a", "prompt": "What is 2+2?"}\n{"id": "b", "prompt": "Who are you?"}')
    (tmp_path / "c.jsonl").write_text('{"id": "q", "prompt": "Capital?", "replies": ["Lima.", "Bonn."], "policy": "p"}')
    (tmp_path / "s.yaml").write_text('["Dunno."]')
    return tmp_path


@pytest.fixture
def pericles(here, folder):
    return lambda *arguments, **options: here("demonstrate", *arguments, "--rater", "ada", **options)


def said(demonstration):
    return [(message.role, message.content) for message in demonstration.messages if message.role != "system"]


def mistake(done, told):
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_reply_with_a_call_is_run_and_recorded(pericles):
    done = pericles("p.jsonl", stdin='Let me see.\n/call math {"query": "2+2"}\nFour,\n\nI think.\n.\n/quit\n')
    (demonstration,) = read_demonstrations("demonstrations.jsonl")
    assert "│   4\n" in done.stdout
    assert said(demonstration) == [
        ("user", "What is 2+2?"),
        ("assistant", "Let me see."),
        ("tool", "4"),
        ("assistant", "Four,\n\nI think."),
    ]
    assert demonstration.messages[2].tool_calls[0].arguments == {"query": "2+2"}
    assert [tool["function"]["name"] for tool in demonstration.tools] == ["math", "search"]
    assert (demonstration.rater, demonstration.consent) == ("human:ada", True)
    assert os.stat("demonstrations.jsonl").st_mode & 0o777 == 0o600


def test_a_person_goes_on_where_they_stopped(pericles):
    pericles("p.jsonl", stdin="Four.\n.\n")
    done = pericles("p.jsonl", "--no-consent", stdin="pericles.\n.\n")
    assert "2+2" not in done.stdout
    assert [one.consent for one in read_demonstrations("demonstrations.jsonl")] == [True, False]
    assert "0 written" in pericles("p.jsonl").stdout


def test_wrong_calls_are_told_and_what_was_typed_can_be_forgotten(pericles):
    typed = ["/call mth {}", "/call math {", "nonsense", "/undo", '/call math {"query": "3+3"}', "/undo", "/undo", "."]
    done = pericles("p.jsonl", stdin="\n".join([*typed, "Four.", "..", "//call it a day", ".", "/skip"]) + "\n")
    (demonstration,) = read_demonstrations("demonstrations.jsonl")
    assert "Did you mean 'math'?" in done.stdout
    assert "the arguments of math are not JSON" in done.stdout
    assert "there is nothing to take back" in done.stdout
    assert "the answer is empty" in done.stdout
    assert said(demonstration)[1:] == [("assistant", "Four.\n.\n/call it a day")]


def test_an_unfinished_reply_is_not_kept(pericles, folder):
    assert pericles("p.jsonl", stdin="Four").returncode == 0
    assert not (folder / "demonstrations.jsonl").exists()


def test_a_correction_of_a_policy_is_a_demonstration_and_a_ranking(pericles):
    done = pericles("p.jsonl", "--policy", "script:s.yaml", stdin=".\nI am pericles.\n.\n")
    assert done.stdout.count("│ Dunno.") == 2
    kept, corrected = read_demonstrations("demonstrations.jsonl")
    assert (said(kept)[-1], said(corrected)[-1]) == (("assistant", "Dunno."), ("assistant", "I am pericles."))
    (ranking,) = read_rankings("corrections.jsonl")
    assert [reply[0].content for reply in ranking.replies] == ["I am pericles.", "Dunno."]
    assert (ranking.ranks, ranking.policy, ranking.id) == ((1, 2), "script:s.yaml", "b/human:ada")
    assert [message.role for message in ranking.prompt] == ["user"]


def test_of_given_replies_the_person_says_which_one_is_corrected(pericles):
    shown = pericles("c.jsonl", stdin="/quit\n").stdout.splitlines()
    letter = shown[shown.index("│ Bonn.") - 1]
    pericles("c.jsonl", stdin=f"x\n{letter}\nBonn, it was.\n.\n")
    (ranking,) = read_rankings("corrections.jsonl")
    assert [reply[0].content for reply in ranking.replies] == ["Bonn, it was.", "Bonn."]
    assert ranking.policy == "p"
    assert not any('"p"' in line for line in shown)


def test_a_call_of_a_tool_that_is_not_offered_is_no_demonstration(pericles, folder):
    call = {"id": "c", "type": "function", "function": {"name": "theirs", "arguments": {}}}
    reply = [
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "x", "tool_call_id": "c", "name": "theirs"},
        {"role": "assistant", "content": "Done."},
    ]
    candidates = [{"id": id, "prompt": f"Do {id}.", "replies": [reply, reply]} for id in ("a", "b")]
    (folder / "c.jsonl").write_text("\n".join(map(json.dumps, candidates)))
    done = pericles("c.jsonl", stdin=".\nI cannot.\n.\n")
    assert "'theirs' is called and not offered: math, search" in done.stdout
    (demonstration,) = read_demonstrations("demonstrations.jsonl")
    assert said(demonstration) == [("user", "Do b."), ("assistant", "I cannot.")]


def test_both_sides_make_whole_conversations(pericles):
    pericles("--both", "--no-tools", stdin="Hi\n.\nHello.\n.\nBye\n.\nBye\nbye.\n.\n.\nMore\n.\nYes.\n.\n.\n.\n")
    first, second = read_demonstrations("demonstrations.jsonl")
    assert said(first) == [("user", "Hi"), ("assistant", "Hello."), ("user", "Bye"), ("assistant", "Bye\nbye.")]
    assert said(second) == [("user", "More"), ("assistant", "Yes.")]
    assert first.tools == ()


def test_a_conversation_that_is_left_keeps_its_whole_turns(pericles):
    pericles("--both", stdin="Hi\n.\nHello.\n.\nAnd then\n.\nhalf an ans")
    (demonstration,) = read_demonstrations("demonstrations.jsonl")
    assert said(demonstration) == [("user", "Hi"), ("assistant", "Hello.")]


def test_mistakes_are_one_line(pericles, folder):
    mistake(pericles(), "name a file of prompts")
    mistake(pericles("--both", "p.jsonl"), "with --both you write everything")
    mistake(pericles("c.jsonl", "--policy", "script:s.yaml"), "replies to correct already")
    mistake(pericles("nowhere.jsonl"), "cannot be read")
    (folder / "demonstrations.jsonl").write_text(json.dumps({"messages": []}) + "\n")
    mistake(pericles("p.jsonl"), "lacks the key 'id'")


def test_corrections_of_another_file_are_not_mixed_up(pericles):
    pericles("c.jsonl", stdin="\nNo.\n.\n")
    mistake(pericles("c.jsonl", "--out", "others.jsonl"), "name other files")


def test_what_was_asked_is_data(pericles, folder):
    (folder / "p.jsonl").write_text(json.dumps({"prompt": "\x1b[2Jx\nassistant:\n[red]y"}))
    shown = pericles("p.jsonl").stdout
    assert "\x1b" not in shown
    assert "│ assistant:\n│ [red]y" in shown


@pytest.mark.parametrize(("editor", "kept"), [("sed -i s/Dunno/Four/", "Four."), ("true", "Dunno.")])
def test_on_a_terminal_a_reply_is_corrected_in_the_editor(folder, editor, kept):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "pericles.ui.command", "demonstrate", "p.jsonl", "-p", "script:s.yaml"]
    environment = {**os.environ, "EDITOR": editor, "LOGNAME": "ada"}
    environment.pop("VISUAL", None)
    try:
        done = subprocess.run(
            command, stdin=theirs, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 0, done.stderr
    first, _ = read_demonstrations("demonstrations.jsonl")
    assert said(first)[-1] == ("assistant", kept)
    assert (folder / "corrections.jsonl").exists() == (kept != "Dunno.")
