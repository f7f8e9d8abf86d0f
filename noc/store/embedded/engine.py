"""The store without its thread: every call blocks, one at a time. Times come as arguments.

    write -> log (on disk when the call returns) + memtable -> chunks in day files -> the log is deleted

A memtable and its log have the number of a generation. When it is old or large enough the next generation begins, and
the old one is cut into chunks slice by slice; only then its log is deleted. After a crash the log is replayed into the
same memtable, and cut again, into the same places. So nothing is lost and nothing is there twice.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import sqlite3
from array import array
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from noc.model.errors import StoreError
from noc.model.samples import Samples
from noc.model.series import Refusal, SeriesAnswer, SeriesName, SeriesQuery
from noc.store._rows import DAY_MS, DEVICE, device_of, floor_ms, refusal
from noc.store.embedded import reading
from noc.store.embedded.cut import cut_slice
from noc.store.embedded.days import Days
from noc.store.embedded.layouts import extend, key_of, layout_of, split
from noc.store.embedded.log import Log, Rows
from noc.store.embedded.memtable import Memtable, Table
from noc.store.embedded.merge import Merger
from noc.store.embedded.tally import StoreTally

log = logging.getLogger(__name__)

CUT_AFTER_MS: Final = 2 * 3_600_000
"""A generation takes rows for so long."""

MERGE_PAUSE_S: Final = 0.2
"""A merge is in no hurry: a fifth of a core at most."""

LOOK_EVERY_MS: Final = 3_600_000
"""How often files that are too old are looked for."""


class Engine:
    """The files of one folder. memory_bytes: of rows that are not in chunks yet, at most."""

    def __init__(self, folder: Path, retention_ms: int, memory_bytes: int) -> None:
        self.folder = folder
        self.tally = StoreTally()
        self._retention_ms = retention_ms
        self._memory_bytes = memory_bytes
        self._days = Days(folder)
        self._log = Log(folder / "log")
        self._active = Memtable(1)
        self._frozen: deque[Memtable] = deque()
        self._merger = Merger(self._days)
        self._lock: int | None = None
        self._looked_ms: int | None = None
        self._failing = False

    def open(self) -> None:
        """Take up where the last process ended. Raises StoreError when the folder can't be used."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._take_lock()
            self._days.open()
            generations = self._log.open()
            for generation in generations:
                memtable = Memtable(generation)
                self._log.replay(memtable)
                self._frozen.append(memtable)
        except OSError as error:
            self.close()
            raise StoreError(f"{self.folder}: can't be used for time series: {error.strerror}") from error
        if self._frozen:
            self._active = self._frozen.pop()
        else:
            self._active = Memtable(self._last_generation() + 1)
        for memtable in self._frozen:
            memtable.freeze()
        self._count()

    def close(self) -> None:
        """Close all files; what is in memory is in the log."""
        self._log.seal()
        self._merger.stop()
        self._days.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_lock(self) -> None:
        self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.close()
            raise StoreError(
                f"{self.folder}: another noc is using it; stop that one, or give this one a path"
            ) from error

    def _last_generation(self) -> int:
        """Return the highest generation that is in chunks: asked only where no log tells it."""
        highest = 0
        for day in self._days.all():
            for file in self._days.readable(day):
                with contextlib.suppress(sqlite3.Error):  # what is damaged is told when it is read
                    highest = max(highest, file.last_generation())
        return highest

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self, batch: Sequence[Samples], now_ms: int) -> tuple[Refusal, ...]:
        """Store a batch; when this returns, it is on disk. Return what was refused for good. Raises StoreError."""
        self._make_room()
        refused: list[Refusal | None] = []
        rows: list[tuple[Table, Samples]] = []
        oldest = now_ms - self._retention_ms
        for samples in batch:
            if floor_ms(samples.time) < oldest:
                refused.append(refusal(samples, "older than the retention of the store"))
            elif samples.tags and samples.field_keys:
                rows += self._rows(samples, refused)
        if rows:
            self._append(rows, now_ms)
        told = tuple(entry for entry in refused if entry is not None)
        self.tally.refused += sum(entry.values for entry in told)
        return told

    def _rows(self, samples: Samples, refused: list[Refusal | None]) -> list[tuple[Table, Samples]]:
        key = key_of(samples)
        table = self._active.tables.get(key)
        if table is not None:
            return [(table, samples)]
        layout = layout_of(samples)
        if layout is None:
            return [row for part in split(samples) for row in self._rows(part, refused)]
        if not device_of(layout.series[0]):
            refused.append(refusal(samples, f"a row has no tag '{DEVICE}'"))
            return []
        table = self._active.table(key, layout.block, layout.width, layout.pack())
        return [(table, samples)]

    def _append(self, rows: Sequence[tuple[Table, Samples]], now_ms: int) -> None:
        times, values = array("q"), array("d")
        for table, samples in rows:
            times.append(floor_ms(samples.time))
            extend(values, samples, table.width)
        numbers = np.frombuffer(values)
        numbers[np.isinf(numbers)] = np.nan
        count = int(np.count_nonzero(~np.isnan(numbers)))
        del numbers
        try:
            self._log.append(self._active.generation, now_ms, Rows([table for table, _ in rows], times, values))
        except OSError as error:
            raise self._cannot("can't be written", error) from error
        view = memoryview(values).cast("B")
        begin = 0
        for (table, _), time_ms in zip(rows, times, strict=True):
            end = begin + 8 * table.width
            self._active.add(table, time_ms, view[begin:end], now_ms)
            begin = end
        self.tally.values += count

    def _make_room(self) -> None:
        """Cut while there is more in memory than may be. Raises StoreError when that fails."""
        try:
            if self._active.bytes * 2 > self._memory_bytes and not self._frozen:
                self._freeze()
            while self._held() > self._memory_bytes and self._frozen:
                self._cut()
        except (OSError, sqlite3.Error) as error:
            if self._held() > self._memory_bytes:
                raise self._cannot("memory is full and chunks can't be written", error) from error
            self._tell_failing(error)

    def _held(self) -> int:
        return self._active.bytes + sum(memtable.bytes for memtable in self._frozen)

    def _cannot(self, what: str, error: Exception) -> StoreError:
        why = error.strerror if isinstance(error, OSError) else str(error)
        return StoreError(f"{self.folder}: {what}: {why}; make room on the disk, or see to its permissions")

    # --- in the background --------------------------------------------------------------------------------------------

    def tick(self, now_ms: int) -> float | None:
        """Do a piece of what is due; return after how many seconds the next one should be done, None for nothing."""
        try:
            more = self._piece(now_ms)
        except (OSError, sqlite3.Error) as error:
            self._tell_failing(error)
            return None
        if self._failing and not self._frozen:
            self._failing = False
            log.warning("%s: chunks are written again", self.folder)
        self._count()
        return more

    def _piece(self, now_ms: int) -> float | None:
        if self._frozen:
            self._cut(now_ms)
            return 0.0
        began = self._active.began_ms
        if began is not None and not 0 <= now_ms - began < CUT_AFTER_MS:
            self._freeze()
            return 0.0
        if self._looked_ms is None or not 0 <= now_ms - self._looked_ms < LOOK_EVERY_MS:
            self._looked_ms = now_ms
            for path in self._days.expire(self._first_kept(now_ms)):
                log.info("%s: is older than the retention and was deleted", path)
        return MERGE_PAUSE_S if self._merger.step(now_ms) else None

    def _first_kept(self, now_ms: int) -> int:
        return (now_ms - self._retention_ms) // DAY_MS

    def _freeze(self) -> None:
        """Begin the next generation; its log is on disk before the first chunk of the old one is."""
        self._log.begin(self._active.generation + 1)
        self._active.freeze()
        self._frozen.append(self._active)
        self._active = Memtable(self._active.generation + 1)

    def _cut(self, now_ms: int | None = None) -> None:
        oldest = self._frozen[0]
        first_kept = self._first_kept(now_ms) if now_ms is not None else 0
        self.tally.chunks += cut_slice(oldest, self._days, first_kept)
        if not oldest.blocks:
            self._log.drop(oldest.generation)
            self._frozen.popleft()

    def _tell_failing(self, error: Exception) -> None:
        if not self._failing:
            self._failing = True
            log.error("%s: chunks can't be written, rows wait in memory and in the log: %s", self.folder, error)

    def _count(self) -> None:
        tally = self.tally
        tally.damaged = self._days.damaged
        tally.bytes_in_memory = self._held()
        with contextlib.suppress(OSError):
            tally.bytes_on_disk = self._days.bytes() + self._log.bytes()

    # --- reading ------------------------------------------------------------------------------------------------------

    def read(self, query: SeriesQuery) -> SeriesAnswer:
        """Return what a query finds. Raises TooManySeriesError, and UsageError for a wrong step."""
        return reading.read(query, self._days, (*self._frozen, self._active))

    def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that have these tags. Raises UsageError where no device and no site is named."""
        return reading.names(where, self._days, (*self._frozen, self._active))
