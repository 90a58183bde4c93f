"""Writes a split to a JSON-lines file: `python -m pericles.policies.training.data --split train --out train.jsonl`."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from ..rows import write_rows
from . import SPLITS, generate


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m pericles.policies.training.data", description=__doc__)
    parser.add_argument("--split", choices=SPLITS, default="train")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows = list(generate(options.split, options.seed, options.rows))
    write_rows(options.out, rows)
    kinds = Counter(row["kind"] for row in rows)
    print(f"{len(rows)} rows in {options.out}: " + ", ".join(f"{kind} {n}" for kind, n in kinds.most_common()))


if __name__ == "__main__":
    main()
