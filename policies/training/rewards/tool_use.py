"""Whether the right tool was asked the right thing, and how many calls that took.

A policy that is trained on these will try a call that asks for nothing, several calls of which one hits, the user's
whole message as the query, and saying nothing where no tool is wanted. So only the first call counts, it must ask
something, and none at all is right only where there is an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ....agent.content import content
from ....evals.scorers.overlap import tokens
from .asking import Solver
from .formulas import squeezed
from .reply import Reply
from .statements import read_value
from .turns import Made, calls_of, is_forged

MATH = "math"
MAX_COST = 32.0
"""`calls` is no greater."""
NEAR = 0.5
"""A query of the solver with another result earns no more than this, however near it looks."""

_MOST_CHARS = 2_000


def tool(reply: Reply) -> float | None:
    """1 where the first call is to the expected tool, or rightly none is made; else 0.

    The call must be readable, fit the tool, and ask for something where a query is expected. Where no tool is wanted,
    there must be an answer. `None` where nothing is known of the tool.
    """
    expected = reply.prompt.expected
    if expected.tool is None:
        return None
    if is_forged(reply):
        return 0.0
    made = calls_of(reply)
    if not expected.tool:
        return float(not made and bool(reply.output.strip()))
    return float(bool(made) and _is_to(made[0], expected.tool, asks=expected.query is not None))


def query(reply: Reply) -> float | None:
    """How near the first call's query is to the expected one, 0 to 1; `None` where no query is expected.

    1 for the same query, and for one of the solver with the same result. Else the F1 of the words that both hold,
    grammar left out, for a search; half the F1 of numbers, names and signs for the solver, where a near query gives a
    wrong result. 0 for another tool.
    """
    return score_queries([reply])[0]


def score_queries(replies: Sequence[Reply]) -> list[float | None]:
    """`query` of a batch; the solver is asked once for all of them.

    Raises:
        TrainingError: the solver does not run.
    """
    return Solver().settled(lambda solver: [judge_query(reply, solver) for reply in replies])


def judge_query(reply: Reply, solver: Solver) -> float | None:
    """The reward of one reply, by what the solver knows so far."""
    expected = reply.prompt.expected
    if expected.query is None:
        return None
    made = calls_of(reply)
    name = expected.tool or (made[0].call.name if made else "")
    if is_forged(reply) or not made or not _is_to(made[0], name, asks=True):
        return 0.0
    asked = (made[0].query or "")[:_MOST_CHARS]
    if _folded(asked) == _folded(expected.query):
        return 1.0
    if name != MATH:
        return _f1(_words(asked), _words(expected.query))
    if squeezed(asked) == squeezed(expected.query) or _same_result(made[0], expected.query, solver):
        return 1.0
    return NEAR * _f1(_signs(asked), _signs(expected.query))


def calls(reply: Reply) -> float:
    """What the calls cost: 1 for each, 2 for one that was made before in the turn, 32 at most.

    Recipes give this a negative weight. It is no reward to be earned, so a forged result does not spare it.
    """
    return min(MAX_COST, float(sum(2 if made.repeated else 1 for made in calls_of(reply))))


def tool_figures(replies: Sequence[Reply]) -> dict[str, float]:
    """Figures of tool use for the log, over all replies.

    Args:
        replies: of a step.

    Returns:
        `calls` (per reply), `failed` and `repeated` (shares of the calls), and, over the replies whose tool is known,
        `precision` (of those that call, the share whose first call is to the tool that is needed) and `recall` (of
        those that need a tool, the share that call it first). A share of nothing is left out.
    """
    made = [calls_of(reply) for reply in replies]
    every = [call for turn in made for call in turn]
    figures = {"calls": len(every) / len(replies)} if replies else {}
    if every:
        figures["failed"] = sum(call.failed for call in every) / len(every)
        figures["repeated"] = sum(call.repeated for call in every) / len(every)
    known = [(reply.prompt.expected.tool, turn) for reply, turn in zip(replies, made, strict=True)]
    known = [(name, turn) for name, turn in known if name is not None]
    called = sum(bool(turn) for _, turn in known)
    needed = sum(bool(name) for name, _ in known)
    right = sum(bool(name and turn) and turn[0].call.name == name for name, turn in known)
    if called:
        figures["precision"] = right / called
    if needed:
        figures["recall"] = right / needed
    return figures


def _is_to(made: Made, name: str, *, asks: bool) -> bool:
    if made.call.name != name or made.is_unfit:
        return False
    return not asks or bool(made.query and any(map(str.isalnum, made.query)))


def _same_result(made: Made, query: str, solver: Solver) -> bool:
    if made.failed:
        return False
    solution = solver.solve(query)
    if solution is None:
        return False
    if solution.text.strip() == made.text.strip():
        return True
    first, second = read_value(made.text), read_value(solution.text)
    if first is None or second is None or first.formula is None or second.formula is None:
        return False
    return solver.equal(first.formula.text, second.formula.text)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _words(text: str) -> Counter[str]:
    """What a query says, grammar left out; all of its words where that leaves nothing."""
    said = content(text[:_MOST_CHARS])
    return Counter([*said.units, *(f"{number.value:g}" for number in said.numbers)]) or Counter(tokens(text))


def _signs(text: str) -> Iterable[str]:
    return [*tokens(text), *(sign for sign in text if sign in "+-*/^=<>")]


def _f1(found: Iterable[str], wanted: Iterable[str]) -> float:
    found, wanted = Counter(found), Counter(wanted)
    shared = (found & wanted).total()
    return round(2 * shared / (found.total() + wanted.total()), 4) if shared else 0.0
