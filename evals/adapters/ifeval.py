"""IFEval (Zhou et al. 2023, arXiv:2311.07911): instructions whose following a program can check."""

from __future__ import annotations

from typing import Any, cast

from ..samples import Form, Sample
from .adapter import Adapter, Loaded
from .reading import BadRecord, Origin, Row, check, gather


def load_ifeval(origin: Origin, form: Form) -> Loaded:
    """IFEval; a prompt counts where all of its instructions are followed."""
    rows = origin.rows("input_data.jsonl", "data/input_data.jsonl", "ifeval_input_data.jsonl")

    def make(row: Row) -> Sample:
        prompt = row.text("prompt")
        expected = _instructions(row, prompt)
        families = dict.fromkeys(str(one["kind"]).partition(":")[0] for one in expected)
        return Sample(
            str(row.get("key") or row.number),
            (prompt,),
            checks=tuple(check(mode, {"kind": "constraints", "mode": mode}, expected) for mode in ("strict", "loose")),
            max_new_tokens=1280,
            form=form,
            tags=tuple(families),
        )

    found = gather(rows, make)
    return Loaded(found.samples, found.skipped, rows.told, "strict")


def _instructions(row: Row, prompt: str) -> list[dict[str, Any]]:
    kinds, arguments = row.texts("instruction_id_list"), row.need("kwargs")
    if not isinstance(arguments, list) or len(cast("list[Any]", arguments)) != len(kinds):
        raise BadRecord(f"kwargs must hold the arguments of each of the {len(kinds)} instructions")
    found: list[dict[str, Any]] = []
    for kind, given in zip(kinds, cast("list[Any]", arguments), strict=True):
        # The hub gives every instruction the arguments of all, most of them null.
        if not isinstance(given, dict | None):
            raise BadRecord(f"the arguments of {kind} must be an object, got {given!r:.60}")
        named = cast("dict[str, Any]", given or {})
        held = {name: value for name, value in named.items() if value is not None}
        if kind == "combination:repeat_prompt":
            held.setdefault("prompt_to_repeat", prompt)
        found.append({**held, "kind": kind})
    return found


IFEVAL = Adapter(
    "ifeval",
    "Instructions such as `at least 300 words`, checked by rules; share of prompts where all are followed. The score "
    "is `strict`; `loose` forgives an introducing or closing line and asterisks.",
    "Apache-2.0",
    "https://github.com/google-research/google-research/tree/master/instruction_following_eval",
    "google/IFEval",
    load_ifeval,
    ("chat", "completion"),
    "train",
    ("general",),
)
