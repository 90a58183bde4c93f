"""An answer behind an exact tool states its result, whatever the policy makes of it."""

import asyncio

import pytest
from pericles.agent import Agent, AnswerCorrected, InMemorySession, TextDelta
from pericles.agent.restating import Restating
from pericles.agent.testing import FunctionPolicy
from pericles.policies.engines import Message
from pericles.tools import ToolCall, tool


def through(answer, result, *known, size=3):
    """What is said of an answer that comes in pieces of so many characters, and what was replaced."""
    restating = Restating([result], known)
    said = "".join(restating.write(answer[at : at + size]) for at in range(0, len(answer), size))
    return said + restating.end(), restating.replaced.strip()


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("answer", "result", "asked"),
    [
        ("The result is 408.", "408", "what is 17 * 24"),
        ("17 * 24 = 408.", "408", "what is 17 * 24"),
        ("That gives 1,234,567.", "1234567", "1234560 + 7"),
        ("It is about 0.333.", "1/3 (0.333333333333333)", "a third?"),
        ("It is 25.5, or 51/2.", "51/2 (25.5)", "51 over 2"),
        ("The derivative is 3x^2 + 2x.", "3*x^2 + 2*x", "differentiate x^3 + x^2"),
        (r"It is $\frac{1}{2}$.", "1/2 (0.5)", "half"),
        ("There are 2 solutions: x = -3 or x = 3.", "x = -3 or x = 3", "solve x^2 = 9"),
        ("The answer is -4 °C. Take a coat!", "-4", "24.8 °F in Celsius"),
        ("Yes, 97 is prime.", "yes: 97 is prime", "is 97 prime"),
        ("It does not converge.", "divergent", "sum of 1/n"),
        ("Das sind 12 %.", "12%", "12 von 100"),
        ("答案是408。", "408", "17乘以24"),
        ("It is 408 [1].", "408", "17 * 24"),
    ],
)
def test_what_states_the_result_is_said_as_it_is(answer, result, asked, size):
    assert through(answer, result, asked, size=size) == (answer, "")


@pytest.mark.parametrize(
    ("answer", "result", "asked", "said", "replaced"),
    [
        ("The result is 418.", "408", "17 * 24", "408", "The result is 418."),
        ("Sure! It is 418. Ask me more.", "408", "17 * 24", "Sure!\n\n408", "It is 418. Ask me more."),
        ("x = 2 or x = 4", "x = 2 or x = 3", "solve x^2 - 5x + 6 = 0", "x = 2 or x = 3", "x = 2 or x = 4"),
        ("It is 0.33.", "1/3 (0.333333333333333)", "a third", "1/3 (0.333333333333333)", "It is 0.33."),
        ("That is 1.", "0", "sin(0)", "0", "That is 1."),
        ("Das ist 407,5.", "408", "17 * 24", "408", "Das ist 407,5."),
        ("答案是418。", "408", "17乘以24", "408", "答案是418。"),
    ],
)
def test_another_number_is_not_said(answer, result, asked, said, replaced):
    assert through(answer, result, asked) == (said, replaced)


@pytest.mark.parametrize(
    ("answer", "result", "asked", "said"),
    [
        ("17 * 24 is easy.", "408", "17 * 24", "17 * 24 is easy.\n\n408"),
        ("", "408", "17 * 24", "408"),
        ("Done.", "sent", "mail it", "Done."),
        ("It is on.", "timer set for 5 minutes", "5 minute timer", "It is on."),
    ],
)
def test_a_result_that_was_not_told_is_put_behind(answer, result, asked, said):
    assert through(answer, result, asked) == (said, "")


def calls_then_says(name, answer, **arguments):
    def speak(messages, tools):
        if messages[-1].role == "tool":
            return answer
        return Message("assistant", "", (ToolCall("c", name, arguments),))

    return FunctionPolicy(speak)


async def turn(agent, asked, session=None):
    events = []
    async with agent.stream(asked, session=session) as stream:
        async for event in stream:
            events.append(event)
    return stream.result, events


def test_the_solver_s_result_stands_in_the_conversation():
    session = InMemorySession()
    agent = Agent(calls_then_says("math", "The result is 418.", query="17*24"), ["math"])
    result, events = asyncio.run(turn(agent, "what is 17 * 24", session))
    assert result.output == "408"
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "408"
    assert [event.said for event in events if isinstance(event, AnswerCorrected)] == ["The result is 418."]
    last = asyncio.run(session.branch())[-1].message
    assert (last.content, last.meta["replaced"]) == ("408", "The result is 418.")


def test_it_can_be_switched_off():
    agent = Agent(calls_then_says("math", "The result is 418.", query="17*24"), ["math"], restates=False)
    result, events = asyncio.run(turn(agent, "what is 17 * 24"))
    assert result.output == "The result is 418."
    assert not [event for event in events if isinstance(event, AnswerCorrected)]


@pytest.mark.parametrize(("exact", "said"), [(True, "28.27"), (False, "It is 30 square metres.")])
def test_a_tool_of_ones_own_may_be_exact(exact, said):
    @tool(exact=exact)
    def area(radius: float) -> float:
        """Area of a circle.

        Args:
            radius: in metres.
        """
        return round(3.14159 * radius**2, 2)

    agent = Agent(calls_then_says("area", "It is 30 square metres.", radius=3), [area])
    assert asyncio.run(turn(agent, "how large is a circle of 3 m"))[0].output == said


def test_a_failed_call_and_a_question_of_the_policy_are_left_alone():
    agent = Agent(calls_then_says("math", "Did you mean 17 * 25?", query="17*"), ["math"])
    assert asyncio.run(turn(agent, "what is 17 *"))[0].output == "Did you mean 17 * 25?"


def test_numbers_of_earlier_turns_are_known():
    session = InMemorySession()

    async def both():
        await turn(Agent(calls_then_says("math", "It is 408.", query="17*24"), ["math"]), "17 * 24", session)
        return await turn(
            Agent(calls_then_says("math", "Half of 408 is 204.", query="408/2"), ["math"]), "and half?", session
        )

    assert asyncio.run(both())[0].output == "Half of 408 is 204."
