"""A look at the files of a store beside the daemon that writes them, or without one: all that is on disk, read only.

The logs are read first, then the chunks: what was in a log that goes meanwhile is in chunks by then. What the daemon is
told later isn't seen; numbers of the last seconds, which wait in the spool, neither. Blocking.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from noc.model.errors import StoreError, UsageError
from noc.store._retention import Retention
from noc.store._rows import DAY_MS, SITE
from noc.store.embedded.frame import Frame
from noc.store.embedded.kinds import Block
from noc.store.embedded.log import snapshot
from noc.store.embedded.reading import from_chunks, from_memory
from noc.store.embedded.registry import Registry
from noc.store.embedded.rolling import one_frame
from noc.store.embedded.upkeep import Shelves
from noc.store.embedded.wanted import Part, Source


@dataclass(frozen=True, slots=True)
class Selection:
    """Which numbers. device, site, measurement: empty for all. start, stop: ms, None for no bound."""

    device: str = ""
    site: str = ""
    measurement: str = ""
    start: int | None = None
    stop: int | None = None

    def of_day(self, day: int) -> tuple[int, int]:
        """Return what of a day lies in it: start and stop, ms."""
        start, stop = day * DAY_MS, (day + 1) * DAY_MS
        return (
            start if self.start is None else max(start, self.start),
            stop if self.stop is None else min(stop, self.stop),
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """The numbers of a block of one day, as they were stored."""

    day: int
    block: Block
    frame: Frame


class View:
    """What is on disk."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def days(self, selection: Selection) -> list[int]:
        """Return the days that there may be numbers of, ascending."""
        found = set(self.source.shelves.raw.all())
        for memtable in self.source.memtables:
            for shard in memtable.shards():
                for slab in shard.slabs:
                    found.update(range(slab.oldest // DAY_MS, slab.newest // DAY_MS + 1))
        return sorted(day for day in found if selection.of_day(day)[0] < selection.of_day(day)[1])

    def blocks(self, day: int, selection: Selection) -> list[Block]:
        """Return the blocks that there may be numbers of, sorted. What can't be read is left out and told."""
        found: set[Block] = set()
        shelf = self.source.shelves.raw
        for file in shelf.readable(day):
            try:
                found.update(file.blocks())
            except sqlite3.Error as error:
                shelf.failed_read(file, error)
        for memtable in self.source.memtables:
            for device in memtable.registry.devices():
                found.update((device, kind.measurement) for kind, _ in memtable.registry.of_device(device))
        return sorted(
            (device, measurement)
            for device, measurement in found
            if selection.device in ("", device) and selection.measurement in ("", measurement)
        )

    def pieces(
        self, selection: Selection, days: list[int] | None = None, after: Block | None = None
    ) -> Iterator[Piece]:
        """Yield numbers day by day, device by device. days: None for all; after: blocks up to this one are left out."""
        tags = frozenset({(SITE, selection.site)} if selection.site else ())
        for day in self.days(selection) if days is None else days:
            for block in self.blocks(day, selection):
                if after is not None and block <= after:
                    continue
                frame = self.frame(Part(block, None, tags, *selection.of_day(day)))
                if frame is not None:
                    yield Piece(day, block, frame)

    def frame(self, part: Part) -> Frame | None:
        """Return the numbers of a block; None for none."""
        found = one_frame([*from_chunks(self.source.shelves.raw, part), *from_memory(self.source.memtables, part)])
        return None if found is None else found.trimmed()


@contextmanager
def opened(folder: Path, retention: Retention) -> Iterator[View]:
    """Open a view of a folder. Raises UsageError where there is no store, StoreError when it can't be read."""
    if not (folder / "log").is_dir():
        raise UsageError(f"{folder}: no time series here; has noc been run with these settings?")
    shelves = Shelves.of(folder, read_only=True)
    try:
        memtables = snapshot(folder / "log", Registry())
        shelves.open()
    except OSError as error:
        raise StoreError(f"{folder}: can't be read: {error.strerror}") from error
    try:
        yield View(Source(shelves, memtables, retention))
    finally:
        shelves.close()
