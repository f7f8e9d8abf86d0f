"""What becomes of the status of devices that leave the inventory, of their parts, and of circuits.

From then on nobody looks, so it is unknown.
Without a record of it the ledger would go on saying `up` for all the time until such a device came back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from noc.availability.entities import kind_of
from noc.clock import Clock
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.model.instants import to_ms
from noc.model.part import owner_of
from noc.model.transition import Status, Transition
from noc.pipeline.partwatch import PartWatch
from noc.pipeline.status import Statuses
from noc.scheduling.plan import checks_of
from noc.state import checkpoint, ledger
from noc.state.committer import CHECKPOINT, Committer
from noc.state.database import Database

_SEEN = 2
"""Which part of a row of the statuses' checkpoint tells when the entity was last seen."""


class Leaving:
    """A service that starts before polling does. poller: who says so."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        inventory: Callable[[], Inventory],
        statuses: Statuses,
        committer: Committer,
        poller: str,
        parts: PartWatch,
    ) -> None:
        self._database = database
        self._clock = clock
        self._inventory = inventory
        self._statuses = statuses
        self._committer = committer
        self._poller = poller
        self._parts = parts

    async def start(self) -> None:
        """Tell of those that left while noc didn't run: unknown since they were last seen."""
        async with self._database.read() as connection:
            saved = await checkpoint.load(connection, CHECKPOINT)
            known = await ledger.latest(connection)
        rows = saved[1] if saved else []
        seen = {str(row[0]): moment for row in rows if len(row) > _SEEN and isinstance(moment := row[_SEEN], int)}
        here = {device.entity for device in self._inventory().devices.values()}
        for entity, last in known.items():
            if self._left(entity, here):
                self._tell(entity, last.status, last.check, max(last.since_ms + 1, seen.get(entity, last.decided_ms)))

    async def stop(self) -> None:
        """Nothing has to be done."""

    def _left(self, entity: str, here: Collection[str]) -> bool:
        kind = kind_of(entity)
        if kind == "device":
            return entity not in here
        return (kind == "circuit" or owner_of(entity) is not None) and not self._parts.belongs(entity)

    def leave(self, devices: Iterable[Device]) -> None:
        """Tell of devices that leave now; they must still be watched."""
        for device in devices:
            check = next((check.kind for check in checks_of(device) if check.liveness), "")
            self._tell(device.entity, self._statuses.status_of(device.entity), check, self._now_ms())

    def _tell(self, entity: str, before: Status, check: str, since_ms: int) -> None:
        if before != "unknown":
            now_ms = max(self._now_ms(), since_ms)
            change = Transition(entity, "unknown", before, since_ms, now_ms, check, self._poller, "stale", ())
            self._committer.put([change])

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())
