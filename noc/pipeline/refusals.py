"""How often firewalls refuse, by what they log: a number that can be held against its usual one. Pure.

Makers count refusals in objects of their own, or not at all; but all of them log what they refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from noc.inventory.inventory import Inventory
from noc.model.event import Event
from noc.model.instants import to_ms
from noc.model.samples import Samples
from noc.pipeline.segmentation import DENIAL

MEASUREMENT: Final = "noc_refusal"
FIELD: Final = "refused_per_minute"
TAGS: Final = ("device", "site", "region", "device_class")
EVERY_MS: Final = 300_000
"""How often is told how many there were."""

QUIET_MS: Final = 24 * 3_600_000
"""A firewall that has logged no refusal for so long is not told of: nobody knows whether it logs them still."""


class Refusals:
    """Counts refusals of devices of class `firewall`. inventory: as it is now."""

    def __init__(self, inventory: Callable[[], Inventory]) -> None:
        self._inventory = inventory
        self._counts: dict[str, int] = {}
        self._heard_ms: dict[str, int] = {}
        self._since_ms: int | None = None

    def take(self, group: Iterable[Event]) -> None:
        """Take events that are new."""
        devices = self._inventory().devices
        for event in group:
            device = devices.get((event.device or "").removeprefix("device/"))
            if device is None or device.device_class != "firewall" or event.kind != "syslog":
                continue
            if DENIAL.search(event.text):
                self._counts[device.id] = self._counts.get(device.id, 0) + event.count
                self._heard_ms[device.id] = max(event.last_ms, self._heard_ms.get(device.id, 0))

    def samples(self, now: datetime) -> list[tuple[str, Samples]]:
        """Return for each firewall, by entity, how many it refused a minute since the last time; else nothing."""
        now_ms = to_ms(now)
        if self._since_ms is None:
            self._since_ms = now_ms
        length_ms = now_ms - self._since_ms
        if length_ms < EVERY_MS:
            return []
        counts, self._counts, self._since_ms = self._counts, {}, now_ms
        inventory = self._inventory()
        self._heard_ms = {
            name: at_ms
            for name, at_ms in self._heard_ms.items()
            if name in inventory.devices and now_ms - at_ms <= QUIET_MS
        }
        found = []
        for name in sorted(self._heard_ms):
            device = inventory.devices[name]
            site = inventory.sites.get(device.site)
            tags = (name, device.site, "" if site is None else site.region, device.device_class)
            rate = counts.get(name, 0) / (length_ms / 60_000)
            found.append((device.entity, Samples(MEASUREMENT, now, TAGS, (FIELD,), (tags,), ((rate,),))))
        return found
