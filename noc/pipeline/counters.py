"""Rates from counters: never a spike, never a negative. Pure.

A Counter32 or Counter64 means only its difference to an earlier reading (RFC 2578, section 7.1.6), and only when the
agent did not restart or lose count in between (sysUpTime, ifCounterDiscontinuityTime, RFC 2863, section 3.1.5).
Where the difference is not certain there is no rate, and the reason is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WRAP_32: Final = 2**32
WRAP_64: Final = 2**64
UPTIME_WRAP_S: Final = 2**32 / 100
"""sysUpTime counts hundredths in 32 bits: it starts again after 497 days."""

CLOCK_SLACK_S: Final = 5.0
CLOCK_SLACK_SHARE: Final = 0.05
"""How far the agent's clock and ours may drift apart between two readings before it counts as a restart."""

LINE_SLACK_SHARE: Final = 0.1
"""How far above the line's speed a rate may seem to be: agents update counters in steps."""


class NoRate(StrEnum):
    """Why there is no rate."""

    FIRST = "first reading"
    TIME = "time did not pass"
    RESTART = "the agent restarted"
    DISCONTINUITY = "the agent lost count"
    BACKWARDS = "the counter went back"
    AMBIGUOUS = "the counter may have wrapped more than once"
    IMPLAUSIBLE = "more than the line can carry"


@dataclass(frozen=True, slots=True)
class Moment:
    """When counters were read: seconds of our monotonic clock, and what the agent says of its own time."""

    at_s: float
    uptime_s: float | None = None
    discontinuity_s: float | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """Per second; None with the reason."""

    per_s: float | None
    why_not: NoRate | None = None


def gap(earlier: Moment, later: Moment) -> NoRate | None:
    """Return why counters of two moments can't be compared; None when they can."""
    elapsed_s = later.at_s - earlier.at_s
    if elapsed_s <= 0:
        return NoRate.TIME
    if _restarted(earlier, later, elapsed_s):
        return NoRate.RESTART
    if earlier.discontinuity_s != later.discontinuity_s:
        return NoRate.DISCONTINUITY
    return None


def rate(earlier: int, later: int, elapsed_s: float, wide: bool, most_per_s: float | None = None) -> Rate:
    """Return the rate between two readings of a counter that `gap` found comparable.

    wide: 64 bits. most_per_s: what the line can carry; without it only a wrap of less than half the range is believed.
    """
    difference = later - earlier
    ceiling = None if most_per_s is None else most_per_s * (1 + LINE_SLACK_SHARE)
    if not wide and ceiling is not None and ceiling * elapsed_s >= WRAP_32:
        return Rate(None, NoRate.AMBIGUOUS)
    if difference < 0:
        difference += WRAP_64 if wide else WRAP_32
        if ceiling is None and difference >= (WRAP_64 if wide else WRAP_32) // 2:
            return Rate(None, NoRate.BACKWARDS)
        if ceiling is not None and difference > ceiling * elapsed_s:
            return Rate(None, NoRate.BACKWARDS)
    per_s = difference / elapsed_s
    if ceiling is not None and per_s > ceiling:
        return Rate(None, NoRate.IMPLAUSIBLE)
    return Rate(per_s)


def _restarted(earlier: Moment, later: Moment, elapsed_s: float) -> bool:
    """Return whether the agent's own clock shows a restart: it went back, or advanced by less than ours did."""
    if earlier.uptime_s is None or later.uptime_s is None:
        return False
    slack_s = CLOCK_SLACK_S + elapsed_s * CLOCK_SLACK_SHARE
    advanced_s = later.uptime_s - earlier.uptime_s
    if advanced_s < 0 and earlier.uptime_s + elapsed_s + slack_s >= UPTIME_WRAP_S:
        advanced_s += UPTIME_WRAP_S
    return advanced_s < elapsed_s - slack_s
