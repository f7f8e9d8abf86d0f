"""Sighting: what alerting may ask of the present, from what polling and probing know; and the topology of now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from alerts.sight import BLIND, Seen, Sight
from noc.app.applications import Applications
from noc.app.polling import Polling
from noc.app.reprobing import Reprobing
from noc.app.settings import PollingSettings
from noc.availability.evidence import Memory
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.snapshot import Snapshot
from noc.model.transition import Status
from noc.pipeline.present import Presence
from noc.pipeline.status import Heard, Result, Statuses
from noc.topology import Links, Topology, Vantage, links_of

DRAWN_ANEW_S: Final = 900.0
"""What devices tell of their neighbours is looked at anew so often, when somebody asks."""


class Sighting:
    """A Sight. statuses: of polling. beside: statuses of other kinds of entities. presence: what devices last told."""

    def __init__(
        self,
        statuses: Callable[[], Statuses],
        presence: Callable[[], Presence],
        reprobing: Reprobing,
        endpoints: Callable[[], Statuses],
    ) -> None:
        self._statuses = statuses
        self._presence = presence
        self._reprobing = reprobing
        self._endpoints = endpoints

    def status(self, entity: str) -> Status:
        """Return the status by its own evidence."""
        if entity.startswith("service/"):
            word = self._presence().status(entity).status
            return "unknown" if word == "unreachable" else word
        return self._of(entity).status_of(entity)

    def since(self, entity: str) -> int | None:
        """Return since when the status is so."""
        if entity.startswith("service/"):
            return self._presence().status(entity).since_ms
        return self._of(entity).since_ms(entity)

    def seen(self, entity: str) -> Seen | None:
        """Return the last result; None where there is none, or it is stale."""
        memory = self._of(entity).memory(entity)
        if memory is None or memory.last is None or not memory.run_length:
            return None
        return Seen(memory.last, memory.ok, None if memory.ok else memory.run_start)

    def snapshot(self, entity: str) -> Snapshot | None:
        """Return a device as it was last read by SNMP."""
        return self._presence().snapshot(entity)

    def reprobe(self, entities: Collection[str]) -> None:
        """Ask for liveness soon."""
        self._reprobing.ask(entities)

    def _of(self, entity: str) -> Statuses:
        return self._endpoints() if entity.startswith("endpoint/") else self._statuses()


class Topologies:
    """The topology of the inventory of now, drawn anew at times.

    snapshot: gives a device as it was last read. watched: the entities that have a status.
    """

    def __init__(
        self,
        inventory: Callable[[], Inventory],
        vantage: Vantage,
        clock: Clock,
        snapshot: Callable[[str], Snapshot | None],
        watched: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self._inventory = inventory
        self._watched = watched
        self._vantage = vantage
        self._clock = clock
        self._snapshot = snapshot
        self._drawn: Topology | None = None
        self._drawn_s = 0.0

    def __call__(self) -> Topology:
        """Return it."""
        inventory, now_s = self._inventory(), self._clock.monotonic()
        if self._drawn is None or self._drawn.inventory is not inventory or now_s - self._drawn_s >= DRAWN_ANEW_S:
            self._drawn, self._drawn_s = Topology(inventory, self._vantage, self._links, self._peers), now_s
        return self._drawn

    def _links(self, site: str) -> Links:
        return links_of(self._inventory().devices_of(site), self._snapshot)

    def _peers(self) -> Iterable[str]:
        return (entity for entity in self._watched() if entity.startswith("peer/"))


@dataclass(frozen=True, slots=True)
class Eyes:
    """What alerting sees by. heard: is to be told of each result that is evidence."""

    sight: Sight = BLIND
    topology: Callable[[], Topology] | None = None
    heard: Heard | None = None


NO_EYES: Final = Eyes()

Seers = tuple[Statuses, Presence, Polling, Applications]


def eyes_of(
    settings: PollingSettings,
    clock: Clock,
    inventory: Callable[[], Inventory],
    heard: Heard,
    later: Callable[[], Seers],
) -> Eyes:
    """Return what alerting sees by. heard: who else is told of results. later: gives what is made after this."""
    vantage = Vantage(settings.poller, settings.uplink)

    def read(entity: str) -> Snapshot | None:
        return later()[1].snapshot(entity)

    topology = Topologies(inventory, vantage, clock, read, lambda: (name for name, _ in later()[0].memories()))

    def run(key: str) -> bool:
        _, _, polling, applications = later()
        if key.startswith("endpoint/"):
            return applications.probing.run(key)
        return polling.gathering.run(key)

    reprobing = Reprobing(clock, topology, run, settings.reprobe.total_seconds())

    def hear(result: Result, before: Memory, after: Memory, stale_after_ms: int) -> None:
        heard(result, before, after, stale_after_ms)
        reprobing.heard(result, before, after, stale_after_ms)

    sight = Sighting(lambda: later()[0], lambda: later()[1], reprobing, lambda: later()[3].probing.statuses)
    return Eyes(sight, topology, hear)
