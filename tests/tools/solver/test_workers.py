"""Worker processes: where they can be started from, what ends them, and what stays untouched when one ends."""

import asyncio
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from pericles.tools.errors import ToolError, ToolTimeout
from pericles.tools.solver import math, solve_query, solve_query_async
from pericles.tools.solver.pool import Pool, Ticket, shared_pool
from pericles.tools.solver.workers import Spawner

SLOW = "factor (10^40+121)*(10^41+109)"
QUICK = "37 * 4"


def _zygote():
    solve_query(QUICK)
    (found,) = [child for child in psutil.Process().children() if "pericles.tools.solver.worker" in child.cmdline()]
    return found


def _until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def _run(*command, **options):
    done = subprocess.run(
        [sys.executable, "-W", "error", *command], capture_output=True, text=True, timeout=60, check=False, **options
    )
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.strip()


PROGRAM = "from pericles.tools.solver import solve_query; print(solve_query('37*4').text)"


def test_from_an_unguarded_script(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(PROGRAM + "\nprint(solve_query('solve x^2 = 4').text)\n", encoding="utf-8")
    assert _run(str(script)) == "148\nx = -2 or x = 2"


def test_from_the_command_line_and_standard_input(tmp_path):
    assert _run("-c", PROGRAM, cwd=tmp_path) == "148"
    assert _run("-", input=PROGRAM, cwd=tmp_path) == "148"


def test_modules_of_the_working_directory_are_not_taken(tmp_path):
    (tmp_path / "sympy.py").write_text("raise SystemExit('the wrong sympy')", encoding="utf-8")
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')", encoding="utf-8")
    assert _run("-P", "-c", PROGRAM, cwd=tmp_path) == "148"


def test_importing_is_light():
    heavy = "{'sympy', 'mpmath', 'numpy', 'multiprocessing'}"
    assert _run("-c", f"import sys, pericles.tools.solver; print({heavy} & set(sys.modules))") == "set()"


def test_several_event_loops_one_after_the_other():
    for _ in range(3):
        assert asyncio.run(solve_query_async(QUICK)).text == "148"


def test_many_questions_at_once_in_one_loop():
    async def ask_all():
        return await asyncio.gather(*(solve_query_async(f"{n} * 4") for n in range(30)))

    assert [solution.text for solution in asyncio.run(ask_all())] == [str(4 * n) for n in range(30)]


def test_the_loop_is_not_blocked_while_a_question_is_worked_on():
    async def count_ticks():
        task = asyncio.create_task(solve_query_async(SLOW, timeout=0.5))
        ticks = 0
        while not task.done():
            await asyncio.sleep(0.01)
            ticks += 1
        with pytest.raises(ToolTimeout):
            await task
        return ticks

    assert asyncio.run(count_ticks()) > 10


def test_threads_ask_at_once():
    answers = {}

    def ask(n):
        answers[n] = [solve_query(f"{n} + {i}").text for i in range(20)]

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: [str(n + i) for i in range(20)] for n in range(4)}


def test_short_questions_get_through_while_long_ones_run():
    solve_query(QUICK)
    late = []

    def ask():
        with pytest.raises(ToolTimeout):
            solve_query(SLOW, timeout=1.5)
        late.append(True)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    start = time.monotonic()
    assert solve_query(QUICK).text == "148"
    assert time.monotonic() - start < 0.5
    for thread in threads:
        thread.join()
    assert late == [True, True]


def test_cancelling_kills_the_worker():
    zygote = _zygote()

    async def cancel():
        task = asyncio.create_task(solve_query_async(SLOW, timeout=60))
        await asyncio.sleep(0.3)
        busy = max(zygote.children(), key=lambda child: sum(child.cpu_times()[:2]))
        start = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - start < 0.2
        return busy

    busy = asyncio.run(cancel())
    _until(lambda: not busy.is_running())
    assert solve_query(QUICK).text == "148"


def test_a_crash_affects_one_request_only():
    zygote = _zygote()
    outcome = []

    def ask():
        try:
            outcome.append(solve_query(SLOW, timeout=20).text)
        except ToolError as error:
            outcome.append(str(error))

    before = {child.pid: sum(child.cpu_times()[:2]) for child in zygote.children()}
    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.5)
    used = {child: sum(child.cpu_times()[:2]) - before.get(child.pid, 0) for child in zygote.children()}
    os.kill(max(used, key=used.get).pid, signal.SIGKILL)
    assert solve_query(QUICK).text == "148"
    thread.join(timeout=5)
    assert outcome == ["the solver stopped while working on this; ask for something simpler"]


def test_an_idle_worker_that_dies_is_not_noticed():
    for child in _zygote().children():
        os.kill(child.pid, signal.SIGKILL)
    time.sleep(0.1)
    assert solve_query(QUICK).text == "148"


def test_the_zygote_is_replaced_when_it_dies():
    zygote = _zygote()
    workers = zygote.children()
    zygote.kill()
    _until(lambda: not any(worker.is_running() for worker in workers))
    assert solve_query(QUICK).text == "148"


def test_no_worker_is_left_as_a_zombie():
    zygote = _zygote()
    for _ in range(3):
        with pytest.raises(ToolTimeout):
            solve_query(SLOW, timeout=0.1)

    def is_zombie(child):
        try:
            return child.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:  # it ended between being listed and being looked at
            return False

    _until(lambda: not any(map(is_zombie, zygote.children())))
    assert len(zygote.children()) <= 4


ENDINGS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


@pytest.fixture(scope="module")
def asking(tmp_path_factory):
    """Programs that ask a long question, one for each ending; they start side by side, for that takes them seconds."""
    script = tmp_path_factory.mktemp("asking") / "asks.py"
    script.write_text(
        "import signal, threading, time\n"
        "from pericles.tools.solver import solve_query\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a background job ignores it
        "solve_query('1+1')\n"
        f"threading.Thread(target=lambda: solve_query('{SLOW}', timeout=600), daemon=True).start()\n"
        "time.sleep(0.3)\n"
        "print('working', flush=True)\n"
        "time.sleep(600)\n",
        encoding="utf-8",
    )
    command = [sys.executable, str(script)]
    with contextlib.ExitStack() as stack:
        programs = {}
        for ending in ENDINGS:
            program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            programs[ending] = stack.enter_context(program)
            stack.callback(program.kill)
        yield programs


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("ending", ENDINGS)
def test_no_worker_outlives_the_program(asking, ending):
    program = asking[ending]
    assert program.stdout.readline() == "working\n"
    workers = psutil.Process(program.pid).children(recursive=True)
    assert len(workers) >= 3
    program.send_signal(ending)
    program.wait(timeout=10)
    _until(lambda: not any(worker.is_running() for worker in workers))


def test_workers_ignore_ctrl_c():
    zygote = _zygote()
    signalled = []
    for process in (zygote, *zygote.children()):
        with contextlib.suppress(psutil.NoSuchProcess):  # a worker that was just being replaced
            process.send_signal(signal.SIGINT)
            signalled.append(process)
    time.sleep(0.1)
    assert _zygote().pid == zygote.pid
    assert len(signalled) > 1
    assert any(process.is_running() for process in signalled[1:])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_are_limited():
    worker = _zygote().children()[0]
    limits = Path(f"/proc/{worker.pid}/limits").read_text(encoding="ascii")
    values = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()[1:]}
    assert values["Max address space"] == str(1 << 30)
    assert values["Max file size"] == "0"
    assert values["Max core file size"] == "0"
    assert int(values["Max open files"]) <= 64


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_see_nothing_of_the_environment(monkeypatch):
    environment = Path(f"/proc/{_zygote().pid}/environ").read_bytes().split(b"\0")
    names = {entry.partition(b"=")[0].decode() for entry in environment if entry}
    assert names <= {
        "HOME",
        "LD_LIBRARY_PATH",
        "PYTHONHASHSEED",
        "PYTHONSAFEPATH",
        "PYTHONPATH",
        "PYTHONNOUSERSITE",
        "LC_CTYPE",
    }
    assert os.readlink(f"/proc/{_zygote().pid}/cwd") == "/"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_of_the_program_has_workers_of_its_own():
    zygote = _zygote()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if solve_query("6 * 7").text == "42" else 2
            shared_pool().close()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert _zygote().pid == zygote.pid


@pytest.mark.slow
def test_a_pool_without_fork():
    pool = Pool(Spawner)
    try:
        assert pool.solve(QUICK, precision=15, timeout=20, ticket=Ticket()).text == "148"
        with pytest.raises(ToolTimeout):
            pool.solve(SLOW, precision=15, timeout=2, ticket=Ticket())
        assert pool.solve("6 * 7", precision=15, timeout=20, ticket=Ticket()).text == "42"
    finally:
        pool.close()
    with pytest.raises(ToolError, match="closed"):
        pool.solve(QUICK, precision=15, timeout=5, ticket=Ticket())


def test_a_warm_question_is_quick():
    solve_query(QUICK)
    seconds = []
    for _ in range(100):
        start = time.perf_counter()
        solve_query(QUICK)
        seconds.append(time.perf_counter() - start)
    assert statistics.median(seconds) < 0.01


def test_the_tool_returns_text_for_the_model_and_data_for_the_page():
    output = asyncio.run(math("solve x^2 - 4"))
    assert output.text == "x = -2 or x = 2"
    assert output.data["exact"] == "x = -2 or x = 2"
    assert output.data["latex"] == r"x = -2 \text{ or } x = 2"
    assert output.data["assumptions"] == ["the expression is set equal to 0"]
    assert output.data["verified"] == "checked by substitution"
    assert output.sources == ()
    with pytest.raises(ToolError, match="did you mean sqrt"):
        asyncio.run(math("squrt(2)"))
