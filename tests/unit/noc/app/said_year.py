"""What people said of a made-up year, windows and corrections, and the figures that are true with all that.

The figures are counted tick by tick, from what `made_year.py` wrote down; nothing of the product's arithmetic is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Final, get_args
from zoneinfo import ZoneInfo

import numpy as np

from noc.availability.figures import Durations, Figures
from noc.availability.policy import Period
from noc.model.correction import Cause
from noc.model.instants import to_ms
from noc.model.window import WindowDecision
from noc.state import corrections, windows
from noc.state.database import Database

from .made_year import BEGIN_MS, DOWN, UNKNOWN, UNREACHABLE, UP, Fault, Mask, States, Year

CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)
ZONE: Final = "America/New_York"
DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Held:
    """An approved correction, in ticks."""

    entity: str
    start: int
    end: int
    cause: Cause


class Said:
    """People's part of a year. planned: by windows. held: corrections in the order of their approval."""

    def __init__(self, year: Year) -> None:
        self.year = year
        self.planned: dict[str, Mask] = {}
        self.held: list[Held] = []

    def above(self, device: str) -> list[str]:
        site = self.year.boxes[device].site
        return [device, site, self.year.places[site].region]

    def concerned(self, entity: str) -> list[str]:
        """Return an entity and all below it."""
        devices = [name for name in self.year.boxes if entity in self.above(name)]
        sites = [name for name, place in self.year.places.items() if entity in (name, place.region)]
        return [*devices, *sites]

    async def tell(self, database: Database, count: int) -> None:
        """Have people ask for windows and propose corrections, about what happened, and others decide."""
        chance = self.year.random
        async with database.write() as connection:
            for number in range(count):
                fault = chance.choice(self.year.faults)
                start = fault.start + chance.randrange(-20, 20)
                entity = chance.choice(self.above(fault.device))
                await self._window(connection, entity, start, start + chance.randrange(8, 80), number % 6)
            for place in list(self.year.places)[1::3]:
                await self._weekly(connection, place)
            for _ in range(4 * count):
                await self._correct(connection, chance.choice(self.year.faults))

    async def _window(self, connection: windows.AsyncConnection, entity: str, start: int, end: int, how: int) -> None:
        first_ms, last_ms, middle = self.year.ms(start), self.year.ms(end), (start + end) // 2
        asked = WindowDecision(
            entity, first_ms - 2 * DAY_MS, 0, "requested", first_ms, last_ms, "", "UTC", (), "ann", "new antenna"
        )
        number = (await windows.request(connection, asked)).number
        if how == 0:
            await windows.reject(connection, number, who="bob", now_ms=first_ms - DAY_MS)
            return
        if how == 1:
            await windows.approve(connection, number, who="bob", now_ms=self.year.ms(middle))
            self._plan(entity, middle, end)  # entered when it had begun
            return
        await windows.approve(connection, number, who="bob", now_ms=first_ms - DAY_MS)
        if how == 2:
            await windows.cancel(connection, number, who="ann", now_ms=self.year.ms(middle))
        elif how == 3:
            soon = self.year.ms(middle - 2)
            await windows.shorten(connection, number, self.year.ms(middle), who="ann", now_ms=soon)
        self._plan(entity, start, middle if how in (2, 3) else end)

    async def _weekly(self, connection: windows.AsyncConnection, site: str) -> None:
        """Work at a site each Sunday at 04:00 of a place that puts its clocks back and forth, for two hours."""
        zone, day = ZoneInfo(ZONE), datetime(2028, 1, 2, 4)  # noqa: DTZ001 - wall clock
        times = [to_ms((day + timedelta(weeks=week)).replace(tzinfo=zone).astimezone(UTC)) for week in range(50)]
        first, last, rule = times[0], times[0] + 7_200_000, "FREQ=WEEKLY;BYDAY=SU;COUNT=50"
        asked = WindowDecision(site, first - DAY_MS, 0, "requested", first, last, rule, ZONE, (), "ann", "restart")
        number = (await windows.request(connection, asked)).number
        await windows.approve(connection, number, who="bob", now_ms=first - DAY_MS)
        for time in times:
            begins = (time - BEGIN_MS) // self.year.tick_ms
            self._plan(site, begins, begins + 7_200_000 // self.year.tick_ms)

    def _plan(self, entity: str, start: int, end: int) -> None:
        for one in self.concerned(entity):
            self.planned.setdefault(one, np.zeros(self.year.ticks, np.bool_))[start:end] = True

    async def _correct(self, connection: corrections.AsyncConnection, fault: Fault) -> None:
        chance = self.year.random
        device, site, region = self.above(fault.device)
        cause = chance.choice(CAUSES)
        # Whether an end of a false reading makes others unreachable is no truth that anybody wrote down.
        if cause == "false_reading" and not fault.alone:
            cause = "power"
        entity = chance.choice((device, site) if cause == "false_reading" else (device, device, site, region))
        start = fault.start + chance.choice((0, 0, -3, (fault.end - fault.start) // 3))
        end = fault.end + chance.choice((0, 0, 3, -1))
        found = await corrections.propose(
            connection,
            entity,
            self.year.ms(start),
            self.year.ms(end),
            cause,
            who="carol",
            why="the log of the site",
            now_ms=self.year.ms(end) + DAY_MS,
        )
        step = "approved" if chance.random() < 0.8 else "rejected"
        now_ms = self.year.ms(end) + 2 * DAY_MS
        await corrections.decide(connection, found.number, step, who="dave", why="", now_ms=now_ms)  # type: ignore[arg-type]
        if step == "approved":
            self.held.append(Held(entity, start, end, cause))


class Truth:
    """Figures counted tick by tick. adjusted: without what turned out to be planned, or falsely read."""

    def __init__(self, said: Said, *, adjusted: bool) -> None:
        self._said, self._year = said, said.year
        year = said.year
        self.corrected = {name: np.zeros(year.ticks, np.uint8) for name in (*year.boxes, *year.places)}
        for held in said.held:  # the one that was approved last holds
            for entity in said.concerned(held.entity):
                self.corrected[entity][held.start : held.end] = CAUSES.index(held.cause) + 1
        self.states = {name: box.truth for name, box in year.boxes.items()}
        if adjusted:
            for name, truth in self.states.items():
                false = self.corrected[name] == CAUSES.index("false_reading") + 1
                self.states[name] = np.where(false & (truth == DOWN), UP, truth).astype(np.uint8)
        for name in year.places:
            self.states[name] = self._site(name)
        self.counted = {name: self._counts(name, adjusted=adjusted) for name in self.states}
        self.inside = {name: year.service.get(name) for name in self.states}
        self._outages = {name: self._runs(name) for name in self.states}
        self._explained = self._explain()

    def _site(self, name: str) -> States:
        """Return the states of a site from those of its edge devices that are in service."""
        year = self._year
        votes = [
            np.where(year.service.get(f"device/{box.name}", True), self.states[f"device/{box.name}"], 9)
            for box in year.places[name].edges
        ]
        some_unknown, none = np.zeros(year.ticks, np.bool_), np.ones(year.ticks, np.bool_)
        some_up, all_unreachable = some_unknown.copy(), none.copy()
        for vote in votes:
            none &= vote == 9
            some_up |= vote == UP
            some_unknown |= vote == UNKNOWN
            all_unreachable &= (vote == UNREACHABLE) | (vote == 9)
        found = np.where(all_unreachable, UNREACHABLE, DOWN)
        found = np.where(some_unknown | none, UNKNOWN, found)
        return np.where(some_up, UP, found).astype(np.uint8)

    def _counts(self, name: str, *, adjusted: bool) -> Mask:
        found = ~self._said.planned.get(name, np.zeros(self._year.ticks, np.bool_))
        if adjusted:
            found &= self.corrected[name] != CAUSES.index("planned") + 1
        dates = self._year.service.get(name)
        return found if dates is None else found & dates

    def _runs(self, name: str) -> list[tuple[int, int]]:
        bad = (self.states[name] >= DOWN) & self.counted[name]
        edges = np.flatnonzero(np.diff(np.concatenate(([False], bad, [False])).astype(np.int8)))
        return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]

    def figures(self, name: str, period: Period) -> Figures:
        """Return the figures of a device or a site."""
        tick = self._year.tick_ms
        first, after = self.between(period)
        kinds = np.bincount(self.states[name][first:after][self.counted[name][first:after]], minlength=4)
        dates = self.inside[name]
        served = after - first if dates is None else int(np.count_nonzero(dates[first:after]))
        unknown, up, down, unreachable = (int(kind) * tick for kind in kinds)
        planned = (served - int(kinds.sum())) * tick
        inside = [(start, end) for start, end in self._outages[name] if start < after and end > first]
        ended = [end - start for start, end in inside if end <= after]
        return Figures(
            Durations(up, down, unreachable, unknown, planned),
            len(inside),
            max((min(end, after) - max(start, first) for start, end in inside), default=0) * tick,
            Fraction(sum(ended) * tick, len(ended)) if ended else None,
            Fraction(up, len(inside)) if inside else None,
        )

    def summed(self, sites: Iterable[str], figures: Mapping[str, Figures]) -> Durations:
        """Return the sum of sites, each by its weight."""
        words = ("up", "down", "unreachable", "unknown", "planned")
        weighed = [(figures[name].durations, self._year.places[name].weight) for name in sites]
        return Durations(*(sum(getattr(one, word) * weight for one, weight in weighed) for word in words))

    def between(self, period: Period) -> tuple[int, int]:
        first, after = ((time - BEGIN_MS) // self._year.tick_ms for time in (period.start, period.end))
        return first, after

    def _explain(self) -> dict[str, States]:
        """Return the cause of each tick that is down or unreachable, 0 where nobody knows it."""
        found: dict[str, States] = {}
        year = self._year
        hubs_first = sorted(year.boxes, key=lambda name: len(self._depth(name)))
        for name in hubs_first:
            bad = self.states[name] >= DOWN
            found[name] = np.where(bad, self.corrected[name], 0)
            for upstream in year.upstream.get(name, ()):
                open_ = (self.states[name] == UNREACHABLE) & (found[name] == 0)
                found[name] = np.where(open_, found[upstream], found[name])
        for name, place in year.places.items():
            bad = self.states[name] >= DOWN
            found[name] = np.where(bad, self.corrected[name], 0)
            for box in place.edges:
                open_ = bad & (found[name] == 0)
                found[name] = np.where(open_, found[f"device/{box.name}"], found[name])
        return found

    def _depth(self, name: str) -> tuple[str, ...]:
        upstream = self._year.upstream.get(name, ())
        return (name, *(self._depth(upstream[0]) if upstream else ()))

    def causes(self, name: str, period: Period) -> dict[Cause, int]:
        """Return how long each cause was at work, in milliseconds; of the measured figures."""
        first, after = self.between(period)
        counts = (self.states[name][first:after] >= DOWN) & self.counted[name][first:after]
        many = np.bincount(self._explained[name][first:after][counts], minlength=len(CAUSES) + 1)
        found: dict[Cause, int] = {}
        for number, count in enumerate(many):
            cause = CAUSES[number - 1] if number else "unknown"
            if count:
                found[cause] = found.get(cause, 0) + int(count) * self._year.tick_ms
        return found


def months_of_2028() -> list[Period]:
    """Return each month, each quarter and the year, by the clock of a place that changes it."""
    zone = ZoneInfo(ZONE)
    firsts = [datetime(2028 + month // 12, month % 12 + 1, 1, tzinfo=zone) for month in range(13)]
    edges = [to_ms(first.astimezone(UTC)) for first in firsts]
    steps = (edges, edges[::3], edges[::12])
    return [Period(start, end) for step in steps for start, end in pairwise(step)]
