"""The pytest plugin: the fixture `scripted_agent`. Everything else is imported only by a test that asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .testing import ScriptedAgent

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.fixture
def scripted_agent(request: pytest.FixtureRequest) -> Generator[Callable[..., ScriptedAgent]]:
    """Makes agents that need no model: `scripted_agent(replies, tools=[...], **options)`.

    After the test, every session that such an agent was used with must be valid (each call has exactly one result), and
    every reply must have been used; `all_used=False` turns the latter off.
    """
    from .testing import ScriptedAgent

    made: list[tuple[ScriptedAgent, bool]] = []

    def make(replies: Any, tools: Any = (), *, all_used: bool = True, **options: Any) -> ScriptedAgent:
        made.append((ScriptedAgent(replies, tools, **options), all_used))
        return made[-1][0]

    yield make
    # A test that has failed already needs no second reason.
    if not request.node.stash.get(_FAILED, False):
        for agent, all_used in made:
            asyncio.run(agent.check(all_used=all_used))
