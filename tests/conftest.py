"""What tests share: a data folder of their own, and the real model, loaded once.

The model comes from the same cache that `make setup` fills (`PERICLES_CACHE_DIR` where it is set), so that it is
fetched and converted at most once.
"""

import asyncio
import gc
import os
import sys
from collections import Counter

import pytest

BASE = "smollm2-135m"

# Thousands of tests are read, and hundreds of processes started: what is compiled once is kept.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The tests themselves stay to the end: without this, the garbage collector walks through all of them again and again.
gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Of the cases of a test that is marked `sampled(every=k)`, each k-th is ordinary and the others are slow."""
    cases = Counter()
    for item in items:
        if marker := item.get_closest_marker("sampled"):
            test = item.nodeid.partition("[")[0]
            if cases[test] % marker.kwargs["every"]:
                item.add_marker("slow")
            cases[test] += 1


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory):
    """No test reads or writes the user's own conversations."""
    folder = tmp_path_factory.mktemp("data")
    before = os.environ.get("PERICLES_DATA_DIR")
    os.environ["PERICLES_DATA_DIR"] = str(folder)
    yield folder
    if before is None:
        del os.environ["PERICLES_DATA_DIR"]
    else:
        os.environ["PERICLES_DATA_DIR"] = before


@pytest.fixture(scope="session")
def llama():
    """The base model on llama.cpp, as users run it."""
    from pericles.policies import load_policy

    policy = load_policy(BASE, slots=3)
    yield policy
    asyncio.run(policy.aclose())


@pytest.fixture(scope="session")
def exact_llama():
    """The base model on llama.cpp in F32, to compare with transformers."""
    from pericles.policies import load_policy

    policy = load_policy(BASE, kind="F32", slots=1)
    yield policy
    asyncio.run(policy.aclose())


@pytest.fixture(scope="session")
def torch_policy():
    """The base model on transformers in float32."""
    from pericles.policies import load_policy

    policy = load_policy(BASE, engine="transformers", dtype="float32")
    yield policy
    asyncio.run(policy.aclose())


@pytest.fixture(params=["llama", "torch_policy"])
def engine(request):
    """Each real engine in turn."""
    return request.getfixturevalue(request.param)
