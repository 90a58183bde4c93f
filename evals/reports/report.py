"""What an evaluation leaves: every sample's score, and the figures that follow from them.

`report.json` holds both; the figures are for readers, and are computed again from the samples when it is loaded.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from ...tools import ConfigError
from ..statistics import Estimate, estimate

VERSION = 1
REPORT = "report.json"
SCORES = "scores.jsonl"

Status = Literal["scored", "undecided", "unscored", "failed"]


@dataclass(frozen=True, slots=True)
class SampleResult:
    """One sample of a report.

    Args:
        id: of the sample.
        repeat: which time it was run, from 0.
        cluster: what it shares with its neighbours.
        tags: slices it belongs to.
        request: hash of all that decides the answer.
        question: hash of the question alone, without tools, shots and sampling: what two reports are aligned by.
        scorer: hash of what scored it.
        score: 0 to 1 (bits per byte for texts); `None` where there is none.
        status: `scored`; `undecided`: the judge could not tell; `unscored`: it only has parts; `failed`: it could not
            be run.
        parts: score of each check by name.
        label: a word for what happened.
        detail: why.
        seconds: wall-clock time.
        tokens: read and written.
        gold: of replies that people have scored: `[judged, theirs]`.
        nats: of a text, minus its log-likelihood.
        place: where it stands in the whole evaluation, of which this may be a shard.
    """

    id: str
    repeat: int
    cluster: str
    tags: list[str]
    request: str
    question: str
    scorer: str
    score: float | None
    status: Status = "scored"
    parts: dict[str, float | None] = field(default_factory=dict[str, "float | None"])
    label: str = ""
    detail: str = ""
    seconds: float = 0.0
    tokens: dict[str, int] = field(default_factory=dict[str, int])
    gold: list[list[float | None]] = field(default_factory=list[list["float | None"]])
    nats: float | None = None
    place: int = 0

    def line(self, suite: str) -> dict[str, Any]:
        """What has nothing to do with time: the same for every run that answers alike."""
        return {
            "suite": suite,
            "id": self.id,
            "repeat": self.repeat,
            "request": self.request,
            "score": self.score,
            "status": self.status,
            "parts": self.parts,
            "label": self.label,
        }


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """One suite of a report.

    Args:
        name: of the suite.
        description: what it measures.
        samples: in the suite's order.
        measure: `score` (0 to 1, more is better) or `bits per byte` (less is better).
        method: how choices were made, for suites of choices.
        scorers: the kinds of scorers that were at work.
        skipped: records that could not be read.
        tags: groups of the suite.
        forms: `chat`, `completion`.
    """

    name: str
    description: str
    samples: list[SampleResult]
    measure: str = "score"
    method: str | None = None
    scorers: list[str] = field(default_factory=list[str])
    skipped: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])
    forms: list[str] = field(default_factory=list[str])

    @property
    def higher_is_better(self) -> bool:
        return self.measure == "score"

    def count(self, status: Status) -> int:
        return sum(sample.status == status for sample in self.samples)

    def estimate(self, of: Callable[[SampleResult], float | None] | None = None) -> Estimate | None:
        """The mean with its interval, clustered; `None` where nothing is scored."""
        picked = [(of(sample) if of else sample.score, sample.cluster) for sample in self.samples]
        known = [(value, cluster) for value, cluster in picked if value is not None]
        if not known:
            return None
        return estimate(
            [value for value, _ in known],
            [cluster for _, cluster in known],
            bounds=(0.0, 1.0) if self.higher_is_better else (0.0, float("inf")),
        )

    def parts(self) -> dict[str, Estimate]:
        """Each named check, where there are several."""
        names = list(dict.fromkeys(name for sample in self.samples for name in sample.parts))
        if len(names) < 2:
            return {}
        found = {name: self.estimate(lambda sample, name=name: sample.parts.get(name)) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def slices(self) -> dict[str, Estimate]:
        """Each tag."""
        names = list(dict.fromkeys(tag for sample in self.samples for tag in sample.tags))
        found = {
            name: self.estimate(lambda sample, name=name: sample.score if name in sample.tags else None)
            for name in names
        }
        return {name: value for name, value in found.items() if value is not None}

    def labels(self) -> Counter[str]:
        """What happened, in the scorers' words."""
        return Counter(sample.label for sample in self.samples if sample.label)

    def consistency(self) -> Estimate | None:
        """The share of clusters whose samples all score the same.

        `None` without clusters of several, and for graded scores, which are hardly ever the same.
        """
        if any(sample.score not in (None, 0.0, 1.0) for sample in self.samples):
            return None
        clusters: dict[str, set[float]] = {}
        sizes: Counter[str] = Counter()
        for sample in self.samples:
            if sample.score is not None:
                clusters.setdefault(sample.cluster, set()).add(sample.score)
                sizes[sample.cluster] += 1
        same = [float(len(scores) == 1) for name, scores in clusters.items() if sizes[name] > 1]
        return estimate(same, list(range(len(same)))) if same else None

    def perplexity(self) -> float | None:
        """Of all tokens of a suite of texts."""
        known = [(one.nats, one.tokens["prompt_tokens"]) for one in self.samples if one.nats is not None]
        tokens = sum(count for _, count in known)
        return math.exp(math.fsum(nats for nats, _ in known) / tokens) if tokens else None

    def cost(self) -> dict[str, float]:
        """Tokens and seconds, summed."""
        total = {"seconds": round(sum(sample.seconds for sample in self.samples), 3)}
        for key in ("prompt_tokens", "cached_tokens", "completion_tokens"):
            total[key] = sum(sample.tokens.get(key, 0) for sample in self.samples)
        return total

    def to_dict(self) -> dict[str, Any]:
        value = dataclasses.asdict(self)
        whole, same = self.estimate(), self.consistency()
        figures = {
            "score": None if whole is None else dataclasses.asdict(whole),
            "parts": {name: dataclasses.asdict(one) for name, one in self.parts().items()},
            "slices": {name: dataclasses.asdict(one) for name, one in self.slices().items()},
            "consistency": None if same is None else dataclasses.asdict(same),
            "labels": dict(self.labels()),
            "cost": self.cost(),
        }
        return {**value, "figures": finite(figures)}


@dataclass(frozen=True, slots=True)
class Report:
    """A policy's figures on some suites.

    Args:
        policy: `ref`, `name`, `engine` and `fingerprint`.
        options: how it was run, see `Options`.
        suites: in the order they were asked for.
        head: what else is known of the evaluation.
    """

    policy: dict[str, str]
    options: dict[str, Any]
    suites: list[SuiteResult]
    head: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        return self.policy["ref"]

    def suite(self, name: str) -> SuiteResult:
        """A suite by its name.

        Raises:
            ConfigError: the report has none of this name.
        """
        for suite in self.suites:
            if suite.name == name:
                return suite
        raise ConfigError(f"the report of {self.name} has no suite {name!r}.")

    def to_dict(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "policy": self.policy,
            "options": self.options,
            "head": self.head,
            "suites": [suite.to_dict() for suite in self.suites],
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Report:
        if value.get("version") != VERSION:
            raise ConfigError(f"this report has version {value.get('version')!r}; this program reads {VERSION}.")
        suites: list[SuiteResult] = []
        for suite in value["suites"]:
            samples = [SampleResult(**sample) for sample in suite["samples"]]
            known = {key: item for key, item in suite.items() if key not in ("samples", "figures")}
            suites.append(SuiteResult(samples=samples, **known))
        return cls(value["policy"], value["options"], suites, value["head"])

    def write(self, folder: Path) -> None:
        """Writes `report.json`, and `scores.jsonl`, which holds nothing that depends on time."""
        lines = [sample.line(suite.name) for suite in self.suites for sample in suite.samples]
        scores = "".join(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines)
        for name, text in ((SCORES, scores), (REPORT, json.dumps(self.to_dict(), ensure_ascii=False, indent=1) + "\n")):
            beside = folder / f"{name}.new"
            beside.write_text(text, encoding="utf-8", errors="surrogatepass")
            beside.replace(folder / name)


def finite(value: Any) -> Any:
    """JSON has no infinity and no NaN: what is not known is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in cast("list[Any]", value)]
    return value


def load_report(path: str | Path) -> Report:
    """Reads a report: the folder of an evaluation, or its `report.json`.

    Raises:
        ConfigError: there is none, or it is something else.
    """
    file = Path(path)
    file = file / REPORT if file.is_dir() else file
    try:
        value = json.loads(file.read_text(encoding="utf-8", errors="surrogatepass"))
    except OSError as error:
        hint = " The evaluation is not finished: run the same command again." if Path(path).is_dir() else ""
        raise ConfigError(f"the report {file} cannot be read: {error.strerror}.{hint}") from None
    except ValueError as error:
        raise ConfigError(f"{file} is no report: not JSON: {error}.") from None
    try:
        return Report.from_dict(value)
    except (KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{file} is no report of an evaluation ({error}).") from None
