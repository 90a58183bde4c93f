"""Code that a model wrote: what passes, what fails, and what it can do to the machine (nothing)."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest
from pericles.evals.samples import Reply, Sample
from pericles.evals.scorers import Misfit, Scoring, code_sandbox, make_scorer
from pericles.evals.scorers.code import code_of

ADD = "assert add(2, 3) == 5\nassert add(-1, 1) == 0"
# Adds rightly, whatever an attack before it did: only what the attack could not do makes the verdict.
RIGHT = "\ndef add(a, b):\n    return a + b\n"

confines = pytest.mark.skipif(sys.platform != "linux", reason="the kernel confines on Linux only")


def run(code, tests=ADD, seconds=1.0):
    scorer = make_scorer({"kind": "code", "seconds": seconds}, tests, given=True)
    scoring = Scoring(Sample("a", ("q",)), ())
    return asyncio.run(scorer.score(Reply("q", f"```python\n{textwrap.dedent(code)}\n```"), scoring))


@confines
@pytest.mark.parametrize(
    ("code", "tests"),
    [
        ("def add(a, b): return a + b", ADD),
        ("def f(xs): xs.sort()", "x = [3, 1, 2]\nassert f(x) is None\nassert x == [1, 2, 3]"),
        ("def f(d): d['n'] = {1, 2}", "x = {}\nf(x)\nassert x == {'n': {1, 2}}"),
        ("def evens(n):\n    for i in range(n): yield 2 * i", "assert list(evens(3)) == [0, 2, 4]"),
        ("def twice(f, x): return f(f(x))", "assert twice(lambda x: x + 3, 1) == 7"),
        ("def adder(n): return lambda x: x + n", "assert adder(3)(4) == 7"),
        ("from collections import Counter\ndef f(s): return Counter(s)", "assert f('aab') == {'a': 2, 'b': 1}"),
        ("def f(n): return 2 ** n, 1j, b'x', None, 0.1", "assert f(9999) == (2**9999, 1j, b'x', None, 0.1)"),
        (
            "class Bag(list):\n    def top(self): return self[-1]",
            "b = Bag([1, 2])\nassert b.top() == 2 and b == [1, 2]",
        ),
        (
            "class V:\n    def __init__(s, x): s.x = x\n    def __add__(s, o): return V(s.x + o.x)\n"
            "    def __eq__(s, o): return s.x == o.x",
            "assert V(1) + V(2) == V(3)\nassert V(1) != V(2)",
        ),
        (
            "def f(x):\n    if x < 0: raise ValueError('below')\n    return x",
            "try:\n    f(-1)\nexcept ValueError as e:\n    assert 'below' in str(e)\nelse:\n    assert False",
        ),
        (
            "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass P:\n    x: int",
            "assert P(3).x == 3",
        ),
        (
            "from datetime import datetime\ndef day(s): return datetime.strptime(s, '%d.%m.%Y').strftime('%j')",
            "assert day('01.02.2023') == '032'",
        ),
        ("def add(a, b):\n    print('x' * 10**7)\n    return a + b", ADD),
        ("def add(a, b): return a + b\nif __name__ == '__main__': input()", ADD),
    ],
)
def test_right_code_passes(code, tests):
    score = run(code, tests)
    assert (score.value, score.label) == (1.0, "passed"), score.detail


@confines
@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("def add(a, b): return a - b", "wrong answer"),
        ("def plus(a, b): return a + b", "missing"),
        ("def add(a, b) return a + b", "syntax error"),
        ("def add(a, b): return a + c", "error"),
        ("import numpy" + RIGHT, "error"),
        ("def add(a, b): return add(a, b)", "error"),
    ],
)
def test_wrong_code_fails_and_says_how(code, label):
    score = run(code)
    assert (score.value, score.label) == (0.0, label)


@confines
@pytest.mark.parametrize(
    "code",
    [
        "import os\nos._exit(0)",
        "import os\ndef add(a, b): os._exit(0)",
        "import sys\nsys.exit(0)",
        "raise SystemExit(0)",
        "def add(a, b): raise SystemExit(0)",
        "class Any:\n    __eq__ = lambda s, o: True\n    __ne__ = lambda s, o: False\ndef add(a, b): return Any()",
        "class Any(int):\n    def __eq__(s, o): return True\n    __hash__ = int.__hash__\ndef add(a, b): return Any(7)",
        "import builtins\nbuiltins.AssertionError = type('A', (BaseException,), {})\ndef add(a, b): return 0",
        "__builtins__['AssertionError'] = ValueError\nlen = abs = lambda *a: 5\ndef add(a, b): return 0",
        "import atexit, sys\natexit.register(lambda: sys.stdout.write('passed'))\ndef add(a, b): return 0",
        'import os\nfor d in range(3, 64):\n    try: os.write(d, b\'["passed", ""]\\n\')\n    except OSError: pass'
        + RIGHT,
        "import os\nos.closerange(0, 64)" + RIGHT,
        "import sys\nfor f in sys._current_frames().values():\n"
        "    while f: f.f_globals['json'] = None; f = f.f_back\ndef add(a, b): return 5",
        "def add(a, b): return [[5]] * a",
        "def add(a, b): return 'x' * 10**8",
        "def add(a, b):\n    x = []\n    x.append(x)\n    return x",
    ],
)
def test_a_verdict_cannot_be_forged(code):
    assert run(code).value == 0.0


@confines
def test_the_asserts_are_out_of_reach():
    spy = """
        import gc, sys
        def add(a, b):
            for held in gc.get_objects():
                if isinstance(held, dict) and "secret" + "-17" in list(map(str, held.values())):
                    return "secret" + "-17"
            return None
    """
    assert run(spy, 'assert add(2, 3) == "secret-17"').label == "wrong answer"


BLOCKED = {
    "read a file": "open('/etc/passwd')",
    "read a file of ours": f"open({__file__!r})",
    "list a folder": "import os\nos.listdir('/')",
    "write to the home folder": "import os\nopen(os.path.expanduser('~/pericles-was-here'), 'w')",
    "write to a temporary folder": "open('/tmp/pericles-was-here', 'w')",
    "change a file's times": f"import os\nos.utime({__file__!r}, (0, 0))",
    "change a file's mode": f"import os\nos.chmod({__file__!r}, 0o600)",
    "delete": "import os\nos.unlink('/tmp/pericles-is-not-here')",
    "fork": "import os\nfor _ in range(5): os.fork()",
    "start a program": "import os\nos.execv('/bin/true', ['true'])",
    "start a thread": "import threading\nthreading.Thread(target=print).start()",
    "open a socket": "import ctypes\nassert ctypes.CDLL(None).socket(2, 1, 0) >= 0",
    "import socket": "import socket",
    "import subprocess": "import subprocess",
    "kill its parent": "import os\nos.kill(os.getppid(), 9)",
    "kill its group": "import os\nos.killpg(0, 9)",
    "signal every process": "import os\nos.kill(-1, 0)",
    "signal a thread of its parent": "import ctypes, os\np = os.getppid()\nl = ctypes.CDLL(None)\n"
    "assert l.tgkill(p, p, 9) == 0",
    "raise its limits": "import ctypes\nassert ctypes.CDLL(None).setrlimit(0, (ctypes.c_ulong * 2)(99, 99)) == 0",
    "outlive its parent": "import ctypes\nassert ctypes.CDLL(None).prctl(1, 0, 0, 0, 0) == 0",
}


@confines
@pytest.mark.parametrize("code", BLOCKED.values(), ids=BLOCKED)
def test_the_code_reaches_nothing_outside(code):
    # It fails where it tries, and what it does after being refused still counts.
    assert run(code + RIGHT).label == "error"
    body = textwrap.indent(code, "    ")
    assert run(f"try:\n{body}\nexcept BaseException: pass{RIGHT}").label == "passed"
    assert not os.path.exists(os.path.expanduser("~/pericles-was-here"))
    assert not os.path.exists("/tmp/pericles-was-here")


@confines
def test_it_sees_no_environment_and_no_arguments(monkeypatch):
    monkeypatch.setenv("PERICLES_SECRET", "17")
    code = "import os, sys\ndef seen(): return dict(os.environ), [str(a) for a in sys.argv]"
    tests = "environment, arguments = seen()\nassert 'PERICLES_SECRET' not in environment\nassert len(arguments) <= 2"
    assert run(code, tests).label == "passed"


@confines
@pytest.mark.parametrize("code", ["x = 'a' * 10**10", "x = []\nwhile True: x.append(bytes(10**7))"])
def test_memory_is_bounded(code):
    assert run(code + RIGHT).label == "memory"


@pytest.mark.sampled(every=2)
@confines
@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\ndef add(a, b): return sum(iter(int, 1))",
    ],
)
def test_an_endless_loop_ends_with_its_processor_time(code):
    start = time.monotonic()
    assert run(code).label == "timeout"
    assert time.monotonic() - start < 4


@confines
def test_waiting_ends_on_the_clock():
    assert run("import time\ntime.sleep(60)", seconds=0.3).label == "timeout"


@pytest.mark.sampled(every=2)
@confines
@pytest.mark.parametrize("how", ["timeout", "cancelled"])
def test_no_process_is_left(how):
    # Other tests' servers are children as well.
    others = set(psutil.Process().children(recursive=True))

    async def score():
        seconds = 0.3 if how == "timeout" else 30
        work = asyncio.create_task(code_sandbox.run_in_sandbox("import time\ntime.sleep(60)", ADD, seconds=seconds))
        children = []
        for _ in range(200):
            await asyncio.sleep(0.01)
            children = [child for child in psutil.Process().children(recursive=True) if child not in others]
            if work.done() or len(children) == 2:
                break
        if how == "cancelled":
            work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        return children

    start = time.monotonic()
    _, alive = psutil.wait_procs(asyncio.run(score()), timeout=1)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]
    assert time.monotonic() - start < 20


@confines
def test_the_processes_die_with_the_program():
    program = (
        "import asyncio\nfrom pericles.evals.scorers.code_sandbox import run_in_sandbox\n"
        "asyncio.run(run_in_sandbox('import time\\ntime.sleep(60)', 'assert True', seconds=30))"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    parent, started = psutil.Process(process.pid), time.monotonic()
    while len(children := parent.children(recursive=True)) < 2 and time.monotonic() - started < 10:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=2)
    assert len(children) == 2
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]


def test_nothing_runs_where_the_system_cannot_confine(monkeypatch, tmp_path):
    # The sandbox loads the solver's confinement from this file.
    weak = tmp_path / "confinement.py"
    weak.write_text("def confine(only): return False\ndef die_with(pid): pass\ndef limit_resources(): pass\n")
    monkeypatch.setattr(code_sandbox.confinement, "__file__", str(weak))
    mark = tmp_path / "ran"
    code = f"open({str(mark)!r}, 'w').close()" + RIGHT
    refused = run(code)
    assert (refused.value, refused.label) == (None, "no sandbox")
    assert not mark.exists()


def test_the_last_block_that_defines_what_is_asked_for_is_run():
    answer = "First:\n```python\ndef f(): return 1\n```\nBetter:\n```py\ndef f(): return 2\n```\n"
    answer += "Use it:\n```python\nprint(f())\n```"
    assert code_of(answer, {"f"}).strip() == "def f(): return 2"
    assert code_of("```\nf = 3\n```\n```\n$ run\n```", {"f"}).strip() == "f = 3"
    assert code_of("```text\nnot this\n```\n```python\ndef f(): pass\n```", {"f"}).strip() == "def f(): pass"
    assert code_of("Here:\n   ```python\n   def f():\n       return 1\n   ```", {"f"}) == "def f():\n    return 1\n"
    assert code_of("```python\ndef f():\n    return 1", {"f"}) == "def f():\n    return 1"


def test_code_without_a_fence_is_found():
    answer = (
        "Sure, here it is.\n\nimport math\n\ndef f(x):\n    return math.sqrt(x)\n\nprint(f(4))\n\nThis takes the root."
    )
    assert code_of(answer, {"f"}).strip().splitlines()[0] == "import math"
    assert code_of(answer, {"f"}).strip().splitlines()[-1] == "print(f(4))"
    assert code_of("I cannot do that.", {"f"}) == "I cannot do that."


@pytest.mark.parametrize("reply", ["", "```python\n\n```"])
def test_a_reply_without_code_is_told(reply):
    scorer = make_scorer("code", ADD, given=True)
    score = asyncio.run(scorer.score(Reply("q", reply), Scoring(Sample("a", ("q",)), ())))
    assert (score.value, score.label) == (0.0, "no code")


@pytest.mark.parametrize("expected", ["assert (", "add(2, 3)", ""])
def test_tests_must_be_asserts(expected):
    with pytest.raises(Misfit):
        make_scorer("code", expected, given=True)
