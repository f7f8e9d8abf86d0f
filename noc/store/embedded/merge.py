"""A period that is over is written anew, in chunks as long as they may be: a quarter smaller, and read in one piece.

So are files of an older format, those that late numbers came into, and those of which some classes of devices are kept
no longer. The new file takes the place of the old one when it is whole; until then the old one is read. Blocking.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import islice
from pathlib import Path
from typing import Final

from noc.crashpoints import reached
from noc.store._retention import CLASS_TAG
from noc.store._rows import SITE, device_of
from noc.store.embedded.chunkfile import MERGED_PART, Chunk, ChunkFile, Owner
from noc.store.embedded.chunktables import FORMAT
from noc.store.embedded.codec import ChunkError, decode
from noc.store.embedded.cut import CHUNK_ROWS, LATE, SLICE_CELLS
from noc.store.embedded.frame import Frame, merged
from noc.store.embedded.kinds import Block
from noc.store.embedded.shelf import Shelf, is_damage
from noc.store.embedded.summaries import SUMMARISED
from noc.store.embedded.summary import SummaryError, tags_in

log = logging.getLogger(__name__)

MERGE_AFTER_MS: Final = 3 * 3_600_000
"""How long after its end a period is merged: when its last generation has been cut."""

AGAIN_AFTER_MS: Final = 6 * 3_600_000
"""How long after a merge late numbers are merged too."""

RETRY_AFTER_MS: Final = 3_600_000
BLOCKS_AT_ONCE: Final = 100

MERGED: Final = "merged"
"""State of a file: how often it was merged."""


class _Merge:
    """One file on its way. dropped: classes that it won't have. overtaken: whether it was written meanwhile."""

    def __init__(self, shelf: Shelf, source: ChunkFile, dropped: frozenset[str]) -> None:
        self.number = source.number
        self.overtaken = False
        self._shelf = shelf
        self._dropped = dropped
        self._version = shelf.version(self.number)
        self._owners = iter(source.owners())
        self._path = source.path.with_suffix(".merging")
        delete(self._path)
        self._target = ChunkFile(self._path, self.number, source.begin_ms, create=True)
        self._gone: set[Block] = set()
        self._is_summed = source.summaries.complete()
        self._sums = _copying(source, self._target, self._gone) if self._is_summed else iter(())

    def step(self) -> bool:
        """Merge some blocks; return whether the file is done, or was overtaken by a write and must begin anew.

        Raises sqlite3.Error, OSError, ChunkError, ValueError: then nothing has changed.
        """
        source = self._shelf.current(self.number)
        if source is None or self._shelf.version(self.number) != self._version:
            self.give_up()
            self.overtaken = True
            return True
        self._target.begin()
        cells = 0
        for owner in islice(self._owners, BLOCKS_AT_ONCE):
            cells += self._merge(source, owner)
            if cells >= SLICE_CELLS:
                break
        if cells or self._copied():
            self._target.commit()
            return False
        for key, value in source.states().items():
            self._target.keep_state(key, value)
        self._target.keep_state(SUMMARISED, self._target.summaries.last_chunk() if self._is_summed else 0)
        self._target.keep_state(LATE, 0)
        self._target.keep_state(MERGED, source.state(MERGED) + 1)
        self._target.commit()
        self._target.close()
        _journal(self._path).unlink(missing_ok=True)
        reached("store.merge.before-replace")
        self._shelf.replace(self.number, self._path)
        reached("store.merge.replaced")
        return True

    def _copied(self) -> bool:
        """Copy some summaries; return whether there were any. Damaged ones are left out, all of them."""
        try:
            return next(self._sums, None) is not None
        except SummaryError as error:
            log.warning("%s: its summaries are damaged and left out: %s", self._path, error)
            self._target.summaries.clear()
            self._is_summed = False
            self._sums = iter(())
            return True

    def give_up(self) -> None:
        """Leave the file as it was."""
        self._target.close()
        delete(self._path)

    def _merge(self, source: ChunkFile, owner: Owner) -> int:
        if owner.device_class in self._dropped:
            self._gone.add(owner.block)
            return 1
        chunks = source.chunks_of(owner.block)
        frames = merged([whole(chunk) for chunk in chunks])
        if source.format < FORMAT:
            owner = _named(owner, frames)
        pieces = [piece for frame in frames for piece in frame.pieces(CHUNK_ROWS)]
        generation = max((chunk.generation for chunk in chunks), default=0)
        for number, piece in enumerate(pieces):
            self._target.put(owner, generation, MERGED_PART + number, piece)
        return sum(piece.matrix.size for piece in pieces) + 1


def _copying(source: ChunkFile, target: ChunkFile, gone: AbstractSet[Block]) -> Iterator[int]:
    """Copy summaries as they are, bit by bit: they say as much of what is merged. gone: what is left out.

    Raises sqlite3.Error, SummaryError.
    """

    def is_gone(measurement: str, text: bytes) -> bool:
        return (device_of(tags_in(text)), measurement) in gone

    for member in source.summaries.members():
        source.summaries.copy_member(member, target.summaries, is_gone if gone else None)
        yield member
    last = 0
    while last := source.summaries.copy(last, target.summaries):
        yield last


def whole(chunk: Chunk) -> Frame:
    """Return all columns of a chunk. Raises ChunkError, ValueError."""
    if not chunk.is_sealed:
        raise ChunkError("what stands beside it was changed")
    shape = chunk.shape.unpack()
    times, matrix = decode(chunk.data, range(len(shape.columns)))
    return Frame(times, shape, matrix)


def _named(owner: Owner, frames: list[Frame]) -> Owner:
    """Return an owner with the site and class that its series tell of."""
    tags = dict(frames[0].shape.columns[0][1]) if frames else {}
    return Owner(owner.block, tags.get(SITE, ""), tags.get(CLASS_TAG, ""))


class Merger:
    """Merges one file of a shelf after the other, a slice at a time."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._work: _Merge | None = None
        self._settled: dict[int, int] = {}
        self._not_before_ms: dict[int, int] = {}

    def step(self, now_ms: int) -> bool:
        """Do a slice; return whether there was anything to do."""

        def begun() -> _Merge | None:
            for number in self._candidates(now_ms):
                source = self._shelf.current(number)
                if source is None or not _is_due(source):
                    self._settled[number] = self._shelf.version(number)
                else:
                    return _Merge(self._shelf, source, frozenset())
            return None

        if self._work is None:
            try:
                self._work = begun()
            except (sqlite3.Error, OSError) as error:
                log.warning("%s: can't be merged now: %s", self._shelf.folder, error)
                return False
        return self.go_on(now_ms)

    def drop(self, number: int, classes: frozenset[str], now_ms: int) -> None:
        """Begin to write a file anew without some classes of devices; `step` goes on. Raises sqlite3.Error, OSError."""
        source = self._shelf.current(number)
        if self._work is None and source is not None and self._not_before_ms.get(number, now_ms) <= now_ms:
            self._work = _Merge(self._shelf, source, classes)

    def go_on(self, now_ms: int) -> bool:
        """Do a slice of the file that is on its way; return whether there is one."""
        if self._work is None:
            return False
        number = self._work.number
        try:
            if self._work.step():
                if not self._work.overtaken:
                    self._not_before_ms[number] = now_ms + AGAIN_AFTER_MS
                self._work = None
        except (ChunkError, ValueError) as error:
            self._settled[number] = self._shelf.version(number)  # what is whole in it is read as before
            self._failed(number, error, now_ms)
        except (sqlite3.Error, OSError) as error:
            if is_damage(error):
                self._settled[number] = self._shelf.version(number)
            self._failed(number, error, now_ms)
        return True

    def stop(self) -> None:
        """Leave the file that is on its way as it was."""
        if self._work is not None:
            self._work.give_up()
            self._work = None

    def _failed(self, number: int, error: Exception, now_ms: int) -> None:
        self._not_before_ms[number] = now_ms + RETRY_AFTER_MS
        log.warning("%s: can't be merged now, and is read as it is: %s", self._shelf.path(number), error)
        self.stop()

    def _candidates(self, now_ms: int) -> list[int]:
        last = self._shelf.period.number(now_ms - MERGE_AFTER_MS) - 1
        return [
            number
            for number in self._shelf.numbers(0, last)
            if self._settled.get(number) != self._shelf.version(number)
            and self._not_before_ms.get(number, now_ms) <= now_ms
        ]


def _is_due(file: ChunkFile) -> bool:
    return not file.state(MERGED) or bool(file.state(LATE)) or file.format < FORMAT


def delete(path: Path) -> None:
    """Remove a file and its journal, where they are."""
    path.unlink(missing_ok=True)
    _journal(path).unlink(missing_ok=True)


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")
