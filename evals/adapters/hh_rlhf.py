"""HH-RLHF (Bai et al. 2022, arXiv:2204.05862): does a policy hold the reply that people chose likelier?"""

from __future__ import annotations

from ...policies.engines import Message
from ...policies.feedback.hh_rlhf import LeftOut, transcript
from ..samples import Choices, Form, Sample
from .adapter import Adapter, Loaded
from .reading import BadRecord, Origin, Row, gather

_NAMES = {"user": "Human", "assistant": "Assistant"}


def load_hh_rlhf(origin: Origin, form: Form) -> Loaded:
    """HH-RLHF, one folder of it or several."""
    rows = origin.rows("{split}.jsonl", "{split}.jsonl.gz", "*/{split}.jsonl", "*/{split}.jsonl.gz")

    def make(row: Row) -> Sample:
        chosen, rejected = conversation(row.text("chosen")), conversation(row.text("rejected"))
        if chosen[:-1] != rejected[:-1]:
            raise BadRecord("chosen and rejected do not continue the same conversation")
        if chosen == rejected:
            raise BadRecord("chosen and rejected are the same")
        texts = (chosen[-1].content, rejected[-1].content)
        if not all(texts):
            raise BadRecord(f"{'rejected' if texts[0] else 'chosen'} ends with an empty reply")
        *history, question = chosen[:-1]
        subset = row.file.rpartition("/")[0]
        completion = form == "completion"
        # A short reply is likelier than a long one, whatever it says: likelihoods are compared per character.
        return Sample(
            f"{subset or origin.split}-{row.number:05}",
            (_transcript(chosen[:-1]) if completion else question.content,),
            () if completion else tuple(history),
            "choice",
            choices=Choices(texts, (0,), listed=False, normalise=True),
            form=form,
            tags=(subset,) if subset else (),
        )

    found = gather(rows, make)
    return Loaded(found.samples, found.skipped, rows.told)


def conversation(text: str) -> tuple[Message, ...]:
    """See `policies.feedback.hh_rlhf.transcript`.

    Raises:
        BadRecord: the transcript does not begin with the human or end with the assistant.
    """
    try:
        return transcript(text)
    except LeftOut as error:
        raise BadRecord("must begin with '\\n\\nHuman:' and end with '\\n\\nAssistant:' and a reply") from error


def _transcript(messages: tuple[Message, ...]) -> str:
    said = "".join(f"\n\n{_NAMES[message.role]}: {message.content}" for message in messages)
    return f"{said}\n\nAssistant:"


HH_RLHF = Adapter(
    "hh-rlhf",
    "Pairs of replies of which people chose one; share where the chosen one is likelier per character.",
    "MIT",
    "https://github.com/anthropics/hh-rlhf",
    "Anthropic/hh-rlhf",
    load_hh_rlhf,
    ("chat", "completion"),
    tags=("safety",),
)
