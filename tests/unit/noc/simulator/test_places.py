from __future__ import annotations

from collections import Counter
from zoneinfo import available_timezones

import pytest

from noc.inventory.values import is_id
from noc.model.errors import UsageError
from noc.simulator.places import CENTRES, SITES, places


def test_the_centres_come_first_and_every_site_has_an_id_of_its_own() -> None:
    found = places()
    assert len(found) == SITES
    assert found[: len(CENTRES)] == CENTRES
    assert len({place.id for place in found}) == SITES
    assert all(is_id(place.id) for place in found)


def test_every_site_stands_somewhere() -> None:
    zones = available_timezones()
    for place in places():
        assert place.time_zone in zones
        assert -90 <= place.latitude <= 90
        assert -180 <= place.longitude <= 180
        assert len(place.country) == 2
        assert place.country.isupper()


def test_the_field_is_where_missions_are() -> None:
    found = places()
    field = Counter(place.region for place in found if place.site_class == "field")
    assert field["africa"] > sum(field.values()) / 2
    assert set(field) == {"africa", "europe", "asia-pacific", "americas"}
    assert Counter(place.site_class for place in found) == {
        "hub": 2,
        "rtc": 4,
        "office": 24,
        "mission": 36,
        "field": 528,
    }


def test_the_same_seed_gives_the_same_sites_and_another_gives_others() -> None:
    assert places(80, seed=3) == places(80, seed=3)
    assert places(80, seed=3) != places(80, seed=4)


def test_more_sites_than_towns_get_numbers() -> None:
    found = places(3000)
    assert len({place.id for place in found}) == 3000
    assert any(place.id.endswith("-2") for place in found)


@pytest.mark.parametrize("count", [0, -1, 20_001])
def test_a_world_without_sites_or_with_too_many_is_refused(count: int) -> None:
    with pytest.raises(UsageError, match=f"{count} sites"):
        places(count)
