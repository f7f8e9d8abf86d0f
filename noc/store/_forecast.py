"""How large a store of files grows: from what is stored, how long it is kept, and the devices that there are. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from noc.model.series import Resolution
from noc.store._retention import Retention

ASSUMED: Final[Mapping[Resolution, float]] = {"raw": 92_000.0, "5m": 80_000.0, "1h": 14_000.0}
"""Bytes a device and day where nothing is stored yet: 41 numbers a minute, as bench/bench_store.py measured."""

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of one class: bytes a device and day, by resolution, where there is any."""

    bytes_a_day: Mapping[Resolution, float]


@dataclass(frozen=True, slots=True)
class ClassForecast:
    """What one class of devices will take when everything is as old as it gets. measured: from what is stored."""

    device_class: str
    devices: int
    bytes: Mapping[Resolution, int]
    measured: bool

    @property
    def total(self) -> int:
        """Return the sum of the resolutions."""
        return sum(self.bytes.values())


def forecast(
    devices: Mapping[str, int], stored: Mapping[str, Stored], retention: Retention
) -> tuple[ClassForecast, ...]:
    """Return what each class will take, the largest first. devices: how many each class has.

    A class of which nothing is stored is taken to be as the others are on average; a store without anything, as was
    measured of typical devices. Roll-ups that aren't made yet are taken to be in the same ratio to the numbers.
    """
    average = _average(stored)
    found = []
    for name, count in devices.items():
        own = stored.get(name)
        lengths = _kept(retention, name)
        by_day = _completed(own.bytes_a_day if own is not None else average)
        sizes = {one: round(count * by_day[one] * (lengths[one] / DAY)) for one in lengths}
        found.append(ClassForecast(name, count, sizes, own is not None))
    return tuple(sorted(found, key=lambda one: (-one.total, one.device_class)))


def _kept(retention: Retention, device_class: str) -> dict[Resolution, timedelta]:
    own = retention.of(device_class)
    raw = own.raw or timedelta(0)
    lengths: dict[Resolution, timedelta] = {"raw": raw}
    if own.five_minutes is not None and own.five_minutes > raw:
        lengths["5m"] = own.five_minutes
    if own.hourly is not None and own.hourly > raw:
        lengths["1h"] = own.hourly
    return lengths


def _average(stored: Mapping[str, Stored]) -> Mapping[Resolution, float]:
    found: dict[Resolution, float] = {}
    for one in ASSUMED:
        sizes = [own.bytes_a_day[one] for own in stored.values() if one in own.bytes_a_day]
        if sizes:
            found[one] = sum(sizes) / len(sizes)
    return found


def _completed(by_day: Mapping[Resolution, float]) -> dict[Resolution, float]:
    ratio = by_day["raw"] / ASSUMED["raw"] if "raw" in by_day else 1.0
    return {one: by_day.get(one, ASSUMED[one] * ratio) for one in ASSUMED}
