"""The judge that a recipe chooses."""

from __future__ import annotations

from pathlib import Path

from ...engines.messages import Policy
from ...engines.torch_policy import Dtype
from ...feedback.constitution import Constitution, load_constitution
from ...feedback.judging import Judge
from ...feedback.judging.loading import identity_of, load_judge_policy
from ..models import load_tokenizer
from ..recipe import AIRankStage, CritiqueStage, JudgeChoice, Recipe, RLStage
from .arguments import set_threads
from .context import Context

CURRENT = "current"
ANSWERS = "answers.jsonl"


def constitution_of(ref: str, scopes: tuple[str, ...]) -> Constitution:
    """The principles that a recipe names.

    Raises:
        ConfigError: there is no such constitution, or it has none of these scopes.
    """
    found = load_constitution(ref)
    return found.within(scopes) if scopes else found


def check_constitutions(recipe: Recipe) -> None:
    """Reads every constitution that a recipe names, so that none is missing after hours of training.

    Raises:
        ConfigError: see `constitution_of`.
    """
    for _, stage in recipe.steps():
        if isinstance(stage, CritiqueStage):
            constitution_of(stage.constitution, stage.scopes)
        elif isinstance(stage, AIRankStage) or (isinstance(stage, RLStage) and "judge" in stage.rewards):
            constitution_of(stage.judge.constitution, stage.judge.scopes)


def current_policy(context: Context, dtype: Dtype = "auto") -> Policy:
    """The policy as it now is, to talk with. A judge needs float32: see `load_judge_policy`."""
    from ...engines.torch_policy import TorchPolicy

    set_threads(context)
    template = load_tokenizer(context.policy).chat_template
    return TorchPolicy(
        context.policy.model, adapter=context.policy.adapter, template=template, name=context.policy.base, dtype=dtype
    )


def judge_of(context: Context, choice: JudgeChoice, answers: Path | None) -> Judge:
    """The judge that a section names.

    Args:
        context: of the stage.
        choice: the section.
        answers: file in which answers are kept.

    Raises:
        ConfigError: there is no such policy or constitution.
    """
    current = choice.policy == CURRENT
    policy = current_policy(context, dtype="float32") if current else load_judge_policy(choice.policy)
    return Judge(
        policy,
        constitution_of(choice.constitution, choice.scopes),
        name=f"{context.recipe.name}-{context.name}" if current else "",
        identity=context.policy.digest() if current else identity_of(choice.policy),
        principles=choice.principles,
        reasoning=choice.reasoning,
        concurrency=choice.concurrency,
        answers=answers,
        seed=context.seed,
    )
