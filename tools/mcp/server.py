"""Our tools for any MCP client: over standard input and output, or streamable HTTP.

Exported are tools only: no prompts, no resources, no sampling. A call goes through `ToolRegistry.execute`, so that a
client's mistake is a result that says what was wrong, never a protocol error and never a crash.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.metadata
import json
import sys
import uuid
from typing import TYPE_CHECKING, Any

from ..calls import ToolCall, ToolResult
from ..context import ToolContext
from ..errors import ToolDenied
from ..registry import ToolRegistry
from ..tool import Tool
from .http import listen
from .results import to_mcp

if TYPE_CHECKING:
    import mcp_types
    from mcp.server import Server
    from mcp.server.context import ServerRequestContext

# Tools of this package that change nothing.
READ_ONLY = ("math", "search")
MAX_AT_ONCE = 32
MAX_QUEUED_REPORTS = 100
# Below this, progress without a known share is counted; the protocol wants every report to be larger than the last.
_STEP = 0.001
_ASKED_IN_RESULTS_SINCE = "2026-07-28"


def serve_mcp(registry: ToolRegistry, *, http: str | None = None, token: str | None = None) -> None:
    """Serves the tools until the client leaves or the process is interrupted.

    Args:
        registry: what is offered.
        http: `HOST:PORT` or `PORT` to listen on (port 0 takes any free one, a host alone is not enough); `None` talks
            over standard input and output, where nothing but the protocol is written: what tools print goes to
            standard error.
        token: what an HTTP client must send as `Authorization: Bearer TOKEN`. Without one, only programs on this
            machine may connect.

    Raises:
        ConfigError: the address makes no sense, is taken, or is open to the network without a token.
    """
    server = build_server(registry)
    if http is not None:
        listen(server, http, token)
        return
    asyncio.run(_serve_stdio(server))


def build_server(registry: ToolRegistry) -> Server[Any]:
    """The SDK's server object for these tools, for programs that run it in their own way."""
    from mcp.server import Server

    exported = _Exported(registry)
    return Server(
        "pericles",
        version=importlib.metadata.version("pericles"),
        on_list_tools=exported.list_tools,
        on_call_tool=exported.call_tool,
    )


async def _serve_stdio(server: Server[Any]) -> None:
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (reading, writing):
        try:
            await server.run(reading, writing, server.create_initialization_options())
        finally:
            # What tools have printed leaves while standard output still leads to standard error.
            sys.stdout.flush()


class _Exported:
    """What the SDK's server calls."""

    def __init__(self, registry: ToolRegistry) -> None:
        self._registry = registry
        self._places = asyncio.Semaphore(MAX_AT_ONCE)
        self._alone = asyncio.Lock()

    async def list_tools(self, context: ServerRequestContext[Any, Any], params: Any) -> mcp_types.ListToolsResult:
        import mcp_types

        return mcp_types.ListToolsResult(tools=[_described(tool) for tool in self._registry])

    async def call_tool(
        self, context: ServerRequestContext[Any, Any], params: mcp_types.CallToolRequestParams
    ) -> mcp_types.CallToolResult | mcp_types.InputRequiredResult:
        call = ToolCall(uuid.uuid4().hex, params.name, params.arguments or {})
        if self._registry.needs_approval(call):
            answer = await _approval(context, call, params.input_responses)
            if not isinstance(answer, str):
                return answer
            if answer:
                return to_mcp(_denied(call, answer), context.protocol_version)
        async with self._places:
            result = await self._run(context, call)
        return to_mcp(result, context.protocol_version)

    async def _run(self, context: ServerRequestContext[Any, Any], call: ToolCall) -> ToolResult:
        reports = _Reports(context)
        told = ToolContext[Any](session_id="mcp", call_id=call.id, _report=reports.add)
        sending = asyncio.create_task(reports.send())
        try:
            if self._registry.is_sequential(call.name):
                async with self._alone:
                    return await self._registry.execute(call, told)
            return await self._registry.execute(call, told)
        finally:
            reports.close()
            # The last reports leave before the result, which ends the request.
            await asyncio.wait((sending,), timeout=1.0)
            sending.cancel()


class _Reports:
    """Carries a tool's progress to the client, in order; to one that did not ask, it goes nowhere."""

    def __init__(self, context: ServerRequestContext[Any, Any]) -> None:
        self._session = context.session
        self._queue: asyncio.Queue[tuple[str, float | None] | None] = asyncio.Queue()
        self._last = 0.0

    def add(self, message: str, fraction: float | None) -> None:
        if self._queue.qsize() < MAX_QUEUED_REPORTS:
            self._queue.put_nowait((message, fraction))

    def close(self) -> None:
        self._queue.put_nowait(None)

    async def send(self) -> None:
        while (report := await self._queue.get()) is not None:
            message, fraction = report
            known = fraction is not None and fraction > self._last
            self._last = fraction if known and fraction is not None else self._last + _STEP
            text = message.encode("utf-8", "replace").decode("utf-8")
            await self._session.report_progress(self._last, 1.0 if known else None, text)


def _described(tool: Tool) -> mcp_types.Tool:
    import mcp_types

    ours = str(getattr(tool.function, "__module__", "")).startswith(__name__.partition(".mcp.")[0])
    annotations = None
    if tool.requires_approval:
        annotations = mcp_types.ToolAnnotations(read_only_hint=False, destructive_hint=True)
    elif ours and tool.name in READ_ONLY:
        annotations = mcp_types.ToolAnnotations(read_only_hint=True, open_world_hint=False)
    return mcp_types.Tool(
        name=tool.name, description=tool.description, input_schema=tool.parameters, annotations=annotations
    )


def _denied(call: ToolCall, reason: str) -> ToolResult:
    return ToolResult(call.id, call.name, str(ToolDenied(reason)), is_error=True)


async def _approval(
    context: ServerRequestContext[Any, Any], call: ToolCall, responses: mcp_types.InputResponses | None
) -> str | mcp_types.InputRequiredResult:
    """Asks the person at the client, in the way that the protocol's revision has for it.

    Returns:
        The empty text when the call was approved; why it was not; or the question, where the client is to send the
        call again together with the answer.
    """
    import mcp_types
    from mcp.shared.exceptions import MCPError
    from mcp_types.version import is_version_at_least

    known = context.session.client_capabilities
    elicitation = known.elicitation if known is not None else None
    if elicitation is None or (elicitation.form is None and elicitation.url is not None):
        return (
            f"{call.name} needs a person's approval, and this client cannot ask for it (it has no elicitation): "
            "nothing was done."
        )
    question = _question(call)
    if is_version_at_least(context.protocol_version, _ASKED_IN_RESULTS_SINCE):
        # The key holds the arguments' digest: an answer counts for exactly the call that it was given for.
        key = f"approve-{_digest(call)}"
        answer = (responses or {}).get(key)
        if answer is None:
            return mcp_types.InputRequiredResult(input_requests={key: mcp_types.ElicitRequest(params=question)})
        return _read_answer(call, answer)
    try:
        answer = await context.session.elicit_form(question.message, question.requested_schema, context.request_id)
    except MCPError as error:
        return f"{call.name} needs a person's approval, which could not be asked for: {error.message}"
    return _read_answer(call, answer)


def _question(call: ToolCall) -> mcp_types.ElicitRequestFormParams:
    import mcp_types

    shown = json.dumps(call.arguments, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
    shown = shown if len(shown) <= 2000 else f"{shown[:2000]}… ({len(shown)} characters)"
    schema: Any = {
        "type": "object",
        "properties": {"approve": {"type": "boolean", "title": f"Run {call.name}", "default": False}},
        "required": ["approve"],
    }
    return mcp_types.ElicitRequestFormParams(message=f"Run {call.name} with {shown}?", requested_schema=schema)


def _read_answer(call: ToolCall, answer: Any) -> str:
    accepted = getattr(answer, "action", None) == "accept"
    if accepted and (getattr(answer, "content", None) or {}).get("approve") is True:
        return ""
    return f"{call.name} was not approved: the user refused this call. Do not try it again unasked."


def _digest(call: ToolCall) -> str:
    text = json.dumps([call.name, call.arguments], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
