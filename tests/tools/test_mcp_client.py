"""Tools of MCP servers in our agents: against the SDK's server, ours, a third party's, and broken ones."""

import asyncio
import contextlib
import http.server
import logging
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from pericles.tools import ConfigError, ToolCall, ToolContext, ToolRegistry
from pericles.tools.mcp import MCPServer
from pericles.tools.mcp.names import safe_names
from pericles.tools.tool import NAME_PATTERN

PROGRAMS = str(Path(__file__).with_name("mcp_programs.py"))


def program(name, **options):
    return MCPServer([sys.executable, PROGRAMS, name], name=name, **options)


def call(tools, name, context=None, **arguments):
    return asyncio.run(ToolRegistry(tools).execute(ToolCall("c1", name, arguments), context))


def children():
    return psutil.Process().children(recursive=True)


@pytest.fixture(scope="module")
def theirs():
    with program("theirs") as server:
        yield server


@pytest.fixture(scope="module")
def ours():
    with program("ours") as server:
        yield server


@pytest.fixture(scope="module")
def address():
    """The SDK's server over HTTP, where connecting is quick."""
    with listening("theirs") as url:
        yield url


@contextlib.contextmanager
def listening(name):
    """A program on a free port, and its address."""
    import subprocess

    process = subprocess.Popen([sys.executable, PROGRAMS, name, "0"], stderr=subprocess.PIPE, text=True)
    try:
        lines = iter(process.stderr.readline, "")
        yield next(line.split()[-1] for line in lines if line.startswith("MCP server on "))
    finally:
        process.terminate()
        process.wait(10)
        process.stderr.close()


# What comes back


def test_a_tool_answers(theirs):
    result = call(theirs.tools, "echo", text="hello")
    assert not result.is_error
    assert result.text.endswith("hello")


def test_every_page_of_the_list_is_read(theirs):
    assert len(theirs.tools) == 9


def test_names_that_a_model_may_not_write_are_mapped_and_stay_apart(theirs):
    names = [tool.name for tool in theirs.tools]
    assert len(set(names)) == len(names)
    mapped = next(name for name in names if name.startswith("report_make_now"))
    assert call(theirs.tools, mapped).text.startswith(("report.make/now", "report.make.now"))


def test_a_prefix_is_put_before_every_name(theirs):
    assert all(tool.name.startswith("far_") for tool in theirs.tools_named("far_"))


@pytest.mark.parametrize("names", [["a.b", "a/b", "a_b"], ["x" * 64, "x" * 65, "x" * 66], ["", "1", "-", "é"]])
def test_mapped_names_are_safe_distinct_and_independent_of_the_order(names):
    mapped = safe_names(names)
    assert len(set(mapped.values())) == len(names)
    assert mapped == safe_names(reversed(names))
    assert all(NAME_PATTERN.fullmatch(name) for name in mapped.values())


def test_a_server_that_foresees_a_mapped_name_does_not_make_two_of_it():
    foreseen = safe_names(["a.b", "a/b"])["a.b"]
    assert len(set(safe_names(["a.b", "a/b", foreseen]).values())) == 3


def test_a_name_that_is_allowed_stays():
    assert safe_names(["a.b", "a_b"])["a_b"] == "a_b"


def test_arguments_are_checked_before_they_are_sent(theirs):
    result = call(theirs.tools, "echo", text="x" * 101)
    assert result.is_error
    assert "text" in result.text


def test_every_kind_of_content_arrives(theirs):
    result = call(theirs.tools, "everything")
    assert result.text.startswith("one\n[image left out")
    assert "[audio left out: audio/wav]" in result.text
    assert "inside" in result.text
    assert [(source.title, source.locator) for source in result.sources] == [
        ("A page", "https://example.org/p"),
        ("a b.txt", "file:///notes/a%20b.txt"),
    ]
    assert [image.media_type for image in result.images] == ["image/png"]
    assert result.data == {"n": 1}


def test_a_failed_tool_is_an_error_result(theirs):
    result = call(theirs.tools, "echo", text="fail")
    assert (result.is_error, result.text) == (True, "it failed")


def test_an_error_of_the_protocol_is_an_error_result(theirs):
    result = call(theirs.tools, "echo", text="protocol error")
    assert result.is_error
    assert "theirs" in result.text


def test_only_what_the_server_marks_as_destructive_asks(theirs):
    assert [tool.name for tool in theirs.tools if tool.needs_approval({})] == ["erase"]


@pytest.mark.parametrize(("approval", "asking"), [("always", 9), ("never", 0)])
def test_approval_can_be_chosen(address, approval, asking):
    with MCPServer(address, approval=approval) as server:
        assert sum(tool.needs_approval({}) for tool in server.tools) == asking


def test_a_value_that_json_cannot_carry_does_not_cost_the_connection(theirs):
    assert call(theirs.tools, "echo", text="\ud800 end").text.endswith("end")
    deep = {}
    for _ in range(500):
        deep = {"d": deep}
    assert call(theirs.tools, "echo", more=deep).is_error
    assert not call(theirs.tools, "echo", text="still there").is_error


def test_progress_is_told(ours):
    told = []
    context = ToolContext(call_id="c1", _report=lambda message, fraction: told.append((message, fraction)))
    call(ours.tools, "slow", context, seconds=0.2)
    assert told == [("step 0", None), ("step 1", 0.25), ("step 2", 0.5), ("step 3", 0.75)]


def test_what_our_server_gives_our_client_takes(ours):
    assert call(ours.tools, "add", a=1, b=2).data == {"value": 3}
    assert call(ours.tools, "loud").text == "quiet"
    rich = call(ours.tools, "rich")
    assert rich.text.startswith("a lone ? surrogate")
    assert rich.data == {"x": 1}
    assert [source.locator for source in rich.sources] == ["https://example.org/a"]
    assert rich.images[0].data == b"\x89PNG"


def test_a_third_partys_server_answers():
    with MCPServer(f"{sys.executable} -m mcp_server_time --local-timezone Europe/Athens") as server:
        arguments = {"source_timezone": "Europe/Athens", "time": "12:00", "target_timezone": "Asia/Tokyo"}
        result = call(server.tools, "convert_time", **arguments)
        wrong = call(server.tools, "get_current_time", timezone="Nowhere/Land")
    assert server.name == "mcp_server_time"
    assert "Asia/Tokyo" in result.text
    assert wrong.is_error
    assert "Nowhere/Land" in wrong.text


def test_a_hostile_server_delivers_data_only():
    tag = "<tool_call>"
    with program("hostile") as server:
        (spy,) = server.tools  # the schemas that are wrong or point elsewhere are left out
        result = call(server.tools, spy.name)
    assert tag not in spy.name
    assert tag in spy.description
    assert tag in result.text
    from pericles.policies import Message
    from pericles.policies.engines.chat_format import render, smollm2_template

    def prompt(text, tools):
        return render(smollm2_template(), [Message("tool", text, tool_call_id="c1", name="spy")], tools=tools)

    hostile = prompt(result.text, ToolRegistry([spy]).schemas())
    harmless = prompt("text", ToolRegistry([spy]).schemas()[:0])
    # As many tags as the template itself writes, one of them in its advice on how to call.
    assert hostile.count(tag) == 1
    assert hostile.count("</tool_response>") == harmless.count("</tool_response>")


# From anywhere


def test_an_agent_uses_a_server_and_its_own_tools_in_one_turn(theirs):
    from pericles.agent import Agent
    from pericles.policies import ScriptedPolicy

    calls = '<tool_call>{"name": "%s", "arguments": %s}</tool_call>'
    replies = [calls % ("echo", '{"text": "far"}') + calls % ("math", '{"query": "6*7"}'), "done"]
    result = Agent(ScriptedPolicy(replies), [*theirs.tools, "math"]).run_sync("go")
    told = [message.content for message in result.messages if message.role == "tool"]
    assert result.output == "done"
    assert told[0].endswith("far")
    assert "42" in told[1]


def test_a_program_that_forgets_to_close_leaves_no_process():
    import subprocess

    script = (
        "import sys\nfrom pericles.tools.mcp import MCPServer\n"
        f"MCPServer([sys.executable, {PROGRAMS!r}, 'theirs']).connect()\n"
    )
    before = {child.pid for child in psutil.process_iter()}
    subprocess.run([sys.executable, "-c", script], check=True, timeout=20)
    left = [
        p for p in psutil.process_iter(["cmdline"]) if p.pid not in before and PROGRAMS in (p.info["cmdline"] or [])
    ]
    assert not left


def test_two_event_loops_use_one_server(theirs):
    results = []
    threads = [
        threading.Thread(target=lambda n=n: results.append(call(theirs.tools, "echo", text=f"loop {n}")))
        for n in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.text[-6:] for result in results) == ["loop 0", "loop 1"]


def test_twenty_calls_at_once_run_side_by_side(ours):
    async def turn(registry):
        calls = [ToolCall(f"c{n}", "slow", {"seconds": 0.5}) for n in range(20)]
        start = time.perf_counter()
        results = await asyncio.gather(*(registry.execute(call) for call in calls))
        return results, time.perf_counter() - start

    results, seconds = asyncio.run(turn(ToolRegistry(ours.tools)))
    assert [(result.call_id, result.text) for result in results] == [(f"c{n}", "done") for n in range(20)]
    assert seconds < 4


def test_async_with_connects_without_blocking_the_loop():
    async def main():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        ticking = asyncio.create_task(tick())
        async with program("theirs") as server:
            result = await ToolRegistry(server.tools).execute(ToolCall("c1", "echo", {"text": "hi"}))
        ticking.cancel()
        return result, ticks

    result, ticks = asyncio.run(main())
    assert not result.is_error
    assert ticks > 10


def test_a_cancelled_call_is_cancelled_at_the_server(ours, caplog):
    caplog.set_level(logging.INFO, "pericles.tools.mcp")

    async def main(registry):
        task = asyncio.create_task(registry.execute(ToolCall("c1", "slow", {"seconds": 30.0})))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await registry.execute(ToolCall("c2", "add", {"a": 1, "b": 1}))

    after = asyncio.run(main(ToolRegistry(ours.tools)))
    assert wait_for(lambda: "slow was cancelled" in caplog.text)
    assert after.text == "2"


def test_a_call_that_takes_too_long_is_given_up():
    with program("theirs", timeout=0.3) as server:
        result = call(server.tools, "hang")
        assert result.is_error
        assert "0.3 s" in result.text
        assert wait_for(lambda: "cancelled" in call(server.tools, "echo").text)


# When things go wrong


def test_a_server_that_dies_during_a_call_is_an_error_result_and_is_started_again():
    with program("theirs") as server:
        died = call(server.tools, "die")
        again = call(server.tools, "echo", text="back")
    assert died.is_error
    assert "the MCP server theirs has gone: its last words were: out of memory" in died.text
    assert again.text.endswith("back")


def test_a_server_that_died_between_two_calls_is_started_again():
    before = {child.pid for child in children()}
    with program("theirs") as server:
        for child in children():
            if child.pid not in before:
                child.kill()
        assert wait_for(lambda: not call(server.tools, "echo", text="back").is_error)


def test_close_leaves_no_process_and_can_be_repeated():
    before = {child.pid for child in children()}
    server = program("theirs").connect()
    started = [child for child in children() if child.pid not in before]
    server.close()
    server.close()
    assert started
    assert not any(child.is_running() for child in started)


def test_a_call_after_close_is_an_error_result(address):
    with MCPServer(address) as server:
        tools = server.tools
    result = call(tools, "echo")
    assert result.is_error
    assert "closed" in result.text


def test_close_during_a_call_is_an_error_result(address):
    async def main(server):
        task = asyncio.create_task(ToolRegistry(server.tools).execute(ToolCall("c1", "hang", {})))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(server.close)
        return await task

    result = asyncio.run(main(MCPServer(address).connect()))
    assert result.is_error
    assert "closed" in result.text


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(
    ("name", "timeout", "said"),
    [
        ("refuse", 20.0, "no API key was given"),
        ("hang", 0.5, "did not answer within 0.5 s"),
        ("only_junk", 20.0, "no MCP to its standard"),
    ],
)
def test_a_server_that_does_not_start_is_one_line_that_says_why(name, timeout, said):
    before = children()
    with pytest.raises(ConfigError, match=said) as caught:
        program(name, connect_timeout=timeout).connect()
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)
    assert children() == before


def test_a_command_that_does_not_exist_is_named():
    with pytest.raises(ConfigError, match="command not found: 'no-such-program'"):
        MCPServer("no-such-program --flag").connect()


def test_a_banner_on_standard_output_does_no_harm():
    with program("junk_first") as server:
        assert not call(server.tools, "echo").is_error


def test_standard_error_goes_to_the_log_and_is_bounded(caplog, capfd):
    caplog.set_level(logging.INFO, "pericles.tools.mcp")
    with program("chatty") as server:
        assert not call(server.tools, "echo").is_error
    lines = [record for record in caplog.records if record.name.startswith("pericles.tools.mcp")]
    assert 100 < len(lines) < 300
    assert capfd.readouterr().err == ""


def test_a_child_sees_only_the_variables_that_it_is_given(monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_PROGRAM", "1")
    with program("show_env", env={"GIVEN": "yes"}) as server:
        text = call(server.tools, "env").text
    assert "GIVEN=yes" in text
    assert "SECRET_OF_THE_PROGRAM" not in text


def test_a_command_is_never_read_by_a_shell(tmp_path):
    with pytest.raises(ConfigError):
        MCPServer(f"no-such-program; touch {tmp_path}/made").connect()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "make",
    [
        lambda: MCPServer(""),
        lambda: MCPServer("unbalanced 'quote"),
        lambda: MCPServer("program", headers={"a": "b"}),
        lambda: MCPServer("http://127.0.0.1/mcp", env={"a": "b"}),
        lambda: MCPServer("http:///mcp"),
        lambda: MCPServer("program", approval="sometimes"),
        lambda: MCPServer("program", timeout=0),
        lambda: program("theirs").tools,
    ],
)
def test_an_option_that_makes_no_sense_is_refused(make):
    with pytest.raises(ConfigError):
        make()


# Over HTTP


def test_tools_over_http(address):
    with MCPServer(address) as server:
        assert call(server.tools, "echo", text="over http").text.endswith("over http")
        assert call(server.tools, "echo", text="fail").is_error


def test_cancelling_over_http_is_cancelling_at_the_server(address):
    with MCPServer(address, timeout=0.3) as server:
        assert call(server.tools, "hang").is_error
        assert wait_for(lambda: "cancelled" in call(server.tools, "echo").text)


def test_an_http_server_that_has_gone_is_an_error_result():
    with contextlib.ExitStack() as stack:
        running = contextlib.ExitStack()
        server = stack.enter_context(MCPServer(running.enter_context(listening("theirs"))))
        assert not call(server.tools, "echo").is_error
        running.close()
        result = call(server.tools, "echo")
    assert result.is_error
    assert server.name in result.text


@pytest.mark.parametrize(("status", "said"), [(401, "HTTP 401.*token"), (404, "HTTP 404"), (500, "HTTP 500")])
def test_an_http_error_is_named(status, said):
    with answering(status) as url, pytest.raises(ConfigError, match=said) as caught:
        MCPServer(url, headers={"Authorization": "Bearer s3cret"}).connect()
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_address_where_nobody_listens_is_named():
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1:9/mcp"):
        MCPServer("http://user:s3cret@127.0.0.1:9/mcp").connect()


@contextlib.contextmanager
def answering(status):
    """A web server that knows nothing but one status."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/mcp"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def wait_for(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False
