"""Which roll-ups of a server may answer a query; which of them does is said by noc.store._choice. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from noc.model.instants import from_ms
from noc.model.series import Resolution
from noc.store._retention import Retention


@dataclass(frozen=True, slots=True)
class RolledRange:
    """Which time is rolled up, milliseconds of the Unix epoch: `[since, until)`; empty where nothing is."""

    since_ms: int = 0
    until_ms: int = 0


def made_of(keeping: Retention) -> list[Resolution]:
    """Return the roll-ups that are made, the finer first: those that are kept longer than what they are made of."""
    made: list[Resolution] = []
    if keeping.five_minutes > keeping.raw:
        made.append("5m")
    if keeping.hourly > keeping.raw:
        made.append("1h")
    return made


def reach(keeping: Retention, rolled: RolledRange, now: datetime) -> Mapping[Resolution, timedelta]:
    """Return how far back there are raw numbers and each roll-up: as long as they are kept, and since they are made."""
    kept: dict[Resolution, timedelta] = {"raw": keeping.raw}
    if rolled.since_ms < rolled.until_ms:
        since_begun = now - from_ms(rolled.since_ms)
        lengths = {"5m": keeping.five_minutes, "1h": keeping.hourly}
        kept |= {one: min(lengths[one], since_begun) for one in made_of(keeping)}
    return kept
