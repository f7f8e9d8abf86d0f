"""The past of a ledger, played again: its changes in order, and what alerting saw of the present then."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from typing import Final

from alerts.sight import Seen
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.instants import length_ms, to_ms
from noc.model.part import owner_of
from noc.model.snapshot import Snapshot
from noc.model.transition import Status, Transition
from noc.state import past
from noc.state.database import Database

MARGIN_MS: Final = 3_600_000
"""A change that began so long before it was certain is found all the same."""

PROBED_EVERY_MS: Final = 60_000
"""Of what has no rhythm of its own."""


class History:
    """What a ledger says of a time. `load` it first. changes: how many there are in that time.

    begins_ms: since when the ledger knows anything; None where it is empty.
    """

    def __init__(self, database: Database, start_ms: int, end_ms: int) -> None:
        self._database = database
        self._start_ms = start_ms
        self._end_ms = end_ms
        self._told: dict[str, list[tuple[int, int, Status]]] = {}
        self._after: int | None = None
        self._waiting: list[Transition] = []
        self.before: list[Transition] = []
        self.changes = 0
        self.begins_ms: int | None = None

    async def load(self) -> None:
        """Read how all stood at the beginning, and when what changed. Raises StateError."""
        async with self._database.read() as connection:
            first = await past.first_since(connection, self._start_ms - MARGIN_MS)
            base = [one async for one in past.before(connection, first)]
        stood: dict[str, list[Transition]] = {}
        for one in base:
            stood.setdefault(one.entity, []).append(one)
            self._note(one)
        self._after = None if first is None else first - 1
        at: int | None = self._after
        while at is not None:
            async with self._database.read() as connection:
                found, at = await past.page(connection, at)
            for one in found:
                if one.decided_ms < self._start_ms:
                    ones = stood.setdefault(one.entity, [])
                    stood[one.entity] = [*[up for up in ones if up.status == "up"][-1:], one]
                self.changes += self._start_ms <= one.decided_ms < self._end_ms
                self._note(one)
        self.before = sorted((one for ones in stood.values() for one in ones), key=lambda one: one.decided_ms)

    async def until(self, stop_ms: int) -> list[Transition]:
        """Return the changes that were certain before a moment and were not given yet. Raises StateError."""
        while self._after is not None and not any(one.decided_ms >= stop_ms for one in self._waiting):
            async with self._database.read() as connection:
                found, self._after = await past.page(connection, self._after)
            self._waiting += [one for one in found if one.decided_ms >= self._start_ms]
        due = [one for one in self._waiting if one.decided_ms < stop_ms]
        self._waiting = [one for one in self._waiting if one.decided_ms >= stop_ms]
        return due

    def known(self, entity: str) -> list[tuple[int, int, Status]]:
        """Return the changes of an entity: when each was certain, since when it held, and what it said."""
        return self._told.get(entity, [])

    def _note(self, one: Transition) -> None:
        self._told.setdefault(one.entity, []).append((one.decided_ms, one.since_ms, one.status))
        self.begins_ms = one.since_ms if self.begins_ms is None else min(self.begins_ms, one.since_ms)


class Hindsight:
    """A Sight of the past: what probes saw at their rhythm, as far as the ledger tells. It asks nobody anything."""

    def __init__(self, history: History, inventory: Inventory, clock: Clock) -> None:
        self._history = history
        self._inventory = inventory
        self._clock = clock

    def status(self, entity: str) -> Status:
        """Return what was certain at this moment."""
        found = self._certain(entity)
        return "unknown" if found is None else found[2]

    def since(self, entity: str) -> int | None:
        """Return since when that was so."""
        found = self._certain(entity)
        return None if found is None else found[1]

    def seen(self, entity: str) -> Seen | None:
        """Return the last result: a failure shows before it is certain, and so does its end."""
        known = self._history.known(entity)
        now_ms = to_ms(self._clock.now())
        at_ms = now_ms - now_ms % self._every_ms(entity)
        place = bisect_right(known, at_ms, key=lambda one: one[1])
        if not place:
            return None
        _, since_ms, status = known[place - 1]
        if status == "unknown":
            return None
        return Seen(at_ms, ok=True) if status == "up" else Seen(at_ms, ok=False, failing_ms=since_ms)

    def snapshot(self, entity: str) -> Snapshot | None:
        """Return None: what neighbours a device heard then is not kept."""
        del entity
        return None

    def reprobe(self, entities: Collection[str]) -> None:
        """Ask nothing: what came of it stands in the ledger."""

    def _certain(self, entity: str) -> tuple[int, int, Status] | None:
        known = self._history.known(entity)
        place = bisect_right(known, to_ms(self._clock.now()), key=lambda one: one[0])
        return known[place - 1] if place else None

    def _every_ms(self, entity: str) -> int:
        name = owner_of(entity) or entity
        device = self._inventory.devices.get(name.removeprefix("device/"))
        if device is None:
            return PROBED_EVERY_MS
        return max(1, length_ms(device.watch.poll_interval if name != entity else device.watch.interval))
