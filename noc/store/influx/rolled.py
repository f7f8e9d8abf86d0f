"""Answers from roll-ups of a server, and from raw numbers behind them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

import numpy as np

from noc.model.instants import length_ms
from noc.model.series import Aggregate, Series
from noc.store._rollup import KEPT, Kept, field_of, roll
from noc.store._steps import Numbers, Rollup, Steps, Times, from_rollup
from noc.store.influx.influxql import Column, Found

_NEEDED: Final[Mapping[Aggregate, tuple[Kept, ...]]] = {
    "mean": ("mean", "count"),
    "p95": ("mean",),
    "rate": ("last",),
    "min": ("min",),
    "max": ("max",),
    "last": ("last",),
    "count": ("count",),
}
_Key = tuple[tuple[tuple[str, str], ...], int]


class Pieces:
    """Numbers of fields, rolled up by the server or here. columns: what to ask of the roll-ups."""

    def __init__(self, width: timedelta, fields: Sequence[str], aggregates: Sequence[Aggregate]) -> None:
        self._width = width
        self._fields = fields
        self._aggregates = aggregates
        self._kept = [name for name in KEPT if any(name in _NEEDED[aggregate] for aggregate in aggregates)]
        self._found: dict[_Key, dict[Kept, list[tuple[Times, Numbers]]]] = {}
        self.columns = [Column(field_of(name, each)) for name in fields for each in self._kept]

    def __len__(self) -> int:
        return len(self._found)

    def add_rolled(self, found: Iterable[Found]) -> None:
        """Take columns of roll-ups."""
        for one in found:
            field, number = divmod(one.column, len(self._kept))
            times, values = np.array(one.times_ms, np.int64), np.array(one.values, np.float64)
            self._add(one.tags, field, self._kept[number], times, values)

    def add_raw(self, found: Iterable[Found]) -> None:
        """Take raw numbers, later than all that is rolled."""
        for one in found:
            matrix = np.array([one.values], np.float64)
            rolled = roll(np.array(one.times_ms, np.int64), matrix, length_ms(self._width))
            for name in self._kept:
                self._add(one.tags, one.column, name, rolled.begins, rolled.numbers[name][0])

    def _add(self, tags: Mapping[str, str], field: int, name: Kept, times: Times, values: Numbers) -> None:
        columns = self._found.setdefault((tuple(tags.items()), field), {})
        columns.setdefault(name, []).append((times, values))

    def series(self, measurement: str, steps: Steps) -> Iterator[Series]:
        """Yield a series for each field and aggregate with a number."""
        for (tags, field), columns in self._found.items():
            if len(columns) < len(self._kept):
                continue
            rollup = self._rollup(columns)
            for aggregate in self._aggregates:
                begins, values = from_rollup(rollup, steps, aggregate)
                if begins.size:
                    times_ms, numbers = tuple(begins.tolist()), tuple(values.tolist())
                    yield Series(measurement, dict(tags), self._fields[field], times_ms, numbers, aggregate)

    def _rollup(self, columns: Mapping[Kept, list[tuple[Times, Numbers]]]) -> Rollup:
        whole = {
            name: (np.concatenate([times for times, _ in parts]), np.concatenate([values for _, values in parts]))
            for name, parts in columns.items()
        }
        common = next(iter(whole.values()))[0]
        for times, _ in whole.values():
            if times.size != common.size or (times != common).any():
                common = np.intersect1d(common, times)
        return Rollup(
            self._width,
            common,
            {name: values[np.isin(times, common)] for name, (times, values) in whole.items()},
        )
