"""Each test asks the workers anew: an answer kept from another test would prove nothing."""

import pytest
from pericles.tools.solver import solving


@pytest.fixture(autouse=True)
def no_kept_answers(monkeypatch):
    monkeypatch.setattr(solving, "_ANSWERS", solving._Answers())
