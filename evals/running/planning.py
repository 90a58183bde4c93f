"""What is asked, in which order: suites and options become tasks, tasks become units of work.

The plan is a function of its inputs alone, and so are the batches in it. An evaluation that was killed, or that is cut
into shards, therefore computes the same batches, and comes to the same figures to the last digit.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...policies.engines import Policy, TextLevel
from ...tools import ConfigError
from ..samples import Choices, Method, Sample, Suite, content_hash
from .options import Options

# Samples whose texts are scored together, at least and at most: cut where they share least with their neighbours.
UNIT_MIN = 24
UNIT_MAX = 96


@dataclass(frozen=True, slots=True)
class Task:
    """One sample, once.

    Args:
        suite: name of its suite.
        sample: as it is asked, options applied.
        repeat: which time, from 0.
        shown: how many of its shots are shown.
        method: how a choice is made; `None` for other tasks.
        request: hash of all that decides the answer.
    """

    suite: str
    sample: Sample
    repeat: int
    shown: int
    method: Method | None
    request: str

    @property
    def key(self) -> tuple[str, str, int]:
        """What the log calls it."""
        return self.suite, self.sample.id, self.repeat


@dataclass(frozen=True, slots=True)
class Unit:
    """Tasks that are computed together: one conversation, or a batch of texts to score."""

    tasks: tuple[Task, ...]

    @property
    def is_batch(self) -> bool:
        return is_scored(self.tasks[0])


def is_scored(task: Task) -> bool:
    """Whether a task asks for log-likelihoods."""
    return task.method == "loglik" or task.sample.task == "text"


def plan(suites: Sequence[Suite], options: Options, policy: Policy, tools: Sequence[dict[str, Any]] = ()) -> list[Task]:
    """All tasks, in the order of the report.

    Args:
        suites: what is run.
        options: how.
        policy: whose abilities decide how choices are made.
        tools: schemas of further tools that every sample is offered.

    Raises:
        ConfigError: the policy cannot do what is asked; says what can.
    """
    names = [suite.name for suite in suites]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"two suites are named {name!r}: run them one after the other, or rename one.")
    tasks: list[Task] = []
    for suite in suites:
        samples = _drawn(_worded(suite, options), options)
        if not samples:
            raise ConfigError(f"the suite {suite.name} has no samples with these options.")
        for sample in samples:
            tasks += _tasks(suite, sample, options, policy, tools)
    return tasks


def _worded(suite: Suite, options: Options) -> list[Sample]:
    if options.wording == "all":
        return list(suite.samples)
    # Items without other wordings stay as they are.
    return [
        sample
        for sample in suite.samples
        if "#" not in sample.id or sample.id.rpartition("#")[2] == str(options.wording)
    ]


def _drawn(samples: list[Sample], options: Options) -> list[Sample]:
    if options.limit is None or options.limit >= len(samples):
        return samples
    clusters: dict[str, list[Sample]] = {}
    for sample in samples:
        clusters.setdefault(sample.cluster or sample.id, []).append(sample)
    order = sorted(clusters, key=lambda name: hashlib.sha256(f"{options.seed}:{name}".encode()).digest())
    kept: set[str] = set()
    for name in order:
        if len(kept) + len(clusters[name]) <= options.limit or not kept:
            kept |= {sample.id for sample in clusters[name]}
    return [sample for sample in samples if sample.id in kept]


def _tasks(
    suite: Suite, sample: Sample, options: Options, policy: Policy, tools: Sequence[dict[str, Any]]
) -> list[Task]:
    sample = dataclasses.replace(
        sample,
        form=options.form or sample.form,
        tools=() if options.without_tools else sample.tools,
        max_new_tokens=options.max_new_tokens or sample.max_new_tokens,
    )
    method = _method(suite, sample, options, policy)
    if sample.choices is not None:
        order = shuffled(sample.choices, f"{options.seed}:{sample.id}")
        sample = dataclasses.replace(sample, choices=order)
    counts = suite.shown if options.shots is None else (options.shots,)
    counts = tuple(dict.fromkeys(min(count, len(sample.shots)) for count in counts))
    found: list[Task] = []
    for shown in counts:
        asked = sample
        if len(counts) > 1:
            tags = (*sample.tags, f"{shown}-shot")
            asked = dataclasses.replace(sample, id=f"{sample.id}@{shown}", tags=tags)
        for repeat in range(options.repeat):
            request = {
                **asked.request(),
                "shots": [list(shot) for shot in asked.shots[:shown]],
                "method": method,
                "temperature": options.temperature,
                "seed": options.seed,
                "deadline": options.deadline,
                "more_tools": list(tools),
            }
            found.append(Task(suite.name, asked, repeat, shown, method, content_hash(request)))
    return found


def _method(suite: Suite, sample: Sample, options: Options, policy: Policy) -> Method | None:
    scores = isinstance(policy, TextLevel) and "texts" in policy.capabilities
    hint = "add --engine transformers (local policies), or choose a suite of replies"
    if sample.task == "text" and not scores:
        raise ConfigError(f"{suite.name} asks how likely texts are, which {policy.name} cannot tell: {hint}.")
    if sample.form == "completion" and not scores:
        raise ConfigError(f"{suite.name} continues bare texts, which {policy.name} cannot do: {hint} or --form chat.")
    if sample.task != "choice":
        return None
    if options.choices == "loglik" and not scores:
        raise ConfigError(f"{policy.name} cannot tell how likely a text is: {hint}, or --choices generate.")
    method: Method = options.choices if options.choices != "auto" else "loglik" if scores else "generate"
    choices = sample.choices
    assert choices is not None
    if method == "generate" and (sample.form == "completion" or choices.score == "mass"):
        raise ConfigError(f"{suite.name} needs log-likelihoods, which {policy.name} cannot tell: {hint}.")
    return method


def shuffled(choices: Choices, key: str) -> Choices:
    """The choices in an order that the key decides; the same for every policy."""
    if not choices.shuffle or not choices.listed:
        return choices
    order = sorted(
        range(len(choices.texts)), key=lambda index: hashlib.sha256(f"{key}:{choices.texts[index]}".encode()).digest()
    )
    return dataclasses.replace(
        choices,
        texts=tuple(choices.texts[index] for index in order),
        right=tuple(sorted(order.index(right) for right in choices.right)),
    )


def units(tasks: Sequence[Task]) -> list[Unit]:
    """The work in bounded pieces: a conversation each, then texts that share much in batches."""
    found = [Unit((task,)) for task in tasks if not is_scored(task)]
    scored = sorted((task for task in tasks if is_scored(task)), key=lambda task: (_start(task), task.key))
    starts = [_start(task) for task in scored]
    begin = 0
    while begin < len(scored):
        end = begin + UNIT_MAX
        if end < len(scored):
            places = range(begin + UNIT_MIN, end + 1)
            # The cut that splits least; the latest of several.
            end = min(places, key=lambda place: (_shared(starts[place - 1], starts[place]), -place))
        found.append(Unit(tuple(scored[begin:end])))
        begin = end
    return found


def _start(task: Task) -> str:
    sample = task.sample
    shots = "\n".join(f"{question}\n{answer}" for question, answer in sample.shots[: task.shown])
    history = "\n".join(message.content for message in sample.history)
    return "\n".join((task.suite, sample.form, sample.system or "", sample.preamble, shots, history, *sample.turns))


def _shared(first: str, second: str) -> int:
    length = min(len(first), len(second))
    return next((place for place in range(length) if first[place] != second[place]), length)
