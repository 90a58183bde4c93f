"""openai-agents, driven by a `Model` that only hands out prepared items: less work than its `ScriptedModel`, which
deep-copies every call. Tracing off; a conversation is what `to_input_list` returns, its fastest form.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from rounds import ANSWER, IDLE_MESSAGES, INSTRUCTIONS, PIECE_CHARS, QUESTION, CountingTool, Scenario, serve

os.environ["OPENAI_AGENTS_DISABLE_TRACING"] = "1"
from agents import (
    Agent,
    Model,
    ModelResponse,
    RunConfig,
    Runner,
    Usage,
    function_tool,
    set_tracing_disabled,
)
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseFunctionCallArgumentsDeltaEvent,
    ResponseFunctionToolCall,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseTextDeltaEvent,
)

QUIET = RunConfig(tracing_disabled=True)


class PreparedModel(Model):
    """Answers with the step that the number of results in the conversation asks for."""

    def __init__(self, scenario: Scenario) -> None:
        self._results = [0]
        self._replies: list[list[Any]] = []
        for step in scenario.steps():
            first = self._results[-1]
            self._replies.append([_call(first + at, arguments) for at, arguments in enumerate(step)])
            self._results.append(first + len(step))
        self._replies.append([_text()])

    def _reply(self, conversation: str | list[Any]) -> list[Any]:
        results = 0
        for item in reversed(conversation):
            if isinstance(item, dict) and item.get("role") == "user":
                break
            results += isinstance(item, dict) and item.get("type") == "function_call_output"
        return self._replies[self._results.index(results)]

    async def get_response(self, system_instructions: Any, input: Any, *_: Any, **__: Any) -> ModelResponse:
        return ModelResponse(output=list(self._reply(input)), usage=Usage(), response_id=None)

    async def stream_response(self, system_instructions: Any, input: Any, *_: Any, **__: Any) -> AsyncIterator[Any]:
        reply = self._reply(input)
        number = 0
        for at, item in enumerate(reply):
            yield ResponseOutputItemAddedEvent(
                item=item, output_index=at, sequence_number=number, type="response.output_item.added"
            )
            is_call = isinstance(item, ResponseFunctionToolCall)
            text = item.arguments if is_call else ANSWER
            for start in range(0, len(text), PIECE_CHARS):
                number += 1
                piece = text[start : start + PIECE_CHARS]
                if is_call:
                    yield ResponseFunctionCallArgumentsDeltaEvent(
                        delta=piece,
                        item_id=item.id or "",
                        output_index=at,
                        sequence_number=number,
                        type="response.function_call_arguments.delta",
                    )
                else:
                    yield ResponseTextDeltaEvent(
                        content_index=0,
                        delta=piece,
                        item_id=item.id,
                        logprobs=[],
                        output_index=at,
                        sequence_number=number,
                        type="response.output_text.delta",
                    )
            number += 1
            yield ResponseOutputItemDoneEvent(
                item=item, output_index=at, sequence_number=number, type="response.output_item.done"
            )
        done = Response(
            id="prepared",
            created_at=0,
            model="prepared",
            object="response",
            output=list(reply),
            tool_choice="auto",
            tools=[],
            parallel_tool_calls=True,
        )
        yield ResponseCompletedEvent(response=done, sequence_number=number + 1, type="response.completed")


def _call(number: int, arguments: dict[str, int]) -> ResponseFunctionToolCall:
    return ResponseFunctionToolCall(
        id=f"item-{number}",
        call_id=f"call-{number}",
        name="add",
        arguments=json.dumps(arguments),
        type="function_call",
        status="completed",
    )


def _text() -> ResponseOutputMessage:
    text = ResponseOutputText(text=ANSWER, type="output_text", annotations=[], logprobs=[])
    return ResponseOutputMessage(id="said", content=[text], role="assistant", status="completed", type="message")


def agent_for(scenario: Scenario, counter: CountingTool) -> Agent[Any]:
    tools: list[Any] = [function_tool(counter.function(scenario))]
    return Agent(name="peer", instructions=INSTRUCTIONS, model=PreparedModel(scenario), tools=tools)


def make_turn(scenario: Scenario, counter: CountingTool) -> Callable[[], Awaitable[str]]:
    set_tracing_disabled(True)
    agent = agent_for(scenario, counter)

    async def whole() -> str:
        return (await Runner.run(agent, QUESTION, run_config=QUIET)).final_output

    async def streamed() -> str:
        result = Runner.run_streamed(agent, QUESTION, run_config=QUIET)
        async for _ in result.stream_events():
            pass
        return result.final_output

    return streamed if scenario.streamed else whole


async def make_idle(store: str) -> Callable[[], Awaitable[object]]:
    set_tracing_disabled(True)
    called, plain = agent_for(Scenario(), CountingTool()), agent_for(Scenario(calls=0), CountingTool())

    async def make_one() -> object:
        conversation: list[Any] = []
        for agent in (called, called, plain):
            asked = [*conversation, {"role": "user", "content": QUESTION}]
            conversation = (await Runner.run(agent, asked, run_config=QUIET)).to_input_list()
        assert len(conversation) == IDLE_MESSAGES, len(conversation)
        return conversation

    return make_one


if __name__ == "__main__":
    serve("openai-agents", make_turn, make_idle)
