"""Queries over chunks and memory. Blocking."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence

from noc.model.series import Series, SeriesAnswer, SeriesName, SeriesQuery
from noc.store._answers import few_enough, series_of
from noc.store._rows import DAY_MS, Tags, asked, asked_of_place, ceil_ms, device_of
from noc.store._steps import steps_of
from noc.store.embedded.codec import ChunkError, decode
from noc.store.embedded.dayfile import Chunk, DayFile
from noc.store.embedded.days import Days
from noc.store.embedded.frame import Frame, Shape, numbers_by_column
from noc.store.embedded.memtable import Block, Memtable, frames_of


class Wanted:
    """What a query asks for. device: None for all. Raises UsageError for a step that it can't have."""

    def __init__(self, query: SeriesQuery) -> None:
        tags = asked(query.where)
        self.device = device_of(tags) or None
        self.measurement = query.measurement
        self.tags = frozenset(tags)
        self.fields = frozenset(query.fields)
        self.start, self.stop = ceil_ms(query.start), ceil_ms(query.stop)
        self.steps = steps_of(query)


def read(query: SeriesQuery, days: Days, memtables: Sequence[Memtable]) -> SeriesAnswer:
    """Return what a query finds. memtables: oldest first. What is damaged is left out, logged and counted."""
    wanted = Wanted(query)
    found: dict[tuple[Tags, str], list[Series]] = {}
    for device in _devices(wanted, days, memtables) if wanted.start < wanted.stop else ():
        block = (device, wanted.measurement)
        frames = [*_from_chunks(wanted, block, days), *_from_memory(wanted, block, memtables)]
        for (field, tags), (times, values) in numbers_by_column(frames).items():
            found[tags, field] = list(series_of(query, wanted.steps, dict(tags), field, times, values))
        few_enough(len(found), query.at_most)
    return SeriesAnswer(tuple([one for key in sorted(found) for one in found[key]]), "raw", query.step)


def _devices(wanted: Wanted, days: Days, memtables: Sequence[Memtable]) -> Collection[str]:
    """Return the devices that a query may find something of."""
    if wanted.device is not None:
        return [wanted.device]
    blocks = {block for memtable in memtables for block in memtable.blocks}
    for file in _files(wanted, days):
        try:
            blocks.update(file.blocks())
        except sqlite3.Error as error:
            days.failed_read(file, error)
    return {device for device, measurement in blocks if measurement == wanted.measurement}


def _files(wanted: Wanted, days: Days) -> Iterator[DayFile]:
    for day in days.numbers(wanted.start // DAY_MS, (wanted.stop - 1) // DAY_MS):
        yield from days.readable(day)


def _from_chunks(wanted: Wanted, block: Block, days: Days) -> Iterator[Frame]:
    for file in _files(wanted, days):
        for chunk, shape in chunks_of(file, block, days, wanted.start, wanted.stop):
            columns = shape.select(wanted.fields, wanted.tags)
            frame = frame_of(file, block, days, chunk, shape.only(columns), columns) if columns else None
            if frame is not None:
                yield frame.between(wanted.start, wanted.stop)


def chunks_of(file: DayFile, block: Block, days: Days, start: int, stop: int) -> list[tuple[Chunk, Shape]]:
    """Return the chunks of a block and their shapes; what is damaged is left out and told."""
    try:
        chunks = file.chunks(block, start, stop)
    except sqlite3.Error as error:
        days.failed_read(file, error)
        return []
    shapes: dict[bytes, Shape] = {}
    found = []
    for chunk in chunks:
        try:
            shape = shapes.get(chunk.shape) or shapes.setdefault(chunk.shape, Shape.unpack(chunk.shape))
        except ValueError as error:
            days.tell_chunk(file, chunk.number, _says(chunk, block, error))
            continue
        found.append((chunk, shape))
    return found


def frame_of(
    file: DayFile, block: Block, days: Days, chunk: Chunk, shape: Shape, columns: Sequence[int]
) -> Frame | None:
    """Return some columns of a chunk; None where it is damaged, which is told. shape: of these columns."""
    try:
        times, matrix = decode(chunk.data, columns)
    except ChunkError as error:
        days.tell_chunk(file, chunk.number, _says(chunk, block, error))
        return None
    return Frame(times, shape, matrix)


def _says(chunk: Chunk, block: Block, error: Exception) -> str:
    device, measurement = block
    return f"chunk {chunk.number} ('{measurement}' of device '{device}') is damaged: {error}"


def _from_memory(wanted: Wanted, block: Block, memtables: Sequence[Memtable]) -> Iterator[Frame]:
    for memtable in memtables:
        for frame in frames_of(memtable.blocks.get(block, ())):
            columns = frame.shape.select(wanted.fields, wanted.tags)
            found = frame.only(columns).between(wanted.start, wanted.stop) if columns else None
            if found is not None and found.times.size:
                yield found


def names(where: Mapping[str, str], days: Days, memtables: Sequence[Memtable]) -> tuple[SeriesName, ...]:
    """Return the series that have these tags. Raises UsageError where no device and no site is named."""
    tags = asked_of_place(where)
    wanted, device = frozenset(tags), device_of(tags) or None
    found: dict[tuple[str, Tags], set[str]] = {}
    for measurement, shape in (*_shapes_on_disk(device, days), *_shapes_in_memory(device, memtables)):
        for field, series in shape.columns:
            if wanted.issubset(series):
                found.setdefault((measurement, series), set()).add(field)
    return tuple(
        SeriesName(measurement, dict(series), tuple(sorted(fields)))
        for (measurement, series), fields in sorted(found.items())
    )


def _shapes_on_disk(device: str | None, days: Days) -> Iterator[tuple[str, Shape]]:
    seen: set[tuple[str, bytes]] = set()
    for file in (file for day in days.all() for file in days.readable(day)):
        try:
            owners = [device] if device is not None else sorted({owner for owner, _ in file.blocks()})
            entries = [(owner, *entry) for owner in owners for entry in file.shapes(owner)]
        except sqlite3.Error as error:
            days.failed_read(file, error)
            continue
        for owner, measurement, packed in entries:
            if (measurement, packed) in seen:
                continue
            seen.add((measurement, packed))
            try:
                shape = Shape.unpack(packed)
            except ValueError as error:
                days.tell(file.path, f"has a damaged list of series of device '{owner}': {error}")
                continue
            yield measurement, shape


def _shapes_in_memory(device: str | None, memtables: Sequence[Memtable]) -> Iterator[tuple[str, Shape]]:
    for memtable in memtables:
        for (owner, measurement), tables in memtable.blocks.items():
            if device in (None, owner):
                yield from ((measurement, frame.shape) for frame in frames_of(tables))
