"""What is known of SNMP agents between polls, and until when it counts. Pure, with a memory of one Known a device.

The collector keeps no state: here is what it found out, and here is decided when it has to look again (ADR 0008).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zlib import crc32

from noc.model.reading import Known, Reading

SPREAD: Final = 0.25
"""By up to this share of its time a discovery is made earlier, by another one for each device: after a start all are
discovered within minutes, and would be so again after each hour."""


class KnownAgents:
    """Remembers what the last discovery of each device found."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}

    def __len__(self) -> int:
        return len(self._known)

    def of(self, entity: str, now: datetime, rediscover: timedelta, interval: timedelta) -> Known | None:
        """Return what is known of a device's agent; no longer valid where a discovery is due at this poll.

        rediscover: the time after which rows that came are seen at the latest; interval: the time between two polls.
        """
        known = self._known.get(entity)
        if known is None or now - known.discovered_at < rediscover * (1 - SPREAD * _share(entity)) - interval:
            return known
        return replace(known, valid=False, gone={}, oids_per_request=0)

    def profile(self, entity: str) -> str | None:
        """Return the name of the profile that a device was last read by; None where it wasn't yet."""
        known = self._known.get(entity)
        return None if known is None else known.profile

    def take(self, entity: str, reading: Reading) -> None:
        """Take what a Reading tells of the agent."""
        if reading.known is not None:
            self._known[entity] = reading.known

    def forget(self, entity: str) -> None:
        """Drop a device that is no longer watched, or is asked otherwise."""
        self._known.pop(entity, None)


def _share(entity: str) -> float:
    return crc32(entity.encode()) / 2**32
