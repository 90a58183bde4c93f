"""The `pericles` command.

Exit codes: 0 done, 1 our fault, 2 the user's mistake, 3 a gate failed, 4 a gate is underpowered, 130 interrupted. An
error is one line; with `PERICLES_DEBUG=1` the traceback comes with it.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

from ..tools import ConfigError, PericlesError
from ..tools.locations import data_dir
from . import (
    constitution_command,
    demonstrate_command,
    eval_command,
    feedback_command,
    index_command,
    models_command,
    plan_command,
    policies_command,
    rank_command,
    runs_command,
    sessions_command,
    tools_command,
    train_command,
)
from .options import (
    EngineOption,
    MaxTokensOption,
    McpOption,
    NoToolsOption,
    PolicyOption,
    StoreOption,
    TemperatureOption,
    ToolsOption,
)

if TYPE_CHECKING:
    from ..agent import Agent

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A tool-augmented conversational agent that you run yourself.",
)
for _name, _group in (
    ("models", models_command),
    ("index", index_command),
    ("tools", tools_command),
    ("sessions", sessions_command),
    ("eval", eval_command),
    ("runs", runs_command),
    ("policies", policies_command),
    ("constitution", constitution_command),
    ("rank", rank_command),
    ("feedback", feedback_command),
):
    app.add_typer(_group.app, name=_name)


@app.command()
def chat(
    policy: PolicyOption = "default",
    engine: EngineOption = "auto",
    tools: ToolsOption = None,
    mcp: McpOption = None,
    no_tools: NoToolsOption = False,
    max_new_tokens: MaxTokensOption = 512,
    temperature: TemperatureOption = 0.0,
    session: Annotated[
        str | None, typer.Option("--session", "-s", help="Name of a stored conversation to continue.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="While an answer comes, + and - click on it; they choose what is said next.")
    ] = False,
) -> None:
    """Talk in the terminal."""
    from .terminal import Terminal

    make = _agent_maker(engine, tools, mcp, no_tools, max_new_tokens, temperature)
    clicked = None
    if live:
        from .live_chat import LiveChat

        clicked = LiveChat()
    Terminal(make, policy, session, clicked).run()


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; '-' reads it from standard input.")],
    policy: PolicyOption = "default",
    engine: EngineOption = "auto",
    tools: ToolsOption = None,
    mcp: McpOption = None,
    no_tools: NoToolsOption = False,
    max_new_tokens: MaxTokensOption = 512,
    temperature: TemperatureOption = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print every event as a line of JSON.")] = False,
) -> None:
    """Answer one question."""
    from .terminal import ask_once

    text = sys.stdin.read() if question == "-" else question
    if not text.strip():
        raise ConfigError("the question is empty.")
    make = _agent_maker(engine, tools, mcp, no_tools, max_new_tokens, temperature)
    raise typer.Exit(ask_once(make, policy, text, as_json=as_json))


@app.command()
def serve(
    policy: PolicyOption = "default",
    engine: EngineOption = "auto",
    tools: ToolsOption = None,
    mcp: McpOption = None,
    no_tools: NoToolsOption = False,
    max_new_tokens: MaxTokensOption = 512,
    temperature: TemperatureOption = 0.0,
    host: Annotated[str, typer.Option(help="Address to listen on; only this machine by default.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="7860, or 8000 with --api; 0 takes any free one.")
    ] = None,
    api: Annotated[bool, typer.Option("--api", help="Serve an OpenAI-compatible API in place of the page.")] = False,
    new_key: Annotated[
        str | None, typer.Option("--new-key", metavar="NAME", help="Print a fresh API key for this client, and exit.")
    ] = None,
    store: StoreOption = None,
    max_running: Annotated[int | None, typer.Option(min=1, help="API: turns at the same time (16).")] = None,
    max_queued: Annotated[int | None, typer.Option(min=0, help="API: requests that may wait (64).")] = None,
    seconds: Annotated[float | None, typer.Option(min=0.01, help="API: the longest turn (600).")] = None,
    shutdown_seconds: Annotated[
        float | None, typer.Option(min=0.0, help="API: how long running turns may go on at the end (30).")
    ] = None,
) -> None:
    """Open the web page, or serve the agent as an OpenAI-compatible API."""
    if new_key is not None:
        from .api.keys import new_key as fresh_key

        typer.echo(fresh_key(new_key))
        return
    make = _agent_maker(engine, tools, mcp, no_tools, max_new_tokens, temperature)
    changes = {
        "max_running": max_running,
        "max_queued": max_queued,
        "seconds": seconds,
        "shutdown_seconds": shutdown_seconds,
    }
    if api:
        from .api import DEFAULT_PORT, serve_api

        chosen = DEFAULT_PORT if port is None else port
        serve_api(lambda: make(policy), host=host, port=chosen, store=store, changes=changes)
        return
    for name, value in changes.items():
        if value is not None:
            raise ConfigError(f"--{name.replace('_', '-')} is for the API: add --api.")
    from .web import serve as serve_page

    serve_page(make(policy), host=host, port=7860 if port is None else port)


@app.command()
def mcp(
    tools: Annotated[
        list[str] | None,
        typer.Option("--tools", "-t", help="A Python file with @tool functions, which is run, or a built-in's name."),
    ] = None,
    http: Annotated[str | None, typer.Option(help="Listen on HOST:PORT instead of standard input.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Listen on this port of 127.0.0.1.")] = None,
    no_builtin: Annotated[bool, typer.Option("--no-builtin", help="Offer neither math nor search.")] = False,
) -> None:
    """Offer the tools to any MCP client, over standard input and output by default.

    With --http on an address that others can reach, clients need the token in PERICLES_MCP_TOKEN.
    """
    from .mcp_tools import serve_tools

    serve_tools(tools or [], http=http, port=port, builtin=not no_builtin)


@app.command()
def math(
    query: Annotated[str, typer.Argument(help="The formula or question; '-' reads it from standard input.")],
    precision: Annotated[int, typer.Option(min=1, max=1000, help="Significant digits of decimals.")] = 15,
    timeout: Annotated[float, typer.Option(min=0.1, max=3600.0, help="Seconds until it is given up.")] = 10.0,
    steps: Annotated[bool, typer.Option("--steps", help="Print how the answer comes about.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Write a picture to this .png or .svg file.")] = None,
    latex: Annotated[bool, typer.Option("--latex", help="Print the exact answer as LaTeX.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole solution as JSON.")] = False,
) -> None:
    """Compute exactly, without a model. Exit code 2 when the question cannot be read or has no answer."""
    from .mathematics import compute

    raise typer.Exit(
        compute(query, precision=precision, timeout=timeout, latex=latex, as_json=as_json, steps=steps, plot=plot)
    )


app.command("compare")(eval_command.compare)
app.command("train")(train_command.train)
app.command("plan")(plan_command.plan)
app.command("demonstrate")(demonstrate_command.demonstrate)


def _agent_maker(
    engine: str,
    tools: list[str] | None,
    servers: list[str] | None,
    no_tools: bool,
    max_new_tokens: int,
    temperature: float,
) -> Callable[[str], Agent]:
    """Checks everything but the policy at once, and returns what makes an agent of a policy reference."""
    from ..agent import Agent, GenerationConfig
    from ..policies import load_policy
    from . import toolbox

    offered = toolbox.offered(tools or (), builtin=not no_tools)
    if servers:
        from .mcp_tools import offer_servers

        offer_servers(offered, servers)
    config = GenerationConfig(max_new_tokens=max_new_tokens, temperature=temperature)

    def make(ref: str) -> Agent:
        return Agent(load_policy(ref, engine=engine), offered, config=config)  # pyright: ignore[reportArgumentType]

    return make


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for name, group, usual in (
        ("index", index_command.app, "add"),
        ("eval", eval_command.app, "run"),
        ("rank", rank_command.app, "run"),
    ):
        if len(arguments) > 1 and arguments[0] == name and arguments[1] not in (*_names(group), "--help"):
            arguments.insert(1, usual)
    _log_to_file()
    try:
        return app(args=arguments, prog_name="pericles", standalone_mode=False) or 0
    except typer.Exit as exit_:
        return exit_.exit_code
    except TyperException as error:
        return _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader is gone; a second attempt to flush at exit would only complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except PericlesError as error:
        return _failed(error, 2 if isinstance(error, ConfigError) else 1)
    except Exception as error:  # the last boundary: one line for the user, the rest in the log
        logging.getLogger(__name__).exception("the command failed")
        return _failed(error, 1)


def _misused(error: TyperException) -> int:
    """A wrong option or argument; no arguments at all has shown the help already."""
    text = " ".join(error.format_message().split())
    if text:
        print(f"pericles: {text.rstrip('.')}. Try --help.", file=sys.stderr)
    return 2


def _failed(error: Exception, code: int) -> int:
    if os.environ.get("PERICLES_DEBUG"):
        import traceback

        traceback.print_exception(error)
    text = " ".join(str(error).split())
    if not isinstance(error, PericlesError):
        text = f"unexpected {type(error).__name__}: {text}. Set PERICLES_DEBUG=1 to see where."
    print(f"pericles: {text}", file=sys.stderr)
    return code


def _names(group: typer.Typer) -> list[str]:
    return [command.name for command in group.registered_commands if command.name]


def _log_to_file() -> None:
    """Tracebacks of tools and engines go to a file: the terminal belongs to the conversation."""
    try:
        data_dir().mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.FileHandler(data_dir() / "pericles.log", delay=True, encoding="utf-8")
    except OSError:
        handler = logging.NullHandler()
    logging.basicConfig(
        level=logging.WARNING, handlers=[handler], format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )


def run() -> None:
    """Entry point of the console script."""
    sys.exit(main())


if __name__ == "__main__":
    run()
