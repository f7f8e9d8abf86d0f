"""The story of a world: faults that come and go for ever. Pure: world, seed and time say what is wrong.

Time is cut into slots; each draws its own faults from its own number, so that any time can be asked for, past or
future, and history can be told without living through it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from math import inf, pi, sin
from typing import Final, Literal

from noc.model.instants import length_ms
from noc.simulator.scenario import LONGEST, Change, Effect, Scenario
from noc.simulator.tour import CALM_AFTER_S, PREFIX, SECOND_MS, Scheduled, Tour, effects_of
from noc.simulator.world import VANTAGE, SimDevice, World

HOUR_MS: Final = 3_600_000
FAULTS_A_SITE_AND_HOUR: Final = 0.0018
"""Enough that a site is away for about a thousandth of the time."""

LIVE_HURRY: Final = 10
"""While people watch, so many times more happens, and lasts so much shorter: availability stays the same."""

LIVE_FAULTS_AN_HOUR: Final = 20.0
"""Also in a small world something must happen."""

SHORTEST_MS: Final = 90_000
CALM_MS: Final = 15 * 60_000
"""All is well for so long before people begin to watch."""

OPENING_AFTER_MS: Final = 5_000
OPENING_EVERY_MS: Final = 30_000
RARE: Final = 0.5
"""How often what is rare happens, at most: in the opening it comes last."""

What = Literal["cut", "dark", "battery", "change", "flap", "push"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. target: `device/…` or `site/…`. choice: a number that tells equal things apart."""

    key: str
    scenario: str
    target: str
    start_ms: int
    end_ms: int
    choice: int


@dataclass(frozen=True, slots=True)
class Hit:
    """What a fault does to one device, in `[start_ms, end_ms)`. interface: ifIndex of one that flaps."""

    device: int
    what: What
    start_ms: int
    end_ms: int
    change: Change | None = None
    interface: int = 0
    every_ms: int = 0
    lasting_ms: int = 0

    def is_on(self, time_ms: int) -> bool:
        """Tell whether it goes on at a moment."""
        return self.start_ms <= time_ms < self.end_ms

    def added(self, time_ms: int) -> float:
        """Return what it adds to the metric that it changes."""
        if self.change is None or not self.is_on(time_ms):
            return 0.0
        if self.change.shape == "flat":
            return self.change.add
        return self.change.add * sin(pi * (time_ms - self.start_ms) / (self.end_ms - self.start_ms))

    def is_down(self, time_ms: int) -> bool:
        """Tell whether the interface that flaps is down."""
        return self.is_on(time_ms) and (time_ms - self.start_ms) // self.every_ms % 2 == 0

    def down_ms(self, until_ms: int) -> int:
        """Return how long the interface was down up to a moment."""
        passed = max(0, min(until_ms, self.end_ms) - self.start_ms)
        whole, rest = divmod(passed, 2 * self.every_ms)
        return whole * self.every_ms + min(rest, self.every_ms)


class Story:
    """The faults of a world.

    begins_ms: when people begin to watch; from then on more happens, before it all of it is history.
    quiet: nothing happens by itself. toured: until `tour_from` says when the tour begins, nothing does; then the tour
    is in the place of the opening, and chance begins when its first round is through.
    """

    def __init__(
        self,
        world: World,
        scenarios: Mapping[str, Scenario],
        seed: int,
        begins_ms: int,
        *,
        hurry: int = LIVE_HURRY,
        quiet: bool = False,
        toured: bool = False,
    ) -> None:
        self.world = world
        self.tour: Tour | None = None
        self._toured = toured
        self.begins_ms = begins_ms
        self._scenarios = scenarios
        self._seed = seed
        self._hurry = hurry
        targets = {name: _targets(world, scenario) for name, scenario in scenarios.items()}
        self._targets = {name: found for name, found in targets.items() if found}
        self._quiet = quiet or not self._targets
        self._past = lru_cache(maxsize=4096)(self._past_slot)
        self._live = lru_cache(maxsize=4096)(self._live_slot)

    def tour_from(self, begins_ms: int) -> None:
        """Let the tour begin at a moment, milliseconds."""
        if self._toured and not self._quiet:
            self.tour = Tour(self.world, self._seed, begins_ms)
            self._live.cache_clear()

    def between(self, start_ms: int, end_ms: int) -> Iterator[Fault]:
        """Yield the faults that go on in `[start_ms, end_ms)`; not in order."""
        if self._quiet:
            return
        for fault in self._candidates(start_ms, end_ms):
            if fault.start_ms < end_ms and fault.end_ms > start_ms:
                yield fault

    def active(self, time_ms: int) -> tuple[Fault, ...]:
        """Return the faults that go on at a moment."""
        return tuple(self.between(time_ms, time_ms + 1))

    def hits(self, fault: Fault) -> Iterator[Hit]:
        """Yield what a fault does to devices."""
        effects = effects_of(fault.scenario)
        for effect in self._scenarios[fault.scenario].effects if effects is None else effects:
            yield from _hits(self.world, fault, effect)

    def _candidates(self, start_ms: int, end_ms: int) -> Iterator[Fault]:
        longest = length_ms(LONGEST)
        if start_ms < self.begins_ms:
            last = min(end_ms, self.begins_ms)
            for slot in range((start_ms - longest) // HOUR_MS, last // HOUR_MS + 1):
                yield from self._past(slot)
        if end_ms > self.begins_ms:
            if start_ms < self.begins_ms + longest and not self._toured:
                yield from self._opening
            if self.tour is not None:
                yield from map(_fault_of, self.tour.between(start_ms, end_ms))
            slot_ms = HOUR_MS // self._hurry
            first = max(0, (start_ms - longest // self._hurry - self.begins_ms) // slot_ms)
            for slot in range(first, (end_ms - self.begins_ms) // slot_ms + 1):
                yield from self._live(slot)

    @cached_property
    def _opening(self) -> tuple[Fault, ...]:
        """One fault of each kind, so that everything is seen within minutes; what is down at once comes first."""
        names = sorted(self._targets, key=self._turn)
        found = []
        for number, name in enumerate(names):
            rng = self._rng("opening", number)
            start_ms = self.begins_ms + OPENING_AFTER_MS + number * OPENING_EVERY_MS
            found.append(self._fault(f"opening-{number}", name, start_ms, self._hurry, rng))
        return tuple(found)

    def _turn(self, name: str) -> tuple[bool, float, str]:
        scenario = self._scenarios[name]
        silent = [effect.begins for effect in scenario.effects if effect.cut or effect.dark]
        return scenario.often <= RARE, min(silent, default=1.0), name

    def _past_slot(self, slot: int) -> tuple[Fault, ...]:
        faults = self._slot("past", slot, slot * HOUR_MS, 1, self._rate)
        return tuple(fault for fault in faults if fault.end_ms <= self.begins_ms - CALM_MS)

    def _live_slot(self, slot: int) -> tuple[Fault, ...]:
        rate = max(self._rate, LIVE_FAULTS_AN_HOUR / self._hurry)
        start_ms = self.begins_ms + slot * (HOUR_MS // self._hurry)
        faults = self._slot("live", slot, start_ms, self._hurry, rate)
        return tuple(fault for fault in faults if fault.start_ms >= self._chance_from_ms)

    @property
    def _chance_from_ms(self) -> float:
        if not self._toured:
            return self.begins_ms + OPENING_AFTER_MS + len(self._targets) * OPENING_EVERY_MS
        return inf if self.tour is None else self.tour.begins_ms + CALM_AFTER_S * SECOND_MS

    @property
    def _rate(self) -> float:
        return FAULTS_A_SITE_AND_HOUR * len(self.world.places)

    def _slot(self, name: str, slot: int, start_ms: int, hurry: int, rate: float) -> list[Fault]:
        """Draw the faults of a slot: by chance, `rate` on the mean."""
        rng = self._rng(name, slot)
        names = list(self._targets)
        weights = list(accumulate(self._scenarios[scenario].often for scenario in names))
        faults: list[Fault] = []
        at = rng.expovariate(rate)
        while at < 1:
            scenario = rng.choices(names, cum_weights=weights)[0]
            begins = start_ms + int(at * HOUR_MS / hurry)
            faults.append(self._fault(f"{name}-{slot}-{len(faults)}", scenario, begins, hurry, rng))
            at += rng.expovariate(rate)
        return faults

    def _fault(self, key: str, name: str, start_ms: int, hurry: int, rng: random.Random) -> Fault:
        shortest, longest = self._scenarios[name].lasts
        lasts = rng.uniform(shortest.total_seconds(), longest.total_seconds()) * 1000 / hurry
        end_ms = start_ms + max(int(lasts), SHORTEST_MS)
        return Fault(key, name, rng.choice(self._targets[name]), start_ms, end_ms, rng.randrange(1 << 16))

    def _rng(self, name: str, number: int) -> random.Random:
        return random.Random(f"{self._seed} {name} {number}")  # noqa: S311 made-up faults, no secret


def _fault_of(one: Scheduled) -> Fault:
    return Fault(one.key, f"{PREFIX}{one.act.name}", one.target, one.start_ms, one.end_ms, one.round)


def _targets(world: World, scenario: Scenario) -> tuple[str, ...]:
    """Return what a scenario can happen to. Never the site where noc stands as a whole: then nothing is left to see."""
    on = scenario.on
    sites = {place.id for place in world.places if not on.site or place.site_class in on.site}
    if on.having is not None:
        sites = {site for site in sites if any(device.device_class == on.having for device in world.at[site])}
    if on.device:
        return tuple(
            device.entity
            for device in world.devices
            if device.device_class in on.device and device.site in sites and not _is_vital(world, device)
        )
    return tuple(f"site/{place.id}" for place in world.places if place.id in sites and place.id != VANTAGE)


def _is_vital(world: World, device: SimDevice) -> bool:
    return device.site == VANTAGE and device in world.edges[VANTAGE]


def _hits(world: World, fault: Fault, effect: Effect) -> Iterator[Hit]:
    whole = fault.end_ms - fault.start_ms
    start_ms, end_ms = fault.start_ms + int(whole * effect.begins), fault.start_ms + int(whole * effect.ends)
    devices = world.members(fault.target)
    site = world.at[devices[0].site]
    if effect.cut is not None:
        for device in devices if effect.cut == "device" else world.edges[devices[0].site]:  # where the line ends
            yield Hit(device.number, "cut", start_ms, end_ms)
    elif effect.dark is not None:
        hit = devices if effect.dark == "device" else site
        yield from (Hit(device.number, "dark", start_ms, end_ms) for device in hit)
    elif effect.battery:
        lasting_ms = end_ms - start_ms
        numbers = [device.number for device in site if device.device_class == "ups"]
        yield from (Hit(number, "battery", start_ms, end_ms, lasting_ms=lasting_ms) for number in numbers)
    elif effect.change is not None:
        of = effect.change.of
        for device in devices if of is None else [device for device in site if device.device_class == of]:
            yield Hit(device.number, "change", start_ms, end_ms, change=effect.change)
    elif effect.push:
        yield from (Hit(device.number, "push", start_ms, end_ms) for device in devices)
    elif effect.flap is not None:
        every_ms = length_ms(effect.flap.every)
        for device in devices:
            index = 2 if device.device_class == "router" else 1 + fault.choice % 2
            yield Hit(device.number, "flap", start_ms, end_ms, interface=index, every_ms=every_ms)
