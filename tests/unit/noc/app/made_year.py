"""A year of a fleet, made up, with its truth written down by who made it up.

Time goes in ticks, four from one probe of a device to its next. Each region's year is cut into slots; in each of them
one thing happens, and what it is to each device is known without any rule: a cut of both hubs makes all behind them
unreachable, since they were cut. What people said later (windows, corrections) is in `said_year.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from noc.inventory.entities import Device, Region, Site
from noc.inventory.inventory import Inventory
from noc.inventory.values import Period as Dates
from noc.model.instants import from_ms, to_ms
from tests.things import device, watch

UNKNOWN, UP, DOWN, UNREACHABLE = range(4)
PER_PROBE: Final = 4
STALE: Final = 3 * PER_PROBE
BEGIN_MS: Final = to_ms(datetime(2027, 12, 20, tzinfo=UTC))
DAYS: Final = 387
EDGE: Final = 6
"""Probes at both ends of a slot in which nothing happens."""

States = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a fleet is, and how closely it is watched. slot: probes from one thing that happens to the next."""

    regions: int
    sites: int
    interval: timedelta
    slot: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A device failed in `[start, end)`, ticks. alone: nothing else depends on it, and it depends on nothing then."""

    device: str
    start: int
    end: int
    alone: bool


@dataclass(slots=True)
class Box:
    """A device of the fleet: when it was asked, what it answered, and what it truly was."""

    name: str
    site: str
    phase: int
    seen: Mask
    ok: Mask
    truth: States

    def probe(self, tick: int) -> int:
        """Return the first probe that is not before a tick."""
        return -((self.phase - tick) // PER_PROBE)

    def at(self, probe: int) -> int:
        return probe * PER_PROBE + self.phase

    def fail(self, start: int, end: int, state: int) -> tuple[int, int]:
        """Fail from one tick to another; return from when to when its probes say so."""
        first, after = self.probe(start), self.probe(end)
        self.ok[first:after] = False
        self.truth[self.at(first) : self.at(after)] = state
        return self.at(first), self.at(after)

    def hide(self, first: int, after: int) -> None:
        """Have no results of `[first, after)`: three or more missing are unknown from when the last went stale."""
        self.seen[first:after] = False
        if after - first >= 3:
            self.truth[self.at(first - 1) + STALE : self.at(after)] = UNKNOWN


@dataclass(slots=True)
class Place:
    """A site. inner: its second device stands behind its first, and is no edge device."""

    name: str
    region: str
    weight: Fraction
    inner: bool = False
    boxes: list[Box] = field(default_factory=list)

    @property
    def edges(self) -> list[Box]:
        return self.boxes[:1] if self.inner else self.boxes


class Year:
    """The fleet and its year. service: when it counts, of whoever has dates, as ticks."""

    def __init__(self, size: Size, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a made-up year
        self.size = size
        self.tick_ms = int(size.interval.total_seconds() * 1000) // PER_PROBE
        self.probes = DAYS * 86_400_000 // (self.tick_ms * PER_PROBE)
        self.ticks = self.probes * PER_PROBE
        self.places: dict[str, Place] = {}
        self.boxes: dict[str, Box] = {}
        self.upstream: dict[str, tuple[str, ...]] = {}
        self.faults: list[Fault] = []
        self.service: dict[str, Mask] = {}
        self.regions = [f"region/r{number}" for number in range(size.regions)]
        for region in self.regions:
            self._build(region)
        for region in self.regions:
            for slot in range(size.slot, self.probes - 2 * size.slot, size.slot):
                self._happen(region, slot)
        for place in self.places.values():
            self._date(place)

    # -- the fleet

    def _build(self, region: str) -> None:
        hub = self._place(f"{region[7:]}-hub", region, Fraction(1), inner=False)
        hubs = tuple(f"device/{box.name}" for box in hub.boxes)
        for number in range(self.size.sites):
            weight = self.random.choice((Fraction(1), Fraction(5, 2), Fraction(3, 10)))
            place = self._place(f"{region[7:]}-s{number}", region, weight, inner=number % 2 == 1)
            first, second = (f"device/{box.name}" for box in place.boxes)
            self.upstream |= {first: hubs, second: (first,) if place.inner else hubs}

    def _place(self, name: str, region: str, weight: Fraction, *, inner: bool) -> Place:
        place = self.places[f"site/{name}"] = Place(name, region, weight, inner)
        for letter in "ab":
            phase = self.random.randrange(PER_PROBE)
            truth = np.full(self.ticks, UP, np.uint8)
            truth[:phase] = UNKNOWN
            many = np.ones(self.probes, np.bool_)
            box = Box(f"{name}{letter}", f"site/{name}", phase, many, many.copy(), truth)
            place.boxes.append(box)
            self.boxes[f"device/{box.name}"] = box
        return place

    def of_region(self, region: str) -> list[Place]:
        """Return the places of a region, its hub first."""
        return [place for place in self.places.values() if place.region == region]

    # -- what happens

    def _happen(self, region: str, slot: int) -> None:
        hub, *places = self.of_region(region)
        roll = self.random.random()
        if roll < 0.06:
            self._cut(hub, places, slot)
        elif roll < 0.10:
            # One of two hubs is out, or nobody sees them: nobody behind is unreachable for that.
            if self.random.random() < 0.5:
                self._fails([hub.boxes[0]], *self._real(slot, self.size.slot), alone=False)
            else:
                for box in hub.boxes:
                    box.hide(slot + EDGE, slot + self.size.slot - EDGE)
            self._alone(self.random.choice(places), slot)
        else:
            for place in places:
                if self.random.random() < 0.2:
                    self._alone(place, slot)

    def _real(self, slot: int, length: int) -> tuple[int, int]:
        """Return from when to when something happens: five probes at least, inside the slot."""
        first = slot + EDGE + self.random.randrange(length // 4)
        last = self.random.randrange(first + 5, slot + length - EDGE)
        return tuple(probe * PER_PROBE + self.random.randrange(PER_PROBE) for probe in (first, last))  # type: ignore[return-value]

    def _cut(self, hub: Place, places: list[Place], slot: int) -> None:
        """Cut both hubs off. One device behind may have had a fault of its own before, and have it afterwards."""
        start, end = self._real(slot, self.size.slot)
        cut = [box.fail(start, end, DOWN) for box in hub.boxes]
        self.faults += [
            Fault(f"device/{box.name}", *when, alone=False) for box, when in zip(hub.boxes, cut, strict=True)
        ]
        both = max(one[0] for one in cut), min(one[1] for one in cut)
        sick = self.random.choice(places) if self.random.random() < 0.5 else None
        for place in places:
            early = EDGE // 2 * PER_PROBE if place is sick else 0
            for number, box in enumerate(place.boxes):
                own = early if number == 0 or place.inner else 0
                failed = box.fail(start - own, end + own, UNREACHABLE)
                if own and number == 0:
                    box.truth[failed[0] : both[0]] = DOWN
                    box.truth[both[1] : failed[1]] = DOWN
                self.faults.append(Fault(f"device/{box.name}", *failed, alone=False))

    def _fails(self, boxes: list[Box], start: int, end: int, *, alone: bool) -> None:
        for box in boxes:
            self.faults.append(Fault(f"device/{box.name}", *box.fail(start, end, DOWN), alone=alone))

    def _alone(self, place: Place, slot: int) -> None:
        """Have something happen at one site."""
        start, end = self._real(slot, self.size.slot)
        box = self.random.choice(place.boxes)
        first, after = box.probe(start), box.probe(end)
        match self.random.randrange(7):
            case 0 | 1:
                self._fault(place, box, start, end)
            case 2:
                self._fault(place, place.boxes[0], start, end)
                if not place.inner:
                    self._fails(place.boxes[1:], start, end, alone=True)
            case 3:  # not enough to be sure of it
                box.ok[first : first + self.random.choice((1, 2))] = False
            case 4:
                box.hide(first, self.random.choice((first + 2, after)))
            case 5:  # two failures and then nothing, or nothing and then two failures: neither is down
                if self.random.random() < 0.5:
                    box.ok[first - 2 : first] = False
                    box.hide(first, after)
                else:
                    box.ok[after : after + 2] = False
                    box.hide(first, after)
                    box.truth[box.at(after) : box.at(after + 2)] = UNKNOWN
            case _:
                self._unseen_fault(box, slot)

    def _fault(self, place: Place, box: Box, start: int, end: int) -> None:
        has_behind = place.inner and box is place.boxes[0]
        self._fails([box], start, end, alone=not has_behind)
        if has_behind:
            behind = place.boxes[1]
            self.faults.append(Fault(f"device/{behind.name}", *behind.fail(start, end, UNREACHABLE), alone=False))

    def _unseen_fault(self, box: Box, slot: int) -> None:
        """Fail; in the midst of it nobody sees it for a while."""
        first, last = slot + EDGE, slot + self.size.slot - EDGE
        failed = box.fail(first * PER_PROBE, last * PER_PROBE, DOWN)
        self.faults.append(Fault(f"device/{box.name}", *failed, alone=False))
        box.hide(first + 3, last - 3)  # three are just enough, before and after

    def _date(self, place: Place) -> None:
        """Give some second devices, and some sites, a date of beginning and an end: no results before and after."""
        last = place.boxes[1]
        if place.name.endswith("hub") or self.random.random() < 0.6:
            return
        slot = self.size.slot
        begins, ends = (
            self.random.randrange(10, self.probes // slot // 2) * slot,
            self.random.randrange(self.probes // slot // 2, self.probes // slot) * slot,
        )
        last.seen[:begins] = False
        last.truth[: last.at(begins)] = UNKNOWN
        last.seen[ends:] = False
        last.truth[last.at(ends - 1) + STALE :] = UNKNOWN
        near = self.random.randrange(-8, 9)
        dates = np.zeros(self.ticks, np.bool_)
        dates[begins * PER_PROBE + near : ends * PER_PROBE - near] = True
        self.service[f"device/{last.name}"] = dates
        if self.random.random() < 0.5:
            whole = dates.copy()
            whole[: begins * PER_PROBE + 40 * PER_PROBE] = False
            self.service[f"site/{place.name}"] = whole

    # -- as noc takes it

    def ms(self, tick: int) -> int:
        return BEGIN_MS + tick * self.tick_ms

    def results(self) -> Iterator[tuple[int, str, bool]]:
        """Yield all results in order of time."""
        ordered = sorted(self.boxes.items(), key=lambda item: item[1].phase)
        columns = [(name, box.phase, box.seen.tolist(), box.ok.tolist()) for name, box in ordered]
        for probe in range(self.probes):
            for name, phase, seen, ok in columns:
                if seen[probe]:
                    yield self.ms(probe * PER_PROBE + phase), name, ok[probe]

    def inventory(self) -> Inventory:
        """Return the fleet as people write it down."""
        regions = (Region(id=region[7:], name=region) for region in self.regions)
        return Inventory(
            regions={one.id: one for one in regions},
            sites={place.name: self._site(place) for place in self.places.values()},
            devices={box.name: self._device(name, box) for name, box in self.boxes.items()},
        )

    def _site(self, place: Place) -> Site:
        edges = tuple(box.name for box in place.edges)
        text = {"id": place.name, "name": place.name, "region": place.region[7:], "class": "field"}
        dates = self._dates(f"site/{place.name}")
        return Site.model_validate({**text, "edge_devices": edges, "weight": float(place.weight), "in_service": dates})

    def _device(self, entity: str, box: Box) -> Device:
        every = self.size.interval
        watched = watch(interval=every, stale_after=3 * every, skew=every)
        made = device(box.name, watched=watched)
        upstream = self.upstream.get(entity, ())
        return replace(made, site=box.site[5:], upstream=upstream, in_service=self._dates(entity))

    def _dates(self, entity: str) -> tuple[Dates, ...]:
        mask = self.service.get(entity)
        if mask is None:
            return ()
        inside = np.flatnonzero(mask)
        start, end = (from_ms(self.ms(int(tick))).isoformat() for tick in (inside[0], inside[-1] + 1))
        return (Dates.model_validate({"from": start, "to": end}),)
