"""The tour: what the demo shows to somebody who has five minutes, again and again, each round elsewhere. Pure.

Five acts: rain over a satellite terminal, a switch that flaps, a cut fibre with services that move to the
other data centre, planned work, a wrong configuration that is put right. World, seed and round say where.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from noc.simulator.counts import BEHIND_SATELLITE
from noc.simulator.scenario import Effect
from noc.simulator.world import EDGES, VANTAGE, SimDevice, World

ActName = Literal["rain", "flapping", "fibre", "planned", "push"]

SECOND_MS: Final = 1_000
ROUND_S: Final = 1_200
CALM_AFTER_S: Final = 480
"""So long after its beginning a round is over, and the rest belongs to chance."""

WINDOW_BEFORE_S: Final = 25
WINDOW_AFTER_S: Final = 75
"""Planned work is asked for so much longer than it takes."""

PREFIX: Final = "tour-"
_AT_THE_END: Final = ("server", "pabx", "video", "digital-terminal", "radio")
_LARGEST: Final = 4
"""Where the largest are wanted, one of so many is drawn."""


@dataclass(frozen=True, slots=True)
class Act:
    """One fault. begins_s, ends_s: of a round. target: draws `device/…` or `site/…`; None where the world has none."""

    name: ActName
    begins_s: int
    ends_s: int
    effects: tuple[Effect, ...]
    target: Callable[[World, random.Random], str | None]


@dataclass(frozen=True, slots=True)
class Scheduled:
    """An act of a round, with its target and its time in milliseconds of the Unix epoch."""

    act: Act
    round: int
    target: str
    start_ms: int
    end_ms: int

    @property
    def key(self) -> str:
        """Return what tells it from all others."""
        return f"{PREFIX}{self.round}-{self.act.name}"


class Tour:
    """The tour of a world that begins at a moment."""

    def __init__(self, world: World, seed: int, begins_ms: int) -> None:
        self.begins_ms = begins_ms
        self._world = world
        self._seed = seed
        self.round = lru_cache(maxsize=64)(self._round)

    def between(self, start_ms: int, end_ms: int) -> Iterator[Scheduled]:
        """Yield what goes on in `[start_ms, end_ms)`, in order."""
        first, last = max(0, self.round_at(start_ms)), self.round_at(end_ms)
        for number in range(first, last + 1):
            for one in self.round(number):
                if one.start_ms < end_ms and one.end_ms > start_ms:
                    yield one

    def round_at(self, time_ms: int) -> int:
        """Return which round a moment is in; less than 0 before the first."""
        return (time_ms - self.begins_ms) // (ROUND_S * SECOND_MS)

    def _round(self, number: int) -> tuple[Scheduled, ...]:
        begins_ms = self.begins_ms + number * ROUND_S * SECOND_MS
        found: list[Scheduled] = []
        for act in ACTS:
            rng = random.Random(f"{self._seed} tour {number} {act.name}")  # noqa: S311 made-up faults, no secret
            target = act.target(self._world, rng)
            if target is not None:
                start_ms, end_ms = begins_ms + act.begins_s * SECOND_MS, begins_ms + act.ends_s * SECOND_MS
                found.append(Scheduled(act, number, target, start_ms, end_ms))
        return tuple(found)


def effects_of(scenario: str) -> tuple[Effect, ...] | None:
    """Return what an act of the tour does, by the name of its scenario; None where it is none of the tour."""
    found = _BY_NAME.get(scenario)
    return None if found is None else found.effects


def _terminal(world: World, rng: random.Random) -> str | None:
    """Draw the only satellite terminal of a site, of the sites with the most behind it.

    One that the cut fibre doesn't take away too, where there is one: its incident is to stay one of its own.
    """
    alone: list[tuple[int, str]] = []
    stays: list[tuple[int, str]] = []
    cut = _other_data_centre(world, rng)
    for place in world.places:
        devices = world.at[place.id]
        modems = [one for one in devices if one.device_class == "satellite-modem"]
        if place.site_class in BEHIND_SATELLITE and len(modems) == 1:
            one = (len(devices), modems[0].entity)
            alone.append(one)
            if any(f"site/{world.devices[way].site}" != cut for way in world.before[modems[0].number]):
                stays.append(one)
    return _one_of_the_largest(stays or alone, rng)


def _switch(world: World, rng: random.Random) -> str | None:
    """Draw a switch of the core of an office or a mission."""
    there, core = _staffed(world), _core_switches(world)
    return _drawn([one for one in there if one in core], rng)


def _worked_on(world: World, rng: random.Random) -> str | None:
    """Draw a switch of an office or a mission that little hangs on, or what else there is."""
    there, core = _staffed(world), _core_switches(world)
    switches = [one for one in there if one.device_class == "switch" and one not in core]
    return _drawn(switches or [one for one in there if one.device_class in _AT_THE_END], rng)


def _staffed(world: World) -> list[SimDevice]:
    """Return the devices of offices and missions; in a world without, those of technology centres."""
    found = [one for one in world.devices if world.place[one.site].site_class in ("office", "mission")]
    return found or [one for one in world.devices if world.place[one.site].site_class == "rtc"]


def _router(world: World, rng: random.Random) -> str | None:
    """Draw a router of a technology centre: these have command lines."""
    return _drawn(
        [one for one in world.devices if one.device_class == "router" and world.place[one.site].site_class == "rtc"],
        rng,
    )


def _other_data_centre(world: World, _: random.Random) -> str | None:
    return next((f"site/{one.id}" for one in world.places if one.site_class == "hub" and one.id != VANTAGE), None)


def _core_switches(world: World) -> frozenset[SimDevice]:
    switches = ([one for one in world.at[place.id] if one.device_class == "switch"][:EDGES] for place in world.places)
    return frozenset(one for found in switches for one in found)


def _drawn(found: list[SimDevice], rng: random.Random) -> str | None:
    return rng.choice(found).entity if found else None


def _one_of_the_largest(sized: list[tuple[int, str]], rng: random.Random) -> str | None:
    return rng.choice(sorted(sized, reverse=True)[:_LARGEST])[1] if sized else None


def _effect(**said: object) -> Effect:
    return Effect.model_validate(said)


_COMES_AND_GOES: Final = ({"from": "0%", "to": "17%"}, {"from": "33%", "to": "50%"}, {"from": "67%", "to": "84%"})

ACTS: Final = (
    Act(
        "rain",
        10,
        300,
        (
            _effect(change={"metric": "es_n0_db", "add": -12, "shape": "sag"}),
            Effect.model_validate({"cut": "device", "from": "8%", "to": "75%"}),
        ),
        _terminal,
    ),
    Act(
        "flapping",
        45,
        405,
        tuple(Effect.model_validate({"cut": "device", **part}) for part in _COMES_AND_GOES),
        _switch,
    ),
    Act("fibre", 80, 270, (_effect(cut="site"),), _other_data_centre),
    Act("planned", 125, 255, (_effect(dark="device"),), _worked_on),
    Act(
        "push", 165, 400, (_effect(push=True), Effect.model_validate({"flap": {"every": "1h"}, "from": "6%"})), _router
    ),
)
"""In order of time."""

_BY_NAME: Final[Mapping[str, Act]] = {f"{PREFIX}{act.name}": act for act in ACTS}
