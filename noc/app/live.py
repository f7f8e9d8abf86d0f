"""What open pages and scripts hear: statuses that change, incidents, devices that were read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from noc.availability.times import format_time
from noc.clock import Clock
from noc.http.live import Hub, is_topic
from noc.http.scope import region_of
from noc.inventory.inventory import Inventory
from noc.model.part import owner_of
from noc.model.transition import Transition

STORED_AFTER_S: Final = 1.5
"""From a Reading to the store: gathered, written to the spool, drained."""


class Live:
    """Publishes on the hub. inventory: as it is now."""

    def __init__(self, hub: Hub, inventory: Callable[[], Inventory], clock: Clock) -> None:
        self._hub = hub
        self._inventory = inventory
        self._clock = clock

    def statuses(self, transitions: Sequence[Transition]) -> None:
        """Tell of changes of status."""
        for change in transitions:
            payload = {"entity": change.entity, "status": change.status, "since": format_time(change.since_ms)}
            region = self._region(change.entity)
            self._hub.publish("statuses", payload, key=change.entity, region=region)
            owner = owner_of(change.entity)
            for topic, key in ((change.entity, "status"), (owner or "", change.entity)):
                if is_topic(topic):
                    self._hub.publish(topic, payload, key=key, region=region)

    def incident(self, number: int) -> None:
        """Tell that something about an incident changed."""
        self._hub.incident(number)

    def read(self, entity: str) -> None:
        """Tell, in a moment, that a device was read by SNMP: its numbers are in the store then.

        Nobody misses it who doesn't listen now.
        """
        if self._hub.listeners and is_topic(entity):
            self._clock.call_later(STORED_AFTER_S, lambda: self._tell_read(entity))

    def _tell_read(self, entity: str) -> None:
        if not self._hub.closing:
            self._hub.publish(entity, {"entity": entity, "read": True}, key="read", region=self._region(entity))

    def _region(self, entity: str) -> str | None:
        return region_of(self._inventory(), entity)
