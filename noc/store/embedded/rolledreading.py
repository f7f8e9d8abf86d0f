"""Queries answered from roll-ups. Blocking."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby

import numpy as np

from noc.model.series import WIDTHS, Resolution, Series
from noc.store._rollup import STEP_MS, roll
from noc.store._rows import DAY_MS, Tags
from noc.store._steps import Numbers, Rollup, Steps, Times, from_rollup
from noc.store.embedded.chunkfile import ChunkFile
from noc.store.embedded.cut import LATE
from noc.store.embedded.frame import Frame, numbers_by_column
from noc.store.embedded.merge import MERGED
from noc.store.embedded.reading import Found, from_chunks, from_memory
from noc.store.embedded.rolling import BETWEEN, STORED, one_frame, rolled_day, rolled_frame
from noc.store.embedded.shelf import Shelf
from noc.store.embedded.upkeep import Shelves
from noc.store.embedded.wanted import Source, Wanted


def rolled_days(wanted: Wanted, source: Source) -> frozenset[int]:
    """Return the days of a query whose roll-ups tell of all that is in their files."""
    return frozenset(_rolled(source.shelves, wanted.resolution, wanted.start // DAY_MS, wanted.stop // DAY_MS))


def read_device(wanted: Wanted, device: str, source: Source, rolled: frozenset[int]) -> Found:
    """Return what a query in steps finds of a device. rolled: as `rolled_days` tells.

    Days that are not rolled up, or have rows in memory, are read from the numbers themselves. A step at the edge of the
    range belongs to it where it begins in it.
    """
    if wanted.steps is None or wanted.resolution == "raw":
        return {}
    step_ms = STEP_MS[wanted.resolution]
    fields = frozenset(f"{field}{BETWEEN}{name}" for field in wanted.fields for name in STORED)
    start, stop = -(-wanted.start // step_ms) * step_ms, -(-wanted.stop // step_ms) * step_ms
    part = replace(wanted.part(device), start=start, stop=stop)
    in_memory = list(from_memory(source.memtables, part))
    fresh = {day for frame in in_memory for day in np.unique(frame.times // DAY_MS).tolist()}
    frames: list[Frame] = []
    for is_rolled, days in groupby(range(start // DAY_MS, -(-stop // DAY_MS)), (rolled - fresh).__contains__):
        run = list(days)
        part = replace(part, start=max(start, run[0] * DAY_MS), stop=min(stop, (run[-1] + 1) * DAY_MS))
        if is_rolled:
            frames += from_chunks(source.shelves.all[wanted.resolution], replace(part, fields=fields))
            continue
        found = [*from_chunks(source.shelves.raw, part), *in_memory]
        whole = one_frame([frame.between(part.start, part.stop) for frame in found])
        if whole is not None and whole.times.size:
            frames.append(rolled_frame(roll(whole.times, whole.matrix, step_ms), whole.shape))
    return _found(wanted, wanted.steps, frames)


def _rolled(shelves: Shelves, resolution: Resolution, first: int, last: int) -> set[int]:
    shelf = shelves.all[resolution]
    made_of: dict[int, int] = {}
    for file in _sound(shelf, shelf.period.number(first * DAY_MS), shelf.period.number(last * DAY_MS)):
        for key, merge in file.states().items():
            day = rolled_day(key)
            if day is not None and first <= day <= last and merge:
                made_of[day] = merge
    for file in _sound(shelves.raw, first, last):
        states = file.states()
        if states.get(LATE) or states.get(MERGED, 0) != made_of.get(file.number, 0):
            made_of.pop(file.number, None)
    return set(made_of)


def _sound(shelf: Shelf, first: int, last: int) -> Iterator[ChunkFile]:
    for number in shelf.numbers(first, last):
        with contextlib.suppress(sqlite3.Error):  # told when it is read
            file = shelf.current(number)
            if file is not None:
                yield file


def _found(wanted: Wanted, steps: Steps, frames: Sequence[Frame]) -> Found:
    columns: dict[tuple[Tags, str], dict[str, tuple[Times, Numbers]]] = {}
    for (name, tags), numbers in numbers_by_column(frames).items():
        field, _, what = name.partition(BETWEEN)
        columns.setdefault((tags, field), {})[what] = numbers
    found: Found = {}
    for (tags, field), kept in columns.items():
        if len(kept) == len(STORED):  # else a chunk is damaged
            rollup = _rollup(WIDTHS[wanted.resolution], kept)
            found[tags, field] = list(_series(wanted, steps, tags, field, rollup))
    return found


def _series(wanted: Wanted, steps: Steps, tags: Tags, field: str, rollup: Rollup) -> Iterator[Series]:
    for aggregate in wanted.query.aggregates:
        begins, values = from_rollup(rollup, steps, aggregate)
        if begins.size:
            times_ms, numbers = tuple(begins.tolist()), tuple(values.tolist())
            yield Series(wanted.query.measurement, dict(tags), field, times_ms, numbers, aggregate=aggregate)


def _rollup(width: timedelta, kept: Mapping[str, tuple[Times, Numbers]]) -> Rollup:
    times, counts = kept["count"]
    numbers = {name: kept[name][1] for name in ("min", "max", "last")}
    return Rollup(
        width,
        times,
        {
            "min": numbers["min"],
            "max": numbers["max"],
            "last": numbers["last"],
            "count": counts,
            "mean": kept["sum"][1] / counts,
        },
    )
