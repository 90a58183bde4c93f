"""Tools in a process of their own: really killed, sharing nothing, and never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import psutil
import pytest
from pericles.tools import ConfigError, ToolCall, ToolContext, load_tools, threads, tool

TOOLS = '''
import asyncio, dataclasses, os, signal, subprocess, sys, time
from pericles.tools import Image, Source, ToolContext, ToolError, ToolOutput, tool

@dataclasses.dataclass
class Range:
    low: int
    high: int

count = 0

@tool(isolate=True)
def where(r: Range, ctx_free: str = "x") -> dict:
    """Tells who runs."""
    global count
    count += 1
    return {"pid": os.getpid(), "width": r.high - r.low, "count": count}

@tool(isolate=True)
async def slowly(ctx: ToolContext, n: int) -> str:
    """Counts."""
    for i in range(n):
        ctx.emit(f"step {i}", i / n)
        await asyncio.sleep(0)
    return f"{ctx.session_id} {ctx.call_id} {ctx.deps}"

@tool(isolate=True)
def rich() -> ToolOutput:
    """Returns everything."""
    return ToolOutput("text", {"a": [1]}, (Source("t", "l", "q"),), (Image(b"12", "image/png", "i"),))

@tool(isolate=True)
def noisy() -> str:
    """Prints."""
    print("on stdout")
    print("on stderr", file=sys.stderr)
    os.write(1, b"raw\\n")
    subprocess.run(["echo", "from a child"])
    return "quiet"

@tool(isolate=True)
def ends(how: str) -> str:
    """Ends."""
    if how == "told":
        raise ToolError("write something else")
    if how == "raises":
        raise ValueError("two\\nlines")
    if how == "exit":
        sys.exit(3)
    if how == "hard exit":
        os._exit(4)
    if how == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == "object":
        return object()
    if how == "huge":
        return "x" * 80_000_000
    if how == "reads":
        return sys.stdin.read()
    return "fine"

@tool(isolate=True, timeout=1.0)
def hangs(file: str, catch: bool = False) -> str:
    """Never ends, and has a child that never ends either."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen(["sleep", "300"])
    with open(file, "w") as out:
        out.write(f"{os.getpid()} {child.pid}")
    while True:
        try:
            time.sleep(1)
        except BaseException:
            pass

@tool(isolate=True)
def nested(r: Range) -> str:
    """Calls another one."""
    from pericles.tools import ToolCall
    return asyncio.run(where.run(ToolCall("c", "where", {"r": {"low": r.low, "high": r.high}}))).text
'''


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    file = tmp_path_factory.mktemp("isolated") / "mine.py"
    file.write_text(TOOLS)
    return {made.name: made for made in load_tools(file)}


def run(made, context=None, **arguments):
    return asyncio.run(made.run(ToolCall("c1", made.name, arguments), context))


def gone(*pids):
    """Whether these processes have ended; one that nobody has reaped yet counts."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids):
            return True
        time.sleep(0.02)
    return False


def no_children():
    """Whether nothing runs, and nothing that has ended still waits to be reaped."""
    children = psutil.Process().children()
    return not [child for child in children if child.status() == "zombie" or "isolated" in " ".join(child.cmdline())]


def test_each_call_has_a_process_of_its_own(tools):
    first, second = (run(tools["where"], r={"low": 1, "high": 4}).data["value"] for _ in range(2))
    assert first["width"] == 3
    assert first["count"] == second["count"] == 1
    assert len({first["pid"], second["pid"], os.getpid()}) == 3


def test_progress_and_the_context_pass(tools):
    messages = []
    context = ToolContext("s1", {"secret": 1}, "c1", lambda message, fraction: messages.append((message, fraction)))
    result = run(tools["slowly"], context, n=4)
    assert result.text == "s1 c1 None"
    assert messages == [(f"step {i}", i / 4) for i in range(4)]


def test_everything_of_an_output_passes(tools):
    result = run(tools["rich"])
    assert (result.text, result.data, result.sources[0].title) == ("text", {"a": [1]}, "t")
    assert result.images[0].data == b"12"


def test_what_it_prints_goes_to_standard_error(tools, capfd):
    assert run(tools["noisy"]).text == "quiet"
    out, error = capfd.readouterr()
    assert out == ""
    assert all(line in error for line in ("on stdout", "on stderr", "raw", "from a child"))


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("told", "write something else"),
        ("raises", "ends failed: ValueError: two lines"),
        ("exit", "ends failed: SystemExit: 3"),
        ("hard exit", "ends failed: its process ended with exit code 4 before it answered"),
        ("segfault", "ends failed: its process was killed by SIGSEGV before it answered"),
        ("huge", "ends failed: its result is larger than 64 MB"),
        ("reads", ""),
    ],
)
def test_however_it_ends_there_is_a_result(tools, how, text, caplog):
    assert run(tools["ends"], how=how).text == text


def test_a_result_that_is_not_json_says_so(tools, caplog):
    assert "its result is not JSON" in run(tools["ends"], how="object").text


def test_the_traceback_goes_to_the_log_of_the_program(tools, caplog):
    run(tools["ends"], how="raises")
    assert 'raise ValueError("two' in caplog.text


def test_wrong_arguments_start_no_process(tools):
    start = time.monotonic()
    result = run(tools["where"], r={"low": "deep"})
    assert result.is_error
    assert "r.low" in result.text
    assert time.monotonic() - start < 0.1


def test_it_is_killed_at_its_timeout_with_all_that_it_started(tools, tmp_path):
    file = tmp_path / "pids"
    result = run(tools["hangs"], file=str(file))
    assert result.text == "hangs did not finish within 1 s."
    assert result.seconds < 1.5
    assert gone(*map(int, file.read_text().split()))
    assert no_children()


def test_it_is_killed_when_the_call_is_cancelled(tools, tmp_path):
    file = tmp_path / "pids"

    async def main():
        task = asyncio.create_task(tools["hangs"].run(ToolCall("c", "hangs", {"file": str(file)})))
        while not (file.exists() and file.read_text()):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert gone(*map(int, file.read_text().split()))
    assert no_children()


def test_it_is_killed_when_it_is_cancelled_before_it_runs(tools, tmp_path):
    async def main():
        task = asyncio.create_task(tools["hangs"].run(ToolCall("c", "hangs", {"file": str(tmp_path / "pids")})))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    time.sleep(0.1)
    assert no_children()


def test_it_dies_with_the_program(tools, tmp_path):
    file, script = tmp_path / "pids", tmp_path / "program.py"
    source = TOOLS.replace("timeout=1.0", "timeout=60")
    script.write_text(
        f"{source}\nif __name__ == '__main__':\n    from pericles.tools import ToolCall\n"
        f"    asyncio.run(hangs.run(ToolCall('c', 'hangs', {{'file': {str(file)!r}}})))\n"
    )
    program = subprocess.Popen([sys.executable, str(script)])
    try:
        end = time.monotonic() + 20
        while not (file.exists() and file.read_text()) and time.monotonic() < end:
            time.sleep(0.02)
        pids = [int(pid) for pid in file.read_text().split()]
    finally:
        program.kill()
        program.wait()
    assert gone(*pids)


def test_eight_run_at_once_and_nothing_is_left(tools, monkeypatch):
    monkeypatch.setattr(threads, "IDLE_SECONDS", 0.2)
    monkeypatch.setattr(threads, "_threads", threads.Threads())
    others = set(threading.enumerate())

    async def main():
        calls = (tools["where"].run(ToolCall(str(n), "where", {"r": {"low": 0, "high": n}})) for n in range(8))
        return await asyncio.gather(*calls)

    run(tools["where"], r={"low": 0, "high": 0})
    before = psutil.Process().num_fds()
    results = asyncio.run(main())
    assert [result.data["value"]["width"] for result in results] == list(range(8))
    assert psutil.Process().num_fds() == before
    assert no_children()
    # Idle threads stay for a moment, to be used again.
    until = time.monotonic() + 10
    while any(thread.name == "tool" for thread in set(threading.enumerate()) - others):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_it_works_from_the_event_loop_of_another_thread(tools):
    results = []
    thread = threading.Thread(target=lambda: results.append(run(tools["where"], r={"low": 0, "high": 2})))
    thread.start()
    thread.join()
    assert results[0].data["value"]["width"] == 2


def test_one_isolated_tool_may_call_another(tools):
    assert '"width":2' in run(tools["nested"], r={"low": 1, "high": 3}).text


def test_the_event_loop_is_not_held_up(tools):
    async def main():
        longest, last = 0.0, time.monotonic()
        call = asyncio.create_task(tools["where"].run(ToolCall("c", "where", {"r": {"low": 0, "high": 1}})))
        while not call.done():
            await asyncio.sleep(0.001)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        return longest

    assert min(asyncio.run(main()) for _ in range(3)) < 0.05


def at_the_top(x: int) -> int:
    """Does."""
    return x


class Holder:
    def method(self, x: int) -> int:
        """Does."""
        return x


def inside():
    def f(x: int) -> int:
        """Does."""
        return x

    return f


@pytest.mark.parametrize(
    "function", [lambda: 1, inside(), Holder.method, Holder().method], ids=["lambda", "inner", "method", "bound"]
)
def test_what_a_fresh_process_cannot_find_is_refused(function):
    with pytest.raises(ConfigError, match=r"isolate=True needs a function at the top of a module"):
        tool(name="f", description="Does.", isolate=True)(function)


def test_a_function_that_was_typed_in_is_refused():
    source = "from pericles.tools import tool\n@tool(isolate=True)\ndef f(x: int) -> int:\n    'Does.'\n"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    assert "typed in, not read from a file: write it into a file NAME.py" in done.stderr


def script(tmp_path, body, *, guarded=True):
    lines = textwrap.dedent(body)
    if guarded:
        lines = "if __name__ == '__main__':\n" + textwrap.indent(lines, "    ")
    (tmp_path / "helper_of_the_script.py").write_text("VALUE = 20\n")
    (tmp_path / "script.py").write_text(
        "import asyncio, os\nfrom pericles.tools import ToolCall, tool\nimport helper_of_the_script\n"
        "@tool(isolate=True)\ndef work(n: int) -> int:\n    'Works.'\n    return n + helper_of_the_script.VALUE\n"
        + lines
    )
    return subprocess.run(
        [sys.executable, str(tmp_path / "script.py")], capture_output=True, text=True, timeout=60, check=False, cwd="/"
    )


RUN = "print(asyncio.run(work.run(ToolCall('c', 'work', {'n': 3}))).text)\n"


def test_a_function_of_the_script_itself_is_found(tmp_path):
    done = script(tmp_path, RUN)
    assert done.stdout == "23\n", done.stderr


def test_a_script_without_a_guard_is_told_to_have_one(tmp_path):
    done = script(tmp_path, RUN, guarded=False)
    assert 'starts work when it is loaded: put what it runs under `if __name__ == "__main__":`' in done.stdout
    assert done.stdout.count("\n") == 1


def test_a_function_of_a_package_is_found_by_name(tmp_path, monkeypatch):
    package = tmp_path / "a_package_of_tools"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "values.py").write_text("VALUE = 5\n")
    (package / "mine.py").write_text(
        "from pericles.tools import tool\nfrom .values import VALUE\n\n"
        "@tool(isolate=True)\ndef add(n: int) -> int:\n    'Adds.'\n    return n + VALUE\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    from a_package_of_tools.mine import add

    assert run(add, n=2).text == "7"


def test_a_static_method_can_be_isolated(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from pericles.tools import tool\n\nclass Box:\n    @staticmethod\n    @tool(isolate=True)\n"
        "    def f(x: int) -> int:\n        'Does.'\n        return x\n\nf = Box.f\n"
    )
    (made,) = load_tools(tmp_path / "mine.py")
    assert run(made, x=2).text == "2"


def test_an_interrupt_of_the_program_leaves_nothing_behind(tmp_path):
    file, program = tmp_path / "pids", tmp_path / "program.py"
    program.write_text(
        TOOLS.replace("timeout=1.0", "timeout=60")
        + "\nif __name__ == '__main__':\n    from pericles.tools import ToolCall\n"
        f"    asyncio.run(hangs.run(ToolCall('c', 'hangs', {{'file': {str(file)!r}}})))\n"
    )
    running = subprocess.Popen([sys.executable, str(program)], stderr=subprocess.DEVNULL)
    end = time.monotonic() + 20
    while not (file.exists() and file.read_text()) and time.monotonic() < end:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=10) != 0
    assert gone(*map(int, file.read_text().split()))
