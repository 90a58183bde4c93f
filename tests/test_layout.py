"""The layout's promises: imports point one way, stay relative, and cost little."""

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("agent", "tools", "policies", "ui", "evals")

# From the ground upwards; a module imports from its own layer or from lower ones.
LAYERS = (
    ("tools",),
    ("policies", "policies.engines", "policies.default"),
    ("agent",),
    ("policies.feedback",),
    ("evals",),
    ("policies.training", "policies.compression"),
    ("ui",),
)
HEAVY = ("torch", "transformers", "gradio", "sympy", "xllamacpp", "tantivy", "matplotlib")


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def modules():
    return {module_name(path): path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))}


@functools.cache
def import_nodes(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def layer(module):
    for end in range(len(module.split(".")), 0, -1):
        prefix = ".".join(module.split(".")[:end])
        for height, names in enumerate(LAYERS):
            if prefix in names:
                return height
    raise AssertionError(f"{module} is in no layer of DESIGN.md")


def imports(name, path):
    """What a module imports of ours: `(line, module)`, type-checking imports included."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    known = modules()
    for node in import_nodes(path):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = package.split(".")
            above = parts[: len(parts) - node.level + 1]
            assert above or node.module, f"{name}, line {node.lineno}"
            target = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{target}.{alias.name}".lstrip(".")
                yield node.lineno, inner if inner in known else target


@pytest.mark.parametrize("name", sorted(modules()))
def test_imports_point_downwards(name):
    path = modules()[name]
    upwards = [f"line {line}: {to}" for line, to in imports(name, path) if layer(to) > layer(name)]
    assert not upwards


@pytest.mark.parametrize("name", sorted(modules()))
def test_imports_inside_the_package_are_relative(name):
    nodes = import_nodes(modules()[name])
    named = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    named += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    assert not [found for found in named if found.split(".")[0] == "pericles"]


def test_policies_expose_engines_only():
    found = {to for _, to in imports("policies", ROOT / "policies" / "__init__.py")}
    assert found == {"policies.engines"}


def test_every_folder_with_modules_is_packaged():
    import tomllib

    packages = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    with_modules = {path.relative_to(ROOT).parent for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    assert {"pericles." + ".".join(folder.parts) for folder in with_modules} <= packages


def test_every_layer_that_the_packaging_names_exists():
    assert all((ROOT / folder / "__init__.py").is_file() for folder in FOLDERS)


@pytest.mark.parametrize("module", ["pericles.agent", "pericles.policies", "pericles.tools"])
def test_an_import_brings_no_heavy_library(module):
    script = f"import sys, {module}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_importing_the_agent_takes_less_than_three_tenths_of_a_second():
    script = "import time; start = time.perf_counter(); import pericles.agent; print(time.perf_counter() - start)"
    times = []
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        times.append(float(done.stdout))
        if times[-1] < 0.3:
            break
    assert min(times) < 0.3
