"""Queries over chunks and memory. Blocking; of a fleet the caller asks device by device."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from noc.model.series import Series, SeriesName
from noc.store._answers import series_of
from noc.store._rows import SITE, Tags, asked_of_place, device_of
from noc.store.embedded.chunkfile import Chunk, ChunkFile, PackedShape
from noc.store.embedded.codec import ChunkError, decode
from noc.store.embedded.frame import Frame, Shape, numbers_by_column
from noc.store.embedded.gather import frames_of
from noc.store.embedded.kinds import Block
from noc.store.embedded.memtable import Memtable
from noc.store.embedded.rolling import BETWEEN
from noc.store.embedded.shelf import Shelf
from noc.store.embedded.wanted import Part, Source, Wanted

Found = dict[tuple[Tags, str], list[Series]]
"""Series by tags and field: one for each aggregate that was asked for."""

Chosen = tuple[Shape, list[int]]
"""The columns of a chunk that are wanted: what they are, and their numbers."""


def devices(wanted: Wanted, source: Source) -> list[str]:
    """Return the devices that a query may find something of, sorted."""
    if wanted.device is not None:
        return [wanted.device]
    measurement = wanted.query.measurement
    found: set[str] = set()
    for memtable in source.memtables:
        registry = memtable.registry
        for device in registry.devices(wanted.site):
            if any(kind.measurement == measurement for kind, _ in registry.of_device(device)):
                found.add(device)
    for shelf in {id(one): one for one in (source.shelves.raw, source.shelves.all[wanted.resolution])}.values():
        for file in _files(shelf, wanted.start, wanted.stop):
            try:
                of_site = file.devices_of_site(wanted.site) if wanted.site else None
                blocks = file.blocks()
            except sqlite3.Error as error:
                shelf.failed_read(file, error)
                continue
            named = {device for device, name in blocks if name == measurement}
            found |= named if of_site is None else named & of_site
    return sorted(found)


def read_device(wanted: Wanted, device: str, source: Source) -> Found:
    """Return what a query finds of a device in numbers as they were stored. What is damaged is left out and told."""
    part = wanted.part(device)
    frames = [*from_chunks(source.shelves.raw, part), *from_memory(source.memtables, part)]
    return {
        (tags, field): list(series_of(wanted.query, wanted.steps, dict(tags), field, times, values))
        for (field, tags), (times, values) in numbers_by_column(frames).items()
    }


def _files(shelf: Shelf, start: int, stop: int) -> Iterator[ChunkFile]:
    if start < stop:
        for number in shelf.numbers(shelf.period.number(start), shelf.period.number(stop - 1)):
            yield from shelf.readable(number)


def from_chunks(shelf: Shelf, part: Part) -> Iterator[Frame]:
    """Yield what the files of a shelf have of a block, in the order it was written."""
    for file in _files(shelf, part.start, part.stop):
        for chunk, (shape, columns) in _chunks_of(file, part, shelf):
            frame = _frame_of(file, part.block, shelf, chunk, shape, columns) if columns else None
            found = None if frame is None else frame.between(part.start, part.stop)
            if found is not None and found.times.size:  # a chunk may have rows before and behind, and none between
                yield found


def _chunks_of(file: ChunkFile, part: Part, shelf: Shelf) -> list[tuple[Chunk, Chosen]]:
    """Return the chunks of a block, and what is wanted of them; what is damaged is left out and told."""
    try:
        chunks = file.chunks(part.block, *part.between)
    except sqlite3.Error as error:
        shelf.failed_read(file, error)
        return []
    known: dict[PackedShape, Chosen] = {}  # the days of a month have one shape, of thousands of columns
    found = []
    for chunk in chunks:
        if not chunk.is_sealed:
            shelf.tell_chunk(file, chunk.number, _says(chunk, part.block, "what stands beside it was changed"))
            continue
        try:
            chosen = known.get(chunk.shape) or known.setdefault(chunk.shape, _chosen(chunk.shape.unpack(), part))
        except ValueError as error:
            shelf.tell_chunk(file, chunk.number, _says(chunk, part.block, error))
            continue
        found.append((chunk, chosen))
    return found


def _chosen(shape: Shape, part: Part) -> Chosen:
    columns = shape.select(part.fields, part.tags)
    return shape.only(columns), columns


def _frame_of(
    file: ChunkFile, block: Block, shelf: Shelf, chunk: Chunk, shape: Shape, columns: Sequence[int]
) -> Frame | None:
    """Return some columns of a chunk; None where it is damaged, which is told. shape: of these columns."""
    try:
        times, matrix = decode(chunk.data, columns)
    except ChunkError as error:
        shelf.tell_chunk(file, chunk.number, _says(chunk, block, error))
        return None
    return Frame(times, shape, matrix)


def _says(chunk: Chunk, block: Block, error: Exception | str) -> str:
    device, measurement = block
    return f"chunk {chunk.number} ('{measurement}' of device '{device}') is damaged: {error}"


def from_memory(memtables: Sequence[Memtable], part: Part) -> Iterator[Frame]:
    """Yield what memory has of a block and no chunk has."""
    for memtable in memtables:
        for frame in frames_of(memtable, part.block):
            columns = frame.shape.select(part.fields, part.tags)
            found = frame.only(columns).between(part.start, part.stop) if columns else None
            if found is not None and found.times.size:
                yield found


# --- names ------------------------------------------------------------------------------------------------------------


def names(where: Mapping[str, str], source: Source) -> tuple[SeriesName, ...]:
    """Return the series that have these tags. Raises UsageError where no device and no site is named."""
    tags = asked_of_place(where)
    wanted, device, site = frozenset(tags), device_of(tags) or None, dict(tags).get(SITE, "")
    found: dict[tuple[str, Tags], set[str]] = {}
    shapes = (
        *_shapes_on_disk(device, site, source.shelves.hours),
        *_shapes_on_disk(device, site, source.shelves.raw),
        *_shapes_in_memory(device, site, source.memtables),
    )
    for measurement, shape in shapes:
        for series, fields in shape.fields.items():
            if wanted.issubset(series):
                found.setdefault((measurement, series), set()).update(fields)
    return tuple(
        SeriesName(measurement, dict(series), tuple(sorted({field.partition(BETWEEN)[0] for field in fields})))
        for (measurement, series), fields in sorted(found.items())
    )


def _shapes_on_disk(device: str | None, site: str, shelf: Shelf) -> Iterator[tuple[str, Shape]]:
    seen: set[tuple[str, PackedShape]] = set()
    for file in (file for number in shelf.all() for file in shelf.readable(number)):
        try:
            entries = [(owner, *entry) for owner in _owners(file, device, site) for entry in file.shapes(owner)]
        except sqlite3.Error as error:
            shelf.failed_read(file, error)
            continue
        for owner, measurement, packed in entries:
            if (measurement, packed) in seen:
                continue
            seen.add((measurement, packed))
            try:
                shape = packed.unpack()
            except ValueError as error:
                shelf.tell(file.path, f"has a damaged list of series of device '{owner}': {error}")
                continue
            yield measurement, shape


def _owners(file: ChunkFile, device: str | None, site: str) -> list[str]:
    """Return the devices of a file that are asked for."""
    if device is not None:
        return [device]
    of_site = file.devices_of_site(site)
    return sorted({owner for owner, _ in file.blocks()} if of_site is None else of_site)


def _shapes_in_memory(device: str | None, site: str, memtables: Sequence[Memtable]) -> Iterator[tuple[str, Shape]]:
    for memtable in memtables:
        registry = memtable.registry
        for owner in [device] if device is not None else registry.devices(site):
            for measurement in {kind.measurement for kind, _ in registry.of_device(owner)}:
                yield from ((measurement, frame.shape) for frame in frames_of(memtable, (owner, measurement)))
