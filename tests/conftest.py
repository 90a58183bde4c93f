"""What tests share: a data folder of their own, and the real model, loaded once.

The model comes from the same cache that `make setup` fills (`PERICLES_CACHE_DIR` where it is set), so that it is
fetched and converted at most once.
"""

import asyncio
import os

import pytest

BASE = "smollm2-135m"


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
