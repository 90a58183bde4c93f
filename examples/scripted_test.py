"""Testing an agent without a model: the replies are written down, everything else is real.

.venv/bin/python examples/scripted_test.py
"""

from pericles.agent import Agent
from pericles.policies import ScriptedPolicy

policy = ScriptedPolicy(
    [
        '<tool_call>{"name": "math", "arguments": {"query": "integrate x^2 from 0 to 3"}}</tool_call>',
        "The integral is 9.",
    ]
)
result = Agent(policy, tools=["math"]).run_sync("What is the integral of x squared from 0 to 3?")

roles = [message.role for message in result.messages]
assert roles == ["user", "assistant", "tool", "assistant"], roles
assert result.messages[2].content == "9", result.messages[2]
print(result.output)
