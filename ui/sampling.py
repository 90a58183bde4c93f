"""`pericles rank sample`: replies of a policy to prompts, for people to rank."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..policies import load_policy
from ..policies.engines import GenerationConfig, Policy
from ..policies.feedback.collecting import Candidate, sample_candidate
from ..policies.feedback.journal import Journal
from ..policies.training.recipe.data import JsonLines
from ..policies.training.sources import Prompt, read_prompts
from ..tools import ConfigError, PericlesError, ToolRegistry
from .terminal import printable
from .toolbox import offered


def sample(
    file: Path, *, policy: str, engine: str, replies: int, out: Path, tools: Sequence[str], builtin: bool,
    max_new_tokens: int, temperature: float, seed: int,
) -> int:  # fmt: skip
    """Answers each prompt of a file several times, and adds what is worth ranking to `out`.

    Returns:
        The exit code: 0, or 1 where prompts failed and none was answered.

    Raises:
        ConfigError: the prompts, the tools or the policy are wrong.
    """
    prompts = read_prompts([JsonLines(source="jsonl", path=str(file))])
    registry = offered(tools, builtin=builtin)
    chosen = [registry if prompt.tools is None else registry.subset(prompt.tools) for prompt in prompts]
    journal = Journal(out, errors="replace")
    there = set(journal.read(lambda _, value: Candidate.from_dict(value).id, id_of=str))
    config = GenerationConfig(max_new_tokens=max_new_tokens, temperature=temperature)
    left = [(prompt, tools) for prompt, tools in zip(prompts, chosen, strict=True) if prompt.id not in there]
    speaker = load_policy(policy, engine=engine)  # pyright: ignore[reportArgumentType] - checked there
    written, failed = asyncio.run(_sample(speaker, left, policy, replies, journal, config, seed))
    same = len(left) - written - failed
    told = f"{written} candidates in {out}"
    told += f", {len(there)} were there already" if there else ""
    told += f", {same} left out: the replies are all the same" if same else ""
    print(printable(f"{told}{f', {failed} failed' if failed else ''}"))
    return 1 if failed and not written else 0


async def _sample(
    policy: Policy, prompts: Sequence[tuple[Prompt, ToolRegistry]], name: str, replies: int, journal: Journal,
    config: GenerationConfig, seed: int,
) -> tuple[int, int]:  # fmt: skip
    """How many candidates were written, and how many prompts failed."""
    written = failed = 0
    columns = (TextColumn("answering"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    try:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            for prompt, tools in bar.track(prompts):
                try:
                    found: Candidate | None = await sample_candidate(
                        policy, prompt.id, prompt.messages,
                        tools=tools, replies=replies, name=name, config=config, seed=seed,
                    )  # fmt: skip
                except ConfigError:
                    raise
                except PericlesError as error:
                    failed += 1
                    print(printable(f"{prompt.id}: {' '.join(str(error).split())}"), file=sys.stderr)
                    continue
                if found is not None:
                    journal.append([found.to_dict()])
                    written += 1
    finally:
        await policy.aclose()
    return written, failed
