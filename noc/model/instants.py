"""Moments and lengths of time as whole numbers, and back: the one place where they are converted.

Everything that is stored or compared is in milliseconds of the Unix epoch, UTC. Whole numbers of timedeltas are exact;
`datetime.timestamp()` would go through binary fractions.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
MICROSECOND: Final = timedelta(microseconds=1)
SECOND: Final = timedelta(seconds=1)


def to_ms(moment: datetime) -> int:
    """Return a timezone-aware moment in milliseconds, rounded down. Raises TypeError for a naive one."""
    return (moment - EPOCH) // MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """Return the moment in UTC. Raises OverflowError outside the years 1 to 9999."""
    return EPOCH + milliseconds * MILLISECOND


def to_us(moment: datetime) -> int:
    """Return a timezone-aware moment in microseconds. Raises TypeError for a naive one."""
    return (moment - EPOCH) // MICROSECOND


def from_us(microseconds: int) -> datetime:
    """Return the moment in UTC. Raises OverflowError outside the years 1 to 9999."""
    return EPOCH + microseconds * MICROSECOND


def to_s(moment: datetime) -> float:
    """Return a timezone-aware moment in seconds. Raises TypeError for a naive one."""
    return (moment - EPOCH) / SECOND


def length_ms(length: timedelta) -> int:
    """Return a length of time in milliseconds, rounded down."""
    return length // MILLISECOND
