"""The stages of a recipe that make feedback: of a constitution and a judge, calibrated by people."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from .data import HumanSource, PromptSource, ReplySource
from .sections import Section


class JudgeChoice(Section):
    """Who judges replies, and by what.

    Args:
        policy: a reference that `load_policy` takes, or `current`: the policy as it then is.
        constitution: a YAML file, or the name of one that ships.
        scopes: only principles of these scopes; all by default.
        principles: how many are drawn for each pair.
        reasoning: asks for reasons first, and clamps the probability to 0.4–0.6.
        concurrency: questions that are under way at the same time.
    """

    policy: str = "current"
    constitution: str = "default"
    scopes: tuple[str, ...] = ()
    principles: int = Field(default=1, ge=1)
    reasoning: bool = False
    concurrency: int = Field(default=4, ge=1)


class CritiqueStage(Section):
    """The supervised stage of Constitutional AI (Bai et al. 2022): replies that the policy criticises and rewrites.

    Leaves conversations, which a stage `sft` learns from by `{source: stage, stage: critique}`.

    Args:
        name: names the stage's folder in the run; its kind by default.
        prompts: what the policy is asked first.
        constitution: a YAML file, or the name of one that ships.
        scopes: only principles of these scopes; all by default.
        revisions: how often a reply is criticised and rewritten.
        max_new_tokens: of a reply, a critique and a rewriting.
        temperature: of the sampling.
        concurrency: replies that are rewritten at the same time.
    """

    kind: Literal["critique"]
    name: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9-]*)?$")
    prompts: list[PromptSource] = Field(min_length=1)
    constitution: str = "default"
    scopes: tuple[str, ...] = ()
    revisions: int = Field(default=1, ge=1, le=16)
    max_new_tokens: int = Field(default=128, ge=1)
    temperature: float = Field(default=0.7, gt=0, le=10)
    concurrency: int = Field(default=16, ge=1)


class AIRankStage(Section):
    """A judge puts replies in order; nothing of it is trained on before a stage `calibrate` accepts it.

    Args:
        name: names the stage's folder in the run; its kind by default.
        judge: who judges.
        rankings: replies that are there already; what their raters said of them is not shown to the judge.
        prompts: whose replies are sampled from the policy as it then is.
        replies: how many of each prompt, K in 2..9.
        temperature: of the sampling.
        max_new_tokens: of one reply.
        order: `round-robin` compares each two replies, `merge` sorts with about K·log K comparisons.
    """

    kind: Literal["ai-rank"]
    name: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9-]*)?$")
    judge: JudgeChoice = JudgeChoice()
    rankings: list[ReplySource] = Field(default_factory=list[ReplySource])
    prompts: list[PromptSource] = Field(default_factory=list[PromptSource])
    replies: int = Field(default=2, ge=2, le=9)
    temperature: float = Field(default=1.0, gt=0, le=10)
    max_new_tokens: int = Field(default=96, ge=1)
    order: Literal["round-robin", "merge"] = "round-robin"

    @model_validator(mode="after")
    def _has_replies(self) -> AIRankStage:
        if not self.rankings and not self.prompts:
            raise ValueError("ai-rank needs rankings, prompts, or both")
        return self


class CalibrateStage(Section):
    """Decides by people's labels which of a judge's are trained on, and at which weight.

    Leaves rankings, which `reward` learns from by `{source: stage, stage: calibrate}`. `dpo` knows no weights and no
    probabilities, so it does not.

    Args:
        name: names the stage's folder in the run; its kind by default.
        ai: the stage before whose rankings are meant.
        human: people's rankings, some of them of the same replies.
        audit: a file of what people were asked, as `pericles rank` leaves it: only its uniform slice tests the judge.
        alpha: share of disagreement that is tolerated.
        delta: probability of tolerating more.
        human_fraction: forces the share of people's labels, whatever the judge has earned; for experiments.
    """

    kind: Literal["calibrate"]
    name: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9-]*)?$")
    ai: str = "ai-rank"
    human: list[HumanSource] = Field(min_length=1)
    audit: str | None = None
    alpha: float = Field(default=0.25, gt=0, lt=1)
    delta: float = Field(default=0.05, gt=0, lt=1)
    human_fraction: float | None = Field(default=None, gt=0, le=1)


class TamerStage(Section):
    """A reward head from live clicks (TAMER, Knox and Stone 2009), for the reward `live` of a stage `rl`.

    Args:
        name: names the stage's folder in the run; its kind by default.
        clicks: files of clicks, `clicks.jsonl` of the people who agree that their clicks reach others.
        sessions: the store of the conversations that they clicked in: a SQLite file, or a URL.
    """

    kind: Literal["tamer"]
    name: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9-]*)?$")
    clicks: list[str] = Field(min_length=1)
    sessions: str
