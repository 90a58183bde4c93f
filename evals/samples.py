"""What a suite is made of: samples, and what a policy made of one.

A sample is one of three tasks. *reply*: the policy answers one turn or several, as an agent with or without tools,
and scorers look at what it did. *choice*: it picks one of several texts, by how likely it holds each (`loglik`) or by
saying which (`generate`). *text*: how likely it holds a text (perplexity).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ..policies.engines import Message
from ..tools import Source, ToolCall, ToolResult

if TYPE_CHECKING:
    from .scorers import Scorer

Task = Literal["reply", "choice", "text"]
# How a choice was made: by log-likelihood, or by saying which.
Method = Literal["loglik", "generate"]
# `chat`: through the policy's chat template. `completion`: the bare text, as base models are measured.
Form = Literal["chat", "completion"]


@dataclass(frozen=True, slots=True)
class DataTool:
    """A tool that a suite file describes: its schema, and what it answers to every call.

    Args:
        name: what the model writes.
        description: what the model reads.
        parameters: JSON schema of the arguments (an object schema).
        result: the text that a call is answered with.
        is_error: whether that answer is an error.
        sources: passages that the result can be cited by.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    result: str = "done"
    is_error: bool = False
    sources: tuple[Source, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "description": self.description,
            "parameters": self.parameters,
            "result": self.result,
            "is_error": self.is_error,
            "sources": [source.to_dict() for source in self.sources],
        }


@dataclass(frozen=True, slots=True)
class Check:
    """What is asked of one turn of a reply.

    Args:
        name: how the report calls it.
        scorer: what decides.
        turn: which turn it looks at, from 0; -1 is the last.
    """

    name: str
    scorer: Scorer
    turn: int = -1


@dataclass(frozen=True, slots=True)
class Choices:
    """The texts of a choice task.

    Args:
        texts: as the suite lists them.
        right: indices of the right ones.
        listed: whether the policy is shown the texts under letters and answers with a letter; else each text itself is
            weighed as the answer.
        shuffle: whether the listing is shuffled, by the sample's id, so that no place is favoured.
        score: `best`: the likeliest is right. `mass`: the share of probability on the right ones (TruthfulQA's MC2).
        prefix: what stands before each text in the completion form, such as a space.
        normalise: whether log-likelihoods are divided by the text's length in characters before they are compared.
    """

    texts: tuple[str, ...]
    right: tuple[int, ...]
    listed: bool = True
    shuffle: bool = True
    score: Literal["best", "mass"] = "best"
    prefix: str = " "
    normalise: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One item of a suite.

    Args:
        id: unique in its suite.
        turns: what the user says, turn by turn; for a choice the question; for a text the text itself.
        history: the conversation before that.
        task: see the module.
        checks: what a reply is asked for; all must hold.
        choices: of a choice task.
        tools: names of built-in tools, and tools that the suite describes.
        system: the system message; the agent's own by default.
        shots: solved examples that may be shown before: `(question, answer)` pairs. In the completion form the text is
            `preamble + (question + answer + "\\n\\n") for each + question`.
        preamble: what the completion form starts with.
        max_new_tokens: the longest reply.
        stop: a reply in the completion form ends before any of these.
        form: `chat` or `completion`.
        tags: slices of the report.
        cluster: what samples that belong together share; their own id by default.
        meta: whatever else the report should show.
        gold: replies that people have scored, `(reply, score)`, by which a judge is checked.
    """

    id: str
    turns: tuple[str, ...]
    history: tuple[Message, ...] = ()
    task: Task = "reply"
    checks: tuple[Check, ...] = ()
    choices: Choices | None = None
    tools: tuple[str | DataTool, ...] = ()
    system: str | None = None
    shots: tuple[tuple[str, str], ...] = ()
    preamble: str = ""
    max_new_tokens: int = 256
    stop: tuple[str, ...] = ()
    form: Form = "chat"
    tags: tuple[str, ...] = ()
    cluster: str = ""
    meta: dict[str, Any] = field(default_factory=dict[str, Any])
    gold: tuple[tuple[str, float], ...] = ()

    def request(self) -> dict[str, Any]:
        """All that decides what the policy is sent; JSON-able."""
        return {
            "task": self.task,
            "turns": list(self.turns),
            "history": [message.to_dict() for message in self.history],
            "choices": None if self.choices is None else _choices_dict(self.choices),
            "tools": [tool if isinstance(tool, str) else tool.to_dict() for tool in self.tools],
            "system": self.system,
            "shots": [list(shot) for shot in self.shots],
            "preamble": self.preamble,
            "max_new_tokens": self.max_new_tokens,
            "stop": list(self.stop),
            "form": self.form,
        }


def _choices_dict(choices: Choices) -> dict[str, Any]:
    return {
        "texts": list(choices.texts),
        "listed": choices.listed,
        "shuffle": choices.shuffle,
        "prefix": choices.prefix,
    }


@dataclass(frozen=True, slots=True)
class Suite:
    """Samples that are reported as one figure.

    Args:
        name: what the command and the reports call it.
        description: one or two sentences on what it measures.
        samples: in the order of the report.
        part: which check is the suite's score; by default a sample scores where every check holds.
        shown: how many of a sample's shots are shown; several numbers make a sample for each.
        tags: groups that the suite belongs to, such as `general` or `safety`.
        licence: of its items.
        source: where they come from.
        skipped: records that could not be read, with the reason, for sets that others publish.
    """

    name: str
    description: str
    samples: tuple[Sample, ...]
    part: str | None = None
    shown: tuple[int, ...] = (0,)
    tags: tuple[str, ...] = ()
    licence: str = "Apache-2.0"
    source: str = ""
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a policy did in one turn; what scorers look at.

    Args:
        prompt: what the user said.
        answer: the final text.
        calls: the tool calls in order.
        results: their results, in the same order.
        status: how the turn ended, see `TurnFinished`.
        sources: what the answer's marks stand for, by number.
        supported: of each sentence that claims something and cites, whether its source supports it.
        error: what went wrong, for a turn that failed.
    """

    prompt: str
    answer: str
    calls: tuple[ToolCall, ...] = ()
    results: tuple[ToolResult, ...] = ()
    status: str = "completed"
    sources: dict[int, Source] = field(default_factory=dict[int, Source])
    supported: tuple[bool, ...] = ()
    error: str | None = None

    @classmethod
    def from_events(cls, prompt: str, events: Sequence[dict[str, Any]]) -> Reply:
        """Reads a turn back from its events, as the log keeps them."""
        calls: dict[str, ToolCall] = {}
        results: dict[str, ToolResult] = {}
        sources: dict[int, Source] = {}
        supported: tuple[bool, ...] = ()
        answer, status, error = "", "error", None
        for event in events:
            match event["type"]:
                case "ToolCallStarted":
                    call = ToolCall.from_dict(event["call"])
                    calls[call.id] = call
                case "ToolCallFinished":
                    result = ToolResult.from_dict(event["result"])
                    results[result.call_id] = result
                case "SourcesResolved":
                    sources = {int(number): Source.from_dict(source) for number, source in event["sources"].items()}
                    claims = [one["status"] for one in event["support"] if one["status"] != "no_claim"]
                    supported = tuple(claim == "supported" for claim in claims)
                case "TurnFinished":
                    answer, status, error = event["output"], event["status"], event["error"]
                case _:
                    pass
        # A call whose text could not be read never starts, and has a result all the same.
        for identity, result in results.items():
            calls.setdefault(identity, ToolCall(identity, result.name, problem=result.text))
        ordered = tuple(results[identity] for identity in calls if identity in results)
        return cls(prompt, answer, tuple(calls.values()), ordered, status, sources, supported, error)


@dataclass(frozen=True, slots=True)
class Score:
    """What a scorer says.

    Args:
        value: 0 to 1; `None` where it could not be decided (a judge whose answer cannot be read).
        label: a word for the report's tables, such as `wrong tool`.
        detail: one line on why.
    """

    value: float | None
    label: str = ""
    detail: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {"value": self.value, "label": self.label, "detail": self.detail}


def content_hash(value: Any) -> str:
    """SHA-256 of a JSON-able value, in hex."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def unique_ids(samples: Sequence[Sample]) -> list[str]:
    """Ids that occur twice."""
    seen: set[str] = set()
    return [sample.id for sample in samples if sample.id in seen or seen.add(sample.id)]
