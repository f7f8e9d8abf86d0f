"""Tells how objectives stand, again and again: series for charts, and numbers for rules."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from noc.app.figures import Figures
from noc.app.objectives import Objectives, Promised
from noc.app.settings import RootSettings
from noc.availability.entities import kind_of
from noc.availability.objectives import NETWORK, Standing
from noc.availability.standings import Standings
from noc.clock import Clock
from noc.inventory.entities import Circuit, Device, Site
from noc.inventory.inventory import Inventory
from noc.model.check import Check
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
    """A service. give: takes samples; with a check, for the rules of its entity too.

    objectives: how they stand, for all who ask.
    """

    def __init__(
        self,
        objectives: Objectives,
        promised: Promised,
        inventory: Callable[[], Inventory],
        clock: Clock,
        give: Callable[[Check | None, Ingested], None],
    ) -> None:
        self.objectives = objectives
        self._promised = promised
        self._inventory = inventory
        self._clock = clock
        self._give = give
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
        except StateError as error:
            if not self._failed:
                log.error("how objectives stand can't be told: %s", error)
            self._failed = True
            return TELL_EVERY_S
        self._failed = False
        inventory = self._inventory()
        self._tell(await asyncio.to_thread(lambda: list(rows_of(found, inventory))))
        return max(TELL_EVERY_S, SHARE * (self._clock.monotonic() - began_s))

    def _tell(self, rows: list[Row]) -> None:
        at = self._clock.now()
        for row in rows:
            check = Check(row[0], CHECK, TELL_EVERY_S, TELL_EVERY_S)
            self._give(check, Ingested((), (objective_samples([row], at),)))


def objective_watch_of(
    settings: RootSettings,
    figures: Figures,
    database: Database,
    inventory: Callable[[], Inventory],
    clock: Clock,
    give: Callable[[Check | None, Ingested], None],
) -> ObjectiveWatch:
    """Return the service, not started."""
    promised = Promised(settings, inventory())
    return ObjectiveWatch(Objectives(figures, database, inventory, promised, clock), promised, inventory, clock, give)


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
