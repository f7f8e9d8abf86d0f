"""Places for stories in virtual time: sites with their routers, stars of these around a hub, dishes with two modems."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from noc.inventory.entities import Circuit, Device, Site
from noc.inventory.inventory import Inventory
from tests.flows.world import World, circuit, device, site


class Make(Protocol):
    async def __call__(self, known: Inventory, **more: object) -> World: ...


Numbers = Callable[[], int]


def office(name: str, number: Numbers, devices: int = 3, **more: object) -> tuple[Site, list[Device]]:
    """Return a site with one edge device and others behind it."""
    found = [device(f"{name}-rtr", name, number())]
    found += [device(f"{name}-{index}", name, number()) for index in range(devices)]
    return site(name, f"{name}-rtr", **more), found


def star(number: Numbers, fields: int, **more: object) -> tuple[list[Site], list[Device], list[Circuit]]:
    """Return a hub with two edges, and field sites with two circuits each, one to either edge."""
    hub = [device("hub-1", "hub", number()), device("hub-2", "hub", number()), device("hub-sw", "hub", number())]
    sites, devices, lines = [site("hub", "hub-1", "hub-2")], hub, list[Circuit]()
    for index in range(fields):
        name = f"f{index}"
        place, inside = office(name, number)
        sites.append(place)
        devices += inside
        lines += [circuit(f"{name}-{z}", name, f"{name}-rtr", f"hub-{z}", **more) for z in (1, 2)]
    return sites, devices, lines


def names(world: World, *sites: str) -> Iterator[str]:
    for one in sites:
        yield from (found.entity for found in world.inventory.devices_of(one))


def dish(number: Numbers, name: str) -> tuple[Site, list[Device]]:
    """Return a site whose router is reached over two modems of its own, and these over an earth station elsewhere."""
    place, inside = office(name, number)
    modems = [device(f"{name}-sat-{n}", name, number(), upstream=("device/earth",)) for n in (1, 2)]
    inside[0] = replace(inside[0], upstream=tuple(one.entity for one in modems))
    return place, [*inside, *modems]
