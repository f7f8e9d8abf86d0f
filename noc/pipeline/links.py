"""How a satellite link does over time: whether its lock holds, how much of its rate ACM leaves. Pure, in memory.

One poll can't tell either. Both are lost with a restart, and a number that an hour of watching doesn't bear out yet is
not told: a rule that is raised is never cleared by a memory that was too short.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from noc.model.snapshot import Scalar

HOUR_MS: Final = 3_600_000
BEST_OF_HOURS: Final = 24
"""The rate of a link is held against the best that was seen in so many hours."""

LINK_FIELDS: Final = ("lock_losses", "capacity_pct")
"""lock_losses: how often the lock was seen to be lost within an hour. capacity_pct: bits a symbol of the present
MODCOD, in percent of the best of a day."""

LOSSES_AT_MOST: Final = 100


@dataclass(slots=True)
class _Link:
    """best: bits a symbol by the hour, numbered since the Unix epoch. losses: when lock was found lost."""

    since_ms: int
    last_ms: int
    locked: bool | None = None
    losses: list[int] = field(default_factory=list)
    best: dict[int, float] = field(default_factory=dict)


class SatelliteLinks:
    """Remembers the links of satellite terminals, by device."""

    def __init__(self) -> None:
        self._links: dict[str, _Link] = {}

    def take(self, device: str, told: Mapping[str, Scalar], time_ms: int) -> dict[str, Scalar]:
        """Take the satellite values of a poll; return LINK_FIELDS, None where nothing is certain yet.

        A poll that is not later than the one before it adds nothing.
        """
        locked, bits = told.get("rx_lock"), told.get("bits_per_symbol")
        if not isinstance(locked, bool) and not isinstance(bits, int | float):
            return dict.fromkeys(LINK_FIELDS)
        link = self._links.setdefault(device, _Link(time_ms, time_ms - 1))
        if time_ms <= link.last_ms:
            return dict.fromkeys(LINK_FIELDS)
        link.last_ms = time_ms
        watched = time_ms - link.since_ms >= HOUR_MS
        return {
            "lock_losses": _losses(link, locked, time_ms, watched=watched) if isinstance(locked, bool) else None,
            "capacity_pct": _capacity(link, bits, time_ms, watched=watched) if isinstance(bits, int | float) else None,
        }

    def forget(self, device: str) -> None:
        """Drop a device that is no longer watched."""
        self._links.pop(device, None)


def _losses(link: _Link, locked: bool, time_ms: int, *, watched: bool) -> int | None:
    if link.locked and not locked:
        link.losses.append(time_ms)
    link.locked = locked
    link.losses = [loss for loss in link.losses if time_ms - loss < HOUR_MS][-LOSSES_AT_MOST:]
    return len(link.losses) if link.losses or watched else None


def _capacity(link: _Link, bits: float, time_ms: int, *, watched: bool) -> float | None:
    hour = time_ms // HOUR_MS
    link.best[hour] = max(bits, link.best.get(hour, bits))
    link.best = {old: best for old, best in link.best.items() if hour - old < BEST_OF_HOURS}
    best = max(link.best.values())
    if best <= 0:
        return None
    return round(100 * bits / best, 1) if bits < best or watched else None
