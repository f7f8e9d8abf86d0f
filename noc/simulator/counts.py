"""How many devices of each class a world has, and where they stand. Figures: the field assets of an organisation with
594 sites on 30 June 2017, 20,303 devices; a smaller world keeps their proportions as far as its sites allow. Pure.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Final

from noc.inventory.layers import DeviceClass
from noc.model.counting import counted
from noc.model.errors import UsageError
from noc.simulator.places import Place

FLEET: Final[Mapping[DeviceClass, int]] = {
    "router": 1641,
    "satellite-modem": 2603,
    "switch": 6967,
    "digital-terminal": 4256,
    "server": 679 + 296,  # computer servers and network servers
    "radio": 910,
    "video": 771,
    "firewall": 736,
    "pabx": 503,
    "earth-station": 434,
    "ups": 320,  # these three are the 432 of "other network equipment"
    "microwave": 60,
    "other": 52,
    "storage": 53,
    "tape-library": 22,
}
DEVICES: Final = sum(FLEET.values())
DEVICES_AT_MOST: Final = 100_000

MODEM_SHARE: Final = 0.6
"""Of the devices beside the routers, at most so many are modems: a small world must show other classes too."""

COOLING_OF_A_HUB: Final = 2
"""Air conditioners of a data centre: one in each hall, in worlds that have devices enough."""

# How much of each class a site of each class attracts, beside what every site needs.
ATTRACTION: Final[Mapping[DeviceClass, Mapping[str, float]]] = {
    "switch": {"hub": 60, "rtc": 40, "office": 15, "mission": 40, "field": 3},
    "digital-terminal": {"mission": 60, "field": 4},
    "satellite-modem": {"mission": 20, "field": 2},
    "router": {"hub": 20, "rtc": 12, "office": 4, "mission": 10, "field": 1},
    "server": {"hub": 120, "rtc": 40, "office": 4, "mission": 12, "field": 0.3},
    "radio": {"mission": 12, "field": 1},
    "video": {"hub": 6, "rtc": 20, "office": 6, "mission": 8, "field": 0.7},
    "firewall": {"hub": 10, "rtc": 6, "office": 2, "mission": 4, "field": 0.8},
    "pabx": {"hub": 2, "rtc": 3, "office": 2, "mission": 5, "field": 0.6},
    "earth-station": {"hub": 40, "mission": 6, "field": 0.3},
    "ups": {"hub": 4, "rtc": 3, "office": 1, "mission": 2, "field": 0.6},
    "microwave": {"mission": 3, "field": 0.1},
    "other": {"hub": 6, "rtc": 4, "office": 2, "mission": 4, "field": 0.4},
    "storage": {"hub": 8, "rtc": 3, "mission": 1},
    "tape-library": {"hub": 4, "rtc": 1, "mission": 0.3},
}
BEHIND_SATELLITE: Final = frozenset({"mission", "field"})
"""Classes of sites that have no other line."""

Counts = dict[DeviceClass, list[int]]
"""Class to the number of its devices at each site, in the sites' order."""


def counts(places: Sequence[Place], devices: int, rng: random.Random) -> Counts:
    """Return where so many devices stand. Every site has a router.

    Raises UsageError when there are fewer devices than sites, or too many.
    """
    if devices < len(places):
        raise UsageError(
            f"{counted(devices, 'device')} for {counted(len(places), 'site')}: each site needs a router at least; "
            f"ask for {counted(len(places), 'device')} or more, or for fewer sites"
        )
    if devices > DEVICES_AT_MOST:
        raise UsageError(f"{devices} devices: a world has {DEVICES_AT_MOST} at most")
    needed = _needed(places, devices)
    totals = _totals({name: sum(row) for name, row in needed.items()}, devices, places)
    size = [1.0 if place.site_class == "hub" else rng.lognormvariate(0, 0.6) for place in places]
    found: Counts = {}
    for name, total in totals.items():
        base = needed.get(name, [0] * len(places))
        shares = [ATTRACTION[name].get(place.site_class, 0) * big for place, big in zip(places, size, strict=True)]
        more = largest_remainders(shares, total - sum(base))
        found[name] = [one + other for one, other in zip(base, more, strict=True)]
    return found


def _needed(places: Sequence[Place], devices: int) -> Counts:
    """Return what comes first: routers, two at the centres, earth stations, modems that talk to them, cooled halls."""
    left = int((devices - len(places)) * MODEM_SHARE)
    routers = [1] * len(places)
    for number, place in enumerate(places):
        if place.site_class in ("hub", "rtc") and left > 0:
            routers[number] += 1
            left -= 1
    modems, stations, cooling = ([0] * len(places) for _ in range(3))
    for number, place in enumerate(places):
        if place.site_class == "hub" and left > len(places) + COOLING_OF_A_HUB:  # lines come before cold air
            cooling[number] = COOLING_OF_A_HUB
            left -= COOLING_OF_A_HUB
    for number, place in enumerate(places):
        if place.site_class == "hub" and left > 0:
            stations[number] = 1
            left -= 1
        elif place.site_class in BEHIND_SATELLITE and left > 0:
            modems[number] = 1
            left -= 1
    return {"router": routers, "satellite-modem": modems, "earth-station": stations, "other": cooling}


def _totals(needed: Mapping[DeviceClass, int], devices: int, places: Sequence[Place]) -> dict[DeviceClass, int]:
    """Return how many of each class there are: its share of the fleet, at least what is needed."""
    kinds = {place.site_class for place in places}
    classes = [name for name in FLEET if kinds & ATTRACTION[name].keys()]
    shares = [float(FLEET[name]) for name in classes]
    wanted = dict(zip(classes, largest_remainders(shares, devices), strict=True))
    lacking = [float(max(wanted[name] - needed.get(name, 0), 0)) for name in classes]
    more = largest_remainders(lacking, devices - sum(needed.values()))
    return {name: needed.get(name, 0) + extra for name, extra in zip(classes, more, strict=True)}


def largest_remainders(shares: Sequence[float], total: int) -> list[int]:
    """Return whole numbers in proportion to shares that add up to `total`."""
    whole = sum(shares)
    if total <= 0 or whole <= 0:
        return [0] * len(shares)
    exact = [total * share / whole for share in shares]
    given = [int(part) for part in exact]
    order = sorted(range(len(shares)), key=lambda index: (given[index] - exact[index], index))
    for index in order[: total - sum(given)]:
        given[index] += 1
    return given
