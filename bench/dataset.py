"""The numbers that every store is measured with: a fleet of devices with ten series each, polled once a minute.

Each device has two bit rates (whole bits per second: a walk with bursts), two utilisations (percent, two decimals),
errors and a state that seldom change, load of processor and memory (whole percent, one decimal), a round-trip time
(three decimals) and loss. One in fifty values is missing. Devices are polled at moments of their own, with a jitter of
some milliseconds. The same seed makes the same numbers. Devices come in the order of their moments.

    fleet = Fleet(6_000)
    for batch in fleet.batches(minute): ...      # lists of Samples of 1,000 devices
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from noc.model.samples import Samples

BEGIN: Final = datetime(2026, 11, 20, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
MINUTE_MS: Final = 60_000
MEASUREMENT: Final = "link"
FIELDS: Final = (
    "in_bps",
    "out_bps",
    "in_pct",
    "out_pct",
    "in_errors",
    "oper_status",
    "cpu_pct",
    "memory_pct",
    "rtt_ms",
    "loss_pct",
)
WIDTH: Final = len(FIELDS)
TAG_KEYS: Final = ("device", "site", "region", "device_class", "ifName")
CLASSES: Final = ("router", "switch", "satellite_modem", "firewall")
SITES: Final = 594
BATCH_DEVICES: Final = 1_000

Matrix = npt.NDArray[np.float64]


class Fleet:
    """Devices that make up their numbers as minutes pass, in order from 0."""

    def __init__(self, devices: int, seed: int = 1, *, gaps: float = 0.02) -> None:
        self.devices = devices
        self._chance = np.random.default_rng(seed)
        self._gaps = gaps
        self._level = self._chance.lognormal(16, 2, (devices, 2))
        self._speed = np.where(self._level.max(axis=1) > 3e7, 1e9, 1e8)
        self._errors = np.zeros(devices)
        self._cpu = self._chance.uniform(5, 60, devices)
        self._memory = self._chance.uniform(20, 80, devices)
        self._rtt = self._chance.choice([2.0, 35.0, 180.0, 620.0], devices)
        self._offset = np.sort(self._chance.integers(0, MINUTE_MS, devices))
        self._next = 0
        self.tags = tuple((_tags(number),) for number in range(devices))

    def name(self, number: int) -> str:
        """Return the id of a device."""
        return device(number)

    def minute(self, number: int) -> tuple[npt.NDArray[np.int64], Matrix]:
        """Return the times (milliseconds) of a minute's polls and their numbers, devices × fields, NaN for a gap.

        Minutes must be asked for in order, from 0.
        """
        if number != self._next:
            raise ValueError(f"minute {self._next} comes next, not {number}")
        self._next += 1
        chance, count = self._chance, self.devices
        self._level *= np.exp(chance.normal(0, 0.05, (count, 2)))
        np.clip(self._level, 1e3, 9e8, out=self._level)
        rates = np.rint(np.minimum(self._level * chance.lognormal(0, 0.2, (count, 2)), self._speed[:, None]))
        self._errors += np.where(chance.random(count) < 0.01, chance.integers(1, 40, count), 0)
        self._cpu = np.clip(self._cpu + chance.normal(0, 2, count), 1, 100)
        self._memory = np.clip(self._memory + chance.normal(0, 0.1, count), 1, 100)
        found = np.empty((count, WIDTH))
        found[:, 0:2] = rates
        found[:, 2:4] = np.round(100 * rates / self._speed[:, None], 2)
        found[:, 4] = self._errors
        found[:, 5] = np.where(chance.random(count) < 0.001, 2.0, 1.0)
        found[:, 6] = np.rint(self._cpu)
        found[:, 7] = np.round(self._memory, 1)
        found[:, 8] = np.round(self._rtt + chance.exponential(0.8, count), 3)
        found[:, 9] = np.where(chance.random(count) < 0.01, 33.3, 0.0)
        if self._gaps:
            found[chance.random(count) < self._gaps / 2, 8:] = np.nan
            found[chance.random((count, WIDTH)) < self._gaps / 2] = np.nan
        times = BEGIN_MS + number * MINUTE_MS + self._offset + chance.integers(0, 4, count)
        return times, found

    def batches(self, number: int, devices: int = BATCH_DEVICES) -> Iterator[list[Samples]]:
        """Yield a minute's polls as noc hands them on, so many devices at a time."""
        times, matrix = self.minute(number)
        for begin in range(0, self.devices, devices):
            end = begin + devices
            rows = matrix[begin:end].tolist()
            moments = times[begin:end].tolist()
            yield [
                Samples(MEASUREMENT, EPOCH + timedelta(milliseconds=at), TAG_KEYS, FIELDS, tags, (_row(row),))
                for at, tags, row in zip(moments, self.tags[begin:end], rows, strict=True)
            ]


EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
BEGIN_MS: Final = (BEGIN - EPOCH) // timedelta(milliseconds=1)


def device(number: int) -> str:
    """Return the id of a device."""
    return f"site-{number % SITES}-rtr-{number}"


def _tags(number: int) -> tuple[str, ...]:
    site = number % SITES
    return (device(number), f"site-{site}", f"region-{site % 4}", CLASSES[number % len(CLASSES)], "Gi0/0")


def _row(row: list[float]) -> tuple[float | None, ...]:
    return tuple([None if value != value else value for value in row]) if any(v != v for v in row) else tuple(row)
