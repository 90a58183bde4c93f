"""Where a stage's data comes from. Reading it is `sources/`'s work."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .sections import Section


class Generated(Section):
    """Conversations that the project makes itself (`pericles.policies.training.data`); split `train`.

    Args:
        rows: how many.
        seed: of the generator; the same seed gives the same rows.
        mix: share of each kind of conversation; those not named get none. Empty: the generator's own mix.
    """

    source: Literal["generated"]
    rows: int = Field(ge=1)
    seed: int = 1
    mix: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)


class JsonLines(Section):
    """A file with one JSON value a line; which keys are needed depends on the stage (docs/train.md).

    Args:
        path: the file, relative to the working directory.
        rows: so many from the start; all by default.
    """

    source: Literal["jsonl"]
    path: str
    rows: int | None = Field(default=None, ge=1)


class HubDataset(Section):
    """A dataset that the `datasets` library reads: a folder written by `save_to_disk`, or a name on the hub.

    Args:
        name: folder or hub name.
        config: the dataset's configuration, where it has several.
        split: which split.
        column: where the stage wants plain text or prompts: the column that holds it.
        rows: so many from the start; all by default.
    """

    source: Literal["hf"]
    name: str
    config: str | None = None
    split: str = "train"
    column: str | None = None
    rows: int | None = Field(default=None, ge=1)


class HHRLHF(Section):
    """A file in the format of Anthropic's HH-RLHF: `chosen` and `rejected` transcripts, `.jsonl` or `.jsonl.gz`.

    In supervised fine-tuning the chosen transcript is the demonstration; of prompts, it is all but the last reply.

    Args:
        path: the file.
        rows: so many from the start; all by default.
    """

    source: Literal["hh-rlhf"]
    path: str
    rows: int | None = Field(default=None, ge=1)


class Sessions(Section):
    """Conversations of a session store (`pericles chat` keeps one).

    Args:
        path: the SQLite file, or the URL of another store.
        ids: names of the sessions; all by default.
        rows: so many; all by default.
    """

    source: Literal["sessions"]
    path: str
    ids: tuple[str, ...] = ()
    rows: int | None = Field(default=None, ge=1)


class TextFile(Section):
    """Plain text for language modelling: a `.txt` file, whose paragraphs are documents, or JSON lines with `text`.

    Args:
        path: the file.
        rows: so many documents from the start; all by default.
    """

    source: Literal["text"]
    path: str
    rows: int | None = Field(default=None, ge=1)


class Corpus(Section):
    """The articles of the embedded corpus as plain text.

    Args:
        rows: so many; all by default.
    """

    source: Literal["corpus"]
    rows: int | None = Field(default=None, ge=1)


class RedTeam(Section):
    """Requests that ask for harm, and harmless ones that sound like it; they ship with the project.

    Args:
        rows: so many, drawn by the seed; all by default.
        seed: of the draw.
    """

    source: Literal["red-team"]
    rows: int | None = Field(default=None, ge=1)
    seed: int = 1


class EarlierStage(Section):
    """What a stage before has left: the conversations of `critique`, the rankings of `calibrate`.

    Args:
        stage: its name or kind; in rounds, that of the newest round.
        rows: so many from the start; all by default.
    """

    source: Literal["stage"]
    stage: str = Field(min_length=1)
    rows: int | None = Field(default=None, ge=1)


ConversationSource = Annotated[
    Generated | JsonLines | HubDataset | HHRLHF | Sessions | EarlierStage, Field(discriminator="source")
]
PromptSource = Annotated[
    Generated | JsonLines | HubDataset | HHRLHF | Sessions | RedTeam, Field(discriminator="source")
]
TextSource = Annotated[TextFile | JsonLines | HubDataset | Corpus, Field(discriminator="source")]


class RankingsFile(Section):
    """Rankings, one a line, as `pericles.policies.feedback` writes them.

    Args:
        path: the file.
        raters: only of these raters (`human:NAME`, `ai:JUDGE`, `rule:VERIFIER`); all by default.
        rows: so many from the start; all by default.
    """

    source: Literal["rankings"]
    path: str
    raters: tuple[str, ...] = ()
    rows: int | None = Field(default=None, ge=1)


class Sampled(Section):
    """Replies freshly sampled from the current policy, ranked by the verifiable rewards (rater `rule:verifier`).

    Args:
        prompts: whose replies.
        replies: how many of each prompt, K in 2..9.
        temperature: of the sampling.
        max_new_tokens: of one reply.
    """

    source: Literal["sampled"]
    prompts: list[PromptSource] = Field(min_length=1)
    replies: int = Field(default=4, ge=2, le=9)
    temperature: float = Field(default=1.0, gt=0, le=10)
    max_new_tokens: int = Field(default=96, ge=1)


HumanSource = Annotated[RankingsFile | HHRLHF, Field(discriminator="source")]
ReplySource = Annotated[RankingsFile | HHRLHF | HubDataset, Field(discriminator="source")]
RankingSource = Annotated[RankingsFile | HHRLHF | HubDataset | Sampled | EarlierStage, Field(discriminator="source")]


class PretrainingText(Section):
    """The pretraining stream of PPO-ptx (Ouyang et al. 2022, equation 2).

    Args:
        data: where the text comes from.
        coef: γ, the weight of the stream's loss.
        tokens_per_step: tokens of the stream in one optimizer step.
        sequence_tokens: length of one sequence in tokens.
    """

    data: list[TextSource] = Field(min_length=1)
    coef: float = Field(default=1.0, gt=0)
    tokens_per_step: int = Field(default=512, ge=16)
    sequence_tokens: int = Field(default=256, ge=16)

    @model_validator(mode="after")
    def _fits(self) -> PretrainingText:
        if self.sequence_tokens > self.tokens_per_step:
            raise ValueError("sequence_tokens must not exceed tokens_per_step")
        return self
