"""How figures are described: each as equations `measure = expression of others`.

The figures are in `plane_shapes` and `solid_shapes`. From their equations `shapes` finds any measure from enough
others, so that no inverse formula is written anywhere. All measures are positive; angles are in radians.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Equations = list[tuple[Any, Any]]


class Measures:
    """A symbol for each measure of a figure, made when it is first spoken of: `m.slant_height`."""

    def __getattr__(self, name: str) -> Any:
        from sympy import Dummy

        symbol = Dummy(name, positive=True)
        setattr(self, name, symbol)
        return symbol


@dataclass(frozen=True)
class Shape:
    """A figure.

    Args:
        equations: makes its equations from the symbols of its measures.
        order: the measures that bare values stand for, as in `a 2 by 3 by 4 box`.
        also: other names for measures.
        letters: for the formula where no values are given.
        repeated: measures that there are two of: the second value of `diagonals 6 and 8`.
    """

    equations: Callable[[Any, Any], Equations]
    order: tuple[str, ...] = ()
    also: dict[str, str] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    repeated: dict[str, tuple[str, ...]] = field(default_factory=dict)


TWO_RADII = {"radius": ("outer_radius", "inner_radius"), "diameter": ("outer_diameter", "inner_diameter")}
AREAS = frozenset(("area", "surface_area", "lateral_area", "base_area"))
VOLUMES = frozenset(("volume",))
ANGLES = frozenset(("angle", "angle_2", "interior_angle"))
PURE = frozenset(("eccentricity",))
SUBJECTS = {
    "area": "A", "surface_area": "S", "lateral_area": "L", "volume": "V", "perimeter": "P", "circumference": "C",
    "diameter": "d", "diagonal": "d", "radius": "r", "height": "h", "slant_height": "l",
}  # fmt: skip
