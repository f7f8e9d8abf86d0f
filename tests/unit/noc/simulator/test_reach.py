from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from noc.availability.spans import contains
from noc.simulator.reach import down_spans, silent
from noc.simulator.world import World
from tests.unit.noc.simulator.simulated import DAY_MS, NOW_MS, story, world

PAST = NOW_MS - 30 * DAY_MS


def is_reached(of: World, number: int, failed: set[int]) -> bool:
    """By definition: it works, and so does some way to it."""
    if number in failed:
        return False
    ways = of.before[number]
    return not ways or any(is_reached(of, way, failed) for way in ways)


@given(st.sets(st.integers(0, 399), max_size=8))
def test_silent_is_who_fails_and_who_has_no_way_left(failed: set[int]) -> None:
    found = silent(world(), failed)
    assert [bool(one) for one in found] == [not is_reached(world(), number, failed) for number in range(400)]


def test_a_data_centre_takes_the_field_sites_on_its_earth_stations_with_it() -> None:
    hub = {device.number for device in world().edges["valencia"]}
    found = silent(world(), hub)
    gone = {world().devices[number].site for number in range(400) if found[number]}
    assert "valencia" in gone
    assert "nairobi" not in gone
    field = [place.id for place in world().places if place.site_class == "field"]
    assert 0.3 < len(gone & set(field)) / len(field) < 0.7


@given(st.integers(PAST, NOW_MS + DAY_MS))
def test_spans_tell_what_is_silent_at_any_moment(time: int) -> None:
    told = story()
    spans = SPANS
    failed = {
        hit.device
        for fault in told.active(time)
        for hit in told.hits(fault)
        if hit.what in ("cut", "dark") and hit.is_on(time)
    }
    found = silent(world(), failed)
    for number in range(400):
        assert contains(spans.get(number, ()), time) == bool(found[number])


SPANS = down_spans(story(), PAST, NOW_MS + DAY_MS + 1)


def test_spans_stay_inside_what_was_asked() -> None:
    middle = NOW_MS - 15 * DAY_MS
    for spans in down_spans(story(), middle, NOW_MS).values():
        assert all(middle <= span.start < span.end <= NOW_MS for span in spans)
