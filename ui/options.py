"""Options that several commands take."""

from __future__ import annotations

from typing import Annotated

import typer

PolicyOption = Annotated[
    str, typer.Option("--policy", "-p", envvar="PERICLES_POLICY", help="default, smollm2-135m, gguf:PATH, hf:NAME, …")
]
EngineOption = Annotated[str, typer.Option("--engine", help="auto, llama.cpp or transformers.")]
ToolsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--tools", "-t", help="Python file with @tool functions, which is run, or the name of an installed tool."
    ),
]
McpOption = Annotated[
    list[str] | None,
    typer.Option("--mcp", help="MCP server whose tools are offered too: a command in quotes, or an http(s) address."),
]
NoToolsOption = Annotated[bool, typer.Option("--no-tools", help="Offer neither math nor search.")]
MaxTokensOption = Annotated[int, typer.Option("--max-new-tokens", min=1, help="Longest reply, in tokens.")]
TemperatureOption = Annotated[float, typer.Option("--temperature", min=0.0, max=10.0, help="0 is greedy.")]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store", envvar="PERICLES_SESSIONS", help="Path of a SQLite file, or postgresql://USER:PW@HOST/NAME."
    ),
]
