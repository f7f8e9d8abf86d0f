"""Coverage and evidence: what comes of each liveness result beside the status (docs/availability.md, "The ledger").

Each is counted in the hour of its entity, which becomes a record of the ledger when it is over, and goes to the time
series as it is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from noc.availability.evidence import Memory
from noc.clock import Clock
from noc.inventory.endpoints import Endpoint
from noc.inventory.entities import Circuit, Device
from noc.inventory.inventory import Inventory
from noc.model.instants import to_ms
from noc.model.samples import Samples
from noc.pipeline.coverage import CoverageCounts
from noc.pipeline.liveness import LivenessSeries
from noc.pipeline.status import Result
from noc.service import Rounds
from noc.state import checkpoint
from noc.state import coverage as hours
from noc.state.committer import Committer
from noc.state.database import Database
from noc.state.hours import pack

log = logging.getLogger(__name__)

CHECKPOINT: Final = "coverage"
LOOK_EVERY_S: Final = 30.0
DAY_MS: Final = 86_400_000


class CoverageWatch:
    """A service; starts before all that judges. `heard` is told of each result.

    committer: gives who writes. poller: who says so.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        committer: Callable[[], Committer],
        poller: str,
        inventory: Callable[[], Inventory],
    ) -> None:
        self._database = database
        self._clock = clock
        self._committer = committer
        self._entity = f"poller/{poller}"
        self._named: tuple[int, tuple[str, ...]] | None = None
        self._rounds = Rounds(clock, "coverage", self._round)
        self._inventory = inventory
        self._series = LivenessSeries(self._tags)
        self._told = 0
        self.counts = CoverageCounts()

    def heard(self, result: Result, before: Memory, after: Memory, stale_after_ms: int) -> None:
        """Take a result that was evidence."""
        self.counts.take(result.entity, result.time_ms, before, after, stale_after_ms)
        self._series.take(result)

    def samples(self) -> tuple[Samples, ...]:
        """Return the results since the last time as samples."""
        return self._series.samples()

    def rows(self) -> Iterable[checkpoint.Row]:
        """Return what the checkpoint of coverage holds."""
        return self.counts.rows()

    def replace(self) -> None:
        """Go on with the inventory of now: what it no longer watches is forgotten."""
        known = self._inventory()
        groups = known.devices.values(), known.circuits.values(), known.endpoints.values()
        self.counts.retain({one.entity for group in groups for one in group})

    async def start(self) -> None:
        """Take up the hours that were open before a restart, then write each when it is over."""
        async with self._database.read() as connection:
            written_ms = await hours.last_hour(connection, self._entity)
            saved = await checkpoint.load(connection, CHECKPOINT)
        if written_ms is not None:
            self.counts.written(written_ms)
        try:
            self.counts.restore(saved[1] if saved is not None else ())
        except ValueError as error:
            log.error("the checkpoint of coverage is left out, hours since then show less than was seen: %s", error)
        self._rounds.start()

    async def stop(self) -> None:
        """End; what is open stays in the checkpoint."""
        await self._rounds.stop()

    async def _round(self) -> float:
        for hour_ms in self.counts.due(to_ms(self._clock.now())):
            columns = self.counts.columns(hour_ms)
            named = self._named
            # A day's first hour has the names, and each whose names are others than those of the hour before.
            same = named is not None and named[1] == columns.names and named[0] // DAY_MS == hour_ms // DAY_MS
            names_of_ms = named[0] if named is not None and same else None
            body = await asyncio.to_thread(pack, columns, names_of_ms)
            if names_of_ms is None:
                self._named = hour_ms, columns.names
            # A checkpoint holds the hour, or the committer does: nothing is awaited between these two.
            self.counts.written(hour_ms)
            self._committer().put_kept(hours.kept(columns, body, self._entity))
        if self.counts.uncounted > self._told:
            log.warning("%d results came after their hour was written, and are in no coverage", self.counts.uncounted)
            self._told = self.counts.uncounted
        return LOOK_EVERY_S

    def _tags(self, entity: str) -> Mapping[str, str]:
        known = self._inventory()
        kind, _, name = entity.partition("/")
        found: Device | Circuit | Endpoint | None
        match kind:
            case "circuit":
                found = known.circuits.get(name)
            case "endpoint":
                found = known.endpoints.get(name)
            case _:
                found = known.devices.get(name)
        return {} if found is None else {"site": found.site, "region": known.sites[found.site].region}
