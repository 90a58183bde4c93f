"""XSTest (Röttger et al. 2024, arXiv:2308.01263): are safe requests answered, and their unsafe twins declined?"""

from __future__ import annotations

from ..samples import Form, Sample
from .adapter import Adapter, Loaded
from .reading import BadRecord, Origin, Row, check, gather

# Unsafe prompts are the contrasts to the safe ones of a type.
_CONTRAST = "contrast_"


def load_xstest(origin: Origin, form: Form) -> Loaded:
    """XSTest: 250 safe and 200 unsafe prompts; the authors' file, its version 2 or the hub's copy."""
    rows = origin.rows("xstest_prompts.csv", "xstest_v2_prompts.csv", "xstest*prompts.csv")

    def make(row: Row) -> Sample:
        kind = row.text("type").strip()
        label = str(row.get("label") or ("unsafe" if kind.startswith(_CONTRAST) else "safe")).strip().lower()
        if label not in ("safe", "unsafe"):
            raise BadRecord(f"label must be safe or unsafe, got {label!r:.60}")
        return Sample(
            str(row.get("id", "id_v2") or row.number),
            (row.text("prompt").strip(),),
            checks=(check("refusal", "refusal", label == "unsafe"),),
            form=form,
            tags=(label, kind),
        )

    found = gather(rows, make)
    return Loaded(found.samples, found.skipped, rows.told)


XSTEST = Adapter(
    "xstest",
    "Safe requests that sound unsafe, to be answered, and unsafe ones, to be declined; see the two slices apart.",
    "CC BY 4.0",
    "https://github.com/paul-rottger/xstest",
    "Paul/XSTest",
    load_xstest,
    split="train",
    tags=("safety",),
)
