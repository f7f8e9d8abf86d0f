"""What the firewalls of data centres refuse: now and then somebody at a field site tries a router's command line. Pure.

A wall that must hold is stated in the settings (`segmentation_of`), and the firewalls' lines of syslog prove it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from noc.settings.yamltext import Data
from noc.simulator.world import SimDevice, World

EVERY_MS: Final = 420_000
FIRST_AFTER_MS: Final = 60_000
"""So long from one refusal to the next of the same firewall, and to the first."""

FIELD: Final = "field"
CORE: Final = "core"
"""Tags of the routers of field sites, and of data centres."""

STATEMENT: Final = "field-to-core"
_PORT: Final = 22


class Refused(NamedTuple):
    """A line of a firewall."""

    firewall: SimDevice
    text: str


def tag_of(world: World, device: SimDevice) -> str:
    """Return the tag of a device; empty where it has none."""
    if device.device_class != "router":
        return ""
    return {"hub": CORE, "field": FIELD}.get(world.place[device.site].site_class, "")


def segmentation_of(world: World) -> dict[str, Data]:
    """Return the settings of what must not reach what; empty where a world has no two such parts."""
    if {FIELD, CORE} - {tag_of(world, device) for device in world.devices}:
        return {}
    wall: dict[str, Data] = {"from": FIELD, "must_not_reach": CORE, "ports": [_PORT], "every": "1h", "owner": "achieng"}
    segments: dict[str, Data] = {name: {"tags": [name]} for name in (FIELD, CORE)}
    return {"segmentation": {"segments": segments, "statements": {STATEMENT: wall}}}


def refused(world: World, turn: int) -> Iterator[Refused]:
    """Yield what the first firewall of each data centre refuses. turn: each is another site's."""
    tried = [device for device in world.devices if tag_of(world, device) == FIELD]
    for place in world.places:
        there = world.at[place.id]
        firewall = next((one for one in there if one.device_class == "firewall"), None)
        router = next((one for one in there if tag_of(world, one) == CORE), None)
        if tried and firewall is not None and router is not None:
            source = tried[turn % len(tried)]
            ports = f"src field:{source.address}/{49_152 + turn % 16_384} dst core:{router.address}/{_PORT}"
            yield Refused(firewall, f'%ASA-4-106023: Deny tcp {ports} by access-group "MANAGEMENT"')
