"""The gate: may B replace A? A file names what must hold, and the answer is pass, fail or underpowered.

A suite passes a *margin* when the interval of B − A lies above −margin (non-inferiority): B is shown to be worse by
less than that. It fails when B is shown to be worse: the interval lies below −margin, or B is significantly worse
(Holm across the suites) and not shown to be within the margin. Otherwise the data cannot tell, which is underpowered.
All suites have to pass, so this side needs no correction (intersection-union). A *minimum* is held in the same way by
B's own interval.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...tools import ConfigError
from ..marked_yaml import read_yaml
from ..statistics import samples_needed
from .comparison import ALPHA, Comparison, Row
from .report import Report

Outcome = Literal["pass", "fail", "underpowered"]
EXIT_CODES: dict[Outcome, int] = {"pass": 0, "fail": 3, "underpowered": 4}


class Demand(BaseModel):
    """What one suite must hold.

    Args:
        margin: how much worse B may be, in units of the score (0.03: three points); for bits per byte in bits.
        minimum: what B's own score must be shown to reach.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    margin: float | None = Field(default=None, ge=0)
    minimum: float | None = Field(default=None, ge=0)


class Gate(BaseModel):
    """A gate file.

    Args:
        margin: of suites that name none; without it only suites that are named are held to one.
        suites: what each must hold.
        failed: share of samples that may have failed to run.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    margin: float | None = Field(default=None, ge=0)
    suites: dict[str, Demand | None] = {}
    failed: float = Field(default=0.0, ge=0, le=1)


@dataclass(frozen=True, slots=True)
class Finding:
    """One demand and what came of it."""

    suite: str
    demand: str
    outcome: Outcome
    reason: str


def read_gate(path: Path) -> Gate:
    """Reads a gate file (YAML).

    Raises:
        ConfigError: it is missing or wrong; says the line and the field.
    """
    try:
        marked = read_yaml(path.read_text(encoding="utf-8"), path.name)
    except OSError as error:
        raise ConfigError(f"the gate {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"the gate {path} is not UTF-8.") from None
    if not isinstance(marked.value, dict):
        raise ConfigError(f"{path.name}: a gate must be a mapping with margin or suites.")
    try:
        gate = Gate.model_validate(marked.value)
    except ValidationError as error:
        raise _fault(error, path, marked.line) from None
    empty = (None, Demand())
    if gate.margin is None and all(demand in empty for demand in gate.suites.values()):
        raise ConfigError(f"{path.name}: the gate demands nothing: write margin, or suites with a margin or a minimum.")
    return gate


def _fault(error: ValidationError, path: Path, line: Any) -> ConfigError:
    first = error.errors()[0]
    place = tuple(part for part in first["loc"] if part != "Demand")
    where = f"{path.name}, line {line(place)}: {'.'.join(map(str, place))}"
    if first["type"] == "extra_forbidden":
        known = list((Demand if len(place) > 1 else Gate).model_fields)
        near = difflib.get_close_matches(str(first["loc"][-1]), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}."
        return ConfigError(f"{where}: is not a key; {hint}")
    return ConfigError(f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}, got {first['input']!r}.")


def judge_gate(gate: Gate, report: Report, comparison: Comparison | None) -> list[Finding]:
    """Holds B against the gate.

    Args:
        gate: the demands.
        report: of B.
        comparison: of B with A, where the gate has margins.

    Raises:
        ConfigError: the gate names a suite that the report lacks, or has margins and there is nothing to compare with.
    """
    named = {suite.name for suite in report.suites}
    for name in gate.suites:
        if name not in named:
            raise ConfigError(f"the gate names the suite {name!r}, which the report of {report.name} does not have.")
    demands = {suite.name: gate.suites.get(suite.name) or Demand() for suite in report.suites}
    margins = {name: demand.margin if demand.margin is not None else gate.margin for name, demand in demands.items()}
    findings: list[Finding] = []
    for name, demand in demands.items():
        for value in (margins[name], demand.minimum):
            if value is not None and value > 1 and report.suite(name).higher_is_better:
                raise ConfigError(f"the gate demands {value:g} of {name}, whose scores end at 1: 3 points are 0.03.")
        if margins[name] is None and demand.minimum is None:
            continue
        findings += _ran(report, name, gate.failed)
        if margins[name] is not None:
            findings.append(_margin(name, margins[name] or 0.0, comparison))
        if demand.minimum is not None:
            findings.append(_minimum(report, name, demand.minimum))
    return findings


def _ran(report: Report, name: str, allowed: float) -> list[Finding]:
    suite = report.suite(name)
    lost = suite.count("failed") + suite.count("undecided")
    if lost <= allowed * len(suite.samples):
        return []
    reason = f"{lost} of {len(suite.samples)} samples failed to run or could not be decided"
    return [Finding(name, f"at most {allowed:.0%} failed", "fail", reason)]


def _margin(name: str, margin: float, comparison: Comparison | None) -> Finding:
    if comparison is None:
        raise ConfigError("the gate has margins, which need a report to compare with: add --baseline REPORT.")
    demand = f"not worse by more than {margin:g}"
    row: Row | None = next((row for row in comparison.rows if row.suite == name), None)
    gain = None if row is None else row.gain
    if row is None or row.paired is None or gain is None:
        why = "the baseline does not have it" if row is None else row.note or "no sample is scored in both"
        return Finding(name, demand, "underpowered", why)
    difference, low, high = gain
    seen = f"B − A is {difference:+.3f} [{low:+.3f}, {high:+.3f}]"
    if low > -margin:
        return Finding(name, demand, "pass", seen)
    significant = row.p_adjusted is not None and row.p_adjusted < ALPHA
    if high < -margin or (significant and difference < 0):
        return Finding(name, demand, "fail", seen)
    needed = samples_needed(row.paired.spread, margin) if margin > 0 else 0
    hint = f"; {row.paired.n} samples, about {needed} decide" if needed > row.paired.n else ""
    return Finding(name, demand, "underpowered", f"{seen}{hint}")


def _minimum(report: Report, name: str, minimum: float) -> Finding:
    suite = report.suite(name)
    demand = f"at least {minimum:g}" if suite.higher_is_better else f"at most {minimum:g}"
    found = suite.estimate()
    if found is None:
        return Finding(name, demand, "underpowered", "nothing is scored")
    seen = f"B is {found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]"
    reached, missed = found.low >= minimum, found.high < minimum
    if not suite.higher_is_better:
        reached, missed = found.high <= minimum, found.low > minimum
    return Finding(name, demand, "pass" if reached else "fail" if missed else "underpowered", seen)


def gate_outcome(findings: list[Finding]) -> Outcome:
    """Of all demands together."""
    outcomes = {finding.outcome for finding in findings}
    return "fail" if "fail" in outcomes else "underpowered" if "underpowered" in outcomes else "pass"


def gate_table(findings: list[Finding]) -> list[str]:
    """Lines for a terminal."""
    width = max((len(finding.suite) for finding in findings), default=0)
    lines = [
        f"{finding.outcome:<12} {finding.suite:<{width}}  {finding.demand}: {finding.reason}" for finding in findings
    ]
    return [*lines, f"gate: {gate_outcome(findings)}"]
