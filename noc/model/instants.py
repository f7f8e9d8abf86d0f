"""Moments and lengths of time as whole numbers, and back: the one place where they are converted.

Everything that is stored or compared is in milliseconds of the Unix epoch, UTC. Whole numbers of timedeltas are exact;
`datetime.timestamp()` would go through binary fractions.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
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


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Return a timezone-aware moment as clocks of a zone show it. Raises TypeError for a naive one."""
    if moment.tzinfo is None:
        raise TypeError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(zone)


def from_wall(wall: datetime, zone: tzinfo) -> datetime:
    """Return the moment, in UTC, at which clocks of a zone show a time: what people type, which says no offset.

    Where clocks are set back they show it twice: then it is the first. Where they are set forward and never show it,
    it is as if they had not been set yet. Raises TypeError where `wall` has a zone of its own.
    """
    if wall.tzinfo is not None:
        raise TypeError(f"{wall.isoformat()} has a time zone of its own")
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
