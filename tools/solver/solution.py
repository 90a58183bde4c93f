"""What the solver gives back: strings only, so that an answer can cross a process and become JSON as it is."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Solution:
    """The answer to one query.

    Args:
        exact: the exact result, in the notation that the solver reads (`x^3/3 + C`).
        decimal: the value rounded to the asked precision; empty where the result is not a number.
        latex: the exact result as LaTeX, without dollar signs; empty where it would be too long.
        text: what a language model reads: at most 2,000 characters.
        assumptions: how an ambiguous query was read ("angle in radians", "solved for x").
        steps: how the result comes about, one line each; empty unless asked for and known.
        plot: a picture, as SVG or as PNG in base64; `None` unless asked for.
        plot_format: `svg`, `png`, or empty where there is no picture.
        plottable: whether a picture of what was asked can be drawn; ask again with `plot`.
        verified: how the result was checked ("checked by substitution"), `None` if it was not.
    """

    exact: str
    decimal: str
    latex: str
    text: str
    assumptions: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    plot: str | None = None
    verified: str | None = None
    plot_format: str = ""
    plottable: bool = False

    @property
    def plot_bytes(self) -> bytes:
        """The picture as the bytes of a file, empty where there is none."""
        if self.plot is None:
            return b""
        return base64.b64decode(self.plot) if self.plot_format == "png" else self.plot.encode()

    def to_dict(self) -> dict[str, Any]:
        return {
            "exact": self.exact,
            "decimal": self.decimal,
            "latex": self.latex,
            "text": self.text,
            "assumptions": list(self.assumptions),
            "steps": list(self.steps),
            "plot": self.plot,
            "verified": self.verified,
            "plot_format": self.plot_format,
            "plottable": self.plottable,
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Solution:
        return cls(
            exact=str(value["exact"]),
            decimal=str(value["decimal"]),
            latex=str(value["latex"]),
            text=str(value["text"]),
            assumptions=tuple(str(item) for item in value.get("assumptions") or ()),
            steps=tuple(str(item) for item in value.get("steps") or ()),
            plot=value.get("plot"),
            verified=value.get("verified"),
            plot_format=str(value.get("plot_format") or ""),
            plottable=bool(value.get("plottable")),
        )
