"""The `pericles` command as a user runs it: in a process of its own, or in this one where no more would be seen."""

import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
- |-
  <tool_call>{"name": "math", "arguments": {"query": "37821 * 9912"}}</tool_call>
- 37821 × 9912 is 374881752.
"""


def pericles(*arguments: str, stdin: str = "", cwd=None, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "pericles.ui.command", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.fixture
def script(tmp_path):
    file = tmp_path / "script.yaml"
    file.write_text(SCRIPT)
    return f"script:{file}"


def test_ask_prints_the_answer_alone_on_standard_output(script):
    done = pericles("ask", "What is 37821 * 9912?", "--policy", script)
    assert (done.returncode, done.stdout) == (0, "37821 × 9912 is 374881752.\n")
    assert "math: 37821 * 9912" in done.stderr
    assert "374881752" in done.stderr


def test_ask_json_prints_events_that_end_in_one_turn_finished(here, script):
    done = here("ask", "What is 37821 * 9912?", "--policy", script, "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["type"] for event in events].count("TurnFinished") == 1
    assert events[-1]["type"] == "TurnFinished"
    assert events[-1]["status"] == "completed"
    results = [event["result"]["text"] for event in events if event["type"] == "ToolCallFinished"]
    assert results == ["374881752"]


def test_ask_reads_the_question_from_standard_input(here, script):
    done = here("ask", "-", "--policy", script, stdin="What is 37821 * 9912?")
    assert done.stdout == "37821 × 9912 is 374881752.\n"


MISTAKES = [
    (("ask", "hi", "--policy", "defualt"), "Did you mean 'default'?"),
    (("ask", "hi", "--policy", "gguf:/no/such.gguf"), "/no/such.gguf"),
    (("ask", "hi", "--policy", "http://localhost:1/v1#m"), "localhost:1"),
    (("ask", "hi", "--policy", "script:/no/such.yaml"), "/no/such.yaml"),
    (("ask", "hi", "--engine", "vllm"), "there is no engine 'vllm'"),
    (("ask", " ", "--policy", "default"), "the question is empty"),
    (("ask", "hi", "--max-new-tokens", "0"), "--max-new-tokens"),
    (("ask",), "question"),
    (("models", "path", "gpt-5"), "there is no model 'gpt-5'"),
    (("index", "/no/such/folder"), "/no/such/folder"),
    (("nonsense",), "nonsense"),
]


def is_one_line(done, told):
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("arguments", "told"), MISTAKES)
def test_a_users_mistake_is_one_line_and_exit_code_2(here, arguments, told):
    is_one_line(here(*arguments), told)


@pytest.mark.sampled(every=len(MISTAKES))
@pytest.mark.parametrize(("arguments", "told"), MISTAKES)
def test_a_users_mistake_ends_the_process_so(arguments, told):
    is_one_line(pericles(*arguments), told)


FILES_WITH_MISTAKES = [
    ("import sys\nsys.exit(3)\n", "line 2: SystemExit"),
    ("from pericles.tools import tool\n\n@tool\ndef f(x):\n    'Doc.'\n", "line 3: tool 'f', parameter 'x'"),
    ("def f(:\n", "line 1"),
    ("x = 1\n1 / 0\n", "line 2: ZeroDivisionError"),
    ("x = 1\n", "defines no tool"),
]


def names_the_line(run, folder, policy, source, told):
    (folder / "mine.py").write_text(source)
    done = run("ask", "hi", "--policy", policy, "--tools", str(folder / "mine.py"))
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("source", "told"), FILES_WITH_MISTAKES)
def test_a_mistake_in_a_tool_file_is_named_with_its_line(here, tmp_path, script, source, told):
    names_the_line(here, tmp_path, script, source, told)


@pytest.mark.sampled(every=len(FILES_WITH_MISTAKES))
@pytest.mark.parametrize(("source", "told"), FILES_WITH_MISTAKES)
def test_a_mistake_in_a_tool_file_ends_the_process_so(tmp_path, script, source, told):
    names_the_line(pericles, tmp_path, script, source, told)


def test_a_tool_from_a_file_is_called(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from pericles.tools import tool\n\n@tool\ndef twice(n: int) -> int:\n    'Doubles.'\n    return 2 * n\n"
    )
    (tmp_path / "script.yaml").write_text(
        """- '<tool_call>{"name": "twice", "arguments": {"n": 21}}</tool_call>'\n- It is 42.\n"""
    )
    done = pericles("ask", "hi", "--policy", "script:script.yaml", "--tools", "mine.py", cwd=tmp_path)
    assert done.returncode == 0
    assert "42" in done.stderr


def test_control_characters_of_a_model_never_reach_the_terminal(tmp_path):
    (tmp_path / "script.yaml").write_text('- "safe \\e[31mred\\e]0;title\\a \\u202egnp"\n')
    done = pericles("ask", "hi", "--policy", f"script:{tmp_path / 'script.yaml'}", "--no-tools")
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout
    assert "\u202e" not in done.stdout
    assert done.stdout.startswith("safe ")


def test_tools_list_shows_what_a_model_sees():
    done = pericles("tools", "list")
    assert done.returncode == 0
    assert done.stdout.startswith("math: ")
    assert "\nsearch: " in done.stdout


def test_a_closed_pipe_is_no_error(script):
    command = f"{sys.executable} -m pericles.ui.command ask hi --policy {script} --json | head -c 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""


def test_chat_reads_commands_from_a_pipe(script, tmp_path):
    lines = [
        "/help",
        "What is 37821 * 9912?",
        "/tools",
        f"/save {tmp_path}/chat.json",
        "/policy",
        "/reset",
        "/nonsense",
    ]
    done = pericles("chat", "--policy", script, stdin="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stderr
    assert "374881752" in done.stdout
    assert "there is no command /nonsense" in done.stdout
    saved = json.loads((tmp_path / "chat.json").read_text())
    assert [message["role"] for message in saved] == ["user", "assistant", "tool", "assistant"]


def test_a_named_session_is_continued(here, script, tmp_path):
    for run in (here, pericles):
        done = run("chat", "-p", script, "-s", "mine", stdin="again\n", PERICLES_DATA_DIR=str(tmp_path))
        assert done.returncode == 0, done.stderr
    assert "continuing mine: 4 messages" in done.stdout


PAY = """
from pericles.tools import tool

@tool(requires_approval=True)
def pay(amount: int) -> str:
    '''Pays.'''
    return f"paid {amount}"
"""


@pytest.fixture
def paying(tmp_path):
    (tmp_path / "pay.py").write_text(PAY)
    (tmp_path / "pay.yaml").write_text(
        """['<tool_call>{"name": "pay", "arguments": {"amount": 5}}</tool_call>', 'Done.']"""
    )
    return ["--policy", f"script:{tmp_path / 'pay.yaml'}", "--tools", str(tmp_path / "pay.py")]


@pytest.mark.parametrize(("said", "told"), [("y", "paid 5"), ("n", "did not allow"), ("", "did not allow")])
def test_chat_asks_before_a_call_that_needs_approval(here, paying, said, told):
    done = here("chat", *paying, stdin=f"Pay.\n{said}\n")
    assert "allow pay" in done.stdout
    assert told in done.stdout
    assert "Done." in done.stdout


def test_a_waiting_chat_goes_on_with_the_decision_after_a_restart(paying, tmp_path):
    folder = {"PERICLES_DATA_DIR": str(tmp_path / "data")}
    store = "import asyncio,sys; from pericles.agent import *; from pericles.tools import load_tools; "
    store += "from pericles.policies import load_policy; "
    store += "Agent(load_policy(sys.argv[1]), load_tools(sys.argv[2])).run_sync('Pay.', session=SQLiteSession('bill'))"
    subprocess.run([sys.executable, "-c", store, paying[1], paying[3]], check=True, env={**os.environ, **folder})
    done = pericles("chat", *paying, "--session", "bill", stdin="y\n", **folder)
    assert "allow pay" in done.stdout
    assert "paid 5" in done.stdout


def test_ask_cannot_ask_and_says_so(here, paying):
    done = here("ask", "Pay.", *paying)
    assert done.returncode == 1
    assert "needs your approval" in done.stderr


def test_models_path_names_a_file_that_exists(here):
    done = here("models", "path", "smollm2-135m")
    assert done.returncode == 0, done.stderr
    assert os.path.getsize(done.stdout.strip()) > 50_000_000


def test_models_list_names_the_licence(here):
    done = here("models", "list")
    assert "smollm2-135m" in done.stdout
    assert "Apache-2.0" in done.stdout


def test_index_makes_a_folder_searchable(here, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "boats.md").write_text("# Boats\n\nThe Marigold is moored at pier nine.\n")
    (tmp_path / "script.yaml").write_text(
        """- '<tool_call>{"name": "search", "arguments": {"query": "where is the Marigold moored"}}</tool_call>'
- At pier nine [1].
"""
    )
    data = {"PERICLES_DATA_DIR": str(tmp_path / "data")}
    added = pericles("index", str(tmp_path / "notes"), **data)
    assert (added.returncode, "1 files added" in added.stdout) == (0, True), added.stderr
    asked = here("ask", "where?", "--policy", f"script:{tmp_path / 'script.yaml'}", **data)
    assert "pier nine" in asked.stderr
    assert "[1] Boats" in asked.stderr or "boats.md" in asked.stderr
    removed = here("index", "remove", str(tmp_path / "notes"), **data)
    assert "removed 1" in removed.stdout
