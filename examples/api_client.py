"""The official OpenAI client talks to the agent: a server of ours, its tools, and a conversation that it keeps.

.venv/bin/python examples/api_client.py
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import openai

# Stands in for a model; with `--policy default` it is the one that ships.
REPLIES = [
    '<tool_call>{"name": "math", "arguments": {"query": "37821 * 9912"}}</tool_call>',
    "It is 374881752.",
    "You asked what 37821 times 9912 is.",
]
COMMAND = [sys.executable, "-m", "pericles.ui.command", "serve", "--api", "--port", "0"]


def ask(client: openai.OpenAI, question: str) -> None:
    stream = client.chat.completions.create(
        model="pericles",
        messages=[{"role": "user", "content": question}],
        stream=True,
        extra_body={"pericles": {"session": "example", "events": True}},
    )
    for chunk in stream:
        event = (chunk.model_extra or {}).get("pericles", {}).get("event", {})
        if event.get("type") == "ToolCallFinished":
            print(f"[{event['result']['name']}: {event['result']['text']}]")
        print(chunk.choices[0].delta.content or "", end="")
    print()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "replies.yaml")
        script.write_text(json.dumps(REPLIES))
        store = str(Path(folder, "conversations.sqlite"))
        with subprocess.Popen(
            [*COMMAND, "--policy", f"script:{script}", "--store", store], stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout
            address = re.search(r"http\S+", server.stdout.readline())
            assert address
            with openai.OpenAI(base_url=address[0], api_key="none") as client:
                ask(client, "What is 37821 times 9912?")
                ask(client, "What did I ask?")
            server.terminate()


if __name__ == "__main__":
    main()
