"""Time series in memory, of bounded size, gone with the process: for tests and short trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal

import numpy as np
from pydantic import Field

from noc.model.samples import Samples
from noc.model.series import Refusal, Series, SeriesName, SeriesQuery
from noc.settings import schema
from noc.store._ports import Store, Surroundings
from noc.store._rows import DEVICE, Tags, asked, ceil_ms, cells, device_of, floor_ms, refusal
from noc.store._steps import in_steps, step_ms
from noc.wire import columns
from noc.wire.bodies import COLUMNS

SLOT_MS: Final = 300_000
"""What is dropped when memory is full: the oldest five minutes, of all series."""

_Slot = dict[tuple[str, Tags, str], dict[int, float]]


class Settings(schema.Settings):
    """Time series in memory, gone with the process: for tests and short trials."""

    kind: Literal["memory"] = "memory"
    """Which store."""
    max_values: Annotated[int, Field(ge=1)] = 1_000_000
    """Numbers that are kept at most, about 150 bytes each; then the oldest are dropped."""


class MemoryStore:
    """A store. dropped: numbers that had to make room."""

    def __init__(self, max_values: int) -> None:
        self._max_values = max_values
        self._slots: dict[int, _Slot] = {}
        self._count = 0
        self.dropped = 0

    async def start(self) -> None:
        """Nothing has to be done."""

    async def stop(self) -> None:
        """Forget everything."""
        self._slots.clear()
        self._count = 0

    @property
    def form(self) -> str:
        """Return the form of its bodies."""
        return COLUMNS

    def encode(self, batch: Sequence[Samples]) -> bytes:
        """Return a batch as a body. Pure."""
        return columns.encode(batch)

    async def write(self, body: bytes) -> tuple[Refusal, ...]:
        """Keep a batch. Refused is what belongs to no device. Raises BodyError."""
        refused = []
        for samples in columns.decode(body):
            if not all(device_of(tags) for tags, _, _ in cells(samples)):
                refused.append(refusal(samples, f"a row has no tag '{DEVICE}'"))
                continue
            self._keep(samples)
        self._make_room()
        return tuple(entry for entry in refused if entry is not None)

    def _keep(self, samples: Samples) -> None:
        at = floor_ms(samples.time)
        slot = self._slots.setdefault(at // SLOT_MS, {})
        for tags, field, value in cells(samples):
            column = slot.setdefault((samples.measurement, tags, field), {})
            self._count += at not in column
            column[at] = value

    def _make_room(self) -> None:
        while self._count > self._max_values:
            oldest = self._slots.pop(min(self._slots))
            freed = sum(len(column) for column in oldest.values())
            self._count -= freed
            self.dropped += freed

    async def read(self, query: SeriesQuery) -> tuple[Series, ...]:
        """Return what a query finds. Raises UsageError where it names no device."""
        wanted, fields = set(asked(query.where)), set(query.fields)
        step = None if query.step is None else step_ms(query.step)
        start, stop = ceil_ms(query.start), ceil_ms(query.stop)
        found: dict[tuple[Tags, str], dict[int, float]] = {}
        for number in sorted(self._slots):
            if not start // SLOT_MS <= number <= stop // SLOT_MS:
                continue
            for (measurement, tags, field), column in self._slots[number].items():
                if measurement == query.measurement and field in fields and wanted <= set(tags):
                    inside = {at: value for at, value in column.items() if start <= at < stop}
                    found.setdefault((tags, field), {}).update(inside)
        return tuple(
            _series(query, tags, field, column, step) for (tags, field), column in sorted(found.items()) if column
        )

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that carry these tags. Raises UsageError where no device is named."""
        wanted = set(asked(where))
        found: dict[tuple[str, Tags], set[str]] = {}
        for slot in self._slots.values():
            for measurement, tags, field in slot:
                if wanted <= set(tags):
                    found.setdefault((measurement, tags), set()).add(field)
        return tuple(
            SeriesName(measurement, dict(tags), tuple(sorted(fields)))
            for (measurement, tags), fields in sorted(found.items())
        )


def _series(query: SeriesQuery, tags: Tags, field: str, column: dict[int, float], step: int | None) -> Series:
    order = sorted(column)
    times, values = np.array(order, np.int64), np.array([column[at] for at in order], np.float64)
    if step is not None:
        times, values = in_steps(times, values, step, query.aggregate)
    return Series(query.measurement, dict(tags), field, tuple(times.tolist()), tuple(values.tolist()))


def build(settings: Settings, surroundings: Surroundings) -> Store:
    """Return the store, empty."""
    return MemoryStore(settings.max_values)
