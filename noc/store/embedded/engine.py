"""The store without its thread: every call blocks, one at a time. Times come as arguments.

    write -> log (on disk when the call returns) + memtable -> chunks in day files -> the log is deleted

A memtable and its log have the number of a generation. When it is old or large enough the next generation begins, and
the old one is cut into chunks slice by slice; only then its log is deleted. After a crash the log is replayed into the
same memtable, and cut again, into the same places. So nothing is lost and nothing is there twice. Rows of the last
twenty minutes stay in memory when they are cut: the whole fleet is asked about these.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import logging
import os
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from noc.model.errors import StoreError
from noc.model.instants import length_ms
from noc.model.series import Refusal
from noc.store._retention import Retention
from noc.store._rows import DAY_MS
from noc.store.embedded.cut import NEWEST, Cutting
from noc.store.embedded.intake import AHEAD_MS, Intake, joined
from noc.store.embedded.log import Log
from noc.store.embedded.memtable import Memtable
from noc.store.embedded.registry import Registry
from noc.store.embedded.tally import StoreTally
from noc.store.embedded.upkeep import Shelves, Upkeep
from noc.store.embedded.wanted import Source

log = logging.getLogger(__name__)

CUT_AFTER_MS: Final = 2 * 3_600_000
"""A generation takes rows for so long."""

RECENT_MS: Final = 20 * 60_000
"""Rows that are cut stay in memory for so long after their time."""

FULL: Final = 0.7
"""A generation ends when it fills this part of the memory; the rest is for the next one, while it is cut."""

IDLE_TABLES: Final = 0.3
"""Tables are numbered anew when more than this part of them had no row for a generation."""

IDLE_AT_LEAST: Final = 1_000

MERGE_PAUSE_S: Final = 0.2
"""Work on days that are over is in no hurry: a fifth of a core at most."""


class Engine:
    """The files of one folder. memory_bytes: of rows in memory, at most."""

    def __init__(self, folder: Path, retention: Retention, memory_bytes: int) -> None:
        self.folder = folder
        self.tally = StoreTally()
        self.retention = retention
        self._memory_bytes = memory_bytes
        self.shelves = Shelves.of(folder)
        self._log = Log(folder / "log")
        self._active = Memtable(1, Registry())
        self._frozen: deque[Memtable] = deque()
        self._cutting: Cutting | None = None
        self._recent: list[Memtable] = []
        self._forgotten_ms: int | None = None
        self._upkeep = Upkeep(self.shelves, retention)
        self._lock: int | None = None
        self._failing = False

    def open(self) -> None:
        """Take up where the last process ended. Raises StoreError when the folder can't be used."""
        registry = Registry()
        self._frozen.clear()
        self._recent.clear()
        self._cutting = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._take_lock()
            self.shelves.open()
            with _without_collecting():
                for generation in self._log.open():
                    memtable = Memtable(generation, registry)
                    self._log.replay(memtable)
                    self._frozen.append(memtable)
                copies = self._log.kept(registry)
        except OSError as error:
            self.close()
            raise StoreError(f"{self.folder}: can't be used for time series: {error.strerror}") from error
        if self._frozen:
            self._active = self._frozen.pop()
        else:
            self._active = Memtable(self._last_generation() + 1, registry)
        self._forgotten_ms = self._newest_in_chunks()
        for memtable, began_ms in copies:
            for shard in memtable.shards():
                shard.is_cut = True
            self._recent.append(memtable)
            self._forgotten_ms = began_ms if self._forgotten_ms is None else min(self._forgotten_ms, began_ms)
        self._count()

    def close(self) -> None:
        """Close all files; what is in memory is in the log."""
        self._log.seal()
        self._upkeep.stop()
        self.shelves.close()
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
        for day in self.shelves.raw.all():
            for file in self.shelves.raw.readable(day):
                with contextlib.suppress(sqlite3.Error):  # what is damaged is told when it is read
                    highest = max(highest, file.last_generation())
        return highest

    def _newest_in_chunks(self) -> int | None:
        """Return the latest time that is in chunks and not in memory, about; None for none."""
        newest = None
        for day in self.shelves.raw.all()[-1:]:
            newest = (day + 1) * DAY_MS
            for file in self.shelves.raw.readable(day):
                with contextlib.suppress(sqlite3.Error):
                    newest = file.state(NEWEST) or newest
        return newest

    # --- what there is ------------------------------------------------------------------------------------------------

    @property
    def source(self) -> Source:
        """Return what is read: files, and memory with rows that are in no chunk."""
        return Source(self.shelves, (*self._frozen, self._active), self.retention)

    @property
    def recent(self) -> Sequence[Memtable]:
        """Return all that has rows in memory, oldest first, copies of what is in chunks too."""
        return (*self._recent, *self._frozen, self._active)

    @property
    def forgotten_ms(self) -> int | None:
        """Return the latest time of which rows may be in chunks alone; later ones are all in memory. None: all are."""
        return self._forgotten_ms

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self, bodies: Sequence[bytes], now_ms: int) -> list[tuple[Refusal, ...]]:
        """Store bodies; when this returns, they are on disk. Return what was refused of each for good.

        Raises StoreError: then none is promised; BodyError for bytes that are no body.
        """
        self._make_room(now_ms)
        active = self._active
        oldest = now_ms - length_ms(self.retention.longest_raw)
        order = active.next_order
        told: list[tuple[Refusal, ...]] = []
        sections = []
        values = 0
        for body in bodies:
            intake = Intake(active.registry, oldest, now_ms + AHEAD_MS, order)
            intake.take(body)
            order = max([order, *(int(section.orders.max()) + 1 for section in intake.sections)])
            sections += intake.sections
            values += intake.values
            told.append(tuple(intake.refused))
        rows = list(joined(sections))
        if rows:
            try:
                self._log.append(active.generation, now_ms, rows)
            except OSError as error:
                raise self._cannot("can't be written", error) from error
            for section in rows:
                active.insert(section, now_ms)
        self.tally.values += values
        self.tally.refused += sum(refusal.values for refused in told for refusal in refused)
        return told

    def _make_room(self, now_ms: int) -> None:
        """Cut while there is more in memory than may be. Raises StoreError when that fails."""
        try:
            if self._active.bytes > FULL * self._memory_bytes and not self._frozen:
                self._freeze()
            while self._held() > self._memory_bytes and (self._recent or self._frozen):
                if self._recent:
                    self._forget(None)
                else:
                    self._cut(now_ms, keep_recent=False)
        except (OSError, sqlite3.Error) as error:
            if self._held() > self._memory_bytes:
                raise self._cannot("memory is full and chunks can't be written", error) from error
            self._tell_failing(error)

    def _held(self) -> int:
        return sum(memtable.bytes for memtable in self.recent)

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
            with contextlib.suppress(OSError):
                self._forget(None)  # their logs take room
            return None
        if self._failing and not self._frozen:
            self._failing = False
            log.warning("%s: chunks are written again", self.folder)
        self._count()
        return more

    def _piece(self, now_ms: int) -> float | None:
        if self._frozen:
            self._cut(now_ms, keep_recent=True)
            return 0.0
        self._forget(now_ms - RECENT_MS)
        began = self._active.began_ms
        if began is not None and not 0 <= now_ms - began < CUT_AFTER_MS:
            self._freeze()
            return 0.0
        return MERGE_PAUSE_S if self._upkeep.step(now_ms) else None

    def _freeze(self) -> None:
        """Begin the next generation; its log is on disk before the first chunk of the old one is."""
        generation = self._active.generation + 1
        self._log.begin(generation)
        registry = self._active.registry
        if self._active.idle_tables() > max(IDLE_AT_LEAST, IDLE_TABLES * registry.tables):
            registry = Registry()
        self._frozen.append(self._active)
        self._active = Memtable(generation, registry)

    def _cut(self, now_ms: int, *, keep_recent: bool) -> None:
        oldest = self._frozen[0]
        if self._cutting is None or self._cutting.memtable is not oldest:
            self._cutting = Cutting(oldest, self.shelves.raw)
        done = self._cutting.chunks
        kept_from_ms = now_ms - RECENT_MS if keep_recent else now_ms + DAY_MS
        for shard in self._cutting.step(self._upkeep.first_kept(now_ms)):
            self._has_forgotten(oldest.let_go(shard, kept_from_ms))
        self.tally.chunks += self._cutting.chunks - done
        if self._cutting.done:
            self._log.drop(oldest.generation, kept_from_ms)
            self._frozen.popleft()
            self._cutting = None
            self._recent.append(oldest)
            self._forget(kept_from_ms)

    def _forget(self, kept_from_ms: int | None) -> None:
        """Let go of copies of what is in chunks: those before a time, or all."""
        for memtable in self._recent:
            for shard in memtable.shards():
                newest = max((slab.newest for slab in shard.slabs), default=0)
                self._has_forgotten(memtable.let_go(shard, newest + 1 if kept_from_ms is None else kept_from_ms))
        for memtable in list(self._recent):
            if not any(shard.slabs for shard in memtable.shards()):
                self._recent.remove(memtable)
                self._log.let_go(memtable.generation)

    def _has_forgotten(self, newest_ms: int | None) -> None:
        if newest_ms is not None:
            self._forgotten_ms = newest_ms if self._forgotten_ms is None else max(self._forgotten_ms, newest_ms)

    def _tell_failing(self, error: Exception) -> None:
        if not self._failing:
            self._failing = True
            log.error("%s: chunks can't be written, rows wait in memory and in the log: %s", self.folder, error)

    def _count(self) -> None:
        tally = self.tally
        tally.damaged = self.shelves.damaged
        tally.bytes_in_memory = self._held()
        with contextlib.suppress(OSError):
            tally.bytes_on_disk = self.shelves.bytes() + self._log.bytes()


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """Make a million objects that all stay without looking, again and again, which of them have gone."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
