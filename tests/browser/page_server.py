"""Serves the page for the tests: `python page_server.py MARKERS [PORT]`.

What the user says decides what the policy does. MARKERS is a folder in which a waiting reply leaves a file called
`waiting` while it is running and `closed` once it was stopped.
"""

import asyncio
import json
import sys
from pathlib import Path

from pericles.agent import Agent, ConfigError, PolicyError, Source, ToolError
from pericles.policies.engines.messages import TextPiece
from pericles.policies.engines.scripted import ScriptedPolicy
from pericles.tools import ToolOutput, tool
from pericles.ui.web import serve

MARKERS = Path(sys.argv[1])

ATTACK = """\
<script>window.hacked = "script"</script>
<img src=x onerror="window.hacked = 'onerror'">
<svg onload="window.hacked = 'svg'"><a href="javascript:window.hacked='a'">tag link</a>
![remote](https://evil.example/model.png) ![local](/gradio_api/upload)
[click me](javascript:window.hacked='link') [data](data:text/html,<script>window.hacked='data'</script>)
<iframe src="https://evil.example/frame"></iframe><style>@import "https://evil.example/style.css";</style>
`code` ``` $\\href{javascript:window.hacked='latex'}{x}$ $\\includegraphics{https://evil.example/tex.png}$
| a |
|---|
| <img src="https://evil.example/table.png"> |

THE END"""


@tool
def math(expression: str) -> str:
    """Calculates.

    Args:
        expression: what to calculate.
    """
    if expression == "1/0":
        raise ToolError("division by zero: write another divisor.")
    return "374881752"


@tool
def hostile(query: str) -> ToolOutput:
    """Returns an attack."""
    return ToolOutput(ATTACK, sources=(Source(ATTACK, f"https://evil.example/{ATTACK}", ATTACK, "<b>now</b>"),))


@tool(requires_approval=True)
def pay(amount: str) -> str:
    """Pays.

    Args:
        amount: how much.
    """
    return f"paid {amount}"


def call(name: str, **arguments: str) -> str:
    return f"<tool_call>{json.dumps({'name': name, 'arguments': arguments})}</tool_call>"


class PagePolicy(ScriptedPolicy):
    def __init__(self) -> None:
        super().__init__(["unused"], name="page-test")

    async def stream(self, messages, **options):
        said = [message.content for message in messages if message.role == "user"]
        if said[-1] == "wait":
            async for event in self._wait():
                yield event
        if said[-1] == "fail":
            raise PolicyError("the model's file is gone: fetch it again.")
        if said[-1] == "crash":
            raise RuntimeError("a secret detail of the program")
        script = ScriptedPolicy([self._reply(messages, said)], seconds_per_piece=0.01)
        async for event in script.stream(messages, **options):
            yield event

    async def _wait(self):
        try:
            yield TextPiece("Let me think")
            (MARKERS / "waiting").touch()
            await asyncio.Event().wait()
        finally:
            (MARKERS / "closed").touch()

    def _reply(self, messages, said):
        answered = messages[-1].role == "tool"
        match said[-1]:
            case "multiply":
                return (
                    "It is **374881752**, so $a<b$ for $5 and $6."
                    if answered
                    else call("math", expression="37821 * 9912")
                )
            case "divide":
                return "That cannot be done." if answered else call("math", expression="1/0")
            case "pay":
                return f"So: {messages[-1].content}" if answered else call("pay", amount="5")
            case "attack":
                return f"{ATTACK} [1]" if answered else call("hostile", query=ATTACK)
            case _:
                return f"You said: {' | '.join(said)}."


if __name__ == "__main__":
    try:
        serve(Agent(PagePolicy(), [math, hostile, pay]), port=int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    except ConfigError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
