"""The world in two dimensions, Natural Earth (Šavrič and others, 2011), and sites on it. Pure.

The outline of the land is drawn by `assets/src/wall.js`, in the same projection and the same box.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import radians
from typing import Final

SCALE: Final = 100.0
"""Units of the box for one radian at the equator."""

BOX: Final = (-280.0, -137.0, 560.0, 234.0)
"""x, y, width, height: from 78° north to 56° south; nobody lives beyond."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something lies in the box."""

    x: float
    y: float


def spot(latitude: float, longitude: float) -> Spot:
    """Return where a place lies. Degrees, north and east are positive."""
    north, east = radians(latitude), radians(longitude)
    two = north * north
    four = two * two
    x = east * (0.8707 - 0.131979 * two - 0.013791 * four + four * four * (0.003971 * two - 0.001529 * four))
    y = north * (1.007226 + 0.015085 * two + two * four * (-0.044475 + 0.028874 * two - 0.005916 * four))
    return Spot(round(x * SCALE, 1), round(-y * SCALE, 1))


def dots(spots: Iterable[Spot]) -> str:
    """Return the path of many dots: lines of no length, which round ends make round."""
    return "".join(f"M{one.x:g} {one.y:g}h0" for one in spots)
