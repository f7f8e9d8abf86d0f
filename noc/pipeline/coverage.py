"""Counts what is really seen of each entity, hour by hour (docs/availability.md, "The ledger"). Pure, and in memory.

Counted are entities that have figures of their own: devices, circuits, end points. Parts of devices are seen when their
device is polled.
"""

from __future__ import annotations

import base64
import binascii
from array import array
from collections.abc import Container, Iterable, Iterator
from typing import Final

from noc.availability.evidence import Memory
from noc.availability.timeline import State
from noc.model.coverage import HOUR_MS, CoverageColumns

Row = tuple[str | int | bool | None, ...]

COUNTED: Final = ("device/", "circuit/", "endpoint/")
GRACE_MS: Final = 300_000
"""After its end an hour is left open for so long: a check that began in it may be answered only now."""

_MOST: Final = 0xFFFFFFFF
_COLUMNS: Final = ("first", "last", "count", "gap", "run", "stale_after", "going")


class _Hour:
    """The columns of one hour. going: length of the run that the last result belongs to, while it changes nothing."""

    __slots__ = _COLUMNS

    def __init__(self, rows: int) -> None:
        self.first, self.last, self.count = _zeros(rows), _zeros(rows), _zeros(rows)
        self.gap, self.run, self.going = _zeros(rows), _zeros(rows), _zeros(rows)
        self.stale_after = _zeros(rows)

    def grow(self) -> None:
        for column in self.columns():
            column.append(0)

    def columns(self) -> Iterator[array[int]]:
        for name in _COLUMNS:
            yield getattr(self, name)

    def settle(self, index: int) -> None:
        """Say that the run that the last result belongs to is over."""
        if self.going[index] > self.run[index]:
            self.run[index] = self.going[index]
        self.going[index] = 0


class CoverageCounts:
    """The hours that are not written yet. uncounted: results of hours that were."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._index: dict[str, int] = {}
        self._hours: dict[int, _Hour] = {}
        self._written_ms: int | None = None
        self.uncounted = 0

    def take(self, entity: str, time_ms: int, before: Memory, after: Memory, stale_after_ms: int) -> None:
        """Take one result that was evidence. before, after: what was remembered of the entity."""
        index = self._index.get(entity)
        if index is None:
            if not entity.startswith(COUNTED):
                return
            index = self._enter(entity)
        hour_ms = time_ms - time_ms % HOUR_MS
        hour = self._hours.get(hour_ms)
        if hour is None:
            if self._written_ms is not None and hour_ms <= self._written_ms:
                self.uncounted += 1
                return
            hour = self._hours[hour_ms] = _Hour(len(self._names))
        if stale_after_ms > hour.stale_after[index]:
            hour.stale_after[index] = min(stale_after_ms, _MOST)
        if not hour.count[index]:
            hour.first[index] = time_ms - hour_ms
            self._leave(before, after, index)
        elif after.run_length == 1:
            hour.settle(index)
        hour.going[index] = 0 if after.state is (State.UP if after.ok else State.DOWN) else after.run_length
        hour.last[index] = time_ms - hour_ms
        hour.count[index] += 1
        if before.last is not None:
            gap = min(time_ms - before.last, _MOST)
            if gap > hour.gap[index]:
                hour.gap[index] = gap

    def due(self, now_ms: int) -> list[int]:
        """Return the hours that are over, and may be written."""
        return sorted(hour_ms for hour_ms in self._hours if hour_ms + HOUR_MS + GRACE_MS <= now_ms)

    def columns(self, hour_ms: int) -> CoverageColumns:
        """Return an hour that is due, as it now is. It stays here until it is `written`."""
        hour = self._hours[hour_ms]
        run = array("I", map(max, hour.run, hour.going))
        first, last, count, gap, stale_after = (
            array("I", column) for column in (hour.first, hour.last, hour.count, hour.gap, hour.stale_after)
        )
        return CoverageColumns(hour_ms, tuple(self._names), first, last, count, gap, run, stale_after)

    def written(self, hour_ms: int) -> None:
        """Say that an hour is on its way into the ledger, or was there before."""
        self._written_ms = hour_ms if self._written_ms is None else max(self._written_ms, hour_ms)
        for known_ms in [one for one in self._hours if one <= hour_ms]:
            del self._hours[known_ms]

    def retain(self, entities: Container[str]) -> None:
        """Forget entities that are no longer watched and of which no open hour has results."""
        keep = [
            index
            for index, name in enumerate(self._names)
            if name in entities or any(hour.count[index] for hour in self._hours.values())
        ]
        if len(keep) == len(self._names):
            return
        self._names = [self._names[index] for index in keep]
        self._index = {name: index for index, name in enumerate(self._names)}
        for hour in self._hours.values():
            for name in _COLUMNS:
                column = getattr(hour, name)
                setattr(hour, name, array("I", (column[index] for index in keep)))

    def rows(self) -> list[Row]:
        """Return what must be remembered over a restart."""
        hours: list[Row] = [
            ("hour", hour_ms, *(base64.b64encode(column.tobytes()).decode() for column in hour.columns()))
            for hour_ms, hour in self._hours.items()
        ]
        return [("names", *self._names), *hours]

    def restore(self, rows: Iterable[Row]) -> None:
        """Take up what was remembered; hours that are `written` already are left. Raises ValueError for nonsense."""
        names: tuple[str, ...] = ()
        hours: dict[int, _Hour] = {}
        for kind, *values in rows:
            if kind == "names":
                names = tuple(map(str, values))
            elif kind == "hour":
                hour_ms, *columns = values or (None,)
                if not isinstance(hour_ms, int):
                    raise ValueError("an hour has no beginning")
                hours[hour_ms] = _hour_of([str(column) for column in columns], len(names))
        self._names = list(names)
        self._index = {name: index for index, name in enumerate(names)}
        self._hours = hours
        if self._written_ms is not None:
            self.written(self._written_ms)

    def _enter(self, entity: str) -> int:
        index = self._index[entity] = len(self._names)
        self._names.append(entity)
        for hour in self._hours.values():
            hour.grow()
        return index

    def _leave(self, before: Memory, after: Memory, index: int) -> None:
        """See to it that a run which goes on from the hour before is no longer of that hour."""
        if before.last is None:
            return
        earlier = self._hours.get(before.last - before.last % HOUR_MS)
        if earlier is None:
            return
        if after.run_length == 1:
            earlier.settle(index)
        earlier.going[index] = 0


def _hour_of(columns: list[str], rows: int) -> _Hour:
    hour = _Hour(0)
    if len(columns) != len(_COLUMNS):
        raise ValueError("an hour is cut short")
    for name, text in zip(_COLUMNS, columns, strict=True):
        column = array("I")
        try:
            column.frombytes(base64.b64decode(text, validate=True))
        except binascii.Error as error:
            raise ValueError("an hour is damaged") from error
        if len(column) != rows:
            raise ValueError("an hour has more rows than names, or less")
        setattr(hour, name, column)
    return hour


def _zeros(rows: int) -> array[int]:
    return array("I", bytes(4 * rows))
