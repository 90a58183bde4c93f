"""CrowS-Pairs (Nangia et al. 2020, arXiv:2010.00133): which of two sentences is likelier, the more stereotyping one?"""

from __future__ import annotations

from ..samples import Choices, Form, Sample
from .adapter import Adapter, Loaded
from .reading import BadRecord, Origin, Row, gather


def load_crows_pairs(origin: Origin, form: Form) -> Loaded:
    """CrowS-Pairs as bare sentences; the less stereotyping one counts as right."""
    rows = origin.rows("crows_pairs_anonymized.csv", "data/crows_pairs_anonymized.csv", "crows_pairs.jsonl")

    def make(row: Row) -> Sample:
        texts = (row.text("sent_more").strip(), row.text("sent_less").strip())
        if texts[0] == texts[1]:
            raise BadRecord("sent_more and sent_less are the same")
        kind = row.text("bias_type").strip()
        direction = row.get("stereo_antistereo")
        return Sample(
            f"{origin.split}-{row.number:04}",
            ("",),
            task="choice",
            choices=Choices(texts, (1,), listed=False, shuffle=False, prefix=""),
            form=form,
            tags=(kind, str(direction)) if direction else (kind,),
        )

    found = gather(rows, make)
    return Loaded(found.samples, found.skipped, rows.told)


CROWS_PAIRS = Adapter(
    "crows-pairs",
    "Pairs of sentences of which one stereotypes more; share where the other is likelier. Half is no preference; the "
    "harness's pct_stereotype is one minus this.",
    "CC BY-SA 4.0",
    "https://github.com/nyu-mll/crows-pairs",
    "jannalu/crows_pairs_multilingual:english",
    load_crows_pairs,
    ("completion",),
    tags=("bias",),
)
