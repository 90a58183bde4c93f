"""Public evaluation sets as suites, read from their own published formats.

`load_public("gsm8k", Path("grade-school-math"))` reads files; without a path the Hugging Face hub is asked. In the
`chat` form a set is posed as one would ask an assistant; the `completion` form is the bare prompt of EleutherAI's
lm-evaluation-harness (0.4.13), so that figures can be compared with published ones. Nothing of a set ships with the
project.
"""

from __future__ import annotations

import difflib
from pathlib import Path

from ...tools import ConfigError
from ..samples import Form, Suite
from . import (
    bbq,
    bfcl,
    commonsense,
    crows_pairs,
    hh_rlhf,
    ifeval,
    math_500,
    mmlu,
    mt_bench,
    nq_open,
    openfunctions,
    selfaware,
    truthfulqa,
    wikitext,
    winogender,
    word_problems,
    xstest,
)
from .adapter import Adapter
from .reading import Origin

ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter
    for adapter in (
        word_problems.GSM8K,
        word_problems.SVAMP,
        math_500.MATH_500,
        mmlu.MMLU,
        commonsense.COMMONSENSEQA,
        commonsense.STRATEGYQA,
        nq_open.NQ_OPEN,
        truthfulqa.MC1,
        truthfulqa.MC2,
        truthfulqa.GENERATION,
        selfaware.SELFAWARE,
        hh_rlhf.HH_RLHF,
        xstest.XSTEST,
        bbq.BBQ,
        crows_pairs.CROWS_PAIRS,
        winogender.WINOGENDER,
        ifeval.IFEVAL,
        mt_bench.MT_BENCH,
        bfcl.BFCL,
        openfunctions.OPENFUNCTIONS,
        wikitext.WIKITEXT,
    )
}

__all__ = ["ADAPTERS", "Adapter", "load_public"]


def load_public(name: str, path: Path | None, *, form: Form | None = None, split: str | None = None) -> Suite:
    """Reads a public evaluation set.

    Args:
        name: a key of `ADAPTERS`; case and `_` for `-` do not matter.
        path: a file of the set, or a folder that holds its files under their usual names; `None` asks the hub.
        form: `chat` or `completion`; the adapter's first form by default.
        split: which part, such as `test` or `validation`; a file is read whole. The adapter's own by default.

    Returns:
        The suite; records that could not be read stand in `skipped`.

    Raises:
        ConfigError: there is no such set, form, file or split; the hub cannot be reached; no record can be read.
    """
    key = name.strip().lower().replace("_", "-")
    adapter = ADAPTERS.get(key)
    if adapter is None:
        near = difflib.get_close_matches(key, ADAPTERS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(ADAPTERS)}."
        raise ConfigError(f"there is no public set {name!r}; {hint}")
    form = form or adapter.forms[0]
    if form not in adapter.forms:
        raise ConfigError(f"{adapter.name} is only posed in the form {' or '.join(adapter.forms)}, got {form!r}.")
    loaded = adapter.load(Origin(adapter.name, path, adapter.hub, split or adapter.split), form)
    return Suite(
        adapter.name,
        adapter.description,
        tuple(loaded.samples),
        loaded.part,
        loaded.shown,
        adapter.tags,
        adapter.licence,
        f"{adapter.homepage} ({loaded.told})",
        tuple(loaded.skipped),
    )
