"""A process that is killed in the middle of a turn loses at most the message that it was writing."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time

from pericles.agent import Agent, SQLiteSession
from pericles.policies import ScriptedPolicy

KILLS = 8

# Talks without end, and tells of each message once the session has it.
TALKER = """
import asyncio, json, sys
from pericles.agent import Agent, SQLiteSession
from pericles.policies import ScriptedPolicy
from pericles.tools import tool

@tool
async def pause(n: int) -> str:
    '''Waits a moment.'''
    await asyncio.sleep(0.03 * n)
    return f"result {n}"

def call(n):
    return '<tool_call>' + json.dumps({"name": "pause", "arguments": {"n": n}}) + '</tool_call>'

agent = Agent(ScriptedPolicy([call(1) + call(3) + call(2), call(4), "Done."], seconds_per_piece=0.0005), tools=[pause])

async def main():
    session = SQLiteSession("s", sys.argv[1])
    for number in range(10_000):
        async with agent.stream(f"{sys.argv[2]} {number}", session=session) as turn:
            async for event in turn:
                if event.type == "MessageCompleted":
                    print(json.dumps(event.message.to_dict()), flush=True)

asyncio.run(main())
"""


def talk_until_killed(file, name, seconds):
    command = [sys.executable, "-c", TALKER, str(file), name]
    talker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = talker.stdout.readline()
    assert first, talker.stderr.read()
    time.sleep(seconds)
    os.kill(talker.pid, signal.SIGKILL)
    rest, _ = talker.communicate()
    # A line without its end was cut off by the kill.
    return [json.loads(line) for line in (first + rest).split("\n")[:-1]]


def test_what_was_completed_is_kept_and_the_history_is_valid(tmp_path, check_history):
    rng = random.Random(3)
    file = tmp_path / "sessions.sqlite"
    told = []
    for kill in range(KILLS):
        told += talk_until_killed(file, f"life {kill}", rng.uniform(0.0, 0.2))
        session = SQLiteSession("s", file)
        messages = asyncio.run(session.messages())
        check_history(messages)
        stored = [entry.message.to_dict() for entry in asyncio.run(session.branch())]
        assert [message for message in told if message not in stored] == []
        assert len(stored) - len(told) <= kill + 1  # one that was stored and not told any more, each time
    result = asyncio.run(Agent(ScriptedPolicy(["Still here."])).run("Are you there?", session=session))
    assert result.output == "Still here."
    check_history(asyncio.run(session.messages()))
    # The kills hit turns in the middle, or this test has shown nothing.
    cut = [m for m in asyncio.run(session.messages()) if m.content == "Error: interrupted before it finished."]
    assert cut
