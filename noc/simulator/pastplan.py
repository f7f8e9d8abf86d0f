"""Which polls of the past are told first: of whom, and how close together. Pure.

Charts have steps: those of an hour and of six show each poll, that of a day steps of five minutes, of a month of two
hours, sparklines of a quarter of an hour; a step without a number is a gap. So the past is told in waves, from what is
looked at first to what nobody may look at: it ends when its time is up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from noc.simulator.tour import Tour
from noc.simulator.world import SimDevice, World

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

FIRST: Final = 20
"""So many devices have a day before others do, and a month that nobody else has."""

CLOSE: Final = 40
"""So many have all polls of the last hours before others have more than a few."""

NEAR: Final = 600
"""So many others have all polls of an hour: those that carry sites stand in front."""

GROUP: Final = 50
"""Devices of a wave, at most: one that is cut off has told nothing of what is near."""

DAY_STEP_MS: Final = 5 * MINUTE_MS
SPARK_STEP_MS: Final = 15 * MINUTE_MS
MONTH_STEP_MS: Final = 2 * HOUR_MS
MONTH_MS: Final = 29 * DAY_MS
"""Stores keep polls for thirty days, and refuse what is older."""

_ROUNDS: Final = 3
_CLASSES: Final = ("hub", "rtc", "mission", "office", "field")
_CARRYING: Final = ("router", "earth-station", "satellite-modem", "firewall")


class Poll(NamedTuple):
    """A poll at a moment, in milliseconds. is_told: it becomes numbers; else only the rates of the next one need it."""

    at_ms: int
    is_told: bool


@dataclass(frozen=True, slots=True)
class Wave:
    """Polls of some devices, by number, in `(start_ms, stop_ms]`. every: of their rhythm, one of so many.

    but: one of so many was told by an earlier wave; 0: none.
    """

    devices: tuple[int, ...]
    start_ms: int
    stop_ms: int
    every: int
    but: int = 0

    def polls(self, interval_ms: int, offset_ms: int) -> Iterator[Poll]:
        """Yield the polls of a device that is polled at `offset_ms` of each interval since the Unix epoch."""
        stride = self.every * interval_ms
        number = (self.start_ms - offset_ms) // stride * self.every  # the last one up to the start: for its counters
        yield Poll(number * interval_ms + offset_ms, is_told=False)
        while (at_ms := (number := number + self.every) * interval_ms + offset_ms) <= self.stop_ms:
            yield Poll(at_ms, is_told=not self.but or number % self.but != 0)


def waves(order: Sequence[int], until_ms: int, interval_ms: int) -> Iterator[Wave]:
    """Yield the waves. order: numbers of all devices, those that are looked at first in front. until_ms: the end."""

    def of(devices: Sequence[int], back_ms: int, to_ms: int, step_ms: int, but_ms: int = 0) -> Wave:
        every, but = (max(1, one // interval_ms) if one else 0 for one in (step_ms, but_ms))
        return Wave(tuple(devices), until_ms - back_ms, until_ms - to_ms, every, but)

    first, close, others = order[:FIRST], order[FIRST:CLOSE], order[CLOSE:]
    groups, small = _groups(others, GROUP), _groups(close, FIRST)
    near, far = groups[: NEAR // GROUP], groups[NEAR // GROUP :]
    yield of(order[:CLOSE], HOUR_MS, 0, interval_ms)
    yield from (of(group, SPARK_STEP_MS, 0, SPARK_STEP_MS) for group in groups)
    yield from (of(group, 6 * HOUR_MS, HOUR_MS, interval_ms) for group in (first, *small))
    for group in near:
        yield of(group, HOUR_MS, SPARK_STEP_MS, interval_ms)
        yield of(group, SPARK_STEP_MS, 0, interval_ms, SPARK_STEP_MS)
    yield of(first, DAY_MS, 6 * HOUR_MS, DAY_STEP_MS)
    yield from (of(group, HOUR_MS, SPARK_STEP_MS, SPARK_STEP_MS) for group in far)
    yield from (of(group, DAY_MS, 6 * HOUR_MS, DAY_STEP_MS) for group in small)
    yield of(first, MONTH_MS, DAY_MS, MONTH_STEP_MS)
    yield from (of(group, 6 * HOUR_MS, HOUR_MS, SPARK_STEP_MS) for group in groups)
    for group in groups:
        yield of(group, 6 * HOUR_MS, 0 if group in far else HOUR_MS, interval_ms, SPARK_STEP_MS)
        yield of(group, DAY_MS, 6 * HOUR_MS, DAY_STEP_MS)


def _groups(devices: Sequence[int], size: int) -> list[Sequence[int]]:
    return [devices[begin : begin + size] for begin in range(0, len(devices), size)]


def order_of(world: World, seed: int) -> tuple[int, ...]:
    """Return the numbers of all devices, those first that the tour leads to.

    What its acts befall, what carries their sites and the data centres, what else these sites have; then the rest of
    the world, what carries sites first.
    """
    tour = Tour(world, seed, 0)
    targets = [one.target for number in range(_ROUNDS) for one in tour.round(number)]
    befallen = [world.device[name] for kind, _, name in (one.partition("/") for one in targets) if kind == "device"]
    sites = list(dict.fromkeys(device.site for device in befallen))
    hubs = [place.id for place in world.places if place.site_class == "hub"]
    places = sorted(world.places, key=lambda place: _CLASSES.index(place.site_class))
    chosen = [
        *befallen,
        *(device for site in (*hubs, *sites) for device in world.edges[site]),
        *(device for site in sites for device in world.at[site] if _carries(device)),
        *(device for site in (*sites, *hubs) for device in world.at[site]),
        *(device for place in places for device in world.edges[place.id]),
        *(device for place in places for device in world.at[place.id] if _carries(device)),
        *world.devices,
    ]
    return tuple(dict.fromkeys(device.number for device in chosen))


def _carries(device: SimDevice) -> bool:
    return device.device_class in _CARRYING
