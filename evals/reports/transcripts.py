"""What was asked and said in an evaluation, read from its log, cut to what a page can hold.

The log keeps what a policy did, not what it was measured by. Where the suites are at hand (and their scorers still are
those of the report), a transcript also tells what came before the question, what was wanted, and which choice is right.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ...tools import ConfigError
from ..running.choosing import LETTERS, shares, weighed_by
from ..running.log import SAMPLES, read_lines
from ..running.planning import shuffled
from ..running.scoring import scorer_hash
from ..samples import Sample, Suite
from .printable import printable
from .report import Report, SampleResult

# Characters of a text that are kept; of more, the beginning and the end.
LIMIT = 6_000
LEAST_LIMIT = 200

# (suite, id, repeat)
Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text, or its beginning and its end.

    Args:
        text: all of it, or how it begins.
        end: how it ends, where something is left out.
        left_out: characters between the two.
    """

    text: str
    end: str = ""
    left_out: int = 0

    def __bool__(self) -> bool:
        return bool(self.text)

    def __len__(self) -> int:
        return len(self.text) + len(self.end)


@dataclass(frozen=True, slots=True)
class Step:
    """A tool call and its result."""

    name: str
    arguments: Excerpt
    problem: Excerpt
    result: Excerpt | None = None
    is_error: bool = False
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Cited:
    """A source of an answer."""

    number: str
    title: Excerpt
    locator: Excerpt
    quote: Excerpt
    date: str = ""


@dataclass(frozen=True, slots=True)
class TurnText:
    """What the user said, and what the policy did.

    Args:
        prompt: what the user said.
        steps: the calls in order.
        answer: the final text.
        sources: what its marks stand for.
        support: sentence by sentence, whether the sources support it, where they were looked at.
        status: how the turn ended, where it did not just complete.
        error: what went wrong.
        finished: whether there is an answer at all, be it empty.
    """

    prompt: Excerpt
    steps: list[Step]
    answer: Excerpt
    sources: list[Cited]
    support: list[tuple[str, Excerpt]]
    status: str = ""
    error: str = ""
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One text of a choice.

    Args:
        name: its letter, or its number where the policy saw no letters.
        text: empty where the suite is not at hand.
        logprob: sum over its tokens; `None` where the choice was said.
        decides: what the texts were compared by: the log-likelihood, or that per character.
        share: of the probability of all texts, where the score is one of mass.
        chosen: whether it is the likeliest.
        right: whether it is right; `None` where that is not known.
    """

    name: str
    text: Excerpt
    logprob: float | None = None
    decides: float | None = None
    share: float | None = None
    chosen: bool = False
    right: bool | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a check asked for: its name, what decides, and its options."""

    name: str
    kind: str
    options: Excerpt


@dataclass(frozen=True, slots=True)
class Transcript:
    """One sample's part of the log.

    Args:
        before: what stood before the question: system message, examples, history, as `(who, text)`.
        turns: of the conversation; for a choice or a text one turn without an answer.
        options: of a choice.
        logprob: of a text, in nats.
        wanted: what the reply was checked for.
        meta: what else the suite says of the sample.
        shots: how many examples were shown.
        created: when it was done.
    """

    turns: list[TurnText]
    before: list[tuple[str, Excerpt]] = field(default_factory=list[tuple[str, Excerpt]])
    options: list[Option] = field(default_factory=list[Option])
    logprob: float | None = None
    wanted: list[Wanted] = field(default_factory=list[Wanted])
    meta: Excerpt = field(default_factory=lambda: Excerpt(""))
    shots: int = 0
    created: str = ""


def cut(text: str, limit: int) -> Excerpt:
    """A text of at most `limit` characters, made printable: two thirds from its beginning, one from its end."""
    if len(text) <= limit:
        return Excerpt(printable(text))
    end = limit // 3
    return Excerpt(printable(text[: limit - end]), printable(text[len(text) - end :]), len(text) - limit)


def read_transcripts(
    report: Report, folder: Path, suites: Sequence[Suite] = (), *, keys: set[Key] | None = None, limit: int = LIMIT
) -> dict[Key, Transcript]:
    """The transcripts of a report's samples.

    Args:
        report: whose samples.
        folder: of the evaluation.
        suites: those that were run, to tell what was wanted; what is not among them is left out.
        keys: only these samples; all by default.
        limit: characters of each text.

    Returns:
        By `(suite, id, repeat)`. A sample that is not in the log, or stands there with another request, is left out.

    Raises:
        ConfigError: the log holds something else.
    """
    results = {(suite.name, one.id, one.repeat): one for suite in report.suites for one in suite.samples}
    samples = _samples(suites, report)
    found: dict[Key, Transcript] = {}
    try:
        for _, record in read_lines(folder / SAMPLES):
            key = record["suite"], record["id"], record["repeat"]
            result = results.get(key)
            # The last line of a sample counts, as when the evaluation was scored.
            if result is not None and result.request == record["request"] and (keys is None or key in keys):
                found[key] = _transcript(record, _known(samples, key, result), limit)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        raise ConfigError(f"{folder / SAMPLES} is no log of an evaluation ({error}).") from None
    return found


def shipped_suites(report: Report) -> list[Suite]:
    """The suites of a report that ship with the program, by their names."""
    from ..catalogue import shipped, shipped_names

    names = shipped_names()
    return [shipped(suite.name) for suite in report.suites if suite.name in names]


def _samples(suites: Sequence[Suite], report: Report) -> dict[tuple[str, str], tuple[Sample, str | None]]:
    """The samples as they were asked, each with the part that is its score."""
    found: dict[tuple[str, str], tuple[Sample, str | None]] = {}
    for suite in suites:
        for sample in suite.samples:
            asked = sample
            if sample.choices is not None:
                order = shuffled(sample.choices, f"{report.options.get('seed', 0)}:{sample.id}")
                asked = dataclasses.replace(sample, choices=order)
            found[suite.name, sample.id] = asked, suite.part
    return found


def _known(
    samples: Mapping[tuple[str, str], tuple[Sample, str | None]], key: Key, result: SampleResult
) -> Sample | None:
    """The sample, where what it is measured by is what the report was scored by."""
    suite, name, _ = key
    sample, part = samples.get((suite, name)) or samples.get((suite, name.rpartition("@")[0])) or (None, None)
    return sample if sample is not None and scorer_hash(sample, part) == result.scorer else None


def _transcript(record: dict[str, Any], sample: Sample | None, limit: int) -> Transcript:
    asked, scores = record["asked"], record.get("scores")
    prompts = [cut(prompt, limit) for prompt in asked["turns"]]
    turns = [TurnText(prompt, [], Excerpt(""), [], []) for prompt in prompts]
    for place, events in enumerate(record.get("turns") or []):
        turns[place] = _turn(prompts[place], events, limit)
    logprob, options = None, _options(scores, sample, limit)
    if scores is not None and asked["method"] is None:
        logprob, options = scores["logprobs"][0], []
    return Transcript(
        turns,
        _before(sample, asked["shots"], limit),
        options,
        logprob,
        [] if sample is None else [_wanted(check.name, check.scorer, limit) for check in sample.checks],
        cut(_json(sample.meta), limit) if sample is not None and sample.meta else Excerpt(""),
        asked["shots"],
        str(record.get("created", "")),
    )


def _turn(prompt: Excerpt, events: Sequence[dict[str, Any]], limit: int) -> TurnText:
    steps: dict[str, Step] = {}
    sources: list[Cited] = []
    support: list[tuple[str, Excerpt]] = []
    answer, status, error = Excerpt(""), "", ""
    for event in events:
        match event["type"]:
            case "ToolCallStarted":
                call = event["call"]
                function = call["function"]
                arguments, problem = cut(_json(function["arguments"]), limit), cut(call.get("problem") or "", limit)
                steps[call["id"]] = Step(function["name"], arguments, problem)
            case "ToolCallFinished":
                result = event["result"]
                step = steps.get(result["call_id"]) or Step(result["name"], Excerpt(""), Excerpt(""))
                text, is_error, seconds = cut(result["text"], limit), result["is_error"], result["seconds"]
                steps[result["call_id"]] = dataclasses.replace(step, result=text, is_error=is_error, seconds=seconds)
            case "SourcesResolved":
                sources = [_cited(number, source, limit) for number, source in event["sources"].items()]
                support = [(one["status"], cut(one["text"], limit)) for one in event["support"]]
            case "TurnFinished":
                answer, error = cut(event["output"], limit), event["error"] or ""
                status = "" if event["status"] == "completed" else event["status"]
            case _:
                pass
    return TurnText(prompt, list(steps.values()), answer, sources, support, status, error, bool(events))


def _cited(number: str, source: dict[str, Any], limit: int) -> Cited:
    title, locator, quote = (cut(str(source[key]), limit) for key in ("title", "locator", "quote"))
    return Cited(str(number), title, locator, quote, str(source.get("date") or ""))


def _options(scores: dict[str, Any] | None, sample: Sample | None, limit: int) -> list[Option]:
    choices = None if sample is None else sample.choices
    logprobs: list[float] = [] if scores is None else scores["logprobs"]
    if choices is None or (logprobs and len(logprobs) != len(choices.texts)):
        best = max(logprobs, default=0.0)
        return [
            Option(str(place + 1), Excerpt(""), value, chosen=value == best) for place, value in enumerate(logprobs)
        ]
    values = weighed_by(choices, logprobs) if logprobs else []
    best = values.index(max(values)) if values else None
    parts = shares(logprobs) if choices.score == "mass" and logprobs else []
    return [
        Option(
            LETTERS[place] if choices.listed else str(place + 1),
            cut(text, limit),
            logprobs[place] if logprobs else None,
            values[place] if choices.normalise and values else None,
            parts[place] if parts else None,
            place == best and choices.score == "best",
            place in choices.right,
        )
        for place, text in enumerate(choices.texts)
    ]


def _before(sample: Sample | None, shots: int, limit: int) -> list[tuple[str, Excerpt]]:
    if sample is None:
        return []
    found = [("system", sample.system)] if sample.system else []
    found += [("preamble", sample.preamble)] if sample.preamble and sample.form == "completion" else []
    for question, answer in sample.shots[:shots]:
        found += [("example, user", question), ("example, assistant", answer)]
    found += [(message.role, message.content) for message in sample.history]
    return [(who, cut(text, limit)) for who, text in found]


def _wanted(name: str, scorer: Any, limit: int) -> Wanted:
    options = scorer.model_dump(exclude={"kind"}, exclude_defaults=True, serialize_as_any=True)
    return Wanted(name, scorer.kind, cut(_json(options), limit))


def _json(value: Any) -> str:
    """Short values on one line."""
    line = json.dumps(value, ensure_ascii=False, default=_named)
    return line if len(line) <= 100 else json.dumps(value, ensure_ascii=False, indent=2, default=_named)


def _named(value: Any) -> str:
    """A function by its name: its address differs from run to run."""
    return str(getattr(value, "__qualname__", value))


def fitting_limit(transcripts: Iterable[Transcript], limit: int, most: int) -> int:
    """A limit for each text by which all of them together take about `most` bytes of a page, at most the one given."""
    from markupsafe import escape

    lengths: list[int] = []
    bytes_in_all = 0
    for excerpt in _excerpts(list(transcripts)):
        lengths.append(len(excerpt))
        bytes_in_all += sum(len(escape(part).encode("utf-8")) for part in (excerpt.text, excerpt.end))
    bytes_each = bytes_in_all / max(1, sum(lengths))
    while limit > LEAST_LIMIT and bytes_each * sum(min(length, limit) for length in lengths) > most:
        limit = max(LEAST_LIMIT, limit * 3 // 4)
    return limit


def _excerpts(value: Any) -> Iterator[Excerpt]:
    """All texts in a transcript, however deep."""
    if isinstance(value, Excerpt):
        yield value
    elif isinstance(value, list | tuple):
        for one in cast("Sequence[Any]", value):
            yield from _excerpts(one)
    elif dataclasses.is_dataclass(value):
        for one in dataclasses.fields(value):
            yield from _excerpts(getattr(value, one.name))
