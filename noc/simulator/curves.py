"""Curves that make up the numbers of a world: load of a day, its integral, weather. Pure functions of time.

Nothing is counted: a counter is the integral of its load, in closed form, so that it needs no memory and can be asked
for at any time, also in the past. Times are milliseconds of the Unix epoch.
"""

from __future__ import annotations

from math import cos, pi, sin
from typing import Final

DAY_MS: Final = 86_400_000

_BUSIEST: Final = 14.0  # hour of the day, by the sun

# Period, and how much of the mean it adds and takes: together below 1, so that no load is negative.
_DAY: Final = 0.5
_WAVES: Final = ((2_820_000, 0.25), (411_000, 0.15))


def seed_of(*parts: int) -> int:
    """Return a number of 32 bits that parts lead to: the same parts, the same number."""
    value = 0x811C9DC5
    for part in parts:
        value = ((value ^ (part & 0xFFFF_FFFF)) * 0x0100_0193 + (part >> 32)) & 0xFFFF_FFFF
        value ^= value >> 15
        value = value * 0x2C1B_3C6D & 0xFFFF_FFFF
        value ^= value >> 12
    return value


def share(seed: int, low: float, high: float) -> float:
    """Return a number between two bounds that a seed leads to."""
    return low + (high - low) * (seed & 0xFFFF) / 0xFFFF


def load(time_ms: int, seed: int, longitude: float) -> float:
    """Return the load at a moment, relative to its mean: 0.1 to 1.9, most at two in the afternoon."""
    level = 1.0 + _DAY * cos(_day_angle(time_ms, longitude))
    for number, (period, amplitude) in enumerate(_WAVES):
        level += amplitude * sin(_angle(time_ms, period, seed >> 8 * number))
    return level


def amount(start_ms: int, end_ms: int, mean: int, seed: int, longitude: float) -> int:
    """Return what `load` brings between two moments at a mean of so many a second, rounded down.

    Never less for a later end.
    """
    wiggle = _integral(end_ms, seed, longitude) - _integral(start_ms, seed, longitude)
    return max(0, mean * (end_ms - start_ms) + round(mean * wiggle)) // 1000


def _integral(time_ms: int, seed: int, longitude: float) -> float:
    """Return the integral of what `load` swings about its mean, in milliseconds."""
    whole = _DAY * DAY_MS / (2 * pi) * sin(_day_angle(time_ms, longitude))
    for number, (period, amplitude) in enumerate(_WAVES):
        whole -= amplitude * period / (2 * pi) * cos(_angle(time_ms, period, seed >> 8 * number))
    return whole


def wave(time_ms: int, seed: int, period_ms: int) -> float:
    """Return a slow swing between -1 and 1 that doesn't look like a clock's."""
    slow = sin(_angle(time_ms, period_ms, seed))
    quick = sin(_angle(time_ms, period_ms * 10 // 37, seed >> 8))
    return 0.7 * slow + 0.3 * quick


def rain(time_ms: int, seed: int, longitude: float) -> float:
    """Return how many dB the weather takes from a satellite's signal: little, more on some afternoons."""
    afternoon = max(0.0, cos(_day_angle(time_ms - 2 * DAY_MS // 24, longitude))) ** 4
    wet = max(0.0, wave(time_ms, seed, 5 * DAY_MS))
    return 1.6 * afternoon * wet + 0.3 * (1 + wave(time_ms, seed >> 4, 1_900_000))


def _angle(time_ms: int, period_ms: int, seed: int) -> float:
    return 2 * pi * ((time_ms % period_ms) / period_ms + (seed & 0xFF) / 256)


def _day_angle(time_ms: int, longitude: float) -> float:
    return 2 * pi * ((time_ms % DAY_MS) / DAY_MS + longitude / 360 - _BUSIEST / 24)
