"""Rankings for reward models and DPO, from wherever a recipe says they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ....tools import ConfigError
from ...engines.messages import Message
from ...feedback.hh_rlhf import RATER, LeftOut, rank_pair, read_hh_rlhf, transcript
from ...feedback.json_lines import shown
from ...feedback.message_lists import read_messages, read_tools
from ...feedback.ranking import Ranking
from ...feedback.ranking_files import read_rankings
from ..recipe.data import HHRLHF, EarlierStage, HubDataset, RankingsFile, RankingSource, Sampled
from .hub import column_of, read_hub
from .naming import name_of

NO_CONSENT = "the rater did not agree to training"
OTHER_RATERS = "of other raters"


def read_ranking_sources(sources: Sequence[RankingSource]) -> tuple[list[Ranking], dict[str, int]]:
    """The rankings of all sources, in their order.

    Returns:
        The rankings that may be trained on, and how many others there are, by reason.

    Raises:
        ConfigError: a source cannot be read, holds no ranking, or holds one that is wrong; names up to ten lines.
            Also for replies that are to be sampled: they are no data yet.
    """
    rankings: list[Ranking] = []
    left_out: Counter[str] = Counter()
    for source in sources:
        reasons: Counter[str] = Counter()
        match source:
            case RankingsFile():
                found = _file(source, reasons)
            case HHRLHF():
                read = read_hh_rlhf(source.path, source.rows)
                found = read.rankings
                reasons.update(read.left_out)
            case HubDataset():
                found = _hub(source, reasons)
            case EarlierStage():
                raise ConfigError("the source 'stage' is read inside a run: it has no rankings of its own.")
            case Sampled():
                raise ConfigError("the source 'sampled' has no rankings to read: its replies are sampled by the stage.")
        if not found:
            why = (
                f" Left out: {', '.join(f'{count} {reason}' for reason, count in reasons.items())}." if reasons else ""
            )
            raise ConfigError(f"{name_of(source)} holds no ranking.{why}")
        rankings += found
        left_out += reasons
    return rankings, dict(left_out)


def _file(source: RankingsFile, left_out: Counter[str]) -> list[Ranking]:
    rankings = read_rankings(source.path)
    raters = sorted({ranking.rater for ranking in rankings})
    if unknown := sorted(set(source.raters) - set(raters)):
        raise ConfigError(f"{source.path} has no ranking of {unknown[0]!r}; its raters are: {', '.join(raters)}.")
    found: list[Ranking] = []
    for ranking in rankings:
        if source.raters and ranking.rater not in source.raters:
            left_out[OTHER_RATERS] += 1
        elif not ranking.consent:
            left_out[NO_CONSENT] += 1
        else:
            found.append(ranking)
    return found[: source.rows]


def _hub(source: HubDataset, left_out: Counter[str]) -> list[Ranking]:
    # Who ranked is not written down, and often it was a model: it must not pass for a person.
    rater = f"rule:{name_of(source).rstrip('/').rpartition('/')[2]}"

    def make(number: int, row: dict[str, Any]) -> Ranking | None:
        chosen, rejected = column_of(row, "chosen"), column_of(row, "rejected")
        prompt = row.get("prompt")
        try:
            is_text = isinstance(chosen, str) and isinstance(rejected, str)
            if is_text and prompt is None:
                _check_transcripts(chosen, rejected)
                return rank_pair(f"{name_of(source)}:{number}", transcript(chosen), transcript(rejected), RATER)
            begun = _begun(prompt)
            tools = read_tools(row.get("tools") or [], "tools")
            return rank_pair(
                f"{name_of(source)}:{number}",
                _whole(begun, chosen, "chosen"),
                _whole(begun, rejected, "rejected"),
                row.get("rater") or rater,
                tools,
            )
        except LeftOut as reason:
            left_out[str(reason)] += 1
            return None

    return [ranking for ranking in read_hub(source, make) if ranking is not None]


def _check_transcripts(chosen: str, rejected: str) -> None:
    for name, text in (("chosen", chosen), ("rejected", rejected)):
        if "\n\nHuman:" not in text:
            raise ConfigError(
                f"there is no column 'prompt', and {name} is neither a list of messages nor a transcript that begins "
                f"with '\\n\\nHuman:', got {shown(text)}."
            )


def _begun(prompt: Any) -> tuple[Message, ...]:
    if prompt is None:
        return ()
    return (Message("user", prompt),) if isinstance(prompt, str) else read_messages(prompt, "prompt")


def _whole(begun: tuple[Message, ...], reply: Any, name: str) -> tuple[Message, ...]:
    """The whole conversation. A column that begins with the user holds it already, whatever `prompt` says."""
    if isinstance(reply, str):
        return (*begun, Message("assistant", reply))
    messages = read_messages(reply, name)
    return messages if messages[0].role in ("system", "user") else (*begun, *messages)
