"""A region that is lost is one fault: who fails late in it joins, also a site with a single way in; others don't."""

from __future__ import annotations

from dataclasses import replace

from noc.inventory.entities import Device, Region, Site
from noc.inventory.inventory import Inventory
from tests.flows.places import Make, Numbers, dish, office
from tests.flows.world import device, inventory, site


def lone_dish(number: Numbers, name: str) -> tuple[Site, list[Device]]:
    """Return a site whose router is reached over one modem of its own, and this over an earth station elsewhere."""
    place, inside = office(name, number)
    modem = device(f"{name}-sat-1", name, number(), upstream=("device/earth",))
    inside[0] = replace(inside[0], upstream=(modem.entity,))
    return place, [*inside, modem]


def region(number: Numbers, pairs: int, alone: int) -> Inventory:
    """Return sites in Africa with two modems, `f…`, and with one, `g…`; in Europe an earth station and an office."""
    earth = site("earth", "earth", region="europe"), [device("earth", "earth", number())]
    places = [dish(number, f"f{index}") for index in range(pairs)]
    places += [lone_dish(number, f"g{index}") for index in range(alone)]
    places += [earth, office("far", number, region="europe")]
    known = inventory([one for one, _ in places], [one for _, some in places for one in some])
    return replace(known, regions={**known.regions, "europe": Region(id="europe", name="Europe")})


async def test_sites_with_a_single_modem_are_lost_with_their_region(make: Make, number: Numbers) -> None:
    world = await make(region(number, 8, 4))
    lost = [f"f{index}" for index in range(8)] + [f"g{index}" for index in range(4)]
    world.fail_site(*lost)
    await world.go(150)
    assert await world.open() == ["shared/region/africa"]
    assert await world.pages() == ["shared/region/africa"]
    world.restore_site(*lost)
    await world.go(240)
    assert await world.open() == []


async def test_what_fails_late_with_its_region_joins_and_what_fails_elsewhere_does_not(
    make: Make, number: Numbers
) -> None:
    world = await make(region(number, 8, 4))
    world.fail_site(*(f"f{index}" for index in range(8)))
    await world.go(120)
    assert await world.open() == ["shared/region/africa"]
    world.fail_site("g0")
    world.fail("device/far-0")
    await world.go(120)
    assert await world.open() == ["shared/region/africa", "device/far-0"]
    (lost, *_) = await world.incidents()
    assert "device/g0-sat-1" in {one.entity for one in await world.symptoms(lost.id)}
    world.fail_site("g1")
    await world.go(420)
    world.fail_site("g2")  # ten minutes after the region: a fault of its own
    await world.go(120)
    assert await world.open() == ["shared/region/africa", "device/far-0", "device/g2-sat-1"]


async def test_a_single_modem_that_fails_in_a_region_that_works_is_its_own_incident(
    make: Make, number: Numbers
) -> None:
    world = await make(region(number, 8, 4))
    world.fail_site("g0")
    world.fail_site("g1")
    await world.go(120)
    assert sorted(await world.open()) == ["device/g0-sat-1", "device/g1-sat-1"]
