"""Places on the map."""

from __future__ import annotations

import pytest

from noc.web.worldmap import BOX, Spot, dots, spot


@pytest.mark.parametrize(
    ("latitude", "longitude", "x", "y"),
    [
        (0, 0, 0, 0),
        (45, 90, 123.2, -79.3),
        (78, -180, -189.6, -131.1),
        (-56, 180, 230.6, 98.0),
        (64, -150, -180.9, -110.8),
    ],
)
def test_places_lie_where_natural_earth_puts_them(latitude: float, longitude: float, x: float, y: float) -> None:
    # The numbers are those of d3's projection of the same name, which draws the land.
    assert spot(latitude, longitude) == Spot(x, y)


@pytest.mark.parametrize(("latitude", "longitude"), [(72, -179), (-53, -70), (0, 180), (78, 16)])
def test_where_people_live_is_in_the_box(latitude: float, longitude: float) -> None:
    left, top, width, height = BOX
    found = spot(latitude, longitude)
    assert left <= found.x <= left + width
    assert top <= found.y <= top + height


def test_dots_are_one_path() -> None:
    assert dots([Spot(1.5, -2.0), Spot(0.0, 3.0)]) == "M1.5 -2h0M0 3h0"
    assert dots([]) == ""
