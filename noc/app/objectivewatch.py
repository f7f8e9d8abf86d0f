"""Tells how objectives stand, again and again: series for charts, and numbers for rules."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from noc.app.feed import Feed
from noc.app.figures import Figures
from noc.app.objectives import Objectives, Promised
from noc.app.settings import RootSettings
from noc.availability.entities import kind_of
from noc.availability.figures import Durations
from noc.availability.objectives import NETWORK, Standing, burn
from noc.availability.replay import Answer
from noc.availability.standings import Standings, durations_of
from noc.clock import Clock
from noc.inventory.entities import Circuit, Device, Site
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.model.samples import Samples
from noc.pipeline.ingest import Ingested
from noc.pipeline.objectiveseries import objective_samples
from noc.service import Rounds
from noc.state.database import Database, StateError

log = logging.getLogger(__name__)

FIRST_AFTER_S: Final = 60.0
"""After a start devices are polled first."""

TELL_EVERY_S: Final = 120.0
SHARE: Final = 20
"""Telling takes at most one part in so many of the time: with a large ledger it is told more seldom."""

CHECK: Final = "objective"
TOLD: Final = ("region", "site", "circuit", "service")
"""Kinds that are told of; of devices those that have a target of their own."""

Row = tuple[str, Mapping[str, str], Standing]


class ObjectiveWatch:
    """A service. series: takes samples for charts. rules: takes what the rules of an entity look at.

    objectives: how they stand, for all who ask. Charts show what was; rules hear of burn rates as they were told in
    time, for nobody is called about what is over. That a budget is gone is so now, however it came to be known.
    """

    def __init__(
        self,
        objectives: Objectives,
        promised: Promised,
        inventory: Callable[[], Inventory],
        clock: Clock,
        series: Callable[[Iterable[Samples]], None],
        rules: Callable[[Check, Ingested], None],
    ) -> None:
        self.objectives = objectives
        self._promised = promised
        self._inventory = inventory
        self._clock = clock
        self._series = series
        self._rules = rules
        self._begun = False
        self._failed = False
        self._rounds = Rounds(clock, "objectives", self._round)

    async def start(self) -> None:
        """Begin a minute later."""
        self._rounds.start()

    async def stop(self) -> None:
        """End."""
        await self._rounds.stop()

    def replace(self, settings: RootSettings) -> None:
        """Go on with other targets, and the inventory of now."""
        self._promised.replace(settings, self._inventory())

    async def _round(self) -> float:
        if not self._begun:
            self._begun = True
            return FIRST_AFTER_S
        began_s = self._clock.monotonic()
        try:
            found = await self.objectives.standings("month")
            in_time = await self.objectives.burns_in_time(found.now)
        except StateError as error:
            if not self._failed:
                log.error("how objectives stand can't be told: %s", error)
            self._failed = True
            return TELL_EVERY_S
        self._failed = False
        inventory = self._inventory()
        rows = await asyncio.to_thread(lambda: list(rows_of(found, inventory)))
        self._tell(rows, in_time or {})
        return max(TELL_EVERY_S, SHARE * (self._clock.monotonic() - began_s))

    def _tell(self, rows: list[Row], in_time: Mapping[str, Answer]) -> None:
        at = self._clock.now()
        for row in rows:
            check = Check(row[0], CHECK, TELL_EVERY_S, TELL_EVERY_S)
            samples = objective_samples([row], at)
            self._series((samples,))
            told = objective_samples([as_told(row, in_time)], at) if in_time else samples
            self._rules(check, Ingested((), (told,)))


def objective_watch_of(
    settings: RootSettings,
    figures: Figures,
    database: Database,
    inventory: Callable[[], Inventory],
    clock: Clock,
    feed: Feed,
) -> ObjectiveWatch:
    """Return the service, not started."""
    promised = Promised(settings, inventory())
    objectives = Objectives(figures, database, inventory, promised, clock)
    return ObjectiveWatch(objectives, promised, inventory, clock, feed.fanout.take, feed.alerting.take)


def rows_of(found: Standings, inventory: Inventory) -> Iterator[Row]:
    """Yield what is told of. Pure, and long for many: run it in a thread."""
    for name in found.names():
        kind = kind_of(name)
        if name != NETWORK and inventory.entity(name) is None:
            continue  # the ledger knows what is gone, too
        if name == NETWORK or kind in TOLD or (kind == "device" and found.targets.of(name).said_of == name):
            one = found.of(name)
            if one is not None:
                yield name, place_of(inventory, name), one


def as_told(row: Row, in_time: Mapping[str, Answer]) -> Row:
    """Return a row with the burn rates that were told in time. in_time: by window, where it is another."""
    name, tags, one = row
    others = {
        window: burn(durations_of(answer, name) or Durations(), one.target.percent)
        for window, answer in in_time.items()
    }
    return name, tags, replace(one, burns={**one.burns, **others})


def place_of(inventory: Inventory, name: str) -> dict[str, str]:
    """Return the tags `site` and `region` of an entity, as far as it has them."""
    kind, _, key = name.partition("/")
    if kind == "region":
        return {"region": key}
    match inventory.entity(name):
        case Site() as site:
            return {"site": site.id, "region": site.region}
        case (Device() | Circuit()) as placed:
            return {"site": placed.site, "region": inventory.sites[placed.site].region}
    return {}
