"""Flapping: how restless something is, by its beginnings; and when it will be calm again. Pure.

Each beginning of an incident counts 1, and what it counts halves with time, as in Zino. One that comes back again and
again within minutes reaches the limit; when it stays as it is, the sum falls below the other limit by itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from alerts.correlation import FlappingSettings
from noc.model.instants import length_ms

FORGOTTEN_AFTER: Final = 10
"""Half-lives after which a beginning counts less than a thousandth."""


@dataclass(frozen=True, slots=True)
class Limits:
    """As in the settings. Times in milliseconds."""

    half_life_ms: int = 900_000
    begin: float = 3.5
    end: float = 1.0

    @property
    def memory_ms(self) -> int:
        """Return for how long beginnings have to be known."""
        return FORGOTTEN_AFTER * self.half_life_ms


def limits_of(settings: FlappingSettings) -> Limits:
    """Return the limits of the settings; the end is never above the beginning."""
    return Limits(length_ms(settings.half_life), settings.begin, min(settings.end, settings.begin))


def score(beginnings_ms: Iterable[int], limits: Limits, now_ms: int) -> float:
    """Return how restless something is now. beginnings_ms: when its incidents began; what is to come doesn't count."""
    past = (now_ms - at_ms for at_ms in beginnings_ms if at_ms <= now_ms)
    return sum(math.exp2(-ago_ms / limits.half_life_ms) for ago_ms in past)


def calm_ms(beginnings_ms: Iterable[int], limits: Limits, now_ms: int) -> int:
    """Return when the sum falls below the limit for calm, if nothing begins any more; now, where it is already."""
    now = score(beginnings_ms, limits, now_ms)
    if now < limits.end:
        return now_ms
    return now_ms + math.floor(limits.half_life_ms * math.log2(now / limits.end)) + 1
