"""Time series in memory, of bounded size, gone with the process: for tests and short trials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal

import numpy as np
from pydantic import Field

from noc.model.samples import Samples
from noc.model.series import (
    Latest,
    LatestQuery,
    Refusal,
    SeriesAnswer,
    SeriesName,
    SeriesQuery,
    TopAnswer,
    TopQuery,
)
from noc.settings import schema
from noc.store._answers import few_enough, series_of, top_by_reading
from noc.store._ports import Store, Surroundings
from noc.store._rows import DEVICE, Tags, asked, asked_of_place, ceil_ms, cells, device_of, floor_ms, refusal
from noc.store._steps import Numbers, Times, steps_of
from noc.wire import columns
from noc.wire.bodies import COLUMNS

SLOT_MS: Final = 300_000
"""What is dropped when memory is full: the oldest five minutes, of all series."""

_Key = tuple[str, Tags, str]
_Slot = dict[_Key, dict[int, float]]


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

    async def read(self, query: SeriesQuery) -> SeriesAnswer:
        """Return what a query finds. Raises TooManySeriesError, and UsageError for a wrong step."""
        wanted, fields, steps = set(asked(query.where)), set(query.fields), steps_of(query)
        start, stop = ceil_ms(query.start), ceil_ms(query.stop)
        found: dict[tuple[Tags, str], dict[int, float]] = {}
        for (measurement, tags, field), column in self._columns(start, stop):
            if measurement == query.measurement and field in fields and wanted <= set(tags):
                found.setdefault((tags, field), {}).update(column)
                few_enough(len(found), query.at_most)
        series = [
            one
            for (tags, field), column in sorted(found.items())
            for one in series_of(query, steps, dict(tags), field, *_arrays(column))
        ]
        return SeriesAnswer(tuple(series), "raw", query.step)

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that carry these tags. Raises UsageError where no device and no site is named."""
        wanted = set(asked_of_place(where))
        found: dict[tuple[str, Tags], set[str]] = {}
        for slot in self._slots.values():
            for measurement, tags, field in slot:
                if wanted <= set(tags):
                    found.setdefault((measurement, tags), set()).add(field)
        return tuple(
            SeriesName(measurement, dict(tags), tuple(sorted(fields)))
            for (measurement, tags), fields in sorted(found.items())
        )

    async def top(self, query: TopQuery) -> TopAnswer:
        """Return the series with the highest numbers. Raises UsageError."""
        return await top_by_reading(self, query)

    async def latest(self, query: LatestQuery) -> tuple[Latest, ...]:
        """Return last numbers. Raises TooManySeriesError, UsageError."""
        wanted = set(asked_of_place(query.where))
        found: dict[_Key, tuple[int, float]] = {}
        for key, column in self._columns(ceil_ms(query.since), ceil_ms(query.until)):
            if wanted <= set(key[1]) and key[0] in (query.measurements or (key[0],)):
                found[key] = max(column.items())
                few_enough(len(found), query.at_most)
        return tuple(
            Latest(measurement, dict(tags), field, *found[measurement, tags, field])
            for measurement, tags, field in sorted(found)
        )

    def _columns(self, start: int, stop: int) -> Iterator[tuple[_Key, dict[int, float]]]:
        """Yield what lies in a range, the oldest slot first; no column is empty."""
        for number in sorted(self._slots):
            if start // SLOT_MS <= number <= stop // SLOT_MS:
                for key, column in self._slots[number].items():
                    inside = {at: value for at, value in column.items() if start <= at < stop}
                    if inside:
                        yield key, inside


def _arrays(column: dict[int, float]) -> tuple[Times, Numbers]:
    order = sorted(column)
    return np.array(order, np.int64), np.array([column[at] for at in order], np.float64)


def build(settings: Settings, surroundings: Surroundings) -> Store:
    """Return the store, empty."""
    return MemoryStore(settings.max_values)
