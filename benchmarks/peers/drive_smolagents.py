"""smolagents' `ToolCallingAgent`, driven by a `Model` that only hands out prepared messages. Nothing is logged;
streamed pieces are rendered to a console that shows nothing, which its streaming cannot do without.

It has no async form and refuses async tools, and it answers by a call of its tool `final_answer`: a turn of n calls
makes n + 1 of its own.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from rich.console import Console
from rounds import ANSWER, PIECE_CHARS, QUESTION, CountingTool, Scenario, serve
from smolagents import ChatMessage, LogLevel, MessageRole, Model, ToolCallingAgent, tool
from smolagents.models import (
    ChatMessageStreamDelta,
    ChatMessageToolCall,
    ChatMessageToolCallFunction,
    ChatMessageToolCallStreamDelta,
    TokenUsage,
)
from smolagents.monitoring import AgentLogger

Call = tuple[str, dict[str, Any], str]


class PreparedModel(Model):
    """Answers with the step that the number of results in the conversation asks for."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(model_id="prepared")
        self._steps: list[list[Call]] = [
            [("add", arguments, f"call-{number}-{at}") for at, arguments in enumerate(step)]
            for number, step in enumerate(scenario.steps())
        ]
        self._steps.append([("final_answer", {"answer": ANSWER}, "call-final")])

    def _step(self, messages: list[ChatMessage]) -> list[Call]:
        replies = 0
        for message in reversed(messages):
            if message.role == MessageRole.USER:
                break
            replies += message.role == MessageRole.TOOL_CALL
        return self._steps[replies]

    def generate(self, messages: list[ChatMessage], **_: Any) -> ChatMessage:
        calls = [
            ChatMessageToolCall(ChatMessageToolCallFunction(dict(arguments), name), call_id, "function")
            for name, arguments, call_id in self._step(messages)
        ]
        return ChatMessage(MessageRole.ASSISTANT, "", calls, token_usage=TokenUsage(0, 0))

    def generate_stream(self, messages: list[ChatMessage], **_: Any) -> Iterator[ChatMessageStreamDelta]:
        for at, (name, arguments, call_id) in enumerate(self._step(messages)):
            text = json.dumps(arguments)
            for start in range(0, len(text), PIECE_CHARS):
                function = ChatMessageToolCallFunction(text[start : start + PIECE_CHARS], name if start == 0 else "")
                delta = ChatMessageToolCallStreamDelta(at, call_id if start == 0 else None, "function", function)
                yield ChatMessageStreamDelta("", [delta])
        yield ChatMessageStreamDelta("", token_usage=TokenUsage(0, 0))


def agent_for(scenario: Scenario, counter: CountingTool) -> ToolCallingAgent:
    return ToolCallingAgent(
        tools=[tool(counter.add_sync)],
        model=PreparedModel(scenario),
        stream_outputs=scenario.streamed,
        logger=AgentLogger(level=LogLevel.OFF, console=Console(quiet=True)),
        verbosity_level=LogLevel.OFF,
    )


def make_turn(scenario: Scenario, counter: CountingTool) -> Callable[[], str]:
    agent = agent_for(scenario, counter)

    def whole() -> str:
        return agent.run(QUESTION)

    def streamed() -> str:
        answer: Any = None
        for event in agent.run(QUESTION, stream=True):
            answer = event
        return answer.output

    return streamed if scenario.streamed else whole


async def make_idle(store: str) -> Callable[[], Awaitable[object]]:
    async def make_one() -> object:
        # Its conversation lives in the agent, so that each needs one of its own. The question, four calls with their
        # results and the answer are ten messages.
        agent = agent_for(Scenario(calls=4), CountingTool())
        agent.run(QUESTION)
        return agent

    return make_one


if __name__ == "__main__":
    serve("smolagents", make_turn, make_idle)
