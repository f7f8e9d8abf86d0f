"""Queries over chunks and memory. Blocking."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from noc.model.series import Series, SeriesName, SeriesQuery
from noc.store._rows import DAY_MS, Tags, asked, ceil_ms, device_of
from noc.store._steps import in_steps, step_ms
from noc.store.embedded.codec import ChunkError, decode
from noc.store.embedded.dayfile import Chunk, DayFile
from noc.store.embedded.days import Days
from noc.store.embedded.frame import Frame, Shape, numbers_by_column
from noc.store.embedded.memtable import Block, Memtable, frames_of


class Wanted:
    """What a query asks for. Raises UsageError where it names no device, or a step that is too short."""

    def __init__(self, query: SeriesQuery) -> None:
        tags = asked(query.where)
        self.block: Block = (device_of(tags), query.measurement)
        self.tags = frozenset(tags)
        self.fields = frozenset(query.fields)
        self.start, self.stop = ceil_ms(query.start), ceil_ms(query.stop)
        self.step = None if query.step is None else step_ms(query.step)


def read(query: SeriesQuery, days: Days, memtables: Sequence[Memtable]) -> tuple[Series, ...]:
    """Return what a query finds. memtables: oldest first. What is damaged is left out, logged and counted."""
    wanted = Wanted(query)
    if wanted.start >= wanted.stop:
        return ()
    frames = [*_from_chunks(wanted, days), *_from_memory(wanted, memtables)]
    found = []
    for (field, tags), (times, values) in sorted(numbers_by_column(frames).items(), key=_tags_then_field):
        if wanted.step is not None:
            times, values = in_steps(times, values, wanted.step, query.aggregate)
        found.append(Series(query.measurement, dict(tags), field, tuple(times.tolist()), tuple(values.tolist())))
    return tuple(found)


def _tags_then_field(entry: tuple[tuple[str, Tags], object]) -> tuple[Tags, str]:
    (field, tags), _ = entry
    return tags, field


def _from_chunks(wanted: Wanted, days: Days) -> Iterator[Frame]:
    for day in days.numbers(wanted.start // DAY_MS, (wanted.stop - 1) // DAY_MS):
        for file in days.readable(day):
            for chunk, shape in chunks_of(file, wanted.block, days, wanted.start, wanted.stop):
                columns = shape.select(wanted.fields, wanted.tags)
                frame = frame_of(file, wanted.block, days, chunk, shape.only(columns), columns) if columns else None
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


def _from_memory(wanted: Wanted, memtables: Sequence[Memtable]) -> Iterator[Frame]:
    for memtable in memtables:
        for frame in frames_of(memtable.blocks.get(wanted.block, ())):
            columns = frame.shape.select(wanted.fields, wanted.tags)
            found = frame.only(columns).between(wanted.start, wanted.stop) if columns else None
            if found is not None and found.times.size:
                yield found


def names(where: Mapping[str, str], days: Days, memtables: Sequence[Memtable]) -> tuple[SeriesName, ...]:
    """Return the series that have these tags. Raises UsageError where no device is named."""
    tags = asked(where)
    wanted, device = frozenset(tags), device_of(tags)
    found: dict[tuple[str, Tags], set[str]] = {}
    for measurement, shape in (*_shapes_on_disk(device, days), *_shapes_in_memory(device, memtables)):
        for field, series in shape.columns:
            if wanted.issubset(series):
                found.setdefault((measurement, series), set()).add(field)
    return tuple(
        SeriesName(measurement, dict(series), tuple(sorted(fields)))
        for (measurement, series), fields in sorted(found.items())
    )


def _shapes_on_disk(device: str, days: Days) -> Iterator[tuple[str, Shape]]:
    seen: set[tuple[str, bytes]] = set()
    for file in (file for day in days.all() for file in days.readable(day)):
        try:
            entries = file.shapes(device)
        except sqlite3.Error as error:
            days.failed_read(file, error)
            continue
        for measurement, packed in entries:
            if (measurement, packed) in seen:
                continue
            seen.add((measurement, packed))
            try:
                shape = Shape.unpack(packed)
            except ValueError as error:
                days.tell(file.path, f"has a damaged list of series of device '{device}': {error}")
                continue
            yield measurement, shape


def _shapes_in_memory(device: str, memtables: Sequence[Memtable]) -> Iterator[tuple[str, Shape]]:
    for memtable in memtables:
        for measurement in memtable.measurements(device):
            for frame in frames_of(memtable.blocks[device, measurement]):
                yield measurement, frame.shape
