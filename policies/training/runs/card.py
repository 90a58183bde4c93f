"""A run's model card: `README.md` in the hub's format, so that a policy says where it comes from and what it scored.

Names and figures come from recipes and files: whatever they hold is shown as text, never as markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ....evals.reports.markdown import escaped
from ....evals.reports.printable import one_line
from ....tools import ConfigError
from ...engines.load import DEFAULT_POLICY, base_of
from ...engines.promoted import SHIPPED
from ...engines.weights import EMBEDDED
from .folder import CARD, PLOTS, RunFolder
from .lines import write_atomically
from .quantities import Figure, figures_of, seconds_of

# Names on the hub of the bases that are embedded, by their references.
HUB_NAMES = {"smollm2-135m": "HuggingFaceTB/SmolLM2-135M-Instruct"}
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,+/-]*")
_HASH = re.compile(r"[0-9a-f]{16,}")
_MOST_BASES = 20
_MAKES_POLICY = ("sft", "rl", "dpo")


def write_card(run: RunFolder) -> Path:
    """Writes a run's card; `run.json`, the recipe and the pictures must be there before.

    Args:
        run: a run, finished or not: the card says which.

    Returns:
        The card.

    Raises:
        ConfigError: the run cannot be read, or its folder cannot be written.
    """
    from huggingface_hub import ModelCard

    about = run.open().read()
    front = _front_matter(about).to_yaml(line_break="\n")
    card = ModelCard(f"---\n{front}\n---\n\n" + "\n".join(_body(run, about)) + "\n", ignore_metadata_errors=False)
    try:
        write_atomically(run.path / CARD, str(card))
    except OSError as error:
        raise ConfigError(f"{run.path / CARD} cannot be written: {error.strerror or error}.") from error
    return run.path / CARD


def _front_matter(about: Mapping[str, Any]) -> Any:
    from huggingface_hub import EvalResult, ModelCardData

    name, root = one_line(str(about.get("name"))), _root(str(about.get("base")))
    results = [
        EvalResult(
            task_type="text-generation",
            dataset_type=one_line(f"pericles/{where}"),
            dataset_name=one_line(where),
            metric_type=one_line(what),
            metric_value=figure.value,
            metric_name=one_line(what),
            metric_args={key: value for key, value in figure.to_dict().items() if key != "value" and value is not None},
        )
        for where, what, figure in _results(about)
    ]
    kinds = sorted({one_line(str(stage.get("kind"))) for stage in about["stages"] if stage.get("kind")})
    return ModelCardData(
        base_model=_hub_name(root),
        library_name="transformers" if _kind(about) == "model" else "peft",
        license=EMBEDDED[root].licence.lower() if root in EMBEDDED else "unknown",
        pipeline_tag="text-generation",
        tags=["pericles", "trl", *kinds],
        model_name=name,
        eval_results=results or None,
    )


def _body(run: RunFolder, about: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {_shown(about.get('name'))}"
    yield ""
    base, root = str(about.get("base")), _root(str(about.get("base")))
    kind = "All weights of" if _kind(about) == "model" else "A low-rank adapter on"
    stages = ", ".join(_shown(stage.get("name")) for stage in about["stages"]) or "no stage yet"
    yield f"{kind} {_shown(base)}, trained by pericles. Finished stages: {stages}."
    if run.status != "finished":
        yield ""
        yield f"**This run is not finished ({_shown(run.status)}): what follows is of the part that is done.**"
    yield from ("", "## Lineage", "", "| | |", "|---|---|")
    for label, value in _lineage(about, base, root):
        yield f"| {_shown(label)} | {_shown(value)} |"
    if about["stages"]:
        yield from ("", "## Stages", "", "| stage | kind | seconds | figures |", "|---|---|---:|---|")
        yield from map(_stage_row, about["stages"])
    pictures = sorted((run.path / PLOTS).glob("*.png"))
    if pictures:
        yield ""
        yield from (f"![{file.stem}]({PLOTS}/{file.name})" for file in pictures if re.fullmatch(r"[\w-]+", file.stem))
    evaluated = list(_evaluated(about))
    if evaluated:
        yield from ("", "## Evaluation", "", "95 % intervals, where they are known.", "")
        yield from ("| where | metric | value | n |", "|---|---|---|---:|")
        for where, what, figure in evaluated:
            value = Figure(figure.value, figure.low, figure.high).text()
            yield f"| {_shown(where)} | {_shown(what)} | {value} | {'' if figure.n is None else figure.n} |"
    if isinstance(about.get("policy"), Mapping):
        yield from ("", "## Use", "", "DIR is the folder of this card.", "")
        yield from ("```sh", "pericles chat --policy run:DIR", "```")
    yield from ("", "## Train it again", "", "`recipe.yaml` lies beside this card, with every default written out.", "")
    yield from ("```sh", "pericles train recipe.yaml", "```")
    yield from ("", "## Environment", "", "| | |", "|---|---|")
    for label, value in _leaves(about.get("environment")):
        yield f"| {_shown(label)} | {_shown(value)} |"
    yield from ("", "## Limits", "")
    yield from (f"- {line}" for line in _limits(about, root, bool(evaluated)))


def _lineage(about: Mapping[str, Any], base: str, root: str) -> Iterator[tuple[str, Any]]:
    yield "base", base if root == base else f"{base}, trained from {root}"
    yield "base licence", EMBEDDED[root].licence if root in EMBEDDED else "unknown: see the base model"
    yield "base SHA-256", about.get("base_sha256")
    yield "recipe SHA-256", about.get("recipe_sha256")
    yield "seed", about.get("seed")
    for stage in about["stages"]:
        for label, value in _leaves(stage.get("data")):
            yield f"data: {stage.get('name')}/{label}", value
    for where, place in (("", about), *((f"{stage.get('name')}: ", stage) for stage in about["stages"])):
        if place.get("constitution_sha256"):
            yield f"{where}constitution SHA-256", place["constitution_sha256"]
    policy = about.get("policy")
    if isinstance(policy, Mapping):
        yield f"{policy.get('kind')} SHA-256", policy.get("sha256")


def _stage_row(stage: Mapping[str, Any]) -> str:
    figures = figures_of(stage)
    said = "" if stage.get("kind") == "evaluate" else "; ".join(f"{name} {one.text()}" for name, one in figures.items())
    seconds = seconds_of(stage)
    cells = [_shown(stage.get("name")), _shown(stage.get("kind")), "" if seconds is None else f"{seconds:.0f}"]
    return f"| {' | '.join(cells)} | {_shown(said or ('see below' if figures else ''), limit=2000)} |"


def _evaluated(about: Mapping[str, Any]) -> Iterator[tuple[str, str, Figure]]:
    """Where, what, and the figure: of stages of kind `evaluate`, and of the suites that were run."""
    for stage in about["stages"]:
        if stage.get("kind") == "evaluate":
            for name, figure in figures_of(stage).items():
                yield str(stage.get("name")), name.removeprefix("policies/").removeprefix("comparisons/"), figure
    for suite, when, figure in _suites(about):
        yield suite, f"score {when} training", figure


def _results(about: Mapping[str, Any]) -> Iterator[tuple[str, str, Figure]]:
    """Of what was evaluated, the figures of the policy that the run left: not of those before it."""
    stages = about["stages"]
    last = max((at for at, stage in enumerate(stages) if stage.get("kind") in _MAKES_POLICY), default=-1)
    for stage in stages[last + 1 :]:
        if stage.get("kind") != "evaluate":
            continue
        policies = stage.get("policies")
        if isinstance(policies, Mapping):
            figures = figures_of({"score": policies.get(str(stages[last].get("name")))}) if last >= 0 else {}
        else:
            figures = figures_of(stage)
        for name, figure in figures.items():
            yield str(stage.get("name")), name, figure
    for suite, when, figure in _suites(about):
        if when == "after":
            yield suite, "score", figure


def _suites(about: Mapping[str, Any]) -> Iterator[tuple[str, str, Figure]]:
    """Suite, `before` or `after`, and the figure."""
    noted = about.get("suites")
    for label, suites in noted.items() if isinstance(noted, Mapping) else ():
        for suite, figure in figures_of(suites).items() if isinstance(suites, Mapping) else ():
            yield suite, str(label).rpartition(" ")[2], figure


def _limits(about: Mapping[str, Any], root: str, evaluated: bool) -> Sequence[str]:
    limits = ["Its replies can be wrong: check what matters."]
    if evaluated:
        limits.append("The figures hold for prompts like those that were measured, and for nothing else.")
    else:
        limits.append("Nothing was evaluated: it is not known whether it is better than its base.")
    if not any(stage.get("constitution_sha256") for stage in about["stages"]) and not about.get("constitution_sha256"):
        limits.append("No constitution was trained; what it refuses, it refuses because its base does.")
    if root not in EMBEDDED:
        limits.append("Its licence follows that of the base, which is unknown here: see the base model.")
    return limits


def _leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves of JSON, each with its path."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{prefix} {key}".strip())
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for place, inner in enumerate(value, start=1):
            yield from _leaves(inner, f"{prefix} {place}".strip())
    elif isinstance(value, list):
        yield prefix, ", ".join(map(str, value)) or "none"
    elif value is not None:
        yield prefix, value


def _kind(about: Mapping[str, Any]) -> str:
    policy = about.get("policy")
    return str(policy.get("kind")) if isinstance(policy, Mapping) else "adapter"


def _root(base: str) -> str:
    """The policy that nobody here has trained, at the beginning of the line."""
    for _ in range(_MOST_BASES):
        if base not in (DEFAULT_POLICY, SHIPPED) and not base.startswith("run:"):
            return base
        try:
            base = base_of(base) or ""
        except ConfigError:  # that run is not here any more
            return base
    return base


def _hub_name(root: str) -> str | None:
    name = HUB_NAMES.get(root, root.removeprefix("hf:") if root.startswith("hf:") else "")
    return name if _HUB_NAME.fullmatch(name) else None


def _shown(value: Any, limit: int = 500) -> str:
    """Foreign text in Markdown as just that text. What a reader of Markdown would make a link of is shown as code."""
    if value is None:
        return "unknown"
    text = one_line(str(value), limit)
    if _HASH.fullmatch(text):
        return f"`{text}`"
    if re.search(r"://|www\.|@", text):
        fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
        return f"{fence} {text} {fence}".replace("|", r"\|")
    return text if _PLAIN.fullmatch(text) else escaped(text)
