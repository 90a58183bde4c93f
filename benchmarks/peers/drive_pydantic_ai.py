"""pydantic-ai, driven by its own `FunctionModel`. Instrumentation is off by default; a conversation is the list of its
messages.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel
from rounds import ANSWER, IDLE_MESSAGES, INSTRUCTIONS, PIECE_CHARS, QUESTION, CountingTool, Scenario, serve


def model_for(scenario: Scenario) -> FunctionModel:
    steps = scenario.steps()

    def step_of(messages: list[ModelMessage]) -> int:
        """How many replies the newest turn has."""
        replies = 0
        for message in reversed(messages):
            if any(part.part_kind == "user-prompt" for part in message.parts):
                break
            replies += message.kind == "response"
        return replies

    async def whole(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        step = step_of(messages)
        if step == len(steps):
            return ModelResponse(parts=[TextPart(ANSWER)])
        return ModelResponse(
            parts=[ToolCallPart("add", json.dumps(one), f"call-{step}-{at}") for at, one in enumerate(steps[step])]
        )

    async def streamed(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[Any]:
        step = step_of(messages)
        if step == len(steps):
            for start in range(0, len(ANSWER), PIECE_CHARS):
                yield ANSWER[start : start + PIECE_CHARS]
            return
        for at, one in enumerate(steps[step]):
            text = json.dumps(one)
            yield {at: DeltaToolCall(name="add", tool_call_id=f"call-{step}-{at}")}
            for start in range(0, len(text), PIECE_CHARS):
                yield {at: DeltaToolCall(json_args=text[start : start + PIECE_CHARS])}

    return FunctionModel(whole, stream_function=streamed)


def agent_for(scenario: Scenario, counter: CountingTool) -> Agent[None, str]:
    return Agent(model_for(scenario), instructions=INSTRUCTIONS, tools=[counter.function(scenario)])


def make_turn(scenario: Scenario, counter: CountingTool) -> Callable[[], Awaitable[str]]:
    agent = agent_for(scenario, counter)

    async def whole() -> str:
        return (await agent.run(QUESTION)).output

    async def streamed() -> str:
        answer = ""
        async with agent.run_stream_events(QUESTION) as events:
            async for event in events:
                if event.event_kind == "agent_run_result":
                    answer = event.result.output
        return answer

    return streamed if scenario.streamed else whole


async def make_idle(store: str) -> Callable[[], Awaitable[object]]:
    called, plain = agent_for(Scenario(), CountingTool()), agent_for(Scenario(calls=0), CountingTool())

    async def make_one() -> object:
        conversation: list[ModelMessage] = []
        for agent in (called, called, plain):
            conversation = (await agent.run(QUESTION, message_history=conversation)).all_messages()
        assert len(conversation) == IDLE_MESSAGES, len(conversation)
        return conversation

    return make_one


if __name__ == "__main__":
    serve("pydantic-ai-slim", make_turn, make_idle)
