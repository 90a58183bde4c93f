"""The built wheel in a stranger's project: everything it needs is inside, and nothing collides."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

STRANGER = """
import pathlib, sys
import agent, tools                      # the stranger's own modules
assert agent.MINE and tools.MINE
from importlib import resources
import pericles.agent, pericles.tools, pericles.policies
for module in (pericles.agent, pericles.tools, pericles.policies):
    assert str(pathlib.Path(module.__file__)).startswith(sys.argv[1]), module.__file__
for package, name in [
    ("pericles.recipes", "default.yaml"),
    ("pericles.recipes", "constitutions/default.yaml"),
    ("pericles.policies.engines", "templates/smollm2.jinja"),
    ("pericles.policies.default", "adapter_model.safetensors"),
    ("pericles.policies.default", "adapter_config.json"),
    ("pericles.evals", "suites/routing.yaml"),
    ("pericles.agent", "py.typed"),
]:
    assert resources.files(package).joinpath(name).is_file(), (package, name)
from pericles.agent import Agent
from pericles.policies import ScriptedPolicy
call = '<tool_call>{"name": "math", "arguments": {"query": "6*7"}}</tool_call>'
agent = Agent(ScriptedPolicy([call, "42"]), ["math"])
result = agent.run_sync("6*7?")
assert [message.content for message in result.messages][2:] == ["42", "42"], result
print("well")
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The wheel, unpacked as an installer would, in front of the libraries that are installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    # Built from what git would hand out, so that a file somebody forgot to add is missed here.
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    for name in filter(None, map(os.fsdecode, files)):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    return target


def test_a_strangers_project_uses_the_wheel(installed, tmp_path):
    (tmp_path / "agent.py").write_text("MINE = True\n")
    (tmp_path / "tools.py").write_text("MINE = True\n")
    (tmp_path / "program.py").write_text(STRANGER)
    done = subprocess.run(
        [sys.executable, "program.py", str(installed)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "well\n"), done.stderr


def test_the_wheel_holds_no_tests_and_no_caches(installed):
    names = [str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()]
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "docs")) or "/tests/" in name]
    assert sum(path.stat().st_size for path in (installed / "pericles").rglob("*.safetensors")) <= 20_000_000
