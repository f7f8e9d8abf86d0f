"""Which addresses infrastructure ports have: what is asked of switches, kept over a restart, and told to rules."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import Final

from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.forwarding import Forwarding
from noc.model.instants import to_ms
from noc.model.snapshot import Snapshot
from noc.pipeline.portaddresses import PortAddresses, Told
from noc.service import Rounds
from noc.state import checkpoint
from noc.state.database import Database, StateError

log = logging.getLogger(__name__)

CHECKPOINT: Final = "addresses"
SAVE_EVERY_S: Final = 900.0


class PortWatch:
    """A service. What was learnt since the last quarter of an hour is learnt again after a kill."""

    def __init__(self, database: Database, clock: Clock, inventory: Callable[[], Inventory]) -> None:
        self._database = database
        self._clock = clock
        self._inventory = inventory
        self._addresses = PortAddresses()
        self._ports: dict[str, dict[int, str]] = {}
        self._changed = False
        self._left_out = 0
        self._rounds = Rounds(clock, "addresses", self._round)

    async def start(self) -> None:
        """Take up what was known before a restart. Raises StateError."""
        async with self._database.read() as connection:
            saved = await checkpoint.load(connection, CHECKPOINT)
        self._addresses.take_up(saved[1] if saved is not None else ())
        self._rounds.start()

    async def stop(self) -> None:
        """Write what is known."""
        await self._rounds.stop()
        await self._save()

    def learn(self, device: str, taken: Snapshot, infrastructure: Collection[str]) -> None:
        """Learn which interfaces of a device are infrastructure. infrastructure: its ports, as it names them."""
        found = {
            one.if_index: one.name or one.descr or str(one.if_index)
            for one in (taken.interfaces if infrastructure else ())
            if not {one.name, one.descr, one.alias}.isdisjoint(infrastructure)
        }
        if found:
            self._ports[device] = found
        else:
            self._ports.pop(device, None)

    def take(self, device: str, told: Forwarding) -> list[Told]:
        """Take what a device has learnt on its ports; return what is new on those that are infrastructure."""
        known = self._inventory().devices.get(device)
        if known is None:
            return []
        ports = {
            name: told.ports[whole]
            for at, name in self._ports.get(device, {}).items()
            if (whole := told.aggregates.get(at, at)) in told.ports
        }
        self._changed = self._changed or bool(ports)
        return self._addresses.take(known.site, device, ports, to_ms(told.at))

    async def _round(self) -> float:
        self._addresses.keep({one.id: one.site for one in self._inventory().devices.values()}, to_ms(self._clock.now()))
        for device in self._ports.keys() - self._inventory().devices.keys():
            del self._ports[device]
        if self._addresses.left_out > self._left_out:
            log.warning("%d addresses of ports are not remembered: there are too many", self._addresses.left_out)
            self._left_out = self._addresses.left_out
        await self._save()
        return SAVE_EVERY_S

    async def _save(self) -> None:
        if not self._changed:
            return
        self._changed = False  # before it is written: what comes meanwhile is written the next time
        try:
            async with self._database.write() as connection:
                await checkpoint.save(connection, CHECKPOINT, to_ms(self._clock.now()), self._addresses.rows())
        except StateError as error:
            self._changed = True
            log.warning("which addresses ports have could not be written, and will be: %s", error)
