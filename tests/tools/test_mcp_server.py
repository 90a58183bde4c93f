"""Our tools for MCP clients: against the SDK's reference client, over standard streams and over HTTP."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from pericles.tools import ConfigError, ToolRegistry
from pericles.tools.mcp import build_server, serve_mcp
from pericles.tools.mcp.http import build_app, read_address

PROGRAMS = str(Path(__file__).with_name("mcp_programs.py"))
TOKEN = "a token of enough characters"


def talk(conversation, *arguments, mode="auto", program=(PROGRAMS, "ours"), **options):
    """Runs `conversation(client)` with the SDK's client on our server as its child."""
    import mcp
    from mcp.client.stdio import StdioServerParameters

    async def main():
        parameters = StdioServerParameters(command=sys.executable, args=[*program, *arguments], env=dict(os.environ))
        async with mcp.Client(parameters, mode=mode, **options) as client:
            return await conversation(client)

    return asyncio.run(main())


def in_process(registry, conversation, **options):
    """The same without a child."""
    import mcp

    async def main():
        async with mcp.Client(build_server(registry), **options) as client:
            return await conversation(client)

    return asyncio.run(main())


def test_the_reference_client_uses_every_kind_of_tool_over_standard_streams():
    reports = []

    async def report(progress, total, message):
        reports.append((progress, total, message))

    async def conversation(client):
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        slow, add, loud, rich, crash = await asyncio.gather(
            client.call_tool("slow", {"seconds": 0.4}, progress_callback=report),
            client.call_tool("add", {"a": 1, "b": 2}),
            client.call_tool("loud", {}),
            client.call_tool("rich", {}),
            client.call_tool("crash", {}),
        )
        return client.server_info.name, listed, slow, add, loud, rich, crash

    name, listed, slow, add, loud, rich, crash = talk(conversation)
    assert name == "pericles"
    assert listed["add"].input_schema["properties"]["a"] == {"description": "the first.", "type": "integer"}
    assert listed["wipe"].annotations.destructive_hint is True
    assert add.content[0].text == "3"
    assert add.structured_content == {"value": 3}
    # `loud` wrote to standard output in three ways: the protocol went on regardless.
    assert loud.content[0].text == "quiet"
    assert slow.content[0].text == "done"
    assert [message for _, _, message in reports] == [f"step {n}" for n in range(4)]
    assert [progress for progress, _, _ in reports] == sorted({progress for progress, _, _ in reports})
    assert [block.type for block in rich.content] == ["text", "image", "resource_link", "text"]
    assert rich.content[2].uri == "https://example.org/a"
    assert rich.content[3].text.startswith("Source: Note (notes#1)")
    assert crash.is_error
    assert "Traceback" not in crash.content[0].text


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_what_a_client_gets_wrong_is_an_error_result(mode):
    async def conversation(client):
        return [
            await client.call_tool(name, arguments)
            for name, arguments in [
                ("ad", {}),
                ("add", {"a": "x"}),
                ("add", None),
                ("fail", {}),
                ("add", {"a": 1, "b": 2}),
            ]
        ]

    unknown, wrong, missing, failed, right = in_process(some_tools(), conversation, mode=mode)
    assert all(result.is_error for result in (unknown, wrong, missing, failed))
    assert "Did you mean 'add'?" in unknown.content[0].text
    assert "a" in wrong.content[0].text
    assert "b" in wrong.content[0].text
    assert failed.content[0].text == "write something else"
    assert not right.is_error


def test_a_cancelled_call_is_cancelled_in_the_tool():
    import anyio

    cancelled = asyncio.Event()

    async def slow() -> str:
        """Takes long."""
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return "done"

    async def conversation(client):
        with anyio.move_on_after(0.2):
            await client.call_tool("slow", {})
        await asyncio.wait_for(cancelled.wait(), 5)
        return True

    assert in_process(ToolRegistry([slow]), conversation, mode="legacy")


def test_calls_run_side_by_side_and_sequential_ones_alone():
    from pericles.tools import tool

    running, most = set(), {"side": 0, "alone": 0}

    async def counted(name):
        running.add(asyncio.current_task())
        most[name] = max(most[name], len(running))
        await asyncio.sleep(0.05)
        running.discard(asyncio.current_task())
        return "done"

    @tool
    async def side() -> str:
        """May run beside others."""
        return await counted("side")

    @tool(sequential=True)
    async def alone() -> str:
        """May not."""
        return await counted("alone")

    async def conversation(client):
        await asyncio.gather(*(client.call_tool("side", {}) for _ in range(10)))
        await asyncio.gather(*(client.call_tool("alone", {}) for _ in range(5)))

    in_process(ToolRegistry([side, alone]), conversation, mode="legacy")
    assert most == {"side": 10, "alone": 1}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize(
    ("action", "content", "said"),
    [
        ("accept", {"approve": True}, "all wiped"),
        ("accept", {"approve": False}, "not approved"),
        ("accept", None, "not approved"),
        ("decline", None, "not approved"),
        ("cancel", None, "not approved"),
    ],
)
def test_a_person_at_the_client_is_asked(mode, action, content, said):
    import mcp_types

    asked = []

    async def ask(context, params):
        asked.append(params.message)
        return mcp_types.ElicitResult(action=action, content=content)

    async def conversation(client):
        return await client.call_tool("wipe", {"name": "all"}), await client.call_tool("wipe", {"name": "scratch"})

    answered, unasked = in_process(some_tools(), conversation, mode=mode, elicitation_callback=ask)
    assert said in answered.content[0].text
    assert answered.is_error == (said == "not approved")
    assert asked == ['Run wipe with {"name": "all"}?']
    assert unasked.content[0].text == "scratch wiped"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_client_that_cannot_ask_a_person_is_refused(mode):
    async def conversation(client):
        return await client.call_tool("wipe", {"name": "all"})

    result = in_process(some_tools(), conversation, mode=mode)
    assert result.is_error
    assert "approval" in result.content[0].text


def test_an_approval_counts_for_the_call_that_it_was_given_for():
    import mcp_types

    async def ask(context, params):
        return mcp_types.ElicitResult(action="accept", content={"approve": True})

    async def conversation(client):
        first = await client.session.call_tool("wipe", {"name": "this"}, allow_input_required=True)
        (key,) = first.input_requests
        yes = {key: mcp_types.ElicitResult(action="accept", content={"approve": True})}
        other = await client.session.call_tool("wipe", {"name": "that"}, input_responses=yes, allow_input_required=True)
        return other, await client.session.call_tool("wipe", {"name": "this"}, input_responses=yes)

    other, this = in_process(some_tools(), conversation, elicitation_callback=ask)
    assert isinstance(other, mcp_types.InputRequiredResult)
    assert this.content[0].text == "this wiped"


def some_tools():
    from pericles.tools import ToolError, tool

    @tool
    def add(a: int, b: int) -> int:
        """Adds."""
        return a + b

    @tool
    def fail() -> str:
        """Fails."""
        raise ToolError("write something else")

    @tool(requires_approval=lambda arguments: arguments["name"] != "scratch")
    def wipe(name: str) -> str:
        """Wipes something."""
        return f"{name} wiped"

    return ToolRegistry([add, fail, wipe])


# The command


@pytest.mark.slow
def test_the_command_offers_a_file_and_the_built_in_tools(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "import os\nfrom pericles.tools import tool\nprint('loading')\nos.write(1, b'loading')\n\n"
        "@tool\ndef double(number: int) -> int:\n    '''Doubles.'''\n    return 2 * number\n"
    )

    async def conversation(client):
        names = [tool.name for tool in (await client.list_tools()).tools]
        solved = await client.call_tool("math", {"query": "2 + 2"})
        return names, await client.call_tool("double", {"number": 4}), solved

    program = ("-m", "pericles.ui.command", "mcp", "--tools", str(file))
    names, doubled, solved = talk(conversation, program=program)
    assert names == ["math", "search", "double"]
    assert doubled.content[0].text == "8"
    assert "4" in solved.content[0].text


def test_the_command_writes_nothing_but_the_protocol(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "from pericles.tools import tool\nprint('loading')\n\n"
        "@tool\ndef loud() -> str:\n    '''Prints.'''\n    print('calling')\n    return 'quiet'\n"
    )
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "loud", "arguments": {}}},
    ]
    messages[0]["params"] |= {"capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    command = [sys.executable, "-m", "pericles.ui.command", "mcp", "--no-builtin", "--tools", str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(b"".join(json.dumps(message).encode() + b"\n" for message in messages))
        process.stdin.flush()
        lines = [process.stdout.readline(), process.stdout.readline()]
        rest, said = process.communicate(timeout=20)
    assert [json.loads(line)["id"] for line in lines] == [1, 2]
    assert rest == b""
    assert said.split() == [b"loading", b"calling"]
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--no-builtin"], "no tool to offer"),
        (["--http", "127.0.0.1:1", "--port", "2"], "not both"),
        (["--http", "nowhere"], "no address"),
        (["--http", "0.0.0.0:0"], "token"),
        (["--tools", "mth"], "Did you mean 'math'?"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line(arguments, said, capsys, monkeypatch):
    from pericles.ui.command import main

    monkeypatch.delenv("PERICLES_MCP_TOKEN", raising=False)
    assert main(["mcp", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_the_mcp_option_brings_tools_in_and_keeps_names_apart(tmp_path):
    script = tmp_path / "script.json"
    call = '<tool_call>{"name": "ours_add", "arguments": {"a": 40, "b": 2}}</tool_call>'
    script.write_text(json.dumps([call, "done"]))
    file = tmp_path / "mine.py"
    file.write_text("from pericles.tools import tool\n\n@tool\ndef add() -> str:\n    'Mine.'\n    return 'mine'\n")
    program = tmp_path / "ours"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} {PROGRAMS} ours\n")
    program.chmod(0o755)
    command = [sys.executable, "-m", "pericles.ui.command", "ask", "hi", "--json", "--policy", f"script:{script}"]
    command += ["--no-tools", "--tools", str(file), "--mcp", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    (finished,) = [event["result"] for event in events if event["type"] == "ToolCallFinished"]
    assert (finished["name"], finished["text"]) == ("ours_add", "42")


# Over HTTP


@pytest.fixture(scope="module")
def address():
    process = subprocess.Popen([sys.executable, PROGRAMS, "ours", "0"], stderr=subprocess.PIPE, text=True)
    lines = iter(process.stderr.readline, "")
    yield next(line.split()[-1] for line in lines if line.startswith("MCP server on "))
    process.terminate()
    process.wait(10)
    process.stderr.close()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_reference_client_uses_tools_over_http(address, mode):
    import mcp

    reports = []

    async def report(progress, total, message):
        reports.append(message)

    async def main():
        async with mcp.Client(address, mode=mode) as client:
            slow, add, fail = await asyncio.gather(
                client.call_tool("slow", {"seconds": 0.2}, progress_callback=report),
                client.call_tool("add", {"a": 1, "b": 2}),
                client.call_tool("fail", {}),
            )
            return slow, add, fail

    slow, add, fail = asyncio.run(main())
    assert slow.content[0].text == "done"
    assert reports == [f"step {n}" for n in range(4)]
    assert add.structured_content == {"value": 3}
    assert fail.is_error


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"host": "evil.example"}, 421), ({"origin": "http://evil.example"}, 403), ({"content-type": "text/plain"}, 400)],
)
def test_a_page_of_another_site_is_refused(address, headers, status):
    accept = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    reply = httpx.post(address, content=json.dumps(message), headers=accept | headers)
    assert reply.status_code == status


@pytest.mark.parametrize(("sent", "status"), [(None, 401), ("Bearer wrong", 401), (f"Bearer {TOKEN}", 200)])
def test_a_token_is_asked_for_where_one_is_set(sent, status):
    app = build_app(build_server(some_tools()), "0.0.0.0", TOKEN)
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize"}
    message["params"] = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    headers = {"accept": "application/json, text/event-stream"} | ({"authorization": sent} if sent else {})

    async def main():
        started, stopping = asyncio.Event(), asyncio.Event()

        async def receive():
            if started.is_set():
                await stopping.wait()
                return {"type": "lifespan.shutdown"}
            return {"type": "lifespan.startup"}

        async def send(event):
            started.set()

        lifespan = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send))
        await started.wait()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://box.lan:80") as client:
            reply = await client.post("/mcp", json=message, headers=headers)
        stopping.set()
        await lifespan
        return reply.status_code

    assert asyncio.run(main()) == status


def test_an_address_in_use_is_named():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"127.0.0.1:{port}"):
            serve_mcp(some_tools(), http=str(port))


def test_a_short_token_is_refused():
    with pytest.raises(ConfigError, match="16"):
        serve_mcp(some_tools(), http="0.0.0.0:0", token="short")


@pytest.mark.parametrize(
    ("address", "read"),
    [("80", ("127.0.0.1", 80)), ("localhost:1", ("localhost", 1)), ("[::1]:8765", ("::1", 8765))],
)
def test_an_address_is_read(address, read):
    assert read_address(address) == read


@pytest.mark.parametrize("address", ["", "host", "host:", "host:99999", "host:-1", "host:٣"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ConfigError, match="HOST:PORT"):
        read_address(address)
