import contextlib
import resource

import pytest


@pytest.fixture
def full_disk():
    """While it is entered, no file grows beyond so many bytes: a write that would is cut off, as on a full disk."""

    @contextlib.contextmanager
    def full(size):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return full
