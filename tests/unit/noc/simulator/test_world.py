from __future__ import annotations

from collections import Counter
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.values import is_id
from noc.model.errors import UsageError
from noc.simulator.configuration import ROOMS
from noc.simulator.counts import FLEET, largest_remainders
from noc.simulator.models import model_of
from noc.simulator.world import VANTAGE, build


@st.composite
def sizes(draw: st.DrawFn) -> tuple[int, int, int]:
    sites = draw(st.integers(1, 60))
    return sites, draw(st.integers(sites, sites * 15)), draw(st.integers(0, 5))


@given(sizes())
def test_a_world_holds_together(size: tuple[int, int, int]) -> None:
    sites, devices, seed = size
    world = build(sites, devices, seed)
    assert len(world.devices) == devices
    assert len({device.id for device in world.devices}) == devices
    assert len({device.address for device in world.devices}) == devices
    assert all(is_id(device.id) for device in world.devices)
    assert all(device.address in ip_network("127.0.0.0/8") for device in world.devices)
    assert all(device.number == number for number, device in enumerate(world.devices))
    assert all(world.edges[place.id] for place in world.places)
    # `order` is worked out by a sorter that refuses circles; it holds every device, each behind its upstream.
    position = {number: index for index, number in enumerate(world.order)}
    assert len(position) == devices
    assert all(position[way] < position[number] for number, ways in enumerate(world.before) for way in ways)


@given(sizes())
def test_only_the_vantage_has_no_way_before_it(size: tuple[int, int, int]) -> None:
    world = build(*size)
    free = {device.id for device in world.devices if not world.before[device.number]}
    assert free == {device.id for device in world.edges[VANTAGE]}


def test_the_whole_fleet_has_the_published_numbers() -> None:
    world = build()
    assert Counter(device.device_class for device in world.devices) == FLEET
    assert len(world.places) == 594


def test_a_small_world_keeps_the_proportions_of_what_its_sites_do_not_need() -> None:
    counts = Counter(device.device_class for device in build(60, 2000).devices)
    assert counts["switch"] / counts["digital-terminal"] == pytest.approx(6967 / 4256, rel=0.03)
    assert counts["switch"] / counts["server"] == pytest.approx(6967 / 975, rel=0.05)


def test_field_sites_hang_on_a_modem_and_that_on_the_earth_stations() -> None:
    world = build(60, 900)
    field = [place for place in world.places if place.site_class == "field"]
    assert field
    for place in field:
        (edge,) = world.edges[place.id][:1]
        modem = world.devices[world.before[edge.number][0]]
        assert modem.device_class == "satellite-modem"
        assert modem.site == place.id
        stations = [world.devices[number] for number in world.before[modem.number]]
        assert {station.device_class for station in stations} == {"earth-station"}
        assert len({station.site for station in stations}) == 1
        assert edge.number in world.over_satellite
    hubs = {world.devices[number].site for number in range(len(world.devices)) if number not in world.over_satellite}
    assert "brindisi" in hubs
    assert not hubs & {place.id for place in field}


def test_a_mission_hangs_on_both_data_centres() -> None:
    world = build(60, 900)
    mission = next(place for place in world.places if place.site_class == "mission")
    modem = next(device for device in world.at[mission.id] if device.device_class == "satellite-modem")
    assert {world.devices[number].site for number in world.before[modem.number]} == {"brindisi", "valencia"}


@pytest.mark.parametrize(("sites", "devices"), [(594, 593), (2, 1), (10, 0)])
def test_fewer_devices_than_sites_are_refused(sites: int, devices: int) -> None:
    with pytest.raises(UsageError, match=rf"{devices} devices? for {sites} sites: each site needs a router"):
        build(sites, devices)


def test_too_many_devices_are_refused() -> None:
    with pytest.raises(UsageError, match="100000 at most"):
        build(10, 100_001)


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=20), st.integers(0, 5000))
def test_largest_remainders_add_up_and_are_never_off_by_one(shares: list[float], total: int) -> None:
    found = largest_remainders(shares, total)
    whole = sum(shares)
    if whole == 0:
        assert found == [0] * len(shares)
        return
    assert sum(found) == total
    assert all(abs(one - total * share / whole) < 1.001 for one, share in zip(found, shares, strict=True))


def test_members_of_an_entity() -> None:
    world = build(20, 100)
    assert world.members("site/brindisi") == world.at["brindisi"]
    assert world.members("device/brindisi-rtr-1")[0].id == "brindisi-rtr-1"
    africa = {device.site for device in world.members("region/africa")}
    assert africa == {place.id for place in world.places if place.region == "africa"}
    for wrong in ("region/nowhere", "site/x", "device/x", "planet/earth"):
        with pytest.raises(KeyError):
            world.members(wrong)


def test_each_hall_of_a_data_centre_has_an_air_conditioner() -> None:
    made = build(60, 600)
    for place in made.places:
        cooled = {
            device.number % ROOMS
            for device in made.at[place.id]
            if model_of(device.device_class, place.site_class, device.number) == "air-conditioner"
        }
        assert cooled == (set(range(ROOMS)) if place.site_class == "hub" else set())
